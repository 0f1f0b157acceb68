//! One question to the gate: the terms of an order with everything that the rules look up.

use super::Warning;
use crate::limit::{Amount, Bound, Level as Use, Limit, LimitKey, LimitSet};
use crate::reason::{Denial, Reason};
use crate::state::State;
use crate::state::directory::{Account, Instrument, PhaseRules, TREE_DEPTH_MAX};
use crate::state::{market, position};
use crate::types::{
    AccountId, InstrumentId, Money, Name, OrdType, OrderId, Phase, Price, Qty, ScopeKind,
    SessionId, Side, StrategyId, TimeInForce, VenueId, WireId,
};

/// Stages of an order's life at which rules run, as a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stages(u8);

impl Stages {
    /// A parent enters.
    pub const ENTRY: Self = Self(1);
    /// A new child is sent.
    pub const CHILD: Self = Self(2);
    /// A child is changed.
    pub const REPLACE: Self = Self(4);
    /// The terms of a parent change without a child.
    pub const AMEND: Self = Self(8);
    /// Both stages that put quantity on a wire.
    pub const SENDS: Self = Self(6);
    /// Every stage.
    pub const EVERY: Self = Self(15);

    /// Returns the union.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Returns whether the sets share a stage.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
    /// Returns the names of the stages, separated by commas.
    pub fn names(self) -> String {
        let names = [
            (Self::ENTRY, "entry"),
            (Self::CHILD, "child"),
            (Self::REPLACE, "replace"),
            (Self::AMEND, "amend"),
        ];
        let mine = names.iter().filter(|(stage, _)| self.meets(*stage)).map(|(_, name)| *name);
        mine.collect::<Vec<_>>().join(", ")
    }
}

/// Terms of an order as they would be sent.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Parent; the next free one while it is not yet accepted.
    pub order_id: OrderId,
    /// Whether the parent is not yet accepted.
    pub entering: bool,
    /// Session.
    pub session: SessionId,
    /// Account.
    pub account: AccountId,
    /// Strategy.
    pub strategy: StrategyId,
    /// Whether it goes straight to its destination.
    pub direct: bool,
    /// Instrument.
    pub symbol: InstrumentId,
    /// Venue; absent for a parent of an algorithm.
    pub venue: Option<VenueId>,
    /// Side.
    pub side: Side,
    /// Order type.
    pub ord_type: OrdType,
    /// Time in force.
    pub time_in_force: TimeInForce,
    /// Total quantity.
    pub qty: Qty,
    /// Units above what is open already: all of them for a new order.
    pub added_qty: Qty,
    /// Exposure that a changed child has already, base currency.
    pub present_exposure: Money,
    /// Units of a changed child that stay open beside the added ones.
    pub present_qty: Qty,
    /// Limit price.
    pub price: Option<Price>,
    /// Trigger price.
    pub stop_px: Option<Price>,
    /// Locate.
    pub locate_id: Option<WireId>,
    /// Basket.
    pub basket_id: Option<WireId>,
}

/// One level of the account tree with its limits.
#[derive(Clone, Copy, Debug)]
pub struct Level<'a> {
    /// Node.
    pub id: AccountId,
    /// Its name.
    pub name: &'a Name,
    /// Its limits.
    pub limits: &'a LimitSet,
    /// Its position in the instrument, if it ever had one.
    pub row: Option<&'a position::Row>,
}

impl Level<'_> {
    /// Returns a limit as a number; absent denies, unlimited is `None`.
    pub fn number(&self, key: LimitKey) -> Result<Option<i128>, Denial> {
        match self.limits.get(key).map(|bound| bound.limit) {
            Some(Limit::At(value)) => Ok(Some(value)),
            Some(Limit::Unlimited) => Ok(None),
            None => {
                let denial = Denial::new(Reason::LimitMissing, ScopeKind::Account, *self.name);
                Err(denial.about(0, key))
            }
        }
    }
    /// Returns a window in nanoseconds; unlimited is the longest one.
    pub fn window_ns(&self, key: LimitKey) -> Result<i64, Denial> {
        let length = self.number(key)?.unwrap_or(i128::from(i64::MAX));
        Ok(i64::try_from(length).unwrap_or(i64::MAX).max(1))
    }
}

