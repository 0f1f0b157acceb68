//! Everything that can become true: the only thing that changes the state.
//!
//! Events are past tense and complete: applying one needs nothing but the state before it. The
//! exception is [`FactTaken`], which says that the input of the same record is the fact.

use crate::limit::{Amount, Level, Limit, LimitKey};
use crate::reason::{Denial, Reason};
use crate::types::record::{domain_enum, record, union};
use crate::types::{
    AccountId, ChildId, FillId, InstrumentId, Money, Name, Named, Note, OrdStatus, OrdType,
    OrderId, Origin, PositionState, Price, Qty, ScopeKind, SessionId, Side, StrategyId,
    TimeInForce, TradingState, Ts, VenueId, WireId,
};

domain_enum! {
    /// What a refusal answers.
    pub enum Subject {
        /// A new parent order.
        NewOrder = 1 "new_order",
        /// A change of a parent.
        ReplaceOrder = 2 "replace_order",
        /// A cancel of a parent.
        CancelOrder = 3 "cancel_order",
        /// A status request.
        StatusRequest = 4 "status_request",
        /// A slice of an algorithm.
        Slice = 5 "slice",
        /// A change of a child.
        ChildReplace = 6 "child_replace",
        /// A cancel of a child.
        ChildCancel = 7 "child_cancel",
        /// A stop whose trigger price traded.
        TriggeredStop = 8 "triggered_stop",
        /// A command of an operator.
        Command = 9 "command",
        /// A definition.
        Definition = 10 "definition",
        /// A fact of the market or the margin side.
        Fact = 11 "fact",
    }
    /// How an order ended.
    pub enum Close {
        /// Completely filled.
        Filled = 1 "filled",
        /// Canceled.
        Canceled = 2 "canceled",
        /// Rejected by the venue.
        Rejected = 3 "rejected",
        /// Expired.
        Expired = 4 "expired",
        /// Done for the day.
        DoneForDay = 5 "done_for_day",
        /// Denied by us after it was accepted (a triggered stop).
        Denied = 6 "denied",
    }
    /// Why a cancel was requested.
    pub enum CancelCause {
        /// The client asked.
        Client = 1 "client",
        /// The algorithm asked.
        Strategy = 2 "strategy",
        /// A halt.
        Halt = 3 "halt",
        /// The client session went down.
        Disconnect = 4 "disconnect",
        /// The order reached its end.
        Expiry = 5 "expiry",
        /// The trading day ended.
        DayEnd = 6 "day_end",
    }
    /// What was asked of a venue about one of its orders.
    pub enum Asked {
        /// A cancel.
        Cancel = 1 "cancel",
        /// New terms.
        Replace = 2 "replace",
    }
    /// Why a venue's report changed nothing.
    pub enum Ignored {
        /// The report was applied before (FIX 17).
        SeenBefore = 1 "seen_before",
        /// The report says what is already known.
        NoChange = 2 "no_change",
        /// The order is already closed.
        Closed = 3 "closed",
        /// The fields needed for this kind of report are missing.
        Incomplete = 4 "incomplete",
        /// The venue's cumulative quantity is above ours: a fill report is missing.
        FillMissing = 5 "fill_missing",
        /// The fill was canceled before.
        Busted = 6 "busted",
    }
}

