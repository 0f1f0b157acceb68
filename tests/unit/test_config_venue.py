"""The file of a simulated venue: what it means, what is refused, and what the venue is told."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ringfence.config import load
from ringfence.config import settings as node_settings
from ringfence.config.calibration import VOLUME_SHARE_DEFAULT, remarks_on
from ringfence.config.venue import (
    load_venue,
    loads_venue,
    venue_json_schema,
    venue_secret_references,
    venue_settings,
    with_venue_trade_date,
)
from ringfence.config.venue.names import venue_links
from ringfence.config.wire_names import links
from ringfence.errors import ConfigError

from tests.tidy.tree import ROOT

EXAMPLES = ROOT / "examples/venues"
TAPE = '[tape]\nsource = "reconstruction"\nvenue = "XNYS"\nstart = 09:30:00\n'
LIT1 = (EXAMPLES / "lit1.toml").read_text(encoding="utf-8") + TAPE
NIGHT = (EXAMPLES / "overnight.toml").read_text(encoding="utf-8")
SECOND_NS = 10**9
MIDNIGHT_UTC_NS = 1_381_190_400 * SECOND_NS  # of 8 October 2013, 20:00 the day before in New York


def told(text: str) -> dict[str, Any]:
    """Return what the venue of `text` is told."""
    return venue_settings(loads_venue(text), "folder/venue.toml")


@pytest.mark.parametrize("name", ["lit1", "lit2", "overnight"])
def test_each_example_is_in_order(name: str) -> None:
    """R13: the venues that come with the package are read, and what they are told is JSON."""
    path = EXAMPLES / f"{name}.toml"
    found = json.loads(json.dumps(venue_settings(load_venue(path), path)))
    assert {"BAC", "IBM", "SPY"} == {row["symbol"] for row in found["rules"]["instruments"]}
    assert "2013-10-08" == found["trade_date"]
    assert found["journal"].startswith("/")


def test_the_example_of_a_gateway_meets_its_venues() -> None:
    """R106: both ends of each session of the examples have the same names, turned round."""
    gateway = load(ROOT / "examples/gateway.toml")
    ours = {
        (link.address, link.begin_string, link.sender_comp_id, link.target_comp_id)
        for link in links(gateway)
        if link.side == "initiator"
    }
    theirs = set()
    for name in ("lit1", "lit2"):
        venue = load_venue(EXAMPLES / f"{name}.toml")
        (address,) = venue.venue.listen
        theirs |= {
            (address, link.begin_string, link.target_comp_id, link.sender_comp_id)
            for link in venue_links(venue)
        }
    assert theirs == ours
    assert 4 == len(ours)
    drop_copies = [link for link in links(gateway) if link.role == "venue_drop_copy"]
    assert ["LIT1.drop_copy", "LIT2.drop_copy"] == [link.name for link in drop_copies]


def test_the_example_of_a_gateway_has_no_odd_limits() -> None:
    """R31: but for the people who sign, whom only the firm can name, nothing in it is odd."""
    remarks = remarks_on(load(ROOT / "examples/gateway.toml"), VOLUME_SHARE_DEFAULT)
    assert [("operators",)] == [remark.path for remark in remarks]


def test_the_sessions_of_a_node_are_told_in_full() -> None:
    """R13: the native node is told defaults, absolute names and moments, and no password."""
    found = node_settings(load(ROOT / "examples/gateway.toml"), "/etc/ringfence/gateway.toml")
    by_name = {row["name"]: row for row in found["sessions"]}
    clients, venues = ["CLIENT", "CLIENT42", "COPIES"], ["LIT1", "LIT2"]
    copied = [name for venue in venues for name in (venue, f"{venue}.drop_copy")]
    assert [*clients, *copied] == list(by_name)
    assert (True, False) == (
        by_name["LIT1"]["market_data"],
        by_name["LIT1.drop_copy"]["market_data"],
    )
    assert ["desk"] == by_name["COPIES"]["accounts"]
    assert "/etc/ringfence/journal/gateway" == found["journal"]
    assert "day_open" == found["definitions"][-1]["input"]


def test_the_overnight_venue_crosses_midnight() -> None:
    """R19: its night belongs to the next day, is eight hours long, and has its own band."""
    rules = told(NIGHT)["rules"]
    night = rules["windows"][0]
    assert ("2013-10-08", MIDNIGHT_UTC_NS, MIDNIGHT_UTC_NS + 8 * 3_600 * SECOND_NS) == (
        night["trade_date"],
        night["start_ns"],
        night["end_ns"],
    )
    assert ("overnight", "session") == (night["phase"], night["band"])
    assert (2_000, "5000000", "refuse") == (
        rules["session_band_bps"],
        rules["order_notional_max"],
        rules["halt_entry"],
    )
    dates = [row["trade_date"] for row in rules["windows"]]
    assert "2013-10-12" not in dates
    assert "2013-10-14" in dates


def test_the_rules_are_those_of_the_venue() -> None:
    """R105: every field of the venue's rules is told, in its unit."""
    rules = told(LIT1)["rules"]
    assert [
        {
            "name": "GW1",
            "firm": "RINGFENCE",
            "kind": "order_entry",
            "cancel_on_disconnect": True,
            "throttle": {"take_max": 1_000, "disconnect_max": 5_000},
            "is_retail": False,
        },
        {
            "name": "GW1DC",
            "firm": "RINGFENCE",
            "kind": "drop_copy",
            "cancel_on_disconnect": True,
            "throttle": None,
            "is_retail": False,
        },
    ] == rules["ports"]
    assert {"maker": "-0.002", "taker": "0.003", "auction": "0"} == rules["fees"]
    assert 500 == rules["limit_band"]["width_bps"]
    assert [{"from": "0", "tick": "0.0001"}, {"from": "1", "tick": "0.01"}] == (
        rules["instruments"][0]["ticks"]
    )
    assert {"orders_max": 65_536, "levels_max": 4_096} == rules["book_limits"]


