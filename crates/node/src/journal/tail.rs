//! Tells a torn tail from damage; the reasoning is docs/decisions/0003.
//!
//! A torn tail is what one interrupted write can leave behind the last whole batch: the beginning
//! of one batch and then zeros. Under `disk` durability the machine may also have died, and then
//! any sector of that one batch may read as zero. Everything else is damage: a valid frame behind
//! an invalid one, bytes that cannot begin the frame that belongs there, more than one batch.
//! In doubt it is damage, because a batch that looks whole at its end may have been acknowledged,
//! and its orders sent.

use super::cursor::file_bytes;
use super::damage::DamageReason;
use super::error::JournalError;
use super::scan::{BatchScan, Position, Step};
use super::segment::Segment;
use super::v1::{self, FRAME_BYTES, Head, Kind};
use super::value::{Durability, Ending, Seq};
use super::{BATCH_BYTES_MAX, FRAME_BYTES_MAX};

/// The smallest piece that a disk writes as a whole, in bytes.
const SECTOR_BYTES: u64 = 512;
/// Bytes read at once when looking for the last one written.
const CHUNK_BYTES: usize = 64 * 1024;
/// Zeros kept behind the last written byte, so that a checksum that ends in zeros stays whole.
const PAD_BYTES: usize = 64;

/// An unfinished batch behind the last whole one; it was never acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tear {
    /// Number of the segment it is in, the last one.
    pub segment: u32,
    /// Where it begins, bytes from the start of the segment file.
    pub offset: u64,
    /// Bytes up to the last one that is not zero.
    pub bytes: u64,
    /// Whole records in front of the place where it is torn.
    pub records: u32,
    /// What interrupted the write, as far as the bytes tell.
    pub kind: TearKind,
}

/// The form of a torn tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TearKind {
    /// The beginning of a batch: the process or the machine died while writing.
    Prefix,
    /// A batch in which whole sectors are zero: the machine died before the disk had it all.
    Holes,
}

/// A tail that no interrupted write explains.
#[derive(Debug)]
pub(crate) struct Broken {
    /// The first invalid frame, bytes from the start of the segment file.
    pub(crate) offset: u64,
    pub(crate) seq: Seq,
    pub(crate) reason: DamageReason,
}

/// Returns the tear behind the last whole batch of the last segment, none when nothing follows.
///
/// The batch ended at `offset`, where the journal stands at `position`.
pub(crate) fn examine(
    segment: &Segment,
    offset: u64,
    position: Position,
) -> Result<Result<Option<Tear>, Broken>, JournalError> {
    let (bytes, is_cut_off) = written(segment, offset)?;
    let header = &segment.header;
    let tail = Tail {
        bytes,
        segment: header.segment,
        offset,
        position,
        seed: header.frame_seed,
        durability: header.durability,
    };
    Ok(tail.judge(is_cut_off))
}

/// Returns the bytes from `offset` to the last one that is not zero, and whether there are more
/// than one batch can have.
fn written(segment: &Segment, offset: u64) -> Result<(Vec<u8>, bool), JournalError> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let zeros = vec![0; CHUNK_BYTES];
    let mut passed = 0_usize;
    loop {
        let at = offset.saturating_add(file_bytes(passed));
        let count = segment.read_at(&mut chunk, at)?;
        let read = chunk.get(..count).unwrap_or_default();
        if Some(read) != zeros.get(..count) {
            let last = read.iter().rposition(|byte| *byte != 0).unwrap_or(0);
            bytes.resize(passed, 0);
            bytes.extend_from_slice(read.get(..=last).unwrap_or(read));
            if bytes.len() > BATCH_BYTES_MAX {
                return Ok((bytes, true));
            }
        }
        if count < CHUNK_BYTES {
            return Ok((bytes, false));
        }
        passed = passed.saturating_add(count);
    }
}

/// The bytes behind the last whole batch, from its end to the last byte that is not zero.
struct Tail {
    bytes: Vec<u8>,
    segment: u32,
    offset: u64,
    position: Position,
    seed: u32,
    durability: Durability,
}

impl Tail {
    fn judge(mut self, is_cut_off: bool) -> Result<Option<Tear>, Broken> {
        let end = self.bytes.len();
        if end == 0 {
            return Ok(None);
        }
        self.bytes.resize(end.saturating_add(PAD_BYTES), 0);
        let scan = self.whole_records()?;
        if self.position.ending == Ending::Sealed {
            return Err(self.broken(&scan, DamageReason::AfterSeal));
        }
        let at = scan.bytes;
        let kind = if at >= end { TearKind::Prefix } else { self.tear_kind(&scan, end)? };
        if is_cut_off {
            return Err(self.broken(&scan, DamageReason::BatchTooLong));
        }
        let bytes = file_bytes(end);
        Ok(Some(Tear {
            segment: self.segment,
            offset: self.offset,
            bytes,
            records: scan.records,
            kind,
        }))
    }

    /// Reads record frames up to the first that is not whole.
    fn whole_records(&self) -> Result<BatchScan, Broken> {
        let mut scan = BatchScan::new(self.position);
        while let Ok(frame) = v1::decode(self.from(scan.bytes), self.seed, FRAME_BYTES_MAX) {
            match scan.accept(&frame, &self.bytes) {
                Ok(Step::Record) => {}
                // A whole batch is no tail; a writer at work has just finished it.
                Ok(Step::Complete(_)) => return Err(self.broken(&scan, DamageReason::NotATear)),
                Err(reason) => return Err(self.broken(&scan, reason)),
            }
        }
        Ok(scan)
    }

