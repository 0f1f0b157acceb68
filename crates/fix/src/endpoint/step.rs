//! One step of an endpoint: what it writes, remembers and tells, and what an application may do.

use ringfence_kernel::types::Ts;

use super::core::{Connection, Core, Owner, Part};
use super::ending::Ending;
use super::reject;
use super::{
    Alert, Application, CloseReason, ConnectionId, Context, Effect, Note, SessionIndex, Turn,
};
use crate::codec::{Body, Message, SOH, encode, put_number};
use crate::record::{Content, Event, join};
use crate::session::drill::Drill;
use crate::session::settings::SESSIONS_MAX;
use crate::session::state::{Numbers, State};
use crate::session::{is_admin, state, untold};
use crate::tag;

/// Bytes of a wire part after which a record ends; a single message may go beyond.
pub const WIRE_BYTES_MAX: usize = 128 * 1024;
/// Times that an application is told of changes in one step; it may cause some by what it does.
const TOLD_MAX: usize = 4 * SESSIONS_MAX;

/// PossResend (FIX 97) of the header.
const POSS_RESEND: &[u8] = b"97=Y\x01";

/// A core, the turn that it adds to, and the time.
pub(super) struct Step<'a> {
    pub(super) core: &'a mut Core,
    pub(super) turn: &'a mut Turn,
    pub(super) now: Ts,
}

/// Whether a message goes out for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// It does.
    Yes,
    /// It was first sent at this time.
    No(Ts),
}

