//! What comes in: requests of members by a port, and operations of the venue itself.

use ringfence_kernel::types::{Name, Note, OrdType, Price, Qty, Side, TimeInForce, Ts, WireId};

use super::coded::{coded_enum, coded_struct};
use super::ids::{ExecNumber, PortId};

coded_enum! {
    /// What an order has to do with the retail liquidity program.
    #[derive(Copy)]
    pub enum Retail {
        /// Nothing.
        None = 0,
        /// Retail price improving interest: hidden, trades with retail orders alone.
        Interest = 1,
        /// Retail order of type 1: against price improving interest, the rest canceled.
        OrderType1 = 2,
        /// Retail order of type 2: price improving interest first, the rest against the book.
        OrderType2 = 3,
        /// Retail order of type 3, which would be routed on; refused by name.
        OrderType3 = 4,
    }
    /// Which orders a mass request is about.
    #[derive(Copy)]
    pub enum MassScope {
        /// Orders of the port in one symbol (FIX 530, 585 = 1).
        Symbol(Name) = 1,
        /// All orders of the port (FIX 530 = 6).
        Port = 6,
        /// All orders of the firm, by whichever port they came (FIX 530, 585 = 7).
        Firm = 7,
    }
    /// Why an order cannot be read as one that this venue knows.
    #[derive(Copy)]
    pub enum Unsupported {
        /// Type of order (FIX 40).
        OrdType = 1,
        /// Time in force (FIX 59).
        TimeInForce = 2,
        /// Side (FIX 54).
        Side = 3,
        /// Instruction (FIX 18).
        ExecInst = 4,
        /// The attribute of the retail program.
        Retail = 5,
        /// A price or quantity that is no number of this venue.
        Number = 6,
    }
    /// What a member asks for.
    pub enum Request {
        /// A new order (FIX 35=D).
        New(NewOrder) = 1,
        /// The cancel of an order (FIX 35=F).
        Cancel(CancelOrder) = 2,
        /// New terms for an order (FIX 35=G).
        Replace(ReplaceOrder) = 3,
        /// The state of an order (FIX 35=H).
        Status(StatusOf) = 4,
        /// The state of all open orders (FIX 35=AF).
        MassStatus(MassStatus) = 5,
        /// The cancel of many orders (FIX 35=q).
        MassCancel(MassCancel) = 6,
        /// A new order that this venue cannot read.
        Unsupported(UnsupportedOrder) = 7,
    }
}

coded_struct! {
    /// A new order.
    pub struct NewOrder {
        /// Member's id (FIX 11), unique on the port over the life of the venue.
        pub cl_ord_id: WireId,
        /// Account (FIX 1).
        pub account: Option<Name>,
        /// Symbol (FIX 55).
        pub symbol: Name,
        /// Side (FIX 54).
        pub side: Side,
        /// Type (FIX 40).
        pub ord_type: OrdType,
        /// Limit (FIX 44), 1e-9 currency units.
        pub px: Option<Price>,
        /// Price that elects a stop order (FIX 99).
        pub stop_px: Option<Price>,
        /// Quantity (FIX 38).
        pub qty: Qty,
        /// Time in force (FIX 59).
        pub time_in_force: TimeInForce,
        /// End of a good-till-date order (FIX 126).
        pub expire_ts: Option<Ts>,
        /// Minimum execution (FIX 110).
        pub min_qty: Option<Qty>,
        /// Largest displayed part (FIX 111, 1138); zero hides the order.
        pub max_floor: Option<Qty>,
        /// Whether it must not take (FIX 18=6).
        pub post_only: bool,
        /// Its part in the retail liquidity program.
        pub retail: Retail,
    }
    /// A new order that cannot be read as one.
    pub struct UnsupportedOrder {
        /// Member's id (FIX 11).
        pub cl_ord_id: WireId,
        /// Symbol (FIX 55).
        pub symbol: Name,
        /// Side, buy where it is not one of ours (FIX 54).
        pub side: Side,
        /// Which term is the reason.
        pub why: Unsupported,
    }
    /// The cancel of an order.
    pub struct CancelOrder {
        /// Id of the request (FIX 11).
        pub cl_ord_id: WireId,
        /// Id of the order (FIX 41).
        pub orig_cl_ord_id: WireId,
        /// Symbol (FIX 55).
        pub symbol: Name,
        /// Side (FIX 54).
        pub side: Side,
    }
    /// New terms of an order.
    pub struct ReplaceOrder {
        /// Id of the order from now on (FIX 11).
        pub cl_ord_id: WireId,
        /// Id of the order until now (FIX 41).
        pub orig_cl_ord_id: WireId,
        /// Symbol (FIX 55).
        pub symbol: Name,
        /// Side (FIX 54).
        pub side: Side,
        /// Type (FIX 40); cannot change.
        pub ord_type: OrdType,
        /// New limit (FIX 44).
        pub px: Option<Price>,
        /// Stop price (FIX 99); cannot change.
        pub stop_px: Option<Price>,
        /// New total quantity, what was executed included (FIX 38).
        pub qty: Qty,
    }
    /// Asks for the state of an order.
    pub struct StatusOf {
        /// Id of the order (FIX 11).
        pub cl_ord_id: WireId,
        /// Symbol (FIX 55).
        pub symbol: Name,
        /// Side (FIX 54).
        pub side: Side,
    }
    /// Asks for the state of the open orders.
    pub struct MassStatus {
        /// Id of the request (FIX 584).
        pub id: WireId,
        /// Which orders.
        pub scope: MassScope,
    }
    /// Asks for the cancel of many orders.
    pub struct MassCancel {
        /// Id of the request (FIX 11).
        pub cl_ord_id: WireId,
        /// Which orders.
        pub scope: MassScope,
    }
}

