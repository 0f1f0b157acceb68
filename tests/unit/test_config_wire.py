"""The tables about the process and its FIX sessions: what they mean, and what is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from ringfence.config import compile as compile_config
from ringfence.config import digest, json_schema, loads
from ringfence.config.reading import read
from ringfence.config.toml_text import KeyPath
from ringfence.config.wire_names import links
from ringfence.errors import ConfigError

from tests.unit.config_sample import SAMPLE, found_in, leaves, with_value
from tests.unit.test_config_digest import config_of, others
from tests.unit.test_config_schema import fits
from tests.unit.wire_sample import WIRED, WIRED_RAW, rewired

WIRE_KEYS = [
    path for path, _ in leaves(WIRED_RAW) if path not in dict(leaves(tomllib.loads(SAMPLE)))
]


def test_the_tables_are_read() -> None:
    """R13: ports, files, times and names arrive as they were written, amounts in their unit."""
    config = loads(WIRED)
    assert config.node is not None
    assert ("127.0.0.1:7001", "[::1]:7002") == config.node.listen
    assert ("process", "leave", 50_000_000) == (
        config.node.durability,
        config.node.drain,
        config.node.tick,
    )
    client = config.sessions["CLIENT"].fix
    assert client is not None
    assert "env:CLIENT_PASSWORD" == client.password
    assert ("day", "09:30:00", "16:00:00") == (
        client.schedule[0].name,
        client.schedule[0].start,
        client.schedule[0].end,
    )
    venue = config.venues["SIM"].fix
    assert venue is not None
    assert ("FIXT11.xml", "FIX50SP2.xml") == venue.dictionary
    assert 6 == venue.reconnect.trip_count


def test_what_is_absent_has_its_default() -> None:
    """R13: a process needs only its journal, a client nothing, a venue only its address."""
    text = SAMPLE + (
        '[node]\njournal = "j"\nlisten = ["127.0.0.1:1"]\n[sessions.CLIENT.fix]\n'
        '[venues.SIM.fix]\naddress = "b:2"\ndictionary = "compact"\n'
    )
    config = loads(text)
    assert config.node is not None
    assert ("disk", "cancel", None) == (
        config.node.durability,
        config.node.drain,
        config.node.control,
    )
    assert [
        ("CLIENT", "client", "acceptor", "FIX.4.4", "node1", "CLIENT", ""),
        ("SIM", "venue", "initiator", "FIX.4.4", "node1", "SIM", "b:2"),
    ] == [
        (
            link.name,
            link.role,
            link.side,
            link.begin_string,
            link.sender_comp_id,
            link.target_comp_id,
            link.address,
        )
        for link in links(config)
    ]


def test_every_session_is_named() -> None:
    """R49: copies are sessions of their own, with names of their own."""
    assert [
        ("CLIENT", "client", "BROKER", "BUYSIDE"),
        ("COPIES", "drop_copy", "node1", "COPIES"),
        ("SIM", "venue", "NODE", "SIMX"),
        ("SIM.drop_copy", "venue_drop_copy", "NODEDC", "SIMXDC"),
    ] == [
        (link.name, link.role, link.sender_comp_id, link.target_comp_id)
        for link in links(loads(WIRED))
    ]


def test_the_kernel_knows_nothing_of_a_drop_copy() -> None:
    """R24: a session that receives copies has no entitlement by which it could enter orders."""
    named = {
        fields["session"] for name, fields in compile_config(loads(WIRED)) if "session" in fields
    }
    assert {"CLIENT", "ALGO"} == named


def test_the_kernel_is_defined_as_without_the_tables() -> None:
    """R24: how a client connects changes nothing that it may do."""
    assert compile_config(loads(SAMPLE))[:-1] == compile_config(loads(WIRED))[:-1]


@pytest.mark.parametrize("path", WIRE_KEYS, ids=str)
def test_any_other_value_is_another_digest(path: KeyPath) -> None:
    """R80: no port, file, name or time can drift without the digest showing it."""
    value = dict(leaves(WIRED_RAW))[path]
    more = (
        *others(value),
        "127.0.0.1:7",
        "z:7",
        "06:00",
        "7 d",
        "UTC",
        "env:X",
        "disk",
        "cancel",
        "refuse",
        "7 d",
        "fri",
        "end",
        "zz",
    )
    words = ("FIX.4.4", "compact", "fri", "end", "zz")
    mutants = (config_of(with_value(WIRED_RAW, path, other)) for other in (*more, *words))
    original = loads(WIRED)
    mutant = next(config for config in mutants if config is not None and config != original)
    assert digest(original) != digest(mutant)


def test_the_tables_are_part_of_the_digest() -> None:
    """R80: a file with a process is another configuration than one without."""
    assert digest(loads(SAMPLE)) != digest(loads(WIRED))


def test_the_schema_accepts_the_tables() -> None:
    """R13: an editor that knows the schema accepts what the reader accepts."""
    assert fits(tomllib.loads(WIRED), json_schema())


SAME_NAMES = """drop_copy = true
sender_comp_id = "BROKER"
target_comp_id = "BUYSIDE"
begin_string = "FIX.4.2"
"""
VENUE_NAMES = '"NODE"\ntarget_comp_id = "SIMX"'
REFUSED = [
    ('journal = "journal"\n', "", "node.journal", "a file name"),
    ('"127.0.0.1:7001"', '"127.0.0.1"', "node.listen[0]", "a host and a port"),
    ('"127.0.0.1:7001"', '"localhost:7001"', "node.listen[0]", "in digits"),
    ('"127.0.0.1:7001"', '"127.0.0.1:70010"', "node.listen[0]", "from 1 to 65535"),
    ('"[::1]:7002"', '"127.0.0.1:7001"', "node.listen[1]", "each address once"),
    ('listen = ["127.0.0.1:7001", "[::1]:7002"]\n', "", "node.listen", "at least one address"),
    ('"process"', '"ram"', "node.durability", "one of disk, process"),
    ('drain = "leave"', 'drain = "flee"', "node.drain", "one of cancel, leave"),
    ('"20 s"', '"0 s"', "node.drain_timeout", "more than zero"),
    ('"20 s"', '"20 s"\nbusy_poll = "2 s"', "node.busy_poll", "at most 1 s"),
    ('"50 ms"', '"50 us"', "node.tick", "from 1 ms to 10 s"),
    ('"50 ms"', "50", "node.tick", 'a time such as "30 s"'),
    ('control = "run/node1.sock"', 'control = ""', "node.control", "a file name"),
    ("journal =", "jurnal =", "node.jurnal", "journal"),
    ('"5 y"', '"5 years"', "node.retention", 'such as "1826 d" or "5 y"'),
    ('"5 y"', '"0 d"', "node.retention", "from 1 to 36600 days"),
    ('"100 us"', '"0 us"', "node.clock_offset_max", "more than zero"),
    ('clock_unfit = "alert"', 'clock_unfit = "ignore"', "node.clock_unfit", "one of alert, refuse"),
    ('key = "tls/node1.key"\n', "", "node.tls.key", "a file name"),
    ('"FIX.4.2"', '"FIX.4.3"', "sessions.CLIENT.fix.begin_string", "one of FIX.4.2"),
    ('"BUYSIDE"', '"BUY SIDE"', "sessions.CLIENT.fix.target_comp_id", "a comp id"),
    ('"BUYSIDE"', '"A=B"', "sessions.CLIENT.fix.target_comp_id", "a comp id"),
    ('"30 s"\n', '"1500 ms"\n', "sessions.CLIENT.fix.heartbeat_max", "whole seconds"),
    ('"30 s"\n', '"2 h"\n', "sessions.CLIENT.fix.heartbeat_max", "to 1 h"),
    ('["FIX42.xml"]', "[]", "sessions.CLIENT.fix.dictionary", '"compact", or a list'),
    ('["FIX42.xml"]', '["a", "b"]', "sessions.CLIENT.fix.dictionary", "1 files with FIX.4.2"),
    ('username = "buyside"\n', "", "sessions.CLIENT.fix", "a username with the password"),
    ("message_max = 50", "message_max = 0", "sessions.CLIENT.fix.message_max", "more than zero"),
    ('["mon", "tue"]', "[]", "sessions.CLIENT.fix.schedule[0].days", "at least one day"),
    ('"tue"]', '"mon"]', "sessions.CLIENT.fix.schedule[0].days", "each day once"),
    ('"tue"]', '"tuesday"]', "sessions.CLIENT.fix.schedule[0].days[1]", "one of fri, mon"),
    ('"09:30"', '"9:30"', "sessions.CLIENT.fix.schedule[0].start", "a time of day"),
    ('"09:30"', '"24:00"', "sessions.CLIENT.fix.schedule[0].start", "a time of day"),
    ("New_York", "New_Yrok", "sessions.CLIENT.fix.schedule[0].time_zone", "a time zone of the"),
    ('"night"', '"day"', "sessions.CLIENT.fix.schedule[1].name", "each name once"),
    ('"16:00"', '"20:01"', "sessions.CLIENT.fix.schedule", "windows one after the other"),
    ("ord_types = []", 'ord_types = ["limit"]', "sessions.COPIES.ord_types", "a drop copy enters"),
    ('["desk"]\n\n[sess', "[]\n\n[sess", "sessions.COPIES.accounts", "accounts of which it copies"),
    ("drop_copy = true", "", "sessions.COPIES.ord_types", "at least one name"),
    ("drop_copy = true", SAME_NAMES, "sessions.COPIES.fix", "comp ids that no other"),
    ('address = "venue.example:7100"\n', "", "venues.SIM.fix.address", "a host and a port"),
    ('"FIX50SP2.xml"]', "]", "venues.SIM.fix.dictionary", "2 files with FIXT.1.1"),
    ('"10 s"', '"0 s"', "venues.SIM.fix.heartbeat", "whole seconds"),
    ('"fix.venue.example"', '"a b"', "venues.SIM.fix.tls.server_name", "the name of a host"),
    ('key = "tls/node1.key"\n\n[venues', "\n[venues", "venues.SIM.fix.tls", "together"),
    ('"500 ms"\nmax', '"2 min"\nmax', "venues.SIM.fix.reconnect.max", "at least `initial`"),
    ("trip_count = 6", "trip_count = 0", "venues.SIM.fix.reconnect.trip_count", "more than zero"),
    ('"NODEDC"\ntarget_comp_id = "SIMXDC"\naddress = "venue.example:7101"', VENUE_NAMES,
     "venues.SIM.fix.drop_copy", "comp ids that no other"),
    ('username = "copies"\n', "", "venues.SIM.fix.drop_copy", "a username with the password"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "expected"), REFUSED, ids=str)
def test_each_bad_value_is_named(
    old: str, new: str, key: str, expected: str, tmp_path: Path
) -> None:
    """R13, R87: a table that is not in order is refused with its line and its key."""
    found = found_in(rewired(old, new), tmp_path)
    assert found.config is None
    keys = {problem.key: problem for problem in found.problems}
    assert key in keys
    assert expected in keys[key].expected
    assert keys[key].line is not None


def test_too_much_is_refused(tmp_path: Path) -> None:
    """Rule 7 of STYLE.md: ports and windows have named maxima, and tests that reach them."""
    ports = ", ".join(f'"127.0.0.1:{port}"' for port in range(1, 18))
    (problem,) = found_in(
        rewired('["127.0.0.1:7001", "[::1]:7002"]', f"[{ports}]"), tmp_path
    ).problems
    assert ("node.listen", "at most 16") == (problem.key, problem.expected)
    windows = "\n".join(
        f'[[sessions.ALGO.fix.schedule]]\nname = "w{minute}"\ndays = ["mon"]\n'
        f'start = "10:{minute:02}"\nend = "10:{minute + 1:02}"\ntime_zone = "UTC"'
        for minute in range(33)
    )
    text = f"{WIRED}\n[sessions.ALGO.fix]\n{windows}\n"
    (problem,) = found_in(text, tmp_path).problems
    assert ("sessions.ALGO.fix.schedule", "at most 32 windows") == (
        problem.key,
        problem.expected,
    )


@pytest.mark.parametrize(
    "secret", ["hunter2hunter2", "env:", "env:A B", "file:", "ENV:NAME", "-----BEGIN PRIVATE KEY"]
)
@pytest.mark.parametrize(
    "place", ["env:CLIENT_PASSWORD", "file:secrets/sim", "env:COPIES_PASSWORD"]
)
def test_a_secret_in_clear_is_refused_and_not_quoted(place: str, secret: str) -> None:
    """R28: a password is never part of the configuration, and never of a message about it."""
    with pytest.raises(ConfigError) as refused:
        loads(rewired(f'"{place}"', f'"{secret}"'))
    assert "a secret never stands in a configuration" in str(refused.value)
    assert secret not in str(refused.value).replace('"env:NAME"', "").replace('"file:PATH"', "")


def test_a_table_too_few_is_no_problem_of_stepping() -> None:
    """R13: a file with FIX sessions and without a process can still be read and stepped."""
    config, troubles = read({key: row for key, row in WIRED_RAW.items() if key != "node"})
    assert [] == troubles
    assert config is not None
    assert config.node is None
