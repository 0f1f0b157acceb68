//! One gateway node: what touches the machine on behalf of the kernel.
//!
//! The [`journal`] is the file that remembers every input and event before any effect leaves. The
//! [`engine`] puts the kernel on it, [`jsonl`] turns lines of text into inputs and events into
//! lines, [`columns`] does so with columns, and [`view`] shows the state; [`closing`] says what a
//! day leaves to the next. [`net`] turns sockets into events, [`host`] runs an endpoint on them and
//! on the journal, [`wire`] is the part of a record that belongs to the sessions, [`settings`] say
//! what a [`process`] is told, and [`conformance`] is the server that FIX sessions are judged by.
//! Only the kernel decides.

// Tests inside the crate share their support with those outside it.
#[cfg(test)]
extern crate self as ringfence_node;

pub mod closing;
pub mod columns;
pub mod conformance;
pub mod engine;
mod folding;
pub mod gateway;
pub mod host;
pub mod journal;
pub mod jsonl;
pub mod net;
pub mod process;
pub mod settings;
mod sys;
pub mod view;
pub mod wire;

pub use conformance::serve_conformance;
