"""A broker's house as real processes: a gateway and two venues in a folder of their own.

Whoever starts a process here sees every line that it tells, by a thread that reads; nothing waits
by sleeping.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.e2e.programs import EXAMPLES, PROGRAM, ringfence
from tests.fixclient import FixClient

WAIT_S = 30.0
FILES = ("gateway.toml", "gateway.jsonl", "venues/lit1.toml", "venues/lit2.toml")
PORTS = {"gateway": 7001, "LIT1": 7101, "LIT2": 7102}
CONTROL = {
    "node": "run/gateway.sock",
    "LIT1": "venues/run/lit1.sock",
    "LIT2": "venues/run/lit2.sock",
}
JOURNAL = "journal/gateway"
RECONCILED = "reconciled, orders may go"
FACTS = (
    '{"input": "market_trade", "symbol": "BAC", "px": "13.81", "qty": 1000000}\n'
    '{"input": "quote", "symbol": "BAC", "bid_px": "13.80", "ask_px": "13.82"}\n'
)

CLIENT = """
[accounts.{name}]
above = "desk"
profile = "client"
tradable = true
self_match_group = "{name}"
self_match_policy = "deny_incoming"

[[opening_positions]]
account = "{name}"
symbol = "BAC"
qty = {held}
average_px = "13.81"

[sessions.{session}]
ord_types = ["limit", "market"]
phases = ["continuous"]
accounts = ["{name}"]
symbols = ["*"]
venues = ["LIT1", "LIT2"]
strategies = ["DMA"]

[sessions.{session}.fix]
begin_string = "{version}"
message_max = 100_000
"""
MARGIN = (
    '{{"input": "margin_requirement", "account": "{name}", "requirement": 2500, '
    '"buying_power": "1000000000"}}\n'
)

Line = dict[str, Any]


class Running:
    """A command that runs until it is told to end; every line that it tells is kept."""

    def __init__(
        self,
        *arguments: str,
        folder: Path,
        limits: Callable[[], None] | None = None,
        environment: Mapping[str, str] | None = None,
        trade_date: str = "today",
    ) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, *arguments, "--trade-date", trade_date, "--json", "--log-format", "json"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            preexec_fn=limits,  # noqa: PLW1509  no thread of this test runs when it is given
        )
        self.lines: list[Line] = []
        self.other: list[str] = []
        self.out = ""
        self._seen = 0
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as told:
            for line in told:
                with self._changed:
                    if line.startswith(b"{"):
                        self.lines.append(json.loads(line))
                    else:
                        self.other.append(line.decode())
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for(self, *texts: str, seconds: float = WAIT_S) -> Line:
        """Wait for a line with all `texts` behind those that were waited for; return it."""
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                for at in range(self._seen, len(self.lines)):
                    if all(text in self.lines[at]["text"] for text in texts):
                        self._seen = at + 1
                        return self.lines[at]
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    why = "it ended" if self._ended else "in vain"
                    recent = [line["text"] for line in self.lines[-12:]]
                    raise AssertionError(f"waited for {texts}, {why}: {recent} {self.other}")
                self._changed.wait(min(left, 0.5))

    def alerts(self) -> list[str]:
        """Return what a person was told to look at so far."""
        with self._changed:
            return [line["text"] for line in self.lines if line["alert"]]

    def mark(self) -> None:
        """Wait for lines from here on only."""
        with self._changed:
            self._seen = len(self.lines)

    def ended(self, seconds: float = WAIT_S) -> tuple[int, dict[str, Any] | None]:
        """Wait for the end; return the exit code and the last status."""
        assert self.process.stdout is not None
        code = self.process.wait(seconds)
        self._reader.join(seconds)
        with self.process.stdout as out:
            self.out = out.read().decode()
        return code, json.loads(self.out) if self.out.startswith("{") else None

    def end(self, number: int = signal.SIGTERM) -> tuple[int, dict[str, Any] | None]:
        """Send a signal and return the exit code and the last status."""
        self.process.send_signal(number)
        return self.ended()

    def kill(self) -> None:
        """Kill it at once, if it still runs."""
        if self.process.poll() is None:
            self.end(signal.SIGKILL)


def ports(count: int) -> list[int]:
    """Return ports that are free."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


