//! Why a host does not start, or ended otherwise than it was asked to.

use std::error::Error;
use std::fmt;

use ringfence_fix::endpoint::{FoldError, SessionIndex};
use ringfence_fix::session::SettingsError;

use super::ClockFitness;
use crate::journal::{JournalError, Seq, TradeDate};
use crate::net::NetError;

/// Why a host does not start, or has ended.
#[derive(Debug)]
pub enum HostError {
    /// The sessions' settings are refused.
    Settings(SettingsError),
    /// A session that dials has no address to dial, or too many.
    Peers {
        /// The session.
        session: SessionIndex,
        /// How many it may have.
        max: usize,
        /// How many it has.
        found: usize,
    },
    /// The journal cannot be opened.
    Open(Box<JournalError>),
    /// A record of the journal does not fold.
    Fold {
        /// Its number.
        record: Seq,
        /// Why.
        why: FoldError,
    },
    /// The day before may not end, so none begins after it; nothing was changed.
    NotFollowed {
        /// The day before.
        before: TradeDate,
        /// What stands against its end.
        why: String,
    },
    /// The wall clock is too far behind the journal to begin.
    ClockBehind {
        /// How far, nanoseconds.
        by_ns: i64,
        /// How far it may be, nanoseconds.
        max_ns: i64,
    },
    /// A day is not begun with a clock that is too far from UTC, or nobody knows how far.
    ClockUnfit(ClockFitness),
    /// The sockets cannot be opened, or no longer be waited for.
    Net(NetError),
    /// A thread cannot be started.
    Thread(std::io::Error),
    /// The application has a reason not to begin; nothing was written or sent.
    NotBegun(String),
    /// The journal failed; no effect of a later record has left.
    Journal {
        /// What failed.
        why: Box<JournalError>,
        /// The last record whose effects left.
        last_seq: Option<Seq>,
    },
    /// It has ended as it was asked to, its journal closed, and orders stay open at their venues
    /// that a drain would have ended.
    Unsettled {
        /// How many.
        count: usize,
    },
    /// An invariant broke: our own bug. The journal is kept.
    Invariant {
        /// What the assertion said.
        text: String,
        /// The last record whose effects left.
        last_seq: Option<Seq>,
    },
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = |last_seq: &Option<Seq>| last_seq.map_or(0, Seq::get);
        match self {
            Self::Settings(why) => why.fmt(f),
            Self::Peers { session, max, found } => {
                let session = session.get();
                write!(f, "session {session}: expected 1 to {max} addresses to dial, found {found}")
            }
            Self::Open(why) => why.fmt(f),
            Self::Fold { record, why } => write!(f, "record {record} does not fold: {}", why.text),
            Self::NotFollowed { before, why } => {
                write!(f, "no day can follow {before} yet: {why}")
            }
            Self::ClockBehind { by_ns, max_ns } => write!(
                f,
                "the wall clock is {by_ns} ns behind the last record, expected at most {max_ns} ns"
            ),
            Self::ClockUnfit(found) => found.fmt(f),
            Self::Net(why) => why.fmt(f),
            Self::NotBegun(why) => f.write_str(why),
            Self::Thread(why) => write!(f, "cannot start a thread: {why}"),
            Self::Journal { why, last_seq } => {
                let seq = after(last_seq);
                write!(f, "journal failed: {why}; nothing was sent after record {seq}")
            }
            Self::Unsettled { count } => write!(
                f,
                "ended with {count} orders open: they may stay at their venues, and the next start \
                 asks about them"
            ),
            Self::Invariant { text, last_seq } => {
                let seq = after(last_seq);
                write!(f, "an invariant broke: {text}; nothing was sent after record {seq}")
            }
        }
    }
}

impl Error for HostError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Settings(why) => Some(why),
            Self::Open(why) | Self::Journal { why, .. } => Some(&**why),
            Self::Net(why) => Some(why),
            Self::Thread(why) => Some(why),
            Self::Peers { .. }
            | Self::Fold { .. }
            | Self::NotFollowed { .. }
            | Self::ClockBehind { .. }
            | Self::ClockUnfit(_)
            | Self::NotBegun(_)
            | Self::Unsettled { .. }
            | Self::Invariant { .. } => None,
        }
    }
}

impl From<SettingsError> for HostError {
    fn from(why: SettingsError) -> Self {
        Self::Settings(why)
    }
}

impl From<JournalError> for HostError {
    fn from(why: JournalError) -> Self {
        Self::Open(Box::new(why))
    }
}

impl From<NetError> for HostError {
    fn from(why: NetError) -> Self {
        Self::Net(why)
    }
}
