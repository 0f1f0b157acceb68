//! The loop: what came, what follows from it, what is durable, and only then what goes out.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use ringfence_fix::endpoint::{
    CloseReason, Effect, Endpoint, Recall, RecallError, SessionIndex, Turn,
};
use ringfence_fix::session::DrillTerms;
use ringfence_kernel::types::Ts;

use super::clock::{Clock, Shown, SteadyTime};
use super::handle::{DrillAnswer, Request, Shared, Wish};
use super::offset::{Look, OffsetWatch};
use super::start::said;
use super::{Counters, HostError, HostEvent, HostState, Hosted, Log};
use crate::journal::{self, JournalError, JournalWriter, Seq};
use crate::net::{Cut, NetEvent, Peer, Sockets};

/// Longest wait without a look at the clock and the journal.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// Shortest wait for a deadline, so that one that time has not quite reached is not asked for in
/// circles.
const WAIT_MIN: Duration = Duration::from_millis(1);
/// Part of the time of a drain in which what is open may be settled; the rest is for the logouts.
const SETTLING_PART: u32 = 2;
/// Requests taken in one turn.
const REQUESTS_PER_TURN_MAX: usize = 256;

/// Everything that the thread of a host owns.
pub(super) struct Loop<A: Hosted> {
    pub(super) endpoint: Endpoint<A>,
    pub(super) sockets: Sockets,
    pub(super) journal: JournalWriter,
    pub(super) time: SteadyTime,
    pub(super) clock: Box<dyn Clock>,
    pub(super) watch: Option<OffsetWatch>,
    pub(super) log: Log,
    pub(super) asked: Receiver<Request<A>>,
    pub(super) shared: Arc<Shared>,
    /// The addresses of each peer, its primary first.
    pub(super) peers: BTreeMap<SessionIndex, Vec<Peer>>,
    /// Who waits for the drill that runs.
    pub(super) drill: Option<SyncSender<DrillAnswer>>,
    pub(super) session_count: u16,
    pub(super) drain_timeout: Duration,
    /// When a person is told that the trading day is over.
    pub(super) day_end: Option<Ts>,
    pub(super) busy_poll: Duration,
    /// When the last turn with work ended, where that matters.
    pub(super) worked: Option<Instant>,
    pub(super) drain_deadline: Option<Instant>,
    /// Until when the application may settle what is open before everybody is logged out.
    pub(super) settle_deadline: Option<Instant>,
    pub(super) turn: Turn,
    /// Told once the turn is durable.
    pub(super) answers: Vec<(SyncSender<A::Answer>, A::Answer)>,
}

/// Reads the journal for resends.
struct JournalRecall<'a>(&'a mut JournalWriter);

impl Recall for JournalRecall<'_> {
    fn payload(&mut self, record: u64, out: &mut Vec<u8>) -> Result<(), RecallError> {
        let read = self.0.read_record(Seq::new(record), out).map(drop);
        read.map_err(|why| RecallError { record, text: why.to_string() })
    }
}