class House:
    """A folder with a gateway and two venues on ports that are free; its name must be short.

    Attributes:
        ports: port of the gateway and of each venue, by name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = dict(zip(PORTS, ports(len(PORTS)), strict=True))
        self._started: list[Running] = []
        self._venues: dict[str, Running] = {}
        self._clients: list[FixClient] = []
        (folder / "venues").mkdir()
        renamed = {PORTS[name]: port for name, port in self.ports.items()}
        for file in FILES:
            text = (EXAMPLES / file).read_text(encoding="utf-8")
            for old, new in renamed.items():
                text = text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
            (folder / file).write_text(text, encoding="utf-8")

    # --- configuration ------------------------------------------------------------------------

    def change(self, file: str, changes: Mapping[str, str], more: str = "") -> None:
        """Replace texts of a file, each of which must be there, and put `more` at its end."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        for old, new in changes.items():
            assert old in text, f"{file}: no {old!r}"
            text = text.replace(old, new)
        path.write_text(text + more, encoding="utf-8")

    def widen(self, limits: Mapping[str, str]) -> None:
        """Give every profile that has a limit this value of it."""
        path = self.folder / "gateway.toml"
        text = path.read_text(encoding="utf-8")
        for name, value in limits.items():
            text, count = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
            assert count, f"no limit is called {name}"
        path.write_text(text, encoding="utf-8")

    def add_client(self, name: str, version: str = "FIX.4.4", *, held: int = 0) -> None:
        """Add an account and the session that trades for it, called as the account in capitals."""
        terms = {"name": name, "session": name.upper(), "version": version, "held": held}
        self.change("gateway.toml", {}, CLIENT.format(**terms))
        self.change("gateway.jsonl", {}, MARGIN.format(name=name))

    def keep_orders(self, venue: str) -> None:
        """Let a venue keep the gateway's orders when their connection is lost."""
        change = {"cancel_on_disconnect = true": "cancel_on_disconnect = false"}
        self.change(f"venues/{venue.lower()}.toml", change)

    # --- processes ----------------------------------------------------------------------------

    def start(self, *arguments: str, **more: Any) -> Running:
        """Start a command that is killed at the end if it still runs."""
        running = Running(*arguments, folder=self.folder, **more)
        self._started.append(running)
        return running

    def venue(self, name: str, **more: Any) -> Running:
        """Start a venue and wait until it listens."""
        running = self.start("venue", "--config", f"venues/{name.lower()}.toml", **more)
        running.wait_for("listening")
        self._venues[name] = running
        return running

    def kill_venue(self, name: str) -> None:
        """Kill a venue that was started."""
        self._venues[name].kill()

    def node(self, *, wait: Iterable[str] = ("LIT1", "LIT2"), **more: Any) -> Running:
        """Start the gateway and wait until orders may go to as many venues as `wait` names."""
        running = self.start("node", "--config", "gateway.toml", **more)
        for _ in wait:
            running.wait_for(RECONCILED)
        return running

    def close(self) -> None:
        """Kill what still runs, and close what a test that failed left open."""
        for running in self._started:
            running.kill()
        for client in self._clients:
            client.drop()

    # --- talking ------------------------------------------------------------------------------

    def control(self, name: str) -> Path:
        """Return the control socket of `node` or of a venue."""
        return self.folder / CONTROL[name]

    def client(self, name: str = "CLIENT", **more: Any) -> FixClient:
        """Return a client that is not connected; its connection ends with the house."""
        client = FixClient(self.ports["gateway"], name, "GW1", **more)
        self._clients.append(client)
        return client

    def tell(self, lines: str) -> list[dict[str, Any]]:
        """Give inputs to the gateway as an operator does, and return the events."""
        done = ringfence("node", "send", "--control", self.control("node"), stdin=lines.encode())
        assert 0 == done.returncode, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def rows(self, venue: str, look: str) -> list[dict[str, Any]]:
        """Return the `orders` or `trades` of a venue."""
        done = ringfence("venue", look, "--control", self.control(venue))
        assert 0 == done.returncode, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def statement(self, venue: str) -> dict[str, Any]:
        """Return what each port holds at a venue, by port; the nameless one is nobody's."""
        done = ringfence("venue", "statement", "--control", self.control(venue), "--json")
        assert 0 == done.returncode, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return {**found, "ports": {row["port"]: row for row in found["ports"]}}

    def day(self) -> Path:
        """Return the folder of the one day in the gateway's journal."""
        (found,) = [path for path in (self.folder / JOURNAL).iterdir() if path.is_dir()]
        return found

    def verified(self) -> dict[str, Any]:
        """Return what `journal verify` says of the gateway's journal, which must be in order."""
        done = ringfence("journal", "verify", self.folder / JOURNAL, "--json")
        assert 0 == done.returncode, done.stderr + done.stdout
        found: dict[str, Any] = json.loads(done.stdout)
        return found
