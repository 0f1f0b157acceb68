//! Every order of the venue, open or closed, and the ids under which members know them.

use std::collections::{BTreeMap, BTreeSet};

use ringfence_kernel::types::{
    ExecType, Money, Name, Note, OrdStatus, OrdType, Price, Qty, Side, TimeInForce, Ts, WireId,
};

use super::command::{NewOrder, Retail};
use super::event::{OrderReject, Report, Restated};
use super::ids::{ExecNumber, InstrumentIndex, OrderNumber, PortId};
use crate::book::{BookOrder, BookOrderId, BookOrderKind, OwnerId, Replacement, Visibility};

/// Most orders over the life of a venue, closed ones included.
pub const VENUE_ORDERS_MAX: usize = 1 << 22;
/// Most ids over the life of a venue: of orders, replaces and cancels.
pub const VENUE_IDS_MAX: usize = 1 << 23;

/// Where an order is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderState {
    /// Not yet in a book.
    Entering,
    /// In a book.
    Open,
    /// Refused.
    Rejected,
    /// Closed: filled, or with a rest that was canceled.
    Closed,
    /// Closed with a rest by the end of its time in force.
    Expired,
}

/// Why an open order is being closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseCause {
    /// A cancel request under this id.
    Request(WireId),
    /// A mass cancel.
    MassCancel,
    /// The port is no longer usable.
    Disconnect,
    /// The end of its time in force.
    Expiry,
    /// The venue's own decision.
    Unsolicited,
}

impl CloseCause {
    /// Returns the remark for the report.
    pub const fn text(self) -> Option<&'static str> {
        match self {
            Self::Request(_) => None,
            Self::MassCancel => Some("mass cancel"),
            Self::Disconnect => Some("cancel on disconnect"),
            Self::Expiry => Some("expired"),
            Self::Unsolicited => Some("unsolicited cancel"),
        }
    }
}

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// Its number.
    pub number: OrderNumber,
    /// Port by which it came.
    pub port: PortId,
    /// What it trades.
    pub instrument: InstrumentIndex,
    /// Its terms as they are now, the id included.
    pub terms: NewOrder,
    /// Where it is in its life.
    pub state: OrderState,
    /// Filled (FIX 14), without what was voided.
    pub cum_qty: Qty,
    /// Filled and voided later; the book has it as executed.
    pub voided_qty: Qty,
    /// Open (FIX 151).
    pub leaves_qty: Qty,
    /// Sum of price times quantity of what is filled.
    pub notional: Money,
    /// Why it is being closed, while it is.
    pub closing: Option<CloseCause>,
    /// Id of a replace while the book decides on it.
    pub replacing: Option<WireId>,
}

