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

use crate::gate::Level;
use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::{Amount, Level as Use, Limit, LimitKey};
use crate::reason::{Denial, Reason};
use crate::types::ScopeKind;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 24,
    name: "market_impact",
    stages: Stages::SENDS,
    latches: true,
    source: include_str!("r24_market_impact.rs"),
    check,
};

fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    if case.reducing {
        return Ok(());
    }
    case.levels().try_for_each(|level| judge(case, warnings, level))
}

fn judge(case: &Case<'_>, warnings: &mut Vec<Warning>, at: Level<'_>) -> Result<(), Denial> {
    let draft = &case.draft;
    let floor = at.number(LimitKey::VolumeShareFloor)?;
    if floor.is_none() {
        return Ok(());
    }
    let traded = at.row.map_or(0, |row| i128::from(row.traded_qty.units()));
    let own = traded + i128::from(draft.added_qty.units());
    if floor.is_none_or(|floor| own <= floor) {
        return Ok(());
    }
    let bound = |key| at.limits.get(key);
    let Some(volume) = case.market.and_then(|row| row.volume) else {
        return Err(case.deny_symbol(Reason::VolumeMissing));
    };
    let share = own * 10_000 / i128::from(volume.units()).max(1);
    let moved = case.market.and_then(|row| row.mark?.distance_bps(row.phase_px?)).unwrap_or(0);
    let scope = Denial::new(Reason::MarketImpact, ScopeKind::Account, *at.name);
    let missing = |key| Denial { reason: Reason::LimitMissing, ..scope.clone() }.about(0, key);
    let of_share = bound(LimitKey::VolumeShare).ok_or_else(|| missing(LimitKey::VolumeShare))?;
    let of_move = bound(LimitKey::PriceMove).ok_or_else(|| missing(LimitKey::PriceMove))?;
    let level = of_share.level(share).min(of_move.level(moved));
    let reason = match level {
        Use::Free => return Ok(()),
        Use::Warn => Reason::MarketImpact,
        Use::Restrict => Reason::LimitRestricts,
        Use::Block => Reason::MarketImpact,
    };
    let (key, denial) = (LimitKey::VolumeShare, Denial { reason, ..scope });
    let limit = match of_share.limit {
        Limit::At(limit) => Some(Amount::of(key, limit)),
        Limit::Unlimited => None,
    };
    let value = Amount::of(key, share);
    if let (Use::Warn, Some(bound)) = (level, limit) {
        let (scope_kind, scope, limit) = (denial.scope_kind, denial.scope, Some(key));
        warnings.push(Warning { level, rule: 24, limit, bound, value, scope_kind, scope });
        return Ok(());
    }
    Err(denial.about(0, key).measured(value, limit))
}
