"""When sessions may be logged on: windows of the week as moments in UTC.

A window is never shorter than it is written. When clocks go forward, a time that does not exist
means the moment of the change; when they go back, a start means the first of the two moments and
an end the second.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, get_args
from zoneinfo import ZoneInfo

import msgspec

from ringfence.config.wire import Day, Window

__all__ = ["DAYS_AFTER", "DAYS_BEFORE", "Opening", "moment_ns", "openings", "overlap"]

DAYS_BEFORE: Final = 1
"""Days before the trade date whose windows are looked at."""
DAYS_AFTER: Final = 7
"""Days after the trade date whose windows are looked at."""
SECOND_NS: Final = 10**9

_DAY: Final = datetime.timedelta(days=1)
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_WEEK: Final = get_args(Day)


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """One window of one day."""

    name: str
    """Name of the window."""
    trade_date: str
    """Date that it belongs to, YYYY-MM-DD."""
    start_ns: int
    """When it starts, nanoseconds UTC."""
    end_ns: int
    """When it has ended, nanoseconds UTC."""


def openings(schedule: Iterable[Window], trade_date: str) -> tuple[Opening, ...]:
    """Return the windows around a trade date, by their start.

    They are those that start between `DAYS_BEFORE` days before it and `DAYS_AFTER` days after it.
    """
    today = datetime.date.fromisoformat(trade_date)
    dates = [today + _DAY * offset for offset in range(-DAYS_BEFORE, DAYS_AFTER + 1)]
    found = [
        _opening(window, date)
        for window in schedule
        for date in dates
        if _WEEK[date.weekday()] in window.days
    ]
    return tuple(sorted(found, key=lambda row: (row.start_ns, row.end_ns, row.name)))


def overlap(found: tuple[Opening, ...]) -> tuple[Opening, Opening] | None:
    """Return the first two of `openings` that share a moment, or None."""
    for before, after in pairwise(found):
        if after.start_ns < before.end_ns:
            return before, after
    return None


def moment_ns(date: datetime.date, time: str, zone: ZoneInfo, *, later: bool) -> int:
    """Return the moment of a local date and time, nanoseconds UTC.

    Where the clock shows the time twice, `later` chooses the second; where it never shows it, the
    moment is that of the change.
    """
    local = datetime.datetime.combine(date, datetime.time.fromisoformat(time))
    first = local.replace(tzinfo=zone, fold=0).astimezone(datetime.UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(datetime.UTC)
    if second < first:  # the clock jumps over this time
        return _ns(_change(second, first, zone))
    return _ns(second if later else first)


def _opening(window: Window, date: datetime.date) -> Opening:
    zone = ZoneInfo(window.time_zone)
    last = date if window.end > window.start else date + _DAY
    return Opening(
        name=window.name,
        trade_date=(date if window.trade_date == "start" else last).isoformat(),
        start_ns=moment_ns(date, window.start, zone, later=False),
        end_ns=moment_ns(last, window.end, zone, later=True),
    )


def _change(
    before: datetime.datetime, after: datetime.datetime, zone: ZoneInfo
) -> datetime.datetime:
    """Return the second between two moments at which the zone's offset from UTC changes."""
    offset = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())  # changed at `high`, not yet at `low`
    while high - low > 1:
        middle = (low + high) // 2
        moment = (before + datetime.timedelta(seconds=middle)).astimezone(zone)
        low, high = (middle, high) if moment.utcoffset() == offset else (low, middle)
    return before + datetime.timedelta(seconds=high)


def _ns(moment: datetime.datetime) -> int:
    return int((moment - _EPOCH).total_seconds()) * SECOND_NS
