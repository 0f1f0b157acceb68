//! Rule 24: own share of market volume and price moved.
//!
//! # What it checks
//! At every level: own executions and this order as a share of the instrument's volume today,
//! together with the move of its price since the phase began. Both past their limits halt the
//! strategy, or the account of a direct order. An order that only reduces passes.
//!
//! # Why
//! In 75 stocks Knight was over 20 % of the volume while the price moved over 5 %, and nothing
//! compared the two.
//!
//! # Denies with
//! MARKET_IMPACT, VOLUME_MISSING, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! volume_share, price_move (basis points), volume_share_floor (units below which nothing is
//! judged), per account level.
//!
//! # Source
//! Knight order paragraph 18; incident I24

use crate::gate::{Case, Level, Rule, Stages, Warning};
use crate::limit::{Amount, Level as Use, Limit, LimitKey};
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 24,
    name: "market_impact",
    stages: Stages::SENDS,
    latches: true,
    source: include_str!("r24_market_impact.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    if case.reducing {
        return Ok(());
    }
    for level in case.levels() {
        let floor = case.parameter(level, LimitKey::VolumeShareFloor)?;
        let traded = level.row.map_or(0, |row| i128::from(row.traded_qty.units()));
        let own = traded + i128::from(case.draft.added_qty.units());
        if own > i128::from(floor) {
            judge(case, warnings, level, own)?;
        }
    }
    Ok(())
}

/// Judges the share of the volume together with the move of the price.
fn judge(
    case: &Case<'_>,
    warnings: &mut Vec<Warning>,
    at: &Level<'_>,
    own: i128,
) -> Result<(), Denial> {
    let Some(volume) = case.market.and_then(|row| row.volume) else {
        return Err(case.deny_symbol(Reason::VolumeMissing));
    };
    let share = own * 10_000 / i128::from(volume.units()).max(1);
    let moved = case.market.and_then(|row| row.mark?.distance_bps(row.phase_px?)).unwrap_or(0);
    let bound = |key| {
        let missing = || case.deny_level(at, Reason::LimitMissing).about(Some(key));
        at.limits.get(key).ok_or_else(missing)
    };
    let (of_share, of_move) = (bound(LimitKey::VolumeShare)?, bound(LimitKey::PriceMove)?);
    let level = of_share.level(share).min(of_move.level(moved));
    let key = LimitKey::VolumeShare;
    let (value, limit) = (Amount::of(key, share), of_share.limit);
    let bound = match limit {
        Limit::At(limit) if level != Use::Free => Amount::of(key, limit),
        Limit::At(_) | Limit::Unlimited => return Ok(()),
    };
    let reason = if level == Use::Restrict { Reason::LimitRestricts } else { Reason::MarketImpact };
    let denial = case.deny_level(at, reason).about(Some(key));
    if level == Use::Warn {
        let (scope_kind, scope, limit) = (denial.scope_kind, denial.scope, Some(key));
        warnings.push(Warning { level, rule: 24, limit, bound, value, scope_kind, scope });
        return Ok(());
    }
    Err(denial.measured(value, Some(bound)))
}
