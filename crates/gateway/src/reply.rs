//! Refusals in the words of FIX: codes for machines, a sentence with rule, limit, value and scope.

use core::fmt::Write as _;

use ringfence_fix::terms::Version;
use ringfence_kernel::event::Denied;
use ringfence_kernel::reason::Reason;

/// Returns the sentence of a refusal (FIX 58): reason, rule, value against limit, scope.
pub(super) fn sentence(denied: &Denied) -> String {
    let mut text = format!("{}", denied.reason);
    // Writing into memory does not fail.
    if denied.rule > 0 {
        let _ = write!(text, " rule {}", denied.rule);
    }
    if let Some(value) = denied.value {
        let _ = write!(text, ": {value}");
    }
    if let Some(limit) = denied.limit_value {
        let _ = write!(text, " against {limit}");
    }
    if let Some(limit) = denied.limit {
        let _ = write!(text, " ({limit})");
    }
    let _ = write!(text, " at {} {}", denied.scope_kind, denied.scope);
    text
}

/// Returns the OrdRejReason (FIX 103) of a refusal.
#[expect(clippy::wildcard_enum_match_arm, reason = "FIX has a code for few of the reasons")]
pub(super) const fn ord_rej_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::UnknownInstrument => "1",
        Reason::DayNotOpen
        | Reason::PhaseUnknown
        | Reason::OrderTypeInPhase
        | Reason::VenueClosed
        | Reason::VenueHalted => "2",
        Reason::OrderQty
        | Reason::OrderNotional
        | Reason::PositionLong
        | Reason::PositionShort
        | Reason::GrossNotional
        | Reason::NetNotional
        | Reason::DailyNotional
        | Reason::DailyQty
        | Reason::DailyCount
        | Reason::BasketNotional
        | Reason::BuyingPower => "3",
        Reason::UnknownOrder => "5",
        Reason::DuplicateClOrdId | Reason::Duplicate => "6",
        // Broker's option: the sentence beside it names the reason.
        _ => "0",
    }
}

/// Returns the CxlRejReason (FIX 102) of a refusal; FIX 4.2 ends at 3.
#[expect(clippy::wildcard_enum_match_arm, reason = "FIX has a code for few of the reasons")]
pub(super) const fn cxl_rej_reason(version: Version, reason: Reason) -> &'static str {
    match reason {
        Reason::OrderClosed => "0",
        Reason::UnknownOrder => "1",
        Reason::AlreadyPending => "3",
        Reason::DuplicateClOrdId if !matches!(version, Version::Fix42) => "6",
        _ => "2",
    }
}
