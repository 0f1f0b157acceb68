//! Stop orders of the fast book, by the price that elects them, and those that were elected.

use std::collections::BTreeMap;

use ringfence_kernel::types::{Price, Side};

use super::slab::Slot;
use super::{FastBook, Home};
use crate::book::event::BookEvent;
use crate::book::view::TRIGGERS_MAX;

/// Stop price and time of an order.
type Key = (Price, u64);

/// Stop orders that wait, and those that are due.
#[derive(Clone, Debug)]
pub(super) struct Stops {
    buys: BTreeMap<Key, Slot>,
    sells: BTreeMap<Key, Slot>,
    due: BTreeMap<u64, Slot>,
    /// Lowest and highest price traded since stops were last elected.
    reached: Option<(Price, Price)>,
}

impl Stops {
    pub(super) const fn new() -> Self {
        Self { buys: BTreeMap::new(), sells: BTreeMap::new(), due: BTreeMap::new(), reached: None }
    }
    pub(super) fn due_count(&self) -> usize {
        self.due.len()
    }
    /// Returns the elected orders in the order in which they enter.
    pub(super) fn due(&self) -> impl Iterator<Item = Slot> {
        self.due.values().copied()
    }
    /// Returns the orders that wait with their times, in no order of meaning.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (u64, Slot)> {
        self.buys.iter().chain(&self.sells).map(|((_, seq), slot)| (*seq, *slot))
    }
    pub(super) fn print(&mut self, px: Price) {
        let (low, high) = self.reached.unwrap_or((px, px));
        self.reached = Some((low.min(px), high.max(px)));
    }
    fn by_price(&mut self, side: Side) -> &mut BTreeMap<Key, Slot> {
        if side.is_buy() { &mut self.buys } else { &mut self.sells }
    }
    /// Takes out what the trades since the last time elect, in order of their time.
    fn elected(&mut self) -> Vec<(u64, Slot)> {
        let Some((low, high)) = self.reached.take() else { return Vec::new() };
        let mut found = Vec::new();
        while let Some(first) = self.buys.first_entry().filter(|first| first.key().0 <= high) {
            found.push((first.key().1, first.remove()));
        }
        while let Some(last) = self.sells.last_entry().filter(|last| last.key().0 >= low) {
            found.push((last.key().1, last.remove()));
        }
        found.sort_unstable();
        found
    }
}

impl FastBook {
    /// Puts a stop order where it waits, or among the due when the last trade has reached it.
    pub(super) fn file_stop(&mut self, slot: Slot) {
        let node = *self.nodes.get(slot);
        let Some(stop_px) = node.order.kind.stop_px() else { return };
        let is_reached = self.last_px.is_some_and(|last| {
            if node.order.side.is_buy() { last >= stop_px } else { last <= stop_px }
        });
        if is_reached {
            self.file_due(slot);
            return;
        }
        self.nodes.get_mut(slot).home = Home::Stop;
        self.stops.by_price(node.order.side).insert((stop_px, node.seq), slot);
    }
    /// Puts an elected order at the end of those that are due, under its `seq`.
    pub(super) fn file_due(&mut self, slot: Slot) {
        let node = self.nodes.get_mut(slot);
        node.home = Home::Due;
        self.stops.due.insert(node.seq, slot);
    }
    /// Takes an order out of the stops, waiting or due.
    pub(super) fn unfile_stop(&mut self, slot: Slot) {
        let node = *self.nodes.get(slot);
        if node.home == Home::Due {
            self.stops.due.remove(&node.seq);
        } else if let Some(stop_px) = node.order.kind.stop_px() {
            self.stops.by_price(node.order.side).remove(&(stop_px, node.seq));
        }
    }
    /// Makes due what trades elected.
    pub(super) fn elect(&mut self) {
        for (_, slot) in self.stops.elected() {
            self.nodes.get_mut(slot).seq = self.next_seq();
            self.file_due(slot);
        }
    }
    /// Elects, and in continuous trading lets the due enter one after another.
    pub(super) fn settle(&mut self, events: &mut Vec<BookEvent>) {
        self.elect();
        let mut turns = 0;
        while self.is_continuous() && turns < TRIGGERS_MAX {
            let Some((_, slot)) = self.stops.due.first_key_value() else { return };
            let node = self.close(*slot);
            events.push(BookEvent::Triggered { id: node.order.id });
            self.enter(node, events);
            self.elect();
            turns += 1;
        }
    }
}
