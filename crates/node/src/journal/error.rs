//! Everything that a journal refuses, each with its place.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::damage::{DamageReason, Place};
use super::date::TradeDate;
use super::value::{Durability, Seq, Ts};

/// Why a journal does not open, does not grow, or does not verify.
#[derive(Debug)]
pub enum JournalError {
    /// The operating system refused a call outside a commit.
    Io {
        /// What was being done.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's own error.
        source: io::Error,
    },
    /// Another writer holds the journal directory.
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The holder's process id, where it could be read.
        pid: Option<u32>,
    },
    /// An option is out of its range.
    Option {
        /// Name of the option.
        name: &'static str,
        /// The range and its unit.
        expected: String,
        /// What was given.
        found: String,
    },
    /// The text is no calendar day `YYYY-MM-DD`.
    TradeDate {
        /// The text.
        found: String,
    },
    /// The day already has a journal.
    Exists {
        /// Its directory.
        path: PathBuf,
    },
    /// The day has no journal.
    Missing {
        /// The directory looked at.
        path: PathBuf,
    },
    /// A later or equal day already has a journal.
    DateNotAfter {
        /// The latest day that has one.
        latest: TradeDate,
        /// The day asked for.
        found: TradeDate,
    },
    /// A later day has begun already, so this one cannot be gone on with or begun.
    DateBefore {
        /// The newest day.
        latest: TradeDate,
        /// The day asked for.
        found: TradeDate,
    },
    /// The journal of the day before was never closed in good order, so no day can follow it yet.
    NotClosed {
        /// Its directory.
        path: PathBuf,
    },
    /// The journal of a day was never sealed, although a later one is there.
    NotSealed {
        /// Its directory.
        path: PathBuf,
    },
    /// The journal is sealed; nothing may be appended.
    Sealed {
        /// Its directory.
        path: PathBuf,
    },
    /// The journal was begun with another durability.
    Durability {
        /// Its directory.
        path: PathBuf,
        /// What its header says.
        expected: Durability,
        /// What was asked for.
        found: Durability,
    },
    /// The file does not begin with the magic bytes of a journal segment.
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// The segment was written in a format that this build does not know.
    UnknownVersion {
        /// The segment file.
        path: PathBuf,
        /// The version in the file.
        found: u16,
        /// The newest version known here.
        expected: u16,
    },
    /// The journal is damaged where no crash of its writer can explain it.
    Damage {
        /// The first broken frame.
        place: Place,
        /// What is wrong with it.
        reason: DamageReason,
        /// Bytes of the segment file up to the end of the last whole batch in it.
        committed_bytes: u64,
    },
    /// The payload is longer than a record may be.
    PayloadTooLong {
        /// The sequence number that it would have had.
        seq: Seq,
        /// Its length in bytes.
        found: usize,
        /// The longest allowed, in bytes.
        expected: usize,
    },
    /// The batch holds all that one commit may carry; commit, then append again.
    BatchFull {
        /// The sequence number of the record that found no room.
        seq: Seq,
        /// Records in the batch.
        records: u32,
        /// Bytes in the batch.
        bytes: usize,
    },
    /// The time of a record is before the time of the one in front of it.
    TimeFell {
        /// The sequence number that the record would have had.
        seq: Seq,
        /// The time of the record in front of it.
        previous: Ts,
        /// The time given.
        found: Ts,
    },
    /// The sequence numbers or segment numbers of the day are used up.
    Exhausted {
        /// What is used up.
        name: &'static str,
        /// The largest number.
        max: u64,
    },
    /// The journal has no committed record of that number.
    NotCommitted {
        /// The number asked for.
        seq: Seq,
        /// The last committed record.
        last_seq: Option<Seq>,
    },
    /// A commit failed; the writer is dead.
    CommitFailed(CommitFailure),
    /// A background sync failed; the writer is dead.
    SyncFailed(SyncFailure),
    /// An earlier failure killed this writer; only a new start may go on.
    Poisoned {
        /// The journal's directory.
        path: PathBuf,
        /// The earlier failure in words.
        cause: String,
    },
}

/// A batch that was not acknowledged; a restart may find it whole, in part or not at all.
#[derive(Debug)]
pub struct CommitFailure {
    /// Where the batch was to begin; the sequence number of its first record.
    pub place: Place,
    /// What was being done.
    pub action: &'static str,
    /// The last record of the batch, none in a closing marker.
    pub last_seq: Option<Seq>,
    /// The last record that was acknowledged and stays so.
    pub committed_seq: Option<Seq>,
    /// The last record known to be on the disk.
    pub synced_seq: Option<Seq>,
    /// The system's own error.
    pub source: io::Error,
}

