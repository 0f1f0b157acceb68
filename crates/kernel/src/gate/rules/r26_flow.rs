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

use crate::gate::Level;
use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};
use crate::state::control::Flow;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 26,
    name: "flow",
    stages: Stages::SENDS,
    latches: true,
    source: include_str!("r26_flow.rs"),
    check,
};

fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let added = case.added_exposure()?.nanos();
    let added_qty = i128::from(case.draft.added_qty.units());
    let children = i128::from(case.stages.meets(Stages::CHILD));
    for level in case.levels() {
        let flow = flow(case, level, added)?;
        let (qty, notional, count) = (flow.qty, flow.notional, flow.count);
        let measures = [
            (LimitKey::FlowQty, Reason::FlowQty, qty.left + added_qty, qty.came_in, 10_000),
            (
                LimitKey::FlowNotional,
                Reason::FlowNotional,
                notional.left + added,
                notional.came_in,
                10_000,
            ),
            (LimitKey::FlowCount, Reason::FlowCount, count.left + children, count.came_in, 1),
        ];
        for (key, reason, left, came_in, scale) in measures {
            if !is_free(left, came_in, scale, level.limits.free_up_to(key)) {
                case.at_level(warnings, level, key, reason, ratio(left * scale, came_in))?;
            }
        }
    }
    Ok(())
}

/// Returns whether `left * scale / came_in`, rounded up, is at most `free`, without dividing.
fn is_free(left: i128, came_in: i128, scale: i128, free: i128) -> bool {
    match (left, came_in) {
        (..=0, _) => free >= 0,
        (_, ..=0) => false,
        (left, came_in) => free == i128::MAX || product(left, scale) <= product(free, came_in),
    }
}

/// Returns the flow of a node, with what the client asks for in the same step.
fn flow(case: &Case<'_>, level: Level<'_>, added: i128) -> Result<Flow, Denial> {
    let window_ns = level.window_ns(LimitKey::FlowWindow)?;
    let mut flow = case.state.control.flow(level.id, case.state.now, window_ns);
    let client_asks = Stages::ENTRY.with(Stages::AMEND);
    if case.stages.meets(client_asks) {
        flow.qty.enter(i128::from(case.draft.added_qty.units()));
        flow.notional.enter(added);
        flow.count.enter(i128::from(case.draft.entering));
    }
    Ok(flow)
}

/// Returns a product that stays at the end of the range instead of leaving it.
fn product(a: i128, b: i128) -> i128 {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => i128::from(a) * i128::from(b),
        _ => a.saturating_mul(b),
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
