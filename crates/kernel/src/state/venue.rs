//! Venues as they are now: connection, message budget, and what they say was traded.

use crate::types::map::Map;
use crate::types::table::RowId;
use crate::types::window::Window;
use crate::types::{InstrumentId, SessionStatus, Ts, VenueId};

/// Length of the window of a venue's message budget: one second.
pub const MESSAGE_WINDOW_NS: i64 = 1_000_000_000;

/// One venue.
#[derive(Clone, Debug, Default, Hash)]
pub struct Row {
    /// Whether its session is up; unknown counts as down.
    pub connected: bool,
    /// What it said last about its trading session; one that says nothing is not closed.
    pub status: Option<SessionStatus>,
    messages: Window,
}

/// All venues, and the totals that the accounts must sum to (invariant I13).
#[derive(Clone, Debug, Hash)]
pub struct Venues {
    rows: Vec<Row>,
    totals: Map<(VenueId, InstrumentId), i64>,
}

impl Venues {
    /// Returns the venues before anything is known.
    pub const fn new(seed: u64) -> Self {
        Self { rows: Vec::new(), totals: Map::new(seed) }
    }
    /// Returns whether the session to the venue is up.
    pub fn is_connected(&self, id: VenueId) -> bool {
        self.rows.get(id.row()).is_some_and(|row| row.connected)
    }
    /// Returns what the venue said last about its trading session.
    pub fn status(&self, id: VenueId) -> Option<SessionStatus> {
        self.rows.get(id.row()).and_then(|row| row.status)
    }
    /// Returns the messages sent to the venue in the last second.
    pub fn messages(&self, id: VenueId, now: Ts) -> i128 {
        self.rows.get(id.row()).map_or(0, |row| row.messages.sum(now, MESSAGE_WINDOW_NS))
    }
    /// Returns the net units by venue and instrument as its own reports add up.
    pub fn totals(&self) -> Vec<((VenueId, InstrumentId), i64)> {
        self.totals.sorted().into_iter().map(|(key, net)| (*key, *net)).collect()
    }
    /// Sets whether the session is up.
    pub(crate) fn set_connected(&mut self, id: VenueId, connected: bool) {
        self.row_mut(id).connected = connected;
    }
    /// Sets what the venue says about its trading session.
    pub(crate) fn set_status(&mut self, id: VenueId, status: SessionStatus) {
        self.row_mut(id).status = Some(status);
    }
    /// Counts a message to the venue.
    pub(crate) fn count_message(&mut self, id: VenueId, now: Ts) {
        self.row_mut(id).messages.add(now, MESSAGE_WINDOW_NS, 1);
    }
    /// Adds signed units to what the venue reported.
    pub(crate) fn add_traded(&mut self, id: VenueId, symbol: InstrumentId, signed: i64) {
        *self.totals.entry((id, symbol), || 0) += signed;
    }
    fn row_mut(&mut self, id: VenueId) -> &mut Row {
        let index = id.row();
        if self.rows.len() <= index {
            self.rows.resize(index + 1, Row::default());
        }
        match self.rows.get_mut(index) {
            Some(row) => row,
            None => panic!("venue {id} has no row"),
        }
    }
}
