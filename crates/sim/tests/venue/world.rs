//! A venue with a few ports and a clock that a test moves.

use std::collections::BTreeMap;

use ringfence_fix::codec::{Body, Message, Parser, encode};
use ringfence_fix::dict::Version;
use ringfence_fix::endpoint::{Application, Context, SessionIndex};
use ringfence_kernel::types::{Bps, Money, Name, OrdType, Phase, Price, Qty, TimeInForce, Ts};
use ringfence_sim::book::{AuctionKind, Book, BookLimits, FastBook};
use ringfence_sim::exchange::{
    BandKind, FeeRules, HaltEntry, InstrumentRules, LimitBandRules, PortKind, PortRules,
    RetailRules, SessionWindow, TickStep, VenueRules,
};
use ringfence_sim::fault::Script;
use ringfence_sim::venue::{CommandError, Venue, VenueSettings};

/// A member's port of firm ALPHA.
pub(crate) const ALPHA: u16 = 0;
/// A member's port of firm BETA.
pub(crate) const BETA: u16 = 1;
/// The drop copy port of firm ALPHA.
pub(crate) const COPY: u16 = 2;
/// A second port of firm ALPHA.
pub(crate) const ALPHA_2: u16 = 3;

pub(crate) const SECOND: i64 = 1_000_000_000;
pub(crate) const MILLI: i64 = 1_000_000;
/// 2024-08-05 00:00:00 UTC.
pub(crate) const DAY: i64 = 1_722_816_000 * SECOND;

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn px(text: &str) -> Price {
    Price::parse(text).unwrap()
}

pub(crate) fn at(seconds: i64) -> Ts {
    Ts::from_nanos(DAY + seconds * SECOND)
}

pub(crate) fn window(label: &str, phase: Phase, start: i64, end: i64) -> SessionWindow {
    let auction = match (phase, label) {
        (Phase::Auction, "close") => Some(AuctionKind::Closing),
        (Phase::Auction, _) => Some(AuctionKind::Opening),
        _ => None,
    };
    let band = BandKind::Unbounded;
    SessionWindow { name: name(label), phase, auction, band, start: at(start), end: at(end) }
}

fn port(label: &str, firm: &str, kind: PortKind) -> PortRules {
    PortRules {
        name: name(label),
        firm: name(firm),
        kind,
        cancel_on_disconnect: false,
        throttle: None,
        is_retail: false,
    }
}

pub(crate) fn instrument(symbol: &str, reference: &str) -> InstrumentRules {
    InstrumentRules {
        symbol: name(symbol),
        ticks: vec![
            TickStep { from: px("0"), tick: px("0.0001") },
            TickStep { from: px("1"), tick: px("0.01") },
        ],
        lot: Qty::new(1),
        reference_px: px(reference),
        tier: None,
    }
}

/// Continuous trading all day in AAA, BBB and CCC.
pub(crate) fn settings() -> VenueSettings {
    let rules = VenueRules {
        id_prefix: name("V1"),
        instruments: ["AAA", "BBB", "CCC"].map(|symbol| instrument(symbol, "10")).to_vec(),
        ports: vec![
            port("alpha", "ALPHA", PortKind::OrderEntry),
            port("beta", "BETA", PortKind::OrderEntry),
            port("copy", "ALPHA", PortKind::DropCopy),
            port("alpha2", "ALPHA", PortKind::OrderEntry),
        ],
        windows: vec![window("day", Phase::Continuous, 0, 80_000)],
        order_types: OrdType::ALL.to_vec(),
        times_in_force: TimeInForce::ALL.to_vec(),
        limit_band: None,
        session_band: None,
        order_notional_max: None,
        fees: FeeRules {
            maker: Money::from_nanos(-2_000_000),
            taker: Money::from_nanos(3_000_000),
            auction: Money::from_nanos(1_000_000),
        },
        retail: None,
        halt_entry: HaltEntry::Collect,
        book_limits: BookLimits::default(),
    };
    VenueSettings {
        versions: vec![Version::Fix44; rules.ports.len()],
        rules,
        market_data_interval_ns: 100 * MILLI,
        script: Script::default(),
        script_origin: at(0),
        seed: 7,
    }
}

