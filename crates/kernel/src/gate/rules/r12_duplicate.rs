//! Rule 12: economic duplicate.
//!
//! # What it checks
//! How often an order equal in account, side, instrument, price and quantity was entered within
//! the window, this one included.
//!
//! # Why
//! A sender that repeats itself after a missing answer orders twice; UBS bought Facebook shares
//! that way in 2012.
//!
//! # Denies with
//! DUPLICATE_ORDER, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! duplicate_count, duplicate_window of the account.
//!
//! # Source
//! 17 CFR 240.15c3-5(c)(1)(ii); incident I11; Cboe duplicate protection

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 12,
    name: "duplicate",
    stages: Stages::ENTRY,
    latches: false,
    source: include_str!("r12_duplicate.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let window_ns = case.window_ns(case.leaf(), LimitKey::DuplicateWindow)?;
    let before = case.duplicates.map_or(0, |window| window.sum(case.state.now, window_ns));
    let limit = LimitKey::DuplicateCount;
    case.at_level(warnings, case.leaf(), limit, Reason::Duplicate, before + 1)
}
