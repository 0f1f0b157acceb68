//! The journal: an append-only file of records, whole batches at a time.
//!
//! One trading day is one journal: a directory `<root>/<trade date>/` of segment files. The layer
//! stores opaque payloads and gives each a sequence number, a time, a checksum and a place in a
//! hash chain. A [`JournalWriter`] collects records and commits them as one batch with one write;
//! a [`JournalReader`] hands out the records of whole batches; a [`JournalFollower`] does so while
//! the writer is at work; [`verify`] reads everything and reports.
//!
//! Days are chained. Numbers start again at 1 every day, so that a record's name is its trade date
//! and its number and a day can be archived alone; the header of a day's first segment carries the
//! date and the chain tip of the day before, which must have been closed in good order and is
//! sealed by that. Time does not fall from one day to the next either. A missing, changed or
//! exchanged day therefore breaks the chain.
//!
//! What it refuses: a second writer, a payload or batch beyond its bound, time that falls, a
//! durability other than the one that the day began with, growth after a seal or after any failed
//! write, and every kind of damage that a crash of the writer cannot explain. What a crash can
//! explain, a torn tail, is cut when the writer opens, and reported (docs/decisions/0003).
//!
//! Invariants: I5 as far as the file goes (a commit returns only when its durability is reached);
//! I7 (numbers contiguous, chain unbroken, time never falls), checked on write and on read.
//!
//! The bytes are described in the module of their version, `v1`.

mod batch;
mod cursor;
mod damage;
mod date;
mod days;
mod directory;
mod error;
#[cfg(test)]
mod fault_disk;
#[cfg(test)]
mod fault_tests;
mod follow;
#[cfg(test)]
mod forged_tests;
mod lock;
mod lookup;
mod options;
mod reader;
mod recover;
mod scan;
mod segment;
mod segment_writer;
mod storage;
mod sync;
mod tail;
mod v1;
mod value;
mod verify;
mod writer;

use std::path::Path;

pub use damage::{DamageReason, Place};
pub use date::TradeDate;
pub(crate) use days::{DayFold, open_day};
pub use days::{NextDay, next_day};
pub use directory::{SEGMENTS_MAX, journal_path, trade_dates};
pub use error::{CommitFailure, JournalError, SyncFailure};
#[cfg(test)]
pub(crate) use fault_disk::{Call, Fault, FaultyDisk};
pub use follow::{JournalFollower, Polled};
pub use options::{
    JournalOptions, SEGMENT_BYTES_DEFAULT, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN,
    SYNC_INTERVAL_DEFAULT, SYNC_INTERVAL_MAX, SYNC_INTERVAL_MIN,
};
pub use reader::JournalReader;
pub use recover::{Recovered, seal_day};
pub(crate) use storage::{Disk, Storage};
pub use tail::{Tear, TearKind};
pub use value::{ChainHash, Durability, Ending, Record, Seq, Ts};
pub use verify::{Report, Stats, stats, verify, verify_days};
pub use writer::{Committed, JournalWriter};

/// The longest payload of one record, in bytes.
pub const PAYLOAD_BYTES_MAX: usize = 1024 * 1024;
/// The largest number of records in one batch.
pub const BATCH_RECORDS_MAX: u32 = 65_536;
/// The largest number of bytes in one batch, its frames and its end.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The longest frame.
const FRAME_BYTES_MAX: usize = v1::FRAME_BYTES + PAYLOAD_BYTES_MAX;

/// Returns the header of a segment by the version that it was written in, nothing when damaged.
///
/// A second version adds its arm here, and its own header becomes a variant.
fn decode_header(path: &Path, bytes: &[u8]) -> Result<Option<v1::Header>, JournalError> {
    let Some((magic, rest)) = bytes.split_first_chunk::<8>() else {
        return Ok(None);
    };
    if magic != v1::MAGIC {
        return Err(JournalError::NotAJournal { path: path.to_owned() });
    }
    let Some((version, _)) = rest.split_first_chunk::<2>() else {
        return Ok(None);
    };
    match u16::from_le_bytes(*version) {
        v1::VERSION => Ok(v1::Header::decode(bytes)),
        found => Err(JournalError::UnknownVersion {
            path: path.to_owned(),
            found,
            expected: v1::VERSION,
        }),
    }
}
