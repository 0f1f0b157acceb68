"""Fills and what is held because of them: every answer folds the whole history again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from tests.model.facts import Facts
from tests.model.figures import ZERO, away_from_zero, share, towards_zero

Sureness = Literal["confirmed", "provisional", "disputed"]


@dataclass(eq=False)
class Fill:
    """One fill as it stands now.

    `excess` is what the venue reported beyond the order, `most_qty` the most units that it
    ever stood for.
    """

    fill_id: int
    venue: str
    names: list[str]
    child_id: int | None
    account: str
    symbol: str
    side: str
    qty: int
    px: Decimal
    rate: Decimal | None
    ts: int
    seq: int
    sureness: Sureness
    disputed: bool = False
    busted: bool = False
    excess: Fill | None = None
    most_qty: int = 0

    @property
    def sign(self) -> int:
        """Return 1 for a buy and -1 for a sale of any kind."""
        return 1 if self.side == "buy" else -1


@dataclass(frozen=True)
class Opening:
    """A position brought forward."""

    account: str
    symbol: str
    qty: int
    px: Decimal
    rate: Decimal


@dataclass(frozen=True)
class Split:
    """New units for old ones."""

    symbol: str
    numerator: int
    denominator: int

    def cut(self, qty: int) -> int:
        """Return units of a position after the split, a fraction dropped."""
        units = abs(qty) * self.numerator // self.denominator
        return units if qty >= 0 else -units

    def never_less(self, qty: int) -> int:
        """Return units of a fill after the split, a fraction counted as a whole."""
        return -(-qty * self.numerator // self.denominator)


@dataclass
class Holding:
    """Units, cost and result of an account in an instrument; own currency, then base."""

    qty: int = 0
    cost: list[Decimal] = field(default_factory=lambda: [ZERO, ZERO])
    realised: list[Decimal] = field(default_factory=lambda: [ZERO, ZERO])

    def trade(self, units: int, value: Decimal, rate: Decimal) -> None:
        """Add signed units, each worth `value`, by the average-cost method."""
        closing = min(abs(units), abs(self.qty)) if units * self.qty < 0 else 0
        opening = (abs(units) - closing) * (1 if units > 0 else -1)
        closed = value * closing * (1 if self.qty > 0 else -1)
        books = (
            (closed, value * opening),
            (converted(closed, rate), converted(value * opening, rate)),
        )
        for book, (got, added) in enumerate(books):
            if closing:
                out = towards_zero(self.cost[book] * closing / abs(self.qty))
                self.cost[book] -= out
                self.realised[book] += got - out
            self.cost[book] += added
        self.qty += units


def converted(money: Decimal, rate: Decimal) -> Decimal:
    """Return money in base currency; exposure is never rounded down."""
    return away_from_zero(money * rate)


@dataclass
class Ledger:
    """Everything that was booked, in the order in which it was booked."""

    facts: Facts
    entries: list[Fill | Opening | Split] = field(default_factory=list)
    unrealised: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def fills(self) -> list[Fill]:
        """Return every fill, oldest first, busted ones too."""
        return [entry for entry in self.entries if isinstance(entry, Fill)]

    def named(self, venue: str, exec_id: str | None) -> Fill | None:
        """Return the fill that a venue's identifier names; the ordered part of an over-fill."""
        found = (fill for fill in self.fills() if fill.venue == venue and exec_id in fill.names)
        return next(found, None)

    def book(self, fill: Fill) -> None:
        """Book a fill and value its position again."""
        self.entries.append(fill)
        self.value(fill.account, fill.symbol)

    def history(self, account: str, symbol: str) -> list[Fill | Opening | Split]:
        """Return what made the position of one account: void fills and others' left out."""
        mine: list[Fill | Opening | Split] = []
        for entry in self.entries:
            if entry.symbol != symbol:
                continue
            if isinstance(entry, Split):
                mine += [entry] if mine else []
            elif entry.account == account:
                mine.append(entry)
        return mine

    def holding(self, account: str, symbol: str) -> Holding:
        """Return the position of one account, folded from its whole history."""
        holding = Holding()
        multiplier = self.facts.instruments[symbol]["multiplier"]
        for entry in self.history(account, symbol):
            if isinstance(entry, Split):
                holding.qty = entry.cut(holding.qty)
            elif isinstance(entry, Opening):
                holding.trade(entry.qty, entry.px * multiplier, entry.rate)
            elif not entry.busted:
                rate = Decimal(1) if entry.rate is None else entry.rate
                holding.trade(entry.sign * entry.qty, entry.px * multiplier, rate)
        return holding

    def held(self) -> list[tuple[str, str]]:
        """Return every account and instrument that has a history."""
        found = [(e.account, e.symbol) for e in self.entries if not isinstance(e, Split)]
        return list(dict.fromkeys(found))

    def holdings(self, accounts: Iterable[str]) -> list[Holding]:
        """Return every position of some accounts."""
        inside = set(accounts)
        return [self.holding(*key) for key in self.held() if key[0] in inside]

    def units(self, fill: Fill) -> int:
        """Return the units of a fill after the splits that came later, never rounded down."""
        qty = fill.qty
        for entry in self.entries[self.entries.index(fill) :]:
            if isinstance(entry, Split) and entry.symbol == fill.symbol:
                qty = entry.never_less(qty)
        return qty

    def unsure(self, account: str, symbol: str, sureness: Sureness) -> dict[str, int]:
        """Return bought and sold units of an account that are in one state of sureness."""
        sums = {"bought": 0, "sold": 0}
        for fill in self.fills():
            state = "disputed" if fill.disputed else fill.sureness
            if (fill.account, fill.symbol, state) == (account, symbol, sureness):
                side = "bought" if fill.sign > 0 else "sold"
                sums[side] += 0 if fill.busted else self.units(fill)
        return sums

    def traded(self, account: str, symbol: str) -> int:
        """Return the units an account executed today, both sides."""
        mine = (f for f in self.fills() if (f.account, f.symbol) == (account, symbol))
        return sum(fill.qty for fill in mine if not fill.busted)

    def power_used(self, account: str, since: int, requirement: int) -> Decimal:
        """Return the requirement of what an account was filled after input `since`."""
        used = ZERO
        for fill in self.fills():
            if fill.account == account and fill.seq > since and not fill.busted and fill.rate:
                multiplier = self.facts.instruments[fill.symbol]["multiplier"]
                value = abs(fill.px * fill.qty * multiplier)
                used += share(converted(value, fill.rate), requirement)
        return used

    def value(self, account: str, symbol: str) -> None:
        """Value a position at the newest mark, where there is one."""
        mark, rate = self.facts.market[symbol].mark, self.facts.rate(symbol)
        if mark is None or rate is None:
            return
        holding = self.holding(account, symbol)
        worth = mark * holding.qty * self.facts.instruments[symbol]["multiplier"]
        self.unrealised[account, symbol] = converted(worth - holding.cost[0], rate)

    def value_all(self) -> None:
        """Value every position at the newest marks."""
        for account, symbol in self.held():
            self.value(account, symbol)
