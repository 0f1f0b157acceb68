//! Rule 3: restricted list.
//!
//! # What it checks
//! That no level of the account tree has the instrument, on this side, on its restricted list.
//!
//! # Why
//! The firm or a client may be barred from an instrument by law, by contract or by its own desk.
//!
//! # Denies with
//! RESTRICTED
//!
//! # Parameters
//! Restrictions taken as inputs; ending one needs two signatures.
//!
//! # Source
//! 17 CFR 240.15c3-5(c)(2)(ii)

use crate::gate::{Case, Rule, Stages, Warning};
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 3,
    name: "restricted_list",
    stages: Stages::EVERY,
    latches: false,
    source: include_str!("r03_restricted_list.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, _warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let control = &case.state.control;
    if control.restricts_nothing() {
        return Ok(());
    }
    let restricts = |id: &&_| control.is_restricted(**id, case.draft.symbol, case.draft.side);
    match case.account.path.iter().find(restricts) {
        Some(_) => Err(case.deny_symbol(Reason::Restricted)),
        None => Ok(()),
    }
}
