//! What a process is told, from JSON: its journal, ports, sessions and peers, and the gateway's
//! definitions.
//!
//! The JSON comes from the configuration of the Python package, which has judged it already; it is
//! read again here into types, and what does not fit is refused with its place. Passwords arrive
//! beside it and are in no type that can be printed.

mod dictionary;
mod fields;
mod node;
mod process;
mod secrets;
mod session;

use std::fmt;

pub use dictionary::Own;
pub use fields::{Fields, parse};
pub use node::{NodeSettings, live_inputs, opening_of};
pub use process::ProcessSettings;
pub use secrets::{Passwords, Secrets};
pub use session::{LinkSettings, Role};

#[cfg(test)]
mod tests;

/// Why settings are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// Place of the value, keys joined by points.
    pub place: String,
    /// What was expected and found.
    pub text: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings: {}: {}", self.place, self.text)
    }
}

impl std::error::Error for SettingsError {}

impl SettingsError {
    /// Returns the refusal of the value at `place`.
    pub fn at(place: impl Into<String>, text: impl fmt::Display) -> Self {
        Self { place: place.into(), text: text.to_string() }
    }
}
