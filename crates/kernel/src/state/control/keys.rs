//! What makes two orders, or two executions, the same.

use crate::types::{AccountId, InstrumentId, Price, Qty, Side, StrategyId};

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
