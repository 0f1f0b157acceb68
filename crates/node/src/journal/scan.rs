//! The rules that join frames into batches and batches into a chain (invariant I7).

use super::damage::DamageReason;
use super::v1::{self, Frame, Header, Kind};
use super::value::{ChainHash, Ending, Seq, Ts};

/// Where a journal stands between two batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// The last record's number, 0 before the first record of the day.
    pub(crate) last_seq: Seq,
    /// The last record's time, or the floor in the header.
    pub(crate) last_ts: Ts,
    /// The tip of the hash chain.
    pub(crate) chain: ChainHash,
    /// Whether the last thing in front is a closing marker.
    pub(crate) ending: Ending,
}

impl Position {
    /// Returns the position right after a segment header.
    pub(crate) fn after_header(header: &Header) -> Self {
        Self {
            last_seq: header.first_seq.before(),
            last_ts: header.floor,
            chain: header.chain_start(),
            ending: Ending::Unclosed,
        }
    }

    /// Returns the number of the record that comes next; the largest one once they are used up.
    pub(crate) fn next_seq(&self) -> Seq {
        self.last_seq.next().unwrap_or(self.last_seq)
    }
}

/// One batch while its frames are read one after another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchScan {
    start: Position,
    last_seq: Seq,
    last_ts: Ts,
    /// Records seen.
    pub(crate) records: u32,
    /// Bytes of the record frames seen.
    pub(crate) bytes: usize,
}

/// What a valid frame did to the batch that it belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A record; the batch goes on.
    Record,
    /// The end of the batch or a marker; the journal now stands here.
    Complete(Position),
}

impl BatchScan {
    /// Returns the scan of the batch that begins at `start`.
    pub(crate) fn new(start: Position) -> Self {
        Self { start, last_seq: start.last_seq, last_ts: start.last_ts, records: 0, bytes: 0 }
    }

    /// Returns the number that the next record must have; the largest one once they are used up.
    pub(crate) fn next_seq(&self) -> Seq {
        self.last_seq.next().unwrap_or(self.last_seq)
    }

    /// Takes one frame whose checksum holds; `batch` begins with the frames seen before it.
    pub(crate) fn accept(&mut self, frame: &Frame<'_>, batch: &[u8]) -> Result<Step, DamageReason> {
        if self.start.ending == Ending::Sealed {
            return Err(DamageReason::AfterSeal);
        }
        match frame.kind {
            Kind::Record => self.accept_record(frame).map(|()| Step::Record),
            Kind::BatchEnd => self.accept_mark(frame, batch, Ending::Unclosed).map(Step::Complete),
            Kind::Close => self.accept_mark(frame, batch, Ending::Closed).map(Step::Complete),
            Kind::Seal => self.accept_mark(frame, batch, Ending::Sealed).map(Step::Complete),
        }
    }

    /// Returns the mark that would end the batch here.
    pub(crate) fn mark(&self, kind: Kind) -> v1::Mark {
        v1::Mark { kind, seq: self.last_seq, ts: self.last_ts, records: self.records }
    }

    /// Returns the time of the last record.
    pub(crate) fn last_ts(&self) -> Ts {
        self.last_ts
    }

    /// Returns the chain hash in front of the batch.
    pub(crate) fn chain(&self) -> &ChainHash {
        &self.start.chain
    }

    fn accept_record(&mut self, frame: &Frame<'_>) -> Result<(), DamageReason> {
        if self.last_seq.next() != Some(frame.seq) {
            return Err(DamageReason::Sequence { found: frame.seq });
        }
        if frame.ts < self.last_ts {
            return Err(DamageReason::Time { previous: self.last_ts, found: frame.ts });
        }
        self.records = self.records.checked_add(1).ok_or(DamageReason::BatchTooLong)?;
        self.bytes = self.bytes.checked_add(frame.length).ok_or(DamageReason::BatchTooLong)?;
        self.last_seq = frame.seq;
        self.last_ts = frame.ts;
        Ok(())
    }

    fn accept_mark(
        &self,
        frame: &Frame<'_>,
        batch: &[u8],
        ending: Ending,
    ) -> Result<Position, DamageReason> {
        let (expected, found) = frame.mark().ok_or(DamageReason::Checksum)?;
        if frame.seq != self.last_seq {
            return Err(DamageReason::Sequence { found: frame.seq });
        }
        if frame.ts != self.last_ts {
            return Err(DamageReason::Time { previous: self.last_ts, found: frame.ts });
        }
        // A batch end closes at least one record, a marker none.
        if expected != self.records || (self.records == 0) != (ending != Ending::Unclosed) {
            return Err(DamageReason::Count { found: self.records, expected });
        }
        let (frames, end) = batch.split_at_checked(self.bytes).ok_or(DamageReason::Checksum)?;
        let chain = v1::chain(&self.start.chain, frames, end);
        if chain != found {
            return Err(DamageReason::Chain { expected: chain, found });
        }
        Ok(Position { last_seq: self.last_seq, last_ts: self.last_ts, chain, ending })
    }
}
