//! What the books answered becomes reports, trades in the ledger and fees.

use ringfence_kernel::types::{ExecType, Note, Price, Qty, Side, WireId};

use super::command::Retail;
use super::event::{CancelReject, Event, Last, Liquidity, OrderReject, Report, Restated};
use super::ids::{InstrumentIndex, OrderNumber};
use super::ledger::Execution;
use super::liquidity::HOUSE_FIRST;
use super::order::{CloseCause, OrderState, restated};
use super::{Exchange, RetailLeg};
use crate::book::{
    Book, BookEvent, BookMode, BookOrderId, CancelReason, RejectReason, Request, Trade,
};

impl<B: Book> Exchange<B> {
    /// Tells what the books of an instrument answered, and looks at its band and timers.
    pub(super) fn settle(&mut self, at: InstrumentIndex, events: &mut Vec<Event>) {
        self.translate(at, RetailLeg::Book, events);
        self.elect_stops(at, events);
        self.watch(at, events);
        self.watch_interest(at, events);
        events.push(Event::BookChanged { instrument: at, ts: self.now });
    }
    /// Tells what the books answered, nothing else.
    pub(super) fn translate(
        &mut self,
        at: InstrumentIndex,
        leg: RetailLeg,
        events: &mut Vec<Event>,
    ) {
        let mut answers = core::mem::take(&mut self.book_events);
        for answer in answers.drain(..) {
            self.tell(at, leg, answer, events);
        }
        self.book_events = answers;
    }
    fn elect_stops(&mut self, at: InstrumentIndex, events: &mut Vec<Event>) {
        // Every call lets stops enter or finds none, so this ends with the last of them.
        loop {
            let Some(one) = self.instruments.get_mut(at.index()) else { return };
            if one.book.mode() != BookMode::Continuous {
                return;
            }
            let left = one.book.run_due(&mut self.book_events);
            self.translate(at, RetailLeg::Book, events);
            if left == 0 {
                return;
            }
        }
    }
    fn tell(
        &mut self,
        at: InstrumentIndex,
        leg: RetailLeg,
        answer: BookEvent,
        events: &mut Vec<Event>,
    ) {
        match answer {
            BookEvent::Accepted { id } => self.tell_accepted(id, events),
            BookEvent::Rejected { id, request, why } => {
                self.tell_rejected(id, request, why, events);
            }
            BookEvent::Trade(trade) => self.trade(at, trade, events),
            BookEvent::Triggered { id } => {
                self.tell_restated(id, Restated::Venue, "triggered", None, events);
            }
            BookEvent::Replaced { id, qty, px, leaves, .. } => {
                self.tell_replaced(id, qty, px, leaves, events);
            }
            BookEvent::Reduced { id, leaves } => self.tell_reduced(id, leaves, events),
            BookEvent::Repriced { id, px } => {
                self.tell_restated(id, Restated::Repriced, "moved to the band", Some(px), events);
            }
            BookEvent::Canceled { id, why, .. } => self.tell_canceled(id, leg, why, events),
            BookEvent::Rested { .. } | BookEvent::Held { .. } | BookEvent::Refreshed { .. } => {}
        }
    }
    fn tell_accepted(&mut self, id: BookOrderId, events: &mut Vec<Event>) {
        let Some(number) = client(id) else { return };
        let is_entering =
            self.orders.get(number).is_some_and(|order| order.state == OrderState::Entering);
        // The second leg of a retail order is no new order.
        if is_entering {
            self.orders.set_open(number);
            self.push_report(number, ExecType::New, events, |report| report);
        }
    }
    fn tell_rejected(
        &mut self,
        id: BookOrderId,
        request: Request,
        why: RejectReason,
        events: &mut Vec<Event>,
    ) {
        let Some(number) = client(id) else { return };
        match request {
            Request::New => {
                self.orders.set_closed(number, OrderState::Rejected);
                let reason = Some(reject_of(why));
                self.push_report(number, ExecType::Rejected, events, |report| Report {
                    reason,
                    ..report
                });
            }
            Request::Replace => {
                let Some(order) = self.orders.get_mut(number) else { return };
                let Some(asked) = order.replacing.take() else { return };
                let (port, ids) = (order.port, (asked, order.terms.cl_ord_id));
                self.reject_cancel(port, ids, true, CancelReject::Terms, events);
            }
            Request::Cancel | Request::Reduce => {}
        }
    }
    fn trade(&mut self, at: InstrumentIndex, trade: Trade, events: &mut Vec<Event>) {
        let mode = self.instruments.get(at.index()).map(|one| one.book.mode());
        let is_auction = matches!(mode, Some(BookMode::Auction(_)));
        let flag = |of: Liquidity| if is_auction { Liquidity::Auction } else { of };
        let taker = (trade.taker, trade.taker_leaves, flag(Liquidity::Removed));
        let maker = (trade.maker, trade.maker_leaves, flag(Liquidity::Added));
        let mut sides = [None, None];
        for (id, leaves, liquidity) in [taker, maker] {
            let Some(number) = client(id) else { continue };
            let filled = self.fill(number, trade.px, trade.qty, leaves, liquidity, events);
            if let Some(execution) = filled {
                let [buyer, seller] = &mut sides;
                *(if execution.side.is_buy() { buyer } else { seller }) = Some(execution);
            }
        }
        if sides == [None, None] {
            return;
        }
        self.ledger.add(at, trade.px, trade.qty, self.now, sides);
        self.print(at, trade.px, trade.qty, events);
    }
    /// Counts a trade for the reference price.
    pub(super) fn note_trade(&mut self, at: InstrumentIndex, px: Price) {
        if let (Some(rules), Some(one)) = (self.limit_rules(), self.instruments.get_mut(at.index()))
        {
            one.reference.note(px, self.now, &rules);
        }
    }
    /// Counts a print for the reference price and tells it.
    pub(super) fn print(
        &mut self,
        at: InstrumentIndex,
        px: Price,
        qty: Qty,
        events: &mut Vec<Event>,
    ) {
        self.note_trade(at, px);
        events.push(Event::Print { instrument: at, px, qty, ts: self.now });
    }
    /// Fills an order and tells it.
    pub(super) fn fill(
        &mut self,
        number: OrderNumber,
        px: Price,
        qty: Qty,
        leaves: Qty,
        liquidity: Liquidity,
        events: &mut Vec<Event>,
    ) -> Option<Execution> {
        let fee = self.fee_rate(liquidity).times(qty);
        let exec = self.next_exec();
        let order = self.orders.get_mut(number)?;
        order.cum_qty += qty;
        order.notional += px.times(qty, 1);
        order.leaves_qty = leaves;
        if leaves.is_zero() && order.is_open() {
            self.orders.set_closed(number, OrderState::Closed);
        }
        let order = self.orders.get(number)?;
        let last = Some(Last { px, qty, fee, liquidity });
        let report = order.report(ExecType::Trade, Some(exec), self.now);
        events.push(Event::Report(Box::new(Report { last, ..report })));
        let (port, side) = (order.port, order.terms.side);
        Some(Execution { exec, order: number, port, side, fee, liquidity })
    }
    /// Returns the fee per unit.
    pub(super) const fn fee_rate(&self, liquidity: Liquidity) -> ringfence_kernel::types::Money {
        match liquidity {
            Liquidity::Added => self.rules.fees.maker,
            Liquidity::Removed => self.rules.fees.taker,
            Liquidity::Auction => self.rules.fees.auction,
        }
    }
    fn tell_restated(
        &mut self,
        id: BookOrderId,
        why: Restated,
        text: &str,
        px: Option<Price>,
        events: &mut Vec<Event>,
    ) {
        let Some(number) = client(id) else { return };
        self.push_report(number, ExecType::Restated, events, |report| {
            let px = px.or(report.px);
            restated(Report { px, ..report }, why, text)
        });
    }
    fn tell_reduced(&mut self, id: BookOrderId, leaves: Qty, events: &mut Vec<Event>) {
        let Some(order) = client(id).and_then(|number| self.orders.get_mut(number)) else {
            return;
        };
        let gone = order.leaves_qty.saturating_sub(leaves);
        order.terms.qty = order.terms.qty.saturating_sub(gone);
        order.leaves_qty = leaves;
        self.tell_restated(id, Restated::PartialDecline, "quantity declined", None, events);
    }
    fn tell_replaced(
        &mut self,
        id: BookOrderId,
        qty: Qty,
        px: Option<Price>,
        leaves: Qty,
        events: &mut Vec<Event>,
    ) {
        let Some(order) = client(id).and_then(|number| self.orders.get_mut(number)) else {
            return;
        };
        let orig = order.terms.cl_ord_id;
        order.terms.cl_ord_id = order.replacing.take().unwrap_or(orig);
        order.terms.qty = qty.saturating_sub(order.voided_qty);
        order.terms.px = px;
        order.leaves_qty = leaves;
        let number = order.number;
        self.push_report(number, ExecType::Replaced, events, |report| Report {
            orig_cl_ord_id: Some(orig),
            ..report
        });
    }
    fn tell_canceled(
        &mut self,
        id: BookOrderId,
        leg: RetailLeg,
        why: CancelReason,
        events: &mut Vec<Event>,
    ) {
        let Some(number) = client(id) else { return };
        // What the interest did not fill goes on to the book.
        if leg == RetailLeg::Interest {
            return;
        }
        let order = self.orders.get(number);
        let closing = order.and_then(|order| order.closing);
        let routes = order.is_some_and(|order| order.terms.retail == Retail::OrderType3);
        let text = match (why, closing) {
            (CancelReason::ImmediateOrCancel | CancelReason::NoLiquidity, _) if routes => {
                Some("no protected quote elsewhere to route to")
            }
            (CancelReason::Requested, Some(cause)) => cause.text(),
            (CancelReason::Requested, None) => Some("unsolicited cancel"),
            (CancelReason::NothingLeft, _) => Some("nothing left"),
            (CancelReason::ImmediateOrCancel, _) => Some("rest of an immediate order"),
            (CancelReason::FillOrKill, _) => Some("could not be filled at once"),
            (CancelReason::MinQty, _) => Some("minimum could not be met"),
            (CancelReason::NoLiquidity, _) => Some("nothing left to take"),
            (CancelReason::AuctionEnded, _) => Some("its auction ended"),
            (CancelReason::TooManyLevels, _) => Some("no room for another price"),
        };
        let asked = match closing {
            Some(CloseCause::Request(id)) if why == CancelReason::Requested => Some(id),
            _ => None,
        };
        let ends = why == CancelReason::AuctionEnded || closing == Some(CloseCause::Expiry);
        let was_unasked = closing == Some(CloseCause::Unsolicited);
        self.close(number, ends, asked, text, was_unasked, events);
    }
    /// Closes an order that is in no book any more, and tells it.
    pub(super) fn close(
        &mut self,
        number: OrderNumber,
        has_expired: bool,
        asked: Option<WireId>,
        text: Option<&str>,
        was_unasked: bool,
        events: &mut Vec<Event>,
    ) {
        let (state, exec_type) = if has_expired {
            (OrderState::Expired, ExecType::Expired)
        } else {
            (OrderState::Closed, ExecType::Canceled)
        };
        self.orders.set_closed(number, state);
        self.push_report(number, exec_type, events, |report| Report {
            cl_ord_id: asked.unwrap_or(report.cl_ord_id),
            orig_cl_ord_id: asked.map(|_| report.cl_ord_id),
            text: text.map(Note::clipped),
            restated: was_unasked.then_some(Restated::Venue),
            ..report
        });
    }
    /// Tells something about an order as it is now.
    pub(super) fn push_report(
        &mut self,
        number: OrderNumber,
        exec_type: ExecType,
        events: &mut Vec<Event>,
        change: impl FnOnce(Report) -> Report,
    ) {
        let exec = self.next_exec();
        if let Some(order) = self.orders.get(number) {
            let report = order.report(exec_type, Some(exec), self.now);
            events.push(Event::Report(Box::new(change(report))));
        }
    }
}

/// Returns the member's order that a book knows by `id`; the anonymous participant has none.
fn client(id: BookOrderId) -> Option<OrderNumber> {
    (id.raw() < HOUSE_FIRST).then(|| OrderNumber::new(id.raw()))
}

const fn reject_of(why: RejectReason) -> OrderReject {
    match why {
        RejectReason::UnknownOrder => OrderReject::UnknownOrder,
        RejectReason::DuplicateId => OrderReject::DuplicateClOrdId,
        RejectReason::BookFull => OrderReject::Full,
        RejectReason::Qty => OrderReject::Quantity,
        RejectReason::Price | RejectReason::NoLimitPrice => OrderReject::PriceForType,
        RejectReason::MinQty | RejectReason::Visibility | RejectReason::PostOnly => {
            OrderReject::Terms
        }
        RejectReason::TimeInForce => OrderReject::TimeInForce,
        RejectReason::NotContinuous => OrderReject::NotContinuous,
        RejectReason::WouldTake => OrderReject::WouldTake,
    }
}

/// Returns the side against which an order of `side` trades.
pub(super) const fn opposite(side: Side) -> Side {
    if side.is_buy() { Side::Sell } else { Side::Buy }
}
