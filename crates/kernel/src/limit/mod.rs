//! Limits: their names, their units, and how far one is used.
//!
//! A limit has no default. What is absent denies; `UNLIMITED` must be written out.

mod set;

pub use set::{Bound, Ceilings, LimitSet};

use crate::types::number::{SCALE_DIGITS, parse_decimal, show_decimal};
use crate::types::record::domain_enum;
use crate::types::value::{Bytes, Malformed, Scalar, Value, ValueError, show_text};
use crate::types::{Money, Qty};

domain_enum! {
    /// Every limit of a set; an account needs all of them, an instrument those marked so.
    pub enum LimitKey {
        /// Largest quantity of one order; also per instrument.
        OrderQty = 1 "order_qty",
        /// Largest notional of one order, base currency; also per instrument.
        OrderNotional = 2 "order_notional",
        /// Largest share of the 20-day average volume; also per instrument.
        VolumeShareOrder = 3 "order_average_volume_share",
        /// Largest share of the issued units; also per instrument.
        OutstandingShareOrder = 4 "order_outstanding_share",
        /// Farthest an order may be through its reference; also per instrument.
        PriceCollar = 5 "price_collar",
        /// Farthest the reference may have moved within the drift window; also per instrument.
        PriceDrift = 6 "price_drift",
        /// Equal orders (account, side, instrument, price, quantity) within the window.
        DuplicateCount = 7 "duplicate_count",
        /// Window of the duplicate count, nanoseconds.
        DuplicateWindow = 8 "duplicate_window",
        /// Messages within the window beyond which new ones are denied.
        MessageCount = 9 "message_count",
        /// Messages within the window, denied ones included, beyond which the session is halted.
        MessageDisableCount = 10 "message_disable_count",
        /// Window of the message counts, nanoseconds.
        MessageWindow = 11 "message_window",
        /// Part of the message count kept free for cancels.
        CancelReserveCount = 12 "cancel_reserve_count",
        /// Automated executions of one kind without a person attending.
        RepeatCount = 13 "repeat_count",
        /// Window of the repeat count, nanoseconds.
        RepeatWindow = 14 "repeat_window",
        /// Open child orders.
        OpenOrderCount = 15 "open_order_count",
        /// Longest position per instrument, working and in-doubt buys included.
        PositionLong = 16 "position_long",
        /// Shortest position per instrument, working and in-doubt sells included, as a magnitude.
        PositionShort = 17 "position_short",
        /// Positions at cost plus open orders, both sides added, base currency.
        GrossNotional = 18 "gross_notional",
        /// Worst-case difference of the two sides, base currency.
        NetNotional = 19 "net_notional",
        /// Notional of orders entered today, base currency.
        DailyNotional = 20 "daily_notional",
        /// Quantity of orders entered today.
        DailyQty = 21 "daily_qty",
        /// Orders entered today.
        DailyCount = 22 "daily_count",
        /// Sum of the notionals of one basket, base currency.
        BasketNotional = 23 "basket_notional",
        /// Loss of the day, realised and unrealised, base currency.
        Loss = 24 "loss",
        /// Loss within the loss window, base currency.
        LossRate = 25 "loss_rate",
        /// Length of the loss window, nanoseconds.
        LossWindow = 26 "loss_window",
        /// Own share of an instrument's volume of the day, acted on together with the price move.
        VolumeShare = 27 "volume_share",
        /// Price move since the phase began, acted on together with the volume share.
        PriceMove = 28 "price_move",
        /// Own quantity below which the volume share is not judged.
        VolumeShareFloor = 29 "volume_share_floor",
        /// Children of one parent.
        ParentChildCount = 30 "parent_child_count",
        /// Notional of all children ever sent for one parent, base currency.
        ParentNotional = 31 "parent_notional",
        /// Messages sent for one parent.
        ParentMessageCount = 32 "parent_message_count",
        /// Quantity out over quantity in, per window and strategy.
        FlowQty = 33 "flow_qty",
        /// Notional out over notional in, per window and strategy.
        FlowNotional = 34 "flow_notional",
        /// Children out per parent in, per window and strategy.
        FlowCount = 35 "flow_count",
        /// Window of the flow comparison, nanoseconds.
        FlowWindow = 36 "flow_window",
    }
    /// Unit of a limit and of the value it is compared with.
    pub enum Unit {
        /// Shares or contracts.
        Units = 1 "units",
        /// Base currency.
        Money = 2 "money",
        /// Basis points.
        Bps = 3 "bps",
        /// A number of things.
        Count = 4 "count",
        /// Nanoseconds.
        Ns = 5 "ns",
        /// A price in the instrument's currency.
        Price = 6 "price",
    }
    /// How far a limit is used.
    pub enum Level {
        /// Below the warning share.
        Free = 1 "free",
        /// Above the warning share.
        Warn = 2 "warn",
        /// Above the restricting share: only risk-reducing orders.
        Restrict = 3 "restrict",
        /// Above the limit.
        Block = 4 "block",
    }
}

