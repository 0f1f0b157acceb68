//! The words of a fault: what it does, whom it hits, when.

use core::fmt;

use ringfence_kernel::types::{Bps, Name, Note, Price, Qty, Side, Ts, WireId};

use super::curve::Curve;
use crate::exchange::{ExecNumber, HaltReason, Symbols};

/// Longest line, in bytes.
pub const LINE_BYTES_MAX: usize = 255;

/// A point in time of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Nanoseconds since the origin; may be before it.
    Since(i64),
    /// UTC.
    At(Ts),
}

impl Moment {
    /// Returns the time, given the origin.
    pub fn resolve(self, origin: Ts) -> Ts {
        match self {
            Self::Since(ns) => Ts::from_nanos(origin.nanos().saturating_add(ns)),
            Self::At(ts) => ts,
        }
    }
}

/// Whom a fault hits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// One port, or all.
    pub port: Option<Name>,
    /// Which symbols; a message without one is hit only where all are.
    pub symbols: Symbols,
    /// One side of the market, or both.
    pub side: Option<Side>,
    /// Chance of each message that fits; drawn from the seed.
    pub share: Bps,
    /// Only each so-manieth of those that fit, from the first on.
    pub every: u64,
    /// Most hits.
    pub count: Option<u64>,
}

impl Filter {
    /// Everything.
    pub const ALL: Self = Self {
        port: None,
        symbols: Symbols::All,
        side: None,
        share: Bps::new(10_000),
        every: 1,
        count: None,
    };
}

/// Which ids the copy of a fill has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExecIds {
    /// The same: a message that came twice.
    Same,
    /// A new one: a fill that never was.
    New,
}

/// A fault that lasts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// `ack_loss`: answers that are no fills do not go out.
    AckLoss,
    /// `late_ack by=`: answers that are no fills go out later; fills overtake them.
    LateAck {
        /// Delay.
        by_ns: i64,
    },
    /// `late_fill by=`: fills go out later.
    LateFill {
        /// Delay.
        by_ns: i64,
    },
    /// `duplicate_fill [id=same|new]`: fills go out twice.
    DuplicateFill {
        /// Ids of the copy.
        ids: ExecIds,
    },
    /// `fill_after_cancel`: an order whose cancel was acknowledged is filled after all.
    FillAfterCancel,
    /// `symbols_down`: requests about these symbols are swallowed (23 March 2012, A to BFZZZ).
    SymbolsDown,
    /// `degrade to=`: latency grows evenly from none to this much over its time.
    Degrade {
        /// Latency at the end.
        to_ns: i64,
    },
    /// `saturate capacity= curve=LOAD%:LATENCY:LOSS,...`: latency and loss follow the load.
    Saturate {
        /// Requests per second that are the capacity.
        capacity: u32,
        /// Latency and loss by load.
        curve: Curve,
    },
    /// `silence [hold=yes|no]`: nothing of the application goes out; heartbeats do.
    Silence {
        /// Whether the messages go out when it ends; lost otherwise.
        is_held: bool,
    },
    /// `clock_offset by=`: the venue's times (FIX 60) are off by this much.
    ClockOffset {
        /// Offset, either way.
        by_ns: i64,
    },
    /// `reject_orders`: orders are refused.
    RejectOrders,
    /// `throttle take= disconnect=`: another throttle in place of the rules'.
    Throttle {
        /// Messages per second that are taken.
        take_max: u32,
        /// Messages per second after which the port is disconnected.
        disconnect_max: u32,
    },
    /// `market_data_loss`: subscribers are told no prices and trades, and the rest goes on.
    MarketDataLoss,
    /// `market_data_freeze`: subscribers are told again and again what they were told last.
    MarketDataFreeze,
}

/// Names of the faults that last.
pub(super) const FAULT_NAMES: &str = "ack_loss, late_ack, late_fill, duplicate_fill, \
    fill_after_cancel, symbols_down, degrade, saturate, silence, clock_offset, reject_orders, \
    throttle, market_data_loss, market_data_freeze";

/// What `halt reason=` may say.
pub(super) const HALT_REASONS: &str = "news_pending, news_dissemination, order_imbalance, \
    order_influx, equipment_changeover, additional_information";

