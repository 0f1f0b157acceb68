//! How long an initiator waits before it dials again.

use super::settings::Reconnect;
use crate::endpoint::SessionIndex;

/// Returns the wait after `failures` in a row, ns: doubled with each, at most the longest, less a
/// part of up to a quarter that depends on seed, session and attempt alone.
///
/// Many processes that lost the same venue then do not all dial at the same instant, and a replay
/// dials as the first run did.
pub(crate) fn wait_ns(
    reconnect: Reconnect,
    failures: u32,
    session: SessionIndex,
    seed: u64,
) -> i64 {
    let doublings = failures.saturating_sub(1).min(40);
    let whole = reconnect.first_ns.saturating_mul(1_i64 << doublings).min(reconnect.max_ns);
    let mixed = mix(seed ^ u64::from(session.get()) << 32 ^ u64::from(failures));
    let share = i64::try_from(mixed % 256).unwrap_or(0);
    whole - whole / 1_024 * share
}

/// Spreads the bits of a number (the finalizer of SplitMix64).
const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::wait_ns;
    use crate::endpoint::SessionIndex;
    use crate::session::settings::{Reconnect, SECOND_NS};

    /// R69: waits double up to their cap, spread by at most a quarter, alike for the same seed.
    #[test]
    fn waits_double_up_to_the_cap() {
        let reconnect = Reconnect {
            first_ns: SECOND_NS,
            max_ns: 30 * SECOND_NS,
            failures_max: 100,
            stable_ns: 60 * SECOND_NS,
            failover_count: 2,
        };
        for session in 0..50 {
            for (failures, whole) in [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (60, 30)] {
                let wait = |seed| wait_ns(reconnect, failures, SessionIndex::new(session), seed);
                assert!((whole * SECOND_NS * 3 / 4..=whole * SECOND_NS).contains(&wait(7)));
                assert_eq!(wait(7), wait(7));
            }
        }
        let waits = |session| wait_ns(reconnect, 6, SessionIndex::new(session), 7);
        assert!((1..50).any(|session| waits(session) != waits(0)));
    }
}
