//! The trades of one minute: how many, how large, at which prices, when.
//!
//! Volume and number are those of the tables exactly. The prices begin at the open, end at the
//! close and turn at the high and the low, in an order that is drawn; between these they wander.

use ringfence_kernel::types::Qty;

use super::tables::{MINUTE_NS, TICK_NANOS, Traded};
use crate::rng::Rng;

/// Units of a round lot.
const LOT: u64 = 100;
/// One trade in so many is a large one, and so many times as large.
const LARGE_ONE_IN: u64 = 25;
const LARGE_TIMES: u64 = 20;
/// One price in so many steps aside by a tick.
const ASIDE_ONE_IN: u64 = 8;

/// A trade that a minute must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    /// Nanoseconds after the start of the minute.
    pub(super) offset_ns: i64,
    /// Wanted price in ticks.
    pub(super) ticks: i64,
    /// Whether it must be this price, because the minute's figures name it.
    pub(super) is_fixed: bool,
    /// Units.
    pub(super) qty: Qty,
}

/// Returns the trades of a minute, in order of time.
pub(super) fn planned(traded: &Traded, rng: &mut Rng) -> Vec<Planned> {
    let count = traded.trades;
    let width = MINUTE_NS.unsigned_abs();
    let mut offsets: Vec<u64> = (0..count).map(|_| rng.below(width)).collect();
    offsets.sort_unstable();
    let (sizes, prices) = (sizes(traded.volume, count, rng), prices(traded, rng));
    let trades = offsets.into_iter().zip(sizes).zip(prices);
    let plan = trades.map(|((offset, units), (ticks, is_fixed))| Planned {
        offset_ns: i64::try_from(offset).unwrap_or(0),
        ticks,
        is_fixed,
        qty: Qty::new(units),
    });
    plan.collect()
}

/// Returns `count` sizes above zero whose sum is `volume`: mostly small round lots, some large.
fn sizes(volume: Qty, count: usize, rng: &mut Rng) -> Vec<u64> {
    let parts = u64::try_from(count).unwrap_or(u64::MAX);
    let unit = if volume.units() / LOT >= parts { LOT } else { 1 };
    let spare = (volume.units() / unit).saturating_sub(parts);
    let weights: Vec<u64> = (0..count)
        .map(|_| 1 + rng.below(4) * if rng.one_in(LARGE_ONE_IN) { LARGE_TIMES } else { 1 })
        .collect();
    let whole: u128 = weights.iter().copied().map(u128::from).sum();
    let mut sizes: Vec<u64> = weights
        .iter()
        .map(|weight| u128::from(spare) * u128::from(*weight) / whole.max(1))
        .map(|more| u64::try_from(more).unwrap_or(0).saturating_add(1) * unit)
        .collect();
    let mut left = volume.units() - sizes.iter().sum::<u64>();
    let first = usize::try_from(rng.below(parts)).unwrap_or(0);
    sizes.rotate_left(first.min(count));
    for size in &mut sizes {
        let more = left.min(unit);
        *size += more;
        left -= more;
    }
    sizes
}

/// Returns a price for each trade, and whether the figures of the minute name it.
fn prices(traded: &Traded, rng: &mut Rng) -> Vec<(i64, bool)> {
    let ticks = |px: ringfence_kernel::types::Price| px.nanos() / TICK_NANOS;
    let last = traded.trades.saturating_sub(1);
    let (low, high) = (ticks(traded.low), ticks(traded.high));
    let mut marks = vec![(0, ticks(traded.open))];
    let mut turns = traded.turns();
    if rng.one_in(2) {
        turns.reverse();
    }
    let places = distinct_between(last, turns.len(), rng);
    marks.extend(places.into_iter().zip(turns.into_iter().map(ticks)));
    if last > 0 {
        marks.push((last, ticks(traded.close)));
    }
    let mut prices = Vec::with_capacity(traded.trades);
    let mut now = ticks(traded.open);
    for (place, px) in marks {
        while prices.len() < place {
            let steps = i64::try_from(place - prices.len() + 1).unwrap_or(i64::MAX);
            now = (now + stride(px - now, steps, rng)).clamp(low, high);
            prices.push((now, false));
        }
        now = px;
        prices.push((px, true));
    }
    prices
}

/// Returns `count` places, at most two, between 0 and `last`, in order.
fn distinct_between(last: usize, count: usize, rng: &mut Rng) -> Vec<usize> {
    let inner = u64::try_from(last.saturating_sub(1)).unwrap_or(0);
    let mut draw = |bound: u64| usize::try_from(rng.below(bound)).unwrap_or(0);
    match count {
        0 => Vec::new(),
        1 => vec![1 + draw(inner)],
        _ => {
            let first = draw(inner);
            let second =
                (first + 1 + draw(inner.saturating_sub(1))) % last.saturating_sub(1).max(1);
            vec![1 + first.min(second), 1 + first.max(second)]
        }
    }
}

/// Returns one of `steps` strides over `distance` ticks, at times a tick beside it.
fn stride(distance: i64, steps: i64, rng: &mut Rng) -> i64 {
    let part = (distance % steps).unsigned_abs();
    let more = i64::from(rng.below(steps.unsigned_abs()) < part) * distance.signum();
    let aside = match rng.below(ASIDE_ONE_IN * 2) {
        0 => 1,
        1 => -1,
        _ => 0,
    };
    distance / steps + more + aside
}
