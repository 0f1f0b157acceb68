"""The readers of the market tape on recorded data, against figures that others computed."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ringfence.ops import tape_files
from ringfence.ops.tape_files import Wanted

OPEN_NS, CLOSE_NS = 34_200_000_000_000, 57_600_000_000_000
SYMBOLS = ("BAC", "IBM", "SPY")
VENUES = {
    "B": "XBOS",
    "C": "XCIS",
    "D": "FINR",
    "J": "EDGA",
    "K": "EDGX",
    "M": "XCHI",
    "N": "XNYS",
    "P": "ARCX",
    "Q": "XNAS",
    "W": "CBSX",
    "X": "XPSX",
    "Y": "BATY",
    "Z": "BATS",
}
LOBSTER = "AMZN_2012-06-21_L1_message.csv.gz"


def totals(path: Path, wanted: Wanted | None = None) -> dict[str, Any]:
    """Return the totals of a recording of one symbol."""
    (row,) = tape_files.summary(tape_files.opened([str(path)], wanted or Wanted()))
    return row


def by_venue(row: dict[str, Any], name: str) -> dict[str, int]:
    """Return one figure of each venue where it is not zero."""
    return {venue["venue"]: venue[name] for venue in row["venues"] if venue[name]}


def shares(row: dict[str, Any]) -> list[float]:
    """Return the share of volume of each half hour, to six decimals."""
    volume = row["all"]["qty"]
    return [round(half["qty"] / volume, 6) for half in row["half_hours"]]


def expected_ticks(recorded_data: Path, symbol: str) -> dict[str, Any]:
    """Return what pandas found in the ticks of a symbol."""
    text = (recorded_data / "ticks" / "expected.json").read_text(encoding="utf-8")
    figures: dict[str, Any] = json.loads(text)[f"{symbol}_20131008"]
    return figures


def named(figures: dict[str, int]) -> dict[str, int]:
    """Return figures by letter as figures by market identifier code."""
    return {VENUES[letter]: figure for letter, figure in figures.items()}


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_recorded_trades_have_their_totals(recorded_data: Path, symbol: str) -> None:
    """R105: trades, shares by venue, VWAP, range and volume curve are those of the recording."""
    expected = expected_ticks(recorded_data, symbol)
    path = recorded_data / "ticks" / f"{symbol}_20131008_trade.csv.gz"
    whole = totals(path)
    assert expected["trades"] == whole["all"]["trades"]
    assert expected["shares_all"] == whole["all"]["qty"]
    assert named(expected["shares_by_exchange"]) == by_venue(whole, "qty")
    regular = totals(path, Wanted(start_ns=OPEN_NS, end_ns=CLOSE_NS))
    assert expected["vwap_not_suspicious_rth"] == float(round(Decimal(regular["all"]["vwap"]), 6))
    assert [expected["high_rth"], expected["low_rth"]] == [
        float(regular["high"]),
        float(regular["low"]),
    ]
    assert expected["half_hour_share_of_rth_volume"] == shares(regular)


@pytest.mark.parametrize("symbol", ["BAC", "IBM"])
def test_recorded_quotes_have_their_counts(recorded_data: Path, symbol: str) -> None:
    """R105: each quote is an event of its venue, but the one that the vendor calls suspicious."""
    expected = expected_ticks(recorded_data, symbol)
    rows = Counter(named(expected["quote_rows_by_exchange"]))
    rows["ARCX"] -= expected["quotes_suspicious"]  # the last row of IBM
    found = totals(recorded_data / "ticks" / f"{symbol}_20131008_quote.csv.gz")
    assert dict(rows) == by_venue(found, "quotes")
    assert expected["quotes"] == found["all"]["quotes"] + expected["quotes_suspicious"]


def test_recorded_orders_have_their_figures(recorded_data: Path) -> None:
    """R105: LOBSTER's AMZN day has its counts, mean price, range, spread and volume curve."""
    text = (recorded_data / "lobster" / "AMZN_expected.json").read_text(encoding="utf-8")
    expected = json.loads(text)["AMZN"]
    found = totals(recorded_data / "lobster" / LOBSTER)
    assert expected["vwap_all_executions"] == float(round(Decimal(found["all"]["vwap"]), 6))
    assert [
        expected["first_execution_price"],
        expected["high"],
        expected["low"],
        expected["last_execution_price"],
    ] == [float(found[name]) for name in ("first", "high", "low", "last")]
    assert expected["half_hour_executed_share_of_day"] == shares(found)
    assert expected["time_weighted_spread_usd"] == float(round(Decimal(found["spread"]), 6))


