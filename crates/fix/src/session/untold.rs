//! What a session said while nobody was there to hear it, and what of it is still to be told.
//!
//! A message that was numbered without a connection waits for the peer to ask for its number. When
//! the numbers begin anew before it did, or another journal begins, nobody can ask for it any more:
//! it is sent anew, as a message that the peer may know already (FIX 97). Refuses to keep more than
//! [`UNTOLD_MAX`] messages: the oldest are dropped and counted.

use std::collections::VecDeque;

use ringfence_kernel::types::Ts;

/// Messages kept for one session.
pub(crate) const UNTOLD_MAX: usize = 10_000;
/// Bytes of their fields.
pub(crate) const UNTOLD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A message that its peer was not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// MsgType (FIX 35).
    pub msg_type: String,
    /// SendingTime (FIX 52) of the first time.
    pub sent_ts: Ts,
    /// Its fields between header and trailer.
    pub body: Vec<u8>,
    /// The number under which the peer can ask for it; `None` once that is gone.
    seq: Option<u64>,
}

/// What a session has said to nobody, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Untold {
    messages: VecDeque<Message>,
    bytes: usize,
    dropped: u64,
}

impl Untold {
    /// Adds a message that was numbered `seq`, or one whose number is gone.
    pub(crate) fn push(&mut self, seq: Option<u64>, msg_type: &str, sent_ts: Ts, body: &[u8]) {
        while self.messages.len() >= UNTOLD_MAX
            || (self.bytes + body.len() > UNTOLD_BYTES_MAX && !self.messages.is_empty())
        {
            self.pop();
            self.dropped += 1;
        }
        self.bytes += body.len();
        let (msg_type, body) = (msg_type.to_owned(), body.to_vec());
        self.messages.push_back(Message { msg_type, sent_ts, body, seq });
    }
    /// Takes the oldest one.
    pub(crate) fn pop(&mut self) -> Option<Message> {
        let first = self.messages.pop_front()?;
        self.bytes -= first.body.len();
        Some(first)
    }
    /// Forgets the oldest `count`.
    pub(crate) fn forget(&mut self, count: u32) {
        (0..count).for_each(|_| {
            self.pop();
        });
    }
    /// Returns how many of the oldest have numbers before `seq`, which the peer has now.
    pub(crate) fn count_before(&self, seq: u64) -> u32 {
        let had = |message: &&Message| message.seq.is_some_and(|own| own < seq);
        u32::try_from(self.messages.iter().take_while(had).count()).unwrap_or(u32::MAX)
    }
    /// The numbers are gone: all of it must be sent anew.
    pub(crate) fn lose_numbers(&mut self) {
        self.messages.iter_mut().for_each(|message| message.seq = None);
    }
    /// Returns whether the oldest must be sent anew.
    pub(crate) fn is_due(&self) -> bool {
        self.messages.front().is_some_and(|message| message.seq.is_none())
    }
    /// Returns how many were dropped, once.
    pub(crate) const fn take_dropped(&mut self) -> u64 {
        core::mem::replace(&mut self.dropped, 0)
    }
    /// Returns the messages, the oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{UNTOLD_BYTES_MAX, UNTOLD_MAX, Untold};
    use ringfence_kernel::types::Ts;

    const AT: Ts = Ts::from_nanos(1);

    /// R52: what the peer asked for is told; what it can no longer ask for is due.
    #[test]
    fn what_was_asked_for_is_told_and_the_rest_is_due_once_its_number_is_gone() {
        let mut untold = Untold::default();
        (5..9).for_each(|seq| untold.push(Some(seq), "8", AT, b"x"));
        assert_eq!([0, 0, 1, 4], [1, 5, 6, 100].map(|seq| untold.count_before(seq)));
        untold.forget(1);
        assert!(!untold.is_due());
        untold.lose_numbers();
        assert!(untold.is_due());
        assert_eq!(0, untold.count_before(100), "nobody can ask for these");
        assert_eq!(3, untold.iter().count());
        untold.forget(9);
        assert!(!untold.is_due());
    }

    /// Rule 7 of STYLE.md: at the bounds the oldest goes, and is counted.
    #[test]
    fn the_oldest_are_dropped_and_counted() {
        let mut untold = Untold::default();
        let count = u64::try_from(UNTOLD_MAX).unwrap() + 2;
        (1..=count).for_each(|seq| untold.push(Some(seq), "8", AT, &seq.to_le_bytes()));
        assert_eq!(
            (UNTOLD_MAX, 2, 0),
            (untold.iter().count(), untold.take_dropped(), untold.take_dropped())
        );
        assert_eq!(3_u64.to_le_bytes().to_vec(), untold.iter().next().unwrap().body);
        untold.push(None, "8", AT, &vec![0; UNTOLD_BYTES_MAX]);
        assert_eq!((1, count - 2), (untold.iter().count(), untold.take_dropped()));
        untold.push(None, "8", AT, b"x");
        assert_eq!(1, untold.take_dropped());
    }
}
