//! The anonymous participant: what others quoted and traded, as a function of time.

use std::collections::BTreeMap;

use ringfence_kernel::types::{Name, Note, Price, Qty, Side, TimeInForce, Ts};

use crate::book::{
    Book, BookEvent, BookOrder, BookOrderId, BookOrderKind, Level, OwnerId, Visibility,
};

/// Orders with at least this number are the anonymous participant's.
pub(super) const HOUSE_FIRST: u64 = 1 << 62;
/// Most orders of the anonymous participant on one side; growth beyond joins the last of them.
pub const HOUSE_ORDERS_MAX: usize = 8;
/// Most orders of one instrument that a source tells one by one.
pub const HOUSE_TOLD_MAX: usize = 1 << 18;
/// The owner of its orders.
const HOUSE: OwnerId = OwnerId::new(0);

/// Something that others did in an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MarketEvent {
    /// When.
    pub ts: Ts,
    /// Where.
    pub symbol: Name,
    /// What.
    pub what: MarketWhat,
}

/// What others did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarketWhat {
    /// The best price of a side with its displayed size; it replaces what was shown there before.
    Quote {
        /// The side; every sale is the side of the offers.
        side: Side,
        /// The best price, or nothing where the side is empty.
        best: Option<Level>,
    },
    /// Something traded.
    Trade {
        /// Price.
        px: Price,
        /// Quantity.
        qty: Qty,
        /// Side of who came in, where it is known.
        aggressor: Option<Side>,
    },
    /// An order rests.
    Add {
        /// Number of the order in the source.
        order: u64,
        /// Side.
        side: Side,
        /// Limit and displayed size.
        level: Level,
    },
    /// An order loses part of its size and keeps its place.
    Reduce {
        /// Number of the order in the source.
        order: u64,
        /// What is gone.
        qty: Qty,
    },
    /// An order is gone.
    Delete {
        /// Number of the order in the source.
        order: u64,
    },
    /// An order gives way to another on its side, which stands at the end of its line.
    Replace {
        /// Number of the order that is gone.
        order: u64,
        /// Number of the order that rests now.
        new: u64,
        /// Limit and displayed size.
        level: Level,
    },
    /// Somebody takes from an order; members who rest before it are filled first.
    Execute {
        /// Number of the order in the source.
        order: u64,
        /// Quantity.
        qty: Qty,
    },
    /// Trading stops at the venue of the source.
    Halt,
    /// Trading goes on at the venue of the source.
    Resume,
    /// The source failed and gives nothing more.
    Failed(Note),
}

/// A source of market events that is a function of time alone: rebuilt, it gives the same events.
pub trait Liquidity: Send {
    /// Returns when the next event is.
    fn next_due(&self) -> Option<Ts>;
    /// Returns the next event when it is not later than `until`.
    fn take(&mut self, until: Ts) -> Option<MarketEvent>;
}

/// One order of the anonymous participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Lot {
    id: BookOrderId,
    px: Price,
}

/// The orders of the anonymous participant in one book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct House {
    taken: u64,
    bids: Vec<Lot>,
    asks: Vec<Lot>,
    /// Orders that the source tells one by one, by its numbers.
    told: BTreeMap<u64, (Side, Lot)>,
}

