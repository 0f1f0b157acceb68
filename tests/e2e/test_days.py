"""One trading day after another: each is a journal of its own, and the next begins behind it."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.e2e.processes import FACTS, House, Running
from tests.e2e.programs import ringfence

pytestmark = pytest.mark.timeout(180)

TODAY = datetime.now().astimezone().date()
DAYS = tuple((TODAY - timedelta(days=back)).isoformat() for back in (1, 0))


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house whose processes are killed at the end."""
    with TemporaryDirectory(prefix="rf") as name:
        built = House(Path(name))
        yield built
        built.close()


def begun(house: House, day: str) -> tuple[Running, Running]:
    """Start a venue and the gateway on a day."""
    venue = house.venue("LIT1", trade_date=day)
    return venue, house.node(wait=("LIT1",), trade_date=day)


def traded(house: House, name: str) -> None:
    """Trade once: an order that rests, and one against it; each session begins its numbers anew."""
    house.tell(FACTS)
    client = house.client().connect()
    client.order(f"{name}-rests", account="client", venue="LIT1", px="13.81")
    client.wait_status(f"{name}-rests", "0")
    other = house.client("HOLDER").connect()
    other.order(f"{name}-takes", account="holder", venue="LIT1", px="13.81", side=2)
    client.wait_status(f"{name}-rests", "2")
    client.logout()
    other.logout()


def drained(*processes: Running) -> None:
    """End processes in good order."""
    for process in processes:
        assert 0 == process.end()[0], process.other


def stats(house: House, day: str) -> dict[str, object]:
    """Return what the gateway's journal of a day holds."""
    done = ringfence("journal", "stats", house.folder / "journal/gateway" / day, "--json")
    assert 0 == done.returncode, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_day_follows_a_day(house: House) -> None:
    """R89, R111: what was drained is over when the next day begins, sealed, and verifies."""
    house.add_client("holder", held=10_000)
    for day in DAYS:
        venue, gateway = begun(house, day)
        traded(house, day)
        drained(gateway, venue)
    assert ["sealed", "closed"] == [stats(house, day)["ending"] for day in DAYS]
    for day in DAYS:
        done = ringfence("journal", "verify", house.folder / "journal/gateway" / day)
        assert 0 == done.returncode, done.stderr
    config = house.folder / "gateway.toml"
    over = ringfence("node", "--config", config, "--trade-date", DAYS[0])
    assert 1 == over.returncode
    assert b"expected a day after" in over.stdout or b"sealed" in over.stderr + over.stdout


def test_a_day_that_broke_off_is_ended_first(house: House) -> None:
    """R50, R89: orders of a killed day may be open, so it is ended before the next begins."""
    venue, gateway = begun(house, DAYS[0])
    assert -signal.SIGKILL == gateway.end(signal.SIGKILL)[0]
    config = house.folder / "gateway.toml"
    check = ("node", "--config", config, "--trade-date", DAYS[1], "--check")
    done = ringfence(*check)
    assert 1 == done.returncode
    assert f"go on with it (--trade-date {DAYS[0]}) and drain it".encode() in done.stdout
    assert 1 == ringfence(*check[:-1]).returncode
    drained(house.node(wait=("LIT1",), trade_date=DAYS[0]), venue)
    assert 0 == ringfence(*check).returncode
    drained(*reversed(begun(house, DAYS[1])))
