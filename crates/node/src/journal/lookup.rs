//! Reads one committed record again, wherever it stands in the day's journal.
//!
//! The index is sparse: one entry for every [`STRIDE_BYTES`] or so of journal, and when it holds
//! [`INDEX_ENTRIES_MAX`] entries every second one goes. What lies between an entry and the record
//! is read frame by frame, each with its checksum; the hash chain was checked when it was written
//! or opened and is not walked again.

use std::path::Path;

use super::FRAME_BYTES_MAX;
use super::cursor::file_bytes;
use super::damage::{DamageReason, Place};
use super::directory;
use super::error::JournalError;
use super::segment::Segment;
use super::v1::{self, FrameFault, Kind};
use super::value::{Seq, Ts};

/// Bytes of journal between two entries of a new index.
const STRIDE_BYTES: u64 = 64 * 1024;
/// Entries of an index; 24 bytes each.
const INDEX_ENTRIES_MAX: usize = 262_144;
/// Bytes asked for in one read.
const READ_BYTES: usize = 16 * 1024;

/// A place in a journal; every record of that number and above stands there or behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    seq: Seq,
    segment: u32,
    offset: u64,
}

/// Where to begin to look for a record.
#[derive(Debug)]
pub(crate) struct JournalIndex {
    entries: Vec<Entry>,
    entries_max: usize,
    stride_bytes: u64,
}

impl Default for JournalIndex {
    fn default() -> Self {
        Self::bounded(INDEX_ENTRIES_MAX)
    }
}

impl JournalIndex {
    fn bounded(entries_max: usize) -> Self {
        Self { entries: Vec::new(), entries_max, stride_bytes: STRIDE_BYTES }
    }

    /// Notes that `seq` stands in the batch at that place; called in the order of the journal.
    pub(crate) fn note(&mut self, seq: Seq, segment: u32, offset: u64) {
        let is_near = |last: &Entry| {
            last.segment == segment && offset < last.offset.saturating_add(self.stride_bytes)
        };
        if self.entries.last().is_some_and(is_near) {
            return;
        }
        if self.entries.len() >= self.entries_max {
            let mut kept = false;
            self.entries.retain(|_| {
                kept = !kept;
                kept
            });
            self.stride_bytes = self.stride_bytes.saturating_mul(2);
        }
        self.entries.push(Entry { seq, segment, offset });
    }

    /// Returns the last entry that does not stand behind the record.
    fn before(&self, seq: Seq) -> Option<Entry> {
        let behind = self.entries.partition_point(|entry| entry.seq <= seq);
        self.entries.get(behind.checked_sub(1)?).copied()
    }
}

/// Finds records; keeps its file and its place, so that records in a row are read once each.
#[derive(Debug, Default)]
pub(crate) struct RecordFinder {
    segment: Option<Segment>,
    /// Behind the record found last.
    next: Option<Entry>,
    buffer: Vec<u8>,
}

impl RecordFinder {
    /// Appends the payload of a committed record to `out` and returns its time.
    ///
    /// The caller vouches that the record was committed to the journal in `dir`.
    pub(crate) fn find(
        &mut self,
        dir: &Path,
        index: &JournalIndex,
        seq: Seq,
        out: &mut Vec<u8>,
    ) -> Result<Ts, JournalError> {
        let first = Entry { seq: Seq::FIRST, segment: 1, offset: file_bytes(v1::HEADER_BYTES) };
        let mut at = index.before(seq).unwrap_or(first);
        let is_nearer =
            |next: &Entry| next.seq <= seq && (next.segment, next.offset) > (at.segment, at.offset);
        if let Some(next) = self.next.filter(is_nearer) {
            at = next;
        }
        self.buffer.clear();
        loop {
            let segment = open(&mut self.segment, dir, at)?;
            let mut window = Window { segment, at: &mut at, buffer: &mut self.buffer };
            if let Some(ts) = window.search(seq, out)? {
                self.next = Some(at);
                return Ok(ts);
            }
            let segment = directory::segment_after(at.segment)?;
            at = Entry { segment, offset: file_bytes(v1::HEADER_BYTES), ..at };
            self.buffer.clear();
        }
    }
}

