//! What algorithms propose, and what follows from prices: slices, changes, triggered stops.

use super::orders::draft_of;
use super::{About, Step, Verdict};
use crate::clearance::clear;
use crate::event::{CancelCause, Close, OrderClosed, OrderTriggered, Subject};
use crate::gate::{Case, Draft, Stages};
use crate::input::{ChildReplaceProposal, ReplaceOrder, SliceProposal};
use crate::limit::Amount;
use crate::reason::{Denial, Reason};
use crate::sent::ChildReplaceRequested;
use crate::state::State;
use crate::state::order::{Bucket, Stage};
use crate::types::{ChildId, Name, OrderId, Price, Qty, ScopeKind};

impl Step<'_> {
    pub(super) fn slice(&mut self, proposal: &SliceProposal) {
        let about = About { order_id: Some(proposal.order_id), ..About::default() };
        let result = slice_draft(self.state, proposal).and_then(|draft| self.send_child(draft));
        if let Err(denial) = result {
            self.deny(Subject::Slice, &denial, about);
        }
    }
    /// Asks the gate about a child of an accepted parent and sends it.
    fn send_child(&mut self, draft: Draft) -> Result<(), Denial> {
        let (order_id, qty) = (draft.order_id, draft.qty);
        let case = Case::new(self.state, Stages::CHILD, &draft);
        let verdict = Verdict::of(&case, self.warnings);
        let approval = self.approve(verdict)?;
        self.send(order_id, qty, approval)
    }
    /// Triggers the stops that a trade at `px` reaches; each passes the gate as it is then.
    pub(super) fn trigger_stops(&mut self, symbol: Name, px: Price) {
        let Some(symbol) = self.state.directory.instruments.find(&symbol) else {
            return;
        };
        for order_id in self.state.orders.stops_hit(symbol, px) {
            self.emit(OrderTriggered { order_id, px });
            let order = self.state.orders.order(order_id);
            if !order.direct {
                continue;
            }
            let qty = order.buckets.get(Bucket::Unrouted);
            let draft = Draft { qty, added_qty: qty, ..draft_of(order_id, order) };
            if let Err(denial) = self.send_child(draft) {
                let about = About { order_id: Some(order_id), ..About::default() };
                self.deny(Subject::TriggeredStop, &denial, about);
                self.emit(OrderClosed { order_id, how: Close::Denied });
            }
        }
    }
    pub(super) fn child_cancel(&mut self, child_id: ChildId) {
        match self.state.orders.find_child(child_id) {
            Some(child) if child.is_open() && child.cancel.is_some() => {
                self.deny_child(Subject::ChildCancel, child_id, Reason::AlreadyPending);
            }
            Some(child) if child.is_open() => {
                self.request_cancel(child_id, CancelCause::Strategy);
            }
            Some(_) => self.deny_child(Subject::ChildCancel, child_id, Reason::OrderClosed),
            None => self.deny_child(Subject::ChildCancel, child_id, Reason::UnknownOrder),
        }
    }
    fn deny_child(&mut self, subject: Subject, child_id: ChildId, reason: Reason) {
        let denial = child_denial(child_id, reason);
        let order_id = self.state.orders.find_child(child_id).map(|child| child.order_id);
        let about = About { child_id: Some(child_id), order_id, ..About::default() };
        self.deny(subject, &denial, about);
    }
    pub(super) fn child_replace(&mut self, proposal: &ChildReplaceProposal) {
        let child_id = proposal.child_id;
        let direct = |state: &State, id: ChildId| {
            state
                .orders
                .find_child(id)
                .is_some_and(|child| state.orders.order(child.order_id).direct)
        };
        let result = if direct(self.state, child_id) {
            Err(child_denial(child_id, Reason::StrategyMismatch))
        } else {
            self.change_child_terms(child_id, proposal.qty, proposal.price)
        };
        if let Err(denial) = result {
            let order_id = self.state.orders.find_child(child_id).map(|child| child.order_id);
            let about = About { child_id: Some(child_id), order_id, ..About::default() };
            self.deny(Subject::ChildReplace, &denial, about);
        }
    }
    /// Asks the gate about new terms of a child and sends them.
    fn change_child_terms(
        &mut self,
        child_id: ChildId,
        qty: Qty,
        price: Option<Price>,
    ) -> Result<(), Denial> {
        let draft = replace_draft(self.state, child_id, qty, price)?;
        let (added_qty, step) = (draft.added_qty, self.state.step);
        let case = Case::new(self.state, Stages::REPLACE, &draft);
        let verdict = Verdict::of(&case, self.warnings);
        let approval = self.approve(verdict)?;
        let child = self.state.orders.child(child_id);
        let (version, live) = (child.version + 1, child.live_version);
        let exceeds = || child_denial(child_id, Reason::ExceedsUnrouted);
        let orders = &self.state.orders;
        let reservation = orders.reserve_more(step, child_id, added_qty).ok_or_else(exceeds)?;
        let clearance = clear(self.state, approval.place(), child_id, version)?;
        let orig = crate::clearance::wire_id(self.state, child_id, live).ok_or_else(exceeds)?;
        self.emit(ChildReplaceRequested::new(reservation, approval, clearance, orig));
        Ok(())
    }
    /// Changes a direct parent: its child is changed, or its held stop at once.
    pub(super) fn replace_direct(
        &mut self,
        id: OrderId,
        request: &ReplaceOrder,
    ) -> Result<(), Denial> {
        let order = self.state.orders.order(id);
        let open = self
            .state
            .orders
            .children_of(id)
            .find(|child| self.state.orders.child(*child).is_open());
        let Some(child_id) = open else {
            let name = Name::clipped(request.orig_cl_ord_id.as_str());
            return Err(Denial::new(Reason::AlreadyPending, ScopeKind::Order, name));
        };
        let others = order.cum_qty().saturating_sub(self.state.orders.child(child_id).cum_qty);
        let child_qty = request.order_qty.saturating_sub(others);
        // The parent must hold the added quantity before the child can reserve it, and the gate
        // must have passed the child before the parent changes: so the gate is asked first.
        let draft = replace_draft(self.state, child_id, child_qty, request.price)?;
        let case = Case::new(self.state, Stages::REPLACE.with(Stages::AMEND), &draft);
        let verdict = Verdict::of(&case, self.warnings);
        let approval = self.approve(verdict)?;
        let child = self.state.orders.child(child_id);
        let (version, live) = (child.version + 1, child.live_version);
        let clearance = clear(self.state, approval.place(), child_id, version)?;
        let exceeds = || child_denial(child_id, Reason::ExceedsUnrouted);
        let orig = crate::clearance::wire_id(self.state, child_id, live).ok_or_else(exceeds)?;
        let added = approval.added_qty();
        self.request_replace(id, request, approval.unit_exposure());
        let step = self.state.step;
        let reservation = self.state.orders.reserve_more(step, child_id, added);
        let Some(reservation) = reservation else {
            panic!("I1: order {id} grew by less than its child");
        };
        self.emit(ChildReplaceRequested::new(reservation, approval, clearance, orig));
        Ok(())
    }
}

