//! What a client session may use.

use super::names::{ordtype_bit, phase_bit};
use crate::types::map::Map;
use crate::types::table::RowId;
use crate::types::{AccountId, InstrumentId, Name, OrdType, Phase, StrategyId, VenueId};

/// A client session and what it may use; `None` in a set stands for all.
#[derive(Clone, Debug, Hash)]
pub struct Session {
    /// Name.
    pub name: Name,
    /// Order types, a bit each.
    pub ord_types: u8,
    /// Phases, a bit each.
    pub phases: u8,
    /// Whether its orders are canceled when it disconnects.
    pub cancel_on_disconnect: bool,
    pub(super) accounts: Allowed<AccountId>,
    pub(super) symbols: Allowed<InstrumentId>,
    pub(super) venues: Allowed<VenueId>,
    pub(super) strategies: Allowed<StrategyId>,
}

#[derive(Clone, Debug, Hash)]
pub(super) struct Allowed<I: RowId + Ord + core::hash::Hash> {
    pub(super) all: bool,
    pub(super) some: Map<I, ()>,
}

impl<I: RowId + Ord + core::hash::Hash> Allowed<I> {
    pub(super) const fn new(seed: u64) -> Self {
        Self { all: false, some: Map::new(seed) }
    }
    fn has(&self, id: I) -> bool {
        self.all || self.some.contains(&id)
    }
}

impl Session {
    /// Returns whether one of `path` is entitled.
    pub fn may_use_account(&self, path: &[AccountId]) -> bool {
        path.iter().any(|id| self.accounts.has(*id))
    }
    /// Returns whether the instrument is entitled.
    pub fn may_use_symbol(&self, id: InstrumentId) -> bool {
        self.symbols.has(id)
    }
    /// Returns whether the venue is entitled.
    pub fn may_use_venue(&self, id: VenueId) -> bool {
        self.venues.has(id)
    }
    /// Returns whether the strategy is entitled.
    pub fn may_use_strategy(&self, id: StrategyId) -> bool {
        self.strategies.has(id)
    }
    /// Returns whether the order type is entitled.
    pub const fn may_use_type(&self, ord_type: OrdType) -> bool {
        self.ord_types & ordtype_bit(ord_type) != 0
    }
    /// Returns whether orders may be entered in the phase.
    pub const fn may_enter_in(&self, phase: Phase) -> bool {
        self.phases & phase_bit(phase) != 0
    }
}
