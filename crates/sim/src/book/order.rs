//! What is entered into a book: orders and their terms, checked once at the door.

use core::fmt;

use ringfence_kernel::types::number::{PRICE_MAX, QTY_MAX};
use ringfence_kernel::types::{OrdType, Price, Qty, Side, TimeInForce};

use super::event::RejectReason;

/// Identifier of an order in one book, given by whoever enters it; unique among the open ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookOrderId(u64);

impl BookOrderId {
    /// Returns the identifier numbered `raw`.
    pub const fn new(raw: u64) -> Self {
        Self(raw)
    }
    /// Returns the number.
    pub const fn raw(self) -> u64 {
        self.0
    }
}

impl fmt::Display for BookOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Number of who entered an order; the book only reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerId(u32);

impl OwnerId {
    /// Returns the owner numbered `raw`.
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }
    /// Returns the number.
    pub const fn raw(self) -> u32 {
        self.0
    }
}

/// How an order is priced (FIX 40), with the prices that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BookOrderKind {
    /// At any price.
    Market,
    /// At this price or better (FIX 44).
    Limit(Price),
    /// A market order once the last trade reached this price (FIX 99).
    Stop(Price),
    /// A limit order once the last trade reached the stop price.
    StopLimit {
        /// Price that elects the order (FIX 99).
        stop_px: Price,
        /// Limit once elected (FIX 44).
        px: Price,
    },
}

impl BookOrderKind {
    /// Returns the type of order (FIX 40).
    pub const fn ord_type(self) -> OrdType {
        match self {
            Self::Market => OrdType::Market,
            Self::Limit(_) => OrdType::Limit,
            Self::Stop(_) => OrdType::Stop,
            Self::StopLimit { .. } => OrdType::StopLimit,
        }
    }
    /// Returns the limit price.
    pub const fn px(self) -> Option<Price> {
        match self {
            Self::Market | Self::Stop(_) => None,
            Self::Limit(px) | Self::StopLimit { px, .. } => Some(px),
        }
    }
    /// Returns the price that elects the order.
    pub const fn stop_px(self) -> Option<Price> {
        match self {
            Self::Market | Self::Limit(_) => None,
            Self::Stop(stop_px) | Self::StopLimit { stop_px, .. } => Some(stop_px),
        }
    }
}

/// How much of a resting order the others see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// All of it.
    Displayed,
    /// At most this much at a time, the rest in reserve (FIX 1138, once 111).
    Reserve(Qty),
    /// Nothing; at its price every displayed order goes before it.
    Hidden,
}

/// One order as it is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BookOrder {
    /// Identifier, unique among the open orders of the book (FIX 37).
    pub id: BookOrderId,
    /// Who entered it.
    pub owner: OwnerId,
    /// Side (FIX 54); every kind of sale goes to the same side of the book.
    pub side: Side,
    /// How it is priced.
    pub kind: BookOrderKind,
    /// How long it lives (FIX 59). The book knows no time: `GoodTillDate` is as `Day`, and whoever
    /// holds the clock cancels. `AtOpening` and `AtClose` trade only in the auction of that name.
    pub time_in_force: TimeInForce,
    /// Quantity (FIX 38), 1 to [`QTY_MAX`].
    pub qty: Qty,
    /// Minimum execution (FIX 110), of immediate and of hidden orders only.
    ///
    /// On entry the order executes at least this much at once, over as many resting orders as it
    /// takes, or nothing. Once it rests, each single trade has at least this much, or all that is
    /// left of the order; whoever brings less passes it by. It takes no part in auctions, where
    /// the quantity of a trade is not its own to choose.
    pub min_qty: Option<Qty>,
    /// How much of it the others see.
    pub visibility: Visibility,
    /// Whether the order must not take: one that would trade on entry is rejected (FIX 18=6).
    pub post_only: bool,
}

impl BookOrder {
    /// Returns whether the order has to be done with at once.
    pub const fn is_immediate(&self) -> bool {
        matches!(self.time_in_force, TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill)
    }
    /// Returns whether the order trades in an auction only.
    pub const fn is_auction_only(&self) -> bool {
        matches!(self.time_in_force, TimeInForce::AtOpening | TimeInForce::AtClose)
    }
    /// Returns the part that is displayed when `leaves` is open and nothing is displayed yet.
    pub fn display_of(&self, leaves: Qty) -> Qty {
        match self.visibility {
            Visibility::Displayed => leaves,
            Visibility::Reserve(at_most) => leaves.min(at_most),
            Visibility::Hidden => Qty::ZERO,
        }
    }
    /// Returns the least quantity of an execution when `leaves` is open.
    pub fn least_of(&self, leaves: Qty) -> Qty {
        self.min_qty.map_or(Qty::ZERO, |least| least.min(leaves))
    }
    /// Returns whether the terms agree with each other, or why not.
    pub fn check(&self) -> Result<(), RejectReason> {
        let is_in = |qty: Qty, max: Qty| !qty.is_zero() && qty <= max;
        let prices = [self.kind.px(), self.kind.stop_px()];
        if !is_in(self.qty, Qty::new(QTY_MAX)) {
            return Err(RejectReason::Qty);
        }
        if !prices.into_iter().flatten().all(price_is_in_range) {
            return Err(RejectReason::Price);
        }
        if let Some(least) = self.min_qty {
            let is_meant = self.is_immediate() || self.visibility == Visibility::Hidden;
            if !is_in(least, self.qty) || !is_meant || self.is_auction_only() {
                return Err(RejectReason::MinQty);
            }
        }
        let has_limit = self.kind.px().is_some();
        match self.visibility {
            Visibility::Displayed => {}
            Visibility::Reserve(at_most) if has_limit && !at_most.is_zero() => {}
            Visibility::Hidden if has_limit => {}
            Visibility::Reserve(_) | Visibility::Hidden => return Err(RejectReason::Visibility),
        }
        let is_plain_limit = self.kind.ord_type() == OrdType::Limit;
        if self.post_only && (!is_plain_limit || self.is_immediate() || self.is_auction_only()) {
            return Err(RejectReason::PostOnly);
        }
        if self.is_auction_only() && self.kind.stop_px().is_some() {
            return Err(RejectReason::TimeInForce);
        }
        Ok(())
    }
}

/// Returns whether a price has a magnitude that every notional can hold.
pub fn price_is_in_range(px: Price) -> bool {
    i128::from(px.nanos()).abs() <= PRICE_MAX
}

/// What a replace changes (FIX 35=G).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Replacement {
    /// New total quantity, what was executed included (FIX 38).
    pub qty: Qty,
    /// New limit price (FIX 44); `None` leaves it as it is.
    pub px: Option<Price>,
}
