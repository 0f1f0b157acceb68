//! Trading states and latches by scope.

use crate::reason::Reason;
use crate::types::map::Map;
use crate::types::{
    AccountId, InstrumentId, Name, ScopeKind, SessionId, StrategyId, TradingState, VenueId,
};

/// One scope: its kind and its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeRef {
    /// Kind.
    pub kind: ScopeKind,
    /// Row in the table of that kind; 0 for the node.
    pub row: u64,
}

impl ScopeRef {
    /// Returns the scope of a node of the account tree.
    pub fn account(id: AccountId) -> Self {
        Self { kind: ScopeKind::Account, row: u64::from(id.raw()) }
    }
    /// Returns the scope of a strategy.
    pub fn strategy(id: StrategyId) -> Self {
        Self { kind: ScopeKind::Strategy, row: u64::from(id.raw()) }
    }
    /// Returns the scope of an instrument.
    pub fn symbol(id: InstrumentId) -> Self {
        Self { kind: ScopeKind::Symbol, row: u64::from(id.raw()) }
    }
    /// Returns the scope of a venue.
    pub fn venue(id: VenueId) -> Self {
        Self { kind: ScopeKind::Venue, row: u64::from(id.raw()) }
    }
    /// Returns the scope of a session.
    pub fn session(id: SessionId) -> Self {
        Self { kind: ScopeKind::Session, row: u64::from(id.raw()) }
    }
    /// Returns the scope of this node.
    pub const fn node() -> Self {
        Self { kind: ScopeKind::Node, row: 0 }
    }
}

/// Why a scope is latched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Latch {
    /// Guard that tripped.
    pub reason: Reason,
    /// Person who caused it, where one did; cannot re-arm it.
    pub operator: Option<Name>,
}

/// One scope that was ever touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopeRow {
    /// Name.
    pub name: Name,
    /// State set by command.
    pub state: TradingState,
    /// Latch of a guard.
    pub latch: Option<Latch>,
    /// Times re-armed today.
    pub rearm_count: u32,
    /// Open children that a halt waits for; absent when it waits for none.
    pub awaited: Option<u32>,
}

impl ScopeRow {
    /// Returns the state in force: a latch halts.
    pub const fn in_force(&self) -> TradingState {
        match self.latch {
            Some(_) => TradingState::Halted,
            None => self.state,
        }
    }
}

/// All scopes; one that was never touched is active.
#[derive(Clone, Debug, Hash)]
pub struct Scopes {
    rows: Map<ScopeRef, ScopeRow>,
    bound_count: usize,
    waiting: Vec<ScopeRef>,
}

impl Scopes {
    /// Returns no scopes: everything is active.
    pub const fn new(seed: u64) -> Self {
        Self { rows: Map::new(seed), bound_count: 0, waiting: Vec::new() }
    }
    /// Returns whether every scope is active.
    pub const fn all_active(&self) -> bool {
        self.bound_count == 0
    }
    /// Returns a scope that was touched.
    pub fn get(&self, scope: ScopeRef) -> Option<&ScopeRow> {
        self.rows.get(&scope)
    }
    /// Returns the state in force of a scope.
    pub fn state(&self, scope: ScopeRef) -> TradingState {
        self.rows.get(&scope).map_or(TradingState::Active, ScopeRow::in_force)
    }
    /// Returns every touched scope, sorted.
    pub fn rows(&self) -> Vec<(&ScopeRef, &ScopeRow)> {
        self.rows.sorted()
    }
    /// Returns the scopes whose halt waits for orders.
    pub fn waiting(&self) -> &[ScopeRef] {
        &self.waiting
    }
    /// Changes a scope.
    pub(crate) fn change(
        &mut self,
        scope: ScopeRef,
        name: Name,
        change: impl FnOnce(&mut ScopeRow),
    ) {
        let row = self.rows.entry(scope, || ScopeRow {
            name,
            state: TradingState::Active,
            latch: None,
            rearm_count: 0,
            awaited: None,
        });
        let was_bound = row.in_force() != TradingState::Active;
        change(row);
        let (is_bound, waits) = (row.in_force() != TradingState::Active, row.awaited.is_some());
        match (was_bound, is_bound) {
            (false, true) => self.bound_count += 1,
            (true, false) => self.bound_count -= 1,
            (true, true) | (false, false) => {}
        }
        self.waiting.retain(|other| *other != scope);
        if waits {
            self.waiting.push(scope);
        }
    }
}
