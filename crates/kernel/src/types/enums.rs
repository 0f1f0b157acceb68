//! Closed sets of the field's terms, named after FIX where FIX has the name.

use super::record::domain_enum;

domain_enum! {
    /// Which way an order goes (FIX 54).
    pub enum Side {
        /// Buy (FIX 54=1).
        Buy = 1 "buy",
        /// Sell what the account owns (FIX 54=2).
        Sell = 2 "sell",
        /// Sell short (FIX 54=5).
        SellShort = 5 "sell_short",
        /// Sell short exempt from Rule 201 (FIX 54=6).
        SellShortExempt = 6 "sell_short_exempt",
    }
    /// How an order is priced (FIX 40).
    pub enum OrdType {
        /// At the market (FIX 40=1).
        Market = 1 "market",
        /// At the limit price or better (FIX 40=2).
        Limit = 2 "limit",
        /// Held by us until the trigger price trades, then at the market (FIX 40=3).
        Stop = 3 "stop",
        /// Held by us until the trigger price trades, then a limit order (FIX 40=4).
        StopLimit = 4 "stop_limit",
    }
    /// How long an order lives (FIX 59).
    pub enum TimeInForce {
        /// Until the end of the trading day (FIX 59=0).
        Day = 1 "day",
        /// In the opening auction only (FIX 59=2).
        AtOpening = 2 "at_the_opening",
        /// What fills at once, the rest canceled (FIX 59=3).
        ImmediateOrCancel = 3 "immediate_or_cancel",
        /// All at once or nothing (FIX 59=4).
        FillOrKill = 4 "fill_or_kill",
        /// Until `expire_ts` (FIX 59=6).
        GoodTillDate = 6 "good_till_date",
        /// In the closing auction only (FIX 59=7).
        AtClose = 7 "at_the_close",
    }
    /// What an execution report says (FIX 150).
    pub enum ExecType {
        /// Accepted (FIX 150=0).
        New = 1 "new",
        /// Done for the day (FIX 150=3).
        DoneForDay = 2 "done_for_day",
        /// Canceled (FIX 150=4).
        Canceled = 3 "canceled",
        /// Replaced (FIX 150=5).
        Replaced = 4 "replaced",
        /// Cancel pending (FIX 150=6).
        PendingCancel = 5 "pending_cancel",
        /// Rejected (FIX 150=8).
        Rejected = 6 "rejected",
        /// Suspended (FIX 150=9).
        Suspended = 7 "suspended",
        /// New pending (FIX 150=A).
        PendingNew = 8 "pending_new",
        /// Expired (FIX 150=C).
        Expired = 9 "expired",
        /// Restated by the venue (FIX 150=D).
        Restated = 10 "restated",
        /// Replace pending (FIX 150=E).
        PendingReplace = 11 "pending_replace",
        /// A fill, partial or full (FIX 150=F; 1 and 2 of FIX 4.2).
        Trade = 12 "trade",
        /// One fill corrected (FIX 150=G).
        TradeCorrect = 13 "trade_correct",
        /// One fill canceled (FIX 150=H).
        TradeCancel = 14 "trade_cancel",
        /// Answer to a status request (FIX 150=I).
        OrderStatus = 15 "order_status",
    }
    /// State of an order as told to others (FIX 39); always derived, never stored.
    pub enum OrdStatus {
        /// Accepted by us, not yet by the venue (FIX 39=A).
        PendingNew = 1 "pending_new",
        /// Open without a fill (FIX 39=0).
        New = 2 "new",
        /// Open with a fill (FIX 39=1).
        PartiallyFilled = 3 "partially_filled",
        /// Completely filled (FIX 39=2).
        Filled = 4 "filled",
        /// Done for the day (FIX 39=3).
        DoneForDay = 5 "done_for_day",
        /// Canceled (FIX 39=4).
        Canceled = 6 "canceled",
        /// Cancel requested and not yet answered (FIX 39=6).
        PendingCancel = 7 "pending_cancel",
        /// Rejected by the venue, or denied by us after acceptance (FIX 39=8).
        Rejected = 8 "rejected",
        /// Suspended by the venue (FIX 39=9).
        Suspended = 9 "suspended",
        /// Expired (FIX 39=C).
        Expired = 10 "expired",
        /// Replace requested and not yet answered (FIX 39=E).
        PendingReplace = 11 "pending_replace",
        /// Sent and unanswered for too long: neither filled nor free.
        InDoubt = 12 "in_doubt",
    }
    /// Where a parent order came from.
    pub enum Origin {
        /// A client's order.
        Client = 1 "client",
        /// An operator's order, signed by a named key.
        Operator = 2 "operator",
        /// A forced closing proposed by the margin side.
        Liquidation = 3 "liquidation",
    }
    /// Part of the trading day an instrument is in (FIX 336).
    pub enum Phase {
        /// Closed: nothing may be entered.
        Closed = 1 "closed",
        /// Before the open.
        PreOpen = 2 "pre_open",
        /// Opening, closing or reopening auction.
        Auction = 3 "auction",
        /// Continuous trading.
        Continuous = 4 "continuous",
        /// Halted.
        Halted = 5 "halted",
        /// After the close.
        Post = 6 "post",
        /// Overnight session with a band fixed for the session.
        Overnight = 7 "overnight",
    }
    /// Why trading in an instrument is halted (FIX 327), by whom it holds for.
    pub enum HaltKind {
        /// News, a volatility pause, the whole market, or a reason that is not known: it holds at
        /// every venue.
        Regulatory = 1 "regulatory",
        /// The venue's own: an imbalance or influx of orders, its equipment. It holds there alone.
        Operational = 2 "operational",
    }
    /// What a venue says about its trading session (FIX 340).
    pub enum SessionStatus {
        /// It takes orders: open, before the open, before the close (FIX 340=2, 4, 5).
        Open = 1 "open",
        /// Trading is halted in everything (FIX 340=1).
        Halted = 2 "halted",
        /// Closed (FIX 340=3).
        Closed = 3 "closed",
    }
    /// A source of an instrument's reference price.
    pub enum PriceSource {
        /// Middle of the best bid and offer.
        Mid = 1 "mid",
        /// Last trade.
        Last = 2 "last",
        /// Indicative auction price.
        Indicative = 3 "indicative",
        /// Official closing price of this day.
        OfficialClose = 4 "official_close",
        /// Closing price of the day before.
        PreviousClose = 5 "previous_close",
        /// Price fixed for the session (overnight: the print nearest 19:30 New York).
        SessionReference = 6 "session_reference",
    }
    /// What may happen in a scope.
    pub enum TradingState {
        /// Everything that the limits allow.
        Active = 1 "active",
        /// Only what reduces a position without turning it round.
        Reducing = 2 "reducing",
        /// Nothing but cancels.
        Halted = 3 "halted",
    }
    /// What a trading state, a limit or a latch belongs to.
    pub enum ScopeKind {
        /// A node of the account tree: firm, desk, trader or client account.
        Account = 1 "account",
        /// A strategy.
        Strategy = 2 "strategy",
        /// An instrument.
        Symbol = 3 "symbol",
        /// A venue.
        Venue = 4 "venue",
        /// A client session.
        Session = 5 "session",
        /// This gateway node.
        Node = 6 "node",
        /// A parent order.
        Order = 7 "order",
        /// A basket of parents.
        Basket = 8 "basket",
    }
    /// How sure a position is.
    pub enum PositionState {
        /// May be sold against.
        Confirmed = 1 "confirmed",
        /// Filled at a venue that may still void it.
        Provisional = 2 "provisional",
        /// Contested by one side.
        Disputed = 3 "disputed",
    }
}

