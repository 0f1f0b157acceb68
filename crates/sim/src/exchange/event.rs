//! What goes out: one event for each thing that became true, in order.

use ringfence_kernel::types::{
    ExecType, Money, Name, Note, OrdStatus, OrdType, Phase, Price, Qty, Side, TimeInForce, Ts,
    WireId,
};

use super::command::{HaltReason, MassScope, Retail};
use super::ids::{ExecNumber, InstrumentIndex, OrderNumber, PortId};

/// One thing that became true at the exchange.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A statement about an order (FIX 35=8).
    Report(Box<Report>),
    /// A cancel or replace was refused (FIX 35=9).
    CancelRejected(CancelRejected),
    /// The answer to a mass cancel (FIX 35=r); the reports of the orders follow.
    MassCanceled(MassCanceled),
    /// An instrument trades otherwise than before (FIX 35=f).
    Status(SecurityStatus),
    /// The venue is in another part of its day (FIX 35=h).
    Session(TradingSession),
    /// Members are told something (FIX 35=B).
    News {
        /// What.
        text: Note,
        /// When.
        ts: Ts,
    },
    /// The anonymous participant is gone; its orders stay as they are.
    LiquidityLost {
        /// Why.
        text: Note,
    },
    /// Something traded.
    Print {
        /// Instrument.
        instrument: InstrumentIndex,
        /// Price.
        px: Price,
        /// Quantity.
        qty: Qty,
        /// When.
        ts: Ts,
    },
    /// The displayed book of an instrument may have changed.
    BookChanged {
        /// Instrument.
        instrument: InstrumentIndex,
        /// When.
        ts: Ts,
    },
}

/// Who brought what a trade took (FIX 851).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Liquidity {
    /// The order rested (FIX 851=1).
    Added,
    /// The order came in (FIX 851=2).
    Removed,
    /// Both waited for an auction (FIX 851=4).
    Auction,
}

/// The execution that a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Last {
    /// Price (FIX 31).
    pub px: Price,
    /// Quantity (FIX 32).
    pub qty: Qty,
    /// Fee, or rebate where it is negative.
    pub fee: Money,
    /// Who brought the liquidity.
    pub liquidity: Liquidity,
}

/// Place of a report in the answer to a mass status request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MassPart {
    /// Id of the request (FIX 584).
    pub id: WireId,
    /// Number of reports (FIX 911).
    pub total: usize,
    /// Whether this is the last one (FIX 912).
    pub is_last: bool,
}

/// A statement about an order as it is after what is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Report {
    /// Port of the order.
    pub port: PortId,
    /// Order; `None` for one that was never taken in.
    pub order: Option<OrderNumber>,
    /// Number of this report; `None` for the answer to a status request.
    pub exec: Option<ExecNumber>,
    /// Report that is canceled or corrected by this one (FIX 19).
    pub exec_ref: Option<ExecNumber>,
    /// What is told (FIX 150).
    pub exec_type: ExecType,
    /// State of the order (FIX 39).
    pub status: OrdStatus,
    /// Member's id of the order (FIX 11); for a canceled order that of the request, if any.
    pub cl_ord_id: WireId,
    /// Id until now (FIX 41).
    pub orig_cl_ord_id: Option<WireId>,
    /// Account.
    pub account: Option<Name>,
    /// Symbol.
    pub symbol: Name,
    /// Side.
    pub side: Side,
    /// Type; `None` where it is not known.
    pub ord_type: Option<OrdType>,
    /// Limit.
    pub px: Option<Price>,
    /// Stop price.
    pub stop_px: Option<Price>,
    /// Time in force; `None` where it is not known.
    pub time_in_force: Option<TimeInForce>,
    /// End of a good-till-date order (FIX 126).
    pub expire_ts: Option<Ts>,
    /// Quantity (FIX 38).
    pub qty: Qty,
    /// Filled (FIX 14).
    pub cum_qty: Qty,
    /// Open (FIX 151).
    pub leaves_qty: Qty,
    /// Mean price of what is filled (FIX 6), rounded half up.
    pub avg_px: Price,
    /// Execution.
    pub last: Option<Last>,
    /// Reason of a rejection.
    pub reason: Option<OrderReject>,
    /// Why the venue changed the order unasked (FIX 378).
    pub restated: Option<Restated>,
    /// Remark (FIX 58).
    pub text: Option<Note>,
    /// Part of the order in the retail program.
    pub retail: Retail,
    /// Place in the answer to a mass status request.
    pub mass: Option<MassPart>,
    /// When.
    pub ts: Ts,
}

/// Why the venue changed an order unasked (FIX 378).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Restated {
    /// Moved to the edge of the band (FIX 378=3).
    Repriced,
    /// The venue's own decision: a stop was elected, an unsolicited cancel (FIX 378=4).
    Venue,
    /// Part of the quantity was declined (FIX 378=5).
    PartialDecline,
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $vdoc:literal])*
        $variant:ident = $text:literal,)* })*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $vdoc])* $variant,)* }

        impl $name {
            /// Every reason, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the sentence for a person (FIX 58).
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    )*};
}

