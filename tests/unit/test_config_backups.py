"""Backups of a venue's session: where they are written, whom they are for, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from ringfence.config import loads, settings
from ringfence.config.wire_names import links

from tests.unit.config_sample import found_in
from tests.unit.wire_sample import WIRED, rewired

ORDERS = 'backups = ["backup.example:7100"]\n'
COPIES = 'backups = ["backup.example:7101", "far.example:7101"]\n'
OTHER = """
[venues.OTHER]
provisional = false
ack_timeout = "1 s"
message_max = 10

[venues.OTHER.fix]
address = "{address}"
backups = {backups}
"""


def backups_of(text: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the addresses of each session that is dialed."""
    found = links(loads(text))
    return {one.name: (one.address, one.backups) for one in found if one.side == "initiator"}


def test_each_session_has_its_own() -> None:
    """R67: orders and copies have addresses of their own, and the node is told all of them."""
    assert {
        "SIM": ("venue.example:7100", ("backup.example:7100",)),
        "SIM.drop_copy": ("venue.example:7101", ("backup.example:7101", "far.example:7101")),
    } == backups_of(WIRED)
    told = settings(loads(WIRED), Path("c.toml"))["sessions"]
    (orders,) = (row for row in told if row["name"] == "SIM")
    assert ["backup.example:7100"] == orders["backups"]
    assert 2 == orders["reconnect"]["failover_count"]


def test_copies_without_an_address_share_all_of_them() -> None:
    """R67: copies that come from the venue's address come from its backups too."""
    text = rewired(f'address = "venue.example:7101"\n{COPIES}', "")
    expected = ("venue.example:7100", ("backup.example:7100",))
    assert {"SIM": expected, "SIM.drop_copy": expected} == backups_of(text)
    alone = rewired(COPIES, "")
    assert ("venue.example:7101", ()) == backups_of(alone)["SIM.drop_copy"]
    own = rewired(f'address = "venue.example:7101"\n{COPIES}', ORDERS)
    assert expected == backups_of(own)["SIM.drop_copy"]


def test_what_is_absent_is_a_single_address() -> None:
    """R67: no backup is assumed, and no drill asked for."""
    text = rewired(ORDERS, "").replace('drill_every = "30 d"\n', "").replace(COPIES, "")
    assert {(), ()} == {backups for _, backups in backups_of(text).values()}
    fix = loads(text).venues["SIM"].fix
    assert fix is not None
    assert (None, 2) == (fix.drill_every, fix.reconnect.failover_count)


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ('["backup.example:7100"]', '["venue.example:7100"]', "backups[0]", "each address once"),
        ('["backup.example:7100"]', '["b:1", "b:2", "b:1"]', "backups[2]", "each address once"),
        ('["backup.example:7100"]', '["b:1", "b:2", "b:3", "b:4"]', "backups", "at most 3 beside"),
        ('["backup.example:7100"]', '["b"]', "backups[0]", "a host and a port"),
        # The copies have an address of their own: none of theirs is one of the orders'.
        ('["backup.example:7100"]', '["far.example:7101"]', "backups[0]", "no session of another"),
        ('"far.example:7101"]', '"venue.example:7100"]', "drop_copy.backups[1]", "no session of"),
        ("trip_count = 6", "trip_count = 5", "reconnect.trip_count", "at least 6, the attempts"),
        ("failover_count = 2", "failover_count = 3", "reconnect.trip_count", "at least 9"),
        ("failover_count = 2", "failover_count = 0", "reconnect.failover_count", "more than zero"),
        ('"30 d"', '"0 d"', "drill_every", "a number of days"),
        ('"30 d"', '"30 s"', "drill_every", "a number of days"),
        ('"30 d"', "30", "drill_every", "a number of days"),
    ],
)
def test_each_bad_backup_is_named(
    old: str, new: str, key: str, expected: str, tmp_path: Path
) -> None:
    """R67, R13: backups that are none, are another session's or are never reached are refused."""
    found = found_in(rewired(old, new), tmp_path)
    assert found.config is None
    problems = {problem.key: problem for problem in found.problems}
    assert expected in problems[f"venues.SIM.fix.{key}"].expected
    assert problems[f"venues.SIM.fix.{key}"].line is not None


@pytest.mark.parametrize(
    ("address", "backups", "is_good"),
    [
        ("other.example:1", '["other.example:2"]', True),
        ("venue.example:7100", "[]", True),  # a hub that two venues share, told apart by names
        ("other.example:1", '["backup.example:7100"]', False),
        ("other.example:1", '["venue.example:7101"]', False),
        ("backup.example:7100", "[]", False),
    ],
)
def test_a_backup_is_one_venue_s_alone(
    address: str, backups: str, is_good: bool, tmp_path: Path
) -> None:
    """R67: failing over never leads to another venue."""
    found = found_in(WIRED + OTHER.format(address=address, backups=backups), tmp_path)
    assert is_good is (found.config is not None), found.problems
    assert all("no session of another role or venue" in one.expected for one in found.problems)
