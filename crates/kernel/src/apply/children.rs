//! How events of children change parents, positions, exposure and flows, in one place.

use crate::event::{Asked, Event};
use crate::limit::LimitKey;
use crate::sent::{ChildReplaceRequested, ChildSent};
use crate::state::State;
use crate::state::control::{RepeatKey, ScopeRef};
use crate::state::order::{Bucket, Orders, Stage};
use crate::types::{
    AccountId, ChildId, InstrumentId, Money, Side, StrategyId, TradingState, VenueId,
};

/// What of a child counts as exposure, and what of its parent may still leave.
#[derive(Clone, Copy, Debug, Default)]
struct Shadow {
    open_qty: i64,
    exposure: Money,
    in_doubt_qty: i64,
    unrouted: i128,
}

/// Who a child belongs to.
#[derive(Clone, Copy, Debug)]
struct Owner {
    account: AccountId,
    symbol: InstrumentId,
    side: Side,
    unit: Money,
}

impl State {
    /// Applies an event of one child.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller dispatched on the kind")]
    pub(super) fn apply_child_event(&mut self, event: &Event) {
        match event {
            Event::ChildSent(event) => self.apply_sent(event),
            Event::ChildReplaceRequested(event) => self.apply_replace_sent(event),
            Event::ChildCancelRequested(event) => self.apply_cancel_sent(event.child_id),
            Event::ChildAcknowledged(event) => self.apply_stage(event.child_id, Stage::Live),
            Event::ChildResolved(event) => self.apply_stage(event.child_id, Stage::Live),
            Event::ChildInDoubt(event) => {
                let stage = if event.ended { Stage::Unseen } else { Stage::InDoubt };
                self.orders.note_told(event.child_id, event.told_qty);
                self.apply_stage(event.child_id, stage);
            }
            Event::ChildSuspended(event) => {
                let stage = if event.suspended { Stage::Suspended } else { Stage::Live };
                self.apply_stage(event.child_id, stage);
            }
            Event::ChildReplaced(event) => {
                self.change_child(event.child_id, 0, |orders| {
                    orders.complete_replace(event.child_id);
                    orders.close_if_done(event.child_id);
                });
            }
            Event::ChildRequestRefused(event) => {
                self.change_child(event.child_id, 0, |orders| {
                    match event.request {
                        Asked::Cancel => orders.child_mut(event.child_id).cancel = None,
                        Asked::Replace => orders.drop_replace(event.child_id),
                    }
                    orders.close_if_done(event.child_id);
                });
            }
            Event::ChildRestated(event) => {
                self.change_child(event.child_id, 0, |orders| {
                    orders.restate(event.child_id, event.qty);
                    orders.close_if_done(event.child_id);
                });
            }
            Event::ChildClosed(event) => {
                self.change_child(event.child_id, 0, |orders| {
                    orders.close_child(event.child_id, event.how);
                });
            }
            _ => {}
        }
    }
    pub(super) fn apply_sent(&mut self, event: &ChildSent) {
        let child_id = event.child_id();
        let order = self.orders.order(event.order_id());
        let (account, strategy, symbol) = (order.account, order.strategy, order.symbol);
        self.assert_not_halted(account, strategy, symbol, event.venue().id);
        let before = Shadow { unrouted: self.unrouted(event), ..Shadow::default() };
        let group = self.directory.accounts.at(account).self_match.map(|(group, _)| group);
        self.orders.send(event, group, self.now);
        self.post(child_id, before, 0);
        let daily = (event.unit_exposure().times(event.qty()), event.qty());
        self.each_node(account, |state, node| {
            let total = state.positions.exposure_mut(node);
            total.open_order_count += 1;
            total.daily_notional += daily.0;
            total.daily_qty += daily.1;
            total.daily_count += 1;
            let window_ns = state.window_of(node, LimitKey::FlowWindow);
            let flow = state.control.flow_mut(node, state.now, window_ns);
            flow.count.left += 1;
        });
        self.count_repeat(account, strategy, symbol, event.side());
        self.count_message(child_id);
    }
    fn unrouted(&self, event: &ChildSent) -> i128 {
        let order = self.orders.order(event.order_id());
        i128::from(order.buckets.get(Bucket::Unrouted).units())
    }
    pub(super) fn apply_replace_sent(&mut self, event: &ChildReplaceRequested) {
        let child_id = event.child_id();
        let child = self.orders.child(child_id);
        let (account, strategy, symbol) = (child.account, child.strategy, child.symbol);
        let (side, before) = (child.side, child.exposure());
        self.change_child(child_id, 0, |orders| orders.request_replace(event));
        let raised = self.orders.child(child_id).exposure() - before;
        let qty = event.added_qty();
        self.each_node(account, |state, node| {
            let total = state.positions.exposure_mut(node);
            total.daily_notional += raised;
            total.daily_qty += qty;
            total.daily_count += 1;
        });
        self.count_repeat(account, strategy, symbol, side);
        self.count_message(child_id);
    }
    pub(super) fn apply_cancel_sent(&mut self, child_id: ChildId) {
        self.change_child(child_id, 0, |orders| {
            orders.request_cancel(child_id);
        });
        self.count_message(child_id);
    }
    pub(super) fn apply_stage(&mut self, child_id: ChildId, stage: Stage) {
        self.change_child(child_id, 0, |orders| orders.set_stage(child_id, stage));
    }
    /// Changes a child and carries every difference into positions, exposure and flows.
    ///
    /// `filled` is what the change itself booked as filled (negative: took back), in units.
    pub(super) fn change_child(
        &mut self,
        child_id: ChildId,
        filled: i64,
        change: impl FnOnce(&mut Orders),
    ) {
        let before = self.shadow(child_id);
        let was_open = self.orders.child(child_id).is_open();
        change(&mut self.orders);
        self.post(child_id, before, filled);
        let child = self.orders.child(child_id);
        if was_open && !child.is_open() {
            let account = child.account;
            self.each_node(account, |state, node| {
                state.positions.exposure_mut(node).open_order_count -= 1;
            });
            self.await_less(child_id);
        }
    }
    fn shadow(&self, child_id: ChildId) -> Shadow {
        let child = self.orders.child(child_id);
        let order = self.orders.order(child.order_id);
        let open_qty = (child.leaves_qty() + child.added_qty()).signed();
        let in_doubt = matches!(child.stage, Stage::InDoubt | Stage::Unseen);
        let unrouted = if order.closed.is_some() {
            0
        } else {
            i128::from(order.buckets.get(Bucket::Unrouted).units())
        };
        Shadow {
            open_qty,
            exposure: child.exposure(),
            in_doubt_qty: if in_doubt { open_qty } else { 0 },
            unrouted,
        }
    }
    fn post(&mut self, child_id: ChildId, before: Shadow, filled: i64) {
        let after = self.shadow(child_id);
        let child = self.orders.child(child_id);
        let order = self.orders.order(child.order_id);
        let owner = Owner {
            account: child.account,
            symbol: child.symbol,
            side: child.side,
            unit: order.unit_exposure,
        };
        let (order_id, unit) = (child.order_id, child.unit_exposure);
        self.post_row(owner, before, after);
        let exposure = after.exposure - before.exposure;
        let left_qty = i128::from(after.open_qty - before.open_qty + filled);
        let left_notional = exposure.nanos() + unit.nanos() * i128::from(filled);
        let unrouted = after.unrouted - before.unrouted;
        let now = self.now;
        self.each_node(owner.account, |state, node| {
            let total = state.positions.exposure_mut(node);
            let side = if owner.side.is_buy() { &mut total.open_buy } else { &mut total.open_sell };
            *side += exposure;
            if left_qty != 0 || left_notional != 0 || unrouted != 0 {
                let window_ns = state.window_of(node, LimitKey::FlowWindow);
                let flow = state.control.flow_mut(node, now, window_ns);
                flow.qty.leave(left_qty, unrouted);
                flow.notional.leave(left_notional, owner.unit.nanos() * unrouted);
            }
        });
        self.orders.assert_balanced(order_id);
    }
    fn post_row(&mut self, owner: Owner, before: Shadow, after: Shadow) {
        let open = after.open_qty - before.open_qty;
        let doubt = after.in_doubt_qty - before.in_doubt_qty;
        if open == 0 && doubt == 0 {
            return;
        }
        let path = &self.directory.accounts.at(owner.account).path;
        let row = self.positions.ensure(path, owner.symbol);
        self.positions.each_above(row, |row| {
            let (side, unsure) = if owner.side.is_buy() {
                (&mut row.open_buy, &mut row.in_doubt.bought)
            } else {
                (&mut row.open_sell, &mut row.in_doubt.sold)
            };
            *side = moved(*side, open);
            *unsure = moved(*unsure, doubt);
        });
    }
    fn count_repeat(
        &mut self,
        account: AccountId,
        strategy: StrategyId,
        symbol: InstrumentId,
        side: Side,
    ) {
        let window_ns = self.window_of(account, LimitKey::RepeatWindow);
        let key = RepeatKey { strategy, account, symbol, side };
        self.control.count_repeat(key, self.now, window_ns);
    }
    fn count_message(&mut self, child_id: ChildId) {
        let child = self.orders.child(child_id);
        let (account, venue, now) = (child.account, child.venue, self.now);
        self.venues.count_message(venue, now);
        self.each_node(account, |state, node| {
            let window_ns = state.window_of(node, LimitKey::MessageWindow);
            state.control.count_account(node, now, window_ns);
        });
    }
    /// Takes a closed child off the count of every halt that waits for it.
    fn await_less(&mut self, child_id: ChildId) {
        let waiting = self.control.scopes.waiting().to_vec();
        for scope in waiting {
            if !self.is_in_scope(child_id, scope) {
                continue;
            }
            let Some(name) = self.control.scopes.get(scope).map(|row| row.name) else {
                continue;
            };
            self.control.scopes.change(scope, name, |row| {
                row.awaited = row.awaited.map(|open| open.saturating_sub(1));
            });
        }
    }
    /// Panics (I11) when a child leaves in a halted scope.
    fn assert_not_halted(
        &self,
        account: AccountId,
        strategy: StrategyId,
        symbol: InstrumentId,
        venue: VenueId,
    ) {
        let scopes = &self.control.scopes;
        if scopes.all_active() {
            return;
        }
        let path = self.directory.accounts.at(account).path.iter();
        let named = [
            ScopeRef::node(),
            ScopeRef::strategy(strategy),
            ScopeRef::symbol(symbol),
            ScopeRef::venue(venue),
        ];
        for scope in named.into_iter().chain(path.map(|id| ScopeRef::account(*id))) {
            assert!(
                scopes.state(scope) != TradingState::Halted,
                "I11: sent while {scope:?} halted"
            );
        }
    }
}

fn moved(qty: crate::types::Qty, change: i64) -> crate::types::Qty {
    let total = qty.signed() + change;
    match u64::try_from(total) {
        Ok(units) => crate::types::Qty::new(units),
        Err(_) => panic!("I4: open quantity {qty} cannot change by {change}"),
    }
}
