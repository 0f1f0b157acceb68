//! Rule 6: maximum quantity of one order.
//!
//! # What it checks
//! The quantity of the order, new or replaced, against the limit of every level of the account
//! tree and of the instrument.
//!
//! # Why
//! Mizuho sold 610,000 shares at one yen in 2005, 42 times what was issued.
//!
//! # Denies with
//! MAX_ORDER_QTY, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! order_qty (units), per account level and per instrument.
//!
//! # Source
//! 17 CFR 240.15c3-5(c)(1)(ii); RTS 6 Art. 15(1)(c); FIA 2024 section 1.1

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 6,
    name: "max_order_qty",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r06_max_order_qty.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let value = i128::from(case.draft.qty.units());
    case.symbol_limit(warnings, LimitKey::OrderQty, Reason::OrderQty, value)?;
    case.every_level(warnings, LimitKey::OrderQty, Reason::OrderQty, value)
}