impl House {
    /// Makes the displayed size of a side what the quote says, at one price.
    ///
    /// Less size takes from the youngest orders and leaves the rest their place; more size stands
    /// behind. A price that is no longer quoted is canceled before anything new enters.
    pub(super) fn quote<B: Book>(
        &mut self,
        book: &mut B,
        side: Side,
        best: Option<Level>,
        events: &mut Vec<BookEvent>,
    ) {
        self.lots(side).retain(|lot| {
            let stays = Some(lot.px) == best.map(|level| level.px);
            if !stays {
                book.cancel(lot.id, events);
            }
            stays && book.order(lot.id).is_some()
        });
        if let Some(level) = best.filter(|level| level.px.nanos() > 0) {
            self.resize(book, side, level, events);
        }
    }
    /// Enters an order that the source tells; a number that is in use names the new one.
    pub(super) fn add<B: Book>(
        &mut self,
        book: &mut B,
        number: u64,
        side: Side,
        level: Level,
        events: &mut Vec<BookEvent>,
    ) {
        self.delete(book, number, events);
        if self.told.len() < HOUSE_TOLD_MAX && level.px.nanos() > 0 {
            let order = self.order(side, level.px, level.qty, false);
            self.told.insert(number, (side, Lot { id: order.id, px: level.px }));
            book.submit(order, events);
        }
    }
    /// Takes size from an order that the source told.
    pub(super) fn reduce<B: Book>(
        &mut self,
        book: &mut B,
        number: u64,
        by: Qty,
        events: &mut Vec<BookEvent>,
    ) {
        let Some((_, lot)) = self.told.get(&number) else { return };
        let open = book.order(lot.id).map_or(Qty::ZERO, |open| open.leaves);
        if open <= by {
            self.delete(book, number, events);
        } else if !by.is_zero() {
            book.reduce(lot.id, by, events);
        }
    }
    /// Removes an order that the source told, as far as it is still there; returns its side.
    pub(super) fn delete<B: Book>(
        &mut self,
        book: &mut B,
        number: u64,
        events: &mut Vec<BookEvent>,
    ) -> Option<Side> {
        let (side, lot) = self.told.remove(&number)?;
        if book.order(lot.id).is_some() {
            book.cancel(lot.id, events);
        }
        Some(side)
    }
    /// Returns side and price of an order that the source told.
    pub(super) fn find(&self, number: u64) -> Option<(Side, Price)> {
        self.told.get(&number).map(|(side, lot)| (*side, lot.px))
    }
    /// Takes from an order that the source told: whoever rests before it is filled first, and what
    /// the order did not lose so it loses in addition.
    pub(super) fn execute<B: Book>(
        &mut self,
        book: &mut B,
        number: u64,
        qty: Qty,
        events: &mut Vec<BookEvent>,
    ) {
        let Some((side, lot)) = self.told.get(&number).copied() else { return };
        let open = |book: &B| book.order(lot.id).map_or(Qty::ZERO, |open| open.leaves);
        let before = open(book);
        let aggressor = if side.is_buy() { Side::Sell } else { Side::Buy };
        self.hit(book, lot.px, qty, Some(aggressor), events);
        let lost = before.saturating_sub(open(book));
        self.reduce(book, number, qty.saturating_sub(lost), events);
        if open(book).is_zero() {
            self.told.remove(&number);
        }
    }
    fn resize<B: Book>(
        &mut self,
        book: &mut B,
        side: Side,
        level: Level,
        events: &mut Vec<BookEvent>,
    ) {
        let open = |book: &B, lot: &Lot| book.order(lot.id).map_or(Qty::ZERO, |open| open.leaves);
        let have = self.lots(side).iter().fold(Qty::ZERO, |sum, lot| sum + open(book, lot));
        let mut surplus = have.saturating_sub(level.qty);
        while let (false, Some(last)) = (surplus.is_zero(), self.lots(side).last().copied()) {
            let of_last = open(book, &last);
            if of_last <= surplus {
                book.cancel(last.id, events);
                self.lots(side).pop();
            } else {
                book.reduce(last.id, surplus, events);
            }
            surplus = surplus.saturating_sub(of_last);
        }
        let mut missing = level.qty.saturating_sub(have);
        if missing.is_zero() {
            return;
        }
        if self.lots(side).len() == HOUSE_ORDERS_MAX
            && let Some(last) = self.lots(side).pop()
        {
            missing += open(book, &last);
            book.cancel(last.id, events);
        }
        let order = self.order(side, level.px, missing, false);
        self.lots(side).push(Lot { id: order.id, px: level.px });
        book.submit(order, events);
    }
    /// Trades a print against the book: what rests at its price or better is filled by priority.
    pub(super) fn hit<B: Book>(
        &mut self,
        book: &mut B,
        px: Price,
        qty: Qty,
        aggressor: Option<Side>,
        events: &mut Vec<BookEvent>,
    ) {
        let inferred = || {
            let at_bid = book.best(Side::Buy).is_some_and(|bid| px <= bid.px);
            if at_bid || !book.takeable(Side::Sell, Some(px)).is_zero() {
                Side::Sell
            } else {
                Side::Buy
            }
        };
        let side = aggressor.unwrap_or_else(inferred);
        let order = self.order(side, px, qty, true);
        book.submit(order, events);
    }
    fn lots(&mut self, side: Side) -> &mut Vec<Lot> {
        if side.is_buy() { &mut self.bids } else { &mut self.asks }
    }
    fn order(&mut self, side: Side, px: Price, qty: Qty, is_immediate: bool) -> BookOrder {
        let id = BookOrderId::new(HOUSE_FIRST + self.taken);
        self.taken += 1;
        BookOrder {
            id,
            owner: HOUSE,
            side,
            kind: BookOrderKind::Limit(px),
            time_in_force: if is_immediate {
                TimeInForce::ImmediateOrCancel
            } else {
                TimeInForce::Day
            },
            qty,
            min_qty: None,
            visibility: Visibility::Displayed,
            post_only: false,
        }
    }
}
