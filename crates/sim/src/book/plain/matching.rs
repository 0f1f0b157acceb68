//! Continuous matching of the plain book: the best order of a list, again and again.

use ringfence_kernel::types::{Price, Qty, Side, TimeInForce};

use super::super::event::{BookEvent, CancelReason, Trade};
use super::super::order::Visibility;
use super::super::view::Place;
use super::{PlainBook, Row};

/// Returns what orders two resting orders of one side: price, then displayed, then time.
pub(super) fn rank(row: &Row) -> (i64, bool, u64) {
    let nanos = row.px.map_or(0, Price::nanos);
    let best_first = if row.order.side.is_buy() { !nanos } else { nanos };
    (best_first, row.order.visibility == Visibility::Hidden, row.seq)
}

impl PlainBook {
    /// Returns the resting orders of a side, best first.
    pub(super) fn side(&self, side: Side) -> Vec<Row> {
        let mut rows = self.rows.clone();
        rows.retain(|row| row.place == Place::Resting && row.order.side.is_buy() == side.is_buy());
        rows.sort_by_key(rank);
        rows
    }
    /// Returns the orders that an order of `side` may meet within its limit, best first.
    pub(super) fn makers(&self, side: Side, limit: Option<Price>) -> Vec<Row> {
        let mut rows = self.side(if side.is_buy() { Side::Sell } else { Side::Buy });
        rows.retain(|row| match (limit, row.px) {
            (None, _) | (_, None) => true,
            (Some(limit), Some(px)) => {
                if side.is_buy() {
                    px <= limit
                } else {
                    px >= limit
                }
            }
        });
        rows
    }
    /// Returns how much of `qty` an order would execute at once.
    pub(super) fn fillable(&self, side: Side, limit: Option<Price>, qty: Qty) -> Qty {
        let mut left = qty;
        for maker in self.makers(side, limit) {
            if maker.order.least_of(maker.leaves) <= left {
                left = left.saturating_sub(maker.leaves);
            }
        }
        qty - left
    }
    /// Lets an order that is not in the list take what it may, then rest, wait or end.
    pub(super) fn enter(&mut self, mut row: Row, events: &mut Vec<BookEvent>) {
        let limit = self.limit_of(row.order.side, row.px);
        if !self.is_continuous() {
            match limit.filter(|_| row.px.is_some()) {
                Some(px) => self.rest(row, px, events),
                None => self.hold(row, Place::Held, events),
            }
            return;
        }
        let time_in_force = row.order.time_in_force;
        let needed = match time_in_force {
            TimeInForce::FillOrKill => row.leaves,
            TimeInForce::Day
            | TimeInForce::GoodTillDate
            | TimeInForce::ImmediateOrCancel
            | TimeInForce::AtOpening
            | TimeInForce::AtClose => row.order.least_of(row.leaves),
        };
        let may_take = self.fillable(row.order.side, limit, row.leaves) >= needed;
        if may_take {
            self.take(&mut row, limit, events);
        }
        if row.leaves.is_zero() {
            return;
        }
        let why = match time_in_force {
            TimeInForce::FillOrKill => CancelReason::FillOrKill,
            TimeInForce::ImmediateOrCancel if may_take => CancelReason::ImmediateOrCancel,
            TimeInForce::ImmediateOrCancel => CancelReason::MinQty,
            TimeInForce::Day
            | TimeInForce::GoodTillDate
            | TimeInForce::AtOpening
            | TimeInForce::AtClose => match limit.filter(|_| row.px.is_some()) {
                Some(px) => return self.rest(row, px, events),
                None => CancelReason::NoLiquidity,
            },
        };
        events.push(BookEvent::Canceled { id: row.order.id, leaves: row.leaves, why });
    }
    fn take(&mut self, taker: &mut Row, limit: Option<Price>, events: &mut Vec<BookEvent>) {
        while !taker.leaves.is_zero() {
            let makers = self.makers(taker.order.side, limit);
            let is_met = |maker: &&Row| maker.order.least_of(maker.leaves) <= taker.leaves;
            let Some(maker) = makers.iter().find(is_met).copied() else { return };
            let Some(px) = maker.px else { return };
            let at_once = match maker.order.visibility {
                Visibility::Hidden => maker.leaves,
                Visibility::Displayed | Visibility::Reserve(_) => maker.displayed,
            };
            let qty = taker.leaves.min(at_once);
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
            self.fill(maker, qty, events);
            self.print(px);
        }
    }
    /// Books an execution of an order in the list.
    pub(super) fn fill(&mut self, mut row: Row, qty: Qty, events: &mut Vec<BookEvent>) {
        row.leaves -= qty;
        row.executed += qty;
        if row.leaves.is_zero() {
            return self.take_out(row.order.id);
        }
        if row.place == Place::Resting && row.order.visibility != Visibility::Hidden {
            if qty < row.displayed {
                row.displayed -= qty;
            } else {
                row.displayed = row.order.display_of(row.leaves);
                row.seq = self.next_seq();
                let displayed = row.displayed;
                events.push(BookEvent::Refreshed { id: row.order.id, displayed });
            }
        }
        self.put(row);
    }
    /// Remembers the price of a trade for stops.
    pub(super) fn print(&mut self, px: Price) {
        self.last_px = Some(px);
        let (low, high) = self.reached.unwrap_or((px, px));
        self.reached = Some((low.min(px), high.max(px)));
    }
    fn rest(&mut self, mut row: Row, px: Price, events: &mut Vec<BookEvent>) {
        row.px = Some(px);
        row.place = Place::Resting;
        row.displayed = row.order.display_of(row.leaves);
        if !self.has_room(&row) {
            return self.refuse_level(&row, events);
        }
        row.seq = self.next_seq();
        let (id, leaves, displayed) = (row.order.id, row.leaves, row.displayed);
        events.push(BookEvent::Rested { id, px, leaves, displayed });
        self.put(row);
    }
    /// Puts an order that a band moved at the end of the line of its new price.
    pub(super) fn reprice(&mut self, mut row: Row, events: &mut Vec<BookEvent>) {
        let Some(px) = row.px else { return };
        if !self.has_room(&row) {
            return self.refuse_level(&row, events);
        }
        row.seq = self.next_seq();
        events.push(BookEvent::Repriced { id: row.order.id, px });
        self.put(row);
    }
    fn has_room(&self, row: &Row) -> bool {
        let mut prices: Vec<_> = self.side(row.order.side).iter().map(|row| row.px).collect();
        prices.dedup();
        prices.contains(&row.px) || prices.len() < self.limits.levels_max()
    }
    fn refuse_level(&self, row: &Row, events: &mut Vec<BookEvent>) {
        let (id, leaves, why) = (row.order.id, row.leaves, CancelReason::TooManyLevels);
        events.push(BookEvent::Canceled { id, leaves, why });
    }
}
