"""Orders of a certification: entered by inputs of the node, followed in its journal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from ringfence.config import TickLadder
from ringfence.ops.certification.gateway import Gateway
from ringfence.ops.certification.plan import Plan
from ringfence.ops.certification.trail import Event, Record

__all__ = ["Denied", "Desk", "Order", "tick_of"]

AWAY: Final = Decimal("0.01")
"""How far below the reference an order rests, so that it does not trade."""
NANOS_PER_SECOND: Final = 10**9
RETRY_S: Final = 0.5
OPEN_LOTS: Final = 3
PRICES: Final = 4
TERMINAL: Final = "child_closed"


@dataclass(slots=True)
class Order:
    """One order that went to the venue.

    Attributes:
        cl_ord_id: Identifier in force between us and the node.
        order_id: Number of the parent.
        child_id: Number of its one child.
        wire_id: Identifier of the child at the venue (FIX 11).
        qty: Quantity that was asked for last.
        price: Limit that was asked for last.
    """

    cl_ord_id: str
    order_id: int
    child_id: int
    wire_id: str
    qty: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Denied:
    """The node's own refusal."""

    reason: str
    rule: int


class Desk:
    """Enters, changes and cancels orders.

    Attributes:
        orders: Every order that went to the venue.
    """

    def __init__(self, plan: Plan, gateway: Gateway) -> None:
        self.orders: list[Order] = []
        self._plan = plan
        self._gateway = gateway
        self._trail = gateway.trail
        self._number = 0

    # --- prices -------------------------------------------------------------------------------

    def reference(self) -> Decimal | None:
        """Return the price that was given, or the newest fresh one of the venue's market data."""
        given = self._plan.wanted.price
        if given is not None:
            return given
        bid, ask, last, ts = None, None, None, 0
        for record in self._trail.prices(self._plan.symbol):
            ts = record["ts"]
            if record["input"] == "market_trade":
                last = Decimal(record["px"])
            else:
                bid, ask = _decimal(record, "bid_px"), _decimal(record, "ask_px")
        if time.time_ns() - ts > self._plan.rules.age_max // 2:  # it is still to be used
            return None
        return (bid + ask) / 2 if bid is not None and ask is not None else last

    def resting_price(self, reference: Decimal) -> Decimal:
        """Return a price at which a buy order rests; each order has another one than the last."""
        price = reference * (1 - AWAY)
        tick = tick_of(self._plan.config.tick_ladders[self._plan.instrument.ladder], price)
        return ((price / tick).to_integral_value(ROUND_FLOOR) - len(self.orders) % PRICES) * tick

    def next_price(self, price: Decimal) -> Decimal:
        """Return the next price below."""
        tick = tick_of(self._plan.config.tick_ladders[self._plan.instrument.ladder], price)
        return price - tick

    # --- requests -----------------------------------------------------------------------------

    def enter(self) -> Order | Denied:
        """Enter an order that rests; wait for a fresh price where the venue has to send it."""
        end = time.monotonic() + self._plan.wanted.wait_s
        while True:
            reference = self._trail.until(self.reference, max(end - time.monotonic(), 0.0))
            if reference is None:
                return Denied("NO_REFERENCE", 0)
            found = self.enter_at(self.resting_price(reference), fact=reference)
            is_stale = isinstance(found, Denied) and found.reason == "NO_REFERENCE"
            if not is_stale or time.monotonic() > end:
                return found
            time.sleep(RETRY_S)

    def enter_at(
        self, price: Decimal | None, lots: int = OPEN_LOTS, fact: Decimal | None = None
    ) -> Order | Denied:
        """Enter a buy order; without a price it is a market order.

        With `fact` and a price that was given the node is told that price first.
        """
        row = self.row(price, lots)
        events = self._gateway.send(*self.facts(fact), row)
        return self._taken(row, price, events)

    def enter_many(self, count: int, price: Decimal, fact: Decimal) -> list[Order | Denied]:
        """Enter as many orders of one lot as one request."""
        rows = [self.row(price, 1) for _ in range(count)]
        events = self._gateway.send(*self.facts(fact), *rows)
        return [self._taken(row, price, events) for row in rows]

    def change(self, order: Order, qty: int, price: Decimal) -> list[Event]:
        """Ask for another quantity and price; return what the node decided."""
        row = {
            "input": "replace_order",
            "session": self._plan.session,
            "cl_ord_id": self._name(),
            "orig_cl_ord_id": order.cl_ord_id,
            "order_qty": qty,
            "price": str(price),
        }
        events = self._gateway.send(*self.facts(self._plan.wanted.price), row)
        order.cl_ord_id, order.qty, order.price = str(row["cl_ord_id"]), qty, price
        return events

    def cancel(self, *orders: Order) -> list[Event]:
        """Ask for the end of orders; return what the node decided."""
        rows = [
            {
                "input": "cancel_order",
                "session": self._plan.session,
                "cl_ord_id": self._name(),
                "orig_cl_ord_id": order.cl_ord_id,
            }
            for order in orders
        ]
        return self._gateway.send(*rows)

    # --- what became of them ------------------------------------------------------------------

    def open_orders(self) -> list[Order]:
        """Return the orders that have not ended."""
        ended = {event["child_id"] for event in self._trail.events(event=TERMINAL)}
        return [order for order in self.orders if order.child_id not in ended]

    def end_of(self, order: Order) -> Event | None:
        """Return how an order ended, or None."""
        return self._trail.first(event=TERMINAL, child_id=order.child_id)

    # --- details ------------------------------------------------------------------------------

    def facts(self, reference: Decimal | None) -> list[Mapping[str, object]]:
        """Return what the node is told of the price, if that was given."""
        if reference is None or self._plan.wanted.price is None:
            return []
        tick = tick_of(self._plan.config.tick_ladders[self._plan.instrument.ladder], reference)
        bid, ask = reference - tick, reference + tick
        row = {"input": "quote", "symbol": self._plan.symbol}
        return [{**row, "bid_px": str(bid), "ask_px": str(ask)}]

    def row(self, price: Decimal | None, lots: int) -> dict[str, object]:
        """Return the input of a buy order."""
        terms: dict[str, object] = {"ord_type": "market"}
        if price is not None:
            terms = {"ord_type": "limit", "price": str(price)}
        return {
            "input": "new_order",
            "session": self._plan.session,
            "cl_ord_id": self._name(),
            "account": self._plan.account,
            "strategy": self._plan.strategy,
            "symbol": self._plan.symbol,
            "side": "buy",
            "time_in_force": "day",
            "order_qty": lots * self._plan.instrument.lot_size,
            "ex_destination": self._plan.venue,
            **terms,
        }

    def _name(self) -> str:
        self._number += 1
        return f"CERTIFY{self._number}"

    def _taken(
        self, row: Mapping[str, object], price: Decimal | None, events: list[Event]
    ) -> Order | Denied:
        """Return what the node made of an order: its child, or its refusal."""
        cl_ord_id = str(row["cl_ord_id"])
        mine = [event for event in events if event.get("cl_ord_id") == cl_ord_id]
        accepted = next((event for event in mine if event["event"] == "order_accepted"), None)
        if accepted is None:
            denied = next(event for event in mine if event["event"] == "denied")
            return Denied(denied["reason"], denied["rule"])
        order_id = accepted["order_id"]
        for event in events:
            if event["event"] == "child_sent" and event["order_id"] == order_id:
                qty = int(str(row["order_qty"]))
                order = Order(
                    cl_ord_id, order_id, event["child_id"], event["cl_ord_id"], qty,
                    price or Decimal(0),
                )  # fmt: skip
                self.orders.append(order)
                return order
        denied = next(
            event
            for event in events
            if event["event"] == "denied" and event.get("order_id") == order_id
        )
        return Denied(denied["reason"], denied["rule"])


def tick_of(ladder: TickLadder, price: Decimal) -> Decimal:
    """Return the smallest change of a price on a ladder."""
    fitting = [step for step in ladder.steps if Decimal(step.from_px) <= price]
    return Decimal(fitting[-1].tick if fitting else ladder.steps[0].tick)


def _decimal(record: Record, field: str) -> Decimal | None:
    return Decimal(record[field]) if record.get(field) is not None else None
