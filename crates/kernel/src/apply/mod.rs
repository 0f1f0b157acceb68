//! The only code that changes the state: one event at a time, never refusing, never deciding.
//!
//! An event that does not fit the state is our own bug and panics with the number of the
//! invariant, which halts the gateway before anything leaves.

mod children;
mod facts;
mod fills;
mod results;

use crate::event::{
    Asked, Denied, Event, LatchRearmed, LatchTripped, LimitChanged, OrderAccepted,
    OrderReplaceRequested, OrderReplaced, OrderRequestRefused, RestrictionSet, Subject,
    TradingStateSet,
};
use crate::input::Input;
use crate::limit::{Bound, Limit, LimitKey};
use crate::state::State;
use crate::state::control::{DuplicateKey, Latch, ScopeRef};
use crate::state::directory::WINDOW_FALLBACK_NS;
use crate::state::order::{Bucket, Buckets, CancelAsked, Order, ReplaceAsked};
use crate::state::usage::Flow;
use crate::types::{
    AccountId, Money, Name, OrderId, Qty, Rare, ScopeKind, SessionId, SetId, TradingState, WireId,
};

impl State {
    /// Applies one event of the record of `input`.
    pub(crate) fn apply(&mut self, input: &Input, event: &Event) {
        match event {
            Event::FactTaken(_) => self.apply_fact(input),
            Event::Denied(event) => self.apply_denied(event),
            Event::OrderAccepted(event) => self.apply_accepted(event),
            Event::ChildSent(_)
            | Event::ChildReplaceRequested(_)
            | Event::ChildCancelRequested(_)
            | Event::ChildAcknowledged(_)
            | Event::ChildResolved(_)
            | Event::ChildInDoubt(_)
            | Event::ChildSuspended(_)
            | Event::ChildReplaced(_)
            | Event::ChildRequestRefused(_)
            | Event::ChildRestated(_)
            | Event::ChildClosed(_) => self.apply_child_event(event),
            Event::FillBooked(event) => self.apply_fill(event),
            Event::FillBusted(event) => self.apply_bust(event),
            Event::FillCorrected(event) => self.apply_correction(event),
            Event::ReversalHeld(event) => self.apply_reversal(event),
            Event::OrderCancelRequested(event) => {
                let (cl_ord_id, cause) = (event.cl_ord_id, event.cause);
                let asked = CancelAsked { cl_ord_id, cause };
                self.orders.order_mut(event.order_id).cancel.set(asked);
                self.claim(event.order_id, cl_ord_id);
            }
            Event::OrderReplaceRequested(event) => self.apply_replace_requested(event),
            Event::OrderReplaced(event) => self.apply_replaced(event),
            Event::OrderRequestRefused(event) => self.apply_request_refused(event),
            Event::OrderRestated(event) => self.resize_order(event.order_id, event.order_qty),
            Event::OrderClosed(event) => self.close_order(event.order_id, event.how),
            Event::OrderTriggered(event) => self.orders.trigger(event.order_id),
            Event::OrderStatusReported(event) => self.count_session(event.session.id, true),
            Event::LimitWarned(event) => {
                let scope = (event.scope_kind, event.scope, event.rule, event.limit);
                self.control.note_warning(scope, event.level, self.now);
            }
            Event::LatchTripped(event) => self.apply_latch(event),
            Event::LatchRearmed(event) => self.apply_rearm(event),
            Event::TradingStateSet(event) => self.apply_trading_state(event),
            Event::ScopeFlat(event) => {
                let scope = ScopeRef { kind: event.scope_kind, row: event.scope_row };
                self.control.scopes.change(scope, event.scope, |row| row.awaited = None);
            }
            Event::LimitChanged(event) => self.apply_limit(event),
            Event::StrategyAttended(event) => {
                self.control.attend(event.strategy.id);
                self.use_nonce(Some(event.operator), Some(event.nonce));
            }
            Event::RestrictionSet(event) => self.apply_restriction(event),
            Event::ReportIgnored(_) => {}
        }
    }

