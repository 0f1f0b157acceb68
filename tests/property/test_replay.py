"""Journals of random days: folding gives the live state, deciding again gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from ringfence import JournalError, replay, verify

from tests.property.broker import WatchedKernel
from tests.property.walk import walk

SEEDS = (1, 2, 3, 4)
STEPS = 150
DATE = "2013-08-01"


@dataclass(frozen=True)
class Day:
    """A random day that is over: its journal, and what the live kernel said last."""

    journal: Path
    state_hash: str
    seq: int


@pytest.fixture(scope="module", params=SEEDS)
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Return a random day under a journal."""
    journal = tmp_path_factory.mktemp("day") / "journal"
    kernel = WatchedKernel(journal=str(journal))
    walk(request.param, STEPS, kernel)
    state_hash, seq = kernel.state_hash(), kernel.seq
    kernel.close()
    return Day(journal / DATE, state_hash, seq)


def test_folding_the_journal_gives_the_live_state(day: Day) -> None:
    """R59, I6: state is rebuilt from the journal alone, without deciding anything again."""
    folded = replay(day.journal)
    assert (day.state_hash, day.seq) == (folded.state_hash(), folded.seq)


def test_deciding_the_journal_again_gives_the_same_bytes(day: Day) -> None:
    """R59, I6: every recorded decision is made again and every byte of its record is the same."""
    decided = verify(day.journal)
    assert (day.state_hash, day.seq) == (decided.state_hash(), decided.seq)


def test_a_changed_byte_is_not_believed(day: Day, tmp_path: Path) -> None:
    """R59, I7: a day in which one byte of any record differs is neither folded nor verified."""
    copy = tmp_path / "journal"
    copy.mkdir()
    for file in day.journal.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    largest = max(copy.iterdir(), key=lambda file: file.stat().st_size)
    changed = bytearray(largest.read_bytes())
    changed[len(changed) // 2] ^= 1
    largest.write_bytes(changed)
    for read in (replay, verify):
        with pytest.raises(JournalError):
            read(copy)
