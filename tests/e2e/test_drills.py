"""A venue with two doors and a gateway as real processes: failover, drills, what breaks them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ringfence.ops.control import ask

from tests.e2e.processes import FACTS, House, Running, ports
from tests.e2e.programs import PROGRAM, ringfence
from tests.faultproxy import FaultProxy, Faults
from tests.fixclient import FixClient

pytestmark = pytest.mark.timeout(120)

WAIT_S = 30.0
COPIES = 'drop_copy = { sender_comp_id = "GW1DC", target_comp_id = "LIT1" }\n'
LOGON_BYTES = 100
"""More than a logon of the venue, less than that and a message behind it."""


class Doors:
    """A house whose first venue keeps orders and has a second door, and its gateway.

    Attributes:
        second: port of the venue's second door.
    """

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        (self.second,) = ports(1)
        self.house.keep_orders("LIT1")
        listen = f'"127.0.0.1:{self.house.ports["LIT1"]}"'
        more = {listen: f'{listen}, "127.0.0.1:{self.second}"'}
        self.house.change("venues/lit1.toml", more)
        self.venues = [self.house.venue(name) for name in ("LIT1", "LIT2")]

    def dial(self, primary: int, *backups: int, more: str = "", copies: bool = True) -> None:
        """Have the gateway reach its first venue at these ports."""
        doors = ", ".join(f'"127.0.0.1:{port}"' for port in backups)
        address = f'address = "127.0.0.1:{self.house.ports["LIT1"]}"\n'
        told = f'address = "127.0.0.1:{primary}"\nbackups = [{doors}]\n{more}'
        self.house.change("gateway.toml", {address: told})
        if not copies:
            self.house.change("gateway.toml", {COPIES: ""})

    def node(self, *, wait: tuple[str, ...] = ("LIT1", "LIT2")) -> Running:
        """Start the gateway, wait until it may send to these venues, and give it a market."""
        node = self.house.node(wait=wait)
        self.price()
        return node

    def price(self) -> None:
        """Give the gateway a market; the venue's own prices may not be back yet, or be too old."""
        ask(self.house.control("node"), {"do": "send", "lines": FACTS})

    def trades(self, own: FixClient) -> None:
        """Enter an order for the first venue, which must get there."""
        self.price()
        own.order("goes", account="client", px="13.71", venue="LIT1")
        own.wait_status("goes", "0")

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Ask the gateway for a drill of its first venue."""
        control = self.house.control("node")
        return ringfence("venue", "drill", "LIT1", "--control", control, *arguments)

    def drills(self) -> list[dict[str, Any]]:
        """Return the drills on record."""
        config = self.house.folder / "gateway.toml"
        done = ringfence("venue", "drills", "LIT1", "--config", config, "--json")
        assert 0 == done.returncode, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def status(self) -> dict[str, Any]:
        """Return the status of the gateway, its sessions and drills by name."""
        status = ask(self.house.control("node"), {"do": "status"})["status"]
        sessions = {row["name"]: row for row in status["sessions"]}
        drills = {row["venue"]: row for row in status["drills"]}
        return {**status, "sessions": sessions, "drills": drills}


@pytest.fixture
def doors() -> Iterator[Doors]:
    """Return a venue with two doors, whose processes are killed at the end."""
    with TemporaryDirectory(prefix="rf") as name:
        built = Doors(Path(name))
        yield built
        built.house.close()


def steps_of(drill: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the route and the result of each step."""
    return [(row["route"], row["result"]) for one in drill["sessions"] for row in one["steps"]]


