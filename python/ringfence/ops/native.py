"""The native processes: a gateway node and a simulated venue, each on threads of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ringfence import _core
from ringfence.errors import InputError, UsageError
from ringfence.ops.running import Process

__all__ = ["NodeProcess", "VenueProcess", "node", "venue"]


class NodeProcess(Process, Protocol):
    """A gateway node."""

    def send(self, lines: bytes) -> bytes:
        """Decide inputs, JSON Lines without times, and return their events once durable."""


class VenueProcess(Process, Protocol):
    """A simulated venue."""

    def fault(self, command: str) -> str:
        """Carry out one line of a fault script and return what it says."""


def node(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> NodeProcess:
    """Return a gateway node that is ready to start.

    Raises UsageError for settings that the native half does not take.
    """
    try:
        return _Node(_core.Node(json.dumps(settings), dict(secrets)))
    except _core.InputError as refusal:
        raise UsageError(str(refusal.args[0])) from None


def venue(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> VenueProcess:
    """Return a simulated venue that is ready to start; raises UsageError as `node` does."""
    make: Callable[[str, dict[str, str]], Any] | None = getattr(_core, "VenueServer", None)
    if make is None:
        raise UsageError("expected an extension with VenueServer, found one without")
    try:
        made: VenueProcess = make(json.dumps(settings), dict(secrets))
    except _core.InputError as refusal:
        raise UsageError(str(refusal.args[0])) from None
    return made


class _Node:
    """A native node whose refusals are the package's own errors."""

    def __init__(self, core: _core.Node) -> None:
        self._core = core
        self.start = core.start
        self.wait = core.wait
        self.status = core.status
        self.drain = core.drain
        self.stop = core.stop

    def send(self, lines: bytes) -> bytes:
        """Decide inputs and return their events; a bad line raises InputError."""
        try:
            return self._core.send(lines)
        except _core.InputError as refusal:
            message, line = (*refusal.args, None)[:2]
            raise InputError(str(message), line) from None
