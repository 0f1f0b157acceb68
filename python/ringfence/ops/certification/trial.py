"""What every check works with: the node, its orders, the lines to the venue, and what was seen.

A check does something, waits for what the journal says of it, and says what must hold. What does
not hold ends it; what the venue's side was not there for ends it too, as not exercised.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeVar

from ringfence.errors import RingfenceError
from ringfence.ops.certification.gateway import Gateway
from ringfence.ops.certification.orders import Denied, Desk, Order
from ringfence.ops.certification.plan import Plan
from ringfence.ops.certification.relay import Relay
from ringfence.ops.certification.trail import Event, Record
from ringfence.ops.certification.venue_side import Deed, Unavailable, VenueSide

__all__ = ["Failed", "NotApplicable", "NotExercised", "Seen", "Trial"]

VENUE_LINK: Final = 0
"""Index of the venue's session among those of the node, which has no clients."""
SEEN_MAX: Final = 100
NANOS_PER_SECOND: Final = 10**9
Found = TypeVar("Found")


class Failed(Exception):
    """Something did not hold."""


class NotExercised(Exception):
    """Something could not be tried."""


class NotApplicable(Exception):
    """The venue does not offer it."""


@dataclass(slots=True)
class Seen:
    """What a check saw.

    Attributes:
        lines: What was done and seen, in order.
        evidence: Identifiers, reasons and counts by name.
    """

    lines: list[str] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)

    def say(self, line: str, **evidence: object) -> None:
        """Note one thing that was seen."""
        if len(self.lines) < SEEN_MAX:
            self.lines.append(line)
        self.evidence.update(evidence)


