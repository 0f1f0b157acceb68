"""What a trading day leaves for the next one: its positions, as the configuration takes them.

Refuses a day that leaves anything open or in question: a position that is provisional, disputed or
unknown cannot be brought forward as if it were sure, and an open order not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ringfence.config.toml_text import escaped
from ringfence.errors import JournalError
from ringfence.rows import PositionRow

__all__ = ["brought_forward", "held"]

IN_QUESTION = ("provisional", "disputed", "unknown")


def held(rows: Iterable[PositionRow]) -> list[PositionRow]:
    """Return the rows of what accounts themselves hold, may still get, or are not sure of."""
    return [
        row
        for row in rows
        if not row["aggregate"]
        and (row["qty"] or row["open_buy"] or row["open_sell"] or any(_in_question(row)))
    ]


def brought_forward(rows: Sequence[PositionRow]) -> str:
    """Return the tables `[[opening_positions]]` of the next day's configuration.

    Raises JournalError if a position is not sure, or an order is open; all of them are named.
    """
    wrong = [f"{row['account']} in {row['symbol']}: {why}" for row in rows for why in _doubts(row)]
    if wrong:
        raise JournalError(f"expected positions that are sure, found {'; '.join(wrong)}")
    return "\n".join(_table(row) for row in rows)


def _table(row: PositionRow) -> str:
    return (
        f'[[opening_positions]]\naccount = "{escaped(row["account"])}"\n'
        f'symbol = "{escaped(row["symbol"])}"\nqty = {row["qty"]}\n'
        f'average_px = "{row["average_px"]}"\n'
    )


def _in_question(row: PositionRow) -> Iterator[int]:
    for sides in (row["provisional"], row["disputed"], row["unknown"]):
        yield sides["bought"] + sides["sold"]


def _doubts(row: PositionRow) -> Iterator[str]:
    for name, units in zip(IN_QUESTION, _in_question(row), strict=True):
        if units:
            yield f"{units} units {name}"
    if row["open_buy"] or row["open_sell"]:
        yield f"{row['open_buy'] + row['open_sell']} units open"
