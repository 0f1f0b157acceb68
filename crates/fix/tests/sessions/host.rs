//! A host without sockets or files: the journal is a vector, connections are byte queues.

use std::collections::BTreeMap;

use ringfence_fix::endpoint::{
    Alert, Application, CloseReason, ConnectionId, Effect, Endpoint, Recall, RecallError,
    SessionIndex, Turn,
};
use ringfence_fix::session::{AddressIndex, Settings};
use ringfence_kernel::types::Ts;

/// The journal: time and payload of each record; the first is number 1.
#[derive(Clone, Debug, Default)]
pub struct Journal(pub Vec<(Ts, Vec<u8>)>);

impl Recall for Journal {
    fn payload(&mut self, record: u64, out: &mut Vec<u8>) -> Result<(), RecallError> {
        let place = usize::try_from(record).unwrap().checked_sub(1).unwrap();
        match self.0.get(place) {
            Some((_, payload)) => out.extend_from_slice(payload),
            None => return Err(RecallError { record, text: "no such record".to_owned() }),
        }
        Ok(())
    }
}

/// What happened on a connection, from the peer's side.
#[derive(Debug, Default)]
pub struct Wire {
    pub bytes: Vec<u8>,
    pub closed: Option<CloseReason>,
}

/// An endpoint with everything around it.
pub struct Host<A> {
    pub endpoint: Endpoint<A>,
    pub journal: Journal,
    pub now: Ts,
    pub wires: BTreeMap<ConnectionId, Wire>,
    pub dials: Vec<(SessionIndex, AddressIndex)>,
    pub alerts: Vec<Alert>,
    turn: Turn,
}

impl<A: Application> Host<A> {
    /// Returns a started host whose journal holds `journal`.
    pub fn start(settings: Settings, application: A, journal: Journal, now: Ts) -> Self {
        let mut endpoint = Endpoint::new(settings, application).unwrap();
        for (place, (ts, payload)) in journal.0.iter().enumerate() {
            endpoint.fold(u64::try_from(place).unwrap() + 1, *ts, payload).unwrap();
        }
        let mut host = Self {
            endpoint,
            journal,
            now,
            wires: BTreeMap::new(),
            dials: Vec::new(),
            alerts: Vec::new(),
            turn: Turn::new(),
        };
        host.run(|endpoint, now, _, turn| endpoint.start(now, turn));
        host
    }
    /// Runs one call on the endpoint and carries out its turn, records first.
    pub fn run<T>(
        &mut self,
        call: impl FnOnce(&mut Endpoint<A>, Ts, &mut Journal, &mut Turn) -> T,
    ) -> T {
        self.turn.clear();
        let result = call(&mut self.endpoint, self.now, &mut self.journal, &mut self.turn);
        for record in self.turn.records() {
            self.journal.0.push((self.now, record.to_vec()));
        }
        for effect in self.turn.effects() {
            match effect {
                Effect::Write { connection, bytes } => {
                    let wire = self.wires.entry(*connection).or_default();
                    wire.bytes.extend_from_slice(self.turn.bytes(bytes));
                }
                Effect::Close { connection, why } => {
                    self.wires.entry(*connection).or_default().closed = Some(*why);
                }
                Effect::Dial { session, address } => self.dials.push((*session, *address)),
                Effect::Note(_) => {}
                Effect::Alert(alert) => self.alerts.push(alert.clone()),
            }
        }
        result
    }
    /// Lets `connection` be accepted.
    pub fn accept(&mut self, connection: u64) {
        let connection = ConnectionId::new(connection);
        self.wires.insert(connection, Wire::default());
        self.run(|endpoint, now, _, turn| endpoint.accepted(connection, now, turn));
    }
    /// Lets bytes arrive.
    pub fn receive(&mut self, connection: u64, bytes: &[u8]) {
        let connection = ConnectionId::new(connection);
        self.run(|endpoint, now, journal, turn| {
            endpoint.received(connection, bytes, now, journal, turn);
        });
    }
    /// Lets the clock be at `now`, and ticks.
    pub fn tick_at(&mut self, now: Ts) {
        self.now = now;
        self.run(|endpoint, now, journal, turn| endpoint.tick(now, journal, turn));
    }
    /// Lets the time pass up to `until`, ticking at each deadline.
    pub fn pass_until(&mut self, until: Ts) {
        while let Some(due) = self.endpoint.next_deadline().filter(|due| *due <= until) {
            self.tick_at(due.max(self.now));
        }
        self.now = until;
    }
    /// Returns what was written to `connection` since the last time.
    pub fn take(&mut self, connection: u64) -> Vec<u8> {
        let wire = self.wires.entry(ConnectionId::new(connection)).or_default();
        core::mem::take(&mut wire.bytes)
    }
    /// Returns why we closed `connection`.
    pub fn closed(&self, connection: u64) -> Option<CloseReason> {
        self.wires.get(&ConnectionId::new(connection))?.closed
    }
}

/// Returns the time `ns` after `at`.
pub fn after(at: Ts, ns: i64) -> Ts {
    Ts::from_nanos(at.nanos() + ns)
}

/// Returns the messages of a stream, separators shown as `|`.
pub fn messages(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap().replace('\u{1}', "|");
    let mut found = Vec::new();
    for field in text.split_inclusive('|') {
        if field.starts_with("8=") {
            found.push(String::new());
        }
        found.last_mut().expect("a message begins with 8=").push_str(field);
    }
    found
}

/// Returns a message with length and sum as they stand or computed, fields separated by `|`.
pub fn complete(text: &str) -> Vec<u8> {
    let mut fields: Vec<&str> = text.trim_end_matches('|').split('|').collect();
    let sum = fields.iter().position(|field| field.starts_with("10=")).map(|at| fields.remove(at));
    let length: String;
    if !fields.iter().any(|field| field.starts_with("9=")) {
        let body: usize = fields.iter().skip(1).map(|field| field.len() + 1).sum();
        length = format!("9={body}");
        fields.insert(1, &length);
    }
    let mut bytes = (fields.join("\u{1}") + "\u{1}").into_bytes();
    let computed = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let sum = sum.map_or_else(|| format!("10={computed:03}"), str::to_owned);
    bytes.extend_from_slice((sum + "\u{1}").as_bytes());
    bytes
}
