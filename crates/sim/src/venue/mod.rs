//! The simulated venue behind FIX sessions: an [`Application`] of the endpoint.
//!
//! What a member sends becomes one input, the input one record, and folding the records gives the
//! same venue again: books, ids, faults and the messages that are still on their way. Time is part
//! of an input; what time alone brings is done at its own moment, so that it does not matter how
//! often the venue is ticked.
//!
//! An order that is not known is answered so: a cancel or replace with a refusal (FIX 35=9, 39=8,
//! 102=1, 37=NONE), a status request with a report (FIX 35=8, 150=I, 39=8, 103=5, 37=NONE; in FIX
//! 4.2 20=3 and 150=8), a mass status request with one report (911=0, 912=Y). An id that a port
//! used before refuses the order (103=6) or the change (102=6).
//!
//! Refuses: sockets, files, clocks, and to say anything that the exchange did not do, except where
//! a fault of the script makes it.

mod fields;
mod inbound;
mod input;
mod market_data;
mod meaning;
mod outbound;
mod outbox;
mod program;
mod publish;
mod settings;
mod step;
mod strike;
mod tags;
mod wording;

use core::fmt;
use core::hash::{BuildHasher, Hash, Hasher};
use std::collections::BTreeMap;

use ringfence_fix::codec::Message;
use ringfence_fix::dict::Version;
use ringfence_fix::endpoint::{Application, Context, FoldError, SessionIndex};
use ringfence_kernel::types::map::{FixedSeed, MAP_SEED};
use ringfence_kernel::types::{Name, Ts, WireId};

use self::input::{Asked, Input, Line, PortAsked};
use self::market_data::MarketData;
use self::outbound::VenueId;
use self::outbox::{Outbox, Post};
use crate::book::{Book, BookLimits};
use crate::exchange::{Event, Exchange, ExecNumber, Liquidity, OperationError, PortId, PortKind};
use crate::fault::{Faults, LineError, parse_line};

pub use inbound::SYMBOLS_MAX;
pub use market_data::{DEPTH_MAX, PRINTS_MAX, SUBSCRIPTIONS_MAX};
pub use meaning::Meaningless;
pub use outbox::HELD_MAX;
pub use program::with_retail_program;
pub use settings::{SettingsError, VenueSettings};

/// Why an operator's line did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// It is no line of the grammar.
    Line(LineError),
    /// It names a port or a symbol that there is not, so that it could never act.
    Meaningless(Meaningless),
    /// There is no room for another fault.
    Full,
    /// It could not be done.
    Operation(OperationError),
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(why) => why.fmt(f),
            Self::Meaningless(why) => why.fmt(f),
            Self::Full => f.write_str("no room for another fault"),
            Self::Operation(why) => why.fmt(f),
        }
    }
}

/// Most executions that are kept as not known; those beyond are counted alone.
pub const UNKNOWN_MAX: usize = 100_000;

/// Executions that members do not know (FIX 35=Q).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Unknown {
    /// Reason (FIX 127) by the id that was told (FIX 17).
    reasons: BTreeMap<WireId, Name>,
    count: u64,
}

/// Which changes of an instrument's status a port is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum StatusWanted {
    /// How it trades.
    Trading,
    /// That, and the retail indicator.
    Retail,
}

/// A simulated venue.
pub struct Venue<B> {
    exchange: Exchange<B>,
    versions: Vec<Version>,
    faults: Faults,
    outbox: Outbox,
    market_data: MarketData,
    /// Who is told about the status of an instrument, and about the day.
    status_wanted: BTreeMap<(PortId, Name), StatusWanted>,
    session_wanted: BTreeMap<PortId, WireId>,
    unknown: Unknown,
    is_up: Vec<bool>,
    now: Ts,
    /// Whether the last thing that happened was the folding of a record.
    is_folding: bool,
    events: Vec<Event>,
    posts: Vec<Post>,
    /// The business reject that answers the message at hand.
    answer: Option<(u16, String)>,
    failure: Option<CommandError>,
}

