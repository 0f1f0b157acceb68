//! What a session said and its peer has given no sign of having heard.
//!
//! A message that was numbered without a connection waits for the peer to ask for its number; one
//! that was written waits for the next message of the peer, since a connection may be dead long
//! before anybody notices. When the numbers begin anew, or another journal begins, nobody can ask
//! any more: what is left is sent anew, as a message that the peer may know already (FIX 97).
//! Refuses to keep more than [`UNTOLD_MAX`] messages: the oldest are dropped and counted.

use std::collections::VecDeque;

use ringfence_kernel::types::{Name, Ts};

/// Messages kept for one session.
pub(crate) const UNTOLD_MAX: usize = 10_000;
/// Bytes of their fields.
pub(crate) const UNTOLD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Returns whether a message is worth telling later: the state of a market was true once (FIX 35=W,
/// X, f, h), and comes in such numbers that it would push out what must be told.
pub(crate) fn is_kept(msg_type: &str) -> bool {
    !matches!(msg_type, "W" | "X" | "f" | "h")
}

/// A message of which there is no sign that its peer has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// MsgType (FIX 35).
    pub msg_type: Name,
    /// SendingTime (FIX 52) of the first time.
    pub sent_ts: Ts,
    /// Its fields between header and trailer.
    pub body: Vec<u8>,
    /// The number under which the peer can ask for it; `None` once that is gone.
    seq: Option<u64>,
}

/// The messages of one session, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Untold {
    messages: VecDeque<Message>,
    bytes: usize,
    dropped: u64,
    /// How many of the newest were written to the connection that stands.
    written: usize,
    /// How many of the oldest the peer was sent again on it, or has shown to have.
    resent: u32,
}

