//! What has arrived: framed, judged, answered, delivered.

use super::core::Owner;
use super::logon::too_low;
use super::step::{Step, is_ending};
use super::{Application, CloseReason, ConnectionId, Context as _, Recall, SessionIndex};
use crate::codec::{Frame, Garbled, Message, Parser, next_frame};
use crate::dict::{RejectReason, Violation};
use crate::session::check::{Refusal, Verdict, judge};
use crate::session::state::{Held, Numbers, Session, State, Test};
use crate::tag;

/// A step with the application and the journal.
pub(super) struct Work<'a, A> {
    pub(super) app: &'a mut A,
    pub(super) step: Step<'a>,
    pub(super) recall: &'a mut dyn Recall,
}

impl<A: Application> Work<'_, A> {
    /// Takes bytes of a connection; what is no whole message yet is kept.
    pub(super) fn receive(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let Some(found) = self.step.core.connections.get_mut(&connection) else {
            return;
        };
        let mut kept = core::mem::take(&mut found.buffer);
        let mut parser = core::mem::take(&mut self.step.core.parser);
        if kept.is_empty() {
            let used = self.frames(connection, bytes, &mut parser);
            kept.extend_from_slice(bytes.get(used..).unwrap_or_default());
        } else {
            kept.extend_from_slice(bytes);
            let used = self.frames(connection, &kept, &mut parser);
            kept.drain(..used);
        }
        self.step.core.parser = parser;
        if let Some(found) = self.step.core.connections.get_mut(&connection) {
            found.buffer = kept;
        }
    }
    /// Takes every whole message of a stream; returns the bytes that are done with.
    fn frames(&mut self, connection: ConnectionId, stream: &[u8], parser: &mut Parser) -> usize {
        let mut used = 0;
        while let Some(owner) = self.step.core.connections.get(&connection).map(|it| it.owner) {
            let rest = stream.get(used..).unwrap_or_default();
            match next_frame(rest) {
                Frame::Incomplete => break,
                Frame::Garbled { len, why } => {
                    used += len;
                    self.garbled(connection, owner, why);
                }
                Frame::Message { len } => {
                    used += len;
                    match parser.parse(rest.get(..len).unwrap_or_default()) {
                        Ok(message) => self.message(connection, owner, &message),
                        Err(why) => self.garbled(connection, owner, why),
                    }
                }
            }
        }
        used
    }
    /// Skips a garbled message, as the rules ask; a connection that begins with one is closed.
    fn garbled(&mut self, connection: ConnectionId, owner: Owner, why: Garbled) {
        self.step.core.garbled += 1;
        let Owner::Session(session) = owner else {
            let text = format!("a connection began with no message: {why:?}");
            self.step.turn_away(connection, CloseReason::RefusedLogon, None, &text);
            return;
        };
        let Some(found) = self.step.core.connections.get_mut(&connection) else {
            return;
        };
        found.garbled += 1;
        // The first tells a person; its followers are counted.
        if found.garbled == 1 {
            self.step.alert(Some(session), format!("a garbled message was skipped: {why:?}"));
        }
    }
    fn message(&mut self, connection: ConnectionId, owner: Owner, message: &Message<'_>) {
        self.step.boundary();
        match owner {
            Owner::Pending { .. } => self.step.first_message(connection, message),
            Owner::Session(session) => self.of_session(session, message),
        }
        if let Some(Owner::Session(session)) =
            self.step.core.connections.get(&connection).map(|it| it.owner)
        {
            self.go_on(session);
        }
    }
    fn of_session(&mut self, session: SessionIndex, message: &Message<'_>) {
        let now = self.step.now;
        let Some(found) = self.step.core.sessions.get_mut(session.index()) else {
            return;
        };
        match &mut found.state {
            State::LoggingOn { .. } => {
                self.step.logon_answered(session, message);
                return;
            }
            State::Active(link) | State::LoggingOut { link, .. } => {
                link.last_in = now;
                if let Test::Asked(_) = link.test {
                    // A heartbeat is due again before a silent peer would have been given up.
                    link.test = Test::Quiet;
                    self.step.core.touched.push(session);
                }
            }
            State::Down(_) => return,
        }
        if is_ending(&found.state) && message.msg_type() != b"5" {
            return;
        }
        match judge(found, message, now) {
            Verdict::InOrder | Verdict::AnyOrder => self.take(session, message),
            Verdict::Ahead(seq) => {
                let held = Held::Waiting(message.raw().into());
                self.step.open_gap(session, seq, held, false);
            }
            Verdict::Had => {}
            Verdict::Behind(seq) => {
                let text = too_low(found.numbers.next_in, seq);
                self.step.cut(session, &text, CloseReason::SeqTooLow);
            }
            Verdict::Refused(refusal) => self.refuse(session, message, refusal),
            Verdict::Foreign(refusal) => {
                self.refuse(session, message, refusal);
                self.step.log_out(session, refusal.reason.text(), CloseReason::Violation);
            }
            Verdict::WrongBeginString => {
                let text = "Incorrect BeginString";
                self.step.log_out(session, text, CloseReason::Violation);
            }
            Verdict::NoNumber => {
                self.step.cut(session, "Required tag missing: MsgSeqNum", CloseReason::Violation);
            }
        }
    }
    /// Takes what came early and whose turn it is, and goes on with a resend.
    fn go_on(&mut self, session: SessionIndex) {
        let ending = |found: &Session| is_ending(&found.state);
        while !self.step.core.session(session).is_some_and(ending)
            && let Some(held) = self.step.next_held(session)
        {
            self.step.boundary();
            match held {
                Held::Answered => self.step.take_number(session),
                Held::Waiting(raw) => {
                    let mut parser = core::mem::take(&mut self.step.core.held_parser);
                    match parser.parse(&raw) {
                        Ok(message) => self.take(session, &message),
                        Err(_) => self.step.take_number(session),
                    }
                    self.step.core.held_parser = parser;
                }
            }
        }
    }
    fn refuse(&mut self, session: SessionIndex, message: &Message<'_>, refusal: Refusal) {
        self.take_if_next(session, message);
        self.step.reject(session, message, refusal);
    }
    fn take_if_next(&mut self, session: SessionIndex, message: &Message<'_>) -> bool {
        let next = self.step.core.session(session).map(|found| found.numbers.next_in);
        let is_next = next.is_some() && next == message.seq();
        if is_next {
            self.step.take_number(session);
        }
        is_next
    }
    /// Handles a message whose turn it is, or that has none.
    fn take(&mut self, session: SessionIndex, message: &Message<'_>) {
        let core = &mut *self.step.core;
        let Some(found) = core.sessions.get(session.index()) else {
            return;
        };
        // Who wants to leave is let go, whatever else the logout says.
        let checked = match message.msg_type() {
            b"5" => Ok(()),
            _ => found.settings.validate.check(message),
        };
        if let Err(violation) = checked {
            self.violation(session, message, violation);
            return;
        }
        match message.msg_type() {
            b"4" => self.sequence_reset(session, message),
            b"5" => {
                self.take_if_next(session, message);
                self.step.logout_received(session, message.text(tag::TEXT));
            }
            b"A" => self.step.logon_again(session, message),
            b"2" => {
                if !self.take_if_next(session, message) {
                    self.ahead_and_answered(session, message);
                }
                self.resend_requested(session, message);
            }
            b"0" => {
                self.step.asks_for_nothing(session);
                self.step.take_number(session);
                self.step.drill_hears(session, message.get(tag::TEST_REQ_ID));
            }
            b"1" => {
                self.step.take_number(session);
                let id = message.get(tag::TEST_REQ_ID).unwrap_or_default();
                self.step.send_admin(session, "0", |body| {
                    body.raw(tag::TEST_REQ_ID, id);
                });
            }
            b"3" => {
                self.step.take_number(session);
                self.refused(session, message);
            }
            _ => {
                self.step.take_number(session);
                self.app.deliver(session, message, &mut self.step);
            }
        }
    }
    fn violation(&mut self, session: SessionIndex, message: &Message<'_>, found: Violation) {
        let Violation { reason, tag } = found;
        self.take_if_next(session, message);
        if message.msg_type() == b"3" {
            // A reject of a reject would go back and forth for ever.
            let text = format!("a reject of the peer breaks its dictionary: {}", reason.text());
            self.step.alert(Some(session), text);
            return;
        }
        match reason.business_code() {
            Some(code) => {
                let field = tag.map_or_else(String::new, |tag| format!(": {tag}"));
                let text = format!("{}{field}", reason.text());
                self.step.business_reject(session, message, code, &text);
            }
            None => self.step.reject(session, message, Refusal { reason, tag }),
        }
    }
    /// A resend request is answered at once; when others before it are missing its number waits.
    fn ahead_and_answered(&mut self, session: SessionIndex, message: &Message<'_>) {
        let next = self.step.core.session(session).map(|found| found.numbers.next_in);
        if let (Some(seq), Some(next)) = (message.seq(), next)
            && seq > next
        {
            self.step.open_gap(session, seq, Held::Answered, false);
        }
    }
    /// The peer skips numbers (test cases 10 and 11).
    fn sequence_reset(&mut self, session: SessionIndex, message: &Message<'_>) {
        let Some(numbers) = self.step.core.session(session).map(|found| found.numbers) else {
            return;
        };
        let fills = message.is_yes(tag::GAP_FILL_FLAG);
        let new = message.number(tag::NEW_SEQ_NO).ok().flatten();
        // A gap fill that skips nothing would be asked for for ever.
        let least = if fills { numbers.next_in + 1 } else { numbers.next_in };
        match new.filter(|new| *new >= least) {
            Some(next_in) if next_in == numbers.next_in => {}
            Some(next_in) => self.step.set_numbers(session, Numbers { next_in, ..numbers }),
            None => {
                if fills {
                    self.step.take_number(session);
                }
                let reason = RejectReason::ValueIncorrect;
                self.step.reject(session, message, Refusal { reason, tag: None });
            }
        }
    }
}
