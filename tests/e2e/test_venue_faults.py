"""Faults of a venue from one end to the other: by command and by script, and what they lead to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import ringfence
from ringfence.ops.control import ask

from tests.e2e.processes import FACTS, House, Running
from tests.e2e.programs import ringfence as ringfence_command
from tests.fixclient import FixClient, Report

pytestmark = pytest.mark.timeout(120)

HELD = 10_000

Made = tuple[House, Running, FixClient, FixClient]


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house with a second client; its processes are killed at the end."""
    with TemporaryDirectory(prefix="rf") as name:
        built = House(Path(name))
        built.add_client("other", held=HELD)
        built.change("gateway.toml", {'ack_timeout = "2 s"': 'ack_timeout = "1 s"'})
        built.widen({"age_max": '"24 h"'})
        yield built
        built.close()


@pytest.fixture
def trading(house: House) -> Made:
    """Return a house in which everything runs, its gateway, and two clients, logged on."""
    for name in ("LIT1", "LIT2"):
        house.venue(name)
    gateway = house.node()
    house.tell(FACTS)
    return house, gateway, house.client().connect(), house.client("OTHER").connect()


def fault(house: House, line: str, venue: str = "LIT1") -> None:
    """Disturb a venue as an operator does."""
    done = ringfence_command("venue", "fault", "--control", house.control(venue), line)
    assert 0 == done.returncode, done.stderr


def enter(client: FixClient, name: str, **terms: Any) -> None:
    """Enter an order of 100 at LIT1 for the example's client."""
    client.order(name, **{"account": "client", "venue": "LIT1", "px": "13.81", **terms})


def phase(name: str) -> str:
    """Return the line that sets the phase of BAC."""
    return json.dumps({"input": "phase_change", "symbol": "BAC", "phase": name}) + "\n"


def halt(*, active: bool, venue: str | None = None) -> str:
    """Return the line by which an operator begins or ends a halt of BAC."""
    fields = {"input": "trading_halt", "symbol": "BAC", "venue": venue, "active": active}
    return json.dumps({name: value for name, value in fields.items() if value is not None}) + "\n"


def refused(client: FixClient, name: str, reason: str = "NOT_ENTITLED") -> None:
    """Wait until an order is refused: for its phase, where nothing else is said."""
    assert reason in client.wait_status(name, "8")[58]


def end(house: House, gateway: Running, *clients: FixClient) -> ringfence.Kernel:
    """End the gateway in good order and return the fold of its journal."""
    code, last = gateway.end()
    for client in clients:
        client.drop()
    assert (0, "drained") == (code, last and last["outcome"])
    house.verified()
    return ringfence.replay(house.day())


def held(kernel: ringfence.Kernel, account: str) -> int:
    """Return the units of BAC that an account holds."""
    rows = [row for row in kernel.positions(account) if row["symbol"] == "BAC"]
    return sum(row["qty"] for row in rows)


def told(client: FixClient, exec_type: str) -> list[Report]:
    """Return the reports of one kind (FIX 150) that a client was told."""
    with client.changed:
        return [report for report in client.reports if report.get(150) == exec_type]


def cross(buyer: FixClient, seller: FixClient, name: str, **terms: Any) -> None:
    """Trade 100 between two clients, at 13.81 and LIT1 where no terms say else; the buyer rests."""
    enter(buyer, f"{name}-buy", **terms)
    buyer.wait_status(f"{name}-buy", "0")
    enter(seller, f"{name}-sell", account="other", side=2, **terms)
    buyer.wait_status(f"{name}-buy", "2")
    seller.wait_status(f"{name}-sell", "2")


def test_a_lost_answer_is_doubt_until_the_venue_is_asked(trading: Made) -> None:
    """R50, I9: silence is neither yes nor no: in doubt, asked about, resolved; sent once."""
    house, gateway, client, other = trading
    fault(house, "ack_loss count=2")  # the answer and its copy
    enter(client, "lost", px="13.70")
    gateway.wait_for("child_in_doubt")
    client.wait_status("lost", "0")  # the answer to the question says so
    client.cancel("stop", "lost")
    client.wait_status("stop", "4")
    assert 1 == len(house.rows("LIT1", "orders"))
    end(house, gateway, client, other)


def test_a_lost_answer_is_known_by_its_copy(trading: Made) -> None:
    """R49: what the first session does not bring is booked from the drop copy session."""
    house, gateway, client, other = trading
    fault(house, "ack_loss port=GW1")
    enter(client, "copied", px="13.70")
    client.wait_status("copied", "0")
    assert not any("child_in_doubt" in text for text in gateway.alerts())
    end(house, gateway, client, other)