/// A draft with everything the rules look up; built once per decision.
#[derive(Debug)]
pub struct Case<'a> {
    /// State before the decision.
    pub state: &'a State,
    /// Stages that are decided.
    pub stages: Stages,
    /// Terms.
    pub draft: &'a Draft,
    /// Account of the order.
    pub account: &'a Account,
    /// Instrument of the order.
    pub instrument: &'a Instrument,
    /// The instrument in the market.
    pub market: Option<&'a market::Row>,
    /// Phase, once known.
    pub phase: Option<Phase>,
    /// Rules of the phase.
    pub phase_rules: Option<&'a PhaseRules>,
    /// First fresh price of the phase's sources.
    pub reference: Option<Price>,
    /// Exposure of one unit, base currency, worst case; `None` when it cannot be computed.
    pub unit_exposure: Option<Money>,
    /// Whether the order can only reduce the account's position, without turning it round.
    pub reducing: bool,
    levels: [Option<Level<'a>>; TREE_DEPTH_MAX],
}

impl<'a> Case<'a> {
    /// Returns the case of `draft` at `stages`.
    pub fn new(state: &'a State, stages: Stages, draft: &'a Draft) -> Self {
        let account = state.directory.accounts.at(draft.account);
        let instrument = state.directory.instruments.at(draft.symbol);
        let market = state.market.row(draft.symbol);
        let phase = market.and_then(|row| row.phase);
        let phase_rules = phase.and_then(|phase| state.directory.phase_rules(draft.symbol, phase));
        let reference = reference(state, market, phase_rules);
        let worst_px = worst_price(draft, reference, phase_rules);
        let unit_exposure = worst_px.and_then(|px| {
            let rate = state.market.rate(instrument.currency)?;
            Some(px.times(Qty::new(1), instrument.multiplier).abs().convert(rate))
        });
        let levels = levels(state, account, draft.symbol);
        let row = levels.first().copied().flatten().and_then(|level| level.row);
        let reducing = row.is_some_and(|row| row.is_reduced_by(draft.side, draft.added_qty));
        Self {
            state,
            stages,
            draft,
            account,
            instrument,
            market,
            phase,
            phase_rules,
            reference,
            unit_exposure,
            reducing,
            levels,
        }
    }
    /// Returns a denial about the account of the order.
    pub fn deny(&self, reason: Reason) -> Denial {
        Denial::new(reason, ScopeKind::Account, self.account.name)
    }
    /// Returns a denial about the instrument of the order.
    pub fn deny_symbol(&self, reason: Reason) -> Denial {
        Denial::new(reason, ScopeKind::Symbol, self.instrument.symbol)
    }
    /// Returns the exposure that the order adds, base currency, at least zero.
    pub fn added_exposure(&self) -> Result<Money, Denial> {
        let unit = self.unit_exposure.ok_or_else(|| self.deny_symbol(Reason::Unpriceable))?;
        let all = unit.times(self.draft.added_qty + self.draft.present_qty);
        let added = all - self.draft.present_exposure;
        Ok(if added > Money::ZERO { added } else { Money::ZERO })
    }
    /// Returns how far a price is through `from` in the order's direction, in basis points.
    ///
    /// Zero on the passive side; `None` when `from` is zero and the price is not.
    pub fn through_bps(&self, price: Price, from: Price) -> Option<i128> {
        let passive = if self.draft.side.is_buy() { price <= from } else { price >= from };
        if passive { Some(0) } else { price.distance_bps(from) }
    }
    /// Returns the levels of the account tree, the account first, the firm last.
    pub fn levels(&self) -> impl Iterator<Item = Level<'a>> {
        self.levels.into_iter().flatten()
    }
    /// Returns the level of the account itself.
    pub fn leaf(&self) -> Level<'a> {
        match self.levels.first().copied().flatten() {
            Some(level) => level,
            None => panic!("an account has a path"),
        }
    }
    /// Returns the level of the firm.
    pub fn firm(&self) -> Level<'a> {
        self.levels().last().unwrap_or_else(|| self.leaf())
    }
    /// Compares one `value` with the limit of every level.
    pub fn every_level(
        &self,
        warnings: &mut Vec<Warning>,
        key: LimitKey,
        reason: Reason,
        value: i128,
    ) -> Result<(), Denial> {
        if value <= self.account.free_up_to(key) {
            return Ok(());
        }
        self.levels().try_for_each(|level| self.at_level(warnings, level, key, reason, value))
    }
    /// Compares `value` with the limit of one level.
    #[inline]
    pub fn at_level(
        &self,
        warnings: &mut Vec<Warning>,
        level: Level<'_>,
        key: LimitKey,
        reason: Reason,
        value: i128,
    ) -> Result<(), Denial> {
        if value <= level.limits.free_up_to(key) {
            return Ok(());
        }
        let scope = Denial::new(reason, ScopeKind::Account, *level.name);
        self.judge(warnings, scope, key, level.limits.get(key), value)
    }
    /// Compares `value` with the limit of the instrument.
    pub fn symbol_limit(
        &self,
        warnings: &mut Vec<Warning>,
        key: LimitKey,
        reason: Reason,
        value: i128,
    ) -> Result<(), Denial> {
        let limits = self.state.directory.limits.at(self.instrument.limits);
        if value <= limits.free_up_to(key) {
            return Ok(());
        }
        let bound = limits.get(key);
        self.judge(warnings, self.deny_symbol(reason), key, bound, value)
    }
    /// Compares a value with a bound: blocks, restricts, warns or passes.
    #[cold]
    pub fn judge(
        &self,
        warnings: &mut Vec<Warning>,
        scope: Denial,
        key: LimitKey,
        bound: Option<&Bound>,
        value: i128,
    ) -> Result<(), Denial> {
        let Some(bound) = bound else {
            let missing = Denial { reason: Reason::LimitMissing, ..scope };
            return Err(missing.about(0, key));
        };
        let level = bound.level(value);
        if level == Use::Free {
            return Ok(());
        }
        let limit = match bound.limit {
            Limit::At(limit) => Amount::of(key, limit),
            Limit::Unlimited => return Ok(()),
        };
        let value = Amount::of(key, value);
        let restricts = level == Use::Restrict && !self.reducing;
        if level == Use::Block || restricts {
            let reason = if restricts { Reason::LimitRestricts } else { scope.reason };
            let denial = Denial { reason, ..scope };
            return Err(denial.about(0, key).measured(value, Some(limit)));
        }
        let (scope_kind, scope) = (scope.scope_kind, scope.scope);
        let (rule, key) = (0, Some(key));
        warnings.push(Warning { level, rule, limit: key, bound: limit, value, scope_kind, scope });
        Ok(())
    }
}

