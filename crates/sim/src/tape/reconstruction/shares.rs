//! Where a trade is made: venues drawn without replacement from the volume of a half hour.

use std::collections::BTreeMap;

use ringfence_kernel::types::{Name, Qty};

use crate::rng::Rng;

/// The volume of a half hour that no trade has taken yet, venue by venue.
#[derive(Clone, Debug, Default)]
pub(super) struct Shares {
    left: Vec<(Name, u64)>,
}

impl Shares {
    /// Returns the whole volume of a half hour.
    pub(super) fn of(volumes: &BTreeMap<Name, Qty>) -> Self {
        Self { left: volumes.iter().map(|(venue, qty)| (*venue, qty.units())).collect() }
    }
    /// Returns the venue of a trade of `qty`, drawn by what is left there, and takes it from there.
    ///
    /// Only venues where as much is left are drawn; where none is, the one with the most takes it,
    /// so the error of a venue stays below the size of a trade or two.
    pub(super) fn draw(&mut self, qty: Qty, rng: &mut Rng) -> Option<Name> {
        let units = qty.units();
        let fitting = |left: u64| if left >= units { left } else { 0 };
        let mut ticket = rng.below(self.left.iter().map(|(_, left)| fitting(*left)).sum());
        let drawn = self.left.iter().position(|(_, left)| {
            let is_here = ticket < fitting(*left);
            ticket = ticket.saturating_sub(fitting(*left));
            is_here
        });
        let place = match drawn {
            Some(place) => self.left.get_mut(place),
            None => self.left.iter_mut().max_by_key(|(_, left)| *left),
        };
        place.map(|(venue, left)| {
            *left = left.saturating_sub(units);
            *venue
        })
    }
}
