//! What venues say: every fill is booked, a report counts once, silence is never an answer.

use super::{About, Step};
use crate::clearance::parse_wire_id;
use crate::event::{
    Asked, ChildAcknowledged, ChildClosed, ChildInDoubt, ChildReplaced, ChildRequestRefused,
    ChildResolved, ChildRestated, ChildSuspended, Close, FillBooked, FillBusted, FillCorrected,
    Ignored, OrderClosed, OrderReplaced, OrderRequestRefused, OrderRestated, ReportIgnored,
    ReversalHeld, Subject,
};
use crate::input::{CancelReject, VenueReport};
use crate::reason::{Denial, Reason};
use crate::state::control::ScopeRef;
use crate::state::order::{CancelAsked, ReplaceAsked, Stage};
use crate::state::position::{FillState, REVERSALS_MAX};
use crate::types::{
    ChildId, ExecType, FillId, InstrumentId, OrdStatus, OrderId, PositionState, Price, Qty,
    ScopeKind, Side, VenueId, WireId,
};

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
    fn ignore(&mut self, report: &VenueReport, id: VenueId, why: Ignored, child: Option<ChildId>) {
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
            let unseen = report.cum_qty.is_some_and(|told| told > child.cum_qty);
            let why = if unseen { Ignored::FillMissing } else { Ignored::Closed };
            return self.ignore(report, venue, why, Some(child_id));
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
    /// Takes a child out of doubt; returns whether it was in doubt.
    fn resolve(&mut self, child_id: ChildId) -> bool {
        let doubted = self.state.orders.child(child_id).stage == Stage::InDoubt;
        if doubted {
            self.emit(ChildResolved { child_id });
            let order_id = self.state.orders.child(child_id).order_id;
            if let Some(asked) = self.state.orders.order(order_id).cancel {
                self.request_cancel(child_id, asked.cause);
            }
        }
        doubted
    }
    /// Ends a child; units that the venue calls filled and we have not seen stay in doubt.
    fn end_child(&mut self, report: &VenueReport, child_id: ChildId, how: Close) {
        let child = self.state.orders.child(child_id);
        if child.stage == Stage::Unseen && report.cum_qty.is_none() {
            let venue = child.venue;
            return self.ignore(report, venue, Ignored::NoChange, Some(child_id));
        }
        let theirs = report.cum_qty.unwrap_or(Qty::ZERO);
        if theirs > child.qty && !child.added_qty().is_zero() {
            self.complete_replace(child_id);
        }
        let child = self.state.orders.child(child_id);
        if theirs > child.cum_qty && child.is_open() {
            return self.end_with_unseen(child_id, theirs);
        }
        let (order_id, returned_qty) = (child.order_id, child.leaves_qty() + child.added_qty());
        self.emit(ChildClosed { child_id, how, returned_qty, text: report.text });
        self.settle(order_id, how);
    }
    /// Keeps what the venue calls filled in doubt until its fills come; frees the rest.
    fn end_with_unseen(&mut self, child_id: ChildId, theirs: Qty) {
        let child = self.state.orders.child(child_id);
        let (qty, stage) = (child.qty, child.stage);
        if theirs < qty {
            self.emit(ChildRestated { child_id, qty: theirs });
        }
        if stage != Stage::Unseen {
            self.emit(ChildInDoubt { child_id, ended: true, told_qty: Some(theirs) });
        }
        if theirs > qty {
            self.latch_over_fill(child_id);
        }
    }
    /// Ends a parent whose last child ended, where nothing else will work it.
    fn settle(&mut self, order_id: OrderId, how: Close) {
        let order = self.state.orders.order(order_id);
        let ended_by_venue = matches!(how, Close::Rejected | Close::Expired | Close::DoneForDay);
        let asked = order.closed.is_none() && order.cancel.is_some_and(|c| c.cl_ord_id.is_some());
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
        match self.state.orders.child(child_id).replace {
            Some(replace) if Some(replace.version) == version => self.complete_replace(child_id),
            Some(_) | None => self.ignore(report, venue, Ignored::NoChange, Some(child_id)),
        }
    }
    fn complete_replace(&mut self, child_id: ChildId) {
        self.resolve(child_id);
        self.emit(ChildReplaced { child_id });
        let order_id = self.state.orders.child(child_id).order_id;
        let order = self.state.orders.order(order_id);
        if let Some(asked) = order.replace {
            let (order_qty, price) = (asked.new_qty, asked.price);
            self.emit(OrderReplaced { order_id, order_qty, price });
        }
        self.settle_if_done(child_id);
    }
    fn settle_if_done(&mut self, child_id: ChildId) {
        let child = self.state.orders.child(child_id);
        let (open, order_id) = (child.is_open(), child.order_id);
        if !open {
            self.settle(order_id, Close::Canceled);
        }
    }
    fn restated(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        self.resolve(child_id);
        let child = self.state.orders.child(child_id);
        match report.order_qty.map(|qty| qty.max(child.cum_qty)) {
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
            Some(OrdStatus::Filled) => {
                let child = self.state.orders.child(child_id);
                let told = report.cum_qty.filter(|told| *told > child.cum_qty);
                let told = told.unwrap_or(child.qty);
                self.ignore(report, venue, Ignored::FillMissing, Some(child_id));
                self.end_with_unseen(child_id, told);
            }
            Some(OrdStatus::Suspended) => {
                self.resolve(child_id);
                self.suspend(report, venue, child_id);
            }
            Some(
                OrdStatus::New
                | OrdStatus::PartiallyFilled
                | OrdStatus::PendingCancel
                | OrdStatus::PendingReplace,
            ) => {
                let ours = self.state.orders.child(child_id).cum_qty;
                if report.cum_qty.is_some_and(|theirs| theirs > ours) {
                    self.missing_fill(report, venue, child_id);
                } else {
                    self.acknowledge(report, venue, child_id);
                }
            }
            Some(OrdStatus::PendingNew | OrdStatus::InDoubt) | None => {
                self.ignore(report, venue, Ignored::NoChange, Some(child_id));
            }
        }
    }
    fn missing_fill(&mut self, report: &VenueReport, venue: VenueId, child_id: ChildId) {
        let child = self.state.orders.child(child_id);
        let told_qty = report.cum_qty.filter(|told| *told > child.told_qty);
        if child.stage != Stage::Unseen && (child.stage != Stage::InDoubt || told_qty.is_some()) {
            self.emit(ChildInDoubt { child_id, ended: false, told_qty });
        }
        self.ignore(report, venue, Ignored::FillMissing, Some(child_id));
    }

    /// Books a fill: on its order as far as it was ordered, the rest on the error account.
    fn trade(&mut self, report: &VenueReport, venue: VenueId, child: Option<ChildId>) {
        let terms = report.last_qty.filter(|qty| !qty.is_zero()).zip(report.last_px);
        let Some((qty, px)) = terms else {
            return self.ignore(report, venue, Ignored::Incomplete, child);
        };
        let first = self.state.positions.next_fill_id();
        match child {
            Some(child_id) => self.fill_child(report, venue, child_id, (qty, px)),
            None => self.orphan(report, venue, (qty, px)),
        }
        if self.state.positions.next_fill_id() > first {
            self.apply_held(first, venue, report.exec_id);
        }
    }
    fn fill_child(
        &mut self,
        report: &VenueReport,
        venue: VenueId,
        child_id: ChildId,
        (qty, px): (Qty, Price),
    ) {
        let child = self.state.orders.child(child_id);
        if child.cum_qty + qty >= child.told_qty {
            self.resolve(child_id);
        }
        let child = self.state.orders.child(child_id);
        let grows = qty > child.leaves_qty() && !child.added_qty().is_zero();
        if child.is_open() && grows {
            self.complete_replace(child_id);
        }
        let child = self.state.orders.child(child_id).clone();
        let open = child.is_open();
        let room = if open { child.leaves_qty() } else { self.state.orders.late_room(child_id) };
        let booked = qty.min(room);
        if !booked.is_zero() {
            let event = FillBooked {
                child_id: Some(child_id),
                order_id: Some(child.order_id),
                account: self.state.directory.named_account(child.account),
                late: !open,
                ..self.fill_event(report, venue, (child.symbol, child.side), (booked, px))
            };
            let order = self.state.orders.order(child.order_id);
            let (cancel, replace) = (order.cancel, order.replace);
            self.emit(event);
            self.answer_overtaken(child.order_id, cancel, replace);
        }
        let excess = qty - booked;
        if !excess.is_zero() {
            self.book_error(report, venue, (child.symbol, child.side), (excess, px));
            self.latch_over_fill(child_id);
        }
        self.settle_if_done(child_id);
    }
    /// Refuses requests of the client that the last fill overtook (FIX 102=0).
    fn answer_overtaken(
        &mut self,
        order_id: OrderId,
        cancel: Option<CancelAsked>,
        replace: Option<ReplaceAsked>,
    ) {
        if self.state.orders.order(order_id).closed != Some(Close::Filled) {
            return;
        }
        let replace = replace.map(|asked| (Asked::Replace, Some(asked.cl_ord_id)));
        let cancel = cancel.map(|asked| (Asked::Cancel, asked.cl_ord_id));
        for (request, cl_ord_id) in replace.into_iter().chain(cancel) {
            self.emit(OrderRequestRefused { order_id, request, cl_ord_id, text: None });
        }
    }
    /// Halts what caused more to be filled than was ordered, and this node (R5).
    fn latch_over_fill(&mut self, child_id: ChildId) {
        let child = self.state.orders.child(child_id);
        let direct = self.state.orders.order(child.order_id).direct;
        let cause = if direct {
            ScopeRef::account(child.account)
        } else {
            ScopeRef::strategy(child.strategy)
        };
        self.latch(cause, Reason::OverFill);
        self.latch(ScopeRef::node(), Reason::OverFill);
    }
    fn orphan(&mut self, report: &VenueReport, venue: VenueId, terms: (Qty, Price)) {
        let symbol = report.symbol.and_then(|name| self.state.directory.instruments.find(&name));
        match symbol.zip(report.side) {
            Some(what) => self.book_error(report, venue, what, terms),
            None => self.ignore(report, venue, Ignored::Incomplete, None),
        }
        self.latch(ScopeRef::venue(venue), Reason::Orphan);
    }
    fn book_error(
        &mut self,
        report: &VenueReport,
        venue: VenueId,
        what: (InstrumentId, Side),
        terms: (Qty, Price),
    ) {
        let Some(account) = self.state.directory.error_account() else {
            return self.ignore(report, venue, Ignored::Incomplete, None);
        };
        let event = FillBooked {
            account: self.state.directory.named_account(account),
            ..self.fill_event(report, venue, what, terms)
        };
        self.emit(event);
    }
    fn fill_event(
        &self,
        report: &VenueReport,
        venue: VenueId,
        (symbol, side): (InstrumentId, Side),
        (last_qty, last_px): (Qty, Price),
    ) -> FillBooked {
        let directory = &self.state.directory;
        let unsure = directory.venues.at(venue).provisional;
        FillBooked {
            fill_id: self.state.positions.next_fill_id(),
            venue: directory.named_venue(venue),
            exec_id: report.exec_id,
            child_id: None,
            order_id: None,
            account: directory.named_account(crate::types::AccountId::new(0)),
            symbol: directory.named_instrument(symbol),
            side,
            last_qty,
            last_px,
            position_state: if unsure {
                PositionState::Provisional
            } else {
                PositionState::Confirmed
            },
            late: false,
        }
    }

    /// Takes a cancel or correction of a fill; one that comes first waits for its fill.
    fn reverse(&mut self, report: &VenueReport, venue: VenueId, corrected: Option<(Qty, Price)>) {
        let Some(exec_ref_id) = report.exec_ref_id else {
            return self.ignore(report, venue, Ignored::Incomplete, None);
        };
        let positions = &self.state.positions;
        let waits = positions.reversals_of(venue, exec_ref_id).len();
        match positions.fill_by_exec_id(venue, exec_ref_id) {
            None if waits >= REVERSALS_MAX => {
                self.ignore(report, venue, Ignored::Incomplete, None);
            }
            Some(id) if positions.fill(id).state == FillState::Busted => {
                let child = positions.fill(id).child_id;
                self.ignore(report, venue, Ignored::Busted, child);
            }
            Some(id) => self.apply_reversal(id, report.exec_id, corrected),
            None => {
                let event = ReversalHeld {
                    venue: self.state.directory.named_venue(venue),
                    exec_id: report.exec_id,
                    exec_ref_id,
                    last_qty: corrected.map(|(qty, _)| qty),
                    last_px: corrected.map(|(_, px)| px),
                };
                self.emit(event);
            }
        }
    }
    /// Applies what waited for a fill, in the order in which it came, until it is canceled.
    fn apply_held(&mut self, id: FillId, venue: VenueId, exec_id: WireId) {
        for held in self.state.positions.reversals_of(venue, exec_id).to_vec() {
            if self.state.positions.fill(id).state != FillState::Busted {
                self.apply_reversal(id, held.exec_id, held.corrected);
            }
        }
    }
    fn apply_reversal(&mut self, id: FillId, exec_id: WireId, corrected: Option<(Qty, Price)>) {
        let fill = self.state.positions.fill(id).clone();
        match corrected {
            None => self.emit(FillBusted { fill_id: id, exec_id }),
            Some((qty, px)) => {
                let room = fill.child_id.map_or(qty, |child_id| {
                    let child = self.state.orders.child(child_id);
                    let late = self.state.orders.late_room(child_id);
                    fill.qty + if child.is_open() { child.leaves_qty() } else { late }
                });
                let last_qty = qty.min(room);
                self.emit(FillCorrected { fill_id: id, exec_id, last_qty, last_px: px });
                self.correct_excess(id, qty - last_qty, px);
            }
        }
        let counts = |id: &FillId| self.state.positions.fill(*id).state != FillState::Busted;
        if let Some(excess) = fill.excess.filter(counts) {
            self.emit(FillBusted { fill_id: excess, exec_id });
        }
        if let Some(child_id) = fill.child_id {
            self.settle_if_done(child_id);
        }
        self.apply_held(id, fill.venue, exec_id);
        self.report_flat();
    }
    /// Books what a correction adds beyond the order, and halts its cause.
    fn correct_excess(&mut self, id: FillId, excess: Qty, px: Price) {
        let fill = self.state.positions.fill(id).clone();
        let directory = &self.state.directory;
        let (false, Some(account)) = (excess.is_zero(), directory.error_account()) else {
            return;
        };
        let event = FillBooked {
            fill_id: self.state.positions.next_fill_id(),
            venue: directory.named_venue(fill.venue),
            exec_id: fill.exec_id,
            child_id: None,
            order_id: None,
            account: directory.named_account(account),
            symbol: directory.named_instrument(fill.symbol),
            side: fill.side,
            last_qty: excess,
            last_px: px,
            position_state: if directory.venues.at(fill.venue).provisional {
                PositionState::Provisional
            } else {
                PositionState::Confirmed
            },
            late: false,
        };
        self.emit(event);
        if let Some(child_id) = fill.child_id {
            self.latch_over_fill(child_id);
        }
    }

    pub(super) fn cancel_reject(&mut self, reject: &CancelReject) {
        let asked = parse_wire_id(self.state, reject.cl_ord_id).and_then(|(child_id, version)| {
            let child = self.state.orders.child(child_id);
            let venue = self.state.directory.venues.find(&reject.venue);
            if venue != Some(child.venue) {
                return None;
            }
            if child.cancel == Some(version) {
                return Some((child_id, Asked::Cancel));
            }
            let replace = child.replace.filter(|replace| replace.version == version);
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
            Asked::Cancel => order.cancel.map(|asked| asked.cl_ord_id),
            Asked::Replace => order.replace.map(|asked| Some(asked.cl_ord_id)),
        };
        if let Some(cl_ord_id) = asked.filter(|_| order.direct && order.closed.is_none()) {
            self.emit(OrderRequestRefused { order_id, request, cl_ord_id, text: reject.text });
        }
        self.settle_if_done(child_id);
        self.report_flat();
    }
}
