//! What a tape tells: quotes, trades and orders of a venue, each at its time of the day.

use core::fmt;

use ringfence_kernel::types::{Name, Price, Qty, Ts};

/// Nanoseconds of one day.
const DAY_NS: i64 = 86_400_000_000_000;
const MS_NS: i64 = 1_000_000;

/// A time of the day: nanoseconds since midnight in New York, at most 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TapeTime(i64);

impl TapeTime {
    /// Midnight, where the day begins.
    pub const MIDNIGHT: Self = Self(0);
    /// 09:30, the open of the regular session.
    pub const OPEN: Self = Self(34_200_000_000_000);
    /// 16:00, the close of the regular session; the last bound that is outside of it.
    pub const CLOSE: Self = Self(57_600_000_000_000);
    /// The end of the day, 24:00.
    pub const END: Self = Self(DAY_NS);

    /// Returns the time `nanos` nanoseconds after midnight, or `None` outside of the day.
    pub const fn from_nanos(nanos: i64) -> Option<Self> {
        if nanos < 0 || nanos > DAY_NS { None } else { Some(Self(nanos)) }
    }
    /// Returns the time `ms` milliseconds after midnight, or `None` outside of the day.
    pub fn from_millis(ms: u64) -> Option<Self> {
        Self::from_nanos(i64::try_from(ms).ok()?.checked_mul(MS_NS)?)
    }
    /// Returns the nanoseconds since midnight.
    pub const fn nanos(self) -> i64 {
        self.0
    }
    /// Returns this time, or the end of the day, `nanos` nanoseconds later.
    pub const fn plus(self, nanos: i64) -> Self {
        match Self::from_nanos(self.0.saturating_add(nanos)) {
            Some(later) => later,
            None => Self::END,
        }
    }
    /// Returns the nanoseconds since `earlier`, at least zero.
    pub const fn since(self, earlier: Self) -> i64 {
        if self.0 > earlier.0 { self.0 - earlier.0 } else { 0 }
    }
    /// Returns the point in time that this is on the day whose midnight is given in UTC.
    pub const fn on(self, midnight: Ts) -> Ts {
        Ts::from_nanos(midnight.nanos().saturating_add(self.0))
    }
}

impl fmt::Display for TapeTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(f, "{hour:02}:{minute:02}:{second:02}.{nanos:09}")
    }
}

/// Side of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BookSide {
    /// Orders to buy.
    Bid,
    /// Orders to sell.
    Ask,
}

impl BookSide {
    /// Returns the other side.
    pub const fn other(self) -> Self {
        match self {
            Self::Bid => Self::Ask,
            Self::Ask => Self::Bid,
        }
    }
    /// Returns the name, "bid" or "ask".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bid => "bid",
            Self::Ask => "ask",
        }
    }
}

/// A price and the quantity shown or asked for at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Price in 1e-9 currency units.
    pub px: Price,
    /// Units; never zero in a quote.
    pub qty: Qty,
}

/// A venue's number of a resting order; unique in its day and venue (ITCH order reference number).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderRef(u64);

impl OrderRef {
    /// Returns the reference `number`.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }
    /// Returns the number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// A venue's number of an execution, by which it may be broken later (ITCH match number).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MatchNumber(u64);

impl MatchNumber {
    /// Returns the match number `number`.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }
    /// Returns the number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Whether a symbol trades at a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No trading and no quotes.
    Halted,
    /// Quotes are taken, nothing trades.
    QuotesOnly,
    /// Open for trading.
    Trading,
}

impl Phase {
    /// Returns the name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Halted => "halted",
            Self::QuotesOnly => "quotes_only",
            Self::Trading => "trading",
        }
    }
}

/// How a trade was made; a set of conditions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TradeFlags(u16);

