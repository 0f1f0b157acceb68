//! One parent order and one child order, with everything that is derived from them.

use super::buckets::{Bucket, Buckets};
use crate::event::{CancelCause, Close};
use crate::types::{
    AccountId, ChildId, GroupId, InstrumentId, Money, OrdStatus, OrdType, OrderId, Origin, Price,
    Qty, Rare, SessionId, Side, StrategyId, TimeInForce, Ts, VenueId, WireId,
};

/// A cancel of a parent on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CancelAsked {
    /// Identifier of the request; absent when it was not the client's.
    pub cl_ord_id: Option<WireId>,
    /// Why.
    pub cause: CancelCause,
}

/// New terms of a parent on their way; a cancel does not take them back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReplaceAsked {
    /// Identifier of the request.
    pub cl_ord_id: WireId,
    /// Quantity before, to go back to.
    pub old_qty: Qty,
    /// Exposure of one unit before.
    pub old_unit_exposure: Money,
    /// Quantity asked for.
    pub new_qty: Qty,
    /// Price asked for.
    pub price: Option<Price>,
}

/// A parent order.
#[derive(Clone, Debug, Hash)]
pub struct Order {
    /// Session it came by.
    pub session: SessionId,
    /// Client's identifier in force.
    pub cl_ord_id: WireId,
    /// Account.
    pub account: AccountId,
    /// Strategy.
    pub strategy: StrategyId,
    /// Whether it goes straight to its destination.
    pub direct: bool,
    /// Instrument.
    pub symbol: InstrumentId,
    /// Destination of a direct order.
    pub venue: Option<VenueId>,
    /// Side.
    pub side: Side,
    /// Order type.
    pub ord_type: OrdType,
    /// Time in force.
    pub time_in_force: TimeInForce,
    /// Quantity ordered.
    pub order_qty: Qty,
    /// Limit price.
    pub price: Option<Price>,
    /// Trigger price.
    pub stop_px: Option<Price>,
    /// End of a good-till-date order.
    pub expire_ts: Option<Ts>,
    /// Locate.
    pub locate_id: Rare<WireId>,
    /// Basket.
    pub basket_id: Rare<WireId>,
    /// Who wants it.
    pub origin: Origin,
    /// Exposure of one unit at entry, base currency.
    pub unit_exposure: Money,
    /// Where its quantity is.
    pub buckets: Buckets,
    /// Newest child; older ones follow through `Child::older`.
    pub newest_child: Option<ChildId>,
    /// Children ever sent.
    pub child_count: u32,
    /// Children open now.
    pub open_child_count: u32,
    /// Messages sent to venues for it.
    pub message_count: u32,
    /// Notional of all children ever sent, base currency.
    pub sent_notional: Money,
    /// Whether its trigger traded, or it has none.
    pub triggered: bool,
    /// Cancel on its way.
    pub cancel: Rare<CancelAsked>,
    /// New terms on their way.
    pub replace: Rare<ReplaceAsked>,
    /// How it ended.
    pub closed: Option<Close>,
}

impl Order {
    /// Returns the filled quantity (FIX 14).
    pub const fn cum_qty(&self) -> Qty {
        self.buckets.get(Bucket::Filled)
    }
    /// Returns the quantity as told to the client (FIX 38): the old one while a replace is pending.
    pub fn stated_qty(&self) -> Qty {
        let old = self.replace.get().map_or(self.order_qty, |asked| asked.old_qty);
        old.max(self.cum_qty())
    }
    /// Returns the quantity that may still fill (FIX 151).
    pub fn leaves_qty(&self) -> Qty {
        self.buckets.leaves()
    }
    /// Returns the status (FIX 39), derived by the precedence of the FIX order state matrices.
    pub fn status(&self) -> OrdStatus {
        match self.closed {
            Some(Close::Filled) if self.cum_qty() < self.order_qty => OrdStatus::Canceled,
            Some(Close::DoneForDay) => OrdStatus::DoneForDay,
            Some(_) if self.cum_qty() >= self.order_qty => OrdStatus::Filled,
            Some(close) => closed_status(close),
            None if self.cancel.is_some() => OrdStatus::PendingCancel,
            None if self.replace.is_some() => OrdStatus::PendingReplace,
            None if self.cum_qty() >= self.order_qty => OrdStatus::Filled,
            None if !self.cum_qty().is_zero() => OrdStatus::PartiallyFilled,
            None => OrdStatus::New,
        }
    }
}

const fn closed_status(close: Close) -> OrdStatus {
    match close {
        Close::Filled => OrdStatus::Filled,
        Close::Canceled => OrdStatus::Canceled,
        Close::Rejected | Close::Denied => OrdStatus::Rejected,
        Close::Expired => OrdStatus::Expired,
        Close::DoneForDay => OrdStatus::DoneForDay,
    }
}

/// How far a child is with its venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Sent, not answered.
    Sent,
    /// Accepted.
    Live,
    /// Suspended by the venue.
    Suspended,
    /// Unanswered too long, or the session broke.
    InDoubt,
    /// Over at the venue, which filled units whose reports have not come.
    Unseen,
    /// Ended.
    Closed(Close),
}

