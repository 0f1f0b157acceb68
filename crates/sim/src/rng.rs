//! The generator of the simulation: SplitMix64, seeded, integers only.
//!
//! One 64-bit state advances by an odd constant and is mixed by two multiplications, so that any
//! seed starts a full period of 2^64. Not for secrets. A part of a simulation draws from a stream
//! of its own, named by numbers, so that drawing more in one place moves nothing in another.
//!
//! Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A seeded generator; the same seed gives the same numbers everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// Returns the generator that starts from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }
    /// Returns the stream that `names` single out among all streams of `seed`.
    pub fn stream(seed: u64, names: &[u64]) -> Self {
        let state = names.iter().fold(mixed(seed), |state, name| {
            mixed(state.wrapping_add(STEP) ^ mixed(name.wrapping_add(STEP)))
        });
        Self { state }
    }
    /// Returns the next 64 bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mixed(self.state)
    }
    /// Returns a number from 0 to `bound - 1`, and 0 for a bound of 0.
    ///
    /// The high half of a product: the bias is below `bound / 2^64`.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next_u64()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }
    /// Returns whether an event of one chance in `of` happened.
    pub fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }
}

const fn mixed(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::Rng;

    /// The published first outputs of SplitMix64 for the seed 1234567.
    #[test]
    fn the_numbers_are_those_of_the_paper() {
        let mut rng = Rng::new(1_234_567);
        let found = [rng.next_u64(), rng.next_u64(), rng.next_u64()];
        let expected =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(expected, found);
    }

    /// Rule 34 of STYLE.md: a stream is a function of its seed and names, and of nothing else.
    #[test]
    fn streams_are_told_apart() {
        let first = |names: &[u64]| Rng::stream(7, names).next_u64();
        assert_eq!(first(&[1, 2]), first(&[1, 2]));
        assert_ne!(first(&[1, 2]), first(&[2, 1]));
        assert_ne!(first(&[]), first(&[0]));
    }

    /// Numbers stay below their bound and reach both ends.
    #[test]
    fn numbers_stay_below_their_bound() {
        let mut rng = Rng::new(1);
        let mut seen = [0_u32; 6];
        for _ in 0..6_000 {
            seen[usize::try_from(rng.below(6)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (850..1_150).contains(count)), "{seen:?}");
        assert_eq!(0, rng.below(0));
        assert_eq!(0, rng.below(1));
    }
}
