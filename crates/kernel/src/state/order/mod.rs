//! Parents and children: quantity as double entry, status derived, identifiers applied once.
//!
//! Refuses: quantity that is not there (I1, I2), a second use of a client's identifier (I8).

pub mod buckets;
mod reservation;
mod resting;
mod rows;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use buckets::{Bucket, Buckets};
pub use reservation::Reservation;
pub use resting::Resting;
pub use rows::{CancelAsked, Child, Order, Replace, ReplaceAsked, Stage};

use crate::event::Close;
use crate::sent::{ChildReplaceRequested, ChildSent};
use crate::types::map::{LargeMap, Map};
use crate::types::table::{IdSet, Rows};
use crate::types::{
    ChildId, GroupId, InstrumentId, OrderId, Price, Qty, Rare, SessionId, Ts, VenueId, WireId,
};

/// Most parents and most children of one day.
pub const ORDERS_MAX: usize = 100_000_000;

/// Something that was sent to a venue and that the venue has to answer.
#[derive(Clone, Copy, Debug, Hash)]
struct Unanswered {
    child_id: ChildId,
    /// Version of the identifier; 0 is the order itself, another one a cancel or replace.
    version: u32,
    ts: Ts,
}

/// All parents and children of the day.
#[derive(Clone, Debug, Hash)]
pub struct Orders {
    orders: Rows<OrderId, Order>,
    children: Rows<ChildId, Child>,
    by_client_id: LargeMap<(SessionId, WireId), OrderId>,
    open_children: IdSet<ChildId>,
    open_orders: IdSet<OrderId>,
    unanswered: BTreeMap<VenueId, VecDeque<Unanswered>>,
    expiries: BTreeSet<(Ts, OrderId)>,
    stops: BTreeSet<(InstrumentId, bool, Price, OrderId)>,
    own_prices: Map<(GroupId, InstrumentId), Resting>,
}

