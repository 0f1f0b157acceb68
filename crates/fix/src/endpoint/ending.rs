//! How a session ends: by a logout, by a lost connection, by the peer's fault.

use ringfence_kernel::types::Ts;

use super::step::Step;
use super::{CloseReason, ConnectionId, SessionIndex};
use crate::endpoint::core::{Life, Owner};
use crate::record::Event;
use crate::session::address::Attempt;
use crate::session::drill::DrillNext;
use crate::session::state::{Down, Session, State, after};
use crate::session::{AddressIndex, Role};
use crate::tag;

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// A logout was exchanged.
    Orderly,
    /// Otherwise.
    Lost,
}

impl Step<'_> {
    /// Begins a logout; a session whose logon is not answered is closed at once.
    pub(super) fn log_out(&mut self, session: SessionIndex, text: &str, why: CloseReason) {
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let deadline = after(self.now, found.settings.logout_timeout_ns);
        match core::mem::replace(&mut found.state, State::Down(Down::Idle)) {
            State::Active(link) => {
                found.state = State::LoggingOut { link, deadline, why };
                self.send_logout(session, text);
                self.touch(session);
            }
            state @ State::LoggingOn { .. } => {
                found.state = state;
                self.close(session, why, text);
            }
            state @ (State::Down(_) | State::LoggingOut { .. }) => found.state = state,
        }
    }
    /// Says why and closes without waiting for an answer.
    pub(super) fn cut(&mut self, session: SessionIndex, text: &str, why: CloseReason) {
        self.send_logout(session, text);
        self.alert(Some(session), format!("session cut: {text}"));
        self.close(session, why, text);
    }
    fn send_logout(&mut self, session: SessionIndex, text: &str) {
        self.send_admin(session, "5", |body| {
            if !text.is_empty() {
                body.put(tag::TEXT, text);
            }
        });
    }
    /// A logout has come.
    pub(super) fn logout_received(&mut self, session: SessionIndex, text: Option<&str>) {
        let why = match self.core.session(session).map(|found| &found.state) {
            Some(State::Active(_)) => {
                let why = text.map(|text| format!("the peer logged out: {text}"));
                if let Some(why) = &why {
                    self.alert(Some(session), why.clone());
                }
                self.send_logout(session, "");
                why.unwrap_or_else(|| "the peer logged out".to_owned())
            }
            Some(State::LoggingOut { .. }) => CloseReason::LoggedOut.text().to_owned(),
            Some(State::LoggingOn { .. }) => {
                let why = format!("the peer refused our logon: {}", text.unwrap_or("no text"));
                self.alert(Some(session), why.clone());
                why
            }
            Some(State::Down(_)) | None => return,
        };
        self.close(session, CloseReason::LoggedOut, &why);
    }
    /// A connection is gone.
    pub(super) fn lost(&mut self, connection: ConnectionId) {
        if let Some(Owner::Session(session)) = self.forget(connection) {
            self.end(session, Ending::Lost, "the connection was lost");
        }
    }
    /// Ends a session whose connection is gone, or could not be made, for a reason in words.
    pub(super) fn end(&mut self, session: SessionIndex, ending: Ending, why: &str) {
        let (now, seed, life) = (self.now, self.core.jitter_seed, self.core.life);
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let was_on = found.link().is_some();
        let before = found.address.current();
        let is_orderly = was_on && ending == Ending::Orderly;
        let next = found.drill.as_mut().map(|drill| drill.lost(is_orderly, why, now));
        let attempt = found.attempt(ending, now);
        let down = match next {
            Some(DrillNext::Dial(address)) => {
                found.address.go(address);
                Down::RetryAt(now)
            }
            Some(DrillNext::Retry) => found.after_loss(session, now, seed),
            None | Some(DrillNext::Stay | DrillNext::Leave | DrillNext::Over) => {
                found.turn_address(attempt);
                found.after_loss(session, now, seed)
            }
        };
        found.state = State::Down(if life == Life::Draining { Down::Idle } else { down });
        found.go_silent();
        let resets = found.settings.resets;
        let failures = found.failures;
        if was_on {
            self.remember(session, |number| Event::LoggedOut { session: number });
        }
        let resets = match ending {
            Ending::Orderly => resets.on_logout,
            Ending::Lost => resets.on_disconnect,
        };
        if resets {
            self.reset(session);
        }
        // A drill tells of its own dials itself.
        if !matches!(next, Some(DrillNext::Dial(_))) {
            self.tell_turn(session, before, why);
        }
        if down == Down::GivenUp {
            let text = format!("dialing was given up after {failures} failures in a row");
            self.alert(Some(session), text);
        }
        if next == Some(DrillNext::Over) {
            self.finish_drill(session);
        }
        self.touch(session);
    }
    /// Tells a person that another address is dialed from now on.
    fn tell_turn(&mut self, session: SessionIndex, before: AddressIndex, why: &str) {
        let Some(found) = self.core.session(session) else {
            return;
        };
        let now = found.address.current();
        if now != before && self.core.life != Life::Draining {
            let (from, to) = (found.address_text(before), found.address_text(now));
            self.alert(Some(session), format!("turned from {from} to {to}: {why}"));
        }
    }
}

impl Session {
    /// Returns what the connection that ends, or the attempt at one, led to.
    fn attempt(&self, ending: Ending, now: Ts) -> Attempt {
        match ending {
            Ending::Orderly if self.has_stood(now) => Attempt::LoggedOut,
            Ending::Lost if self.has_stood(now) => Attempt::Lost,
            Ending::Orderly | Ending::Lost => Attempt::Failed,
        }
    }
    fn turn_address(&mut self, attempt: Attempt) {
        if let Role::Initiator(reconnect) = self.settings.role {
            let count = self.settings.addresses.len();
            self.address.take(attempt, count, reconnect.failover_count);
        }
    }
}