impl Step<'_> {
    /// Adds an event to the record being collected.
    pub(super) fn remember(
        &mut self,
        session: SessionIndex,
        event: impl Fn(u16) -> Event<'static>,
    ) {
        if let Some(number) = self.core.session(session).and_then(|session| session.number) {
            event(number).encode(&mut self.core.wire);
        }
    }
    /// Ends the record being collected.
    pub(super) fn seal(&mut self) {
        let core = &mut *self.core;
        if core.wire.is_empty() && core.part == Part::Absent {
            return;
        }
        self.turn.push_record(|out| join(&core.wire, &core.payload, out));
        core.wire.clear();
        core.payload.clear();
        core.part = Part::Absent;
        core.next_record += 1;
    }
    /// Ends the record when the next message must not share it.
    pub(super) fn boundary(&mut self) {
        if self.core.part == Part::Present || self.core.wire.len() > WIRE_BYTES_MAX {
            self.seal();
        }
    }
    /// Notes that the state of a session may have changed.
    pub(super) fn touch(&mut self, session: SessionIndex) {
        if self.core.touched.last() != Some(&session) {
            self.core.touched.push(session);
        }
    }
    /// Takes a number of the peer.
    pub(super) fn take_number(&mut self, session: SessionIndex) {
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let seq = found.numbers.next_in;
        found.note_received();
        let count = found.untold.tell_resent();
        self.core.taken += 1;
        self.remember(session, |number| Event::Received { session: number, seq });
        self.note_told(session, count);
    }
    /// Sets the numbers of a session.
    pub(super) fn set_numbers(&mut self, session: SessionIndex, numbers: Numbers) {
        let Numbers { next_in, next_out, since } = numbers;
        if let Some(found) = self.core.session_mut(session) {
            found.set_numbers(numbers);
        }
        self.remember(session, |number| Event::NumbersSet {
            session: number,
            next_in,
            next_out,
            since,
        });
    }
    /// Lets both numbers begin at 1.
    pub(super) fn reset(&mut self, session: SessionIndex) {
        self.set_numbers(session, Numbers { next_in: 1, next_out: 1, since: self.now });
    }
    /// Sends a message of the session, its body made by `write`.
    pub(super) fn send_admin(
        &mut self,
        session: SessionIndex,
        msg_type: &'static str,
        write: impl FnOnce(&mut Body),
    ) {
        let mut body = core::mem::take(&mut self.core.body);
        body.clear();
        write(&mut body);
        self.number_and_write(session, msg_type, Content::Admin, body.bytes());
        self.core.body = body;
    }
    /// Numbers a message, remembers it in a record that has room, and writes it when the peer is
    /// there.
    fn number_and_write(
        &mut self,
        session: SessionIndex,
        msg_type: &str,
        content: Content<'_>,
        body: &[u8],
    ) {
        self.seal_when_full();
        self.number_here(session, msg_type, content, body);
    }
    /// As said, in the record that is being collected.
    fn number_here(
        &mut self,
        session: SessionIndex,
        msg_type: &str,
        content: Content<'_>,
        body: &[u8],
    ) {
        let record = self.core.next_record;
        let Some(found) = self.core.sessions.get_mut(session.index()) else {
            return;
        };
        let seq = found.numbers.next_out;
        let Some(number) = found.number else {
            return;
        };
        Event::Sent { session: number, seq, msg_type, content }.encode(&mut self.core.wire);
        let was_heard = found.is_heard;
        found.note_sent(record, msg_type, content);
        if was_heard || content == Content::Admin {
            self.write(session, msg_type, seq, First::Yes, body);
        }
    }
    /// Ends the record when its wire part is long enough.
    pub(super) fn seal_when_full(&mut self) {
        if self.core.wire.len() > WIRE_BYTES_MAX {
            self.seal();
        }
    }
    /// Writes a message under `seq` to the connection of a session, without remembering it.
    pub(super) fn write(
        &mut self,
        session: SessionIndex,
        msg_type: &str,
        seq: u64,
        first: First,
        body: &[u8],
    ) {
        let core = &mut *self.core;
        let Some(found) = core.sessions.get_mut(session.index()) else {
            return;
        };
        let Some(connection) = found.connection() else {
            return;
        };
        let header = &mut core.header;
        header.clear();
        header.extend_from_slice(b"35=");
        header.extend_from_slice(msg_type.as_bytes());
        header.extend_from_slice(b"\x0134=");
        put_number(header, seq);
        header.push(SOH);
        if let First::No(_) = first {
            header.extend_from_slice(b"43=Y\x01");
        }
        header.extend_from_slice(&found.comp_ids);
        header.extend_from_slice(b"52=");
        core.stamp.put(header, self.now);
        header.push(SOH);
        if let First::No(original) = first {
            header.extend_from_slice(b"122=");
            core.stamp.put(header, original);
            header.push(SOH);
        }
        let begin_string = found.settings.version.begin_string();
        if let Some(link) = found.link_mut() {
            link.last_out = self.now;
        }
        self.turn.push_bytes(connection, |out| encode(begin_string, header, body, out));
    }
    /// Tells a person.
    pub(super) fn alert(&mut self, session: Option<SessionIndex>, text: String) {
        self.turn.push(Effect::Alert(Alert { session, text }));
    }
    /// Adds a connection.
    pub(super) fn connect(&mut self, connection: ConnectionId, owner: Owner) {
        if let Owner::Pending { .. } = owner {
            self.core.pending_count += 1;
        }
        let added = Connection { owner, buffer: Vec::new(), garbled: 0 };
        self.core.connections.insert(connection, added);
    }
    /// Forgets a connection; returns whose it was.
    pub(super) fn forget(&mut self, connection: ConnectionId) -> Option<Owner> {
        let owner = self.core.connections.remove(&connection)?.owner;
        if let Owner::Pending { .. } = owner {
            self.core.pending_count -= 1;
        }
        Some(owner)
    }
    /// Closes a connection that belongs to no session.
    pub(super) fn close_pending(&mut self, connection: ConnectionId, why: CloseReason) {
        self.forget(connection);
        self.turn.push(Effect::Close { connection, why });
    }
    /// Closes a connection whose logon is refused. A person is told of the first, the second, the
    /// fourth and so on: whoever tries without end does not flood anybody.
    pub(super) fn turn_away(
        &mut self,
        connection: ConnectionId,
        why: CloseReason,
        session: Option<SessionIndex>,
        text: &str,
    ) {
        self.close_pending(connection, why);
        self.core.refused += 1;
        let count = self.core.refused;
        if count.is_power_of_two() {
            self.alert(session, format!("connection refused, {count} so far: {text}"));
        }
    }
    /// Closes the connection of a session and ends it, for a reason in words.
    pub(super) fn close(&mut self, session: SessionIndex, why: CloseReason, text: &str) {
        let Some(connection) = self.core.session(session).and_then(state::Session::connection)
        else {
            return;
        };
        self.forget(connection);
        self.turn.push(Effect::Close { connection, why });
        let is_orderly = why == CloseReason::LoggedOut;
        let ending = if is_orderly { Ending::Orderly } else { Ending::Lost };
        self.end(session, ending, text);
    }
    /// Sends a message of the application; it is numbered and remembered in any case.
    fn send_application(&mut self, session: SessionIndex, msg_type: &str, body: &[u8]) {
        let content = Content::Application { sent_ts: self.now, body };
        self.number_and_write(session, msg_type, content, body);
        self.touch(session);
    }
    /// Sends a message of before under a new number, as one that the peer may know by another: its
    /// fields follow the header's, so it is marked there, on a resend as well. That it is no longer
    /// untold stands in the same record: a crash loses neither.
    pub(super) fn send_anew(&mut self, session: SessionIndex, message: &untold::Message) {
        let marked = message.body.starts_with(POSS_RESEND);
        let mark = if marked { Default::default() } else { POSS_RESEND };
        let body = [mark, &message.body].concat();
        let content = Content::Application { sent_ts: self.now, body: &body };
        self.seal_when_full();
        self.note_told(session, 1);
        self.number_here(session, message.msg_type.as_str(), content, &body);
    }
    /// Remembers that the oldest `count` that were untold no longer are.
    pub(super) fn note_told(&mut self, session: SessionIndex, count: u32) {
        if count > 0 {
            self.remember(session, |number| Event::Told { session: number, count });
        }
    }
    /// Tells the application of sessions that came up or went down, and ends the record.
    pub(super) fn finish(&mut self, application: &mut impl Application) {
        for _ in 0..TOLD_MAX {
            let Some(index) = self.core.touched.pop() else {
                if self.drive_drill(application) {
                    continue;
                }
                break;
            };
            let Some(session) = self.core.session_mut(index) else {
                continue;
            };
            let (is_up, deadline) = (session.is_up(), session.deadline());
            let changed = core::mem::replace(&mut session.told_up, is_up) != is_up;
            self.core.wake_by(deadline);
            if changed {
                application.session_changed(index, is_up, self);
            }
        }
        self.seal();
    }
}

