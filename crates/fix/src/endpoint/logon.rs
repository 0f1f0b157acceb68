//! Logons: those that are answered, and those that are sent.

use ringfence_kernel::types::Ts;

use super::core::{Life, Owner};
use super::step::Step;
use super::{CloseReason, ConnectionId, Effect, SessionIndex};
use crate::codec::{Body, Message};
use crate::dict::RejectReason;
use crate::record::Event;
use crate::session::check::{Verdict, check_origin};
use crate::session::settings::SessionSettings;
use crate::session::state::{Down, Held, Link, Resend, Session, State, after};
use crate::session::{Role, Version};
use crate::tag;

/// Why a logon is refused.
enum Refused {
    /// Nothing is said to somebody who may be anybody, and no number is used.
    Silently(CloseReason, String),
    /// The peer is who it claims to be and is told.
    Told(CloseReason, String),
}

/// What a logon agrees on.
struct Terms {
    seq: u64,
    heartbeat_secs: u32,
    reset: bool,
    /// NextExpectedMsgSeqNum, when both sides use it.
    next_expected: Option<u64>,
}

impl Step<'_> {
    /// Answers the first message of an accepted connection.
    pub(super) fn first_message(&mut self, connection: ConnectionId, message: &Message<'_>) {
        let found = match message.msg_type() {
            b"A" => self.core.indices().find(|index| self.is_addressed(*index, message)),
            _ => None,
        };
        let Some(session) = found else {
            let text = "the first message is no logon to a session that we know";
            self.turn_away(connection, CloseReason::RefusedLogon, None, text);
            return;
        };
        match self.admit(session, message).and_then(|()| self.agree(session, message)) {
            Ok(terms) => self.accept(session, connection, &terms),
            Err(Refused::Silently(why, text)) => {
                self.turn_away(connection, why, Some(session), &text);
            }
            Err(Refused::Told(why, text)) => {
                self.adopt(session, connection);
                self.cut(session, &text, why);
            }
        }
    }
    fn is_addressed(&self, index: SessionIndex, message: &Message<'_>) -> bool {
        let Some(Session { settings, .. }) = self.core.session(index) else {
            return false;
        };
        let is = |tag, wanted: &[u8]| message.get(tag) == Some(wanted);
        settings.role == Role::Acceptor
            && is(tag::BEGIN_STRING, settings.version.begin_string().as_bytes())
            && is(tag::SENDER_COMP_ID, settings.target_comp_id.as_bytes())
            && is(tag::TARGET_COMP_ID, settings.sender_comp_id.as_bytes())
            && settings.target_sub_id.is_none_or(|id| is(tag::SENDER_SUB_ID, id.as_bytes()))
            && settings.sender_sub_id.is_none_or(|id| is(tag::TARGET_SUB_ID, id.as_bytes()))
    }
    /// Returns whether a logon is from whom it says, and may come now.
    fn admit(&mut self, session: SessionIndex, message: &Message<'_>) -> Result<(), Refused> {
        let silently = |why, text: &str| Err(Refused::Silently(why, text.to_owned()));
        let core = &mut *self.core;
        let Some(found) = core.sessions.get(session.index()) else {
            return silently(CloseReason::RefusedLogon, "unknown session");
        };
        if core.life != Life::Running {
            return silently(CloseReason::Ending, "the process is ending");
        }
        if !matches!(found.state, State::Down(_)) {
            return silently(CloseReason::DuplicateLogon, "the session is logged on already");
        }
        if found.settings.schedule.window(self.now).is_none() {
            return silently(CloseReason::OutOfSchedule, "outside the schedule");
        }
        if let Err(why) = check_origin(found, message, self.now) {
            let text = foreign(&why, message, self.now);
            return silently(CloseReason::RefusedLogon, &text);
        }
        if let Err(violation) = found.settings.validate.check(message) {
            return silently(CloseReason::RefusedLogon, violation.reason.text());
        }
        let user = message.get(tag::USERNAME);
        if !core.authenticator.admits(session, user, message.get(tag::PASSWORD)) {
            return silently(CloseReason::RefusedLogon, "Username and Password");
        }
        Ok(())
    }
    /// Returns the terms of a logon and checks its numbers.
    ///
    /// Numbers that every logon resets are reset before it is refused: the peer begins at 1 and
    /// expects the refusal to be 1 as well.
    fn agree(&mut self, session: SessionIndex, message: &Message<'_>) -> Result<Terms, Refused> {
        let Some(Session { settings, .. }) = self.core.session(session) else {
            let text = "unknown session".to_owned();
            return Err(Refused::Silently(CloseReason::RefusedLogon, text));
        };
        let (resets, terms) = (settings.resets, terms(settings, message));
        if let Err(Refused::Silently(..)) = terms {
            return terms;
        }
        self.renew(session);
        let first = resets.on_first_number && message.seq() == Some(1);
        if resets.on_logon || first || matches!(&terms, Ok(terms) if terms.reset) {
            self.reset(session);
        }
        let terms = terms?;
        let numbers = self.core.session(session).map(|found| found.numbers);
        match numbers {
            Some(numbers) if terms.seq < numbers.next_in => {
                Err(Refused::Told(CloseReason::SeqTooLow, too_low(numbers.next_in, terms.seq)))
            }
            Some(numbers) if terms.next_expected.is_some_and(|next| next > numbers.next_out) => {
                let text = "NextExpectedMsgSeqNum is higher than the next MsgSeqNum".to_owned();
                Err(Refused::Told(CloseReason::Violation, text))
            }
            Some(_) | None => Ok(terms),
        }
    }
    fn adopt(&mut self, session: SessionIndex, connection: ConnectionId) {
        self.forget(connection);
        self.connect(connection, Owner::Session(session));
        let deadline = self.now;
        if let Some(found) = self.core.session_mut(session) {
            found.state = State::LoggingOn { connection, deadline, reset_asked: false };
        }
    }
    fn accept(&mut self, session: SessionIndex, connection: ConnectionId, terms: &Terms) {
        self.adopt(session, connection);
        self.begin(session, connection, terms.heartbeat_secs);
        let Some(numbers) = self.core.session(session).map(|found| found.numbers) else {
            return;
        };
        if terms.seq == numbers.next_in {
            self.take_number(session);
        }
        self.send_logon(session, terms.heartbeat_secs, terms.reset);
        self.reconcile(session, terms, numbers.next_out);
    }
    fn begin(&mut self, session: SessionIndex, connection: ConnectionId, heartbeat_secs: u32) {
        let now = self.now;
        if let Some(found) = self.core.session_mut(session) {
            let link = Link::new(connection, heartbeat_secs, found.numbers.next_out, now);
            found.state = State::Active(link);
            found.is_heard = true;
        }
        self.remember(session, |number| Event::LoggedOn { session: number });
        self.touch(session);
    }
    /// Opens the gaps that a logon shows: ours by its number, the peer's by what it expects of
    /// the numbers before `next_out`.
    fn reconcile(&mut self, session: SessionIndex, terms: &Terms, next_out: u64) {
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let told = terms.next_expected.map_or(0, |next| found.untold.tell_before(next));
        let promised = terms.next_expected.is_some();
        if let (Some(next), Some(link)) = (terms.next_expected, found.link_mut())
            && next < next_out
        {
            link.resend = Some(Resend { next: next.max(1), last: next_out - 1 });
        }
        let has_gap = terms.seq > found.numbers.next_in;
        self.note_told(session, told);
        if has_gap {
            self.open_gap(session, terms.seq, Held::Answered, promised);
        }
    }
    fn send_logon(&mut self, session: SessionIndex, heartbeat_secs: u32, reset: bool) {
        let Some(found) = self.core.session(session) else {
            return;
        };
        let settings = &found.settings;
        let expected = settings.next_expected.then_some(found.numbers.next_in);
        let version = settings.version;
        let credentials = match settings.role {
            Role::Initiator(_) => settings.credentials,
            Role::Acceptor => None,
        };
        self.send_admin(session, "A", |body: &mut Body| {
            body.number(tag::ENCRYPT_METHOD, 0);
            body.number(tag::HEART_BT_INT, u64::from(heartbeat_secs));
            if reset {
                body.put(tag::RESET_SEQ_NUM_FLAG, "Y");
            }
            body.put_some(tag::NEXT_EXPECTED_MSG_SEQ_NUM, expected);
            if let Some(credentials) = credentials {
                body.put(tag::USERNAME, credentials.username);
                body.put(tag::PASSWORD, credentials.password);
            }
            if let Version::Fixt11 { default_appl_ver_id } = version {
                body.put(tag::DEFAULT_APPL_VER_ID, default_appl_ver_id);
            }
        });
    }
    /// The connection of an initiator stands.
    pub(super) fn dialed(&mut self, session: SessionIndex, connection: ConnectionId) {
        let (now, life) = (self.now, self.core.life);
        let Some(found) = self.core.session(session) else {
            return;
        };
        let wanted = matches!(found.state, State::Down(Down::Dialing)) && life == Life::Running;
        let open = found.settings.schedule.window(now).is_some();
        if !wanted || !open {
            let why = if wanted { CloseReason::OutOfSchedule } else { CloseReason::Ending };
            self.turn.push(Effect::Close { connection, why });
            if let (true, Some(found)) = (wanted, self.core.session_mut(session)) {
                found.state = State::Down(Down::Idle);
            }
            return;
        }
        self.renew(session);
        self.adopt(session, connection);
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let reset_asked = found.settings.resets.on_logon;
        let deadline = after(now, found.settings.logon_timeout_ns);
        let heartbeat_secs = found.settings.heartbeat.secs;
        found.state = State::LoggingOn { connection, deadline, reset_asked };
        if reset_asked {
            self.reset(session);
        }
        self.send_logon(session, heartbeat_secs, reset_asked);
        self.touch(session);
    }
    /// The first message after our logon.
    pub(super) fn logon_answered(&mut self, session: SessionIndex, message: &Message<'_>) {
        let Some(found) = self.core.session(session) else {
            return;
        };
        let State::LoggingOn { connection, reset_asked, .. } = found.state else {
            return;
        };
        let expected = found.numbers.next_in;
        if message.msg_type() == b"5" {
            if message.seq() == Some(expected) {
                self.take_number(session);
            }
            self.logout_received(session, message.text(tag::TEXT));
            return;
        }
        let checked = match message.msg_type() {
            b"A" => check_origin(found, message, self.now).is_ok().then_some(()),
            _ => None,
        };
        let Some(()) = checked else {
            let text = "our logon was answered by no acceptable logon";
            self.alert(Some(session), text.to_owned());
            self.close(session, CloseReason::Violation, text);
            return;
        };
        let terms = match terms(&found.settings, message) {
            Ok(terms) if terms.reset && !reset_asked => {
                let text = "a reset of the numbers was not asked for";
                self.cut(session, text, CloseReason::Violation);
                return;
            }
            Ok(terms) => terms,
            Err(Refused::Silently(why, text) | Refused::Told(why, text)) => {
                self.cut(session, &text, why);
                return;
            }
        };
        if terms.seq < expected {
            self.cut(session, &too_low(expected, terms.seq), CloseReason::SeqTooLow);
            return;
        }
        let next_out = found.numbers.next_out;
        self.begin(session, connection, terms.heartbeat_secs);
        if terms.seq == expected {
            self.take_number(session);
        }
        self.reconcile(session, &terms, next_out);
    }
    /// A logon within a session: the reset of the numbers that lets a session run for days.
    pub(super) fn logon_again(&mut self, session: SessionIndex, message: &Message<'_>) {
        let Some(found) = self.core.session(session) else {
            return;
        };
        match terms(&found.settings, message) {
            Ok(terms) if terms.reset => {
                self.reset(session);
                self.take_number(session);
                if let Some(link) = self.core.session_mut(session).and_then(Session::link_mut) {
                    link.gap = crate::session::state::Gap::Closed;
                    link.resend = None;
                }
                self.send_logon(session, terms.heartbeat_secs, true);
                self.touch(session);
            }
            Ok(_) | Err(_) => {
                let text = "a second logon must reset the numbers and begin at 1";
                self.cut(session, text, CloseReason::Violation);
            }
        }
    }
    /// Lets the numbers begin again when a window of the schedule has begun since they did.
    pub(super) fn renew(&mut self, session: SessionIndex) {
        let now = self.now;
        let over = |found: &Session| {
            !found.settings.schedule.runs_on(found.numbers.since, now) && found.link().is_none()
        };
        if self.core.session(session).is_some_and(over) {
            self.reset(session);
        }
    }
}

