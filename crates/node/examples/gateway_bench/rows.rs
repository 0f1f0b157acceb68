//! Figures as rows of the report.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::json;

pub(crate) type Row = serde_json::Value;

const CLOCK_READINGS: u32 = 100_000;

/// Returns the spread of times as a row, by nearest rank.
pub(crate) fn spread(case: &str, unit: &str, nanos: &[u64], rate: Option<u64>) -> Row {
    let mut nanos = nanos.to_vec();
    nanos.sort_unstable();
    json!({
        "case": case, "unit": unit, "n": nanos.len(), "p50": rank(&nanos, 500),
        "p99": rank(&nanos, 990), "p99_9": rank(&nanos, 999), "max": nanos.last(), "rate": rate,
    })
}

fn rank(sorted: &[u64], thousandths: usize) -> Option<u64> {
    let rank = (sorted.len() * thousandths).div_ceil(1000).max(1);
    sorted.get(rank - 1).copied()
}

/// Returns the median of times, 0 without any.
pub(crate) fn median(nanos: &[u64]) -> u64 {
    let mut nanos = nanos.to_vec();
    nanos.sort_unstable();
    rank(&nanos, 500).unwrap_or(0)
}

/// Returns a rate as a row: `count` units of work in `nanos` nanoseconds.
pub(crate) fn rate(case: &str, unit: &str, count: usize, nanos: u64) -> Row {
    json!({
        "case": case, "unit": unit, "n": count, "p50": null, "p99": null, "p99_9": null,
        "max": null, "rate": per_second(count, nanos),
    })
}

/// Returns how many of `count` fall into one second.
pub(crate) fn per_second(count: usize, nanos: u64) -> u64 {
    let count = u128::try_from(count).unwrap_or(u128::MAX);
    let rate = count.saturating_mul(1_000_000_000) / u128::from(nanos.max(1));
    u64::try_from(rate).unwrap_or(u64::MAX)
}

pub(crate) fn whole_ns(taken: Duration) -> u64 {
    u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX)
}

/// Returns the one whose figure is the middle one.
pub(crate) fn middle<T>(mut all: Vec<T>, figure: impl Fn(&T) -> u64) -> Option<T> {
    all.sort_by_key(|one| figure(one));
    let at = all.len().checked_sub(1)? / 2;
    all.into_iter().nth(at)
}

/// Returns what one reading of the clock costs, in nanoseconds.
pub(crate) fn clock_ns() -> u64 {
    let begun = Instant::now();
    for _ in 0..CLOCK_READINGS {
        black_box(Instant::now());
    }
    whole_ns(begun.elapsed()) / u64::from(CLOCK_READINGS)
}
