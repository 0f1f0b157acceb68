//! Host names become addresses on a thread of their own.
//!
//! The system's resolver may take half a minute; the loop gives up on it after the connect timeout.
//! Names are looked up one after another. An address in digits never comes here.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread;

use mio::Waker;
use ringfence_fix::endpoint::SessionIndex;

use super::NetError;
use super::error::system;

/// Names that may wait to be looked up.
const NAMES_MAX: usize = 64;
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 8;

/// What a name turned out to be.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) session: SessionIndex,
    pub(super) found: Result<Vec<SocketAddr>, String>,
}

/// The other end of the thread; it ends with this value, after the name under way.
#[derive(Debug)]
pub(super) struct Resolver {
    names: SyncSender<(SessionIndex, String, u16)>,
    found: Receiver<Resolved>,
}

impl Resolver {
    pub(super) fn start(waker: Arc<Waker>) -> Result<Self, NetError> {
        let (names, asked) = sync_channel::<(SessionIndex, String, u16)>(NAMES_MAX);
        let (answer, found) = channel();
        let thread = thread::Builder::new().name("resolver".to_owned()).spawn(move || {
            for (session, host, port) in asked {
                let found = look_up(&host, port);
                if answer.send(Resolved { session, found }).is_err() || waker.wake().is_err() {
                    return;
                }
            }
        });
        thread.map_err(system("start the resolver's thread"))?;
        Ok(Self { names, found })
    }
    /// Asks for the addresses of a name, or says why it cannot.
    pub(super) fn ask(&self, session: SessionIndex, host: &str, port: u16) -> Result<(), String> {
        match self.names.try_send((session, host.to_owned(), port)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(format!("{NAMES_MAX} names wait already")),
            Err(TrySendError::Disconnected(_)) => Err("the resolver's thread is gone".to_owned()),
        }
    }
    /// Returns an answer that came.
    pub(super) fn take(&self) -> Option<Resolved> {
        self.found.try_recv().ok()
    }
}

fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let found = (host, port).to_socket_addrs().map_err(|why| format!("{host}: {why}"))?;
    let addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
    if addresses.is_empty() { Err(format!("{host}: no address")) } else { Ok(addresses) }
}
