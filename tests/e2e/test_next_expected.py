"""Logons that say which number is expected next (FIX 789), and SubIDs, with real processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.e2e.processes import FACTS, House

SAID = "next_expected = true\n"


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house in which LIT1, the gateway and the client ALICE say what they expect."""
    with TemporaryDirectory(prefix="rf") as name:
        built = House(Path(name))
        built.add_client("alice", held=1_000)
        more = SAID + "resend_chunk = 100\n" + 'sender_sub_id = "DESK"\ntarget_sub_id = "TRADER"\n'
        built.change("gateway.toml", {}, more)
        for file, table in (
            ("gateway.toml", "[venues.LIT1.fix]\n"),
            ("venues/lit1.toml", "[sessions.GW1]\n"),
        ):
            built.change(file, {table: table + SAID})
        yield built
        built.close()


@pytest.mark.timeout(120)
def test_what_was_missed_comes_with_the_logon(house: House) -> None:
    """R58, FIX 789: a client that missed reports says so at its logon, and asks for nothing."""
    venues = [house.venue(name) for name in ("LIT1", "LIT2")]
    node = house.node()
    house.tell(FACTS)
    subs = ((50, "TRADER"), (57, "DESK"))
    own = house.client("ALICE", next_expected=True, header_fields=subs).connect()
    own.order("rests", account="alice", side=2, px="13.90", venue="LIT1")
    own.wait_status("rests", "0")
    assert str(own.next_out - 1) == own.wait_admin("A")[789]
    missed, before = own.next_in, len(own.reports)
    own.drop()
    # Its reports are lost between the wire and its books, and its order is canceled meanwhile.
    later = house.client(
        "ALICE",
        next_expected=True,
        header_fields=subs,
        next_out=own.next_out,
        next_in=missed - before,
    ).connect()
    later.wait_status("rests", "4")
    assert [row[34] for row in own.reports] == [row[34] for row in later.reports[:before]]
    assert later.resends >= before
    later.order("goes on", account="alice", side=2, px="13.91", venue="LIT1")
    later.wait_status("goes on", "0")
    assert "2" not in {row.kind for row in later.admin}
    for running in (node, *venues):
        assert 0 == running.end()[0]


@pytest.mark.timeout(120)
def test_a_logon_without_the_sub_ids_is_nobody(house: House) -> None:
    """R28: with SubIDs in the table a logon must show them; without, it is answered by nothing."""
    node = house.node(wait=())
    node.wait_for("listening")
    stranger = house.client("ALICE", next_expected=True).connect(wait=False)
    stranger.wait_closed()
    assert [] == stranger.admin
    assert 0 == node.end()[0]
