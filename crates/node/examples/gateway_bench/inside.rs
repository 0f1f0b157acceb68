//! The path without sockets: bytes into the endpoint, records and bytes out of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ringfence_fix::codec::Parser;
use ringfence_fix::endpoint::{
    ConnectionId, Effect, Endpoint, Recall, RecallError, SessionIndex, Standing, Turn,
};
use ringfence_gateway::Gateway;
use ringfence_kernel::types::Ts;
use ringfence_node::journal::{self, Durability, JournalOptions, JournalWriter, TradeDate};

use crate::Outcome;
use crate::peer::{Answer, Inbox, Party};
use crate::rows::{Row, rate, spread, whole_ns};
use crate::scene::{CLIENT, Scene, VENUES, gateway_settings, sessions, venue_session};

/// Time that passes between two turns, nanoseconds.
const STEP_NS: i64 = 1_000;
const CONNECTIONS: [ConnectionId; 3] =
    [ConnectionId::new(1), ConnectionId::new(2), ConnectionId::new(3)];

/// Nothing is asked for again here.
struct NoRecall;

impl Recall for NoRecall {
    fn payload(&mut self, record: u64, _: &mut Vec<u8>) -> Result<(), RecallError> {
        Err(RecallError { record, text: "nothing is kept".to_owned() })
    }
}

/// What was found.
pub(crate) struct Found {
    /// Nanoseconds of an order in, its child out; mean of the orders of a turn.
    orders: Vec<u64>,
    /// Of a New in, its report out.
    news: Vec<u64>,
    /// Of a fill in, its report out.
    fills: Vec<u64>,
    whole_ns: u64,
    count: usize,
    /// Digest of the state.
    pub(crate) hash: String,
}

impl Found {
    /// Returns the time of everything.
    pub(crate) fn whole_ns(&self) -> u64 {
        self.whole_ns
    }
    pub(crate) fn rows(&self, group: usize, durability: Option<Durability>) -> Vec<Row> {
        let name = durability.map_or("off", Durability::name);
        let case = |what: &str| format!("inside: {what}, journal {name}, group {group}");
        let orders = spread(&case("order in, child out"), "ns/order", &self.orders, None);
        let whole = rate(&case("order, New and fill"), "orders/s", self.count, self.whole_ns);
        if group > 1 {
            return vec![orders, whole];
        }
        let news = spread(&case("New in, report out"), "ns/report", &self.news, None);
        let fills = spread(&case("fill in, report out"), "ns/report", &self.fills, None);
        vec![orders, news, fills, whole]
    }
}

/// A gateway whose peers are in the same thread.
pub(crate) struct Inside {
    endpoint: Endpoint<Gateway>,
    turn: Turn,
    journal: Option<(JournalWriter, PathBuf)>,
    now: Ts,
    parties: [Party; 3],
    inboxes: [Inbox; 2],
}

