//! One holding by the average-cost method, folded from its fills.
//!
//! Cost and realised result are exact sums; only the cost taken out by a partial close is a
//! division, rounded towards zero. A bust folds the history again, so the order in which fills and
//! busts arrived leaves no trace.

use crate::types::{FillId, Money, Price, Qty};

/// Quantity, cost and realised result of a holding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Holding {
    /// Units, positive long, negative short.
    pub qty: i64,
    /// What the open units cost, currency of the instrument, signed like the quantity.
    pub cost: Money,
    /// The same in base currency, at the rates of the fills.
    pub base_cost: Money,
    /// Result of what was closed, currency of the instrument.
    pub realised: Money,
    /// The same in base currency.
    pub base_realised: Money,
}

/// One entry of the history of a holding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Brought forward.
    Opening {
        /// Units, signed.
        qty: i64,
        /// Average price.
        px: Price,
        /// Base currency per unit of the instrument's.
        rate: Price,
    },
    /// A fill of today.
    Fill(FillId),
    /// New units for old ones.
    Split {
        /// New units.
        numerator: u32,
        /// Old units.
        denominator: u32,
    },
}

impl Holding {
    /// Returns the average price of the open units, rounded towards zero; `None` when flat.
    pub fn average_px(&self, multiplier: u32) -> Option<Price> {
        let units = i128::from(self.qty) * i128::from(multiplier);
        if units == 0 {
            return None;
        }
        i64::try_from(self.cost.nanos() / units).ok().map(Price::from_nanos)
    }
    /// Adds `signed` units at `px`; without a rate their value in base currency stays out.
    pub fn trade(&mut self, signed: i64, px: Price, multiplier: u32, rate: Option<Price>) {
        let closing = if self.qty.signum() * signed.signum() < 0 {
            signed.unsigned_abs().min(self.qty.unsigned_abs())
        } else {
            0
        };
        self.close(Qty::new(closing), px, multiplier, rate);
        let opening = Qty::new(signed.unsigned_abs() - closing);
        let value = px.times(opening, multiplier);
        let value = if signed < 0 { -value } else { value };
        self.cost += value;
        self.base_cost += in_base(value, rate);
        self.qty += opening.signed() * signed.signum();
    }
    fn close(&mut self, closing: Qty, px: Price, multiplier: u32, rate: Option<Price>) {
        if closing.is_zero() {
            return;
        }
        let held = Qty::new(self.qty.unsigned_abs());
        let long = self.qty > 0;
        let (out, base_out) =
            (self.cost.prorate(closing, held), self.base_cost.prorate(closing, held));
        let value = px.times(closing, multiplier);
        let value = if long { value } else { -value };
        self.realised += value - out;
        self.base_realised += in_base(value, rate) - base_out;
        self.cost -= out;
        self.base_cost -= base_out;
        self.qty -= closing.signed() * self.qty.signum();
    }
    /// Replaces `denominator` old units by `numerator` new ones; a fraction is dropped.
    pub fn split(&mut self, numerator: u32, denominator: u32) {
        self.qty = split_units(self.qty, numerator, denominator);
    }
}

fn in_base(value: Money, rate: Option<Price>) -> Money {
    rate.map_or(Money::ZERO, |rate| value.convert(rate))
}

/// Returns `qty` after a split, rounded up.
pub fn split_up(qty: Qty, numerator: u32, denominator: u32) -> Qty {
    let units = u128::from(qty.units()) * u128::from(numerator);
    match u64::try_from(units.div_ceil(u128::from(denominator.max(1)))) {
        Ok(units) => Qty::new(units),
        Err(_) => panic!("a split of {qty} by {numerator}:{denominator} leaves the range"),
    }
}

/// Returns `qty` after a split, rounded towards zero.
pub fn split_units(qty: i64, numerator: u32, denominator: u32) -> i64 {
    let units = i128::from(qty) * i128::from(numerator) / i128::from(denominator.max(1));
    match i64::try_from(units) {
        Ok(units) => units,
        Err(_) => panic!("a split of {qty} by {numerator}:{denominator} leaves the range"),
    }
}
