//! Rule 23: loss amount and loss rate.
//!
//! # What it checks
//! The loss of the day, realised and unrealised, and the worsening within the loss window, at
//! every level. Past the block level the level is halted; it is also looked at on every tick of
//! the clock.
//!
//! # Why
//! HanMag lost its capital in about a minute and Knight ten million dollars a minute: a stop tied
//! to capital has to act by itself.
//!
//! # Denies with
//! MAX_LOSS, MAX_LOSS_RATE, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! loss, loss_rate (base currency), loss_window, per account level.
//!
//! # Source
//! Incidents I1, I19; requirement R36

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};
use crate::types::Money;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 23,
    name: "loss",
    stages: Stages::SENDS,
    latches: true,
    source: include_str!("r23_loss.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    for level in case.levels() {
        let window_ns = case.window_ns(level, LimitKey::LossWindow)?;
        let result = level.usage.exposure.result();
        let loss = if result < Money::ZERO { -result } else { Money::ZERO };
        let recent = case.state.usage.recent_loss(level.id, case.state.now, window_ns);
        case.at_level(warnings, level, LimitKey::Loss, Reason::Loss, loss.nanos())?;
        case.at_level(warnings, level, LimitKey::LossRate, Reason::LossRate, recent.nanos())?;
    }
    Ok(())
}
