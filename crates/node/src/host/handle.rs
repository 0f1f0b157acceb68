//! How other threads reach a host.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mio::Waker;
use ringfence_fix::endpoint::{SessionIndex, Status as SessionStatus};
use ringfence_fix::session::{DrillRefused, DrillReport, DrillTerms};

use super::{Hosted, Status};

/// Requests that may wait for the loop.
pub const REQUESTS_MAX: usize = 1_024;

/// Why a request was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestRefused {
    /// [`REQUESTS_MAX`] requests wait already.
    Full,
    /// The host has ended.
    Ended,
}

/// The report of a drill, once it is over, or why it does not begin.
pub type DrillAnswer = Result<DrillReport, DrillRefused>;

/// What another thread asks of the loop.
pub(super) enum Request<A: Hosted> {
    Command(A::Command, SyncSender<A::Answer>),
    Redial(SessionIndex, SyncSender<bool>),
    Sessions(SyncSender<Vec<SessionStatus>>),
    Drill(SessionIndex, DrillTerms, SyncSender<DrillAnswer>),
}

/// How far the end of a host has been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    Run,
    Drain,
    Stop,
}

/// What the loop shares with its handles.
pub(super) struct Shared {
    wish: AtomicU8,
    waker: Arc<Waker>,
    addresses: Vec<SocketAddr>,
    status: Mutex<Status>,
}

impl Shared {
    pub(super) fn new(waker: Arc<Waker>, addresses: Vec<SocketAddr>) -> Self {
        Self { wish: AtomicU8::new(0), waker, addresses, status: Mutex::default() }
    }
    pub(super) fn wish(&self) -> Wish {
        match self.wish.load(Ordering::Acquire) {
            0 => Wish::Run,
            1 => Wish::Drain,
            _ => Wish::Stop,
        }
    }
    pub(super) fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn ask(&self, wish: u8) {
        self.wish.fetch_max(wish, Ordering::Release);
        self.wake();
    }
    pub(super) fn wake(&self) {
        // The loop looks by itself at least once a second.
        let _ = self.waker.wake();
    }
}

/// Reaches a host from any thread.
pub struct HostHandle<A: Hosted> {
    pub(super) requests: SyncSender<Request<A>>,
    pub(super) shared: Arc<Shared>,
}

impl<A: Hosted> Clone for HostHandle<A> {
    fn clone(&self) -> Self {
        Self { requests: self.requests.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<A: Hosted> HostHandle<A> {
    /// Gives the application a command.
    ///
    /// The answer arrives once everything that the command led to is durable; when the host ends
    /// before that, the receiver is disconnected.
    pub fn command(&self, command: A::Command) -> Result<Receiver<A::Answer>, RequestRefused> {
        let (answer, answered) = sync_channel(1);
        self.request(Request::Command(command, answer))?;
        Ok(answered)
    }
    /// Has an initiator dial at once that has given up or waits (R69); the answer is whether it did
    /// either.
    pub fn redial(&self, session: SessionIndex) -> Result<Receiver<bool>, RequestRefused> {
        let (answer, answered) = sync_channel(1);
        self.request(Request::Redial(session, answer))?;
        Ok(answered)
    }
    /// Asks where every session stands, in the order of the settings.
    pub fn sessions(&self) -> Result<Receiver<Vec<SessionStatus>>, RequestRefused> {
        let (answer, answered) = sync_channel(1);
        self.request(Request::Sessions(answer))?;
        Ok(answered)
    }
    /// Asks for a drill of the backups of a session's peer (R67).
    ///
    /// The answer arrives when it is over. Who asked may go away: the drill ends by its own time,
    /// and the session is at its primary again.
    pub fn drill(
        &self,
        session: SessionIndex,
        terms: DrillTerms,
    ) -> Result<Receiver<DrillAnswer>, RequestRefused> {
        let (answer, answered) = sync_channel(1);
        self.request(Request::Drill(session, terms, answer))?;
        Ok(answered)
    }
    /// Asks for an end in good order: every session is logged out, then the journal is closed.
    ///
    /// It takes as long as the peers need to answer, at most the host's drain time.
    pub fn drain(&self) {
        self.shared.ask(1);
    }
    /// Asks for an end at once: connections are dropped, the journal is closed.
    pub fn stop(&self) {
        self.shared.ask(2);
    }
    /// Returns what the host has done so far.
    pub fn status(&self) -> Status {
        self.shared.status().clone()
    }
    /// Returns the addresses listened at, in the order given.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.shared.addresses
    }
    fn request(&self, request: Request<A>) -> Result<(), RequestRefused> {
        self.requests.try_send(request).map_err(|refused| match refused {
            TrySendError::Full(_) => RequestRefused::Full,
            TrySendError::Disconnected(_) => RequestRefused::Ended,
        })?;
        self.shared.wake();
        Ok(())
    }
}