impl Inside {
    /// Runs every order of the scene, `group` of them in one turn.
    pub(crate) fn run(
        scene: &Scene,
        journal: Option<(&Path, Durability)>,
        group: usize,
    ) -> Outcome<Found> {
        let journal = journal.map(|(folder, kind)| open_journal(folder, kind)).transpose()?;
        let mut inside = Self::begin(scene, journal)?;
        inside.log_on()?;
        let mut found = Found {
            orders: Vec::new(),
            news: Vec::new(),
            fills: Vec::new(),
            whole_ns: 0,
            count: scene.orders.len(),
            hash: String::new(),
        };
        for orders in scene.orders.chunks(group.max(1)) {
            let mut bytes = Vec::new();
            for order in orders {
                inside.parties[0].order(order, inside.now, &mut bytes);
            }
            let taken = inside.received(0, &bytes)?;
            found.whole_ns += taken;
            found.orders.push(taken / u64::try_from(orders.len())?);
            inside.answer(&mut found, orders.len())?;
        }
        found.hash = inside.end()?;
        Ok(found)
    }
    fn begin(scene: &Scene, journal: Option<(JournalWriter, PathBuf)>) -> Outcome<Self> {
        let gateway = Gateway::new(gateway_settings());
        let [venue_a, venue_b] = VENUES;
        let mut inside = Self {
            endpoint: Endpoint::new(sessions()?, gateway)?,
            turn: Turn::new(),
            journal,
            now: scene.start,
            parties: [CLIENT, venue_a, venue_b].map(Party::new),
            inboxes: Default::default(),
        };
        let (endpoint, turn, now) = (&mut inside.endpoint, &mut inside.turn, scene.start);
        endpoint.start(now, turn);
        let begun = endpoint.act(now, turn, |gateway, context| {
            gateway.begin(&scene.definitions, context)?;
            for fact in &scene.facts {
                gateway.step(fact, None, context);
            }
            Ok::<(), ringfence_gateway::BeginError>(())
        });
        begun?;
        inside.settle()?;
        Ok(inside)
    }
    fn log_on(&mut self) -> Outcome<()> {
        let [client, ..] = CONNECTIONS;
        self.endpoint.accepted(client, self.now, &mut self.turn);
        for (venue, connection) in CONNECTIONS.iter().skip(1).enumerate() {
            let session = venue_session(venue);
            self.endpoint.dialed(session, *connection, self.now, &mut self.turn);
        }
        self.settle()?;
        for place in [1, 2, 0] {
            let mut bytes = Vec::new();
            if let Some(party) = self.parties.get_mut(place) {
                party.logon(self.now, &mut bytes);
            }
            self.received(place, &bytes)?;
            let session = SessionIndex::new(u16::try_from(place)?);
            let standing = self.endpoint.status(session).map(|status| status.standing);
            if standing != Some(Standing::Up) {
                return Err(format!("session {place} is {standing:?}").into());
            }
        }
        Ok(())
    }
    /// Hands bytes of a peer over, makes the turn durable and returns how long both took.
    fn received(&mut self, place: usize, bytes: &[u8]) -> Outcome<u64> {
        let connection = *CONNECTIONS.get(place).ok_or("three peers")?;
        self.now = Ts::from_nanos(self.now.nanos() + STEP_NS);
        let begun = Instant::now();
        self.turn.clear();
        let (now, turn) = (self.now, &mut self.turn);
        self.endpoint.received(connection, bytes, now, &mut NoRecall, turn);
        self.settle()?;
        Ok(whole_ns(begun.elapsed()))
    }
    fn settle(&mut self) -> Outcome<()> {
        let Some((journal, _)) = &mut self.journal else { return Ok(()) };
        let ts = journal::Ts::from_nanos(self.now.nanos());
        for payload in self.turn.records() {
            if !journal.has_room(payload.len()) {
                journal.commit()?;
            }
            journal.append(ts, payload)?;
        }
        journal.commit()?;
        Ok(())
    }
    /// Lets the venues answer the orders of this turn, each kind of report in a turn of its own.
    fn answer(&mut self, found: &mut Found, wanted: usize) -> Outcome<()> {
        let children = self.children()?;
        let count: usize = children.iter().map(Vec::len).sum();
        if count != wanted {
            return Err(format!("expected {wanted} children, found {count}").into());
        }
        let mut parser = Parser::default();
        for (place, of_venue) in (1..).zip(&children).filter(|(_, children)| !children.is_empty()) {
            for answer in [Answer::New, Answer::Fill] {
                let mut bytes = Vec::new();
                for raw in of_venue {
                    let child = parser.parse(raw).map_err(|why| format!("garbled: {why:?}"))?;
                    if let Some(party) = self.parties.get_mut(place) {
                        party.report(&child, answer, self.now, &mut bytes);
                    }
                }
                let taken = self.received(place, &bytes)?;
                found.whole_ns += taken;
                let each = taken / u64::try_from(of_venue.len())?;
                match answer {
                    Answer::New => found.news.push(each),
                    Answer::Fill => found.fills.push(each),
                }
            }
        }
        Ok(())
    }
    /// Returns the children that this turn sent, by venue.
    fn children(&mut self) -> Outcome<[Vec<Vec<u8>>; 2]> {
        let mut children = [Vec::new(), Vec::new()];
        for effect in self.turn.effects() {
            let Effect::Write { connection, bytes } = effect else { continue };
            let place = CONNECTIONS.iter().position(|one| one == connection);
            let Some(venue) = place.ok_or("bytes for nobody")?.checked_sub(1) else { continue };
            let found = (self.inboxes.get_mut(venue), children.get_mut(venue));
            let (Some(inbox), Some(children)) = found else { continue };
            inbox.take(self.turn.bytes(bytes), |message| {
                if message.msg_type() == b"D" {
                    children.push(message.raw().to_vec());
                }
                Ok(())
            })?;
        }
        Ok(children)
    }
    /// Returns the digest of the state, every order filled.
    fn end(self) -> Outcome<String> {
        let state = self.endpoint.application().kernel().state();
        let open = state.orders.open_orders().count();
        if open > 0 {
            return Err(format!("expected every order filled, found {open} open").into());
        }
        let hash = state.digest().iter().map(|byte| format!("{byte:02x}")).collect();
        if let Some((journal, folder)) = self.journal {
            journal.close()?;
            fs::remove_dir_all(folder)?;
        }
        Ok(hash)
    }
}

fn open_journal(folder: &Path, durability: Durability) -> Outcome<(JournalWriter, PathBuf)> {
    let folder = folder.join(format!("gateway-bench-{}", std::process::id()));
    let day: TradeDate = "2013-08-01".parse()?;
    Ok((JournalWriter::create(JournalOptions::new(&folder, day, durability))?, folder))
}
