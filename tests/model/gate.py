"""The naive decision: which rule of the gate, read from its docstring, refuses an order first.

Rules that need windows of the past or lists of their own (2, 4, 5, 10 to 14, 20, 21, 23, 24) are
not judged here; a refusal by one of them only has to come before the first rule that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.model.book import Book, Child, Fields, Parent
from tests.model.events import Control, price_of, scopes_of
from tests.model.facts import Bound, Facts
from tests.model.figures import BPS, ZERO, away_from_zero, distance, exact, rounded_up, share
from tests.model.ledger import Ledger
from tests.model.totals import Totals

JUDGED = (1, 3, 6, 7, 8, 9, 15, 16, 17, 18, 19, 22, 25, 26)
ENTRY_RULES = (1, 3)
INFINITE = 10**30


@dataclass(frozen=True)
class Refusal:
    """The first rule that refuses, and why."""

    rule: int
    reason: str


@dataclass
class Draft:
    """An order as it would be sent."""

    terms: Fields
    venue: str | None
    qty: int
    added: int
    price: Decimal | None
    parent: Parent | None = None
    child: Child | None = None
    new_child: bool = True
    sends: bool = True


class Gate:
    """Judges drafts against what the model knows at this moment."""

    def __init__(self, facts: Facts, book: Book, ledger: Ledger, totals: Totals) -> None:
        self.facts, self.book, self.ledger, self.totals = facts, book, ledger, totals
        self.control = Control()

    def judge(self, draft: Draft, now: int) -> Refusal | None:
        """Return the first refusal among the judged rules, or None."""
        case = Case(self, draft, now)
        for rule in JUDGED if draft.sends else ENTRY_RULES:
            check: Callable[[], Iterator[str]] = getattr(case, f"rule_{rule}")
            reason = next(check(), None)
            if reason is not None:
                return Refusal(rule, reason)
        return None


class Case:
    """One draft with what the rules ask for; a rule yields the reasons for which it refuses."""

    def __init__(self, gate: Gate, draft: Draft, now: int) -> None:
        self.gate, self.draft, self.now = gate, draft, now
        self.facts, self.book, self.totals = gate.facts, gate.book, gate.totals
        self.terms = draft.terms
        self.account, self.symbol = str(self.terms["account"]), str(self.terms["symbol"])
        self.buys = self.terms["side"] == "buy"
        self.side = "buy" if self.buys else "sell"
        self.path = self.facts.path(self.account)
        self.instrument = self.facts.instruments[self.symbol]
        self.rules = self.facts.rules(self.symbol)
        self.reference = self.facts.reference(self.symbol, now)
        self.reducing = self.reduces(self.account)

    def reduces(self, node: str) -> bool:
        """Return whether all open orders of this side only close what the node holds."""
        held, wanted = self.totals.position(node, self.symbol, self.side)
        wanted += self.draft.added
        return held < 0 and wanted <= -held if self.buys else held > 0 and wanted <= held

    def unit(self) -> Decimal | None:
        """Return the worst price of one unit in base currency."""
        price, reference = self.draft.price, self.reference
        if price is None:
            if reference is None or self.rules is None:
                return None
            collar = int(self.rules["collar"])
            worst = [self.facts.moved(reference, collar), self.facts.moved(reference, -collar)]
            price = max(worst, key=abs)
        elif not self.buys and reference is not None:
            price = max(price, reference, key=abs)
        rate, multiplier = self.facts.rate(self.symbol), self.facts.instruments[self.symbol]
        return (
            None if rate is None else away_from_zero(abs(price) * multiplier["multiplier"] * rate)
        )

    def added(self) -> Decimal | None:
        """Return the exposure that the draft adds, at least nothing."""
        unit, child = self.unit(), self.draft.child
        if unit is None:
            return None
        if child is None:
            return unit * self.draft.added
        cum = self.book.cum(child)
        kept = max(min(self.draft.qty, child.qty) - cum, 0)
        return max(unit * (self.draft.added + kept) - self.book.exposure(child), ZERO)

    def against(self, bound: Bound | None, value: Decimal | int, reason: str) -> Iterator[str]:
        """Yield a reason where a value is above its limit, or above the restricting share."""
        if bound is None:
            yield "LIMIT_MISSING"
        elif bound.value is None:
            return
        elif value > bound.value:
            yield reason
        elif value * BPS > bound.value * bound.restrict and not self.reducing:
            yield "LIMIT_RESTRICTS"

    def of_instrument(self, limit: str, value: Decimal | int, reason: str) -> Iterator[str]:
        """Yield where the instrument's own limit refuses."""
        bound = self.facts.limits.get((self.instrument["limits"], limit))
        yield from self.against(bound, value, reason)

    def levels(self, limit: str, value: Decimal | int, reason: str) -> Iterator[str]:
        """Yield where a level of the account tree refuses the value."""
        for node in self.path:
            yield from self.against(self.facts.bound(node, limit), value, reason)

    def rule_1(self) -> Iterator[str]:
        """Trading state of every scope: the narrowest wins."""
        for scope in scopes_of(self.facts, self.terms, self.draft.venue):
            if self.gate.control.halted(scope):
                yield "SCOPE_HALTED"
            elif self.gate.control.reducing(scope) and not self.reducing:
                yield "SCOPE_REDUCING"

    def rule_3(self) -> Iterator[str]:
        """Restricted list of every level, by side."""
        rows = [(node, self.symbol, self.terms["side"]) for node in self.path]
        if any(row in self.facts.restricted for row in rows):
            yield "RESTRICTED"

    def rule_6(self) -> Iterator[str]:
        """Maximum quantity of one order."""
        yield from self.of_instrument("order_qty", self.draft.qty, "MAX_ORDER_QTY")
        yield from self.levels("order_qty", self.draft.qty, "MAX_ORDER_QTY")

    def rule_7(self) -> Iterator[str]:
        """Maximum notional of one order at its worst price."""
        unit = self.unit()
        if unit is None:
            yield "UNPRICEABLE"
            return
        value = unit * self.draft.qty
        yield from self.of_instrument("order_notional", value, "MAX_ORDER_NOTIONAL")
        yield from self.levels("order_notional", value, "MAX_ORDER_NOTIONAL")

    def rule_8(self) -> Iterator[str]:
        """Share of average volume and of issued units, rounded up."""
        for whole, limit, reason in (
            ("average_volume", "order_average_volume_share", "AVERAGE_VOLUME_SHARE"),
            ("shares_outstanding", "order_outstanding_share", "OUTSTANDING_SHARE"),
        ):
            units = self.instrument.get(whole)
            if not units:
                yield "SIZE_REFERENCE_MISSING"
                return
            value = rounded_up(Decimal(self.draft.qty * BPS) / units)
            yield from self.of_instrument(limit, value, reason)
            yield from self.levels(limit, value, reason)

    def rule_9(self) -> Iterator[str]:
        """How far the price is through the instrument's own reference."""
        price, reference, rules = self.draft.price, self.reference, self.rules
        if rules is None or reference is None:
            yield "NO_REFERENCE"
            return
        if price is None:
            return
        passive = price <= reference if self.buys else price >= reference
        through = 0 if passive else distance(price, reference)
        if through is None or through > rules["collar"]:
            yield "PRICE_COLLAR"
            return
        away = distance(price, reference)
        if rules.get("band") is not None and (away is None or away > rules["band"]):
            yield "SESSION_BAND"
        yield from self.of_instrument("price_collar", through, "PRICE_COLLAR")
        yield from self.levels("price_collar", through, "PRICE_COLLAR")

    def rule_15(self) -> Iterator[str]:
        """Open children of every level, this one included."""
        for node in self.path if self.draft.new_child else []:
            children = self.totals.children(self.facts.below(node))
            count = sum(child.open for child in children) + 1
            bound = self.facts.bound(node, "open_order_count")
            yield from self.against(bound, count, "MAX_OPEN_ORDERS")

    def rule_16(self) -> Iterator[str]:
        """Longest and shortest position, except where a level is only reduced."""
        for node in self.path:
            if self.reduces(node):
                continue
            held, open_qty = self.totals.position(node, self.symbol, self.side)
            worst = (held if self.buys else -held) + open_qty + self.draft.added
            limit = "position_long" if self.buys else "position_short"
            yield from self.against(self.facts.bound(node, limit), worst, f"MAX_{limit.upper()}")

    def rule_17(self) -> Iterator[str]:
        """Gross and net notional of positions at cost and of all open orders."""
        added = self.added()
        if added is None:
            yield "UNPRICEABLE"
            return
        for node in self.path:
            sums = self.totals.exposure(node)
            if not self.reducing:
                gross = sums["gross_notional"] + added
                bound = self.facts.bound(node, "gross_notional")
                yield from self.against(bound, gross, "MAX_GROSS_NOTIONAL")
            towards = sums["net"] if self.buys else -sums["net"]
            net = towards + sums[f"open_{self.side}"] + added
            bound = self.facts.bound(node, "net_notional")
            yield from self.against(bound, net, "MAX_NET_NOTIONAL")

    def rule_18(self) -> Iterator[str]:
        """What every level entered today."""
        added = self.added()
        if added is None:
            yield "UNPRICEABLE"
            return
        more = {
            "daily_notional": added,
            "daily_qty": Decimal(self.draft.added),
            "daily_count": Decimal(1),
        }
        for node in self.path:
            sums = self.totals.exposure(node)
            for limit, by in more.items():
                bound, reason = self.facts.bound(node, limit), f"MAX_{limit.upper()}"
                yield from self.against(bound, sums[limit] + by, reason)

    def rule_19(self) -> Iterator[str]:
        """Requirement of open orders, fills since and this order against the buying power."""
        if self.account not in self.facts.margin:
            yield "MARGIN_MISSING"
            return
        added = self.added()
        if added is None:
            yield "UNPRICEABLE"
            return
        if self.reducing:
            return
        requirement, power, since = self.facts.margin[self.account]
        sums = self.totals.exposure(self.account)
        needed = share(sums["open_buy"] + sums["open_sell"] + added, requirement)
        needed += self.gate.ledger.power_used(self.account, since, requirement)
        yield from self.against(Bound(power, 7_000, 9_000), needed, "BUYING_POWER")

    def rule_22(self) -> Iterator[str]:
        """Resting orders of the own group that the draft would trade with."""
        account = self.facts.accounts[self.account]
        if account.get("self_match_group") is None:
            yield "SELF_MATCH_UNDECLARED"
        elif account["self_match_policy"] == "deny_incoming":
            for own in self.own_prices(str(account["self_match_group"])):
                if self.meets(own):
                    yield "SELF_MATCH"

    def meets(self, own: Decimal | None) -> bool:
        """Return whether the draft would trade with an order at `own`; None is the market."""
        asked = self.draft.price
        if asked is None or own is None:
            return True
        return asked >= own if self.buys else asked <= own

    def own_prices(self, group: str) -> Iterator[Decimal | None]:
        """Yield prices of the group's open orders on the other side; None at the market."""
        for child in self.book.children.values():
            account = self.facts.accounts[child.terms["account"]]
            other = (child.terms["side"] == "buy") != self.buys
            same = child.terms["symbol"] == self.symbol
            if child.open and other and same and account.get("self_match_group") == group:
                yield child.price
                if child.replace:
                    yield child.replace.price

    def rule_25(self) -> Iterator[str]:
        """Children, notional and messages of the parent."""
        parent, added = self.draft.parent, self.added()
        if added is None:
            yield "UNPRICEABLE"
            return
        below = len(self.book.below(parent.order_id)) if parent else 0
        children = below + self.draft.new_child
        notional = (parent.sent_notional if parent else ZERO) + added
        messages = (parent.messages if parent else 0) + 1
        yield from self.levels("parent_child_count", children, "MAX_PARENT_CHILDREN")
        yield from self.levels("parent_notional", notional, "MAX_PARENT_NOTIONAL")
        yield from self.levels("parent_message_count", messages, "MAX_PARENT_MESSAGES")

    def rule_26(self) -> Iterator[str]:
        """What leaves against what came in, at every level and within the window."""
        added = self.added()
        if added is None:
            yield "UNPRICEABLE"
            return
        entering = self.draft.parent is None
        outs = (Decimal(self.draft.added), added, Decimal(int(self.draft.new_child)))
        ins = (Decimal(self.draft.qty), added, Decimal(1)) if entering else (ZERO, ZERO, ZERO)
        names = (("flow_qty", BPS), ("flow_notional", BPS), ("flow_count", 1))
        for node in self.path:
            measures = zip(names, self.totals.in_window(node), outs, ins, strict=True)
            for (limit, scale), (left, came), out, into in measures:
                value = _ratio((left + out) * scale, came + into)
                yield from self.against(self.facts.bound(node, limit), value, limit.upper())


