"""A drill of a venue's backups in a node that runs, from the request to its record.

The node's own loop does it and comes back to the primary whatever happens here. Refuses a drill
that cannot be recorded: what is not on the disk was not exercised.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec

from ringfence import _core
from ringfence.errors import JournalError, RingfenceError, UsageError
from ringfence.ops.control import Request
from ringfence.ops.drill_due import dialed
from ringfence.ops.drill_file import Drill, DrillFile, SessionDrill
from ringfence.ops.native import NodeProcess

__all__ = ["ANSWER_MARGIN_S", "OPERATOR_CHARS_MAX", "TIMEOUT_S_MAX", "DrillDesk"]

TIMEOUT_S_MAX: Final = 3_600
"""Longest time for a drill, seconds."""
OPERATOR_CHARS_MAX: Final = 80
"""Longest text of who asks."""
ANSWER_MARGIN_S: Final = 300
"""Time beyond that of the drill in which its answer comes at the latest: a dial that is under way
when the time is over is waited for."""
MS: Final = 1_000


class DrillDesk:
    """Takes requests for drills, one at a time, and keeps their records."""

    def __init__(self, settings: Mapping[str, Any], process: NodeProcess, file: DrillFile) -> None:
        self._settings = settings
        self._process = process
        self._file = file
        self._busy = threading.Lock()
        self._core_sha256 = _core_digest()

    def drill(self, request: Request) -> dict[str, Any]:
        """Carry out a drill and return its record; with `dry_run` what it would be."""
        asked = _asked(request)
        sessions = list(dialed(self._settings, asked.venue))
        known = {row["of"] for row in self._settings["sessions"] if row["side"] == "initiator"}
        if asked.venue not in known:
            raise UsageError(f"no venue is called {asked.venue}: {', '.join(sorted(known))}")
        if not sessions:
            raise UsageError(f"venue {asked.venue} has a single address, and no backup to try")
        if not self._busy.acquire(blocking=False):
            raise UsageError("expected no other drill, found one that runs")
        try:
            plan = tuple(self._run(name, asked.timeout_s, asked, plan=True) for name in sessions)
            began = self._began(request.asked_by, asked, plan)
            if asked.dry_run:
                return {"drill": msgspec.to_builtins(began), "dry_run": True}
            self._file.append(began)
            ended = self._ended(began, asked, sessions)
            self._file.append(ended)
            return {"drill": msgspec.to_builtins(ended), "dry_run": False}
        finally:
            self._busy.release()

    def _began(self, asked_by: str, asked: _Asked, plan: tuple[SessionDrill, ...]) -> Drill:
        now = _now()
        return Drill(
            drill=f"{now} {asked.venue}",
            event="began",
            ts=now,
            venue=asked.venue,
            asked_by=asked_by,
            operator=asked.operator,
            node=self._settings["node"],
            version=version("ringfence"),
            core_sha256=self._core_sha256,
            config_digest=self._settings["config_digest"],
            timeout_s=asked.timeout_s,
            with_open_orders=asked.with_open_orders,
            sessions=plan,
        )

    def _ended(self, began: Drill, asked: _Asked, sessions: list[str]) -> Drill:
        """Drill session after session, each with an equal share of the time that is left."""
        until_s = time.monotonic() + asked.timeout_s
        done: list[SessionDrill] = []
        error = None
        for left, name in zip(range(len(sessions), 0, -1), sessions, strict=True):
            share_s = max(1.0, (until_s - time.monotonic()) / left)
            try:
                done.append(self._run(name, share_s, asked, plan=False))
            except (RingfenceError, OSError) as failure:
                error = str(failure)
                break
            if done[-1].steps[-1].result != "passed":
                error = f"{name} is not back at its primary"
                break
        passed = error is None and all(row.passed for row in done)
        return msgspec.structs.replace(
            began, event="ended", ts=_now(), sessions=tuple(done), passed=passed, error=error
        )

    def _run(self, name: str, share_s: float, asked: _Asked, *, plan: bool) -> SessionDrill:
        found = self._process.drill(name, int(share_s * MS), asked.with_open_orders, plan)
        steps = [
            {
                **{key: row for key, row in step.items() if not key.endswith("_ns")},
                "began": _text(step["began_ns"]),
                "ended": _text(step["ended_ns"]),
            }
            for step in found["steps"]
        ]
        kept = {key: row for key, row in found.items() if not key.endswith("_ns")}
        return msgspec.convert({**kept, "steps": steps}, type=SessionDrill)


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a request for a drill says."""

    venue: str
    operator: str | None = None
    timeout_s: int = 60
    with_open_orders: bool = False
    dry_run: bool = False


def _asked(request: Mapping[str, Any]) -> _Asked:
    try:
        asked = msgspec.convert(dict(request), type=_Asked)
    except msgspec.ValidationError as refusal:
        raise UsageError(f"expected the terms of a drill: {refusal}") from None
    if not 1 <= asked.timeout_s <= TIMEOUT_S_MAX:
        raise UsageError(f"expected a time of 1 to {TIMEOUT_S_MAX} s, found {asked.timeout_s}")
    operator = asked.operator
    if operator is not None and not (
        1 <= len(operator) <= OPERATOR_CHARS_MAX and operator.isprintable()
    ):
        raise UsageError(f"expected an operator of 1 to {OPERATOR_CHARS_MAX} printable characters")
    return asked


def _core_digest() -> str:
    """Return the digest of the native half; asked for at the start, of what was started."""
    path = _core.__file__
    if path is None:
        raise JournalError("the native half has no file to attest")
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _text(nanos: int) -> str:
    moment = datetime.fromtimestamp(nanos // 10**9, UTC)
    millis = nanos % 10**9 // 10**6
    return moment.replace(microsecond=millis * MS).isoformat(timespec="milliseconds")
