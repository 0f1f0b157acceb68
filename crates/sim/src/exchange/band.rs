//! Bands of prices: limit up and limit down around a moving reference, or fixed for a session.
//!
//! The reference of a limit band is the price of the last auction, and moves to the mean price of
//! the trades of the last five minutes (counted in whole seconds) when that is at least one percent
//! away. The plan's tier of an instrument gives the distance of the edges, or else a width that is
//! the venue's own. Edges are drawn inward to the tick.

use std::collections::VecDeque;

use ringfence_kernel::types::{Bps, Price, Ts};

use super::rules::{InstrumentRules, LimitBandRules};
use crate::book::Band;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// What the venue's operator did to the band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum BandOverride {
    /// Nothing: the rule gives it.
    Rule,
    /// It is this one, right or wrong.
    Fixed(Band),
    /// There is none.
    Dropped,
}

/// Trades of one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Second {
    at: i64,
    sum: i128,
    count: i128,
}

/// Reference price of an instrument and how it moves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reference {
    pub(super) px: Price,
    /// At most one entry for each second of the mean.
    seconds: VecDeque<Second>,
    sum: i128,
    count: i128,
}

impl Reference {
    pub(super) const fn new(px: Price) -> Self {
        Self { px, seconds: VecDeque::new(), sum: 0, count: 0 }
    }
    /// Begins again at a price, as after an auction.
    pub(super) fn restart(&mut self, px: Price) {
        *self = Self::new(px);
    }
    /// Counts a trade.
    pub(super) fn note(&mut self, px: Price, ts: Ts, rules: &LimitBandRules) {
        let at = ts.nanos().div_euclid(NANOS_PER_SECOND);
        self.forget(at, rules);
        let px = i128::from(px.nanos());
        match self.seconds.back_mut().filter(|second| second.at == at) {
            Some(second) => {
                second.sum += px;
                second.count += 1;
            }
            None => self.seconds.push_back(Second { at, sum: px, count: 1 }),
        }
        self.sum += px;
        self.count += 1;
    }
    /// Moves the reference when the mean is far enough from it; returns whether it moved.
    pub(super) fn follow(&mut self, rules: &LimitBandRules) -> bool {
        if self.count == 0 {
            return false;
        }
        let mean = (self.sum + self.count / 2).div_euclid(self.count);
        let px = i128::from(self.px.nanos());
        let is_far = (mean - px).abs() * 10_000 >= px.abs() * i128::from(rules.move_min.get());
        let Some(mean) = i64::try_from(mean).ok().filter(|mean| is_far && *mean > 0) else {
            return false;
        };
        let moved = mean != self.px.nanos();
        self.px = Price::from_nanos(mean);
        moved
    }
    fn forget(&mut self, at: i64, rules: &LimitBandRules) {
        let oldest = at - rules.mean_ns / NANOS_PER_SECOND;
        while let Some(second) = self.seconds.front().copied().filter(|s| s.at <= oldest) {
            self.sum -= second.sum;
            self.count -= second.count;
            self.seconds.pop_front();
        }
    }
}

/// Lowest and highest price of a band, before they are drawn to ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edges {
    pub(super) low: Price,
    pub(super) high: Price,
}

impl Edges {
    /// Returns the edges of a width around a price.
    pub(super) fn around(px: Price, width: Bps) -> Self {
        Self { low: px.minus_bps(width), high: px.plus_bps(width) }
    }
    /// Returns the edges that the tier of an instrument gives, or the width of the venue.
    pub(super) fn limit(
        px: Price,
        instrument: &InstrumentRules,
        rules: &LimitBandRules,
        is_closing: bool,
    ) -> Option<Self> {
        let twice = |width: Bps| Bps::new(width.get().saturating_mul(2));
        match instrument.tier {
            Some(tier) => Some(tier.edges(instrument.reference_px, px, is_closing)),
            None if is_closing => rules.width.map(|width| Self::around(px, twice(width))),
            None => rules.width.map(|width| Self::around(px, width)),
        }
    }
}

/// Returns the band between two edges, drawn inward to ticks.
pub(super) fn on_ticks(edges: Edges, instrument: &InstrumentRules) -> Option<Band> {
    let Edges { low, high } = edges;
    let floor = |px: Price| {
        let tick = instrument.tick_at(px).nanos();
        px.nanos().div_euclid(tick) * tick
    };
    let lower = match low.nanos() - floor(low) {
        0 => low.nanos(),
        _ => floor(low).saturating_add(instrument.tick_at(low).nanos()),
    };
    Band::new(Price::from_nanos(lower.max(1)), Price::from_nanos(floor(high)))
}
