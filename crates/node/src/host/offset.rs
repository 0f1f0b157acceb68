//! How far this machine's clock may be from UTC, and how far it says it is (RTS 25).
//!
//! Whatever steers the clock, such as chrony, ntpd, ptp4l or systemd-timesyncd, leaves with the
//! system how far off it found it and how sure it is. Refuses to take a clock that nothing steers
//! for one that is right: without an answer the offset is unknown, and never zero.

use std::fmt;

use super::clock::Clock;

/// Readings in a row that must be better before it is told that the clock is.
pub const BETTER_READINGS: u8 = 3;

/// What steers the clock left with the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// The clock is steered.
    Steered(ClockOffset),
    /// Nothing steers it, or nothing has for hours (`STA_UNSYNC`).
    Unsteered,
    /// The system does not say, for this reason.
    Unreadable(String),
}

/// How far the clock is from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockOffset {
    /// Correction that is still to be made, nanoseconds; negative when the clock is ahead.
    pub offset_ns: i64,
    /// What the estimate may be wrong by, nanoseconds, as whoever steers the clock estimates it.
    pub est_error_ns: i64,
    /// What it is wrong by at the very most, nanoseconds; grows by itself until it is set again.
    pub max_error_ns: i64,
}

impl ClockOffset {
    /// Returns how far from UTC the clock must be taken to be: its offset and the error of that.
    pub const fn divergence_ns(&self) -> i64 {
        self.offset_ns.saturating_abs().saturating_add(self.est_error_ns)
    }
}

/// What a start does with a clock that is beyond its bounds, or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It does not begin a day. One that was begun goes on, since orders of it may be open.
    Refuse,
    /// It tells, and begins.
    Alert,
}

/// Bounds of the clock, and how often it is held against them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockLimits {
    /// Largest divergence from UTC, nanoseconds.
    pub offset_max_ns: i64,
    /// Largest maximum error with which an offset counts as known, nanoseconds. The system raises
    /// it by half a millisecond a second, so it shows how long ago the clock was last corrected.
    pub error_max_ns: i64,
    /// Time between two looks, nanoseconds.
    pub check_every_ns: i64,
    /// What a start does beyond them.
    pub unfit: Unfit,
}

impl ClockLimits {
    /// Returns how a clock stands against the bounds.
    pub fn judge(&self, discipline: &Discipline) -> ClockFitness {
        match discipline {
            Discipline::Unsteered => ClockFitness::Unknown(Unknown::Unsteered),
            Discipline::Unreadable(why) => ClockFitness::Unknown(Unknown::Unreadable(why.clone())),
            Discipline::Steered(found) if found.max_error_ns > self.error_max_ns => {
                let (found_ns, max_ns) = (found.max_error_ns, self.error_max_ns);
                ClockFitness::Unknown(Unknown::Stale { found_ns, max_ns })
            }
            Discipline::Steered(found) if found.divergence_ns() > self.offset_max_ns => {
                ClockFitness::Beyond(*found, self.offset_max_ns)
            }
            Discipline::Steered(found) => ClockFitness::Within(*found, self.offset_max_ns),
        }
    }
}

/// How a clock stands against its bounds; with an offset comes the largest divergence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClockFitness {
    /// It is as near to UTC as it has to be.
    Within(ClockOffset, i64),
    /// It is too far away.
    Beyond(ClockOffset, i64),
    /// Nobody can say.
    Unknown(Unknown),
}

/// Why the offset of a clock is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Nothing steers the clock.
    Unsteered,
    /// Its maximum error is beyond what counts as known, both in nanoseconds.
    Stale {
        /// The maximum error.
        found_ns: i64,
        /// The largest that counts as known.
        max_ns: i64,
    },
    /// The system does not say.
    Unreadable(String),
}

impl ClockFitness {
    /// Returns its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Within(..) => "within",
            Self::Beyond(..) => "beyond",
            Self::Unknown(_) => "unknown",
        }
    }
    /// Returns whether a day may begin with it, and nobody has to act.
    pub const fn is_fit(&self) -> bool {
        self.rank() == 0
    }
    const fn rank(&self) -> u8 {
        match self {
            Self::Within(..) => 0,
            Self::Beyond(..) => 1,
            Self::Unknown(_) => 2,
        }
    }
}

