//! What nodes and venues share as Python objects: a process that is begun once and watched.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use ringfence_fix::endpoint::Status as SessionStatus;
use ringfence_node::host::{Discipline, Host, HostError, HostHandle, Hosted, Log, Status};
use ringfence_node::process::{Process, Snapshot};
use serde_json::{Map, Value, json};

use crate::JournalError;
use crate::convert::{self, journal_error};

/// How long an answer of the loop is waited for.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// A process that is begun at most once.
pub(crate) struct Begun<A: Hosted>(Mutex<Option<Process<A>>>);

impl<A: Hosted> Begun<A> {
    /// Returns one that was not begun.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }
    /// Begins it; steps of the clock up to `clock_step_max_ns` are no alerts.
    pub(crate) fn start(
        &self,
        clock_step_max_ns: i64,
        sessions: Vec<String>,
        open: impl FnOnce(Log) -> Result<Host<A>, HostError> + Send + 'static,
    ) -> PyResult<()> {
        let process = Process::start(clock_step_max_ns, sessions, open).map_err(journal_error)?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
        Ok(())
    }
    /// Returns the process; nobody holds the lock while something is waited for.
    pub(crate) fn process(&self) -> PyResult<Process<A>> {
        let process = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        process.ok_or_else(|| JournalError::new_err("it was not started"))
    }
    /// Returns its status once something has happened, or nothing after `timeout_ms`.
    pub(crate) fn wait<'py>(
        &self,
        py: Python<'py>,
        timeout_ms: u64,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let process = self.process()?;
        let snapshot = py.detach(|| process.wait(Duration::from_millis(timeout_ms)));
        snapshot.map(|snapshot| convert::python(py, &told(&snapshot))).transpose()
    }
    /// Returns how the loop is reached.
    pub(crate) fn handle(&self) -> PyResult<HostHandle<A>> {
        self.process()?.handle().ok_or_else(|| JournalError::new_err("it does not run"))
    }
}

/// Returns the answer of the loop, or why there is none.
pub(crate) fn asked<A: Hosted>(
    handle: &HostHandle<A>,
    command: A::Command,
) -> Result<A::Answer, String> {
    let answered = handle.command(command);
    let answered = answered.map_err(|why| format!("the loop did not take a command: {why:?}"))?;
    answered
        .recv_timeout(ANSWER_TIMEOUT)
        .map_err(|why| format!("the loop did not answer, and may still act: {why}"))
}

/// Returns where every session stands, or why nobody says.
pub(crate) fn sessions<A: Hosted>(handle: &HostHandle<A>) -> Result<Vec<SessionStatus>, String> {
    let asked = handle.sessions().map_err(|why| format!("the loop was not asked: {why:?}"))?;
    asked.recv_timeout(ANSWER_TIMEOUT).map_err(|why| format!("the loop did not answer: {why}"))
}

pub(crate) fn told(snapshot: &Snapshot) -> Value {
    let events = snapshot
        .told
        .iter()
        .map(|told| json!({ "name": told.name, "text": told.text, "alert": told.alert }));
    let events = events.collect::<Vec<_>>();
    let mut status = json!({ "phase": snapshot.phase.name(), "events": events });
    if let Some((outcome, error)) = &snapshot.outcome {
        extend(&mut status, json!({ "outcome": outcome.name(), "error": error }));
    }
    status
}

pub(crate) fn extend(status: &mut Value, more: Value) {
    let more = if let Value::Object(more) = more { more } else { Map::new() };
    if let Value::Object(status) = status {
        status.extend(more);
    }
}

pub(crate) fn counters(status: &Status) -> Value {
    let counted = &status.counters;
    let mut shown = json!({
        "last_seq": status.last_seq,
        "synced_seq": status.synced_seq,
        "connections": status.connections,
        "waiting_bytes": status.waiting_bytes,
        "turns": counted.turns,
        "records": counted.records,
        "messages_in": counted.messages_in,
        "messages_out": counted.messages_out,
        "bytes_in": counted.bytes_in,
        "bytes_out": counted.bytes_out,
        "accepted": counted.accepted,
        "turned_away": counted.turned_away,
        "dialed": counted.dialed,
        "dials_failed": counted.dials_failed,
        "lost": counted.lost,
        "slow_readers": counted.slow_readers,
        "alert_count": counted.alerts,
        "clock_steps": counted.clock_steps,
    });
    if let Some(clock) = &status.clock {
        let offset = match &clock.discipline {
            Discipline::Steered(offset) => Some(offset),
            Discipline::Unsteered | Discipline::Unreadable(_) => None,
        };
        let own = json!({
            "clock": clock.fitness.name(),
            "clock_offset_ns": offset.map(|offset| offset.offset_ns),
            "clock_est_error_ns": offset.map(|offset| offset.est_error_ns),
            "clock_max_error_ns": offset.map(|offset| offset.max_error_ns),
        });
        extend(&mut shown, own);
    }
    shown
}
