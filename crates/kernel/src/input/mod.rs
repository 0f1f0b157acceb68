//! Everything that can come in: definitions, facts of the market, orders, reports, commands.
//!
//! Inputs are nouns. Each is flat, bounded and carries names, not row numbers, so that an unknown
//! symbol is a refusal with a reason and never a parse accident. Time comes beside the input.

mod command;
mod definition;
mod fact;
mod order;

pub use command::{Attendance, DayClose, LimitChange, Rearm, TradingStateCommand};
pub use definition::{
    AccountDefinition, DayOpen, Entitlement, GatewayDefinition, InstrumentDefinition,
    LimitDefinition, OpeningPosition, OperatorDefinition, PhaseDefinition, SessionDefinition,
    StrategyDefinition, TickDefinition, VenueDefinition,
};
pub use fact::{
    Basket, CorporateAction, CurrencyRate, Locate, MarginRequirement, MarketTrade, PhaseChange,
    PriceBand, Quote, ReferencePrice, Restriction, ShortSaleRestriction, TradingHalt,
    TradingSession,
};
pub use order::{
    CancelOrder, CancelReject, ChildCancelProposal, ChildReplaceProposal, ClientSession,
    FillConfirmation, FillDispute, NewOrder, ReplaceOrder, SliceProposal, StatusRequest, Tick,
    VenueReport, VenueSession,
};

use crate::types::record::{domain_enum, union};

domain_enum! {
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
        TradingHalt = 45,
        TradingSession = 46,
    }
}
