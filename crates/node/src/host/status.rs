//! What a host has done so far, as numbers.

use super::offset::OffsetWatch;
use super::{ClockStatus, Histogram, HostEvent};

/// What a host is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostState {
    /// It serves its sessions.
    #[default]
    Running,
    /// It logs its sessions out.
    Draining,
    /// It has ended, in good order or not.
    Ended,
}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Turns of the loop in which something happened.
    pub turns: u64,
    /// Records appended to the journal.
    pub records: u64,
    /// Messages of peers whose number was taken.
    pub messages_in: u64,
    /// Messages written to connections.
    pub messages_out: u64,
    /// Bytes that came.
    pub bytes_in: u64,
    /// Bytes handed to connections.
    pub bytes_out: u64,
    /// Bytes for a connection that was gone.
    pub bytes_unsent: u64,
    /// Commands given to the application.
    pub commands: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Peers sent away, because there were too many.
    pub turned_away: u64,
    /// Outgoing connections made.
    pub dialed: u64,
    /// Outgoing connections that could not be made.
    pub dials_failed: u64,
    /// Connections closed by us.
    pub closed_by_us: u64,
    /// Connections that ended without us.
    pub lost: u64,
    /// Connections cut because their peer did not read.
    pub slow_readers: u64,
    /// Events that a person should act on.
    pub alerts: u64,
    /// Steps of the wall clock.
    pub clock_steps: u64,
}

impl Counters {
    /// Adds the counts of a turn.
    pub(super) fn add(&mut self, turn: &Self) {
        let pairs = [
            (&mut self.turns, turn.turns),
            (&mut self.records, turn.records),
            (&mut self.messages_in, turn.messages_in),
            (&mut self.messages_out, turn.messages_out),
            (&mut self.bytes_in, turn.bytes_in),
            (&mut self.bytes_out, turn.bytes_out),
            (&mut self.bytes_unsent, turn.bytes_unsent),
            (&mut self.commands, turn.commands),
            (&mut self.accepted, turn.accepted),
            (&mut self.turned_away, turn.turned_away),
            (&mut self.dialed, turn.dialed),
            (&mut self.dials_failed, turn.dials_failed),
            (&mut self.closed_by_us, turn.closed_by_us),
            (&mut self.lost, turn.lost),
            (&mut self.slow_readers, turn.slow_readers),
            (&mut self.alerts, turn.alerts),
            (&mut self.clock_steps, turn.clock_steps),
        ];
        for (sum, count) in pairs {
            *sum = sum.saturating_add(count);
        }
    }
}

/// A host at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// What it is doing.
    pub state: HostState,
    /// The last record whose effects left, 0 without any.
    pub last_seq: u64,
    /// The last record known to be on the disk, 0 without any.
    pub synced_seq: u64,
    /// Connections, those being made or closed included.
    pub connections: usize,
    /// Bytes that wait to be written, of all connections.
    pub waiting_bytes: usize,
    /// Bytes that wait to be written, at most of one connection.
    pub waiting_bytes_max: usize,
    /// How the clock stands, if it is watched.
    pub clock: Option<ClockStatus>,
    /// Counts since the start.
    pub counters: Counters,
    /// Records that shared one durable write.
    pub commit_records: Histogram,
    /// Time of a durable write, nanoseconds.
    pub commit_ns: Histogram,
    /// Time from waking up to the last effect, nanoseconds, of turns in which something happened.
    pub turn_ns: Histogram,
}

impl Status {
    /// Shows how the clock stands, and counts what was told of it.
    pub(super) fn show_clock(&mut self, watch: &OffsetWatch, told: Option<&HostEvent>) {
        self.clock = Some(watch.status().clone());
        let alerts = u64::from(told.is_some_and(HostEvent::is_alert));
        self.counters.alerts = self.counters.alerts.saturating_add(alerts);
    }
}
