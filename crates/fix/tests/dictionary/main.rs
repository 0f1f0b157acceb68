//! Dictionaries: what they read, and what they say of messages.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod compact;
mod conversations;
mod corpus;
mod dialects;
mod formats;
mod groups;
mod random;
mod reasons;
mod texts;