def test_recorded_orders_have_their_events(recorded_data: Path) -> None:
    """R105: each LOBSTER message is one event of its kind, and the book is never crossed."""
    text = (recorded_data / "lobster" / "AMZN_expected.json").read_text(encoding="utf-8")
    expected = json.loads(text)["AMZN"]
    kinds: Counter[str] = Counter()
    units: Counter[str] = Counter()
    orders: set[int] = set()
    best: dict[str, Decimal | None] = {"bid": None, "ask": None}
    crossed, before = 0, ""
    for event in tape_files.events(
        tape_files.opened([str(recorded_data / "lobster" / LOBSTER)], Wanted())
    ):
        kind = event["event"]
        kinds[kind] += 1
        units[kind] += event.get("qty", 0)
        orders |= {event["order"]} if "order" in event else set()
        if kind == "quote":
            best[event["side"]] = Decimal(event["px"])
        else:
            bid, ask = best["bid"], best["ask"]  # after the message before this one
            crossed += bid is not None and ask is not None and bid >= ask
        assert event["time"] >= before
        before = event["time"]
    names = {"1": "add", "2": "reduce", "3": "delete", "4": "execute", "5": "execute_hidden"}
    by_type = {number: kinds[name] for number, name in names.items()}
    assert expected["messages_by_type"] == by_type
    assert expected["rows"] == sum(kinds.values()) - kinds["quote"]
    assert expected["executed_shares_visible"] == units["execute"]
    assert expected["executed_shares_hidden"] == units["execute_hidden"]
    assert expected["distinct_order_ids"] == len(orders)
    assert expected["crossed_or_locked_rows"] == crossed


def test_a_deeper_recording_is_read(recorded_data: Path) -> None:
    """R105: ten levels of a book are read by their best one; each of 999 messages is an event."""
    path = recorded_data / "lobster" / "AAPL_2012-06-21_L10_first999_message.csv.gz"
    events = list(tape_files.events(tape_files.opened([str(path)], Wanted())))
    assert 999 == sum(event["event"] != "quote" for event in events)


def test_recorded_messages_have_their_counts(recorded_data: Path) -> None:
    """R105: of 12,012 ITCH messages each that is about orders or trades is one event."""
    (path,) = (recorded_data / "itch").glob("*.ITCH50.gz")
    events = list(tape_files.events(tape_files.opened([str(path)], Wanted())))
    expected = {
        "add": 4_997 + 3,
        "execute_hidden": 5_000,
        "delete": 1_745,
        "execute": 198,
        "reduce": 45,
        "replace": 12,
        "phase": 3,
    }
    assert expected == dict(Counter(event["event"] for event in events))
    assert {"ALC", "BOB", "CHAR"} == {event["symbol"] for event in events}


def test_trades_without_quotes_imply_some(recorded_data: Path) -> None:
    """R105: SPY, of which no quotes are recorded, shows a market of one cent all day."""
    path = recorded_data / "ticks" / "SPY_20131008_trade.csv.gz"
    plain, quoted = totals(path), totals(path, Wanted(imply_quotes=True))
    assert 0 == plain["all"]["quotes"]
    assert plain["all"]["qty"] == quoted["all"]["qty"]
    assert "0.01" == quoted["spread"]
    assert not by_venue(quoted, "quotes").keys() & {"FINR"}
