//! The plain book: one list of orders, scanned for every question. The fast one's oracle.
//!
//! Written to be checked against `docs/concepts/book.md` by reading. Each request costs the square
//! of the number of orders or worse.

mod auction;
mod matching;

use ringfence_kernel::types::number::QTY_MAX;
use ringfence_kernel::types::{Price, Qty, Side};

use super::Book;
use super::event::{BookEvent, CancelReason, Priority, RejectReason, Request};
use super::order::{BookOrder, BookOrderId, Replacement, price_is_in_range};
use super::view::{
    Band, BookLimits, BookMode, Cross, Level, MustUncross, NotInAuction, OpenOrder, Place,
    TRIGGERS_MAX,
};

/// The order book that is meant to be read.
#[derive(Clone, Debug)]
pub struct PlainBook {
    rows: Vec<Row>,
    mode: BookMode,
    band: Option<Band>,
    last_px: Option<Price>,
    /// Lowest and highest price traded since stops were last elected.
    reached: Option<(Price, Price)>,
    seq: u64,
    limits: BookLimits,
}

/// An open order.
#[derive(Clone, Copy, Debug)]
struct Row {
    order: BookOrder,
    /// Limit as it stands after replaces and bands.
    px: Option<Price>,
    executed: Qty,
    leaves: Qty,
    displayed: Qty,
    /// Place in time: lower was first.
    seq: u64,
    place: Place,
}

