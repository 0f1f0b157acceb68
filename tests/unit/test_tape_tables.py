"""The committed tables of the market tape, and the reconstruction, against recorded ticks."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ringfence.ops import tape_files
from ringfence.ops.tape_files import Wanted

from scripts.derive_tape_tables import CLOSE_MS, HALF_HOUR_MS, OPEN_MS, TABLES, tables

SYMBOLS = ("BAC", "IBM", "SPY")
OPEN_NS, CLOSE_NS = OPEN_MS * 1_000_000, CLOSE_MS * 1_000_000
TABLE_BYTES_MAX = 200_000
# How far the reconstruction may be from the record: VWAP of the day in basis points, share of a
# venue in percent of all volume, mean spread in basis points of it, mean size in percent.
VWAP_BPS, SHARE_PERCENT, SPREAD_BPS, SIZE_PERCENT = 3, 0.1, 2, 1


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a committed table."""
    with (TABLES / f"2013-10-08_{name}.csv").open(encoding="ascii", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def rebuilt(symbol: str, seed: int) -> dict[str, Any]:
    """Return the totals of a reconstruction, crosses and official prints left out."""
    wanted = Wanted(symbols=[symbol], seed=seed)
    (row,) = tape_files.summary(tape_files.opened([tape_files.RECONSTRUCTION], wanted))
    return row


def test_the_tables_are_those_of_the_ticks(recorded_data: Path) -> None:
    """R105: deriving the tables again gives the committed ones, byte for byte."""
    derived = tables(recorded_data)
    committed = {path.name: path.read_text("ascii") for path in TABLES.glob("*.csv")}
    assert derived.keys() == committed.keys()
    for name, text in derived.items():
        assert text == committed[name], name


def test_the_tables_are_small() -> None:
    """A bare clone carries figures and not a recording."""
    assert sum(path.stat().st_size for path in TABLES.glob("*.csv")) < TABLE_BYTES_MAX


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_tables_have_the_recorded_volume_curve(recorded_data: Path, symbol: str) -> None:
    """R105: minutes and prints of the tables add up to the recorded shares of each half hour."""
    text = (recorded_data / "ticks" / "expected.json").read_text(encoding="utf-8")
    expected = json.loads(text)[f"{symbol}_20131008"]
    volumes: Counter[int] = Counter()
    for index, row in enumerate(row for row in table("minutes") if row["symbol"] == symbol):
        volumes[index // 30] += int(row["volume"])
    for row in table("crosses"):
        ms = int(row["ms_since_midnight_et"])
        if row["symbol"] == symbol and ms < CLOSE_MS:
            volumes[(ms - OPEN_MS) // HALF_HOUR_MS] += int(row["volume"])
    whole = volumes.total()
    shares = [round(volumes[half] / whole, 6) for half in range(13)]
    assert expected["half_hour_share_of_rth_volume"] == shares


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("seed", [1, 2**64 - 1])
def test_the_reconstruction_has_the_volumes_of_the_tables(symbol: str, seed: int) -> None:
    """R105: whatever the seed, volume by half hour and by venue is that of the tables."""
    found = rebuilt(symbol, seed)
    crosses = [row for row in table("crosses") if row["symbol"] == symbol]
    volume = sum(int(row["volume"]) for row in table("minutes") if row["symbol"] == symbol)
    assert volume + sum(int(row["volume"]) for row in crosses) == found["all"]["qty"]
    venues: defaultdict[str, int] = defaultdict(int)
    for row in (*table("venues"), *crosses):
        venues[row["venue"]] += int(row["volume"]) * (row["symbol"] == symbol)
    for row in found["venues"]:
        gap = abs(row["qty"] - venues[row["venue"]])
        assert gap * 100 <= SHARE_PERCENT * volume, row["venue"]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_the_reconstruction_is_close_to_the_record(recorded_data: Path, symbol: str) -> None:
    """R105: mean price, spread and sizes of the day are near the recorded ones."""
    ticks = recorded_data / "ticks"
    names = (f"{symbol}_20131008_{kind}.csv.gz" for kind in ("trade", "quote"))
    paths = [str(ticks / name) for name in names if (ticks / name).exists()]
    regular = Wanted(symbols=[symbol], start_ns=OPEN_NS, end_ns=CLOSE_NS)
    (record,) = tape_files.summary(tape_files.opened(paths[:1], regular))
    (made,) = tape_files.summary(tape_files.opened([tape_files.RECONSTRUCTION], regular))
    gap = abs(float(made["all"]["vwap"]) / float(record["all"]["vwap"]) - 1)
    assert gap * 10_000 < VWAP_BPS
    if len(paths) == 2:
        (record,) = tape_files.summary(tape_files.opened(paths, Wanted()))
        made = rebuilt(symbol, 1)
        for name, room in (("bid_qty", SIZE_PERCENT), ("ask_qty", SIZE_PERCENT)):
            assert abs(made[name] / record[name] - 1) * 100 < room, name
        assert abs(float(made["spread"]) / float(record["spread"]) - 1) * 10_000 < SPREAD_BPS