impl TradeFlags {
    /// No condition: an ordinary trade of the continuous market.
    pub const NONE: Self = Self(0);
    /// Part of the opening cross.
    pub const OPEN_CROSS: Self = Self(1);
    /// Part of the closing cross.
    pub const CLOSE_CROSS: Self = Self(1 << 1);
    /// Part of a cross after a halt, of an initial offering, or in the day.
    pub const OTHER_CROSS: Self = Self(1 << 2);
    /// An intermarket sweep.
    pub const SWEEP: Self = Self(1 << 3);
    /// Before 09:30 or after 16:00.
    pub const EXTENDED_HOURS: Self = Self(1 << 4);
    /// Reported late or out of order: its time is not when it was made.
    pub const LATE: Self = Self(1 << 5);
    /// A venue's statement of its opening or closing price. Repeats the quantity of the cross.
    pub const OFFICIAL: Self = Self(1 << 6);
    /// Priced apart from the market: an average, a derivative, another settlement.
    pub const SPECIAL: Self = Self(1 << 7);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::OPEN_CROSS, "open_cross"),
        (Self::CLOSE_CROSS, "close_cross"),
        (Self::OTHER_CROSS, "other_cross"),
        (Self::SWEEP, "sweep"),
        (Self::EXTENDED_HOURS, "extended_hours"),
        (Self::LATE, "late"),
        (Self::OFFICIAL, "official"),
        (Self::SPECIAL, "special"),
    ];

    /// Returns these conditions and those of `other`.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Returns whether any condition of `other` is among these.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
    /// Returns whether this is part of a cross.
    pub const fn is_cross(self) -> bool {
        self.has(Self::OPEN_CROSS.with(Self::CLOSE_CROSS).with(Self::OTHER_CROSS))
    }
    /// Returns whether the price is that of the continuous market at the time of the event.
    pub const fn is_price_forming(self) -> bool {
        !self.is_cross() && !self.has(Self::LATE.with(Self::OFFICIAL).with(Self::SPECIAL))
    }
    /// Returns the names of the conditions, in lower case and in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(flag, _)| self.has(*flag)).map(|(_, name)| name)
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The venue shows this at the top of one side; it replaces what it showed there before.
    Quote {
        /// The side.
        side: BookSide,
        /// The best level, or nothing where the side is empty.
        best: Option<Level>,
    },
    /// A trade without a reference to a resting order, or a cross.
    Trade {
        /// Price.
        px: Price,
        /// Units traded.
        qty: Qty,
        /// How it was made.
        flags: TradeFlags,
        /// The venue's number, where the source has one.
        match_number: Option<MatchNumber>,
    },
    /// A new resting order.
    Add {
        /// The venue's number of the order.
        order_ref: OrderRef,
        /// Side of the order.
        side: BookSide,
        /// Limit price and displayed units.
        level: Level,
    },
    /// Units of a resting order are taken back.
    Reduce {
        /// The order.
        order_ref: OrderRef,
        /// Units that are gone, not those that stay.
        qty: Qty,
    },
    /// A resting order is gone.
    Delete {
        /// The order.
        order_ref: OrderRef,
    },
    /// A resting order gives way to another on the same side, which queues anew.
    Replace {
        /// The order that is gone.
        order_ref: OrderRef,
        /// The order that rests now.
        new_ref: OrderRef,
        /// Its limit price and displayed units.
        level: Level,
    },
    /// A displayed order is executed, wholly or in part.
    Execute {
        /// The resting order.
        order_ref: OrderRef,
        /// Units executed.
        qty: Qty,
        /// Price, or nothing where the source means the price of the order.
        px: Option<Price>,
        /// The venue's number, where the source has one.
        match_number: Option<MatchNumber>,
        /// Whether it counts as volume; a part of a cross is printed with the cross.
        is_printed: bool,
    },
    /// An order that nobody saw is executed.
    ExecuteHidden {
        /// Side of the resting order, as far as the source tells.
        side: BookSide,
        /// Price.
        px: Price,
        /// Units executed.
        qty: Qty,
        /// The venue's number, where the source has one.
        match_number: Option<MatchNumber>,
    },
    /// An execution is broken by the venue.
    Broken {
        /// The execution.
        match_number: MatchNumber,
    },
    /// Trading halts or resumes.
    Phase(Phase),
}

impl What {
    /// Returns the name of the kind, in lower case.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Quote { .. } => "quote",
            Self::Trade { .. } => "trade",
            Self::Add { .. } => "add",
            Self::Reduce { .. } => "reduce",
            Self::Delete { .. } => "delete",
            Self::Replace { .. } => "replace",
            Self::Execute { .. } => "execute",
            Self::ExecuteHidden { .. } => "execute_hidden",
            Self::Broken { .. } => "broken",
            Self::Phase(_) => "phase",
        }
    }
    /// Returns whether it is about a single order that rests.
    pub const fn is_of_an_order(&self) -> bool {
        match self {
            Self::Add { .. }
            | Self::Reduce { .. }
            | Self::Delete { .. }
            | Self::Replace { .. }
            | Self::Execute { .. } => true,
            Self::Quote { .. }
            | Self::Trade { .. }
            | Self::ExecuteHidden { .. }
            | Self::Broken { .. }
            | Self::Phase(_) => false,
        }
    }
    /// Returns the units that count as volume and their price as far as it is told.
    pub const fn volume(&self) -> Option<(Qty, Option<Price>)> {
        match self {
            Self::Trade { px, qty, .. } | Self::ExecuteHidden { px, qty, .. } => {
                Some((*qty, Some(*px)))
            }
            Self::Execute { px, qty, is_printed: true, .. } => Some((*qty, *px)),
            Self::Execute { is_printed: false, .. }
            | Self::Quote { .. }
            | Self::Add { .. }
            | Self::Reduce { .. }
            | Self::Delete { .. }
            | Self::Replace { .. }
            | Self::Broken { .. }
            | Self::Phase(_) => None,
        }
    }
}

/// One event of a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapeEvent {
    /// When; never falls within a tape.
    pub at: TapeTime,
    /// The instrument.
    pub symbol: Name,
    /// The venue, by its market identifier code (ISO 10383).
    pub venue: Name,
    /// What happened.
    pub what: What,
}
