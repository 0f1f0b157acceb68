//! What changes the venue, as its records keep it: folding them gives the venue again.

use ringfence_kernel::types::value::{Bytes, Malformed, Value};
use ringfence_kernel::types::{Name, Text, Ts, WireId};

use crate::exchange::coded::{Coded, coded_enum, coded_struct};
use crate::exchange::{PortId, Request};

/// Version of the bytes of a record.
const VERSION: u8 = 2;

/// A line of an operator.
pub(super) type Line = Text<255>;

impl Coded for Line {
    fn put(&self, out: &mut Vec<u8>) {
        Value::put(self, out);
    }
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        <Self as Value>::take(bytes)
    }
}

coded_enum! {
    /// How long a request for information lasts (FIX 263).
    #[derive(Copy)]
    pub(super) enum Subscription {
        /// One answer (FIX 263=0).
        Snapshot = 0,
        /// An answer, and another with each change (FIX 263=1).
        Subscribe = 1,
        /// No more answers (FIX 263=2).
        Unsubscribe = 2,
    }
    /// What a port asks for.
    pub(super) enum Asked {
        /// Something about orders.
        Orders(Request) = 1,
        /// Market data (FIX 35=V).
        MarketData(MarketDataRequest) = 2,
        /// How an instrument trades (FIX 35=e).
        SecurityStatus(StatusRequest) = 3,
        /// In which part of its day the venue is (FIX 35=g).
        TradingSession(SessionRequest) = 4,
        /// Something that cannot be read; it counts for the throttle.
        Unreadable = 5,
        /// That it does not know a trade (FIX 35=Q).
        DontKnow(DontKnow) = 6,
    }
    /// One input of the venue.
    pub(super) enum Input {
        /// Time passed, and something went out.
        Tick = 0,
        /// A port asks for something.
        Asked(PortAsked) = 1,
        /// A port can be used.
        Up(PortId) = 2,
        /// A port cannot be used any more.
        Down(PortId) = 3,
        /// A line of an operator, in the grammar of faults.
        Operator(Line) = 4,
        /// The venue was folded from its records: whoever was connected no longer is.
        Restarted = 5,
    }
}

coded_struct! {
    /// A request and who asks.
    pub(super) struct PortAsked {
        /// Who.
        pub port: PortId,
        /// What.
        pub asked: Asked,
    }
    /// A trade that a port does not know.
    pub(super) struct DontKnow {
        /// Id of the execution as it was told (FIX 17).
        pub exec_id: WireId,
        /// Why (FIX 127).
        pub reason: Name,
    }
    /// A request for market data.
    pub(super) struct MarketDataRequest {
        /// Id (FIX 262).
        pub id: WireId,
        /// How long (FIX 263).
        pub subscription: Subscription,
        /// Prices of each side, 0 for all (FIX 264).
        pub depth: u32,
        /// Changes alone instead of whole pictures (FIX 265=1).
        pub is_incremental: bool,
        /// Whether bids are wanted (FIX 269=0).
        pub bids: bool,
        /// Whether offers are wanted (FIX 269=1).
        pub asks: bool,
        /// Whether trades are wanted (FIX 269=2).
        pub trades: bool,
        /// Symbols (FIX 55).
        pub symbols: Vec<Name>,
    }
    /// A request for the status of an instrument.
    pub(super) struct StatusRequest {
        /// Id (FIX 324).
        pub id: WireId,
        /// How long (FIX 263).
        pub subscription: Subscription,
        /// Symbol (FIX 55).
        pub symbol: Name,
        /// Whether the retail indicator is wanted (5702).
        pub retail: bool,
    }
    /// A request for the part of the day.
    pub(super) struct SessionRequest {
        /// Id (FIX 335).
        pub id: WireId,
        /// How long (FIX 263).
        pub subscription: Subscription,
    }
}

/// Appends the record of an input.
pub(super) fn put(ts: Ts, input: &Input, out: &mut Vec<u8>) {
    out.push(VERSION);
    Coded::put(&ts, out);
    Coded::put(input, out);
}

/// Returns the input of a record.
pub(super) fn take(payload: &[u8]) -> Result<(Ts, Input), Malformed> {
    let mut bytes = Bytes::new(payload);
    if bytes.array::<1>()? != [VERSION] {
        return Err(Malformed);
    }
    let ts = <Ts as Coded>::take(&mut bytes)?;
    let input = <Input as Coded>::take(&mut bytes)?;
    if bytes.is_empty() { Ok((ts, input)) } else { Err(Malformed) }
}
