//! Bands of prices: limit up and limit down around a moving reference, or fixed for a session.
//!
//! The reference of a limit band is the price of the last auction, which counts as a trade. It
//! moves to the mean price of the trades of the last five minutes (counted in whole seconds), the
//! plan's pro forma reference, when that is at least one percent away and the reference has stood
//! for thirty seconds. In a limit state it stays; when the state is over it is the mean at once.
//! The plan's tier of an instrument gives the distance of the edges, or else a width that is the
//! venue's own. Edges are drawn inward to the tick.

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

/// Where the best prices stand in a limit band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum BandState {
    /// Both can be traded with, or one is not there; or there is no limit band now.
    Clear,
    /// The best bid equals the upper edge, or the best offer the lower one; trading pauses when
    /// that lasts.
    Limit { since: Ts },
    /// No limit state, and the best bid is below the band or the best offer above it, where nobody
    /// can trade with them; the listing exchange may declare a pause.
    Straddle,
}

impl BandState {
    /// Returns where the best prices stand now; a limit state that goes on keeps its beginning.
    pub(super) fn of(self, bid: Option<Price>, offer: Option<Price>, band: Band, now: Ts) -> Self {
        if bid == Some(band.upper()) || offer == Some(band.lower()) {
            match self {
                Self::Limit { since } => Self::Limit { since },
                Self::Clear | Self::Straddle => Self::Limit { since: now },
            }
        } else if bid.is_some_and(|px| px < band.lower())
            || offer.is_some_and(|px| px > band.upper())
        {
            Self::Straddle
        } else {
            Self::Clear
        }
    }
    /// Returns whether it is a limit state.
    pub(super) const fn is_limit(self) -> bool {
        match self {
            Self::Limit { .. } => true,
            Self::Clear | Self::Straddle => false,
        }
    }
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
    /// Since when it is in force.
    since: Ts,
    /// At most one entry for each second of the mean.
    seconds: VecDeque<Second>,
    sum: i128,
    count: i128,
}

impl Reference {
    pub(super) const fn new(px: Price) -> Self {
        let since = Ts::from_nanos(i64::MIN);
        Self { px, since, seconds: VecDeque::new(), sum: 0, count: 0 }
    }
    /// Begins again at a price, as after an auction, without the trades of before.
    pub(super) fn restart(&mut self, px: Price, now: Ts) {
        *self = Self { since: now, ..Self::new(px) };
    }
    /// Comes into force as it is: the first of a day without an auction.
    pub(super) const fn begin(&mut self, now: Ts) {
        self.since = now;
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
    /// Moves the reference when it has stood long enough and the mean is far enough from it;
    /// returns whether it moved.
    pub(super) fn follow(&mut self, now: Ts, rules: &LimitBandRules) -> bool {
        if now < self.stands_until(rules) {
            return false;
        }
        let Some(mean) = self.mean(now, rules) else { return false };
        let (px, mean_px) = (i128::from(self.px.nanos()), i128::from(mean.nanos()));
        let move_min = i128::from(rules.move_min.get());
        (mean_px - px).abs() * 10_000 >= px.abs() * move_min && self.set(mean, now)
    }
    /// Makes the mean the reference however near it is, as after a limit state; returns whether
    /// the reference moved.
    pub(super) fn renew(&mut self, now: Ts, rules: &LimitBandRules) -> bool {
        self.mean(now, rules).is_some_and(|mean| self.set(mean, now))
    }
    /// Returns when time alone may move the reference: it has stood long enough, or, later, the
    /// oldest of several seconds of trades leaves the mean.
    pub(super) fn next_look(&mut self, now: Ts, rules: &LimitBandRules) -> Option<Ts> {
        self.forget(now.nanos().div_euclid(NANOS_PER_SECOND), rules);
        let stands_until = self.stands_until(rules);
        if now < stands_until {
            return (self.count > 0).then_some(stands_until);
        }
        let oldest = self.seconds.front().filter(|_| self.seconds.len() > 1)?;
        let leaves = oldest.at.saturating_mul(NANOS_PER_SECOND).saturating_add(rules.mean_ns);
        Some(Ts::from_nanos(leaves))
    }
    const fn stands_until(&self, rules: &LimitBandRules) -> Ts {
        Ts::from_nanos(self.since.nanos().saturating_add(rules.stand_min_ns))
    }
    /// Returns the mean price of the trades that count, rounded half up.
    fn mean(&mut self, now: Ts, rules: &LimitBandRules) -> Option<Price> {
        self.forget(now.nanos().div_euclid(NANOS_PER_SECOND), rules);
        let mean = (self.sum + self.count / 2).checked_div_euclid(self.count)?;
        let mean = i64::try_from(mean).ok().filter(|mean| *mean > 0)?;
        Some(Price::from_nanos(mean))
    }
    fn set(&mut self, px: Price, now: Ts) -> bool {
        let moved = px != self.px;
        if moved {
            (self.px, self.since) = (px, now);
        }
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

#[cfg(test)]
mod tests {
    use super::{NANOS_PER_SECOND, Reference};
    use crate::exchange::LimitBandRules;
    use proptest::prelude::*;
    use ringfence_kernel::types::{Bps, Price, Ts};

    const RULES: LimitBandRules = LimitBandRules {
        width: None,
        mean_ns: 20 * NANOS_PER_SECOND,
        move_min: Bps::new(100),
        stand_min_ns: 7 * NANOS_PER_SECOND,
        limit_state_ns: 1,
        pause_ns: 1,
    };

    /// Every trade, and the rule as it is written.
    struct Naive {
        px: i64,
        since: i64,
        trades: Vec<(i64, i64)>,
    }

    impl Naive {
        fn follow(&mut self, now: i64) {
            let counts = |at: i64| at / NANOS_PER_SECOND + 20 > now / NANOS_PER_SECOND;
            let mean = self.trades.iter().filter(|(at, _)| counts(*at)).map(|(_, px)| *px);
            let (sum, count) = mean.fold((0, 0), |(sum, count), px| (sum + px, count + 1));
            if count > 0 && now - self.since >= RULES.stand_min_ns {
                let mean = (sum + count / 2) / count;
                if (mean - self.px).abs() * 100 >= self.px {
                    (self.px, self.since) = (mean, now);
                }
            }
        }
    }

    proptest! {
        /// Plan V(A): looked at with each trade and when it says itself, the reference is at each
        /// moment what looking at every millisecond would make it.
        #[test]
        fn the_reference_is_that_of_looking_all_the_time(
            trades in prop::collection::vec((1_i64..9_000, 950_i64..1_050), 1..25),
        ) {
            let millis = |ms: i64| ms * 1_000_000;
            let mut naive = Naive { px: 1_000, since: 0, trades: Vec::new() };
            let mut reference = Reference::new(Price::from_nanos(1_000));
            reference.begin(Ts::from_nanos(0));
            let (mut now, mut look) = (0, None);
            for (wait, px) in trades {
                let next = now + wait;
                for ms in now + 1..=next {
                    let ts = Ts::from_nanos(millis(ms));
                    if ms == next {
                        naive.trades.push((millis(ms), px));
                        reference.note(Price::from_nanos(px), ts, &RULES);
                    }
                    naive.follow(millis(ms));
                    if ms == next || look.is_some_and(|due: Ts| due <= ts) {
                        reference.follow(ts, &RULES);
                        look = reference.next_look(ts, &RULES);
                        prop_assert!(look.is_none_or(|due| due > ts));
                    }
                    prop_assert_eq!(naive.px, reference.px.nanos());
                }
                now = next;
            }
        }
    }
}
