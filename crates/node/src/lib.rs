//! One gateway node: what touches the machine on behalf of the kernel.
//!
//! The [`journal`] is the file that remembers every input and event before any effect leaves. The
//! [`engine`] puts the kernel on it, [`jsonl`] turns lines of text into inputs and events into
//! lines, [`columns`] does so with columns, and [`view`] shows the state. [`net`] turns sockets
//! into events, [`host`] runs an endpoint on them and on the journal, [`wire`] is the part of a
//! record that belongs to the sessions. [`gateway`] is the kernel behind FIX as a host runs it,
//! [`process`] a host on a thread of its own, and [`settings`] say what it is told. Only the kernel
//! decides.

pub mod columns;
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
