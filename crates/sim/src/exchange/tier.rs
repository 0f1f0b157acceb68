//! Percentage parameters of the plan for limit up, limit down (Appendix A, 23rd amendment).
//!
//! The close of the day before decides about the parameter for the whole day; the moving reference
//! is what it is applied to. Edges are rounded to the nearest cent.

use ringfence_kernel::types::{Bps, Price};

use super::band::Edges;

/// Closes above it have the tight parameter of their tier: 3.00.
const WIDE_CLOSE: i128 = 3_000_000_000;
/// Closes below it have a parameter that is capped: 0.75.
const LOW_CLOSE: i128 = 750_000_000;
/// The cap of the parameter below [`LOW_CLOSE`]: 0.15.
const LOW_DISTANCE: i128 = 150_000_000;
const CENT: i128 = 10_000_000;
const FULL: i128 = 10_000;

/// Largest leverage: ten times.
pub const LEVERAGE_MAX: Bps = Bps::new(100_000);

/// Tier of an instrument in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// Stocks of the S&P 500 and the Russell 1000, and exchange traded products.
    One,
    /// All others but rights and warrants.
    Two,
}

/// What gives an instrument its band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LimitTier {
    /// Its tier.
    pub tier: Tier,
    /// Leverage of an exchange traded product, by its magnitude; 10,000 is none.
    pub leverage: Bps,
}

impl LimitTier {
    /// Returns the edges around a reference, given the close of the day before.
    ///
    /// `is_closing` doubles the parameter, in the last 25 minutes: of the first tier, and of the
    /// second at a close of 3.00 or less. The opening is not doubled since the 18th amendment.
    pub(super) fn edges(&self, close: Price, reference: Price, is_closing: bool) -> Edges {
        let (close, px) = (i128::from(close.nanos()), i128::from(reference.nanos()));
        let is_wide = close <= WIDE_CLOSE;
        let share = |bps: i128| px * bps / FULL;
        let parameter = match self.tier {
            _ if close < LOW_CLOSE => share(7_500).min(LOW_DISTANCE),
            _ if is_wide => share(2_000),
            Tier::One => share(500),
            Tier::Two => share(1_000),
        };
        let is_doubled = is_closing && (is_wide || self.tier == Tier::One);
        let times = i128::from(self.leverage.get()) * if is_doubled { 2 } else { 1 };
        let distance = parameter * times / FULL;
        Edges { low: nearest_cent(px - distance), high: nearest_cent(px + distance) }
    }
}

fn nearest_cent(nanos: i128) -> Price {
    let cents = (nanos + CENT / 2).div_euclid(CENT) * CENT;
    Price::from_nanos(i64::try_from(cents.max(0)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{LimitTier, Tier};
    use ringfence_kernel::types::{Bps, Price};

    fn px(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    /// R71: bands by tier, close, reference, leverage and time of day, as the plan's Appendix A
    /// has them. The boundaries belong to the wide side: 3.00 and 0.75 have 20 percent.
    #[test]
    fn parameters_are_those_of_the_plan() {
        use Tier::{One, Two};
        // tier, leverage in percent, close, reference; edges in the day, and before the close.
        let table = [
            (One, 100, "100", "100", ("95", "105"), ("90", "110")),
            (Two, 100, "100", "100", ("90", "110"), ("90", "110")),
            (One, 100, "3.01", "3.01", ("2.86", "3.16"), ("2.71", "3.31")),
            (Two, 100, "3.01", "3.01", ("2.71", "3.31"), ("2.71", "3.31")),
            (One, 100, "3.00", "3.00", ("2.40", "3.60"), ("1.80", "4.20")),
            (Two, 100, "3.00", "3.00", ("2.40", "3.60"), ("1.80", "4.20")),
            (Two, 100, "0.75", "0.75", ("0.60", "0.90"), ("0.45", "1.05")),
            (Two, 100, "0.74", "0.74", ("0.59", "0.89"), ("0.44", "1.04")),
            (One, 100, "0.20", "0.20", ("0.05", "0.35"), ("0", "0.50")),
            (Two, 100, "0.10", "0.10", ("0.03", "0.18"), ("0", "0.25")),
            (One, 300, "50", "50", ("42.50", "57.50"), ("35", "65")),
            (Two, 300, "50", "50", ("35", "65"), ("35", "65")),
            (One, 200, "2.00", "2.00", ("1.20", "2.80"), ("0.40", "3.60")),
            (One, 100, "100", "2", ("1.90", "2.10"), ("1.80", "2.20")),
            (Two, 100, "2", "100", ("80", "120"), ("60", "140")),
            (One, 100, "181.99", "181.99", ("172.89", "191.09"), ("163.79", "200.19")),
        ];
        for (tier, percent, close, reference, day, closing) in table {
            let limit = LimitTier { tier, leverage: Bps::new(percent * 100) };
            for (is_closing, (low, high)) in [(false, day), (true, closing)] {
                let found = limit.edges(px(close), px(reference), is_closing);
                let case = format!("{limit:?} {close} {reference} {is_closing}");
                assert_eq!((px(low), px(high)), (found.low, found.high), "{case}");
            }
        }
    }
}
