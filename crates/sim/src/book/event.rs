//! What a book answers: one event for each thing that became true, in order.

use ringfence_kernel::types::{Price, Qty};

use super::order::BookOrderId;

/// One thing that became true in a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BookEvent {
    /// An order was taken in; what it does follows.
    Accepted {
        /// The order.
        id: BookOrderId,
    },
    /// A request was refused and nothing changed.
    Rejected {
        /// The order it was about.
        id: BookOrderId,
        /// What was asked for.
        request: Request,
        /// Why not.
        why: RejectReason,
    },
    /// Two orders traded.
    Trade(Trade),
    /// An order, or what is left of it, rests at the end of the line of its price.
    Rested {
        /// The order.
        id: BookOrderId,
        /// Price it rests at: its limit, or the edge of the band.
        px: Price,
        /// Open quantity (FIX 151).
        leaves: Qty,
        /// Part of it that is displayed.
        displayed: Qty,
    },
    /// An order waits outside the book, for an auction or for its stop price.
    Held {
        /// The order.
        id: BookOrderId,
        /// Open quantity.
        leaves: Qty,
    },
    /// An order with reserve displays a new part, behind all that are displayed at its price.
    Refreshed {
        /// The order.
        id: BookOrderId,
        /// The new displayed part.
        displayed: Qty,
    },
    /// A stop order was elected by a trade and enters now.
    Triggered {
        /// The order.
        id: BookOrderId,
    },
    /// An order has new terms (FIX 150=5); what it does with them follows.
    Replaced {
        /// The order.
        id: BookOrderId,
        /// Its total quantity.
        qty: Qty,
        /// Its limit price; `None` for a market or stop order.
        px: Option<Price>,
        /// Open quantity.
        leaves: Qty,
        /// Whether it kept its place in the line.
        priority: Priority,
    },
    /// Part of an order was taken away; it kept its place in the line.
    Reduced {
        /// The order.
        id: BookOrderId,
        /// Open quantity that is left.
        leaves: Qty,
    },
    /// A resting order was moved to the edge of a new band, at the end of the line there.
    Repriced {
        /// The order.
        id: BookOrderId,
        /// Its price from now on.
        px: Price,
    },
    /// An order was closed with a rest (FIX 150=4).
    Canceled {
        /// The order.
        id: BookOrderId,
        /// Quantity that was open (FIX 84).
        leaves: Qty,
        /// Why.
        why: CancelReason,
    },
}

/// An execution between two orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trade {
    /// Order that came in; in an auction, where nobody comes in, the buyer's.
    pub taker: BookOrderId,
    /// Order that rested; in an auction the seller's.
    pub maker: BookOrderId,
    /// Price (FIX 31): the maker's, or that of the auction.
    pub px: Price,
    /// Quantity (FIX 32).
    pub qty: Qty,
    /// What is left of the taker (FIX 151).
    pub taker_leaves: Qty,
    /// What is left of the maker (FIX 151).
    pub maker_leaves: Qty,
}

/// What a request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// A new order.
    New,
    /// The cancel of an order.
    Cancel,
    /// New terms for an order.
    Replace,
    /// Less of an order.
    Reduce,
}

impl Request {
    /// Returns the name of the request.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Cancel => "cancel",
            Self::Replace => "replace",
            Self::Reduce => "reduce",
        }
    }
}

/// Whether a replaced order kept its place in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    /// Same price and no more quantity.
    Kept,
    /// Another price, or more quantity: behind all others.
    Lost,
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectReason {
    /// No open order has this id.
    UnknownOrder,
    /// An open order has this id.
    DuplicateId,
    /// The book holds as many open orders as it may.
    BookFull,
    /// The quantity is zero or beyond the largest.
    Qty,
    /// A price is beyond the largest.
    Price,
    /// The minimum is zero, above the quantity, or on an order that may not have one.
    MinQty,
    /// Reserve of nothing, or something to hide on an order without a limit.
    Visibility,
    /// Post-only on an order that cannot rest in continuous trading.
    PostOnly,
    /// A stop order for one auction.
    TimeInForce,
    /// A limit price for an order that has none.
    NoLimitPrice,
    /// An immediate order while there is no continuous trading.
    NotContinuous,
    /// A post-only order that would trade on entry.
    WouldTake,
}

impl RejectReason {
    /// Returns the name of the reason.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownOrder => "unknown_order",
            Self::DuplicateId => "duplicate_id",
            Self::BookFull => "book_full",
            Self::Qty => "qty",
            Self::Price => "price",
            Self::MinQty => "min_qty",
            Self::Visibility => "visibility",
            Self::PostOnly => "post_only",
            Self::TimeInForce => "time_in_force",
            Self::NoLimitPrice => "no_limit_price",
            Self::NotContinuous => "not_continuous",
            Self::WouldTake => "would_take",
        }
    }
}

/// Why an order was closed with a rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelReason {
    /// It was asked for.
    Requested,
    /// A replace or reduce left nothing open.
    NothingLeft,
    /// The rest of an immediate-or-cancel order.
    ImmediateOrCancel,
    /// A fill-or-kill order that could not be filled at once.
    FillOrKill,
    /// An immediate order whose minimum could not be met.
    MinQty,
    /// The rest of a market order that found nothing more to take within the band.
    NoLiquidity,
    /// The rest of a market order or auction order after its auction.
    AuctionEnded,
    /// A price without a level, when there are as many levels as there may be.
    TooManyLevels,
}

impl CancelReason {
    /// Returns the name of the reason.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::NothingLeft => "nothing_left",
            Self::ImmediateOrCancel => "immediate_or_cancel",
            Self::FillOrKill => "fill_or_kill",
            Self::MinQty => "min_qty",
            Self::NoLiquidity => "no_liquidity",
            Self::AuctionEnded => "auction_ended",
            Self::TooManyLevels => "too_many_levels",
        }
    }
}
