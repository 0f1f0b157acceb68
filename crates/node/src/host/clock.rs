//! The time of the loop: UTC that never falls, and an eye on the clock it comes from.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ringfence_kernel::types::Ts;

use super::offset::Discipline;
use crate::sys;

/// A difference between the wall clock and the time that really passed, from which on it counts as
/// a step.
pub const CLOCK_STEP_MIN: Duration = Duration::from_millis(500);
/// The largest step of the wall clock that is followed at once, unless told otherwise.
pub const CLOCK_STEP_MAX_DEFAULT: Duration = Duration::from_secs(1);
/// How long the wall clock must run evenly after a larger step before it is followed.
pub const CLOCK_PROOF: Duration = Duration::from_secs(60);
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
    /// Whether it is too far from the time of the host to be followed before it has proved itself.
    pub is_doubted: bool,
}

impl fmt::Display for ClockStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, by_ns) = if self.by_ns < 0 {
            ("back", self.by_ns.saturating_neg())
        } else {
            ("ahead", self.by_ns)
        };
        let limit_ns = CLOCK_STEP_MIN.as_nanos();
        write!(f, "the wall clock stepped {way} by {by_ns} ns, expected less than {limit_ns} ns")?;
        if !self.is_doubted {
            return Ok(());
        }
        let proof_s = CLOCK_PROOF.as_secs();
        write!(f, "; it is not followed before it has run evenly for {proof_s} s, or by a restart")
    }
}

/// What a reading of the clocks has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing to tell.
    Even,
    /// The wall clock stepped.
    Step(ClockStep),
    /// After a step that was doubted it has run evenly for long enough, and is followed: it is so
    /// many nanoseconds ahead of the time of the host, negative when behind.
    Proved(i64),
}

/// Turns readings into times that never fall and never leap.
///
/// A wall clock within `step_max` ahead of the time given last is followed at once. One that is
/// further off after a step is doubted: time goes on with the monotonic clock, so that a clock that
/// is wrong for a moment cuts nobody off. Once it has run evenly for [`CLOCK_PROOF`] time moves
/// towards it, at twice the speed when it is ahead and at half when it is behind: deadlines still
/// come, and the difference does not stay.
#[derive(Debug)]
pub(crate) struct SteadyTime {
    last: Ts,
    reading: Reading,
    step_max_ns: i64,
    /// When the wall clock last stepped, on the monotonic clock, while it is doubted.
    doubted_since: Option<i64>,
}

impl SteadyTime {
    /// Returns the time that begins at `reading`, and not before `floor`.
    pub(crate) fn new(reading: Reading, floor: Option<Ts>, step_max: Duration) -> Self {
        let wall = Ts::from_nanos(reading.wall_ns);
        let last = floor.map_or(wall, |floor| floor.max(wall));
        Self { last, reading, step_max_ns: nanos(step_max), doubted_since: None }
    }
    /// Returns the time last given.
    pub(crate) const fn last(&self) -> Ts {
        self.last
    }
    /// Returns the time of a reading, and what it shows beside the one before.
    pub(crate) fn take(&mut self, reading: Reading) -> (Ts, Shown) {
        let before = std::mem::replace(&mut self.reading, reading);
        let passed = reading.monotonic_ns.saturating_sub(before.monotonic_ns).max(0);
        let by_ns = reading.wall_ns.saturating_sub(before.wall_ns).saturating_sub(passed);
        let is_step = by_ns.saturating_abs() >= nanos(CLOCK_STEP_MIN).min(self.step_max_ns);
        let even_ns = self.last.nanos().saturating_add(passed);
        let ahead_ns = reading.wall_ns.saturating_sub(even_ns);
        let shown = self.judge(is_step, ahead_ns, reading.monotonic_ns);
        let slowed_ns = self.last.nanos().saturating_add(passed / 2);
        self.last = Ts::from_nanos(match ahead_ns {
            _ if self.doubted_since.is_some() => even_ns,
            ..0 => reading.wall_ns.max(slowed_ns),
            0.. if ahead_ns <= self.step_max_ns => reading.wall_ns,
            0.. => even_ns.saturating_add(passed.min(ahead_ns)),
        });
        let is_told = by_ns.saturating_abs() >= nanos(CLOCK_STEP_MIN);
        let is_doubted = self.doubted_since.is_some();
        let step = ClockStep { by_ns, wall_ns: reading.wall_ns, is_doubted };
        (self.last, if is_told { Shown::Step(step) } else { shown })
    }
    /// Begins to doubt a wall clock that stepped away from the time of the host, and ends it once
    /// the clock is back or has proved itself.
    fn judge(&mut self, is_step: bool, ahead_ns: i64, monotonic_ns: i64) -> Shown {
        if ahead_ns.saturating_abs() <= self.step_max_ns {
            self.doubted_since = None;
        } else if is_step {
            self.doubted_since = Some(monotonic_ns);
        } else if let Some(since) = self.doubted_since
            && monotonic_ns.saturating_sub(since) >= nanos(CLOCK_PROOF)
        {
            self.doubted_since = None;
            return Shown::Proved(ahead_ns);
        }
        Shown::Even
    }
}

