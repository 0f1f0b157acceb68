//! What clients, algorithms and venues send about orders, and what breaks or ends them.

use crate::types::record::record;
use crate::types::{
    ChildId, ExecType, Hex, Name, Note, OrdStatus, OrdType, OrderId, Origin, Price, Qty, Side,
    TimeInForce, Ts, WireId,
};

record! {
    /// A client's, operator's or liquidation order (FIX 35=D).
    pub struct NewOrder = "new_order" {
        /// Session it came by.
        pub session: Name,
        /// Identifier given by the client (FIX 11).
        pub cl_ord_id: WireId,
        /// Account (FIX 1).
        pub account: Name,
        /// Strategy that works it (FIX 847), `DMA` for none.
        pub strategy: Name,
        /// Instrument (FIX 55).
        pub symbol: Name,
        /// Side (FIX 54).
        pub side: Side,
        /// Order type (FIX 40).
        pub ord_type: OrdType,
        /// Time in force (FIX 59).
        pub time_in_force: TimeInForce,
        /// Quantity ordered (FIX 38).
        pub order_qty: Qty,
        /// Limit price (FIX 44).
        pub price: Option<Price>,
        /// Trigger price (FIX 99).
        pub stop_px: Option<Price>,
        /// End of a good-till-date order (FIX 126).
        pub expire_ts: Option<Ts>,
        /// Venue of a direct order (FIX 100).
        pub ex_destination: Option<Name>,
        /// Locate for a short sale (FIX 5700).
        pub locate_id: Option<WireId>,
        /// Basket that it belongs to (FIX 66).
        pub basket_id: Option<WireId>,
        /// Who wants it; an operator's order carries a signature.
        pub origin: Option<Origin>,
        /// Person who signs an operator's order.
        pub operator: Option<Name>,
        /// Number of this command of the person.
        pub nonce: Option<u64>,
        /// Signature over the order.
        pub signature: Option<Hex>,
    }
    /// A change of quantity or price of a parent (FIX 35=G).
    pub struct ReplaceOrder = "replace_order" {
        /// Session.
        pub session: Name,
        /// New identifier (FIX 11).
        pub cl_ord_id: WireId,
        /// Identifier of the order to change (FIX 41).
        pub orig_cl_ord_id: WireId,
        /// New total quantity, filled part included (FIX 38).
        pub order_qty: Qty,
        /// New limit price (FIX 44).
        pub price: Option<Price>,
    }
    /// A cancel of a parent (FIX 35=F).
    pub struct CancelOrder = "cancel_order" {
        /// Session.
        pub session: Name,
        /// New identifier (FIX 11).
        pub cl_ord_id: WireId,
        /// Identifier of the order to cancel (FIX 41).
        pub orig_cl_ord_id: WireId,
    }
    /// A question about a parent (FIX 35=H).
    pub struct StatusRequest = "status_request" {
        /// Session.
        pub session: Name,
        /// Identifier of the order (FIX 11).
        pub cl_ord_id: WireId,
    }
    /// A slice that an algorithm wants to send.
    pub struct SliceProposal = "slice_proposal" {
        /// Parent.
        pub order_id: OrderId,
        /// Strategy that proposes; must be the parent's.
        pub strategy: Name,
        /// Venue.
        pub venue: Name,
        /// Quantity.
        pub qty: Qty,
        /// Order type, market or limit.
        pub ord_type: OrdType,
        /// Time in force.
        pub time_in_force: TimeInForce,
        /// Limit price.
        pub price: Option<Price>,
    }
    /// A child whose quantity or price an algorithm wants to change.
    pub struct ChildReplaceProposal = "child_replace_proposal" {
        /// Child.
        pub child_id: ChildId,
        /// New total quantity of the child, filled part included.
        pub qty: Qty,
        /// New limit price.
        pub price: Option<Price>,
    }
    /// A child that an algorithm or operator wants to cancel.
    pub struct ChildCancelProposal = "child_cancel_proposal" {
        /// Child.
        pub child_id: ChildId,
    }
    /// An execution report of a venue (FIX 35=8).
    pub struct VenueReport = "venue_report" {
        /// Venue.
        pub venue: Name,
        /// Identifier of our order (FIX 11).
        pub cl_ord_id: WireId,
        /// Identifier of this report (FIX 17).
        pub exec_id: WireId,
        /// What it says (FIX 150).
        pub exec_type: ExecType,
        /// Report that a cancel or correction refers to (FIX 19).
        pub exec_ref_id: Option<WireId>,
        /// Status at the venue, for a status answer (FIX 39).
        pub ord_status: Option<OrdStatus>,
        /// Units of this fill, or the corrected ones (FIX 32).
        pub last_qty: Option<Qty>,
        /// Price of this fill, or the corrected one (FIX 31).
        pub last_px: Option<Price>,
        /// Total quantity after a restatement (FIX 38).
        pub order_qty: Option<Qty>,
        /// Filled so far at the venue (FIX 14).
        pub cum_qty: Option<Qty>,
        /// Instrument, needed only where the order is unknown (FIX 55).
        pub symbol: Option<Name>,
        /// Side, needed only where the order is unknown (FIX 54).
        pub side: Option<Side>,
        /// Free text (FIX 58).
        pub text: Option<Note>,
    }
    /// A venue refuses a cancel or replace (FIX 35=9).
    pub struct CancelReject = "cancel_reject" {
        /// Venue.
        pub venue: Name,
        /// Identifier of the refused request (FIX 11).
        pub cl_ord_id: WireId,
        /// Free text (FIX 58).
        pub text: Option<Note>,
    }
    /// A venue session comes up or goes down; down puts its open orders in doubt.
    pub struct VenueSession = "venue_session" {
        /// Venue.
        pub venue: Name,
        /// Whether it is up.
        pub connected: bool,
    }
    /// A client session comes up or goes down.
    pub struct ClientSession = "client_session" {
        /// Session.
        pub session: Name,
        /// Whether it is up.
        pub connected: bool,
    }
    /// Fills of a venue, or of one instrument there, can no longer be voided.
    pub struct FillConfirmation = "fill_confirmation" {
        /// Venue.
        pub venue: Name,
        /// Instrument; absent for all.
        pub symbol: Option<Name>,
        /// Only fills booked at or before this time.
        pub until_ts: Ts,
    }
    /// One fill is contested, or no longer.
    pub struct FillDispute = "fill_dispute" {
        /// Venue.
        pub venue: Name,
        /// The fill (FIX 17).
        pub exec_id: WireId,
        /// Whether it is contested.
        pub disputed: bool,
    }
    /// Time passes; nothing else happened.
    pub struct Tick = "tick" {}
}
