//! Warnings, latches, trading states, limits, lists.

use crate::limit::{Amount, Level, Limit, LimitKey};
use crate::reason::Reason;
use crate::types::record::record;
use crate::types::{
    AccountId, InstrumentId, Name, Named, Note, ScopeKind, Side, StrategyId, TradingState, Ts,
};

record! {
    /// A limit is used beyond its warning or restricting share.
    pub struct LimitWarned = "limit_warned" {
        /// How far.
        pub level: Level,
        /// Rule of the gate that warns.
        pub rule: u8,
        /// Limit; absent for buying power.
        pub limit: Option<LimitKey>,
        /// Value of the limit.
        pub limit_value: Amount,
        /// Value with this order.
        pub value: Amount,
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
    }
    /// A guard tripped; its scope is halted until another person re-arms it.
    pub struct LatchTripped = "latch_tripped" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// Row of the scope in its table.
        pub scope_row: u64,
        /// Why.
        pub reason: Reason,
        /// Rule of the gate.
        pub rule: u8,
        /// Person who caused it, where one did.
        pub operator: Option<Name>,
    }
    /// A latch was re-armed.
    pub struct LatchRearmed = "latch_rearmed" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// Row of the scope in its table.
        pub scope_row: u64,
        /// Person.
        pub operator: Name,
        /// Number of the command.
        pub nonce: u64,
        /// Cause that was found.
        pub cause: Note,
    }
    /// A scope has a new trading state.
    pub struct TradingStateSet = "trading_state_set" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// Row of the scope in its table.
        pub scope_row: u64,
        /// State.
        pub state: TradingState,
        /// Whether open orders in the scope are being canceled.
        pub cancel_open: bool,
        /// Why.
        pub cause: Note,
        /// Person.
        pub operator: Name,
        /// Number of the command.
        pub nonce: u64,
        /// Second person.
        pub second_operator: Option<Name>,
    }
    /// Every order in a halted scope is confirmed gone.
    pub struct ScopeFlat = "scope_flat" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// Row of the scope in its table.
        pub scope_row: u64,
    }
    /// A limit has a new value.
    pub struct LimitChanged = "limit_changed" {
        /// Name of the set.
        pub limits: Name,
        /// Limit.
        pub limit: LimitKey,
        /// Value before.
        pub old_value: Limit,
        /// Value from now on.
        pub value: Limit,
        /// Time at which the old value returns.
        pub expire_ts: Option<Ts>,
        /// Person; absent when a temporary change ended by itself.
        pub operator: Option<Name>,
        /// Number of the command.
        pub nonce: Option<u64>,
        /// Second person.
        pub second_operator: Option<Name>,
    }
    /// A person attended a strategy.
    pub struct StrategyAttended = "strategy_attended" {
        /// Strategy.
        pub strategy: Named<StrategyId>,
        /// Person.
        pub operator: Name,
        /// Number of the command.
        pub nonce: u64,
    }
    /// A signed restriction was taken.
    pub struct RestrictionSet = "restriction_set" {
        /// Account.
        pub account: Named<AccountId>,
        /// Instrument.
        pub symbol: Named<InstrumentId>,
        /// Side; absent for all.
        pub side: Option<Side>,
        /// Whether it is restricted now.
        pub active: bool,
        /// Person.
        pub operator: Option<Name>,
        /// Number of the command.
        pub nonce: Option<u64>,
    }
}