pub(crate) fn limit_band() -> LimitBandRules {
    LimitBandRules {
        width: Some(Bps::new(500)),
        mean_ns: 300 * SECOND,
        move_min: Bps::new(100),
        stand_min_ns: 30 * SECOND,
        limit_state_ns: 15 * SECOND,
        pause_ns: 300 * SECOND,
    }
}

pub(crate) fn retail_rules() -> RetailRules {
    RetailRules { improvement_min: px("0.001"), tick: px("0.001") }
}

/// One message that the venue sent.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) port: u16,
    pub(crate) msg_type: String,
    pub(crate) bytes: Vec<u8>,
}

impl core::fmt::Debug for Sent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let body = String::from_utf8_lossy(&self.bytes).replace('\u{1}', " ");
        write!(f, "{}: 35={} {body}", self.port, self.msg_type)
    }
}

impl Sent {
    /// Returns the first value of a field.
    pub(crate) fn get(&self, tag: u32) -> Option<String> {
        self.fields().into_iter().find(|(found, _)| *found == tag).map(|(_, value)| value)
    }
    pub(crate) fn fields(&self) -> Vec<(u32, String)> {
        let text = String::from_utf8(self.bytes.clone()).unwrap();
        let fields = text.split('\u{1}').filter(|field| !field.is_empty());
        fields
            .map(|field| {
                let (tag, value) = field.split_once('=').unwrap();
                (tag.parse().unwrap(), value.to_string())
            })
            .collect()
    }
    /// Returns the fields `tags` that are there, as `35=8 150=0 39=0`.
    pub(crate) fn show(&self, tags: &[u32]) -> String {
        let mut shown = format!("35={}", self.msg_type);
        for tag in tags {
            for (_, value) in self.fields().iter().filter(|(found, _)| found == tag) {
                shown.push_str(&format!(" {tag}={value}"));
            }
        }
        shown
    }
}

/// A context that only remembers.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) now: Ts,
    pub(crate) up: BTreeMap<u16, bool>,
    pub(crate) records: Vec<(Ts, Vec<u8>)>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) rejects: Vec<(u16, u16, String)>,
    pub(crate) logouts: Vec<u16>,
    pub(crate) alerts: Vec<String>,
}

impl Context for Memory {
    fn now(&self) -> Ts {
        self.now
    }
    fn record(&mut self, write: &mut dyn FnMut(&mut Vec<u8>)) {
        let mut payload = Vec::new();
        write(&mut payload);
        self.records.push((self.now, payload));
    }
    fn send(&mut self, session: SessionIndex, msg_type: &str, body: &Body) {
        assert!(!self.records.is_empty(), "a message belongs to a record");
        let (port, msg_type) = (session.get(), msg_type.to_string());
        self.sent.push(Sent { port, msg_type, bytes: body.bytes().to_vec() });
    }
    fn is_up(&self, session: SessionIndex) -> bool {
        self.up.get(&session.get()).copied().unwrap_or(false)
    }
    fn business_reject(
        &mut self,
        session: SessionIndex,
        _message: &Message<'_>,
        reason: u16,
        text: &str,
    ) {
        self.rejects.push((session.get(), reason, text.to_string()));
    }
    fn logout(&mut self, session: SessionIndex, _text: &str) {
        self.logouts.push(session.get());
    }
    fn note(&mut self, _session: Option<SessionIndex>, _text: String) {}
    fn alert(&mut self, _session: Option<SessionIndex>, text: String) {
        self.alerts.push(text);
    }
}

/// A venue, its memory and the clock.
pub(crate) struct World<B = FastBook> {
    pub(crate) venue: Venue<B>,
    pub(crate) memory: Memory,
}

/// Returns a world whose four ports are up, one second into the day.
pub(crate) fn world(settings: VenueSettings) -> World<FastBook> {
    World::over(settings, FastBook::new)
}

