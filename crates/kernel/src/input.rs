//! Everything that can come in: definitions, facts of the market, orders, reports, commands.
//!
//! Inputs are nouns. Each is flat, bounded and carries names, not row numbers, so that an unknown
//! symbol is a refusal with a reason and never a parse accident. Time comes beside the input.

use crate::types::record::{record, union};
use crate::types::{
    Bps, ChildId, ExecType, Hex, Money, Name, Note, OrdStatus, OrdType, OrderId, Origin, Phase,
    Price, PriceSource, Qty, ScopeKind, Side, TimeInForce, TradingState, Ts, WireId,
};

record! {
    /// Names this gateway; the first input of a journal.
    pub struct GatewayDefinition = "gateway_definition" {
        /// Name of this node; prefix of every ClOrdID that it sends (FIX 11).
        pub node: Name,
        /// Build that runs, as its digest or version.
        pub build: Name,
        /// Currency of every limit on money (ISO 4217).
        pub base_currency: Name,
        /// Name of the account that takes fills nobody ordered; it must be inside the tree.
        pub error_account: Name,
        /// Times a latch may be re-armed in one day before only a restart helps (R95).
        pub rearm_max: u32,
    }
    /// One limit of a named set; accounts and instruments point at sets.
    pub struct LimitDefinition = "limit_definition" {
        /// Name of the set.
        pub limits: Name,
        /// Which limit.
        pub limit: crate::limit::LimitKey,
        /// `UNLIMITED`, or a number in the unit of the limit.
        pub value: crate::limit::Limit,
        /// Share of the limit at which a warning is given, in basis points.
        pub warn: Bps,
        /// Share of the limit from which only risk-reducing orders pass, in basis points.
        pub restrict: Bps,
    }
    /// A node of the account tree, parents first, at most eight levels deep.
    pub struct AccountDefinition = "account_definition" {
        /// Name of the node.
        pub account: Name,
        /// Node above; absent for the firm.
        pub above: Option<Name>,
        /// Set of limits of this node.
        pub limits: Name,
        /// Whether orders may be entered for this node (a client or house account).
        pub tradable: bool,
        /// Name under which own orders must not trade with each other; absent denies.
        pub self_match_group: Option<Name>,
        /// What happens to an order that would trade with one of its own group.
        pub self_match_policy: Option<SelfMatchPolicy>,
    }
    /// A strategy that may work orders; DMA is one.
    pub struct StrategyDefinition = "strategy_definition" {
        /// Name of the strategy.
        pub strategy: Name,
        /// Whether orders go straight to their destination without an algorithm.
        pub direct: bool,
    }
    /// A venue that orders can be sent to.
    pub struct VenueDefinition = "venue_definition" {
        /// Name of the venue (FIX 100).
        pub venue: Name,
        /// Whether its fills may be voided later and so stay provisional until confirmed.
        pub provisional: bool,
        /// Time without an answer after which an order is in doubt, in nanoseconds.
        pub ack_timeout: Ts,
        /// Messages in one second that the venue takes from us.
        pub message_max: u32,
    }
    /// A client session and what it may do.
    pub struct SessionDefinition = "session_definition" {
        /// Name of the session (FIX 49).
        pub session: Name,
        /// Order types it may use: names separated by commas.
        pub ord_types: Note,
        /// Phases in which it may enter orders: names separated by commas.
        pub phases: Note,
        /// Whether its open orders are canceled when it disconnects.
        pub cancel_on_disconnect: bool,
    }
    /// One thing that a session may use.
    pub struct Entitlement = "entitlement" {
        /// Name of the session.
        pub session: Name,
        /// What is entitled: account, symbol, venue or strategy.
        pub scope_kind: ScopeKind,
        /// Its name, or `*` for all of them; an account includes what is below it.
        pub scope: Name,
    }
    /// A step of a tick ladder.
    pub struct TickDefinition = "tick_definition" {
        /// Name of the ladder.
        pub ladder: Name,
        /// Price from which the step holds.
        pub from_px: Price,
        /// Smallest price change.
        pub tick: Price,
    }
    /// What holds in one phase for the instruments of a plan.
    pub struct PhaseDefinition = "phase_definition" {
        /// Name of the plan.
        pub plan: Name,
        /// Which phase.
        pub phase: Phase,
        /// Order types that may be entered: names separated by commas; absent admits none.
        pub ord_types: Option<Note>,
        /// Reference sources, best first: names separated by commas; absent denies.
        pub sources: Option<Note>,
        /// Age beyond which a source is stale, in nanoseconds.
        pub age_max: Ts,
        /// Farthest a buy may be above or a sell below the reference, in basis points.
        pub collar: Bps,
        /// Band on both sides of the reference; absent where the phase has none.
        pub band: Option<Bps>,
        /// Farthest the reference may have moved within the drift window, in basis points.
        pub drift: Bps,
        /// Length of the drift window, in nanoseconds.
        pub drift_window: Ts,
    }
    /// An instrument.
    pub struct InstrumentDefinition = "instrument_definition" {
        /// Name (FIX 55).
        pub symbol: Name,
        /// Currency of its price (FIX 15).
        pub currency: Name,
        /// Currency units per point of price (1 for shares).
        pub multiplier: u32,
        /// Smallest quantity and step of a quantity (FIX 561).
        pub lot_size: Qty,
        /// Name of the tick ladder.
        pub ladder: Name,
        /// Name of the phase plan.
        pub plan: Name,
        /// Set of limits of the instrument.
        pub limits: Name,
        /// Average daily volume of the last 20 days; absent denies.
        pub average_volume: Option<Qty>,
        /// Issued units; absent denies.
        pub shares_outstanding: Option<Qty>,
        /// Whether prices at or below zero are possible.
        pub negative_prices: bool,
        /// Whether limit-up/limit-down bands apply in continuous trading.
        pub banded: bool,
        /// Whether short-sale rules apply (Regulation SHO).
        pub short_sale_rules: bool,
    }
    /// A person whose commands count, by public key.
    pub struct OperatorDefinition = "operator_definition" {
        /// Name of the person.
        pub operator: Name,
        /// Ed25519 public key, 64 hexadecimal digits.
        pub public_key: Hex,
    }
    /// A position brought forward from the day before.
    pub struct OpeningPosition = "opening_position" {
        /// Account.
        pub account: Name,
        /// Instrument.
        pub symbol: Name,
        /// Units, positive long, negative short.
        pub qty: i64,
        /// Average price paid or received.
        pub average_px: Price,
    }
    /// Ends the definitions and opens the day.
    pub struct DayOpen = "day_open" {
        /// Trading day, YYYY-MM-DD.
        pub trade_date: Name,
        /// Digest of the configuration, hexadecimal.
        pub config_digest: Hex,
    }
    /// Best bid and offer of an instrument; each side stands until replaced.
    pub struct Quote = "quote" {
        /// Instrument.
        pub symbol: Name,
        /// Best bid; absent means that there is none.
        pub bid_px: Option<Price>,
        /// Best offer; absent means that there is none.
        pub ask_px: Option<Price>,
    }
    /// A trade of the market; sets the last price, adds to the volume, triggers stops.
    pub struct MarketTrade = "market_trade" {
        /// Instrument.
        pub symbol: Name,
        /// Price.
        pub px: Price,
        /// Units.
        pub qty: Qty,
    }
    /// A reference price that is not a trade or quote.
    pub struct ReferencePrice = "reference_price" {
        /// Instrument.
        pub symbol: Name,
        /// Which source.
        pub source: PriceSource,
        /// Price.
        pub px: Price,
    }
    /// Limit-up/limit-down bands of an instrument.
    pub struct PriceBand = "price_band" {
        /// Instrument.
        pub symbol: Name,
        /// Lowest price at which it may trade.
        pub lower_px: Price,
        /// Highest price at which it may trade.
        pub upper_px: Price,
    }
    /// An instrument, or every one, enters a phase.
    pub struct PhaseChange = "phase_change" {
        /// Instrument; absent for all.
        pub symbol: Option<Name>,
        /// Phase entered.
        pub phase: Phase,
    }
    /// Reference rate of a currency.
    pub struct CurrencyRate = "currency_rate" {
        /// Currency (ISO 4217).
        pub currency: Name,
        /// Base currency units for one unit, at most 10,000.
        pub rate: Price,
    }
    /// What the margin side allows an account.
    pub struct MarginRequirement = "margin_requirement" {
        /// Account.
        pub account: Name,
        /// Share of a new exposure that must be covered, in basis points.
        pub requirement: Bps,
        /// Money free for new exposure, base currency, at the time of this input.
        pub buying_power: Money,
    }
    /// Rule 201 begins or ends for an instrument.
    pub struct ShortSaleRestriction = "short_sale_restriction" {
        /// Instrument.
        pub symbol: Name,
        /// Whether short sales must be above the best bid.
        pub active: bool,
    }
    /// Shares located for short sales of an account.
    pub struct Locate = "locate" {
        /// Account.
        pub account: Name,
        /// Instrument.
        pub symbol: Name,
        /// Identifier of the locate (FIX 5700).
        pub locate_id: WireId,
        /// Units located.
        pub qty: Qty,
    }
    /// Puts an instrument on, or takes it off, the restricted list of an account and all below.
    pub struct Restriction = "restriction" {
        /// Node of the account tree.
        pub account: Name,
        /// Instrument.
        pub symbol: Name,
        /// Side that is restricted; absent for all.
        pub side: Option<Side>,
        /// Whether the restriction begins; ending one needs two signatures.
        pub active: bool,
        /// Person who asks.
        pub operator: Option<Name>,
        /// Number of this command, higher than any before of the person.
        pub nonce: Option<u64>,
        /// Signature over the command, 128 hexadecimal digits.
        pub signature: Option<Hex>,
        /// Second person.
        pub second_operator: Option<Name>,
        /// Signature of the second person.
        pub second_signature: Option<Hex>,
    }
    /// A share split or consolidation, effective now.
    pub struct CorporateAction = "corporate_action" {
        /// Instrument without open orders.
        pub symbol: Name,
        /// New units for `denominator` old ones.
        pub numerator: u32,
        /// Old units.
        pub denominator: u32,
    }
    /// Announces a basket of parents with a bound on their sum.
    pub struct Basket = "basket" {
        /// Session that will send the parents.
        pub session: Name,
        /// Identifier of the basket (FIX 66).
        pub basket_id: WireId,
        /// Account.
        pub account: Name,
        /// Highest sum of the notionals of its parents, base currency.
        pub notional_max: Money,
    }
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
    /// Sets the trading state of a scope; loosening needs two signatures.
    pub struct TradingStateCommand = "trading_state_command" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// New state.
        pub state: TradingState,
        /// Whether every open order in the scope is canceled.
        pub cancel_open: bool,
        /// Why.
        pub cause: Note,
        /// Person who commands.
        pub operator: Name,
        /// Number of this command, higher than any before of the person.
        pub nonce: u64,
        /// Signature over the command, 128 hexadecimal digits.
        pub signature: Hex,
        /// Second person.
        pub second_operator: Option<Name>,
        /// Signature of the second person.
        pub second_signature: Option<Hex>,
    }
    /// Re-arms a latched scope; the person must not be the one who tripped it.
    pub struct Rearm = "rearm" {
        /// Kind of scope.
        pub scope_kind: ScopeKind,
        /// Name of the scope.
        pub scope: Name,
        /// Cause that was found.
        pub cause: Note,
        /// Person who commands.
        pub operator: Name,
        /// Number of this command, higher than any before of the person.
        pub nonce: u64,
        /// Signature over the command, 128 hexadecimal digits.
        pub signature: Hex,
    }
    /// Changes a limit; raising needs two signatures, and may be bounded in time.
    pub struct LimitChange = "limit_change" {
        /// Name of the set.
        pub limits: Name,
        /// Which limit.
        pub limit: crate::limit::LimitKey,
        /// New value.
        pub value: crate::limit::Limit,
        /// Time at which the old value returns by itself.
        pub expire_ts: Option<Ts>,
        /// Why.
        pub cause: Note,
        /// Person who commands.
        pub operator: Name,
        /// Number of this command, higher than any before of the person.
        pub nonce: u64,
        /// Signature over the command, 128 hexadecimal digits.
        pub signature: Hex,
        /// Second person.
        pub second_operator: Option<Name>,
        /// Signature of the second person.
        pub second_signature: Option<Hex>,
    }
    /// A person looked at a strategy; its count of unattended repeats starts again.
    pub struct Attendance = "attendance" {
        /// Strategy.
        pub strategy: Name,
        /// Person who attends.
        pub operator: Name,
        /// Number of this command, higher than any before of the person.
        pub nonce: u64,
        /// Signature over the command, 128 hexadecimal digits.
        pub signature: Hex,
    }
    /// The trading day ends: what is still open is done for the day.
    pub struct DayClose = "day_close" {}
}

