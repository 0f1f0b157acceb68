//! One FIX session: its settings, its numbers, its state, and what it makes of a message.
//!
//! Refuses to know the application, the other sessions and the transport; [`crate::endpoint`]
//! joins them.

pub mod schedule;
pub mod settings;
pub mod validate;

pub use schedule::{Offset, Schedule, WeekPart, Window};
pub use settings::{
    Authenticator, CompIdsSuffice, Credentials, Heartbeat, Reconnect, Resets, Role,
    SessionSettings, Settings, SettingsError, Version,
};
pub use validate::{AnyMessage, Validate, Violation, is_admin};