impl Orders {
    /// Returns an empty table with map `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            orders: Rows::default(),
            children: Rows::default(),
            by_client_id: LargeMap::new(seed),
            open_children: IdSet::default(),
            open_orders: IdSet::default(),
            unanswered: BTreeMap::new(),
            expiries: BTreeSet::new(),
            stops: BTreeSet::new(),
            own_prices: Map::new(seed),
        }
    }
    /// Returns a parent, if it exists.
    pub fn find(&self, id: OrderId) -> Option<&Order> {
        self.orders.get(id)
    }
    /// Returns a parent that exists.
    pub fn order(&self, id: OrderId) -> &Order {
        self.orders.at(id)
    }
    /// Returns a child, if it exists.
    pub fn find_child(&self, id: ChildId) -> Option<&Child> {
        self.children.get(id)
    }
    /// Returns a child that exists.
    pub fn child(&self, id: ChildId) -> &Child {
        self.children.at(id)
    }
    /// Returns the parent that a session's identifier names.
    pub fn by_client_id(&self, session: SessionId, id: WireId) -> Option<OrderId> {
        self.by_client_id.get(&(session, id)).copied()
    }
    /// Returns the identifier of the next parent.
    pub fn next_order_id(&self) -> OrderId {
        self.orders.next_id()
    }
    /// Returns the identifier of the next child.
    pub fn next_child_id(&self) -> ChildId {
        self.children.next_id()
    }
    /// Returns whether another parent and child fit.
    pub fn has_room(&self) -> bool {
        self.orders.len() < ORDERS_MAX && self.children.len() < ORDERS_MAX
    }
    /// Returns every parent, oldest first.
    pub fn orders(&self) -> impl Iterator<Item = (OrderId, &Order)> {
        self.orders.iter()
    }
    /// Returns every child, oldest first.
    pub fn children(&self) -> impl Iterator<Item = (ChildId, &Child)> {
        self.children.iter()
    }
    /// Returns the open children, oldest first.
    pub fn open_children(&self) -> impl Iterator<Item = ChildId> {
        self.open_children.iter()
    }
    /// Returns the open parents, oldest first.
    pub fn open_orders(&self) -> impl Iterator<Item = OrderId> {
        self.open_orders.iter()
    }
    /// Returns the children of a parent, newest first.
    pub fn children_of(&self, id: OrderId) -> impl Iterator<Item = ChildId> {
        core::iter::successors(self.order(id).newest_child, |child| self.child(*child).older)
    }
    /// Returns children of `venue` of which something that was sent at or before `until`, the order
    /// itself or a cancel or replace, is still unanswered; in the order of their numbers.
    pub fn unanswered_since(&self, venue: VenueId, until: Ts) -> Vec<ChildId> {
        let queue = self.unanswered.get(&venue).into_iter().flatten();
        let is_due = |sent: &&Unanswered| match self.child(sent.child_id).stage {
            Stage::Sent => sent.version == 0,
            Stage::Live | Stage::Suspended => self.is_awaited(sent),
            Stage::InDoubt | Stage::Unseen | Stage::Closed(_) => false,
        };
        let due = queue.take_while(|sent| sent.ts <= until).filter(is_due);
        let mut found: Vec<ChildId> = due.map(|sent| sent.child_id).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
    /// Returns whether the answer to something that was sent is still awaited; doubt ends that.
    fn is_awaited(&self, sent: &Unanswered) -> bool {
        let child = self.child(sent.child_id);
        if sent.version == 0 {
            return child.stage == Stage::Sent;
        }
        let replace = child.replace.get();
        let asked = |replace: Replace| replace.version == sent.version && !replace.doubted;
        child.is_open() && (child.cancel == Some(sent.version) || replace.is_some_and(asked))
    }
    fn await_answer(&mut self, child_id: ChildId, version: u32, ts: Ts) {
        let venue = self.child(child_id).venue;
        let queue = self.unanswered.entry(venue).or_default();
        queue.push_back(Unanswered { child_id, version, ts });
    }
    /// Returns open parents whose end is at or before `now`.
    pub fn expired(&self, now: Ts) -> Vec<OrderId> {
        self.expiries.iter().take_while(|(ts, _)| *ts <= now).map(|(_, id)| *id).collect()
    }
    /// Returns untriggered stops of `symbol` that a trade at `px` triggers, in price order.
    pub fn stops_hit(&self, symbol: InstrumentId, px: Price) -> Vec<OrderId> {
        let (low, high) = (OrderId::new(0), OrderId::new(u64::MAX));
        let (least, most) = (Price::from_nanos(i64::MIN), Price::from_nanos(i64::MAX));
        let buys = self.stops.range((symbol, true, least, low)..=(symbol, true, px, high));
        let sells = self.stops.range((symbol, false, px, low)..=(symbol, false, most, high));
        buys.chain(sells).map(|(_, _, _, id)| *id).collect()
    }
    /// Returns the prices at which own orders of a group rest, if one ever did.
    pub fn resting(&self, group: GroupId, symbol: InstrumentId) -> Option<&Resting> {
        self.own_prices.get(&(group, symbol))
    }
    /// Returns the proof that a new child of `qty` fits the parent, or `None`.
    pub fn reserve(&self, step: u64, id: OrderId, qty: Qty) -> Option<Reservation> {
        let order = self.order(id);
        let fits = order.closed.is_none() && !qty.is_zero();
        (fits && qty <= order.buckets.get(Bucket::Unrouted))
            .then(|| Reservation::new(step, id, self.next_child_id(), qty))
    }
    /// Returns the proof that an open child can grow by `added`, which may be zero.
    pub fn reserve_more(&self, step: u64, child: ChildId, added: Qty) -> Option<Reservation> {
        let row = self.child(child);
        let order = self.order(row.order_id);
        (order.closed.is_none() && added <= order.buckets.get(Bucket::Unrouted))
            .then(|| Reservation::new(step, row.order_id, child, added))
    }

    /// Records a use of a client's identifier.
    pub(crate) fn claim_client_id(&mut self, session: SessionId, id: WireId, order: OrderId) {
        let before = self.by_client_id.insert((session, id), order);
        assert!(before.is_none(), "I8: identifier {id} of a session applied twice");
    }
    /// Adds a parent.
    pub(crate) fn add_order(&mut self, id: OrderId, order: Order) {
        self.claim_client_id(order.session, order.cl_ord_id, id);
        if let Some(end) = order.expire_ts {
            self.expiries.insert((end, id));
        }
        if let (false, Some(stop_px)) = (order.triggered, order.stop_px) {
            self.stops.insert((order.symbol, order.side.is_buy(), stop_px, id));
        }
        let minted = self.orders.push(order);
        assert_eq!(minted, id, "parents are numbered without gaps");
        self.open_orders.insert(id);
    }
    /// Returns a parent for change.
    pub(crate) fn order_mut(&mut self, id: OrderId) -> &mut Order {
        self.orders.at_mut(id)
    }
    /// Returns a child for change.
    pub(crate) fn child_mut(&mut self, id: ChildId) -> &mut Child {
        self.children.at_mut(id)
    }
    /// Adds a child: unrouted, reserved, working in one movement.
    pub(crate) fn send(&mut self, sent: &ChildSent, group: Option<GroupId>, now: Ts) {
        let id = sent.child_id();
        let order = self.orders.at_mut(sent.order_id());
        order.buckets.shift(Bucket::Unrouted, Bucket::Reserved, sent.qty());
        order.buckets.shift(Bucket::Reserved, Bucket::Working, sent.qty());
        let child = Child {
            order_id: sent.order_id(),
            account: order.account,
            strategy: order.strategy,
            session: order.session,
            venue: sent.venue().id,
            symbol: order.symbol,
            side: order.side,
            ord_type: sent.ord_type(),
            time_in_force: sent.time_in_force(),
            qty: sent.qty(),
            cum_qty: Qty::ZERO,
            told_qty: Qty::ZERO,
            price: sent.price(),
            unit_exposure: sent.unit_exposure(),
            group,
            sent_ts: now,
            version: 0,
            live_version: 0,
            stage: Stage::Sent,
            cancel: None,
            replace: Rare::default(),
            older: order.newest_child.replace(id),
        };
        order.child_count += 1;
        order.open_child_count += 1;
        order.message_count += 1;
        order.sent_notional += sent.unit_exposure().times(sent.qty());
        self.own_price(&child, child.price, 1);
        let minted = self.children.push(child);
        assert_eq!(minted, id, "children are numbered without gaps");
        self.await_answer(id, 0, now);
        self.open_children.insert(id);
    }
    /// Notes a replace on its way; the added quantity is reserved.
    pub(crate) fn request_replace(&mut self, sent: &ChildReplaceRequested, now: Ts) {
        let child = self.children.at_mut(sent.child_id());
        child.version += 1;
        child.replace.set(Replace {
            version: child.version,
            qty: sent.qty(),
            price: sent.price(),
            added_qty: sent.added_qty(),
            unit_exposure: sent.unit_exposure(),
            doubted: false,
        });
        let child = child.clone();
        self.await_answer(sent.child_id(), child.version, now);
        self.own_price(&child, sent.price(), 1);
        let order = self.orders.at_mut(sent.order_id());
        order.message_count += 1;
        order.sent_notional += sent.unit_exposure().times(sent.added_qty());
        order.buckets.shift(Bucket::Unrouted, Bucket::Reserved, sent.added_qty());
    }
    /// Takes a replace back: the added quantity is unrouted again.
    pub(crate) fn drop_replace(&mut self, id: ChildId) {
        let child = self.children.at_mut(id);
        let Some(replace) = child.replace.take() else { return };
        let child = child.clone();
        self.own_price(&child, replace.price, -1);
        let order = self.orders.at_mut(child.order_id);
        order.buckets.shift(Bucket::Reserved, Bucket::Unrouted, replace.added_qty);
    }
    /// Notes a cancel on its way.
    pub(crate) fn request_cancel(&mut self, id: ChildId, now: Ts) {
        let child = self.children.at_mut(id);
        child.version += 1;
        child.cancel = Some(child.version);
        let version = child.version;
        self.orders.at_mut(child.order_id).message_count += 1;
        self.await_answer(id, version, now);
    }
    /// Puts new terms of a child in force; quantity below the old one is unrouted again.
    pub(crate) fn complete_replace(&mut self, id: ChildId) {
        let child = self.children.at_mut(id);
        let Some(replace) = child.replace.get() else { return };
        let Replace { version, qty, price, added_qty, unit_exposure, .. } = replace;
        let before = child.clone();
        child.replace.take();
        child.live_version = version;
        let leaves = child.leaves_qty();
        child.qty = qty.min(child.qty + added_qty).max(child.cum_qty);
        child.price = price;
        child.unit_exposure = unit_exposure;
        let given_back = (leaves + added_qty).saturating_sub(child.leaves_qty());
        let bucket = child.bucket();
        let order = self.orders.at_mut(before.order_id);
        order.buckets.shift(Bucket::Reserved, bucket, added_qty);
        order.buckets.shift(bucket, Bucket::Unrouted, given_back);
        self.own_price(&before, before.price, -1);
    }
    /// Lowers the quantity of a child by the venue's decision.
    pub(crate) fn restate(&mut self, id: ChildId, qty: Qty) {
        let child = self.children.at_mut(id);
        let given_back = child.qty.saturating_sub(qty);
        child.qty = qty;
        let (order_id, bucket) = (child.order_id, child.bucket());
        // New terms on the wire may still be accepted in full: what they need stays reserved.
        let to = match child.replace.get_mut() {
            Some(replace) => {
                replace.added_qty += given_back;
                Bucket::Reserved
            }
            None => Bucket::Unrouted,
        };
        self.orders.at_mut(order_id).buckets.shift(bucket, to, given_back);
    }
    /// Notes what the venue calls filled.
    pub(crate) fn note_told(&mut self, id: ChildId, told: Option<Qty>) {
        let child = self.children.at_mut(id);
        child.told_qty = child.told_qty.max(told.unwrap_or(Qty::ZERO));
    }
    /// Moves a child between working and in doubt.
    pub(crate) fn set_stage(&mut self, id: ChildId, stage: Stage) {
        let child = self.children.at_mut(id);
        let (from, leaves) = (child.bucket(), child.leaves_qty());
        child.stage = stage;
        if stage == Stage::InDoubt {
            child.cancel = None;
            if let Some(replace) = child.replace.get_mut() {
                replace.doubted = true;
            }
        }
        let (order_id, to) = (child.order_id, child.bucket());
        if from != to {
            self.orders.at_mut(order_id).buckets.shift(from, to, leaves);
        }
    }
    /// Ends a child; its leaves are unrouted again.
    pub(crate) fn close_child(&mut self, id: ChildId, how: Close) {
        self.drop_replace(id);
        let child = self.children.at_mut(id);
        child.cancel = None;
        let (leaves, bucket, order_id) = (child.leaves_qty(), child.bucket(), child.order_id);
        child.stage = Stage::Closed(how);
        let child = child.clone();
        self.own_price(&child, child.price, -1);
        let order = self.orders.at_mut(order_id);
        order.buckets.shift(bucket, Bucket::Unrouted, leaves);
        order.open_child_count -= 1;
        self.open_children.remove(id);
    }
    /// Ends a child of which nothing is left and nothing more was asked for.
    pub(crate) fn close_if_done(&mut self, id: ChildId) {
        let child = self.children.at(id);
        let done = child.leaves_qty().is_zero() && child.added_qty().is_zero();
        if child.is_open() && done {
            let empty = child.cum_qty.is_zero();
            self.close_child(id, if empty { Close::Canceled } else { Close::Filled });
        }
    }
    /// Returns what to keep in doubt of a child that is over when its venue calls `told` filled:
    /// what of it is ordered and not seen, as far as it was not sent again.
    pub fn unseen_qty(&self, id: ChildId, told: Qty) -> Qty {
        let child = self.child(id);
        let free = self.order(child.order_id).buckets.get(Bucket::Unrouted);
        let free = free + child.leaves_qty() + child.added_qty();
        told.min(child.qty).saturating_sub(child.cum_qty).min(free)
    }
    /// Keeps of a child that is over what its venue calls filled and we have not seen, even if it
    /// had ended; the rest is unrouted.
    pub(crate) fn await_unseen(&mut self, id: ChildId, told: Qty) {
        let unseen = self.unseen_qty(id, told);
        self.drop_replace(id);
        let child = self.children.at_mut(id);
        let (ended, from, leaves) = (!child.is_open(), child.bucket(), child.leaves_qty());
        child.stage = Stage::Unseen;
        child.cancel = None;
        child.told_qty = child.cum_qty + unseen;
        let child = child.clone();
        let order = self.orders.at_mut(child.order_id);
        order.buckets.shift(from, Bucket::Unrouted, leaves);
        order.buckets.shift(Bucket::Unrouted, child.bucket(), unseen);
        if ended {
            order.open_child_count += 1;
            self.own_price(&child, child.price, 1);
            self.open_children.insert(id);
        }
        self.close_if_done(id);
    }
    /// Books `qty` of a fill on a child and its parent.
    ///
    /// A child gives it from its leaves; one that is over also from what went back to the parent.
    pub(crate) fn fill(&mut self, id: ChildId, qty: Qty) {
        let child = self.children.at_mut(id);
        let (bucket, held) = (child.bucket(), child.leaves_qty().min(qty));
        child.cum_qty += qty;
        assert!(child.cum_qty <= child.qty, "I2: child {id} filled beyond its quantity");
        let order = self.orders.at_mut(child.order_id);
        order.buckets.shift(bucket, Bucket::Filled, held);
        let unrouted = order.buckets.get(Bucket::Unrouted).min(qty - held);
        order.buckets.shift(Bucket::Unrouted, Bucket::Filled, unrouted);
        order.buckets.shift(Bucket::Canceled, Bucket::Filled, qty - held - unrouted);
    }
    /// Returns how much of a fill is within what was ordered: the leaves of a child, and what went
    /// back to the parent of one that is over.
    pub fn room(&self, id: ChildId) -> Qty {
        let child = self.child(id);
        if !matches!(child.stage, Stage::Unseen | Stage::Closed(_)) {
            return child.leaves_qty();
        }
        let buckets = &self.order(child.order_id).buckets;
        let freed = buckets.get(Bucket::Unrouted) + buckets.get(Bucket::Canceled);
        child.qty.saturating_sub(child.cum_qty).min(child.leaves_qty() + freed)
    }
    /// Takes `qty` of a fill back: open again if the child is, else unrouted or canceled.
    pub(crate) fn unfill(&mut self, id: ChildId, qty: Qty) {
        let child = self.children.at_mut(id);
        let Some(left) = child.cum_qty.checked_sub(qty) else {
            panic!("I2: child {id} cannot give back {qty} of {}", child.cum_qty);
        };
        child.cum_qty = left;
        let open = child.is_open();
        let (order_id, bucket) = (child.order_id, child.bucket());
        let order = self.orders.at_mut(order_id);
        let to = match (open, order.closed) {
            (true, _) => bucket,
            (false, Some(_)) => Bucket::Canceled,
            (false, None) => Bucket::Unrouted,
        };
        order.buckets.shift(Bucket::Filled, to, qty);
    }
    /// Ends a parent; what is unrouted is canceled.
    pub(crate) fn close_order(&mut self, id: OrderId, how: Close) {
        let order = self.orders.at_mut(id);
        let rest = order.buckets.get(Bucket::Unrouted);
        order.buckets.shift(Bucket::Unrouted, Bucket::Canceled, rest);
        order.closed = Some(how);
        order.cancel.take();
        order.replace.take();
        self.open_orders.remove(id);
        self.forget_timers(id);
    }
    /// Marks a stop as triggered.
    pub(crate) fn trigger(&mut self, id: OrderId) {
        let order = self.orders.at_mut(id);
        order.triggered = true;
        if let Some(stop_px) = order.stop_px {
            self.stops.remove(&(order.symbol, order.side.is_buy(), stop_px, id));
        }
    }
    /// Forgets at the front of the queues what is not awaited any more.
    pub(crate) fn prune(&mut self) {
        let mut queues = core::mem::take(&mut self.unanswered);
        for queue in queues.values_mut() {
            while queue.front().is_some_and(|front| !self.is_awaited(front)) {
                queue.pop_front();
            }
        }
        self.unanswered = queues;
    }
    fn forget_timers(&mut self, id: OrderId) {
        let order = self.orders.at(id);
        if let Some(end) = order.expire_ts {
            self.expiries.remove(&(end, id));
        }
        if let (false, Some(stop_px)) = (order.triggered, order.stop_px) {
            self.stops.remove(&(order.symbol, order.side.is_buy(), stop_px, id));
        }
    }
    fn own_price(&mut self, child: &Child, price: Option<Price>, change: i32) {
        let Some(group) = child.group else { return };
        let buy = child.side.is_buy();
        let market = Price::from_nanos(if buy { i64::MAX } else { i64::MIN });
        let price = price.unwrap_or(market);
        self.own_prices.entry((group, child.symbol), Resting::default).change(buy, price, change);
    }
    /// Checks I1 and I2 of a parent; panics when one does not hold.
    pub(crate) fn assert_balanced(&self, id: OrderId) {
        let order = self.order(id);
        assert_eq!(order.buckets.total(), order.order_qty, "I1: buckets of order {id}");
        if order.closed.is_some() {
            assert_eq!(order.open_child_count, 0, "I2: closed order {id} has open children");
        }
    }
    /// Checks I2 by walking all children of a parent; panics when it does not hold.
    pub fn assert_children(&self, id: OrderId) {
        let order = self.order(id);
        let mut leaves = Qty::ZERO;
        for child in self.children_of(id) {
            leaves += self.child(child).leaves_qty() + self.child(child).added_qty();
        }
        assert_eq!(leaves, order.buckets.live(), "I2: leaves below order {id}");
    }
}
