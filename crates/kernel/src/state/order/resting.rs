//! Prices at which own orders of one group rest in one instrument, each with their number.

use crate::types::{Price, Side};

/// Prices of both sides in ascending order; few at a time, so they lie in a row.
#[derive(Clone, Debug, Default, Hash)]
pub struct Resting {
    buys: Vec<(Price, u32)>,
    sells: Vec<(Price, u32)>,
}

impl Resting {
    /// Returns the price of an own resting order that an order at `price` would trade with.
    ///
    /// A market order has no price and meets any resting one.
    pub fn met_by(&self, side: Side, price: Option<Price>) -> Option<Price> {
        if side.is_buy() {
            let (best, _) = *self.sells.first()?;
            price.is_none_or(|price| price >= best).then_some(best)
        } else {
            let (best, _) = *self.buys.last()?;
            price.is_none_or(|price| price <= best).then_some(best)
        }
    }
    /// Changes the number of orders of one side at a price.
    pub(super) fn change(&mut self, buys: bool, price: Price, change: i32) {
        let prices = if buys { &mut self.buys } else { &mut self.sells };
        match prices.binary_search_by_key(&price, |(price, _)| *price) {
            Ok(index) => {
                if let Some((_, count)) = prices.get_mut(index) {
                    *count = count.saturating_add_signed(change);
                    if *count == 0 {
                        prices.remove(index);
                    }
                }
            }
            Err(index) if change > 0 => prices.insert(index, (price, change.unsigned_abs())),
            Err(_) => {}
        }
    }
}
