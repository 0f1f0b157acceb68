//! What an endpoint holds beside its application, and how it comes back from the journal.

use std::collections::BTreeMap;

use ringfence_kernel::types::{Name, Ts};

use super::{ConnectionId, FoldError, SessionIndex};
use crate::codec::{Body, Parser, Stamp};
use crate::record::{Content, Event, Events, Identity, split};
use crate::session::sent::{Sent, SentIndex};
use crate::session::settings::{LOGON_TIMEOUT_NS, SessionSettings};
use crate::session::state::{Numbers, Session};
use crate::session::{Authenticator, DrillReport, Role, Settings, untold};

/// Who a connection belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Nobody yet: its logon is awaited until then.
    Pending {
        /// When we give up.
        deadline: Ts,
    },
    /// This session.
    Session(SessionIndex),
}

/// A transport connection.
#[derive(Debug)]
pub(super) struct Connection {
    /// Whose.
    pub owner: Owner,
    /// What has arrived and is not a whole message yet; at most a message and one read.
    pub buffer: Vec<u8>,
    /// Garbled messages on it.
    pub garbled: u64,
}

/// Whether the endpoint is ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// The journal is being folded.
    Folding,
    /// It works.
    Running,
    /// Every session logs out and none begins.
    Draining,
}

/// The application's part of the record being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It has none.
    Absent,
    /// It stands in [`Core::payload`].
    Present,
}

/// Every session and connection of an endpoint, and the memory that is kept between turns.
pub(super) struct Core {
    pub(super) sessions: Vec<Session>,
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    pub(super) authenticator: Box<dyn Authenticator + Send>,
    pub(super) pending_count: usize,
    pub(super) pending_max: usize,
    /// Time that an accepted connection has to log on: the longest of its acceptors.
    pub(super) logon_timeout_ns: i64,
    pub(super) jitter_seed: u64,
    pub(super) life: Life,
    /// Number of the next record.
    pub(super) next_record: u64,
    /// Session by its number in the journal; a journal may name one that is no longer set up.
    pub(super) numbered: Vec<Option<SessionIndex>>,
    /// Wire part of the record being collected.
    pub(super) wire: Vec<u8>,
    /// Application part of the record being collected.
    pub(super) payload: Vec<u8>,
    pub(super) part: Part,
    /// When something is to be done by the clock, at the latest.
    pub(super) wake: Option<Ts>,
    /// The session of the drill that runs.
    pub(super) drilling: Option<SessionIndex>,
    /// A drill that is over, until its owner takes the report.
    pub(super) drilled: Option<DrillReport>,
    /// Sessions whose state may have changed since the application was told.
    pub(super) touched: Vec<SessionIndex>,
    pub(super) parser: Parser,
    pub(super) held_parser: Parser,
    pub(super) header: Vec<u8>,
    pub(super) body: Body,
    pub(super) stamp: Stamp,
    /// A record that was read again, and its number; 0 for none.
    pub(super) recalled: (u64, Vec<u8>),
    pub(super) garbled: u64,
    /// Messages of peers whose number was taken since the start.
    pub(super) taken: u64,
    /// Connections that were refused.
    pub(super) refused: u64,
}

