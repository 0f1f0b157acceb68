//! What sockets have to tell.

use std::fmt;
use std::net::SocketAddr;

use ringfence_fix::endpoint::{ConnectionId, SessionIndex};

/// Why a connection is over that we had not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The peer ended it, or it broke.
    Lost(String),
    /// The peer did not read: this many bytes waited, and one more message.
    SlowReader {
        /// Bytes that waited.
        waiting: usize,
        /// Bytes that may wait.
        max: usize,
    },
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(why) => f.write_str(why),
            Self::SlowReader { waiting, max } => write!(
                f,
                "slow reader: expected at most {max} bytes that wait to be written, found {waiting}"
            ),
        }
    }
}

/// Something that happened on a socket.
#[derive(Debug, PartialEq, Eq)]
pub enum NetEvent<'a> {
    /// A peer connected.
    Accepted {
        /// The new connection.
        connection: ConnectionId,
        /// Its other end.
        peer: SocketAddr,
    },
    /// Peers connected, more than are allowed, and were sent away: the first at once, those behind
    /// it together once in a while.
    TurnedAway {
        /// How many.
        count: u64,
        /// The other end of the last one.
        peer: SocketAddr,
        /// Why.
        why: String,
    },
    /// A listener rests, because the system refused it a connection.
    Resting {
        /// Where it listens.
        address: SocketAddr,
        /// The system's reason.
        why: String,
    },
    /// An outgoing connection is there, its TLS handshake done.
    Dialed {
        /// Whose peer.
        session: SessionIndex,
        /// The new connection.
        connection: ConnectionId,
        /// Its other end.
        peer: SocketAddr,
    },
    /// No address of the peer can be reached.
    DialFailed {
        /// Whose peer.
        session: SessionIndex,
        /// Why the last address failed.
        why: String,
    },
    /// Bytes came.
    Received {
        /// From where.
        connection: ConnectionId,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// A connection is over; nothing more comes of it.
    Closed {
        /// Which.
        connection: ConnectionId,
        /// Its other end.
        peer: SocketAddr,
        /// Why.
        why: Cut,
    },
}
