//! An endpoint on the journal and the sockets: one thread, one turn after another.
//!
//! A turn takes what came from sockets, other threads and the clock, hands it to the endpoint,
//! appends the records that this led to, makes them durable with one commit, and only then writes,
//! closes, dials and answers (invariant I5). When the journal fails, nothing more leaves: the
//! effects of the failed turn are dropped with every socket, and the host ends with an error. When
//! an assertion fails, likewise, and the journal stays as it is for whoever looks into it.
//!
//! A later trading day than the newest begins behind it (`day`): that one is sealed, the sessions'
//! numbers go on, and the application begins anew.
//!
//! Refuses: effects before their record, time that falls (I7), more requests than
//! [`REQUESTS_MAX`], a clock that is far behind the journal, and a day that begins with one that is
//! not known to be right, unless told to take it. Knows no message and no order; those are the
//! endpoint's and its application's.

mod clock;
mod day;
mod error;
mod event;
mod handle;
mod histogram;
mod log;
mod looping;
mod offset;
mod start;
mod status;

#[cfg(test)]
mod fault_tests;
#[cfg(test)]
#[expect(dead_code, reason = "tests outside the crate use more of it")]
#[path = "../../tests/support/client.rs"]
mod test_client;
#[cfg(test)]
#[expect(dead_code, reason = "tests outside the crate use more of it")]
#[path = "../../tests/support/ledger.rs"]
mod test_ledger;
#[cfg(test)]
#[expect(dead_code, reason = "tests outside the crate use more of it")]
#[path = "../../tests/support/world.rs"]
mod test_world;

use ringfence_fix::endpoint::{Application, Context};

pub use clock::{
    CLOCK_BEHIND_MAX, CLOCK_PROOF, CLOCK_STEP_MAX_DEFAULT, CLOCK_STEP_MIN, Clock, ClockStep,
    Reading, SystemClock,
};
pub use day::DayBefore;
pub use error::HostError;
pub use event::HostEvent;
pub use handle::{DrillAnswer, HostHandle, REQUESTS_MAX, RequestRefused};
pub use histogram::Histogram;
pub use log::{Log, silent, standard_error};
pub use offset::{
    BETTER_READINGS, ClockFitness, ClockLimits, ClockOffset, ClockStatus, Discipline, Unfit,
    Unknown,
};
pub(crate) use start::said;
pub use start::{BUSY_POLL_MAX, DRAIN_TIMEOUT_DEFAULT, Host, HostOptions};
pub use status::{Counters, HostState, Status};

/// An application that a host can run.
pub trait Hosted: Application + Send + 'static {
    /// What other threads may ask of it.
    type Command: Send;
    /// What they are told once it is durable.
    type Answer: Send;
    /// Begins, once the journal is folded and before anything is accepted or dialed.
    ///
    /// A reason not to begin ends the host.
    fn begin(&mut self, context: &mut dyn Context) -> Result<(), String> {
        let _ = context;
        Ok(())
    }
    /// Returns what judges the day before, when one begins; nothing when any day may follow it.
    fn day_before(&self) -> Option<Box<dyn DayBefore>> {
        None
    }
    /// Returns how many orders are open that a drain would have ended.
    fn unsettled_count(&self) -> usize {
        0
    }
    /// Does what another thread asked for.
    fn command(&mut self, command: Self::Command, context: &mut dyn Context) -> Self::Answer;
    /// The wall clock stepped; the time of the context is the one that goes on.
    ///
    /// An application that has to remember this begins a record.
    fn clock_stepped(&mut self, step: ClockStep, context: &mut dyn Context) {
        let _ = (step, context);
    }
}