    /// Decides about the first frame that is not whole, which begins before `end`.
    fn tear_kind(&self, scan: &BatchScan, end: usize) -> Result<TearKind, Broken> {
        let at = scan.bytes;
        let lost = self.first_hole(at, end).unwrap_or(end);
        let kind = if lost < end { TearKind::Holes } else { TearKind::Prefix };
        if let Some(offset) = self.foreign_frame(scan, end, kind) {
            return Err(self.broken(scan, DamageReason::LaterFrame { offset }));
        }
        let survivor = self.bytes.get(at..lost).unwrap_or_default();
        if begins_frame(survivor, scan, self.frames(scan), self.seed) {
            Ok(kind)
        } else {
            Err(self.broken(scan, DamageReason::NotATear))
        }
    }

    /// Returns the first place from `at` on where a sector is lost, if sectors can be.
    fn first_hole(&self, at: usize, end: usize) -> Option<usize> {
        if self.durability != Durability::Disk {
            return None;
        }
        let mut start = 0_usize;
        while start < end {
            let place = self.offset.saturating_add(file_bytes(start));
            let left = SECTOR_BYTES.saturating_sub(place % SECTOR_BYTES);
            let next = start.saturating_add(usize::try_from(left).unwrap_or(usize::MAX));
            let sector = self.bytes.get(start..next.min(end)).unwrap_or_default();
            if next > at && sector.iter().all(|byte| *byte == 0) {
                return Some(start.max(at));
            }
            start = next;
        }
        None
    }

    /// Returns the place of a valid frame behind the invalid one that a tear does not explain.
    fn foreign_frame(&self, scan: &BatchScan, end: usize, kind: TearKind) -> Option<u64> {
        let last = self.position.last_seq;
        let span = file_bytes(end / FRAME_BYTES);
        let seqs = last.get()..=last.get().saturating_add(span);
        for start in scan.bytes.saturating_add(1)..end {
            let rest = self.from(start);
            // The fields are looked at first: a checksum at every byte would take minutes.
            let Some(head) = Head::read(rest) else { break };
            if Kind::from_code(head.kind).is_none() || !seqs.contains(&head.seq.get()) {
                continue;
            }
            let Ok(frame) = v1::decode(rest, self.seed, FRAME_BYTES_MAX) else {
                continue;
            };
            let is_same_batch = match frame.kind {
                // A number of the past: a payload quotes the journal.
                Kind::Record | Kind::BatchEnd if frame.seq <= last => continue,
                Kind::Record => true,
                Kind::BatchEnd => {
                    let is_last = start.saturating_add(frame.length) >= end;
                    let records = frame.mark().map_or(0, |(records, _)| u64::from(records));
                    is_last && frame.seq.get().checked_sub(records) == Some(last.get())
                }
                Kind::Close | Kind::Seal => false,
            };
            if kind == TearKind::Prefix || !is_same_batch {
                return Some(self.offset.saturating_add(file_bytes(start)));
            }
        }
        None
    }

    fn from(&self, start: usize) -> &[u8] {
        self.bytes.get(start..).unwrap_or_default()
    }

    fn frames(&self, scan: &BatchScan) -> &[u8] {
        self.bytes.get(..scan.bytes).unwrap_or_default()
    }

    fn broken(&self, scan: &BatchScan, reason: DamageReason) -> Broken {
        let offset = self.offset.saturating_add(file_bytes(scan.bytes));
        Broken { offset, seq: scan.next_seq(), reason }
    }
}

/// Returns whether `survivor` can be the first bytes of the frame that belongs behind `frames`.
///
/// An end or a marker must agree byte for byte, because it can be computed; of a record, the
/// length, number, time and kind must be possible and its end must lie behind the survivor.
fn begins_frame(survivor: &[u8], scan: &BatchScan, frames: &[u8], seed: u32) -> bool {
    let marks: &[Kind] =
        if scan.records > 0 { &[Kind::BatchEnd] } else { &[Kind::Close, Kind::Seal] };
    let begins_mark = marks.iter().any(|kind| {
        let (mark, _) = scan.mark(*kind).encode(seed, scan.chain(), frames);
        mark.starts_with(survivor)
    });
    begins_mark || begins_record(survivor, scan)
}

fn begins_record(survivor: &[u8], scan: &BatchScan) -> bool {
    let Some((length, rest)) = survivor.split_first_chunk::<4>() else {
        return true;
    };
    let frame_bytes = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if !(FRAME_BYTES..=FRAME_BYTES_MAX).contains(&frame_bytes) || frame_bytes <= survivor.len() {
        return false;
    }
    let seq = scan.next_seq().get().to_le_bytes();
    let (seq_found, _) = rest.split_at_checked(seq.len()).unwrap_or((rest, &[]));
    if !seq.starts_with(seq_found) {
        return false;
    }
    Head::read(survivor)
        .is_none_or(|head| head.ts >= scan.last_ts() && head.kind == Kind::Record.code())
}
