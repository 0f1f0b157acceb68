//! Numbers that look random and follow from a seed (splitmix64).

use ringfence_kernel::types::Bps;

/// A sequence that a seed determines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Random(u64);

impl Random {
    /// Returns the sequence of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }
    /// Returns the next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    /// Returns whether a draw with this chance hits; a chance of none or all draws nothing.
    pub fn hits(&mut self, chance: Bps) -> bool {
        match u64::try_from(chance.get()) {
            Err(_) | Ok(0) => false,
            Ok(10_000..) => true,
            // The bias of the remainder is below 1e-15.
            Ok(chance) => self.bits() % 10_000 < chance,
        }
    }
}
