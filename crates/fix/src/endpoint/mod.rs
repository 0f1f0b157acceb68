//! Every FIX session of one process together with its application, without input or output.
//!
//! Whoever owns the sockets hands in bytes and time and gets a [`Turn`] back: records that must be
//! durable first, and effects that may happen only then (invariant I5). The same code runs behind
//! real sockets and in a simulated world.

mod application;
mod turn;

pub use application::{Application, Context, FoldError, Recall, RecallError};
pub use turn::{Alert, CloseReason, ConnectionId, Effect, SessionIndex, Turn};
