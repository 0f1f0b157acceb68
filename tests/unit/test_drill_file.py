"""The record of drills: what is on the disk, and what is not believed."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ringfence.config import Config, loads
from ringfence.errors import JournalError
from ringfence.ops import drill_file
from ringfence.ops.drill_due import DrillWatch, overdue, rows
from ringfence.ops.drill_file import DrillFile, Failover
from ringfence.ops.drill_file import drill_file as file_of

from tests.tidy.tree import ROOT
from tests.unit.drill_sample import BACKUP, PRIMARY, drill, node_settings

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def days_ago(days: float) -> str:
    """Return a time before now."""
    return (NOW - timedelta(days=days)).isoformat(timespec="milliseconds")


def config(every: str = 'drill_every = "30 d"') -> Config:
    """Return the example's configuration with a demand of drills at its first venue."""
    text = (ROOT / "examples/gateway.toml").read_text(encoding="utf-8")
    address = f'address = "{PRIMARY}"\n'
    assert address in text
    return loads(text.replace(address, f'{address}backups = ["{BACKUP}"]\n{every}\n'))


@pytest.fixture
def file(tmp_path: Path) -> DrillFile:
    """Return the file of a node whose folder is not there yet."""
    return file_of({"journal": str(tmp_path / "journal")})


def test_a_line_is_added_and_read_back(file: DrillFile) -> None:
    """R67: each drill is kept with all that it attests, readable by its owner alone."""
    assert () == file.read().drills
    began = drill("2026-01-01", event="began", passed=False)
    for line in (began, drill("2026-01-01"), drill("2026-01-02", "LIT2")):
        file.append(line)
    found = file.read()
    assert (drill("2026-01-01"), drill("2026-01-02", "LIT2")) == found.drills
    assert () == found.unreadable
    assert 0o600 == stat.S_IMODE(file.path.stat().st_mode)
    assert 3 == len(file.path.read_bytes().splitlines())


def test_it_is_on_the_disk_before_anybody_is_told(
    file: DrillFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R67: a line counts once it is synced, and its file once its folder is."""
    synced: list[bool] = []
    real = os.fsync

    def sync(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    file.append(drill("2026-01-01"))
    file.append(drill("2026-01-02"))
    assert [False, True, False] == synced


def test_a_drill_without_its_end_is_unfinished(file: DrillFile) -> None:
    """R67, I13: a process that died in the middle of a drill has not passed it."""
    file.append(drill("2026-01-01", event="began", passed=False))
    assert ["unfinished"] == [one.result for one in file.read().drills]
    file.append(drill("2026-01-01", passed=False))
    assert ["failed"] == [one.result for one in file.read().drills]


@pytest.mark.parametrize("damage", [b'{"drill": "cut o', b"\xff\xfe", b"[]", b'{"drill": 1}'])
def test_what_cannot_be_read_is_counted(file: DrillFile, damage: bytes) -> None:
    """Rule 18 of STYLE.md: a line that was cut off, or is none, is told and hides no other."""
    file.append(drill("2026-01-01"))
    with file.path.open("ab") as raw:
        raw.write(damage)
    file.append(drill("2026-01-02"))
    found = file.read()
    assert (2,) == found.unreadable
    assert ["2026-01-01", "2026-01-02"] == [one.ts for one in found.drills]


def test_the_file_is_bounded(file: DrillFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 7 of STYLE.md: a file that grew beyond its bound is refused, and told as an alert."""
    file.append(drill("2026-01-01"))
    monkeypatch.setattr(drill_file, "FILE_BYTES_MAX", 10)
    with pytest.raises(JournalError, match="at most 10 bytes"):
        file.read()
    told = node_settings("", LIT1=[BACKUP])
    first, second = overdue(config(), told, file, NOW)
    assert "cannot be read" in first
    assert "no drill of its present addresses has passed" in second


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], "no drill of its present addresses has passed, expected one"),
        ([drill(days_ago(29.9))], None),
        ([drill(days_ago(45))], "is 45 days old"),
        ([drill(days_ago(1), passed=False)], "no drill of its present"),
        ([drill(days_ago(1), event="began")], "no drill of its present"),
        ([drill(days_ago(1), "LIT2")], "no drill of its present"),
        # One that failed after one that passed in time is not yet overdue.
        ([drill(days_ago(9)), drill(days_ago(1), passed=False)], None),
    ],
)
def test_an_overdue_drill_is_an_alert(
    file: DrillFile, lines: list[drill_file.Drill], expected: str | None
) -> None:
    """R67, I12: a backup that nobody has tried for too long is told with venue, age and limit."""
    for line in lines:
        file.append(line)
    found = overdue(config(), node_settings("", LIT1=[BACKUP]), file, NOW)
    assert (expected is not None) == bool(found)
    for text in found:
        assert "venue LIT1" in text
        assert expected is not None
        assert expected in text
        assert "within 30 days" in text


def test_a_drill_of_other_addresses_proves_nothing(file: DrillFile) -> None:
    """R67, I13: what was tried is not what is set up now, so it counts no more."""
    (session,) = drill("").sessions
    other = Failover(on=True, failover_count=2, addresses=(PRIMARY, "127.0.0.1:9"))
    row = drill_file.SessionDrill(session="LIT1", failover=other, passed=True, steps=session.steps)
    file.append(drill(days_ago(1), sessions=(row,)))
    (text,) = overdue(config(), node_settings("", LIT1=[BACKUP]), file, NOW)
    assert "no drill of its present addresses" in text


def test_a_demand_without_a_backup_is_an_alert(file: DrillFile) -> None:
    """R67, I12: the switch to a backup that is not there is told on every look."""
    (text,) = overdue(config(), node_settings(""), file, NOW)
    assert "venue LIT1: drill_every is 30 days, and it has no backup to exercise" == text
    assert [] == overdue(config(""), node_settings(""), file, NOW)


def test_the_status_says_when_one_is_due(file: DrillFile) -> None:
    """R67: of each venue the last drill, the last that passed, and when the next is due."""
    file.append(drill(days_ago(10)))
    file.append(drill(days_ago(1), passed=False))
    first, second = rows(config(), node_settings("", LIT1=[BACKUP]), file, NOW)
    assert {
        "venue": "LIT1",
        "backups": 1,
        "last_drill": days_ago(1),
        "result": "failed",
        "last_passed": days_ago(10),
        "every_days": 30,
        "due": (NOW + timedelta(days=20)).isoformat(timespec="seconds"),
        "overdue": False,
    } == first
    expected = {"venue": "LIT2", "backups": 0, "every_days": None, "overdue": False, "due": None}
    assert expected.items() <= second.items()
    json.dumps([first, second])


def test_a_node_that_runs_looks_once_a_day(file: DrillFile) -> None:
    """R67: the alert comes at the start, and again on each day that it stays true."""
    watch = DrillWatch(config(), node_settings("", LIT1=[BACKUP]), file)
    looks = [bool(watch.look(at)) for at in (0.2, 0.4, 86_400.0, 86_400.3, 172_800.4)]
    assert [True, False, False, True, True] == looks
