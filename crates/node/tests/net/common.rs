//! What the tests share: sockets whose events are kept, driven until something was seen.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ringfence_fix::endpoint::{ConnectionId, SessionIndex};
use ringfence_node::net::{Cut, Listen, NetEvent, NetOptions, Peer, Sockets, TlsClient, TlsServer};

/// Longest time for anything to be seen.
const PATIENCE: Duration = Duration::from_secs(20);

/// One event, with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Accepted(ConnectionId),
    TurnedAway(u64, String),
    Dialed(SessionIndex, ConnectionId),
    DialFailed(SessionIndex, String),
    Received(ConnectionId, Vec<u8>),
    Closed(ConnectionId, Cut),
}

/// Sockets, and everything that happened on them.
pub(crate) struct Side {
    pub(crate) sockets: Sockets,
    pub(crate) seen: Vec<Seen>,
}

impl Side {
    pub(crate) fn listening(tls: Option<TlsServer>, options: NetOptions) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let sockets = Sockets::open(vec![Listen { address, tls }], options).unwrap();
        Self { sockets, seen: Vec::new() }
    }
    pub(crate) fn dialing(options: NetOptions) -> Self {
        Self { sockets: Sockets::open(Vec::new(), options).unwrap(), seen: Vec::new() }
    }
    pub(crate) fn address(&self) -> SocketAddr {
        self.sockets.addresses()[0]
    }
    pub(crate) fn peer(&self, tls: Option<TlsClient>) -> Peer {
        Peer { host: "127.0.0.1".to_owned(), port: self.address().port(), tls }
    }
    /// Does one turn; what came is kept and returned.
    pub(crate) fn turn(&mut self, patience: Duration) -> Vec<Seen> {
        self.sockets.wait(patience).unwrap();
        let mut came = Vec::new();
        while let Some(event) = self.sockets.next_event() {
            came.push(match event {
                NetEvent::Accepted { connection, .. } => Seen::Accepted(connection),
                NetEvent::TurnedAway { count, why, .. } => Seen::TurnedAway(count, why),
                NetEvent::Dialed { session, connection, .. } => Seen::Dialed(session, connection),
                NetEvent::DialFailed { session, why } => Seen::DialFailed(session, why),
                NetEvent::Received { connection, bytes } => {
                    Seen::Received(connection, bytes.to_vec())
                }
                NetEvent::Closed { connection, why, .. } => Seen::Closed(connection, why),
                NetEvent::Resting { address, why } => panic!("{address} rests: {why}"),
            });
        }
        self.sockets.flush();
        self.seen.extend_from_slice(&came);
        came
    }
    /// Returns the first event that `pick` takes.
    pub(crate) fn first<T>(&self, pick: impl Fn(&Seen) -> Option<T>) -> Option<T> {
        self.seen.iter().find_map(pick)
    }
    /// Returns everything that came from all connections, in order.
    pub(crate) fn received(&self) -> Vec<u8> {
        let bytes = self.seen.iter().filter_map(|seen| {
            if let Seen::Received(_, bytes) = seen { Some(bytes.clone()) } else { None }
        });
        bytes.flatten().collect()
    }
    pub(crate) fn accepted(&self) -> Option<ConnectionId> {
        self.first(
            |seen| if let Seen::Accepted(connection) = seen { Some(*connection) } else { None },
        )
    }
    pub(crate) fn dialed(&self) -> Option<ConnectionId> {
        self.first(
            |seen| if let Seen::Dialed(_, connection) = seen { Some(*connection) } else { None },
        )
    }
    pub(crate) fn dial_failed(&self) -> Option<String> {
        self.first(
            |seen| if let Seen::DialFailed(_, why) = seen { Some(why.clone()) } else { None },
        )
    }
    pub(crate) fn closed(&self) -> Option<Cut> {
        self.first(|seen| if let Seen::Closed(_, why) = seen { Some(why.clone()) } else { None })
    }
}

/// Drives all sides until `seen` returns something.
pub(crate) fn until<T>(sides: &mut [Side], mut seen: impl FnMut(&mut [Side]) -> Option<T>) -> T {
    let give_up = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = seen(sides) {
            return found;
        }
        if Instant::now() > give_up {
            let all: Vec<_> = sides.iter().map(|side| &side.seen).collect();
            panic!("not seen within {PATIENCE:?}: {all:?}");
        }
        for side in &mut *sides {
            side.turn(Duration::from_millis(2));
        }
    }
}

pub(crate) fn session() -> SessionIndex {
    SessionIndex::new(3)
}
