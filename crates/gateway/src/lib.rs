//! The gateway: the kernel behind FIX sessions to clients and venues.
//!
//! Turns messages into inputs, steps the kernel, and turns its events into messages; decides
//! nothing. Refuses to send to a venue before every open child there was asked about and answered
//! for, and admits nothing new once it is to end.
//!
//! Everything that an input caused stands in one record: what the session counted, the input, the
//! events and the messages that follow from them (docs/decisions/0008).

#![forbid(unsafe_code)]

mod client_in;
mod client_reports;
mod client_requests;
mod dont_know;
mod fields;
mod from_venue;
mod ledger;
mod market;
mod mass;
mod pressure;
mod questions;
mod quotes;
mod refusals;
mod reply;
mod settings;
#[cfg(test)]
mod tests;
mod to_client;
mod to_venue;
mod trading;
mod venues;

use ringfence_fix::codec::{Body, Message};
use ringfence_fix::endpoint::{Application, Context, FoldError, SessionIndex};
use ringfence_kernel::event::Destination;
use ringfence_kernel::input::{ClientSession, Tick, VenueSession};
use ringfence_kernel::state::Day;
use ringfence_kernel::types::{Name, Named, SessionId, Ts, VenueId, WireId};
use ringfence_kernel::{Event, Input, Kernel, decode_into, encode};
use sha2::{Digest, Sha256};

pub use fields::can_be_passed_over;
pub use settings::{DrainPolicy, GatewaySettings, Link, Role};

use ledger::Ledger;
use mass::Inquiry;
use pressure::Pressure;
use quotes::Quotes;
use settings::KnownLinks;
use venues::VenueLinks;

/// The kernel and what the gateway remembers beside it.
#[derive(Debug)]
pub struct Gateway {
    kernel: Kernel,
    settings: GatewaySettings,
    ledger: Ledger,
    venues: VenueLinks,
    quotes: Quotes,
    /// Whether each client session is logged on as the kernel was told, by place of the link.
    clients_up: Vec<bool>,
    /// The session of each client and venue of the kernel.
    clients: KnownLinks,
    venue_links: KnownLinks,
    /// Sessions that receive copies of reports.
    drop_copies: Vec<SessionIndex>,
    /// Digest of the definitions that the day began with.
    definitions: Sha256,
    began: bool,
    draining: bool,
    next_tick: Ts,
    pressure: Pressure,
    /// What the question that a client just asked is called.
    inquiry: Inquiry,
    /// What the venue calls the order of the report that is being taken (FIX 37).
    venue_order_id: Option<WireId>,
    body: Body,
    events: Vec<Event>,
}

/// Why a day cannot begin, or cannot be gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BeginError {
    /// The journal of this day began with another configuration.
    ConfigurationDiffers,
    /// The kernel refuses a definition.
    DefinitionRefused {
        /// Name of the definition.
        name: &'static str,
        /// Why, with rule, limit, value and scope.
        why: String,
    },
}

impl core::fmt::Display for BeginError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::ConfigurationDiffers => {
                f.write_str("the journal of this day began with another configuration")
            }
            Self::DefinitionRefused { name, why } => write!(f, "{name} was refused: {why}"),
        }
    }
}

impl core::error::Error for BeginError {}

