//! The records of one commit, collected in memory.

use super::error::JournalError;
use super::scan::Position;
use super::v1;
use super::value::{Seq, Ts};
use super::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, PAYLOAD_BYTES_MAX};

/// Records appended and not yet committed.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Record frames, and the end once it is being committed.
    pub(crate) bytes: Vec<u8>,
    pub(crate) records: u32,
    /// Of the last record, here or committed before.
    pub(crate) last_seq: Seq,
    pub(crate) last_ts: Ts,
}

impl Batch {
    /// Returns the empty batch that follows `position`.
    pub(crate) fn after(position: &Position) -> Self {
        let Position { last_seq, last_ts, .. } = *position;
        Self { bytes: Vec::new(), records: 0, last_seq, last_ts }
    }

    /// Adds a record and returns its number, or refuses it and stays as it is.
    pub(crate) fn push(&mut self, seed: u32, ts: Ts, payload: &[u8]) -> Result<Seq, JournalError> {
        let seq = self.last_seq.next();
        let seq = seq.ok_or(JournalError::Exhausted { name: "seq", max: u64::MAX })?;
        let too_long = || JournalError::PayloadTooLong {
            seq,
            found: payload.len(),
            expected: PAYLOAD_BYTES_MAX,
        };
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(too_long());
        }
        if ts < self.last_ts {
            return Err(JournalError::TimeFell { seq, previous: self.last_ts, found: ts });
        }
        if !self.has_room(payload.len()) {
            let (records, bytes) = (self.records, self.bytes.len());
            return Err(JournalError::BatchFull { seq, records, bytes });
        }
        if !v1::put_record(&mut self.bytes, seed, (seq, ts), payload) {
            return Err(too_long());
        }
        self.records += 1;
        self.last_seq = seq;
        self.last_ts = ts;
        Ok(seq)
    }

    /// Returns whether a record with a payload of that length may be added.
    pub(crate) fn has_room(&self, payload_bytes: usize) -> bool {
        let bytes = payload_bytes
            .saturating_add(self.bytes.len())
            .saturating_add(v1::FRAME_BYTES + v1::MARK_BYTES);
        payload_bytes <= PAYLOAD_BYTES_MAX
            && self.records < BATCH_RECORDS_MAX
            && bytes <= BATCH_BYTES_MAX
    }

    /// Forgets the records, which are committed; the next ones follow them.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.records = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Batch;
    use crate::journal::JournalError;
    use crate::journal::value::{Seq, Ts};

    /// Style 7: the numbers of a day end at the largest, which is refused rather than wrapped.
    #[test]
    fn numbers_end() {
        let (last_seq, last_ts) = (Seq::new(u64::MAX - 1), Ts::MIN);
        let mut batch = Batch { bytes: Vec::new(), records: 0, last_seq, last_ts };
        assert_eq!(Some(Seq::new(u64::MAX)), batch.push(0, Ts::MIN, b"last").ok());
        let past = batch.push(0, Ts::MIN, b"one too many");
        assert!(matches!(past, Err(JournalError::Exhausted { name: "seq", .. })), "{past:?}");
        assert_eq!(1, batch.records);
    }
}
