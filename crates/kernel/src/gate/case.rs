//! One question to the gate: the terms of an order with everything that the rules look up.

use super::Warning;
use crate::limit::{Amount, Bound, Ceilings, Level as Use, Limit, LimitKey, LimitSet, Unit};
use crate::reason::{Denial, Grounds, Reason};
use crate::state::State;
use crate::state::control::{DuplicateKey, RepeatKey};
use crate::state::directory::{Account, Instrument, PhaseRules, TREE_DEPTH_MAX};
use crate::state::order::Resting;
use crate::state::usage::Usage;
use crate::state::{market, position};
use crate::types::window::Window;
use crate::types::{
    AccountId, InstrumentId, Money, OrdType, OrderId, Phase, Price, Qty, ScopeKind, SessionId,
    Side, StrategyId, TimeInForce, VenueId, WireId,
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

/// A limit, the reason to deny with, and the value that is compared.
type Asked = (LimitKey, Reason, i128);

/// One level of the account tree with its limits.
#[derive(Clone, Copy, Debug)]
pub struct Level<'a> {
    /// Node.
    pub id: AccountId,
    /// Its limits.
    pub limits: &'a LimitSet,
    /// How far it uses them.
    pub usage: &'a Usage,
    /// Its position in the instrument, if it ever had one.
    pub row: Option<&'a position::Row>,
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
    /// When orders equal to an entering one came.
    pub duplicates: Option<&'a Window>,
    /// When the strategy did the same unattended.
    pub repeats: Option<&'a Window>,
    /// Own orders of the account's group in the instrument.
    pub resting: Option<&'a Resting>,
    added_exposure: Option<Money>,
    ceilings: Option<&'a Ceilings>,
    symbol_limits: &'a LimitSet,
    levels: [Level<'a>; TREE_DEPTH_MAX],
    depth: usize,
}

impl<'a> Case<'a> {
    /// Returns the case of `draft` at `stages`.
    pub fn new(state: &'a State, stages: Stages, draft: &'a Draft) -> Self {
        // What is looked up by hash comes first and back to back: the memory answers all at once.
        let account = state.directory.accounts.at(draft.account);
        let duplicates = state.control.duplicates(&duplicate_key(draft));
        let repeats = state.control.repeats(&repeat_key(draft));
        let group = account.self_match.map(|(group, _)| group);
        let resting = group.and_then(|group| state.orders.resting(group, draft.symbol));
        load_early(state, draft);
        let instrument = state.directory.instruments.at(draft.symbol);
        let market = state.market.row(draft.symbol);
        let phase = market.and_then(market::Row::phase);
        let phase_rules = phase.and_then(|phase| state.directory.phase_rules(draft.symbol, phase));
        let reference = reference(state, market, phase_rules);
        let worst_px = worst_price(draft, reference, phase_rules);
        let unit_exposure = worst_px.and_then(|px| {
            let rate = state.market.rate(instrument.currency)?;
            Some(px.times(Qty::new(1), instrument.multiplier).abs().convert(rate))
        });
        let levels = levels(state, account, draft.symbol);
        let [leaf, ..] = levels;
        let reducing = leaf.row.is_some_and(|row| row.is_reduced_by(draft.side, draft.added_qty));
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
            duplicates,
            repeats,
            resting,
            added_exposure: unit_exposure.map(|unit| added_exposure(draft, unit)),
            ceilings: state.directory.ceilings(account),
            symbol_limits: state.directory.limits.at(instrument.limits),
            levels,
            depth: account.path.len(),
        }
    }
    /// Returns a denial about the account of the order.
    #[cold]
    pub fn deny(&self, reason: Reason) -> Denial {
        Denial::new(reason, ScopeKind::Account, self.account.name)
    }
    /// Returns a denial about the instrument of the order.
    #[cold]
    pub fn deny_symbol(&self, reason: Reason) -> Denial {
        Denial::new(reason, ScopeKind::Symbol, self.instrument.symbol)
    }
    /// Returns a denial about a level of the account tree.
    #[cold]
    pub fn deny_level(&self, level: &Level<'_>, reason: Reason) -> Denial {
        let name = self.state.directory.accounts.at(level.id).name;
        Denial::new(reason, ScopeKind::Account, name)
    }
    /// Returns the exposure that the order adds, base currency, at least zero.
    pub fn added_exposure(&self) -> Result<Money, Denial> {
        self.added_exposure.ok_or_else(|| self.deny_symbol(Reason::Unpriceable))
    }
    /// Returns how far a price is through `from` in the order's direction, in basis points.
    ///
    /// Zero on the passive side; `None` when `from` is zero and the price is not.
    pub fn through_bps(&self, price: Price, from: Price) -> Option<i128> {
        let passive = if self.draft.side.is_buy() { price <= from } else { price >= from };
        if passive { Some(0) } else { price.distance_bps(from) }
    }
    /// Returns the levels of the account tree, the account first, the firm last.
    #[inline]
    pub fn levels(&self) -> &[Level<'a>] {
        self.levels.get(..self.depth).unwrap_or(&self.levels)
    }
    /// Returns the level of the account itself.
    #[inline]
    pub const fn leaf(&self) -> &Level<'a> {
        let [leaf, ..] = &self.levels;
        leaf
    }
    /// Returns the level of the firm.
    pub fn firm(&self) -> &Level<'a> {
        self.levels().last().unwrap_or_else(|| self.leaf())
    }
    /// Returns a window, a reserve or a floor of a level; absent denies.
    #[inline]
    pub fn parameter(&self, level: &Level<'_>, key: LimitKey) -> Result<i64, Denial> {
        let missing = || self.deny_level(level, Reason::LimitMissing).about(Some(key));
        level.limits.parameter(key).ok_or_else(missing)
    }
    /// Returns a window of a level in nanoseconds, at least one; absent denies.
    #[inline]
    pub fn window_ns(&self, level: &Level<'_>, key: LimitKey) -> Result<i64, Denial> {
        self.parameter(level, key).map(|length| length.max(1))
    }
    /// Compares one `value` with the limit of every level.
    #[inline]
    pub fn every_level(
        &self,
        warnings: &mut Vec<Warning>,
        key: LimitKey,
        reason: Reason,
        value: i128,
    ) -> Result<(), Denial> {
        if self.ceilings.is_some_and(|ceilings| value <= ceilings.get(key).into()) {
            return Ok(());
        }
        self.each_level(warnings, (key, reason, value))
    }
    #[cold]
    #[inline(never)]
    fn each_level(&self, warnings: &mut Vec<Warning>, asked: Asked) -> Result<(), Denial> {
        let (key, reason, value) = asked;
        let mut levels = self.levels().iter();
        levels.try_for_each(|level| self.at_level(warnings, level, key, reason, value))
    }
    /// Compares `value` with the limit of one level.
    #[inline]
    pub fn at_level(
        &self,
        warnings: &mut Vec<Warning>,
        level: &Level<'_>,
        key: LimitKey,
        reason: Reason,
        value: i128,
    ) -> Result<(), Denial> {
        if value <= level.limits.free_up_to(key) {
            return Ok(());
        }
        self.over_level(warnings, level, (key, reason, value))
    }
    #[cold]
    #[inline(never)]
    fn over_level(
        &self,
        warnings: &mut Vec<Warning>,
        level: &Level<'_>,
        (key, reason, value): Asked,
    ) -> Result<(), Denial> {
        let denial = self.deny_level(level, reason).about(Some(key));
        judge(self.reducing, warnings, denial, level.limits.get(key), value)
    }
    /// Compares `value` with the limit of the instrument.
    #[inline]
    pub fn symbol_limit(
        &self,
        warnings: &mut Vec<Warning>,
        key: LimitKey,
        reason: Reason,
        value: i128,
    ) -> Result<(), Denial> {
        if value <= self.symbol_limits.free_up_to(key) {
            return Ok(());
        }
        self.over_symbol_limit(warnings, (key, reason, value))
    }
    #[cold]
    #[inline(never)]
    fn over_symbol_limit(&self, warnings: &mut Vec<Warning>, asked: Asked) -> Result<(), Denial> {
        let (key, reason, value) = asked;
        let denial = self.deny_symbol(reason).about(Some(key));
        judge(self.reducing, warnings, denial, self.symbol_limits.get(key), value)
    }
}

