//! A process of the world: an endpoint on a journal in memory that survives its crashes.

use ringfence_fix::endpoint::{
    Alert, Application, ConnectionId, Effect, Endpoint, Note, Recall, RecallError, SessionIndex,
    Turn,
};
use ringfence_kernel::types::Ts;

/// Notes and alerts that a host keeps; later ones are dropped.
const TOLD_MAX: usize = 10_000;

/// Where a process dies, seen from its durable write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// Before the records of a turn are durable: the turn has never been.
    BeforeWrite,
    /// After the records are durable, before anything leaves.
    AfterWrite,
    /// After half of what had to leave has left.
    Midway,
}

/// What a process does to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Writes bytes.
    Write(ConnectionId, Vec<u8>),
    /// Closes a connection.
    Close(ConnectionId),
    /// Dials by a session.
    Dial(SessionIndex),
    /// Has died and begins again after a while.
    Died {
        /// How long it is down, ns.
        down_ns: i64,
    },
}

/// A process of the world.
pub trait Process {
    /// Begins, or begins again from the journal.
    fn start(&mut self, now: Ts) -> Vec<Action>;
    /// Returns whether it lives.
    fn is_running(&self) -> bool;
    /// A peer has connected.
    fn accepted(&mut self, connection: ConnectionId, now: Ts) -> Vec<Action>;
    /// A dialed connection stands.
    fn dialed(&mut self, session: SessionIndex, connection: ConnectionId, now: Ts) -> Vec<Action>;
    /// A dialed connection could not be made.
    fn dial_failed(&mut self, session: SessionIndex, now: Ts) -> Vec<Action>;
    /// Bytes have arrived.
    fn received(&mut self, connection: ConnectionId, bytes: &[u8], now: Ts) -> Vec<Action>;
    /// A connection is gone.
    fn closed(&mut self, connection: ConnectionId, now: Ts) -> Vec<Action>;
    /// Time has passed.
    fn tick(&mut self, now: Ts) -> Vec<Action>;
    /// Returns when [`Process::tick`] is wanted.
    fn deadline(&self) -> Option<Ts>;
    /// Lets it die at its next durable write.
    fn doom(&mut self, at: Crash, down_ns: i64);
    /// Returns the process itself, to look into it.
    fn as_any(&self) -> &dyn core::any::Any;
}

/// Makes an endpoint that has folded nothing.
pub type Make<A> = Box<dyn Fn() -> Endpoint<A>>;
/// Runs once after the fold, when the sessions have begun and none is connected.
pub type Begin<A> = Box<dyn Fn(&mut Endpoint<A>, Ts, &mut Turn)>;

/// An endpoint on its journal.
pub struct Host<A: Application> {
    make: Make<A>,
    begin: Begin<A>,
    endpoint: Option<Endpoint<A>>,
    journal: Journal,
    doom: Option<(Crash, i64)>,
    turn: Turn,
    told: Vec<(Ts, String)>,
    /// Times that it has begun.
    starts: u32,
}

/// Durable records: time and payload, numbered from 1.
#[derive(Clone, Debug, Default)]
pub struct Journal(Vec<(Ts, Vec<u8>)>);

impl Journal {
    /// Returns the records in order.
    pub fn records(&self) -> &[(Ts, Vec<u8>)] {
        &self.0
    }
}

impl Recall for Journal {
    fn payload(&mut self, record: u64, out: &mut Vec<u8>) -> Result<(), RecallError> {
        let at = usize::try_from(record).ok().and_then(|number| number.checked_sub(1));
        match at.and_then(|at| self.0.get(at)) {
            Some((_, payload)) => {
                out.extend_from_slice(payload);
                Ok(())
            }
            None => Err(RecallError { record, text: "no such record".to_owned() }),
        }
    }
}