fn child_denial(child_id: ChildId, reason: Reason) -> Denial {
    Denial::new(reason, ScopeKind::Order, Name::clipped(&format!("child {child_id}")))
}

fn slice_draft(state: &State, proposal: &SliceProposal) -> Result<Draft, Denial> {
    let name = Name::clipped(&format!("order {}", proposal.order_id));
    let deny = |reason| Denial::new(reason, ScopeKind::Order, name);
    let order = state.orders.find(proposal.order_id).ok_or_else(|| deny(Reason::UnknownOrder))?;
    if order.closed.is_some() {
        return Err(deny(Reason::OrderClosed));
    }
    if order.cancel.is_some() || order.replace.is_some() || !order.triggered {
        return Err(deny(Reason::AlreadyPending));
    }
    if order.direct || state.directory.strategies.find(&proposal.strategy) != Some(order.strategy) {
        return Err(deny(Reason::StrategyMismatch));
    }
    let Some(venue) = state.directory.venues.find(&proposal.venue) else {
        return Err(Denial::new(Reason::UnknownVenue, ScopeKind::Venue, proposal.venue));
    };
    let typed = proposal.price.is_some() == proposal.ord_type.has_price();
    if proposal.ord_type.has_trigger() || !typed || breaks_limit(order, proposal.price) {
        return Err(deny(Reason::TermsInvalid));
    }
    if proposal.qty.is_zero() {
        return Err(deny(Reason::QuantityZero));
    }
    let unrouted = order.buckets.get(Bucket::Unrouted);
    if proposal.qty > unrouted {
        let denial = deny(Reason::ExceedsUnrouted);
        return Err(denial.measured(Amount::qty(proposal.qty), Some(Amount::qty(unrouted))));
    }
    if !state.orders.has_room() {
        return Err(deny(Reason::TableFull));
    }
    Ok(Draft {
        venue: Some(venue),
        ord_type: proposal.ord_type,
        time_in_force: proposal.time_in_force,
        qty: proposal.qty,
        added_qty: proposal.qty,
        price: proposal.price,
        ..draft_of(proposal.order_id, order)
    })
}

/// Returns whether a child would trade beyond the limit price of its parent.
fn breaks_limit(order: &crate::state::order::Order, price: Option<Price>) -> bool {
    match (order.price, price) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(limit), Some(price)) if order.side.is_buy() => price > limit,
        (Some(limit), Some(price)) => price < limit,
    }
}

fn replace_draft(
    state: &State,
    child_id: ChildId,
    qty: Qty,
    price: Option<Price>,
) -> Result<Draft, Denial> {
    let deny = |reason| child_denial(child_id, reason);
    let child = state.orders.find_child(child_id).ok_or_else(|| deny(Reason::UnknownOrder))?;
    let order = state.orders.order(child.order_id);
    if !child.is_open() || order.closed.is_some() {
        return Err(deny(Reason::OrderClosed));
    }
    let asked = child.cancel.is_some() || child.replace.is_some();
    let sure = !matches!(child.stage, Stage::InDoubt | Stage::Unseen);
    if asked || !sure || order.cancel.is_some() || order.replace.is_some() {
        return Err(deny(Reason::AlreadyPending));
    }
    if price.is_some() != child.price.is_some() {
        return Err(deny(Reason::TermsInvalid));
    }
    if !order.direct && breaks_limit(order, price) {
        return Err(deny(Reason::TermsInvalid));
    }
    if qty <= child.cum_qty {
        let (asked, filled) = (Amount::qty(qty), Amount::qty(child.cum_qty));
        return Err(deny(Reason::QuantityBelowOpen).measured(asked, Some(filled)));
    }
    let added_qty = qty.saturating_sub(child.qty);
    let unrouted = order.buckets.get(Bucket::Unrouted);
    if !order.direct && added_qty > unrouted {
        let denial = deny(Reason::ExceedsUnrouted);
        return Err(denial.measured(Amount::qty(added_qty), Some(Amount::qty(unrouted))));
    }
    let kept = if qty < child.qty { qty } else { child.qty };
    Ok(Draft {
        venue: Some(child.venue),
        ord_type: child.ord_type,
        time_in_force: child.time_in_force,
        qty,
        added_qty,
        present_exposure: child.exposure(),
        present_qty: kept.saturating_sub(child.cum_qty),
        price,
        ..draft_of(child.order_id, order)
    })
}