/// New terms of a child that the venue has not answered; the added quantity is reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Replace {
    /// Version of the identifier that asked.
    pub version: u32,
    /// Total quantity asked for.
    pub qty: Qty,
    /// Price asked for.
    pub price: Option<Price>,
    /// Units above what was open.
    pub added_qty: Qty,
    /// Exposure of one unit at the new price.
    pub unit_exposure: Money,
    /// Whether the child has been in doubt since it was asked.
    pub doubted: bool,
}

/// A child order.
#[derive(Clone, Debug, Hash)]
pub struct Child {
    /// Parent.
    pub order_id: OrderId,
    /// Account.
    pub account: AccountId,
    /// Strategy of the parent.
    pub strategy: StrategyId,
    /// Session of the parent.
    pub session: SessionId,
    /// Venue.
    pub venue: VenueId,
    /// Instrument.
    pub symbol: InstrumentId,
    /// Side.
    pub side: Side,
    /// Order type.
    pub ord_type: OrdType,
    /// Time in force.
    pub time_in_force: TimeInForce,
    /// Quantity.
    pub qty: Qty,
    /// Filled quantity that counted for this child.
    pub cum_qty: Qty,
    /// Quantity that the venue calls filled, seen or not; once it is over, without what was sent
    /// again before it was told.
    pub told_qty: Qty,
    /// Limit price.
    pub price: Option<Price>,
    /// Exposure of one unit, base currency.
    pub unit_exposure: Money,
    /// Self-match group.
    pub group: Option<GroupId>,
    /// Time of sending.
    pub sent_ts: Ts,
    /// Highest version of its identifier that was used.
    pub version: u32,
    /// Version under which the venue knows it.
    pub live_version: u32,
    /// How far it is.
    pub stage: Stage,
    /// Version of the cancel on its way; the quantity stays live.
    pub cancel: Option<u32>,
    /// New terms on their way; a cancel does not take them back.
    pub replace: Rare<Replace>,
    /// Child of the same parent sent before.
    pub older: Option<ChildId>,
}

impl Child {
    /// Returns whether it can still fill.
    pub const fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Closed(_))
    }
    /// Returns the quantity that may still fill at the venue, a pending addition not counted.
    pub fn leaves_qty(&self) -> Qty {
        let most = match self.stage {
            Stage::Closed(_) => return Qty::ZERO,
            Stage::Unseen => self.told_qty.min(self.qty),
            Stage::Sent | Stage::Live | Stage::Suspended | Stage::InDoubt => self.qty,
        };
        most.saturating_sub(self.cum_qty)
    }
    /// Returns the quantity that a pending replace would add.
    pub fn added_qty(&self) -> Qty {
        match self.replace.get() {
            Some(replace) => replace.added_qty,
            None => Qty::ZERO,
        }
    }
    /// Returns the largest total quantity that its venue may work, by terms in force or asked for.
    pub fn most_qty(&self) -> Qty {
        let asked = self.replace.get().map(|replace| replace.qty.min(self.qty + replace.added_qty));
        asked.map_or(self.qty, |asked| asked.max(self.qty))
    }
    /// Returns the exposure of the worst case: all leaves and the pending addition.
    pub fn exposure(&self) -> Money {
        let added = self.replace.get().map_or(Money::ZERO, |replace| {
            let raise = replace.unit_exposure - self.unit_exposure;
            let raise = if raise > Money::ZERO { raise } else { Money::ZERO };
            replace.unit_exposure.times(replace.added_qty) + raise.times(self.leaves_qty())
        });
        self.unit_exposure.times(self.leaves_qty()) + added
    }
    /// Returns the bucket of the parent in which its leaves are.
    pub const fn bucket(&self) -> Bucket {
        match self.stage {
            Stage::InDoubt | Stage::Unseen => Bucket::InDoubt,
            Stage::Sent | Stage::Live | Stage::Suspended | Stage::Closed(_) => Bucket::Working,
        }
    }
    /// Returns the status (FIX 39).
    pub fn status(&self) -> OrdStatus {
        match (self.stage, self.cancel.is_some(), self.replace.is_some()) {
            (Stage::Closed(Close::Filled), ..) if self.cum_qty < self.qty => OrdStatus::Canceled,
            (Stage::Closed(close), ..) => closed_status(close),
            (Stage::InDoubt | Stage::Unseen, ..) => OrdStatus::InDoubt,
            (_, true, _) => OrdStatus::PendingCancel,
            (_, false, true) => OrdStatus::PendingReplace,
            (Stage::Suspended, ..) => OrdStatus::Suspended,
            (Stage::Sent, ..) => OrdStatus::PendingNew,
            (Stage::Live, ..) if self.cum_qty.is_zero() => OrdStatus::New,
            (Stage::Live, ..) => OrdStatus::PartiallyFilled,
        }
    }
}