/// A background sync that failed: what came after `synced_seq` may not survive the machine.
#[derive(Debug)]
pub struct SyncFailure {
    /// The segment file.
    pub path: PathBuf,
    /// The last record that was acknowledged.
    pub committed_seq: Option<Seq>,
    /// The last record known to be on the disk.
    pub synced_seq: Option<Seq>,
    /// The system's own error.
    pub source: io::Error,
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, source } => {
                write!(f, "cannot {action} {}: {source}", path.display())
            }
            Self::Locked { path, pid: Some(pid) } => {
                write!(f, "journal is in use by process {pid} (lock {})", path.display())
            }
            Self::Locked { path, pid: None } => {
                write!(f, "journal is in use by another process (lock {})", path.display())
            }
            Self::Option { name, expected, found } => {
                write!(f, "{name}: expected {expected}, found {found}")
            }
            Self::TradeDate { found } => {
                write!(f, "trade_date: expected a calendar day YYYY-MM-DD, found {found:?}")
            }
            Self::DateNotAfter { latest, found } => {
                write!(f, "trade_date: expected a day after {latest}, found {found}")
            }
            Self::DateBefore { latest, found } => {
                let expected = "expected it or a later day";
                write!(f, "trade_date: {found} is over, {latest} has begun: {expected}")
            }
            Self::Exists { path } => say(f, path, "a journal is there already"),
            Self::Missing { path } => say(f, path, "no journal"),
            Self::NotClosed { path } => {
                say(f, path, "not closed: go on with that day and drain it before the next begins")
            }
            Self::NotSealed { path } => say(f, path, "not sealed, and a later day is there"),
            Self::Sealed { path } => say(f, path, "sealed, nothing can be appended"),
            Self::NotAJournal { path } => say(f, path, "not a journal segment"),
            Self::Durability { path, expected, found } => {
                say(f, path, &format!("durability: expected {expected}, found {found}"))
            }
            Self::UnknownVersion { path, found, expected } => {
                say(f, path, &format!("format version: expected 1 to {expected}, found {found}"))
            }
            Self::Damage { place, reason, committed_bytes } => {
                write!(f, "{place}: {reason} (whole batches end at byte {committed_bytes})")
            }
            Self::PayloadTooLong { seq, found, expected } => {
                write!(f, "seq {seq}: expected at most {expected} payload bytes, found {found}")
            }
            Self::BatchFull { seq, records, bytes } => {
                write!(f, "seq {seq}: batch is full with {records} records, {bytes} bytes")
            }
            Self::TimeFell { seq, previous, found } => {
                write!(f, "seq {seq}: time falls from {previous} to {found}")
            }
            Self::Exhausted { name, max } => write!(f, "{name}: {max} is the last one"),
            Self::NotCommitted { seq, last_seq } => {
                let last = last_seq.map_or(0, Seq::get);
                write!(f, "seq {seq}: expected a committed record, 1 to {last}")
            }
            Self::CommitFailed(failure) => failure.fmt(f),
            Self::SyncFailed(failure) => failure.fmt(f),
            Self::Poisoned { path, cause } => say(f, path, &format!("dead after: {cause}")),
        }
    }
}

fn say(f: &mut fmt::Formatter<'_>, path: &Path, words: &str) -> fmt::Result {
    write!(f, "{}: {words}", path.display())
}

impl fmt::Display for CommitFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, action, source, .. } = self;
        write!(f, "{place}: cannot {action}: {source}; not acknowledged: ")?;
        match self.last_seq {
            Some(last) => write!(f, "seq {} to {last}", place.seq)?,
            None => write!(f, "no record")?,
        }
        say_held(f, self.committed_seq, self.synced_seq)
    }
}

impl fmt::Display for SyncFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: cannot sync: {}", self.path.display(), self.source)?;
        say_held(f, self.committed_seq, self.synced_seq)
    }
}

/// Writes what a failed writer still vouches for.
fn say_held(
    f: &mut fmt::Formatter<'_>,
    committed_seq: Option<Seq>,
    synced_seq: Option<Seq>,
) -> fmt::Result {
    match committed_seq {
        Some(seq) => write!(f, "; acknowledged up to seq {seq}")?,
        None => write!(f, "; acknowledged nothing")?,
    }
    match synced_seq {
        Some(seq) => write!(f, ", on disk up to seq {seq}"),
        None => write!(f, ", nothing known to be on disk"),
    }
}

impl Error for JournalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::CommitFailed(failure) => Some(&failure.source),
            Self::SyncFailed(failure) => Some(&failure.source),
            Self::Locked { .. }
            | Self::Option { .. }
            | Self::TradeDate { .. }
            | Self::Exists { .. }
            | Self::Missing { .. }
            | Self::DateNotAfter { .. }
            | Self::DateBefore { .. }
            | Self::NotClosed { .. }
            | Self::NotSealed { .. }
            | Self::Sealed { .. }
            | Self::Durability { .. }
            | Self::NotAJournal { .. }
            | Self::UnknownVersion { .. }
            | Self::Damage { .. }
            | Self::PayloadTooLong { .. }
            | Self::BatchFull { .. }
            | Self::TimeFell { .. }
            | Self::Exhausted { .. }
            | Self::NotCommitted { .. }
            | Self::Poisoned { .. } => None,
        }
    }
}

/// Wraps a system error with what was being done to which file.
pub(crate) fn io_error(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> JournalError {
    move |source| JournalError::Io { action, path: path.to_owned(), source }
}
