//! The simulated venue as members see it: FIX in, FIX out, over a context that only remembers.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod flows;
mod world;
