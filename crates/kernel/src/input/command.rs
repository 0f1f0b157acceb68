//! What people command, signed.

use crate::limit::{Limit, LimitKey};
use crate::types::record::record;
use crate::types::{Hex, Name, Note, ScopeKind, TradingState, Ts};

record! {
    /// Sets the trading state of a scope; loosening needs two signatures.
    pub struct TradingStateCommand = "trading_state_command" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// New state.
        pub state: TradingState,
        /// Whether every open order in the scope is canceled.
        pub cancel_open: bool,
        /// Why.
        pub cause: Note,
        /// Person who commands.
        pub operator: Name,
        /// Number of this command, higher than any before of the person.
        pub nonce: u64,
        /// Signature over the command, 128 hexadecimal digits.
        pub signature: Hex,
        /// Second person.
        pub second_operator: Option<Name>,
        /// Signature of the second person.
        pub second_signature: Option<Hex>,
    }
    /// Re-arms a latched scope; the person must not be the one who tripped it.
    pub struct Rearm = "rearm" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// Cause that was found.
        pub cause: Note,
        /// Person who commands.
        pub operator: Name,
        /// Number of this command, higher than any before of the person.
        pub nonce: u64,
        /// Signature over the command, 128 hexadecimal digits.
        pub signature: Hex,
    }
    /// Changes a limit; raising needs two signatures, and may be bounded in time.
    pub struct LimitChange = "limit_change" {
        /// Name of the set.
        pub limits: Name,
        /// Which limit.
        pub limit: LimitKey,
        /// New value.
        pub value: Limit,
        /// Time at which the old value returns by itself.
        pub expire_ts: Option<Ts>,
        /// Why.
        pub cause: Note,
        /// Person who commands.
        pub operator: Name,
        /// Number of this command, higher than any before of the person.
        pub nonce: u64,
        /// Signature over the command, 128 hexadecimal digits.
        pub signature: Hex,
        /// Second person.
        pub second_operator: Option<Name>,
        /// Signature of the second person.
        pub second_signature: Option<Hex>,
    }
    /// A person looked at a strategy; its count of unattended repeats starts again.
    pub struct Attendance = "attendance" {
        /// Strategy.
        pub strategy: Name,
        /// Person who attends.
        pub operator: Name,
        /// Number of this command, higher than any before of the person.
        pub nonce: u64,
        /// Signature over the command, 128 hexadecimal digits.
        pub signature: Hex,
    }
    /// The trading day ends: what is still open is done for the day.
    pub struct DayClose = "day_close" {}
}
