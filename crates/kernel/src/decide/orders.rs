//! What clients and operators ask: new orders, changes, cancels, status.

use super::{About, Answer, Step, Verdict};
use crate::event::{
    Asked, CancelCause, Close, OrderAccepted, OrderCancelRequested, OrderClosed,
    OrderReplaceRequested, OrderReplaced, OrderRequestRefused, OrderStatusReported, Subject,
};
use crate::gate::{Approval, Case, Draft, Stages};
use crate::input::{CancelOrder, NewOrder, ReplaceOrder, StatusRequest};
use crate::limit::Amount;
use crate::reason::{Denial, Reason};
use crate::state::order::{Bucket, Order};
use crate::state::{Day, State};
use crate::types::{
    AccountId, Money, Name, OrderId, Origin, Qty, ScopeKind, SessionId, StrategyId, TimeInForce,
    WireId,
};

impl Step<'_> {
    pub(super) fn new_order(&mut self, order: &NewOrder) {
        let result = parse(self.state, order).and_then(|draft| self.admit(order, draft));
        if let Err(denial) = result {
            let about = self.about(&order.session, order.cl_ord_id);
            let account = self.state.directory.accounts.find(&order.account);
            self.deny(Subject::NewOrder, &denial, About { account, ..about });
        }
    }
    /// Accepts a parent; a direct one is approved before it is accepted and sent at once.
    fn admit(&mut self, input: &NewOrder, draft: Draft) -> Result<(), Denial> {
        let origin = input.origin.unwrap_or(Origin::Client);
        if origin != Origin::Client {
            self.check_order_signature(input)?;
        }
        let sends_now = draft.direct && !input.ord_type.has_trigger();
        let (order_id, qty) = (draft.order_id, draft.qty);
        let unit_exposure;
        let approval = if sends_now {
            let case = Case::new(self.state, Stages::ENTRY.with(Stages::CHILD), &draft);
            unit_exposure = case.unit_exposure;
            let verdict = Verdict::of(&case, self.warnings);
            Some(self.approve(verdict)?)
        } else {
            let case = Case::new(self.state, Stages::ENTRY, &draft);
            unit_exposure = case.unit_exposure;
            let answer = Answer::of(&case, self.warnings);
            self.admitted(answer)?;
            None
        };
        let unpriced = || Denial::new(Reason::Unpriceable, ScopeKind::Symbol, input.symbol);
        let unit_exposure = unit_exposure.ok_or_else(unpriced)?;
        self.must_be_clear(approval.as_ref())?;
        self.accept(input, &draft, origin, unit_exposure);
        match approval {
            Some(approval) => self.send(order_id, qty, approval),
            None => Ok(()),
        }
    }
    /// Denies before acceptance what could not be sent after it.
    fn must_be_clear(&self, approval: Option<&Approval>) -> Result<(), Denial> {
        let Some(approval) = approval else {
            return Ok(());
        };
        crate::clearance::may_send(self.state, approval.place())
    }
    fn accept(&mut self, input: &NewOrder, draft: &Draft, origin: Origin, unit_exposure: Money) {
        let directory = &self.state.directory;
        let signed = origin != Origin::Client;
        let event = OrderAccepted {
            order_id: draft.order_id,
            session: directory.named_session(draft.session),
            cl_ord_id: input.cl_ord_id,
            account: directory.named_account(draft.account),
            strategy: directory.named_strategy(draft.strategy),
            symbol: directory.named_instrument(draft.symbol),
            side: input.side,
            ord_type: input.ord_type,
            time_in_force: input.time_in_force,
            order_qty: input.order_qty,
            price: input.price,
            stop_px: input.stop_px,
            expire_ts: input.expire_ts,
            ex_destination: draft.venue.map(|venue| directory.named_venue(venue)),
            locate_id: input.locate_id,
            basket_id: input.basket_id,
            origin,
            operator: input.operator.filter(|_| signed),
            nonce: input.nonce.filter(|_| signed),
            unit_exposure,
        };
        self.emit(event);
    }

    pub(super) fn cancel_order(&mut self, request: &CancelOrder) {
        let about = self.about(&request.session, request.cl_ord_id);
        let found = find(self.state, &request.session, request.cl_ord_id, request.orig_cl_ord_id);
        let id = match found.and_then(|id| cancelable(self.state, id)) {
            Ok(id) => id,
            Err(denial) => {
                let order_id = find_id(self.state, &request.session, request.orig_cl_ord_id);
                return self.deny(Subject::CancelOrder, &denial, About { order_id, ..about });
            }
        };
        self.cancel_parent(id, Some(request.cl_ord_id), CancelCause::Client);
    }
    /// Cancels a parent: its open children first, then, with the last of them, itself.
    pub(super) fn cancel_parent(
        &mut self,
        order_id: OrderId,
        cl_ord_id: Option<WireId>,
        cause: CancelCause,
    ) {
        self.emit(OrderCancelRequested { order_id, cl_ord_id, cause });
        self.cancel_children(order_id, cause);
        self.finish(order_id);
    }
    /// Asks for the cancel of every open child of a parent.
    pub(super) fn cancel_children(&mut self, order_id: OrderId, cause: CancelCause) {
        let children: Vec<_> = self.state.orders.children_of(order_id).collect();
        for child_id in children {
            self.request_cancel(child_id, cause);
        }
    }
    /// Ends a parent that is being canceled once no child is open.
    pub(super) fn finish(&mut self, order_id: OrderId) {
        let order = self.state.orders.order(order_id);
        let Some(asked) = order.cancel.get().filter(|_| order.closed.is_none()) else { return };
        if order.open_child_count > 0 {
            return;
        }
        self.refuse_replace(order_id);
        let how = match asked.cause {
            CancelCause::Expiry => Close::Expired,
            CancelCause::DayEnd => Close::DoneForDay,
            CancelCause::Client
            | CancelCause::Strategy
            | CancelCause::Halt
            | CancelCause::Disconnect => Close::Canceled,
        };
        let order = self.state.orders.order(order_id);
        let filled = order.cum_qty() >= order.order_qty;
        self.emit(OrderClosed { order_id, how: if filled { Close::Filled } else { how } });
    }
    /// Takes new terms back that no venue will accept any more.
    pub(super) fn refuse_replace(&mut self, order_id: OrderId) {
        if let Some(asked) = self.state.orders.order(order_id).replace.get() {
            let (request, cl_ord_id) = (Asked::Replace, Some(asked.cl_ord_id));
            self.emit(OrderRequestRefused { order_id, request, cl_ord_id, text: None });
        }
    }
    /// Takes a cancel back that something else overtook (FIX 102=0).
    pub(super) fn refuse_cancel(&mut self, order_id: OrderId) {
        if let Some(asked) = self.state.orders.order(order_id).cancel.get() {
            let (request, cl_ord_id) = (Asked::Cancel, asked.cl_ord_id);
            self.emit(OrderRequestRefused { order_id, request, cl_ord_id, text: None });
        }
    }

    pub(super) fn status_request(&mut self, request: &StatusRequest) {
        let about = self.about(&request.session, request.cl_ord_id);
        let session = self.state.directory.sessions.find(&request.session);
        let found = find_id(self.state, &request.session, request.cl_ord_id);
        let (Some(session), Some(order_id)) = (session, found) else {
            let scope = Name::clipped(request.cl_ord_id.as_str());
            let denial = Denial::new(Reason::UnknownOrder, ScopeKind::Order, scope);
            return self.deny(Subject::StatusRequest, &denial, about);
        };
        let order = self.state.orders.order(order_id);
        let canceled = order.buckets.get(Bucket::Canceled);
        let event = OrderStatusReported {
            session: self.state.directory.named_session(session),
            cl_ord_id: request.cl_ord_id,
            order_id,
            ord_status: order.status(),
            order_qty: order.stated_qty(),
            cum_qty: order.cum_qty(),
            leaves_qty: order.stated_qty().saturating_sub(order.cum_qty() + canceled),
        };
        self.emit(event);
    }

    pub(super) fn replace_order(&mut self, request: &ReplaceOrder) {
        let about = self.about(&request.session, request.cl_ord_id);
        let found = find(self.state, &request.session, request.cl_ord_id, request.orig_cl_ord_id);
        let result = found.and_then(|id| {
            replaceable(self.state, id, request)?;
            let order = self.state.orders.order(id);
            if order.direct && order.triggered {
                self.replace_direct(id, request)
            } else {
                self.amend(id, request)
            }
        });
        if let Err(denial) = result {
            let order_id = find_id(self.state, &request.session, request.orig_cl_ord_id);
            self.deny(Subject::ReplaceOrder, &denial, About { order_id, ..about });
        }
    }
    /// Changes the parent of an algorithm at once; its children are the algorithm's to change.
    fn amend(&mut self, id: OrderId, request: &ReplaceOrder) -> Result<(), Denial> {
        let order = self.state.orders.order(id);
        let bound = order.cum_qty() + order.buckets.live();
        if request.order_qty < bound {
            let name = Name::clipped(request.orig_cl_ord_id.as_str());
            let denial = Denial::new(Reason::QuantityBelowOpen, ScopeKind::Order, name);
            return Err(denial.measured(Amount::qty(request.order_qty), Some(Amount::qty(bound))));
        }
        let draft = Draft {
            qty: request.order_qty,
            added_qty: request.order_qty.saturating_sub(order.order_qty),
            price: request.price,
            ..draft_of(id, order)
        };
        let case = Case::new(self.state, Stages::AMEND, &draft);
        let unit_exposure = case.unit_exposure;
        let answer = Answer::of(&case, self.warnings);
        self.admitted(answer)?;
        let symbol = self.state.directory.named_instrument(draft.symbol).name;
        let unpriced = || Denial::new(Reason::Unpriceable, ScopeKind::Symbol, symbol);
        self.request_replace(id, request, unit_exposure.ok_or_else(unpriced)?);
        let (order_qty, price) = (request.order_qty, request.price);
        self.emit(OrderReplaced { order_id: id, order_qty, price });
        Ok(())
    }
    pub(super) fn request_replace(
        &mut self,
        id: OrderId,
        request: &ReplaceOrder,
        unit_exposure: Money,
    ) {
        self.emit(OrderReplaceRequested {
            order_id: id,
            cl_ord_id: request.cl_ord_id,
            order_qty: request.order_qty,
            price: request.price,
            unit_exposure,
        });
    }
    fn about(&self, session: &Name, cl_ord_id: WireId) -> About {
        let session = self.state.directory.sessions.find(session);
        About { session, cl_ord_id: Some(cl_ord_id), ..About::default() }
    }
}

