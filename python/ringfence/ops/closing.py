"""What a trading day leaves to the next, as tables of a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ringfence import _core
from ringfence.config.toml_text import escaped
from ringfence.errors import JournalError
from ringfence.ops.journal_records import day_folders

__all__ = ["closed_day", "opening_tables"]

UNCLOSED = "unclosed"


def closed_day(directory: Path) -> dict[str, Any]:
    """Return what the newest day in `directory` leaves: `positions`, and lines `open` and others.

    Raises JournalError for a day that was not closed: it still runs, or died and is to be settled.
    """
    day = day_folders(directory)[-1]
    try:
        found: dict[str, Any] = _core.closing_of_day(day)
    except _core.JournalError as refusal:
        raise JournalError(str(refusal.args[0])) from None
    if found["ending"] == UNCLOSED:
        message = f"{day}: expected a day that is closed or sealed, found one that is not"
        raise JournalError(message)
    return found


def opening_tables(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return positions as tables [[opening_positions]]."""
    return "\n".join(
        "[[opening_positions]]\n"
        f'account = "{escaped(row["account"])}"\n'
        f'symbol = "{escaped(row["symbol"])}"\n'
        f"qty = {row['qty']}\n"
        f'average_px = "{row["average_px"]}"\n'
        for row in rows
    )
