"""A process that does nothing but what its test says, in place of a native one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from typing import Any

Told = dict[str, Any]


def told(phase: str, *texts: str, name: str = "note", alert: bool = False, **more: Any) -> Told:
    """Return a status with events."""
    events = [{"name": name, "text": text, "alert": alert} for text in texts]
    return {"phase": phase, "events": events, **more}


class FakeProcess:
    """Tells what it was given, one status for each wait; waits for nothing by itself."""

    def __init__(self, statuses: Iterable[Told], after_drain: Iterable[Told] = ()) -> None:
        self.statuses = deque(statuses)
        self.after_drain = tuple(after_drain)
        self.calls: list[str] = []
        self.last: Told = told("recovering")
        self.started = threading.Event()
        self.drained = threading.Event()

    def start(self) -> None:
        """Note the call."""
        self.calls.append("start")
        self.started.set()

    def tape_times(self) -> None:
        """Return nothing: no tape is followed."""

    def wait(self, timeout_ms: int) -> Told | None:
        """Return the next status, or None while there is none."""
        assert timeout_ms > 0
        if not self.statuses:
            self.drained.wait(timeout_ms / 1_000)
            return None
        self.last = self.statuses.popleft()
        return self.last

    def status(self) -> Told:
        """Return the last status, without what was told."""
        return {key: row for key, row in self.last.items() if key != "events"}

    def drain(self) -> None:
        """Note the call, and go on with what follows it."""
        self.calls.append("drain")
        self.statuses.extend(self.after_drain)
        self.drained.set()

    def stop(self) -> None:
        """Note the call, and end."""
        self.calls.append("stop")
        self.statuses.append(told("ended", outcome="stopped"))

    def send(self, lines: bytes) -> bytes:
        """Return the lines as they came."""
        self.calls.append("send")
        return lines

    def state_hash(self) -> tuple[int, str]:
        """Return a digest."""
        self.calls.append("state_hash")
        return 7, "ab"

    def books(self, look: str, after: int) -> Any:
        """Return a statement, or three rows, the first two on a page of their own."""
        self.calls.append(f"books {look} {after}")
        if look == "statement":
            units = {"BAC": -100}
            return {
                "trades": 1,
                "ports": [{"port": "GW1", "cash": "1", "fees": "0", "units": units}],
            }
        rows = [{f"{look[:-1]}_id": number} for number in (1, 2, 3)]
        return rows[after : 2 if after < 2 else 3]

    def fault(self, command: str) -> str:
        """Return the command as it came."""
        self.calls.append("fault")
        return f"did {command}"