/// Returns the terms of a parent as a draft of nothing yet.
pub(super) fn draft_of(order_id: OrderId, order: &Order) -> Draft {
    Draft {
        order_id,
        entering: false,
        session: order.session,
        account: order.account,
        strategy: order.strategy,
        direct: order.direct,
        symbol: order.symbol,
        venue: order.venue,
        side: order.side,
        ord_type: order.ord_type.triggered(),
        time_in_force: order.time_in_force,
        qty: Qty::ZERO,
        added_qty: Qty::ZERO,
        present_exposure: Money::ZERO,
        present_qty: Qty::ZERO,
        price: order.price,
        stop_px: None,
        locate_id: order.locate_id.get(),
        basket_id: order.basket_id.get(),
    }
}

fn find_id(state: &State, session: &Name, id: WireId) -> Option<OrderId> {
    let session = state.directory.sessions.find(session)?;
    state.orders.by_client_id(session, id)
}

/// Returns the parent that a request names; its own identifier must be new (I8).
fn find(state: &State, session: &Name, id: WireId, of: WireId) -> Result<OrderId, Denial> {
    let Some(row) = state.directory.sessions.find(session) else {
        return Err(Denial::new(Reason::UnknownSession, ScopeKind::Session, *session));
    };
    if state.orders.by_client_id(row, id).is_some() {
        return Err(Denial::new(Reason::DuplicateClOrdId, ScopeKind::Session, *session));
    }
    let unknown = || Denial::new(Reason::UnknownOrder, ScopeKind::Session, *session);
    state.orders.by_client_id(row, of).ok_or_else(unknown)
}