/// Returns what a logon agrees on.
fn terms(settings: &SessionSettings, message: &Message<'_>) -> Result<Terms, Refused> {
    let told = |text: String| Err(Refused::Told(CloseReason::RefusedLogon, text));
    let Some(seq) = message.seq() else {
        let text = "a logon without MsgSeqNum".to_owned();
        return Err(Refused::Silently(CloseReason::RefusedLogon, text));
    };
    if message.get(tag::ENCRYPT_METHOD) != Some(b"0") {
        return told("EncryptMethod: expected 0, none".to_owned());
    }
    let heartbeat = settings.heartbeat;
    let asked = message.number(tag::HEART_BT_INT).ok().flatten();
    let heartbeat_secs = asked.and_then(|secs| u32::try_from(secs).ok());
    let Some(heartbeat_secs) =
        heartbeat_secs.filter(|secs| (heartbeat.secs_min..=heartbeat.secs_max).contains(secs))
    else {
        let (least, most) = (heartbeat.secs_min, heartbeat.secs_max);
        return told(format!("HeartBtInt: expected {least} to {most} seconds"));
    };
    if let Version::Fixt11 { default_appl_ver_id } = settings.version
        && message.get(tag::DEFAULT_APPL_VER_ID) != Some(default_appl_ver_id.as_bytes())
    {
        return told(format!("DefaultApplVerID: expected {default_appl_ver_id}"));
    }
    let reset = message.is_yes(tag::RESET_SEQ_NUM_FLAG);
    if reset && seq != 1 {
        return told(format!("ResetSeqNumFlag: expected MsgSeqNum 1, found {seq}"));
    }
    let next_expected = match message.number(tag::NEXT_EXPECTED_MSG_SEQ_NUM) {
        Ok(next) if settings.next_expected => next,
        Ok(_) | Err(_) => None,
    };
    Ok(Terms { seq, heartbeat_secs, reset, next_expected })
}

/// Returns the text for a number that was used before.
pub(super) fn too_low(expected: u64, found: u64) -> String {
    format!("MsgSeqNum too low, expecting {expected} but received {found}")
}

/// Returns in words what is wrong with where and when a logon comes from.
fn foreign(why: &Verdict, message: &Message<'_>, now: Ts) -> String {
    let (Verdict::Foreign(refusal) | Verdict::Refused(refusal)) = why else {
        return "SendingTime or CompIDs".to_owned();
    };
    let text = refusal.reason.text();
    match (refusal.tag, message.utc(tag::SENDING_TIME)) {
        (Some(tag), _) => format!("{text}: {}", tag.number()),
        (None, Ok(Some(sent))) if refusal.reason == RejectReason::SendingTimeAccuracy => {
            let (way, by_ns) = if sent < now {
                ("behind", now.since(sent))
            } else {
                ("ahead of", sent.since(now))
            };
            format!("{text}: {by_ns} ns {way} our time")
        }
        (None, _) => text.to_owned(),
    }
}
