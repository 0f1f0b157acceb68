//! What came in against what left, within a window.

use core::ops::{AddAssign, SubAssign};

use crate::types::Ts;
use crate::types::window::window_end;

/// One measure of a flow: in and out within the window, and what is still allowed to leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Measure<T> {
    /// Came in within the window, with what was still to leave when it began.
    pub came_in: T,
    /// Left within the window, less what came back.
    pub left: T,
    /// Still to leave at this moment.
    pub outstanding: T,
}

impl<T: Copy + Default + AddAssign + SubAssign> Measure<T> {
    /// Adds what came in.
    pub(crate) fn enter(&mut self, amount: T) {
        self.came_in += amount;
        self.outstanding += amount;
    }
    /// Takes back what came in and will not leave any more.
    pub(crate) fn withdraw(&mut self, amount: T) {
        self.came_in -= amount;
        self.outstanding -= amount;
    }
    /// Adds what left (negative: came back) and what may still leave since.
    pub(crate) fn leave(&mut self, amount: T, outstanding: T) {
        self.left += amount;
        self.outstanding += outstanding;
    }
    fn carried(self) -> Self {
        Self { came_in: self.outstanding, left: T::default(), outstanding: self.outstanding }
    }
}

/// What came in for an account and what left, by quantity, notional and count (rule 26).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flow {
    /// First nanosecond after the current window.
    end: i64,
    /// Units.
    pub qty: Measure<i64>,
    /// Base currency, 1e-9.
    pub notional: Measure<i128>,
    /// Parents in; children out.
    pub count: Measure<i64>,
}

impl Flow {
    /// The flow of nobody.
    pub(super) const NOTHING: Self = Self {
        end: 0,
        qty: Measure { came_in: 0, left: 0, outstanding: 0 },
        notional: Measure { came_in: 0, left: 0, outstanding: 0 },
        count: Measure { came_in: 0, left: 0, outstanding: 0 },
    };

    /// Returns whether the window was over before `now`.
    pub const fn is_over(&self, now: Ts) -> bool {
        now.nanos() >= self.end
    }
    /// Returns what came in and what left as of `now`.
    pub fn as_of<T: Copy + Default>(&self, measure: &Measure<T>, now: Ts) -> (T, T) {
        if self.is_over(now) {
            (measure.outstanding, T::default())
        } else {
            (measure.came_in, measure.left)
        }
    }
    /// Rolls the flow to `now`: a new window starts with what is still to leave.
    pub(super) fn roll(&mut self, now: Ts, window_ns: i64) {
        if self.is_over(now) {
            self.end = window_end(now, window_ns);
            self.qty = self.qty.carried();
            self.notional = self.notional.carried();
            self.count = self.count.carried();
        }
    }
}
