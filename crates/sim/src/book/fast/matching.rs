//! Continuous matching of the fast book: level by level, line by line.

use ringfence_kernel::types::{Price, Qty, Side, TimeInForce};

use super::slab::Slot;
use super::{FastBook, Home, Node, is_hidden};
use crate::book::event::{BookEvent, CancelReason, Trade};

impl FastBook {
    /// Lets an order that has no slot take what it may, then rest, wait or end.
    pub(super) fn enter(&mut self, mut node: Node, events: &mut Vec<BookEvent>) {
        let side = node.order.side;
        let limit = self.limit_of(side, node.px);
        let resting_px = limit.filter(|_| node.px.is_some());
        if !self.is_continuous() {
            match resting_px {
                Some(px) => self.rest(node, px, events),
                None => self.hold(node, events),
            }
            return;
        }
        let least = match node.order.time_in_force {
            TimeInForce::FillOrKill => node.leaves,
            TimeInForce::ImmediateOrCancel
            | TimeInForce::Day
            | TimeInForce::GoodTillDate
            | TimeInForce::AtOpening
            | TimeInForce::AtClose => node.order.least_of(node.leaves),
        };
        let takes = least.is_zero() || self.fillable(side, limit, node.leaves) >= least;
        if takes {
            self.take(&mut node, limit, events);
        }
        if node.leaves.is_zero() {
            return;
        }
        let why = match (node.order.time_in_force, resting_px) {
            (TimeInForce::FillOrKill, _) => CancelReason::FillOrKill,
            (TimeInForce::ImmediateOrCancel, _) if takes => CancelReason::ImmediateOrCancel,
            (TimeInForce::ImmediateOrCancel, _) => CancelReason::MinQty,
            (_, Some(px)) => return self.rest(node, px, events),
            (_, None) => CancelReason::NoLiquidity,
        };
        events.push(BookEvent::Canceled { id: node.order.id, leaves: node.leaves, why });
    }
    /// Returns how much of `qty` would execute at once.
    pub(super) fn fillable(&self, side: Side, limit: Option<Price>, qty: Qty) -> Qty {
        let mut left = qty;
        for level in self.across(side).levels(Self::last_rung(side, limit)) {
            left = left.saturating_sub(level.seen_open);
            let mut next = level.hidden.first;
            while let (Some(slot), false) = (next, left.is_zero()) {
                let maker = self.nodes.get(slot);
                if maker.order.least_of(maker.leaves) <= left {
                    left = left.saturating_sub(maker.leaves);
                }
                next = maker.links.behind;
            }
            if left.is_zero() {
                break;
            }
        }
        qty - left
    }
    fn take(&mut self, taker: &mut Node, limit: Option<Price>, events: &mut Vec<BookEvent>) {
        let last = Self::last_rung(taker.order.side, limit);
        let mut at = self.across(taker.order.side).best();
        while let Some((rung, level)) = at {
            if last.is_some_and(|last| rung > last) {
                break;
            }
            self.take_level(taker, level, events);
            let side = taker.order.side;
            at = if taker.leaves.is_zero() { None } else { self.across(side).after(rung) };
            self.across_mut(side).drop_if_empty(level);
        }
    }
    fn take_level(&mut self, taker: &mut Node, level: Slot, events: &mut Vec<BookEvent>) {
        let side = taker.order.side;
        while let (Some(slot), false) =
            (self.across(side).level(level).seen.first, taker.leaves.is_zero())
        {
            let at_once = self.nodes.get(slot).displayed;
            self.trade(taker, slot, at_once, events);
        }
        let mut next = self.across(side).level(level).hidden.first;
        while let (Some(slot), false) = (next, taker.leaves.is_zero()) {
            let maker = self.nodes.get(slot);
            next = maker.links.behind;
            if maker.order.least_of(maker.leaves) <= taker.leaves {
                let all = maker.leaves;
                self.trade(taker, slot, all, events);
            }
        }
    }
    fn trade(&mut self, taker: &mut Node, slot: Slot, at_most: Qty, events: &mut Vec<BookEvent>) {
        let maker = self.nodes.get(slot);
        let Some(px) = maker.px else { panic!("order {} rests without a price", maker.order.id) };
        let qty = taker.leaves.min(at_most);
        taker.leaves -= qty;
        taker.executed += qty;
        events.push(BookEvent::Trade(Trade {
            taker: taker.order.id,
            maker: maker.order.id,
            px,
            qty,
            taker_leaves: taker.leaves,
            maker_leaves: maker.leaves - qty,
        }));
        self.fill(slot, qty, events);
        self.print(px);
    }
    /// Books an execution of an order in the book; its level stays, even without an order.
    pub(super) fn fill(&mut self, slot: Slot, qty: Qty, events: &mut Vec<BookEvent>) {
        let before = *self.nodes.get(slot);
        let mut node = before;
        node.leaves -= qty;
        node.executed += qty;
        let is_used_up = qty >= node.displayed;
        node.displayed = node.displayed.saturating_sub(qty);
        let Home::Level(level) = node.home else {
            *self.nodes.get_mut(slot) = node;
            if node.leaves.is_zero() {
                self.close(slot);
            }
            return;
        };
        let line_end = is_used_up && !node.leaves.is_zero() && !is_hidden(&node.order);
        if line_end {
            node.displayed = node.order.display_of(node.leaves);
            node.seq = self.next_seq();
            events.push(BookEvent::Refreshed { id: node.order.id, displayed: node.displayed });
        }
        *self.nodes.get_mut(slot) = node;
        let ladder = if node.order.side.is_buy() { &mut self.buys } else { &mut self.sells };
        let level = ladder.level_mut(level);
        level.count_out(&before);
        level.count_in(&node);
        if line_end {
            level.seen.unlink(&mut self.nodes, slot);
            level.seen.push(&mut self.nodes, slot);
        } else if node.leaves.is_zero() {
            level.line(node.order.visibility).unlink(&mut self.nodes, slot);
            self.nodes.remove(slot);
            self.ids.remove(&node.order.id);
        }
    }
    /// Remembers the price of a trade for stops.
    pub(super) fn print(&mut self, px: Price) {
        self.last_px = Some(px);
        self.stops.print(px);
    }
}
