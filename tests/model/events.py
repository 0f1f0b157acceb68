"""How events that go to venues, clients and operators change the naive book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.model.book import Book, Child, Parent, Replace
from tests.model.facts import Bound, Facts
from tests.model.figures import exact

Fields = Mapping[str, Any]
Scope = tuple[str, str]


@dataclass
class Control:
    """Which scopes may not trade: states that were set, and latches."""

    states: dict[Scope, str] = field(default_factory=dict)
    latches: dict[Scope, str] = field(default_factory=dict)

    def halted(self, scope: Scope) -> bool:
        """Return whether nothing new may leave in a scope."""
        return scope in self.latches or self.states.get(scope) == "halted"

    def reducing(self, scope: Scope) -> bool:
        """Return whether a scope admits only what reduces."""
        return scope not in self.latches and self.states.get(scope) == "reducing"


def scopes_of(facts: Facts, terms: Fields, venue: str | None) -> list[Scope]:
    """Return every scope that an order is in, in the order in which rule 1 looks."""
    named = [("node", str(facts.gateway["node"])), ("session", terms["session"])]
    named += [("strategy", terms["strategy"]), ("symbol", terms["symbol"])]
    named += [("venue", venue)] if venue else []
    return named + [("account", node) for node in facts.path(terms["account"])]


def price_of(fields: Fields) -> Decimal | None:
    """Return the limit price of an event or input."""
    return None if fields.get("price") is None else exact(fields["price"])


def accept(book: Book, event: Fields) -> Parent:
    """Add a parent that was accepted."""
    triggered = event["ord_type"] not in ("stop", "stop_limit")
    order_id = event["order_id"]
    unit = exact(event["unit_exposure"])
    parent = Parent(order_id, event, event["order_qty"], price_of(event), triggered, unit)
    book.parents[order_id] = parent
    return parent


def send(book: Book, event: Fields, ts: int) -> Child:
    """Add a child that was sent."""
    unit = exact(event["unit_exposure"])
    child_id, order_id, qty = event["child_id"], event["order_id"], event["qty"]
    child = Child(child_id, order_id, event, qty, price_of(event), unit, ts)
    parent = book.parents[order_id]
    parent.messages += 1
    parent.sent_notional += unit * qty
    book.children[child_id] = child
    book.wire_ids[event["cl_ord_id"]] = child_id, 0
    return child


def ask_replace(book: Book, event: Fields, ts: int) -> Child:
    """Note new terms of a child on their way to the venue."""
    child = book.children[event["child_id"]]
    child.version += 1
    unit, added = exact(event["unit_exposure"]), event["added_qty"]
    child.replace = Replace(child.version, event["qty"], price_of(event), added, unit, ts)
    parent = book.parents[child.order_id]
    parent.messages += 1
    parent.sent_notional += unit * added
    book.wire_ids[event["cl_ord_id"]] = child.child_id, child.version
    return child


def ask_cancel(book: Book, event: Fields, ts: int) -> None:
    """Note a cancel of a child on its way to the venue."""
    child = book.children[event["child_id"]]
    child.version += 1
    child.cancel, child.cancel_ts = child.version, ts
    book.parents[child.order_id].messages += 1
    book.wire_ids[event["cl_ord_id"]] = child.child_id, child.version


def change_parent(book: Book, name: str, event: Fields) -> None:
    """Apply what happened to a parent as a whole."""
    parent = book.parents[event["order_id"]]
    if name == "order_cancel_requested":
        parent.canceling = True
    elif name == "order_replace_requested":
        parent.before_replace = parent.order_qty, parent.unit
        parent.order_qty = max(parent.order_qty, event["order_qty"])
        parent.unit = exact(event["unit_exposure"])
    elif name == "order_replaced":
        parent.before_replace, parent.price = None, price_of(event)
        resize(book, parent, event["order_qty"])
    elif name == "order_restated":
        resize(book, parent, event["order_qty"])
    elif name == "order_request_refused":
        refuse(book, parent, event["request"])
    elif name == "order_triggered":
        parent.triggered = True
    elif name == "order_closed":
        parent.closed, parent.canceling, parent.before_replace = event["how"], False, None


def refuse(book: Book, parent: Parent, request: str) -> None:
    """Take a request back; refused new terms leave the parent as it was before them."""
    if request == "cancel":
        parent.canceling = False
    elif parent.before_replace:
        qty, parent.unit = parent.before_replace
        parent.before_replace = None
        resize(book, parent, qty)


def resize(book: Book, parent: Parent, qty: int) -> None:
    """Lower the ordered quantity, never below what is filled or with children."""
    kept = book.filled(parent) + book.live(parent)
    parent.order_qty = min(parent.order_qty, max(qty, kept))


def change_control(facts: Facts, control: Control, name: str, event: Fields) -> None:
    """Apply latches, states, limits and restrictions."""
    scope = str(event.get("scope_kind")), str(event.get("scope"))
    if name == "latch_tripped":
        control.latches[scope] = event["reason"]
    elif name == "latch_rearmed":
        del control.latches[scope]
    elif name == "trading_state_set":
        control.states[scope] = event["state"]
    elif name == "limit_changed":
        old = facts.limits[event["limits"], event["limit"]]
        value = None if event["value"] == "UNLIMITED" else exact(event["value"])
        changed = Bound(value, old.warn, old.restrict)
        facts.limits[event["limits"], event["limit"]] = changed
    elif name == "restriction_set":
        sides = ("buy", "sell", "sell_short", "sell_short_exempt")
        chosen = [event["side"]] if event.get("side") else sides
        for side in chosen:
            row = event["account"], event["symbol"], side
            facts.restricted.discard(row)
            if event["active"]:
                facts.restricted.add(row)