fn levels<'a>(
    state: &'a State,
    account: &'a Account,
    symbol: InstrumentId,
) -> [Option<Level<'a>>; TREE_DEPTH_MAX] {
    let mut levels = [None; TREE_DEPTH_MAX];
    let mut above = None;
    for (slot, id) in levels.iter_mut().zip(&account.path) {
        let node = state.directory.accounts.at(*id);
        let limits = state.directory.limits.at(node.limits);
        let row = above.or_else(|| state.positions.row(*id, symbol));
        above = row.and_then(|row| state.positions.above(row));
        *slot = Some(Level { id: *id, name: &node.name, limits, row });
    }
    levels
}

fn reference(
    state: &State,
    market: Option<&market::Row>,
    rules: Option<&PhaseRules>,
) -> Option<Price> {
    let (market, rules) = (market?, rules?);
    let mut sources = rules.sources.iter();
    sources.find_map(|source| market.source(*source, state.now, rules.age_max_ns))
}

/// Returns the price at which one unit is valued: never zero for want of a price.
///
/// A market order is valued at the reference plus the collar, a sell limit at the higher of its
/// limit and the reference, a buy limit at its limit.
fn worst_price(
    draft: &Draft,
    reference: Option<Price>,
    rules: Option<&PhaseRules>,
) -> Option<Price> {
    let larger = |a: Price, b: Price| {
        if a.nanos().abs() >= b.nanos().abs() { a } else { b }
    };
    match draft.price {
        Some(price) if draft.side.is_buy() => Some(price),
        Some(price) => Some(reference.map_or(price, |reference| larger(price, reference))),
        None => {
            let (reference, rules) = (reference?, rules?);
            Some(larger(reference.plus_bps(rules.collar), reference.minus_bps(rules.collar)))
        }
    }
}
