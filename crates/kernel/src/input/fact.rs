//! What the market, the margin side and the lists say.

use crate::types::record::record;
use crate::types::{
    Bps, HaltKind, Hex, Money, Name, Phase, Price, PriceSource, Qty, SessionStatus, Side, WireId,
};

record! {
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
    /// An instrument, or every one, enters a phase, as the calendar or an operator sets it.
    pub struct PhaseChange = "phase_change" {
        /// Instrument; absent for all.
        pub symbol: Option<Name>,
        /// Phase entered.
        pub phase: Phase,
    }
    /// A trading halt of an instrument begins or ends, by the word of a venue or of an operator.
    ///
    /// Whoever told of it ends it, or an operator in the name of that venue; nobody else's word,
    /// and no silence, does. When none is left the instrument is in the phase that was set.
    pub struct TradingHalt = "trading_halt" {
        /// Instrument.
        pub symbol: Name,
        /// Venue whose word it is; absent for a halt of the operator's own.
        pub venue: Option<Name>,
        /// Whom it holds for; absent means regulatory.
        pub kind: Option<HaltKind>,
        /// Whether it begins.
        pub active: bool,
    }
    /// A venue says where its trading session stands (FIX 35=h).
    pub struct TradingSession = "trading_session" {
        /// Venue.
        pub venue: Name,
        /// What it says.
        pub status: SessionStatus,
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
}
