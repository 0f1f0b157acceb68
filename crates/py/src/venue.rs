//! A simulated venue as a Python class.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use ringfence_fix::codec::Message;
use ringfence_fix::endpoint::{Application, Context, FoldError, SessionIndex};
use ringfence_kernel::types::Ts;
use ringfence_node::host::{CLOCK_STEP_MIN, Host, Hosted, SystemClock};
use ringfence_node::settings::Secrets;
use ringfence_sim::book::FastBook;
use ringfence_sim::exchange::{Liquidity, TapeLiquidity};
use ringfence_sim::venue::{Venue, VenueSettings};
use serde_json::{Value, json};

use crate::process::{Begun, asked, counters, extend, told};
use crate::tape::{AnyTape, Tape};
use crate::venue_books::Look;
use crate::venue_settings::{self, Read};
use crate::{InputError, JournalError, convert};

/// What another thread asks of a venue.
pub(crate) enum Command {
    /// A line of the grammar of faults is done.
    Fault(String),
    /// It says which sessions are logged on.
    Show(usize),
    /// It opens its books.
    Look(Look),
}

/// What it is told.
pub(crate) enum Answer {
    Done(Result<(), String>),
    Up { up: Vec<bool>, unknown: u64 },
    Seen(Value),
}

/// The venue behind a host.
pub(crate) struct HostedVenue(Venue<FastBook>);

impl Hosted for HostedVenue {
    type Command = Command;
    type Answer = Answer;

    fn command(&mut self, command: Command, context: &mut dyn Context) -> Answer {
        match command {
            Command::Fault(line) => {
                Answer::Done(self.0.command(&line, context).map_err(|why| why.to_string()))
            }
            Command::Show(count) => {
                let sessions = (0..u16::MAX).map(SessionIndex::new).take(count);
                let up = sessions.map(|session| context.is_up(session)).collect();
                Answer::Up { up, unknown: self.0.unknown_count() }
            }
            Command::Look(look) => Answer::Seen(look.at(&self.0)),
        }
    }
}

impl Application for HostedVenue {
    fn session_changed(&mut self, session: SessionIndex, is_up: bool, context: &mut dyn Context) {
        self.0.session_changed(session, is_up, context);
    }
    fn deliver(&mut self, session: SessionIndex, message: &Message<'_>, context: &mut dyn Context) {
        self.0.deliver(session, message, context);
    }
    fn tick(&mut self, context: &mut dyn Context) {
        self.0.tick(context);
    }
    fn due(&self) -> Option<Ts> {
        self.0.due()
    }
    fn fold(&mut self, ts: Ts, payload: &[u8]) -> Result<(), FoldError> {
        self.0.fold(ts, payload)
    }
    fn may_resend(&self, session: SessionIndex, msg_type: &str) -> bool {
        self.0.may_resend(session, msg_type)
    }
}

/// A simulated venue; `start` begins it, and any thread may call the rest.
#[pyclass(module = "ringfence._core", frozen)]
pub(crate) struct VenueServer {
    sessions: Vec<String>,
    read: Mutex<Option<(Read, Option<TapeLiquidity<AnyTape>>)>>,
    /// When the tape begins and when its first data comes, nanoseconds UTC.
    tape_times: Option<(i64, Option<i64>)>,
    begun: Begun<HostedVenue>,
}

