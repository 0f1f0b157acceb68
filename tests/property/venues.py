"""What venues do, those that behave and those that do not."""

from __future__ import annotations

from typing import Any

from tests.model.book import Child
from tests.property.actor import Actor
from tests.property.table import (
    CUMS,
    ENDS,
    FLAGS,
    PICKS,
    QUANTITIES,
    REPORTS,
    SIDES,
    SMALL,
    STATUSES,
    SYMBOLS,
    TICKS,
    VENUES,
    action,
)


class Venues(Actor):
    """Answers, fills, ends and takes back; late, twice, too much and out of order."""

    # Venues that behave.

    @action(8, needs="open_children", pick=PICKS)
    def acknowledge(self, pick: int) -> None:
        """Let a venue answer what it was asked last: accept, replace or cancel."""
        child = self.open_children[pick % len(self.open_children)]
        if child.cancel is not None:
            kind, version = "canceled", child.cancel
        elif child.replace is not None:
            kind, version = "replaced", child.replace.version
        else:
            kind, version = "new", child.live_version
        named = self.wire_id(child, version)
        self.tell(venue=child.venue, cl_ord_id=named, exec_id=self.exec_id(), exec_type=kind)

    @action(10, needs="open_children", pick=PICKS, part=(1, 2, 3), ticks=TICKS)
    def fill(self, pick: int, part: int, ticks: int) -> None:
        """Let a venue fill all, half or a third of what is open."""
        child = self.open_children[pick % len(self.open_children)]
        leaves = self.broker.kernel.auditor.book.leaves(child)
        self.trade(child, max(leaves // part, 1), ticks)

    def trade(self, child: Child, qty: int, ticks: int) -> None:
        """Report a fill of a child."""
        px = self.px(child.terms["symbol"], ticks)
        named: dict[str, Any] = {
            "venue": child.venue,
            "cl_ord_id": self.wire_id(child, child.live_version),
        }
        fields: dict[str, Any] = {"exec_id": self.exec_id(), "last_qty": qty, "last_px": px}
        self.tell(exec_type="trade", **named, **fields)

    @action(needs="open_children", pick=PICKS)
    def refuse(self, pick: int) -> None:
        """Let a venue refuse the newest request about a child."""
        child = self.open_children[pick % len(self.open_children)]
        fields: dict[str, Any] = {"venue": child.venue, "cl_ord_id": self.wire_id(child)}
        self.broker.step("cancel_reject", **fields)

    @action(3, needs="fills", pick=PICKS, qty=SMALL, ticks=TICKS, corrects=FLAGS)
    def reverse(self, pick: int, qty: int, ticks: int, corrects: bool) -> None:
        """Cancel or correct a fill, up or down, booked or void already."""
        fill = self.fills[-1 - pick % len(self.fills)]
        self.tell(
            venue=fill.venue,
            cl_ord_id="N1-20130801-0-0",
            exec_id=self.exec_id(),
            exec_type="trade_correct" if corrects else "trade_cancel",
            exec_ref_id=fill.names[-1],
            last_qty=qty if corrects else None,
            last_px=self.px(fill.symbol, ticks) if corrects else None,
        )

    # Venues that do not.

    @action(needs="children", pick=PICKS, qty=QUANTITIES, ticks=TICKS)
    def stray_fill(self, pick: int, qty: int, ticks: int) -> None:
        """Report a fill of any child: too much, or after it ended."""
        self.trade(self.children[pick % len(self.children)], qty, ticks)

    @action(
        4, needs="children", pick=PICKS, kind=REPORTS, status=STATUSES, cum_qty=(None, 0, 40, 100),
        order_qty=(None, 10, 50, 100, 400), version=(None, 0, 1, 2), venue=(None, *VENUES),
    )  # fmt: skip
    def stray_report(self, pick: int, **drawn: Any) -> None:
        """Report anything about any child under any of its identifiers."""
        child = self.children[-1 - pick % len(self.children)]
        kind = drawn["kind"]
        self.tell(
            venue=drawn["venue"] or child.venue,
            cl_ord_id=self.wire_id(child, drawn["version"]),
            exec_id=self.exec_id(),
            exec_type=kind,
            ord_status=drawn["status"] if kind == "order_status" else None,
            cum_qty=drawn["cum_qty"],
            order_qty=drawn["order_qty"],
        )

    @action(4, needs="open_children", pick=PICKS, kind=ENDS, cum=CUMS)
    def end(self, pick: int, kind: str, cum: str) -> None:
        """End a child, with what the venue calls filled in relation to what it reported."""
        child = self.open_children[pick % len(self.open_children)]
        self.tell(
            venue=child.venue,
            cl_ord_id=self.wire_id(child),
            exec_id=self.exec_id(),
            exec_type=kind,
            cum_qty=self.cum_qty(child, cum),
        )

    @action(4, needs="children", pick=PICKS, status=STATUSES, cum=CUMS)
    def answer_status(self, pick: int, status: str, cum: str) -> None:
        """Answer a status request about a child, open or not."""
        child = self.children[-1 - pick % len(self.children)]
        self.tell(
            venue=child.venue,
            cl_ord_id=self.wire_id(child),
            exec_id=self.exec_id(),
            exec_type="order_status",
            ord_status=status,
            cum_qty=self.cum_qty(child, cum),
        )

    @action(2, needs="open_children", pick=PICKS, part=(1, 2, 3, -1))
    def restate(self, pick: int, part: int) -> None:
        """Let a venue lower a child by itself, to what is filled at the least; or raise it."""
        child = self.open_children[pick % len(self.open_children)]
        leaves = self.broker.kernel.auditor.book.leaves(child)
        self.tell(
            venue=child.venue,
            cl_ord_id=self.wire_id(child),
            exec_id=self.exec_id(),
            exec_type="restated",
            order_qty=child.qty - leaves // part,
        )

    def cum_qty(self, child: Child, cum: str) -> int | None:
        """Return a filled quantity in relation to what a child was filled."""
        ours = self.broker.kernel.auditor.book.cum(child)
        most = child.qty + child.added
        amounts = {"ours": ours, "more": ours + 1, "half": (ours + most) // 2, "all": most}
        amounts |= {"less": max(ours - 1, 0), "beyond": most + 7}
        return amounts.get(cum)

    @action(2, needs="reports", pick=PICKS)
    def repeat_report(self, pick: int) -> None:
        """Give a report a second time, word for word (I8)."""
        self.broker.step("venue_report", **self.reports[-1 - pick % len(self.reports)])

    @action(ahead=(1, 2), pick=PICKS, qty=(0, 10, 60), corrects=FLAGS, venue=VENUES)
    def reverse_early(self, ahead: int, pick: int, qty: int, corrects: bool, venue: str) -> None:
        """Cancel or correct a fill that is still to be reported (R52)."""
        self.tell(
            venue=venue,
            cl_ord_id="N1-20130801-0-0",
            exec_id=f"H{pick}",
            exec_type="trade_correct" if corrects else "trade_cancel",
            exec_ref_id=self.exec_id(ahead),
            last_qty=qty if corrects else None,
            last_px=self.px("BAC", 1) if corrects else None,
        )

    @action(symbol=(*SYMBOLS, None), side=(*SIDES, None), qty=QUANTITIES, venue=(*VENUES, "NONE"))
    def orphan(self, symbol: str | None, side: str | None, qty: int, venue: str) -> None:
        """Report a fill of an order that was never sent (R47)."""
        fields: dict[str, Any] = {
            "exec_type": "trade",
            "last_qty": qty,
            "last_px": "10",
            "cl_ord_id": "stranger",
        }
        self.tell(venue=venue, exec_id=self.exec_id(), symbol=symbol, side=side, **fields)

    @action(1, venue=VENUES, connected=(True, True, False))
    def venue_session(self, venue: str, connected: bool) -> None:
        """Let a venue session come up or go down."""
        self.broker.step("venue_session", venue=venue, connected=connected)
