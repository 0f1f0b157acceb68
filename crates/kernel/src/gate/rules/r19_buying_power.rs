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

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::{Bound, Limit, LimitKey};
use crate::reason::{Denial, Reason};
use crate::types::Bps;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 19,
    name: "buying_power",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r19_buying_power.rs"),
    check,
};

fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let Some(margin) = case.state.margin.requirement(case.draft.account) else {
        return Err(case.deny(Reason::MarginMissing));
    };
    let added = case.added_exposure()?;
    if case.reducing {
        return Ok(());
    }
    let total = case.state.positions.exposure(case.draft.account);
    let open = total.open_buy + total.open_sell + added;
    let value = (open.share(margin.share) + margin.used).nanos();
    let limit = Limit::At(margin.buying_power.nanos());
    let bound = Bound::new(limit, Bps::new(7_000), Bps::new(9_000));
    let scope = case.deny(Reason::BuyingPower);
    let before = warnings.len();
    let judged = case.judge(warnings, scope, LimitKey::GrossNotional, Some(&bound), value);
    for warning in warnings.iter_mut().skip(before) {
        warning.limit = None;
    }
    judged.map_err(|denial| Denial { limit: None, ..denial })
}
