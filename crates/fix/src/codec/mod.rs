//! Messages as bytes: found in a stream, read field by field, written.
//!
//! Refuses to guess: a message whose frame, length or checksum is wrong is [`Garbled`] and is
//! skipped as the FIX session rules ask; what its fields mean is for the dictionary to say.

mod body;
mod frame;
mod message;
mod time;

pub(crate) use body::put_number;
pub use body::{Body, encode};
pub use frame::{Frame, Garbled, MESSAGE_BYTES_MAX, checksum, next_frame};
pub(crate) use message::decimal;
pub use message::{FIELDS_MAX, Field, FieldError, Message, Parser};
pub(crate) use time::Stamp;

/// Separates fields (start of heading).
pub const SOH: u8 = 1;
