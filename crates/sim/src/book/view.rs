//! What a book is set to, and what can be asked of it.

use ringfence_kernel::types::{Price, Qty, Side, TimeInForce};

use super::order::{BookOrderId, OwnerId};

/// Most open orders in one book.
pub const ORDERS_MAX: usize = 1 << 20;
/// Most prices with resting orders on one side of a book.
pub const LEVELS_MAX: usize = 1 << 16;
/// Most stop orders that enter in one call; those behind them stay due for the next.
pub const TRIGGERS_MAX: usize = 1_000;

/// How much one book may hold; never more than [`ORDERS_MAX`] and [`LEVELS_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookLimits {
    orders_max: usize,
    levels_max: usize,
}

impl BookLimits {
    /// Returns the limits, those above the named maxima lowered to them.
    pub fn new(orders_max: usize, levels_max: usize) -> Self {
        Self { orders_max: orders_max.min(ORDERS_MAX), levels_max: levels_max.min(LEVELS_MAX) }
    }
    /// Returns the most open orders.
    pub const fn orders_max(self) -> usize {
        self.orders_max
    }
    /// Returns the most levels of one side.
    pub const fn levels_max(self) -> usize {
        self.levels_max
    }
}

impl Default for BookLimits {
    fn default() -> Self {
        Self::new(ORDERS_MAX, LEVELS_MAX)
    }
}

/// What a book does with orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BookMode {
    /// An order that meets another trades at once.
    Continuous,
    /// Orders are collected for this auction, and trade when it is uncrossed.
    Auction(AuctionKind),
    /// Orders are collected and nothing trades.
    Halted,
}

/// Which auction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuctionKind {
    /// The opening auction; `AtOpening` orders take part.
    Opening,
    /// The closing auction; `AtClose` orders take part.
    Closing,
    /// The auction after a halt.
    Reopening,
}

impl AuctionKind {
    /// Returns whether an order that lives this long takes part.
    pub const fn takes(self, time_in_force: TimeInForce) -> bool {
        match time_in_force {
            TimeInForce::AtOpening => matches!(self, Self::Opening),
            TimeInForce::AtClose => matches!(self, Self::Closing),
            TimeInForce::Day | TimeInForce::GoodTillDate => true,
            TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill => false,
        }
    }
}

/// Prices between which trades may happen (limit up, limit down), both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Band {
    lower: Price,
    upper: Price,
}

impl Band {
    /// Returns the band, or `None` when `lower` is above `upper`.
    pub fn new(lower: Price, upper: Price) -> Option<Self> {
        (lower <= upper).then_some(Self { lower, upper })
    }
    /// Returns the lowest price of a trade.
    pub const fn lower(self) -> Price {
        self.lower
    }
    /// Returns the highest price of a trade.
    pub const fn upper(self) -> Price {
        self.upper
    }
    /// Returns the price itself, or the edge of the band beyond which it lies.
    pub fn nearest(self, px: Price) -> Price {
        px.clamp(self.lower, self.upper)
    }
    /// Returns the worst price of the band for an order of `side`.
    pub const fn worst(self, side: Side) -> Price {
        if side.is_buy() { self.upper } else { self.lower }
    }
    /// Returns the limit of an order of `side` drawn back to its edge of the band.
    pub fn draw_back(self, side: Side, px: Price) -> Price {
        if side.is_buy() { px.min(self.upper) } else { px.max(self.lower) }
    }
}

/// One displayed price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Level {
    /// The price.
    pub px: Price,
    /// Displayed quantity at it.
    pub qty: Qty,
}

/// An open order as the book has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpenOrder {
    /// The order.
    pub id: BookOrderId,
    /// Who entered it.
    pub owner: OwnerId,
    /// Side.
    pub side: Side,
    /// Where it waits.
    pub place: Place,
    /// Limit as the book applies it: the order's, or the edge of a band; `None` without a limit.
    pub px: Option<Price>,
    /// Total quantity (FIX 38).
    pub qty: Qty,
    /// Open quantity (FIX 151).
    pub leaves: Qty,
    /// Displayed part of it; zero outside the book.
    pub displayed: Qty,
}

/// Where an open order waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the line of its price.
    Resting,
    /// Outside the book, for an auction.
    Held,
    /// Outside the book, for its stop price.
    Stop,
    /// Elected, and about to enter when continuous trading lets it.
    Due,
}

impl Place {
    /// Returns the name of the place.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resting => "resting",
            Self::Held => "held",
            Self::Stop => "stop",
            Self::Due => "due",
        }
    }
}

/// What an auction gives at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cross {
    /// The price.
    pub px: Price,
    /// Quantity that trades at it.
    pub qty: Qty,
    /// What is left over at it.
    pub surplus: Surplus,
}

/// Quantity at the price of an auction that finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surplus {
    /// Both sides are equal.
    Balanced,
    /// So much more is bought than sold.
    Buy(Qty),
    /// So much more is sold than bought.
    Sell(Qty),
}

/// Why continuous trading cannot begin: orders that would trade wait for an auction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MustUncross;

/// Why there is nothing to uncross: the book is in no auction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotInAuction;
