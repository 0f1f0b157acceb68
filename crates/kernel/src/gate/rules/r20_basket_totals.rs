//! Rule 20: basket totals.
//!
//! # What it checks
//! That the basket was announced by this session for this account, and that its parents together,
//! this one included, stay within the announced bound and every level's limit.
//!
//! # Why
//! Citi's trader meant 58 million and entered a basket of 444 billion; every per-order block that
//! held left 189 billion through.
//!
//! # Denies with
//! BASKET_UNKNOWN, MAX_BASKET_NOTIONAL, UNPRICEABLE, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! notional_max of the basket; basket_notional (base currency), per account level.
//!
//! # Source
//! Incident I7; requirement R22

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::{Amount, LimitKey};
use crate::reason::{Denial, Reason};
use crate::types::{Name, ScopeKind};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 20,
    name: "basket_totals",
    stages: Stages::ENTRY.with(Stages::AMEND),
    latches: false,
    source: include_str!("r20_basket_totals.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let Some(id) = case.draft.basket_id else { return Ok(()) };
    let scope = Name::clipped(id.as_str());
    let basket = case.state.control.basket(case.draft.session, id);
    let Some(basket) = basket.filter(|row| case.account.path.contains(&row.account)) else {
        return Err(Denial::new(Reason::BasketUnknown, ScopeKind::Basket, scope));
    };
    let value = basket.notional + case.added_exposure()?;
    if value > basket.notional_max {
        let denial = Denial::new(Reason::BasketNotional, ScopeKind::Basket, scope);
        return Err(denial.measured(Amount::money(value), Some(Amount::money(basket.notional_max))));
    }
    let (key, reason) = (LimitKey::BasketNotional, Reason::BasketNotional);
    case.every_level(warnings, key, reason, value.nanos())
}