fn order_denial(state: &State, id: OrderId, reason: Reason) -> Denial {
    let name = Name::clipped(state.orders.order(id).cl_ord_id.as_str());
    Denial::new(reason, ScopeKind::Order, name)
}

/// Returns the parent if a cancel may be asked; limits and halts are not looked at.
fn cancelable(state: &State, id: OrderId) -> Result<OrderId, Denial> {
    let order = state.orders.order(id);
    if order.closed.is_some() {
        return Err(order_denial(state, id, Reason::OrderClosed));
    }
    match order.cancel.get() {
        Some(_) => Err(order_denial(state, id, Reason::AlreadyPending)),
        None => Ok(id),
    }
}

fn replaceable(state: &State, id: OrderId, request: &ReplaceOrder) -> Result<(), Denial> {
    let order = state.orders.order(id);
    if order.closed.is_some() || !matches!(state.day, Day::Open(_)) {
        return Err(order_denial(state, id, Reason::OrderClosed));
    }
    if order.cancel.is_some() || order.replace.is_some() {
        return Err(order_denial(state, id, Reason::AlreadyPending));
    }
    if request.order_qty <= order.cum_qty() {
        let denial = order_denial(state, id, Reason::QuantityBelowOpen);
        let (asked, filled) = (Amount::qty(request.order_qty), Amount::qty(order.cum_qty()));
        return Err(denial.measured(asked, Some(filled)));
    }
    if request.price.is_some() != order.price.is_some() {
        return Err(order_denial(state, id, Reason::TermsInvalid));
    }
    Ok(())
}

