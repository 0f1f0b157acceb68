//! Opens journal and sockets, and folds what there is, before anything is sent or accepted.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ringfence_fix::endpoint::{Endpoint, SessionIndex, Turn};
use ringfence_fix::session::{ADDRESSES_MAX, Role, Settings};
use ringfence_kernel::types::Ts;

use super::clock::{CLOCK_BEHIND_MAX, CLOCK_STEP_MAX_DEFAULT, Clock, SteadyTime, nanos};
use super::day::{DayBefore, Folding};
use super::handle::{REQUESTS_MAX, Request, Shared};
use super::looping::Loop;
use super::offset::OffsetWatch;
use super::{ClockLimits, HostError, HostEvent, HostHandle, Hosted, Log};
use crate::journal::{Disk, JournalOptions, JournalWriter, Recovered, Storage, open_day};
use crate::net::{Listen, NetOptions, Peer, Sockets};

/// Time for every session to be logged out at the end, unless told otherwise.
pub const DRAIN_TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// Longest time of looking without sleeping after a turn with work.
pub const BUSY_POLL_MAX: Duration = Duration::from_secs(1);

/// What a host is told besides its sessions.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// The journal, which is gone on with or begun.
    pub journal: JournalOptions,
    /// Where to listen.
    pub listen: Vec<Listen>,
    /// For each session that dials, the addresses of its peer, the primary first and at most
    /// [`ADDRESSES_MAX`]; which one is dialed is the session's to say.
    pub peers: BTreeMap<SessionIndex, Vec<Peer>>,
    /// Bounds of the sockets.
    pub net: NetOptions,
    /// Bounds of the clock; without any it is not watched.
    pub clock: Option<ClockLimits>,
    /// The largest step of the wall clock that is followed at once.
    pub clock_step_max: Duration,
    /// Time for every session to be logged out at the end.
    pub drain_timeout: Duration,
    /// When the trading day is over, and a person is told if the host still runs.
    pub day_end: Option<Ts>,
    /// Time after a turn with work in which the sockets are looked at without sleeping, at most
    /// [`BUSY_POLL_MAX`]; a core is kept busy for as long. Zero sleeps at once.
    pub busy_poll: Duration,
}

impl HostOptions {
    /// Returns the options of a host on a journal that listens nowhere and dials nobody.
    pub fn new(journal: JournalOptions) -> Self {
        Self {
            journal,
            listen: Vec::new(),
            peers: BTreeMap::new(),
            net: NetOptions::default(),
            clock: None,
            clock_step_max: CLOCK_STEP_MAX_DEFAULT,
            drain_timeout: DRAIN_TIMEOUT_DEFAULT,
            day_end: None,
            busy_poll: Duration::ZERO,
        }
    }
}

/// A host that is ready to run.
pub struct Host<A: Hosted> {
    work: Loop<A>,
    handle: HostHandle<A>,
}

impl<A: Hosted> Host<A> {
    /// Opens the journal, folds it into the application, then opens the sockets.
    ///
    /// Nothing is accepted while the journal is folded; a port that is taken is told before.
    /// `log` hears how the folding goes.
    pub fn open(
        options: HostOptions,
        settings: Settings,
        application: A,
        clock: Box<dyn Clock>,
        log: Log,
    ) -> Result<Self, HostError> {
        Self::open_on(Arc::new(Disk), options, settings, application, clock, log)
    }
    /// Returns how other threads reach the host.
    pub fn handle(&self) -> HostHandle<A> {
        self.handle.clone()
    }
    /// Runs until [`HostHandle::drain`] or [`HostHandle::stop`]; the journal is then closed.
    pub fn run(self) -> Result<(), HostError> {
        self.work.run()
    }
    /// Runs on a thread of its own.
    #[expect(clippy::type_complexity, reason = "the handle of a thread says what it returns")]
    pub fn spawn(self) -> Result<(HostHandle<A>, JoinHandle<Result<(), HostError>>), HostError> {
        let handle = self.handle();
        let thread = thread::Builder::new().name("host".to_owned()).spawn(move || self.run());
        Ok((handle, thread.map_err(HostError::Thread)?))
    }