/// A set of symbols.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Symbols {
    /// All.
    All,
    /// These.
    Of(Vec<Name>),
    /// From the first to the last, both included, in the order of their bytes.
    Range(Name, Name),
}

impl Symbols {
    /// Returns whether `symbol` is in the set.
    pub fn contains(&self, symbol: &Name) -> bool {
        match self {
            Self::All => true,
            Self::Of(names) => names.contains(symbol),
            Self::Range(first, last) => {
                let bytes = symbol.as_bytes();
                first.as_bytes() <= bytes && bytes <= last.as_bytes()
            }
        }
    }
}

/// Why an instrument is halted (FIX 327).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HaltReason {
    /// News is expected.
    NewsPending,
    /// News is being told.
    NewsDissemination,
    /// Orders of one side have no others to meet.
    OrderImbalance,
    /// More orders come than the venue takes.
    OrderInflux,
    /// The venue's equipment.
    EquipmentChangeover,
    /// Something else, said in words; a pause after a limit or straddle state too, for which FIX
    /// has no reason of its own.
    AdditionalInformation,
}

impl HaltReason {
    /// Every reason, in the order of their declaration.
    pub const ALL: [Self; 6] = [
        Self::NewsPending,
        Self::NewsDissemination,
        Self::OrderImbalance,
        Self::OrderInflux,
        Self::EquipmentChangeover,
        Self::AdditionalInformation,
    ];

    /// Returns its name in a script.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NewsPending => "news_pending",
            Self::NewsDissemination => "news_dissemination",
            Self::OrderImbalance => "order_imbalance",
            Self::OrderInflux => "order_influx",
            Self::EquipmentChangeover => "equipment_changeover",
            Self::AdditionalInformation => "additional_information",
        }
    }
    /// Returns the reason of a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// What the venue does of its own accord.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Trading stops.
    Halt {
        /// Where.
        symbols: Symbols,
        /// Why, by the codes of FIX, where it is said (FIX 327).
        reason: Option<HaltReason>,
        /// Why, as the announcement says.
        why: Note,
    },
    /// Trading pauses where there is a straddle state, as the listing exchange may declare.
    Pause {
        /// Where.
        symbols: Symbols,
    },
    /// Trading begins again with an auction.
    Reopen {
        /// Where.
        symbols: Symbols,
        /// How long orders are collected, in nanoseconds.
        auction_ns: i64,
    },
    /// A trade is canceled (FIX 150=H), found by one of its two executions.
    Bust {
        /// The execution.
        exec: ExecNumber,
    },
    /// A trade is corrected (FIX 150=G).
    Correct {
        /// One of its executions.
        exec: ExecNumber,
        /// New price, or as it was.
        px: Option<Price>,
        /// New quantity, at most the old one, or as it was.
        qty: Option<Qty>,
    },
    /// Every trade of a window of time is canceled, however long ago it was.
    MassBust {
        /// First time.
        from: Ts,
        /// First time that is not in the window.
        to: Ts,
        /// Where.
        symbols: Symbols,
    },
    /// Open orders are canceled unasked.
    CancelOrders {
        /// Of one port, or of all.
        port: Option<PortId>,
        /// Where.
        symbols: Symbols,
    },
    /// Open orders lose part of what is open, unasked (FIX 150=D).
    Restate {
        /// Of one port, or of all.
        port: Option<PortId>,
        /// Where.
        symbols: Symbols,
        /// Part of the open quantity that goes, 1 to 10,000 basis points, rounded down.
        share_bps: u16,
    },
    /// A band that no rule gave takes the place of the rule's, right or wrong.
    SetBand {
        /// Where.
        symbols: Symbols,
        /// Lowest price of a trade.
        lower: Price,
        /// Highest price of a trade.
        upper: Price,
    },
    /// There is no band any more, whatever the rule says.
    DropBand {
        /// Where.
        symbols: Symbols,
    },
    /// The rule gives the band again.
    RestoreBand {
        /// Where.
        symbols: Symbols,
    },
    /// Members are told something (FIX 35=B).
    Announce {
        /// What.
        text: Note,
    },
}
