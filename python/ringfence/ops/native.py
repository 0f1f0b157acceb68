"""The native processes: a gateway node and a simulated venue, each on threads of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ringfence import _core
from ringfence.errors import UsageError
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
    made: NodeProcess = _made("Node", settings, secrets)
    return made


def venue(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> VenueProcess:
    """Return a simulated venue that is ready to start; raises UsageError as `node` does."""
    made: VenueProcess = _made("VenueServer", settings, secrets)
    return made


def _made(name: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Any:
    """Return an object of the extension, which is built with or without its processes."""
    make: Callable[[str, dict[str, str]], Any] | None = getattr(_core, name, None)
    if make is None:
        raise UsageError(f"expected an extension with {name}, found one without")
    try:
        return make(json.dumps(settings), dict(secrets))
    except _core.InputError as refusal:
        raise UsageError(str(refusal.args[0])) from None
