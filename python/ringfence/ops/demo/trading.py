"""The hours of the demo: sessions to gateway and venues, the orders of the plan, the end.

One thread reads every socket and sends every order; the gateway and the venues run on threads of
their own, which never wait for it.
"""

from __future__ import annotations

import heapq
import selectors
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ringfence.errors import RingfenceError
from ringfence.ops.demo.client import Client
from ringfence.ops.demo.market_data import MarketData, Top
from ringfence.ops.demo.orders import FILLS, SENT, Order
from ringfence.ops.demo.plan import MINUTES, SYMBOLS, VENUES, Intent, Later
from ringfence.ops.demo.processes import CLIENTS
from ringfence.ops.demo.wire import Message, Session

__all__ = ["DropCopy", "Parties", "trade"]

WAIT_S: Final = 30.0
GIVE_UP_S: Final = 30.0  # of the market, from a change to the end of an order
POLL_S: Final = 0.02
QUIET_S: Final = 0.3

Advance = Callable[[int], None]


class DropCopy:
    """What a venue says that it did for the gateway, by its drop copy.

    Attributes:
        net_qty: Bought less sold, by symbol.
        fill_count: Executions.
        qty: Units executed.
        notional: Their worth.
    """

    def __init__(self, venue: str) -> None:
        self.session = Session("FIX.4.4", ("DEMODC", venue), self._take)
        self.net_qty: Counter[str] = Counter()
        self.fill_count = self.qty = 0
        self.notional = Decimal(0)
        self._known: set[str] = set()

    def _take(self, message: Message) -> None:
        is_fill = message.kind == "8" and message.get(150) in FILLS and message.number(32) > 0
        if not is_fill or message.get(17) in self._known:
            return
        self._known.add(message.get(17))
        qty = message.number(32)
        self.fill_count += 1
        self.qty += qty
        self.notional += qty * Decimal(message.get(31))
        self.net_qty[message.get(55)] += qty if message.get(54) == "1" else -qty


@dataclass(slots=True)
class Parties:
    """The clients, what the venues show, and what the venues say that they did."""

    clients: list[Client] = field(default_factory=lambda: [Client(*row) for row in CLIENTS])
    market_data: dict[str, MarketData] = field(
        default_factory=lambda: {name: MarketData(name) for name in VENUES}
    )
    drop_copies: dict[str, DropCopy] = field(
        default_factory=lambda: {name: DropCopy(name) for name in VENUES}
    )
    sockets: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    @property
    def orders(self) -> list[Order]:
        """Return every order of every client in the order of sending."""
        every = (order for client in self.clients for order in client.orders)
        return sorted(every, key=lambda order: order.number)

    def connect(self, ports: Sequence[int]) -> None:
        """Log everybody on and wait for the first prices of every venue."""
        gateway, *venues = ports
        for client in self.clients:
            self._join(client.session, gateway)
        for name, port in zip(VENUES, venues, strict=True):
            self._join(self.drop_copies[name].session, port)
            self._join(self.market_data[name].session, port)
        self.until(lambda: all(session.is_up for session in self._sessions()), "every logon")
        for of_venue in self.market_data.values():
            of_venue.subscribe(list(SYMBOLS))
        self.until(self._is_quoted, "prices of both venues")

    def pump(self, wait_s: float) -> None:
        """Read what has arrived, and wait for it at most `wait_s`."""
        for key, _ in self.sockets.select(max(wait_s, 0.0)):
            session: Session = key.data
            session.read()
            if session.is_over:
                self.sockets.unregister(key.fileobj)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Read until something holds; in vain is an error."""
        end = time.monotonic() + WAIT_S
        while not holds():
            if time.monotonic() > end:
                raise RingfenceError(f"waited {WAIT_S:.0f} s in vain for {what}")
            self.pump(POLL_S)

    def close_market_data(self) -> None:
        """Close the market data, which would never be quiet."""
        for of_venue in self.market_data.values():
            key = next(k for k in self.sockets.get_map().values() if k.data is of_venue.session)
            self.sockets.unregister(key.fileobj)
            of_venue.session.close()

    def settle(self) -> None:
        """Read until nothing arrives any more."""
        while self.sockets.select(QUIET_S):
            self.pump(0.0)

    def close(self) -> None:
        """Close every socket."""
        for session in self._sessions():
            session.close()
        self.sockets.close()

    def _sessions(self) -> Iterator[Session]:
        for side in (self.clients, self.drop_copies.values(), self.market_data.values()):
            for one in side:
                yield one.session

    def _join(self, session: Session, port: int) -> None:
        self.sockets.register(session.connect(port), selectors.EVENT_READ, session)

    def top(self, venue: str, symbol: str) -> Top:
        """Return the best prices of a symbol at a venue, or of another where it has none."""
        own = self.market_data[venue]
        sources = [own, *(other for other in self.market_data.values() if other is not own)]
        bid = next(px for one in sources if (px := one.bid(symbol)) is not None)
        ask = next(px for one in sources if (px := one.ask(symbol)) is not None)
        return Top(bid, ask)

    def _is_quoted(self) -> bool:
        """Return whether somebody bids and somebody offers, for each symbol."""
        return all(
            any(of_venue.bid(symbol) is not None for of_venue in self.market_data.values())
            and any(of_venue.ask(symbol) is not None for of_venue in self.market_data.values())
            for symbol in SYMBOLS
        )


def trade(parties: Parties, intents: Sequence[Intent], speed: int, advance: Advance) -> None:
    """Send the orders of the plan at their times, then wait until every answer is there.

    `advance` is told of each order that was sent.
    """
    began = time.monotonic()
    due: list[tuple[float, int, Later]] = []  # times, places in `entered`, changes
    entered: list[tuple[Client, Order]] = []
    waiting = list(reversed(intents))
    end_s = MINUTES * 60.0
    while (now_s := (time.monotonic() - began) * speed) < end_s:
        while waiting and waiting[-1].at_s <= now_s:
            intent = waiting.pop()
            client = parties.clients[intent.client]
            top = parties.top(intent.venue, intent.symbol)
            entered.append((client, client.enter(intent, len(entered) + 1, top)))
            if intent.later is not None and not intent.oddity:
                heapq.heappush(due, (intent.later.at_s, len(entered) - 1, intent.later))
            advance(1)
        while due and due[0][0] <= now_s:
            _, place, later = heapq.heappop(due)
            _change(parties, *entered[place], later)
            if later.change != "cancel":
                heapq.heappush(due, (now_s + GIVE_UP_S, place, Later(now_s + GIVE_UP_S, "cancel")))
        times = [due[0][0]] if due else []
        times += [waiting[-1].at_s] if waiting else []
        parties.pump((min([*times, end_s]) - now_s) / speed)
    if waiting:
        raise RingfenceError(f"{len(waiting)} orders were not sent in time")
    for client in parties.clients:
        client.session.send("0", [])  # shows the gateway that a last message was lost
    parties.until(lambda: all(order.status != SENT for order in parties.orders), "every answer")


def _change(parties: Parties, client: Client, order: Order, later: Later) -> None:
    """Do to an order that is still open what was planned."""
    if not order.is_live:
        return
    if later.change == "chase":
        client.change(order, parties.top(order.venue, order.symbol))
    elif later.change == "shrink":
        client.shrink(order)
    else:
        client.cancel(order)
