"""Derive the committed tables of the market tape from recorded ticks, byte for byte the same.

    python -m scripts.derive_tape_tables            reads the folder that RINGFENCE_DATA names

The tables hold figures of one day, 8 October 2013, for BAC, IBM and SPY: what was traded and shown
in each regular minute, where it was traded in each half hour, and the opening and closing prints.
Integers only; each rounding is to the nearest, halves up.

Source: QuantConnect's Lean sample data (Apache-2.0), vendor AlgoSeek; `ticks/` for BAC and IBM and
for the trades of SPY, `bars/minute/` for the quotes of SPY, of which no ticks are there.
"""

from __future__ import annotations

import csv
import gzip
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SYMBOLS = ("BAC", "IBM", "SPY")
DAY, DAY_IN_NAMES = "2013-10-08", "20131008"
TABLES = Path(__file__).resolve().parents[1] / "python" / "ringfence" / "tapes"
QUOTE_BARS = "bars/minute/US_2013-10-04_2013-10-11_quote.csv.gz"

MINUTE_MS, HALF_HOUR_MS = 60_000, 1_800_000
OPEN_MS, CLOSE_MS = 34_200_000, 57_600_000
MINUTES = (CLOSE_MS - OPEN_MS) // MINUTE_MS
PRICE_UNITS = 10_000  # of a dollar, in prices
SPREAD_UNITS = 1_000_000  # of a dollar, in spreads

# Bits of the vendor's sale condition.
ORDINARY = 0x1 | 0x20 | 0x400 | 0x2000 | 0x20000000 | 0x80000000
OPEN_CROSS, CLOSE_CROSS = 0x40, 0x80
OFFICIAL_CLOSE, OFFICIAL_OPEN = 0x1000000, 0x4000000
PRINT_KINDS = (
    (OPEN_CROSS, "open_cross"),
    (CLOSE_CROSS, "close_cross"),
    (OFFICIAL_OPEN, "official_open"),
    (OFFICIAL_CLOSE, "official_close"),
)
# Letter on the consolidated tape to market identifier code (ISO 10383).
VENUES = {
    "A": "XASE",
    "B": "XBOS",
    "C": "XCIS",
    "D": "FINR",
    "J": "EDGA",
    "K": "EDGX",
    "M": "XCHI",
    "N": "XNYS",
    "P": "ARCX",
    "Q": "XNAS",
    "T": "XNAS",
    "W": "CBSX",
    "X": "XPSX",
    "Y": "BATY",
    "Z": "BATS",
}


@dataclass(frozen=True, slots=True)
class Trade:
    """One row of the trades: milliseconds, 1e-4 dollars, shares, code of the venue, conditions."""

    ms: int
    price: int
    size: int
    venue: str
    condition: int

    @property
    def print_kind(self) -> str | None:
        """Return which opening or closing print this is, or None for an ordinary trade."""
        return next((kind for bit, kind in PRINT_KINDS if self.condition & bit), None)


@dataclass(slots=True)
class Minute:
    """What was traded and shown in one minute."""

    volume: int = 0
    trades: int = 0
    prices: list[int] = field(default_factory=list)  # of price-forming trades, in order
    special_prices: list[int] = field(default_factory=list)  # of the others
    shown_ms: int = 0  # with a bid below the ask
    spread: int = 0  # sums over time
    bid_size: int = 0
    ask_size: int = 0


@dataclass(slots=True)
class Day:
    """One symbol's day."""

    minutes: list[Minute] = field(default_factory=lambda: [Minute() for _ in range(MINUTES)])
    venues: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    prints: dict[tuple[str, str], list[Trade]] = field(default_factory=lambda: defaultdict(list))


def tables(data: Path) -> dict[str, str]:
    """Return the text of each table by its file name."""
    minutes = ["symbol,minute_et,volume,trades,open,high,low,close,spread,bid_size,ask_size"]
    venues = ["symbol,half_hour_et,venue,volume"]
    prints = ["symbol,ms_since_midnight_et,venue,kind,price,volume,prints"]
    for symbol in SYMBOLS:
        day = derive(data, symbol)
        minutes += [
            f"{symbol},{clock(OPEN_MS + index * MINUTE_MS)},{minute_cells(minute)}"
            for index, minute in enumerate(day.minutes)
        ]
        venues += [
            f"{symbol},{clock(OPEN_MS + half_hour * HALF_HOUR_MS)},{venue},{volume}"
            for half_hour, volumes in sorted(day.venues.items())
            for venue, volume in sorted(volumes.items())
        ]
        prints += [f"{symbol},{cells}" for cells in print_cells(day)]
    named = {"minutes": minutes, "venues": venues, "crosses": prints}
    return {f"{DAY}_{name}.csv": "\n".join(lines) + "\n" for name, lines in named.items()}


