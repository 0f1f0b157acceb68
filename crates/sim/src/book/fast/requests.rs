//! Requests of the fast book: enter, cancel, replace, reduce, and the band.

use ringfence_kernel::types::number::QTY_MAX;
use ringfence_kernel::types::{Price, Qty, Side};

use super::slab::Slot;
use super::{FastBook, Home, Node};
use crate::book::event::{BookEvent, CancelReason, Priority, RejectReason, Request};
use crate::book::order::{BookOrder, BookOrderId, Replacement, price_is_in_range};
use crate::book::view::Band;

impl FastBook {
    pub(super) fn enter_new(&mut self, order: BookOrder, events: &mut Vec<BookEvent>) {
        let id = order.id;
        if let Err(why) = self.admits(&order) {
            events.push(BookEvent::Rejected { id, request: Request::New, why });
            return;
        }
        events.push(BookEvent::Accepted { id });
        let node = Node::new(order);
        if order.kind.stop_px().is_some() || order.is_auction_only() {
            self.hold(node, events);
        } else {
            self.enter(node, events);
        }
        self.settle(events);
    }
    fn admits(&self, order: &BookOrder) -> Result<(), RejectReason> {
        order.check()?;
        if self.ids.contains(&order.id) {
            return Err(RejectReason::DuplicateId);
        }
        if self.ids.len() >= self.limits.orders_max() {
            return Err(RejectReason::BookFull);
        }
        if self.is_continuous() {
            return self.stays_passive(order, order.kind.px(), order.qty);
        }
        if order.is_immediate() && order.kind.stop_px().is_none() {
            return Err(RejectReason::NotContinuous);
        }
        Ok(())
    }
    /// Refuses a post-only order that would trade in continuous trading.
    fn stays_passive(
        &self,
        order: &BookOrder,
        px: Option<Price>,
        qty: Qty,
    ) -> Result<(), RejectReason> {
        if !order.post_only {
            return Ok(());
        }
        let taken = self.fillable(order.side, self.limit_of(order.side, px), qty);
        if taken.is_zero() { Ok(()) } else { Err(RejectReason::WouldTake) }
    }
    pub(super) fn cancel_open(&mut self, id: BookOrderId, events: &mut Vec<BookEvent>) {
        let Some(slot) = self.ids.remove(&id) else {
            let (request, why) = (Request::Cancel, RejectReason::UnknownOrder);
            return events.push(BookEvent::Rejected { id, request, why });
        };
        let (leaves, why) = (self.detach(slot).leaves, CancelReason::Requested);
        events.push(BookEvent::Canceled { id, leaves, why });
    }
    pub(super) fn reduce_open(&mut self, id: BookOrderId, by: Qty, events: &mut Vec<BookEvent>) {
        let Some(slot) = self.ids.get(&id).copied() else {
            let (request, why) = (Request::Reduce, RejectReason::UnknownOrder);
            return events.push(BookEvent::Rejected { id, request, why });
        };
        let leaves = self.nodes.get(slot).leaves.saturating_sub(by);
        if leaves.is_zero() {
            return self.cancel_slot(slot, CancelReason::NothingLeft, events);
        }
        self.shrink(slot, leaves);
        events.push(BookEvent::Reduced { id, leaves });
    }
    pub(super) fn replace_open(
        &mut self,
        id: BookOrderId,
        terms: Replacement,
        events: &mut Vec<BookEvent>,
    ) {
        if let Err(why) = self.replace_checked(id, terms, events) {
            events.push(BookEvent::Rejected { id, request: Request::Replace, why });
        }
    }
    fn replace_checked(
        &mut self,
        id: BookOrderId,
        terms: Replacement,
        events: &mut Vec<BookEvent>,
    ) -> Result<(), RejectReason> {
        let slot = *self.ids.get(&id).ok_or(RejectReason::UnknownOrder)?;
        let old = *self.nodes.get(slot);
        let px = new_px(&old, terms)?;
        let leaves = terms.qty.saturating_sub(old.executed);
        if leaves.is_zero() {
            self.cancel_slot(slot, CancelReason::NothingLeft, events);
            return Ok(());
        }
        let is_resting = matches!(old.home, Home::Level(_));
        let applied = if is_resting { self.limit_of(old.order.side, px) } else { px };
        let px = if applied == old.px { old.px } else { px };
        let qty = old.executed + leaves;
        if applied == old.px && leaves <= old.leaves {
            self.shrink(slot, leaves);
            let priority = Priority::Kept;
            events.push(BookEvent::Replaced { id, qty, px, leaves, priority });
            return Ok(());
        }
        if is_resting && self.is_continuous() {
            self.stays_passive(&old.order, px, leaves)?;
        }
        let priority = Priority::Lost;
        events.push(BookEvent::Replaced { id, qty, px, leaves, priority });
        let mut node = self.close(slot);
        node.leaves = leaves;
        node.px = px;
        match node.home {
            Home::Level(_) => self.enter(node, events),
            Home::Held | Home::Stop | Home::Due => self.hold(node, events),
        }
        self.settle(events);
        Ok(())
    }
    /// Takes an open order out of the book and returns it.
    pub(super) fn close(&mut self, slot: Slot) -> Node {
        let node = self.detach(slot);
        self.ids.remove(&node.order.id);
        node
    }
    /// Takes an order out of where it stands; its id goes before or after.
    fn detach(&mut self, slot: Slot) -> Node {
        let (home, seq) = (self.nodes.get(slot).home, self.nodes.get(slot).seq);
        match home {
            Home::Level(level) => self.leave_level(slot, level),
            Home::Held => {
                self.held.remove(&seq);
            }
            Home::Stop | Home::Due => self.unfile_stop(slot),
        }
        self.nodes.remove(slot)
    }
    pub(super) fn cancel_slot(
        &mut self,
        slot: Slot,
        why: CancelReason,
        events: &mut Vec<BookEvent>,
    ) {
        let node = self.close(slot);
        events.push(BookEvent::Canceled { id: node.order.id, leaves: node.leaves, why });
    }
    /// Leaves less open of an order that keeps its place; the reserve goes first.
    fn shrink(&mut self, slot: Slot, leaves: Qty) {
        let before = *self.nodes.get(slot);
        let node = self.nodes.get_mut(slot);
        node.leaves = leaves;
        node.displayed = node.displayed.min(leaves);
        let node = *node;
        if let Home::Level(level) = node.home {
            let level = self.ladder_mut(node.order.side).level_mut(level);
            level.count_out(&before);
            level.count_in(&node);
        }
    }
    /// Puts an order without a slot outside the book, by its kind.
    pub(super) fn hold(&mut self, mut node: Node, events: &mut Vec<BookEvent>) {
        let was_due = node.home == Home::Due;
        node.seq = self.next_seq();
        node.displayed = Qty::ZERO;
        node.home = Home::Held;
        let slot = self.give_slot(node);
        events.push(BookEvent::Held { id: node.order.id, leaves: node.leaves });
        if node.order.kind.stop_px().is_none() {
            self.held.insert(node.seq, slot);
        } else if was_due {
            self.file_due(slot);
        } else {
            self.file_stop(slot);
        }
    }
    fn give_slot(&mut self, node: Node) -> Slot {
        let slot = self.nodes.insert(node);
        self.ids.insert(node.order.id, slot);
        slot
    }
    /// Rests an order without a slot at the end of the line of `px`.
    pub(super) fn rest(&mut self, mut node: Node, px: Price, events: &mut Vec<BookEvent>) {
        node.px = Some(px);
        node.displayed = node.order.display_of(node.leaves);
        if self.join(node, px) {
            let (id, leaves, displayed) = (node.order.id, node.leaves, node.displayed);
            events.push(BookEvent::Rested { id, px, leaves, displayed });
        } else {
            refuse_level(&node, events);
        }
    }
    /// Puts an order without a slot at the end of a line; returns whether there is room for it.
    fn join(&mut self, mut node: Node, px: Price) -> bool {
        let levels_max = self.limits.levels_max();
        let ladder = self.ladder_mut(node.order.side);
        let Some(level) = ladder.level_at(px, levels_max) else { return false };
        node.home = Home::Level(level);
        node.seq = self.next_seq();
        let slot = self.give_slot(node);
        let ladder = if node.order.side.is_buy() { &mut self.buys } else { &mut self.sells };
        let level = ladder.level_mut(level);
        level.count_in(&node);
        level.line(node.order.visibility).push(&mut self.nodes, slot);
        true
    }
    fn leave_level(&mut self, slot: Slot, home: Slot) {
        let node = self.nodes.get(slot);
        let visibility = node.order.visibility;
        let ladder = if node.order.side.is_buy() { &mut self.buys } else { &mut self.sells };
        let level = ladder.level_mut(home);
        level.count_out(node);
        level.line(visibility).unlink(&mut self.nodes, slot);
        ladder.drop_if_empty(home);
    }
    /// Moves the resting orders of a side that lie beyond the band to its edge.
    pub(super) fn draw_back(&mut self, side: Side, band: Band, events: &mut Vec<BookEvent>) {
        let edge = band.worst(side);
        for slot in self.resting_slots(side) {
            let is_beyond = |px| band.draw_back(side, px) != px;
            if !self.nodes.get(slot).px.is_some_and(is_beyond) {
                return;
            }
            let mut node = self.close(slot);
            node.px = Some(edge);
            if self.join(node, edge) {
                events.push(BookEvent::Repriced { id: node.order.id, px: edge });
            } else {
                refuse_level(&node, events);
            }
        }
    }
}

fn refuse_level(node: &Node, events: &mut Vec<BookEvent>) {
    let (id, leaves, why) = (node.order.id, node.leaves, CancelReason::TooManyLevels);
    events.push(BookEvent::Canceled { id, leaves, why });
}

/// Returns the limit that a replace asks for.
fn new_px(old: &Node, terms: Replacement) -> Result<Option<Price>, RejectReason> {
    if terms.qty > Qty::new(QTY_MAX) {
        return Err(RejectReason::Qty);
    }
    match (old.px, terms.px) {
        (None, Some(_)) => Err(RejectReason::NoLimitPrice),
        (_, Some(px)) if !price_is_in_range(px) => Err(RejectReason::Price),
        (old, new) => Ok(new.or(old)),
    }
}