def test_trading_goes_on_by_the_backup(doors: Doors) -> None:
    """R67, R69, R50: the primary dies, orders go on by the backup, and none is sent twice."""
    own = doors.house.client()
    with FaultProxy(doors.house.ports["LIT1"]) as primary:
        doors.dial(primary.port, doors.second)
        node = doors.node()
        assert "primary" == doors.status()["sessions"]["LIT1"]["route"]
        own.connect()
        own.order("rests", account="client", px="13.70", venue="LIT1")
        own.wait_status("rests", "0")
    first, second = f"127.0.0.1:{primary.port}", f"127.0.0.1:{doors.second}"
    node.wait_for(f"LIT1: turned from primary {first} to backup 1 {second}")
    node.wait_for("venue LIT1: reconciled, orders may go")
    doors.trades(own)
    own.cancel("stops", "rests")
    own.wait_status("stops", "4")
    status = doors.status()
    row = status["sessions"]["LIT1"]
    assert ("backup 1", second, True) == (row["route"], row["address"], row["up"])
    assert "single" == status["sessions"]["LIT2"]["route"]
    assert status["sessions"]["CLIENT"]["route"] is None
    turned = [text for text in node.alerts() if "turned from" in text]
    assert {"LIT1", "LIT1.drop_copy"} == {text.partition(":")[0] for text in turned}
    orders = doors.house.rows("LIT1", "orders")
    assert 2 == len(orders) == len({row["cl_ord_id"] for row in orders})
    assert 0 == node.end()[0]
    own.drop()
    doors.house.verified()


def test_a_venue_that_was_given_up_is_dialed_again_when_told(doors: Doors) -> None:
    """R69: after so many failures in a row nothing is dialed until a person asks for it."""
    own = doors.house.client()
    (nobody,) = ports(1)
    trips = 'reconnect = { initial = "10 ms", max = "20 ms", trip_count = 3 }\n'
    doors.dial(nobody, more=trips, copies=False)
    node = doors.node(wait=("LIT2",))
    end = time.monotonic() + WAIT_S
    while "given up" != (row := doors.status()["sessions"]["LIT1"])["standing"]:
        assert time.monotonic() < end, row
    own.connect()
    own.order("denied", account="client", px="13.70", venue="LIT1")
    own.wait_status("denied", "8")
    told = ("venue", "redial", "LIT1", "--control", doors.house.control("node"))
    with FaultProxy(doors.house.ports["LIT1"], port=nobody):
        done = ringfence(*told, "--json")
        assert (0, {"LIT1": True}) == (
            done.returncode,
            json.loads(done.stdout)["redial"]["sessions"],
        )
        node.wait_for("venue LIT1: reconciled, orders may go")
        doors.trades(own)
        assert "up" == doors.status()["sessions"]["LIT1"]["standing"]
        done = ringfence(*told)
        assert (0, True) == (done.returncode, b"left as it is" in done.stdout)
        done = ringfence("venue", "redial", "LIT9", "--control", doors.house.control("node"))
        assert (2, True) == (done.returncode, b"no venue is called LIT9" in done.stderr)
        own.drop()
        assert 0 == node.end()[0]


def test_a_drill_passes_and_is_attested(doors: Doors) -> None:
    """R67, I12, I13: a missing drill is an alert, and one that passes is on record and ends it.

    With open orders it must be asked for so.
    """
    doors.dial(doors.house.ports["LIT1"], doors.second, more='drill_every = "30 d"\n')
    missing = "venue LIT1: no drill of its present addresses has passed"
    config = doors.house.folder / "gateway.toml"
    checked = ringfence("node", "--config", config, "--trade-date", "today", "--check")
    assert (0, True) == (checked.returncode, missing.encode() in checked.stdout)
    node = doors.node()
    assert any(missing in text for text in node.alerts())
    own = doors.house.client().connect()
    own.order("rests", account="client", px="13.70", venue="LIT1")
    own.wait_status("rests", "0")
    refused = doors.ask()
    assert (2, True) == (refused.returncode, b"expected no open orders there" in refused.stderr)
    planned = doors.ask("--dry-run", "--with-open-orders")
    assert (0, True) == (planned.returncode, b"would be tried" in planned.stdout)
    assert [] == doors.drills()
    done = doors.ask("--with-open-orders", "--operator", "Ann", "--json")
    assert 0 == done.returncode, done.stderr + done.stdout
    (kept,) = doors.drills()
    assert [("backup 1", "passed"), ("primary", "passed")] * 2 == steps_of(kept)
    assert ("passed", "Ann", True) == (kept["result"], kept["operator"], kept["with_open_orders"])
    assert ["LIT1", "LIT1.drop_copy"] == [row["session"] for row in kept["sessions"]]
    failover = {"on": True, "failover_count": 2}
    addresses = [f"127.0.0.1:{port}" for port in (doors.house.ports["LIT1"], doors.second)]
    assert {**failover, "addresses": addresses} == kept["sessions"][0]["failover"]
    row = doors.status()["drills"]["LIT1"]
    assert (False, "passed", 1) == (row["overdue"], row["result"], row["backups"])
    assert row["due"] > row["last_passed"]
    doors.trades(own)
    assert 2 == len(doors.house.rows("LIT1", "orders"))
    assert 0 == node.end()[0]
    own.drop()
    again = doors.house.node()
    assert not any(missing in text for text in again.alerts())
    doors.house.verified()


