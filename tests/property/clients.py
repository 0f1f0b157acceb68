"""What clients and algorithms do, sense and nonsense."""

from __future__ import annotations

from typing import Any

from tests.property.actor import Actor
from tests.property.table import (
    ACCOUNTS,
    EXTRAS,
    FLAGS,
    NONSENSE,
    PARTS,
    PEOPLE,
    PICKS,
    QUANTITIES,
    SIDES,
    SYMBOLS,
    TICKS,
    TYPES,
    VENUES,
    action,
)
from tests.world import SECOND


class Clients(Actor):
    """Enters, changes and cancels orders; slices those of algorithms."""

    @action(
        10, account=ACCOUNTS, symbol=SYMBOLS, side=SIDES, kind=TYPES, qty=QUANTITIES, ticks=TICKS,
        venue=VENUES, direct=(True, False), end=(0, 0, 0, 3), extra=EXTRAS,
    )  # fmt: skip
    def new_order(self, **drawn: Any) -> None:
        """Enter an order, straight to a venue or for an algorithm."""
        self.broker.order(**self.terms(**drawn))

    def terms(self, **drawn: Any) -> dict[str, Any]:
        """Return the terms of an order from what was drawn."""
        symbol, kind, end = drawn["symbol"], drawn["kind"], drawn["end"]
        px = self.px(symbol, drawn["ticks"])
        terms: dict[str, Any] = {
            "account": drawn["account"],
            "symbol": symbol,
            "side": drawn["side"],
            "ord_type": kind,
            "order_qty": drawn["qty"],
            "strategy": "DMA" if drawn["direct"] else "TWAP",
            "ex_destination": drawn["venue"] if drawn["direct"] else None,
            "price": px if kind in ("limit", "stop_limit") else None,
            "stop_px": px if kind in ("stop", "stop_limit") else None,
            "time_in_force": "good_till_date" if end else "day",
            "expire_ts": self.broker.now + end * SECOND if end else None,
            "locate_id": "L1" if drawn["extra"] == "locate" else None,
            "basket_id": "B1" if drawn["extra"] == "basket" else None,
        }
        self.last_terms = terms
        return terms

    @action(2, needs="last_terms")
    def same_again(self) -> None:
        """Enter the last order once more, under an identifier of its own."""
        self.broker.order(**self.last_terms)

    @action(2, account=(*ACCOUNTS, "error"), symbol=SYMBOLS, side=SIDES, qty=QUANTITIES, by=PEOPLE)
    def operator_order(self, account: str, symbol: str, side: str, qty: int, by: str) -> None:
        """Enter an order signed by a person."""
        changed: dict[str, Any] = {"account": account, "symbol": symbol, "side": side}
        price = self.px(symbol, 0)
        terms = self.broker.terms(order_qty=qty, price=price, origin="operator", **changed)
        self.broker.signed("new_order", by, **{k: v for k, v in terms.items() if v is not None})

    @action(2, what=tuple(NONSENSE))
    def nonsense(self, what: str) -> None:
        """Enter what must be refused before the gate is asked."""
        self.broker.order(**NONSENSE[what])

    @action(needs="parents", pick=PICKS, qty=QUANTITIES)
    def repeat_identifier(self, pick: int, qty: int) -> None:
        """Enter an order under an identifier that was used before (I8)."""
        parent = self.parents[pick % len(self.parents)]
        self.broker.order(cl_ord_id=parent.terms["cl_ord_id"], order_qty=qty)

    @action(3, needs="parents", pick=PICKS)
    def cancel_order(self, pick: int) -> None:
        """Ask for the cancel of a parent, open or not."""
        self.broker.cancel(of=self.parents[pick % len(self.parents)].terms["cl_ord_id"])

    @action(4, needs="parents", pick=PICKS, qty=QUANTITIES, ticks=TICKS)
    def replace_order(self, pick: int, qty: int, ticks: int) -> None:
        """Ask for new terms of a parent."""
        parent = self.parents[pick % len(self.parents)]
        priced = parent.price is not None
        price = self.px(parent.terms["symbol"], ticks) if priced else None
        self.broker.replace(qty, price, of=parent.terms["cl_ord_id"])

    @action(needs="parents", pick=PICKS)
    def ask_status(self, pick: int) -> None:
        """Ask about a parent."""
        named = self.parents[pick % len(self.parents)].terms["cl_ord_id"]
        self.broker.step("status_request", session="CLIENT", cl_ord_id=named)

    @action(connected=FLAGS)
    def client_session(self, connected: bool) -> None:
        """Let the client session come up or go down."""
        self.broker.step("client_session", session="CLIENT", connected=connected)

    @action(basket=("B1", "B2"))
    def announce_basket(self, basket: str) -> None:
        """Announce a basket, perhaps a second time."""
        terms: dict[str, Any] = {"session": "CLIENT", "account": "desk", "notional_max": "2500"}
        self.broker.step("basket", basket_id=basket, **terms)

    # Algorithms.

    @action(10, needs="open_algos", pick=PICKS, part=PARTS, ticks=TICKS, venue=VENUES)
    def slice(self, pick: int, part: int, ticks: int, venue: str) -> None:
        """Propose a part of what an algorithm's parent has left; sometimes more than that."""
        parent = self.open_algos[pick % len(self.open_algos)]
        left = self.broker.kernel.auditor.book.unrouted(parent)
        qty = max(left // part, 1) if part > 0 else left + 1
        price = self.px(parent.terms["symbol"], min(ticks, 2))
        self.broker.slice(parent.order_id, qty, venue=venue, price=price)

    @action(5, account=ACCOUNTS, side=SIDES, qty=QUANTITIES, parts=((2, 2), (1,), (3, 2, 1)))
    def work(self, account: str, side: str, qty: int, parts: tuple[int, ...]) -> None:
        """Enter an order for an algorithm and slice it at once."""
        self.broker.order(strategy="TWAP", account=account, side=side, order_qty=qty)
        if self.open_algos:
            for number, part in enumerate(parts):
                newest = len(self.open_algos) - 1
                self.slice(newest, part, 0, VENUES[number % 2])

    @action(5, needs="algo_children", pick=PICKS, qty=QUANTITIES, ticks=TICKS)
    def replace_child(self, pick: int, qty: int, ticks: int) -> None:
        """Propose new terms of a child."""
        child = self.algo_children[-1 - pick % len(self.algo_children)]
        price = None if child.price is None else self.px(child.terms["symbol"], ticks)
        fields: dict[str, Any] = {"child_id": child.child_id, "qty": qty, "price": price}
        self.broker.step("child_replace_proposal", **fields)

    @action(2, needs="children", pick=PICKS)
    def cancel_child(self, pick: int) -> None:
        """Propose the cancel of a child."""
        child = self.children[-1 - pick % len(self.children)]
        self.broker.step("child_cancel_proposal", child_id=child.child_id)
