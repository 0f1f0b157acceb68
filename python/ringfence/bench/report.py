"""What a benchmark prints: one object with conditions, results and budgets, or two tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Budget", "Report", "Result", "rated", "spread", "tables"]

SECOND_NS = 1_000_000_000
TABLE_COLUMNS_MIN = 140


class Result(msgspec.Struct, frozen=True):
    """One case that was measured."""

    case: str
    """What was done."""
    unit: str
    """Unit of the percentiles, or of the rate where a case has no percentiles."""
    n: int
    """Number of measurements, or of units of work where only a rate was measured."""
    p50: int | None = None
    p99: int | None = None
    p99_9: int | None = None
    max: int | None = None
    rate: int | None = None
    """Units of work in a second; absent where cases were timed singly in between others."""


class Budget(msgspec.Struct, frozen=True):
    """A figure that was promised, beside the one that was found."""

    name: str
    limit: int
    value: int | None
    """Figure found; absent when its case could not be measured."""
    unit: str
    ok: bool


class Report(msgspec.Struct, frozen=True):
    """Everything that one run of a benchmark found."""

    name: str
    commit: str
    conditions: dict[str, Any]
    results: list[Result]
    budgets: list[Budget]


def spread(case: str, unit: str, values: Sequence[int], rate: int | None = None) -> Result:
    """Return the spread of values as a result, percentiles by nearest rank."""
    ordered = sorted(values)

    def at(share: float) -> int:
        return ordered[max(math.ceil(len(ordered) * share), 1) - 1]

    return Result(case, unit, len(ordered), at(0.5), at(0.99), at(0.999), ordered[-1], rate)


def rated(case: str, unit: str, count: int, taken_ns: int) -> Result:
    """Return a rate as a result: `count` units of work in `taken_ns` nanoseconds."""
    return Result(case, unit, count, rate=count * SECOND_NS // max(taken_ns, 1))


def tables(report: Report) -> list[Table]:
    """Return results, budgets and conditions as tables for a terminal."""
    results = _table(f"bench {report.name}", ("case", "unit", "n", "p50", "p99", "p99.9", "max"))
    results.add_column("rate/s", justify="right")
    for row in report.results:
        figures = (row.n, row.p50, row.p99, row.p99_9, row.max, row.rate)
        results.add_row(row.case, row.unit, *map(_figure, figures))
    shown = [results]
    if report.budgets:
        budgets = _table("Budgets", ("budget", "unit", "limit", "found"))
        budgets.add_column("met")
        for budget in report.budgets:
            limit, value = _figure(budget.limit), _figure(budget.value)
            budgets.add_row(budget.name, budget.unit, limit, value, "yes" if budget.ok else "no")
        shown.append(budgets)
    conditions = _table("Conditions", ("what", ""))
    for name, value in {"commit": report.commit, **report.conditions}.items():
        conditions.add_row(name, _text(value))
    return [*shown, conditions]


def _table(title: str, columns: Sequence[str]) -> Table:
    from rich import box
    from rich.table import Table

    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        shown.add_column(column, justify="left" if number < 2 else "right", overflow="fold")
    return shown


def _figure(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _text(value: object) -> str:
    """Return a condition as text; nested ones line by line."""
    from rich.markup import escape

    if isinstance(value, dict):
        return "\n".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return escape(str(value))
