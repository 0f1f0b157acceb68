//! Totals of an account and everything below it: orders entered, positions, results.

use crate::types::{Money, Qty};

/// Totals of one node of the account tree, base currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Exposure {
    /// Open buy orders, worst case.
    pub open_buy: Money,
    /// Open sell orders, worst case.
    pub open_sell: Money,
    /// Sum of the magnitudes of all positions at cost.
    pub gross: Money,
    /// Sum of all positions at cost, signed.
    pub net: Money,
    /// Open child orders.
    pub open_order_count: u32,
    /// Notional entered today.
    pub daily_notional: Money,
    /// Units entered today.
    pub daily_qty: Qty,
    /// Orders entered today.
    pub daily_count: u64,
    /// Realised result of today.
    pub realised: Money,
    /// Unrealised result at the last marks.
    pub unrealised: Money,
    /// Fills in a currency that had no rate when they came.
    pub unpriced_count: u32,
}

impl Exposure {
    /// No exposure at all.
    pub const NOTHING: Self = Self {
        open_buy: Money::ZERO,
        open_sell: Money::ZERO,
        gross: Money::ZERO,
        net: Money::ZERO,
        open_order_count: 0,
        daily_notional: Money::ZERO,
        daily_qty: Qty::ZERO,
        daily_count: 0,
        realised: Money::ZERO,
        unrealised: Money::ZERO,
        unpriced_count: 0,
    };

    /// Returns positions at cost plus open orders, both sides added.
    pub fn gross_notional(&self) -> Money {
        self.gross + self.open_buy + self.open_sell
    }
    /// Returns the worst case on one side: long if `buys`, else short.
    pub fn net_towards(&self, buys: bool) -> Money {
        if buys { self.net + self.open_buy } else { self.open_sell - self.net }
    }
    /// Returns the larger of the two one-sided worst cases.
    pub fn net_notional(&self) -> Money {
        let long = self.net + self.open_buy;
        let short = self.open_sell - self.net;
        if long > short { long } else { short }
    }
    /// Returns the result of the day.
    pub fn result(&self) -> Money {
        self.realised + self.unrealised
    }
}