impl Order {
    /// Returns whether the order is in a book.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, OrderState::Open)
    }
    /// Returns the state as it is told (FIX 39).
    pub fn status(&self) -> OrdStatus {
        match self.state {
            OrderState::Entering => OrdStatus::PendingNew,
            OrderState::Open if self.cum_qty.is_zero() => OrdStatus::New,
            OrderState::Open => OrdStatus::PartiallyFilled,
            OrderState::Rejected => OrdStatus::Rejected,
            // What was voided is not open again: the order stays closed, and no longer filled.
            OrderState::Closed if self.cum_qty >= self.terms.qty => OrdStatus::Filled,
            OrderState::Closed => OrdStatus::Canceled,
            OrderState::Expired => OrdStatus::Expired,
        }
    }
    /// Returns the mean price of what is filled, rounded half up; zero without a fill.
    pub fn avg_px(&self) -> Price {
        let cum = i128::from(self.cum_qty.units());
        if cum == 0 {
            return Price::from_nanos(0);
        }
        let mean = (self.notional.nanos() + cum / 2).div_euclid(cum);
        Price::from_nanos(i64::try_from(mean).unwrap_or(i64::MAX))
    }
    /// Returns the order as it enters a book with what is open of it.
    pub fn to_book(&self, qty: Qty) -> BookOrder {
        let terms = &self.terms;
        let visibility = match (terms.retail, terms.max_floor) {
            (Retail::Interest, _) => Visibility::Hidden,
            (_, None) => Visibility::Displayed,
            (_, Some(floor)) if floor.is_zero() => Visibility::Hidden,
            (_, Some(floor)) => Visibility::Reserve(floor),
        };
        BookOrder {
            id: BookOrderId::new(self.number.raw()),
            owner: OwnerId::new(u32::from(self.port.raw()) + 1),
            side: terms.side,
            kind: kind_of(terms),
            time_in_force: terms.time_in_force,
            qty,
            min_qty: terms.min_qty,
            visibility,
            post_only: terms.post_only,
        }
    }
    /// Returns the terms of a replace as the book counts them: what was voided is executed there.
    pub fn replacement(&self, qty: Qty, px: Option<Price>) -> Replacement {
        Replacement { qty: qty + self.voided_qty, px }
    }
    /// Returns a report about the order as it is.
    pub fn report(&self, exec_type: ExecType, exec: Option<ExecNumber>, ts: Ts) -> Report {
        Report {
            port: self.port,
            order: Some(self.number),
            exec,
            exec_ref: None,
            exec_type,
            status: self.status(),
            cl_ord_id: self.terms.cl_ord_id,
            orig_cl_ord_id: None,
            account: self.terms.account,
            symbol: self.terms.symbol,
            side: self.terms.side,
            ord_type: Some(self.terms.ord_type),
            px: self.terms.px,
            stop_px: self.terms.stop_px,
            expire_ts: self.terms.expire_ts,
            time_in_force: Some(self.terms.time_in_force),
            qty: self.terms.qty,
            cum_qty: self.cum_qty,
            leaves_qty: self.leaves_qty,
            avg_px: self.avg_px(),
            last: None,
            reason: None,
            restated: None,
            text: None,
            retail: self.terms.retail,
            mass: None,
            ts,
        }
    }
}

/// Returns how the book prices an order; prices that its type needs are there by the check.
fn kind_of(terms: &NewOrder) -> BookOrderKind {
    match (terms.ord_type, terms.px, terms.stop_px) {
        (OrdType::Limit, Some(px), _) => BookOrderKind::Limit(px),
        (OrdType::Stop, _, Some(stop_px)) => BookOrderKind::Stop(stop_px),
        (OrdType::StopLimit, Some(px), Some(stop_px)) => BookOrderKind::StopLimit { stop_px, px },
        (OrdType::Market | OrdType::Limit | OrdType::Stop | OrdType::StopLimit, _, _) => {
            BookOrderKind::Market
        }
    }
}

/// Returns a report about an order that was never taken in.
pub(super) fn stranger(
    port: PortId,
    cl_ord_id: WireId,
    symbol: Name,
    side: Side,
    reason: OrderReject,
    ts: Ts,
) -> Report {
    Report {
        port,
        order: None,
        exec: None,
        exec_ref: None,
        exec_type: ExecType::Rejected,
        status: OrdStatus::Rejected,
        cl_ord_id,
        orig_cl_ord_id: None,
        account: None,
        symbol,
        side,
        ord_type: None,
        px: None,
        stop_px: None,
        expire_ts: None,
        time_in_force: None,
        qty: Qty::ZERO,
        cum_qty: Qty::ZERO,
        leaves_qty: Qty::ZERO,
        avg_px: Price::from_nanos(0),
        last: None,
        reason: Some(reason),
        restated: None,
        text: None,
        retail: Retail::None,
        mass: None,
        ts,
    }
}

/// Returns a report about an order that the venue refused, whether it has a number or not.
pub(super) fn refusal(port: PortId, order: &NewOrder, reason: OrderReject, ts: Ts) -> Report {
    Report {
        account: order.account,
        ord_type: Some(order.ord_type),
        px: order.px,
        stop_px: order.stop_px,
        expire_ts: order.expire_ts,
        time_in_force: Some(order.time_in_force),
        qty: order.qty,
        retail: order.retail,
        ..stranger(port, order.cl_ord_id, order.symbol, order.side, reason, ts)
    }
}