record! {
    /// The input itself is the fact; it was applied as it stands.
    pub struct FactTaken = "fact_taken" {}
    /// Something was refused; nothing changed but the counters.
    pub struct Denied = "denied" {
        /// What was refused.
        pub subject: Subject,
        /// Why.
        pub reason: Reason,
        /// Rule of the gate, 0 for the order book itself.
        pub rule: u8,
        /// Limit that was passed or is missing.
        pub limit: Option<LimitKey>,
        /// Value of that limit.
        pub limit_value: Option<Amount>,
        /// Value that was found.
        pub value: Option<Amount>,
        /// Kind of the scope whose limit or state it is.
        pub scope_kind: ScopeKind,
        /// Name of that scope.
        pub scope: Name,
        /// Session that asked.
        pub session: Option<Named<SessionId>>,
        /// Identifier of the refused request (FIX 11).
        pub cl_ord_id: Option<WireId>,
        /// Parent concerned.
        pub order_id: Option<OrderId>,
        /// Child concerned.
        pub child_id: Option<ChildId>,
        /// Account concerned.
        pub account: Option<Named<AccountId>>,
        /// Strategy concerned.
        pub strategy: Option<Named<StrategyId>>,
        /// Person whose signature was good all the same.
        pub operator: Option<Name>,
        /// Number of that person's command; it is used up.
        pub nonce: Option<u64>,
    }
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
    /// A fill was booked.
    pub struct FillBooked = "fill_booked" {
        /// Fill.
        pub fill_id: FillId,
        /// Venue.
        pub venue: Named<VenueId>,
        /// Venue's identifier (FIX 17).
        pub exec_id: WireId,
        /// Child; absent for a fill nobody ordered.
        pub child_id: Option<ChildId>,
        /// Parent; absent for a fill nobody ordered.
        pub order_id: Option<OrderId>,
        /// Account booked to.
        pub account: Named<AccountId>,
        /// Instrument.
        pub symbol: Named<InstrumentId>,
        /// Side.
        pub side: Side,
        /// Units (FIX 32); the ordered part where the venue reported more.
        pub last_qty: Qty,
        /// Price (FIX 31).
        pub last_px: Price,
        /// State of the position that it makes.
        pub position_state: PositionState,
        /// Part that came after the child had ended.
        pub late: bool,
    }
    /// A fill was canceled by its venue (FIX 150=H).
    pub struct FillBusted = "fill_busted" {
        /// Fill.
        pub fill_id: FillId,
        /// Identifier of the cancel (FIX 17).
        pub exec_id: WireId,
    }
    /// A fill was corrected by its venue (FIX 150=G).
    pub struct FillCorrected = "fill_corrected" {
        /// Fill.
        pub fill_id: FillId,
        /// Identifier of the correction (FIX 17), by which the fill may be named from now on.
        pub exec_id: WireId,
        /// Corrected units.
        pub last_qty: Qty,
        /// Corrected price.
        pub last_px: Price,
    }
    /// A cancel or correction came before the fill it refers to; it waits for it.
    pub struct ReversalHeld = "reversal_held" {
        /// Venue.
        pub venue: Named<VenueId>,
        /// Identifier of the cancel or correction (FIX 17).
        pub exec_id: WireId,
        /// Fill that it refers to (FIX 19).
        pub exec_ref_id: WireId,
        /// Corrected units; absent for a cancel.
        pub last_qty: Option<Qty>,
        /// Corrected price; absent for a cancel.
        pub last_px: Option<Price>,
    }
    /// A report changed nothing.
    pub struct ReportIgnored = "report_ignored" {
        /// Venue.
        pub venue: Named<VenueId>,
        /// Identifier of the report (FIX 17).
        pub exec_id: WireId,
        /// Why.
        pub why: Ignored,
        /// Child concerned.
        pub child_id: Option<ChildId>,
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
    /// A limit is used beyond its warning or restricting share.
    pub struct LimitWarned = "limit_warned" {
        /// How far.
        pub level: Level,
        /// Rule of the gate that warns.
        pub rule: u8,
        /// Limit; absent for buying power.
        pub limit: Option<LimitKey>,
        /// Value of the limit.
        pub limit_value: Amount,
        /// Value with this order.
        pub value: Amount,
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
    }
    /// A guard tripped; its scope is halted until another person re-arms it.
    pub struct LatchTripped = "latch_tripped" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// Row of the scope in its table.
        pub scope_row: u64,
        /// Why.
        pub reason: Reason,
        /// Rule of the gate.
        pub rule: u8,
        /// Person who caused it, where one did.
        pub operator: Option<Name>,
    }
    /// A latch was re-armed.
    pub struct LatchRearmed = "latch_rearmed" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// Row of the scope in its table.
        pub scope_row: u64,
        /// Person.
        pub operator: Name,
        /// Number of the command.
        pub nonce: u64,
        /// Cause that was found.
        pub cause: Note,
    }
    /// A scope has a new trading state.
    pub struct TradingStateSet = "trading_state_set" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// Row of the scope in its table.
        pub scope_row: u64,
        /// State.
        pub state: TradingState,
        /// Whether open orders in the scope are being canceled.
        pub cancel_open: bool,
        /// Why.
        pub cause: Note,
        /// Person.
        pub operator: Name,
        /// Number of the command.
        pub nonce: u64,
        /// Second person.
        pub second_operator: Option<Name>,
    }
    /// Every order in a halted scope is confirmed gone.
    pub struct ScopeFlat = "scope_flat" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// Row of the scope in its table.
        pub scope_row: u64,
    }
    /// A limit has a new value.
    pub struct LimitChanged = "limit_changed" {
        /// Name of the set.
        pub limits: Name,
        /// Limit.
        pub limit: LimitKey,
        /// Value before.
        pub old_value: Limit,
        /// Value from now on.
        pub value: Limit,
        /// Time at which the old value returns.
        pub expire_ts: Option<Ts>,
        /// Person; absent when a temporary change ended by itself.
        pub operator: Option<Name>,
        /// Number of the command.
        pub nonce: Option<u64>,
        /// Second person.
        pub second_operator: Option<Name>,
    }
    /// A person attended a strategy.
    pub struct StrategyAttended = "strategy_attended" {
        /// Strategy.
        pub strategy: Named<StrategyId>,
        /// Person.
        pub operator: Name,
        /// Number of the command.
        pub nonce: u64,
    }
    /// A signed restriction was taken.
    pub struct RestrictionSet = "restriction_set" {
        /// Account.
        pub account: Named<AccountId>,
        /// Instrument.
        pub symbol: Named<InstrumentId>,
        /// Side; absent for all.
        pub side: Option<Side>,
        /// Whether it is restricted now.
        pub active: bool,
        /// Person.
        pub operator: Option<Name>,
        /// Number of the command.
        pub nonce: Option<u64>,
    }
}

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
            | Self::ReportIgnored(_)
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
