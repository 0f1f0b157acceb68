//! Where the messages that a session sent are found again: a record number for each MsgSeqNum.

use std::collections::VecDeque;

/// Messages of one session that can be found again; older ones are gap-filled on a resend.
pub const SENT_MAX: usize = 1 << 24;

const CHUNK: usize = 4_096;

/// What is known of a number that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// A message of the session, or one that is no longer known.
    Admin,
    /// A message of the application, in this record of the journal.
    Record(u64),
}

/// Record numbers by MsgSeqNum, in chunks so that growing never moves what is there.
#[derive(Debug)]
pub(crate) struct SentIndex {
    first: u64,
    chunks: VecDeque<Vec<u64>>,
}

impl SentIndex {
    /// Returns an index whose first message will be numbered `first`.
    pub(crate) const fn new(first: u64) -> Self {
        Self { first, chunks: VecDeque::new() }
    }
    /// Adds the next message.
    pub(crate) fn push(&mut self, sent: Sent) {
        let record = match sent {
            Sent::Admin => 0,
            Sent::Record(record) => record,
        };
        match self.chunks.back_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(record),
            Some(_) | None => {
                if self.chunks.len() == SENT_MAX / CHUNK {
                    self.chunks.pop_front();
                    self.first += CHUNK_NUMBERS;
                }
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(record);
                self.chunks.push_back(chunk);
            }
        }
    }
    /// Returns what was sent as `seq`.
    pub(crate) fn get(&self, seq: u64) -> Sent {
        let place = seq.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        let record = place.and_then(|place| self.chunks.get(place / CHUNK)?.get(place % CHUNK));
        match record {
            None | Some(0) => Sent::Admin,
            Some(record) => Sent::Record(*record),
        }
    }
}

const CHUNK_NUMBERS: u64 = 4_096;

#[cfg(test)]
mod tests {
    use super::{CHUNK, Sent, SentIndex};

    /// Decision 0008: a resend finds each message by its number, and admin ones as such.
    #[test]
    fn every_number_is_found() {
        let mut index = SentIndex::new(5);
        for seq in 5..15_000_u64 {
            index.push(if seq % 3 == 0 { Sent::Admin } else { Sent::Record(seq * 2) });
        }
        for seq in 5..15_000_u64 {
            let expected = if seq % 3 == 0 { Sent::Admin } else { Sent::Record(seq * 2) };
            assert_eq!(expected, index.get(seq));
        }
        assert_eq!([Sent::Admin; 3], [4, 15_000, u64::MAX].map(|seq| index.get(seq)));
        assert_eq!(4, index.chunks.len());
        assert_eq!(CHUNK, index.chunks[0].capacity());
    }

    /// A bounded index forgets its oldest chunk and keeps the rest.
    #[test]
    fn the_oldest_are_forgotten_at_the_bound() {
        let mut index = SentIndex::new(1);
        let count = u64::try_from(super::SENT_MAX).unwrap() + 1;
        for seq in 1..=count {
            index.push(Sent::Record(seq));
        }
        assert_eq!(Sent::Admin, index.get(4_096));
        assert_eq!(Sent::Record(4_097), index.get(4_097));
        assert_eq!(Sent::Record(count), index.get(count));
    }
}