impl PlainBook {
    /// Returns an empty book in continuous trading without a band.
    pub fn new(limits: BookLimits) -> Self {
        Self {
            rows: Vec::new(),
            mode: BookMode::Continuous,
            band: None,
            last_px: None,
            reached: None,
            seq: 0,
            limits,
        }
    }
    fn is_continuous(&self) -> bool {
        self.mode == BookMode::Continuous
    }
    fn find(&self, id: BookOrderId) -> Option<Row> {
        self.rows.iter().find(|row| row.order.id == id).copied()
    }
    fn take_out(&mut self, id: BookOrderId) {
        self.rows.retain(|row| row.order.id != id);
    }
    /// Puts a row where a row of the same order is, or at the end.
    fn put(&mut self, row: Row) {
        match self.rows.iter_mut().find(|old| old.order.id == row.order.id) {
            Some(old) => *old = row,
            None => self.rows.push(row),
        }
    }
    fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }
    /// Returns the limit under which a row trades now; `None` is at any price.
    fn limit_of(&self, side: Side, px: Option<Price>) -> Option<Price> {
        match (self.band, px) {
            (None, px) => px,
            (Some(band), Some(px)) => Some(band.draw_back(side, px)),
            (Some(band), None) => Some(band.worst(side)),
        }
    }
    fn check_entry(&self, order: &BookOrder) -> Result<(), RejectReason> {
        order.check()?;
        if self.find(order.id).is_some() {
            return Err(RejectReason::DuplicateId);
        }
        if self.rows.len() >= self.limits.orders_max() {
            return Err(RejectReason::BookFull);
        }
        let is_stop = order.kind.stop_px().is_some();
        if order.is_immediate() && !is_stop && !self.is_continuous() {
            return Err(RejectReason::NotContinuous);
        }
        if order.post_only && self.would_take(order, order.kind.px(), order.qty) {
            return Err(RejectReason::WouldTake);
        }
        Ok(())
    }
    fn would_take(&self, order: &BookOrder, px: Option<Price>, leaves: Qty) -> bool {
        let limit = self.limit_of(order.side, px);
        self.is_continuous() && !self.fillable(order.side, limit, leaves).is_zero()
    }
    fn hold(&mut self, mut row: Row, place: Place, events: &mut Vec<BookEvent>) {
        row.place = place;
        row.seq = self.next_seq();
        row.displayed = Qty::ZERO;
        events.push(BookEvent::Held { id: row.order.id, leaves: row.leaves });
        self.put(row);
    }
    fn is_reached(&self, row: &Row, low: Price, high: Price) -> bool {
        row.order.kind.stop_px().is_some_and(|stop_px| {
            if row.order.side.is_buy() { high >= stop_px } else { low <= stop_px }
        })
    }
    /// Waits for a stop price, or for its turn when the last trade has reached it already.
    fn hold_stop(&mut self, row: Row, events: &mut Vec<BookEvent>) {
        let is_due = self.last_px.is_some_and(|last| self.is_reached(&row, last, last));
        self.hold(row, if is_due { Place::Due } else { Place::Stop }, events);
    }
    /// Makes all stops due that a trade reached, in order of their time.
    fn elect(&mut self) {
        let Some((low, high)) = self.reached.take() else { return };
        let mut elected: Vec<Row> = self.rows.clone();
        elected.retain(|row| row.place == Place::Stop && self.is_reached(row, low, high));
        elected.sort_by_key(|row| row.seq);
        for mut row in elected {
            row.place = Place::Due;
            row.seq = self.next_seq();
            self.put(row);
        }
    }
    fn settle(&mut self, events: &mut Vec<BookEvent>) {
        self.elect();
        for _ in 0..TRIGGERS_MAX {
            let due = self.rows.iter().filter(|row| row.place == Place::Due);
            let Some(first) = due.min_by_key(|row| row.seq).copied() else { return };
            if !self.is_continuous() {
                return;
            }
            self.take_out(first.order.id);
            events.push(BookEvent::Triggered { id: first.order.id });
            self.enter(first, events);
            self.elect();
        }
    }
    fn change(
        &mut self,
        id: BookOrderId,
        terms: Replacement,
        events: &mut Vec<BookEvent>,
    ) -> Result<(), RejectReason> {
        let mut row = self.find(id).ok_or(RejectReason::UnknownOrder)?;
        if terms.qty > Qty::new(QTY_MAX) {
            return Err(RejectReason::Qty);
        }
        if terms.px.is_some() && row.px.is_none() {
            return Err(RejectReason::NoLimitPrice);
        }
        if !terms.px.is_none_or(price_is_in_range) {
            return Err(RejectReason::Price);
        }
        let leaves = terms.qty.saturating_sub(row.executed);
        if leaves.is_zero() {
            self.take_out(id);
            let why = CancelReason::NothingLeft;
            events.push(BookEvent::Canceled { id, leaves: row.leaves, why });
            return Ok(());
        }
        let px = terms.px.or(row.px);
        let is_same_px = match row.place {
            Place::Resting => self.limit_of(row.order.side, px) == row.px,
            Place::Held | Place::Stop | Place::Due => px == row.px,
        };
        let keeps = is_same_px && leaves <= row.leaves;
        if !keeps && row.order.post_only && self.would_take_again(&row, px, leaves) {
            return Err(RejectReason::WouldTake);
        }
        let priority = if keeps { Priority::Kept } else { Priority::Lost };
        let shown_px = if is_same_px { row.px } else { px };
        let qty = row.executed + leaves;
        events.push(BookEvent::Replaced { id, qty, px: shown_px, leaves, priority });
        row.leaves = leaves;
        row.px = shown_px;
        if keeps {
            row.displayed = row.displayed.min(leaves);
            self.put(row);
            return Ok(());
        }
        self.enter_again(row, events);
        Ok(())
    }
    /// Returns whether a resting order would trade with new terms.
    fn would_take_again(&self, row: &Row, px: Option<Price>, leaves: Qty) -> bool {
        row.place == Place::Resting && self.would_take(&row.order, px, leaves)
    }
    /// Lets an order that lost its place begin anew where it was.
    fn enter_again(&mut self, row: Row, events: &mut Vec<BookEvent>) {
        self.take_out(row.order.id);
        match row.place {
            Place::Resting => self.enter(row, events),
            Place::Held | Place::Due => self.hold(row, row.place, events),
            Place::Stop => self.hold_stop(row, events),
        }
        self.settle(events);
    }
    fn open(&self, row: &Row) -> OpenOrder {
        OpenOrder {
            id: row.order.id,
            owner: row.order.owner,
            side: row.order.side,
            place: row.place,
            px: row.px,
            qty: row.executed + row.leaves,
            leaves: row.leaves,
            displayed: row.displayed,
        }
    }
}