def test_files_are_named_from_the_folder_of_the_file() -> None:
    """R13: a process may be started anywhere; names are those of the configuration's folder."""
    text = LIT1.replace(TAPE, TAPE.replace("reconstruction", "recorded:ticks"))
    text = text.replace("seed = 1", 'seed = 1\nfaults = "faults.txt"')
    found = told(text)
    assert str(Path("folder/ticks").absolute()) == found["tape"]["place"]
    assert str(Path("folder/faults.txt").absolute()) == found["faults"]
    assert ["BAC", "IBM", "SPY"] == found["tape"]["symbols"]
    secret = text.replace("[sessions.GW1]", '[sessions.GW1]\nusername="u"\npassword = "file:s"')
    references = venue_secret_references(loads_venue(secret), "folder/venue.toml")
    assert {"GW1": f"file:{Path('folder/s').absolute()}"} == references


def test_tiers_take_the_place_of_a_width() -> None:
    """R71: tier and leverage of an instrument, and the closing band of a window, are told."""
    text = LIT1.replace('width = "5 %"\n', "").replace('"limit_up_down"', '"limit_up_down_closing"')
    text = text.replace('"us_equity"\nref', '"us_equity"\ntier = "tier_2"\nref')
    rules = told(text.replace('"13.81"', '"13.81"\nleverage = "300 %"'))["rules"]
    assert [
        {"name": "tier_2", "leverage_bps": leverage} for leverage in (30_000, 10_000, 10_000)
    ] == [row["tier"] for row in rules["instruments"]]
    assert rules["limit_band"]["width_bps"] is None
    assert "limit_up_down_closing" == rules["windows"][0]["band"]


def test_another_day_has_other_windows() -> None:
    """R71: the windows of a venue follow the day, across the change of clocks too."""
    night = with_venue_trade_date(loads_venue(NIGHT), "2024-03-11")
    (window,) = (
        row
        for row in venue_settings(night, "venue.toml")["rules"]["windows"]
        if row["trade_date"] == "2024-03-11"
    )
    assert 8 * 3_600 * SECOND_NS == window["end_ns"] - window["start_ns"]
    assert 1_710_115_200 * SECOND_NS == window["start_ns"]  # Sunday 20:00, in summer time already


