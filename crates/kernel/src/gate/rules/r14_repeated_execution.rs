//! Rule 14: throttle of repeated automated execution.
//!
//! # What it checks
//! How often a strategy sent for one account, instrument and side within the window without a
//! person attending, this time included. Past the limit the strategy is halted until another
//! person re-arms it. Direct orders count against the account.
//!
//! # Why
//! Power Peg sent for 45 minutes and nobody had to say that it may go on.
//!
//! # Denies with
//! REPEATED_EXECUTION, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! repeat_count, repeat_window of the account; a signed attendance starts the count again.
//!
//! # Source
//! RTS 6 Art. 15(3); FIA 2024 section 3.2; incident I1

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 14,
    name: "repeated_execution",
    stages: Stages::SENDS,
    latches: true,
    source: include_str!("r14_repeated_execution.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let window_ns = case.window_ns(case.leaf(), LimitKey::RepeatWindow)?;
    let before = case.repeats.map_or(0, |window| window.sum(case.state.now, window_ns));
    let limit = LimitKey::RepeatCount;
    case.at_level(warnings, case.leaf(), limit, Reason::RepeatedExecution, before + 1)
}
