//! A simulated venue without input or output: books, exchange rules, market tape, faults, worlds.
//!
//! Knows no clock, no randomness and no file: time, seeds and recorded data arrive as arguments, so
//! the same arguments give the same bytes. The lab and the venue process drive the same code.

#![forbid(unsafe_code)]

pub mod book;
pub mod exchange;
pub mod fault;
pub mod matching;
pub mod rng;
pub mod tape;
pub mod venue;
pub mod world;