impl fmt::Display for ClockFitness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(found, max_ns) | Self::Beyond(found, max_ns) => write!(
                f,
                "the clock is {} ns from UTC with its estimated error, expected at most {max_ns} \
                 ns: offset {} ns, estimated error {} ns, maximum error {} ns",
                found.divergence_ns(),
                found.offset_ns,
                found.est_error_ns,
                found.max_error_ns
            ),
            Self::Unknown(Unknown::Unsteered) => f.write_str(
                "the clock's offset from UTC is unknown: expected a clock that is synchronized, \
                 found one that nothing steers",
            ),
            Self::Unknown(Unknown::Stale { found_ns, max_ns }) => write!(
                f,
                "the clock's offset from UTC is unknown: expected a maximum error of at most \
                 {max_ns} ns, found {found_ns} ns, so it was not corrected for long"
            ),
            Self::Unknown(Unknown::Unreadable(why)) => write!(
                f,
                "the clock's offset from UTC is unknown: expected the system to say it, found {why}"
            ),
        }
    }
}

/// How the clock stands, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockStatus {
    /// What was told of it last.
    pub fitness: ClockFitness,
    /// What was read of it last.
    pub discipline: Discipline,
}

/// What came of a look at the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// It is not time to look again.
    NotDue,
    /// The clock stands as it was told last.
    AsTold,
    /// It stands otherwise, which is to be told.
    Changed(ClockFitness),
}

/// Holds the clock against its bounds from time to time, and remembers what it told.
///
/// Worse is told at once. Better is told after [`BETTER_READINGS`] in a row, and a clock that was
/// beyond its bound is better from three quarters of it downwards: one near the bound does not
/// ring all day.
#[derive(Debug)]
pub(super) struct OffsetWatch {
    limits: ClockLimits,
    status: ClockStatus,
    better_count: u8,
    due_monotonic_ns: i64,
}

