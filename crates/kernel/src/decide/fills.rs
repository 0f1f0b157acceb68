//! Fills, their cancels and corrections: booked always, once, and never beyond what was ordered.

use super::Step;
use crate::event::{
    Asked, Close, FillBooked, FillBusted, FillCorrected, Ignored, OrderRequestRefused, ReversalHeld,
};
use crate::input::VenueReport;
use crate::reason::Reason;
use crate::state::control::ScopeRef;
use crate::state::order::{CancelAsked, ReplaceAsked};
use crate::state::position::{FillState, REVERSALS_MAX};
use crate::types::{
    ChildId, FillId, InstrumentId, OrderId, PositionState, Price, Qty, Side, VenueId, WireId,
};

impl Step<'_> {
    /// Books a fill: on its order as far as it was ordered, the rest on the error account.
    pub(super) fn trade(&mut self, report: &VenueReport, venue: VenueId, child: Option<ChildId>) {
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
        let grows = qty > child.leaves_qty() && child.most_qty() > child.qty;
        if child.is_open() && grows {
            self.complete_replace(child_id);
        }
        let child = self.state.orders.child(child_id).clone();
        let open = child.is_open();
        let booked = qty.min(self.state.orders.room(child_id));
        if !booked.is_zero() {
            let event = FillBooked {
                child_id: Some(child_id),
                order_id: Some(child.order_id),
                account: self.state.directory.named_account(child.account),
                late: !open,
                ..self.fill_event(report, venue, (child.symbol, child.side), (booked, px))
            };
            let order = self.state.orders.order(child.order_id);
            let (cancel, replace) = (order.cancel.get(), order.replace.get());
            self.emit(event);
            self.answer_overtaken(child.order_id, cancel, replace);
        }
        let excess = qty - booked;
        if !excess.is_zero() {
            self.book_error(report, venue, (child.symbol, child.side), (excess, px));
            self.latch_over_fill(child_id);
        }
        self.settle_if_done(child_id);
        if grows {
            self.cancel_renamed(child_id);
        }
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
    pub(super) fn latch_over_fill(&mut self, child_id: ChildId) {
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
    pub(super) fn reverse(
        &mut self,
        report: &VenueReport,
        venue: VenueId,
        corrected: Option<(Qty, Price)>,
    ) {
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
                let orders = &self.state.orders;
                let room = fill.child_id.map_or(qty, |child_id| fill.qty + orders.room(child_id));
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
}
