//! The retail liquidity program: hidden interest that trades with retail orders alone.
//!
//! Interest waits in a book of its own for each side, so that it meets neither the displayed book
//! nor other interest. A retail order first takes interest that improves on the protected quote as
//! it is then; of type 1 the rest is canceled, of type 2 it goes to the book at once. A rest of
//! type 3 would be routed on to protected quotes of others; this venue knows none and cancels it.

use ringfence_kernel::types::{Price, Side, TimeInForce};

use super::command::Retail;
use super::event::{Event, RetailInterest, StatusCause};
use super::ids::{InstrumentIndex, OrderNumber};
use super::order::OrderState;
use super::settle::opposite;
use super::{Exchange, RetailLeg};
use crate::book::{Book, BookMode, BookOrder, BookOrderKind, Visibility};

impl<B: Book> Exchange<B> {
    /// Enters price improving interest.
    pub(super) fn submit_interest(
        &mut self,
        at: InstrumentIndex,
        number: OrderNumber,
        events: &mut Vec<Event>,
    ) {
        let (Some(order), Some(one)) =
            (self.orders.get(number), self.instruments.get_mut(at.index()))
        else {
            return;
        };
        let entered = order.to_book(order.leaves_qty);
        if let Some(book) = one.interest_mut(order.terms.side) {
            book.submit(entered, &mut self.book_events);
        }
        self.settle(at, events);
    }
    /// Enters a retail order.
    pub(super) fn submit_retail(
        &mut self,
        at: InstrumentIndex,
        number: OrderNumber,
        events: &mut Vec<Event>,
    ) {
        self.take_interest(at, number, events);
        let kind = self.orders.get(number).map(|order| order.terms.retail);
        match (self.open_rest(number), kind) {
            (Some(rest), Some(Retail::OrderType2 | Retail::OrderType3)) => {
                let Some(order) = self.orders.get(number).map(|order| order.to_book(rest)) else {
                    return;
                };
                if let Some(one) = self.instruments.get_mut(at.index()) {
                    one.book.submit(order, &mut self.book_events);
                }
            }
            (Some(_), _) => {
                self.accept(number, events);
                let text = Some("no more price improving interest");
                self.close(number, false, None, text, false, events);
            }
            (None, _) => {}
        }
        self.settle(at, events);
    }
    /// Returns on which sides interest waits that improves on the quote of now; `None` where there
    /// is no program.
    pub(super) fn retail_interest(&self, at: InstrumentIndex) -> Option<RetailInterest> {
        let [buys, sells] = self.instruments.get(at.index())?.interest.as_ref()?;
        let improves = |book: &B, side| {
            let limit = self.improved(at, side);
            limit.is_some() && !book.takeable(opposite(side), limit).is_zero()
        };
        Some(match (improves(buys, Side::Buy), improves(sells, Side::Sell)) {
            (false, false) => RetailInterest::None,
            (true, false) => RetailInterest::Bid,
            (false, true) => RetailInterest::Offer,
            (true, true) => RetailInterest::Both,
        })
    }
    /// Tells that interest came or went.
    pub(super) fn watch_interest(&mut self, at: InstrumentIndex, events: &mut Vec<Event>) {
        let Some(found) = self.retail_interest(at) else { return };
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        if one.interest_told != found {
            one.interest_told = found;
            self.tell_status(at, StatusCause::RetailInterest, events);
        }
    }
    fn take_interest(&mut self, at: InstrumentIndex, number: OrderNumber, events: &mut Vec<Event>) {
        let Some(order) = self.orders.get(number) else { return };
        let side = order.terms.side;
        let Some(quote) = self.improved(at, opposite(side)) else { return };
        let nearer = |px: Price| if side.is_buy() { px.min(quote) } else { px.max(quote) };
        let limit = order.terms.px.map_or(quote, nearer);
        let entered = BookOrder {
            kind: BookOrderKind::Limit(limit),
            time_in_force: TimeInForce::ImmediateOrCancel,
            visibility: Visibility::Displayed,
            ..order.to_book(order.leaves_qty)
        };
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        let is_continuous = one.book.mode() == BookMode::Continuous;
        let Some(book) = one.interest_mut(opposite(side)).filter(|_| is_continuous) else {
            return;
        };
        if book.takeable(side, Some(limit)).is_zero() {
            return;
        }
        book.submit(entered, &mut self.book_events);
        self.translate(at, RetailLeg::Interest, events);
    }
    fn accept(&mut self, number: OrderNumber, events: &mut Vec<Event>) {
        if self.orders.get(number).is_some_and(|order| order.state == OrderState::Entering) {
            self.orders.set_open(number);
            let new = ringfence_kernel::types::ExecType::New;
            self.push_report(number, new, events, |report| report);
        }
    }
}
