//! Schedules: days, weeks, midnight, and the two nights on which a local clock jumps.

use ringfence_kernel::types::Ts;

use super::{Offset, SECOND_NS, Schedule, WeekPart, Window};

const HOUR: u32 = 3_600;
/// 2026-03-02, a Monday, 00:00 UTC.
const MONDAY: i64 = 1_772_409_600;

fn at(secs: i64) -> Ts {
    Ts::from_nanos(secs * SECOND_NS)
}

fn hours(day: i64, hour: i64) -> i64 {
    MONDAY + day * 86_400 + hour * 3_600
}

fn utc() -> Vec<Offset> {
    vec![Offset { from: Ts::default(), secs: 0 }]
}

/// New York in 2026: daylight saving from 8 March 07:00 UTC to 1 November 06:00 UTC.
fn new_york() -> Vec<Offset> {
    vec![
        Offset { from: at(1_762_063_200), secs: -5 * 3_600 },
        Offset { from: at(1_772_953_200), secs: -4 * 3_600 },
        Offset { from: at(1_793_512_800), secs: -5 * 3_600 },
    ]
}

/// FIX session times: a session of working days is open inside its hours and on its days only.
#[test]
fn working_days_are_open_in_their_hours() {
    let schedule = Schedule::daily(&[0, 1, 2, 3, 4], 8 * HOUR, 17 * HOUR, utc());
    let window = |day| Window { start: at(hours(day, 8)), end: at(hours(day, 17)) };
    let table = [
        (hours(0, 8) - 1, None),
        (hours(0, 8), Some(window(0))),
        (hours(0, 17) - 1, Some(window(0))),
        (hours(0, 17), None),
        (hours(4, 12), Some(window(4))),
        (hours(5, 12), None),
        (hours(6, 12), None),
        (hours(7, 12), Some(window(7))),
        (hours(-3, 12), Some(window(-3))),
    ];
    for (secs, expected) in table {
        assert_eq!(expected, schedule.window(at(secs)), "{secs}");
    }
    assert_eq!(Some(at(hours(7, 8))), schedule.next_change(at(hours(4, 17))));
    assert_eq!(Some(at(hours(0, 17))), schedule.next_change(at(hours(0, 8))));
}

/// FIX session times: a session over midnight is one window; so is one from Sunday to Friday.
#[test]
fn windows_reach_over_midnight_and_weeks() {
    let nightly = Schedule::daily(&[0], 22 * HOUR, 6 * HOUR, utc());
    let night = Window { start: at(hours(0, 22)), end: at(hours(1, 6)) };
    assert_eq!([Some(night); 2], [hours(0, 23), hours(1, 5)].map(|it| nightly.window(at(it))));
    assert_eq!(None, nightly.window(at(hours(1, 6))));
    let sunday = WeekPart { start_secs: (6 * 24 + 22) * HOUR, len_secs: (4 * 24 + 23) * HOUR };
    let weekly = Schedule::Weekly { parts: vec![sunday], offsets: utc() };
    let week = Window { start: at(hours(-1, 22)), end: at(hours(4, 21)) };
    for secs in [hours(-1, 22), hours(0, 0), hours(4, 20)] {
        assert_eq!(Some(week), weekly.window(at(secs)));
    }
    assert_eq!(None, weekly.window(at(hours(4, 21))));
    assert!(weekly.runs_on(at(hours(-1, 23)), at(hours(4, 20))));
    assert!(!weekly.runs_on(at(hours(-1, 21)), at(hours(0, 0))));
}

/// FIX session times: hours of a place stay its hours when its clock jumps, to 23 and 25 hours.
#[test]
fn local_hours_follow_the_clock_of_the_place() {
    let every_day = [0, 1, 2, 3, 4, 5, 6];
    let schedule = Schedule::daily(&every_day, 9 * HOUR, 16 * HOUR, new_york());
    // 2026-03-06, a Friday before the change, and 2026-03-09, the Monday after it.
    let expected = [(hours(4, 14), hours(4, 21)), (hours(7, 13), hours(7, 20))];
    for (start, end) in expected {
        let window = Window { start: at(start), end: at(end) };
        assert_eq!(Some(window), schedule.window(at(start)));
        assert_eq!(Some(window), schedule.window(at(end - 1)));
        assert_eq!(None, schedule.window(at(start - 1)));
    }
    // 02:30 does not exist on 8 March: the window begins as the clock jumps to 03:00, 07:00 UTC.
    let skipped = Schedule::daily(&every_day, 2 * HOUR + 1_800, 5 * HOUR, new_york());
    let window = Window { start: at(hours(6, 7)), end: at(hours(6, 9)) };
    assert_eq!(Some(window), skipped.window(at(hours(6, 8))));
    // 01:30 comes twice on 1 November: the window begins at the first, 05:30 UTC.
    let twice = Schedule::daily(&every_day, HOUR + 1_800, 3 * HOUR, new_york());
    let first = 1_793_512_800 - 1_800;
    let window = Window { start: at(first), end: at(1_793_512_800 + 2 * 3_600) };
    assert_eq!(Some(window), twice.window(at(first + 3_000)));
    assert_eq!(None, twice.window(at(first - 1)));
}

/// FIX session times: windows that were computed elsewhere are taken as they are.
#[test]
fn given_windows_are_taken_as_they_are() {
    let windows =
        vec![Window { start: at(10), end: at(20) }, Window { start: at(20), end: at(30) }];
    let schedule = Schedule::Windows(windows.clone());
    assert_eq!(None, schedule.window(at(9)));
    assert_eq!(Some(windows[0]), schedule.window(at(19)));
    assert_eq!(Some(windows[1]), schedule.window(at(20)));
    assert_eq!(Some(at(20)), schedule.next_change(at(10)));
    assert_eq!(None, schedule.next_change(at(30)));
    assert!(!schedule.runs_on(at(19), at(20)));
}
