//! What the versions of FIX say differently; every difference stands in a table here.

use ringfence_fix::dict::Version;
use ringfence_kernel::types::{ExecType, OrdStatus, Phase};

use crate::exchange::{CancelReject, LiquidityFlag, OrderReject, Restated, StatusCause};

/// What a version of FIX says in its own words.
pub(super) trait Wording: Copy {
    /// Returns the value of a row of a table: FIX 4.2, 4.4, 5.0 SP2.
    fn of<T: Copy>(self, row: [T; 3]) -> T;
    /// Returns whether reports carry what FIX 4.2 does not know: fees as a group (FIX 136), the
    /// mark of a copy (FIX 797), liquidity (FIX 851), mass status (FIX 584), `Text` in a status.
    fn is_later(self) -> bool {
        self.of([false, true, true])
    }
    /// Returns whether a mass report carries its own id (FIX 1369).
    fn has_mass_report_id(self) -> bool {
        self.of([false, false, true])
    }
    /// Returns whether a picture of the market says when it was taken (FIX 779).
    fn has_update_time(self) -> bool {
        self.of([false, false, true])
    }
    /// Returns the ExecTransType (FIX 20), in the version that has it.
    ///
    /// New, cancel, correct, status: what later versions say by the ExecType.
    fn exec_trans_type(self, exec_type: ExecType) -> Option<char> {
        let code = match exec_type {
            ExecType::TradeCancel => '1',
            ExecType::TradeCorrect => '2',
            ExecType::OrderStatus => '3',
            ExecType::New
            | ExecType::DoneForDay
            | ExecType::Canceled
            | ExecType::Replaced
            | ExecType::PendingCancel
            | ExecType::Rejected
            | ExecType::Suspended
            | ExecType::PendingNew
            | ExecType::Expired
            | ExecType::Restated
            | ExecType::PendingReplace
            | ExecType::Trade => '0',
        };
        self.of([Some(code), None, None])
    }
    /// Returns the ExecType (FIX 150).
    ///
    /// FIX 4.2 has no trade, cancel of a trade, correction and status of their own: a trade is 1
    /// or 2, the others repeat the state of the order.
    fn exec_type(self, exec_type: ExecType, status: OrdStatus) -> char {
        let state = ord_status(status);
        let fill = match status {
            OrdStatus::Filled => '2',
            OrdStatus::PartiallyFilled
            | OrdStatus::PendingNew
            | OrdStatus::New
            | OrdStatus::DoneForDay
            | OrdStatus::Canceled
            | OrdStatus::PendingCancel
            | OrdStatus::Rejected
            | OrdStatus::Suspended
            | OrdStatus::Expired
            | OrdStatus::PendingReplace
            | OrdStatus::InDoubt => '1',
        };
        match exec_type {
            ExecType::New => '0',
            ExecType::DoneForDay => '3',
            ExecType::Canceled => '4',
            ExecType::Replaced => '5',
            ExecType::PendingCancel => '6',
            ExecType::Rejected => '8',
            ExecType::Suspended => '9',
            ExecType::PendingNew => 'A',
            ExecType::Expired => 'C',
            ExecType::Restated => 'D',
            ExecType::PendingReplace => 'E',
            ExecType::Trade => self.of([fill, 'F', 'F']),
            ExecType::TradeCorrect => self.of([state, 'G', 'G']),
            ExecType::TradeCancel => self.of([state, 'H', 'H']),
            ExecType::OrderStatus => self.of([state, 'I', 'I']),
        }
    }
    /// Returns the OrdRejReason (FIX 103).
    ///
    /// A version that has no number for a reason says the nearest it has: Blue Ocean's 27 for the
    /// notional cap is "exceeds limit" before 5.0.
    fn order_reject(self, reason: OrderReject) -> u16 {
        self.of(match reason {
            OrderReject::UnknownSymbol => [1, 1, 1],
            OrderReject::Closed | OrderReject::Halted | OrderReject::NotContinuous => [2, 2, 2],
            OrderReject::Notional => [3, 3, 27],
            OrderReject::PriceBand => [3, 3, 16],
            OrderReject::TooLate => [4, 4, 4],
            OrderReject::UnknownOrder => [5, 5, 5],
            OrderReject::DuplicateClOrdId => [6, 6, 6],
            OrderReject::Quantity => [0, 13, 13],
            OrderReject::Tick => [0, 99, 18],
            OrderReject::OrdType
            | OrderReject::TimeInForce
            | OrderReject::Unsupported
            | OrderReject::PriceForType
            | OrderReject::Terms
            | OrderReject::RoutingAway => [0, 11, 11],
            OrderReject::WouldTake
            | OrderReject::ExpireTime
            | OrderReject::NotEntitled
            | OrderReject::NoImprovement
            | OrderReject::Throttled
            | OrderReject::Full
            | OrderReject::Fault => [0, 99, 99],
        })
    }
    /// Returns the CxlRejReason (FIX 102).
    fn cancel_reject(self, reason: CancelReject) -> u16 {
        self.of(match reason {
            CancelReject::TooLate => [0, 0, 0],
            CancelReject::UnknownOrder => [1, 1, 1],
            CancelReject::DuplicateClOrdId => [2, 6, 6],
            CancelReject::Mismatch
            | CancelReject::Terms
            | CancelReject::Throttled
            | CancelReject::Full => [2, 99, 99],
        })
    }
    /// Returns the LastLiquidityInd (FIX 851), where the version has one for it.
    fn liquidity(self, liquidity: LiquidityFlag) -> Option<u16> {
        self.of(match liquidity {
            LiquidityFlag::Added => [None, Some(1), Some(1)],
            LiquidityFlag::Removed => [None, Some(2), Some(2)],
            LiquidityFlag::Auction => [None, None, Some(4)],
        })
    }
    /// Returns the SecurityTradingStatus (FIX 326).
    fn trading_status(self, phase: Phase, cause: StatusCause) -> u16 {
        self.of(match (phase, cause) {
            (_, StatusCause::Resumed) => [3, 3, 3],
            (Phase::Closed, _) => [18, 18, 18],
            (Phase::PreOpen, _) => [18, 21, 21],
            (Phase::Auction, _) => [5, 22, 22],
            (Phase::Halted, _) => [2, 2, 2],
            (Phase::Continuous | Phase::Post | Phase::Overnight, _) => [17, 17, 17],
        })
    }
    /// Returns TradingSessionID and TradingSessionSubID (FIX 336, 625) as numbers, in the version
    /// whose windows have no names: day, after hours or evening, and the part of it.
    fn session_codes(self, phase: Phase) -> Option<(u16, u16)> {
        let codes = match phase {
            Phase::PreOpen => (1, 1),
            Phase::Auction => (1, 2),
            Phase::Continuous => (1, 3),
            Phase::Post => (6, 3),
            Phase::Overnight => (5, 3),
            Phase::Halted => (1, 7),
            Phase::Closed => (1, 5),
        };
        self.of([None, None, Some(codes)])
    }
}

