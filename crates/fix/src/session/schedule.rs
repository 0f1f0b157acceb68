//! When a session is open: always, in windows that were computed elsewhere, or by a local clock.
//!
//! Refuses to know time zones. The clock of a place is a table of offsets with the instants from
//! which they hold, so that a change of daylight saving is exact and the same in every replay.

use ringfence_kernel::types::Ts;

use super::settings::SECOND_NS;

/// Windows, days and offsets of one schedule.
pub const SCHEDULE_ENTRIES_MAX: usize = 4_096;

const DAY_SECS: i64 = 86_400;
const WEEK_SECS: i64 = 7 * DAY_SECS;

/// A time in which the numbers of a session run on: from `start`, before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// The first instant.
    pub start: Ts,
    /// The first instant after it.
    pub end: Ts,
}

/// An offset of a local clock from UTC and the instant from which it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// The first instant.
    pub from: Ts,
    /// Local time minus UTC, seconds.
    pub secs: i32,
}

/// A stretch of the local week, which begins Monday 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekPart {
    /// First second of the week that belongs to it.
    pub start_secs: u32,
    /// Its length in seconds; it may reach into the next week.
    pub len_secs: u32,
}

/// When a session is open. Its numbers begin at 1 in each window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// It is never closed, and no time resets its numbers.
    Always,
    /// In these windows, sorted and without overlap.
    Windows(Vec<Window>),
    /// By a local clock, every week alike.
    Weekly {
        /// Where two overlap, the first that is open counts.
        parts: Vec<WeekPart>,
        /// The local clock, sorted; the first offset also holds before its instant. Never empty.
        offsets: Vec<Offset>,
    },
}

impl Schedule {
    /// Returns a schedule open from `start_secs` to `end_secs` of each local day given, 0 for
    /// Monday to 6 for Sunday; an end that is not after its start lies on the next day.
    pub fn daily(days: &[u8], start_secs: u32, end_secs: u32, offsets: Vec<Offset>) -> Self {
        let day = 86_400;
        let len_secs =
            if end_secs > start_secs { end_secs - start_secs } else { end_secs + day - start_secs };
        let part = |weekday: &u8| WeekPart {
            start_secs: u32::from(*weekday % 7) * day + start_secs % day,
            len_secs,
        };
        Self::Weekly { parts: days.iter().map(part).collect(), offsets }
    }
    /// Returns whether it is sorted, without overlap and within [`SCHEDULE_ENTRIES_MAX`].
    pub fn is_well_formed(&self) -> bool {
        match self {
            Self::Always => true,
            Self::Windows(windows) => {
                windows.len() <= SCHEDULE_ENTRIES_MAX
                    && windows.iter().all(|window| window.start < window.end)
                    && windows.windows(2).all(|pair| match pair {
                        [first, second] => first.end <= second.start,
                        _ => true,
                    })
            }
            Self::Weekly { parts, offsets } => {
                let week = u32::try_from(WEEK_SECS).unwrap_or(u32::MAX);
                parts.len() <= SCHEDULE_ENTRIES_MAX
                    && (1..=SCHEDULE_ENTRIES_MAX).contains(&offsets.len())
                    && parts
                        .iter()
                        .all(|part| part.start_secs < week && (1..=week).contains(&part.len_secs))
                    && offsets.is_sorted_by_key(|offset| offset.from)
            }
        }
    }
    /// Returns the window that contains `at`; `None` when the session is closed then.
    ///
    /// [`Schedule::Always`] has one window without an end.
    pub fn window(&self, at: Ts) -> Option<Window> {
        match self {
            Self::Always => {
                Some(Window { start: Ts::from_nanos(i64::MIN), end: Ts::from_nanos(i64::MAX) })
            }
            Self::Windows(windows) => windows.iter().copied().find(|window| window.holds(at)),
            Self::Weekly { parts, offsets } => {
                weekly(parts, offsets, at).find(|window| window.holds(at))
            }
        }
    }
    /// Returns the next instant after `at` at which a window begins or ends.
    pub fn next_change(&self, at: Ts) -> Option<Ts> {
        let edges = |window: Window| [window.start, window.end];
        match self {
            Self::Always => None,
            Self::Windows(windows) => {
                windows.iter().copied().flat_map(edges).filter(|edge| *edge > at).min()
            }
            Self::Weekly { parts, offsets } => {
                weekly(parts, offsets, at).flat_map(edges).filter(|edge| *edge > at).min()
            }
        }
    }
    /// Returns whether the numbers of `then` still run at `now`: no window began in between.
    pub fn runs_on(&self, then: Ts, now: Ts) -> bool {
        match self.window(now) {
            Some(window) => window.start <= then,
            None => true,
        }
    }
}

impl Window {
    fn holds(&self, at: Ts) -> bool {
        self.start <= at && at < self.end
    }
}

/// Returns the windows of the local week before, of and after `at`.
fn weekly(parts: &[WeekPart], offsets: &[Offset], at: Ts) -> impl Iterator<Item = Window> {
    let local = at.nanos().div_euclid(SECOND_NS) + offset_at(offsets, at);
    // 1970-01-01 was a Thursday, the fourth day of its week.
    let week = (local + 3 * DAY_SECS).div_euclid(WEEK_SECS);
    (week - 1..=week + 1).flat_map(move |week| {
        parts.iter().map(move |part| {
            let start = week * WEEK_SECS - 3 * DAY_SECS + i64::from(part.start_secs);
            let end = start + i64::from(part.len_secs);
            Window { start: instant(offsets, start), end: instant(offsets, end) }
        })
    })
}

fn offset_at(offsets: &[Offset], at: Ts) -> i64 {
    let last = offsets.iter().rev().find(|offset| offset.from <= at);
    last.or(offsets.first()).map_or(0, |offset| i64::from(offset.secs))
}

/// Returns the first instant at which the local clock shows `local` seconds or later.
///
/// A time that the clock shows twice is the first of the two; one that it skips is the instant at
/// which it skips.
fn instant(offsets: &[Offset], local: i64) -> Ts {
    for (place, offset) in offsets.iter().enumerate() {
        let ends = offsets.get(place + 1).map(|next| next.from);
        let shown = (local - i64::from(offset.secs)).saturating_mul(SECOND_NS);
        let shown = if place == 0 { shown } else { shown.max(offset.from.nanos()) };
        if ends.is_none_or(|ends| shown < ends.nanos()) {
            return Ts::from_nanos(shown);
        }
    }
    Ts::from_nanos(local.saturating_mul(SECOND_NS))
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