/// Returns the draft of a new order, or why its terms make none.
fn parse(state: &State, order: &NewOrder) -> Result<Draft, Denial> {
    let (session, account, strategy) = parties(state, order)?;
    let directory = &state.directory;
    let Some(symbol) = directory.instruments.find(&order.symbol) else {
        return Err(Denial::new(Reason::UnknownInstrument, ScopeKind::Symbol, order.symbol));
    };
    if state.orders.by_client_id(session, order.cl_ord_id).is_some() {
        return Err(Denial::new(Reason::DuplicateClOrdId, ScopeKind::Session, order.session));
    }
    let deny = |reason| Denial::new(reason, ScopeKind::Symbol, order.symbol);
    if !matches!(state.day, Day::Open(_)) {
        return Err(deny(Reason::DayNotOpen));
    }
    if !state.orders.has_room() {
        return Err(deny(Reason::TableFull));
    }
    check_terms(state, order).map_err(deny)?;
    let direct = directory.strategies.at(strategy).1;
    let venue = match order.ex_destination {
        None if direct => return Err(deny(Reason::UnknownVenue)),
        Some(_) if !direct => return Err(deny(Reason::TermsInvalid)),
        None => None,
        Some(name) => match directory.venues.find(&name) {
            Some(venue) => Some(venue),
            None => return Err(Denial::new(Reason::UnknownVenue, ScopeKind::Venue, name)),
        },
    };
    Ok(Draft {
        order_id: state.orders.next_order_id(),
        entering: true,
        session,
        account,
        strategy,
        direct,
        symbol,
        venue,
        side: order.side,
        ord_type: order.ord_type,
        time_in_force: order.time_in_force,
        qty: order.order_qty,
        added_qty: order.order_qty,
        present_exposure: Money::ZERO,
        present_qty: Qty::ZERO,
        price: order.price,
        stop_px: order.stop_px,
        locate_id: order.locate_id,
        basket_id: order.basket_id,
    })
}

fn parties(state: &State, order: &NewOrder) -> Result<(SessionId, AccountId, StrategyId), Denial> {
    let directory = &state.directory;
    let Some(session) = directory.sessions.find(&order.session) else {
        return Err(Denial::new(Reason::UnknownSession, ScopeKind::Session, order.session));
    };
    let Some(account) = directory.accounts.find(&order.account) else {
        return Err(Denial::new(Reason::UnknownAccount, ScopeKind::Account, order.account));
    };
    let Some(strategy) = directory.strategies.find(&order.strategy) else {
        return Err(Denial::new(Reason::UnknownStrategy, ScopeKind::Strategy, order.strategy));
    };
    let is_error = directory.is_error_account(&order.account);
    let reserved = is_error && order.origin.unwrap_or(Origin::Client) == Origin::Client;
    if !directory.accounts.at(account).tradable || reserved {
        return Err(Denial::new(Reason::AccountNotTradable, ScopeKind::Account, order.account));
    }
    Ok((session, account, strategy))
}

fn check_terms(state: &State, order: &NewOrder) -> Result<(), Reason> {
    if order.order_qty.is_zero() {
        return Err(Reason::QuantityZero);
    }
    let has_end = order.time_in_force == TimeInForce::GoodTillDate;
    let fits = order.price.is_some() == order.ord_type.has_price()
        && order.stop_px.is_some() == order.ord_type.has_trigger()
        && order.expire_ts.is_some() == has_end;
    if !fits {
        return Err(Reason::TermsInvalid);
    }
    match order.expire_ts {
        Some(end) if end <= state.now => Err(Reason::Expired),
        Some(_) | None => Ok(()),
    }
}