impl Wording for Version {
    fn of<T: Copy>(self, row: [T; 3]) -> T {
        let [fix42, fix44, fix50sp2] = row;
        match self {
            Self::Fix42 => fix42,
            Self::Fix44 => fix44,
            Self::Fixt11 => fix50sp2,
        }
    }
}

/// Returns the OrdStatus (FIX 39), the same in every version.
pub(super) const fn ord_status(status: OrdStatus) -> char {
    match status {
        OrdStatus::New => '0',
        OrdStatus::PartiallyFilled => '1',
        OrdStatus::Filled => '2',
        OrdStatus::DoneForDay => '3',
        OrdStatus::Canceled => '4',
        OrdStatus::PendingCancel => '6',
        OrdStatus::Rejected => '8',
        OrdStatus::Suspended | OrdStatus::InDoubt => '9',
        OrdStatus::PendingNew => 'A',
        OrdStatus::Expired => 'C',
        OrdStatus::PendingReplace => 'E',
    }
}

/// Returns the ExecRestatementReason (FIX 378), the same in every version.
pub(super) const fn restatement(why: Restated) -> u16 {
    match why {
        Restated::Repriced => 3,
        Restated::Venue => 4,
        Restated::PartialDecline => 5,
    }
}

/// Returns the TradSesStatus (FIX 340), the same in every version.
pub(super) const fn session_status(phase: Phase) -> u16 {
    match phase {
        Phase::Halted => 1,
        Phase::Continuous | Phase::Post | Phase::Overnight => 2,
        Phase::Closed => 3,
        Phase::PreOpen | Phase::Auction => 4,
    }
}

/// Returns what a person reads about a change of status.
pub(super) const fn cause_text(cause: StatusCause) -> &'static str {
    match cause {
        StatusCause::Schedule => "schedule",
        StatusCause::Halt => "halt",
        StatusCause::LimitState => "limit state",
        StatusCause::LimitStateOver => "limit state over",
        StatusCause::LimitPause => "limit pause",
        StatusCause::Reopening => "reopening auction",
        StatusCause::Resumed => "resumed",
    }
}