fn open<'a>(
    kept: &'a mut Option<Segment>,
    dir: &Path,
    at: Entry,
) -> Result<&'a Segment, JournalError> {
    let is_open = |segment: &Segment| segment.header.segment == at.segment;
    let segment = match kept.take().filter(is_open) {
        Some(segment) => segment,
        None => {
            let segment = Segment::open(dir, at.segment, at.seq)?;
            segment.check("segment", at.segment, segment.header.segment)?;
            segment
        }
    };
    Ok(kept.insert(segment))
}

/// The bytes of a segment from a place on.
struct Window<'a> {
    segment: &'a Segment,
    at: &'a mut Entry,
    buffer: &'a mut Vec<u8>,
}

impl Window<'_> {
    /// Returns the time of the record once its payload is in `out`, nothing at the segment's end.
    fn search(&mut self, wanted: Seq, out: &mut Vec<u8>) -> Result<Option<Ts>, JournalError> {
        let mut used = 0_usize;
        loop {
            let bytes = self.buffer.get(used..).unwrap_or_default();
            let reason = match v1::decode(bytes, self.segment.header.frame_seed, FRAME_BYTES_MAX) {
                Ok(frame) => {
                    let is_record = frame.kind == Kind::Record;
                    if is_record && frame.seq > wanted {
                        DamageReason::Sequence { found: frame.seq }
                    } else {
                        used = used.saturating_add(frame.length);
                        self.at.offset = self.at.offset.saturating_add(file_bytes(frame.length));
                        if is_record {
                            self.at.seq = frame.seq.next().unwrap_or(frame.seq);
                        }
                        if is_record && frame.seq == wanted {
                            out.extend_from_slice(frame.payload);
                            return Ok(Some(frame.ts));
                        }
                        continue;
                    }
                }
                Err(FrameFault::Short(need)) => match self.fill(&mut used, need)? {
                    Filled::Enough => continue,
                    Filled::Nothing => return Ok(None),
                    Filled::Torn => DamageReason::SegmentUnfinished,
                },
                Err(FrameFault::Unwritten) => DamageReason::SegmentUnfinished,
                Err(FrameFault::Length(found)) => DamageReason::Length { found },
                Err(FrameFault::Checksum) => DamageReason::Checksum,
                Err(FrameFault::Kind(found)) => DamageReason::Kind { found },
            };
            let (path, offset) = (self.segment.path.clone(), self.at.offset);
            let place = Place { path, offset, seq: self.at.seq };
            return Err(JournalError::Damage { place, reason, committed_bytes: offset });
        }
    }

    /// Reads on until `need` bytes from the present place on are in the buffer.
    fn fill(&mut self, used: &mut usize, need: usize) -> Result<Filled, JournalError> {
        self.buffer.drain(..*used);
        *used = 0;
        let held = self.buffer.len();
        self.buffer.resize(need.max(READ_BYTES), 0);
        let room = self.buffer.get_mut(held..).unwrap_or_default();
        let read = self.segment.read_at(room, self.at.offset.saturating_add(file_bytes(held)))?;
        self.buffer.truncate(held.saturating_add(read));
        Ok(match self.buffer.len() {
            0 => Filled::Nothing,
            filled if filled >= need => Filled::Enough,
            _ => Filled::Torn,
        })
    }
}

/// What came of reading on.
enum Filled {
    Enough,
    Torn,
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::{Entry, JournalIndex, STRIDE_BYTES};
    use crate::journal::Seq;

    /// Style 7: an index that is full keeps every second entry, and still leads to every record.
    #[test]
    fn a_full_index_thins_out() {
        let mut index = JournalIndex::bounded(4);
        for batch in 0..50 {
            index.note(Seq::new(batch + 1), 1, 80 + batch * STRIDE_BYTES);
            assert!(index.entries.len() <= 4, "{index:?}");
            let first = Entry { seq: Seq::FIRST, segment: 1, offset: 80 };
            assert_eq!(Some(first), index.before(Seq::FIRST));
            for seq in 1..=batch + 1 {
                let entry = index.before(Seq::new(seq)).unwrap();
                assert!(entry.seq <= Seq::new(seq));
                assert_eq!(80 + (entry.seq.get() - 1) * STRIDE_BYTES, entry.offset);
            }
        }
    }

    /// Batches that are near to each other share an entry.
    #[test]
    fn an_index_is_sparse() {
        let mut index = JournalIndex::default();
        for batch in 0..100 {
            index.note(Seq::new(batch + 1), 1, 80 + batch * STRIDE_BYTES / 10);
        }
        assert_eq!(10, index.entries.len());
    }
}
