//! How events of children change parents, positions, exposure and flows, in one place.

use crate::event::{Asked, ChildInDoubt, Event};
use crate::limit::LimitKey;
use crate::sent::{ChildReplaceRequested, ChildSent};
use crate::state::State;
use crate::state::control::{RepeatKey, ScopeRef};
use crate::state::order::{Bucket, Orders, Stage};
use crate::state::usage::{Posting, Windows};
use crate::types::{
    AccountId, ChildId, InstrumentId, Money, Qty, Side, StrategyId, TradingState, VenueId,
};

/// What of a child counts as exposure, and what of its parent may still leave or never will.
#[derive(Clone, Copy, Debug, Default)]
struct Shadow {
    open_qty: i64,
    exposure: Money,
    in_doubt_qty: i64,
    unrouted: i64,
    canceled: i64,
}

/// Who a child belongs to.
#[derive(Clone, Copy, Debug)]
struct Owner {
    account: AccountId,
    symbol: InstrumentId,
    side: Side,
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
            Event::ChildInDoubt(event) => self.apply_doubt(event),
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
    fn apply_doubt(&mut self, event: &ChildInDoubt) {
        let child_id = event.child_id;
        if !event.ended {
            self.orders.note_told(child_id, event.told_qty);
            return self.apply_stage(child_id, Stage::InDoubt);
        }
        let told = event.told_qty.unwrap_or(self.orders.child(child_id).told_qty);
        self.change_child(child_id, 0, |orders| orders.await_unseen(child_id, told));
    }
    pub(super) fn apply_sent(&mut self, event: &ChildSent) {
        let child_id = event.child_id();
        let order = self.orders.order(event.order_id());
        let (account, strategy, symbol) = (order.account, order.strategy, order.symbol);
        self.assert_not_halted(account, strategy, symbol, event.venue().id);
        let unrouted = order.buckets.get(Bucket::Unrouted).signed();
        let before = Shadow { unrouted, ..Shadow::default() };
        let group = self.directory.accounts.at(account).self_match.map(|(group, _)| group);
        self.orders.send(event, group, self.now);
        let notional = event.unit_exposure().times(event.qty());
        let posting = Posting {
            open_orders: 1,
            entered: Some((notional, event.qty())),
            new_child: true,
            is_message: true,
            ..Posting::default()
        };
        self.post(child_id, before, 0, posting);
        self.count_repeat(account, strategy, symbol, event.side());
        self.venues.count_message(event.venue().id, self.now);
    }
    pub(super) fn apply_replace_sent(&mut self, event: &ChildReplaceRequested) {
        let child_id = event.child_id();
        let child = self.orders.child(child_id);
        let (account, strategy, symbol) = (child.account, child.strategy, child.symbol);
        let (side, venue, worst) = (child.side, child.venue, child.exposure());
        let before = self.shadow(child_id);
        self.orders.request_replace(event, self.now);
        let raised = self.orders.child(child_id).exposure() - worst;
        let entered = Some((raised, event.added_qty()));
        let posting = Posting { entered, is_message: true, ..Posting::default() };
        self.post(child_id, before, 0, posting);
        self.count_repeat(account, strategy, symbol, side);
        self.venues.count_message(venue, self.now);
    }
    pub(super) fn apply_cancel_sent(&mut self, child_id: ChildId) {
        let before = self.shadow(child_id);
        self.orders.request_cancel(child_id, self.now);
        self.post(child_id, before, 0, Posting { is_message: true, ..Posting::default() });
        let venue = self.orders.child(child_id).venue;
        self.venues.count_message(venue, self.now);
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
        let open_orders = i32::from(self.orders.child(child_id).is_open()) - i32::from(was_open);
        self.post(child_id, before, filled, Posting { open_orders, ..Posting::default() });
        if open_orders != 0 {
            self.await_changed(child_id, open_orders);
        }
    }
    fn shadow(&self, child_id: ChildId) -> Shadow {
        let child = self.orders.child(child_id);
        let order = self.orders.order(child.order_id);
        let open_qty = (child.leaves_qty() + child.added_qty()).signed();
        let in_doubt = matches!(child.stage, Stage::InDoubt | Stage::Unseen);
        let unrouted =
            if order.closed.is_some() { 0 } else { order.buckets.get(Bucket::Unrouted).signed() };
        Shadow {
            open_qty,
            exposure: child.exposure(),
            in_doubt_qty: if in_doubt { open_qty } else { 0 },
            unrouted,
            canceled: order.buckets.get(Bucket::Canceled).signed(),
        }
    }
    /// Posts the difference that an event made to a child at every node above it, in one walk.
    fn post(&mut self, child_id: ChildId, before: Shadow, filled: i64, posting: Posting) {
        let after = self.shadow(child_id);
        let child = self.orders.child(child_id);
        let order = self.orders.order(child.order_id);
        let owner = Owner { account: child.account, symbol: child.symbol, side: child.side };
        let (order_id, unit) = (child.order_id, child.unit_exposure);
        let exposure = after.exposure - before.exposure;
        let unrouted_qty = after.unrouted - before.unrouted;
        // A fill after the end of its parent was asked for; what comes back then never leaves.
        let came_in_qty = before.canceled - after.canceled;
        let posting = Posting {
            buys: owner.side.is_buy(),
            exposure,
            left_qty: after.open_qty - before.open_qty + filled,
            left_notional: (exposure + unit.times_signed(filled)).nanos(),
            unrouted_qty,
            unrouted_notional: order.unit_exposure.times_signed(unrouted_qty).nanos(),
            came_in_qty,
            came_in_notional: order.unit_exposure.times_signed(came_in_qty).nanos(),
            ..posting
        };
        self.post_row(owner, before, after);
        for (node, set) in self.directory.accounts.at(owner.account).path.nodes() {
            let windows = Windows {
                flow_ns: self.directory.window(set, LimitKey::FlowWindow),
                message_ns: self.directory.window(set, LimitKey::MessageWindow),
            };
            self.usage.post(node, &posting, self.now, windows);
        }
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
    /// Changes the count of every halt that waits for a child.
    fn await_changed(&mut self, child_id: ChildId, change: i32) {
        let waiting = self.control.scopes.waiting().to_vec();
        for scope in waiting {
            if !self.is_in_scope(child_id, scope) {
                continue;
            }
            let Some(name) = self.control.scopes.get(scope).map(|row| row.name) else {
                continue;
            };
            self.control.scopes.change(scope, name, |row| {
                row.awaited = row.awaited.map(|open| open.saturating_add_signed(change));
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

fn moved(qty: Qty, change: i64) -> Qty {
    let total = qty.signed() + change;
    match u64::try_from(total) {
        Ok(units) => Qty::new(units),
        Err(_) => panic!("I4: open quantity {qty} cannot change by {change}"),
    }
}
