//! Rule 1: trading state of every scope.
//!
//! # What it checks
//! The state in force of the node, the session, the strategy, the instrument, the venue and every
//! level of the account tree. Halted admits nothing; reducing admits what closes a position
//! without turning it round. The narrowest state wins.
//!
//! # Why
//! A halt that one path can walk around is no halt. At Knight the orders went on while people
//! looked for a way to stop them.
//!
//! # Denies with
//! SCOPE_HALTED, SCOPE_REDUCING
//!
//! # Parameters
//! Set by signed commands and by latches; no limit.
//!
//! # Source
//! Commission Delegated Regulation (EU) 2017/589 Art. 12; Knight order paragraph 21

use crate::gate::{Case, Rule, Stages, Warning};
use crate::reason::{Denial, Reason};
use crate::state::control::ScopeRef;
use crate::types::TradingState;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 1,
    name: "trading_state",
    stages: Stages::EVERY,
    latches: false,
    source: include_str!("r01_trading_state.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, _warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let scopes = &case.state.control.scopes;
    if scopes.all_active() {
        return Ok(());
    }
    let draft = &case.draft;
    let named = [
        Some(ScopeRef::node()),
        Some(ScopeRef::session(draft.session)),
        Some(ScopeRef::strategy(draft.strategy)),
        Some(ScopeRef::symbol(draft.symbol)),
        draft.venue.map(ScopeRef::venue),
    ];
    let accounts = case.account.path.iter().map(|id| ScopeRef::account(*id));
    for scope in named.into_iter().flatten().chain(accounts) {
        let Some(row) = scopes.get(scope) else { continue };
        let reason = match row.in_force() {
            TradingState::Active => continue,
            TradingState::Reducing if case.reducing => continue,
            TradingState::Reducing => Reason::ScopeReducing,
            TradingState::Halted => Reason::ScopeHalted,
        };
        return Err(Denial::new(reason, scope.kind, row.name));
    }
    Ok(())
}
