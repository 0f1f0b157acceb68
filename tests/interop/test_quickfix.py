"""Ringfence speaks with QuickFIX: as its gateway, and as the gateway in front of it.

QuickFIX checks every message of ours against its data dictionary where recorded data is at hand;
none may be rejected. Everything else is a real process.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.e2e.processes import FACTS
from tests.faultproxy import FaultProxy
from tests.fixclient import FixClient
from tests.interop.house import House
from tests.interop.quick import QuickFixClient, QuickFixVenue

pytestmark = [
    pytest.mark.skipif(find_spec("quickfix") is None, reason="quickfix-py is not installed"),
    pytest.mark.timeout(120),
]
VERSIONS = ("FIX.4.2", "FIX.4.4", "FIXT.1.1")
TRADE = {"FIX.4.2": ("1", "2"), "FIX.4.4": ("F", "F"), "FIXT.1.1": ("F", "F")}
PARTLY, FILLED, CANCELED, REJECTED, NEW = "1", "2", "4", "8", "0"


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house without a configuration, and end what was started in it."""
    with TemporaryDirectory(prefix="rf") as name:
        built = House(Path(name))
        yield built
        built.end()


@pytest.fixture
def client(house: House, begin: str) -> Iterator[QuickFixClient]:
    """Return QuickFIX as a client that is not started."""
    (house.folder / "quick").mkdir()
    engine = QuickFixClient(house.folder / "quick", begin)
    yield engine
    engine.kill()


@pytest.fixture
def venue(house: House, begin: str) -> Iterator[QuickFixVenue]:
    """Return QuickFIX as a venue that is not started."""
    (house.folder / "quick").mkdir()
    engine = QuickFixVenue(house.folder / "quick", begin)
    yield engine
    engine.kill()


def sell(other: FixClient, name: str, qty: int) -> None:
    """Sell at LIT1 as another member, at once."""
    other.order(name, account="other", side=2, qty=qty, px="13.70", tif=3)
    other.wait_status(name, FILLED)


@pytest.mark.parametrize("begin", VERSIONS)
def test_quickfix_as_a_client(house: House, client: QuickFixClient, begin: str) -> None:
    """FIX order flow: QuickFIX enters, changes, cancels and asks; no message is rejected."""
    house.of_client(begin)
    house.lit()
    gateway = house.gateway()
    house.tell(FACTS)
    other = house.other()
    client.start(house.port)
    trades(client, other, begin)
    changes(client)
    refusals(client)
    alive(client)
    assert gateway.process.poll() is None
    assert [] == client.refused


def trades(client: QuickFixClient, other: FixClient, begin: str) -> None:
    """An order is filled in two parts, and a question is answered with what was filled."""
    client.order("one", 100, "13.70")
    client.wait_report("one", f39=NEW)
    sell(other, "a", 40)
    partly = client.wait_report("one", f39=PARTLY)
    assert (TRADE[begin][0], "40", "40", "60") == tuple(partly[tag] for tag in (150, 32, 14, 151))
    sell(other, "b", 60)
    done = client.wait_report("one", f39=FILLED)
    assert (TRADE[begin][1], "60", "100", "0") == tuple(done[tag] for tag in (150, 32, 14, 151))
    client.ask_status("one")
    status = client.wait_report("one", 2, f39=FILLED)
    assert ("3" if begin == "FIX.4.2" else "I") == status[20 if begin == "FIX.4.2" else 150]
    assert "100" == status[14]


def changes(client: QuickFixClient) -> None:
    """An order is changed, then canceled under its new identifier."""
    client.order("two", 100, "13.60")
    client.wait_report("two", f39=NEW)
    client.replace("two-a", "two", 200, "13.61")
    changed = client.wait_report("two-a", f150="5")
    assert ("two", "200") == (changed[41], changed[38])
    client.cancel("two-b", "two-a", 200)
    assert "two-a" == client.wait_report("two-b", f39=CANCELED)[41]


def refusals(client: QuickFixClient) -> None:
    """A denied order, a cancel of nothing and a question about nothing are answered with words."""
    client.order("dear", 100, "99.00")
    assert "rule" in client.wait_report("dear", f39=REJECTED)[58]
    client.cancel("none-a", "none", 100)
    refused = client.wait_report("none-a", f39=REJECTED)
    assert ("9", "none") == (refused[35], refused[41])
    client.ask_status("nothing")
    client.wait_report("nothing", f39=REJECTED)


def alive(client: QuickFixClient) -> None:
    """Heartbeats come by themselves, and one answers a test request."""
    client.send("1", [(112, "ping")])
    client.wait_for(lambda: {"ping", None} <= {m.get(112) for m in client.of_type("0")}, "beats")


