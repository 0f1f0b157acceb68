//! Rule 26: what leaves against what came in.
//!
//! # What it checks
//! At every level and within the window: quantity, notional and number of children that left,
//! less what came back, against the parents that came in and what was still to leave when the
//! window began. Past the block level the strategy is halted, or the account of a direct order.
//!
//! # Why
//! The router at Knight had no control that compared orders leaving with orders that entered;
//! this one needs no insight into any bug.
//!
//! # Denies with
//! FLOW_QTY, FLOW_NOTIONAL, FLOW_COUNT, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! flow_qty, flow_notional (basis points of what came in), flow_count (children per parent),
//! flow_window, per account level.
//!
//! # Source
//! Knight order paragraph 21; requirement R4

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 26,
    name: "flow",
    stages: Stages::SENDS,
    latches: true,
    source: include_str!("r26_flow.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let notional = case.added_exposure()?.nanos();
    let qty = case.draft.added_qty.signed();
    let child = i64::from(case.stages.meets(Stages::CHILD));
    // What the client asks for in the same step came in.
    let asked = case.stages.meets(Stages::ENTRY.with(Stages::AMEND));
    let parent = i64::from(asked && case.draft.entering);
    let (qty_in, notional_in) = if asked { (qty, notional) } else { (0, 0) };
    for level in case.levels() {
        case.parameter(level, LimitKey::FlowWindow)?;
        let (flow, now, limits) = (&level.usage.flow, case.state.now, level.limits);
        let (came_in, left) = flow.as_of(&flow.qty, now);
        let (left, came_in) = (left + qty, came_in + qty_in);
        if !is_free(left, came_in, 10_000, limits.free_up_to(LimitKey::FlowQty)) {
            let value = ratio(i128::from(left) * 10_000, came_in.into());
            case.at_level(warnings, level, LimitKey::FlowQty, Reason::FlowQty, value)?;
        }
        let (came_in, left) = flow.as_of(&flow.notional, now);
        let (left, came_in) = (left + notional, came_in + notional_in);
        if !is_wide_free(left, came_in, limits.free_up_to(LimitKey::FlowNotional)) {
            let value = ratio(left * 10_000, came_in);
            case.at_level(warnings, level, LimitKey::FlowNotional, Reason::FlowNotional, value)?;
        }
        let (came_in, left) = flow.as_of(&flow.count, now);
        let (left, came_in) = (left + child, came_in + parent);
        if !is_free(left, came_in, 1, limits.free_up_to(LimitKey::FlowCount)) {
            let value = ratio(left.into(), came_in.into());
            case.at_level(warnings, level, LimitKey::FlowCount, Reason::FlowCount, value)?;
        }
    }
    Ok(())
}

/// Returns whether `left * scale / came_in`, rounded up, is at most `free`, without dividing.
fn is_free(left: i64, came_in: i64, scale: i64, free: i128) -> bool {
    if left <= 0 {
        return free >= 0;
    }
    let allowed = match i64::try_from(free) {
        Ok(free) => i128::from(free) * i128::from(came_in),
        Err(_) => free.saturating_mul(came_in.into()),
    };
    came_in > 0 && i128::from(left) * i128::from(scale) <= allowed
}

/// Returns the same for money, in basis points.
fn is_wide_free(left: i128, came_in: i128, free: i128) -> bool {
    match (i64::try_from(left), i64::try_from(came_in)) {
        (Ok(left), Ok(came_in)) => is_free(left, came_in, 10_000, free),
        _ if left <= 0 => free >= 0,
        _ => came_in > 0 && left.saturating_mul(10_000) <= free.saturating_mul(came_in),
    }
}

/// Returns `part` over `whole`, rounded up; of nothing, anything is too much.
fn ratio(part: i128, whole: i128) -> i128 {
    match (part, whole) {
        (..=0, _) => 0,
        (_, ..=0) => i128::MAX,
        (part, whole) => (part - 1) / whole + 1,
    }
}
