"""The line in which a venue says when its tape begins."""

from __future__ import annotations

import pytest
from ringfence.cli.venue.process import tell_tape

HOUR_NS = 3_600_000_000_000


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (2 * HOUR_NS, ", its first data came 1970-01-01 02:00:00 UTC"),
        (
            4_102_444_800_000_000_000,
            "; the book is empty until its first data comes, 2100-01-01 00:00:00 UTC",
        ),
        (None, " and has no data"),
    ],
)
def test_the_tape_says_when_data_comes(
    first: int | None, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rule 21 of STYLE.md: a book that is empty because its tape has not begun says so."""
    tell_tape((HOUR_NS, first), "text")
    expected = f"ringfence venue: the tape begins 1970-01-01 01:00:00 UTC{expected}\n"
    assert expected == capsys.readouterr().err


def test_a_venue_without_a_tape_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A venue without a tape has no such line."""
    tell_tape(None, "text")
    assert not capsys.readouterr().err
