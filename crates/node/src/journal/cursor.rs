//! Walks the whole batches of a journal, segment after segment.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::damage::{DamageReason, Place};
use super::date::TradeDate;
use super::directory;
use super::error::JournalError;
use super::scan::{BatchScan, Position, Step};
use super::segment::Segment;
use super::tail::{self, Tear};
use super::v1::{self, FrameFault};
use super::value::{Ending, Seq};
use super::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, FRAME_BYTES_MAX};

/// Bytes asked for in one read.
const READ_BYTES: usize = 256 * 1024;

/// A place between two batches of a journal, and the bytes behind it.
#[derive(Debug)]
pub(crate) struct Cursor {
    dir: PathBuf,
    pub(crate) segment: Segment,
    pub(crate) position: Position,
    /// Where the next batch begins, bytes from the start of the segment.
    pub(crate) offset: u64,
    /// The batch read last, bytes from the start of the segment; empty at the segment's start.
    pub(crate) last_batch: Range<u64>,
    pub(crate) totals: Totals,
    /// `buffer[start..filled]` are the segment's bytes from `offset` on.
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
}

/// Counts of what was read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) batches: u64,
    pub(crate) closings: u64,
    /// Bytes of segments passed, without the present one.
    pub(crate) segment_bytes: u64,
    pub(crate) batch_records_max: u32,
    pub(crate) batch_bytes_max: u64,
}

/// What came of looking for the next batch.
#[derive(Debug)]
pub(crate) enum Advance {
    /// A whole batch; its record frames are at this place in the buffer.
    Batch(Range<usize>),
    /// No whole batch follows, and the segment is the last.
    Stopped(Stop),
}

/// What the end of a journal turned out to be.
#[derive(Debug)]
pub(crate) enum Settled {
    /// A batch after all: a writer finished it meanwhile.
    Batch(Range<usize>),
    /// The end, torn or clean.
    End(Option<Tear>),
}

/// The first frame that is missing or invalid.
#[derive(Debug)]
pub(crate) struct Stop {
    at: u64,
    seq: Seq,
    fault: Fault,
}

impl Stop {
    /// Returns whether nothing at all follows the last batch.
    pub(crate) fn is_clean(&self) -> bool {
        matches!(self.fault, Fault::FileEnd | Fault::Unwritten)
    }
}

#[derive(Debug)]
enum Fault {
    /// The file ends right behind a batch.
    FileEnd,
    /// The file was never written from the end of a batch on.
    Unwritten,
    /// The frame does not hold; a torn write may have left it so.
    Broken(DamageReason),
    /// The frame holds and breaks a rule, which no torn write can do.
    Rule(DamageReason),
}

impl Cursor {
    /// Opens a journal directory in front of its first batch.
    pub(crate) fn open(dir: &Path) -> Result<Self, JournalError> {
        if !directory::exists(dir)? || directory::highest_segment(dir)? == 0 {
            return Err(JournalError::Missing { path: dir.to_owned() });
        }
        let segment = Segment::open(dir, 1, Seq::FIRST)?;
        // A copy may have any name, but not that of another day.
        let name = dir.file_name().and_then(|name| name.to_str());
        if let Some(named) = name.and_then(|name| name.parse::<TradeDate>().ok()) {
            segment.check("trade date", named, segment.header.trade_date)?;
        }
        segment.check("segment", 1, segment.header.segment)?;
        segment.check("first seq", Seq::FIRST, segment.header.first_seq)?;
        let position = Position::after_header(&segment.header);
        let offset = segment.first_batch();
        Ok(Self {
            dir: dir.to_owned(),
            segment,
            position,
            offset,
            last_batch: offset..offset,
            totals: Totals::default(),
            buffer: vec![0; READ_BYTES],
            start: 0,
            filled: 0,
        })
    }

    /// Returns the journal's directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the bytes at a place that [`Cursor::advance`] gave.
    pub(crate) fn bytes(&self, place: &Range<usize>) -> &[u8] {
        self.buffer.get(place.clone()).unwrap_or_default()
    }

