//! Rule 15: open orders.
//!
//! # What it checks
//! Open child orders of every level of the account tree, this one included.
//!
//! # Why
//! A sender that never sees its orders end keeps adding to them.
//!
//! # Denies with
//! MAX_OPEN_ORDERS, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! open_order_count, per account level.
//!
//! # Source
//! FIA 2024 section 1.2; requirement R32

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 15,
    name: "open_orders",
    stages: Stages::CHILD,
    latches: false,
    source: include_str!("r15_open_orders.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let (key, reason) = (LimitKey::OpenOrderCount, Reason::OpenOrderCount);
    case.levels().iter().try_for_each(|level| {
        let open = level.usage.exposure.open_order_count;
        case.at_level(warnings, level, key, reason, i128::from(open) + 1)
    })
}
