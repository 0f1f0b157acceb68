//! The simulated exchange: rules and books, typed requests in and typed events out.
//!
//! Refuses: clocks, sessions and bytes. Time arrives with [`Exchange::advance`], and who asks is a
//! port.
//! Everything that time brings (windows, auctions, pauses, expiries, the anonymous participant) is
//! done at its own due time, so that advancing in one step or in many gives the same events.
//!
//! Invariants: nothing trades while halted or paused; no trade is outside the band of its moment;
//! each trade has two sides, and per order filled, open and canceled quantity sum to what was asked
//! for; an id of an execution is given once.

mod band;
pub(crate) mod coded;
mod command;
mod entry;
mod event;
mod ids;
mod instrument;
mod ledger;
mod liquidity;
mod market;
mod operate;
mod order;
mod request;
mod retail;
mod rules;
mod schedule;
mod settle;
mod tape;
mod tier;
mod watch;

use core::hash::{Hash, Hasher};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ringfence_kernel::types::{Name, Phase, Side, Ts};

use self::band::{BandOverride, BandState};
use self::instrument::{Halt, Instrument};
use self::order::OrderTable;
use crate::book::{Band, Book, BookEvent, BookLimits, Level};

pub use command::{
    CancelOrder, HaltReason, MassCancel, MassScope, MassStatus, NewOrder, Operation, ReplaceOrder,
    Request, Retail, StatusOf, Symbols, Unsupported, UnsupportedOrder,
};
pub use event::{
    CancelReject, CancelRejected, Event, Last, Liquidity as LiquidityFlag, MassCanceled, MassPart,
    OrderReject, Report, Restated, RetailInterest, SecurityStatus, StatusCause, TradingSession,
};
pub use ids::{ExecNumber, InstrumentIndex, OrderNumber, PortId, TradeNumber};
pub use ledger::{Execution, Ledger, Statement, TRADES_MAX, Trade, TradeState};
pub use liquidity::{HOUSE_ORDERS_MAX, HOUSE_TOLD_MAX, Liquidity, MarketEvent, MarketWhat};
pub use operate::OperationError;
pub use order::{CloseCause, Order, OrderState, VENUE_IDS_MAX, VENUE_ORDERS_MAX};
pub use rules::{
    BandKind, FeeRules, HaltEntry, INSTRUMENTS_MAX, InstrumentRules, LimitBandRules, PORTS_MAX,
    PortKind, PortRules, RetailRules, RulesError, SPAN_NS_MAX, SessionWindow, THROTTLE_MAX,
    TICK_STEPS_MAX, Throttle, TickStep, VenueRules, WINDOWS_MAX,
};

pub use tape::{RestingBy, TapeLiquidity, TapeRun};
pub use tier::{LEVERAGE_MAX, LimitTier, Tier};

/// What a throttle says to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Admission {
    /// It is taken.
    Taken,
    /// It is refused.
    Refused,
    /// It is refused, and the port is to be disconnected.
    Disconnect,
}

/// Against what a retail order trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RetailLeg {
    /// The displayed book, like every other order.
    Book,
    /// Price improving interest; its rest goes on.
    Interest,
}

/// The exchange.
pub struct Exchange<B> {
    rules: VenueRules,
    instruments: Vec<Instrument<B>>,
    by_symbol: BTreeMap<Name, InstrumentIndex>,
    orders: OrderTable,
    ledger: Ledger,
    liquidity: Option<Box<dyn Liquidity>>,
    /// Times of the messages of the last second, by port.
    arrivals: Vec<VecDeque<Ts>>,
    /// Throttles that a fault set in place of the rules'.
    throttles: BTreeMap<PortId, Throttle>,
    timers: BTreeSet<(Ts, InstrumentIndex)>,
    now: Ts,
    window: Option<usize>,
    window_next: usize,
    exec_last: u64,
    book_events: Vec<BookEvent>,
}

