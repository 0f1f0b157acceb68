//! Why something was refused: stable codes, and the denial that carries rule, limit, value, scope.
//!
//! Codes never change meaning and are never reused; the hundreds are the number of the rule.

use crate::limit::{Amount, LimitKey};
use crate::types::record::domain_enum;
use crate::types::{Name, ScopeKind};

domain_enum! {
    /// Reason of a refusal; `code / 100` is the rule of the gate, 0 the order book itself.
    pub enum Reason {
        /// The day is not open, or already closed.
        DayNotOpen = 1 "DAY_NOT_OPEN",
        /// No session has this name.
        UnknownSession = 2 "UNKNOWN_SESSION",
        /// No account has this name.
        UnknownAccount = 3 "UNKNOWN_ACCOUNT",
        /// No instrument has this name.
        UnknownInstrument = 4 "UNKNOWN_INSTRUMENT",
        /// No strategy has this name.
        UnknownStrategy = 5 "UNKNOWN_STRATEGY",
        /// No venue has this name, or a direct order names none.
        UnknownVenue = 6 "UNKNOWN_VENUE",
        /// The session has used this identifier before (FIX 11).
        DuplicateClOrdId = 7 "DUPLICATE_CL_ORD_ID",
        /// No such order (FIX 102=1).
        UnknownOrder = 8 "UNKNOWN_ORDER",
        /// The order is closed: too late (FIX 102=0).
        OrderClosed = 9 "ORDER_CLOSED",
        /// A price, trigger or expiry is missing, superfluous or contradicts the order type.
        TermsInvalid = 10 "TERMS_INVALID",
        /// The quantity is zero.
        QuantityZero = 11 "QUANTITY_ZERO",
        /// The new quantity is below what is filled or still open below the parent.
        QuantityBelowOpen = 12 "QUANTITY_BELOW_OPEN",
        /// More than the unrouted quantity of the parent (R1, R8).
        ExceedsUnrouted = 13 "EXCEEDS_UNROUTED",
        /// A cancel or replace is already pending (FIX 102=3).
        AlreadyPending = 14 "ALREADY_PENDING",
        /// The account may not be traded by order: a desk, or single-purpose.
        AccountNotTradable = 15 "ACCOUNT_NOT_TRADABLE",
        /// The strategy is not the one of the parent, or a direct parent takes no proposals.
        StrategyMismatch = 16 "STRATEGY_MISMATCH",
        /// A bound of the kernel is reached.
        TableFull = 17 "TABLE_FULL",
        /// The order's end is already past.
        Expired = 18 "EXPIRED",
        /// No operator has this name, or the command names none.
        OperatorUnknown = 20 "OPERATOR_UNKNOWN",
        /// The signature is missing or does not fit the command.
        SignatureInvalid = 21 "SIGNATURE_INVALID",
        /// The number of the command was used before.
        NonceUsed = 22 "NONCE_USED",
        /// The command needs a second, different person.
        SecondPersonRequired = 23 "SECOND_PERSON_REQUIRED",
        /// The person who tripped a latch cannot re-arm it.
        TrippedBySame = 24 "TRIPPED_BY_SAME",
        /// The scope is unknown.
        ScopeUnknown = 25 "SCOPE_UNKNOWN",
        /// The scope is not latched.
        NotLatched = 26 "NOT_LATCHED",
        /// The scope is latched: re-arm it first.
        ScopeLatched = 27 "SCOPE_LATCHED",
        /// The latch was re-armed too often today.
        RearmLimit = 28 "REARM_LIMIT",
        /// The value does not fit the limit.
        LimitInvalid = 29 "LIMIT_INVALID",
        /// A definition is wrong, repeated or comes after the day opened.
        DefinitionInvalid = 30 "DEFINITION_INVALID",
        /// The instrument has open orders.
        OpenOrders = 31 "OPEN_ORDERS",
        /// A limit that the rule needs is absent; `UNLIMITED` would have to be written out.
        LimitMissing = 32 "LIMIT_MISSING",
        /// Above the restricting share of a limit, and the order does not reduce risk.
        LimitRestricts = 33 "LIMIT_RESTRICTS",
        /// The value cannot be computed: a reference, rate or volume is missing or stale.
        Unpriceable = 34 "UNPRICEABLE",
        /// The session to the venue is down.
        VenueDown = 35 "VENUE_DOWN",
        /// The venue says that its trading session is closed (FIX 340=3).
        VenueClosed = 36 "VENUE_CLOSED",
        /// The venue says that trading is halted there, in everything or in this instrument.
        VenueHalted = 37 "VENUE_HALTED",
        /// A scope is halted.
        ScopeHalted = 101 "SCOPE_HALTED",
        /// A scope only admits orders that reduce the position without turning it round.
        ScopeReducing = 102 "SCOPE_REDUCING",
        /// The session is not entitled to this account, instrument, venue or strategy.
        NotEntitled = 201 "NOT_ENTITLED",
        /// The instrument is on a restricted list.
        Restricted = 301 "RESTRICTED",
        /// The instrument's phase is unknown or has no plan.
        PhaseUnknown = 401 "PHASE_UNKNOWN",
        /// The order type may not be entered in this phase.
        OrderTypeInPhase = 402 "ORDER_TYPE_IN_PHASE",
        /// Not a multiple of the lot size.
        LotSize = 501 "LOT_SIZE",
        /// Not a multiple of the tick at this price.
        TickSize = 502 "TICK_SIZE",
        /// Zero or negative where the instrument has no such prices.
        PriceNotPositive = 503 "PRICE_NOT_POSITIVE",
        /// More than the maximum quantity of one order.
        OrderQty = 601 "MAX_ORDER_QTY",
        /// More than the maximum notional of one order.
        OrderNotional = 701 "MAX_ORDER_NOTIONAL",
        /// Too large a share of the average volume.
        AverageVolumeShare = 801 "AVERAGE_VOLUME_SHARE",
        /// Too large a share of the issued units.
        OutstandingShare = 802 "OUTSTANDING_SHARE",
        /// No average volume or no issued units are known.
        SizeReferenceMissing = 803 "SIZE_REFERENCE_MISSING",
        /// No fresh reference price of this phase.
        NoReference = 901 "NO_REFERENCE",
        /// Too far through the reference price.
        PriceCollar = 902 "PRICE_COLLAR",
        /// Outside the band of the session.
        SessionBand = 903 "SESSION_BAND",
        /// The reference itself moved too far within the window.
        PriceDrift = 1001 "PRICE_DRIFT",
        /// No limit-up/limit-down band is known.
        BandMissing = 1101 "BAND_MISSING",
        /// Through the limit-up/limit-down band.
        PriceBand = 1102 "PRICE_BAND",
        /// Equal to an order entered just before.
        Duplicate = 1201 "DUPLICATE_ORDER",
        /// Too many messages in the window.
        MessageRate = 1301 "MESSAGE_RATE",
        /// So many messages that the session is disabled.
        MessageDisable = 1302 "MESSAGE_DISABLE",
        /// Too many messages for what the venue takes.
        VenueRate = 1303 "VENUE_RATE",
        /// Repeated automatically too often without a person attending.
        RepeatedExecution = 1401 "REPEATED_EXECUTION",
        /// Too many open orders.
        OpenOrderCount = 1501 "MAX_OPEN_ORDERS",
        /// The position could become too long.
        PositionLong = 1601 "MAX_POSITION_LONG",
        /// The position could become too short.
        PositionShort = 1602 "MAX_POSITION_SHORT",
        /// Too much on both sides together.
        GrossNotional = 1701 "MAX_GROSS_NOTIONAL",
        /// Too much on one side.
        NetNotional = 1702 "MAX_NET_NOTIONAL",
        /// Too much notional entered today.
        DailyNotional = 1801 "MAX_DAILY_NOTIONAL",
        /// Too much quantity entered today.
        DailyQty = 1802 "MAX_DAILY_QTY",
        /// Too many orders entered today.
        DailyCount = 1803 "MAX_DAILY_COUNT",
        /// The margin side has set no requirement for the account.
        MarginMissing = 1901 "MARGIN_MISSING",
        /// Not enough buying power.
        BuyingPower = 1902 "BUYING_POWER",
        /// The basket was not announced, or belongs to someone else.
        BasketUnknown = 2001 "BASKET_UNKNOWN",
        /// The basket's sum is too large.
        BasketNotional = 2002 "MAX_BASKET_NOTIONAL",
        /// Marked long, but not covered by the confirmed position.
        SaleNotLong = 2101 "SALE_NOT_LONG",
        /// Marked short without enough located units.
        LocateMissing = 2102 "LOCATE_MISSING",
        /// Short at or below the best bid while Rule 201 is in force, or no bid is known.
        ShortSalePrice = 2103 "SHORT_SALE_PRICE",
        /// Would trade with an order of the own group.
        SelfMatch = 2201 "SELF_MATCH",
        /// The account declares no self-match group and policy.
        SelfMatchUndeclared = 2202 "SELF_MATCH_UNDECLARED",
        /// The loss of the day is too large.
        Loss = 2301 "MAX_LOSS",
        /// The loss grows too fast.
        LossRate = 2302 "MAX_LOSS_RATE",
        /// Too large a share of the volume while the price moves.
        MarketImpact = 2401 "MARKET_IMPACT",
        /// No volume of the market is known.
        VolumeMissing = 2402 "VOLUME_MISSING",
        /// Too many children of one parent.
        ParentChildren = 2501 "MAX_PARENT_CHILDREN",
        /// Too much notional sent for one parent.
        ParentNotional = 2502 "MAX_PARENT_NOTIONAL",
        /// Too many messages for one parent.
        ParentMessages = 2503 "MAX_PARENT_MESSAGES",
        /// More quantity leaves than came in.
        FlowQty = 2601 "FLOW_QTY",
        /// More notional leaves than came in.
        FlowNotional = 2602 "FLOW_NOTIONAL",
        /// More orders leave than came in.
        FlowCount = 2603 "FLOW_COUNT",
        /// A venue reported more than was ordered.
        OverFill = 2701 "OVER_FILL",
        /// A venue reported an order we never sent.
        Orphan = 2702 "ORPHAN",
    }
}

