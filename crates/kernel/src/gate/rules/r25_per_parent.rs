//! Rule 25: children, notional and messages per parent.
//!
//! # What it checks
//! Children, notional of all children and messages ever sent for the parent, this one included,
//! against every level. Past the block level the strategy is halted, or the account of a direct
//! order.
//!
//! # Why
//! At Knight 212 parents became millions of children, about 18,900 executions each.
//!
//! # Denies with
//! MAX_PARENT_CHILDREN, MAX_PARENT_NOTIONAL, MAX_PARENT_MESSAGES, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! parent_child_count, parent_notional (base currency), parent_message_count, per account level.
//!
//! # Source
//! Knight order paragraph 21; RTS 6 Art. 15(3); requirement R3

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};
use crate::types::Money;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 25,
    name: "per_parent",
    stages: Stages::SENDS,
    latches: true,
    source: include_str!("r25_per_parent.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let order = case.state.orders.find(case.draft.order_id).filter(|_| !case.draft.entering);
    let (children, sent, messages) = order.map_or((0, Money::ZERO, 0), |order| {
        (order.child_count, order.sent_notional, order.message_count)
    });
    let new_child = i128::from(case.stages.meets(Stages::CHILD));
    let children = i128::from(children) + new_child;
    let notional = (sent + case.added_exposure()?).nanos();
    let messages = i128::from(messages) + 1;
    let measures = [
        (LimitKey::ParentChildCount, Reason::ParentChildren, children),
        (LimitKey::ParentNotional, Reason::ParentNotional, notional),
        (LimitKey::ParentMessageCount, Reason::ParentMessages, messages),
    ];
    for (key, reason, value) in measures {
        case.every_level(warnings, key, reason, value)?;
    }
    Ok(())
}