impl Untold {
    /// Adds a message of the number `seq`, or one whose number is gone; `is_written` to a
    /// connection that stands.
    pub(crate) fn push(
        &mut self,
        (seq, is_written): (Option<u64>, bool),
        msg_type: Name,
        sent_ts: Ts,
        body: &[u8],
    ) {
        while self.messages.len() >= UNTOLD_MAX
            || (self.bytes + body.len() > UNTOLD_BYTES_MAX && !self.messages.is_empty())
        {
            self.pop();
            self.dropped += 1;
        }
        self.bytes += body.len();
        self.messages.push_back(Message { msg_type, sent_ts, body: body.to_vec(), seq });
        self.written += usize::from(is_written);
    }
    /// Takes the oldest one.
    pub(crate) fn pop(&mut self) -> Option<Message> {
        let first = self.messages.pop_front()?;
        self.bytes -= first.body.len();
        self.written = self.written.min(self.messages.len());
        self.resent = self.resent.saturating_sub(1);
        Some(first)
    }
    /// Forgets the oldest `count`.
    pub(crate) fn forget(&mut self, count: u32) {
        (0..count).for_each(|_| {
            self.pop();
        });
    }
    /// The peer has said something: what was written before is told.
    pub(crate) fn hear(&mut self) {
        for _ in 0..core::mem::take(&mut self.written) {
            if let Some(last) = self.messages.pop_back() {
                self.bytes -= last.body.len();
            }
        }
        if self.messages.is_empty() {
            self.dropped = 0;
        }
    }
    /// The connection is gone, and with it what was on its way.
    pub(crate) const fn lose_connection(&mut self) {
        (self.written, self.resent) = (0, 0);
    }
    /// The peer was sent every number before `seq` again, or asks for none of them: it is told with
    /// its next message.
    pub(crate) fn resend(&mut self, seq: u64) {
        self.resent = self.resent.max(self.count_before(seq));
    }
    /// Forgets what was sent again before the message of the peer that is taken; returns how many.
    pub(crate) fn tell_resent(&mut self) -> u32 {
        let count = self.resent;
        self.forget(count);
        count
    }
    /// Forgets what the peer says to have, every number before `seq`; returns how many.
    pub(crate) fn tell_before(&mut self, seq: u64) -> u32 {
        let count = self.count_before(seq);
        self.forget(count);
        count
    }
    /// Returns how many of the oldest have numbers before `seq` and wait for a sign.
    fn count_before(&self, seq: u64) -> u32 {
        let had = |message: &&Message| message.seq.is_some_and(|own| own < seq);
        let waiting = self.messages.len().saturating_sub(self.written);
        let count = self.messages.iter().take(waiting).take_while(had).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
    /// The numbers are gone: all of it must be sent anew.
    pub(crate) fn lose_numbers(&mut self) {
        self.resent = 0;
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
    use ringfence_kernel::types::{Name, Ts};

    fn push(untold: &mut Untold, place: (Option<u64>, bool), body: &[u8]) {
        untold.push(place, Name::clipped("8"), Ts::from_nanos(1), body);
    }

    /// R52: what was sent again is told with the peer's next message; what it can no longer ask for
    /// is due.
    #[test]
    fn what_was_asked_for_is_told_and_the_rest_is_due_once_its_number_is_gone() {
        let mut untold = Untold::default();
        (5..9).for_each(|seq| push(&mut untold, (Some(seq), false), b"x"));
        untold.resend(6);
        untold.resend(3);
        assert_eq!((1, 0), (untold.tell_resent(), untold.tell_resent()));
        assert_eq!((3, false), (untold.iter().count(), untold.is_due()));
        untold.resend(8);
        untold.lose_connection();
        assert_eq!(0, untold.tell_resent(), "it was on its way when the connection broke");
        assert_eq!([0, 1], [6, 7].map(|seq| untold.tell_before(seq)));
        untold.lose_numbers();
        untold.resend(100);
        assert_eq!((0, true), (untold.tell_resent(), untold.is_due()), "nobody can ask for these");
        untold.forget(9);
        assert!(!untold.is_due());
    }

    /// R61: what was written is told when the peer says something, not before.
    #[test]
    fn what_was_written_waits_for_a_sign() {
        let mut untold = Untold::default();
        push(&mut untold, (Some(1), false), b"away");
        push(&mut untold, (Some(3), true), b"written");
        assert_eq!(1, untold.count_before(9), "what was written now is not among it");
        untold.hear();
        assert_eq!(vec![b"away".to_vec()], bodies(&untold));
        push(&mut untold, (Some(4), true), b"lost");
        untold.lose_connection();
        untold.hear();
        assert_eq!(vec![b"away".to_vec(), b"lost".to_vec()], bodies(&untold));
        push(&mut untold, (Some(6), true), b"written");
        untold.forget(3);
        push(&mut untold, (Some(7), false), b"away");
        untold.hear();
        assert_eq!(vec![b"away".to_vec()], bodies(&untold));
    }

    fn bodies(untold: &Untold) -> Vec<Vec<u8>> {
        untold.iter().map(|message| message.body.clone()).collect()
    }

    /// Rule 7 of STYLE.md: at the bounds the oldest goes, and is counted.
    #[test]
    fn the_oldest_are_dropped_and_counted() {
        let mut untold = Untold::default();
        let count = u64::try_from(UNTOLD_MAX).unwrap() + 2;
        (1..=count).for_each(|seq| push(&mut untold, (Some(seq), false), &seq.to_le_bytes()));
        assert_eq!(
            (UNTOLD_MAX, 2, 0),
            (untold.iter().count(), untold.take_dropped(), untold.take_dropped())
        );
        assert_eq!(3_u64.to_le_bytes().to_vec(), bodies(&untold)[0]);
        push(&mut untold, (None, false), &vec![0; UNTOLD_BYTES_MAX]);
        assert_eq!((1, count - 2), (untold.iter().count(), untold.take_dropped()));
        push(&mut untold, (None, false), b"x");
        assert_eq!(1, untold.take_dropped());
    }

    /// Who hears all of a flood was dropped nothing.
    #[test]
    fn what_is_told_was_not_dropped() {
        let mut untold = Untold::default();
        let count = u64::try_from(UNTOLD_MAX).unwrap() + 2;
        (1..=count).for_each(|seq| push(&mut untold, (Some(seq), true), b"x"));
        untold.hear();
        assert_eq!((0, 0), (untold.iter().count(), untold.take_dropped()));
    }
}
