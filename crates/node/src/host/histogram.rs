//! How a quantity is spread, in whole numbers and a fixed amount of memory.

/// Parts that each power of two is divided into, as a power of two: a value is off by 1/32 at most.
const PART_BITS: u32 = 5;
const PARTS: u64 = 1 << PART_BITS;
/// 32 buckets of one value each, then 32 for each of the 59 powers of two from 2^5 on.
const BUCKETS: usize = 1_920;

/// Counts of values in buckets that grow with the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    count: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], count: 0, max: 0 }
    }
}

impl Histogram {
    /// Counts a value.
    pub fn record(&mut self, value: u64) {
        if let Some(count) = self.counts.get_mut(bucket(value)) {
            *count = count.saturating_add(1);
        }
        self.count = self.count.saturating_add(1);
        self.max = self.max.max(value);
    }
    /// Returns how many values were counted.
    pub const fn count(&self) -> u64 {
        self.count
    }
    /// Returns the largest value, 0 without any.
    pub const fn max(&self) -> u64 {
        self.max
    }
    /// Returns the value that `per_million` of a million values do not exceed, 0 without any.
    ///
    /// It is the upper end of a bucket, so at most 1/32 too large.
    pub fn quantile(&self, per_million: u32) -> u64 {
        let wanted = u128::from(self.count) * u128::from(per_million.min(1_000_000));
        let wanted = wanted.div_ceil(1_000_000).max(1);
        let mut seen = 0_u128;
        for (index, count) in self.counts.iter().enumerate() {
            seen += u128::from(*count);
            if seen >= wanted {
                return upper_end(index).min(self.max);
            }
        }
        self.max
    }
}

fn bucket(value: u64) -> usize {
    let Some(shift) = value.checked_ilog2().and_then(|log| log.checked_sub(PART_BITS)) else {
        return usize::try_from(value).unwrap_or(BUCKETS);
    };
    // `value >> shift` is 32 to 63: the part within the power of two, and one step of 32.
    let index = u64::from(shift) * PARTS + (value >> shift);
    usize::try_from(index).unwrap_or(BUCKETS)
}

fn upper_end(index: usize) -> u64 {
    let index = u64::try_from(index).unwrap_or(u64::MAX);
    let Some(shift) = (index / PARTS).checked_sub(1) else {
        return index;
    };
    let first = u128::from(index % PARTS + PARTS) << shift;
    u64::try_from(first + (1 << shift) - 1).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, Histogram, bucket, upper_end};

    /// Every value has a bucket whose upper end is at most 1/32 above it.
    #[test]
    fn a_bucket_is_near_its_values() {
        let powers = (0..64).map(|shift| 1_u64 << shift);
        let near = powers.flat_map(|power| [power.wrapping_sub(1), power, power | 1, power / 3]);
        for value in near.chain(0..5_000).chain([u64::MAX]) {
            let index = bucket(value);
            assert!(index < BUCKETS, "{value}");
            let end = upper_end(index);
            assert!(value <= end && end - value <= value / 32, "{value} {end}");
            assert!(index == 0 || upper_end(index - 1) < value, "{value}");
        }
    }

    /// Quantiles agree with those of the sorted values.
    #[test]
    fn quantiles_agree_with_sorted_values() {
        let mut histogram = Histogram::default();
        assert_eq!((0, 0, 0), (histogram.count(), histogram.max(), histogram.quantile(500_000)));
        let mut values: Vec<u64> = (1..=10_000_u64).map(|n| n * n % 700_001).collect();
        values.iter().for_each(|value| histogram.record(*value));
        values.sort_unstable();
        for per_million in [1, 100_000, 500_000, 990_000, 999_000, 1_000_000] {
            let rank = (values.len() * usize::try_from(per_million).unwrap()).div_ceil(1_000_000);
            let expected = values[rank.max(1) - 1];
            let found = histogram.quantile(per_million);
            assert!(expected <= found && found - expected <= expected / 32 + 1, "{per_million}");
        }
        assert_eq!(values.last().copied(), Some(histogram.max()));
    }
}
