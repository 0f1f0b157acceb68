//! How much worse a result is than the best one of the last window.

use crate::types::window::window_end;
use crate::types::{Money, Ts};

/// Slots into which a loss window is cut.
const SLOTS: usize = 8;
/// Below every result: nothing was noted in the slot.
const NEVER: Money = Money::from_nanos(i128::MIN);

/// Best results of the last window, an eighth of it in each slot; the newest slot first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slots([Money; SLOTS]);

impl Default for Slots {
    fn default() -> Self {
        Self([NEVER; SLOTS])
    }
}

/// The newest result and the best one of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Recent {
    /// First nanosecond after the newest slot; 0 before the first result.
    end: i64,
    best: Money,
    last: Money,
}

impl Recent {
    /// No result yet.
    pub(super) const NOTHING: Self = Self { end: 0, best: Money::ZERO, last: Money::ZERO };

    /// Returns how much worse the last result is than the best one, at least zero.
    ///
    /// The last result held in every slot that began since.
    pub(super) fn loss(&self, slots: &Slots, now: Ts, window_ns: i64) -> Money {
        if self.end == 0 {
            return Money::ZERO;
        }
        let best = match self.passed(now, window_ns) {
            0 => self.best,
            passed => slots.0.iter().take(SLOTS - passed).fold(self.last, |a, b| a.max(*b)),
        };
        if best > self.last { best - self.last } else { Money::ZERO }
    }
    /// Notes a new result.
    pub(super) fn note(&mut self, slots: &mut Slots, now: Ts, window_ns: i64, result: Money) {
        let passed = self.passed(now, window_ns);
        if passed > 0 {
            slots.0.rotate_right(passed);
            slots.0.iter_mut().take(passed).for_each(|slot| *slot = self.last);
            self.end = window_end(now, slot_ns(window_ns));
        }
        if let Some(newest) = slots.0.first_mut() {
            *newest = (*newest).max(result);
        }
        self.last = result;
        self.best = slots.0.iter().fold(result, |a, b| a.max(*b));
    }
    /// Returns how many slots began after the newest one, at most all of them.
    fn passed(&self, now: Ts, window_ns: i64) -> usize {
        if now.nanos() < self.end {
            return 0;
        }
        let length = slot_ns(window_ns);
        let passed = (window_end(now, length) - self.end) / length;
        usize::try_from(passed).unwrap_or(SLOTS).min(SLOTS)
    }
}

fn slot_ns(window_ns: i64) -> i64 {
    (window_ns / 8).max(1)
}