@pytest.mark.parametrize("failure", ["refuses", "is silent", "does not answer"])
def test_a_backup_that_fails_is_told_and_left(failure: str, doors: Doors) -> None:
    """R67, I13: a partial failure of the backup has its reason, and the primary is back.

    New orders are denied meanwhile.
    """
    answered = Faults(silent_after=LOGON_BYTES)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        FaultProxy(doors.second, to_client=answered) as deaf,
    ):
        (nobody,) = ports(1)
        port, why = {
            "refuses": (nobody, "Connection refused"),
            "is silent": (silent.getsockname()[1], "expected a logon in time"),
            "does not answer": (deaf.port, "expected an answer to a test request in time"),
        }[failure]
        doors.dial(doors.house.ports["LIT1"], port, copies=False)
        node = doors.node()
        own = doors.house.client().connect()
        arguments = ("venue", "drill", "LIT1", "--control", str(doors.house.control("node")))
        asker = subprocess.Popen(
            [PROGRAM, *arguments, "--timeout", "12", "--json"], stdout=subprocess.PIPE
        )
        node.wait_for("drill of 1 backups")
        if failure != "refuses":
            doors.price()
            own.order("denied", account="client", px="13.70", venue="LIT1")
            denied = own.wait_status("denied", "8")
            assert "VENUE_DOWN" in denied[58], denied
        out, _ = asker.communicate(timeout=WAIT_S)
        assert 1 == asker.returncode
        found = json.loads(out)["drill"]
        assert [("backup 1", "failed"), ("primary", "passed")] == steps_of(found)
        assert why in found["sessions"][0]["steps"][0]["reason"]
        doors.trades(own)
        assert "primary" == doors.status()["sessions"]["LIT1"]["route"]
        assert any("drill: backup 1" in text and "failed" in text for text in node.alerts())
        assert ["failed"] == [drill["result"] for drill in doors.drills()]
        assert 0 == node.end()[0]
        own.drop()
    doors.house.verified()


def test_a_kill_in_the_middle_of_a_drill(doors: Doors) -> None:
    """R67, R50: after kill -9 at the backup the next start begins at the primary.

    That drill is on record as unfinished; one whose asker went away, as it ended.
    """
    with socket.create_server(("127.0.0.1", 0)) as silent:
        backup = silent.getsockname()[1]
        doors.dial(doors.house.ports["LIT1"], backup, copies=False)
        node = doors.node()
        arguments = ("venue", "drill", "LIT1", "--control", str(doors.house.control("node")))
        asker = subprocess.Popen([PROGRAM, *arguments, "--timeout", "4"])
        node.wait_for(f"dialed 127.0.0.1:{backup}")
        asker.kill()
        asker.wait(WAIT_S)
        node.wait_for("drill: primary", "passed")
        assert "failed" == settled(doors)["result"]
        asker = subprocess.Popen([PROGRAM, *arguments], stderr=subprocess.PIPE)
        node.wait_for(f"dialed 127.0.0.1:{backup}")
        node.end(signal.SIGKILL)
        _, told = asker.communicate(timeout=WAIT_S)
        assert (2, True) == (asker.returncode, b"ended before it answered" in told)
        again = doors.house.node()
        assert any(
            f"dialed 127.0.0.1:{doors.house.ports['LIT1']}" in one["text"] for one in again.lines
        )
        assert "primary" == doors.status()["sessions"]["LIT1"]["route"]
        assert ["failed", "unfinished"] == [drill["result"] for drill in doors.drills()]
        assert 0 == again.end()[0]
    doors.house.verified()


def settled(doors: Doors) -> dict[str, Any]:
    """Return the last drill of the status once its end is on record."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        row: dict[str, Any] = doors.status()["drills"]["LIT1"]
        if row["result"] != "unfinished":
            return row
    raise AssertionError("expected the end of the drill on record")
