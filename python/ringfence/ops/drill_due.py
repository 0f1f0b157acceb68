"""When the backups of a venue were last exercised, and whether that was in time (R67).

A drill counts for the addresses that it tried: once they are others, it proves nothing any more.
What cannot be read counts as no drill.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ringfence.config import Config
from ringfence.errors import JournalError
from ringfence.ops.drill_file import Drill, DrillFile, Records

__all__ = ["LOOK_EVERY_S", "DrillWatch", "dialed", "overdue", "rows"]

LOOK_EVERY_S: Final = 86_400
"""How often a node that runs looks whether a drill is overdue, seconds."""


def dialed(settings: Mapping[str, Any], venue: str) -> dict[str, tuple[str, ...]]:
    """Return the addresses of each session to a venue that has a backup, by session."""
    return {
        row["name"]: tuple(_plain(address) for address in (row["address"], *row["backups"]))
        for row in settings["sessions"]
        if row["of"] == venue and row["side"] == "initiator" and row["backups"]
    }


def overdue(
    config: Config, settings: Mapping[str, Any], file: DrillFile, now: datetime
) -> list[str]:
    """Return an alert for each venue whose drill is missing, or older than its `drill_every`."""
    try:
        records = file.read()
    except (JournalError, OSError) as failure:
        records = Records(drills=(), unreadable=())
        found = [f"drills: {file.path} cannot be read: {failure}"]
    else:
        found = [
            f"drills: {file.path}, line {number}: expected the record of a drill"
            for number in records.unreadable
        ]
    return [*found, *_overdue(config, settings, records, now)]


def rows(
    config: Config, settings: Mapping[str, Any], file: DrillFile, now: datetime
) -> list[dict[str, Any]]:
    """Return what the status says of each venue: its addresses, its last drill, when one is due."""
    try:
        records = file.read()
    except (JournalError, OSError):
        records = Records(drills=(), unreadable=())  # the alert says why
    found = []
    for name, every in _venues(config):
        addresses = dialed(settings, name)
        last = _last(records, name)
        passed = _last_passed(records, name, addresses)
        due = None
        if every is not None and passed is not None:
            due = _time(passed) + timedelta(days=every)
        row = {
            "venue": name,
            "backups": max((len(row) - 1 for row in addresses.values()), default=0),
            "last_drill": None if last is None else last.ts,
            "result": None if last is None else last.result,
            "last_passed": None if passed is None else passed.ts,
            "every_days": every,
            "due": None if due is None else due.isoformat(timespec="seconds"),
            "overdue": every is not None and (due is None or due < now),
        }
        found.append(row)
    return found


class DrillWatch:
    """Tells of drills that are overdue: at its first look, and then once a day."""

    def __init__(self, config: Config, settings: Mapping[str, Any], file: DrillFile) -> None:
        self._told_of = (config, settings, file)
        self._next_s = 0.0

    def look(self, monotonic_s: float) -> list[str]:
        """Return the alerts that are due at this time of a clock that never steps."""
        if monotonic_s < self._next_s:
            return []
        self._next_s = monotonic_s + LOOK_EVERY_S
        return overdue(*self._told_of, datetime.now(UTC))


def _plain(address: str) -> str:
    """Return an address as the node says it, its port without zeros in front."""
    host, _, port = address.rpartition(":")
    return f"{host}:{int(port)}"


def _venues(config: Config) -> Iterator[tuple[str, int | None]]:
    for name, venue in sorted(config.venues.items()):
        if venue.fix is not None:
            yield name, venue.fix.drill_every


def _overdue(
    config: Config, settings: Mapping[str, Any], records: Records, now: datetime
) -> Iterator[str]:
    for name, every in _venues(config):
        if every is None:
            continue
        expected = f"expected one that passed within {every} days"
        addresses = dialed(settings, name)
        passed = _last_passed(records, name, addresses)
        if not addresses:
            yield f"venue {name}: drill_every is {every} days, and it has no backup to exercise"
        elif passed is None:
            yield f"venue {name}: no drill of its present addresses has passed, {expected}"
        elif now - _time(passed) > timedelta(days=every):
            days = (now - _time(passed)).days
            text = f"the last drill that passed is {days} days old, of {passed.ts}"
            yield f"venue {name}: {text}, {expected}"


def _last(records: Records, venue: str) -> Drill | None:
    found = [drill for drill in records.drills if drill.venue == venue]
    return found[-1] if found else None


def _last_passed(
    records: Records, venue: str, addresses: Mapping[str, tuple[str, ...]]
) -> Drill | None:
    found = [
        drill
        for drill in records.drills
        if drill.venue == venue and drill.result == "passed" and drill.addresses() == addresses
    ]
    return found[-1] if found else None


def _time(drill: Drill) -> datetime:
    return datetime.fromisoformat(drill.ts)
