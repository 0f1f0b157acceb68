"""Compares everything that the kernel shows with what the naive model adds up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ringfence import Kernel

from tests.model.book import Book, Child, Fields, Parent
from tests.model.facts import Facts
from tests.model.figures import ZERO, exact, towards_zero
from tests.model.ledger import Ledger
from tests.model.totals import Held, Totals


class AuditError(AssertionError):
    """The kernel and the naive model disagree, or an invariant does not hold."""


def same(what: str, expected: object, found: object) -> None:
    """Raise AuditError unless the kernel shows what the model has."""
    if expected != found:
        raise AuditError(f"{what}: the model has {expected}, the kernel {found}")


def holds(claim: object, what: str) -> None:
    """Raise AuditError unless an invariant holds."""
    if not claim:
        raise AuditError(what)


def shown_price(text: str | None) -> Decimal | None:
    """Return a price as the kernel shows it."""
    return None if text is None else exact(text)


class Comparison:
    """The model beside the kernel, looked at after a step."""

    def __init__(self, facts: Facts, book: Book, ledger: Ledger, totals: Totals) -> None:
        self.facts, self.book, self.ledger, self.totals = facts, book, ledger, totals

    def check(self, kernel: Kernel) -> None:
        """Compare orders, children, positions, exposure and the zero-sum report."""
        for parent in self.book.parents.values():
            self.check_parent(kernel, parent)
        for child in self.book.children.values():
            self.check_child(kernel, child)
        same("number of parents", len(self.book.parents), len(kernel.orders()))
        self.check_positions(kernel)
        self.check_exposures(kernel)
        self.check_zero_sum(kernel)

    def check_parent(self, kernel: Kernel, parent: Parent) -> None:
        """Compare a parent, and hold I1 and I2 on what the kernel shows."""
        name = f"order {parent.order_id}"
        shown = kernel.order(parent.order_id)
        assert shown is not None, f"{name} is not there"
        buckets = self.book.buckets(parent)
        same(f"{name} buckets", buckets, shown["buckets"])
        units: dict[str, Any] = {**shown["buckets"]}
        same(f"I1: {name} sum", parent.order_qty, sum(units.values()))
        same(f"{name} order_qty", parent.order_qty, shown["order_qty"])
        same(f"{name} status", self.book.status(parent), shown["ord_status"])
        same(f"{name} price", parent.price, shown_price(shown["price"]))
        same(f"{name} messages", parent.messages, shown["message_count"])
        below = self.book.below(parent.order_id)
        same(f"I2: {name} children", [c.child_id for c in below][::-1], shown["children"])
        if parent.closed is None and not any(child.open for child in below):
            holds(not parent.canceling, f"{name} is canceled and nothing is open")
            idle = parent.direct and parent.triggered
            holds(not idle, f"{name} goes nowhere: direct, without a child, not closed")

    def check_child(self, kernel: Kernel, child: Child) -> None:
        """Compare a child."""
        name = f"child {child.child_id}"
        shown = kernel.child(child.child_id)
        assert shown is not None, f"{name} is not there"
        same(f"{name} status", self.book.child_status(child), shown["ord_status"])
        same(f"{name} qty", child.qty, shown["qty"])
        same(f"{name} cum_qty", self.book.cum(child), shown["cum_qty"])
        same(f"{name} leaves_qty", self.book.leaves(child), shown["leaves_qty"])
        same(f"{name} price", child.price, shown_price(shown["price"]))

    def check_positions(self, kernel: Kernel) -> None:
        """Compare every row with the sum of the accounts below it."""
        rows = {(row["account"], row["symbol"]): row for row in kernel.positions()}
        for account, symbol in self.ledger.held():
            holds((account, symbol) in rows, f"no position of {account} in {symbol}")
        accounts = self.facts.below(str(next(iter(self.facts.accounts))))
        held = {(a, s): self.totals.held(a, s) for a in accounts for s in self.facts.instruments}
        for (node, symbol), row in rows.items():
            below = [held[account, symbol] for account in self.facts.below(node)]
            self.check_row(f"position of {node} in {symbol}", below, row)
            if not row["aggregate"]:
                self.check_holding(node, symbol, held[node, symbol], row)

    def check_row(self, name: str, below: list[Held], row: Fields) -> None:
        """Compare units held, open and unknown with the sum over accounts."""
        same(f"{name}: qty", sum(part.holding.qty for part in below), row["qty"])
        for side in ("buy", "sell"):
            open_qty = sum(part.open_qty[side] for part in below)
            same(f"{name}: open_{side}", open_qty, row[f"open_{side}"])
        unknown = {
            "bought": sum(part.doubt_qty["buy"] for part in below),
            "sold": sum(part.doubt_qty["sell"] for part in below),
        }
        same(f"{name}: unknown", unknown, row["unknown"])

    def check_holding(self, account: str, symbol: str, held: Held, row: Fields) -> None:
        """Compare cost, result and sureness of an account that holds."""
        name, holding = f"position of {account} in {symbol}", held.holding
        units = holding.qty * self.facts.instruments[symbol]["multiplier"]
        average = towards_zero(holding.cost[0] / units) if units else None
        same(f"{name}: average_px", average, shown_price(row["average_px"]))
        same(f"{name}: cost", holding.cost[0], exact(row["cost"]))
        same(f"{name}: realised", holding.realised[0], exact(row["realised"]))
        unrealised = self.ledger.unrealised.get((account, symbol), ZERO)
        same(f"{name}: unrealised", unrealised, exact(row["unrealised"]))
        same(f"{name}: traded_qty", self.ledger.traded(account, symbol), row["traded_qty"])
        provisional = self.ledger.unsure(account, symbol, "provisional")
        disputed = self.ledger.unsure(account, symbol, "disputed")
        same(f"{name}: provisional", provisional, row["provisional"])
        same(f"{name}: disputed", disputed, row["disputed"])
        unsure = [part["bought"] - part["sold"] for part in (provisional, disputed)]
        same(f"{name}: confirmed", holding.qty - sum(unsure), row["confirmed"])

    def check_exposures(self, kernel: Kernel) -> None:
        """Compare the totals of every node of the tree."""
        accounts = self.facts.below(str(next(iter(self.facts.accounts))))
        sums = {account: self.totals.sums(account) for account in accounts}
        for row in kernel.exposures():
            shown: dict[str, Any] = {**row}
            below = [sums[account] for account in self.facts.below(row["account"])]
            for total, expected in self.totals.added_up(below).items():
                same(f"{total} of {row['account']}", expected, exact(shown[total]))

    def check_zero_sum(self, kernel: Kernel) -> None:
        """Hold I13: per venue and instrument, what we booked is what the venue reported."""
        sums: dict[tuple[str, str], int] = {}
        for fill in self.ledger.fills():
            units = 0 if fill.busted else fill.sign * self.ledger.units(fill)
            sums[fill.venue, fill.symbol] = sums.get((fill.venue, fill.symbol), 0) + units
        for row in kernel.zero_sum():
            name = f"I13: {row['symbol']} at {row['venue']}"
            net = sums.pop((row["venue"], row["symbol"]), 0)
            same(f"{name}: net", net, row["venue_net_qty"])
            same(f"{name}: booked", net, row["booked_net_qty"])
            same(f"{name}: difference", 0, row["difference"])
        holds(not any(sums.values()), f"I13: nothing is shown of {sums}")
