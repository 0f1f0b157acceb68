//! What exists before the day opens: accounts, limits, instruments, venues, sessions, people.

use super::SelfMatchPolicy;
use crate::limit::{Limit, LimitKey};
use crate::types::record::record;
use crate::types::{Bps, Hex, Name, Note, Phase, Price, Qty, ScopeKind, Ts};

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
        pub limit: LimitKey,
        /// `UNLIMITED`, or a number in the unit of the limit.
        pub value: Limit,
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
}