impl Core {
    /// Returns a core that has folded nothing.
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            logon_timeout_ns: logon_timeout_ns(&settings.sessions),
            sessions: settings.sessions.into_iter().map(Session::new).collect(),
            connections: BTreeMap::new(),
            authenticator: settings.authenticator,
            pending_count: 0,
            pending_max: settings.logons_pending_max,
            jitter_seed: settings.jitter_seed,
            life: Life::Folding,
            next_record: 1,
            numbered: Vec::new(),
            wire: Vec::new(),
            payload: Vec::new(),
            part: Part::Absent,
            wake: None,
            drilling: None,
            drilled: None,
            touched: Vec::new(),
            parser: Parser::default(),
            held_parser: Parser::default(),
            header: Vec::new(),
            body: Body::new(),
            stamp: Stamp::new(Ts::default()),
            recalled: (0, Vec::new()),
            garbled: 0,
            taken: 0,
            refused: 0,
        }
    }
    /// Returns the connection that has waited longest for its logon.
    pub(super) fn waits_longest(&self) -> Option<ConnectionId> {
        let waiting = self.connections.iter().filter_map(|(id, found)| match found.owner {
            Owner::Pending { deadline } => Some((deadline, *id)),
            Owner::Session(_) => None,
        });
        waiting.min().map(|(_, id)| id)
    }
    /// Goes on in another journal: numbers stay, what was sent is not to be found in it.
    pub(super) fn begin_journal(&mut self) {
        self.next_record = 1;
        self.numbered.clear();
        for session in &mut self.sessions {
            session.number = None;
            session.sent = SentIndex::new(session.numbers.next_out);
            session.untold.lose_numbers();
            session.go_silent();
        }
    }
    /// Returns the session at `index`.
    pub(super) fn session(&self, index: SessionIndex) -> Option<&Session> {
        self.sessions.get(index.index())
    }
    /// Returns the session at `index` for change.
    pub(super) fn session_mut(&mut self, index: SessionIndex) -> Option<&mut Session> {
        self.sessions.get_mut(index.index())
    }
    /// Returns the places of all sessions.
    pub(super) fn indices(&self) -> impl Iterator<Item = SessionIndex> + use<> {
        let count = u16::try_from(self.sessions.len()).unwrap_or(u16::MAX);
        (0..count).map(SessionIndex::new)
    }
    /// Wants the clock at `at` at the latest.
    pub(super) fn wake_by(&mut self, at: Option<Ts>) {
        self.wake = self.wake.into_iter().chain(at).min();
    }
    /// Takes the wire part of a record back; returns the application's part.
    pub(super) fn fold<'a>(
        &mut self,
        record: u64,
        payload: &'a [u8],
    ) -> Result<&'a [u8], FoldError> {
        let refuse = |text: String| FoldError { text: format!("record {record}: {text}") };
        if self.life != Life::Folding || record < self.next_record {
            return Err(refuse(format!("expected {} or later, before start", self.next_record)));
        }
        let (wire, application) = split(payload).map_err(|why| refuse(why.to_string()))?;
        for event in Events::new(wire.unwrap_or_default()) {
            let event = event.map_err(|why| refuse(why.to_string()))?;
            self.apply(record, event).map_err(refuse)?;
        }
        self.next_record = record + 1;
        Ok(application)
    }
    fn apply(&mut self, record: u64, event: Event<'_>) -> Result<(), String> {
        if let Event::Named { session, identity } = event {
            return self.name(session, identity);
        }
        let (Event::Received { session: number, .. }
        | Event::Sent { session: number, .. }
        | Event::NumbersSet { session: number, .. }
        | Event::LoggedOn { session: number }
        | Event::LoggedOut { session: number }
        | Event::Untold { session: number, .. }
        | Event::Told { session: number, .. }
        | Event::Named { session: number, .. }) = event;
        let named = self.numbered.get(usize::from(number)).copied();
        let Some(index) = named.ok_or(format!("session {number} was never named"))? else {
            return Ok(());
        };
        let Some(session) = self.session_mut(index) else {
            return Ok(());
        };
        match event {
            Event::Named { .. } => {}
            Event::Received { seq, .. } if seq == session.numbers.next_in => {
                session.note_received();
            }
            Event::Received { seq, .. } => {
                let next = session.numbers.next_in;
                return Err(format!("received: expected {next}, found {seq}"));
            }
            Event::Sent { seq, content, msg_type, .. } if seq == session.numbers.next_out => {
                session.note_sent(record, msg_type, content);
            }
            Event::Sent { seq, .. } => {
                return Err(format!("sent: expected {}, found {seq}", session.numbers.next_out));
            }
            Event::NumbersSet { next_in, next_out, since, .. } => {
                session.set_numbers(Numbers { next_in, next_out, since });
            }
            Event::LoggedOn { .. } => {
                (session.cut_off, session.is_heard) = (true, true);
            }
            Event::LoggedOut { .. } => {
                session.cut_off = false;
                session.go_silent();
            }
            Event::Untold { msg_type, sent_ts, body, .. } => {
                session.untold.push((None, false), Name::clipped(msg_type), sent_ts, body);
            }
            Event::Told { count, .. } => session.untold.forget(count),
        }
        Ok(())
    }
    fn name(&mut self, number: u16, identity: Identity<'_>) -> Result<(), String> {
        if usize::from(number) != self.numbered.len() {
            return Err(format!("named: expected {}, found {number}", self.numbered.len()));
        }
        let found = self.indices().find(|index| {
            self.session(*index).is_some_and(|session| session.identity() == identity)
        });
        self.numbered.push(found);
        if let Some(session) = found.and_then(|index| self.session_mut(index)) {
            session.number = Some(number);
        }
        Ok(())
    }
}

impl Session {
    /// Returns who the session is, as a journal says it.
    pub(super) fn identity(&self) -> Identity<'_> {
        let settings = &self.settings;
        Identity {
            begin_string: settings.version.begin_string(),
            sender_comp_id: settings.sender_comp_id.as_str(),
            sender_sub_id: settings.sender_sub_id.as_ref().map_or("", |name| name.as_str()),
            target_comp_id: settings.target_comp_id.as_str(),
            target_sub_id: settings.target_sub_id.as_ref().map_or("", |name| name.as_str()),
        }
    }
    /// Counts a message of the peer that was taken: a sign that it is there.
    pub(super) fn note_received(&mut self) {
        self.numbers.next_in += 1;
        self.untold.hear();
    }
    /// Nobody is there to hear anything any more.
    pub(super) const fn go_silent(&mut self) {
        self.is_heard = false;
        self.untold.lose_connection();
    }
    /// Counts a message that was sent, remembers that it is in `record`, and keeps it until the
    /// peer gives a sign of having it.
    pub(super) fn note_sent(&mut self, record: u64, msg_type: &str, content: Content<'_>) {
        let seq = self.numbers.next_out;
        self.numbers.next_out += 1;
        self.sent.push(match content {
            Content::Admin => Sent::Admin,
            Content::Application { .. } => Sent::Record(record),
        });
        match content {
            Content::Admin if msg_type == LOGOUT => self.is_heard = false,
            Content::Application { sent_ts, body } if untold::is_kept(msg_type) => {
                let place = (Some(seq), self.is_heard);
                self.untold.push(place, Name::clipped(msg_type), sent_ts, body);
            }
            Content::Admin | Content::Application { .. } => {}
        }
    }
    /// Sets the numbers; another next one to send forgets what was sent.
    pub(super) fn set_numbers(&mut self, numbers: Numbers) {
        if self.numbers.next_out != numbers.next_out {
            self.sent = SentIndex::new(numbers.next_out);
            self.untold.lose_numbers();
        }
        self.numbers = numbers;
    }
}

/// MsgType of a logout: what comes behind it, nobody hears.
const LOGOUT: &str = "5";

/// Returns the time that an accepted connection has to log on, before anybody knows whose it is.
fn logon_timeout_ns(sessions: &[SessionSettings]) -> i64 {
    let acceptors = sessions.iter().filter(|session| session.role == Role::Acceptor);
    acceptors.map(|session| session.logon_timeout_ns).max().unwrap_or(LOGON_TIMEOUT_NS)
}