#[pymethods]
impl VenueServer {
    /// `tape` is what the settings' `tape` says is followed; there is one exactly if they have it.
    #[new]
    #[pyo3(signature = (settings, secrets, tape=None))]
    fn new(
        py: Python<'_>,
        settings: String,
        secrets: BTreeMap<String, String>,
        tape: Option<PyRef<'_, Tape>>,
    ) -> PyResult<Self> {
        let refused = |why: String| InputError::new_err((why, None::<u64>));
        let secrets = Secrets::new(secrets);
        let read = py
            .detach(|| venue_settings::read(&settings, &secrets))
            .map_err(|why| refused(why.to_string()))?;
        if read.run.is_some() != tape.is_some() {
            return Err(refused("tape: expected one exactly if the settings follow one".into()));
        }
        // Made once to see whether its rules agree; the venue that runs is made on its thread.
        made(read.venue.clone()).map_err(refused)?;
        let links = read.process.links.iter();
        let sessions = links.map(|link| link.name.clone()).collect();
        let tape = tape.map(|tape| tape.taken()).zip(read.run);
        let (tape, tape_times) = py.detach(|| {
            let tape = tape.map(|(tape, run)| (TapeLiquidity::new(tape, run), run.starts));
            let times = tape
                .as_ref()
                .map(|(tape, starts)| (starts.nanos(), tape.next_due().map(Ts::nanos)));
            (tape.map(|(tape, _)| tape), times)
        });
        let read = Mutex::new(Some((read, tape)));
        Ok(Self { sessions, read, tape_times, begun: Begun::new() })
    }
    /// Return when the tape begins and when its first data comes, or None without a tape.
    ///
    /// Both are nanoseconds UTC; the second is None for a tape without data.
    const fn tape_times(&self) -> Option<(i64, Option<i64>)> {
        self.tape_times
    }
    /// Open the journal and the ports on a thread of its own; `wait` tells how it goes.
    fn start(&self) -> PyResult<()> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (read, tape) = read.ok_or_else(|| JournalError::new_err("it was started before"))?;
        let mut venue = made(read.venue).map_err(|why| InputError::new_err((why, None::<u64>)))?;
        if let Some(tape) = tape {
            venue.0.set_liquidity(Box::new(tape));
        }
        let step_max_ns = i64::try_from(CLOCK_STEP_MIN.as_nanos()).unwrap_or_default();
        self.begun.start(step_max_ns, self.sessions.clone(), move |log| {
            let (host, sessions) = (read.process.host, read.process.sessions);
            Host::open(host, sessions, venue, Box::new(SystemClock::default()), log)
        })
    }
    /// Return the status once something has happened, or None after `timeout_ms`.
    fn wait<'py>(&self, py: Python<'py>, timeout_ms: u64) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.begun.wait(py, timeout_ms)
    }
    /// Return the status: phase, counters of the host, each session.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let process = self.begun.process()?;
        let mut status = told(&process.snapshot());
        if let Some(handle) = process.handle() {
            let count = self.sessions.len();
            let shown = py.detach(|| asked(&handle, Command::Show(count)));
            extend(&mut status, counters(&handle.status()));
            if let Ok(Answer::Up { up, unknown }) = shown {
                let names = self.sessions.iter().zip(up);
                let sessions = names.map(|(name, up)| json!({ "name": name, "up": up }));
                let sessions = sessions.collect::<Vec<_>>();
                extend(&mut status, json!({ "sessions": sessions, "unknown_trades": unknown }));
            }
        }
        convert::python(py, &status)
    }
    /// Do what a line of the grammar of faults says; return what there is to say of it.
    fn fault(&self, py: Python<'_>, command: String) -> PyResult<String> {
        let handle = self.begun.handle()?;
        let answer = py.detach(|| asked(&handle, Command::Fault(command)));
        match answer.map_err(JournalError::new_err)? {
            Answer::Done(Err(why)) => Err(InputError::new_err((why, None::<u64>))),
            Answer::Done(Ok(())) | Answer::Up { .. } | Answer::Seen(_) => Ok(String::new()),
        }
    }
    /// Return `statement`, or a page of the `orders` or `trades` behind the number `after`.
    fn books<'py>(&self, py: Python<'py>, look: &str, after: u64) -> PyResult<Bound<'py, PyAny>> {
        let expected = || format!("expected statement, orders or trades, found {look:?}");
        let wanted = Look::read(look, after);
        let wanted = wanted.ok_or_else(|| InputError::new_err((expected(), None::<u64>)))?;
        let handle = self.begun.handle()?;
        let answer = py.detach(|| asked(&handle, Command::Look(wanted)));
        match answer.map_err(JournalError::new_err)? {
            Answer::Seen(seen) => convert::python(py, &seen),
            Answer::Done(_) | Answer::Up { .. } => {
                Err(JournalError::new_err("the loop answered something else"))
            }
        }
    }
    /// Log everybody out, and end.
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

fn made(settings: VenueSettings) -> Result<HostedVenue, String> {
    Venue::new(settings, FastBook::new).map(HostedVenue).map_err(|why| why.to_string())
}
