//! A host on a thread of its own, and what those who started it can know of it.
//!
//! Refuses to lose its end: whether it was drained, stopped, refused, failed or halted is told with
//! the reason. What is told in between waits in a bounded queue; when nobody looks, the oldest
//! lines are dropped and counted.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::host::{Host, HostError, HostEvent, HostHandle, Hosted, Log, said};

/// Lines that wait to be looked at.
pub const TOLD_MAX: usize = 1_024;

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It folds its journal and opens its ports.
    Recovering,
    /// It serves its sessions.
    Running,
    /// It takes nothing new and logs its sessions out.
    Draining,
    /// It has ended.
    Ended,
}

impl Phase {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recovering => "recovering",
            Self::Running => "running",
            Self::Draining => "draining",
            Self::Ended => "ended",
        }
    }
}

/// How a process has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// In good order, as it was asked to.
    Drained,
    /// At once, as it was asked to.
    Stopped,
    /// As it was asked to, with orders open that a drain would have ended.
    Unsettled,
    /// Its settings, or the day of its journal, are not in order.
    Refused,
    /// A file, the disk, the journal or a port failed.
    Failed,
    /// An invariant broke.
    Halted,
}

impl Outcome {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drained => "drained",
            Self::Stopped => "stopped",
            Self::Unsettled => "unsettled",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Halted => "halted",
        }
    }
    /// Returns the outcome of an error.
    pub const fn of(why: &HostError) -> Self {
        match why {
            HostError::Settings(_) | HostError::Peers { .. } | HostError::NotBegun(_) => {
                Self::Refused
            }
            HostError::Unsettled { .. } => Self::Unsettled,
            HostError::Open(_)
            | HostError::Fold { .. }
            | HostError::NotFollowed { .. }
            | HostError::ClockBehind { .. }
            | HostError::ClockUnfit(_)
            | HostError::Net(_)
            | HostError::Thread(_)
            | HostError::Journal { .. } => Self::Failed,
            HostError::Invariant { .. } => Self::Halted,
        }
    }
}

/// One line about what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Name of what happened.
    pub name: &'static str,
    /// In words.
    pub text: String,
    /// Whether a person should act on it.
    pub alert: bool,
}

/// A process at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What it is doing.
    pub phase: Phase,
    /// How it has ended, and the reason where there is one.
    pub outcome: Option<(Outcome, Option<String>)>,
    /// What was told since the last look.
    pub told: Vec<Told>,
}

struct State<A: Hosted> {
    phase: Phase,
    outcome: Option<(Outcome, Option<String>)>,
    told: VecDeque<Told>,
    dropped: u64,
    changed: bool,
    handle: Option<HostHandle<A>>,
    wish: Wish,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wish {
    Run,
    Drain,
    Stop,
}

struct Shared<A: Hosted> {
    state: Mutex<State<A>>,
    news: Condvar,
}

impl<A: Hosted> Shared<A> {
    fn state(&self) -> MutexGuard<'_, State<A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn tell(&self, change: impl FnOnce(&mut State<A>)) {
        let mut state = self.state();
        change(&mut state);
        state.changed = true;
        self.news.notify_all();
    }
}

/// A host on a thread of its own; clones are the same.
pub struct Process<A: Hosted>(Arc<Shared<A>>);

impl<A: Hosted> Clone for Process<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Hosted> Process<A> {
    /// Opens a host on a thread of its own and runs it; `open` is given the log to open it with.
    ///
    /// Steps of the clock up to `clock_step_max_ns` are told, and no alert. `sessions` are the
    /// names by which what is told calls them.
    ///
    /// Returns an error only when the system has no thread.
    pub fn start(
        clock_step_max_ns: i64,
        sessions: Vec<String>,
        open: impl FnOnce(Log) -> Result<Host<A>, HostError> + Send + 'static,
    ) -> Result<Self, HostError> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                phase: Phase::Recovering,
                outcome: None,
                told: VecDeque::new(),
                dropped: 0,
                changed: true,
                handle: None,
                wish: Wish::Run,
            }),
            news: Condvar::new(),
        });
        let own = Arc::clone(&shared);
        let run = move || {
            let ran = catch_unwind(AssertUnwindSafe(|| {
                let host = open(log(&own, clock_step_max_ns, sessions))?;
                begin(&own, host.handle());
                host.run()
            }));
            end(
                &own,
                ran.unwrap_or_else(|panic| {
                    Err(HostError::Invariant { text: said(&*panic), last_seq: None })
                }),
            );
        };
        thread::Builder::new().name("host".to_owned()).spawn(run).map_err(HostError::Thread)?;
        Ok(Self(shared))
    }
    /// Returns the process once something has happened since the last look, or nothing after
    /// `timeout`.
    pub fn wait(&self, timeout: Duration) -> Option<Snapshot> {
        let state = self.0.state();
        let waited = self.0.news.wait_timeout_while(state, timeout, |state| !state.changed);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if !state.changed {
            return None;
        }
        state.changed = false;
        let mut told: Vec<Told> = state.told.drain(..).collect();
        let dropped = core::mem::take(&mut state.dropped);
        if dropped > 0 {
            let text = format!("{dropped} lines before these were dropped");
            told.insert(0, Told { name: "dropped", text, alert: true });
        }
        Some(Snapshot { phase: state.phase, outcome: state.outcome.clone(), told })
    }
    /// Returns the process as it is; what was told waits for the next [`Process::wait`].
    pub fn snapshot(&self) -> Snapshot {
        let state = self.0.state();
        Snapshot { phase: state.phase, outcome: state.outcome.clone(), told: Vec::new() }
    }
    /// Returns how the host is reached, once it runs.
    pub fn handle(&self) -> Option<HostHandle<A>> {
        self.0.state().handle.clone()
    }
    /// Asks for an end in good order; a host that is still being opened ends when it is.
    pub fn drain(&self) {
        self.ask(Wish::Drain);
    }
    /// Asks for an end at once; a host that is still being opened ends when it is.
    pub fn stop(&self) {
        self.ask(Wish::Stop);
    }
    fn ask(&self, wish: Wish) {
        let mut state = self.0.state();
        state.wish = state.wish.max(wish);
        carry_out(&state);
    }
}