def _ratio(part: Decimal, whole: Decimal) -> int:
    if part <= 0:
        return 0
    return rounded_up(part / whole) if whole > 0 else INFINITE


def draft_of_order(fields: dict[str, Any], direct: bool) -> Draft:
    """Return the draft of a new order; one that is held until it triggers only enters."""
    price, qty = price_of(fields), int(fields["order_qty"])
    sends = direct and fields["ord_type"] in ("market", "limit")
    return Draft(fields, fields.get("ex_destination"), qty, qty, price, sends=sends)


def draft_of_slice(parent: Parent, fields: Fields) -> Draft:
    """Return the draft of a slice."""
    qty = int(fields["qty"])
    return Draft(parent.terms, fields["venue"], qty, qty, price_of(fields), parent)


def draft_of_stop(parent: Parent, unrouted: int) -> Draft:
    """Return the draft of a stop that triggers now."""
    venue = parent.terms["ex_destination"]
    return Draft(parent.terms, venue, unrouted, unrouted, parent.price, parent)


def draft_of_replace(parent: Parent, child: Child, qty: int, price: object) -> Draft:
    """Return the draft of new terms of a child."""
    added = max(qty - child.qty, 0)
    wanted = None if price is None else exact(price)
    return Draft(parent.terms, child.venue, qty, added, wanted, parent, child, new_child=False)
