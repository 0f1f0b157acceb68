"""Old days of a journal go whole, in order and on record, or they stay."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ringfence import Kernel, UsageError, _core
from ringfence.cli import app
from ringfence.config import load, with_trade_date
from ringfence.ops.journal_expiry import LOG, OldDay, expire
from typer.testing import CliRunner, Result

from tests.tidy.tree import ROOT

CONFIG = ROOT / "examples" / "ten_denials.toml"
DAYS = ("2013-08-01", "2013-08-02", "2013-08-05", "2013-08-06")
TODAY = date(2013, 8, 8)


def begun(root: Path, day: str) -> None:
    """Begin a day behind the others, decide something, and close it."""
    config = with_trade_date(load(CONFIG), day)
    kernel = Kernel(config, journal=root, durability="process")
    kernel.step("quote", ts=kernel.now + 1, symbol="ACME", bid_px="24.99", ask_px="25.01")
    kernel.close()


@pytest.fixture(scope="module")
def closed_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with four days, each with an order."""
    root = tmp_path_factory.mktemp("journals")
    for day in DAYS:
        begun(root, day)
    return root


@pytest.fixture
def journals(closed_days: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder which a test may change."""
    return Path(shutil.copytree(closed_days, tmp_path / "journals"))


def days_in(root: Path) -> list[str]:
    """Return the days that are left."""
    return sorted(path.name for path in root.iterdir() if path.is_dir())


def outcomes(found: list[OldDay]) -> list[tuple[str, str]]:
    """Return what became of each day."""
    return [(day.trade_date, day.outcome) for day in found]


def lines(root: Path) -> list[dict[str, Any]]:
    """Return the lines of the log."""
    path = root / LOG
    return (
        [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    )


def spoil(day: Path) -> None:
    """Change a byte in the middle of a day."""
    (segment,) = day.glob("*.rfj")
    content = bytearray(segment.read_bytes().rstrip(b"\0"))
    content[len(content) // 2] ^= 0xFF
    segment.write_bytes(content)


@pytest.mark.parametrize(
    ("retention_days", "expected"),
    [(7, []), (6, DAYS[:1]), (5, DAYS[:2]), (3, DAYS[:2]), (2, DAYS[:3]), (1, DAYS[:3])],
)
def test_days_older_than_the_retention_go(
    retention_days: int, expected: tuple[str, ...], journals: Path
) -> None:
    """R111: a day goes once more days have passed than it is kept; the newest never goes."""
    found = list(expire(journals, retention_days, TODAY))
    assert [(day, "removed") for day in expected] == outcomes(found)
    assert sorted(set(DAYS) - set(expected)) == days_in(journals)
    assert [] == list(expire(journals, retention_days, TODAY))


def test_a_line_about_each_day_is_kept(journals: Path) -> None:
    """R111: the log has date, files, bytes, head of the hash chain, time and who it was."""
    stats = {day: _core.journal_stats(journals / day) for day in DAYS[:2]}
    sizes = {day: sum(f.stat().st_size for f in (journals / day).iterdir()) for day in DAYS[:2]}
    list(expire(journals, 5, TODAY))
    rows = lines(journals)
    assert list(DAYS[:2]) == [row["trade_date"] for row in rows]
    for row in rows:
        day = row["trade_date"]
        assert (1, sizes[day]) == (row["files"], row["bytes"])
        assert stats[day]["records"] == row["records"]
        assert stats[day]["chain_tip"] == row["chain_tip"]
        assert (5, None) == (row["retention_days"], row["damage"])
        assert row["ts"].endswith("+00:00")
        assert row["by"]


def test_a_dry_run_changes_nothing(journals: Path) -> None:
    """R111: what would be removed can be seen before."""
    (journals / "writer.lock").unlink()
    found = list(expire(journals, 5, TODAY, dry_run=True))
    assert [(day, "would be removed") for day in DAYS[:2]] == outcomes(found)
    assert list(DAYS) == days_in(journals)
    assert sorted(DAYS) == sorted(path.name for path in journals.iterdir())


def test_a_damaged_day_stays_unless_it_is_asked_for(journals: Path) -> None:
    """R59, R111: what cannot be believed is reported and kept; nothing vanishes on the quiet."""
    spoil(journals / DAYS[0])
    first, second = expire(journals, 5, TODAY)
    assert ("kept", "kept") == (first.outcome, second.outcome)
    assert first.damage is not None
    assert first.damage in str(first.reason)
    assert f"{DAYS[0]} before it stays" in str(second.reason)
    assert (None, None) == (first.records, first.chain_tip)
    assert ["removed"] * 2 == [day.outcome for day in expire(journals, 5, TODAY, damaged=True)]
    assert [first.damage, None] == [row["damage"] for row in lines(journals)]
    assert list(DAYS[2:]) == days_in(journals)


def test_a_folder_with_other_files_stays(journals: Path) -> None:
    """R111: a day goes whole, so one with files of somebody else does not go at all."""
    (journals / DAYS[0] / "notes.txt").write_text("mine", "utf-8")
    (found,) = expire(journals, 6, TODAY, damaged=True)
    assert "kept" == found.outcome
    assert "notes.txt" in str(found.reason)
    (journals / DAYS[0] / "notes.txt").unlink()
    (journals / DAYS[0]).rename(journals / "elsewhere")
    (journals / DAYS[0]).symlink_to(journals / "elsewhere")
    (found,) = expire(journals, 6, TODAY, damaged=True)
    assert "kept" == found.outcome
    assert "a link" in str(found.reason)
    assert [] == lines(journals)


HOLD = """
import fcntl, sys
lock = open(sys.argv[1], "a")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"7\n{DAYS[1]}\n", ["removed", "kept"]),
        (f"7\n{DAYS[3]}\n", ["removed", "removed"]),
        ("7\n", ["kept", "kept"]),
    ],
    ids=["this day", "another day", "nobody knows which"],
)
def test_a_day_that_is_written_to_stays(written: str, expected: list[str], journals: Path) -> None:
    """R59: the day of a process that runs is left alone, and so is every one if it is unknown."""
    lock = journals / "writer.lock"
    lock.write_text(written, "utf-8")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    with holder:
        assert b"held\n" == holder.stdout.readline()
        found = list(expire(journals, 5, TODAY))
        holder.communicate()
    assert expected == [day.outcome for day in found]
    reasons = [day.reason for day in found if day.reason is not None]
    assert all("process 7" in reason for reason in reasons[:1])


