//! The simulated venue as members see it: FIX in, FIX out, over a context that only remembers.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod bands;
mod busts;
mod entry;
mod faults;
mod flows;
mod folding;
mod grammar;
mod halts;
mod information;
mod limits;
mod liquidity;
mod message_faults;
mod ports;
mod property;
mod retail;
mod retail_session;
mod rules;
mod schedule;
mod wording;
mod world;
