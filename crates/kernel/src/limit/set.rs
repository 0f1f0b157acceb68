//! Limits with their levels, and sets of them.

use super::{Level, Limit, LimitKey, Place};
use crate::types::Bps;

/// One limit with its levels; the levels are kept as values, so judging is comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bound {
    /// Value in its unit.
    pub limit: Limit,
    /// Warning share.
    pub warn: Bps,
    /// Restricting share.
    pub restrict: Bps,
    warn_above: i128,
    restrict_above: i128,
}

impl Bound {
    /// Returns the bound of `limit` with its two levels.
    pub fn new(limit: Limit, warn: Bps, restrict: Bps) -> Self {
        let above = |share: Bps| match limit {
            Limit::Unlimited => i128::MAX,
            Limit::At(limit) => limit * i128::from(share.get()) / crate::types::number::BPS_ONE,
        };
        let (warn_above, restrict_above) = (above(warn), above(restrict));
        Self { limit, warn, restrict, warn_above, restrict_above }
    }
    /// Returns the largest value that passes without a warning.
    pub const fn free_up_to(&self) -> i128 {
        self.warn_above
    }
    /// Returns how far `value` uses the bound.
    pub fn level(&self, value: i128) -> Level {
        match self.limit {
            Limit::Unlimited => Level::Free,
            Limit::At(_) if value <= self.warn_above => Level::Free,
            Limit::At(limit) if value > limit => Level::Block,
            Limit::At(_) if value > self.restrict_above => Level::Restrict,
            Limit::At(_) => Level::Warn,
        }
    }
}

/// Limits whose value is the same at every level of the account tree.
const OF_ORDER: usize = 10;

/// Values about one order that pass every level of a path without a word, in one place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ceilings([i64; OF_ORDER]);

impl Ceilings {
    /// Returns the lowest ceilings of `sets`; what one of them lacks is below every value.
    pub fn of<'a>(sets: impl Iterator<Item = &'a LimitSet>) -> Self {
        let mut least = [i64::MAX; OF_ORDER];
        for set in sets {
            for key in LimitKey::ALL {
                let Place::OfOrder(place) = key.place() else { continue };
                let free = set.free_up_to(*key).clamp(ABSENT.into(), i64::MAX.into());
                if let Some(ceiling) = least.get_mut(place) {
                    *ceiling = (*ceiling).min(i64::try_from(free).unwrap_or(ABSENT));
                }
            }
        }
        Self(least)
    }
    /// Returns a value up to which no level says a word; what is above it has to be judged.
    #[inline]
    pub fn get(&self, key: LimitKey) -> i64 {
        match key.place() {
            Place::OfOrder(place) => self.0.get(place).copied().unwrap_or(ABSENT),
            Place::OfNode | Place::Parameter(_) => ABSENT,
        }
    }
}

/// Limits of a set that are used as they are.
const PARAMETERS: usize = 7;
/// A limit that was never defined.
const ABSENT: i64 = i64::MIN;

/// A named set of limits; a row that was never defined is absent and denies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LimitSet {
    parameters: [i64; PARAMETERS],
    free: [i128; LimitKey::COUNT],
    bounds: [Option<Bound>; LimitKey::COUNT],
}

impl Default for LimitSet {
    fn default() -> Self {
        Self {
            parameters: [ABSENT; PARAMETERS],
            free: [i128::MIN; LimitKey::COUNT],
            bounds: [None; LimitKey::COUNT],
        }
    }
}

impl LimitSet {
    /// Returns the largest value that passes without a word; below everything when absent.
    #[inline]
    pub fn free_up_to(&self, key: LimitKey) -> i128 {
        self.free.get(key.index()).copied().unwrap_or(i128::MIN)
    }
    /// Returns a window, a reserve or a floor; the largest number when unlimited.
    #[inline]
    pub fn parameter(&self, key: LimitKey) -> Option<i64> {
        let Place::Parameter(place) = key.place() else { return None };
        self.parameters.get(place).copied().filter(|value| *value != ABSENT)
    }
    /// Returns the bound, or `None` when it is absent.
    pub fn get(&self, key: LimitKey) -> Option<&Bound> {
        self.bounds.get(key.index()).and_then(Option::as_ref)
    }
    /// Sets a bound.
    pub fn set(&mut self, key: LimitKey, bound: Bound) {
        if let Some(row) = self.free.get_mut(key.index()) {
            *row = bound.free_up_to();
        }
        if let Place::Parameter(place) = key.place()
            && let Some(row) = self.parameters.get_mut(place)
        {
            *row = match bound.limit {
                Limit::At(value) => i64::try_from(value).unwrap_or(i64::MAX),
                Limit::Unlimited => i64::MAX,
            };
        }
        if let Some(row) = self.bounds.get_mut(key.index()) {
            *row = Some(bound);
        }
    }
}
