//! Everything that can become true: the only thing that changes the state.
//!
//! Events are past tense and complete: applying one needs nothing but the state before it. The
//! exception is [`FactTaken`], which says that the input of the same record is the fact.

mod child;
mod control;
mod fill;
mod kind;
mod order;
mod refusal;

pub use child::{
    ChildAcknowledged, ChildCancelRequested, ChildClosed, ChildInDoubt, ChildReplaced,
    ChildRequestRefused, ChildResolved, ChildRestated, ChildSuspended,
};
pub use control::{
    LatchRearmed, LatchTripped, LimitChanged, LimitWarned, RestrictionSet, ScopeFlat,
    StrategyAttended, TradingStateSet,
};
pub use fill::{FillBooked, FillBusted, FillCorrected, ReportIgnored, ReversalHeld};
pub use kind::{Asked, CancelCause, Close, Ignored, Subject};
pub use order::{
    OrderAccepted, OrderCancelRequested, OrderClosed, OrderReplaceRequested, OrderReplaced,
    OrderRequestRefused, OrderRestated, OrderStatusReported, OrderTriggered,
};
pub use refusal::{Denied, FactTaken};

use crate::reason::Denial;
use crate::types::record::{domain_enum, union};

pub use crate::sent::{ChildReplaceRequested, ChildSent};

union! {
    /// One event of the kernel.
    pub enum Event {
        FactTaken = 1,
        Denied = 2,
        OrderAccepted = 3,
        ChildSent = 4,
        ChildAcknowledged = 5,
        ChildCancelRequested = 6,
        ChildReplaceRequested = 7,
        ChildReplaced = 8,
        ChildRequestRefused = 9,
        ChildSuspended = 10,
        ChildRestated = 11,
        ChildClosed = 12,
        ChildInDoubt = 13,
        ChildResolved = 14,
        FillBooked = 15,
        FillBusted = 16,
        FillCorrected = 17,
        ReversalHeld = 18,
        ReportIgnored = 19,
        OrderCancelRequested = 20,
        OrderReplaceRequested = 21,
        OrderReplaced = 22,
        OrderRequestRefused = 23,
        OrderClosed = 24,
        OrderTriggered = 25,
        OrderStatusReported = 26,
        LimitWarned = 27,
        LatchTripped = 28,
        LatchRearmed = 29,
        TradingStateSet = 30,
        ScopeFlat = 31,
        LimitChanged = 32,
        StrategyAttended = 33,
        RestrictionSet = 34,
        OrderRestated = 35,
    }
}

domain_enum! {
    /// Where the effect of an event goes once its record is durable.
    pub enum Destination {
        /// Nowhere: it only changes the state.
        Nowhere = 0 "nowhere",
        /// To a venue.
        Venue = 1 "venue",
        /// To a client session.
        Client = 2 "client",
        /// To an operator, who must acknowledge it.
        Operator = 3 "operator",
    }
}

impl Event {
    /// Returns where the effect of the event goes.
    pub const fn destination(&self) -> Destination {
        match self {
            Self::OrderRequestRefused(event) => match event.cl_ord_id {
                Some(_) => Destination::Client,
                None => Destination::Operator,
            },
            Self::ReportIgnored(event) => match event.why {
                Ignored::FillMissing => Destination::Operator,
                Ignored::SeenBefore
                | Ignored::NoChange
                | Ignored::Closed
                | Ignored::Incomplete
                | Ignored::Busted => Destination::Nowhere,
            },
            Self::ChildSent(_) | Self::ChildCancelRequested(_) | Self::ChildReplaceRequested(_) => {
                Destination::Venue
            }
            Self::OrderAccepted(_)
            | Self::FillBooked(_)
            | Self::FillBusted(_)
            | Self::FillCorrected(_)
            | Self::OrderCancelRequested(_)
            | Self::OrderReplaceRequested(_)
            | Self::OrderReplaced(_)
            | Self::OrderRestated(_)
            | Self::OrderClosed(_)
            | Self::OrderTriggered(_)
            | Self::OrderStatusReported(_)
            | Self::Denied(_) => Destination::Client,
            Self::LimitWarned(_)
            | Self::LatchTripped(_)
            | Self::LatchRearmed(_)
            | Self::TradingStateSet(_)
            | Self::ScopeFlat(_)
            | Self::LimitChanged(_)
            | Self::ReversalHeld(_)
            | Self::ChildInDoubt(_) => Destination::Operator,
            Self::FactTaken(_)
            | Self::ChildAcknowledged(_)
            | Self::ChildReplaced(_)
            | Self::ChildRequestRefused(_)
            | Self::ChildSuspended(_)
            | Self::ChildRestated(_)
            | Self::ChildClosed(_)
            | Self::ChildResolved(_)
            | Self::StrategyAttended(_)
            | Self::RestrictionSet(_) => Destination::Nowhere,
        }
    }
}

impl Denied {
    /// Returns the event of `denial` about `subject`, with nobody named yet.
    pub fn new(subject: Subject, denial: &Denial) -> Self {
        Self {
            subject,
            reason: denial.reason,
            rule: denial.rule,
            limit: denial.limit,
            limit_value: denial.limit_value,
            value: denial.value,
            scope_kind: denial.scope_kind,
            scope: denial.scope,
            session: None,
            cl_ord_id: None,
            order_id: None,
            child_id: None,
            account: None,
            strategy: None,
            operator: None,
            nonce: None,
        }
    }
}
