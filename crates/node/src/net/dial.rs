//! Outgoing connections: a name becomes addresses, and the first that answers is taken.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use ringfence_fix::endpoint::SessionIndex;

use super::connection::{Dial, connect};
use super::resolver::{Resolved, Resolver};
use super::{NetEvent, Peer, Sockets, TlsClient};

/// Names that are being looked up.
#[derive(Debug, Default)]
pub(super) struct Dials {
    /// Started with the first name.
    resolver: Option<Resolver>,
    asked: BTreeMap<SessionIndex, (Instant, Option<TlsClient>)>,
}

impl Dials {
    /// Returns when the first name is given up.
    pub(super) fn due(&self) -> Option<Instant> {
        self.asked.values().map(|(deadline, _)| *deadline).min()
    }
}

impl Sockets {
    /// Makes a connection to a peer; [`NetEvent::Dialed`] or [`NetEvent::DialFailed`] follows.
    pub fn dial(&mut self, session: SessionIndex, peer: &Peer) {
        if let Some(address) = peer.address() {
            let tls = peer.tls.clone();
            let dial = Dial { session, tls, others: vec![address], is_connected: false };
            self.dial_other(dial, String::new());
            return;
        }
        if let Err(why) = self.look_up(session, peer) {
            self.told.push_back(NetEvent::DialFailed { session, why });
        }
    }
    /// Tries the next address; `why` says how the last one failed.
    pub(super) fn dial_other(&mut self, mut dial: Dial, mut why: String) {
        let (session, tls) = (dial.session, dial.tls);
        while let Some(address) = dial.others.pop() {
            let others = dial.others.clone();
            let next = Dial { session, tls: tls.clone(), others, is_connected: false };
            match connect(address).and_then(|socket| self.begin(socket, address, next)) {
                Ok(()) => return,
                Err(failed) => why = format!("{address}: {failed}"),
            }
        }
        self.told.push_back(NetEvent::DialFailed { session, why });
    }
    /// Takes the addresses that were found, and gives up on those that were not.
    pub(super) fn take_resolved(&mut self, now: Instant) {
        while let Some(resolved) = self.dials.resolver.as_ref().and_then(Resolver::take) {
            let Resolved { session, found } = resolved;
            // An answer that came too late has nobody waiting.
            let Some((_, tls)) = self.dials.asked.remove(&session) else {
                continue;
            };
            match found {
                Ok(addresses) => {
                    let others: Vec<SocketAddr> = addresses.into_iter().rev().collect();
                    let dial = Dial { session, tls, others, is_connected: false };
                    self.dial_other(dial, String::new());
                }
                Err(why) => self.told.push_back(NetEvent::DialFailed { session, why }),
            }
        }
        let time = self.options.connect_timeout;
        let told = &mut self.told;
        self.dials.asked.retain(|session, (deadline, _)| {
            let waits = *deadline > now;
            if !waits {
                let why = format!("the name was not found within {time:?}");
                told.push_back(NetEvent::DialFailed { session: *session, why });
            }
            waits
        });
    }
    fn look_up(&mut self, session: SessionIndex, peer: &Peer) -> Result<(), String> {
        if self.dials.resolver.is_none() {
            let started = Resolver::start(Arc::clone(&self.waker));
            self.dials.resolver = Some(started.map_err(|why| why.to_string())?);
        }
        if let Some(resolver) = &self.dials.resolver {
            resolver.ask(session, &peer.host, peer.port)?;
        }
        let deadline = Instant::now() + self.options.connect_timeout;
        self.dials.asked.insert(session, (deadline, peer.tls.clone()));
        Ok(())
    }
}