def derive(data: Path, symbol: str) -> Day:
    """Return the figures of one symbol."""
    day = Day()
    for trade in trades(data / "ticks" / f"{symbol}_{DAY_IN_NAMES}_trade.csv.gz"):
        kind = trade.print_kind
        if kind is not None:
            day.prints[trade.venue, kind].append(trade)
        elif OPEN_MS <= trade.ms < CLOSE_MS:
            minute = day.minutes[(trade.ms - OPEN_MS) // MINUTE_MS]
            minute.volume += trade.size
            minute.trades += 1
            forms_price = not trade.condition & ~ORDINARY
            (minute.prices if forms_price else minute.special_prices).append(trade.price)
            day.venues[(trade.ms - OPEN_MS) // HALF_HOUR_MS][trade.venue] += trade.size
    quotes = data / "ticks" / f"{symbol}_{DAY_IN_NAMES}_quote.csv.gz"
    if quotes.exists():
        weigh_quotes(quotes, day)
    else:
        weigh_bars(data / QUOTE_BARS, symbol, day)
    return day


def trades(path: Path) -> Iterator[Trade]:
    """Yield the trades that the vendor did not mark as suspicious."""
    for ms, price, size, exchange, condition, suspicious in rows(path):
        if suspicious == "0":
            venue = VENUES[exchange]
            yield Trade(int(ms), exact(price), int(size), venue, int(condition, 16))


def weigh_quotes(path: Path, day: Day) -> None:
    """Add the national best, weighted by time, to each minute.

    Each row of the file is the national best of its side, with the size of the venue that sets
    it: the vendor's own minute bars end with the last row of each side, in every minute. Time in
    which the market is locked, crossed or empty on a side does not count.
    """
    best: dict[str, tuple[int, int]] = {}
    since = 0
    for ms, side, price, size, _exchange, _condition, suspicious in rows(path):
        if suspicious == "0":
            stand(day, best, since, int(ms))
            since, best[side] = int(ms), (exact(price), int(size))
    stand(day, best, since, CLOSE_MS)


def stand(day: Day, best: dict[str, tuple[int, int]], since: int, to: int) -> None:
    """Add a market that stood from `since` until `to` to the minutes that it covers."""
    if len(best) < 2 or best["B"][0] >= best["A"][0]:
        return
    (bid, bid_size), (ask, ask_size) = best["B"], best["A"]
    at, end = max(since, OPEN_MS), min(to, CLOSE_MS)
    while at < end:
        index = (at - OPEN_MS) // MINUTE_MS
        until = min(end, OPEN_MS + (index + 1) * MINUTE_MS)
        minute, stood = day.minutes[index], until - at
        minute.shown_ms += stood
        minute.spread += (ask - bid) * stood
        minute.bid_size += bid_size * stood
        minute.ask_size += ask_size * stood
        at = until


def weigh_bars(path: Path, symbol: str, day: Day) -> None:
    """Add spread and sizes of minute bars: the mean of first and last spread, the last sizes."""
    for row in rows(path):
        if row[0] != symbol or row[1] != DAY:
            continue
        hour, minutes = row[2].split(":")
        ms = int(hour) * 3_600_000 + int(minutes) * MINUTE_MS
        if not OPEN_MS <= ms < CLOSE_MS:
            continue
        first = exact(row[8]) - exact(row[3])
        last = exact(row[11]) - exact(row[6])
        spreads = [spread for spread in (first, last) if spread > 0]
        if spreads:
            minute = day.minutes[(ms - OPEN_MS) // MINUTE_MS]
            minute.shown_ms = len(spreads)
            minute.spread = sum(spreads)
            minute.bid_size = int(row[7]) * len(spreads)
            minute.ask_size = int(row[12]) * len(spreads)


def minute_cells(minute: Minute) -> str:
    """Return the cells of one minute; without a trade or a market they are empty."""
    prices = minute.prices or minute.special_prices
    traded = [""] * 4
    if prices:
        traded = [dollars(p) for p in (prices[0], max(prices), min(prices), prices[-1])]
    shown = [""] * 3
    if minute.shown_ms:
        scale = SPREAD_UNITS // PRICE_UNITS
        spread = nearest(minute.spread * scale, minute.shown_ms)
        sizes = (minute.bid_size, minute.ask_size)
        shown = [
            f"{spread // SPREAD_UNITS}.{spread % SPREAD_UNITS:06}",
            *(str(nearest(size, minute.shown_ms)) for size in sizes),
        ]
    return ",".join((str(minute.volume), str(minute.trades), *traded, *shown))


def print_cells(day: Day) -> Iterator[str]:
    """Yield the cells of each opening or closing print, in order of time.

    The parts of one print have one price; one that has several is refused.
    """
    found = sorted(day.prints.items(), key=lambda item: (item[1][0].ms, item[0]))
    for (venue, kind), parts in found:
        (price,) = {part.price for part in parts}
        volume = sum(part.size for part in parts)
        yield f"{parts[0].ms},{venue},{kind},{dollars(price)},{volume},{len(parts)}"


def rows(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a compressed table without its header."""
    with gzip.open(path, "rt", encoding="ascii", newline="") as text:
        lines = csv.reader(text)
        next(lines)
        yield from lines


def exact(price: str) -> int:
    """Return a price of four decimals in 1e-4 dollars."""
    whole, fraction = price.split(".")
    if len(fraction) != 4:
        message = f"expected a price with four decimals, found {price}"
        raise ValueError(message)
    return int(whole) * PRICE_UNITS + int(fraction)


def dollars(price: int) -> str:
    """Return 1e-4 dollars as text, with cents where that is exact."""
    text = f"{price // PRICE_UNITS}.{price % PRICE_UNITS:04}"
    return text.removesuffix("00")


def nearest(total: int, parts: int) -> int:
    """Return the quotient rounded to the nearest, halves up."""
    return (2 * total + parts) // (2 * parts)


def clock(ms: int) -> str:
    """Return the hour and minute of a time of the day."""
    return f"{ms // 3_600_000:02}:{ms // MINUTE_MS % 60:02}"


def main() -> int:
    """Write the tables and return the exit code."""
    data = os.environ.get("RINGFENCE_DATA")
    if not data:
        sys.stderr.write("expected RINGFENCE_DATA to name the folder of recorded data\n")
        return 2
    for name, text in tables(Path(data)).items():
        (TABLES / name).write_text(text, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
