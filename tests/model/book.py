"""Parents and children as the wire shows them: what was asked, what venues said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as changed
from decimal import Decimal
from typing import Any

from tests.model.facts import Facts
from tests.model.figures import ZERO
from tests.model.ledger import Ledger

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Replace:
    """New terms of a child that its venue has not answered."""

    version: int
    qty: int
    price: Decimal | None
    added: int
    unit: Decimal
    ts: int
    doubted: bool = False


@dataclass
class Parent:
    """A parent order: its terms as accepted, and what changed since.

    `unit` is the exposure of one unit in base currency; `before_replace` keeps quantity and unit
    while a change is on its way.
    """

    order_id: int
    terms: Fields
    order_qty: int
    price: Decimal | None
    triggered: bool
    unit: Decimal
    canceling: bool = False
    before_replace: tuple[int, Decimal] | None = None
    closed: str | None = None
    messages: int = 0
    sent_notional: Decimal = ZERO

    @property
    def direct(self) -> bool:
        """Return whether it goes straight to its destination."""
        return self.terms.get("ex_destination") is not None


@dataclass
class Child:
    """A child order at its venue.

    Its stage is sent, live, suspended, in_doubt, unseen (over at the venue, which filled more than
    it reported) or closed; `told` is the most that the venue called filled, of one that is unseen
    what it called filled last, as far as it was not sent again.
    """

    child_id: int
    order_id: int
    terms: Fields
    qty: int
    price: Decimal | None
    unit: Decimal
    sent_ts: int
    stage: str = "sent"
    how: str | None = None
    version: int = 0
    live_version: int = 0
    cancel: int | None = None
    cancel_ts: int = 0
    replace: Replace | None = None
    told: int = 0

    def put_in_doubt(self) -> None:
        """Take it for unknown: a cancel may never have arrived, new terms may have."""
        self.stage, self.cancel = "in_doubt", None
        if self.replace:
            self.replace = changed(self.replace, doubted=True)

    def unanswered_since(self, until: int) -> bool:
        """Return whether it, or what was asked about it, is unanswered since `until`."""
        if self.stage == "sent":
            return self.sent_ts <= until
        cancel = self.cancel is not None and self.cancel_ts <= until
        replace = self.replace
        changing = replace is not None and replace.ts <= until and not replace.doubted
        return self.stage in ("live", "suspended") and (cancel or changing)

    @property
    def venue(self) -> str:
        """Return the venue it was sent to."""
        return str(self.terms["venue"])

    @property
    def open(self) -> bool:
        """Return whether it can still fill."""
        return self.stage != "closed"

    @property
    def doubtful(self) -> bool:
        """Return whether what became of it is unknown."""
        return self.stage in ("in_doubt", "unseen")

    @property
    def added(self) -> int:
        """Return the units that a pending replace would add."""
        return self.replace.added if self.replace else 0

    @property
    def most(self) -> int:
        """Return the largest quantity its venue may work, by terms in force or asked for."""
        asked = min(self.replace.qty, self.qty + self.added) if self.replace else 0
        return max(self.qty, asked)


@dataclass
class Book:
    """All parents and children of the day, with the identifiers that were used."""

    facts: Facts
    ledger: Ledger
    parents: dict[int, Parent] = field(default_factory=dict)
    children: dict[int, Child] = field(default_factory=dict)
    wire_ids: dict[str, tuple[int, int]] = field(default_factory=dict)

    def below(self, order_id: int) -> list[Child]:
        """Return the children of a parent, oldest first."""
        return [child for child in self.children.values() if child.order_id == order_id]

    def cum(self, child: Child) -> int:
        """Return the filled units that count for a child."""
        fills = self.ledger.fills()
        return sum(f.qty for f in fills if f.child_id == child.child_id and not f.busted)

    def leaves(self, child: Child) -> int:
        """Return the units of a child that are open, a pending addition left out."""
        most = min(child.qty, child.told) if child.stage == "unseen" else child.qty
        return max(most - self.cum(child), 0) if child.open else 0

    def filled(self, parent: Parent) -> int:
        """Return the filled units of a parent (FIX 14)."""
        return sum(self.cum(child) for child in self.below(parent.order_id))

    def live(self, parent: Parent) -> int:
        """Return what is with children: open and reserved for a pending addition."""
        return sum(self.leaves(c) + c.added for c in self.below(parent.order_id))

    def rest(self, parent: Parent) -> int:
        """Return what is neither filled nor with a child."""
        return parent.order_qty - self.filled(parent) - self.live(parent)

    def unrouted(self, parent: Parent) -> int:
        """Return what a child could still be given."""
        return 0 if parent.closed else self.rest(parent)

    def buckets(self, parent: Parent) -> dict[str, int]:
        """Return the six buckets."""
        below = self.below(parent.order_id)
        doubt = [child for child in below if child.doubtful]
        in_doubt = sum(self.leaves(child) for child in doubt)
        return {
            "unrouted": self.unrouted(parent),
            "reserved": sum(child.added for child in below),
            "working": sum(self.leaves(child) for child in below) - in_doubt,
            "in_doubt": in_doubt,
            "filled": self.filled(parent),
            "canceled": self.rest(parent) if parent.closed else 0,
        }

    def exposure(self, child: Child) -> Decimal:
        """Return the worst case of a child: the dearer of its terms, and what may be added."""
        leaves, asked = self.leaves(child), child.replace
        if asked is None:
            return child.unit * leaves
        return max(child.unit, asked.unit) * leaves + asked.unit * asked.added

    def status(self, parent: Parent) -> str:
        """Return the status of a parent (FIX 39)."""
        filled = self.filled(parent)
        if parent.closed and parent.closed != "done_for_day" and filled >= parent.order_qty:
            return "filled"
        if parent.closed:
            return {"denied": "rejected", "filled": "canceled"}.get(parent.closed, parent.closed)
        if parent.canceling or parent.before_replace:
            return "pending_cancel" if parent.canceling else "pending_replace"
        return "partially_filled" if filled else "new"

    def child_status(self, child: Child) -> str:
        """Return the status of a child (FIX 39)."""
        cum = self.cum(child)
        if child.stage == "closed":
            short = child.how == "filled" and cum < child.qty
            return "canceled" if short else str(child.how)
        if child.doubtful:
            return "in_doubt"
        if child.cancel is not None:
            return "pending_cancel"
        if child.replace is not None:
            return "pending_replace"
        if child.stage == "live":
            return "partially_filled" if cum else "new"
        return {"sent": "pending_new"}.get(child.stage, child.stage)

    def close_child(self, child: Child, how: str) -> None:
        """End a child; nothing of it is pending any more."""
        child.stage, child.how = "closed", how
        child.cancel = child.replace = None

    def close_if_done(self, child: Child) -> None:
        """End a child of which nothing is left and nothing more was asked for."""
        if child.open and not self.leaves(child) and not child.added:
            self.close_child(child, "filled" if self.cum(child) else "canceled")

    def close_if_filled(self, parent: Parent) -> None:
        """End a parent that is completely filled."""
        if parent.closed is None and self.filled(parent) >= parent.order_qty:
            parent.closed, parent.canceling, parent.before_replace = "filled", False, None

    def complete_replace(self, child: Child) -> None:
        """Put the new terms of a child in force."""
        asked = child.replace
        if asked is not None:
            most = child.qty + asked.added
            child.qty = max(min(asked.qty, most), self.cum(child))
            child.price, child.unit = asked.price, asked.unit
            child.live_version, child.replace = asked.version, None

    def lower(self, child: Child, qty: int) -> None:
        """Lower the quantity of a child; new terms on the wire may still need what is freed."""
        freed = max(child.qty - qty, 0)
        child.qty -= freed
        if child.replace is not None:
            child.replace = changed(child.replace, added=child.replace.added + freed)
