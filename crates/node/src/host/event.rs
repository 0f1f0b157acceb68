//! What a host tells those who watch it: one line each.

use std::fmt;
use std::net::SocketAddr;

use ringfence_fix::endpoint::{Alert, CloseReason, ConnectionId, Note, SessionIndex};

use super::{ClockFitness, ClockStep};
use crate::journal::{Recovered, TradeDate};
use crate::net::Cut;

/// Something worth a line in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostEvent {
    /// Records were folded so far.
    Folding {
        /// How many.
        records: u64,
    },
    /// The journal is folded; `None` when it is a new one.
    Folded(Option<Recovered>),
    /// The day before has ended: it is sealed, and another one begins behind it.
    DayEnded {
        /// The day before.
        trade_date: TradeDate,
        /// What its journal held.
        found: Recovered,
    },
    /// Something that differs between the end of a day and the begin of the next, on purpose.
    CarriedOver {
        /// What.
        text: String,
    },
    /// The end of the trading day has come, and the host runs on.
    DayOver {
        /// The day.
        trade_date: TradeDate,
    },
    /// The host listens.
    Listening {
        /// Where, with the real port.
        address: SocketAddr,
    },
    /// A peer connected.
    Accepted {
        /// The connection.
        connection: ConnectionId,
        /// Its other end.
        peer: SocketAddr,
    },
    /// Peers were sent away, because there are too many.
    TurnedAway {
        /// How many since the line before.
        count: u64,
        /// The other end of the last one.
        peer: SocketAddr,
        /// Why.
        why: String,
    },
    /// A listener rests, because the system refused it a connection.
    Resting {
        /// Where it listens.
        address: SocketAddr,
        /// The system's reason.
        why: String,
    },
    /// An outgoing connection stands.
    Dialed {
        /// Whose peer.
        session: SessionIndex,
        /// The connection.
        connection: ConnectionId,
        /// Its other end.
        peer: SocketAddr,
    },
    /// An outgoing connection could not be made.
    DialFailed {
        /// Whose peer.
        session: SessionIndex,
        /// Why.
        why: String,
    },
    /// We close a connection.
    Closing {
        /// Which.
        connection: ConnectionId,
        /// Why.
        why: CloseReason,
    },
    /// A connection is lost, or was cut because its peer does not read.
    Closed {
        /// Which.
        connection: ConnectionId,
        /// Its other end.
        peer: SocketAddr,
        /// Why.
        why: Cut,
    },
    /// The application says how things go.
    Note(Note),
    /// A session or the application has something to tell a person.
    Alert(Alert),
    /// The wall clock stepped.
    ClockStepped(ClockStep),
    /// The wall clock has proved itself after a step that was doubted, and is followed.
    ClockFollowed {
        /// How far it is ahead of the time of the host, nanoseconds; negative when behind.
        ahead_ns: i64,
    },
    /// The clock was held against its bounds: at the start, and when that changed.
    ClockChecked(ClockFitness),
    /// What is open is settled, then the sessions are logged out.
    Draining,
    /// The time for settling is over; the sessions are logged out all the same.
    NotSettled,
    /// The time for that is over, and so many connections were left.
    DrainTimedOut {
        /// How many.
        connections: usize,
    },
    /// The journal is closed with its mark; nothing runs any more.
    Ended {
        /// Its last record, 0 without any.
        last_seq: u64,
    },
}

impl HostEvent {
    /// Returns whether a person should act on it.
    pub const fn is_alert(&self) -> bool {
        match self {
            Self::TurnedAway { .. }
            | Self::CarriedOver { .. }
            | Self::DayOver { .. }
            | Self::Resting { .. }
            | Self::Alert(_)
            | Self::ClockStepped(_)
            | Self::ClockFollowed { .. }
            | Self::NotSettled
            | Self::DrainTimedOut { .. }
            | Self::Closed { why: Cut::SlowReader { .. }, .. } => true,
            Self::ClockChecked(found) => !found.is_fit(),
            Self::Folding { .. }
            | Self::Note(_)
            | Self::Folded(_)
            | Self::DayEnded { .. }
            | Self::Listening { .. }
            | Self::Accepted { .. }
            | Self::Dialed { .. }
            | Self::DialFailed { .. }
            | Self::Closing { .. }
            | Self::Closed { why: Cut::Lost(_), .. }
            | Self::Draining
            | Self::Ended { .. } => false,
        }
    }
}

impl fmt::Display for HostEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folding { records } => write!(f, "journal: {records} records folded"),
            Self::Folded(None) => f.write_str("journal: a new one"),
            Self::Folded(Some(found)) => write!(f, "journal: {found}"),
            Self::DayEnded { trade_date, found } => write!(
                f,
                "journal: {trade_date} ends after {} records, {} torn bytes cut; numbers go on",
                found.records,
                found.cut_bytes()
            ),
            Self::CarriedOver { text } => f.write_str(text),
            Self::DayOver { trade_date } => write!(
                f,
                "the trading day {trade_date} is over, expected a drain and a start with the next"
            ),
            Self::Listening { address } => write!(f, "listening at {address}"),
            Self::Accepted { connection, peer } => {
                write!(f, "connection {}: accepted from {peer}", connection.number())
            }
            Self::TurnedAway { count, peer, why } => {
                write!(f, "{peer}: turned away, {count} since the last such line: {why}")
            }
            Self::Resting { address, why } => {
                write!(f, "{address}: accepts nothing for a moment: {why}")
            }
            Self::Dialed { session, connection, peer } => write!(
                f,
                "connection {}: dialed {peer} for session {}",
                connection.number(),
                session.get()
            ),
            Self::DialFailed { session, why } => {
                write!(f, "session {}: not connected: {why}", session.get())
            }
            Self::Closing { connection, why } => {
                write!(f, "connection {}: we close it: {why:?}", connection.number())
            }
            Self::Closed { connection, peer, why } => {
                write!(f, "connection {}: to {peer} closed: {why}", connection.number())
            }
            Self::Note(Note { session: Some(session), text })
            | Self::Alert(Alert { session: Some(session), text }) => {
                write!(f, "session {}: {text}", session.get())
            }
            Self::Note(Note { session: None, text })
            | Self::Alert(Alert { session: None, text }) => f.write_str(text),
            Self::ClockStepped(step) => step.fmt(f),
            Self::ClockFollowed { ahead_ns } => followed(*ahead_ns, f),
            Self::ClockChecked(found) => found.fmt(f),
            Self::Draining => f.write_str("draining: settling what is open, then logging out"),
            Self::NotSettled => f.write_str("drain: what is open was not settled in time"),
            Self::DrainTimedOut { connections } => write!(
                f,
                "drain: expected every session to be logged out in time, {connections} were not"
            ),
            Self::Ended { last_seq } => write!(f, "ended after record {last_seq}"),
        }
    }
}

fn followed(ahead_ns: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (way, speed) = if ahead_ns < 0 { ("behind", "half") } else { ("ahead", "twice") };
    let by_ns = ahead_ns.saturating_abs();
    write!(f, "the wall clock runs evenly, {by_ns} ns {way}: followed at {speed} the speed")
}