    /// Returns a window of a node in nanoseconds, or a second where none is set.
    pub(crate) fn window_of(&self, id: AccountId, key: LimitKey) -> i64 {
        self.directory.window(self.directory.accounts.at(id).limits, key)
    }
    /// Changes the flow of every node of an account's path.
    fn each_flow(&mut self, account: AccountId, mut change: impl FnMut(&mut Flow)) {
        for (node, set) in self.directory.accounts.at(account).path.nodes() {
            let window_ns = self.directory.window(set, LimitKey::FlowWindow);
            change(self.usage.flow_mut(node, self.now, window_ns));
        }
    }
    fn count_session(&mut self, session: SessionId, passed: bool) {
        let firm = AccountId::new(0);
        let window_ns = if self.directory.accounts.is_empty() {
            WINDOW_FALLBACK_NS
        } else {
            self.window_of(firm, LimitKey::MessageWindow)
        };
        self.control.count_session(session, self.now, window_ns, passed);
    }
    fn use_nonce(&mut self, operator: Option<Name>, nonce: Option<u64>) {
        let found = operator.and_then(|name| self.directory.operators.find(&name));
        if let (Some(operator), Some(nonce)) = (found, nonce) {
            self.control.use_nonce(operator, nonce);
        }
    }

    fn apply_denied(&mut self, event: &Denied) {
        let counts = match event.subject {
            Subject::NewOrder
            | Subject::ReplaceOrder
            | Subject::CancelOrder
            | Subject::StatusRequest => true,
            Subject::Slice
            | Subject::ChildReplace
            | Subject::ChildCancel
            | Subject::TriggeredStop
            | Subject::Command
            | Subject::Definition
            | Subject::Fact => false,
        };
        if let (true, Some(session)) = (counts, event.session) {
            self.count_session(session.id, false);
        }
        self.use_nonce(event.operator, event.nonce);
    }

    fn apply_accepted(&mut self, event: &OrderAccepted) {
        let notional = event.unit_exposure.times(event.order_qty);
        self.orders.add_order(event.order_id, order_of(event));
        self.count_session(event.session.id, true);
        let key = DuplicateKey {
            account: event.account.id,
            symbol: event.symbol.id,
            side: event.side,
            price: event.price,
            qty: event.order_qty,
        };
        let window_ns = self.window_of(event.account.id, LimitKey::DuplicateWindow);
        self.control.count_duplicate(key, self.now, window_ns);
        self.enter_flow(event.account.id, event.order_qty, notional, 1);
        if let Some(basket) = event.basket_id {
            self.control.use_basket(event.session.id, basket, notional);
        }
        if let (true, Some(locate)) = (event.side.is_short(), event.locate_id) {
            let (account, symbol) = (event.account.id, event.symbol.id);
            self.control.use_locate(account, symbol, locate, event.order_qty);
        }
        self.use_nonce(event.operator, event.nonce);
        self.orders.assert_balanced(event.order_id);
    }
    fn enter_flow(&mut self, account: AccountId, qty: Qty, notional: Money, count: i64) {
        self.each_flow(account, |flow| {
            flow.qty.enter(qty.signed());
            flow.notional.enter(notional.nanos());
            flow.count.enter(count);
        });
    }
    fn withdraw_flow(&mut self, account: AccountId, qty: Qty, notional: Money, count: i64) {
        self.each_flow(account, |flow| {
            flow.qty.withdraw(qty.signed());
            flow.notional.withdraw(notional.nanos());
            flow.count.outstanding -= count;
        });
    }