REFUSED = [
    ('listen = ["127.0.0.1:7101"]', "listen = []", "venue.listen", "at least one address"),
    ('["127.0.0.1:7101"]', '["lit1:7101"]', "venue.listen[0]", "in digits"),
    ("seed = 1", "sead = 1", "venue.sead", "seed"),
    ("seed = 1", 'order_notional_max = "5 EUR"', "venue.order_notional_max", "base currency"),
    ("seed = 1", 'order_notional_max = "0 USD"', "venue.order_notional_max", "above zero"),
    ("seed = 1", 'session_band = "100 %"', "venue.session_band", "below 100 %"),
    ('["market", "limit", "stop", "stop_limit"]', "[]", "venue.ord_types", "at least one name"),
    ('["market", "limit", "stop", "stop_limit"]', '["limit", "limit"]', "venue.ord_types", "once"),
    ('"fill_or_kill"]', '"fok"]', "venue.times_in_force[2]", "one of at_the_close"),
    ("throttle = { take_max = 1_000", "throttle = { take_max = 5_000",
     "sessions.GW1.throttle.disconnect_max", "more than take_max, 5000"),
    ("drop_copy = true", "drop_copy = true\nretail = true", "sessions.GW1DC.retail", "drop copy"),
    ("drop_copy = true", 'drop_copy = true\ntarget_comp_id = "GW1"', "sessions.GW1DC", "no other"),
    ("drop_copy = true", 'password = "hunter2"', "sessions.GW1DC.password", "never stands"),
    ('time_zone = "America/New_York"', 'time_zone = "New York"', "windows[0].time_zone", "IANA"),
    ('phase = "continuous"', 'phase = "auction"', "windows[0].auction", "exactly in the phase"),
    ('phase = "continuous"', 'phase = "halted"', "windows[0].band", "no band in an auction"),
    ('phase = "continuous"', 'phase = "closed"', "windows[0].phase", "one of auction"),
    ('band = "limit_up_down"', 'band = "session"', "windows[0].band", "venue.session_band"),
    ('[limit_band]\nwidth = "5 %"\n', "", "windows[0].band", "a table [limit_band]"),
    ('width = "5 %"', 'width = "0 %"', "limit_band.width", "above zero"),
    ('width = "5 %"\n', "", "instruments.BAC.tier", "a tier, or `width` in [limit_band]"),
    ('"13.81"', '"13.81"\ntier = "tier_3"', "instruments.BAC.tier", "one of tier_1, tier_2"),
    ('"13.81"', '"13.81"\nleverage = "0 %"', "instruments.BAC.leverage", "above zero"),
    ('width = "5 %"', 'width = "5 %"\nmean = "1500 ms"', "limit_band.mean", "whole seconds"),
    ('width = "5 %"', 'width = "5 %"\npause = "25 h"', "limit_band.pause", "at most 24 h"),
    ('width = "5 %"', 'width = "5 %"\nstand_min = "25 h"', "limit_band.stand_min", "at most 24 h"),
    ('"-0.0020"', "-0.0020", "fees.maker", "a price as text"),
    ('from_px = "0"', 'from_px = "0.5"', "tick_ladders.us_equity.steps[0].from_px", "zero"),
    ('"0.01" }]', '"0" }]', "tick_ladders.us_equity.steps[1].tick", "above zero"),
    ('"13.81"', '"0"', "instruments.BAC.reference_px", "above zero"),
    ('"13.81"', '"13.81"\nlot_size = 0', "instruments.BAC.lot_size", "above zero"),
    ('ladder = "us_equity"', 'ladder = "eu"', "instruments.BAC.ladder", "a tick ladder"),
    ('\nsource = "reconstruction"', '\nsource = "memory"', "tape.source", "a tape"),
    ('\nvenue = "XNYS"', '\nsymbols = ["AAPL"]', "tape.symbols[0]", "an instrument"),
    ('\nvenue = "XNYS"', "\nspeed = 0", "tape.speed", "at least 1"),
    ("[fees]", "[book]\norders_max = 1_048_577\n[fees]", "book.orders_max", "from 1 to 1048576"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "expected"), REFUSED, ids=str)
def test_each_bad_value_is_named(old: str, new: str, key: str, expected: str) -> None:
    """R105: a venue whose rules leave something to guess is refused with its line and key."""
    assert old in LIT1
    with pytest.raises(ConfigError) as refused:
        loads_venue(LIT1.replace(old, new, 1))
    keys = {problem.key: problem for problem in refused.value.problems}
    assert key in keys
    assert expected in keys[key].expected
    assert keys[key].line is not None


@pytest.mark.parametrize("table", ["venue", "tick_ladders", "instruments", "sessions", "windows"])
def test_a_table_that_is_needed_is_missed(table: str) -> None:
    """R13: nothing of a venue is guessed."""
    raw = tomllib.loads(LIT1)
    assert table in raw
    lines, kept = [], True
    for line in LIT1.splitlines():
        if line.startswith("["):
            kept = not line.strip("[]").startswith(table)
        if kept:
            lines.append(line)
    with pytest.raises(ConfigError) as refused:
        loads_venue("\n".join(lines))
    assert table in {problem.key for problem in refused.value.problems}


def test_the_schema_describes_every_key() -> None:
    """R13: an editor knows every key of the file."""
    schema = venue_json_schema()
    undescribed = [
        (name, key)
        for name, table in schema["$defs"].items()
        for key, row in table.get("properties", {}).items()
        if "description" not in row and "$ref" not in row
    ]
    assert [] == undescribed
    assert "x-kind" not in str(schema)
