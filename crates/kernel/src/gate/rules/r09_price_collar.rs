//! Rule 9: price collar.
//!
//! # What it checks
//! How far the limit price is through the instrument's own reference, by the phase's collar and
//! by the limits of every level and of the instrument; where the phase has a fixed band, both
//! sides of it. The reference is the first fresh source of the phase's waterfall; without one
//! nothing passes.
//!
//! # Why
//! Knight's 9.5 % cap needed the national best price and skipped the orders for the opening
//! auction; overnight there is no such price at all; Goldman's pre-market check was empty.
//!
//! # Denies with
//! NO_REFERENCE, PRICE_COLLAR, SESSION_BAND, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! Phase plan: sources, age_max, collar, band; price_collar (basis points), per account level and
//! per instrument.
//!
//! # Source
//! Knight order paragraph 21; incidents I6, I15, I16; Blue Ocean ATS 20 % session band

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::{Amount, LimitKey, Unit};
use crate::reason::{Denial, Reason};
use crate::types::Bps;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 9,
    name: "price_collar",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r09_price_collar.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let (Some(rules), Some(reference)) = (case.phase_rules, case.reference) else {
        return Err(case.deny_symbol(Reason::NoReference));
    };
    let Some(price) = case.draft.price else { return Ok(()) };
    let far = || case.deny_symbol(Reason::PriceCollar);
    let Some(through) = case.through_bps(price, reference) else {
        return Err(far().measured(Amount::price(price), Some(Amount::price(reference))));
    };
    if through > i128::from(rules.collar.get()) {
        return Err(far().measured(bps(through), Some(share(rules.collar))));
    }
    if let Some(band) = rules.band {
        let distance = price.distance_bps(reference).unwrap_or(i128::MAX);
        if distance > i128::from(band.get()) {
            let denial = case.deny_symbol(Reason::SessionBand);
            return Err(denial.measured(bps(distance), Some(share(band))));
        }
    }
    let (key, reason) = (LimitKey::PriceCollar, Reason::PriceCollar);
    case.symbol_limit(warnings, key, reason, through)?;
    case.every_level(warnings, key, reason, through)
}

const fn bps(value: i128) -> Amount {
    Amount { unit: Unit::Bps, value }
}

fn share(value: Bps) -> Amount {
    bps(i128::from(value.get()))
}
