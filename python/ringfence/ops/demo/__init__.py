"""The demo: a gateway between two clients and two venues, on one day of the market.

    run(settings, advance) ─► Processes (venues, gateway) ─► Parties (sessions, orders) ─► Outcome

Processes are threads of this one, on ports of loopback that are free, and everything is written to
one folder. Nothing outside is reached and nothing is left running, whatever happens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.errors import UsageError
from ringfence.ops.demo.orders import Order
from ringfence.ops.demo.outcome import Check, Outcome, VenueTotals, outcome
from ringfence.ops.demo.plan import MINUTES, START, SYMBOLS, plan
from ringfence.ops.demo.processes import Processes, Tape
from ringfence.ops.demo.trading import Parties, trade
from ringfence.ops.venue_tape import recordings

__all__ = [
    "DATA",
    "MINUTES",
    "START",
    "Check",
    "Order",
    "Outcome",
    "Settings",
    "VenueTotals",
    "recorded_ticks",
    "run",
]

DATA: Final = "RINGFENCE_DATA"
"""Variable of the environment that names the folder of the recorded ticks, or the one above it."""
SEED: Final = 1

Stage = Callable[[str], None]
Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a demo is run with.

    Attributes:
        folder: Empty folder for configuration and journals; a short name, for a socket is in it.
        recorded: Folder of recorded ticks; None for the reconstruction.
        speed: Seconds of the market in one second.
        order_count: Orders of the plan.
    """

    folder: Path
    recorded: Path | None
    speed: int
    order_count: int


def recorded_ticks(named: Path | None, environment: Mapping[str, str]) -> Path | None:
    """Return the folder of the recorded ticks that is named or in the environment, or None.

    Raises UsageError for a folder that has no ticks of the demo's symbols.
    """
    folder = named or (Path(environment[DATA]) if environment.get(DATA) else None)
    if folder is None:
        return None
    for place in (folder, folder / "ticks"):
        if any(place.glob(f"{SYMBOLS[0]}_*_trade.csv*")):
            for symbol in SYMBOLS:
                list(recordings(place, symbol))
            return place.absolute()
    raise UsageError(f"{folder}: expected ticks of {' and '.join(SYMBOLS)} there or in ticks")


def run(settings: Settings, stage: Stage, advance: Advance) -> tuple[Outcome, float]:
    """Run a demo to its end and return what it came to, and how long it took in seconds.

    `stage` is told what goes on, `advance` of each order. Raises UsageError, JournalError or
    RingfenceError where something does not run as it should; then nothing is left running.
    """
    began = time.monotonic()
    tape = Tape(settings.recorded, settings.speed)
    with Processes(settings.folder, tape) as processes, closing(Parties()) as parties:
        stage("opening two venues")
        processes.start_venues()
        stage("opening the gateway")
        processes.start_node()
        parties.connect(processes.ports)
        stage("trading")
        trade(parties, plan(settings.order_count, SEED), settings.speed, advance)
        stage("draining")
        parties.close_market_data()
        processes.drain(lambda: parties.pump(0.0))
        parties.settle()
        stage("deciding every record again")
        found = outcome(parties, processes)
    return found, time.monotonic() - began