impl Reason {
    /// Returns the number of the gate's rule, or 0.
    pub const fn rule(self) -> u8 {
        match self.code() / 100 {
            // A reason of rule N has the code N*100 + n; N is below 28 for every member.
            hundreds if hundreds <= 27 => hundreds.to_le_bytes()[0],
            _ => 0,
        }
    }
}

impl Reason {
    /// Returns whether a rule's block level was passed: not a missing limit, not a restriction.
    pub const fn is_block(self) -> bool {
        self.code() >= 100 && !matches!(self, Self::VolumeMissing)
    }
}

/// What a refusal says: what was checked, against what, for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grounds {
    /// Why.
    pub reason: Reason,
    /// Rule of the gate that decided, 0 for the order book itself.
    pub rule: u8,
    /// Limit that was passed or is missing.
    pub limit: Option<LimitKey>,
    /// Value of that limit.
    pub limit_value: Option<Amount>,
    /// Value that was found.
    pub value: Option<Amount>,
    /// Kind of the scope whose limit it is.
    pub scope_kind: ScopeKind,
    /// Name of that scope.
    pub scope: Name,
}

/// A refusal. Kept out of line: a rule that passes hands over one empty word.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Denial(Box<Grounds>);

impl core::ops::Deref for Denial {
    type Target = Grounds;
    fn deref(&self) -> &Grounds {
        &self.0
    }
}

impl Denial {
    /// Returns a refusal without a limit.
    #[cold]
    #[inline(never)]
    pub fn new(reason: Reason, scope_kind: ScopeKind, scope: Name) -> Self {
        let rule = reason.rule();
        let (limit, limit_value, value) = (None, None, None);
        Self(Box::new(Grounds { reason, rule, limit, limit_value, value, scope_kind, scope }))
    }
    /// Returns the refusal with the value that was found and the bound it broke.
    #[cold]
    pub fn measured(mut self, value: Amount, bound: Option<Amount>) -> Self {
        self.0.value = Some(value);
        self.0.limit_value = bound;
        self
    }
    /// Returns the refusal with the limit it is about, or with none.
    #[cold]
    pub fn about(mut self, limit: Option<LimitKey>) -> Self {
        self.0.limit = limit;
        self
    }
    /// Returns the refusal for another reason, by the same rule.
    #[cold]
    pub fn because(mut self, reason: Reason) -> Self {
        self.0.reason = reason;
        self
    }
    /// Returns the refusal as that of a rule.
    #[cold]
    pub fn by(mut self, rule: u8) -> Self {
        self.0.rule = rule;
        self
    }
}
