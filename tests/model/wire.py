"""What venues could still fill, told by the wire alone: nothing of the kernel's opinion.

A venue holds the terms it was sent until it says otherwise; a replace that it has not answered may
be in force at any time; an order that it ended has what it said was filled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Fields = Mapping[str, Any]
ENDS = ("canceled", "rejected", "expired", "done_for_day")


@dataclass
class Resting:
    """One order as its venue may hold it.

    `told` is what the venue called filled when it ended the order, `taken_back` what busts and
    corrections had taken back by then.
    """

    order_id: int
    venue: str
    terms: int
    asked: dict[str, int] = field(default_factory=dict)
    told: int | None = None
    taken_back: int = 0

    def most(self, filled: int, taken_back: int) -> int:
        """Return the most that can be filled in the end, what was filled included."""
        if self.told is not None:
            return max(filled, self.told - (taken_back - self.taken_back))
        return max([filled, self.terms, *self.asked.values()])

    def end(self, cum_qty: int | None, taken_back: int) -> None:
        """Note that the order is over; a later word counts only where it says that less filled."""
        if self.told is None:
            self.told = min(cum_qty or 0, self.most(0, 0))
        elif cum_qty is not None:
            self.told = min(self.told, cum_qty)
        self.taken_back = taken_back

    def fill(self, cum_qty: int | None, taken_back: int) -> None:
        """Note that the order is filled, unless that is so only by terms that may be outgrown."""
        if self.told is not None:
            self.end(cum_qty, taken_back)
        elif cum_qty is None or cum_qty > self.terms or self.most(0, 0) == self.terms:
            self.told, self.taken_back = self.most(0, 0), taken_back


@dataclass
class Wire:
    """Everything sent and reported, by our identifiers."""

    orders: dict[int, Resting] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def sent(self, event: Fields) -> None:
        """Note a new order."""
        resting = Resting(event["order_id"], event["venue"], event["qty"])
        self.orders[event["child_id"]] = resting
        self.named[event["cl_ord_id"]] = event["child_id"]

    def asked(self, event: Fields) -> None:
        """Note a request that was sent: new terms, or a cancel."""
        self.named[event["cl_ord_id"]] = event["child_id"]
        if "qty" in event:
            self.orders[event["child_id"]].asked[event["cl_ord_id"]] = event["qty"]

    def refused(self, fields: Fields) -> None:
        """Note that a venue refused a request."""
        child_id = self.named.get(fields["cl_ord_id"])
        if child_id is not None and self.orders[child_id].venue == fields["venue"]:
            self.orders[child_id].asked.pop(fields["cl_ord_id"], None)

    def reported(self, report: Fields, taken_back: Mapping[int, int]) -> None:
        """Note what a venue says about the terms of an order."""
        child_id = self.named.get(report["cl_ord_id"])
        kind, key = report["exec_type"], (report["venue"], report["exec_id"])
        again = key in self.seen and kind != "order_status"
        self.seen.add(key)
        if child_id is None or again or self.orders[child_id].venue != report["venue"]:
            return
        resting = self.orders[child_id]
        ended = report.get("ord_status") if kind == "order_status" else kind
        if ended in ENDS:
            resting.end(report.get("cum_qty"), taken_back.get(child_id, 0))
        elif ended == "filled":
            resting.fill(report.get("cum_qty"), taken_back.get(child_id, 0))
        elif kind == "replaced" and report["cl_ord_id"] in resting.asked:
            resting.terms = resting.asked.pop(report["cl_ord_id"])
        elif kind == "restated" and report.get("order_qty") is not None:
            resting.terms = min(resting.terms, report["order_qty"])

    def over(self, child_id: int, cum_qty: int, taken_back: int) -> None:
        """Note that an order was filled completely, whatever of it is taken back later."""
        resting = self.orders[child_id]
        if resting.told is None:
            resting.told, resting.taken_back = cum_qty, taken_back

    def most(self, order_id: int, filled: Mapping[int, int], taken_back: Mapping[int, int]) -> int:
        """Return the most of a parent that its children can fill in the end."""
        below = [(key, row) for key, row in self.orders.items() if row.order_id == order_id]
        return sum(row.most(filled.get(key, 0), taken_back.get(key, 0)) for key, row in below)
