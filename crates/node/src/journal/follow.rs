//! Reads a journal while its writer is at work.

use std::path::Path;

use super::cursor::{Advance, Cursor, Settled};
use super::error::JournalError;
use super::reader::take_record;
use super::value::{ChainHash, Ending, Record, Seq};

/// Hands out newly committed batches whenever it is asked; has no thread and never waits.
///
/// It reads what the operating system shows: under [`super::Durability::Disk`] a batch can be seen
/// a moment before the disk has confirmed it. After [`Ending::Sealed`] nothing follows; the next
/// day's journal needs a follower of its own.
#[derive(Debug)]
pub struct JournalFollower {
    cursor: Cursor,
    /// Where an invalid frame was seen at the last poll.
    doubted_at: Option<u64>,
}

/// What one poll handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polled {
    /// Batches handed out; a closing marker counts as one.
    pub batches: usize,
    /// Records in them.
    pub records: u64,
    /// Whether nothing further was committed at that moment.
    pub is_idle: bool,
}

impl JournalFollower {
    /// Opens the journal in `dir`, a directory `<root>/<trade date>`, in front of its first batch.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        Ok(Self { cursor: Cursor::open(dir)?, doubted_at: None })
    }

    /// Hands the records of at most `batches_max` new batches to `visit`, in order.
    ///
    /// A batch half written is nothing yet. A frame that is invalid at two polls in a row is
    /// examined: damage is an error, a torn tail stays "nothing yet" until a writer has cut it.
    pub fn poll(
        &mut self,
        batches_max: usize,
        mut visit: impl FnMut(Record<'_>),
    ) -> Result<Polled, JournalError> {
        let mut polled = Polled { batches: 0, records: 0, is_idle: false };
        while polled.batches < batches_max {
            let Some(mut frames) = self.next_batch()? else {
                polled.is_idle = true;
                break;
            };
            polled.batches = polled.batches.saturating_add(1);
            while let Some(record) = take_record(&self.cursor, &mut frames) {
                polled.records = polled.records.saturating_add(1);
                visit(record);
            }
        }
        Ok(polled)
    }

    /// Returns the last record handed out.
    pub fn last_seq(&self) -> Option<Seq> {
        self.cursor.position.last_seq.some()
    }

    /// Returns the tip of the hash chain after the batches handed out.
    pub fn chain_tip(&self) -> ChainHash {
        self.cursor.position.chain
    }

    /// Returns how the journal ends at present.
    pub fn ending(&self) -> Ending {
        self.cursor.position.ending
    }

    fn next_batch(&mut self) -> Result<Option<std::ops::Range<usize>>, JournalError> {
        if !self.cursor.has_buffered() && !self.cursor.is_written()? {
            self.doubted_at = None;
            return Ok(None);
        }
        let stop = match self.cursor.advance()? {
            Advance::Batch(frames) => {
                self.doubted_at = None;
                return Ok(Some(frames));
            }
            Advance::Stopped(stop) => stop,
        };
        if stop.is_clean() {
            self.doubted_at = None;
            return Ok(None);
        }
        if self.doubted_at != Some(self.cursor.offset) {
            self.doubted_at = Some(self.cursor.offset);
            return Ok(None);
        }
        match self.cursor.settle(stop)? {
            Settled::Batch(frames) => Ok(Some(frames)),
            Settled::End(_) => Ok(None),
        }
    }
}
