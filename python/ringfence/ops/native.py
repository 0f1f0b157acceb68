"""The native processes: a gateway node and a simulated venue, each on threads of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from ringfence import _core
from ringfence.errors import InputError, UsageError
from ringfence.ops.running import Process
from ringfence.ops.venue_tape import venue_tape

__all__ = ["NodeProcess", "VenueProcess", "node", "venue"]


class NodeProcess(Process, Protocol):
    """A gateway node."""

    def send(self, lines: bytes) -> bytes:
        """Decide inputs, JSON Lines without times, and return their events once durable."""

    def state_hash(self) -> tuple[int, str]:
        """Return the kernel's step and the digest of its state after it."""

    def drill(
        self, session: str, timeout_ms: int, with_open_orders: bool, plan_only: bool
    ) -> dict[str, Any]:
        """Try each backup of a session's peer and return how it went; a plan touches nothing."""

    def redial(self, session: str) -> bool:
        """Dial at once for a session that has given up or waits; return whether it did either."""


class VenueProcess(Process, Protocol):
    """A simulated venue."""

    def fault(self, command: str) -> str:
        """Carry out one line of a fault script and return what it says."""

    def books(self, look: str, after: int) -> Any:
        """Return the `statement`, or a page of `orders` or `trades` behind a number."""

    def tape_times(self) -> tuple[int, int | None] | None:
        """Return when the tape begins and its first data comes (ns UTC), or None without one."""


def node(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> NodeProcess:
    """Return a gateway node that is ready to start.

    Raises UsageError for settings that the native half does not take.
    """
    try:
        return _Node(_core.Node(json.dumps(settings), dict(secrets)))
    except _core.InputError as refusal:
        raise UsageError(str(refusal.args[0])) from None


def venue(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> VenueProcess:
    """Return a simulated venue that is ready to start; raises UsageError as `node` does.

    The tape that the settings follow is read here: InputError where a recording cannot be.
    """
    tape = None if settings["tape"] is None else venue_tape(settings["tape"])
    try:
        return _Venue(_core.VenueServer(json.dumps(settings), dict(secrets), tape))
    except _core.InputError as refusal:
        raise UsageError(str(refusal.args[0])) from None


class _Watched:
    """What both native processes offer, as it is."""

    def __init__(self, core: _core.Node | _core.VenueServer) -> None:
        self.start = core.start
        self.wait = core.wait
        self.status = core.status
        self.drain = core.drain
        self.stop = core.stop


class _Node(_Watched):
    """A native node whose refusals are the package's own errors."""

    def __init__(self, core: _core.Node) -> None:
        super().__init__(core)
        self._core = core

    def send(self, lines: bytes) -> bytes:
        """Decide inputs and return their events; a bad line raises InputError."""
        try:
            return self._core.send(lines)
        except _core.InputError as refusal:
            message, line = (*refusal.args, None)[:2]
            raise InputError(str(message), line) from None

    def state_hash(self) -> tuple[int, str]:
        """Return the step and the digest."""
        return self._core.state_hash()

    def redial(self, session: str) -> bool:
        """Dial at once, and return whether the session had given up or waited."""
        return self._core.redial(session)

    def drill(
        self, session: str, timeout_ms: int, with_open_orders: bool, plan_only: bool
    ) -> dict[str, Any]:
        """Return the report of a drill; one that may not begin raises UsageError."""
        try:
            return self._core.drill(session, timeout_ms, with_open_orders, plan_only)
        except _core.InputError as refusal:
            raise UsageError(str(refusal.args[0])) from None


class _Venue(_Watched):
    """A native venue whose refusals are the package's own errors."""

    def __init__(self, core: _core.VenueServer) -> None:
        super().__init__(core)
        self._core = core

    def fault(self, command: str) -> str:
        """Carry out one line of a fault script; a line that is none raises InputError."""
        try:
            return self._core.fault(command)
        except _core.InputError as refusal:
            raise InputError(str(refusal.args[0])) from None

    def tape_times(self) -> tuple[int, int | None] | None:
        """Return when the tape begins and its first data comes."""
        return self._core.tape_times()

    def books(self, look: str, after: int) -> Any:
        """Return what is looked at; something else raises InputError."""
        try:
            return self._core.books(look, after)
        except _core.InputError as refusal:
            raise InputError(str(refusal.args[0])) from None
