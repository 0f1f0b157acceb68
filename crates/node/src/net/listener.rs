//! A port that accepts connections, and rests when the system has no room for another.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};

use super::error::system;
use super::{NetError, NetEvent, TlsServer};

/// Connections accepted by one listener in one turn.
const ACCEPTS_PER_TURN_MAX: usize = 16;
/// How long a listener rests after the system refused a connection, for want of descriptors say.
const REST: Duration = Duration::from_millis(200);

/// Time between two lines about connections that were turned away.
const TOLD_EVERY: Duration = Duration::from_secs(10);

/// Connections that were turned away and not told yet.
#[derive(Debug, Default)]
pub(super) struct TurnedAway {
    last: Option<(u64, SocketAddr, String)>,
    told_at: Option<Instant>,
}

impl TurnedAway {
    /// Counts one.
    pub(super) fn note(&mut self, peer: SocketAddr, why: String) {
        let count = self.last.as_ref().map_or(0, |(count, ..)| *count);
        self.last = Some((count.saturating_add(1), peer, why));
    }
    /// Returns what is to be told now: the first one at once, later ones together.
    pub(super) fn due(&mut self, now: Instant) -> Option<NetEvent<'static>> {
        if self.told_at.is_some_and(|told| now.saturating_duration_since(told) < TOLD_EVERY) {
            return None;
        }
        let (count, peer, why) = self.last.take()?;
        self.told_at = Some(now);
        Some(NetEvent::TurnedAway { count, peer, why })
    }
}

/// Where to listen and what to show.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Plain without.
    pub tls: Option<TlsServer>,
}

impl Listen {
    /// Returns an error unless the address can be listened at now.
    pub(crate) fn probe(&self) -> Result<(), NetError> {
        bind(self.address).map(drop)
    }
}

/// One listening port.
#[derive(Debug)]
pub(super) struct Listener {
    socket: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) tls: Option<TlsServer>,
    is_ready: bool,
    rests_until: Option<Instant>,
}

impl Listener {
    pub(super) fn open(
        listen: Listen,
        registry: &Registry,
        token: Token,
    ) -> Result<Self, NetError> {
        let mut socket = bind(listen.address)?;
        let address = socket.local_addr().map_err(system("read the address of a listener"))?;
        let registered = registry.register(&mut socket, token, Interest::READABLE);
        registered.map_err(system("wait for connections"))?;
        Ok(Self { socket, address, tls: listen.tls, is_ready: false, rests_until: None })
    }
    /// Takes note that connections wait.
    pub(super) fn wake(&mut self) {
        self.is_ready = true;
    }
    /// Returns when connections wait to be accepted: at once, or when the rest is over.
    pub(super) fn due(&self) -> Option<Option<Instant>> {
        self.is_ready.then_some(self.rests_until)
    }
    /// Returns connections that came, and why the listener rests now if it began to.
    pub(super) fn accept(
        &mut self,
        now: Instant,
    ) -> (Vec<(TcpStream, SocketAddr)>, Option<io::Error>) {
        let mut accepted = Vec::new();
        if !self.is_ready || self.rests_until.is_some_and(|until| now < until) {
            return (accepted, None);
        }
        self.rests_until = None;
        while accepted.len() < ACCEPTS_PER_TURN_MAX {
            match self.socket.accept() {
                Ok(connection) => accepted.push(connection),
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
                    self.is_ready = false;
                    break;
                }
                // The peer was gone before it was its turn.
                Err(why)
                    if why.kind() == io::ErrorKind::ConnectionAborted
                        || why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => {
                    self.rests_until = Some(now + REST);
                    return (accepted, Some(why));
                }
            }
        }
        (accepted, None)
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, NetError> {
    TcpListener::bind(address).map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            NetError::AddressTaken { address }
        } else {
            NetError::Listen { address, source }
        }
    })
}
