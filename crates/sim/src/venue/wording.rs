//! What the versions of FIX say differently; every difference stands in a table here.

use ringfence_fix::dict::Version;
use ringfence_kernel::types::Phase;

use crate::exchange::{
    CancelReject, HaltReason, LiquidityFlag, OrderReject, Restated, Retail, RetailInterest,
    StatusCause,
};

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
            | OrderReject::Terms => [0, 11, 11],
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
            // The exchange's option.
            CancelReject::Halted => [2, 2, 2],
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
    /// Returns the HaltReason (FIX 327): a letter, in 5.0 SP2 a number.
    fn halt_reason(self, reason: HaltReason) -> char {
        self.of(match reason {
            HaltReason::NewsPending => ['P', 'P', '4'],
            HaltReason::NewsDissemination => ['D', 'D', '0'],
            HaltReason::OrderImbalance => ['I', 'I', '2'],
            HaltReason::OrderInflux => ['E', 'E', '1'],
            HaltReason::EquipmentChangeover => ['X', 'X', '5'],
            HaltReason::AdditionalInformation => ['M', 'M', '3'],
        })
    }
    /// Returns the SecurityTradingEvent (FIX 1174) of a change, where the version has one for it: a
    /// volatility interruption is what 327 has no reason for.
    fn trading_event(self, cause: StatusCause) -> Option<u16> {
        match cause {
            StatusCause::LimitPause => self.of([None, None, Some(3)]),
            StatusCause::Schedule
            | StatusCause::Halt
            | StatusCause::LimitState
            | StatusCause::LimitStateOver
            | StatusCause::StraddleState
            | StatusCause::StraddleStateOver
            | StatusCause::Reopening
            | StatusCause::Resumed
            | StatusCause::RetailInterest => None,
        }
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

/// Returns the ExecRestatementReason (FIX 378), the same in every version.
pub(super) const fn restatement(why: Restated) -> u16 {
    match why {
        Restated::Repriced => 3,
        Restated::Venue => 4,
        Restated::PartialDecline => 5,
    }
}

/// Returns an order's part in the retail program (5701), the same in every version.
pub(super) const fn retail(retail: Retail) -> Option<char> {
    match retail {
        Retail::None => None,
        Retail::Interest => Some('P'),
        Retail::OrderType1 => Some('1'),
        Retail::OrderType2 => Some('2'),
        Retail::OrderType3 => Some('3'),
    }
}

/// Returns the retail indicator (5702), the same in every version.
pub(super) const fn retail_interest(interest: RetailInterest) -> char {
    match interest {
        RetailInterest::None => 'N',
        RetailInterest::Bid => 'A',
        RetailInterest::Offer => 'B',
        RetailInterest::Both => 'C',
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
        StatusCause::StraddleState => "straddle state",
        StatusCause::StraddleStateOver => "straddle state over",
        StatusCause::LimitPause => "limit pause",
        StatusCause::Reopening => "reopening auction",
        StatusCause::Resumed => "resumed",
        StatusCause::RetailInterest => "retail interest",
    }
}
