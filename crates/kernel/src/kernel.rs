//! The single writer: one input in, events out, the state changed by nothing else.

use crate::decide::Step;
use crate::event::Event;
use crate::gate::Warning;
use crate::input::Input;
use crate::state::State;
use crate::types::Ts;
use crate::types::map::MAP_SEED;
use crate::types::value::{Bytes, Malformed, Value};

/// Why an input could not be decided; nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepError {
    /// The time of the input is before the last one (invariant I7).
    TimeFell {
        /// Time of the last input.
        last: Ts,
        /// Time of this input.
        now: Ts,
    },
}

impl core::fmt::Display for StepError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TimeFell { last, now } => {
                write!(f, "time fell from {last} ns to {now} ns: inputs come in order of time")
            }
        }
    }
}

/// Why a record of a journal could not be folded or verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// The payload does not decode.
    Malformed,
    /// The time of the record is before the last one (invariant I7).
    TimeFell,
    /// Deciding again gave other events (invariant I6).
    Differs,
}

impl From<Malformed> for ReplayError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// The kernel: takes inputs one at a time and decides everything.
#[derive(Clone, Debug)]
pub struct Kernel {
    state: State,
    events: Vec<Event>,
    warnings: Vec<Warning>,
}

impl Default for Kernel {
    fn default() -> Self {
        Self::new()
    }
}

impl Kernel {
    /// Returns a kernel that knows nothing yet.
    pub fn new() -> Self {
        Self::with_map_seed(MAP_SEED)
    }
    /// Returns a kernel whose maps are seeded with `seed`.
    ///
    /// For tests of invariant I6: whatever the seed, results must be the same to the byte.
    pub fn with_map_seed(seed: u64) -> Self {
        Self { state: State::new(seed), events: Vec::new(), warnings: Vec::new() }
    }
    /// Returns the state.
    pub const fn state(&self) -> &State {
        &self.state
    }
    /// Hands the events of the last step over without a copy, in order; what `events` held is
    /// forgotten and its memory serves the next step.
    pub fn take_events(&mut self, events: &mut Vec<Event>) {
        events.clear();
        core::mem::swap(events, &mut self.events);
    }
    /// Decides one input at time `now` and returns what became true, in order.
    ///
    /// A refusal is an event, not an error. Panics when an invariant does not hold: the caller
    /// must stop trading, keep the journal, and exit.
    pub fn step(&mut self, now: Ts, input: &Input) -> Result<&[Event], StepError> {
        if now < self.state.now {
            return Err(StepError::TimeFell { last: self.state.now, now });
        }
        self.events.clear();
        self.warnings.clear();
        self.begin(now);
        let mut step = Step {
            state: &mut self.state,
            input,
            events: &mut self.events,
            warnings: &mut self.warnings,
            authentic: None,
        };
        step.decide();
        self.state.note_report(input, &self.events);
        Ok(&self.events)
    }
    /// Applies a record without deciding again.
    pub fn fold(&mut self, now: Ts, payload: &[u8]) -> Result<(), ReplayError> {
        let mut events = core::mem::take(&mut self.events);
        events.clear();
        let input = decode_into(payload, &mut events)?;
        let result = self.apply(now, &input, &events);
        self.events = events;
        result
    }
    /// Applies the input and the events of a decoded record without deciding again.
    pub fn apply(&mut self, now: Ts, input: &Input, events: &[Event]) -> Result<(), ReplayError> {
        if now < self.state.now {
            return Err(ReplayError::TimeFell);
        }
        self.begin(now);
        for event in events {
            self.state.apply(input, event);
        }
        self.state.note_report(input, events);
        Ok(())
    }
    /// Decides a record again and demands the same bytes.
    pub fn verify(&mut self, now: Ts, payload: &[u8]) -> Result<(), ReplayError> {
        let (input, _) = decode(payload)?;
        let mut again = Vec::with_capacity(payload.len());
        let events = self.step(now, &input).map_err(|_| ReplayError::TimeFell)?;
        encode(&input, events, &mut again);
        if again == payload { Ok(()) } else { Err(ReplayError::Differs) }
    }
    fn begin(&mut self, now: Ts) {
        self.state.now = now;
        self.state.step += 1;
    }
}

/// Appends the payload of a record: the input, the number of events, the events.
pub fn encode(input: &Input, events: &[Event], out: &mut Vec<u8>) {
    input.put(out);
    u32::try_from(events.len()).unwrap_or(u32::MAX).put(out);
    for event in events {
        event.put(out);
    }
}

/// Returns the input and the events of a payload.
pub fn decode(payload: &[u8]) -> Result<(Input, Vec<Event>), Malformed> {
    let mut events = Vec::new();
    decode_into(payload, &mut events).map(|input| (input, events))
}

/// Returns the input of a payload and appends its events to `events`.
pub fn decode_into(payload: &[u8], events: &mut Vec<Event>) -> Result<Input, Malformed> {
    let mut bytes = Bytes::new(payload);
    let input = Input::take(&mut bytes)?;
    for _ in 0..u32::take(&mut bytes)? {
        events.push(Event::take(&mut bytes)?);
    }
    if bytes.is_empty() { Ok(input) } else { Err(Malformed) }
}