/// Compares a value with a bound: blocks, restricts, warns or passes.
///
/// `denial` names the limit and is returned when the value blocks; without a limit the bound is
/// money. What restricts is let through when it only reduces a position.
#[cold]
pub fn judge(
    reducing: bool,
    warnings: &mut Vec<Warning>,
    denial: Denial,
    bound: Option<&Bound>,
    value: i128,
) -> Result<(), Denial> {
    let Some(bound) = bound else {
        return Err(denial.because(Reason::LimitMissing));
    };
    let level = bound.level(value);
    let limit = match bound.limit {
        _ if level == Use::Free => return Ok(()),
        Limit::Unlimited => return Ok(()),
        Limit::At(limit) => limit,
    };
    let amount = |value| {
        let money = Amount { unit: Unit::Money, value };
        denial.limit.map_or(money, |key| Amount::of(key, value))
    };
    let (bound, value) = (amount(limit), amount(value));
    let restricts = level == Use::Restrict && !reducing;
    if level == Use::Block || restricts {
        let reason = if restricts { Reason::LimitRestricts } else { denial.reason };
        return Err(denial.because(reason).measured(value, Some(bound)));
    }
    let Grounds { limit, scope_kind, scope, .. } = *denial;
    warnings.push(Warning { level, rule: 0, limit, bound, value, scope_kind, scope });
    Ok(())
}

