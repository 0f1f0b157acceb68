//! One suite for both order books: every request goes to both, and both must say the same.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod auctions;
mod audit;
mod bands;
mod bounds;
mod desk;
mod entry;
mod hiding;
mod property;
mod replacing;
mod stops;
mod words;