@dataclass(slots=True)
class Trial:
    """One certification under way.

    Attributes:
        plan: What is tested.
        gateway: The node.
        desk: Its orders.
        relays: Lines to the venue: its session's, then that of its copies.
        side: Whoever does what the venue's side has to do.
        held: What the venue said that we hold when it began, by symbol; None if it was not asked.
    """

    plan: Plan
    gateway: Gateway
    desk: Desk
    relays: tuple[Relay, ...]
    side: VenueSide
    held: dict[str, int] | None = None

    @property
    def symbol(self) -> str:
        """Return the instrument."""
        return self.plan.symbol

    def mark(self) -> int:
        """Return the place behind the last record so far."""
        self.gateway.trail.poll()
        return len(self.gateway.trail)

    # --- waiting ------------------------------------------------------------------------------

    def wait(self, find: Callable[[], Found | None], what: str, seconds: float = 0.0) -> Found:
        """Return what `find` finds; in vain is a failure that says for what it waited."""
        limit = seconds or self.plan.wanted.wait_s
        found = self.gateway.trail.until(lambda: self._alive(find), limit)
        if found is None:
            raise Failed(f"waited {limit:.0f} s in vain for {what}")
        return found

    def event(self, what: str, since: int = 0, **wanted: object) -> Event:
        """Wait for an event of the node, from place `since` of the journal on."""
        return self.wait(lambda: self.gateway.trail.first(since, **wanted), what)

    def up(self, since: int) -> None:
        """Wait until orders may go to the venue, by a record from place `since` on."""
        redial_s = 2 * self.plan.fix.reconnect.initial / NANOS_PER_SECOND
        seconds = self.plan.wanted.wait_s + redial_s
        self.wait(lambda: self.session(since, connected=True), "the session, reconciled", seconds)

    def session(self, since: int, *, connected: bool) -> Record | None:
        """Return the record by which the venue's session went up or down."""
        for record in self.gateway.trail.records[since:]:
            if record["input"] == "venue_session" and record["connected"] is connected:
                return record
        return None

    def _alive(self, find: Callable[[], Found | None]) -> Found | None:
        found = find()
        if found is None and not self.gateway.runs:
            self.gateway.send()  # raises what the node ended with
            raise RingfenceError("the node has ended")
        return found

    # --- orders -------------------------------------------------------------------------------

    def enter(self, seen: Seen) -> Order:
        """Enter an order that rests and wait until the venue has acknowledged it."""
        order = self.sent(seen, self.desk.enter())
        self.acknowledged(order)
        seen.say(f"{order.wire_id} was acknowledged", acknowledged=order.wire_id)
        return order

    def sent(self, seen: Seen, found: Order | Denied) -> Order:
        """Return an order that went out; a refusal of the node is a failure."""
        if isinstance(found, Denied):
            raise Failed(f"the node denied an order: {found.reason} (rule {found.rule})")
        terms = f"buy {found.qty} {self.symbol} at {found.price}"
        seen.say(f"{found.wire_id} went out: {terms}", cl_ord_id=found.wire_id)
        return found

    def acknowledged(self, order: Order) -> None:
        """Wait for the venue's acknowledgement of an order; its end before that is a failure."""

        def answered() -> Event | None:
            trail = self.gateway.trail
            good = trail.first(event="child_acknowledged", child_id=order.child_id)
            return good or self.desk.end_of(order)

        answer = self.wait(answered, f"an answer to {order.wire_id}")
        if answer["event"] != "child_acknowledged":
            raise Failed(f"{order.wire_id} {answer['how']}: {answer.get('text', 'no reason')}")

    def cancel(self, seen: Seen, *orders: Order) -> None:
        """Cancel orders and wait until each has ended."""
        self.desk.cancel(*orders)
        for order in orders:
            end = self.ended(order)
            if end["how"] not in {"canceled", "filled"}:
                raise Failed(f"{order.wire_id} ended as {end['how']}, expected canceled")
            if len(orders) == 1:
                seen.say(f"{order.wire_id} ended: {end['how']}", ended=end["how"])

    def ended(self, order: Order) -> Event:
        """Wait for the end of an order."""
        return self.wait(lambda: self.desk.end_of(order), f"the end of {order.wire_id}")

    def denied(self, seen: Seen, found: Order | Denied, *reasons: str) -> None:
        """Demand that the node refused an order for one of these reasons."""
        if isinstance(found, Order):
            self.desk.cancel(found)
            raise Failed(f"{found.wire_id} went to the venue, expected a denial")
        seen.say(f"an order was denied: {found.reason} (rule {found.rule})", reason=found.reason)
        if found.reason not in reasons:
            raise Failed(f"denied for {found.reason}, expected {' or '.join(reasons)}")

    def once(self, seen: Seen, order: Order) -> None:
        """Demand that an order was sent once, and that the venue has it at most once."""
        sent = sum(
            f"11={order.wire_id}" in str(event.get("body", "")).split("\x01")
            for event in self.gateway.trail.sent(VENUE_LINK)
            if event["msg_type"] == "D"
        )
        there = self.side.order_count(order.wire_id)
        told = "" if there is None else f", orders with it at the venue: {there}"
        times = "once" if sent == 1 else f"{sent} times"
        seen.say(f"{order.wire_id} was sent {times}{told}", sent=sent)
        if sent != 1 or (there or 0) > 1:
            raise Failed(f"{order.wire_id} was sent {times}{told}; expected once")
        if there is not None:
            seen.evidence["at_venue"] = there

    def asked(self, seen: Seen, order: Order, since: int) -> None:
        """Demand that the venue was asked about an order (FIX 35=H), or told its end unasked."""

        def question() -> Event | None:
            for event in self.gateway.trail.sent(VENUE_LINK, since):
                fields = str(event.get("body", "")).split("\x01")
                if event["msg_type"] == "H" and f"11={order.wire_id}" in fields:
                    return event
            return self.desk.end_of(order)

        found = self.wait(question, f"a question about {order.wire_id} (35=H)")
        if found["event"] == "Sent":
            seen.say(f"the venue was asked about {order.wire_id}", question_seq=found["seq"])
        else:
            seen.say(f"the venue told the end of {order.wire_id} unasked")

    # --- the lines ----------------------------------------------------------------------------

    def cut(self, seen: Seen) -> int:
        """Break the connections, wait until the node knows, and return the place before that."""
        since = self.mark()
        for relay in self.relays:
            relay.cut()
        self.wait(lambda: self.session(since, connected=False), "the loss of the connection")
        seen.say("the connection was broken")
        return since

    def do(self, seen: Seen, deed: Deed) -> None:
        """Have the venue's side do something."""
        self.side.do(deed, self.symbol)
        seen.say(f"asked: {deed.words(self.symbol)}")

    @contextlib.contextmanager
    def disturbed(self, seen: Seen, deed: Deed, undo: Deed) -> Iterator[None]:
        """Have the venue's side do something for the block, and undo it whatever happens."""
        self.do(seen, deed)
        try:
            yield
        except BaseException:
            with contextlib.suppress(Unavailable):  # what happened first is what is told
                self.do(seen, undo)
            raise
        self.do(seen, undo)

    def reference(self) -> Decimal:
        """Wait for a fresh price and return it."""
        return self.wait(self.desk.reference, f"a fresh price of {self.symbol}")

    def settle(self) -> None:
        """Make good what a check left: the lines whole, the node up, no order open."""
        for relay in self.relays:
            relay.heal()
        if not self.gateway.runs:
            since = self.mark()
            self.gateway.start()
            self.up(since)
        still_open = self.desk.open_orders()
        if still_open:
            self.cancel(Seen(), *still_open)