impl Book for PlainBook {
    fn submit(&mut self, order: BookOrder, events: &mut Vec<BookEvent>) {
        if let Err(why) = self.check_entry(&order) {
            events.push(BookEvent::Rejected { id: order.id, request: Request::New, why });
            return;
        }
        events.push(BookEvent::Accepted { id: order.id });
        let row = Row {
            order,
            px: order.kind.px(),
            executed: Qty::ZERO,
            leaves: order.qty,
            displayed: Qty::ZERO,
            seq: 0,
            place: Place::Resting,
        };
        if order.kind.stop_px().is_some() {
            self.hold_stop(row, events);
        } else if order.is_auction_only() {
            self.hold(row, Place::Held, events);
        } else {
            self.enter(row, events);
        }
        self.settle(events);
    }
    fn cancel(&mut self, id: BookOrderId, events: &mut Vec<BookEvent>) {
        let Some(row) = self.find(id) else {
            let (request, why) = (Request::Cancel, RejectReason::UnknownOrder);
            events.push(BookEvent::Rejected { id, request, why });
            return;
        };
        self.take_out(id);
        let why = CancelReason::Requested;
        events.push(BookEvent::Canceled { id, leaves: row.leaves, why });
    }
    fn replace(&mut self, id: BookOrderId, terms: Replacement, events: &mut Vec<BookEvent>) {
        if let Err(why) = self.change(id, terms, events) {
            events.push(BookEvent::Rejected { id, request: Request::Replace, why });
        }
    }
    fn reduce(&mut self, id: BookOrderId, by: Qty, events: &mut Vec<BookEvent>) {
        let Some(mut row) = self.find(id) else {
            let (request, why) = (Request::Reduce, RejectReason::UnknownOrder);
            events.push(BookEvent::Rejected { id, request, why });
            return;
        };
        if by >= row.leaves {
            self.take_out(id);
            let why = CancelReason::NothingLeft;
            events.push(BookEvent::Canceled { id, leaves: row.leaves, why });
            return;
        }
        row.leaves -= by;
        row.displayed = row.displayed.min(row.leaves);
        events.push(BookEvent::Reduced { id, leaves: row.leaves });
        self.put(row);
    }
    fn set_mode(&mut self, mode: BookMode, events: &mut Vec<BookEvent>) -> Result<(), MustUncross> {
        if mode == BookMode::Continuous && self.must_uncross() {
            return Err(MustUncross);
        }
        self.mode = mode;
        self.settle(events);
        Ok(())
    }
    fn set_band(&mut self, band: Option<Band>, events: &mut Vec<BookEvent>) {
        self.band = band;
        for side in [Side::Buy, Side::Sell] {
            for mut row in self.side(side) {
                let px = self.limit_of(side, row.px);
                if px == row.px {
                    continue;
                }
                self.take_out(row.order.id);
                row.px = px;
                self.reprice(row, events);
            }
        }
    }
    fn uncross(
        &mut self,
        reference_px: Price,
        events: &mut Vec<BookEvent>,
    ) -> Result<Option<Cross>, NotInAuction> {
        let BookMode::Auction(kind) = self.mode else { return Err(NotInAuction) };
        let cross = self.cross_at(kind, reference_px);
        if let Some(cross) = cross {
            self.trade_auction(kind, cross, events);
        }
        self.end_auction(kind, events);
        self.elect();
        Ok(cross)
    }
    fn run_due(&mut self, events: &mut Vec<BookEvent>) -> usize {
        self.settle(events);
        self.rows.iter().filter(|row| row.place == Place::Due).count()
    }
    fn indicative(&self, reference_px: Price) -> Option<Cross> {
        let BookMode::Auction(kind) = self.mode else { return None };
        self.cross_at(kind, reference_px)
    }
    fn mode(&self) -> BookMode {
        self.mode
    }
    fn band(&self) -> Option<Band> {
        self.band
    }
    fn last_px(&self) -> Option<Price> {
        self.last_px
    }
    fn best(&self, side: Side) -> Option<Level> {
        self.depth(side, 1).first().copied()
    }
    fn depth(&self, side: Side, levels: usize) -> Vec<Level> {
        let mut found: Vec<Level> = Vec::new();
        for row in self.side(side) {
            let (Some(px), qty) = (row.px, row.displayed) else { continue };
            match found.last_mut() {
                Some(level) if level.px == px => level.qty += qty,
                Some(_) | None if qty.is_zero() => {}
                Some(_) | None => found.push(Level { px, qty }),
            }
        }
        found.truncate(levels);
        found
    }
    fn order(&self, id: BookOrderId) -> Option<OpenOrder> {
        self.find(id).map(|row| self.open(&row))
    }
    fn order_count(&self) -> usize {
        self.rows.len()
    }
    fn resting(&self, side: Side) -> Vec<OpenOrder> {
        self.side(side).iter().map(|row| self.open(row)).collect()
    }
    fn waiting(&self) -> Vec<OpenOrder> {
        let mut rows = self.rows.clone();
        rows.retain(|row| row.place != Place::Resting);
        rows.sort_by_key(|row| (row.place == Place::Due, row.seq));
        rows.iter().map(|row| self.open(row)).collect()
    }
    fn takeable(&self, side: Side, limit: Option<Price>) -> Qty {
        let limit = self.limit_of(side, limit);
        let rows = self.makers(side, limit).into_iter().filter(|row| row.order.min_qty.is_none());
        rows.fold(Qty::ZERO, |sum, row| sum + row.leaves)
    }
}
