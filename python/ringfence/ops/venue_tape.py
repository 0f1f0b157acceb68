"""The tape that a simulated venue follows, opened from what its settings say of it.

Refuses: a folder that lacks a recording of a symbol, or has several days of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ringfence import _core
from ringfence.errors import UsageError
from ringfence.ops.tape_files import RECONSTRUCTION, Wanted, opened

__all__ = ["recordings", "venue_tape"]

RECORDED = "recorded"
# In the order in which they count at the same time: a trade meets the quotes before it.
NEEDED, MORE = "_trade.csv*", "_quote.csv*"


def venue_tape(followed: Mapping[str, Any]) -> _core.Tape:
    """Return the tape of `settings["tape"]` of a venue, of its symbols and of all venues.

    Where a folder has the trades of a symbol and not its quotes, the trades imply them.

    Raises UsageError for a folder without the symbols, InputError for a file that cannot be read.
    """
    symbols, kind = list(followed["symbols"]), followed["kind"]
    wanted = Wanted(symbols, seed=followed["seed"], imply_quotes=kind == RECORDED)
    if kind == RECONSTRUCTION:
        return opened([RECONSTRUCTION], wanted)
    place = Path(followed["place"])
    if kind != RECORDED:
        return opened([str(place)], wanted)
    return opened([str(file) for symbol in symbols for file in recordings(place, symbol)], wanted)


def recordings(folder: Path, symbol: str) -> Iterator[Path]:
    """Yield the file of the trades of a symbol, then that of its quotes if there is one."""
    trades = _only(folder, f"{symbol}_*{NEEDED}")
    if trades is None:
        raise UsageError(f"{folder}: expected a recording {symbol}_DAY{NEEDED}, found none")
    yield trades
    quotes = _only(folder, f"{symbol}_*{MORE}")
    if quotes is not None:
        yield quotes


def _only(folder: Path, pattern: str) -> Path | None:
    found: Sequence[Path] = sorted(folder.glob(pattern))
    if len(found) > 1:
        raise UsageError(f"{folder}: expected one file {pattern}, found {len(found)}")
    return found[0] if found else None
