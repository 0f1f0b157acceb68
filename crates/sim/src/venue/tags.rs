//! Fields of the venue's messages that the sessions do not speak of.

use ringfence_fix::tag::Tag;

macro_rules! tags {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal;)*) => {
        $($(#[doc = $doc])* pub(super) const $name: Tag = Tag::new($number);)*
    };
}

tags! {
    COMMISSION = 12;
    COMM_TYPE = 13;
    EXEC_INST = 18;
    LINES_OF_TEXT = 33;
    MIN_QTY = 110;
    MAX_FLOOR = 111;
    NO_MISC_FEES = 136;
    MISC_FEE_AMT = 137;
    MISC_FEE_TYPE = 139;
    NO_RELATED_SYM = 146;
    HEADLINE = 148;
    MD_REQ_ID = 262;
    SUBSCRIPTION_REQUEST_TYPE = 263;
    MARKET_DEPTH = 264;
    MD_UPDATE_TYPE = 265;
    NO_MD_ENTRIES = 268;
    MD_ENTRY_TYPE = 269;
    MD_ENTRY_PX = 270;
    MD_ENTRY_SIZE = 271;
    MD_UPDATE_ACTION = 279;
    MD_REQ_REJ_REASON = 281;
    SECURITY_STATUS_REQ_ID = 324;
    UNSOLICITED_INDICATOR = 325;
    SECURITY_TRADING_STATUS = 326;
    TRAD_SES_REQ_ID = 335;
    TRADING_SESSION_ID = 336;
    TRAD_SES_STATUS = 340;
    EXEC_RESTATEMENT_REASON = 378;
    MASS_CANCEL_REQUEST_TYPE = 530;
    MASS_CANCEL_RESPONSE = 531;
    MASS_CANCEL_REJECT_REASON = 532;
    TOTAL_AFFECTED_ORDERS = 533;
    MASS_STATUS_REQ_ID = 584;
    MASS_STATUS_REQ_TYPE = 585;
    TRADING_SESSION_SUB_ID = 625;
    LAST_UPDATE_TIME = 779;
    LAST_LIQUIDITY_IND = 851;
    TOT_NUM_REPORTS = 911;
    LAST_RPT_REQUESTED = 912;
    DISPLAY_QTY = 1138;
    SECURITY_TRADING_EVENT = 1174;
    MASS_ACTION_REPORT_ID = 1369;
    /// The order's part in the retail program, a field of this venue: `P` price improving
    /// interest, `1`, `2`, `3` a retail order of that type.
    RETAIL = 5701;
    /// The retail indicator, a field of this venue: `N` no interest, `A` to buy, `B` to sell, `C`
    /// both. With any value in a request, it is asked for.
    RETAIL_INTEREST = 5702;
}