    fn claim(&mut self, id: OrderId, cl_ord_id: Option<WireId>) {
        let session = self.orders.order(id).session;
        if let Some(cl_ord_id) = cl_ord_id {
            self.orders.claim_client_id(session, cl_ord_id, id);
            self.count_session(session, true);
        }
    }
    fn apply_replace_requested(&mut self, event: &OrderReplaceRequested) {
        let id = event.order_id;
        self.claim(id, Some(event.cl_ord_id));
        let order = self.orders.order_mut(id);
        let (old_qty, old_unit_exposure) = (order.order_qty, order.unit_exposure);
        order.replace.set(ReplaceAsked {
            cl_ord_id: event.cl_ord_id,
            old_qty,
            old_unit_exposure,
            new_qty: event.order_qty,
            price: event.price,
        });
        self.revalue(id, event.unit_exposure);
        let grown = event.order_qty.saturating_sub(old_qty);
        let order = self.orders.order_mut(id);
        order.buckets.grow(grown);
        order.order_qty += grown;
        let notional = event.unit_exposure.times(grown);
        let (account, session, symbol) = (order.account, order.session, order.symbol);
        let (basket, short) = (order.basket_id.get(), order.side.is_short());
        let locate = order.locate_id.get().filter(|_| short);
        self.enter_flow(account, grown, notional, 0);
        if let Some(basket) = basket {
            self.control.use_basket(session, basket, notional);
        }
        if let Some(locate) = locate {
            self.control.use_locate(account, symbol, locate, grown);
        }
        self.orders.assert_balanced(id);
    }
    /// Values a parent's unit anew; what it came in with changes by its open part.
    fn revalue(&mut self, id: OrderId, unit: Money) {
        let order = self.orders.order_mut(id);
        let change = unit - order.unit_exposure;
        order.unit_exposure = unit;
        let open = change.times(order.leaves_qty()).nanos();
        let unrouted = change.times(order.buckets.get(Bucket::Unrouted)).nanos();
        let account = order.account;
        self.each_flow(account, |flow| {
            flow.notional.came_in += open;
            flow.notional.outstanding += unrouted;
        });
    }
    fn apply_replaced(&mut self, event: &OrderReplaced) {
        let order = self.orders.order_mut(event.order_id);
        if let Some(asked) = order.replace.take() {
            order.cl_ord_id = asked.cl_ord_id;
        }
        order.price = event.price;
        self.resize_order(event.order_id, event.order_qty);
    }
    /// Takes a request back; refused new terms leave the order as it was before them.
    fn apply_request_refused(&mut self, event: &OrderRequestRefused) {
        let order = self.orders.order_mut(event.order_id);
        match event.request {
            Asked::Cancel => drop(order.cancel.take()),
            Asked::Replace => {
                if let Some(asked) = order.replace.take() {
                    let short = order.side.is_short();
                    let locate = order.locate_id.get().filter(|_| short);
                    let (account, symbol) = (order.account, order.symbol);
                    let lost = order.order_qty.saturating_sub(asked.old_qty);
                    self.resize_order(event.order_id, asked.old_qty);
                    self.revalue(event.order_id, asked.old_unit_exposure);
                    if let Some(locate) = locate {
                        self.control.add_locate(account, symbol, locate, lost);
                    }
                }
            }
        }
    }
    /// Lowers the ordered quantity, never below what is filled or with children.
    fn resize_order(&mut self, id: OrderId, qty: Qty) {
        let order = self.orders.order_mut(id);
        let unrouted = order.buckets.get(Bucket::Unrouted);
        let lost = order.order_qty.saturating_sub(qty).min(unrouted);
        order.buckets.shrink(lost);
        order.order_qty -= lost;
        let (account, notional) = (order.account, order.unit_exposure.times(lost));
        self.withdraw_flow(account, lost, notional, 0);
        self.orders.assert_balanced(id);
    }
    /// Ends a parent and takes what will not leave any more out of the flow.
    pub(crate) fn close_order(&mut self, id: OrderId, how: crate::event::Close) {
        let order = self.orders.order(id);
        let rest = order.buckets.get(Bucket::Unrouted);
        let (account, notional) = (order.account, order.unit_exposure.times(rest));
        self.orders.close_order(id, how);
        self.withdraw_flow(account, rest, notional, 1);
        self.orders.assert_balanced(id);
    }

