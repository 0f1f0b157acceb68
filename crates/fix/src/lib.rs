//! FIX without input or output: bytes in, messages and bytes out.
//!
//! [`codec`] finds messages in a stream, reads and writes them; [`dict`] says what may be in them;
//! [`session`] is the state machine of one session, [`record`] what it has to remember;
//! [`endpoint`] joins sessions and an application, of which [`echo`] is the plainest; [`tag`] names
//! the fields, [`terms`] says how the terms of an order stand in each version. Knows no clock, no
//! socket and no file: time and bytes arrive as arguments, and what has to be remembered leaves as
//! records for the one journal.

#![forbid(unsafe_code)]

pub mod codec;
pub mod dict;
pub mod echo;
pub mod endpoint;
pub mod record;
pub mod session;
pub mod tag;
pub mod terms;
