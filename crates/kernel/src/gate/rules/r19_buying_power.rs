//! Rule 19: buying power.
//!
//! # What it checks
//! The requirement of all open orders of the account, of what was filled since the margin side
//! last spoke, and of this order, against the buying power it named. An order that only reduces
//! needs none.
//!
//! # Why
//! A client must not enter what it could not pay for; Everbright's execution system did not look
//! at available funds for market orders.
//!
//! # Denies with
//! MARGIN_MISSING, BUYING_POWER, LIMIT_RESTRICTS
//!
//! # Parameters
//! margin_requirement of the account: share and buying power; warned at 70 %, restricted at 90 %.
//!
//! # Source
//! 17 CFR 240.15c3-5(c)(1)(i); FINRA Rule 4210; incident I5

use crate::gate::{Case, Rule, Stages, Warning, judge};
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 19,
    name: "buying_power",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r19_buying_power.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let Some(margin) = case.state.margin.requirement(case.draft.account) else {
        return Err(case.deny(Reason::MarginMissing));
    };
    let added = case.added_exposure()?;
    if case.reducing {
        return Ok(());
    }
    let total = &case.leaf().usage.exposure;
    let open = total.open_buy + total.open_sell + added;
    let value = open.share(margin.share) + margin.used;
    if value <= margin.free_up_to {
        return Ok(());
    }
    let (denial, bound) = (case.deny(Reason::BuyingPower), margin.bound());
    judge(case.reducing, warnings, denial, Some(&bound), value.nanos())
}
