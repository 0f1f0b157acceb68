//! Back-pressure: how much clients may bring at once before they are refused (R30).
//!
//! Refuses by name and never drops; a cancel is never held against anybody. What is counted here is
//! no state of the day: it begins again with the process.

use std::collections::BTreeMap;

use ringfence_fix::endpoint::SessionIndex;
use ringfence_kernel::types::Ts;

/// Length of the window in which a session's messages are counted, nanoseconds.
const WINDOW_NS: i64 = 1_000_000_000;

/// What came in this turn, and by each session in this second.
#[derive(Clone, Debug)]
pub(super) struct Pressure {
    /// Time of the turn and the new orders that it brought.
    turn: (Ts, u32),
    /// Beginning of the window of a session, and its messages since.
    sessions: BTreeMap<SessionIndex, (Ts, u32)>,
}

impl Pressure {
    pub(super) const fn new() -> Self {
        Self { turn: (Ts::from_nanos(0), 0), sessions: BTreeMap::new() }
    }
    /// Counts a new order; returns whether it is among the `max` that a turn may bring.
    pub(super) fn takes_order(&mut self, now: Ts, max: u32) -> bool {
        let count = if self.turn.0 == now { self.turn.1.saturating_add(1) } else { 1 };
        self.turn = (now, count);
        count <= max
    }
    /// Counts a message of a session; returns whether it is among the `max` of its second.
    pub(super) fn takes_message(&mut self, session: SessionIndex, now: Ts, max: u32) -> bool {
        let window = self.sessions.entry(session).or_insert((now, 0));
        if now.since(window.0) >= WINDOW_NS {
            *window = (now, 0);
        }
        window.1 = window.1.saturating_add(1);
        window.1 <= max
    }
}
