//! Keys and counters of repeats, duplicates and of what came in against what left.

use crate::types::window::window_end;
use crate::types::{AccountId, InstrumentId, Price, Qty, Side, StrategyId, Ts};

/// What makes two orders economically equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DuplicateKey {
    /// Account.
    pub account: AccountId,
    /// Instrument.
    pub symbol: InstrumentId,
    /// Side.
    pub side: Side,
    /// Limit price.
    pub price: Option<Price>,
    /// Quantity.
    pub qty: Qty,
}

/// What makes two automated executions a repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepeatKey {
    /// Strategy.
    pub strategy: StrategyId,
    /// Account.
    pub account: AccountId,
    /// Instrument.
    pub symbol: InstrumentId,
    /// Side.
    pub side: Side,
}

/// One measure of a flow: in and out within the window, and what is still allowed to leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Measure {
    /// Came in within the window, with what was still to leave when it began.
    pub came_in: i128,
    /// Left within the window, less what came back.
    pub left: i128,
    /// Still to leave at this moment.
    pub outstanding: i128,
}

impl Measure {
    /// Adds what came in.
    pub(crate) fn enter(&mut self, amount: i128) {
        self.came_in += amount;
        self.outstanding += amount;
    }
    /// Takes back what came in and will not leave any more.
    pub(crate) fn withdraw(&mut self, amount: i128) {
        self.came_in -= amount;
        self.outstanding -= amount;
    }
    /// Adds what left (negative: came back) and what may still leave since.
    pub(crate) fn leave(&mut self, amount: i128, outstanding: i128) {
        self.left += amount;
        self.outstanding += outstanding;
    }
    const fn carried(self) -> Self {
        Self { came_in: self.outstanding, left: 0, outstanding: self.outstanding }
    }
}

/// What came in for an account and what left, by quantity, notional and count (rule 26).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flow {
    /// First nanosecond after the current window.
    end: i64,
    /// Units.
    pub qty: Measure,
    /// Base currency, 1e-9.
    pub notional: Measure,
    /// Parents in; children out.
    pub count: Measure,
}

impl Flow {
    /// Rolls the flow to `now`: a new window starts with what is still to leave.
    pub(crate) fn roll(&mut self, now: Ts, window_ns: i64) {
        if now.nanos() >= self.end {
            self.end = window_end(now, window_ns);
            for measure in [&mut self.qty, &mut self.notional, &mut self.count] {
                *measure = measure.carried();
            }
        }
    }
}