    /// Moves past the next whole batch or marker; the bytes given before are gone.
    ///
    /// Damage in front of the last segment is an error here, in the last one [`Cursor::settle`]
    /// decides.
    pub(crate) fn advance(&mut self) -> Result<Advance, JournalError> {
        loop {
            if let Ok(frames) = self.load()? {
                return Ok(Advance::Batch(frames));
            }
            // A writer may be at work. A segment that has a successor now is final now, so what
            // is read from here on counts.
            let highest = directory::highest_segment(&self.dir)?;
            self.forget();
            let stop = match self.load()? {
                Ok(frames) => return Ok(Advance::Batch(frames)),
                Err(stop) => stop,
            };
            if highest <= self.segment.header.segment {
                // What was read ahead may be half written by the time of the next look.
                self.forget();
                return Ok(Advance::Stopped(stop));
            }
            match stop.fault {
                Fault::FileEnd => self.enter_next()?,
                Fault::Unwritten => {
                    return Err(self.damage(stop.at, stop.seq, DamageReason::SegmentUnfinished));
                }
                Fault::Broken(reason) | Fault::Rule(reason) => {
                    return Err(self.damage(stop.at, stop.seq, reason));
                }
            }
        }
    }

    /// Decides what the end of the journal is: clean, torn, or an error when damaged.
    ///
    /// A writer at work can make its own half-written batch look damaged for a moment, so damage
    /// counts only when it is still there at a second look.
    pub(crate) fn settle(&mut self, stop: Stop) -> Result<Settled, JournalError> {
        if let Ok(tear) = self.examine(stop) {
            return Ok(Settled::End(tear));
        }
        match self.advance()? {
            Advance::Batch(frames) => Ok(Settled::Batch(frames)),
            Advance::Stopped(stop) => self.examine(stop).map(Settled::End),
        }
    }

    /// Returns whether the next byte of the file was written, without reading more than a few.
    pub(crate) fn is_written(&self) -> Result<bool, JournalError> {
        let mut length = [0; 4];
        let count = self.segment.read_at(&mut length, self.offset)?;
        // At the end of the file the next segment must be looked for.
        Ok(count == 0 || length != [0; 4])
    }

    /// Returns whether bytes behind the present place were read ahead.
    pub(crate) fn has_buffered(&self) -> bool {
        self.start < self.filled
    }

    /// Forgets the bytes read ahead, so that the file is read again from the present place on.
    fn forget(&mut self) {
        self.start = 0;
        self.filled = 0;
    }

    fn examine(&self, stop: Stop) -> Result<Option<Tear>, JournalError> {
        if let Fault::Rule(reason) = stop.fault {
            return Err(self.damage(stop.at, stop.seq, reason));
        }
        tail::examine(&self.segment, self.offset, self.position)?
            .map_err(|broken| self.damage(broken.offset, broken.seq, broken.reason))
    }

    /// Reads the next batch into the buffer and moves past it, or says where it stops.
    fn load(&mut self) -> Result<Result<Range<usize>, Stop>, JournalError> {
        let mut scan = BatchScan::new(self.position);
        loop {
            let window = self.buffer.get(self.start..self.filled).unwrap_or_default();
            let frame = window.get(scan.bytes..).unwrap_or_default();
            let fault = match v1::decode(frame, self.segment.header.frame_seed, FRAME_BYTES_MAX) {
                Ok(frame) => match scan.accept(&frame, window) {
                    Ok(Step::Record) if is_too_long(&scan) => {
                        Fault::Rule(DamageReason::BatchTooLong)
                    }
                    Ok(Step::Record) => continue,
                    Ok(Step::Complete(position)) => {
                        let end_bytes = frame.length;
                        return Ok(Ok(self.pass(&scan, end_bytes, position)));
                    }
                    Err(reason) => Fault::Rule(reason),
                },
                Err(FrameFault::Short(need)) => {
                    if self.fill(scan.bytes.saturating_add(need))? {
                        continue;
                    }
                    match self.filled.saturating_sub(self.start) {
                        0 => Fault::FileEnd,
                        _ => Fault::Broken(DamageReason::SegmentUnfinished),
                    }
                }
                Err(FrameFault::Unwritten) if scan.bytes == 0 => Fault::Unwritten,
                Err(FrameFault::Unwritten) => Fault::Broken(DamageReason::SegmentUnfinished),
                Err(FrameFault::Length(found)) => Fault::Broken(DamageReason::Length { found }),
                Err(FrameFault::Checksum) => Fault::Broken(DamageReason::Checksum),
                Err(FrameFault::Kind(found)) => Fault::Rule(DamageReason::Kind { found }),
            };
            let at = self.offset.saturating_add(file_bytes(scan.bytes));
            return Ok(Err(Stop { at, seq: scan.next_seq(), fault }));
        }
    }

