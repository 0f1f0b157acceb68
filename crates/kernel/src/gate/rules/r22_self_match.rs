//! Rule 22: self-match.
//!
//! # What it checks
//! That the account declares a group and a policy, and that the order would not trade with a
//! resting order of its own group.
//!
//! # Why
//! Trading with oneself paints volume and price; the policy must be declared, not happen.
//!
//! # Denies with
//! SELF_MATCH, SELF_MATCH_UNDECLARED
//!
//! # Parameters
//! self_match_group, self_match_policy of the account.
//!
//! # Source
//! FIA 2024 section 3.5; requirement R27

use crate::gate::{Case, Rule, Stages, Warning};
use crate::input::SelfMatchPolicy;
use crate::limit::Amount;
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 22,
    name: "self_match",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r22_self_match.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, _warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let draft = &case.draft;
    let Some((_, policy)) = case.account.self_match else {
        return Err(case.deny(Reason::SelfMatchUndeclared));
    };
    match policy {
        SelfMatchPolicy::Allow => Ok(()),
        SelfMatchPolicy::DenyIncoming => {
            match case.resting.and_then(|resting| resting.met_by(draft.side, draft.price)) {
                None => Ok(()),
                Some(own) => {
                    let denial = case.deny(Reason::SelfMatch);
                    let asked = draft.price.map_or(Amount::qty(draft.qty), Amount::price);
                    Err(denial.measured(asked, Some(Amount::price(own))))
                }
            }
        }
    }
}