/// Returns the exposure that a draft adds at `unit` each, at least zero.
fn added_exposure(draft: &Draft, unit: Money) -> Money {
    let all = unit.times(draft.added_qty + draft.present_qty);
    (all - draft.present_exposure).max(Money::ZERO)
}

const fn duplicate_key(draft: &Draft) -> DuplicateKey {
    DuplicateKey {
        account: draft.account,
        symbol: draft.symbol,
        side: draft.side,
        price: draft.price,
        qty: draft.qty,
    }
}

const fn repeat_key(draft: &Draft) -> RepeatKey {
    RepeatKey {
        strategy: draft.strategy,
        account: draft.account,
        symbol: draft.symbol,
        side: draft.side,
    }
}

/// Reads one word of every cache line of the account's own rows that the rules will need.
///
/// Nothing depends on the words: the memory answers all of them at once instead of one after
/// another. The rows above the account are shared by many orders and are there already.
#[inline]
fn load_early(state: &State, draft: &Draft) {
    let Usage { exposure, flow, messages, .. } = state.usage.at(draft.account);
    let market = state.market.row(draft.symbol);
    core::hint::black_box((
        exposure.open_buy,
        exposure.realised,
        exposure.daily_count,
        flow.notional.left,
        flow.count.left,
        messages,
        state.margin.requirement(draft.account).map(|requirement| requirement.step),
        market.map(|row| (row.phase(), row.volume)),
        state.directory.instruments.at(draft.symbol).lot_size,
    ));
}

fn levels<'a>(
    state: &'a State,
    account: &'a Account,
    symbol: InstrumentId,
) -> [Level<'a>; TREE_DEPTH_MAX] {
    let mut above = None;
    let mut level = |(id, set)| {
        let row = above.or_else(|| state.positions.row(id, symbol));
        above = row.and_then(|row| state.positions.above(row));
        Level { id, limits: state.directory.limits.at(set), usage: state.usage.at(id), row }
    };
    let mut nodes = account.path.nodes();
    let Some(leaf) = nodes.next().map(&mut level) else {
        panic!("an account has a path");
    };
    let mut levels = [leaf; TREE_DEPTH_MAX];
    for (slot, node) in levels.iter_mut().skip(1).zip(nodes) {
        *slot = level(node);
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
