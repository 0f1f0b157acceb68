//! Limits with their levels, and sets of them.

use super::{Level, Limit, LimitKey};
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

/// Largest values that pass without a word, by limit.
///
/// What is absent is below every value, so that nothing passes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ceilings([i128; LimitKey::COUNT]);

impl Default for Ceilings {
    fn default() -> Self {
        Self([i128::MIN; LimitKey::COUNT])
    }
}

impl Ceilings {
    /// Returns the ceilings that nothing reaches.
    pub const fn open() -> Self {
        Self([i128::MAX; LimitKey::COUNT])
    }
    /// Returns the ceiling of a limit.
    #[inline]
    pub fn get(&self, key: LimitKey) -> i128 {
        self.0.get(key.index()).copied().unwrap_or(i128::MIN)
    }
    /// Lowers every ceiling to that of `other` where that is lower.
    pub fn lower_to(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).min(*theirs);
        }
    }
    fn set(&mut self, key: LimitKey, value: i128) {
        if let Some(row) = self.0.get_mut(key.index()) {
            *row = value;
        }
    }
}

/// Limits of a set that are used as they are.
const PARAMETERS: usize = 7;
/// A parameter that was never defined.
const ABSENT: i64 = i64::MIN;

/// A named set of limits; a row that was never defined is absent and denies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LimitSet {
    parameters: [i64; PARAMETERS],
    free: Ceilings,
    bounds: [Option<Bound>; LimitKey::COUNT],
}

impl Default for LimitSet {
    fn default() -> Self {
        Self {
            parameters: [ABSENT; PARAMETERS],
            free: Ceilings::default(),
            bounds: [None; LimitKey::COUNT],
        }
    }
}

impl LimitSet {
    /// Returns the largest values that pass without a word.
    pub const fn free(&self) -> &Ceilings {
        &self.free
    }
    /// Returns the largest value that passes without a word; below everything when absent.
    #[inline]
    pub fn free_up_to(&self, key: LimitKey) -> i128 {
        self.free.get(key)
    }
    /// Returns a window, a reserve or a floor; the largest number when unlimited.
    #[inline]
    pub fn parameter(&self, key: LimitKey) -> Option<i64> {
        let value = self.parameters.get(key.parameter()?).copied();
        value.filter(|value| *value != ABSENT)
    }
    /// Returns the bound, or `None` when it is absent.
    pub fn get(&self, key: LimitKey) -> Option<&Bound> {
        self.bounds.get(key.index()).and_then(Option::as_ref)
    }
    /// Sets a bound.
    pub fn set(&mut self, key: LimitKey, bound: Bound) {
        self.free.set(key, bound.free_up_to());
        let value = match bound.limit {
            Limit::At(value) => i64::try_from(value).unwrap_or(i64::MAX),
            Limit::Unlimited => i64::MAX,
        };
        if let Some(row) = key.parameter().and_then(|row| self.parameters.get_mut(row)) {
            *row = value;
        }
        if let Some(row) = self.bounds.get_mut(key.index()) {
            *row = Some(bound);
        }
    }
}
