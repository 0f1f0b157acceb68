"""A venue without a gateway: its retail program, what members do not know, what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.processes import House
from tests.e2e.programs import ringfence as ringfence_command
from tests.fixclient import FixClient, now_text

NEW_YORK = ZoneInfo("America/New_York")

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house in which nothing runs; its processes are killed at the end."""
    with TemporaryDirectory(prefix="rf") as name:
        built = House(Path(name))
        yield built
        built.close()


@pytest.fixture
def member(house: House) -> Iterator[FixClient]:
    """Return the member of the example's second venue, logged on."""
    house.venue("LIT2")
    client = FixClient(house.ports["LIT2"], "GW1", "LIT2").connect()
    yield client
    client.drop()


def enter(member: FixClient, name: str, side: int, qty: int, px: str, **more: str) -> None:
    """Enter an order in BAC; `tif` and `part` are TimeInForce and the field of the program."""
    terms = [(11, name), (55, "BAC"), (54, side), (60, now_text()), (38, qty), (40, 2), (44, px)]
    terms += [(59, more.get("tif", "0")), *([(5701, more["part"])] if "part" in more else [])]
    member.send("D", terms)


def fill(member: FixClient, name: str) -> tuple[str, str]:
    """Return price and part of the program of the fill that ends an order."""
    report = member.wait_status(name, "2")
    return report[31], report[5701]


def test_the_example_s_retail_program_is_within_reach(member: FixClient) -> None:
    """Section 1.6: each part of the program over a session, with the venue's own dictionary."""
    member.send("e", [(324, "s"), (55, "BAC"), (263, "1"), (5702, "N")])
    enter(member, "bid", 1, 100, "13.70")
    enter(member, "ask", 2, 100, "13.72")
    enter(member, "rpi", 2, 90, "13.715", part="P")
    assert "P" == member.wait_status("rpi", "0")[5701]
    for kind in "123":
        enter(member, f"type{kind}", 1, 30, "13.72", tif="3", part=kind)
        assert ("13.715", kind) == fill(member, f"type{kind}")
    enter(member, "late", 1, 10, "13.72", tif="3", part="1")
    assert "no more price improving interest" == member.wait_status("late", "4")[58]
    told = [report[5702] for report in member.reports if report.kind == "f"]
    assert ["N", "B", "N"] == told


def test_a_trade_that_is_not_known_is_heard(house: House, member: FixClient) -> None:
    """R105: what a member does not know (FIX 35=Q) is counted and stands beside its trade."""
    enter(member, "buy", 1, 10, "13.70")
    enter(member, "sell", 2, 10, "13.70")
    exec_id = member.wait_status("buy", "2")[17]
    about = [(55, "BAC"), (54, 1), (32, 10), (31, "13.70")]
    member.send("Q", [(37, "x"), (17, exec_id), (127, "D"), *about])
    member.ask_whether_up("heard")
    (trade,) = house.rows("LIT2", "trades")
    assert ("D", None) == (trade["buyer"]["unknown"], trade["seller"]["unknown"])
    control = house.control("LIT2")
    status = json.loads(ringfence_command("venue", "status", "--control", control, "--json").stdout)
    assert 1 == status["unknown_trades"]


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("disconnect port=NOPE", "no port is called NOPE; there are GW1, GW1DC"),
        ("ack_loss symbol=NOPE", "no symbol is called NOPE; there are BAC, IBM, SPY"),
        ("clear fault=nope", "fault: expected ack_loss, late_ack"),
    ],
)
def test_a_fault_that_cannot_act_is_refused(house: House, line: str, known: str) -> None:
    """R105: by command, and by script before the venue starts: one line, and exit code 2."""
    script = house.folder / "venues/script"
    script.write_text(f"# one line\n{line}\n", encoding="utf-8")
    house.change("venues/lit2.toml", {'control = "run': 'faults = "script"\ncontrol = "run'})
    file = house.folder / "venues/lit2.toml"
    for more in ("--check", "--json"):
        done = ringfence_command("venue", "--config", file, more)
        assert 2 == done.returncode, done.stdout
        assert "line 2" in done.stderr.decode()
        assert known in done.stderr.decode()
    script.write_text("", encoding="utf-8")
    house.venue("LIT2")
    done = ringfence_command("venue", "fault", "--control", house.control("LIT2"), line)
    assert 2 == done.returncode, done.stdout
    assert known in done.stderr.decode()


def test_a_check_looks_for_the_tape(house: House) -> None:
    """Rule 17 of STYLE.md: a tape that is not there is found before a start, and by one."""
    file = house.folder / "venues/lit2.toml"
    assert 0 == ringfence_command("venue", "--config", file, "--check").returncode
    house.change("venues/lit2.toml", {}, '\n[tape]\nsource = "recorded:/nope"\nstart = 09:30:00\n')
    done = ringfence_command("venue", "--config", file, "--check")
    assert 2 == done.returncode, done.stdout
    assert "/nope: expected a recording BAC_DAY_trade.csv*" in done.stderr.decode()


def test_a_venue_says_when_its_tape_begins(house: House) -> None:
    """A tape follows New York's day: when that begins is a line of progress."""
    tape = '\n[tape]\nsource = "reconstruction"\nvenue = "XNYS"\nstart = 00:00:00\n'
    house.change("venues/lit2.toml", {}, tape)
    running = house.start("venue", "--config", "venues/lit2.toml")
    begins = datetime.combine(datetime.now().astimezone().date(), time(), NEW_YORK).astimezone(UTC)
    running.wait_for(f"the tape begins {begins:%Y-%m-%d %H:%M:%S} UTC", "first data")


def test_the_check_of_a_configuration_knows_a_venue_s_file(house: House) -> None:
    """R31: the file of a venue is read as one, right or wrong."""
    file = house.folder / "venues/lit2.toml"
    done = ringfence_command("config", "check", file)
    assert 0 == done.returncode, done.stderr
    assert "venue LIT2, 3 instruments, 2 sessions; ringfence venue --check" in done.stdout.decode()
    house.change("venues/lit2.toml", {"seed = 2": "seed = 2\nspeed = 3"})
    done = ringfence_command("config", "check", file)
    assert 2 == done.returncode
    assert "venue.speed" in done.stderr.decode()
