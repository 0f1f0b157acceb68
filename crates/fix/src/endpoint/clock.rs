//! What time asks for: logons, heartbeats, test requests, give-ups, the schedule, dialing again.

use super::core::{Life, Owner};
use super::inbound::Work;
use super::step::Step;
use super::{Application, CloseReason, ConnectionId, Effect, SessionIndex};
use crate::record::Event;
use crate::session::Role;
use crate::session::state::{Down, Gap, Link, Numbers, Session, State, Test, after};
use crate::tag;

/// Resend requests for the same gap without progress, after which the session is given up.
pub const RESEND_TRIES_MAX: u32 = 3;

/// What the clock asks of a session.
enum Duty {
    Nothing,
    Dial,
    Rest,
    Close(CloseReason),
    LogOut,
    Resend,
    Tell,
    Test,
    Beat,
    AskAgain,
    GiveGapUp,
}

impl<A: Application> Work<'_, A> {
    /// Does what is due; costs one comparison when nothing is.
    pub(super) fn tick(&mut self) {
        let now = self.step.now;
        if self.step.core.wake.is_some_and(|wake| wake <= now) {
            self.step.core.wake = None;
            self.step.expire_logons();
            for session in self.step.core.indices() {
                self.step.pass_edge(session);
                self.step.expire_drill(session);
                self.clock(session);
                let deadline = self.step.core.session(session).and_then(Session::deadline);
                self.step.core.wake_by(deadline);
            }
        }
        if self.app.due().is_some_and(|due| due <= now) {
            self.app.tick(&mut self.step);
        }
    }
    fn clock(&mut self, session: SessionIndex) {
        let duty = self.step.duty(session);
        if let Duty::Resend = duty {
            self.resend_on(session);
        } else if let Duty::Tell = duty {
            self.tell(session);
        } else {
            self.step.perform(session, duty);
        }
    }
}

