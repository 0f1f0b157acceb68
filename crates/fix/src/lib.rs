//! FIX without input or output: bytes in, messages and bytes out.
//!
//! [`codec`] finds messages in a stream, reads and writes them; [`dict`] says what a message may
//! hold; [`session`] is one session and [`endpoint`] joins many to an application, of which
//! [`echo`] is the plainest; [`record`] is what they remember; [`tag`] names the fields. Knows no
//! clock, no socket and no file: time and bytes arrive as arguments, and what has to be remembered
//! leaves as records for the one journal.

#![forbid(unsafe_code)]

pub mod codec;
pub mod dict;
pub mod echo;
pub mod endpoint;
pub mod record;
pub mod session;
pub mod tag;
