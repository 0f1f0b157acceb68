//! Sends again what the peer asks for, from the journal.

use core::ops::Range;

use ringfence_kernel::types::Ts;

use super::inbound::Work;
use super::step::{First, Step};
use super::{Application, Effect, Note, Recall, SessionIndex};
use crate::codec::Message;
use crate::dict::RejectReason;
use crate::record::{Content, Event, Events, split};
use crate::session::check::Refusal;
use crate::session::sent::Sent;
use crate::session::state::{Resend, Session};
use crate::tag;

/// Messages sent again in one step; the rest follows in the next.
pub const RESENT_PER_STEP_MAX: u32 = 1_000;
/// Bytes of a turn from which on nothing is sent again in it; the rest follows in the next, once
/// these are on their way. However often a peer asks in one turn, no more than this waits for it.
pub const RESENT_BYTES_PER_TURN_MAX: usize = 512 * 1024;
/// Numbers looked at in one step.
const LOOKED_AT_MAX: u64 = 100_000;

/// A message that was found again: where it stands in the recalled record.
struct Found {
    msg_type: Range<usize>,
    body: Range<usize>,
    sent_ts: Ts,
}

impl<A: Application> Work<'_, A> {
    /// Answers a resend request, or rejects one whose numbers make no sense.
    pub(super) fn resend_requested(&mut self, session: SessionIndex, message: &Message<'_>) {
        let Some(found) = self.step.core.session_mut(session) else {
            return;
        };
        let sent_to = found.numbers.next_out - 1;
        let refuse = |tag| Refusal::at(RejectReason::ValueIncorrect, tag);
        let begin = message.number(tag::BEGIN_SEQ_NO).ok().flatten();
        let end = message.number(tag::END_SEQ_NO).ok().flatten();
        let Some(next) = begin.filter(|begin| (1..=sent_to).contains(begin)) else {
            self.step.reject(session, message, refuse(tag::BEGIN_SEQ_NO));
            return;
        };
        let last = match end {
            Some(0) => sent_to,
            Some(end) if end >= next => end.min(sent_to),
            Some(_) | None => {
                self.step.reject(session, message, refuse(tag::END_SEQ_NO));
                return;
            }
        };
        if let Some(link) = found.link_mut() {
            // What an earlier request still waits for is not forgotten.
            let open =
                link.resend.map_or((next, last), |open| (open.next.min(next), open.last.max(last)));
            link.resend = Some(Resend { next: open.0, last: open.1 });
        }
        self.resend_on(session);
    }
    /// Goes on with a resend, as far as one step may.
    pub(super) fn resend_on(&mut self, session: SessionIndex) {
        let resend = self.step.core.session(session).and_then(Session::link);
        let Some(Resend { next, last }) = resend.and_then(|link| link.resend) else {
            return;
        };
        let stop = last.min(next.saturating_add(LOOKED_AT_MAX));
        let (mut seq, mut gap, mut count) = (next, None, 0);
        let has_room = |work: &Self| work.step.turn.byte_count() < RESENT_BYTES_PER_TURN_MAX;
        while seq <= stop && count < RESENT_PER_STEP_MAX && has_room(self) {
            match self.find(session, seq) {
                Some(found) => {
                    self.fill(session, gap.take(), seq);
                    self.send_again(session, seq, &found);
                    count += 1;
                }
                None => gap = gap.or(Some(seq)),
            }
            seq += 1;
        }
        self.fill(session, gap, seq);
        if let Some(found) = self.step.core.session_mut(session) {
            found.untold.resend(seq);
            if let Some(link) = found.link_mut() {
                link.resend = (seq <= last).then_some(Resend { next: seq, last });
            }
        }
        self.step.touch(session);
    }
    /// Sends anew what the peer was not told and can't ask for, as far as one step may.
    pub(super) fn tell(&mut self, session: SessionIndex) {
        let (mut looked_at, mut told) = (0, 0_u32);
        while looked_at < RESENT_PER_STEP_MAX {
            let found = self.step.core.session_mut(session);
            let Some(message) =
                found.filter(|found| found.untold.is_due()).and_then(|found| found.untold.pop())
            else {
                break;
            };
            looked_at += 1;
            if self.app.outlives_its_number(session, message.msg_type.as_str()) {
                self.step.send_anew(session, &message);
                told += 1;
            } else {
                self.step.note_told(session, 1);
            }
        }
        self.step.tell_of_telling(session, told);
        self.step.touch(session);
    }
    /// Fills the numbers from `gap` to before `seq`.
    fn fill(&mut self, session: SessionIndex, gap: Option<u64>, seq: u64) {
        let Some(from) = gap else {
            return;
        };
        let mut body = core::mem::take(&mut self.step.core.body);
        body.clear();
        body.put(tag::GAP_FILL_FLAG, "Y").number(tag::NEW_SEQ_NO, seq);
        let first = First::No(self.step.now);
        self.step.write(session, "4", from, first, body.bytes());
        self.step.core.body = body;
    }
    fn send_again(&mut self, session: SessionIndex, seq: u64, found: &Found) {
        let (record, payload) = core::mem::take(&mut self.step.core.recalled);
        let body = payload.get(found.body.clone()).unwrap_or_default();
        let msg_type = text(&payload, &found.msg_type);
        self.step.write(session, msg_type, seq, First::No(found.sent_ts), body);
        self.step.core.recalled = (record, payload);
    }
    /// Returns a message that may be sent again; `None` is gap-filled.
    fn find(&mut self, session: SessionIndex, seq: u64) -> Option<Found> {
        let found = self.step.find_sent(session, seq, self.recall)?;
        let (_, payload) = &self.step.core.recalled;
        self.app.may_resend(session, text(payload, &found.msg_type)).then_some(found)
    }
    /// Hands a session reject of the peer to the application, with the message that it refuses.
    pub(super) fn refused(&mut self, session: SessionIndex, message: &Message<'_>) {
        let seq = message.number(tag::REF_SEQ_NUM).ok().flatten();
        let found = seq.and_then(|seq| self.step.find_sent(session, seq, self.recall));
        let why = message.text(tag::TEXT).unwrap_or("no text");
        let number = seq.unwrap_or(0);
        self.step.alert(Some(session), format!("the peer rejected our message {number}: {why}"));
        let (record, payload) = core::mem::take(&mut self.step.core.recalled);
        let sent = found.map(|found| {
            let body = payload.get(found.body.clone()).unwrap_or_default();
            (text(&payload, &found.msg_type), body)
        });
        self.app.refused(session, message, sent, &mut self.step);
        self.step.core.recalled = (record, payload);
    }
}

