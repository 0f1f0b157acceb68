//! Sockets without waiting: listeners, connections, TLS; one thread turns them into events.
//!
//! Knows no FIX: bytes come out with the connection that they came from, and go in the same way.
//! Everything is bounded: connections, bytes read from one of them in a turn, bytes that wait to be
//! written. A peer that does not read is cut, a port that is taken is an error with its address,
//! and a descriptor that the system refuses makes the listener rest. Names are looked up on another
//! thread ([`Peer`]).
//!
//! A peer that is gone without a word is found by the session's heartbeat first; the system's own
//! probes and its timeout for unacknowledged bytes come after that.

mod connection;
mod dial;
mod error;
mod event;
mod listener;
mod options;
mod outbound;
mod resolver;
mod sockets;
mod stream;
mod tls;

pub use error::NetError;
pub use event::{Cut, NetEvent};
pub use listener::Listen;
pub use options::{
    CONNECT_TIMEOUT_DEFAULT, CONNECTIONS_DEFAULT, CONNECTIONS_MAX, LISTENERS_MAX, NetOptions,
    OUTBOUND_BYTES_DEFAULT, OUTBOUND_BYTES_MAX, OUTBOUND_BYTES_MIN, Peer,
};
pub use sockets::Sockets;
pub use tls::{Identity, TlsClient, TlsServer};

/// Bytes read in one call.
const READ_BYTES: usize = 32 * 1024;
/// Bytes of one connection that are handed out in one turn.
const READ_BYTES_PER_CONNECTION: usize = 64 * 1024;
/// Bytes of all connections that are handed out in one turn.
const READ_BYTES_PER_TURN: usize = 1024 * 1024;
/// Reads of a connection in one turn that is being closed, whose bytes nobody wants.
const DISCARD_READS_MAX: usize = 8;
