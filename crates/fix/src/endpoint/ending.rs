//! How a session ends: by a logout, by a lost connection, by the peer's fault.

use super::step::Step;
use super::{CloseReason, ConnectionId, SessionIndex};
use crate::endpoint::core::{Life, Owner};
use crate::record::Event;
use crate::session::state::{Down, State, after};
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
                self.close(session, why);
            }
            state @ (State::Down(_) | State::LoggingOut { .. }) => found.state = state,
        }
    }
    /// Says why and closes without waiting for an answer.
    pub(super) fn cut(&mut self, session: SessionIndex, text: &str, why: CloseReason) {
        self.send_logout(session, text);
        self.alert(Some(session), format!("session cut: {text}"));
        self.close(session, why);
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
        match self.core.session(session).map(|found| &found.state) {
            Some(State::Active(_)) => {
                if let Some(text) = text {
                    self.alert(Some(session), format!("the peer logged out: {text}"));
                }
                self.send_logout(session, "");
            }
            Some(State::LoggingOut { .. }) => {}
            Some(State::LoggingOn { .. }) => {
                let text = text.unwrap_or("no text");
                self.alert(Some(session), format!("the peer refused our logon: {text}"));
            }
            Some(State::Down(_)) | None => return,
        }
        self.close(session, CloseReason::LoggedOut);
    }
    /// A connection is gone.
    pub(super) fn lost(&mut self, connection: ConnectionId) {
        if let Some(Owner::Session(session)) = self.forget(connection) {
            self.end(session, Ending::Lost);
        }
    }
    /// Ends a session whose connection is gone.
    pub(super) fn end(&mut self, session: SessionIndex, ending: Ending) {
        let (now, seed, life) = (self.now, self.core.jitter_seed, self.core.life);
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let was_on = found.link().is_some();
        let down = found.after_loss(session, now, seed);
        found.state = State::Down(if life == Life::Draining { Down::Idle } else { down });
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
        if down == Down::GivenUp {
            let text = format!("dialing was given up after {failures} failures in a row");
            self.alert(Some(session), text);
        }
        self.touch(session);
    }
}