crate::types::record::domain_enum! {
    /// What happens to an order that would trade with one of its own group.
    pub enum SelfMatchPolicy {
        /// The incoming order is denied.
        DenyIncoming = 1 "deny_incoming",
        /// Both may trade; written out on purpose.
        Allow = 2 "allow",
    }
}

union! {
    /// One input of the kernel.
    pub enum Input {
        GatewayDefinition = 1,
        LimitDefinition = 2,
        AccountDefinition = 3,
        StrategyDefinition = 4,
        VenueDefinition = 5,
        SessionDefinition = 6,
        Entitlement = 7,
        TickDefinition = 8,
        PhaseDefinition = 9,
        InstrumentDefinition = 10,
        OperatorDefinition = 11,
        OpeningPosition = 12,
        DayOpen = 13,
        Quote = 14,
        MarketTrade = 15,
        ReferencePrice = 16,
        PriceBand = 17,
        PhaseChange = 18,
        CurrencyRate = 19,
        MarginRequirement = 20,
        ShortSaleRestriction = 21,
        Locate = 22,
        Restriction = 23,
        CorporateAction = 24,
        Basket = 25,
        NewOrder = 26,
        ReplaceOrder = 27,
        CancelOrder = 28,
        StatusRequest = 29,
        SliceProposal = 30,
        ChildReplaceProposal = 31,
        ChildCancelProposal = 32,
        VenueReport = 33,
        CancelReject = 34,
        VenueSession = 35,
        ClientSession = 36,
        FillConfirmation = 37,
        FillDispute = 38,
        Tick = 39,
        TradingStateCommand = 40,
        Rearm = 41,
        LimitChange = 42,
        Attendance = 43,
        DayClose = 44,
    }
}
