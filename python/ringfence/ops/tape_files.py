"""Market tapes from files: which reader a name asks for, decompression, and the committed tables.

Refuses: a file whose name does not say what it is, a message file without its order book file, an
archive that is damaged, and more than `TAPE_BYTES_MAX` bytes. What a line or message says is judged
by the readers of the simulation and nowhere else.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from ringfence import _core
from ringfence.errors import InputError, UsageError

__all__ = [
    "DAY_NS",
    "EVENT_FIELDS",
    "RECONSTRUCTION",
    "TAPE_BYTES_MAX",
    "Wanted",
    "events",
    "opened",
    "summary",
]

RECONSTRUCTION = "reconstruction"
"""The source that is no file: a recorded day made again from its committed figures."""
TAPE_BYTES_MAX = 4 * 1024**3
"""Most that one file may hold, in bytes after decompression."""
DAY_NS = 86_400_000_000_000
"""Nanoseconds of a day: the end of the tape, in nanoseconds since midnight in New York."""
EVENT_FIELDS = ("time", "symbol", "venue", "event")
"""The fields that every event has."""

CHUNK_BYTES = 1_048_576
EVENTS_PER_CALL = 10_000
TABLES = tuple(f"2013-10-08_{name}.csv" for name in ("minutes", "venues", "crosses"))
# End of a file's name, without the ending of a compressed file -> kind of its reader.
KINDS = {
    "_trade.csv": "trades",
    "_quote.csv": "quotes",
    "_message.csv": "lobster",
    ".ITCH50": "itch",
}
SYMBOL = re.compile(r"[A-Za-z0-9.]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a tape is wanted.

    Attributes:
        symbols: Wanted symbols; all when empty.
        venues: Wanted venues by market identifier code; all when empty.
        start_ns: First wanted time, nanoseconds since midnight in New York.
        end_ns: First time that is not wanted any more, unless it is the end of the day.
        seed: What draws the path of a reconstruction.
        imply_quotes: Whether quotes are added that recorded trades imply, for symbols of which
            no source has the quotes.
    """

    symbols: Sequence[str] = field(default=())
    venues: Sequence[str] = field(default=())
    start_ns: int = 0
    end_ns: int = DAY_NS
    seed: int = 1
    imply_quotes: bool = False


def opened(sources: Sequence[str], wanted: Wanted) -> _core.Tape:
    """Return the tape of all `sources` in one order of time.

    A source is the path of a recording, or `RECONSTRUCTION`, which stands alone.

    Raises UsageError for a name that no reader has, InputError for a file that cannot be read.
    """
    symbols, venues = list(wanted.symbols), list(wanted.venues)
    start, end = wanted.start_ns, wanted.end_ns
    try:
        if RECONSTRUCTION in sources:
            if len(sources) > 1:
                message = f"expected {RECONSTRUCTION} alone, found it among {len(sources)} sources"
                raise UsageError(message)
            return _core.Tape.reconstruction(_tables(), wanted.seed, symbols, venues, start, end)
        paths = [Path(source) for source in sources]
        quoted = {path.name.split("_")[0] for path in paths if "_quote.csv" in path.name}
        recordings = [
            _recording(path, wanted.imply_quotes and path.name.split("_")[0] not in quoted)
            for path in paths
        ]
        return _core.Tape(recordings, symbols, venues, start, end)
    except _core.InputError as refusal:
        raise InputError(str(refusal.args[0])) from None


def events(tape: _core.Tape, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the events of `tape` as rows, at most `limit`, the fields of every event first.

    Raises InputError where the tape cannot be read on, after the events before that place.
    """
    left = limit
    while left is None or left > 0:
        count = EVENTS_PER_CALL if left is None else min(left, EVENTS_PER_CALL)
        try:
            rows = tape.rows(count)
        except _core.InputError as refusal:
            raise InputError(str(refusal.args[0])) from None
        if not rows:
            return
        for row in rows:
            yield {name: row[name] for name in EVENT_FIELDS} | row
        left = None if left is None else left - len(rows)


def summary(tape: _core.Tape) -> list[dict[str, Any]]:
    """Return the totals of each symbol: volume, mean price, venues, half hours, what was shown."""
    try:
        return tape.summary()
    except _core.InputError as refusal:
        raise InputError(str(refusal.args[0])) from None


def _tables() -> tuple[str, str, str]:
    """Return the texts of the committed tables: minutes, venues, crosses."""
    folder = files("ringfence") / "tapes"
    minutes, venues, crosses = ((folder / name).read_text(encoding="ascii") for name in TABLES)
    return minutes, venues, crosses


def _recording(path: Path, imply_quotes: bool) -> dict[str, Any]:
    """Return a file as the native reader takes it."""
    plain = path.name.removesuffix(".gz")
    kind = next((kind for ending, kind in KINDS.items() if plain.endswith(ending)), None)
    symbol = SYMBOL.match(plain)
    if kind is None or symbol is None:
        message = (
            f"expected a name ending in {', '.join(KINDS)} or that with .gz, found {path.name}"
        )
        raise UsageError(message)
    parts = [_content(path)]
    if kind == "lobster":
        book = path.name.replace("_message.csv", "_orderbook.csv")
        parts.append(_content(path.with_name(book)))
    if kind == "trades" and imply_quotes:
        kind = "trades_quoted"
    return {"kind": kind, "name": path.name, "symbol": symbol.group(), "parts": parts}


def _content(path: Path) -> bytes:
    """Return the bytes of a file, decompressed if its name ends in .gz."""
    content = bytearray()
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                content += chunk
                if len(content) > TAPE_BYTES_MAX:
                    message = f"expected at most {TAPE_BYTES_MAX} bytes, found more"
                    raise InputError(message, path=path)
    except (EOFError, gzip.BadGzipFile, zlib.error) as damage:
        message = f"expected a whole gzip file, found damage: {damage}"
        raise InputError(message, path=path) from damage
    return bytes(content)
