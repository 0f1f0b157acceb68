//! Processes: a gateway node on threads of its own.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_node::gateway::{GatewayNode, INPUTS_MAX, NodeAnswer, NodeCommand};
use ringfence_node::host::{Host, HostHandle, Hosted, Status, SystemClock};
use ringfence_node::process::{Process, Snapshot};
use ringfence_node::settings::{LinkSettings, NodeSettings, Secrets, live_inputs};
use serde_json::{Map, Value, json};

use crate::convert::{self, journal_error};
use crate::{InputError, JournalError};

/// How long an answer of the loop is waited for.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// A gateway node; `start` begins it, and any thread may call the rest.
#[pyclass(module = "ringfence._core", frozen)]
pub(crate) struct Node {
    links: Vec<LinkSettings>,
    settings: Mutex<Option<NodeSettings>>,
    process: Mutex<Option<Process<GatewayNode>>>,
}

#[pymethods]
impl Node {
    #[new]
    fn new(py: Python<'_>, settings: String, secrets: HashMap<String, String>) -> PyResult<Self> {
        let secrets = Secrets::new(secrets);
        let settings = py
            .detach(|| NodeSettings::read(&settings, &secrets))
            .map_err(|why| InputError::new_err((why.to_string(), None::<u64>)))?;
        Ok(Self {
            links: settings.process.links.clone(),
            settings: Mutex::new(Some(settings)),
            process: Mutex::new(None),
        })
    }
    /// Open the journal and the ports on a thread of its own; `wait` tells how it goes.
    fn start(&self) -> PyResult<()> {
        let settings = locked(&self.settings).take();
        let settings = settings.ok_or_else(|| JournalError::new_err("it was started before"))?;
        let step_max_ns = settings.clock_step_max_ns;
        let process = Process::start(step_max_ns, move |log| {
            let NodeSettings { process, definitions, inputs, gateway, .. } = settings;
            let node = GatewayNode::new(gateway, definitions, inputs);
            Host::open(process.host, process.sessions, node, Box::new(SystemClock::default()), log)
        });
        *locked(&self.process) = Some(process.map_err(journal_error)?);
        Ok(())
    }
    /// Return the status once something has happened, or None after `timeout_ms`.
    fn wait<'py>(&self, py: Python<'py>, timeout_ms: u64) -> PyResult<Option<Bound<'py, PyAny>>> {
        let process = self.process()?;
        let snapshot = py.detach(|| process.wait(Duration::from_millis(timeout_ms)));
        snapshot.map(|snapshot| convert::python(py, &told(&snapshot))).transpose()
    }
    /// Return the status: phase, counters of the host, the kernel's step, each session.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let process = self.process()?;
        let (snapshot, handle) = (process.snapshot(), process.handle());
        let mut status = told(&snapshot);
        if let Some(handle) = handle {
            let shown = py.detach(|| {
                let answer = asked(&handle, NodeCommand::Show);
                (handle.status(), answer)
            });
            extend(&mut status, counters(&shown.0));
            if let Ok(NodeAnswer::Shown(node)) = shown.1 {
                let names = self.links.iter().zip(&node.sessions_up);
                let rows = names.map(|(link, up)| json!({ "name": link.name, "up": up }));
                let sessions = rows.collect::<Vec<_>>();
                let own = json!({
                    "step": node.step, "open_orders": node.open_orders, "sessions": sessions,
                });
                extend(&mut status, own);
            }
        }
        convert::python(py, &status)
    }
    /// Decide inputs, lines of JSON without times; return the events as lines, once durable.
    fn send<'py>(&self, py: Python<'py>, lines: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let refused = |why: ringfence_node::jsonl::LineError| {
            InputError::new_err((why.message, Some(why.line)))
        };
        let handle = self.process()?.handle();
        let handle = handle.ok_or_else(|| JournalError::new_err("it does not run"))?;
        let answer = py.detach(|| {
            let inputs = live_inputs(lines).map_err(refused)?;
            asked(&handle, NodeCommand::Inputs(inputs)).map_err(JournalError::new_err)
        });
        match answer? {
            NodeAnswer::Events(events) => Ok(PyBytes::new(py, events.as_bytes())),
            NodeAnswer::TooMany | NodeAnswer::Shown(_) => {
                let message = format!("expected at most {INPUTS_MAX} inputs");
                Err(InputError::new_err((message, None::<u64>)))
            }
        }
    }
    /// Take nothing new, settle what is open, log everybody out, and end.
    fn drain(&self) -> PyResult<()> {
        self.process()?.drain();
        Ok(())
    }
    /// End at once; what is durable stays.
    fn stop(&self) -> PyResult<()> {
        self.process()?.stop();
        Ok(())
    }
}

impl Node {
    /// Returns the process; nobody holds the lock while something is waited for.
    fn process(&self) -> PyResult<Process<GatewayNode>> {
        let process = locked(&self.process).clone();
        process.ok_or_else(|| JournalError::new_err("it was not started"))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Returns the answer of the loop, or why there is none.
fn asked<A: Hosted>(handle: &HostHandle<A>, command: A::Command) -> Result<A::Answer, String> {
    let answered = handle.command(command);
    let answered = answered.map_err(|why| format!("the loop did not take a command: {why:?}"))?;
    answered
        .recv_timeout(ANSWER_TIMEOUT)
        .map_err(|why| format!("the loop did not answer, and may still act: {why}"))
}

fn told(snapshot: &Snapshot) -> Value {
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

fn extend(status: &mut Value, more: Value) {
    let more = if let Value::Object(more) = more { more } else { Map::new() };
    if let Value::Object(status) = status {
        status.extend(more);
    }
}

fn counters(status: &Status) -> Value {
    let counted = &status.counters;
    json!({
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
    })
}