impl Step<'_> {
    /// Names the sessions in the journal, ends what a crash cut off, dials.
    pub(super) fn start(&mut self) {
        self.core.life = Life::Running;
        for index in self.core.indices() {
            self.name(index);
            let Some(found) = self.core.session_mut(index) else {
                continue;
            };
            let reset = found.settings.resets.on_disconnect;
            if core::mem::take(&mut found.cut_off) {
                found.go_silent();
                self.remember(index, |number| Event::LoggedOut { session: number });
                if reset {
                    self.reset(index);
                }
            }
            self.pass_edge(index);
            let duty = self.duty(index);
            self.perform(index, duty);
            self.touch(index);
        }
    }
    fn name(&mut self, index: SessionIndex) {
        let Ok(number) = u16::try_from(self.core.numbered.len()) else {
            self.alert(Some(index), "the journal has named too many sessions".to_owned());
            return;
        };
        let core = &mut *self.core;
        let Some(found) = core.sessions.get_mut(index.index()).filter(|it| it.number.is_none())
        else {
            return;
        };
        found.number = Some(number);
        Event::Named { session: number, identity: found.identity() }.encode(&mut core.wire);
        core.numbered.push(Some(index));
        let numbers = found.numbers;
        if numbers == Numbers::FRESH {
            self.reset(index);
        } else {
            self.set_numbers(index, numbers);
        }
        self.carry_untold(index, number);
    }
    /// Writes what of an earlier journal is still to be told into this one.
    fn carry_untold(&mut self, index: SessionIndex, number: u16) {
        let Some(found) = self.core.session_mut(index) else {
            return;
        };
        let untold = core::mem::take(&mut found.untold);
        for message in untold.iter() {
            self.seal_when_full();
            let (msg_type, sent_ts, body) =
                (message.msg_type.as_str(), message.sent_ts, &message.body);
            Event::Untold { session: number, msg_type, sent_ts, body }.encode(&mut self.core.wire);
        }
        if let Some(found) = self.core.session_mut(index) {
            found.untold = untold;
        }
    }
    /// Notices that the schedule has opened or closed a session.
    fn pass_edge(&mut self, session: SessionIndex) {
        let now = self.now;
        let running = self.core.life == Life::Running;
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        if found.edge.is_some_and(|edge| now < edge) {
            return;
        }
        found.edge = found.settings.schedule.next_change(now);
        if running && found.link().is_none() {
            self.renew(session);
        }
    }
    fn duty(&self, session: SessionIndex) -> Duty {
        let Some(found) = self.core.session(session) else {
            return Duty::Nothing;
        };
        let is_open = found.settings.schedule.window(self.now).is_some();
        match &found.state {
            State::Down(down) => self.down_duty(found, *down, is_open),
            State::LoggingOn { deadline, .. } if self.now >= *deadline => {
                Duty::Close(CloseReason::LogonTimeout)
            }
            State::LoggingOn { .. } => Duty::Nothing,
            State::Active(_) if !found.is_in_its_window(self.now) => Duty::LogOut,
            State::Active(_) if found.must_tell() => Duty::Tell,
            State::Active(link) => self.link_duty(link, found.settings.resend_timeout_ns),
            State::LoggingOut { deadline, .. } if self.now >= *deadline => {
                Duty::Close(CloseReason::LogoutTimeout)
            }
            State::LoggingOut { link, .. } if link.resend.is_some() => Duty::Resend,
            State::LoggingOut { .. } => Duty::Nothing,
        }
    }
    fn down_duty(&self, found: &Session, down: Down, is_open: bool) -> Duty {
        let Role::Initiator(_) = found.settings.role else {
            return Duty::Nothing;
        };
        match down {
            Down::Dialing | Down::GivenUp => Duty::Nothing,
            Down::RetryAt(at) if self.now < at => Duty::Nothing,
            Down::Idle | Down::RetryAt(_) if is_open && self.core.life == Life::Running => {
                Duty::Dial
            }
            Down::Idle => Duty::Nothing,
            Down::RetryAt(_) => Duty::Rest,
        }
    }
    fn link_duty(&self, link: &Link, resend_timeout_ns: i64) -> Duty {
        if link.resend.is_some() {
            return Duty::Resend;
        }
        match link.test {
            Test::Asked(at) if self.now >= link.silent_at(at) => {
                return Duty::Close(CloseReason::Silent);
            }
            Test::Quiet if self.now >= link.test_at() => return Duty::Test,
            Test::Quiet if self.now >= after(link.last_out, link.heartbeat_ns) => {
                return Duty::Beat;
            }
            Test::Asked(_) | Test::Quiet => {}
        }
        match &link.gap {
            Gap::Open(hole) if self.now >= after(hole.asked_at, resend_timeout_ns) => {
                if hole.tries < RESEND_TRIES_MAX { Duty::AskAgain } else { Duty::GiveGapUp }
            }
            Gap::Open(_) | Gap::Closed => Duty::Nothing,
        }
    }
    fn perform(&mut self, session: SessionIndex, duty: Duty) {
        match duty {
            Duty::Nothing | Duty::Resend | Duty::Tell => {}
            Duty::Dial => self.dial(session, Down::Dialing),
            Duty::Rest => self.dial(session, Down::Idle),
            Duty::Close(why) => {
                self.alert(Some(session), why.text().to_owned());
                self.close(session, why, why.text());
            }
            Duty::LogOut => {
                self.log_out(session, "the session is closed by its schedule", OUT_OF_SCHEDULE);
            }
            Duty::Test => self.test(session),
            Duty::Beat => self.send_admin(session, "0", |_| {}),
            Duty::AskAgain => {
                if let Some(Gap::Open(hole)) =
                    self.core.session_mut(session).and_then(Session::link_mut).map(|it| &mut it.gap)
                {
                    hole.tries += 1;
                }
                self.ask(session);
            }
            Duty::GiveGapUp => {
                let text = "missing messages were asked for and did not come";
                self.alert(Some(session), text.to_owned());
                self.log_out(session, text, CloseReason::Violation);
            }
        }
    }
    fn dial(&mut self, session: SessionIndex, down: Down) {
        if let Some(found) = self.core.session_mut(session) {
            found.state = State::Down(down);
        }
        let found = self.core.session(session).filter(|_| down == Down::Dialing);
        if let Some(address) = found.map(|found| found.address.current()) {
            self.turn.push(Effect::Dial { session, address });
        }
    }
    fn test(&mut self, session: SessionIndex) {
        let now = self.now;
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let id = found.numbers.next_out;
        if let Some(link) = found.link_mut() {
            link.test = Test::Asked(now);
        }
        self.send_admin(session, "1", |body| {
            body.number(tag::TEST_REQ_ID, id);
        });
    }
    fn expire_logons(&mut self) {
        let pending = self.core.connections.iter().filter_map(|(id, it)| match it.owner {
            Owner::Pending { deadline } => Some((deadline, *id)),
            Owner::Session(_) => None,
        });
        let (due, later): (Vec<_>, Vec<_>) =
            pending.partition(|(deadline, _)| *deadline <= self.now);
        self.core.wake_by(later.iter().map(|(deadline, _)| *deadline).min());
        for (_, connection) in due {
            self.close_pending(connection, CloseReason::LogonTimeout);
        }
    }
    /// A connection could not be made.
    pub(super) fn dial_failed(&mut self, session: SessionIndex, why: &str) {
        let dialing = |found: &Session| matches!(found.state, State::Down(Down::Dialing));
        if self.core.session(session).is_some_and(dialing) {
            self.end(session, super::ending::Ending::Lost, why);
        }
    }
    /// Dials for an initiator that has given up or waits; returns whether it does.
    pub(super) fn redial(&mut self, session: SessionIndex) -> bool {
        let Some(found) = self.core.session_mut(session) else {
            return false;
        };
        let is_waiting = matches!(found.state, State::Down(Down::GivenUp | Down::RetryAt(_)));
        if is_waiting {
            found.failures = 0;
            found.state = State::Down(Down::RetryAt(self.now));
            self.touch(session);
        }
        is_waiting
    }
    /// Logs everybody out.
    pub(super) fn drain(&mut self) {
        self.core.life = Life::Draining;
        self.abort_drill(CloseReason::Ending.text());
        let pending = self.core.connections.iter();
        let pending: Vec<ConnectionId> = pending
            .filter(|(_, it)| matches!(it.owner, Owner::Pending { .. }))
            .map(|(id, _)| *id)
            .collect();
        for connection in pending {
            self.close_pending(connection, CloseReason::Ending);
        }
        for session in self.core.indices() {
            self.log_out(session, "the process is ending", CloseReason::Ending);
            if let Some(found) = self.core.session_mut(session)
                && let State::Down(_) = found.state
            {
                found.state = State::Down(Down::Idle);
            }
        }
    }
}

const OUT_OF_SCHEDULE: CloseReason = CloseReason::OutOfSchedule;

impl Session {
    /// Returns whether the window in which its numbers began is still open.
    fn is_in_its_window(&self, now: ringfence_kernel::types::Ts) -> bool {
        self.settings.schedule.window(now).is_some_and(|window| window.start <= self.numbers.since)
    }
}