impl Fault {
    /// Returns its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AckLoss => "ack_loss",
            Self::LateAck { .. } => "late_ack",
            Self::LateFill { .. } => "late_fill",
            Self::DuplicateFill { .. } => "duplicate_fill",
            Self::FillAfterCancel => "fill_after_cancel",
            Self::SymbolsDown => "symbols_down",
            Self::Degrade { .. } => "degrade",
            Self::Saturate { .. } => "saturate",
            Self::Silence { .. } => "silence",
            Self::ClockOffset { .. } => "clock_offset",
            Self::RejectOrders => "reject_orders",
            Self::Throttle { .. } => "throttle",
            Self::MarketDataLoss => "market_data_loss",
            Self::MarketDataFreeze => "market_data_freeze",
        }
    }
}

/// Something that happens once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Strike {
    /// `disconnect`: the ports of the filter are logged out.
    Disconnect,
    /// `clear [fault=NAME]`: lasting faults end.
    Clear {
        /// Of one name, or all.
        fault: Option<Name>,
    },
    /// `unknown_execution port= symbol= side= qty= px= [id=]`: a fill of an order never sent.
    UnknownExecution {
        /// To whom.
        port: Name,
        /// Symbol.
        symbol: Name,
        /// Side.
        side: Side,
        /// Quantity.
        qty: Qty,
        /// Price.
        px: Price,
        /// ClOrdID; made up where there is none.
        cl_ord_id: Option<WireId>,
    },
    /// `halt [reason=] why=...`: trading stops in the symbols of the filter.
    Halt {
        /// Why, by the codes of FIX (FIX 327).
        reason: Option<HaltReason>,
        /// Why.
        why: Note,
    },
    /// `pause`: trading pauses in the symbols of the filter that are in a straddle state.
    Pause,
    /// `reopen [auction=]`: trading begins again, with an auction of this length.
    Reopen {
        /// Length of the auction.
        auction_ns: i64,
    },
    /// `bust exec=`: one trade is void.
    Bust {
        /// One of its executions.
        exec: ExecNumber,
    },
    /// `correct exec= [px=] [qty=]`: one trade is corrected.
    Correct {
        /// One of its executions.
        exec: ExecNumber,
        /// New price.
        px: Option<Price>,
        /// New quantity.
        qty: Option<Qty>,
    },
    /// `mass_bust from= to=`: every trade of a window is void.
    MassBust {
        /// First moment.
        from: Moment,
        /// First moment behind the window.
        to: Moment,
    },
    /// `cancel_orders`: open orders are canceled unasked.
    CancelOrders,
    /// `restate by=BPS`: open orders lose a part, unasked.
    Restate {
        /// Part of the open quantity, in basis points.
        share_bps: u16,
    },
    /// `band lower= upper=`: this band in place of the rule's.
    Band {
        /// Lowest price.
        lower: Price,
        /// Highest price.
        upper: Price,
    },
    /// `band_off`: no band.
    BandOff,
    /// `band_rule`: the rule's band again.
    BandRule,
    /// `announce text=...`: members are told something.
    Announce {
        /// What.
        text: Note,
    },
}

/// Why a line is no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineError {
    /// Longer than [`LINE_BYTES_MAX`], or with control characters.
    Line,
    /// There is no fault in it.
    NoFault,
    /// No fault has this name.
    UnknownFault(String),
    /// A word is not `key=value`.
    NotKeyed(String),
    /// The fault has no such key, or it stands twice.
    UnknownKey(String),
    /// A key is missing.
    MissingKey(&'static str),
    /// A value is not what its key needs.
    Value {
        /// The key.
        key: &'static str,
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// Something that happens once cannot last.
    CannotLast,
    /// The fault needs an end: `for`.
    NeedsEnd,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => write!(f, "expected one line of at most {LINE_BYTES_MAX} bytes"),
            Self::NoFault => f.write_str("expected a fault, found the end of the line"),
            Self::UnknownFault(found) => write!(f, "no fault is called {found:?}"),
            Self::NotKeyed(found) => write!(f, "expected key=value, found {found:?}"),
            Self::UnknownKey(found) => write!(f, "the key {found:?} is unknown here, or twice"),
            Self::MissingKey(key) => write!(f, "the key {key} is missing"),
            Self::Value { key, expected, found } => {
                write!(f, "{key}: expected {expected}, found {found:?}")
            }
            Self::CannotLast => f.write_str("this happens once and cannot last: no \"for\""),
            Self::NeedsEnd => f.write_str("this needs an end: \"for\" and a duration"),
        }
    }
}
