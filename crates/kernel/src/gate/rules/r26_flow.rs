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
use crate::state::control::Flow;
use crate::types::AccountId;

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
    for id in &case.account.path {
        let flow = flow(case, *id)?;
        let added_qty = i128::from(case.draft.added_qty.units());
        let children = i128::from(case.stages.meets(Stages::CHILD));
        let qty = share_bps(flow.qty.left + added_qty, flow.qty.came_in);
        let notional = share_bps(flow.notional.left + added, flow.notional.came_in);
        let count = ratio(flow.count.left + children, flow.count.came_in);
        case.account_limit(warnings, *id, LimitKey::FlowQty, Reason::FlowQty, qty)?;
        let (key, reason) = (LimitKey::FlowNotional, Reason::FlowNotional);
        case.account_limit(warnings, *id, key, reason, notional)?;
        case.account_limit(warnings, *id, LimitKey::FlowCount, Reason::FlowCount, count)?;
    }
    Ok(())
}

/// Returns the flow of a node, with what the client asks for in the same step.
fn flow(case: &Case<'_>, id: AccountId) -> Result<Flow, Denial> {
    let window_ns = case.window_ns(id, LimitKey::FlowWindow)?;
    let mut flow = case.state.control.flow(id, case.state.now, window_ns);
    let client_asks = Stages::ENTRY.with(Stages::AMEND);
    if case.stages.meets(client_asks) {
        flow.qty.enter(i128::from(case.draft.added_qty.units()));
        flow.notional.enter(case.added_exposure()?.nanos());
        flow.count.enter(i128::from(case.draft.entering));
    }
    Ok(flow)
}

/// Returns `part` of `whole` in basis points, rounded up; of nothing, anything is too much.
fn share_bps(part: i128, whole: i128) -> i128 {
    ratio(part.saturating_mul(10_000), whole)
}

fn ratio(part: i128, whole: i128) -> i128 {
    match (part, whole) {
        (..=0, _) => 0,
        (_, ..=0) => i128::MAX,
        (part, whole) => (part - 1) / whole + 1,
    }
}
