//! Rule 7: maximum notional of one order.
//!
//! # What it checks
//! Quantity times worst-case price in base currency, new or replaced, against every level and the
//! instrument. A market order is valued at the reference plus the collar.
//!
//! # Why
//! A check that prices market orders at zero approves all of them; Everbright ordered CNY 23.4 bn
//! that way in two seconds.
//!
//! # Denies with
//! MAX_ORDER_NOTIONAL, UNPRICEABLE, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! order_notional (base currency), per account level and per instrument.
//!
//! # Source
//! 17 CFR 240.15c3-5(c)(1)(ii); RTS 6 Art. 15(1)(b); incident I5

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 7,
    name: "max_order_notional",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r07_max_order_notional.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let unit = case.unit_exposure.ok_or_else(|| case.deny_symbol(Reason::Unpriceable))?;
    let value = unit.times(case.draft.qty).nanos();
    let (key, reason) = (LimitKey::OrderNotional, Reason::OrderNotional);
    case.symbol_limit(warnings, key, reason, value)?;
    case.every_level(warnings, key, reason, value)
}