impl Gateway {
    /// Returns a gateway that knows nothing yet.
    pub fn new(settings: GatewaySettings) -> Self {
        let links = settings.links.len();
        Self {
            kernel: Kernel::new(),
            venues: VenueLinks::new(&settings),
            drop_copies: settings.drop_copies(),
            settings,
            ledger: Ledger::default(),
            quotes: Quotes::default(),
            clients_up: vec![false; links],
            clients: KnownLinks::default(),
            venue_links: KnownLinks::default(),
            definitions: Sha256::new(),
            began: false,
            draining: false,
            next_tick: Ts::from_nanos(0),
            pressure: Pressure::new(),
            inquiry: Inquiry::default(),
            venue_order_id: None,
            body: Body::new(),
            events: Vec::new(),
        }
    }
    /// Returns the kernel.
    pub const fn kernel(&self) -> &Kernel {
        &self.kernel
    }
    /// Begins the day with its definitions, or holds them against those it began with.
    ///
    /// `definitions` end with the opening of the day. What was up before a crash is told down
    /// first: every child at a venue is in doubt until it answers (R50).
    pub fn begin(
        &mut self,
        definitions: &[Input],
        context: &mut dyn Context,
    ) -> Result<(), BeginError> {
        if self.kernel.state().step == 0 {
            for input in definitions {
                self.step(input, None, context);
                if let Some(why) = self.events.iter().find_map(refusal) {
                    return Err(BeginError::DefinitionRefused { name: input.name(), why });
                }
            }
        } else {
            let mut given = Sha256::new();
            definitions.iter().for_each(|input| hash_definition(&mut given, input));
            if given.finalize() != self.definitions.clone().finalize() {
                return Err(BeginError::ConfigurationDiffers);
            }
        }
        self.begin_sessions(context);
        Ok(())
    }
    fn begin_sessions(&mut self, context: &mut dyn Context) {
        self.began = true;
        let state = self.kernel.state();
        let venues = state.directory.venues.iter();
        let up = venues.filter(|(id, _)| state.venues.is_connected(*id));
        let up: Vec<Name> = up.map(|(id, _)| state.directory.named_venue(id).name).collect();
        for venue in up {
            self.step(&VenueSession { venue, connected: false }.into(), None, context);
        }
        let links: Vec<_> = self.settings.indexed().collect();
        for (index, link) in links {
            let was_up = self.clients_up.get(index.index()) == Some(&true);
            if let (Role::Client { name: session }, true) = (link.role, was_up) {
                self.step(&ClientSession { session, connected: false }.into(), None, context);
            }
        }
    }
    /// Decides one input and sends what follows; `from` is the session that it came by.
    ///
    /// For inputs from outside FIX as well: facts, signed commands, slices. Returns the events.
    pub fn step(
        &mut self,
        input: &Input,
        from: Option<SessionIndex>,
        context: &mut dyn Context,
    ) -> &[Event] {
        if let Err(why) = self.kernel.step(context.now(), input) {
            context.alert(from, format!("an input was not decided: {why}"));
            return &[];
        }
        let mut events = core::mem::take(&mut self.events);
        self.kernel.take_events(&mut events);
        context.record(&mut |out| encode(input, &events, out));
        self.note(input, &events);
        for (place, event) in (0_u64..).zip(&events) {
            self.tell(place, event, (input, &events), from, context);
        }
        self.events = events;
        &self.events
    }
    /// Takes a step into everything that is folded beside the kernel.
    fn note(&mut self, input: &Input, events: &[Event]) {
        let state = self.kernel.state();
        self.ledger.note(state, input, events);
        if let Input::ClientSession(session) = input {
            let index = self.settings.client(&session.session);
            if let Some(up) = index.and_then(|index| self.clients_up.get_mut(index.index())) {
                *up = session.connected;
            }
        }
        // The first input after the definitions finds the day open.
        if matches!(input, Input::DayOpen(_)) || matches!(state.day, Day::Defining) {
            hash_definition(&mut self.definitions, input);
        }
    }
    /// Sends what an event says to whoever it is for.
    fn tell(
        &mut self,
        place: u64,
        event: &Event,
        (input, events): (&Input, &[Event]),
        from: Option<SessionIndex>,
        context: &mut dyn Context,
    ) {
        match event.destination() {
            Destination::Venue => self.tell_venue(event, context),
            Destination::Client => self.tell_client(place, event, (input, events), from, context),
            Destination::Operator => {
                let name = event.name();
                let mut fields = String::new();
                event.show(&mut fields);
                let fields = fields.trim_start_matches(',');
                let text = format!("{name}: {fields}");
                if is_done(event) { context.note(from, text) } else { context.alert(from, text) }
            }
            Destination::Nowhere => {}
        }
        self.note_child(place, event, input, context);
    }
    /// Returns the session of a client that the kernel knows as `id`.
    fn link_of(&mut self, id: SessionId) -> Option<SessionIndex> {
        let (settings, directory) = (&self.settings, &self.kernel.state().directory);
        self.clients.find(id.index(), || settings.client(&directory.named_session(id).name))
    }
    /// Returns the session by which orders go to `venue`.
    fn link_to(&mut self, venue: Named<VenueId>) -> Option<SessionIndex> {
        let settings = &self.settings;
        self.venue_links.find(venue.id.index(), || settings.venue(&venue.name))
    }
    /// Returns the identifier of the message about event `place` of this step (FIX 17).
    fn exec_id(&self, place: u64) -> WireId {
        let state = self.kernel.state();
        let prefix = state.wire_prefix.unwrap_or_else(|| WireId::clipped("E"));
        let full = prefix.with_numbers([state.step, place]);
        full.unwrap_or_else(|| WireId::clipped("E"))
    }
    /// Returns the number of open orders.
    fn open_order_count(&self) -> usize {
        self.kernel.state().orders.open_orders().count()
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "one event is a refusal")]
fn refusal(event: &Event) -> Option<String> {
    match event {
        Event::Denied(denied) => Some(reply::sentence(denied)),
        _ => None,
    }
}

