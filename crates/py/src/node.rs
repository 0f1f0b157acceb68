//! A gateway node as a Python class.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_fix::endpoint::SessionIndex;
use ringfence_fix::session::DrillTerms;
use ringfence_node::gateway::{GatewayNode, INPUTS_MAX, NodeAnswer, NodeCommand};
use ringfence_node::host::{Clock, ClockLimits, Host, SystemClock, Unfit};
use ringfence_node::jsonl::LineError;
use ringfence_node::settings::{NodeSettings, Secrets, live_inputs};
use serde_json::json;

use crate::convert::hexadecimal;
use crate::drill::Route;
use crate::process::{Begun, asked, counters, extend, sessions, told};
use crate::{InputError, JournalError, convert, drill};

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
    routes: Vec<Option<Route>>,
    settings: Mutex<Option<NodeSettings>>,
    begun: Begun<GatewayNode>,
}

impl Node {
    /// Returns the place of the session called `name`.
    fn session(&self, name: &str) -> Option<SessionIndex> {
        let place = self.sessions.iter().position(|known| known == name)?;
        u16::try_from(place).ok().map(SessionIndex::new)
    }
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
        let routes = drill::routes(&settings.process);
        Ok(Self { sessions, routes, settings: Mutex::new(Some(settings)), begun: Begun::new() })
    }
    /// Open the journal and the ports on a thread of its own; `wait` tells how it goes.
    fn start(&self) -> PyResult<()> {
        let settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner).take();
        let settings = settings.ok_or_else(|| JournalError::new_err("it was started before"))?;
        let step_max_ns = settings.clock_step_max_ns;
        self.begun.start(step_max_ns, self.sessions.clone(), move |log| {
            let NodeSettings { process, definitions, inputs, gateway, opening, .. } = settings;
            let node = GatewayNode::new(gateway, definitions, inputs).with_opening(opening);
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
            let stand = py.detach(|| sessions(&handle));
            if let (Ok(NodeAnswer::Shown(node)), Ok(stand)) = (shown, stand) {
                let names = self.sessions.iter().zip(&self.routes);
                let rows = names.zip(&node.sessions_up).zip(stand);
                let sessions = rows.map(|(((name, route), up), stand)| {
                    drill::session_row(name, *up, stand, route.as_ref())
                });
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
    /// Try each backup of a venue's session and return how it went, once the primary is back.
    ///
    /// With `plan_only` nothing is touched. InputError says why a drill does not begin.
    fn drill<'py>(
        &self,
        py: Python<'py>,
        session: &str,
        timeout_ms: u32,
        with_open_orders: bool,
        plan_only: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let refused = |why: String| InputError::new_err((format!("{session}: {why}"), None::<u64>));
        let index = self.session(session);
        let route = index.and_then(|index| self.routes.get(index.index())?.as_ref());
        let (Some(index), Some(route)) = (index, route) else {
            return Err(refused("expected a session that this node dials".to_owned()));
        };
        let timeout_ns = i64::from(timeout_ms).saturating_mul(1_000_000);
        let terms = DrillTerms { timeout_ns, with_open_orders, plan_only };
        let asked = self.begun.handle()?.drill(index, terms);
        let asked = asked.map_err(|why| JournalError::new_err(format!("not taken: {why:?}")))?;
        // It ends by its own time; when the process ends first, so does this.
        let answered = py.detach(move || asked.recv()).map_err(|_| {
            JournalError::new_err(format!("{session}: the process ended during the drill"))
        })?;
        let report = answered.map_err(|why| refused(why.to_string()))?;
        convert::python(py, &drill::report(session, &report, route))
    }
    /// Dial at once for a session that has given up or waits; return whether it did either.
    ///
    /// InputError for a session that this node has not, JournalError when the process has ended.
    fn redial(&self, py: Python<'_>, session: &str) -> PyResult<bool> {
        let Some(index) = self.session(session) else {
            let message = format!("expected a session of this node, found {session}");
            return Err(InputError::new_err((message, None::<u64>)));
        };
        let asked = self.begun.handle()?.redial(index);
        let asked = asked.map_err(|why| JournalError::new_err(format!("not taken: {why:?}")))?;
        let answered = py.detach(move || asked.recv());
        answered.map_err(|_| JournalError::new_err("the process ended before it answered"))
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
