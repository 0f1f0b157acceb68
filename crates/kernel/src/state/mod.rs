//! The state: one noun a module, no noun knows another, all of them hashed into one digest.
//!
//! Only `apply` holds the state for change. Every noun is deterministic: integers, sorted
//! iteration, time from the inputs.

pub mod control;
pub mod directory;
pub mod margin;
pub mod market;
pub mod order;
pub mod position;
pub mod usage;
pub mod venue;

use core::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};

use crate::types::{Name, Ts, WireId};

/// Where the trading day stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Day {
    /// Definitions are being taken.
    Defining,
    /// Orders may be entered; the trade date is the prefix of identifiers.
    Open(Name),
    /// The day is over.
    Closed(Name),
}

/// Everything the kernel knows.
#[derive(Clone, Debug, Hash)]
pub struct State {
    /// Number of the last applied input; counts the steps.
    pub step: u64,
    /// Time of the last applied input.
    pub now: Ts,
    /// Trading day.
    pub day: Day,
    /// Node and trade date, the beginning of every identifier on the wire.
    pub wire_prefix: Option<WireId>,
    /// Who and what exists.
    pub directory: directory::Directory,
    /// Parents and children.
    pub orders: order::Orders,
    /// Fills and positions.
    pub positions: position::Positions,
    /// How far accounts use their limits.
    pub usage: usage::Usages,
    /// Reference prices and phases.
    pub market: market::Market,
    /// Venues as they are now.
    pub venues: venue::Venues,
    /// Trading states, latches, rates.
    pub control: control::Control,
    /// Buying power.
    pub margin: margin::Margins,
}

impl State {
    /// Returns the empty state with map `seed`; the seed must not change any result.
    pub fn new(seed: u64) -> Self {
        Self {
            step: 0,
            now: Ts::from_nanos(0),
            day: Day::Defining,
            wire_prefix: None,
            directory: directory::Directory::new(seed),
            orders: order::Orders::new(seed),
            positions: position::Positions::new(seed),
            usage: usage::Usages::default(),
            market: market::Market::new(),
            venues: venue::Venues::new(seed),
            control: control::Control::new(seed),
            margin: margin::Margins::default(),
        }
    }
    /// Returns the SHA-256 digest of the whole state; equal states have equal digests.
    ///
    /// Costs a walk over everything; meant for checks, not for the order path.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = StateHasher(Sha256::new());
        self.hash(&mut hasher);
        hasher.0.finalize().into()
    }
}

/// Feeds SHA-256 with what `Hash` visits, in one fixed width and byte order.
struct StateHasher(Sha256);

impl Hasher for StateHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn write_usize(&mut self, value: usize) {
        self.0.update(u64::try_from(value).unwrap_or(u64::MAX).to_le_bytes());
    }
    fn write_isize(&mut self, value: isize) {
        self.0.update(i64::try_from(value).unwrap_or(i64::MAX).to_le_bytes());
    }
    fn finish(&self) -> u64 {
        0
    }
}