/// What the value of a limit is, with the limit's place among its like.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Something about one order: the same value at every level of the tree.
    OfOrder(usize),
    /// Something about a node: a value of its own at every level.
    OfNode,
    /// No value: a window, a reserve or a floor, used as it is.
    Parameter(usize),
}

impl LimitKey {
    /// Number of limits.
    pub const COUNT: usize = Self::ALL.len();

    /// Returns the row of the limit in a set.
    pub fn index(self) -> usize {
        usize::from(self.code()).saturating_sub(1)
    }
    /// Returns whether an instrument's set must have the limit.
    pub const fn is_per_instrument(self) -> bool {
        matches!(
            self,
            Self::OrderQty
                | Self::OrderNotional
                | Self::VolumeShareOrder
                | Self::OutstandingShareOrder
                | Self::PriceCollar
                | Self::PriceDrift
        )
    }
    /// Returns the unit of the limit.
    pub const fn unit(self) -> Unit {
        match self {
            Self::OrderQty
            | Self::PositionLong
            | Self::PositionShort
            | Self::DailyQty
            | Self::VolumeShareFloor => Unit::Units,
            Self::OrderNotional
            | Self::GrossNotional
            | Self::NetNotional
            | Self::DailyNotional
            | Self::BasketNotional
            | Self::Loss
            | Self::LossRate
            | Self::ParentNotional => Unit::Money,
            Self::VolumeShareOrder
            | Self::OutstandingShareOrder
            | Self::PriceCollar
            | Self::PriceDrift
            | Self::VolumeShare
            | Self::PriceMove
            | Self::FlowQty
            | Self::FlowNotional => Unit::Bps,
            Self::DuplicateWindow
            | Self::MessageWindow
            | Self::RepeatWindow
            | Self::LossWindow
            | Self::FlowWindow => Unit::Ns,
            Self::DuplicateCount
            | Self::MessageCount
            | Self::MessageDisableCount
            | Self::CancelReserveCount
            | Self::RepeatCount
            | Self::OpenOrderCount
            | Self::DailyCount
            | Self::ParentChildCount
            | Self::ParentMessageCount
            | Self::FlowCount => Unit::Count,
        }
    }
    /// Returns what the value of the limit is, and its place among its like.
    const fn place(self) -> Place {
        match self {
            Self::OrderQty => Place::OfOrder(0),
            Self::OrderNotional => Place::OfOrder(1),
            Self::VolumeShareOrder => Place::OfOrder(2),
            Self::OutstandingShareOrder => Place::OfOrder(3),
            Self::PriceCollar => Place::OfOrder(4),
            Self::PriceDrift => Place::OfOrder(5),
            Self::BasketNotional => Place::OfOrder(6),
            Self::ParentChildCount => Place::OfOrder(7),
            Self::ParentNotional => Place::OfOrder(8),
            Self::ParentMessageCount => Place::OfOrder(9),
            Self::DuplicateWindow => Place::Parameter(0),
            Self::MessageWindow => Place::Parameter(1),
            Self::CancelReserveCount => Place::Parameter(2),
            Self::RepeatWindow => Place::Parameter(3),
            Self::LossWindow => Place::Parameter(4),
            Self::VolumeShareFloor => Place::Parameter(5),
            Self::FlowWindow => Place::Parameter(6),
            Self::DuplicateCount
            | Self::MessageCount
            | Self::MessageDisableCount
            | Self::RepeatCount
            | Self::OpenOrderCount
            | Self::PositionLong
            | Self::PositionShort
            | Self::GrossNotional
            | Self::NetNotional
            | Self::DailyNotional
            | Self::DailyQty
            | Self::DailyCount
            | Self::Loss
            | Self::LossRate
            | Self::VolumeShare
            | Self::PriceMove
            | Self::FlowQty
            | Self::FlowNotional
            | Self::FlowCount => Place::OfNode,
        }
    }
    /// Returns whether the limit may be written out as `UNLIMITED`.
    ///
    /// The reserve for cancels is a part of the message count: without a bound nothing is left.
    pub const fn may_be_unlimited(self) -> bool {
        !matches!(self, Self::CancelReserveCount)
    }
    /// Returns whether a smaller value is looser (windows that count are tighter when longer).
    pub const fn is_floor(self) -> bool {
        matches!(
            self,
            Self::DuplicateWindow
                | Self::MessageWindow
                | Self::RepeatWindow
                | Self::LossWindow
                | Self::FlowWindow
                | Self::CancelReserveCount
        )
    }
}

