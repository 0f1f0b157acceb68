//! What venues say: every fill is booked, a report counts once, silence is never an answer.

use super::{About, Step};
use crate::clearance::parse_wire_id;
use crate::event::{
    Asked, CancelCause, ChildAcknowledged, ChildClosed, ChildInDoubt, ChildReplaced,
    ChildRequestRefused, ChildResolved, ChildRestated, ChildSuspended, Close, Ignored, OrderClosed,
    OrderReplaced, OrderRequestRefused, OrderRestated, ReportIgnored, Subject,
};
use crate::input::{CancelReject, VenueReport};
use crate::reason::{Denial, Reason};
use crate::state::control::ScopeRef;
use crate::state::order::Stage;
use crate::types::{ChildId, ExecType, OrdStatus, OrderId, Qty, ScopeKind, VenueId};

impl Step<'_> {
    pub(super) fn venue_report(&mut self, report: &VenueReport) {
        let Some(venue) = self.state.directory.venues.find(&report.venue) else {
            let denial = Denial::new(Reason::UnknownVenue, ScopeKind::Venue, report.venue);
            return self.deny(Subject::Fact, &denial, About::default());
        };
        let named = parse_wire_id(self.state, report.cl_ord_id);
        let child = named.map(|(id, _)| id);
        let child = child.filter(|id| self.state.orders.child(*id).venue == venue);
        if self.state.is_taken(report, venue) {
            self.ignore(report, venue, Ignored::SeenBefore, child);
            return;
        }
        match (report.exec_type, child) {
            (ExecType::Trade, _) => self.trade(report, venue, child),
            (ExecType::TradeCancel, _) => self.reverse(report, venue, None),
            (ExecType::TradeCorrect, _) => match report.last_qty.zip(report.last_px) {
                None => self.ignore(report, venue, Ignored::Incomplete, child),
                Some((qty, _)) if qty.is_zero() => self.reverse(report, venue, None),
                corrected => self.reverse(report, venue, corrected),
            },
            (_, None) => {
                self.ignore(report, venue, Ignored::Incomplete, None);
                self.latch(ScopeRef::venue(venue), Reason::Orphan);
            }
            (exec_type, Some(child_id)) => self.order_report(report, venue, child_id, exec_type),
        }
        self.report_flat();
    }
    pub(super) fn ignore(
        &mut self,
        report: &VenueReport,
        id: VenueId,
        why: Ignored,
        child: Option<ChildId>,
    ) {
        let venue = self.state.directory.named_venue(id);
        self.emit(ReportIgnored { venue, exec_id: report.exec_id, why, child_id: child });
    }

    /// Applies a report that is not about a fill.
    fn order_report(
        &mut self,
        report: &VenueReport,
        venue: VenueId,
        child_id: ChildId,
        exec_type: ExecType,
    ) {
        let child = self.state.orders.child(child_id);
        if !child.is_open() {
            return self.ended_report(report, venue, child_id);
        }
        match exec_type {
            ExecType::Canceled => self.end_child(report, child_id, Close::Canceled),
            ExecType::Rejected => self.end_child(report, child_id, Close::Rejected),
            ExecType::Expired => self.end_child(report, child_id, Close::Expired),
            ExecType::DoneForDay => self.end_child(report, child_id, Close::DoneForDay),
            ExecType::Replaced => self.replaced(report, venue, child_id),
            ExecType::Restated => self.restated(report, venue, child_id),
            ExecType::Suspended => {
                self.resolve(child_id);
                self.suspend(report, venue, child_id);
            }
            ExecType::OrderStatus => self.status_answer(report, venue, child_id),
            ExecType::New | ExecType::PendingNew => self.acknowledge(report, venue, child_id),
            ExecType::PendingCancel | ExecType::PendingReplace => {
                if !self.resolve(child_id) {
                    self.ignore(report, venue, Ignored::NoChange, Some(child_id));
                }
            }
            ExecType::Trade | ExecType::TradeCancel | ExecType::TradeCorrect => {
                self.ignore(report, venue, Ignored::NoChange, Some(child_id));
            }
        }
    }
    /// Takes a word about a child that ended: what it names as filled and we have not seen is in
    /// doubt again, unless it was sent again or its parent ended.
    fn ended_report(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        let ours = self.state.orders.child(child_id).cum_qty;
        let Some(told) = report.cum_qty.filter(|told| *told > ours) else {
            return self.ignore(report, venue, Ignored::Closed, Some(child_id));
        };
        self.await_unseen(child_id, told);
        self.ignore(report, venue, Ignored::FillMissing, Some(child_id));
    }
    fn acknowledge(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        match self.state.orders.child(child_id).stage {
            Stage::Sent => self.emit(ChildAcknowledged { child_id }),
            Stage::InDoubt => {
                self.resolve(child_id);
            }
            Stage::Suspended => self.emit(ChildSuspended { child_id, suspended: false }),
            Stage::Live | Stage::Unseen | Stage::Closed(_) => {
                self.ignore(report, venue, Ignored::NoChange, Some(child_id));
            }
        }
    }
    fn suspend(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        if self.state.orders.child(child_id).stage == Stage::Unseen {
            return self.ignore(report, venue, Ignored::NoChange, Some(child_id));
        }
        self.emit(ChildSuspended { child_id, suspended: true });
    }
    /// Takes a child out of doubt, and asks again for a cancel that may have been lost; returns
    /// whether it was in doubt.
    pub(super) fn resolve(&mut self, child_id: ChildId) -> bool {
        let doubted = self.leave_doubt(child_id);
        if doubted {
            let order_id = self.state.orders.child(child_id).order_id;
            if let Some(asked) = self.state.orders.order(order_id).cancel.get() {
                self.request_cancel_again(child_id, asked.cause);
            }
        }
        doubted
    }
    fn leave_doubt(&mut self, child_id: ChildId) -> bool {
        let doubted = self.state.orders.child(child_id).stage == Stage::InDoubt;
        if doubted {
            self.emit(ChildResolved { child_id });
        }
        doubted
    }
    /// Asks for a cancel again under the identifier that a change has put in force: the venue
    /// refuses one that names the identifier before, and it would be lost.
    pub(super) fn cancel_renamed(&mut self, child_id: ChildId) {
        let child = self.state.orders.child(child_id);
        let asked = self.state.orders.order(child.order_id).cancel.get();
        match (asked, child.cancel) {
            (Some(asked), _) => self.request_cancel_again(child_id, asked.cause),
            (None, Some(_)) => self.request_cancel_again(child_id, CancelCause::Strategy),
            (None, None) => {}
        }
    }
    /// Ends a child; units that the venue calls filled and we have not seen stay in doubt.
    fn end_child(&mut self, report: &VenueReport, child_id: ChildId, how: Close) {
        let child = self.state.orders.child(child_id);
        if child.stage == Stage::Unseen && report.cum_qty.is_none() {
            let venue = child.venue;
            return self.ignore(report, venue, Ignored::NoChange, Some(child_id));
        }
        let theirs = report.cum_qty.unwrap_or(child.told_qty);
        self.end_told(report, child_id, how, theirs);
    }
    /// Ends a child of which the venue filled `theirs`; more than its terms allow says that it
    /// granted the larger ones that were asked for.
    fn end_told(&mut self, report: &VenueReport, child_id: ChildId, how: Close, theirs: Qty) {
        let child = self.state.orders.child(child_id);
        if theirs > child.qty && child.most_qty() > child.qty {
            self.complete_replace(child_id);
        }
        let child = self.state.orders.child(child_id);
        if theirs > child.cum_qty && child.is_open() {
            return self.end_with_unseen(report, child_id, theirs);
        }
        let (order_id, returned_qty) = (child.order_id, child.leaves_qty() + child.added_qty());
        self.emit(ChildClosed { child_id, how, returned_qty, text: report.text });
        self.settle(order_id, how);
    }
    /// Keeps what the venue calls filled in doubt until its fills come; frees the rest.
    fn end_with_unseen(&mut self, report: &VenueReport, child_id: ChildId, theirs: Qty) {
        let child = self.state.orders.child(child_id);
        let (qty, venue) = (child.qty, child.venue);
        self.await_unseen(child_id, theirs);
        self.ignore(report, venue, Ignored::FillMissing, Some(child_id));
        if theirs > qty {
            self.latch_over_fill(child_id);
        }
        self.settle_if_done(child_id);
    }
    /// Puts in doubt what of a child that is over may have filled, where that is news.
    fn await_unseen(&mut self, child_id: ChildId, told: Qty) {
        let child = self.state.orders.child(child_id);
        let over = matches!(child.stage, Stage::Unseen | Stage::Closed(_));
        if !over || self.state.orders.unseen_qty(child_id, told) != child.leaves_qty() {
            self.emit(ChildInDoubt { child_id, ended: true, told_qty: Some(told) });
        }
    }
    /// Ends a parent whose last child ended, where nothing else will work it.
    fn settle(&mut self, order_id: OrderId, how: Close) {
        let order = self.state.orders.order(order_id);
        let ended_by_venue = matches!(how, Close::Rejected | Close::Expired | Close::DoneForDay);
        let asked =
            order.closed.is_none() && order.cancel.get().is_some_and(|c| c.cl_ord_id.is_some());
        if order.direct && order.open_child_count == 0 && ended_by_venue && asked {
            self.refuse_cancel(order_id);
        }
        self.finish(order_id);
        let order = self.state.orders.order(order_id);
        if order.closed.is_some() || order.open_child_count > 0 || !order.direct {
            return;
        }
        self.refuse_replace(order_id);
        let order = self.state.orders.order(order_id);
        let filled = order.cum_qty() >= order.order_qty;
        self.emit(OrderClosed { order_id, how: if filled { Close::Filled } else { how } });
    }
    fn replaced(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        let version = parse_wire_id(self.state, report.cl_ord_id).map(|(_, version)| version);
        match self.state.orders.child(child_id).replace.get() {
            Some(replace) if Some(replace.version) == version => {
                self.leave_doubt(child_id);
                self.complete_replace(child_id);
                self.cancel_renamed(child_id);
            }
            Some(_) | None => self.ignore(report, venue, Ignored::NoChange, Some(child_id)),
        }
    }
    pub(super) fn complete_replace(&mut self, child_id: ChildId) {
        self.emit(ChildReplaced { child_id });
        let order_id = self.state.orders.child(child_id).order_id;
        let order = self.state.orders.order(order_id);
        if let Some(asked) = order.replace.get() {
            let (order_qty, price) = (asked.new_qty, asked.price);
            self.emit(OrderReplaced { order_id, order_qty, price });
        }
        self.settle_if_done(child_id);
    }
    pub(super) fn settle_if_done(&mut self, child_id: ChildId) {
        let child = self.state.orders.child(child_id);
        let (open, order_id) = (child.is_open(), child.order_id);
        if !open {
            self.settle(order_id, Close::Canceled);
        }
    }
    fn restated(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        if self.state.orders.child(child_id).stage == Stage::Unseen {
            return self.ignore(report, venue, Ignored::NoChange, Some(child_id));
        }
        self.resolve(child_id);
        let child = self.state.orders.child(child_id);
        match report.order_qty.map(|qty| qty.max(child.cum_qty).max(child.told_qty)) {
            Some(qty) if qty < child.qty => {
                let (lost, order_id) = (child.qty - qty, child.order_id);
                self.emit(ChildRestated { child_id, qty });
                let order = self.state.orders.order(order_id);
                if order.direct && order.closed.is_none() && order.replace.is_none() {
                    let order_qty = order.order_qty - lost;
                    self.emit(OrderRestated { order_id, order_qty });
                }
                self.settle_if_done(child_id);
            }
            Some(_) => self.ignore(report, venue, Ignored::NoChange, Some(child_id)),
            None => self.ignore(report, venue, Ignored::Incomplete, Some(child_id)),
        }
    }
    fn status_answer(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        match report.ord_status {
            Some(OrdStatus::Canceled) => self.end_child(report, child_id, Close::Canceled),
            Some(OrdStatus::Rejected) => self.end_child(report, child_id, Close::Rejected),
            Some(OrdStatus::Expired) => self.end_child(report, child_id, Close::Expired),
            Some(OrdStatus::DoneForDay) => self.end_child(report, child_id, Close::DoneForDay),
            Some(OrdStatus::Filled) => self.end_filled(report, venue, child_id),
            Some(OrdStatus::Suspended) => {
                self.resolve(child_id);
                self.suspend(report, venue, child_id);
            }
            Some(
                OrdStatus::New
                | OrdStatus::PartiallyFilled
                | OrdStatus::PendingCancel
                | OrdStatus::PendingReplace,
            ) => self.open_answer(report, venue, child_id),
            Some(OrdStatus::PendingNew | OrdStatus::InDoubt) | None => {
                self.ignore(report, venue, Ignored::NoChange, Some(child_id));
            }
        }
    }
    /// Takes the word that a child can still fill, and how much of it is filled.
    fn open_answer(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        let ours = self.state.orders.child(child_id).cum_qty;
        if report.cum_qty.is_some_and(|theirs| theirs > ours) {
            self.missing_fill(report, venue, child_id);
        } else {
            self.acknowledge(report, venue, child_id);
        }
    }
    /// Takes the word that a child is filled: all of it, even where the venue counts less. Only
    /// of one that is known to be over a count alone says how much is missing.
    fn end_filled(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        let child = self.state.orders.child(child_id);
        let (qty, most) = (child.qty, child.most_qty());
        // A filled order may still be granted more (FIX order state matrices, C.1.c).
        if most > qty && report.cum_qty.is_some_and(|theirs| theirs <= qty) {
            return self.open_answer(report, venue, child_id);
        }
        let theirs = match child.stage {
            Stage::Unseen => report.cum_qty.unwrap_or(child.told_qty),
            Stage::Sent | Stage::Live | Stage::Suspended | Stage::InDoubt | Stage::Closed(_) => {
                report.cum_qty.unwrap_or(most).max(most)
            }
        };
        self.end_told(report, child_id, Close::Filled, theirs);
    }
    fn missing_fill(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        let child = self.state.orders.child(child_id);
        let told_qty = report.cum_qty.filter(|told| *told > child.told_qty);
        if child.stage != Stage::Unseen {
            if child.stage != Stage::InDoubt || told_qty.is_some() {
                self.emit(ChildInDoubt { child_id, ended: false, told_qty });
            }
        } else if let Some(told) = told_qty {
            self.await_unseen(child_id, told);
        }
        self.ignore(report, venue, Ignored::FillMissing, Some(child_id));
    }

    pub(super) fn cancel_reject(&mut self, reject: &CancelReject) {
        let venue = self.state.directory.venues.find(&reject.venue);
        let named = parse_wire_id(self.state, reject.cl_ord_id);
        let named = named.filter(|(id, _)| venue == Some(self.state.orders.child(*id).venue));
        if named.is_some_and(|(id, version)| self.is_overtaken(id, version)) {
            return;
        }
        let asked = named.and_then(|(child_id, version)| {
            let child = self.state.orders.child(child_id);
            if child.cancel == Some(version) {
                return Some((child_id, Asked::Cancel));
            }
            let replace = child.replace.get().filter(|replace| replace.version == version);
            replace.map(|_| (child_id, Asked::Replace))
        });
        let Some((child_id, request)) = asked else {
            let denial = Denial::new(Reason::UnknownOrder, ScopeKind::Venue, reject.venue);
            return self.deny(Subject::Fact, &denial, About::default());
        };
        self.emit(ChildRequestRefused { child_id, request, text: reject.text });
        let order_id = self.state.orders.child(child_id).order_id;
        let order = self.state.orders.order(order_id);
        let asked = match request {
            Asked::Cancel => order.cancel.get().map(|asked| asked.cl_ord_id),
            Asked::Replace => order.replace.get().map(|asked| Some(asked.cl_ord_id)),
        };
        if let Some(cl_ord_id) = asked.filter(|_| order.direct && order.closed.is_none()) {
            self.emit(OrderRequestRefused { order_id, request, cl_ord_id, text: reject.text });
        }
        self.settle_if_done(child_id);
        self.report_flat();
    }
    /// Returns whether a refused request is a cancel that was asked for again since.
    fn is_overtaken(&self, child_id: ChildId, version: u32) -> bool {
        let child = self.state.orders.child(child_id);
        let is_replace = child.replace.get().is_some_and(|replace| replace.version == version);
        let is_older = child.cancel.is_some_and(|newest| version < newest);
        is_older && version > child.live_version && !is_replace
    }
}
