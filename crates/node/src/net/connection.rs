//! One connection: its stream, what waits to be written, and where it is in its life.

use std::net::SocketAddr;
use std::time::Instant;

use mio::net::TcpStream;
use ringfence_fix::endpoint::SessionIndex;
use rustls::ClientConnection;

use super::outbound::Outbound;
use super::stream::{Incoming, Stream};
use super::{DISCARD_READS_MAX, READ_BYTES, TlsClient};

/// Where a connection is in its life.
#[derive(Debug)]
pub(super) enum Phase {
    /// An outgoing one that is not there yet, or whose handshake is not done.
    Dialing(Dial),
    /// Bytes flow.
    Open,
    /// Everything queued goes out, then the peer has until the deadline to end its side.
    Closing {
        /// Whether our side has ended.
        is_finished: bool,
    },
}

/// What an outgoing connection is for.
#[derive(Debug)]
pub(super) struct Dial {
    pub(super) session: SessionIndex,
    pub(super) tls: Option<TlsClient>,
    /// Addresses to try if this one fails.
    pub(super) others: Vec<SocketAddr>,
    pub(super) is_connected: bool,
}

/// Who opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OpenedBy {
    /// The peer.
    Peer,
    /// We did.
    Us,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: Stream,
    pub(super) peer: SocketAddr,
    pub(super) opened_by: OpenedBy,
    pub(super) phase: Phase,
    pub(super) outbound: Outbound,
    /// The socket may have bytes, or the end, for us.
    pub(super) is_readable: bool,
    /// The system has said that the peer ended its side, or that the socket is broken.
    pub(super) is_ending: bool,
    /// The socket may take bytes.
    pub(super) is_writable: bool,
    /// It is in the queue of those to be looked at.
    pub(super) is_queued: bool,
    /// When the phase is given up.
    pub(super) deadline: Option<Instant>,
}

/// What a look at a connection led to.
#[derive(Debug)]
pub(super) enum Look {
    /// Nothing to tell, nothing more to do before the socket is ready again.
    Idle,
    /// Nothing to tell yet, and there is more to do in a later turn.
    Later,
    /// An outgoing connection is there.
    Dialed(SessionIndex),
    /// So many bytes came.
    Bytes(usize),
    /// It is over; `None` when we had closed it ourselves.
    Over(Option<String>),
}

impl Connection {
    pub(super) fn new(
        stream: Stream,
        peer: SocketAddr,
        phase: Phase,
        deadline: Option<Instant>,
    ) -> Self {
        let opened_by = match &phase {
            Phase::Dialing(_) => OpenedBy::Us,
            Phase::Open | Phase::Closing { .. } => OpenedBy::Peer,
        };
        Self {
            stream,
            peer,
            opened_by,
            phase,
            outbound: Outbound::default(),
            is_readable: true,
            is_ending: false,
            is_writable: true,
            is_queued: false,
            deadline,
        }
    }
    /// Does what can be done without waiting; bytes that came are in `buffer`.
    pub(super) fn look(&mut self, buffer: &mut [u8; READ_BYTES]) -> Look {
        match &self.phase {
            Phase::Dialing(dial) if dial.is_connected => self.shake_hands(),
            Phase::Dialing(_) => self.connect(),
            Phase::Open => self.read(buffer),
            Phase::Closing { .. } => self.wind_up(buffer),
        }
    }
    /// Writes what the socket takes; `Err` when it is broken.
    pub(super) fn flush(&mut self) -> Result<(), String> {
        if !self.is_writable {
            return Ok(());
        }
        let written = self.stream.write(&mut self.outbound).map_err(|why| why.to_string())?;
        // A handshake leaves bytes waiting although the socket would take them.
        self.is_writable = written || self.stream.is_handshaking();
        Ok(())
    }
    fn connect(&mut self) -> Look {
        match self.stream.socket.take_error() {
            Ok(None) => {}
            Ok(Some(why)) | Err(why) => return Look::Over(Some(why.to_string())),
        }
        if self.stream.socket.peer_addr().is_err() {
            // Woken too early; the socket says again when it is connected.
            return Look::Idle;
        }
        let Phase::Dialing(dial) = &mut self.phase else {
            return Look::Idle;
        };
        dial.is_connected = true;
        match dial.tls.clone().map(|tls| ClientConnection::new(tls.config, tls.name)) {
            None => return self.open(),
            Some(Err(why)) => return Look::Over(Some(format!("TLS: {why}"))),
            Some(Ok(tls)) => self.stream.secure(tls.into()),
        }
        self.shake_hands()
    }
    fn shake_hands(&mut self) -> Look {
        if let Err(why) = self.flush() {
            return Look::Over(Some(why));
        }
        let outcome = self.stream.handshake();
        if let Err(why) = self.flush() {
            return Look::Over(Some(why));
        }
        match outcome {
            _ if !self.stream.is_handshaking() => self.open(),
            Incoming::Blocked => {
                self.is_readable = false;
                Look::Idle
            }
            Incoming::Bytes(_) | Incoming::Later => Look::Later,
            Incoming::End => Look::Over(Some("ended during the TLS handshake".to_owned())),
            Incoming::Broken(why) => Look::Over(Some(why)),
        }
    }
    fn open(&mut self) -> Look {
        let Phase::Dialing(dial) = &self.phase else {
            return Look::Idle;
        };
        let session = dial.session;
        self.phase = Phase::Open;
        self.deadline = None;
        // The handshake may have read on into the first bytes.
        self.is_readable = true;
        Look::Dialed(session)
    }
    fn read(&mut self, buffer: &mut [u8; READ_BYTES]) -> Look {
        if let Err(why) = self.flush() {
            return Look::Over(Some(why));
        }
        if !self.is_readable {
            return Look::Idle;
        }
        let incoming = self.stream.read(buffer);
        // A handshake answers what was read.
        if let Err(why) = self.flush() {
            return Look::Over(Some(why));
        }
        match incoming {
            Incoming::Bytes(count) => {
                // A plain socket that gave less than it could is empty: the system says when there
                // is more (epoll(7)), and has said so already when there is the end.
                let is_empty = self.stream.is_plain() && count < buffer.len();
                self.is_readable = self.is_ending || !is_empty;
                Look::Bytes(count)
            }
            Incoming::Later => Look::Later,
            Incoming::Blocked => {
                self.is_readable = false;
                Look::Idle
            }
            Incoming::End => Look::Over(Some("the peer closed the connection".to_owned())),
            Incoming::Broken(why) => Look::Over(Some(why)),
        }
    }
    fn wind_up(&mut self, buffer: &mut [u8; READ_BYTES]) -> Look {
        if self.flush().is_err() {
            return Look::Over(None);
        }
        let is_written = self.outbound.len() == 0 && self.is_writable;
        if let Phase::Closing { is_finished: is_finished @ false } = &mut self.phase
            && is_written
        {
            *is_finished = true;
            self.stream.finish();
        }
        // Bytes that nobody reads would make the system throw away what the peer has not read yet.
        for _ in 0..DISCARD_READS_MAX {
            if !self.is_readable {
                return Look::Idle;
            }
            match self.stream.read(buffer) {
                Incoming::Bytes(_) | Incoming::Later => {}
                Incoming::Blocked => self.is_readable = false,
                Incoming::End | Incoming::Broken(_) => return Look::Over(None),
            }
        }
        Look::Later
    }
}

/// Returns the socket of a connection that is being made.
pub(super) fn connect(address: SocketAddr) -> Result<TcpStream, String> {
    TcpStream::connect(address).map_err(|why| why.to_string())
}