/// The value of a limit in its unit; money and prices in 1e-9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// No bound, written out.
    Unlimited,
    /// The bound; exactly reaching it is allowed.
    At(i128),
}

impl Value for Limit {
    const KIND: &'static str = "\"UNLIMITED\" or a number in the unit of the limit";

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Unlimited => out.push(0),
            Self::At(value) => {
                out.push(1);
                value.put(out);
            }
        }
    }
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match bytes.array::<1>()? {
            [0] => Ok(Self::Unlimited),
            [1] => i128::take(bytes).map(Self::At),
            _ => Err(Malformed),
        }
    }
    fn show(&self, out: &mut String) -> bool {
        match self {
            Self::Unlimited => out.push_str("\"UNLIMITED\""),
            Self::At(value) => {
                out.push('"');
                let _ = show_decimal(*value, out);
                out.push('"');
            }
        }
        true
    }
    fn read(scalar: Scalar<'_>) -> Result<Self, ValueError> {
        let text = match scalar {
            Scalar::Text("UNLIMITED") => return Ok(Self::Unlimited),
            Scalar::Text(text) | Scalar::Number(text) => text,
            Scalar::Bool(_) => return Err(ValueError::new(Self::KIND, scalar)),
        };
        match parse_decimal(text, SCALE_DIGITS) {
            Ok(value) if (0..=1_000_000_000_000_000_000_000_000_000).contains(&value) => {
                Ok(Self::At(value))
            }
            Ok(_) | Err(_) => Err(ValueError::new(Self::KIND, scalar)),
        }
    }
}

impl Limit {
    /// Returns the limit in the unit of `key`: whole for units, counts and so on, 1e-9 for money.
    ///
    /// On the wire every number is a decimal; `None` when a whole unit came with a fraction, or
    /// when the limit needs a number and has none.
    pub fn in_unit_of(self, key: LimitKey) -> Option<Self> {
        match (self, key.unit()) {
            (Self::Unlimited, _) if !key.may_be_unlimited() => None,
            (Self::Unlimited, _) | (Self::At(_), Unit::Money | Unit::Price) => Some(self),
            (Self::At(value), Unit::Units | Unit::Bps | Unit::Count | Unit::Ns) => {
                let scale = crate::types::number::SCALE;
                (value % scale == 0).then(|| Self::At(value / scale))
            }
        }
    }
}

impl Limit {
    /// Returns the limit of `key` as it is written on the wire: a decimal in its unit.
    pub fn on_wire(self, key: LimitKey) -> Self {
        match (self, key.unit()) {
            (Self::Unlimited, _) | (Self::At(_), Unit::Money | Unit::Price) => self,
            (Self::At(value), Unit::Units | Unit::Bps | Unit::Count | Unit::Ns) => {
                Self::At(value * crate::types::number::SCALE)
            }
        }
    }
}

/// A number with its unit, as a denial shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Amount {
    /// Unit.
    pub unit: Unit,
    /// Number; money and prices in 1e-9.
    pub value: i128,
}

impl Amount {
    /// Returns `value` in the unit of `key`.
    pub const fn of(key: LimitKey, value: i128) -> Self {
        Self { unit: key.unit(), value }
    }
    /// Returns a quantity.
    pub fn qty(value: Qty) -> Self {
        Self { unit: Unit::Units, value: i128::from(value.units()) }
    }
    /// Returns an amount of money.
    pub const fn money(value: Money) -> Self {
        Self { unit: Unit::Money, value: value.nanos() }
    }
    /// Returns a price.
    pub fn price(value: crate::types::Price) -> Self {
        Self { unit: Unit::Price, value: i128::from(value.nanos()) }
    }
}

impl core::fmt::Display for Amount {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.unit {
            Unit::Money | Unit::Price => show_decimal(self.value, f)?,
            Unit::Units | Unit::Bps | Unit::Count | Unit::Ns => write!(f, "{}", self.value)?,
        }
        write!(f, " {}", self.unit)
    }
}

impl Value for Amount {
    const KIND: &'static str = "number and unit";

    fn put(&self, out: &mut Vec<u8>) {
        self.unit.put(out);
        self.value.put(out);
    }
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        Ok(Self { unit: Unit::take(bytes)?, value: i128::take(bytes)? })
    }
    fn show(&self, out: &mut String) -> bool {
        show_text(&self.to_string(), out);
        true
    }
    fn read(scalar: Scalar<'_>) -> Result<Self, ValueError> {
        Err(ValueError::new("nothing: only the kernel measures", scalar))
    }
}
