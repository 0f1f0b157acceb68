"""What stands against a day before it begins: the clock of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ringfence import _core
from ringfence.ops.day import unfit_clock

DAY = "2013-10-08"


def told(journal: Path, unfit: str) -> dict[str, Any]:
    """Return settings of a node."""
    return {
        "journal": str(journal),
        "trade_date": DAY,
        "clock_unfit": unfit,
        "clock_offset_max_ns": 1_000_000,
        "clock_error_max_ns": 2_000_000_000,
    }


@pytest.mark.parametrize(
    ("unfit", "begun", "found", "expected"),
    [
        ("refuse", False, "too far", ["clock_unfit: too far"]),
        ("refuse", False, None, []),
        ("refuse", True, "too far", []),
        ("alert", False, "too far", []),
    ],
)
def test_an_unfit_clock_begins_no_day(
    unfit: str, begun: bool, found: str | None, expected: list[str], tmp_path: Path
) -> None:
    """R89, R111: an unfit clock is found before the start; a day that was begun goes on."""
    if begun:
        (tmp_path / DAY).mkdir()
    asked: list[tuple[int, int]] = []

    def judge(offset_max_ns: int, error_max_ns: int) -> str | None:
        asked.append((offset_max_ns, error_max_ns))
        return found

    assert expected == list(unfit_clock(told(tmp_path, unfit), judge))
    assert {(1_000_000, 2_000_000_000)} >= set(asked)


def test_this_machine_is_judged() -> None:
    """R111: the answer of this machine is nothing, or a sentence with what was expected."""
    found = _core.unfit_clock(1_000_000, 2_000_000_000)
    assert found is None or "expected" in found
    # A maximum error below what the system can say is never within its bound.
    strict = _core.unfit_clock(1, 1)
    assert strict is not None
