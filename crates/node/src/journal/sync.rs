//! The background sync of `process` durability.
//!
//! One thread per writer. It never has more than one file to sync, because the writer syncs a
//! segment itself before it begins the next. A failed sync is final: the kernel drops the pages
//! and a second sync would succeed without them, so the thread ends and the writer dies with it.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::storage::SegmentFile;
use super::value::Seq;

/// Syncs what the writer wrote, at an interval, until dropped.
#[derive(Debug)]
pub(crate) struct BackgroundSync {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The file with unsynced batches, and the last record in it.
    pending: Option<(Arc<dyn SegmentFile>, Option<Seq>)>,
    is_syncing: bool,
    synced_seq: Option<Seq>,
    failure: Option<Failure>,
    is_stopping: bool,
}

/// A system error in a form that can be told more than once.
#[derive(Clone, Debug)]
struct Failure {
    code: Option<i32>,
    kind: io::ErrorKind,
    text: String,
}

impl BackgroundSync {
    /// Starts the thread; everything up to `synced_seq` is on the disk already.
    pub(crate) fn start(interval: Duration, synced_seq: Option<Seq>) -> io::Result<Self> {
        let state = State { synced_seq, ..State::default() };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let thread = thread::Builder::new().name("journal-sync".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || run(&shared, interval)
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Notes that `file` holds batches up to `last_seq` that are not yet on the disk.
    pub(crate) fn note(&self, file: &Arc<dyn SegmentFile>, last_seq: Option<Seq>) {
        self.shared.lock().pending = Some((Arc::clone(file), last_seq));
    }

    /// Returns the last record on the disk, or the failure of an earlier sync.
    pub(crate) fn check(&self) -> io::Result<Option<Seq>> {
        self.shared.lock().outcome()
    }

    /// Returns the last record on the disk, whatever failed afterwards.
    pub(crate) fn synced_seq(&self) -> Option<Seq> {
        self.shared.lock().synced_seq
    }

    /// Syncs `file` now, whose last record is `last_seq`, after any sync under way.
    pub(crate) fn sync_now(&self, file: &dyn SegmentFile, last_seq: Option<Seq>) -> io::Result<()> {
        let mut state = self.shared.lock();
        state.pending = None;
        // Two syncs of one file at once could share one error, and one of them would not see it.
        while state.is_syncing {
            state = wait(&self.shared.changed, state);
        }
        state.outcome()?;
        let synced = file.sync_data();
        state.record(synced, last_seq);
        state.outcome().map(|_| ())
    }
}

impl Drop for BackgroundSync {
    fn drop(&mut self) {
        self.shared.lock().is_stopping = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has nobody left to harm; its message is on standard error.
            drop(thread.join());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn record(&mut self, result: io::Result<()>, last_seq: Option<Seq>) {
        match result {
            Ok(()) => self.synced_seq = self.synced_seq.max(last_seq),
            Err(error) => {
                let (code, kind) = (error.raw_os_error(), error.kind());
                self.failure = Some(Failure { code, kind, text: error.to_string() });
            }
        }
    }

    fn outcome(&self) -> io::Result<Option<Seq>> {
        match &self.failure {
            None => Ok(self.synced_seq),
            Some(Failure { code: Some(code), .. }) => Err(io::Error::from_raw_os_error(*code)),
            Some(Failure { kind, text, .. }) => Err(io::Error::new(*kind, text.clone())),
        }
    }
}

fn run(shared: &Shared, interval: Duration) {
    let mut state = shared.lock();
    while !state.is_stopping && state.failure.is_none() {
        let waited = shared.changed.wait_timeout_while(state, interval, |now| !now.is_stopping);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        let Some((file, last_seq)) = state.pending.take() else {
            continue;
        };
        state.is_syncing = true;
        drop(state);
        let synced = file.sync_data();
        state = shared.lock();
        state.is_syncing = false;
        state.record(synced, last_seq);
        shared.changed.notify_all();
    }
}

fn wait<'a>(changed: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    changed.wait(state).unwrap_or_else(PoisonError::into_inner)
}
