"""The clock of the machine before and while a gateway runs, in real processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ringfence.ops.control import ask

from tests.e2e.processes import House
from tests.e2e.programs import ringfence

pytestmark = pytest.mark.timeout(120)

TODAY = ("--trade-date", "today")
STRICT = 'clock_error_max = "1 ns"  # no clock is known so well'
UNKNOWN = "offset from UTC is unknown"


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house whose clock counts as unknown, whatever steers it."""
    with TemporaryDirectory(prefix="rf") as name:
        built = House(Path(name))
        built.change("gateway.toml", {'clock_unfit = "alert"': f'{STRICT}\nclock_unfit = "alert"'})
        yield built
        built.close()


def test_an_unknown_clock_begins_no_day(house: House) -> None:
    """R89, R111: --check says it, a start ends with 1, and no journal is begun."""
    house.change("gateway.toml", {'clock_unfit = "alert"': 'clock_unfit = "refuse"'})
    for more, told in ((("--check",), "stdout"), ((), "stderr")):
        done = ringfence("node", "--config", house.folder / "gateway.toml", *TODAY, *more)
        assert 1 == done.returncode, done.stderr
        assert UNKNOWN.encode() in getattr(done, told)
    assert not list(house.folder.glob("**/*.rfj"))


def test_an_unknown_clock_is_told_and_shown(house: House) -> None:
    """R111: a gateway that may begin all the same has one alert about it, and shows it."""
    gateway = house.node(wait=())
    assert gateway.wait_for(UNKNOWN)["alert"]
    status = ask(house.control("node"), {"do": "status"})["status"]
    assert "unknown" == status["clock"]
    assert {"clock_offset_ns", "clock_est_error_ns", "clock_max_error_ns"} <= status.keys()
    shown = ringfence("node", "status", "--control", house.control("node"))
    assert b"clock" in shown.stdout
    assert b"unknown" in shown.stdout
    assert 0 == gateway.end()[0]
