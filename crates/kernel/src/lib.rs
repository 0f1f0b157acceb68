//! The kernel of Ringfence: decides what may be sent, and can prove it.
//!
//! One writer takes one input at a time. Deciding reads the state and emits events; applying an
//! event is the only thing that changes the state; what has to go out follows from the events,
//! once their record is durable. There is no clock, no I/O, no randomness, no float and no Python
//! in here, so the same inputs give the same bytes everywhere.

#![forbid(unsafe_code)]

pub mod clearance;
pub mod event;
pub mod gate;
pub mod input;
pub mod kernel;
pub mod limit;
pub mod reason;
pub mod sent;
pub mod state;
pub mod types;

mod apply;
mod decide;

pub use decide::signing_text;
pub use event::Event;
pub use input::Input;
pub use kernel::{Kernel, ReplayError, StepError, decode, decode_into, encode};
