"""A gateway and two venues as real processes: an order on its way, a kill, a drain."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ringfence.errors import UsageError
from ringfence.ops.control import ask

from tests.e2e.processes import FACTS, House, Running
from tests.e2e.programs import ringfence


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house whose processes are killed at the end."""
    with TemporaryDirectory(prefix="rf") as name:
        built = House(Path(name))
        yield built
        built.close()


@pytest.fixture
def venues(house: House) -> list[Running]:
    """Return both venues once they listen."""
    return [house.venue(name) for name in ("LIT1", "LIT2")]


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("venues")
def test_an_order_goes_to_a_venue_and_the_gateway_drains(house: House) -> None:
    """R98, R93: a client's order rests at a venue; told to end, the gateway cancels it and ends."""
    gateway = house.node()
    assert {"fact_taken"} <= {event["event"] for event in house.tell(FACTS)}
    own = house.client().connect()
    own.order("rests", account="client", px="13.70", venue="LIT1")
    own.wait_status("rests", "0")
    own.order("goes", account="client", px="13.71", venue="LIT2")
    own.wait_status("goes", "0")
    own.cancel("stops", "goes")
    own.wait_status("stops", "4")
    status = ask(house.control("node"), {"do": "status"})["status"]
    assert ("running", 1) == (status["phase"], status["open_orders"])
    assert {"CLIENT": True, "LIT1": True} == {
        row["name"]: row["up"] for row in status["sessions"] if row["name"] in ("CLIENT", "LIT1")
    }
    code, last = gateway.end()
    assert (0, "drained") == (code, last and last["outcome"])
    own.wait_status("rests", "4")  # before the logout
    own.drop()
    assert house.verified()["records"] > 0
    assert not house.control("node").exists()


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("venues")
def test_a_gateway_that_was_killed_goes_on(house: House) -> None:
    """R50, R51: after a kill the same day goes on, and the order is known by its identifier."""
    gateway = house.node()
    house.tell(FACTS)
    own = house.client().connect()
    own.order("rests", account="client", px="13.70", venue="LIT1")
    own.wait_status("rests", "0")
    code, _ = gateway.end(signal.SIGKILL)
    assert -signal.SIGKILL == code
    own.drop()
    again = house.node()
    assert any("records folded" in line["text"] for line in again.lines)
    later = house.client(next_out=own.next_out, next_in=own.next_in).connect()
    later.order("rests", account="client", px="13.70", venue="LIT1")  # its identifier again
    later.wait_status("rests", "8")
    assert 0 == again.end()[0]
    later.drop()


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("venues")
def test_the_venue_cancels_when_the_gateway_is_dead(house: House) -> None:
    """R94: the venue cancels what rests, by no way of ours; the client is told once we are back."""
    gateway = house.node()
    house.tell(FACTS)
    own = house.client().connect()
    own.order("rests", account="client", px="13.70", venue="LIT1")
    own.wait_status("rests", "0")
    gateway.end(signal.SIGKILL)
    own.drop()
    again = house.node()
    later = house.client(next_out=own.next_out, next_in=own.next_in).connect()
    later.wait_status("rests", "4")
    assert 0 == again.end()[0]
    later.drop()


@pytest.mark.timeout(120)
def test_a_venue_is_disturbed_while_it_runs(house: House, venues: list[Running]) -> None:
    """R105: a line of the grammar of faults acts at once; one that is none is refused."""
    control = house.control("LIT1")
    with pytest.raises(UsageError, match="no fault is called"):
        ask(control, {"do": "fault", "command": "garbage"})
    assert {"answer": ""} == ask(control, {"do": "fault", "command": "halt symbol=BAC why=news"})
    code, last = venues[0].end()
    assert (0, "drained") == (code, last and last["outcome"])


def test_another_configuration_does_not_go_on_with_a_day(house: House) -> None:
    """R80: a day that began with other limits is refused before a port is opened."""
    gateway = house.start("node", "--config", "gateway.toml")
    gateway.wait_for("running")
    gateway.end()
    path = house.folder / "gateway.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("rearm_max = 3", "rearm_max = 4"), encoding="utf-8")
    done = ringfence("node", "--config", path, "--trade-date", "today")
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"the journal began with another configuration" in done.stderr
