//! All sockets of the loop, and what happened on them, turn by turn.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};
use ringfence_fix::endpoint::ConnectionId;
use rustls::ServerConnection;

use super::connection::{Connection, Dial, Look, OpenedBy, Phase};
use super::dial::Dials;
use super::error::system;
use super::listener::{Listener, TurnedAway};
use super::options::LISTENERS_MAX;
use super::stream::Stream;
use super::{
    Cut, Listen, NetError, NetEvent, NetOptions, READ_BYTES, READ_BYTES_PER_CONNECTION,
    READ_BYTES_PER_TURN,
};
use crate::sys;

/// Readiness events taken from the system at a time.
const EVENTS_MAX: usize = 1_024;
/// Time for the peer to end its side after we ended ours.
const LINGER: Duration = Duration::from_secs(2);
/// Seconds of silence, seconds between probes, probes without an answer.
const PROBES: [libc::c_int; 3] = [15, 5, 4];
/// Milliseconds that written bytes may stay unacknowledged.
const UNACKNOWLEDGED_MS: libc::c_int = 30_000;

const WAKER: Token = Token(LISTENERS_MAX);

/// The sockets of one loop.
#[derive(Debug)]
pub struct Sockets {
    poll: Poll,
    events: Events,
    pub(super) waker: Arc<Waker>,
    pub(super) options: NetOptions,
    listeners: Vec<Listener>,
    turned_away: TurnedAway,
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    numbered: u64,
    /// To be looked at, the one that waited longest first.
    queue: VecDeque<ConnectionId>,
    deadlines: BTreeSet<(Instant, ConnectionId)>,
    /// Were ready in the last wait; empty between waits, kept for its memory.
    ready: Vec<ConnectionId>,
    /// Have bytes to be written since the last flush.
    unflushed: Vec<ConnectionId>,
    /// To be told before anything is read.
    pub(super) told: VecDeque<NetEvent<'static>>,
    pub(super) dials: Dials,
    turn: TurnBudget,
    buffer: Box<[u8; READ_BYTES]>,
}

/// What may still be done in this turn.
#[derive(Debug, Default)]
struct TurnBudget {
    looks: usize,
    bytes: usize,
    /// The connection being read, and its bytes left.
    current: Option<(ConnectionId, usize)>,
}

