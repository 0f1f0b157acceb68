//! Passwords: kept beside the settings, compared without telling how far they agree.

use std::collections::BTreeMap;
use std::fmt;

use ringfence_fix::endpoint::SessionIndex;
use ringfence_fix::session::Authenticator;

/// The passwords of sessions by name.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// Returns the passwords of these sessions.
    pub fn new(passwords: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(passwords.into_iter().collect())
    }
    /// Returns the password of a session.
    pub fn password(&self, session: &str) -> Option<&str> {
        self.0.get(session).map(String::as_str)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Who may log on: the peer of a session with its user name and password, where it has them.
#[derive(Clone, Default)]
pub struct Passwords {
    expected: Vec<Expected>,
}

/// What the logon of one session must show.
#[derive(Clone, Default)]
pub(super) struct Expected {
    pub(super) username: Option<String>,
    pub(super) password: Option<String>,
}

impl Passwords {
    pub(super) fn push(&mut self, expected: Expected) {
        self.expected.push(expected);
    }
}

impl Authenticator for Passwords {
    fn admits(
        &self,
        session: SessionIndex,
        username: Option<&[u8]>,
        password: Option<&[u8]>,
    ) -> bool {
        let Some(expected) = self.expected.get(session.index()) else {
            return false;
        };
        shows(expected.username.as_deref(), username)
            & shows(expected.password.as_deref(), password)
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").field("sessions", &self.expected.len()).finish()
    }
}

/// Returns whether what was shown is what is expected; where nothing is expected, all is.
///
/// The time depends on the length of what was shown and not on where it differs.
fn shows(expected: Option<&str>, shown: Option<&[u8]>) -> bool {
    let Some(expected) = expected else {
        return true;
    };
    let shown = shown.unwrap_or_default();
    let wanted = expected.as_bytes().iter().chain(std::iter::repeat(&0));
    let differing = shown.iter().zip(wanted).fold(0, |all, (a, b)| all | (a ^ b));
    differing == 0 && shown.len() == expected.len()
}
