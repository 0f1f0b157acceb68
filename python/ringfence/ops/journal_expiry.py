"""The end of old journals: what is older than the retention goes, and that it went is kept.

Whole days, oldest first, and none behind one that stays: days are chained, and a gap would be
damage. Refuses the newest day, a day that a process writes to, one whose folder holds anything but
segments, and, unless it is asked for, one that is damaged. A line about each day is on the disk
before its files go; a removal that was cut short is finished by the next one.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal

from ringfence import _core
from ringfence.errors import UsageError
from ringfence.ops.journal_records import DAY_GLOB

__all__ = ["LOG", "OldDay", "Outcome", "expire"]

LOG: Final = "expired.jsonl"
"""Name of the log beside the days, one line for each that was removed."""
LOCK: Final = "writer.lock"
GOING: Final = ".expired-"
"""What the name of a day's folder begins with while its files go; no reader takes it for a day."""
SEGMENT: Final = re.compile(r"[0-9]{6}\.rfj(?:\.new)?")

Outcome = Literal["removed", "would be removed", "kept"]


@dataclass(frozen=True, slots=True)
class OldDay:
    """A day that is older than the retention, and what became of it.

    Attributes:
        files: Number of its files.
        bytes: Size of these.
        records: Records, checked byte by byte; None where they cannot be believed.
        chain_tip: Head of the hash chain, hexadecimal; None likewise.
        damage: Why the journal cannot be believed; None if it can.
        reason: Why the day was kept; None if it was not.
    """

    trade_date: str
    files: int
    bytes: int
    records: int | None
    chain_tip: str | None
    damage: str | None
    outcome: Outcome
    reason: str | None = None


def expire(
    root: Path, retention_days: int, today: date, *, dry_run: bool = False, damaged: bool = False
) -> Iterator[OldDay]:
    """Remove the days under `root` that are older than the retention, and yield each, oldest first.

    A day is older when more than `retention_days` days lie between its date and `today`. With
    `dry_run` nothing is changed; with `damaged` a day that cannot be believed goes as well.

    Raises UsageError for a folder that holds no journals of days.
    """
    days = _days(root)
    if not dry_run:
        _finish(root)
    stays: str | None = None
    for day in days[:-1]:
        if (today - date.fromisoformat(day.name)).days <= retention_days:
            return
        if stays is not None:
            yield _kept(_looked_at(day), f"{stays} before it stays, and days are chained")
            continue
        found = _expire(day, retention_days, dry_run=dry_run, damaged=damaged)
        stays = day.name if found.outcome == "kept" else None
        yield found


def _days(root: Path) -> list[Path]:
    """Return the folders of days, rising."""
    days = sorted(path for path in root.glob(DAY_GLOB) if path.is_dir() and _is_date(path.name))
    if not days:
        raise UsageError(f"{root}: expected a folder with journals of days, found none")
    return days


def _is_date(name: str) -> bool:
    try:
        date.fromisoformat(name)
    except ValueError:
        return False
    return True


def _expire(day: Path, retention_days: int, *, dry_run: bool, damaged: bool) -> OldDay:
    found = _looked_at(day)
    foreign = sorted(path.name for path in day.iterdir() if not SEGMENT.fullmatch(path.name))
    if day.is_symlink() or foreign:
        what = foreign[0] if foreign else "a link to another folder"
        return _kept(found, f"expected nothing but segments of the journal, found {what}")
    if found.damage is not None and not damaged:
        return _kept(found, f"it is damaged, and is removed with --damaged only: {found.damage}")
    with _held(day, looks_only=dry_run) as reason:
        if reason is not None:
            return _kept(found, reason)
        if dry_run:
            return found
        removed = OldDay(**{**asdict(found), "outcome": "removed"})
        _note(day.parent, removed, retention_days)
        going = day.rename(day.with_name(f"{GOING}{day.name}"))
        _sync(day.parent)
    shutil.rmtree(going)
    _sync(day.parent)
    return removed


def _looked_at(day: Path) -> OldDay:
    """Return what a day holds, after every byte of it was checked."""
    sizes = [path.stat().st_size for path in day.iterdir()]
    records = chain_tip = damage = None
    try:
        stats = _core.journal_stats(day)
    except _core.JournalError as failure:
        damage = str(failure)
    else:
        records, chain_tip = stats["records"], stats["chain_tip"]
    outcome: Outcome = "would be removed"
    return OldDay(day.name, len(sizes), sum(sizes), records, chain_tip, damage, outcome)


def _kept(found: OldDay, reason: str) -> OldDay:
    return OldDay(**{**asdict(found), "outcome": "kept", "reason": reason})


@contextmanager
def _held(day: Path, *, looks_only: bool) -> Iterator[str | None]:
    """Keep writers away while the block runs; yields why the day must be kept, or None.

    Where a process writes to another day of the same folder, nobody else can begin to.
    """
    path = day.parent / LOCK
    if looks_only and not path.exists():
        yield None
        return
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid, _, written = lock.read(64).partition("\n")
            in_use = not _is_date(written.strip()) or written.strip() == day.name
            yield f"process {pid or 'unknown'} writes to this journal" if in_use else None
        else:
            yield None


def _note(root: Path, removed: OldDay, retention_days: int) -> None:
    """Write the line about a day to the log, and wait until it is on the disk."""
    row: dict[str, Any] = {"ts": datetime.now(UTC).isoformat(timespec="milliseconds"), "by": _by()}
    row |= {"retention_days": retention_days, **asdict(removed)}
    del row["outcome"], row["reason"]
    with (root / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(row, ensure_ascii=False) + "\n")
        log.flush()
        os.fsync(log.fileno())
    _sync(root)


def _by() -> str:
    """Return the name of whoever runs this process, by its user and not by its environment."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def _finish(root: Path) -> None:
    """Remove what is left of days whose removal was cut short; they are in the log."""
    for going in root.glob(f"{GOING}*"):
        shutil.rmtree(going)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