def test_a_removal_that_was_cut_short_is_finished(journals: Path) -> None:
    """R111: a day of which half went is no day any more, and the rest of it goes."""
    going = (journals / DAYS[0]).rename(journals / f".expired-{DAYS[0]}")
    list(expire(journals, 3_650, TODAY, dry_run=True))
    assert going.exists()
    assert [] == list(expire(journals, 3_650, TODAY))
    assert list(DAYS[1:]) == days_in(journals)


def test_the_line_stands_before_the_files_go(
    journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R111: without a line on the disk nothing is removed."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        list(expire(journals, 5, TODAY))
    assert list(DAYS) == days_in(journals)


def test_what_follows_is_still_in_order(journals: Path) -> None:
    """R59: days that are left verify, and the next day begins behind the newest."""
    list(expire(journals, 1, TODAY))
    assert DAYS[3] == _core.journal_stats(journals / DAYS[3])["trade_date"]
    begun(journals, "2013-08-07")
    assert [DAYS[3], "2013-08-07"] == days_in(journals)


def test_a_folder_without_days_is_refused(tmp_path: Path) -> None:
    """R111: a wrong folder is said, and not taken for one with nothing to do."""
    with pytest.raises(UsageError, match="expected a folder with journals of days"):
        list(expire(tmp_path, 5, TODAY))


def invoke(*arguments: str | Path) -> Result:
    """Run the command and return what it printed."""
    return CliRunner().invoke(app, ["journal", "expire", *map(str, arguments)])


def test_a_retention_must_be_given(journals: Path, tmp_path: Path) -> None:
    """R111: no retention has a default; without one nothing is removed."""
    config = tmp_path / "gateway.toml"
    config.write_text("", "utf-8")
    assert 2 == invoke(journals).exit_code
    assert 2 == invoke(journals, "--retention", "5 years").exit_code
    assert 2 == invoke(journals, "--retention", "5 y", "--config", config).exit_code
    assert list(DAYS) == days_in(journals)


def test_the_command_removes_and_tells(journals: Path) -> None:
    """R111: the command prints each day with what became of it; damage is exit code 1."""
    spoil(journals / DAYS[1])
    done = invoke(journals, "--retention", "5 y", "--json")
    assert done.exception is not None
    assert f"damaged days were kept: {DAYS[1]}" in str(done.exception)
    found = json.loads(done.stdout)
    assert 1_830 == found["retention_days"]
    assert ["removed", "kept", "kept"] == [row["outcome"] for row in found["days"]]
    done = invoke(journals, "--retention", "5 y", "--damaged")
    assert 0 == done.exit_code
    assert DAYS[1] in done.stdout
    assert list(DAYS[3:]) == days_in(journals)
