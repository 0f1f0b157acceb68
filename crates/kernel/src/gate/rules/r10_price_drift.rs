//! Rule 10: price collar over a time window.
//!
//! # What it checks
//! How far the order is through the reference as it stood when the drift window began; a market
//! order counts with the present reference.
//!
//! # Why
//! A run of orders, each within its own collar, can walk a price anywhere: the collar has to hold
//! over time as well.
//!
//! # Denies with
//! PRICE_DRIFT, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! Phase plan: drift, drift_window; price_drift (basis points), per account level and per
//! instrument.
//!
//! # Source
//! RTS 6 Art. 15(1)(a); requirement R18

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::{Amount, LimitKey, Unit};
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 10,
    name: "price_drift",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r10_price_drift.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let (Some(rules), Some(reference)) = (case.phase_rules, case.reference) else {
        return Err(case.deny_symbol(Reason::NoReference));
    };
    let market = case.market;
    let start = market.and_then(|row| row.drift_start(case.state.now, rules.drift_window_ns));
    let start = start.unwrap_or(reference);
    let price = case.draft.price.unwrap_or(reference);
    let far = || case.deny_symbol(Reason::PriceDrift);
    let Some(through) = case.through_bps(price, start) else {
        return Err(far().measured(Amount::price(price), Some(Amount::price(start))));
    };
    let allowed = i128::from(rules.drift.get());
    if through > allowed {
        let bps = |value| Amount { unit: Unit::Bps, value };
        return Err(far().measured(bps(through), Some(bps(allowed))));
    }
    let (key, reason) = (LimitKey::PriceDrift, Reason::PriceDrift);
    case.symbol_limit(warnings, key, reason, through)?;
    case.every_level(warnings, key, reason, through)
}