def test_a_fill_that_comes_twice_counts_once(trading: Made) -> None:
    """I8, R49: the same ExecID again, and its copy on the drop copy session, change nothing."""
    house, gateway, client, other = trading
    fault(house, "duplicate_fill id=same")
    cross(client, other, "twice")
    kernel = end(house, gateway, client, other)
    assert (1, 1) == (len(told(client, "F")), len(told(other, "F")))
    assert (100, HELD - 100) == (held(kernel, "client"), held(kernel, "other"))
    assert {0} == {row["difference"] for row in kernel.zero_sum()}


def test_a_bust_takes_the_fill_back(trading: Made) -> None:
    """R54, FIX 150=H: both sides are reversed, both clients told with the ExecID they know."""
    house, gateway, client, other = trading
    cross(client, other, "void")
    (trade,) = house.rows("LIT1", "trades")
    fault(house, f"bust exec={trade['buyer']['exec_id']}")
    for one in (client, other):
        one.wait_for(partial(told, one, "H"), "a bust")
        (filled,), (bust,) = told(one, "F"), told(one, "H")
        assert filled[17] == bust[19]
        assert "0" == bust[14]
    assert house.rows("LIT1", "trades")[0]["void"]
    kernel = end(house, gateway, client, other)
    assert (0, HELD) == (held(kernel, "client"), held(kernel, "other"))
    assert {0} == {row["difference"] for row in kernel.zero_sum()}


def test_a_correction_changes_the_fill(trading: Made) -> None:
    """R54, FIX 150=G: another price and quantity, booked once, told with the ExecID it corrects."""
    house, gateway, client, other = trading
    cross(client, other, "wrong")
    (trade,) = house.rows("LIT1", "trades")
    fault(house, f"correct exec={trade['seller']['exec_id']} px=13.80 qty=60")
    client.wait_for(lambda: told(client, "G"), "a correction")
    other.wait_for(lambda: told(other, "G"), "a correction")
    assert ("60", "13.8") == (told(client, "G")[0][32], told(client, "G")[0][31])
    kernel = end(house, gateway, client, other)
    assert (60, HELD - 60) == (held(kernel, "client"), held(kernel, "other"))


def test_an_execution_that_nobody_ordered_halts_its_venue(trading: Made) -> None:
    """R46, FIX 35=Q: booked to the error account, refused to the venue, alerted, venue halted."""
    house, gateway, client, other = trading
    fault(house, "unknown_execution port=GW1 symbol=BAC side=buy qty=300 px=13.81")
    tripped = gateway.wait_for("latch_tripped", "LIT1", "ORPHAN")
    assert tripped["alert"]
    enter(client, "after", px="13.70")
    refused = client.wait_status("after", "8")
    assert "HALTED" in refused[58], refused[58]
    enter(client, "elsewhere", px="13.70", venue="LIT2")
    client.wait_status("elsewhere", "0")
    assert any("LIT1" in text for text in gateway.alerts())
    kernel = end(house, gateway, client, other)
    assert (300, 0) == (held(kernel, "error"), held(kernel, "client"))


def test_a_venue_that_only_says_that_it_lives(trading: Made) -> None:
    """R50: heartbeats without answers: the order is in doubt, and is known once answers come."""
    house, gateway, client, other = trading
    fault(house, "silence")
    enter(client, "quiet", px="13.70")
    gateway.wait_for("child_in_doubt")
    status = ask(house.control("node"), {"do": "status"})["status"]
    assert {"LIT1": True} == {r["name"]: r["up"] for r in status["sessions"] if r["name"] == "LIT1"}
    assert not client.of("quiet") or "0" not in {r.get(150) for r in client.of("quiet")}
    fault(house, "clear")
    client.wait_status("quiet", "0")
    assert 1 == len(house.rows("LIT1", "orders"))
    end(house, gateway, client, other)


def test_a_disconnection_is_reconciled(trading: Made) -> None:
    """R50, R69: orders that the venue canceled meanwhile are told as canceled, then it is up."""
    house, gateway, client, other = trading
    enter(client, "rests", px="13.70")
    client.wait_status("rests", "0")
    fault(house, "disconnect port=GW1")
    client.wait_status("rests", "4")
    gateway.wait_for("LIT1", "reconciled")
    enter(client, "again", px="13.69")
    client.wait_status("again", "0")
    end(house, gateway, client, other)


def test_a_halt_and_its_reopening(trading: Made) -> None:
    """R33, FIX 35=f: in a halt nothing is taken anywhere; it ends in the phase that was set."""
    house, gateway, client, other = trading
    fault(house, "halt symbol=BAC why=news")
    assert gateway.wait_for("BAC is halted")["alert"]
    for venue in ("LIT1", "LIT2"):
        enter(client, f"in-halt-{venue}", venue=venue)
        refused(client, f"in-halt-{venue}")
    house.tell(phase("overnight"))
    fault(house, "reopen symbol=BAC")
    assert not gateway.wait_for("halt of BAC is over: overnight")["alert"]
    enter(client, "overnight")
    refused(client, "overnight")
    house.tell(phase("continuous"))
    cross(client, other, "after")
    end(house, gateway, client, other)