impl<A: Hosted> Loop<A> {
    /// Runs until an end was asked for or something failed.
    pub(super) fn run(mut self) -> Result<(), HostError> {
        let ran = catch_unwind(AssertUnwindSafe(|| self.turns()));
        // Whatever is still queued belongs to the past, or to a turn that is not durable.
        self.sockets.abandon();
        self.shared.status().state = HostState::Ended;
        let last_seq = self.journal.last_seq();
        match ran {
            Ok(Ok(())) => {}
            Ok(Err(why)) => return Err(why),
            Err(panic) => {
                return Err(HostError::Invariant { text: said(&*panic), last_seq });
            }
        }
        let closed = self.journal.close();
        closed.map_err(|why| HostError::Journal { why: Box::new(why), last_seq })?;
        (self.log)(&HostEvent::Ended { last_seq: last_seq.map_or(0, Seq::get) });
        match self.endpoint.application().unsettled_count() {
            0 => Ok(()),
            count => Err(HostError::Unsettled { count }),
        }
    }
    fn turns(&mut self) -> Result<(), HostError> {
        let now = self.look_at_clock();
        let started = Instant::now();
        self.endpoint.start(now, &mut self.turn);
        let begun = self
            .endpoint
            .act(now, &mut self.turn, |application, context| application.begin(context));
        begun.map_err(HostError::NotBegun)?;
        self.settle(now, started, Counters::default())?;
        loop {
            self.wait()?;
            let started = Instant::now();
            let mut counted = Counters::default();
            let taken = self.endpoint.taken_count();
            let now = self.look_at_clock();
            self.take_events(now, &mut counted);
            self.take_requests(now, &mut counted);
            if self.endpoint.next_deadline().is_some_and(|due| due <= now) {
                let mut recall = JournalRecall(&mut self.journal);
                self.endpoint.tick(now, &mut recall, &mut self.turn);
            }
            self.notice_day_end(now, &mut counted);
            self.begin_drain(now);
            counted.messages_in = self.endpoint.taken_count().saturating_sub(taken);
            self.settle(now, started, counted)?;
            if self.is_over() {
                return Ok(());
            }
        }
    }
    /// Waits until something happens or is due; looks without sleeping for a while after work.
    fn wait(&mut self) -> Result<(), HostError> {
        let (patience, began) = (self.patience(self.time.last()), Instant::now());
        while self.worked.is_some_and(|worked| worked.elapsed() < self.busy_poll) {
            if self.sockets.wait(Duration::ZERO)? || began.elapsed() >= patience {
                return Ok(());
            }
        }
        self.worked = None;
        self.sockets.wait(patience)?;
        Ok(())
    }
    fn look_at_clock(&mut self) -> Ts {
        let reading = self.clock.read();
        self.watch_offset(reading.monotonic_ns);
        let (now, shown) = self.time.take(reading);
        let told = match shown {
            Shown::Even => return now,
            Shown::Step(step) => HostEvent::ClockStepped(step),
            Shown::Proved(ahead_ns) => HostEvent::ClockFollowed { ahead_ns },
        };
        (self.log)(&told);
        let counters = &mut self.shared.status().counters;
        counters.alerts = counters.alerts.saturating_add(1);
        if let Shown::Step(step) = shown {
            counters.clock_steps = counters.clock_steps.saturating_add(1);
            self.endpoint.act(now, &mut self.turn, |application, context| {
                application.clock_stepped(step, context);
            });
        }
        now
    }
    /// Holds the clock against its bounds when it is time to, and tells what has changed.
    fn watch_offset(&mut self, monotonic_ns: i64) {
        let Some(watch) = &mut self.watch else {
            return;
        };
        let told = match watch.look(&mut *self.clock, monotonic_ns) {
            Look::NotDue => return,
            Look::AsTold => None,
            Look::Changed(found) => Some(HostEvent::ClockChecked(found)),
        };
        if let Some(told) = &told {
            (self.log)(told);
        }
        self.shared.status().show_clock(watch, told.as_ref());
    }
    fn patience(&self, now: Ts) -> Duration {
        let due = self.endpoint.next_deadline();
        let wait = due.map_or(WAIT_MAX, |due| match due.nanos().saturating_sub(now.nanos()) {
            left @ 1.. => Duration::from_nanos(left.unsigned_abs()).max(WAIT_MIN),
            _ => Duration::ZERO,
        });
        let drain = self
            .settle_deadline
            .or(self.drain_deadline)
            .map(|deadline| deadline.saturating_duration_since(Instant::now()).max(WAIT_MIN));
        wait.min(WAIT_MAX).min(drain.unwrap_or(WAIT_MAX))
    }
    fn take_events(&mut self, now: Ts, counted: &mut Counters) {
        let Self { endpoint, sockets, journal, turn, .. } = self;
        while let Some(event) = sockets.next_event() {
            let told = match event {
                NetEvent::Received { connection, bytes } => {
                    counted.bytes_in = plus(counted.bytes_in, bytes.len());
                    let mut recall = JournalRecall(journal);
                    endpoint.received(connection, bytes, now, &mut recall, turn);
                    continue;
                }
                NetEvent::Accepted { connection, peer } => {
                    counted.accepted += 1;
                    endpoint.accepted(connection, now, turn);
                    HostEvent::Accepted { connection, peer }
                }
                NetEvent::Dialed { session, connection, peer } => {
                    counted.dialed += 1;
                    endpoint.dialed(session, connection, now, turn);
                    HostEvent::Dialed { session, connection, peer }
                }
                NetEvent::DialFailed { session, why } => {
                    counted.dials_failed += 1;
                    endpoint.dial_failed(session, &why, now, turn);
                    HostEvent::DialFailed { session, why }
                }
                NetEvent::Closed { connection, peer, why } => {
                    match why {
                        Cut::Lost(_) => counted.lost += 1,
                        Cut::SlowReader { .. } => counted.slow_readers += 1,
                    }
                    endpoint.closed(connection, now, turn);
                    HostEvent::Closed { connection, peer, why }
                }
                NetEvent::TurnedAway { count, peer, why } => {
                    counted.turned_away += count;
                    HostEvent::TurnedAway { count, peer, why }
                }
                NetEvent::Resting { address, why } => HostEvent::Resting { address, why },
            };
            counted.alerts += u64::from(told.is_alert());
            (self.log)(&told);
        }
    }
    fn take_requests(&mut self, now: Ts, counted: &mut Counters) {
        for _ in 0..REQUESTS_PER_TURN_MAX {
            match self.asked.try_recv() {
                Ok(Request::Command(command, answer)) => {
                    counted.commands += 1;
                    let told = self.endpoint.act(now, &mut self.turn, |application, context| {
                        application.command(command, context)
                    });
                    self.answers.push((answer, told));
                }
                Ok(Request::Redial(session, answer)) => {
                    // Who asked may have lost interest.
                    let _ = answer.send(self.endpoint.redial(session, now, &mut self.turn));
                }
                Ok(Request::Sessions(answer)) => {
                    let sessions = (0..self.session_count).map(SessionIndex::new);
                    let statuses = sessions.filter_map(|session| self.endpoint.status(session));
                    let _ = answer.send(statuses.collect());
                }
                Ok(Request::Drill(session, terms, answer)) => {
                    self.begin_drill(session, terms, answer, now);
                }
                Err(_) => return,
            }
        }
        // There may be more, and the waker has been heard.
        self.shared.wake();
    }
    fn notice_day_end(&mut self, now: Ts, counted: &mut Counters) {
        if self.drain_deadline.is_none() && self.day_end.is_some_and(|end| end <= now) {
            self.day_end = None;
            counted.alerts += 1;
            (self.log)(&HostEvent::DayOver { trade_date: self.journal.options().trade_date });
        }
    }
    fn begin_drill(
        &mut self,
        session: SessionIndex,
        terms: DrillTerms,
        answer: SyncSender<DrillAnswer>,
        now: Ts,
    ) {
        match self.endpoint.drill(session, terms, now, &mut self.turn) {
            Ok(()) => self.drill = Some(answer),
            Err(why) => drop(answer.send(Err(why))),
        }
    }
    fn begin_drain(&mut self, now: Ts) {
        if self.shared.wish() == Wish::Drain && self.drain_deadline.is_none() {
            let began = Instant::now();
            self.drain_deadline = Some(began + self.drain_timeout);
            self.settle_deadline = Some(began + self.drain_timeout / SETTLING_PART);
            (self.log)(&HostEvent::Draining);
            self.sockets.stop_listening();
            self.endpoint.drain(now, &mut self.turn);
        }
        if self.settle_deadline.is_some_and(|until| Instant::now() >= until) {
            self.settle_deadline = None;
            if self.endpoint.is_settling() {
                (self.log)(&HostEvent::NotSettled);
                self.endpoint.log_out_all(now, &mut self.turn);
            }
        }
    }
    fn is_over(&mut self) -> bool {
        if self.shared.wish() == Wish::Stop {
            return true;
        }
        let Some(deadline) = self.drain_deadline else {
            return false;
        };
        if self.endpoint.is_drained() && self.sockets.is_empty() {
            return true;
        }
        let is_late = Instant::now() >= deadline;
        if is_late {
            (self.log)(&HostEvent::DrainTimedOut { connections: self.sockets.len() });
        }
        is_late
    }
    /// Makes the turn durable, then lets its effects out.
    fn settle(
        &mut self,
        now: Ts,
        started: Instant,
        mut counted: Counters,
    ) -> Result<(), HostError> {
        let last_seq = self.journal.last_seq();
        let began = Instant::now();
        let written = self.write(now, &mut counted);
        written.map_err(|why| HostError::Journal { why: Box::new(why), last_seq })?;
        let commit_ns = elapsed_ns(began);
        self.let_out(&mut counted);
        self.sockets.flush();
        for (answer, told) in self.answers.drain(..) {
            // Who asked may have lost interest.
            let _ = answer.send(told);
        }
        if let Some(report) = self.endpoint.take_drilled()
            && let Some(answer) = self.drill.take()
        {
            // Likewise.
            let _ = answer.send(Ok(report));
        }
        let records = u64::try_from(self.turn.record_count()).unwrap_or(u64::MAX);
        let is_idle = counted == Counters::default() && self.turn.is_empty();
        self.turn.clear();
        if !is_idle && !self.busy_poll.is_zero() {
            self.worked = Some(Instant::now());
        }
        self.note(&counted, is_idle, (records, commit_ns), elapsed_ns(started));
        Ok(())
    }
    /// Appends and commits the records; also with none, to hear of a sync that failed.
    fn write(&mut self, now: Ts, counted: &mut Counters) -> Result<(), JournalError> {
        let ts = journal::Ts::from_nanos(now.nanos());
        for payload in self.turn.records() {
            // A full batch goes first; its effects wait with the others.
            if !self.journal.has_room(payload.len()) {
                self.journal.commit()?;
            }
            self.journal.append(ts, payload)?;
            counted.records += 1;
        }
        self.journal.commit().map(drop)
    }
    fn let_out(&mut self, counted: &mut Counters) {
        let Self { sockets, turn, peers, log, .. } = self;
        for effect in turn.effects() {
            match effect {
                Effect::Write { connection, bytes } => {
                    let bytes = turn.bytes(bytes);
                    if sockets.send(*connection, bytes) {
                        counted.messages_out += 1;
                        counted.bytes_out = plus(counted.bytes_out, bytes.len());
                    } else {
                        counted.bytes_unsent = plus(counted.bytes_unsent, bytes.len());
                    }
                }
                Effect::Close { connection, why } => {
                    counted.closed_by_us += 1;
                    log(&HostEvent::Closing { connection: *connection, why: *why });
                    // A stranger of many was sent nothing that needs time to arrive.
                    if *why == CloseReason::Busy {
                        sockets.discard(*connection);
                    } else {
                        sockets.close(*connection);
                    }
                }
                Effect::Dial { session, address } => {
                    let peer = peers.get(session).and_then(|peers| peers.get(address.index()));
                    if let Some(peer) = peer {
                        sockets.dial(*session, peer);
                    }
                }
                Effect::Note(note) => log(&HostEvent::Note(note.clone())),
                Effect::Alert(alert) => {
                    counted.alerts += 1;
                    log(&HostEvent::Alert(alert.clone()));
                }
            }
        }
    }
    fn note(
        &self,
        counted: &Counters,
        is_idle: bool,
        (records, commit_ns): (u64, u64),
        turn_ns: u64,
    ) {
        let (waiting_bytes, waiting_bytes_max) = self.sockets.waiting_bytes();
        let mut status = self.shared.status();
        status.state =
            if self.drain_deadline.is_some() { HostState::Draining } else { HostState::Running };
        status.last_seq = self.journal.last_seq().map_or(0, Seq::get);
        status.synced_seq = self.journal.synced_seq().map_or(0, Seq::get);
        status.connections = self.sockets.len();
        (status.waiting_bytes, status.waiting_bytes_max) = (waiting_bytes, waiting_bytes_max);
        status.counters.add(counted);
        if records > 0 {
            status.commit_records.record(records);
            status.commit_ns.record(commit_ns);
        }
        if !is_idle {
            status.counters.turns = status.counters.turns.saturating_add(1);
            status.turn_ns.record(turn_ns);
        }
    }
}

fn plus(count: u64, more: usize) -> u64 {
    count.saturating_add(u64::try_from(more).unwrap_or(u64::MAX))
}

fn elapsed_ns(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