@pytest.mark.parametrize("begin", VERSIONS)
def test_quickfix_as_a_client_that_is_cut_off(
    house: House, client: QuickFixClient, begin: str
) -> None:
    """FIX sessions: over a cut and kills of either side numbers go on, and reports come again."""
    house.of_client(begin)
    house.lit()
    gateway = house.gateway()
    house.tell(FACTS)
    other = house.other()
    with FaultProxy(house.port) as proxy:
        port = proxy.port
        client.start(port)
        client.order("one", 100, "13.70")
        client.wait_report("one", f39=NEW)
    client.wait_for(lambda: not client.logged_on, "the end of the connection")
    sell(other, "a", 40)
    sell(other, "b", 60)
    with FaultProxy(house.port, port=port):
        assert "Y" == client.wait_report("one", f39=FILLED)[43]
        assert "Y" == client.wait_report("one", f39=PARTLY)[43]
        client.order("two", 100, "13.60")
        client.wait_report("two", f39=NEW)
        gateway.end(signal.SIGKILL)
        client.wait_for(lambda: not client.logged_on, "the end of the connection by the kill")
        house.gateway()
        client.wait_for(lambda: client.logged_on, "a logon after the kill")
        client.cancel("two-a", "two", 100)
        client.wait_report("two-a", f39=CANCELED)
        client.kill()
        client.start(port)
        client.order("three", 100, "13.59")
        client.wait_report("three", f39=NEW)
        assert [] == client.refused
    assert client.numbers() == sorted(set(client.numbers())), begin


def enter(own: FixClient, name: str, qty: int = 100, px: str = "13.70") -> None:
    """Enter an order for the venue."""
    own.order(name, account="client", qty=qty, px=px, venue="QUICK")


@pytest.mark.parametrize("begin", VERSIONS)
def test_quickfix_as_a_venue(house: House, venue: QuickFixVenue, begin: str) -> None:
    """FIX order flow: QuickFIX fills, changes, cancels, rejects and knows nothing of an order."""
    house.of_venue(begin)
    venue.run(house.quick_port)
    house.gateway()
    house.tell(FACTS)
    client = house.own()
    enter(client, "fills", px="13.75")
    assert ("100", "13.75") == tuple(client.wait_status("fills", FILLED)[tag] for tag in (14, 31))
    enter(client, "rests")
    client.wait_status("rests", NEW)
    client.replace("rests-a", "rests", account="client", qty=200, px="13.71")
    assert "200" == client.wait_status("rests-a", NEW)[38]
    client.cancel("rests-b", "rests-a", qty=200)
    client.wait_status("rests-b", CANCELED)
    enter(client, "unlucky", qty=13)
    assert "unlucky" in client.wait_status("unlucky", REJECTED)[58]
    venue.deaf = True
    enter(client, "lost", px="13.69")
    venue.wait_for(lambda: venue.of_type("H"), "a question about the lost order")
    client.wait_status("lost", REJECTED)
    assert [] == venue.refused
    assert 4 == len({m[11] for m in venue.of_type("D")}) == len(venue.of_type("D"))


@pytest.mark.parametrize("begin", VERSIONS)
def test_quickfix_as_a_venue_that_restarts(house: House, venue: QuickFixVenue, begin: str) -> None:
    """R50, R51: what was in doubt over restarts of either side is asked for, and sent once."""
    house.of_venue(begin)
    venue.run(house.quick_port)
    gateway = house.gateway()
    house.tell(FACTS)
    client = house.own()
    enter(client, "rests")
    client.wait_status("rests", NEW)
    venue.silent = True
    enter(client, "doubt", px="13.69")
    venue.wait_for(lambda: len(venue.orders) == 2, "the order that is not answered")
    venue.kill()
    venue.run(house.quick_port)
    gateway.wait_for("reconciled, orders may go")
    client.wait_status("doubt", NEW)
    enter(client, "again", px="13.68")
    venue.wait_for(lambda: len(venue.orders) == 3, "the second order that is not answered")
    gateway.end(signal.SIGKILL)
    client.drop()
    house.gateway()
    client.connect()
    client.wait_status("again", NEW)
    for name in ("rests", "doubt", "again"):
        client.cancel(f"{name}-a", name)
        client.wait_status(f"{name}-a", CANCELED)
    assert [] == venue.refused
    assert 3 == len({m[11] for m in venue.of_type("D")}) == len(venue.of_type("D"))
    assert venue.numbers() == sorted(set(venue.numbers())), begin
