"""Records of a day's journal as objects and lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringfence import _core
from ringfence.errors import UsageError

__all__ = ["DAY_GLOB", "PAGE_RECORDS", "Selection", "day_folder", "day_folders", "lines", "records"]

PAGE_RECORDS = 100_000
"""Records that are held in memory at a time."""
DAY_GLOB = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
"""Names of the folders of days."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records: a range of numbers, both ends included, and names of inputs."""

    first_seq: int = 1
    last_seq: int | None = None  # None is the last one there is
    inputs: frozenset[str] = frozenset()  # empty is every input


def day_folder(path: Path) -> Path:
    """Return the folder of one day's journal: `path` itself, or the only day in it.

    Raises UsageError for a folder that holds no day or several.
    """
    days = day_folders(path)
    if len(days) > 1:
        names = ", ".join(day.name for day in days)
        message = f"{path}: expected one day, found {len(days)}: name one of {names}"
        raise UsageError(message)
    return days[0]


def day_folders(path: Path) -> list[Path]:
    """Return the folders of the days in `path`, in order, or `path` itself if it is one's.

    Raises UsageError for a folder that holds no journal.
    """
    if not path.is_dir() or not any(path.iterdir()):
        message = f"{path}: expected the folder of a journal, found none"
        raise UsageError(message)
    return sorted(day for day in path.glob(DAY_GLOB) if day.is_dir()) or [path]


def lines(day: Path, wanted: Selection) -> Iterator[str]:
    """Yield the wanted records as lines of JSON: seq, ts, input with its fields, events.

    Raises JournalError at the first record that cannot be believed, after those before it.
    """
    for page in _core.JournalPages(day, wanted.first_seq, wanted.last_seq, PAGE_RECORDS):
        for line in page:
            if not wanted.inputs or json.loads(line)["input"] in wanted.inputs:
                yield line


def records(day: Path, wanted: Selection) -> Iterator[dict[str, Any]]:
    """Yield the wanted records as objects."""
    for line in lines(day, wanted):
        yield json.loads(line)