def test_the_reason_of_a_halt_says_whom_it_holds_for(trading: Made) -> None:
    """R26, FIX 327: a halt for the venue's own reasons leaves the other open, one for news none."""
    house, gateway, client, other = trading
    fault(house, "halt reason=equipment_changeover symbol=BAC why=a switch is replaced")
    assert gateway.wait_for("LIT1: BAC is halted, operational")["alert"]
    enter(client, "own")
    refused(client, "own", "VENUE_HALTED")
    cross(client, other, "elsewhere", venue="LIT2")
    fault(house, "halt reason=news_pending symbol=BAC why=results")
    assert gateway.wait_for("LIT1: BAC is halted, regulatory")["alert"]
    for venue in ("LIT1", "LIT2"):
        enter(client, f"news-{venue}", venue=venue)
        refused(client, f"news-{venue}")
    fault(house, "reopen symbol=BAC")
    gateway.wait_for("halt of BAC is over: continuous")
    cross(client, other, "after", px="13.82")
    end(house, gateway, client, other)


def test_a_limit_pause_holds_everywhere(house: House) -> None:
    """R26, R71: a pause after a limit state at one venue closes the instrument until it is over."""
    house.change("venues/lit1.toml", {'width = "5 %"': 'width = "5 %"\nlimit_state = "1 s"'})
    for name in ("LIT1", "LIT2"):
        house.venue(name)
    gateway = house.node()
    house.tell(FACTS)
    client, other = house.client().connect(), house.client("OTHER").connect()
    fault(house, "band symbol=BAC lower=13.50 upper=13.83")
    enter(client, "edge", px="13.83")
    client.wait_status("edge", "0")
    assert gateway.wait_for("LIT1: BAC is halted, regulatory")["alert"]
    for venue in ("LIT1", "LIT2"):
        enter(client, f"paused-{venue}", venue=venue)
        refused(client, f"paused-{venue}")
    fault(house, "reopen symbol=BAC")
    gateway.wait_for("halt of BAC is over: continuous")
    client.cancel("off", "edge")
    client.wait_status("off", "4")
    cross(client, other, "after", venue="LIT2")
    end(house, gateway, client, other)


def test_no_venue_and_no_silence_ends_a_halt(trading: Made) -> None:
    """R26: an operator's halt is the operator's; a venue's outlives its death and our restart."""
    house, gateway, client, other = trading
    house.tell(halt(active=True))
    fault(house, "disconnect port=GW1", "LIT2")
    gateway.mark()
    gateway.wait_for("LIT2: reconciled")
    fault(house, "halt symbol=BAC why=x")
    gateway.wait_for("BAC is halted")
    fault(house, "reopen symbol=BAC")
    gateway.wait_for("halt of BAC is over: halted")
    enter(client, "operator")
    refused(client, "operator")
    house.tell(halt(active=False))
    fault(house, "halt symbol=BAC why=news")
    gateway.wait_for("BAC is halted")
    gateway.kill()
    house.kill_venue("LIT1")
    client.drop()
    other.drop()
    gateway = house.node(wait=("LIT2",))
    client = house.client().connect(reset=True)
    enter(client, "silence", venue="LIT2")
    refused(client, "silence")
    house.tell(halt(active=False, venue="LIT1"))
    enter(client, "over", venue="LIT2", px="13.70")
    client.wait_status("over", "0")
    end(house, gateway, client)


def test_a_closed_venue_is_not_sent_to(house: House) -> None:
    """FIX 35=g, h: a venue between its windows says that it is closed; others are sent to."""
    far = (datetime.now(UTC) + timedelta(days=3)).strftime("%a").lower()
    week = 'days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
    house.change("venues/lit1.toml", {week: f'days = ["{far}"]'})
    for name in ("LIT1", "LIT2"):
        house.venue(name)
    gateway = house.node()
    gateway.wait_for("LIT1: its session is closed")
    house.tell(FACTS)
    client = house.client().connect()
    enter(client, "closed", px="13.70")
    assert "VENUE_CLOSED" in client.wait_status("closed", "8")[58]
    enter(client, "open", px="13.70", venue="LIT2")
    client.wait_status("open", "0")
    end(house, gateway, client)


def test_a_script_does_by_itself_what_commands_do(house: House) -> None:
    """R105: a file of faults beside the venue's: refused orders from its first moment on."""
    house.change("venues/lit1.toml", {'control = "run': 'faults = "script"\ncontrol = "run'})
    (house.folder / "venues/script").write_text("at -24h reject_orders count=2\n", encoding="utf-8")
    for name in ("LIT1", "LIT2"):
        house.venue(name)
    gateway = house.node()
    house.tell(FACTS)
    client = house.client().connect()
    for qty, (name, status) in enumerate((("one", "8"), ("two", "8"), ("three", "0")), 1):
        enter(client, name, px="13.70", qty=qty)
        client.wait_status(name, status)
    end(house, gateway, client)
