"""The record of drills: `drills.jsonl` beside the journals of days, a line each, on the disk.

A drill has two lines: that it began, with who asked and what was in force, and how it ended. Each
says everything that it knows, so that a line stands for itself. A drill whose end is missing was
cut off with its process, and is shown as unfinished. Lines are added and never changed. A line that
cannot be read is counted and told; it never passes for a drill.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from ringfence.errors import JournalError

__all__ = [
    "FILE_BYTES_MAX",
    "FILE_NAME",
    "Drill",
    "DrillFile",
    "Failover",
    "Records",
    "SessionDrill",
    "Step",
    "drill_file",
]

FILE_NAME: Final = "drills.jsonl"
"""Name of the file in the folder of the journals."""
FILE_BYTES_MAX: Final = 67_108_864
"""Largest file that is read: some 20,000 drills."""
OWNER_ONLY: Final = 0o600

Result = Literal["passed", "failed", "unfinished"]


class Failover(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The setting that the node itself had in force, as it says."""

    on: bool
    """Whether there is a backup to turn to."""
    failover_count: int
    """Failures in a row at one address after which the next is dialed."""
    addresses: tuple[str, ...]
    """The primary, then the backups."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address in a drill; the primary is the last."""

    route: str
    """`primary`, or `backup` and its number."""
    address: str
    """Host and port."""
    began: str
    """When it was its turn, UTC."""
    ended: str
    """When that was decided, UTC."""
    result: Literal["passed", "failed", "not_tried"]
    """How it did."""
    reason: str | None = None
    """Why it did not pass."""


class SessionDrill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One session of the venue in a drill."""

    session: str
    """Its name in status and journal."""
    failover: Failover
    """What was in force."""
    passed: bool
    """Whether every address passed."""
    steps: tuple[Step, ...]
    """Each backup in order, then the primary; when it begins, what is to be tried."""


class Drill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line: a drill that began, or that has ended."""

    drill: str
    """When it began, and its venue: what both of its lines share."""
    event: Literal["began", "ended"]
    """Which of its lines this is."""
    ts: str
    """When it was written, UTC."""
    venue: str
    """The venue."""
    asked_by: str
    """User of the machine who asked by the control socket."""
    operator: str | None
    """Who that was, in words of their own."""
    node: str
    """The gateway node."""
    version: str
    """Release of Ringfence."""
    core_sha256: str
    """Digest of the native half that ran, hexadecimal."""
    config_digest: str
    """Digest of the configuration that ran."""
    timeout_s: int
    """Time for all of it, seconds."""
    with_open_orders: bool
    """Whether it was allowed while orders were open at the venue."""
    sessions: tuple[SessionDrill, ...]
    """The sessions of the venue that have backups."""
    passed: bool = False
    """Whether every address of every session passed."""
    error: str | None = None
    """Why it ended before all was tried."""

    @property
    def result(self) -> Result:
        """Return how the drill ended, as far as is known."""
        if self.event == "began":
            return "unfinished"
        return "passed" if self.passed else "failed"

    def addresses(self) -> dict[str, tuple[str, ...]]:
        """Return the addresses that were in force, by session."""
        return {row.session: row.failover.addresses for row in self.sessions}


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds."""

    drills: tuple[Drill, ...]
    """The last line of each drill, in the order in which they began."""
    unreadable: tuple[int, ...]
    """Numbers of the lines that cannot be read, from 1."""


class DrillFile:
    """The file of one node; one process appends, anybody may read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, drill: Drill) -> None:
        """Add a line, and return once it is on the disk."""
        line = msgspec.json.encode(drill) + b"\n"
        is_new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, OWNER_ONLY)
        try:
            if _is_torn(descriptor):
                line = b"\n" + line  # a line that was cut off by a crash ends here
            _write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(self.path.parent)

    def read(self) -> Records:
        """Return what the file holds; nothing where there is none.

        Raises JournalError for a file that is too large.
        """
        try:
            with self.path.open("rb") as file:
                text = file.read(FILE_BYTES_MAX + 1)
        except FileNotFoundError:
            text = b""
        if len(text) > FILE_BYTES_MAX:
            raise JournalError(f"{self.path}: expected at most {FILE_BYTES_MAX} bytes")
        return _read(text.splitlines())


def drill_file(settings: Mapping[str, Any]) -> DrillFile:
    """Return the file of the node that these settings are of."""
    return DrillFile(Path(settings["journal"]) / FILE_NAME)


def _read(lines: Iterable[bytes]) -> Records:
    drills: dict[str, Drill] = {}
    unreadable = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            drill = msgspec.json.decode(line, type=Drill)
        except (msgspec.DecodeError, UnicodeDecodeError):
            unreadable.append(number)
        else:
            drills[drill.drill] = drill
    return Records(drills=tuple(drills.values()), unreadable=tuple(unreadable))


def _is_torn(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _write(descriptor: int, line: bytes) -> None:
    while line:
        line = line[os.write(descriptor, line) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
