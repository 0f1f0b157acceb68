"""A gateway and two venues as real processes: an order on its way, a kill, a drain."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ringfence.errors import UsageError
from ringfence.ops.control import ask

from tests.e2e.programs import EXAMPLES, PROGRAM, ringfence
from tests.fixclient import FixClient

WAIT_S = 30
TODAY = ("--trade-date", "today")
FACTS = (
    '{"input": "market_trade", "symbol": "BAC", "px": "13.81", "qty": 1000000}\n'
    '{"input": "quote", "symbol": "BAC", "bid_px": "13.80", "ask_px": "13.82"}\n'
)


class Running:
    """A command that runs until it is told to end."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        self._errors = (folder / f"{arguments[0]}.log").open("ab")
        self.process = subprocess.Popen(
            [PROGRAM, *arguments, *TODAY, "--json", "--log-format", "json"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.lines: list[dict[str, Any]] = []

    def wait_for(self, text: str) -> None:
        """Read progress until a line has `text`; the end of the process before it fails."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(json.loads(line))
            if text in self.lines[-1]["text"]:
                return
        raise AssertionError(f"ended without {text!r}: {self.lines[-5:]}")

    def end(self, number: int = signal.SIGTERM) -> tuple[int, dict[str, Any] | None]:
        """Send a signal and return the exit code and the last status."""
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=WAIT_S)
        self._errors.close()
        return self.process.returncode, json.loads(out) if out else None


def ports(count: int) -> list[int]:
    """Return ports that are free."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder with the examples on ports that are free; its name is short for sockets."""
    with TemporaryDirectory(prefix="rf") as name:
        path = Path(name)
        (path / "venues").mkdir()
        renamed = dict(zip((7001, 7101, 7102), ports(3), strict=True))
        (path / "port").write_text(str(renamed[7001]), encoding="utf-8")
        for file in ("gateway.toml", "gateway.jsonl", "venues/lit1.toml", "venues/lit2.toml"):
            text = (EXAMPLES / file).read_text(encoding="utf-8")
            for old, new in renamed.items():
                text = text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
            (path / file).write_text(text, encoding="utf-8")
        yield path


@pytest.fixture
def venues(folder: Path) -> Iterator[list[Running]]:
    """Return both venues once they listen, and end them."""
    running = [
        Running("venue", "--config", f"venues/{name}.toml", folder=folder)
        for name in ("lit1", "lit2")
    ]
    for venue in running:
        venue.wait_for("listening")
    yield running
    for venue in running:
        if venue.process.poll() is None:
            venue.end(signal.SIGKILL)


def node(folder: Path) -> Running:
    """Return a gateway once orders may go to both venues."""
    started = Running("node", "--config", "gateway.toml", folder=folder)
    for _ in ("LIT1", "LIT2"):
        started.wait_for("reconciled, orders may go")
    return started


def client(folder: Path, **more: Any) -> FixClient:
    """Return a client that is logged on."""
    port = int((folder / "port").read_text(encoding="utf-8"))
    return FixClient(port, "CLIENT", "GW1", **more).connect()


def sent(folder: Path, lines: str) -> list[dict[str, Any]]:
    """Give inputs to the gateway as an operator does, and return the events."""
    control = folder / "run/gateway.sock"
    done = ringfence("node", "send", "--control", control, stdin=lines.encode())
    assert 0 == done.returncode, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("venues")
def test_an_order_goes_to_a_venue_and_the_gateway_drains(folder: Path) -> None:
    """R98, R93: a client's order rests at a venue; told to end, the gateway cancels it and ends."""
    gateway = node(folder)
    assert {"fact_taken"} <= {event["event"] for event in sent(folder, FACTS)}
    own = client(folder)
    own.order("rests", account="client", px="13.70", venue="LIT1")
    own.wait_status("rests", "0")
    own.order("goes", account="client", px="13.71", venue="LIT2")
    own.wait_status("goes", "0")
    own.cancel("stops", "goes")
    own.wait_status("stops", "4")
    status = ask(folder / "run/gateway.sock", {"do": "status"})["status"]
    assert ("running", 1) == (status["phase"], status["open_orders"])
    assert {"CLIENT": True, "LIT1": True} == {
        row["name"]: row["up"] for row in status["sessions"] if row["name"] in ("CLIENT", "LIT1")
    }
    code, last = gateway.end()
    assert (0, "drained") == (code, last and last["outcome"])
    own.wait_status("rests", "4")  # before the logout
    own.drop()
    checked = ringfence("journal", "verify", folder / "journal/gateway", "--json")
    assert 0 == checked.returncode, checked.stderr
    assert not (folder / "run/gateway.sock").exists()


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("venues")
def test_a_gateway_that_was_killed_goes_on(folder: Path) -> None:
    """R50, R51: after a kill the same day goes on, and the order is known by its identifier."""
    gateway = node(folder)
    sent(folder, FACTS)
    own = client(folder)
    own.order("rests", account="client", px="13.70", venue="LIT1")
    own.wait_status("rests", "0")
    code, _ = gateway.end(signal.SIGKILL)
    assert -signal.SIGKILL == code
    own.drop()
    again = node(folder)
    assert any("records folded" in line["text"] for line in again.lines)
    later = client(folder, next_out=own.next_out, next_in=own.next_in)
    later.order("rests", account="client", px="13.70", venue="LIT1")  # its identifier again
    later.wait_status("rests", "8")
    assert 0 == again.end()[0]
    later.drop()


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("venues")
def test_the_venue_cancels_when_the_gateway_is_dead(folder: Path) -> None:
    """R94: the venue cancels what rests, by no way of ours; the client is told once we are back."""
    gateway = node(folder)
    sent(folder, FACTS)
    own = client(folder)
    own.order("rests", account="client", px="13.70", venue="LIT1")
    own.wait_status("rests", "0")
    gateway.end(signal.SIGKILL)
    own.drop()
    again = node(folder)
    later = client(folder, next_out=own.next_out, next_in=own.next_in)
    later.wait_status("rests", "4")
    assert 0 == again.end()[0]
    later.drop()


@pytest.mark.timeout(120)
def test_a_venue_is_disturbed_while_it_runs(folder: Path, venues: list[Running]) -> None:
    """R105: a line of the grammar of faults acts at once; one that is none is refused."""
    control = folder / "venues/run/lit1.sock"
    with pytest.raises(UsageError, match="no fault is called"):
        ask(control, {"do": "fault", "command": "garbage"})
    assert {"answer": ""} == ask(control, {"do": "fault", "command": "halt symbol=BAC why=news"})
    code, last = venues[0].end()
    assert (0, "drained") == (code, last and last["outcome"])


def test_another_configuration_does_not_go_on_with_a_day(folder: Path) -> None:
    """R80: a day that began with other limits is refused before a port is opened."""
    gateway = Running("node", "--config", "gateway.toml", folder=folder)
    gateway.wait_for("running")
    gateway.end()
    path = folder / "gateway.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("rearm_max = 3", "rearm_max = 4"), encoding="utf-8")
    done = ringfence("node", "--config", path, "--trade-date", "today")
    assert 1 == done.returncode
    assert b"the journal began with another configuration" in done.stdout
