//! Prices at which own orders of one side rest, each with their number.

use crate::types::Price;

/// Prices in ascending order; few at a time, so they lie in a row.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Resting(Vec<(Price, u32)>);

impl Resting {
    /// Returns the lowest price.
    pub(super) fn lowest(&self) -> Option<Price> {
        self.0.first().map(|(price, _)| *price)
    }
    /// Returns the highest price.
    pub(super) fn highest(&self) -> Option<Price> {
        self.0.last().map(|(price, _)| *price)
    }
    /// Changes the number of orders at a price.
    pub(super) fn change(&mut self, price: Price, change: i32) {
        match self.0.binary_search_by_key(&price, |(price, _)| *price) {
            Ok(index) => {
                if let Some((_, count)) = self.0.get_mut(index) {
                    *count = count.saturating_add_signed(change);
                    if *count == 0 {
                        self.0.remove(index);
                    }
                }
            }
            Err(index) if change > 0 => self.0.insert(index, (price, change.unsigned_abs())),
            Err(_) => {}
        }
    }
}
