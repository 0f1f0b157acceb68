//! A sliding-window counter: how much happened in the last window, in constant space.
//!
//! Two adjacent windows are kept; the older one counts for the part that still overlaps, rounded
//! up. The estimate is never below the number in the current window, and a burst across the seam
//! cannot double the limit as it can with windows that simply restart.

use super::number::Ts;

/// Amounts seen in the current and the previous window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Window {
    /// First nanosecond after the current window.
    end: i64,
    current: i64,
    previous: i64,
}

impl Window {
    /// Nothing was ever seen.
    pub const EMPTY: Self = Self { end: 0, current: 0, previous: 0 };

    /// Returns the amount seen within `length_ns` before `now`, rounded up.
    pub fn sum(&self, now: Ts, length_ns: i64) -> i128 {
        let window = self.rolled(now, length_ns);
        if window.previous == 0 {
            return i128::from(window.current);
        }
        let length = i128::from(length_ns.max(1));
        let left = i128::from(window.end - now.nanos());
        i128::from(window.current) + (i128::from(window.previous) * left + length - 1) / length
    }
    /// Adds `amount` at `now`.
    pub fn add(&mut self, now: Ts, length_ns: i64, amount: i64) {
        *self = self.rolled(now, length_ns);
        self.current += amount;
    }
    fn rolled(&self, now: Ts, length_ns: i64) -> Self {
        if now.nanos() < self.end {
            return *self;
        }
        let end = window_end(now, length_ns);
        let next = self.end.saturating_add(length_ns.max(1)) == end;
        Self { end, current: 0, previous: if next { self.current } else { 0 } }
    }
}

/// Returns the first nanosecond after the window of `length_ns` that `now` is in.
pub fn window_end(now: Ts, length_ns: i64) -> i64 {
    let length = length_ns.max(1);
    now.nanos().div_euclid(length).saturating_add(1).saturating_mul(length)
}
