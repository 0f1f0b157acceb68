//! What became true of parent orders.

use super::kind::{Asked, CancelCause, Close};
use crate::types::record::record;
use crate::types::{
    AccountId, InstrumentId, Money, Name, Named, Note, OrdStatus, OrdType, OrderId, Origin, Price,
    Qty, SessionId, Side, StrategyId, TimeInForce, Ts, VenueId, WireId,
};

record! {
    /// A parent order was accepted.
    pub struct OrderAccepted = "order_accepted" {
        /// Parent (FIX 37 towards the client).
        pub order_id: OrderId,
        /// Session.
        pub session: Named<SessionId>,
        /// Client's identifier (FIX 11).
        pub cl_ord_id: WireId,
        /// Account.
        pub account: Named<AccountId>,
        /// Strategy.
        pub strategy: Named<StrategyId>,
        /// Instrument.
        pub symbol: Named<InstrumentId>,
        /// Side.
        pub side: Side,
        /// Order type.
        pub ord_type: OrdType,
        /// Time in force.
        pub time_in_force: TimeInForce,
        /// Quantity.
        pub order_qty: Qty,
        /// Limit price.
        pub price: Option<Price>,
        /// Trigger price.
        pub stop_px: Option<Price>,
        /// End of a good-till-date order.
        pub expire_ts: Option<Ts>,
        /// Venue of a direct order.
        pub ex_destination: Option<Named<VenueId>>,
        /// Locate.
        pub locate_id: Option<WireId>,
        /// Basket.
        pub basket_id: Option<WireId>,
        /// Who wants it.
        pub origin: Origin,
        /// Person who signed an operator's order.
        pub operator: Option<Name>,
        /// Number of the operator's command.
        pub nonce: Option<u64>,
        /// Exposure of one unit at entry, base currency.
        pub unit_exposure: Money,
    }
    /// A cancel of a parent was accepted and is on its way.
    pub struct OrderCancelRequested = "order_cancel_requested" {
        /// Parent.
        pub order_id: OrderId,
        /// Identifier of the request (FIX 11).
        pub cl_ord_id: Option<WireId>,
        /// Why.
        pub cause: CancelCause,
    }
    /// A change of a parent was accepted and is on its way.
    pub struct OrderReplaceRequested = "order_replace_requested" {
        /// Parent.
        pub order_id: OrderId,
        /// Identifier of the request (FIX 11).
        pub cl_ord_id: WireId,
        /// New quantity.
        pub order_qty: Qty,
        /// New limit price.
        pub price: Option<Price>,
        /// Exposure of one unit at the new price, base currency.
        pub unit_exposure: Money,
    }
    /// A parent has new terms.
    pub struct OrderReplaced = "order_replaced" {
        /// Parent.
        pub order_id: OrderId,
        /// Quantity from now on.
        pub order_qty: Qty,
        /// Limit price from now on.
        pub price: Option<Price>,
    }
    /// A cancel or change of a parent failed at the venue; the parent is as before.
    pub struct OrderRequestRefused = "order_request_refused" {
        /// Parent.
        pub order_id: OrderId,
        /// What was refused.
        pub request: Asked,
        /// Identifier of the client's request (FIX 11); absent when it was not the client's.
        pub cl_ord_id: Option<WireId>,
        /// Text of the venue.
        pub text: Option<Note>,
    }
    /// A direct parent was reduced by its venue (FIX 150=D).
    pub struct OrderRestated = "order_restated" {
        /// Parent.
        pub order_id: OrderId,
        /// Quantity from now on.
        pub order_qty: Qty,
    }
    /// A parent ended; what was unrouted is canceled.
    pub struct OrderClosed = "order_closed" {
        /// Parent.
        pub order_id: OrderId,
        /// How.
        pub how: Close,
    }
    /// The trigger price of a parent traded.
    pub struct OrderTriggered = "order_triggered" {
        /// Parent.
        pub order_id: OrderId,
        /// Price that triggered.
        pub px: Price,
    }
    /// Answer to a status request; derived from the buckets.
    pub struct OrderStatusReported = "order_status_reported" {
        /// Session.
        pub session: Named<SessionId>,
        /// Identifier asked about (FIX 11).
        pub cl_ord_id: WireId,
        /// Parent.
        pub order_id: OrderId,
        /// Status (FIX 39).
        pub ord_status: OrdStatus,
        /// Ordered (FIX 38).
        pub order_qty: Qty,
        /// Filled (FIX 14).
        pub cum_qty: Qty,
        /// Open (FIX 151).
        pub leaves_qty: Qty,
    }
}
