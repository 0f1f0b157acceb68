"""The auditor: follows every step, holds the kernel to its invariants, compares all it shows.

It is a second, naive broker: plain dicts, decimals and lists that are scanned from the start. It
shares no code with the kernel and reads only what crosses the boundary, the inputs that went in
and the events that came out; whatever it is asked it adds up again.

I1 buckets sum; I2 children sum to their parent; I4 worst case within limits at every send; I8 an
identifier counts once; I9 what may still fill is never sent again; I11 nothing leaves a halted
scope; I13 the accounts sum to what the venues reported. A difference is an AuditError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext

from ringfence import Event, Kernel

from tests.model import events as effects
from tests.model.book import Book, Child, Fields, Parent
from tests.model.compare import Comparison, holds, same
from tests.model.facts import Facts
from tests.model.figures import EXACT, ZERO, exact
from tests.model.gate import (
    JUDGED,
    Draft,
    Gate,
    Refusal,
    draft_of_order,
    draft_of_replace,
    draft_of_slice,
    draft_of_stop,
)
from tests.model.ledger import Ledger, Opening, Split
from tests.model.reports import Reader
from tests.model.totals import Entered, Totals
from tests.model.wire import Wire

TO_PARENTS = (
    "order_cancel_requested",
    "order_replace_requested",
    "order_replaced",
    "order_restated",
    "order_request_refused",
    "order_triggered",
    "order_closed",
)
TO_CONTROL = (
    "latch_tripped",
    "latch_rearmed",
    "trading_state_set",
    "limit_changed",
    "restriction_set",
)


class Auditor:
    """A naive broker that is told every input and every event."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.ledger = Ledger(self.facts)
        self.book = Book(self.facts, self.ledger)
        self.totals = Totals(self.facts, self.book, self.ledger)
        self.reader = Reader(self.facts, self.book, self.ledger)
        self.gate = Gate(self.facts, self.book, self.ledger, self.totals)
        self.wire = Wire()
        self.client_ids: set[tuple[str, str]] = set()
        self.comparison = Comparison(self.facts, self.book, self.ledger, self.totals)
        self.triggered: tuple[Draft, Refusal | None] | None = None
        self.seq = 0

    def watch(
        self,
        kernel: Kernel,
        ts: int,
        name: str,
        fields: Fields,
        decide: Callable[[], list[Event]],
    ) -> list[Event]:
        """Return what `decide` returns, after following and checking it."""
        with localcontext(EXACT):
            expected = self.expect(ts, name, fields)
            events = decide()
            self.follow(ts, name, fields, events, expected)
            if self.facts.day != "defining":
                self.comparison.check(kernel)
        return events

    # Before a step: what should the gate say?

    def expect(self, ts: int, name: str, fields: Fields) -> tuple[Draft, Refusal | None] | None:
        """Return what an order asks and the first judged rule that refuses it."""
        if self.facts.day == "defining":
            return None
        self.totals.roll(ts)
        draft = self.draft(name, fields)
        return None if draft is None else (draft, self.gate.judge(draft, ts))

    def draft(self, name: str, fields: Fields) -> Draft | None:
        """Return the terms an input asks for; None where the gate need not be asked."""
        if name == "new_order":
            known = fields["account"] in self.facts.accounts
            known = known and fields["symbol"] in self.facts.instruments
            strategy = self.facts.strategies.get(fields["strategy"])
            return draft_of_order(dict(fields), strategy["direct"]) if known and strategy else None
        if name == "slice_proposal":
            parent = self.book.parents.get(fields["order_id"])
            return draft_of_slice(parent, fields) if parent else None
        if name == "child_replace_proposal":
            child = self.book.children.get(fields["child_id"])
            if child is None or not child.open:
                return None
            parent = self.book.parents[child.order_id]
            return draft_of_replace(parent, child, fields["qty"], fields.get("price"))
        return None

    # After a step: apply what came in, then what came out, and hold both to the invariants.

    def follow(
        self,
        ts: int,
        name: str,
        fields: Fields,
        events: list[Event],
        expected: tuple[Draft, Refusal | None] | None,
    ) -> None:
        """Take a step of the kernel."""
        self.seq += 1
        if expected is not None:
            self.compare_decision(*expected, events)
        names = {event.name for event in events}
        if "fact_taken" in names:
            self.take_fact(ts, name, fields)
        elif "child_request_refused" in names:
            self.refuse_request(fields)
        if name == "venue_report":
            self.take_report(ts, fields)
        for event in events:
            self.compare_triggered(ts, event)
            self.take_event(ts, event)
            self.totals.note()
        if name == "venue_report":
            self.close_filled(names)
            self.check_latches(fields)

    def compare_decision(self, draft: Draft, refusal: Refusal | None, events: list[Event]) -> None:
        """Compare the kernel's decision with the naive one.

        A refusal by a rule that is not judged here must only come before the first one that is.
        """
        denials = [event for event in events if event.name == "denied"]
        if denials and denials[0]["rule"] == 0:
            return
        rule = denials[0]["rule"] if denials else None
        if rule is None or rule in JUDGED:
            reason = denials[0]["reason"] if denials else None
            expected = (refusal.rule, refusal.reason) if refusal else (None, None)
            same(f"decision about {dict(draft.terms)} qty {draft.qty}", expected, (rule, reason))
        elif refusal is not None:
            holds(rule < refusal.rule, f"rule {rule} refused, but {refusal} comes first")

    def compare_triggered(self, ts: int, event: Event) -> None:
        """Compare the decision about a direct stop with the naive one at the same moment."""
        if event.name == "denied" and event["subject"] == "triggered_stop" and self.triggered:
            self.compare_decision(*self.triggered, [event])
        elif event.name == "child_sent" and self.triggered:
            self.compare_decision(*self.triggered, [])
        elif event.name == "order_triggered":
            parent = self.book.parents[event["order_id"]]
            if parent.direct:
                draft = draft_of_stop(parent, self.book.unrouted(parent))
                self.triggered = draft, self.gate.judge(draft, ts)
            return
        elif event.name not in ("order_closed", "order_triggered"):
            return
        self.triggered = None

    def take_fact(self, ts: int, name: str, fields: Fields) -> None:
        """Apply an input that is a fact by itself."""
        if self.facts.day == "defining":
            self.define(name, fields)
        self.facts.learn(name, fields, ts, self.seq)
        if name == "tick":
            self.ledger.value_all()
            self.doubt_unanswered(ts)
        elif name == "venue_session" and not fields["connected"]:
            self.doubt(c for c in self.book.children.values() if c.venue == fields["venue"])
        elif name == "corporate_action":
            split = Split(fields["symbol"], fields["numerator"], fields["denominator"])
            self.ledger.entries.append(split)
        elif name == "fill_confirmation":
            for fill in self.ledger.fills():
                here = fill.venue == fields["venue"] and fill.ts <= fields["until_ts"]
                if here and fields.get("symbol") in (None, fill.symbol):
                    fill.sureness = "confirmed"
        elif name == "fill_dispute":
            disputed = self.ledger.named(fields["venue"], fields["exec_id"])
            holds(disputed, f"a dispute of an unknown fill was taken: {fields}")
            if disputed:
                disputed.disputed = fields["disputed"]

    def define(self, name: str, fields: Fields) -> None:
        """Take a definition."""
        self.facts.define(name, fields)
        if name == "opening_position":
            account, symbol = fields["account"], fields["symbol"]
            rate = self.facts.rate(symbol) or Decimal(1)
            px = exact(fields["average_px"])
            self.ledger.entries.append(Opening(account, symbol, fields["qty"], px, rate))

    def doubt(self, children: Iterable[Child]) -> None:
        """Put open children in doubt: what was asked of them may never have arrived."""
        for child in children:
            if child.open and child.stage != "unseen":
                child.put_in_doubt()

    def doubt_unanswered(self, ts: int) -> None:
        """Put children in doubt that their venue left unanswered too long."""
        for child in self.book.children.values():
            timeout = self.facts.venues[child.venue]["ack_timeout"]
            if child.unanswered_since(ts - timeout):
                self.doubt([child])

    def refuse_request(self, fields: Fields) -> None:
        """Take a venue's refusal of a cancel or replace."""
        self.wire.refused(fields)
        child_id, version = self.book.wire_ids[fields["cl_ord_id"]]
        child = self.book.children[child_id]
        if child.cancel == version:
            child.cancel = None
        elif child.replace and child.replace.version == version:
            child.replace = None
        self.book.close_if_done(child)

    def take_report(self, ts: int, fields: Fields) -> None:
        """Take a venue's report."""
        self.wire.reported(fields, self.taken_back())
        self.reader.take(fields, ts, self.seq)
        taken_back = self.taken_back()
        for key, child in self.book.children.items():
            if not child.open:
                self.wire.over(key, self.book.cum(child), taken_back.get(key, 0))

    def close_filled(self, names: set[str]) -> None:
        """End parents that a fill completed, by the quantity that was replaced with it if any."""
        if names & {"fill_booked", "fill_corrected"}:
            for parent in self.book.parents.values():
                self.book.close_if_filled(parent)

    def taken_back(self) -> dict[int, int]:
        """Return the units of each child that were reported and taken back."""
        sums: dict[int, int] = {}
        for fill in self.ledger.fills():
            if fill.child_id is not None:
                lost = fill.most_qty - (0 if fill.busted else fill.qty)
                sums[fill.child_id] = sums.get(fill.child_id, 0) + max(lost, 0)
        return sums

    def take_event(self, ts: int, event: Event) -> None:
        """Take one event."""
        fields = event.fields
        if event.name == "order_accepted":
            self.take_accepted(fields)
        elif event.name == "child_sent":
            self.take_sent(ts, fields)
        elif event.name == "child_replace_requested":
            self.take_replace(ts, fields)
        elif event.name == "child_cancel_requested":
            self.claim_wire_id(fields)
            effects.ask_cancel(self.book, fields, ts)
            self.wire.asked(fields)
        elif event.name in TO_PARENTS:
            self.take_parent(event.name, fields)
        elif event.name in TO_CONTROL:
            effects.change_control(self.facts, self.gate.control, event.name, fields)

    def claim_client_id(self, session: str, cl_ord_id: str | None) -> None:
        """Hold I8 for what clients send."""
        if cl_ord_id is not None:
            key = session, cl_ord_id
            holds(key not in self.client_ids, f"I8: identifier {cl_ord_id} was accepted twice")
            self.client_ids.add(key)

    def claim_wire_id(self, event: Fields) -> None:
        """Hold I8 for what we send."""
        named = event["cl_ord_id"]
        holds(named not in self.book.wire_ids, f"I8: identifier {named} was sent twice")

    def take_accepted(self, event: Fields) -> None:
        """Take a parent that was accepted."""
        self.claim_client_id(event["session"], event["cl_ord_id"])
        parent = effects.accept(self.book, event)
        qty = parent.order_qty
        row = parent.terms["account"], Decimal(qty), parent.unit * qty, 1
        self.totals.came_in.append(row)

    def take_sent(self, ts: int, event: Fields) -> None:
        """Take a child that was sent."""
        self.claim_wire_id(event)
        parent = self.book.parents[event["order_id"]]
        child = effects.send(self.book, event, ts)
        self.wire.sent(event)
        notional = child.unit * child.qty
        row = Entered(child.terms["account"], notional, child.qty, is_child=True)
        self.totals.entered.append(row)
        self.check_send(parent, child)

    def take_replace(self, ts: int, event: Fields) -> None:
        """Take new terms of a child that were sent."""
        self.claim_wire_id(event)
        before = self.book.exposure(self.book.children[event["child_id"]])
        child = effects.ask_replace(self.book, event, ts)
        self.wire.asked(event)
        raised = self.book.exposure(child) - before
        row = Entered(child.terms["account"], raised, child.added, is_child=False)
        self.totals.entered.append(row)
        self.check_send(self.book.parents[child.order_id], child)

    def take_parent(self, name: str, event: Fields) -> None:
        """Take what happened to a parent; what it came in with changes by what changed."""
        parent = self.book.parents[event["order_id"]]
        if name in ("order_cancel_requested", "order_replace_requested"):
            self.claim_client_id(parent.terms["session"], event.get("cl_ord_id"))
        if name == "order_closed":
            self.check_close(parent, event["how"])
        qty, filled = parent.order_qty, self.book.filled(parent)
        before = parent.unit * (qty - filled)
        effects.change_parent(self.book, name, event)
        more = parent.unit * (parent.order_qty - filled) - before
        row = parent.terms["account"], Decimal(parent.order_qty - qty), more, 0
        self.totals.came_in.append(row)

    # Invariants.

    def check_close(self, parent: Parent, how: str) -> None:
        """Hold that a parent ends once, and only when nothing of it is open."""
        name = f"order {parent.order_id}"
        holds(parent.closed is None, f"{name} closed twice: {parent.closed}, then {how}")
        holds(self.book.live(parent) == 0, f"I2: {name} closed over open children")

    def check_send(self, parent: Parent, child: Child) -> None:
        """Hold R1, R2, I4, I9 and I11 at the moment of a send."""
        name = f"child {child.child_id} of order {parent.order_id}"
        holds(parent.closed is None, f"R2: {name} was sent for a closed parent")
        holds(self.book.rest(parent) >= 0, f"I9: {name} sends more than the order has left")
        filled = {c.child_id: self.book.cum(c) for c in self.book.below(parent.order_id)}
        most = self.wire.most(parent.order_id, filled, self.taken_back())
        order_qty = parent.order_qty
        holds(most <= order_qty, f"R1: {name}: venues can fill {most} of {order_qty}")
        holds(self.facts.connected.get(child.venue), f"I9: {name} sent to a venue that is down")
        holds(not self.facts.closed.get(child.venue), f"{name} sent to a venue that is closed")
        halts = self.facts.market[str(parent.terms["symbol"])].halts
        holds(halts.get(child.venue) != "operational", f"{name} sent to where it is halted")
        for scope in effects.scopes_of(self.facts, parent.terms, child.venue):
            holds(not self.gate.control.halted(scope), f"I11: {name} sent while {scope} is halted")
        self.check_worst_case(parent, name)

    def check_worst_case(self, parent: Parent, name: str) -> None:
        """Hold I4: whatever fills, no level's position passes its limit in this direction."""
        side, symbol = parent.terms["side"], parent.terms["symbol"]
        limit, sign = ("position_long", 1) if side == "buy" else ("position_short", -1)
        for node in self.facts.path(parent.terms["account"]):
            bought = "buy" if side == "buy" else "sell"
            held, open_qty = self.totals.position(node, symbol, bought)
            worst, bound = sign * held + open_qty, self.facts.most(node, limit)
            within = bound is None or worst <= max(bound, ZERO)
            holds(within, f"I4: {name}: {node} {limit} is {worst}, at most {bound}")

    def check_latches(self, report: Fields) -> None:
        """Hold R5: what nobody ordered halts its source and this node at once."""
        latches = self.gate.control.latches
        if self.reader.orphaned:
            holds(("venue", report["venue"]) in latches, f"R5: an orphan halts nothing: {report}")
        if self.reader.overfilled:
            node = ("node", str(self.facts.gateway["node"]))
            holds(node in latches, f"R5: an over-fill does not halt the node: {report}")
