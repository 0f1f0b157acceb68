"""Windows of the week as moments: time zones, the changes of clocks, and midnight."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from ringfence.config.schedule import Opening, moment_ns, openings, overlap
from ringfence.config.wire import Window

NEW_YORK = "America/New_York"
SECOND_NS = 10**9
HOUR_NS = 3_600 * SECOND_NS


def window(start: str, end: str, zone: str = NEW_YORK, **more: object) -> Window:
    """Return a window on every day, unless `more` says otherwise."""
    fields: dict[str, object] = {
        "name": "w",
        "days": ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        "start": f"{start}:00",
        "end": f"{end}:00",
        "time_zone": zone,
    }
    return Window(**{**fields, **more})  # type: ignore[arg-type]


def utc(text: str) -> int:
    """Return the nanoseconds of a time in UTC."""
    return int(datetime.datetime.fromisoformat(f"{text}+00:00").timestamp()) * SECOND_NS


def of(found: tuple[Opening, ...], trade_date: str) -> list[tuple[int, int]]:
    """Return start and end of the windows of one trade date."""
    return [(row.start_ns, row.end_ns) for row in found if row.trade_date == trade_date]


def test_a_day_window_is_where_its_zone_says() -> None:
    """R17: 09:30 to 16:00 in New York is another time in UTC in summer than in winter."""
    summer = openings([window("09:30", "16:00")], "2013-10-08")
    assert [(utc("2013-10-08T13:30:00"), utc("2013-10-08T20:00:00"))] == of(summer, "2013-10-08")
    winter = openings([window("09:30", "16:00")], "2013-12-10")
    assert [(utc("2013-12-10T14:30:00"), utc("2013-12-10T21:00:00"))] == of(winter, "2013-12-10")


def test_a_window_over_midnight_belongs_to_the_next_day() -> None:
    """R19: an overnight venue that opens on Sunday at 20:00 trades for Monday."""
    nights = window("20:00", "04:00", days=("sun", "mon", "tue", "wed", "thu"))
    found = openings([nights], "2013-10-08")
    assert [(utc("2013-10-08T00:00:00"), utc("2013-10-08T08:00:00"))] == of(found, "2013-10-08")
    assert [(utc("2013-10-14T00:00:00"), utc("2013-10-14T08:00:00"))] == of(found, "2013-10-14")
    assert [] == of(found, "2013-10-12") + of(found, "2013-10-13")


def test_the_rule_of_the_trade_date_is_a_choice() -> None:
    """R71: a window may belong to the date on which it starts."""
    nights = window("20:00", "04:00", trade_date="start")
    found = openings([nights], "2013-10-08")
    assert [(utc("2013-10-09T00:00:00"), utc("2013-10-09T08:00:00"))] == of(found, "2013-10-08")


def test_a_whole_day_ends_when_it_begins() -> None:
    """R71: a window whose end is its start is a whole day, on a day of 25 hours too."""
    found = openings([window("17:00", "17:00")], "2013-11-03")
    lengths = {row.trade_date: row.end_ns - row.start_ns for row in found}
    assert 25 * HOUR_NS == lengths["2013-11-03"]
    assert 24 * HOUR_NS == lengths["2013-11-04"]


def test_the_hour_that_comes_twice_is_not_cut() -> None:
    """R71: on 3 November 2013 a start is the first 01:30 and an end the second."""
    starts = openings([window("01:30", "09:00")], "2013-11-03")
    assert [(utc("2013-11-03T05:30:00"), utc("2013-11-03T14:00:00"))] == of(starts, "2013-11-03")
    ends = openings([window("20:00", "01:30")], "2013-11-03")
    assert [(utc("2013-11-03T00:00:00"), utc("2013-11-03T06:30:00"))] == of(ends, "2013-11-03")


def test_the_hour_that_never_comes_is_the_moment_of_the_change() -> None:
    """R71: on 10 March 2024 there is no 02:30 in New York; 03:00 follows 01:59:59."""
    change = utc("2024-03-10T07:00:00")
    starts = openings([window("02:30", "09:00")], "2024-03-10")
    assert [(change, utc("2024-03-10T13:00:00"))] == of(starts, "2024-03-10")
    ends = openings([window("20:00", "02:30")], "2024-03-10")
    assert [(utc("2024-03-10T01:00:00"), change)] == of(ends, "2024-03-10")


def test_an_overnight_window_has_seven_or_nine_hours_on_the_nights_of_the_change() -> None:
    """R19: 20:00 to 04:00 is eight hours, but for two nights of the year."""
    nights = [window("20:00", "04:00")]
    lengths = {
        row.trade_date: row.end_ns - row.start_ns
        for date in ("2013-11-03", "2024-03-10")
        for row in openings(nights, date)
    }
    assert (9 * HOUR_NS, 7 * HOUR_NS) == (lengths["2013-11-03"], lengths["2024-03-10"])
    assert (8 * HOUR_NS, 8 * HOUR_NS) == (lengths["2013-11-04"], lengths["2024-03-11"])


def test_the_day_before_and_a_week_ahead_are_resolved() -> None:
    """R71: a node that runs past midnight, or over a weekend, knows its next window."""
    dates = [row.trade_date for row in openings([window("09:30", "16:00")], "2013-10-08")]
    assert ["2013-10-07", "2013-10-08"] == dates[:2]
    assert "2013-10-15" == dates[-1]
    assert 9 == len(dates)


def test_windows_that_share_a_moment_are_found() -> None:
    """R71: of two windows in two zones only their moments say whether they meet."""
    morning = window("09:30", "16:00", name="new_york")
    clear = window("08:00", "14:30", "Europe/London", name="london")
    assert overlap(openings([morning, clear], "2013-10-08")) is None
    late = window("08:00", "14:31", "Europe/London", name="london")
    found = overlap(openings([morning, late], "2013-10-08"))
    assert found is not None
    assert ("london", "new_york") == (found[0].name, found[1].name)


ZONES = st.sampled_from(["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Tokyo"])
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}:00")


@given(st.dates(datetime.date(2007, 1, 2), datetime.date(2030, 1, 1)), MINUTES, MINUTES, ZONES)
def test_time_never_falls_within_a_day(
    date: datetime.date, one: str, other: str, zone: str
) -> None:
    """R71: of two local times the later is never the earlier moment, whatever clocks do."""
    first, second = sorted((one, other))
    at = ZoneInfo(zone)
    start = moment_ns(date, first, at, later=False)
    assert start <= moment_ns(date, first, at, later=True)
    assert start <= moment_ns(date, second, at, later=False)
    assert moment_ns(date, first, at, later=True) <= moment_ns(date, second, at, later=True)


@given(st.dates(datetime.date(2007, 1, 2), datetime.date(2030, 1, 1)), MINUTES, ZONES)
def test_a_time_that_exists_is_what_the_clock_shows(
    date: datetime.date, time: str, zone: str
) -> None:
    """R71: read back in its zone, a moment is the local time that was written, or just after it."""
    at = ZoneInfo(zone)
    moment = moment_ns(date, time, at, later=False) // SECOND_NS
    shown = datetime.datetime.fromtimestamp(moment, at).replace(tzinfo=None)
    written = datetime.datetime.combine(date, datetime.time.fromisoformat(time))
    before = datetime.datetime.fromtimestamp(moment - 1, at).replace(tzinfo=None)
    assert shown == written or before < written < shown
