//! Rule 11: limit-up/limit-down band.
//!
//! # What it checks
//! In continuous trading of a banded instrument, that a buy is not above the upper and a sell not
//! below the lower band; a market order counts with the reference.
//!
//! # Why
//! An order through the band cannot trade and shows a broken price. On 24 January 2023 trades
//! printed before the bands were there, so a missing band denies.
//!
//! # Denies with
//! BAND_MISSING, PRICE_BAND
//!
//! # Parameters
//! banded of the instrument; bands taken as inputs.
//!
//! # Source
//! National Market System plan for limit up-limit down; incidents I15, I16

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::Amount;
use crate::reason::{Denial, Reason};
use crate::types::Phase;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 11,
    name: "price_band",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r11_price_band.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, _warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    if !case.instrument.banded || case.phase != Some(Phase::Continuous) {
        return Ok(());
    }
    let Some((lower, upper)) = case.market.and_then(|row| row.band) else {
        return Err(case.deny_symbol(Reason::BandMissing));
    };
    let Some(price) = case.draft.price.or(case.reference) else {
        return Err(case.deny_symbol(Reason::NoReference));
    };
    let buys = case.draft.side.is_buy();
    let (through, bound) = if buys { (price > upper, upper) } else { (price < lower, lower) };
    if through {
        let denial = case.deny_symbol(Reason::PriceBand);
        return Err(denial.measured(Amount::price(price), Some(Amount::price(bound))));
    }
    Ok(())
}