/// Marks a report as unasked.
pub(super) fn restated(report: Report, why: Restated, text: &str) -> Report {
    Report { restated: Some(why), text: Some(Note::clipped(text)), ..report }
}

/// Every order, by number and by the ids of its port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct OrderTable {
    orders: Vec<Order>,
    by_id: BTreeMap<(PortId, WireId), Option<OrderNumber>>,
    open: BTreeSet<OrderNumber>,
    dated: BTreeSet<(Ts, OrderNumber)>,
}

impl OrderTable {
    /// Returns whether there is room for another order and its ids.
    pub(super) fn has_room(&self) -> bool {
        self.orders.len() < VENUE_ORDERS_MAX && self.by_id.len() < VENUE_IDS_MAX
    }
    /// Returns whether a port used an id before.
    pub(super) fn is_used(&self, port: PortId, id: WireId) -> bool {
        self.by_id.contains_key(&(port, id))
    }
    /// Marks an id as used, by an order or by a request about one.
    pub(super) fn mark(&mut self, port: PortId, id: WireId, order: Option<OrderNumber>) {
        self.by_id.insert((port, id), order);
    }
    /// Adds an order that is entering and returns its number.
    pub(super) fn add(
        &mut self,
        port: PortId,
        instrument: InstrumentIndex,
        terms: &NewOrder,
    ) -> OrderNumber {
        let number = OrderNumber::new(u64::try_from(self.orders.len()).unwrap_or(u64::MAX) + 1);
        self.orders.push(Order {
            number,
            port,
            instrument,
            terms: terms.clone(),
            state: OrderState::Entering,
            cum_qty: Qty::ZERO,
            voided_qty: Qty::ZERO,
            leaves_qty: terms.qty,
            notional: Money::ZERO,
            closing: None,
            replacing: None,
        });
        self.mark(port, terms.cl_ord_id, Some(number));
        number
    }
    /// Returns an order.
    pub(super) fn get(&self, number: OrderNumber) -> Option<&Order> {
        self.orders.get(row(number)?)
    }
    /// Returns an order for change.
    pub(super) fn get_mut(&mut self, number: OrderNumber) -> Option<&mut Order> {
        self.orders.get_mut(row(number)?)
    }
    /// Returns the order that a port knows under an id, old ids included.
    pub(super) fn find(&self, port: PortId, id: WireId) -> Option<&Order> {
        (*self.by_id.get(&(port, id))?).and_then(|number| self.get(number))
    }
    /// Returns the orders behind the number `after`, oldest first.
    pub(super) fn after(&self, after: u64) -> &[Order] {
        let from = usize::try_from(after).unwrap_or(usize::MAX);
        self.orders.get(from..).unwrap_or_default()
    }
    /// Returns the open orders by number.
    pub(super) fn open(&self) -> impl Iterator<Item = &Order> {
        self.open.iter().filter_map(|number| self.get(*number))
    }
    /// Marks an order as being in a book.
    pub(super) fn set_open(&mut self, number: OrderNumber) {
        self.open.insert(number);
        let Some(order) = self.get_mut(number) else { return };
        order.state = OrderState::Open;
        let until = order.terms.expire_ts;
        let is_dated = order.terms.time_in_force == TimeInForce::GoodTillDate;
        if let (Some(until), true) = (until, is_dated) {
            self.dated.insert((until, number));
        }
    }
    /// Marks an order as out of the book; what was open no longer is.
    pub(super) fn set_closed(&mut self, number: OrderNumber, state: OrderState) {
        self.open.remove(&number);
        let Some(order) = self.get_mut(number) else { return };
        order.state = state;
        order.leaves_qty = Qty::ZERO;
        order.closing = None;
        order.replacing = None;
        if let Some(until) = order.terms.expire_ts {
            self.dated.remove(&(until, number));
        }
    }
    /// Returns the good-till-date order that ends next, and when.
    pub(super) fn next_expiry(&self) -> Option<(Ts, OrderNumber)> {
        self.dated.first().copied()
    }
}

fn row(number: OrderNumber) -> Option<usize> {
    usize::try_from(number.raw().checked_sub(1)?).ok()
}
