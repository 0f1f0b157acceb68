//! What became true of child orders.

use super::kind::{Asked, CancelCause, Close};
use crate::types::record::record;
use crate::types::{ChildId, Named, Note, Qty, VenueId, WireId};

record! {
    /// A venue accepted a child.
    pub struct ChildAcknowledged = "child_acknowledged" {
        /// Child.
        pub child_id: ChildId,
    }
    /// A cancel of a child was requested; its quantity stays live until it is confirmed.
    pub struct ChildCancelRequested = "child_cancel_requested" {
        /// Child.
        pub child_id: ChildId,
        /// Identifier of the request (FIX 11).
        pub cl_ord_id: WireId,
        /// Identifier of the order (FIX 41).
        pub orig_cl_ord_id: WireId,
        /// Venue.
        pub venue: Named<VenueId>,
        /// Why.
        pub cause: CancelCause,
    }
    /// A venue replaced a child.
    pub struct ChildReplaced = "child_replaced" {
        /// Child.
        pub child_id: ChildId,
    }
    /// A venue refused a cancel or replace; the order is as before.
    pub struct ChildRequestRefused = "child_request_refused" {
        /// Child.
        pub child_id: ChildId,
        /// What was refused.
        pub request: Asked,
        /// Text of the venue.
        pub text: Option<Note>,
    }
    /// A venue suspended a child, or took it up again.
    pub struct ChildSuspended = "child_suspended" {
        /// Child.
        pub child_id: ChildId,
        /// Whether it is suspended now.
        pub suspended: bool,
    }
    /// A venue reduced the quantity of a child by itself (FIX 150=D).
    pub struct ChildRestated = "child_restated" {
        /// Child.
        pub child_id: ChildId,
        /// New total quantity, filled part included.
        pub qty: Qty,
    }
    /// A child ended; what was open is unrouted again.
    pub struct ChildClosed = "child_closed" {
        /// Child.
        pub child_id: ChildId,
        /// How.
        pub how: Close,
        /// Quantity given back to the parent.
        pub returned_qty: Qty,
        /// Text of the venue.
        pub text: Option<Note>,
    }
    /// No answer in time, or the session broke: the child is neither filled nor free.
    pub struct ChildInDoubt = "child_in_doubt" {
        /// Child.
        pub child_id: ChildId,
        /// Whether it is over at the venue and only reports of its fills are missing.
        pub ended: bool,
        /// Quantity that the venue calls filled, where it said so (FIX 14).
        pub told_qty: Option<Qty>,
    }
    /// Evidence arrived: the child is no longer in doubt.
    pub struct ChildResolved = "child_resolved" {
        /// Child.
        pub child_id: ChildId,
    }
}
