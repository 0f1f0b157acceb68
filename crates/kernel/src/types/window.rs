//! A sliding-window counter: how much happened in the last window, in constant space.
//!
//! Two adjacent windows are kept; the older one counts for the part that still overlaps, rounded
//! up. The estimate is never below the number in the current window, and a burst across the seam
//! cannot double the limit as it can with windows that simply restart.

use super::number::Ts;

/// Amounts seen in the current and the previous window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Window {
    index: i64,
    current: i64,
    previous: i64,
}

impl Window {
    /// Returns the amount seen within `length_ns` before `now`, rounded up.
    pub fn sum(&self, now: Ts, length_ns: i64) -> i128 {
        let (previous, current) = self.rolled(now, length_ns);
        let current = i128::from(current);
        if previous == 0 {
            return current;
        }
        let length = length_ns.max(1);
        let left = i128::from(length - now.nanos().rem_euclid(length));
        let length = i128::from(length);
        current + (i128::from(previous) * left + length - 1) / length
    }
    /// Adds `amount` at `now`.
    pub fn add(&mut self, now: Ts, length_ns: i64, amount: i64) {
        let (previous, current) = self.rolled(now, length_ns);
        *self = Self { index: index_of(now, length_ns), current: current + amount, previous };
    }
    fn rolled(&self, now: Ts, length_ns: i64) -> (i64, i64) {
        match index_of(now, length_ns).checked_sub(self.index) {
            Some(0) => (self.previous, self.current),
            Some(1) => (self.current, 0),
            Some(_) | None => (0, 0),
        }
    }
}

fn index_of(now: Ts, length_ns: i64) -> i64 {
    now.nanos().div_euclid(length_ns.max(1))
}
