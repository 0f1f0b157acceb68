//! What members ask for.

use ringfence_kernel::types::{ExecType, OrdStatus, Qty, Side, WireId};

use super::command::{
    CancelOrder, MassCancel, MassScope, MassStatus, NewOrder, ReplaceOrder, Request, Retail,
    StatusOf, UnsupportedOrder,
};
use super::event::{CancelReject, CancelRejected, Event, MassCanceled, MassPart, OrderReject};
use super::ids::{OrderNumber, PortId};
use super::order::{CloseCause, Order, OrderState, refusal, stranger};
use super::rules::Throttle;
use super::{Admission, Exchange};
use crate::book::{Book, BookOrderId};

const NANOS_PER_SECOND: i64 = 1_000_000_000;

impl<B: Book> Exchange<B> {
    /// Does what a port asks for, at the time up to which the exchange was advanced.
    pub fn request(&mut self, port: PortId, request: &Request, events: &mut Vec<Event>) {
        match request {
            Request::New(order) => self.enter(port, order, events),
            Request::Cancel(asked) => self.cancel(port, asked, events),
            Request::Replace(asked) => self.replace(port, asked, events),
            Request::Status(of) => self.tell_order(port, of, events),
            Request::MassStatus(asked) => self.tell_all(port, asked, events),
            Request::MassCancel(asked) => self.cancel_many(port, asked, events),
            Request::Unsupported(order) => self.refuse_unsupported(port, order, events),
        }
    }
    /// Counts a message of a port and says whether it is taken.
    ///
    /// A message that is refused counts too: who goes on sending is disconnected.
    pub fn admit(&mut self, port: PortId) -> Admission {
        let rules = self.rules.ports.get(port.index()).and_then(|rules| rules.throttle);
        let set = self.throttles.get(&port).copied();
        let (Some(throttle), Some(arrivals)) = (set.or(rules), self.arrivals.get_mut(port.index()))
        else {
            return Admission::Taken;
        };
        let second_ago = self.now.nanos().saturating_sub(NANOS_PER_SECOND);
        while arrivals.front().is_some_and(|first| first.nanos() <= second_ago) {
            arrivals.pop_front();
        }
        let count = u32::try_from(arrivals.len()).unwrap_or(u32::MAX);
        if count >= throttle.disconnect_max {
            return Admission::Disconnect;
        }
        arrivals.push_back(self.now);
        if count >= throttle.take_max { Admission::Refused } else { Admission::Taken }
    }
    /// Sets another throttle for a port, or the one of the rules again.
    pub fn set_throttle(&mut self, port: PortId, throttle: Option<Throttle>) {
        match throttle {
            Some(throttle) => self.throttles.insert(port, throttle),
            None => self.throttles.remove(&port),
        };
    }
    /// Refuses what a port asks for, and changes nothing; returns whether that is an event.
    pub fn refuse(
        &mut self,
        port: PortId,
        request: &Request,
        reason: OrderReject,
        events: &mut Vec<Event>,
    ) -> bool {
        let ts = self.now;
        match request {
            Request::New(order) => {
                let exec = Some(self.next_exec());
                let report = super::event::Report { exec, ..refusal(port, order, reason, ts) };
                events.push(Event::Report(Box::new(report)));
            }
            Request::Cancel(asked) => {
                let ids = (asked.cl_ord_id, asked.orig_cl_ord_id);
                self.reject_cancel(port, ids, false, CancelReject::Throttled, events);
            }
            Request::Replace(asked) => {
                let ids = (asked.cl_ord_id, asked.orig_cl_ord_id);
                self.reject_cancel(port, ids, true, CancelReject::Throttled, events);
            }
            Request::Unsupported(order) => {
                let exec = Some(self.next_exec());
                let report = stranger(port, order.cl_ord_id, order.symbol, order.side, reason, ts);
                let report = super::event::Report { exec, ..report };
                events.push(Event::Report(Box::new(report)));
            }
            Request::Status(_) | Request::MassStatus(_) | Request::MassCancel(_) => return false,
        }
        true
    }
    /// Cancels what a port has open, if its rules say so, because it is no longer usable.
    pub fn port_down(&mut self, port: PortId, events: &mut Vec<Event>) {
        if self.port_rules(port).is_some_and(|rules| rules.cancel_on_disconnect) {
            let numbers = self.open_where(|order| order.port == port);
            self.close_all(&numbers, CloseCause::Disconnect, events);
        }
    }
    fn enter(&mut self, port: PortId, order: &NewOrder, events: &mut Vec<Event>) {
        if self.orders.is_used(port, order.cl_ord_id) {
            let request = Request::New(order.clone());
            self.refuse(port, &request, OrderReject::DuplicateClOrdId, events);
            return;
        }
        match self.check_new(port, order) {
            Ok(at) => {
                let number = self.orders.add(port, at, order);
                match order.retail {
                    Retail::None => self.submit(at, number, events),
                    Retail::Interest => self.submit_interest(at, number, events),
                    Retail::OrderType1 | Retail::OrderType2 | Retail::OrderType3 => {
                        self.submit_retail(at, number, events);
                    }
                }
            }
            Err(reason) => {
                if self.orders.has_room() {
                    self.orders.mark(port, order.cl_ord_id, None);
                }
                self.refuse(port, &Request::New(order.clone()), reason, events);
            }
        }
    }
    fn refuse_unsupported(
        &mut self,
        port: PortId,
        order: &UnsupportedOrder,
        events: &mut Vec<Event>,
    ) {
        let reason = if self.orders.is_used(port, order.cl_ord_id) {
            OrderReject::DuplicateClOrdId
        } else {
            if self.orders.has_room() {
                self.orders.mark(port, order.cl_ord_id, None);
            }
            OrderReject::Unsupported
        };
        self.refuse(port, &Request::Unsupported(order.clone()), reason, events);
    }
    fn cancel(&mut self, port: PortId, asked: &CancelOrder, events: &mut Vec<Event>) {
        let ids = (asked.cl_ord_id, asked.orig_cl_ord_id);
        let terms = (asked.symbol.as_str(), asked.side);
        match self.changeable(port, ids, terms) {
            Ok(number) => {
                self.orders.mark(port, asked.cl_ord_id, Some(number));
                self.close_all(&[number], CloseCause::Request(asked.cl_ord_id), events);
            }
            Err(reason) => self.reject_cancel(port, ids, false, reason, events),
        }
    }
    fn replace(&mut self, port: PortId, asked: &ReplaceOrder, events: &mut Vec<Event>) {
        let ids = (asked.cl_ord_id, asked.orig_cl_ord_id);
        let terms = (asked.symbol.as_str(), asked.side);
        let checked = self.changeable(port, ids, terms).and_then(|number| {
            let order = self.orders.get(number).ok_or(CancelReject::UnknownOrder)?;
            if asked.ord_type != order.terms.ord_type
                || asked.kept.differ_from(&order.terms)
                || asked.stop_px.is_some_and(|px| order.terms.stop_px != Some(px))
            {
                return Err(CancelReject::Mismatch);
            }
            if asked.qty <= order.cum_qty {
                return Err(CancelReject::TooLate);
            }
            self.check_replace(order, asked)?;
            Ok(number)
        });
        match checked {
            Ok(number) => {
                self.orders.mark(port, asked.cl_ord_id, Some(number));
                self.replace_in_book(number, asked, events);
            }
            Err(reason) => self.reject_cancel(port, ids, true, reason, events),
        }
    }
    fn replace_in_book(
        &mut self,
        number: OrderNumber,
        asked: &ReplaceOrder,
        events: &mut Vec<Event>,
    ) {
        let Some(order) = self.orders.get_mut(number) else { return };
        order.replacing = Some(asked.cl_ord_id);
        let terms = order.replacement(asked.qty, asked.px);
        let (at, side, retail) = (order.instrument, order.terms.side, order.terms.retail);
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        let id = BookOrderId::new(number.raw());
        match one.interest_mut(side).filter(|_| retail == Retail::Interest) {
            Some(book) => book.replace(id, terms, &mut self.book_events),
            None => one.book.replace(id, terms, &mut self.book_events),
        }
        self.settle(at, events);
    }
    /// Returns the open order that a cancel or replace is about, or why there is none.
    fn changeable(
        &self,
        port: PortId,
        (id, orig_id): (WireId, WireId),
        (symbol, side): (&str, Side),
    ) -> Result<OrderNumber, CancelReject> {
        if self.orders.is_used(port, id) {
            return Err(CancelReject::DuplicateClOrdId);
        }
        if !self.orders.has_room() {
            return Err(CancelReject::Full);
        }
        let order = self.orders.find(port, orig_id).ok_or(CancelReject::UnknownOrder)?;
        if !order.is_open() {
            return Err(CancelReject::TooLate);
        }
        // An id that a replace took out of use names nothing any more.
        if order.terms.cl_ord_id != orig_id {
            return Err(CancelReject::UnknownOrder);
        }
        if order.terms.symbol.as_str() != symbol || order.terms.side != side {
            return Err(CancelReject::Mismatch);
        }
        Ok(order.number)
    }
    pub(super) fn reject_cancel(
        &self,
        port: PortId,
        (cl_ord_id, orig_cl_ord_id): (WireId, WireId),
        is_replace: bool,
        reason: CancelReject,
        events: &mut Vec<Event>,
    ) {
        let order = self.orders.find(port, orig_cl_ord_id);
        events.push(Event::CancelRejected(CancelRejected {
            port,
            order: order.map(|order| order.number),
            cl_ord_id,
            orig_cl_ord_id,
            status: order.map_or(OrdStatus::Rejected, Order::status),
            is_replace,
            reason,
            ts: self.now,
        }));
    }
    /// Answers with the state of an order; one that is not known is told as rejected (FIX 103=5).
    fn tell_order(&self, port: PortId, of: &StatusOf, events: &mut Vec<Event>) {
        let ts = self.now;
        let report = match self.orders.find(port, of.cl_ord_id) {
            Some(order) => order.report(ExecType::OrderStatus, None, ts),
            None => super::event::Report {
                exec_type: ExecType::OrderStatus,
                ..stranger(port, of.cl_ord_id, of.symbol, of.side, OrderReject::UnknownOrder, ts)
            },
        };
        events.push(Event::Report(Box::new(report)));
    }
    fn tell_all(&self, port: PortId, asked: &MassStatus, events: &mut Vec<Event>) {
        let numbers = self.in_scope(port, asked.scope);
        let total = numbers.len();
        let mass = |place: usize| MassPart { id: asked.id, total, is_last: place + 1 >= total };
        for (place, number) in numbers.iter().enumerate() {
            let Some(order) = self.orders.get(*number) else { continue };
            let report = order.report(ExecType::OrderStatus, None, self.now);
            let report = super::event::Report { port, mass: Some(mass(place)), ..report };
            events.push(Event::Report(Box::new(report)));
        }
        if numbers.is_empty() {
            let symbol = match asked.scope {
                MassScope::Symbol(symbol) => symbol,
                MassScope::Port | MassScope::Firm => ringfence_kernel::types::Text::clipped("NONE"),
            };
            let reason = OrderReject::UnknownOrder;
            let none = stranger(port, asked.id, symbol, Side::Buy, reason, self.now);
            let exec_type = ExecType::OrderStatus;
            let report = super::event::Report { exec_type, mass: Some(mass(0)), ..none };
            events.push(Event::Report(Box::new(report)));
        }
    }
    fn cancel_many(&mut self, port: PortId, asked: &MassCancel, events: &mut Vec<Event>) {
        let is_known = match asked.scope {
            MassScope::Symbol(symbol) => self.instrument(&symbol).is_some(),
            MassScope::Port | MassScope::Firm => true,
        };
        let numbers = if is_known { self.in_scope(port, asked.scope) } else { Vec::new() };
        events.push(Event::MassCanceled(MassCanceled {
            port,
            cl_ord_id: asked.cl_ord_id,
            scope: asked.scope,
            affected: is_known.then_some(numbers.len()),
            exec: self.next_exec(),
            ts: self.now,
        }));
        self.close_all(&numbers, CloseCause::MassCancel, events);
    }
    fn in_scope(&self, port: PortId, scope: MassScope) -> Vec<OrderNumber> {
        let firm_of = |port: PortId| self.port_rules(port).map(|rules| rules.firm);
        let firm = firm_of(port);
        self.open_where(|order| match scope {
            MassScope::Symbol(symbol) => order.port == port && order.terms.symbol == symbol,
            MassScope::Port => order.port == port,
            MassScope::Firm => firm_of(order.port) == firm,
        })
    }
    pub(super) fn open_where(&self, is_meant: impl Fn(&Order) -> bool) -> Vec<OrderNumber> {
        self.orders.open().filter(|order| is_meant(order)).map(|order| order.number).collect()
    }
    /// Takes orders out of their books.
    pub(super) fn close_all(
        &mut self,
        numbers: &[OrderNumber],
        cause: CloseCause,
        events: &mut Vec<Event>,
    ) {
        for number in numbers {
            let Some(order) = self.orders.get_mut(*number).filter(|order| order.is_open()) else {
                continue;
            };
            order.closing = Some(cause);
            let (at, side, retail) = (order.instrument, order.terms.side, order.terms.retail);
            let Some(one) = self.instruments.get_mut(at.index()) else { continue };
            let id = BookOrderId::new(number.raw());
            match one.interest_mut(side).filter(|_| retail == Retail::Interest) {
                Some(book) => book.cancel(id, &mut self.book_events),
                None => one.book.cancel(id, &mut self.book_events),
            }
            self.settle(at, events);
        }
    }
    fn submit(&mut self, at: super::InstrumentIndex, number: OrderNumber, events: &mut Vec<Event>) {
        let (Some(order), Some(one)) =
            (self.orders.get(number), self.instruments.get_mut(at.index()))
        else {
            return;
        };
        one.book.submit(order.to_book(order.leaves_qty), &mut self.book_events);
        self.settle(at, events);
    }
    /// Returns whether an order still has something to enter with.
    pub(super) fn open_rest(&self, number: OrderNumber) -> Option<Qty> {
        let order = self.orders.get(number)?;
        let is_live = matches!(order.state, OrderState::Entering | OrderState::Open);
        Some(order.leaves_qty).filter(|leaves| is_live && !leaves.is_zero())
    }
}