impl Step<'_> {
    fn tell_of_telling(&mut self, session: SessionIndex, told: u32) {
        let found = self.core.session_mut(session);
        let dropped = found.map_or(0, |found| found.untold.take_dropped());
        if told > 0 {
            let text = format!("{told} messages that the peer was not told were sent anew");
            self.turn.push(Effect::Note(Note { session: Some(session), text }));
        }
        if dropped > 0 {
            let text =
                format!("{dropped} messages that the peer was not told were too many to keep");
            self.alert(Some(session), text);
        }
    }
    /// Returns where the application message `seq` stands in the recalled record.
    fn find_sent(
        &mut self,
        session: SessionIndex,
        seq: u64,
        recall: &mut dyn Recall,
    ) -> Option<Found> {
        let session_found = self.core.session(session)?;
        let number = session_found.number?;
        let Sent::Record(record) = session_found.sent.get(seq) else {
            return None;
        };
        self.recall(session, record, recall)?;
        let (_, payload) = &self.core.recalled;
        let (wire, _) = split(payload).ok()?;
        let events = Events::new(wire?).filter_map(Result::ok);
        let mut found = None;
        for event in events {
            if let Event::Sent { session, seq: sent, msg_type, content } = event
                && session == number
                && sent == seq
                && let Content::Application { sent_ts, body } = content
            {
                let msg_type = place(payload, msg_type.as_bytes())?;
                found = Some(Found { msg_type, body: place(payload, body)?, sent_ts });
            }
        }
        found
    }
    /// Reads a record again: of the journal, of this turn, or the one being collected.
    fn recall(
        &mut self,
        session: SessionIndex,
        record: u64,
        recall: &mut dyn Recall,
    ) -> Option<()> {
        if record == self.core.next_record {
            self.seal();
        }
        if self.core.recalled.0 == record {
            return Some(());
        }
        let (_, mut payload) = core::mem::take(&mut self.core.recalled);
        payload.clear();
        let turn_records = u64::try_from(self.turn.record_count()).unwrap_or(u64::MAX);
        let read = match (record + turn_records).checked_sub(self.core.next_record) {
            Some(place) => {
                let place = usize::try_from(place).ok();
                let own = place.and_then(|place| self.turn.record(place));
                payload.extend_from_slice(own.unwrap_or_default());
                Ok(())
            }
            None => recall.payload(record, &mut payload),
        };
        match read {
            Ok(()) => {
                self.core.recalled = (record, payload);
                Some(())
            }
            Err(why) => {
                let text = format!("record {record} cannot be sent again: {}", why.text);
                self.alert(Some(session), text);
                self.core.recalled = (0, payload);
                None
            }
        }
    }
}

fn text<'a>(payload: &'a [u8], place: &Range<usize>) -> &'a str {
    let bytes = payload.get(place.clone()).unwrap_or_default();
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// Returns where `part` stands in `whole`, of which it is a part.
fn place(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (start + part.len() <= whole.len()).then_some(start..start + part.len())
}
