//! The time of the loop: UTC that never falls, and an eye on the clock it comes from.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ringfence_kernel::types::Ts;

use super::offset::Discipline;
use crate::sys;

/// A difference between the wall clock and the time that really passed, from which on it counts as
/// a step.
pub const CLOCK_STEP_MIN: Duration = Duration::from_millis(500);
/// How far the wall clock may be behind the journal when a host starts.
pub const CLOCK_BEHIND_MAX: Duration = Duration::from_secs(300);

/// One look at the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Nanoseconds since 1970, UTC; may be set by anyone.
    pub wall_ns: i64,
    /// Nanoseconds since some moment; never falls, never jumps.
    pub monotonic_ns: i64,
}

/// Where the time comes from.
pub trait Clock: Send {
    /// Returns what the clocks show.
    fn read(&mut self) -> Reading;
    /// Returns how far the wall clock is from UTC; must not wait. A clock that is none of a machine
    /// does not know.
    fn discipline(&mut self) -> Discipline {
        Discipline::Unreadable("a clock without a discipline".to_owned())
    }
}

/// The clocks of this machine.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn read(&mut self) -> Reading {
        let wall_ns = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => nanos(since),
            Err(before) => nanos(before.duration()).saturating_neg(),
        };
        Reading { wall_ns, monotonic_ns: nanos(self.0.elapsed()) }
    }
    fn discipline(&mut self) -> Discipline {
        match sys::clock_offset() {
            Ok(Some(offset)) => Discipline::Steered(offset),
            Ok(None) => Discipline::Unsteered,
            Err(why) => Discipline::Unreadable(why.to_string()),
        }
    }
}

/// The wall clock was set, or stood still: it shows another time than passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockStep {
    /// How far it went beyond the time that passed, nanoseconds; negative when it went back.
    pub by_ns: i64,
    /// What it shows now, nanoseconds UTC.
    pub wall_ns: i64,
}

impl fmt::Display for ClockStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, by_ns) = if self.by_ns < 0 {
            ("back", self.by_ns.saturating_neg())
        } else {
            ("ahead", self.by_ns)
        };
        let limit_ns = CLOCK_STEP_MIN.as_nanos();
        write!(f, "the wall clock stepped {way} by {by_ns} ns, expected less than {limit_ns} ns")
    }
}

/// Turns readings into times that never fall.
///
/// While the wall clock is behind a time that was given already, time goes on at half the speed
/// until it has caught up: deadlines still come, and the difference does not stay.
#[derive(Debug)]
pub(crate) struct SteadyTime {
    last: Ts,
    reading: Reading,
}

impl SteadyTime {
    /// Returns the time that begins at `reading`, and not before `floor`.
    pub(crate) fn new(reading: Reading, floor: Option<Ts>) -> Self {
        let wall = Ts::from_nanos(reading.wall_ns);
        Self { last: floor.map_or(wall, |floor| floor.max(wall)), reading }
    }
    /// Returns the time last given.
    pub(crate) const fn last(&self) -> Ts {
        self.last
    }
    /// Returns the time of a reading, and the step that the wall clock made since the one before.
    pub(crate) fn take(&mut self, reading: Reading) -> (Ts, Option<ClockStep>) {
        let before = std::mem::replace(&mut self.reading, reading);
        let passed = reading.monotonic_ns.saturating_sub(before.monotonic_ns).max(0);
        let shown = reading.wall_ns.saturating_sub(before.wall_ns);
        let slowed = self.last.nanos().saturating_add(passed / 2);
        self.last = Ts::from_nanos(reading.wall_ns.max(slowed));
        let by_ns = shown.saturating_sub(passed);
        let is_step = by_ns.saturating_abs() >= nanos(CLOCK_STEP_MIN);
        (self.last, is_step.then_some(ClockStep { by_ns, wall_ns: reading.wall_ns }))
    }
}

/// Returns a duration in nanoseconds.
pub(crate) fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{ClockStep, Reading, SteadyTime};
    use ringfence_kernel::types::Ts;

    const SECOND: i64 = 1_000_000_000;

    fn at(wall_s: i64, monotonic_s: i64) -> Reading {
        Reading { wall_ns: wall_s * SECOND, monotonic_ns: monotonic_s * SECOND }
    }

    /// I7: time never falls. R111: a step of the clock is told once, with its size.
    #[test]
    fn steps_are_told_and_time_never_falls() {
        let mut time = SteadyTime::new(at(1_000, 0), None);
        // wall, monotonic -> time, step; seconds.
        let table = [
            ((1_001, 1), 1_001, None),
            ((2_002, 2), 2_002, Some(1_000)),
            ((2_003, 3), 2_003, None),
            ((1_904, 4), 2_003, Some(-100)),
            ((1_924, 24), 2_013, None),
            ((2_004, 104), 2_053, None),
            ((2_104, 204), 2_104, None),
            ((2_105, 205), 2_105, None),
        ];
        let mut last = Ts::from_nanos(0);
        for ((wall, monotonic), expected, step) in table {
            let (found, told) = time.take(at(wall, monotonic));
            assert_eq!(expected, found.nanos() / SECOND, "{wall} {monotonic}");
            let step = step.map(|by| ClockStep { by_ns: by * SECOND, wall_ns: wall * SECOND });
            assert_eq!(step, told);
            assert!(found >= last);
            last = found;
        }
    }

    /// I7: a host whose clock is behind its journal begins at the journal's time.
    #[test]
    fn time_begins_behind_the_journal() {
        let floor = Ts::from_nanos(2_000 * SECOND);
        let mut time = SteadyTime::new(at(1_990, 0), Some(floor));
        assert_eq!(floor, time.last());
        assert_eq!(floor.nanos() + SECOND, time.take(at(1_992, 2)).0.nanos());
    }
}
