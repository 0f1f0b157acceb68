//! Rule 4: session phase and order type.
//!
//! # What it checks
//! That the instrument's phase is known, that its plan has rules for the phase, and that the
//! order type may be entered in it.
//!
//! # Why
//! A market order entered in a halt was filled at 648,000 and more when BRK.A reopened in 2024. A
//! phase without rules is the exempt path of Knight's auction orders.
//!
//! # Denies with
//! PHASE_UNKNOWN, ORDER_TYPE_IN_PHASE
//!
//! # Parameters
//! Phase plan of the instrument: order types per phase.
//!
//! # Source
//! Incidents I1, I6, I16; requirement R26

use crate::gate::{Case, Rule, Stages, Warning};
use crate::reason::{Denial, Reason};
use crate::state::directory::ordtype_bit;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 4,
    name: "phase_and_type",
    stages: Stages::EVERY,
    latches: false,
    source: include_str!("r04_phase_and_type.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, _warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let Some(rules) = case.phase_rules else {
        return Err(case.deny_symbol(Reason::PhaseUnknown));
    };
    if rules.ord_types & ordtype_bit(case.draft.ord_type) == 0 {
        return Err(case.deny_symbol(Reason::OrderTypeInPhase));
    }
    Ok(())
}
