//! An application for tests: answers orders, takes notes into the journal, breaks when told.

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};

use ringfence_fix::codec::{Body, Message};
use ringfence_fix::endpoint::{Application, Context, FoldError, SessionIndex};
use ringfence_fix::tag;
use ringfence_kernel::types::Ts;
use ringfence_node::host::{ClockStep, DayBefore, Hosted};

/// What a test asks of the ledger.
pub(crate) enum Command {
    /// Write a note into the journal.
    Note(String),
    /// Say that the loop is held, and hold it until the test lets go.
    Hold(Sender<()>, Receiver<()>),
    /// Break an invariant.
    Break,
}

/// What happened, shared with the test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) notes: Arc<Mutex<Vec<String>>>,
    pub(crate) times: Arc<Mutex<Vec<Ts>>>,
    pub(crate) steps: Arc<Mutex<Vec<ClockStep>>>,
    /// Whether what is open at a drain never ends.
    pub(crate) never_settles: bool,
    /// Judge of the day before; without one any day may follow.
    pub(crate) judge: Option<Judge>,
}

/// A judge of the day before that hears its notes, and says what it is told to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judge {
    pub(crate) heard: Arc<Mutex<Vec<String>>>,
    /// A note with which no day may end.
    pub(crate) open: Option<String>,
}

impl DayBefore for Judge {
    fn take(&mut self, _: Ts, payload: &[u8]) -> Result<(), FoldError> {
        if !payload.is_empty() {
            self.heard.lock().unwrap().push(String::from_utf8_lossy(payload).into_owned());
        }
        Ok(())
    }
    fn may_end(&mut self) -> Result<Vec<String>, String> {
        let heard = self.heard.lock().unwrap().clone();
        match self.open.as_ref().filter(|open| heard.contains(open)) {
            Some(open) => Err(format!("{open} is open")),
            None => Ok(heard),
        }
    }
}

impl Ledger {
    pub(crate) fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap().clone()
    }
}

impl Application for Ledger {
    fn session_changed(&mut self, _: SessionIndex, _: bool, _: &mut dyn Context) {}
    fn deliver(&mut self, session: SessionIndex, message: &Message<'_>, context: &mut dyn Context) {
        let mut body = Body::new();
        body.put_some(tag::CL_ORD_ID, message.text(tag::CL_ORD_ID));
        body.put_some(tag::TEXT, message.text(tag::TEXT));
        context.send(session, "8", &body);
    }
    fn tick(&mut self, _: &mut dyn Context) {}
    fn due(&self) -> Option<Ts> {
        None
    }
    fn fold(&mut self, _: Ts, payload: &[u8]) -> Result<(), FoldError> {
        if payload == b"unfoldable" {
            return Err(FoldError { text: "expected a note".to_owned() });
        }
        if !payload.is_empty() {
            self.notes.lock().unwrap().push(String::from_utf8_lossy(payload).into_owned());
        }
        Ok(())
    }
    fn may_resend(&self, _: SessionIndex, _: &str) -> bool {
        true
    }
    fn is_drained(&self) -> bool {
        !self.never_settles
    }
}

impl Hosted for Ledger {
    type Command = Command;
    type Answer = usize;
    fn day_before(&self) -> Option<Box<dyn DayBefore>> {
        Some(Box::new(self.judge.clone()?))
    }
    fn unsettled_count(&self) -> usize {
        usize::from(self.never_settles)
    }
    fn command(&mut self, command: Command, context: &mut dyn Context) -> usize {
        self.times.lock().unwrap().push(context.now());
        match command {
            Command::Note(note) => {
                context.record(&mut |out| out.extend_from_slice(note.as_bytes()));
                self.notes.lock().unwrap().push(note);
            }
            Command::Hold(held, go_on) => {
                held.send(()).unwrap();
                // A test that failed lets go by dropping its end.
                let _ = go_on.recv();
            }
            Command::Break => panic!("the books do not add up"),
        }
        self.notes.lock().unwrap().len()
    }
    fn clock_stepped(&mut self, step: ClockStep, _: &mut dyn Context) {
        self.steps.lock().unwrap().push(step);
    }
}