/// Returns a duration in nanoseconds.
pub(crate) fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ClockStep, Reading, Shown, SteadyTime};
    use ringfence_kernel::types::Ts;

    const SECOND: i64 = 1_000_000_000;
    const STEP_MAX: Duration = Duration::from_secs(5);

    fn at(wall_s: i64, monotonic_s: i64) -> Reading {
        Reading { wall_ns: wall_s * SECOND, monotonic_ns: monotonic_s * SECOND }
    }

    fn stepped(by_s: i64, wall_s: i64, is_doubted: bool) -> Shown {
        Shown::Step(ClockStep { by_ns: by_s * SECOND, wall_ns: wall_s * SECOND, is_doubted })
    }

    /// Takes readings of whole seconds, and holds times and what is told against the table.
    fn check(time: &mut SteadyTime, table: &[((i64, i64), i64, Shown)]) {
        for ((wall, monotonic), expected, shown) in table {
            let last = time.last();
            let (found, told) = time.take(at(*wall, *monotonic));
            assert_eq!(*expected, found.nanos() / SECOND, "{wall} {monotonic}");
            assert_eq!(*shown, told, "{wall} {monotonic}");
            assert!(found >= last);
        }
    }

    /// I7: time never falls. R111: a step of the clock is told once, with its size; one that is
    /// not too large is followed, at once ahead and at half the speed back.
    #[test]
    fn small_steps_are_followed_and_time_never_falls() {
        let mut time = SteadyTime::new(at(1_000, 0), None, STEP_MAX);
        let table = [
            ((1_001, 1), 1_001, Shown::Even),
            ((1_006, 2), 1_006, stepped(4, 1_006, false)),
            ((1_007, 3), 1_007, Shown::Even),
            ((1_004, 4), 1_007, stepped(-4, 1_004, false)),
            ((1_006, 6), 1_008, Shown::Even),
            ((1_014, 14), 1_014, Shown::Even),
            ((1_015, 15), 1_015, Shown::Even),
        ];
        check(&mut time, &table);
    }

    /// R111: a clock that is wrong by an hour for a moment, ahead or back, moves nothing: time goes
    /// on as it passes, and both steps are told.
    #[test]
    fn a_spike_is_not_followed() {
        for by in [3_600, -3_600] {
            let mut time = SteadyTime::new(at(10_000, 0), None, STEP_MAX);
            let table = [
                ((10_001 + by, 1), 10_001, stepped(by, 10_001 + by, true)),
                ((10_031 + by, 31), 10_031, Shown::Even),
                ((10_032, 32), 10_032, stepped(-by, 10_032, false)),
                ((10_200, 200), 10_200, Shown::Even),
            ];
            check(&mut time, &table);
        }
    }

    /// R111: a step that stays is followed once the clock has run evenly for long enough, at twice
    /// the speed ahead and at half back; another step begins the proof anew.
    #[test]
    fn a_clock_that_proved_itself_is_followed() {
        let mut time = SteadyTime::new(at(10_000, 0), None, STEP_MAX);
        let table = [
            ((10_101, 1), 10_001, stepped(100, 10_101, true)),
            ((10_160, 60), 10_060, Shown::Even),
            ((10_181, 61), 10_061, stepped(20, 10_181, true)),
            ((10_240, 120), 10_120, Shown::Even),
            ((10_241, 121), 10_122, Shown::Proved(120 * SECOND)),
            ((10_301, 181), 10_242, Shown::Even),
            ((10_354, 234), 10_348, Shown::Even),
            ((10_356, 236), 10_352, Shown::Even),
            ((10_357, 237), 10_357, Shown::Even),
            ((10_257, 238), 10_358, stepped(-101, 10_257, true)),
            ((10_316, 297), 10_417, Shown::Even),
            ((10_317, 298), 10_417, Shown::Proved(-101 * SECOND)),
            ((10_417, 398), 10_467, Shown::Even),
            ((10_519, 500), 10_519, Shown::Even),
        ];
        check(&mut time, &table);
    }

    /// I7: a host whose clock is behind its journal begins at the journal's time, and does not
    /// doubt a clock that it was started by.
    #[test]
    fn time_begins_behind_the_journal() {
        let floor = Ts::from_nanos(2_000 * SECOND);
        let mut time = SteadyTime::new(at(1_990, 0), Some(floor), STEP_MAX);
        assert_eq!(floor, time.last());
        assert_eq!(floor.nanos() + SECOND, time.take(at(1_992, 2)).0.nanos());
    }
}
