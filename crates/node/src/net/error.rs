//! Everything that keeps sockets from being opened, each with whose it is.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the sockets cannot be set up.
#[derive(Debug)]
pub enum NetError {
    /// Another process, or another part of this one, listens there.
    AddressTaken {
        /// The address.
        address: SocketAddr,
    },
    /// The system refuses to listen there.
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's own error.
        source: io::Error,
    },
    /// A certificate or key file cannot be used.
    File {
        /// What the file should hold.
        expected: &'static str,
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
    },
    /// The certificate, the key or the name does not fit the others.
    Tls {
        /// What was given.
        given: String,
        /// Why it is refused.
        why: String,
    },
    /// An option is out of its range.
    Option {
        /// Name of the option.
        name: &'static str,
        /// The range and its unit.
        expected: String,
        /// What was given.
        found: String,
    },
    /// The system refuses to wait for sockets, or to start a thread.
    System {
        /// What was being done.
        action: &'static str,
        /// The system's own error.
        source: io::Error,
    },
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddressTaken { address } => {
                write!(f, "{address}: expected a free port, found another listener")
            }
            Self::Listen { address, source } => write!(f, "cannot listen at {address}: {source}"),
            Self::File { expected, path, found } => {
                write!(f, "{}: expected {expected}, found {found}", path.display())
            }
            Self::Tls { given, why } => write!(f, "{given}: {why}"),
            Self::Option { name, expected, found } => {
                write!(f, "{name}: expected {expected}, found {found}")
            }
            Self::System { action, source } => write!(f, "cannot {action}: {source}"),
        }
    }
}

impl Error for NetError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Listen { source, .. } | Self::System { source, .. } => Some(source),
            Self::AddressTaken { .. }
            | Self::File { .. }
            | Self::Tls { .. }
            | Self::Option { .. } => None,
        }
    }
}

/// Wraps a system error with what was being done.
pub(crate) fn system(action: &'static str) -> impl FnOnce(io::Error) -> NetError {
    move |source| NetError::System { action, source }
}
