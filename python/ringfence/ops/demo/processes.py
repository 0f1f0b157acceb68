"""Two venues and a gateway for the demo: files in a folder, free ports, threads of this process.

Everything is what `ringfence venue` and `ringfence node` would run from the same files, so that a
folder which is kept can be looked into, and run again, with the commands.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ringfence import config
from ringfence.config import venue as venue_config
from ringfence.errors import JournalError
from ringfence.ops import examples, native
from ringfence.ops.demo.plan import START, SYMBOLS, VENUES
from ringfence.ops.running import Process

__all__ = ["CLIENTS", "Processes", "Tape"]

CLIENTS: Final = (
    ("CLIENT", "client", "client42", "FIX.4.4"),
    ("CLIENT42", "client42", "client", "FIX.4.2"),
)
"""Session, account, account of the other one, and version of each client."""
PORTS: Final = (7001, 7101, 7102)
"""Ports of the example files, which are replaced: the gateway's, then the venues'."""
TAPE_VENUES: Final = ("XNYS", "XNAS")
"""Whose quotes and trades each venue follows."""
WAIT_MS: Final = 50
START_S: Final = 60.0
END_S: Final = 30.0
ROUND_THE_CLOCK: Final = 'start = 00:00:00\nend = 00:00:00\ntime_zone = "America/New_York"'

# A copy of all reports to the gateway, and a reader of market data.
MORE_SESSIONS: Final = """
[sessions.DEMODC]
firm = "RINGFENCE"
drop_copy = true

[sessions.DEMOMD]
firm = "WATCH"
"""
RESTRICTION: Final = (
    '{"input": "restriction", "account": "firm", "symbol": "SPY", "active": true}\n'
)


@dataclass(frozen=True, slots=True)
class Tape:
    """What the venues follow: the folder of recorded ticks, or the reconstruction; how fast."""

    recorded: Path | None
    speed: int

    @property
    def source(self) -> str:
        """Return the name of the source in the file of a venue."""
        return "reconstruction" if self.recorded is None else f"recorded:{self.recorded}"


class Processes:
    """The processes; use it in a `with` block, which leaves nothing running.

    Attributes:
        ports: Port of the gateway, then of each venue.
        told: Alerts of the gateway, as they came.
    """

    def __init__(self, folder: Path, tape: Tape) -> None:
        self.folder = folder
        self.ports = _free_ports()
        self.told: list[str] = []
        self._venues: list[native.VenueProcess] = []
        self._node: native.NodeProcess | None = None
        self._date = _write(folder, tape, self.ports)

    @property
    def journal(self) -> Path:
        """Return the folder of the gateway's journal of the day."""
        return self.folder / "journal/gateway" / self._date

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._running():
            process.stop()
            self._until(process, lambda status: status["phase"] == "ended", END_S)

    def start_venues(self) -> None:
        """Start both venues and return once they listen."""
        for name in VENUES:
            file = self.folder / "venues" / f"{name.lower()}.toml"
            loaded = venue_config.load_venue(file)
            venue = native.venue(venue_config.venue_settings(loaded, file), {})
            self._venues.append(venue)
            venue.start()
            self._until(venue, lambda status: status["phase"] == "running", START_S)

    def start_node(self) -> None:
        """Start the gateway and return once orders may go to both venues."""
        file = self.folder / "gateway.toml"
        node = native.node(config.settings(config.load(file), file), {})
        self._node = node
        node.start()
        waiting = set(VENUES)

        def is_ready(status: dict[str, Any]) -> bool:
            for event in status.get("events", ()):
                waiting.difference_update(
                    name for name in VENUES if f"{name}: reconciled" in event["text"]
                )
            return not waiting

        self._until(node, is_ready, START_S)

    def counters(self) -> dict[str, Any]:
        """Return the status of the gateway that runs."""
        return self._begun().status()

    def drain(self, between: Callable[[], None]) -> None:
        """Let the gateway cancel what is open and end; `between` is called while it does."""
        node = self._begun()
        node.drain()

        def has_ended(status: dict[str, Any]) -> bool:
            between()
            return bool(status["phase"] == "ended")

        status = self._until(node, has_ended, END_S)
        if status["outcome"] != "drained":
            raise JournalError(f"the gateway ended as {status['outcome']}: {status.get('error')}")

    def _begun(self) -> native.NodeProcess:
        if self._node is None:
            raise JournalError("the gateway was not started")
        return self._node

    def _running(self) -> list[Process]:
        """Return what still runs, the gateway first."""
        begun: list[Process] = [] if self._node is None else [self._node]
        begun += self._venues
        return [process for process in begun if process.status()["phase"] != "ended"]

    def _until(
        self, process: Process, holds: Callable[[dict[str, Any]], bool], wait_s: float
    ) -> dict[str, Any]:
        """Return the first status that holds; the end of a process before it is an error."""
        end = time.monotonic() + wait_s
        while time.monotonic() < end:
            status = process.wait(WAIT_MS) or process.status()
            if process is self._node:
                alerts = (row["text"] for row in status.get("events", ()) if row["alert"])
                self.told += alerts
            if holds(status):
                return status
            if status["phase"] == "ended":
                raise JournalError(f"a process ended early: {status.get('error')}")
        raise JournalError(f"a process did not get on in {wait_s:.0f} s")


def _free_ports() -> list[int]:
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in PORTS]
        return [probe.getsockname()[1] for probe in probes]


def _write(folder: Path, tape: Tape, ports: list[int]) -> str:
    """Write the files of the examples on these ports and for this moment; return the day."""
    now = datetime.now(UTC)
    (folder / "venues").mkdir(parents=True)
    texts = {"gateway.toml": examples.text("gateway.toml")}
    for name, place in zip(VENUES, TAPE_VENUES, strict=True):
        file = f"venues/{name.lower()}.toml"
        texts[file] = _venue_text(examples.text(file), now, tape, place)
    for file, text in texts.items():
        day = text.replace("trade_date = 2013-10-08", f"trade_date = {now:%Y-%m-%d}")
        for old, new in zip(PORTS, ports, strict=True):
            day = day.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
        (folder / file).write_text(day, encoding="utf-8")
    inputs = examples.text("gateway.jsonl") + RESTRICTION
    (folder / "gateway.jsonl").write_text(inputs, encoding="utf-8")
    return f"{now:%Y-%m-%d}"


def _venue_text(text: str, now: datetime, tape: Tape, place: str) -> str:
    """Return the file of a venue whose day, and with it the tape, begins now."""
    begins = f'start = {now:%H:%M:%S}\nend = {now:%H:%M:%S}\ntime_zone = "UTC"'
    symbols = ", ".join(f'"{symbol}"' for symbol in SYMBOLS)
    followed = (
        f'\n[tape]\nsource = "{tape.source}"\nvenue = "{place}"\nsymbols = [{symbols}]\n'
        f"start = {START}\nspeed = {tape.speed}\n"
    )
    return text.replace(ROUND_THE_CLOCK, begins) + MORE_SESSIONS + followed