/// Returns whether an event says that what was asked for is done: nobody has to act.
const fn is_done(event: &Event) -> bool {
    matches!(
        event,
        Event::LatchRearmed(_)
            | Event::TradingStateSet(_)
            | Event::ScopeFlat(_)
            | Event::LimitChanged(_)
    )
}

fn hash_definition(digest: &mut Sha256, input: &Input) {
    let mut bytes = Vec::new();
    input.put(&mut bytes);
    digest.update(bytes);
}

impl Application for Gateway {
    fn session_changed(&mut self, session: SessionIndex, is_up: bool, context: &mut dyn Context) {
        match self.settings.link(session).map(|link| link.role) {
            Some(Role::Client { name: session_name }) => {
                let input = ClientSession { session: session_name, connected: is_up };
                self.step(&input.into(), Some(session), context);
            }
            Some(Role::Venue { venue, .. }) => self.venue_changed(venue, is_up, context),
            Some(Role::DropCopy | Role::VenueDropCopy { .. }) | None => {}
        }
    }
    fn deliver(&mut self, session: SessionIndex, message: &Message<'_>, context: &mut dyn Context) {
        match self.settings.link(session) {
            Some(Link { role: Role::Client { name }, version }) => {
                self.client_message((session, name, version), message, context);
            }
            Some(Link { role: Role::Venue { venue, .. }, .. }) => {
                self.venue_message(session, venue, message, context);
            }
            Some(Link { role: Role::VenueDropCopy { venue }, .. }) => {
                self.drop_copy_message(session, venue, message, context);
            }
            Some(Link { role: Role::DropCopy, .. }) | None => {
                context.business_reject(session, message, 3, "this session only receives copies");
            }
        }
    }
    fn refused(
        &mut self,
        session: SessionIndex,
        message: &Message<'_>,
        sent: Option<(&str, &[u8])>,
        context: &mut dyn Context,
    ) {
        self.session_refused(session, message, sent, context);
    }
    fn tick(&mut self, context: &mut dyn Context) {
        let now = context.now();
        if now < self.next_tick {
            return;
        }
        self.next_tick = Ts::from_nanos(now.nanos().saturating_add(self.settings.tick_interval_ns));
        self.step(&Tick {}.into(), None, context);
        self.ask_venues(context);
    }
    fn due(&self) -> Option<Ts> {
        // Before the day is open there is nothing that time could change.
        (self.kernel.state().step > 0).then_some(self.next_tick)
    }
    fn fold(&mut self, ts: Ts, payload: &[u8]) -> Result<(), FoldError> {
        if payload.is_empty() {
            return Ok(());
        }
        let mut events = core::mem::take(&mut self.events);
        events.clear();
        let failed = |text: String| FoldError { text };
        let input = decode_into(payload, &mut events)
            .map_err(|_| failed("the kernel's part of a record does not decode".into()))?;
        self.kernel
            .apply(ts, &input, &events)
            .map_err(|why| failed(format!("the kernel's part of a record: {why:?}")))?;
        self.note(&input, &events);
        self.events = events;
        Ok(())
    }
    fn may_resend(&self, session: SessionIndex, msg_type: &str) -> bool {
        // What enters, changes, cancels or asks about an order at a venue is never sent stale.
        match self.settings.link(session).map(|link| link.role) {
            Some(Role::Client { .. } | Role::DropCopy) => true,
            Some(Role::Venue { .. } | Role::VenueDropCopy { .. }) | None => {
                !matches!(msg_type, "D" | "F" | "G" | "H" | "V" | "e" | "g" | "q" | "AF")
            }
        }
    }
    fn is_settled(&self, session: SessionIndex) -> bool {
        self.is_venue_settled(session)
    }
    fn open_count(&self, session: SessionIndex) -> usize {
        match self.settings.link(session).map(|link| link.role) {
            Some(Role::Venue { venue, .. }) => self.open_at(&venue),
            Some(Role::Client { .. } | Role::DropCopy | Role::VenueDropCopy { .. }) | None => 0,
        }
    }
    fn drain(&mut self, context: &mut dyn Context) {
        self.draining = true;
        if self.settings.drain == DrainPolicy::Cancel {
            self.cancel_all(context);
        }
    }
    fn is_drained(&self) -> bool {
        self.settings.drain == DrainPolicy::Leave || self.open_order_count() == 0
    }
}
