//! FIX without input or output: bytes in, messages and bytes out.
//!
//! [`codec`] finds messages in a stream, reads and writes them; [`endpoint`] joins sessions and an
//! application; [`record`] is what they remember; [`session`] is one of them; [`tag`] names the
//! fields. Knows no clock, no socket and no file: time and bytes
//! arrive as arguments, and what has to be remembered leaves as records for the one journal.

#![forbid(unsafe_code)]

pub mod codec;
pub mod dict;
pub mod endpoint;
pub mod record;
pub mod session;
pub mod tag;
