"""A process from its start to its end: signals, progress, and the exit code.

The first SIGTERM or SIGINT drains, the second stops at once. The native process runs on threads of
its own; nothing here is on the way of an order.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, Protocol

from ringfence.errors import (
    JournalError,
    KernelHalted,
    RingfenceError,
    UnsettledError,
    UsageError,
)

__all__ = ["ENDINGS", "WAIT_MS", "Look", "Process", "Reporter", "run"]

WAIT_MS: Final = 200
"""How long one wait for news takes at most, milliseconds; a signal is noticed after it."""
ENDINGS: Final[Mapping[str, type[RingfenceError] | None]] = {
    "drained": None,
    "stopped": None,
    "unsettled": UnsettledError,
    "failed": JournalError,
    "refused": UsageError,
    "halted": KernelHalted,
}
"""How a process can end, and the error that its command then raises."""
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class Process(Protocol):
    """What the native half offers for a node and for a simulated venue.

    A status is an object with `phase` (`recovering`, `running`, `draining`, `ended`), at the end
    with `outcome`, one of `ENDINGS`, and `error`. That of `wait` has `events` as well, what was
    told since the last one: objects with `name`, `text` and whether it is an `alert`.
    """

    def start(self) -> None:
        """Begin: open the journal and the ports; progress is told by `wait`."""

    def wait(self, timeout_ms: int) -> dict[str, Any] | None:
        """Return the status once it has changed, or None after `timeout_ms`."""

    def status(self) -> dict[str, Any]:
        """Return the status."""

    def drain(self) -> None:
        """Take nothing new, settle what is open, then end."""

    def stop(self) -> None:
        """End at once; what is durable stays."""


Reporter = Callable[[Mapping[str, Any]], None]
"""Is given each status that differs from the one before."""
Look = Callable[[float], Sequence[str]]
"""Returns what a person should act on, at a time of a clock that never steps, seconds."""


def _sees_nothing(_monotonic_s: float) -> Sequence[str]:
    return ()


def run(process: Process, report: Reporter, look: Look = _sees_nothing) -> dict[str, Any]:
    """Start a process, report its progress, and return its last status once it has ended.

    What `look` finds beside the process, at each turn, is reported as an alert.

    Raises what `ENDINGS` has for its outcome; a process that ended in another way has failed.
    """
    with _signals(process):
        process.start()
        status = process.status()
        report(status)
        while status["phase"] != "ended":
            changed = process.wait(WAIT_MS)
            if changed is not None:
                status = changed
                report(status)
            if found := look(time.monotonic()):
                events = [{"name": "alert", "text": text, "alert": True} for text in found]
                report({"phase": status["phase"], "events": events})
    outcome = str(status.get("outcome"))
    error = ENDINGS.get(outcome, JournalError)
    if error is not None:
        raise error(str(status.get("error") or f"ended without a reason: {outcome}"))
    return status


@contextmanager
def _signals(process: Process) -> Iterator[None]:
    """Drain at the first signal and stop at the second, while the block runs."""
    count = 0

    def take(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count == 1:
            process.drain()
        else:
            process.stop()

    before = [(number, signal.signal(number, take)) for number in SIGNALS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
