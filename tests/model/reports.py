"""What a venue's report means, read once more and without the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.model.book import Book, Child
from tests.model.facts import Facts
from tests.model.figures import exact
from tests.model.ledger import Fill, Ledger

Fields = Mapping[str, Any]
Held = tuple[str, int | None, Decimal | None]
HELD_MAX = 16
ENDS = {"canceled", "rejected", "expired", "done_for_day"}


@dataclass
class Reader:
    """Takes reports one by one; each identifier counts once for a venue (I8)."""

    facts: Facts
    book: Book
    ledger: Ledger
    seen: set[tuple[str, str]] = field(default_factory=set)
    held: dict[tuple[str, str], list[Held]] = field(default_factory=dict)
    overfilled: bool = False
    orphaned: bool = False
    ts: int = 0
    seq: int = 0

    def take(self, report: Fields, ts: int, seq: int) -> None:
        """Apply a report to children and ledger; whatever is unusable changes nothing."""
        self.ts, self.seq, self.overfilled, self.orphaned = ts, seq, False, False
        venue, kind = report["venue"], report["exec_type"]
        key = venue, report["exec_id"]
        if venue not in self.facts.venues:
            return
        if kind != "order_status" and key in self.seen:
            return
        if self._apply(report, kind, self.child_of(report)) and kind != "order_status":
            self.seen.add(key)

    def child_of(self, report: Fields) -> Child | None:
        """Return the child that a report names, if it was sent to that venue."""
        child_id, _ = self.book.wire_ids.get(report["cl_ord_id"], (-1, 0))
        child = self.book.children.get(child_id)
        return child if child and child.venue == report["venue"] else None

    def _apply(self, report: Fields, kind: str, child: Child | None) -> bool:
        """Apply a report; return False when it could not be used at all."""
        if kind == "trade":
            return self._trade(report, child)
        if kind in ("trade_cancel", "trade_correct"):
            return self._reverse(report, kind == "trade_correct")
        if child is None:
            self.orphaned = True
            return False
        if not child.open:
            self._await(child, report.get("cum_qty") or 0)
            return True
        if kind in ENDS:
            self._end(child, kind, report.get("cum_qty"))
        elif kind == "replaced":
            _, version = self.book.wire_ids[report["cl_ord_id"]]
            if child.replace and child.replace.version == version:
                self._resolve(child)
                self.book.complete_replace(child)
        elif kind == "restated":
            return self._restate(child, report.get("order_qty"))
        elif kind == "suspended":
            child.stage = "suspended" if child.stage != "unseen" else "unseen"
        elif kind == "order_status":
            self._status(child, report)
        elif kind in ("new", "pending_new"):
            self._accept(child)
        else:
            self._resolve(child)
        self.book.close_if_done(child)
        return True

    def _resolve(self, child: Child) -> None:
        child.stage = "live" if child.stage == "in_doubt" else child.stage

    def _accept(self, child: Child) -> None:
        child.stage = "live" if child.stage != "unseen" else "unseen"

    def _doubt(self, child: Child, told: int) -> None:
        """Doubt an open child whose venue filled more than it reported."""
        if child.stage != "in_doubt" or told > child.told:
            child.put_in_doubt()
            child.told = max(child.told, told)

    def _await(self, child: Child, told: int) -> None:
        """Keep in doubt what a child that is over may have filled, unless it was sent again."""
        cum = self.book.cum(child)
        free = self.book.unrouted(self.book.parents[child.order_id])
        free += self.book.leaves(child) + child.added
        unseen = min(min(told, child.qty) - cum, free)
        if child.open or unseen > 0:
            child.stage, child.how, child.told = "unseen", None, cum + max(unseen, 0)
            child.cancel = child.replace = None
            self.book.close_if_done(child)

    def _restate(self, child: Child, qty: int | None) -> bool:
        """Lower a child, never below what the venue called filled; one that is over stays."""
        if child.stage == "unseen":
            return True
        self._resolve(child)
        if qty is None:
            return False
        self.book.lower(child, max(qty, self.book.cum(child), child.told))
        self.book.close_if_done(child)
        return True

    def _end(self, child: Child, how: str, told: int | None) -> None:
        """End a child; what the venue calls filled and never reported stays in doubt."""
        if told is None and child.stage == "unseen":
            return
        theirs = child.told if told is None else told
        if child.most > child.qty and theirs > child.qty:
            self.book.complete_replace(child)
        if theirs <= self.book.cum(child):
            self.book.close_child(child, how)
            return
        self.overfilled = theirs > child.qty
        self._await(child, theirs)

    def _status(self, child: Child, report: Fields) -> None:
        status, theirs = report.get("ord_status"), report.get("cum_qty") or 0
        if status in ENDS:
            self._end(child, status, report.get("cum_qty"))
        elif status == "filled":
            self._end_filled(child, report.get("cum_qty"))
        elif status == "suspended":
            child.stage = "suspended" if child.stage != "unseen" else "unseen"
        elif status not in (None, "pending_new", "in_doubt"):
            self._open(child, theirs)

    def _open(self, child: Child, theirs: int) -> None:
        """Take the word that a child can still fill; unseen fills put it in doubt."""
        if theirs <= self.book.cum(child):
            self._accept(child)
        elif child.stage != "unseen":
            self._doubt(child, theirs)
        elif theirs > child.told:
            self._await(child, theirs)

    def _end_filled(self, child: Child, told: int | None) -> None:
        """Take the word that a child is filled, which larger terms that were asked for outlive."""
        if child.most > child.qty and told is not None and told <= child.qty:
            self._open(child, told)
        elif child.stage == "unseen":
            self._end(child, "filled", child.told if told is None else told)
        else:
            self._end(child, "filled", max(told or 0, child.most))

    def _trade(self, report: Fields, child: Child | None) -> bool:
        qty, px = report.get("last_qty"), report.get("last_px")
        if not qty or px is None:
            return False
        if child is None:
            self.orphaned = True
            symbol, side = report.get("symbol"), report.get("side")
            if symbol not in self.facts.instruments or side is None:
                return False
            fill = self._book(report, None, str(symbol), str(side), qty)
        else:
            fill = self._fill_child(report, child, qty)
        self._apply_held(fill, report["exec_id"])
        return True

    def _fill_child(self, report: Fields, child: Child, qty: int) -> Fill:
        """Book a fill on its order as far as it was ordered, the rest as an error."""
        if self.book.cum(child) + qty >= child.told:
            self._resolve(child)
        if child.open and child.most > child.qty and qty > self.book.leaves(child):
            self.book.complete_replace(child)
        ordered = min(qty, self.room(child))
        symbol, side = child.terms["symbol"], child.terms["side"]
        fill = None
        if ordered:
            fill = self._book(report, child, symbol, side, ordered)
            child.stage = "live" if child.stage == "sent" else child.stage
        if qty > ordered:
            self.overfilled = True
            excess = self._book(report, None, symbol, side, qty - ordered)
            if fill is None:
                fill = excess
            else:
                fill.excess = excess
        self._finish(child)
        assert fill is not None
        return fill

    def room(self, child: Child) -> int:
        """Return how much of a fill still belongs to a child: late ones need the parent's room."""
        leaves = self.book.leaves(child)
        if child.open and child.stage != "unseen":
            return leaves
        free = self.book.rest(self.book.parents[child.order_id]) + leaves
        return max(min(child.qty - self.book.cum(child), free), 0)

    def _over(self, child: Child) -> bool:
        """Return whether the parent ended with its last child, as an event of this step says."""
        parent = self.book.parents[child.order_id]
        below = self.book.below(parent.order_id)
        return (parent.direct or parent.canceling) and not any(c.open for c in below)

    def _finish(self, child: Child, *, over: bool = False) -> None:
        """End a child that is done, and a parent that is completely filled and not yet over."""
        self.book.close_if_done(child)
        if not over:
            self.book.close_if_filled(self.book.parents[child.order_id])

    def _book(self, report: Fields, child: Child | None, symbol: str, side: str, qty: int) -> Fill:
        named = report["venue"], report["exec_id"], exact(report["last_px"])
        account = child.terms["account"] if child else self.facts.gateway["error_account"]
        return self._add(named, child, account, symbol, side, qty)

    def _add(
        self,
        named: tuple[str, str, Decimal],
        child: Child | None,
        account: str,
        symbol: str,
        side: str,
        qty: int,
    ) -> Fill:
        venue, exec_id, px = named
        unsure = self.facts.venues[venue]["provisional"]
        fill = Fill(
            fill_id=len(self.ledger.fills()),
            venue=venue,
            names=[exec_id],
            child_id=child.child_id if child else None,
            account=account,
            symbol=symbol,
            side=side,
            qty=qty,
            px=px,
            rate=self.facts.rate(symbol),
            ts=self.ts,
            seq=self.seq,
            sureness="provisional" if unsure else "confirmed",
            most_qty=qty,
        )
        self.ledger.book(fill)
        return fill

    def _reverse(self, report: Fields, corrects: bool) -> bool:
        """Take a cancel or correction of a fill; one that comes first waits for its fill."""
        ref = report.get("exec_ref_id")
        qty, px = report.get("last_qty"), report.get("last_px")
        if ref is None or (corrects and (qty is None or px is None)):
            return False
        held: Held = (report["exec_id"], None, None)
        if corrects and qty:
            held = (report["exec_id"], qty, exact(px))
        fill = self.ledger.named(report["venue"], ref)
        if fill is None:
            waiting = self.held.setdefault((report["venue"], ref), [])
            if len(waiting) >= HELD_MAX:
                return False
            waiting.append(held)
        elif not fill.busted:
            self._apply_reversal(fill, *held)
        return True

    def _apply_held(self, fill: Fill, name: str) -> None:
        """Apply what waited for an identifier of a fill, in the order in which it came."""
        for held in self.held.get((fill.venue, name), []):
            if not fill.busted:
                self._apply_reversal(fill, *held)

    def _apply_reversal(self, fill: Fill, name: str, qty: int | None, px: Decimal | None) -> None:
        """Void a fill, or give it new terms; the excess part of the report goes with it."""
        child = None if fill.child_id is None else self.book.children[fill.child_id]
        over = child is not None and self._over(child)
        old_excess = fill.excess
        if qty is None:
            fill.busted = True
        else:
            room = qty if child is None else fill.qty + self.room(child)
            fill.names.append(name)
            fill.qty, fill.px = min(qty, room), px if px is not None else fill.px
            fill.most_qty = max(fill.most_qty, fill.qty)
            if qty > fill.qty:
                self._correct_excess(fill, name, qty - fill.qty)
        if old_excess and not old_excess.busted:
            old_excess.busted = True
            self.ledger.value(old_excess.account, old_excess.symbol)
        self.ledger.value(fill.account, fill.symbol)
        if child:
            self._finish(child, over=over)
        self._apply_held(fill, name)

    def _correct_excess(self, fill: Fill, name: str, qty: int) -> None:
        self.overfilled = fill.child_id is not None
        named, account = (fill.venue, name, fill.px), str(self.facts.gateway["error_account"])
        fill.excess = self._add(named, None, account, fill.symbol, fill.side, qty)
