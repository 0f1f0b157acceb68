//! What is checked before an order or its new terms reach a book.

use ringfence_kernel::types::{OrdType, Price, Qty, Side, TimeInForce};

use super::command::{NewOrder, ReplaceOrder, Retail};
use super::event::{CancelReject, OrderReject};
use super::ids::{InstrumentIndex, PortId};
use super::instrument::Halt;
use super::order::Order;
use super::rules::{BandKind, HaltEntry, InstrumentRules, PortKind, PortRules, RetailRules};
use super::{BandOverride, Exchange};
use crate::book::{AuctionKind, Book, BookMode};

impl<B: Book> Exchange<B> {
    /// Returns the instrument of an order that may enter, or why it may not.
    pub(super) fn check_new(
        &self,
        port: PortId,
        order: &NewOrder,
    ) -> Result<InstrumentIndex, OrderReject> {
        let found = self.port_rules(port).filter(|rules| rules.kind == PortKind::OrderEntry);
        let port = found.ok_or(OrderReject::NotEntitled)?;
        let at = self.instrument(&order.symbol).ok_or(OrderReject::UnknownSymbol)?;
        let rules = self.rules.instruments.get(at.index()).ok_or(OrderReject::UnknownSymbol)?;
        if !self.orders.has_room() || !self.ledger.has_room() {
            return Err(OrderReject::Full);
        }
        if !self.rules.order_types.contains(&order.ord_type) {
            return Err(OrderReject::OrdType);
        }
        if !self.rules.times_in_force.contains(&order.time_in_force) {
            return Err(OrderReject::TimeInForce);
        }
        self.check_phase(at, order)?;
        let retail = self.check_retail(port, order)?;
        check_terms(rules, retail, order)?;
        let is_dated = order.time_in_force == TimeInForce::GoodTillDate;
        if is_dated && order.expire_ts.is_none_or(|until| until <= self.now) {
            return Err(OrderReject::ExpireTime);
        }
        if retail.is_some() && order.retail == Retail::Interest {
            self.check_improvement(at, order)?;
        }
        self.check_price(at, order.side, order.px, order.qty)?;
        Ok(at)
    }
    /// Returns whether an open order may have new terms, or why not.
    pub(super) fn check_replace(
        &self,
        order: &Order,
        asked: &ReplaceOrder,
    ) -> Result<(), CancelReject> {
        let at = order.instrument;
        let px = asked.px.or(order.terms.px);
        if self.refuses_entry(at) && (asked.qty > order.terms.qty || px != order.terms.px) {
            return Err(CancelReject::Halted);
        }
        let terms = NewOrder { px, qty: asked.qty, ..order.terms.clone() };
        self.check_new_terms(at, &terms).map_err(|_| CancelReject::Terms)
    }
    fn check_new_terms(&self, at: InstrumentIndex, terms: &NewOrder) -> Result<(), OrderReject> {
        let rules = self.rules.instruments.get(at.index()).ok_or(OrderReject::UnknownSymbol)?;
        let retail = self.rules.retail.filter(|_| terms.retail == Retail::Interest);
        check_terms(rules, retail, terms)?;
        if retail.is_some() {
            self.check_improvement(at, terms)?;
        }
        self.check_price(at, terms.side, terms.px, terms.qty)
    }
    fn check_phase(&self, at: InstrumentIndex, order: &NewOrder) -> Result<(), OrderReject> {
        let current = self.window.ok_or(OrderReject::Closed)?;
        if self.refuses_entry(at) {
            return Err(OrderReject::Halted);
        }
        // An auction order is in time while its auction is, or lies ahead of, the windows without
        // a gap from here on.
        let ahead = self.rules.windows.get(current..).unwrap_or_default();
        let without_gap = |wanted: AuctionKind| {
            let mut behind = None;
            ahead
                .iter()
                .take_while(move |window| {
                    let joins = behind.is_none_or(|end| end == window.start);
                    behind = Some(window.end);
                    joins
                })
                .any(|window| window.mode() == BookMode::Auction(wanted))
        };
        let in_time = match order.time_in_force {
            TimeInForce::AtOpening => without_gap(AuctionKind::Opening),
            TimeInForce::AtClose => without_gap(AuctionKind::Closing),
            TimeInForce::Day
            | TimeInForce::ImmediateOrCancel
            | TimeInForce::FillOrKill
            | TimeInForce::GoodTillDate => true,
        };
        in_time.then_some(()).ok_or(OrderReject::TooLate)
    }
    /// Returns whether nothing may be entered, raised or priced anew because of a halt.
    fn refuses_entry(&self, at: InstrumentIndex) -> bool {
        let halt = self.instruments.get(at.index()).map(|one| one.halt);
        let is_halted =
            matches!(halt, Some(Halt::Halted { .. })) || self.trading_session_is_halted();
        is_halted && self.rules.halt_entry == HaltEntry::Refuse
    }
    fn trading_session_is_halted(&self) -> bool {
        let window = self.window.and_then(|at| self.rules.windows.get(at));
        window.is_some_and(|window| window.mode() == BookMode::Halted)
    }
    /// Returns the rules of the retail program where the order is part of it.
    fn check_retail(
        &self,
        port: &PortRules,
        order: &NewOrder,
    ) -> Result<Option<RetailRules>, OrderReject> {
        let is_immediate = order.time_in_force == TimeInForce::ImmediateOrCancel;
        let (is_order, fits) = match order.retail {
            Retail::None => return Ok(None),
            Retail::Interest => {
                let fits = order.ord_type == OrdType::Limit && !is_immediate;
                (false, fits && order.time_in_force == TimeInForce::Day)
            }
            Retail::OrderType1 | Retail::OrderType2 | Retail::OrderType3 => (true, is_immediate),
        };
        let rules = self.rules.retail.ok_or(OrderReject::Unsupported)?;
        if !port.is_retail {
            return Err(OrderReject::NotEntitled);
        }
        let is_plain = !order.post_only && order.max_floor.is_none() && order.min_qty.is_none();
        let has_type = matches!(order.ord_type, OrdType::Limit | OrdType::Market);
        if !fits || !is_plain || !has_type {
            return Err(OrderReject::Terms);
        }
        Ok(Some(rules).filter(|_| !is_order))
    }
    fn check_price(
        &self,
        at: InstrumentIndex,
        side: Side,
        px: Option<Price>,
        qty: Qty,
    ) -> Result<(), OrderReject> {
        let Some(one) = self.instruments.get(at.index()) else {
            return Err(OrderReject::UnknownSymbol);
        };
        let window = self.window.and_then(|at| self.rules.windows.get(at));
        let is_fixed = window.is_some_and(|window| window.band == BandKind::Session)
            && one.band_override == BandOverride::Rule;
        let band = one.book.band();
        let is_outside = |band: crate::book::Band| px.is_some_and(|px| band.nearest(px) != px);
        if is_fixed && band.is_some_and(is_outside) {
            return Err(OrderReject::PriceBand);
        }
        // A market order is valued at the worst price known for it, never at zero (Apama's
        // firewall valued it at zero and let it pass).
        let worst = || {
            let edge = band.map(|band| band.worst(side));
            edge.filter(|_| side.is_buy()).or(one.book.last_px()).unwrap_or(one.reference.px)
        };
        let value = px.unwrap_or_else(worst).times(qty, 1).abs();
        if self.rules.order_notional_max.is_some_and(|max| value > max) {
            return Err(OrderReject::Notional);
        }
        Ok(())
    }
    fn check_improvement(&self, at: InstrumentIndex, order: &NewOrder) -> Result<(), OrderReject> {
        let limit = self.improved(at, order.side);
        let improves = match (limit, order.px) {
            (Some(limit), Some(px)) if order.side.is_buy() => px >= limit,
            (Some(limit), Some(px)) => px <= limit,
            (None, _) | (_, None) => false,
        };
        improves.then_some(()).ok_or(OrderReject::NoImprovement)
    }
    /// Returns the least good price of interest of a side: the protected quote, improved.
    pub(super) fn improved(&self, at: InstrumentIndex, side: Side) -> Option<Price> {
        let least = self.rules.retail?.improvement_min.nanos();
        let quote = self.instruments.get(at.index())?.book.best(side)?.px.nanos();
        Some(Price::from_nanos(if side.is_buy() { quote + least } else { quote - least }))
    }
}

fn check_terms(
    rules: &InstrumentRules,
    interest: Option<RetailRules>,
    order: &NewOrder,
) -> Result<(), OrderReject> {
    let kind = order.ord_type;
    if kind.has_price() != order.px.is_some() || kind.has_trigger() != order.stop_px.is_some() {
        return Err(OrderReject::PriceForType);
    }
    let is_on_tick = |px: Price| match interest {
        Some(retail) => px.nanos() % retail.tick.nanos() == 0,
        None => rules.is_on_tick(px),
    };
    let mut prices = [order.px, order.stop_px].into_iter().flatten();
    if !prices.all(|px| px.nanos() > 0 && is_on_tick(px)) {
        return Err(OrderReject::Tick);
    }
    if !rules.is_on_lot(order.qty) || !order.min_qty.is_none_or(|qty| rules.is_on_lot(qty)) {
        return Err(OrderReject::Quantity);
    }
    if !order.max_floor.is_none_or(|qty| qty.is_zero() || rules.is_on_lot(qty)) {
        return Err(OrderReject::Quantity);
    }
    Ok(())
}
