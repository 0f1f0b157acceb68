"""Pages of a journal: read once from the first record to the last, however many they are."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import pytest
from ringfence import Kernel, _core
from ringfence.ops import journal_records
from ringfence.ops.journal_records import Selection

from tests.world import World

DAY = "2013-08-01"
ORDERS = 400


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    """Return a kernel on a journal with some hundred orders, one batch each, still open."""
    kernel = Kernel(journal=tmp_path, trade_date=DAY, durability="process")
    world = World(kernel=kernel)
    for _ in range(ORDERS):
        world.order()
    return kernel


def numbers(pages: _core.JournalPages) -> list[list[int]]:
    """Return the numbers of the records of each page."""
    return [[json.loads(line)["seq"] for line in page] for page in pages]


def bytes_read() -> int:
    """Return how many bytes this process has read from files so far."""
    counters = Path("/proc/self/io").read_text(encoding="ascii")
    return int(counters.split("rchar: ")[1].split()[0])


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_pages_join_to_all_records(kernel: Kernel, size: int, tmp_path: Path) -> None:
    """R111: every record is in one page, in order, and only the last page is short."""
    pages = numbers(_core.JournalPages(tmp_path / DAY, page_records=size))
    assert list(range(1, kernel.seq + 1)) == [seq for page in pages for seq in page]
    assert {size} >= {len(page) for page in pages[:-1]}


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (3, 9, [[3, 4, 5], [6, 7, 8], [9]]),
        (3, 8, [[3, 4, 5], [6, 7, 8]]),
        (0, 2, [[1, 2]]),
        (5, 5, [[5]]),
        (5, 4, []),
        (10**6, None, []),
    ],
)
def test_both_ends_of_a_range_are_included(
    kernel: Kernel, first: int, last: int | None, expected: list[list[int]], tmp_path: Path
) -> None:
    """R111: pages begin at the first number and end behind the last."""
    assert kernel.seq > ORDERS
    assert expected == numbers(_core.JournalPages(tmp_path / DAY, first, last, 3))


def test_reading_in_pages_reads_nothing_twice(
    kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R111: the bytes that `cat` and `export` read do not grow with the number of pages."""
    read = {}
    for size in (100_000, 10):
        monkeypatch.setattr(journal_records, "PAGE_RECORDS", size)
        before = bytes_read()
        lines = list(journal_records.lines(tmp_path / DAY, Selection()))
        read[size] = bytes_read() - before
        assert kernel.seq == len(lines)
    journal_bytes = _core.journal_stats(tmp_path / DAY)["bytes"]
    assert min(read.values()) >= journal_bytes
    assert read[10] < 2 * read[100_000]


def test_a_live_journal_ends_with_its_last_whole_batch(kernel: Kernel, tmp_path: Path) -> None:
    """R59: a journal that is still written is read as far as it is committed, and no further."""
    live = _core.JournalPages(tmp_path / DAY, page_records=100)
    next(live)
    written = kernel.seq
    kernel.tick(ts=kernel.now + 1)
    assert max(numbers(live)[-1]) in {written, written + 1}
    assert [] == list(live)
    assert [[kernel.seq]] == numbers(_core.JournalPages(tmp_path / DAY, kernel.seq))


def test_a_torn_tail_ends_the_pages(kernel: Kernel, tmp_path: Path) -> None:
    """R59: a last batch that was cut off is no error, and all before it is there."""
    kernel.close()
    (segment,) = (tmp_path / DAY).iterdir()
    segment.write_bytes(segment.read_bytes()[:-70])
    records = _core.journal_stats(tmp_path / DAY)["records"]
    assert ORDERS < records < kernel.seq + 1
    pages = numbers(_core.JournalPages(tmp_path / DAY, page_records=50))
    assert list(range(1, records + 1)) == [seq for page in pages for seq in page]


@pytest.mark.parametrize("size", [3, 10_000])
def test_damage_is_told_after_the_records_before_it(
    kernel: Kernel, size: int, tmp_path: Path
) -> None:
    """R59, R111: what can be believed is printed, then comes the error with its place."""
    kernel.close()
    (segment,) = (tmp_path / DAY).iterdir()
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    pages = _core.JournalPages(tmp_path / DAY, page_records=size)
    read: list[str] = []
    with pytest.raises(_core.JournalError, match=r" at byte \d+, seq \d+: ") as damage:
        read.extend(chain.from_iterable(pages))
    damaged = int(str(damage.value).split(", seq ")[1].split(":")[0])
    assert list(range(1, damaged)) == [json.loads(line)["seq"] for line in read]
    assert damaged > ORDERS // 4


def test_a_folder_without_a_journal_is_refused_at_once(tmp_path: Path) -> None:
    """R13: what is not there is an error, not an empty journal."""
    with pytest.raises(_core.JournalError, match=str(tmp_path)):
        _core.JournalPages(tmp_path)
