"""What a node that runs offers about how it reaches its venues: drills of backups, redialing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ringfence.ops import drill_due
from ringfence.ops.drill import DrillDesk
from ringfence.ops.drill_file import drill_file
from ringfence.ops.redial import redial

if TYPE_CHECKING:
    from ringfence.config import Config
    from ringfence.ops.control import Handler
    from ringfence.ops.native import NodeProcess

__all__ = ["Drills", "overdue"]


class Drills:
    """Drills of one node: requests, the status, and what is overdue."""

    def __init__(self, config: Config, settings: Mapping[str, Any], process: NodeProcess) -> None:
        self._config = config
        self._settings = settings
        self._process = process
        self._file = drill_file(settings)
        self._desk = DrillDesk(settings, process, self._file)
        self._watch = drill_due.DrillWatch(config, settings, self._file)

    def handlers(self) -> Mapping[str, Handler]:
        """Return what the control socket answers: drill, redial, status with the last drills."""
        return {"drill": self._desk.drill, "redial": self._redial, "status": self._status}

    def look(self, monotonic_s: float) -> Sequence[str]:
        """Return the alerts that are due, as `ringfence.ops.running.run` asks for them."""
        return self._watch.look(monotonic_s)

    def _redial(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return redial(self._settings, self._process, request)

    def _status(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC)
        drills = drill_due.rows(self._config, self._settings, self._file, now)
        return {"status": {**self._process.status(), "drills": drills}}


def overdue(config: Config, settings: Mapping[str, Any]) -> list[str]:
    """Return an alert for each venue of a configuration whose drill is missing or too old."""
    return drill_due.overdue(config, settings, drill_file(settings), datetime.now(UTC))