reasons! {
    /// Why an order was refused.
    OrderReject {
        /// No such instrument here.
        UnknownSymbol = "unknown symbol",
        /// The venue is closed.
        Closed = "the venue is closed",
        /// The instrument is halted and orders are refused meanwhile.
        Halted = "the instrument is halted",
        /// Its auction is over, or will not be.
        TooLate = "too late for its auction",
        /// The id was used before on this port.
        DuplicateClOrdId = "ClOrdID was used before",
        /// A status request found no order.
        UnknownOrder = "unknown order",
        /// Type of order not accepted.
        OrdType = "type of order not accepted",
        /// Time in force not accepted.
        TimeInForce = "time in force not accepted",
        /// Side, instruction or a number not known to this venue.
        Unsupported = "a term is not supported",
        /// Price and type of order do not belong together.
        PriceForType = "price does not fit the type of order",
        /// Price not a multiple of the tick.
        Tick = "price is not a multiple of the tick",
        /// Quantity zero, too large, or not a multiple of the lot.
        Quantity = "quantity is not a multiple of the lot",
        /// Limit outside the band fixed for the session.
        PriceBand = "price is outside the band of the session",
        /// Notional above the cap of a single order.
        Notional = "notional is above the cap of one order",
        /// Minimum, reserve or post-only do not fit the order.
        Terms = "terms contradict each other",
        /// Immediate order while there is no continuous trading.
        NotContinuous = "no continuous trading now",
        /// A post-only order would have traded.
        WouldTake = "a post-only order would trade",
        /// The end of a good-till-date order is missing or past.
        ExpireTime = "expire time is missing or past",
        /// The port may not do this.
        NotEntitled = "the port is not entitled",
        /// Price improving interest that does not improve enough.
        NoImprovement = "no improvement on the best protected quote",
        /// Too many messages.
        Throttled = "too many messages per second",
        /// No room for another order.
        Full = "no room for another order",
        /// A fault refuses it.
        Fault = "refused by the venue",
    }
    /// Why a cancel or replace was refused.
    CancelReject {
        /// The order is closed, or was filled that far (FIX 102=0).
        TooLate = "too late",
        /// No such order (FIX 102=1).
        UnknownOrder = "unknown order",
        /// The id was used before (FIX 102=6).
        DuplicateClOrdId = "ClOrdID was used before",
        /// Symbol, side, type or stop price is another one than the order's.
        Mismatch = "a term is not that of the order",
        /// The instrument is halted, and nothing may be raised or priced anew meanwhile.
        Halted = "the instrument is halted",
        /// The new terms are not allowed.
        Terms = "the new terms are not allowed",
        /// Too many messages.
        Throttled = "too many messages per second",
        /// No room for another id.
        Full = "no room for another id",
    }
}

/// A cancel or replace was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CancelRejected {
    /// Port.
    pub port: PortId,
    /// The order, where there is one.
    pub order: Option<OrderNumber>,
    /// Id of the request.
    pub cl_ord_id: WireId,
    /// Id of the order.
    pub orig_cl_ord_id: WireId,
    /// State of the order; rejected where there is none.
    pub status: OrdStatus,
    /// Whether it was a replace (FIX 434=2) or a cancel (FIX 434=1).
    pub is_replace: bool,
    /// Why.
    pub reason: CancelReject,
    /// When.
    pub ts: Ts,
}

/// The answer to a mass cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MassCanceled {
    /// Port.
    pub port: PortId,
    /// Id of the request.
    pub cl_ord_id: WireId,
    /// Which orders.
    pub scope: MassScope,
    /// Number of orders that it canceled (FIX 533); `None` where the symbol is unknown.
    pub affected: Option<usize>,
    /// Number of the report.
    pub exec: ExecNumber,
    /// When.
    pub ts: Ts,
}

/// Why an instrument trades otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusCause {
    /// The day went on.
    Schedule,
    /// A halt by command.
    Halt,
    /// The best price equals the band.
    LimitState,
    /// The limit state ended before a pause.
    LimitStateOver,
    /// The best bid is below the band, or the best offer above it.
    StraddleState,
    /// The straddle state ended before a pause.
    StraddleStateOver,
    /// The limit state lasted, or a pause was declared in a straddle state: trading pauses.
    LimitPause,
    /// An auction collects orders after a halt.
    Reopening,
    /// Trading goes on after a halt or pause.
    Resumed,
    /// Price improving interest came or went.
    RetailInterest,
}

/// On which sides price improving interest waits, without price or size: the retail indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetailInterest {
    /// On none.
    None,
    /// To buy.
    Bid,
    /// To sell.
    Offer,
    /// On both.
    Both,
}

/// How an instrument trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecurityStatus {
    /// Symbol.
    pub symbol: Name,
    /// Phase from now on.
    pub phase: Phase,
    /// Why.
    pub cause: StatusCause,
    /// Why it is halted, where it is and a reason was said (FIX 327).
    pub reason: Option<HaltReason>,
    /// Lowest and highest price of a trade, where there is a band.
    pub band: Option<(Price, Price)>,
    /// Interest that would improve on the quote of now, where there is a retail program.
    pub interest: Option<RetailInterest>,
    /// When.
    pub ts: Ts,
}

/// In which part of its day the venue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TradingSession {
    /// Name of the window; `None` between windows.
    pub name: Option<Name>,
    /// Phase of the window.
    pub phase: Phase,
    /// When.
    pub ts: Ts,
}
