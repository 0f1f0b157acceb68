//! The input itself as the fact, and refusals.

use super::kind::Subject;
use crate::limit::{Amount, LimitKey};
use crate::reason::Reason;
use crate::types::record::record;
use crate::types::{
    AccountId, ChildId, Name, Named, OrderId, ScopeKind, SessionId, StrategyId, WireId,
};

record! {
    /// The input itself is the fact; it was applied as it stands.
    pub struct FactTaken = "fact_taken" {}
    /// Something was refused; nothing changed but the counters.
    pub struct Denied = "denied" {
        /// What was refused.
        pub subject: Subject,
        /// Why.
        pub reason: Reason,
        /// Rule of the gate, 0 for the order book itself.
        pub rule: u8,
        /// Limit that was passed or is missing.
        pub limit: Option<LimitKey>,
        /// Value of that limit.
        pub limit_value: Option<Amount>,
        /// Value that was found.
        pub value: Option<Amount>,
        /// Kind of the scope whose limit or state it is.
        pub scope_kind: ScopeKind,
        /// Name of that scope.
        pub scope: Name,
        /// Session that asked.
        pub session: Option<Named<SessionId>>,
        /// Identifier of the refused request (FIX 11).
        pub cl_ord_id: Option<WireId>,
        /// Parent concerned.
        pub order_id: Option<OrderId>,
        /// Child concerned.
        pub child_id: Option<ChildId>,
        /// Account concerned.
        pub account: Option<Named<AccountId>>,
        /// Strategy concerned.
        pub strategy: Option<Named<StrategyId>>,
        /// Person whose signature was good all the same.
        pub operator: Option<Name>,
        /// Number of that person's command; it is used up.
        pub nonce: Option<u64>,
    }
}
