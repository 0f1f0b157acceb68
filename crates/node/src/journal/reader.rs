//! Reads the records of whole batches, from the first to the last.

use std::ops::Range;
use std::path::Path;

use super::cursor::{Advance, Cursor, Settled};
use super::date::TradeDate;
use super::error::JournalError;
use super::tail::Tear;
use super::v1;
use super::value::{ChainHash, Durability, Ending, Record, Seq, Ts};

/// Streams the committed records of a journal directory, verifying everything on the way.
///
/// Only records of batches that are whole are handed out. Memory stays below two batches' worth
/// however long the journal is.
///
/// ```no_run
/// use ringfence_node::journal::{JournalError, JournalReader};
///
/// fn payload_bytes(dir: &std::path::Path) -> Result<usize, JournalError> {
///     let mut reader = JournalReader::open(dir)?;
///     let mut total = 0;
///     while let Some(record) = reader.next_record()? {
///         total += record.payload.len();
///     }
///     Ok(total)
/// }
/// ```
#[derive(Debug)]
pub struct JournalReader {
    cursor: Cursor,
    /// The record frames of the present batch not yet handed out.
    frames: Range<usize>,
    end: Option<End>,
}

#[derive(Clone, Copy, Debug)]
struct End {
    tear: Option<Tear>,
}

impl JournalReader {
    /// Opens the journal in `dir`, a directory `<root>/<trade date>`.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        Ok(Self { cursor: Cursor::open(dir)?, frames: 0..0, end: None })
    }

    /// Returns the next record, or nothing at the end of the last whole batch.
    ///
    /// At the end the tail is examined: damage is an error, a torn tail is kept for
    /// [`JournalReader::tear`]. After the end this returns nothing for ever.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, JournalError> {
        while self.frames.is_empty() {
            if self.end.is_some() {
                return Ok(None);
            }
            match self.cursor.advance()? {
                Advance::Batch(frames) => self.frames = frames,
                Advance::Stopped(stop) => match self.cursor.settle(stop)? {
                    Settled::Batch(frames) => self.frames = frames,
                    Settled::End(tear) => self.end = Some(End { tear }),
                },
            }
        }
        Ok(take_record(&self.cursor, &mut self.frames))
    }

    /// Returns the day of the journal.
    pub fn trade_date(&self) -> TradeDate {
        self.cursor.segment.header.trade_date
    }

    /// Returns what the commits of this journal promised.
    pub fn durability(&self) -> Durability {
        self.cursor.segment.header.durability
    }

    /// Returns the last record of the batches read so far, also while it is not yet handed out.
    pub fn last_seq(&self) -> Option<Seq> {
        self.cursor.position.last_seq.some()
    }

    /// Returns the tip of the hash chain after the batches read so far.
    pub fn chain_tip(&self) -> ChainHash {
        self.cursor.position.chain
    }

    /// Returns how the journal ends, as far as it was read.
    pub fn ending(&self) -> Ending {
        self.cursor.position.ending
    }

    /// Returns the torn tail, nothing when there is none or the end was not reached yet.
    pub fn tear(&self) -> Option<Tear> {
        self.end.and_then(|end| end.tear)
    }

    /// Returns the time that the last record read so far has, or the floor of the day.
    pub(crate) fn last_ts(&self) -> Ts {
        self.cursor.position.last_ts
    }

    pub(crate) fn cursor(&self) -> &Cursor {
        &self.cursor
    }
}

/// Takes the first record off `frames`, a place in the cursor's buffer.
pub(crate) fn take_record<'a>(cursor: &'a Cursor, frames: &mut Range<usize>) -> Option<Record<'a>> {
    let bytes = cursor.bytes(frames);
    let (head, payload, rest) = v1::split_record(bytes)?;
    frames.start = frames.end.saturating_sub(rest.len());
    Some(Record { seq: head.seq, ts: head.ts, payload })
}
