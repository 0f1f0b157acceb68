//! FIX without input or output: bytes in, messages and bytes out.
//!
//! Knows no clock, no socket and no file: time and bytes arrive as arguments, and what has to be
//! remembered leaves as records for the one journal.

#![forbid(unsafe_code)]
