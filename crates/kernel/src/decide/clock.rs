//! What the passing of time and the breaking of sessions bring about.

use super::{About, Step};
use crate::event::{CancelCause, ChildInDoubt, Close, LimitChanged, OrderClosed, Subject};
use crate::input::{ClientSession, VenueSession};
use crate::limit::{Level, LimitKey};
use crate::reason::{Denial, Reason};
use crate::state::control::ScopeRef;
use crate::state::order::Stage;
use crate::types::{ChildId, Money, OrderId, ScopeKind, Ts};

impl Step<'_> {
    /// Time-outs, ends of orders, ends of temporary limits, losses; then time has passed.
    pub(super) fn tick(&mut self) {
        self.take_fact();
        self.doubt_unanswered();
        let now = self.state.now;
        for order_id in self.state.orders.expired(now) {
            if self.is_canceling(order_id) {
                self.cancel_children(order_id, CancelCause::Expiry);
            } else {
                self.cancel_parent(order_id, None, CancelCause::Expiry);
            }
        }
        self.end_limit_changes();
        self.stop_losses();
        self.report_flat();
    }
    fn doubt_unanswered(&mut self) {
        let venues: Vec<_> =
            self.state.directory.venues.iter().map(|(id, row)| (id, row.ack_timeout_ns)).collect();
        for (venue, timeout_ns) in venues {
            let until = Ts::from_nanos(self.state.now.nanos().saturating_sub(timeout_ns));
            for child_id in self.state.orders.unanswered_since(venue, until) {
                self.emit(ChildInDoubt { child_id, ended: false, told_qty: None });
            }
        }
    }
    fn is_canceling(&self, order_id: OrderId) -> bool {
        self.state.orders.order(order_id).cancel.is_some()
    }
    fn end_limit_changes(&mut self) {
        for (_, set, limit, value) in self.state.control.ended_changes(self.state.now) {
            let mut sets = self.state.directory.limit_names();
            let Some(limits) = sets.find(|(_, id)| *id == set).map(|(name, _)| name) else {
                continue;
            };
            drop(sets);
            let present = self.state.directory.bound(set, limit).map(|bound| bound.limit);
            self.emit(LimitChanged {
                limits,
                limit,
                old_value: present.unwrap_or(value).on_wire(limit),
                value: value.on_wire(limit),
                expire_ts: None,
                operator: None,
                nonce: None,
                second_operator: None,
            });
        }
    }
    /// Halts every node of the account tree whose loss passed its limit (rule 23).
    fn stop_losses(&mut self) {
        for id in self.state.usage.due().to_vec() {
            let result = self.state.usage.at(id).exposure.result();
            let loss = if result < Money::ZERO { -result } else { Money::ZERO };
            let window_ns = self.state.window_of(id, LimitKey::LossWindow);
            let recent = self.state.usage.recent_loss(id, self.state.now, window_ns);
            for (key, reason, value) in [
                (LimitKey::Loss, Reason::Loss, loss),
                (LimitKey::LossRate, Reason::LossRate, recent),
            ] {
                let set = self.state.directory.accounts.at(id).limits;
                let bound = self.state.directory.bound(set, key);
                if bound.is_some_and(|bound| bound.level(value.nanos()) == Level::Block) {
                    self.latch(ScopeRef::account(id), reason);
                }
            }
        }
    }
    pub(super) fn venue_session(&mut self, session: &VenueSession) {
        let Some(venue) = self.state.directory.venues.find(&session.venue) else {
            let denial = Denial::new(Reason::UnknownVenue, ScopeKind::Venue, session.venue);
            return self.deny(Subject::Fact, &denial, About::default());
        };
        self.take_fact();
        if session.connected {
            return;
        }
        let orders = &self.state.orders;
        let there = |id: &ChildId| {
            let child = orders.child(*id);
            let sure = !matches!(child.stage, Stage::InDoubt | Stage::Unseen);
            child.venue == venue && (sure || child.cancel.is_some())
        };
        let open: Vec<_> = orders.open_children().filter(there).collect();
        for child_id in open {
            let ended = self.state.orders.child(child_id).stage == Stage::Unseen;
            self.emit(ChildInDoubt { child_id, ended, told_qty: None });
        }
    }
    pub(super) fn client_session(&mut self, session: &ClientSession) {
        let Some(id) = self.state.directory.sessions.find(&session.session) else {
            let denial = Denial::new(Reason::UnknownSession, ScopeKind::Session, session.session);
            return self.deny(Subject::Fact, &denial, About::default());
        };
        self.take_fact();
        let cancels = self.state.directory.sessions.at(id).cancel_on_disconnect;
        if session.connected || !cancels {
            return;
        }
        let orders = &self.state.orders;
        let mine = |order_id: &OrderId| orders.order(*order_id).session == id;
        let open: Vec<_> = orders.open_orders().filter(mine).collect();
        for order_id in open {
            if !self.is_canceling(order_id) {
                self.cancel_parent(order_id, None, CancelCause::Disconnect);
            }
        }
    }
    /// Ends the day: parents without open children are done, the others are being canceled.
    pub(super) fn day_close(&mut self) {
        let open: Vec<_> = self.state.orders.open_orders().collect();
        for order_id in open {
            if self.state.orders.order(order_id).open_child_count == 0 {
                self.emit(OrderClosed { order_id, how: Close::DoneForDay });
            } else if !self.is_canceling(order_id) {
                self.cancel_parent(order_id, None, CancelCause::DayEnd);
            }
        }
        self.take_fact();
    }
}