    fn pass(&mut self, scan: &BatchScan, end_bytes: usize, position: Position) -> Range<usize> {
        let frames_end = self.start.saturating_add(scan.bytes);
        let frames = self.start..frames_end;
        let batch_bytes = file_bytes(scan.bytes.saturating_add(end_bytes));
        self.start = frames_end.saturating_add(end_bytes);
        let batch_end = self.offset.saturating_add(batch_bytes);
        self.last_batch = self.offset..batch_end;
        self.offset = batch_end;
        self.position = position;
        let totals = &mut self.totals;
        if position.ending == Ending::Unclosed {
            totals.batches = totals.batches.saturating_add(1);
            totals.batch_records_max = totals.batch_records_max.max(scan.records);
            totals.batch_bytes_max = totals.batch_bytes_max.max(batch_bytes);
        } else {
            totals.closings = totals.closings.saturating_add(1);
        }
        frames
    }

    /// Reads on until `need` bytes of the batch are in the buffer; returns false at the file's end.
    fn fill(&mut self, need: usize) -> Result<bool, JournalError> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled = self.filled.saturating_sub(self.start);
        self.start = 0;
        if self.buffer.len() < need {
            self.buffer.resize(need.next_multiple_of(READ_BYTES), 0);
        }
        let at = self.offset.saturating_add(file_bytes(self.filled));
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        self.filled = self.filled.saturating_add(self.segment.read_at(room, at)?);
        Ok(self.filled >= need)
    }

    fn enter_next(&mut self) -> Result<(), JournalError> {
        let position = self.position;
        let expected = position.next_seq();
        if position.ending == Ending::Sealed {
            return Err(self.damage(self.offset, expected, DamageReason::AfterSeal));
        }
        let number = directory::segment_after(self.segment.header.segment)?;
        let segment = Segment::open(&self.dir, number, expected)?;
        let (before, header) = (&self.segment.header, &segment.header);
        segment.check("segment", number, header.segment)?;
        segment.check("durability", before.durability, header.durability)?;
        segment.check("trade date", before.trade_date, header.trade_date)?;
        segment.check("frame seed", before.frame_seed, header.frame_seed)?;
        segment.check("first seq", expected, header.first_seq)?;
        segment.check("floor", position.last_ts, header.floor)?;
        segment.check("previous chain", position.chain, header.previous_chain)?;
        self.totals.segment_bytes = self.totals.segment_bytes.saturating_add(self.offset);
        self.position = Position::after_header(header);
        self.offset = segment.first_batch();
        self.last_batch = self.offset..self.offset;
        self.segment = segment;
        self.forget();
        Ok(())
    }

    fn damage(&self, offset: u64, seq: Seq, reason: DamageReason) -> JournalError {
        let place = Place { path: self.segment.path.clone(), offset, seq };
        JournalError::Damage { place, reason, committed_bytes: self.offset }
    }
}

fn is_too_long(scan: &BatchScan) -> bool {
    let bytes = scan.bytes.saturating_add(v1::MARK_BYTES);
    scan.records > BATCH_RECORDS_MAX || bytes > BATCH_BYTES_MAX
}

/// Returns a count of bytes in memory as a count of bytes in a file.
pub(crate) fn file_bytes(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
