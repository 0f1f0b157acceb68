//! The two events that put quantity on a wire, and the three proofs that each consumes.
//!
//! A [`ChildSent`] can be made only by giving up a [`Reservation`] (the parent's row has the
//! quantity), an [`Approval`] (the gate passed it) and a [`Clearance`] (venue, node and every
//! scope may trade). None of them can be forged, cloned or kept: private fields, no `Clone`, no
//! `Default`, consumed by value, and bound to one step. This is invariant I3.

use crate::clearance::Clearance;
use crate::gate::Approval;
use crate::state::order::Reservation;
use crate::types::record::record;
use crate::types::{
    AccountId, ChildId, InstrumentId, Money, Named, OrdType, OrderId, Price, Qty, Side,
    TimeInForce, VenueId, WireId,
};

record! {
    /// A child order was sent (FIX 35=D).
    pub struct ChildSent = "child_sent" {
        /// Child.
        child_id: ChildId,
        /// Parent.
        order_id: OrderId,
        /// Our identifier at the venue (FIX 11).
        cl_ord_id: WireId,
        /// Account (FIX 1).
        account: Named<AccountId>,
        /// Venue (FIX 100).
        venue: Named<VenueId>,
        /// Instrument (FIX 55).
        symbol: Named<InstrumentId>,
        /// Side (FIX 54).
        side: Side,
        /// Order type (FIX 40).
        ord_type: OrdType,
        /// Time in force (FIX 59).
        time_in_force: TimeInForce,
        /// Quantity (FIX 38).
        qty: Qty,
        /// Limit price (FIX 44).
        price: Option<Price>,
        /// Exposure of one unit, base currency, at the price the gate valued it with.
        unit_exposure: Money,
    }
    /// A change of a child was sent (FIX 35=G); the larger quantity stays live until answered.
    pub struct ChildReplaceRequested = "child_replace_requested" {
        /// Child.
        child_id: ChildId,
        /// Parent.
        order_id: OrderId,
        /// Identifier of the request (FIX 11).
        cl_ord_id: WireId,
        /// Identifier of the order (FIX 41).
        orig_cl_ord_id: WireId,
        /// Venue.
        venue: Named<VenueId>,
        /// New total quantity, filled part included (FIX 38).
        qty: Qty,
        /// New limit price (FIX 44).
        price: Option<Price>,
        /// Quantity added to what was open; it is reserved until the venue answers.
        added_qty: Qty,
        /// Exposure of one unit, base currency, at the new price.
        unit_exposure: Money,
    }
}

macro_rules! getters {
    ($type:ty { $($(#[doc = $doc:literal])* $field:ident : $result:ty),* $(,)? }) => {
        impl $type {
            $($(#[doc = $doc])* pub const fn $field(&self) -> $result { self.$field })*
        }
    };
}

getters!(ChildSent {
    /// Returns the child.
    child_id: ChildId,
    /// Returns the parent.
    order_id: OrderId,
    /// Returns our identifier at the venue (FIX 11).
    cl_ord_id: WireId,
    /// Returns the account.
    account: Named<AccountId>,
    /// Returns the venue.
    venue: Named<VenueId>,
    /// Returns the instrument.
    symbol: Named<InstrumentId>,
    /// Returns the side.
    side: Side,
    /// Returns the order type.
    ord_type: OrdType,
    /// Returns the time in force.
    time_in_force: TimeInForce,
    /// Returns the quantity.
    qty: Qty,
    /// Returns the limit price.
    price: Option<Price>,
    /// Returns the exposure of one unit, base currency.
    unit_exposure: Money,
});

getters!(ChildReplaceRequested {
    /// Returns the child.
    child_id: ChildId,
    /// Returns the parent.
    order_id: OrderId,
    /// Returns the identifier of the request (FIX 11).
    cl_ord_id: WireId,
    /// Returns the identifier of the order that is changed (FIX 41).
    orig_cl_ord_id: WireId,
    /// Returns the venue (FIX 100).
    venue: Named<VenueId>,
    /// Returns the new total quantity.
    qty: Qty,
    /// Returns the new limit price.
    price: Option<Price>,
    /// Returns the quantity added to what was open.
    added_qty: Qty,
    /// Returns the exposure of one unit at the new price, base currency.
    unit_exposure: Money,
});

impl ChildSent {
    /// Returns the event that sends a child, consuming its three proofs.
    ///
    /// Panics (I3) when the proofs are not about the same order, quantity, venue and step.
    pub fn new(reservation: Reservation, approval: Approval, clearance: Clearance) -> Self {
        let reserved = reservation.spend();
        let approved = approval.spend();
        let cleared = clearance.spend();
        assert_eq!(reserved.step, approved.step, "I3: proofs of different steps");
        assert_eq!(reserved.step, cleared.step, "I3: proofs of different steps");
        assert_eq!(reserved.order_id, approved.order_id, "I3: proofs of different orders");
        assert_eq!(reserved.child_id, cleared.child_id, "I3: proofs of different children");
        assert_eq!(reserved.qty, approved.added_qty, "I3: proofs of different quantities");
        assert_eq!(approved.qty, approved.added_qty, "I3: a new child adds all of its quantity");
        assert_eq!(approved.venue.id, cleared.venue.id, "I3: proofs of different venues");
        Self {
            child_id: reserved.child_id,
            order_id: reserved.order_id,
            cl_ord_id: cleared.cl_ord_id,
            account: approved.account,
            venue: approved.venue,
            symbol: approved.symbol,
            side: approved.side,
            ord_type: approved.ord_type,
            time_in_force: approved.time_in_force,
            qty: approved.qty,
            price: approved.price,
            unit_exposure: approved.unit_exposure,
        }
    }
}

impl ChildReplaceRequested {
    /// Returns the event that changes a child, consuming its three proofs.
    ///
    /// Panics (I3) when the proofs are not about the same order, quantity, venue and step.
    pub fn new(
        reservation: Reservation,
        approval: Approval,
        clearance: Clearance,
        orig_cl_ord_id: WireId,
    ) -> Self {
        let reserved = reservation.spend();
        let approved = approval.spend();
        let cleared = clearance.spend();
        assert_eq!(reserved.step, approved.step, "I3: proofs of different steps");
        assert_eq!(reserved.step, cleared.step, "I3: proofs of different steps");
        assert_eq!(reserved.order_id, approved.order_id, "I3: proofs of different orders");
        assert_eq!(reserved.child_id, cleared.child_id, "I3: proofs of different children");
        assert_eq!(reserved.qty, approved.added_qty, "I3: proofs of different quantities");
        assert_eq!(approved.venue.id, cleared.venue.id, "I3: proofs of different venues");
        Self {
            child_id: reserved.child_id,
            order_id: reserved.order_id,
            cl_ord_id: cleared.cl_ord_id,
            orig_cl_ord_id,
            venue: approved.venue,
            qty: approved.qty,
            price: approved.price,
            added_qty: approved.added_qty,
            unit_exposure: approved.unit_exposure,
        }
    }
}
