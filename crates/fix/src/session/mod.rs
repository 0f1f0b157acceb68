//! One FIX session: its settings, its numbers, its state, and what it makes of a message.
//!
//! Refuses to know the application, the other sessions and the transport; [`crate::endpoint`]
//! joins them.

pub mod address;
pub(crate) mod check;
pub(crate) mod drill;
mod retry;
pub mod schedule;
pub(crate) mod sent;
pub mod settings;
pub(crate) mod state;
pub(crate) mod untold;
pub mod validate;

pub use address::{ADDRESSES_MAX, AddressIndex};
pub use drill::{DrillOutcome, DrillRefused, DrillReport, DrillStep, DrillTerms};
pub use schedule::{Offset, Schedule, WeekPart, Window};
pub use sent::SENT_MAX;
pub use settings::{
    Authenticator, CompIdsSuffice, Credentials, Heartbeat, Reconnect, Resets, Role,
    SessionSettings, Settings, SettingsError, Version,
};
pub use state::{HELD_BYTES_MAX, HELD_MESSAGES_MAX};
pub use validate::{AnyMessage, Validate, is_admin};
