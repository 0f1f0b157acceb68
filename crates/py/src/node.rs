//! A gateway node as a Python class.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_node::gateway::{GatewayNode, INPUTS_MAX, NodeAnswer, NodeCommand};
use ringfence_node::host::{Clock, ClockLimits, Host, SystemClock, Unfit};
use ringfence_node::jsonl::LineError;
use ringfence_node::settings::{NodeSettings, Secrets, live_inputs};
use serde_json::json;

use crate::convert::hexadecimal;
use crate::process::{Begun, asked, counters, extend, told};
use crate::{InputError, JournalError, convert};

/// Return why a day should not begin with the clock of this machine, or None if it may.
///
/// The bounds are nanoseconds: of offset and estimated error together, and of the maximum error.
#[pyfunction]
pub(crate) fn unfit_clock(offset_max_ns: i64, error_max_ns: i64) -> Option<String> {
    let limits =
        ClockLimits { offset_max_ns, error_max_ns, check_every_ns: 1, unfit: Unfit::Refuse };
    let found = limits.judge(&SystemClock::default().discipline());
    (!found.is_fit()).then(|| found.to_string())
}

/// A gateway node; `start` begins it, and any thread may call the rest.
#[pyclass(module = "ringfence._core", frozen)]
pub(crate) struct Node {
    sessions: Vec<String>,
    settings: Mutex<Option<NodeSettings>>,
    begun: Begun<GatewayNode>,
}

#[pymethods]
impl Node {
    #[new]
    fn new(py: Python<'_>, settings: String, secrets: BTreeMap<String, String>) -> PyResult<Self> {
        let secrets = Secrets::new(secrets);
        let settings = py
            .detach(|| NodeSettings::read(&settings, &secrets))
            .map_err(|why| InputError::new_err((why.to_string(), None::<u64>)))?;
        let links = settings.process.links.iter();
        let sessions = links.map(|link| link.name.clone()).collect();
        Ok(Self { sessions, settings: Mutex::new(Some(settings)), begun: Begun::new() })
    }
    /// Open the journal and the ports on a thread of its own; `wait` tells how it goes.
    fn start(&self) -> PyResult<()> {
        let settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner).take();
        let settings = settings.ok_or_else(|| JournalError::new_err("it was started before"))?;
        let step_max_ns = settings.clock_step_max_ns;
        self.begun.start(step_max_ns, self.sessions.clone(), move |log| {
            let NodeSettings { process, definitions, inputs, gateway, .. } = settings;
            let node = GatewayNode::new(gateway, definitions, inputs);
            Host::open(process.host, process.sessions, node, Box::new(SystemClock::default()), log)
        })
    }
    /// Return the status once something has happened, or None after `timeout_ms`.
    fn wait<'py>(&self, py: Python<'py>, timeout_ms: u64) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.begun.wait(py, timeout_ms)
    }
    /// Return the status: phase, counters of the host, the kernel's step, each session.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let process = self.begun.process()?;
        let mut status = told(&process.snapshot());
        if let Some(handle) = process.handle() {
            let shown = py.detach(|| asked(&handle, NodeCommand::Show));
            extend(&mut status, counters(&handle.status()));
            if let Ok(NodeAnswer::Shown(node)) = shown {
                let names = self.sessions.iter().zip(&node.sessions_up);
                let sessions = names.map(|(name, up)| json!({ "name": name, "up": up }));
                let own = json!({
                    "step": node.step,
                    "open_orders": node.open_orders,
                    "sessions": sessions.collect::<Vec<_>>(),
                });
                extend(&mut status, own);
            }
        }
        convert::python(py, &status)
    }
    /// Decide inputs, lines of JSON without times; return the events as lines, once durable.
    fn send<'py>(&self, py: Python<'py>, lines: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let refused = |why: LineError| InputError::new_err((why.message, Some(why.line)));
        let handle = self.begun.handle()?;
        let answer = py.detach(|| {
            let inputs = live_inputs(lines).map_err(refused)?;
            asked(&handle, NodeCommand::Inputs(inputs)).map_err(JournalError::new_err)
        });
        match answer? {
            NodeAnswer::Events(events) => Ok(PyBytes::new(py, events.as_bytes())),
            NodeAnswer::TooMany | NodeAnswer::Shown(_) | NodeAnswer::Digested(..) => {
                let message = format!("expected at most {INPUTS_MAX} inputs");
                Err(InputError::new_err((message, None::<u64>)))
            }
        }
    }
    /// Return the kernel's step and the SHA-256 digest of its state after it, hexadecimal.
    fn state_hash(&self, py: Python<'_>) -> PyResult<(u64, String)> {
        let handle = self.begun.handle()?;
        match py.detach(|| asked(&handle, NodeCommand::Digest)).map_err(JournalError::new_err)? {
            NodeAnswer::Digested(step, digest) => Ok((step, hexadecimal(&digest))),
            NodeAnswer::TooMany | NodeAnswer::Shown(_) | NodeAnswer::Events(_) => {
                Err(JournalError::new_err("the loop answered something else"))
            }
        }
    }
    /// Take nothing new, settle what is open, log everybody out, and end.
    fn drain(&self) -> PyResult<()> {
        self.begun.process()?.drain();
        Ok(())
    }
    /// End at once; what is durable stays.
    fn stop(&self) -> PyResult<()> {
        self.begun.process()?.stop();
        Ok(())
    }
}
