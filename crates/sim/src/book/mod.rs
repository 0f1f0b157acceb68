//! The order book of one instrument at the simulated venue: price-time priority, auctions, stops.
//!
//! Two implementations under one trait. [`PlainBook`] scans a list and is meant to be read;
//! [`FastBook`] has levels, lines and indexes and is meant to be used. They share the words of this
//! module and the check of an order's terms, and no line that matches. The same requests give the
//! same events in both.
//!
//! Refuses: clocks, randomness and self-match policy (owners are only reported). Time is the order
//! of the calls. Every rule stands in `docs/concepts/book.md`.
//!
//! Invariants: in continuous trading no two resting orders without a minimum could trade; no trade
//! is outside the band; per order, executed, open and canceled quantity sum to what was asked for.

mod event;
mod fast;
mod order;
mod plain;
mod view;

use ringfence_kernel::types::{Price, Qty, Side};

pub use event::{BookEvent, CancelReason, Priority, RejectReason, Request, Trade};
pub use fast::FastBook;
pub use order::{
    BookOrder, BookOrderId, BookOrderKind, OwnerId, Replacement, Visibility, price_is_in_range,
};
pub use plain::PlainBook;
pub use view::{
    AuctionKind, Band, BookLimits, BookMode, Cross, LEVELS_MAX, Level, MustUncross, NotInAuction,
    ORDERS_MAX, OpenOrder, Place, Surplus, TRIGGERS_MAX,
};

/// An order book of one instrument.
///
/// Requests append what became true to `events`, which they never read. A side of the book is
/// named by any [`Side`]: all sales are one side.
pub trait Book {
    /// Enters an order.
    ///
    /// In continuous trading it takes what it may and rests, waits or ends by its terms. In an
    /// auction or a halt it waits; an immediate order is then rejected. Stops that its trades
    /// elect enter behind it, one after another.
    fn submit(&mut self, order: BookOrder, events: &mut Vec<BookEvent>);

    /// Cancels an order.
    fn cancel(&mut self, id: BookOrderId, events: &mut Vec<BookEvent>);

    /// Gives an order new terms.
    ///
    /// Less quantity at the same price keeps the place in the line; more quantity or another price
    /// loses it, and the order enters like a new one. A total that was executed already closes it.
    fn replace(&mut self, id: BookOrderId, terms: Replacement, events: &mut Vec<BookEvent>);

    /// Takes `by` away from what is open of an order, which keeps its place in the line.
    fn reduce(&mut self, id: BookOrderId, by: Qty, events: &mut Vec<BookEvent>);

    /// Changes the mode; stops that are due enter when continuous trading begins.
    ///
    /// Fails, and changes nothing, where continuous trading would begin with orders that trade.
    fn set_mode(&mut self, mode: BookMode, events: &mut Vec<BookEvent>) -> Result<(), MustUncross>;

    /// Sets the band in which trades may happen, or takes it away.
    ///
    /// Resting buys above it and sells below it move to its edge, best first, buys before sells,
    /// each to the end of the line. Orders that enter later are drawn back to the edge before they
    /// trade or rest, elected stops included, and an auction finds its price within the band.
    fn set_band(&mut self, band: Option<Band>, events: &mut Vec<BookEvent>);

    /// Ends the auction: trades all that crosses at one price, cancels what was for it alone.
    ///
    /// Returns what traded; `None` where nothing crosses. The mode stays.
    fn uncross(
        &mut self,
        reference_px: Price,
        events: &mut Vec<BookEvent>,
    ) -> Result<Option<Cross>, NotInAuction>;

    /// Lets stops enter that stayed due behind [`TRIGGERS_MAX`]; returns how many still are.
    fn run_due(&mut self, events: &mut Vec<BookEvent>) -> usize;

    /// Returns what [`Book::uncross`] would trade now; `None` outside auctions.
    fn indicative(&self, reference_px: Price) -> Option<Cross>;

    /// Returns the mode.
    fn mode(&self) -> BookMode;

    /// Returns the band.
    fn band(&self) -> Option<Band>;

    /// Returns the price of the last trade.
    fn last_px(&self) -> Option<Price>;

    /// Returns the best displayed price of a side with its displayed quantity.
    fn best(&self, side: Side) -> Option<Level>;

    /// Returns the best `levels` displayed prices of a side, best first.
    fn depth(&self, side: Side, levels: usize) -> Vec<Level>;

    /// Returns an open order.
    fn order(&self, id: BookOrderId) -> Option<OpenOrder>;

    /// Returns the number of open orders, wherever they wait.
    fn order_count(&self) -> usize;

    /// Returns the resting orders of a side in the order in which they would trade.
    fn resting(&self, side: Side) -> Vec<OpenOrder>;

    /// Returns the orders outside the book: held and stops by their time, then those that are due.
    fn waiting(&self) -> Vec<OpenOrder>;

    /// Returns the quantity that any order of `side` could take at once at `limit` or better.
    ///
    /// Hidden and reserve quantity counts; orders with a minimum do not, because not every order
    /// could take them. `None` is at any price. The band bounds both.
    fn takeable(&self, side: Side, limit: Option<Price>) -> Qty;
}
