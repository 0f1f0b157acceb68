//! Rule 18: cumulative notional, quantity and count of the day.
//!
//! # What it checks
//! What every level entered today, this order included; it never falls during the day.
//!
//! # Why
//! A day's total catches what no single order shows: many small orders, each of them allowed.
//!
//! # Denies with
//! MAX_DAILY_NOTIONAL, MAX_DAILY_QTY, MAX_DAILY_COUNT, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! daily_notional (base currency), daily_qty (units), daily_count, per account level.
//!
//! # Source
//! Nasdaq pre-trade risk management; requirement R23

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 18,
    name: "daily_totals",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r18_daily_totals.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let added = case.added_exposure()?.nanos();
    let added_qty = i128::from(case.draft.added_qty.units());
    for level in case.levels() {
        let total = &level.usage.exposure;
        let measures = [
            (LimitKey::DailyNotional, Reason::DailyNotional, total.daily_notional.nanos() + added),
            (LimitKey::DailyQty, Reason::DailyQty, i128::from(total.daily_qty.units()) + added_qty),
            (LimitKey::DailyCount, Reason::DailyCount, i128::from(total.daily_count) + 1),
        ];
        for (key, reason, value) in measures {
            case.at_level(warnings, level, key, reason, value)?;
        }
    }
    Ok(())
}