impl<B: Book> Exchange<B> {
    /// Returns a closed exchange with empty books, or why its rules are refused.
    pub fn new(rules: VenueRules, make_book: fn(BookLimits) -> B) -> Result<Self, RulesError> {
        rules.check()?;
        let has_interest = rules.retail.is_some();
        let limits = rules.book_limits;
        let make = |of: &InstrumentRules| {
            Instrument::new(of.reference_px, limits, has_interest, make_book)
        };
        let symbols = rules.instruments.iter().enumerate();
        Ok(Self {
            instruments: rules.instruments.iter().map(make).collect(),
            by_symbol: symbols.map(|(at, one)| (one.symbol, instrument_at(at))).collect(),
            orders: OrderTable::default(),
            ledger: Ledger::default(),
            liquidity: None,
            arrivals: vec![VecDeque::new(); rules.ports.len()],
            throttles: BTreeMap::new(),
            timers: BTreeSet::new(),
            now: Ts::from_nanos(i64::MIN),
            window: None,
            window_next: 0,
            exec_last: 0,
            book_events: Vec::new(),
            rules,
        })
    }
    /// Gives the exchange its anonymous participant.
    pub fn set_liquidity(&mut self, liquidity: Box<dyn Liquidity>) {
        self.liquidity = Some(liquidity);
    }
    /// Returns the rules.
    pub const fn rules(&self) -> &VenueRules {
        &self.rules
    }
    /// Returns every trade.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }
    /// Returns an order.
    pub fn order(&self, number: OrderNumber) -> Option<&Order> {
        self.orders.get(number)
    }
    /// Returns the order that a port knows under an id.
    pub fn find_order(
        &self,
        port: PortId,
        cl_ord_id: ringfence_kernel::types::WireId,
    ) -> Option<&Order> {
        self.orders.find(port, cl_ord_id)
    }
    /// Returns every order behind the number `after`, closed ones included, oldest first.
    pub fn orders_after(&self, after: u64) -> &[Order] {
        self.orders.after(after)
    }
    /// Returns the open orders by number.
    pub fn open_orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.open()
    }
    /// Returns the port called `name`.
    pub fn port(&self, name: &Name) -> Option<PortId> {
        let at = self.rules.ports.iter().position(|port| port.name == *name)?;
        u16::try_from(at).ok().map(PortId::new)
    }
    /// Returns the rules of a port.
    pub fn port_rules(&self, port: PortId) -> Option<&PortRules> {
        self.rules.ports.get(port.index())
    }
    /// Returns the ports that get a copy of the reports of `port`.
    pub fn copies_of(&self, port: PortId) -> impl Iterator<Item = PortId> {
        let firm = self.port_rules(port).map(|rules| rules.firm);
        let ports = self.rules.ports.iter().zip(0_u16..);
        ports.filter_map(move |(rules, at)| {
            let is_copy = rules.kind == PortKind::DropCopy && Some(rules.firm) == firm;
            (is_copy && at != port.raw()).then_some(PortId::new(at))
        })
    }
    /// Returns the instrument called `symbol`.
    pub fn instrument(&self, symbol: &Name) -> Option<InstrumentIndex> {
        self.by_symbol.get(symbol).copied()
    }
    /// Returns the symbol of an instrument.
    pub fn symbol(&self, instrument: InstrumentIndex) -> Option<Name> {
        self.rules.instruments.get(instrument.index()).map(|rules| rules.symbol)
    }
    /// Returns the best `levels` displayed prices of a side, best first.
    pub fn depth(&self, instrument: InstrumentIndex, side: Side, levels: usize) -> Vec<Level> {
        let found = self.instruments.get(instrument.index());
        found.map(|one| one.book.depth(side, levels)).unwrap_or_default()
    }
    /// Returns the band in which an instrument trades now.
    pub fn band(&self, instrument: InstrumentIndex) -> Option<Band> {
        self.instruments.get(instrument.index()).and_then(|one| one.book.band())
    }
    /// Returns how an instrument trades now.
    pub fn security_status(&self, instrument: InstrumentIndex) -> Option<SecurityStatus> {
        let one = self.instruments.get(instrument.index())?;
        let cause = match one.halt {
            Halt::None => match one.band_state {
                BandState::Clear => StatusCause::Schedule,
                BandState::Limit { .. } => StatusCause::LimitState,
                BandState::Straddle => StatusCause::StraddleState,
            },
            Halt::Halted { .. } => StatusCause::Halt,
            Halt::Pause { .. } => StatusCause::LimitPause,
            Halt::Reopening { .. } => StatusCause::Reopening,
        };
        self.status(instrument, cause)
    }
    /// Returns in which part of its day the venue is.
    pub fn trading_session(&self) -> TradingSession {
        let window = self.window.and_then(|at| self.rules.windows.get(at));
        TradingSession {
            name: window.map(|window| window.name),
            phase: window.map_or(Phase::Closed, |window| window.phase),
            ts: self.now,
        }
    }
    /// Returns the time up to which everything was done.
    pub const fn now(&self) -> Ts {
        self.now
    }
    /// Adds the whole state to a digest.
    pub fn digest(&self, state: &mut impl Hasher) {
        self.instruments.iter().for_each(|one| one.digest(state));
        (&self.orders, &self.ledger, &self.arrivals, &self.throttles, &self.timers).hash(state);
        (self.now, self.window, self.window_next, self.exec_last).hash(state);
    }
    fn status(&self, at: InstrumentIndex, cause: StatusCause) -> Option<SecurityStatus> {
        let one = self.instruments.get(at.index())?;
        let scheduled = self.trading_session().phase;
        let (phase, reason) = match one.halt {
            Halt::None => (scheduled, None),
            Halt::Halted { reason } => (Phase::Halted, reason),
            Halt::Pause { .. } => (Phase::Halted, Some(HaltReason::AdditionalInformation)),
            Halt::Reopening { .. } => (Phase::Auction, None),
        };
        let band = one.book.band().map(|band| (band.lower(), band.upper()));
        let (interest, ts) = (self.retail_interest(at), self.now);
        let symbol = self.symbol(at)?;
        Some(SecurityStatus { symbol, phase, cause, reason, band, interest, ts })
    }
    fn indexes(&self) -> impl Iterator<Item = InstrumentIndex> + use<B> {
        (0..self.instruments.len()).map(instrument_at)
    }
    fn matching(&self, symbols: &Symbols) -> Vec<InstrumentIndex> {
        let rules = self.rules.instruments.iter().enumerate();
        let found = rules.filter(|(_, one)| symbols.contains(&one.symbol));
        found.map(|(at, _)| instrument_at(at)).collect()
    }
    /// Returns the number of a report that is about to be made.
    pub(crate) const fn next_exec(&mut self) -> ExecNumber {
        self.exec_last += 1;
        ExecNumber::new(self.exec_last)
    }
}

fn instrument_at(index: usize) -> InstrumentIndex {
    // The rules allow fewer instruments than the number holds.
    InstrumentIndex::new(u16::try_from(index).unwrap_or(u16::MAX))
}
