//! One FIX session: its settings, its numbers, its state, and what it makes of a message.
//!
//! Refuses to know the application, the other sessions and the transport; [`crate::endpoint`]
//! joins them.

pub(crate) mod check;
mod retry;
pub mod schedule;
pub(crate) mod sent;
pub mod settings;
pub(crate) mod state;
pub mod validate;

pub use schedule::{Offset, Schedule, WeekPart, Window};
pub use sent::SENT_MAX;
pub use settings::{
    Authenticator, CompIdsSuffice, Credentials, Heartbeat, Reconnect, Resets, Role,
    SessionSettings, Settings, SettingsError, Version,
};
pub use state::{HELD_BYTES_MAX, HELD_MESSAGES_MAX};
pub use validate::{AnyMessage, Validate, is_admin};