impl<B: Book> World<B> {
    pub(crate) fn over(settings: VenueSettings, make_book: fn(BookLimits) -> B) -> Self {
        Self::of(Venue::new(settings, make_book).unwrap())
    }
    pub(crate) fn of(venue: Venue<B>) -> Self {
        let mut world = Self { venue, memory: Memory::default() };
        world.memory.now = at(1);
        for port in [ALPHA, BETA, COPY, ALPHA_2] {
            world.set_up(port, true);
        }
        world
    }
    pub(crate) fn set_up(&mut self, port: u16, is_up: bool) {
        self.memory.up.insert(port, is_up);
        let session = SessionIndex::new(port);
        self.venue.session_changed(session, is_up, &mut self.memory);
    }
    /// Delivers a message; `fields` are `11=a 55=AAA`.
    pub(crate) fn send(&mut self, port: u16, msg_type: &str, fields: &str) {
        let mut raw = Vec::new();
        let header = format!("35={msg_type}\u{1}34=1\u{1}");
        let body: String = fields.split_whitespace().map(|f| format!("{f}\u{1}")).collect();
        encode("FIX.4.4", header.as_bytes(), body.as_bytes(), &mut raw);
        let mut parser = Parser::default();
        let message = parser.parse(&raw).unwrap();
        self.venue.deliver(SessionIndex::new(port), &message, &mut self.memory);
    }
    /// Enters an order: `a buy 100 @ 10.00` and further fields.
    pub(crate) fn order(&mut self, port: u16, id: &str, terms: &str, more: &str) {
        let words: Vec<&str> = terms.split_whitespace().collect();
        let [symbol, side, qty, px] = words[..] else { panic!("symbol side qty px: {terms}") };
        let side = if side == "buy" { 1 } else { 2 };
        let price = if px == "market" { "40=1".to_string() } else { format!("40=2 44={px}") };
        let fields = format!("11={id} 55={symbol} 54={side} 38={qty} {price} {more}");
        self.send(port, "D", &fields);
    }
    /// Cancels an order of AAA.
    pub(crate) fn cancel(&mut self, port: u16, id: &str, orig: &str, side: u8) {
        self.send(port, "F", &format!("11={id} 41={orig} 55=AAA 54={side}"));
    }
    pub(crate) fn command(&mut self, line: &str) -> Result<(), CommandError> {
        self.venue.command(line, &mut self.memory)
    }
    /// Moves the clock to `to`, with a tick at each thing that is due on the way.
    pub(crate) fn run_to(&mut self, to: Ts) {
        while let Some(due) = self.venue.due().filter(|due| *due <= to) {
            self.memory.now = self.memory.now.max(due);
            self.venue.tick(&mut self.memory);
        }
        self.memory.now = to;
        self.venue.tick(&mut self.memory);
    }
    pub(crate) fn run(&mut self, seconds: i64) {
        let to = Ts::from_nanos(self.memory.now.nanos() + seconds * SECOND);
        self.run_to(to);
    }
    /// Moves the clock without a tick.
    pub(crate) fn skip(&mut self, nanos: i64) {
        self.memory.now = Ts::from_nanos(self.memory.now.nanos() + nanos);
    }
    /// Returns and forgets what was sent to a port.
    pub(crate) fn take(&mut self, port: u16) -> Vec<Sent> {
        let (taken, left) = self.memory.sent.drain(..).partition(|sent| sent.port == port);
        self.memory.sent = left;
        taken
    }
    /// Returns and forgets what was sent to a port, the given fields alone.
    pub(crate) fn told(&mut self, port: u16, tags: &[u32]) -> Vec<String> {
        self.take(port).iter().map(|sent| sent.show(tags)).collect()
    }
    /// Returns and forgets the reports to a port: ExecType, state, filled, open.
    pub(crate) fn reports(&mut self, port: u16) -> Vec<String> {
        let sent = self.take(port);
        let reports = sent.iter().filter(|sent| matches!(&sent.msg_type[..], "8" | "9"));
        reports
            .map(|sent| {
                let field = |tag| sent.get(tag).unwrap_or_else(|| "-".to_string());
                match &sent.msg_type[..] {
                    "9" => format!("9 {} {}", field(39), field(102)),
                    _ => format!("{} {} {} {}", field(150), field(39), field(14), field(151)),
                }
            })
            .collect()
    }
    pub(crate) fn forget(&mut self) {
        self.memory.sent.clear();
        self.memory.rejects.clear();
    }
}
