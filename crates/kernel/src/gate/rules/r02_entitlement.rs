//! Rule 2: entitlement of the session.
//!
//! # What it checks
//! That the session may use this account (or a node above it), instrument, order type, venue and
//! strategy, and may enter orders in this phase.
//!
//! # Why
//! Only people and accounts approved beforehand may reach a market; a client must not trade for
//! another.
//!
//! # Denies with
//! NOT_ENTITLED
//!
//! # Parameters
//! The session's definition and its entitlements; nothing is entitled unless it is listed.
//!
//! # Source
//! 17 CFR 240.15c3-5(c)(2)(iii); RTS 6 Art. 15(5)

use crate::gate::{Case, Rule, Stages, Warning};
use crate::reason::{Denial, Reason};
use crate::types::ScopeKind;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 2,
    name: "entitlement",
    stages: Stages::EVERY,
    latches: false,
    source: include_str!("r02_entitlement.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, _warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let draft = &case.draft;
    let directory = &case.state.directory;
    let session = directory.sessions.at(draft.session);
    let not = |kind, name| Err(Denial::new(Reason::NotEntitled, kind, name));
    if !session.may_use_account(&case.account.path) {
        return not(ScopeKind::Account, case.account.name);
    }
    if !session.may_use_symbol(draft.symbol) {
        return not(ScopeKind::Symbol, case.instrument.symbol);
    }
    if !session.may_use_strategy(draft.strategy) {
        return not(ScopeKind::Strategy, directory.named_strategy(draft.strategy).name);
    }
    if let Some(venue) = draft.venue.filter(|venue| !session.may_use_venue(*venue)) {
        return not(ScopeKind::Venue, directory.named_venue(venue).name);
    }
    let in_phase = case.phase.is_none_or(|phase| session.may_enter_in(phase));
    let entered = draft.entering && !session.may_use_type(draft.ord_type);
    if entered || !in_phase {
        return not(ScopeKind::Session, session.name);
    }
    Ok(())
}