/// An event, or where its bytes are.
enum Step {
    Event(NetEvent<'static>),
    Received(ConnectionId, usize),
}

impl Sockets {
    /// Returns the sockets of a loop that listens at every address given.
    pub fn open(listen: Vec<Listen>, options: NetOptions) -> Result<Self, NetError> {
        options.check()?;
        if listen.len() > LISTENERS_MAX {
            let expected = format!("at most {LISTENERS_MAX} addresses");
            let found = listen.len().to_string();
            return Err(NetError::Option { name: "listen", expected, found });
        }
        let poll = Poll::new().map_err(system("wait for sockets"))?;
        let waker = Waker::new(poll.registry(), WAKER).map_err(system("make a waker"))?;
        let mut listeners = Vec::with_capacity(listen.len());
        for (number, listen) in listen.into_iter().enumerate() {
            listeners.push(Listener::open(listen, poll.registry(), Token(number))?);
        }
        Ok(Self {
            poll,
            events: Events::with_capacity(EVENTS_MAX),
            waker: Arc::new(waker),
            options,
            listeners,
            turned_away: TurnedAway::default(),
            connections: BTreeMap::new(),
            numbered: 0,
            queue: VecDeque::new(),
            deadlines: BTreeSet::new(),
            ready: Vec::new(),
            unflushed: Vec::new(),
            told: VecDeque::new(),
            dials: Dials::default(),
            turn: TurnBudget::default(),
            buffer: Box::new([0; READ_BYTES]),
        })
    }
    /// Returns the addresses listened at, in the order given.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().map(|listener| listener.address).collect()
    }
    /// Returns what ends a wait from another thread.
    pub fn waker(&self) -> Arc<Waker> {
        Arc::clone(&self.waker)
    }
    /// Returns the number of connections, those being made or closed included.
    pub fn len(&self) -> usize {
        self.connections.len()
    }
    /// Returns whether there is no connection.
    pub fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }
    /// Returns the bytes that wait to be written, of all connections together and at most of one.
    pub fn waiting_bytes(&self) -> (usize, usize) {
        let waiting = self.connections.values().map(|connection| connection.outbound.len());
        waiting.fold((0, 0), |(sum, max), bytes| (sum.saturating_add(bytes), max.max(bytes)))
    }
    /// Waits until something happens, at most for `timeout`, and begins a turn; returns whether
    /// anything did.
    pub fn wait(&mut self, timeout: Duration) -> Result<bool, NetError> {
        let timeout = self.timeout(timeout, Instant::now());
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            polled => polled.map_err(system("wait for sockets"))?,
        }
        let now = Instant::now();
        let is_woken = !self.events.is_empty();
        self.take_readiness();
        self.expire(now);
        self.accept(now);
        self.take_resolved(now);
        self.turn =
            TurnBudget { looks: self.queue.len(), bytes: READ_BYTES_PER_TURN, current: None };
        Ok(is_woken || self.turn.looks > 0)
    }
    /// Returns the next event of the turn; nothing when there is no more to do in it.
    pub fn next_event(&mut self) -> Option<NetEvent<'_>> {
        Some(match self.step()? {
            Step::Event(event) => event,
            Step::Received(connection, count) => {
                let bytes = self.buffer.get(..count).unwrap_or_default();
                NetEvent::Received { connection, bytes }
            }
        })
    }
    /// Queues bytes for a connection; returns whether it is open and took them.
    ///
    /// They are written by [`Sockets::flush`]. A connection that has too much waiting is cut.
    pub fn send(&mut self, id: ConnectionId, bytes: &[u8]) -> bool {
        let Some(connection) = self.connections.get_mut(&id) else {
            return false;
        };
        if !matches!(connection.phase, Phase::Open) {
            return false;
        }
        let max = self.options.outbound_bytes_max;
        if connection.outbound.len().saturating_add(bytes.len()) > max {
            // What the socket takes now does not wait.
            let broken = connection.flush().err();
            let waiting = connection.outbound.len().saturating_add(bytes.len());
            if broken.is_some() || waiting > max {
                let slow = Cut::SlowReader { waiting, max };
                self.cut(id, broken.map_or(slow, Cut::Lost));
                return false;
            }
        }
        if connection.outbound.len() == 0 {
            self.unflushed.push(id);
        }
        connection.outbound.push(bytes);
        true
    }
    /// Writes what the sockets take, those that we opened first: an order on its way to a venue
    /// does not wait for the report about it to its client.
    pub fn flush(&mut self) {
        let mut unflushed = std::mem::take(&mut self.unflushed);
        for turn in [OpenedBy::Us, OpenedBy::Peer] {
            for id in &unflushed {
                let connection = self.connections.get_mut(id);
                let flushed = connection
                    .filter(|connection| connection.opened_by == turn)
                    .map(Connection::flush);
                if let Some(Err(why)) = flushed {
                    self.cut(*id, Cut::Lost(why));
                }
            }
        }
        unflushed.clear();
        self.unflushed = unflushed;
    }
    /// Closes a connection once everything queued is written; nothing more is told about it.
    pub fn close(&mut self, id: ConnectionId) {
        let deadline = Instant::now() + LINGER;
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if !matches!(connection.phase, Phase::Closing { .. }) {
            connection.phase = Phase::Closing { is_finished: false };
            connection.deadline = Some(deadline);
            self.deadlines.insert((deadline, id));
            self.enqueue(id);
        }
    }
    /// Drops a connection as it is: what a peer that is nobody's has not been sent needs no time.
    pub fn discard(&mut self, id: ConnectionId) {
        self.connections.remove(&id);
    }
    /// Accepts nothing more.
    pub fn stop_listening(&mut self) {
        self.listeners.clear();
    }
    /// Drops every socket as it is; what was not written is never written.
    pub fn abandon(&mut self) {
        self.listeners.clear();
        self.connections.clear();
    }

    fn step(&mut self) -> Option<Step> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Some(Step::Event(event));
            }
            let (id, left) = self.next_look()?;
            let Some(connection) = self.connections.get_mut(&id) else {
                continue;
            };
            match connection.look(&mut self.buffer) {
                Look::Idle => {}
                Look::Later => self.enqueue(id),
                Look::Dialed(session) => {
                    let peer = connection.peer;
                    self.turn.current = Some((id, left));
                    return Some(Step::Event(NetEvent::Dialed { session, connection: id, peer }));
                }
                Look::Bytes(count) => {
                    self.turn.bytes = self.turn.bytes.saturating_sub(count);
                    match left.saturating_sub(count) {
                        0 => self.enqueue(id),
                        left => self.turn.current = Some((id, left)),
                    }
                    return Some(Step::Received(id, count));
                }
                Look::Over(why) => self.over(id, why),
            }
        }
    }
    fn next_look(&mut self) -> Option<(ConnectionId, usize)> {
        if let Some(current) = self.turn.current.take() {
            return Some(current);
        }
        if self.turn.looks == 0 || self.turn.bytes == 0 {
            return None;
        }
        self.turn.looks -= 1;
        let id = self.queue.pop_front()?;
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.is_queued = false;
        }
        Some((id, READ_BYTES_PER_CONNECTION))
    }
    fn over(&mut self, id: ConnectionId, why: Option<String>) {
        let Some(connection) = self.connections.remove(&id) else {
            return;
        };
        let why = why.unwrap_or_default();
        match connection.phase {
            Phase::Dialing(dial) => self.dial_other(dial, format!("{}: {why}", connection.peer)),
            Phase::Open => {
                let (connection, peer, why) = (id, connection.peer, Cut::Lost(why));
                self.told.push_back(NetEvent::Closed { connection, peer, why });
            }
            Phase::Closing { .. } => {}
        }
    }
    fn cut(&mut self, id: ConnectionId, why: Cut) {
        let Some(connection) = self.connections.remove(&id) else {
            return;
        };
        if !matches!(connection.phase, Phase::Closing { .. }) {
            let peer = connection.peer;
            self.told.push_back(NetEvent::Closed { connection: id, peer, why });
        }
    }
    fn enqueue(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id)
            && !connection.is_queued
        {
            connection.is_queued = true;
            self.queue.push_back(id);
        }
    }
    fn timeout(&self, wanted: Duration, now: Instant) -> Duration {
        if !self.told.is_empty() || !self.queue.is_empty() || self.turn.current.is_some() {
            return Duration::ZERO;
        }
        let first = self.deadlines.first().map(|(deadline, _)| *deadline);
        let accepts = self.listeners.iter().filter_map(Listener::due);
        let accepts = accepts.map(|rests_until| rests_until.unwrap_or(now));
        let due = accepts.chain(first).chain(self.dials.due()).min();
        due.map_or(wanted, |due| wanted.min(due.saturating_duration_since(now)))
    }
    fn take_readiness(&mut self) {
        let mut ready = std::mem::take(&mut self.ready);
        for event in &self.events {
            let token = event.token();
            if let Some(listener) = self.listeners.get_mut(token.0).filter(|_| token < WAKER) {
                listener.wake();
                continue;
            }
            let Some(id) = id_of(token) else {
                continue;
            };
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.is_readable |= event.is_readable() || event.is_error();
                connection.is_ending |= event.is_read_closed() || event.is_error();
                connection.is_writable |= event.is_writable() || event.is_error();
                ready.push(id);
            }
        }
        ready.drain(..).for_each(|id| self.enqueue(id));
        self.ready = ready;
    }
    fn expire(&mut self, now: Instant) {
        while let Some((deadline, id)) = self.deadlines.first().copied().filter(|due| due.0 <= now)
        {
            self.deadlines.remove(&(deadline, id));
            let waits = self.connections.get(&id).and_then(|connection| connection.deadline);
            if waits == Some(deadline) {
                let time = self.options.connect_timeout;
                self.over(id, Some(format!("no connection within {time:?}")));
            }
        }
    }
    fn accept(&mut self, now: Instant) {
        let mut came = Vec::new();
        for listener in &mut self.listeners {
            let (accepted, resting) = listener.accept(now);
            let tls = &listener.tls;
            came.extend(accepted.into_iter().map(|(socket, peer)| (socket, peer, tls.clone())));
            if let Some(why) = resting {
                let (address, why) = (listener.address, why.to_string());
                self.told.push_back(NetEvent::Resting { address, why });
            }
        }
        for (socket, peer, tls) in came {
            let tls = tls.map(|tls| ServerConnection::new(tls.0).map(rustls::Connection::from));
            let added = tls.transpose().map_err(|why| why.to_string()).and_then(|tls| {
                let stream = Stream::new(socket, tls);
                self.add(Connection::new(stream, peer, Phase::Open, None))
            });
            match added {
                Ok(connection) => self.told.push_back(NetEvent::Accepted { connection, peer }),
                Err(why) => self.turned_away.note(peer, why),
            }
        }
        self.told.extend(self.turned_away.due(now));
    }
    /// Begins an outgoing connection.
    pub(super) fn begin(
        &mut self,
        socket: TcpStream,
        peer: SocketAddr,
        dial: Dial,
    ) -> Result<(), String> {
        let deadline = Instant::now() + self.options.connect_timeout;
        let phase = Phase::Dialing(dial);
        let mut connection =
            Connection::new(Stream::new(socket, None), peer, phase, Some(deadline));
        // The socket says when it is connected.
        connection.is_readable = false;
        let id = self.add(connection)?;
        self.deadlines.insert((deadline, id));
        Ok(())
    }
    /// Drops the connection that was closed first among those that only wait for their peer to end
    /// its side: they do not keep out who comes.
    fn make_room(&mut self) {
        let closed = self.connections.iter().filter_map(|(id, connection)| {
            let is_finished = matches!(connection.phase, Phase::Closing { is_finished: true });
            is_finished.then_some((connection.deadline, *id))
        });
        if let Some((_, id)) = closed.min() {
            self.connections.remove(&id);
        }
    }
    fn add(&mut self, mut connection: Connection) -> Result<ConnectionId, String> {
        let max = self.options.connections_max;
        if self.connections.len() >= max {
            self.make_room();
        }
        if self.connections.len() >= max {
            return Err(format!("there are {max} connections already"));
        }
        let id = ConnectionId::new(self.numbered.saturating_add(1));
        let token = token_of(id).ok_or("the connection numbers are used up")?;
        let socket = &mut connection.stream.socket;
        let interests = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(socket, token, interests).map_err(|why| why.to_string())?;
        // Both only make a connection quicker to fail or to deliver; it works without.
        let _ = socket.set_nodelay(true);
        let _ = sys::watch_peer(socket, PROBES, UNACKNOWLEDGED_MS);
        self.numbered = id.number();
        self.connections.insert(id, connection);
        Ok(id)
    }
}

fn token_of(id: ConnectionId) -> Option<Token> {
    usize::try_from(id.number()).ok()?.checked_add(WAKER.0).map(Token)
}

fn id_of(token: Token) -> Option<ConnectionId> {
    let number = token.0.checked_sub(WAKER.0).filter(|number| *number > 0)?;
    u64::try_from(number).ok().map(ConnectionId::new)
}
