"""Sums over the account tree: exposure, the day's totals, and what came in against what left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tests.model.book import Book, Child
from tests.model.facts import Facts
from tests.model.figures import ZERO
from tests.model.ledger import Holding, Ledger


@dataclass(frozen=True)
class Entered:
    """One message that put quantity on a wire."""

    account: str
    notional: Decimal
    qty: int
    is_child: bool


@dataclass(frozen=True)
class Flow:
    """One measure: all that ever came in and left, and what may still leave."""

    came_in: Decimal = ZERO
    left: Decimal = ZERO
    waits: Decimal = ZERO


@dataclass(frozen=True)
class Held:
    """What an account has and may still get of one instrument."""

    holding: Holding
    open_qty: dict[str, int]
    doubt_qty: dict[str, int]


@dataclass
class Totals:
    """Adds up everything below a node whenever it is asked."""

    facts: Facts
    book: Book
    ledger: Ledger
    entered: list[Entered] = field(default_factory=list)
    came_in: list[tuple[str, Decimal, Decimal, int]] = field(default_factory=list)
    left_notional: dict[int, Decimal] = field(default_factory=dict)
    last: dict[int, tuple[Decimal, int]] = field(default_factory=dict)
    canceled: dict[int, int] = field(default_factory=dict)
    windows: dict[str, tuple[int, list[Flow]]] = field(default_factory=dict)

    def children(self, accounts: Iterable[str]) -> list[Child]:
        """Return every child of some accounts."""
        inside = set(accounts)
        return [c for c in self.book.children.values() if c.terms["account"] in inside]

    def held(self, account: str, symbol: str) -> Held:
        """Return what an account has and may still get of one instrument."""
        open_qty, doubt_qty = {"buy": 0, "sell": 0}, {"buy": 0, "sell": 0}
        for child in self.children([account]):
            if child.terms["symbol"] == symbol:
                side = "buy" if child.terms["side"] == "buy" else "sell"
                units = self.book.leaves(child) + child.added
                open_qty[side] += units
                doubt_qty[side] += units if child.doubtful else 0
        return Held(self.ledger.holding(account, symbol), open_qty, doubt_qty)

    def position(self, node: str, symbol: str, side: str) -> tuple[int, int]:
        """Return the units held by all accounts below a node, and the open ones of one side."""
        held = [self.held(account, symbol) for account in self.facts.below(node)]
        return sum(row.holding.qty for row in held), sum(row.open_qty[side] for row in held)

    def sums(self, account: str) -> dict[str, Decimal]:
        """Return what an account itself adds to the totals of every node of its path."""
        holdings = self.ledger.holdings([account])
        mine = [entry for entry in self.entered if entry.account == account]
        valued = [v for (holder, _), v in self.ledger.unrealised.items() if holder == account]
        children = self.children([account])
        buys = [child for child in children if child.terms["side"] == "buy"]
        sells = [child for child in children if child.terms["side"] != "buy"]
        return {
            "open_buy": sum(map(self.book.exposure, buys), ZERO),
            "open_sell": sum(map(self.book.exposure, sells), ZERO),
            "gross": sum((abs(holding.cost[1]) for holding in holdings), ZERO),
            "net": sum((holding.cost[1] for holding in holdings), ZERO),
            "open_order_count": Decimal(sum(child.open for child in children)),
            "daily_notional": sum((entry.notional for entry in mine), ZERO),
            "daily_qty": Decimal(sum(entry.qty for entry in mine)),
            "daily_count": Decimal(len(mine)),
            "realised": sum((holding.realised[1] for holding in holdings), ZERO),
            "unrealised": sum(valued, ZERO),
        }

    def exposure(self, node: str) -> dict[str, Decimal]:
        """Return the totals of a node, base currency."""
        return self.added_up([self.sums(account) for account in self.facts.below(node)])

    def added_up(self, rows: Sequence[dict[str, Decimal]]) -> dict[str, Decimal]:
        """Return the totals of some accounts together."""
        total = {key: sum((row[key] for row in rows), ZERO) for key in rows[0]}
        buy, sell, net = total["open_buy"], total["open_sell"], total["net"]
        total["gross_notional"] = total["gross"] + buy + sell
        total["net_notional"] = max(net + buy, sell - net)
        return total

    def note(self) -> None:
        """Carry what changed since the last look into what came in and the notional that left."""
        for child in self.book.children.values():
            exposure, cum = self.book.exposure(child), self.book.cum(child)
            old_exposure, old_cum = self.last.get(child.child_id, (ZERO, 0))
            left = self.left_notional.get(child.child_id, ZERO)
            left += exposure - old_exposure + child.unit * (cum - old_cum)
            self.left_notional[child.child_id] = left
            self.last[child.child_id] = exposure, cum
        # What of a parent that is over will not leave; a late fill shows that it did.
        for order_id, parent in self.book.parents.items():
            canceled = self.book.rest(parent) if parent.closed else 0
            back = self.canceled.get(order_id, 0) - canceled
            self.canceled[order_id] = canceled
            if back:
                row = parent.terms["account"], Decimal(back), parent.unit * back, 0
                self.came_in.append(row)

    def flows(self, node: str) -> list[Flow]:
        """Return quantity, notional and count of a node since the day began."""
        inside = self.facts.below(node)
        parents = [p for p in self.book.parents.values() if p.terms["account"] in inside]
        children = self.children(inside)
        came = [row for row in self.came_in if row[0] in inside]
        out = [self.book.leaves(c) + c.added + self.book.cum(c) for c in children]
        notional = sum((self.left_notional.get(c.child_id, ZERO) for c in children), ZERO)
        waiting = [(p.unit, self.book.unrouted(p)) for p in parents]
        still = sum((unit * qty for unit, qty in waiting), ZERO)
        open_parents = sum(parent.closed is None for parent in parents)
        qty_in = sum((row[1] for row in came), ZERO)
        notional_in = sum((row[2] for row in came), ZERO)
        sent = sum(entry.is_child for entry in self.entered if entry.account in inside)
        return [
            Flow(qty_in, Decimal(sum(out)), Decimal(sum(qty for _, qty in waiting))),
            Flow(notional_in, notional, still),
            Flow(Decimal(sum(row[3] for row in came)), Decimal(sent), Decimal(open_parents)),
        ]

    def roll(self, ts: int) -> None:
        """Remember, where a window begins, what had come in and left by then."""
        for node in self.facts.accounts:
            length = self.facts.most(node, "flow_window")
            window = 0 if length is None else ts // max(int(length), 1)
            if self.windows.get(node, (None, []))[0] != window:
                self.windows[node] = window, self.flows(node)

    def in_window(self, node: str) -> list[tuple[Decimal, Decimal]]:
        """Return, per measure, what left and what came in since the window began.

        What was still to leave when it began counts as having come in.
        """
        _, begun = self.windows[node]
        pairs = zip(self.flows(node), begun, strict=True)
        return [
            (now.left - then.left, now.came_in - then.came_in + then.waits) for now, then in pairs
        ]