impl<A: Application + 'static> Host<A> {
    /// Returns a process that has not begun.
    pub fn new(make: Make<A>, begin: Begin<A>) -> Self {
        Self {
            make,
            begin,
            endpoint: None,
            journal: Journal::default(),
            doom: None,
            turn: Turn::new(),
            told: Vec::new(),
            starts: 0,
        }
    }
    /// Returns the endpoint while it lives.
    pub const fn endpoint(&self) -> Option<&Endpoint<A>> {
        self.endpoint.as_ref()
    }
    /// Returns its journal.
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }
    /// Returns what people were told, notes and alerts.
    pub fn told(&self) -> &[(Ts, String)] {
        &self.told
    }
    /// Returns how often it has begun.
    pub const fn starts(&self) -> u32 {
        self.starts
    }
    /// Returns a new endpoint that has folded the journal.
    ///
    /// Panics when a record does not fold: a journal that we wrote is our own (I6).
    pub fn folded(&self) -> Endpoint<A> {
        let mut endpoint = (self.make)();
        for (number, (ts, payload)) in (1_u64..).zip(&self.journal.0) {
            if let Err(why) = endpoint.fold(number, *ts, payload) {
                panic!("I6: record {number} does not fold: {}", why.text);
            }
        }
        endpoint
    }
    fn run(
        &mut self,
        now: Ts,
        act: impl FnOnce(&mut Endpoint<A>, &mut Journal, &mut Turn),
    ) -> Vec<Action> {
        let Some(endpoint) = &mut self.endpoint else { return Vec::new() };
        self.turn.clear();
        act(endpoint, &mut self.journal, &mut self.turn);
        self.commit(now)
    }
    /// Writes the records of the turn and returns what leaves; dies where it is doomed to.
    fn commit(&mut self, now: Ts) -> Vec<Action> {
        let doomed = self.doom.filter(|_| self.turn.record_count() > 0);
        if doomed.is_some_and(|(at, _)| at == Crash::BeforeWrite) {
            return self.die(Vec::new());
        }
        self.journal.0.extend(self.turn.records().map(|payload| (now, payload.to_vec())));
        let mut actions = Vec::new();
        for effect in self.turn.effects() {
            match effect {
                Effect::Write { connection, bytes } => {
                    actions.push(Action::Write(*connection, self.turn.bytes(bytes).to_vec()));
                }
                Effect::Close { connection, .. } => actions.push(Action::Close(*connection)),
                Effect::Dial { session, .. } => actions.push(Action::Dial(*session)),
                Effect::Note(Note { text, .. }) | Effect::Alert(Alert { text, .. }) => {
                    if self.told.len() < TOLD_MAX {
                        self.told.push((now, text.clone()));
                    }
                }
            }
        }
        match doomed {
            None => actions,
            Some((Crash::Midway, _)) => {
                actions.truncate(actions.len() / 2);
                self.die(actions)
            }
            Some((Crash::BeforeWrite | Crash::AfterWrite, _)) => self.die(Vec::new()),
        }
    }
    fn die(&mut self, mut left: Vec<Action>) -> Vec<Action> {
        let down_ns = self.doom.take().map_or(0, |(_, down_ns)| down_ns);
        self.endpoint = None;
        left.push(Action::Died { down_ns });
        left
    }
}

impl<A: Application + 'static> Process for Host<A> {
    fn start(&mut self, now: Ts) -> Vec<Action> {
        if self.endpoint.is_some() {
            return Vec::new();
        }
        self.starts += 1;
        let mut endpoint = self.folded();
        self.turn.clear();
        endpoint.start(now, &mut self.turn);
        (self.begin)(&mut endpoint, now, &mut self.turn);
        self.endpoint = Some(endpoint);
        self.commit(now)
    }
    fn is_running(&self) -> bool {
        self.endpoint.is_some()
    }
    fn accepted(&mut self, connection: ConnectionId, now: Ts) -> Vec<Action> {
        self.run(now, |endpoint, _, turn| endpoint.accepted(connection, now, turn))
    }
    fn dialed(&mut self, session: SessionIndex, connection: ConnectionId, now: Ts) -> Vec<Action> {
        self.run(now, |endpoint, _, turn| endpoint.dialed(session, connection, now, turn))
    }
    fn dial_failed(&mut self, session: SessionIndex, now: Ts) -> Vec<Action> {
        self.run(now, |endpoint, _, turn| {
            endpoint.dial_failed(session, "nobody listens", now, turn)
        })
    }
    fn received(&mut self, connection: ConnectionId, bytes: &[u8], now: Ts) -> Vec<Action> {
        self.run(now, |endpoint, journal, turn| {
            endpoint.received(connection, bytes, now, journal, turn);
        })
    }
    fn closed(&mut self, connection: ConnectionId, now: Ts) -> Vec<Action> {
        self.run(now, |endpoint, _, turn| endpoint.closed(connection, now, turn))
    }
    fn tick(&mut self, now: Ts) -> Vec<Action> {
        self.run(now, |endpoint, journal, turn| endpoint.tick(now, journal, turn))
    }
    fn deadline(&self) -> Option<Ts> {
        self.endpoint.as_ref().and_then(Endpoint::next_deadline)
    }
    fn doom(&mut self, at: Crash, down_ns: i64) {
        if self.endpoint.is_some() {
            self.doom = Some((at, down_ns));
        }
    }
    fn as_any(&self) -> &dyn core::any::Any {
        self
    }
}