impl OffsetWatch {
    /// Returns a watch that has looked once.
    pub(super) fn new(limits: ClockLimits, clock: &mut dyn Clock, monotonic_ns: i64) -> Self {
        let discipline = clock.discipline();
        let fitness = limits.judge(&discipline);
        let due_monotonic_ns = monotonic_ns.saturating_add(limits.check_every_ns);
        let status = ClockStatus { fitness, discipline };
        Self { limits, status, better_count: 0, due_monotonic_ns }
    }
    /// Returns what is to be shown.
    pub(super) const fn status(&self) -> &ClockStatus {
        &self.status
    }
    /// Returns why a day must not begin with this clock.
    pub(super) fn refusal(&self) -> Option<&ClockFitness> {
        let is_refused = self.limits.unfit == Unfit::Refuse && !self.status.fitness.is_fit();
        is_refused.then_some(&self.status.fitness)
    }
    /// Looks if it is time to, and returns what came of it.
    pub(super) fn look(&mut self, clock: &mut dyn Clock, monotonic_ns: i64) -> Look {
        if monotonic_ns < self.due_monotonic_ns {
            return Look::NotDue;
        }
        self.due_monotonic_ns = monotonic_ns.saturating_add(self.limits.check_every_ns);
        self.take(clock.discipline()).map_or(Look::AsTold, Look::Changed)
    }
    fn take(&mut self, discipline: Discipline) -> Option<ClockFitness> {
        let found = self.limits.judge(&discipline);
        self.status.discipline = discipline;
        let (rank, told_rank) = (found.rank(), self.status.fitness.rank());
        let is_better = rank < told_rank && !self.is_near_its_bound(&found);
        self.better_count = if is_better { self.better_count.saturating_add(1) } else { 0 };
        if rank > told_rank || self.better_count >= BETTER_READINGS {
            self.better_count = 0;
            self.status.fitness = found.clone();
            return Some(found);
        }
        None
    }
    const fn is_near_its_bound(&self, found: &ClockFitness) -> bool {
        match (&self.status.fitness, found) {
            (ClockFitness::Beyond(..), ClockFitness::Within(found, max_ns)) => {
                found.divergence_ns() > *max_ns - *max_ns / 4
            }
            (_, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::{Clock, Reading, SystemClock};
    use super::{ClockLimits, ClockOffset, Discipline, Look, OffsetWatch, Unfit};

    const US: i64 = 1_000;
    const LIMITS: ClockLimits = ClockLimits {
        offset_max_ns: 1_000 * US,
        error_max_ns: 2_000_000 * US,
        check_every_ns: 10,
        unfit: Unfit::Refuse,
    };

    fn steered(offset_us: i64, est_error_us: i64, max_error_us: i64) -> Discipline {
        Discipline::Steered(ClockOffset {
            offset_ns: offset_us * US,
            est_error_ns: est_error_us * US,
            max_error_ns: max_error_us * US,
        })
    }

    /// A clock whose discipline a test sets.
    struct Told(Discipline);

    impl Clock for Told {
        fn read(&mut self) -> Reading {
            Reading { wall_ns: 0, monotonic_ns: 0 }
        }
        fn discipline(&mut self) -> Discipline {
            self.0.clone()
        }
    }

    /// R111, RTS 25: offset and estimated error together are held against the maximum, on both
    /// sides; a clock that nothing steers, or that was not corrected for long, is unknown.
    #[test]
    fn a_clock_is_judged() {
        let unreadable = Discipline::Unreadable("no such call".to_owned());
        let table = [
            (steered(0, 0, 0), "within"),
            (steered(600, 400, 30_000), "within"),
            (steered(-600, 400, 30_000), "within"),
            (steered(600, 401, 30_000), "beyond"),
            (steered(-1_001, 0, 30_000), "beyond"),
            (steered(i64::MIN / US, i64::MAX / US, 0), "beyond"),
            (steered(0, 0, 2_000_000), "within"),
            (steered(0, 0, 2_000_001), "unknown"),
            (Discipline::Unsteered, "unknown"),
            (unreadable, "unknown"),
        ];
        for (discipline, expected) in table {
            let found = LIMITS.judge(&discipline);
            assert_eq!(expected, found.name(), "{discipline:?}");
            assert_eq!(expected == "within", found.is_fit());
        }
    }

    /// R111: a change for the worse is told at once, one for the better after three readings, and
    /// a clock that wanders about its bound is told once.
    #[test]
    fn changes_are_told_once() {
        let mut watch = OffsetWatch::new(LIMITS, &mut Told(steered(100, 0, 0)), 0);
        assert_eq!("within", watch.status().fitness.name());
        let unsteered = Discipline::Unsteered;
        let table = [
            (steered(900, 0, 0), None),
            (steered(1_001, 0, 0), Some("beyond")),
            (steered(5_000, 0, 0), None),
            (steered(999, 0, 0), None),
            (steered(760, 0, 0), None),
            (steered(999, 0, 0), None),
            (steered(1_001, 0, 0), None),
            (steered(750, 0, 0), None),
            (steered(700, 0, 0), None),
            (steered(760, 0, 0), None),
            (steered(10, 0, 0), None),
            (steered(-10, 0, 0), None),
            (steered(0, 20, 0), Some("within")),
            (unsteered.clone(), Some("unknown")),
            (unsteered.clone(), None),
            (steered(10, 0, 0), None),
            (steered(10, 0, 0), None),
            (unsteered.clone(), None),
            (steered(10, 0, 0), None),
            (steered(900, 0, 0), None),
            (steered(2_000, 0, 0), Some("beyond")),
            (unsteered, Some("unknown")),
        ];
        for (row, (discipline, expected)) in table.into_iter().enumerate() {
            let told = watch.take(discipline.clone());
            assert_eq!(expected, told.map(|told| told.name()), "row {row}");
            assert_eq!(discipline, watch.status().discipline);
        }
    }

    /// R111: the clock is asked once at the start, and then no more often than it is to be.
    #[test]
    fn looks_are_apart() {
        let mut clock = Told(steered(0, 0, 0));
        let mut watch = OffsetWatch::new(LIMITS, &mut clock, 100);
        clock.0 = Discipline::Unsteered;
        assert_eq!(Look::NotDue, watch.look(&mut clock, 109));
        let told = LIMITS.judge(&Discipline::Unsteered);
        assert_eq!(Look::Changed(told), watch.look(&mut clock, 110));
        assert_eq!(Look::NotDue, watch.look(&mut clock, 119));
        assert_eq!(Look::AsTold, watch.look(&mut clock, 120));
    }

    /// R111: a bound is told with what was found and what was expected, in nanoseconds.
    #[test]
    fn words_name_value_and_bound() {
        let beyond = LIMITS.judge(&steered(-1_500, 20, 30_000)).to_string();
        for part in
            ["1520000 ns", "at most 1000000 ns", "offset -1500000", "maximum error 30000000"]
        {
            assert!(beyond.contains(part), "{beyond}");
        }
        let stale = LIMITS.judge(&steered(0, 0, 3_000_000)).to_string();
        assert!(stale.contains("at most 2000000000 ns, found 3000000000 ns"), "{stale}");
    }

    /// R111: this machine answers, whether its clock is steered or not; errors are not negative.
    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_answers() {
        match SystemClock::default().discipline() {
            Discipline::Steered(found) => {
                assert!(found.est_error_ns >= 0 && found.max_error_ns >= 0, "{found:?}");
                assert!(found.offset_ns.abs() < 1_000_000_000, "{found:?}");
            }
            Discipline::Unsteered => {}
            Discipline::Unreadable(why) => panic!("expected an answer, found {why}"),
        }
    }
}