    /// Opens a host whose journal is written to `storage`.
    pub(super) fn open_on(
        storage: Arc<dyn Storage>,
        options: HostOptions,
        mut settings: Settings,
        application: A,
        mut clock: Box<dyn Clock>,
        mut log: Log,
    ) -> Result<Self, HostError> {
        check_peers(&options, &settings)?;
        name_addresses(&options, &mut settings);
        options.listen.iter().try_for_each(Listen::probe)?;
        // The settings are refused beyond `SESSIONS_MAX`, which a `u16` holds.
        let session_count = u16::try_from(settings.sessions.len()).unwrap_or(u16::MAX);
        let day_before = application.day_before();
        let mut endpoint = Endpoint::new(settings, application)?;
        let (journal, recovered) =
            fold(storage, options.journal, day_before, &mut endpoint, &mut log)?;
        let has_records = recovered.is_some_and(|found| found.records > 0);
        log(&HostEvent::Folded(recovered));
        let floor = journal.last_ts().map(|ts| Ts::from_nanos(ts.nanos()));
        let reading = clock.read();
        check_behind(floor, reading.wall_ns)?;
        let watch = watch(options.clock, &mut *clock, reading.monotonic_ns, has_records)?;
        let sockets = Sockets::open(options.listen, options.net)?;
        let addresses = sockets.addresses();
        addresses.iter().for_each(|at| log(&HostEvent::Listening { address: *at }));
        let shared = Arc::new(Shared::new(sockets.waker(), addresses));
        if let Some(watch) = &watch {
            let told = HostEvent::ClockChecked(watch.status().fitness.clone());
            log(&told);
            shared.status().show_clock(watch, Some(&told));
        }
        let (requests, asked): (_, Receiver<Request<A>>) = sync_channel(REQUESTS_MAX);
        let handle = HostHandle { requests, shared: Arc::clone(&shared) };
        let work = Loop {
            endpoint,
            sockets,
            journal,
            time: SteadyTime::new(reading, floor, options.clock_step_max),
            clock,
            watch,
            log,
            asked,
            shared,
            peers: options.peers,
            drill: None,
            session_count,
            drain_timeout: options.drain_timeout,
            // A host that starts behind the end settles an old day, as it was asked to.
            day_end: options.day_end.filter(|end| reading.wall_ns < end.nanos()),
            busy_poll: options.busy_poll.min(BUSY_POLL_MAX),
            worked: None,
            drain_deadline: None,
            settle_deadline: None,
            turn: Turn::new(),
            answers: Vec::new(),
        };
        Ok(Self { work, handle })
    }
}

/// Refuses a clock that is behind the last record by more than it can be waited for.
fn check_behind(last: Option<Ts>, wall_ns: i64) -> Result<(), HostError> {
    let by_ns = last.map_or(0, |last| last.nanos().saturating_sub(wall_ns));
    let max_ns = nanos(CLOCK_BEHIND_MAX);
    if by_ns > max_ns { Err(HostError::ClockBehind { by_ns, max_ns }) } else { Ok(()) }
}

/// Holds the clock against its bounds, if it has any; a day that has records goes on in any case.
fn watch(
    limits: Option<ClockLimits>,
    clock: &mut dyn Clock,
    monotonic_ns: i64,
    has_records: bool,
) -> Result<Option<OffsetWatch>, HostError> {
    let Some(limits) = limits else {
        return Ok(None);
    };
    let watch = OffsetWatch::new(limits, clock, monotonic_ns);
    match watch.refusal().filter(|_| !has_records) {
        Some(found) => Err(HostError::ClockUnfit(found.clone())),
        None => Ok(Some(watch)),
    }
}

fn check_peers(options: &HostOptions, settings: &Settings) -> Result<(), HostError> {
    for (index, session) in (0..).map(SessionIndex::new).zip(&settings.sessions) {
        let found = options.peers.get(&index).map_or(0, Vec::len);
        if matches!(session.role, Role::Initiator(_)) && !(1..=ADDRESSES_MAX).contains(&found) {
            return Err(HostError::Peers { session: index, max: ADDRESSES_MAX, found });
        }
    }
    Ok(())
}

/// Tells each session that dials how many addresses its peer has, and how people know them.
fn name_addresses(options: &HostOptions, settings: &mut Settings) {
    for (index, session) in (0..).map(SessionIndex::new).zip(&mut settings.sessions) {
        let peers = options.peers.get(&index).into_iter().flatten();
        session.addresses = peers.map(Peer::to_string).collect();
    }
}

fn fold<A: Hosted>(
    storage: Arc<dyn Storage>,
    options: JournalOptions,
    day_before: Option<Box<dyn DayBefore>>,
    endpoint: &mut Endpoint<A>,
    log: &mut Log,
) -> Result<(JournalWriter, Option<Recovered>), HostError> {
    let mut folding = Folding { day_before, endpoint, log, records: 0 };
    let opened = catch_unwind(AssertUnwindSafe(|| open_day(options, storage, &mut folding)));
    opened.unwrap_or_else(|panic| Err(HostError::Invariant { text: said(&*panic), last_seq: None }))
}

/// Returns what a panic said.
pub(crate) fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}
