//! The anonymous participant: what others quoted and traded, as a function of time.

use ringfence_kernel::types::{Name, Price, Qty, Side, TimeInForce, Ts};

use crate::book::{
    Book, BookEvent, BookOrder, BookOrderId, BookOrderKind, Level, OwnerId, Visibility,
};

/// Orders with at least this number are the anonymous participant's.
pub(super) const HOUSE_FIRST: u64 = 1 << 62;
/// Most orders of the anonymous participant on one side; growth beyond joins the last of them.
pub const HOUSE_ORDERS_MAX: usize = 8;
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
    /// Best bid and offer with their displayed size; `None` where there is none.
    Quote {
        /// Best bid.
        bid: Option<Level>,
        /// Best offer.
        ask: Option<Level>,
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
}

impl House {
    /// Makes the displayed size of the participant what the quote says, each side at one price.
    ///
    /// Less size takes from the youngest orders and leaves the rest their place; more size stands
    /// behind. A price that is no longer quoted is canceled before anything new enters.
    pub(super) fn quote<B: Book>(
        &mut self,
        book: &mut B,
        bid: Option<Level>,
        ask: Option<Level>,
        events: &mut Vec<BookEvent>,
    ) {
        for (side, level) in [(Side::Buy, bid), (Side::Sell, ask)] {
            let lots = self.lots(side);
            lots.retain(|lot| {
                let stays = Some(lot.px) == level.map(|level| level.px);
                if !stays {
                    book.cancel(lot.id, events);
                }
                stays && book.order(lot.id).is_some()
            });
        }
        for (side, level) in [(Side::Buy, bid), (Side::Sell, ask)] {
            if let Some(level) = level.filter(|level| level.px.nanos() > 0) {
                self.resize(book, side, level, events);
            }
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
