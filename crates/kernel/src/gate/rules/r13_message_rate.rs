//! Rule 13: message rate.
//!
//! # What it checks
//! Messages of the session, of every level of the account tree and to the venue within their
//! windows, this one included. Part of each budget is kept for cancels, which are counted and
//! never refused. Beyond the disable level, denied messages included, the session is halted.
//!
//! # Why
//! A loop is first seen as a rate. Infinium sent 6,767 orders in three seconds; CME closes a port
//! that keeps hammering.
//!
//! # Denies with
//! MESSAGE_RATE, MESSAGE_DISABLE, VENUE_RATE, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! message_count, message_disable_count, message_window, cancel_reserve_count; message_max of the
//! venue, a tenth of which is kept for cancels.
//!
//! # Source
//! RTS 6 Art. 15(1)(d); FIA 2024 sections 3.3 and 3.4; incident I18

use crate::gate::{Case, Level, Rule, Stages, Warning};
use crate::limit::{Amount, LimitKey, Unit};
use crate::reason::{Denial, Reason};
use crate::types::ScopeKind;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 13,
    name: "message_rate",
    stages: Stages::EVERY,
    latches: true,
    source: include_str!("r13_message_rate.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let draft = &case.draft;
    let (control, now) = (&case.state.control, case.state.now);
    if case.stages.meets(Stages::ENTRY.with(Stages::AMEND)) {
        let leaf = case.leaf();
        let window_ns = case.window_ns(case.firm(), LimitKey::MessageWindow)?;
        let (passed, all) = control.session_messages(draft.session, now, window_ns);
        let (key, reason) = (LimitKey::MessageDisableCount, Reason::MessageDisable);
        case.at_level(warnings, leaf, key, reason, all + 1)?;
        let reserved = reserve(case, leaf)?;
        let (key, reason) = (LimitKey::MessageCount, Reason::MessageRate);
        case.at_level(warnings, leaf, key, reason, passed + 1 + reserved)?;
    }
    if !case.stages.meets(Stages::SENDS) {
        return Ok(());
    }
    for level in case.levels() {
        let window_ns = case.window_ns(level, LimitKey::MessageWindow)?;
        let value = level.usage.messages.sum(now, window_ns) + 1 + reserve(case, level)?;
        case.at_level(warnings, level, LimitKey::MessageCount, Reason::MessageRate, value)?;
    }
    venue_budget(case)
}

/// Returns what is kept free for cancels; without a bound nothing is left, so it counts as absent.
fn reserve(case: &Case<'_>, level: &Level<'_>) -> Result<i128, Denial> {
    let key = LimitKey::CancelReserveCount;
    match case.parameter(level, key)? {
        i64::MAX => Err(case.deny_level(level, Reason::LimitMissing).about(Some(key))),
        reserve => Ok(reserve.into()),
    }
}

fn venue_budget(case: &Case<'_>) -> Result<(), Denial> {
    let Some(venue) = case.draft.venue else { return Ok(()) };
    let row = case.state.directory.venues.at(venue);
    let budget = i128::from(row.message_max - row.message_max.div_ceil(10));
    let value = case.state.venues.messages(venue, case.state.now) + 1;
    if value > budget {
        let count = |value| Amount { unit: Unit::Count, value };
        let denial = Denial::new(Reason::VenueRate, ScopeKind::Venue, row.name);
        return Err(denial.measured(count(value), Some(count(budget))));
    }
    Ok(())
}