impl Side {
    /// Returns whether the order adds to a long position.
    pub const fn is_buy(self) -> bool {
        matches!(self, Self::Buy)
    }
    /// Returns whether the order is marked short.
    pub const fn is_short(self) -> bool {
        matches!(self, Self::SellShort | Self::SellShortExempt)
    }
}

impl OrdType {
    /// Returns whether the order carries a limit price (FIX 44).
    pub const fn has_price(self) -> bool {
        matches!(self, Self::Limit | Self::StopLimit)
    }
    /// Returns whether we hold the order until a trigger price trades (FIX 99).
    pub const fn has_trigger(self) -> bool {
        matches!(self, Self::Stop | Self::StopLimit)
    }
    /// Returns the type of the order that goes to the venue once triggered.
    pub const fn triggered(self) -> Self {
        match self {
            Self::Market | Self::Stop => Self::Market,
            Self::Limit | Self::StopLimit => Self::Limit,
        }
    }
}

impl Phase {
    /// Returns the position of the phase in tables by phase.
    pub const fn index(self) -> usize {
        match self {
            Self::Closed => 0,
            Self::PreOpen => 1,
            Self::Auction => 2,
            Self::Continuous => 3,
            Self::Halted => 4,
            Self::Post => 5,
            Self::Overnight => 6,
        }
    }
    /// Number of phases.
    pub const COUNT: usize = 7;
}
