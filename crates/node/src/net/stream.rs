//! One byte stream, plain or through TLS, that never waits.

use std::io::{self, Read, Write};
use std::net::Shutdown;

use mio::net::TcpStream;
use rustls::Connection as Session;

use super::outbound::Outbound;

/// Reads of the socket in one call, so that records without content cannot hold the loop.
const SOCKET_READS_MAX: usize = 32;
/// Plain bytes handed to TLS at a time.
const TLS_CHUNK_BYTES: usize = 16 * 1024;

/// A connection's bytes.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) socket: TcpStream,
    tls: Option<Box<Session>>,
}

/// What came of reading.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    /// So many bytes.
    Bytes(usize),
    /// Nothing before the socket is ready again.
    Blocked,
    /// Nothing yet, and the socket may have more.
    Later,
    /// The peer ended the stream.
    End,
    /// The stream broke.
    Broken(String),
}

impl Stream {
    pub(super) fn new(socket: TcpStream, tls: Option<Session>) -> Self {
        Self { socket, tls: tls.map(Box::new) }
    }
    /// Goes on through TLS.
    pub(super) fn secure(&mut self, tls: Session) {
        self.tls = Some(Box::new(tls));
    }
    /// Returns whether bytes go through as they are.
    pub(super) const fn is_plain(&self) -> bool {
        self.tls.is_none()
    }
    /// Returns whether the TLS handshake is not done.
    pub(super) fn is_handshaking(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.is_handshaking())
    }
    /// Reads what there is into `buffer`.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Incoming {
        let Some(tls) = &mut self.tls else {
            return plain(&mut self.socket, buffer);
        };
        for _ in 0..SOCKET_READS_MAX {
            match tls.reader().read(buffer) {
                Ok(0) => return Incoming::End,
                Ok(bytes) => return Incoming::Bytes(bytes),
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => {}
                Err(why) => return ended(&why),
            }
            if let Err(other) = receive(tls, &mut self.socket) {
                return other;
            }
        }
        Incoming::Later
    }
    /// Goes on with the handshake and leaves the peer's first bytes where they are.
    pub(super) fn handshake(&mut self) -> Incoming {
        let Some(tls) = &mut self.tls else {
            return Incoming::Blocked;
        };
        for _ in 0..SOCKET_READS_MAX {
            if !tls.is_handshaking() {
                return Incoming::Later;
            }
            if let Err(other) = receive(tls, &mut self.socket) {
                return other;
            }
        }
        Incoming::Later
    }
    /// Writes what the socket takes; returns whether everything is gone.
    pub(super) fn write(&mut self, outbound: &mut Outbound) -> io::Result<bool> {
        let Some(tls) = &mut self.tls else {
            return pump(outbound, |bytes| self.socket.write(bytes));
        };
        loop {
            while tls.wants_write() {
                match retried(|| tls.write_tls(&mut self.socket)) {
                    Ok(_) => {}
                    Err(why) if why.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                    Err(why) => return Err(why),
                }
            }
            let bytes = outbound.bytes();
            if bytes.is_empty() || tls.is_handshaking() {
                return Ok(bytes.is_empty());
            }
            let chunk = bytes.get(..TLS_CHUNK_BYTES).unwrap_or(bytes);
            let taken = tls.writer().write(chunk)?;
            outbound.consume(taken);
        }
    }
    /// Tells the peer that nothing more will come; what was queued has been written.
    pub(super) fn finish(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            // The stream ends either way; a peer that is gone does not read the farewell.
            let _ = tls.write_tls(&mut self.socket);
        }
        let _ = self.socket.shutdown(Shutdown::Write);
    }
}

fn plain(socket: &mut TcpStream, buffer: &mut [u8]) -> Incoming {
    match retried(|| socket.read(buffer)) {
        Ok(0) => Incoming::End,
        Ok(bytes) => Incoming::Bytes(bytes),
        Err(why) if why.kind() == io::ErrorKind::WouldBlock => Incoming::Blocked,
        Err(why) => ended(&why),
    }
}

/// Takes bytes of the socket into TLS, or says what came instead.
fn receive(tls: &mut Session, socket: &mut TcpStream) -> Result<(), Incoming> {
    match retried(|| tls.read_tls(socket)) {
        Ok(0) => return Err(Incoming::End),
        Ok(_) => {}
        Err(why) if why.kind() == io::ErrorKind::WouldBlock => return Err(Incoming::Blocked),
        Err(why) => return Err(ended(&why)),
    }
    tls.process_new_packets().map(drop).map_err(|why| {
        // The alert says why; the stream is over whether or not it gets through.
        let _ = tls.write_tls(socket);
        Incoming::Broken(format!("TLS: {why}"))
    })
}

fn ended(why: &io::Error) -> Incoming {
    if why.kind() == io::ErrorKind::UnexpectedEof {
        Incoming::End
    } else {
        Incoming::Broken(why.to_string())
    }
}

fn pump(
    outbound: &mut Outbound,
    mut write: impl FnMut(&[u8]) -> io::Result<usize>,
) -> io::Result<bool> {
    while !outbound.bytes().is_empty() {
        match retried(|| write(outbound.bytes())) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(bytes) => outbound.consume(bytes),
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(why) => return Err(why),
        }
    }
    Ok(true)
}

fn retried<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
