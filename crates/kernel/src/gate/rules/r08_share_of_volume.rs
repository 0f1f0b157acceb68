//! Rule 8: share of average volume and of issued units.
//!
//! # What it checks
//! The quantity as a share of the 20-day average volume and of the units outstanding, against
//! every level and the instrument.
//!
//! # Why
//! Merrill's limit of five million shares stood on a stock that traded 79,000 a day; Samsung
//! Securities sold shares that did not exist.
//!
//! # Denies with
//! AVERAGE_VOLUME_SHARE, OUTSTANDING_SHARE, SIZE_REFERENCE_MISSING, LIMIT_RESTRICTS,
//! LIMIT_MISSING
//!
//! # Parameters
//! order_average_volume_share and order_outstanding_share (basis points); average_volume and
//! shares_outstanding of the instrument.
//!
//! # Source
//! Incidents I17, I21, I22; Cboe single order against 20-day average volume

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};
use crate::types::Qty;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 8,
    name: "share_of_volume",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r08_share_of_volume.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let measures = [
        (case.instrument.average_volume, LimitKey::VolumeShareOrder, Reason::AverageVolumeShare),
        (
            case.instrument.shares_outstanding,
            LimitKey::OutstandingShareOrder,
            Reason::OutstandingShare,
        ),
    ];
    for (whole, key, reason) in measures {
        let Some(value) = whole.and_then(|whole| share_bps(case.draft.qty, whole)) else {
            return Err(case.deny_symbol(Reason::SizeReferenceMissing).about(Some(key)));
        };
        case.symbol_limit(warnings, key, reason, value)?;
        case.every_level(warnings, key, reason, value)?;
    }
    Ok(())
}

/// Returns `part` of `whole` in basis points, rounded up; `None` of nothing.
fn share_bps(part: Qty, whole: Qty) -> Option<i128> {
    let scaled = u128::from(part.units()) * 10_000;
    if whole.is_zero() {
        return None;
    }
    i128::try_from(scaled.div_ceil(u128::from(whole.units()))).ok()
}
