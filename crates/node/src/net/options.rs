//! How many, how much, how long.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::{NetError, TlsClient};

/// Ports that one process listens at.
pub const LISTENERS_MAX: usize = 16;
/// Connections at a time unless told otherwise.
pub const CONNECTIONS_DEFAULT: usize = 256;
/// Connections at a time that may be asked for.
pub const CONNECTIONS_MAX: usize = 4_096;
/// Bytes of one connection that may wait to be written unless told otherwise.
pub const OUTBOUND_BYTES_DEFAULT: usize = 4 * 1024 * 1024;
/// The least number of such bytes that may be asked for.
pub const OUTBOUND_BYTES_MIN: usize = 4 * 1024;
/// The largest number of such bytes that may be asked for.
pub const OUTBOUND_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Time for a name, a connection and its TLS handshake unless told otherwise.
pub const CONNECT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);

/// The bounds of all sockets together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetOptions {
    /// Connections at a time, 1 to [`CONNECTIONS_MAX`]; one more is closed at once.
    pub connections_max: usize,
    /// Bytes of one connection that may wait to be written, [`OUTBOUND_BYTES_MIN`] to
    /// [`OUTBOUND_BYTES_MAX`]; a peer that lets more wait is cut.
    pub outbound_bytes_max: usize,
    /// Time for the addresses of a name, and then for a connection to each with its TLS handshake.
    pub connect_timeout: Duration,
}

impl Default for NetOptions {
    fn default() -> Self {
        Self {
            connections_max: CONNECTIONS_DEFAULT,
            outbound_bytes_max: OUTBOUND_BYTES_DEFAULT,
            connect_timeout: CONNECT_TIMEOUT_DEFAULT,
        }
    }
}

impl NetOptions {
    /// Returns an error that names the first option out of its range.
    pub(super) fn check(&self) -> Result<(), NetError> {
        let outbound = (OUTBOUND_BYTES_MIN, OUTBOUND_BYTES_MAX);
        check("connections_max", "connections", (1, CONNECTIONS_MAX), self.connections_max)?;
        check("outbound_bytes_max", "bytes", outbound, self.outbound_bytes_max)
    }
}

fn check(
    name: &'static str,
    unit: &str,
    (min, max): (usize, usize),
    found: usize,
) -> Result<(), NetError> {
    if (min..=max).contains(&found) {
        return Ok(());
    }
    let expected = format!("{min} to {max} {unit}");
    Err(NetError::Option { name, expected, found: found.to_string() })
}

/// Where a peer listens.
#[derive(Clone, Debug)]
pub struct Peer {
    /// An address in digits, or a name, which is looked up again at every dial.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Plain without.
    pub tls: Option<TlsClient>,
}

impl Peer {
    /// Returns the address when the host is one in digits.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        let ip: IpAddr = self.host.parse().ok()?;
        Some(SocketAddr::new(ip, self.port))
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            return write!(f, "[{}]:{}", self.host, self.port);
        }
        write!(f, "{}:{}", self.host, self.port)
    }
}
