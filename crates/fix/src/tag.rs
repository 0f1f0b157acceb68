//! Names of the fields that Ringfence speaks, by their FIX tag.

use core::fmt;

/// The number of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u32);

impl Tag {
    /// Returns the tag numbered `number`.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }
    /// Returns the number; one below zero in the upper half of the range.
    pub const fn number(self) -> u32 {
        self.0
    }
    /// Returns the tag of `-number`: a peer may write it, no dictionary has it, and a reject names
    /// it.
    pub(crate) const fn negative(number: u32) -> Self {
        Self(number.wrapping_neg())
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.cast_signed().fmt(f)
    }
}

macro_rules! tags {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal;)*) => {
        $($(#[doc = $doc])* pub const $name: Tag = Tag::new($number);)*
    };
}

tags! {
    /// Account (FIX 1).
    ACCOUNT = 1;
    /// AvgPx (FIX 6).
    AVG_PX = 6;
    /// BeginSeqNo (FIX 7).
    BEGIN_SEQ_NO = 7;
    /// BeginString (FIX 8).
    BEGIN_STRING = 8;
    /// BodyLength (FIX 9).
    BODY_LENGTH = 9;
    /// CheckSum (FIX 10).
    CHECK_SUM = 10;
    /// ClOrdID (FIX 11).
    CL_ORD_ID = 11;
    /// CumQty (FIX 14).
    CUM_QTY = 14;
    /// EndSeqNo (FIX 16).
    END_SEQ_NO = 16;
    /// ExecID (FIX 17).
    EXEC_ID = 17;
    /// ExecInst (FIX 18).
    EXEC_INST = 18;
    /// ExecRefID (FIX 19).
    EXEC_REF_ID = 19;
    /// ExecTransType (FIX 20), FIX 4.2 only.
    EXEC_TRANS_TYPE = 20;
    /// HandlInst (FIX 21).
    HANDL_INST = 21;
    /// LastMkt (FIX 30).
    LAST_MKT = 30;
    /// LastPx (FIX 31).
    LAST_PX = 31;
    /// LastQty (FIX 32).
    LAST_QTY = 32;
    /// NoLinesOfText (FIX 33).
    NO_LINES_OF_TEXT = 33;
    /// MsgSeqNum (FIX 34).
    MSG_SEQ_NUM = 34;
    /// MsgType (FIX 35).
    MSG_TYPE = 35;
    /// NewSeqNo (FIX 36).
    NEW_SEQ_NO = 36;
    /// OrderID (FIX 37).
    ORDER_ID = 37;
    /// OrderQty (FIX 38).
    ORDER_QTY = 38;
    /// OrdStatus (FIX 39).
    ORD_STATUS = 39;
    /// OrdType (FIX 40).
    ORD_TYPE = 40;
    /// OrigClOrdID (FIX 41).
    ORIG_CL_ORD_ID = 41;
    /// PossDupFlag (FIX 43).
    POSS_DUP_FLAG = 43;
    /// Price (FIX 44).
    PRICE = 44;
    /// RefSeqNum (FIX 45).
    REF_SEQ_NUM = 45;
    /// SenderCompID (FIX 49).
    SENDER_COMP_ID = 49;
    /// SenderSubID (FIX 50).
    SENDER_SUB_ID = 50;
    /// SendingTime (FIX 52).
    SENDING_TIME = 52;
    /// Side (FIX 54).
    SIDE = 54;
    /// Symbol (FIX 55).
    SYMBOL = 55;
    /// TargetCompID (FIX 56).
    TARGET_COMP_ID = 56;
    /// TargetSubID (FIX 57).
    TARGET_SUB_ID = 57;
    /// Text (FIX 58).
    TEXT = 58;
    /// TimeInForce (FIX 59).
    TIME_IN_FORCE = 59;
    /// TransactTime (FIX 60).
    TRANSACT_TIME = 60;
    /// ListID (FIX 66).
    LIST_ID = 66;
    /// RawDataLength (FIX 95).
    RAW_DATA_LENGTH = 95;
    /// RawData (FIX 96).
    RAW_DATA = 96;
    /// PossResend (FIX 97).
    POSS_RESEND = 97;
    /// EncryptMethod (FIX 98).
    ENCRYPT_METHOD = 98;
    /// StopPx (FIX 99).
    STOP_PX = 99;
    /// ExDestination (FIX 100).
    EX_DESTINATION = 100;
    /// CxlRejReason (FIX 102).
    CXL_REJ_REASON = 102;
    /// OrdRejReason (FIX 103).
    ORD_REJ_REASON = 103;
    /// HeartBtInt (FIX 108).
    HEART_BT_INT = 108;
    /// TestReqID (FIX 112).
    TEST_REQ_ID = 112;
    /// LocateReqd (FIX 114).
    LOCATE_REQD = 114;
    /// OnBehalfOfCompID (FIX 115).
    ON_BEHALF_OF_COMP_ID = 115;
    /// OnBehalfOfSubID (FIX 116).
    ON_BEHALF_OF_SUB_ID = 116;
    /// OrigSendingTime (FIX 122).
    ORIG_SENDING_TIME = 122;
    /// GapFillFlag (FIX 123).
    GAP_FILL_FLAG = 123;
    /// ExpireTime (FIX 126).
    EXPIRE_TIME = 126;
    /// DKReason (FIX 127).
    DK_REASON = 127;
    /// DeliverToCompID (FIX 128).
    DELIVER_TO_COMP_ID = 128;
    /// DeliverToSubID (FIX 129).
    DELIVER_TO_SUB_ID = 129;
    /// ResetSeqNumFlag (FIX 141).
    RESET_SEQ_NUM_FLAG = 141;
    /// OnBehalfOfLocationID (FIX 144).
    ON_BEHALF_OF_LOCATION_ID = 144;
    /// DeliverToLocationID (FIX 145).
    DELIVER_TO_LOCATION_ID = 145;
    /// NoRelatedSym (FIX 146).
    NO_RELATED_SYM = 146;
    /// Headline (FIX 148).
    HEADLINE = 148;
    /// ExecType (FIX 150).
    EXEC_TYPE = 150;
    /// LeavesQty (FIX 151).
    LEAVES_QTY = 151;
    /// MDReqID (FIX 262).
    MD_REQ_ID = 262;
    /// SubscriptionRequestType (FIX 263).
    SUBSCRIPTION_REQUEST_TYPE = 263;
    /// MarketDepth (FIX 264).
    MARKET_DEPTH = 264;
    /// MDUpdateType (FIX 265).
    MD_UPDATE_TYPE = 265;
    /// NoMDEntryTypes (FIX 267).
    NO_MD_ENTRY_TYPES = 267;
    /// NoMDEntries (FIX 268).
    NO_MD_ENTRIES = 268;
    /// MDEntryType (FIX 269).
    MD_ENTRY_TYPE = 269;
    /// MDEntryPx (FIX 270).
    MD_ENTRY_PX = 270;
    /// MDEntrySize (FIX 271).
    MD_ENTRY_SIZE = 271;
    /// MDUpdateAction (FIX 279).
    MD_UPDATE_ACTION = 279;
    /// SecurityStatusReqID (FIX 324).
    SECURITY_STATUS_REQ_ID = 324;
    /// SecurityTradingStatus (FIX 326).
    SECURITY_TRADING_STATUS = 326;
    /// HaltReason (FIX 327).
    HALT_REASON = 327;
    /// TradSesReqID (FIX 335).
    TRAD_SES_REQ_ID = 335;
    /// TradingSessionID (FIX 336).
    TRADING_SESSION_ID = 336;
    /// TradSesStatus (FIX 340).
    TRAD_SES_STATUS = 340;
    /// RefTagID (FIX 371).
    REF_TAG_ID = 371;
    /// RefMsgType (FIX 372).
    REF_MSG_TYPE = 372;
    /// SessionRejectReason (FIX 373).
    SESSION_REJECT_REASON = 373;
    /// ExecRestatementReason (FIX 378).
    EXEC_RESTATEMENT_REASON = 378;
    /// BusinessRejectRefID (FIX 379).
    BUSINESS_REJECT_REF_ID = 379;
    /// BusinessRejectReason (FIX 380).
    BUSINESS_REJECT_REASON = 380;
    /// CxlRejResponseTo (FIX 434).
    CXL_REJ_RESPONSE_TO = 434;
    /// MassCancelRequestType (FIX 530).
    MASS_CANCEL_REQUEST_TYPE = 530;
    /// MassCancelResponse (FIX 531).
    MASS_CANCEL_RESPONSE = 531;
    /// MassCancelRejectReason (FIX 532).
    MASS_CANCEL_REJECT_REASON = 532;
    /// TotalAffectedOrders (FIX 533).
    TOTAL_AFFECTED_ORDERS = 533;
    /// Username (FIX 553).
    USERNAME = 553;
    /// Password (FIX 554).
    PASSWORD = 554;
    /// MassStatusReqID (FIX 584).
    MASS_STATUS_REQ_ID = 584;
    /// MassStatusReqType (FIX 585).
    MASS_STATUS_REQ_TYPE = 585;
    /// NextExpectedMsgSeqNum (FIX 789).
    NEXT_EXPECTED_MSG_SEQ_NUM = 789;
    /// OrdStatusReqID (FIX 790).
    ORD_STATUS_REQ_ID = 790;
    /// CopyMsgIndicator (FIX 797).
    COPY_MSG_INDICATOR = 797;
    /// TargetStrategy (FIX 847).
    TARGET_STRATEGY = 847;
    /// TotNumReports (FIX 911).
    TOT_NUM_REPORTS = 911;
    /// LastRptRequested (FIX 912).
    LAST_RPT_REQUESTED = 912;
    /// ApplVerID (FIX 1128).
    APPL_VER_ID = 1128;
    /// DefaultApplVerID (FIX 1137).
    DEFAULT_APPL_VER_ID = 1137;
    /// MassActionReportID (FIX 1369).
    MASS_ACTION_REPORT_ID = 1369;
    /// LocateID, a field of the house (FIX 5700).
    LOCATE_ID = 5700;
}

/// Returns the field that says how long the data field `tag` is, which stands before it.
pub const fn length_of(tag: Tag) -> Option<Tag> {
    let length = match tag.0 {
        89 => 93,
        91 => 90,
        96 => 95,
        213 => 212,
        349 => 348,
        351 => 350,
        353 => 352,
        355 => 354,
        357 => 356,
        359 => 358,
        361 => 360,
        363 => 362,
        365 => 364,
        446 => 445,
        619 => 618,
        622 => 621,
        1184 => 1185,
        1186 => 1187,
        1282 => 1281,
        1360 => 1359,
        _ => return None,
    };
    Some(Tag(length))
}