impl<B: Book> Venue<B> {
    /// Returns a venue before its first window, or why its settings are refused.
    pub fn new(
        settings: VenueSettings,
        make_book: fn(BookLimits) -> B,
    ) -> Result<Self, SettingsError> {
        settings.check()?;
        let origin = settings.script_origin;
        Ok(Self {
            faults: Faults::new(&settings.script, origin, settings.seed),
            outbox: Outbox::default(),
            market_data: MarketData::new(settings.market_data_interval_ns),
            status_wanted: BTreeMap::new(),
            session_wanted: BTreeMap::new(),
            unknown: Unknown::default(),
            is_up: vec![false; settings.rules.ports.len()],
            now: Ts::from_nanos(i64::MIN),
            is_folding: false,
            events: Vec::new(),
            posts: Vec::new(),
            answer: None,
            failure: None,
            versions: settings.versions,
            exchange: Exchange::new(settings.rules, make_book).map_err(SettingsError::Rules)?,
        })
    }
    /// Gives the venue its anonymous participant; the same one again before a fold.
    pub fn set_liquidity(&mut self, liquidity: Box<dyn Liquidity>) {
        self.exchange.set_liquidity(liquidity);
    }
    /// Returns the exchange.
    pub const fn exchange(&self) -> &Exchange<B> {
        &self.exchange
    }
    /// Returns the faults.
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }
    /// Returns how often members said that they do not know a trade (FIX 35=Q).
    pub const fn unknown_count(&self) -> u64 {
        self.unknown.count
    }
    /// Returns the reason (FIX 127) for which a member does not know an execution.
    pub fn unknown_reason(&self, exec: ExecNumber) -> Option<Name> {
        let id = VenueId(self.exchange.rules().id_prefix, exec.raw()).to_string();
        WireId::new(&id).and_then(|id| self.unknown.reasons.get(&id).copied())
    }
    /// Does what a line of an operator says, in the grammar of the faults.
    ///
    /// Its moments count from now. A line that is no fault, or none that could ever act here,
    /// leaves no record.
    pub fn command(&mut self, line: &str, context: &mut dyn Context) -> Result<(), CommandError> {
        let command = parse_line(line).map_err(CommandError::Line)?;
        meaning::check(&command, self.exchange.rules()).map_err(CommandError::Meaningless)?;
        let text = Line::new(line).ok_or(CommandError::Line(LineError::Line))?;
        self.failure = None;
        self.turn(&Input::Operator(text), context);
        self.failure.take().map_or(Ok(()), Err)
    }
    /// Returns a digest of everything that decides what the venue does next.
    pub fn digest(&self) -> u64 {
        let mut state = FixedSeed(MAP_SEED).build_hasher();
        self.exchange.digest(&mut state);
        (&self.faults, &self.market_data).hash(&mut state);
        self.outbox.digest(&mut state);
        (&self.status_wanted, &self.session_wanted, &self.is_up, self.now).hash(&mut state);
        self.unknown.hash(&mut state);
        state.finish()
    }
    /// Records an input, does it, and sends what follows from it.
    fn turn(&mut self, input: &Input, context: &mut dyn Context) {
        if core::mem::take(&mut self.is_folding) && self.is_up.contains(&true) {
            self.turn(&Input::Restarted, context);
        }
        let ts = context.now().max(self.now);
        self.apply(ts, input);
        if *input == Input::Tick && self.posts.is_empty() {
            return;
        }
        context.record(&mut |out| input::put(ts, input, out));
        self.send(context);
    }
    fn send(&mut self, context: &mut dyn Context) {
        let mut posts = core::mem::take(&mut self.posts);
        for post in posts.drain(..) {
            match post {
                Post::Message(message) => {
                    let session = SessionIndex::new(message.port.raw());
                    if !message.needs_up || context.is_up(session) {
                        context.send(session, message.msg_type, &message.body);
                    }
                }
                Post::Logout { port, text } => {
                    context.logout(SessionIndex::new(port.raw()), text);
                }
                Post::Alert(text) => context.alert(None, text),
            }
        }
        self.posts = posts;
    }
}

impl<B: Book> Application for Venue<B> {
    fn session_changed(&mut self, session: SessionIndex, is_up: bool, context: &mut dyn Context) {
        let port = PortId::new(session.get());
        let input = if is_up { Input::Up(port) } else { Input::Down(port) };
        self.turn(&input, context);
    }
    fn deliver(&mut self, session: SessionIndex, message: &Message<'_>, context: &mut dyn Context) {
        let port = PortId::new(session.get());
        let rules = self.exchange.port_rules(port);
        let kind = rules.map_or(PortKind::OrderEntry, |rules| rules.kind);
        let read = inbound::read(message, kind);
        let unreadable = read.as_ref().err().copied();
        let asked = read.unwrap_or(Asked::Unreadable);
        self.answer = None;
        self.turn(&Input::Asked(PortAsked { port, asked }), context);
        let answer = unreadable.map(|why| (why.reason(), why.text()));
        if let Some((reason, text)) = self.answer.take().or(answer) {
            context.business_reject(session, message, reason, &text);
        }
    }
    fn tick(&mut self, context: &mut dyn Context) {
        self.turn(&Input::Tick, context);
    }
    fn due(&self) -> Option<Ts> {
        self.next_due()
    }
    fn fold(&mut self, ts: Ts, payload: &[u8]) -> Result<(), FoldError> {
        if payload.is_empty() {
            return Ok(());
        }
        let (then, input) = input::take(payload).map_err(|_| FoldError {
            text: format!("expected a record of a venue, found {} other bytes", payload.len()),
        })?;
        if then < self.now {
            let text = format!("record of {ts}: its time {then} is before {}", self.now);
            return Err(FoldError { text });
        }
        self.apply(then, &input);
        self.posts.clear();
        (self.answer, self.failure) = (None, None);
        self.is_folding = true;
        Ok(())
    }
    fn may_resend(&self, _session: SessionIndex, msg_type: &str) -> bool {
        // Reports and refusals are facts for ever; the state of a market was true once.
        matches!(msg_type, "8" | "9" | "r" | "B")
    }
}
