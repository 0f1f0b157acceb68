//! Rule 17: gross and net notional of orders entered.
//!
//! # What it checks
//! Positions at cost plus open orders at their worst case, both sides added, and as the
//! difference towards the side of the order, at every level. An order that only reduces adds
//! nothing to the gross; a level with fills of unknown value denies.
//!
//! # Why
//! Exposure is what was entered, not what was executed. Knight passed its two-million limit in
//! under a second and nothing was connected to it.
//!
//! # Denies with
//! MAX_GROSS_NOTIONAL, MAX_NET_NOTIONAL, UNPRICEABLE, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! gross_notional, net_notional (base currency), per account level.
//!
//! # Source
//! 17 CFR 240.15c3-5(c)(1)(i) and release 34-63241; NYSE Rule 7.19; Knight order paragraphs 22 to
//! 24

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 17,
    name: "gross_and_net_notional",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r17_gross_and_net_notional.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let added = case.added_exposure()?;
    let buys = case.draft.side.is_buy();
    for level in case.levels() {
        let total = &level.usage.exposure;
        if total.unpriced_count > 0 {
            return Err(case.deny_level(level, Reason::Unpriceable));
        }
        let gross = (total.gross_notional() + added).nanos();
        let net = (total.net_towards(buys) + added).nanos();
        let (key, reason) = (LimitKey::GrossNotional, Reason::GrossNotional);
        if !case.reducing {
            case.at_level(warnings, level, key, reason, gross)?;
        }
        case.at_level(warnings, level, LimitKey::NetNotional, Reason::NetNotional, net)?;
    }
    Ok(())
}
