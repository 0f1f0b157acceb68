//! Rule 21: short-sale marking, locate and Rule 201.
//!
//! # What it checks
//! That a sale marked long is covered by the confirmed position less open and unsure sales; that
//! a short sale has enough located units; and, while Rule 201 is in force, that it is a limit
//! order above the best bid.
//!
//! # Why
//! After a void, clients sold what they no longer had: short sales marked long, without a locate.
//! Provisional units are not owned yet.
//!
//! # Denies with
//! SALE_NOT_LONG, LOCATE_MISSING, SHORT_SALE_PRICE
//!
//! # Parameters
//! short_sale_rules of the instrument; locates and restrictions taken as inputs.
//!
//! # Source
//! Regulation SHO, 17 CFR 242.200(g), 203(b)(1), 201; incident I2

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::{Amount, Unit};
use crate::reason::{Denial, Reason};
use crate::types::{PriceSource, Qty, Side};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 21,
    name: "short_sale",
    stages: Stages::EVERY,
    latches: false,
    source: include_str!("r21_short_sale.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, _warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    if !case.instrument.short_sale_rules {
        return Ok(());
    }
    match case.draft.side {
        Side::Buy => Ok(()),
        Side::Sell => owned(case),
        Side::SellShortExempt => located(case),
        Side::SellShort => located(case).and_then(|()| above_bid(case)),
    }
}

fn owned(case: &Case<'_>) -> Result<(), Denial> {
    let sellable = case.leaf().row.map_or(0, |row| i128::from(row.sellable_qty()));
    let added = i128::from(case.draft.added_qty.units());
    if added > sellable {
        let bound = Amount { unit: Unit::Units, value: sellable };
        let denial = case.deny(Reason::SaleNotLong);
        return Err(denial.measured(Amount::qty(case.draft.added_qty), Some(bound)));
    }
    Ok(())
}

fn located(case: &Case<'_>) -> Result<(), Denial> {
    let draft = &case.draft;
    if !draft.entering && !case.stages.meets(Stages::AMEND) {
        return Ok(());
    }
    let added = if draft.entering { draft.qty } else { draft.added_qty };
    let control = &case.state.control;
    let held =
        draft.locate_id.map_or(Qty::ZERO, |id| control.located(draft.account, draft.symbol, id));
    if added > held {
        let denial = case.deny(Reason::LocateMissing);
        return Err(denial.measured(Amount::qty(added), Some(Amount::qty(held))));
    }
    Ok(())
}

fn above_bid(case: &Case<'_>) -> Result<(), Denial> {
    let Some(market) = case.market.filter(|row| row.short_restricted) else { return Ok(()) };
    let age = case.phase_rules.map_or(0, |rules| rules.age_max_ns);
    let fresh = market.source(PriceSource::Mid, case.state.now, age).and(market.bid);
    let (Some(bid), Some(price)) = (fresh, case.draft.price) else {
        return Err(case.deny_symbol(Reason::ShortSalePrice));
    };
    if price <= bid.px {
        let denial = case.deny_symbol(Reason::ShortSalePrice);
        return Err(denial.measured(Amount::price(price), Some(Amount::price(bid.px))));
    }
    Ok(())
}