impl Context for Step<'_> {
    fn now(&self) -> Ts {
        self.now
    }
    fn record(&mut self, write: &mut dyn FnMut(&mut Vec<u8>)) {
        if self.core.part == Part::Present {
            self.seal();
        }
        write(&mut self.core.payload);
        self.core.part = Part::Present;
    }
    fn send(&mut self, session: SessionIndex, msg_type: &str, body: &Body) {
        if is_admin(msg_type.as_bytes()) {
            let text = format!("expected a message of the application, found MsgType {msg_type}");
            self.alert(Some(session), text);
        } else {
            self.send_application(session, msg_type, body.bytes());
        }
    }
    fn is_up(&self, session: SessionIndex) -> bool {
        self.core.session(session).is_some_and(state::Session::is_up)
    }
    fn is_drilled(&self, session: SessionIndex) -> bool {
        let drill = self.core.session(session).and_then(|found| found.drill.as_ref());
        drill.is_some_and(Drill::is_away)
    }
    fn business_reject(
        &mut self,
        session: SessionIndex,
        message: &Message<'_>,
        reason: u16,
        text: &str,
    ) {
        // A reject of a reject would go back and forth for ever.
        if is_admin(message.msg_type()) || message.msg_type() == b"j" {
            return;
        }
        let mut body = core::mem::take(&mut self.core.body);
        body.clear();
        reject::refer_to(message, &mut body);
        reject::refer_by_id(message, &mut body);
        body.number(tag::BUSINESS_REJECT_REASON, u64::from(reason)).put(tag::TEXT, text);
        self.send_application(session, "j", body.bytes());
        self.core.body = body;
    }
    fn logout(&mut self, session: SessionIndex, text: &str) {
        self.log_out(session, text, CloseReason::LoggedOut);
    }
    fn note(&mut self, session: Option<SessionIndex>, text: String) {
        self.turn.push(Effect::Note(Note { session, text }));
    }
    fn alert(&mut self, session: Option<SessionIndex>, text: String) {
        Step::alert(self, session, text);
    }
}

/// Returns whether a session is logging out because the peer broke a rule.
pub(super) const fn is_ending(state: &State) -> bool {
    matches!(state, State::LoggingOut { why: CloseReason::Violation, .. })
}