    fn apply_latch(&mut self, event: &LatchTripped) {
        let scope = ScopeRef { kind: event.scope_kind, row: event.scope_row };
        let latch = Latch { reason: event.reason, operator: event.operator };
        self.control.scopes.change(scope, event.scope, |row| row.latch = Some(latch));
    }
    fn apply_rearm(&mut self, event: &LatchRearmed) {
        let scope = ScopeRef { kind: event.scope_kind, row: event.scope_row };
        self.control.scopes.change(scope, event.scope, |row| {
            row.latch = None;
            row.rearm_count += 1;
        });
        self.use_nonce(Some(event.operator), Some(event.nonce));
    }
    fn apply_trading_state(&mut self, event: &TradingStateSet) {
        let scope = ScopeRef { kind: event.scope_kind, row: event.scope_row };
        let open = self.orders.open_children().filter(|id| self.is_in_scope(*id, scope)).count();
        let awaited = u32::try_from(open).unwrap_or(u32::MAX);
        let waits = event.state == TradingState::Halted && event.cancel_open;
        self.control.scopes.change(scope, event.scope, |row| {
            row.state = event.state;
            row.awaited = waits.then_some(awaited);
        });
        self.use_nonce(Some(event.operator), Some(event.nonce));
        self.use_nonce(event.second_operator, Some(event.nonce));
    }
    fn apply_limit(&mut self, event: &LimitChanged) {
        let set = self.directory.limits.find(&event.limits);
        let Some(set) = set else { return };
        let in_unit = |limit: Limit| limit.in_unit_of(event.limit);
        let (Some(old), Some(value)) = (in_unit(event.old_value), in_unit(event.value)) else {
            return;
        };
        let permanent = self.control.permanent_value(set, event.limit).unwrap_or(old);
        self.control.forget_temporary(set, event.limit);
        if let Some(end) = event.expire_ts {
            self.control.add_temporary(end, set, event.limit, permanent);
        }
        self.set_limit(set, event.limit, value);
        self.use_nonce(event.operator, event.nonce);
        self.use_nonce(event.second_operator, event.nonce);
    }
    fn set_limit(&mut self, set: SetId, key: LimitKey, limit: Limit) {
        let levels = self.directory.bound(set, key).copied();
        if let Some(bound) = levels {
            let bound = Bound::new(limit, bound.warn, bound.restrict);
            self.directory.set_bound(set, key, bound);
        }
    }
    fn apply_restriction(&mut self, event: &RestrictionSet) {
        let (account, symbol) = (event.account.id, event.symbol.id);
        self.control.restrict(account, symbol, event.side, event.active);
        self.use_nonce(event.operator, event.nonce);
    }
    /// Returns whether a child belongs to a scope.
    pub(crate) fn is_in_scope(&self, id: crate::types::ChildId, scope: ScopeRef) -> bool {
        let child = self.orders.child(id);
        match scope.kind {
            ScopeKind::Node => true,
            ScopeKind::Account => {
                let path = &self.directory.accounts.at(child.account).path;
                path.iter().any(|node| ScopeRef::account(*node) == scope)
            }
            ScopeKind::Strategy => ScopeRef::strategy(child.strategy) == scope,
            ScopeKind::Symbol => ScopeRef::symbol(child.symbol) == scope,
            ScopeKind::Venue => ScopeRef::venue(child.venue) == scope,
            ScopeKind::Session => ScopeRef::session(child.session) == scope,
            ScopeKind::Order => child.order_id.raw() == scope.row,
            ScopeKind::Basket => false,
        }
    }
}

fn order_of(event: &OrderAccepted) -> Order {
    Order {
        session: event.session.id,
        cl_ord_id: event.cl_ord_id,
        account: event.account.id,
        strategy: event.strategy.id,
        direct: event.ex_destination.is_some(),
        symbol: event.symbol.id,
        venue: event.ex_destination.map(|venue| venue.id),
        side: event.side,
        ord_type: event.ord_type,
        time_in_force: event.time_in_force,
        order_qty: event.order_qty,
        price: event.price,
        stop_px: event.stop_px,
        expire_ts: event.expire_ts,
        locate_id: event.locate_id.into(),
        basket_id: event.basket_id.into(),
        origin: event.origin,
        unit_exposure: event.unit_exposure,
        buckets: Buckets::new(event.order_qty),
        newest_child: None,
        child_count: 0,
        open_child_count: 0,
        message_count: 0,
        sent_notional: Money::ZERO,
        triggered: !event.ord_type.has_trigger(),
        cancel: Rare::default(),
        replace: Rare::default(),
        closed: None,
    }
}