fn carry_out<A: Hosted>(state: &State<A>) {
    match (&state.handle, state.wish) {
        (None, _) | (_, Wish::Run) => {}
        (Some(handle), Wish::Drain) => handle.drain(),
        (Some(handle), Wish::Stop) => handle.stop(),
    }
}

fn begin<A: Hosted>(shared: &Shared<A>, handle: HostHandle<A>) {
    shared.tell(|state| {
        state.phase = Phase::Running;
        state.handle = Some(handle);
        carry_out(state);
    });
}

fn end<A: Hosted>(shared: &Shared<A>, ran: Result<(), HostError>) {
    shared.tell(|state| {
        state.phase = Phase::Ended;
        state.handle = None;
        state.outcome = Some(match ran {
            Ok(()) if state.wish == Wish::Stop => (Outcome::Stopped, None),
            Ok(()) => (Outcome::Drained, None),
            Err(why) => (Outcome::of(&why), Some(why.to_string())),
        });
    });
}

fn log<A: Hosted>(shared: &Arc<Shared<A>>, clock_step_max_ns: i64, sessions: Vec<String>) -> Log {
    let shared = Arc::clone(shared);
    Box::new(move |event| {
        let is_small = matches!(event, HostEvent::ClockStepped(step)
            if !step.is_doubted
                && step.by_ns.checked_abs().is_some_and(|by_ns| by_ns <= clock_step_max_ns));
        let alert = event.is_alert() && !is_small;
        let told = Told { name: name(event), text: words(event, &sessions), alert };
        shared.tell(|state| {
            if matches!(event, HostEvent::Draining) {
                state.phase = Phase::Draining;
            }
            if state.told.len() >= TOLD_MAX {
                state.told.pop_front();
                state.dropped = state.dropped.saturating_add(1);
            }
            state.told.push_back(told);
        });
    })
}

/// Returns what happened in words, its session by name.
fn words(event: &HostEvent, sessions: &[String]) -> String {
    let session = match event {
        HostEvent::Dialed { session, .. } | HostEvent::DialFailed { session, .. } => Some(*session),
        HostEvent::Note(note) => note.session,
        HostEvent::Alert(alert) => alert.session,
        HostEvent::Folding { .. }
        | HostEvent::Folded(_)
        | HostEvent::DayEnded { .. }
        | HostEvent::CarriedOver { .. }
        | HostEvent::DayOver { .. }
        | HostEvent::Listening { .. }
        | HostEvent::Accepted { .. }
        | HostEvent::TurnedAway { .. }
        | HostEvent::Resting { .. }
        | HostEvent::Closing { .. }
        | HostEvent::Closed { .. }
        | HostEvent::ClockStepped(_)
        | HostEvent::ClockFollowed { .. }
        | HostEvent::ClockChecked(_)
        | HostEvent::Draining
        | HostEvent::NotSettled
        | HostEvent::DrainTimedOut { .. }
        | HostEvent::Ended { .. } => None,
    };
    let text = event.to_string();
    match session.and_then(|index| Some((index, sessions.get(index.index())?))) {
        Some((index, name)) => text.replacen(&format!("session {}", index.get()), name, 1),
        None => text,
    }
}

/// Returns the name of what happened, for lines that programs read.
const fn name(event: &HostEvent) -> &'static str {
    match event {
        HostEvent::Folding { .. } => "folding",
        HostEvent::Folded(_) => "folded",
        HostEvent::DayEnded { .. } => "day_ended",
        HostEvent::CarriedOver { .. } => "carried_over",
        HostEvent::DayOver { .. } => "day_over",
        HostEvent::Listening { .. } => "listening",
        HostEvent::Accepted { .. } => "accepted",
        HostEvent::TurnedAway { .. } => "turned_away",
        HostEvent::Resting { .. } => "resting",
        HostEvent::Dialed { .. } => "dialed",
        HostEvent::DialFailed { .. } => "dial_failed",
        HostEvent::Closing { .. } => "closing",
        HostEvent::Closed { .. } => "closed",
        HostEvent::Note(_) => "note",
        HostEvent::Alert(_) => "alert",
        HostEvent::ClockStepped(_) => "clock_stepped",
        HostEvent::ClockFollowed { .. } => "clock_followed",
        HostEvent::ClockChecked(_) => "clock_checked",
        HostEvent::Draining => "draining",
        HostEvent::NotSettled => "not_settled",
        HostEvent::DrainTimedOut { .. } => "drain_timed_out",
        HostEvent::Ended { .. } => "ended",
    }
}
