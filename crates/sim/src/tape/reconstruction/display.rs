//! What the venues show: a national best that follows the trades, with the mean spread and size of
//! the minute, and the other venues at it or one tick behind.
//!
//! One venue leads with the size of the tables; each other shows its share of that, at most half
//! of it, or one lot a tick behind where its share is less than a lot. Width and size alternate
//! between the two whole numbers around the wanted mean, whichever reduces the error so far.

use std::collections::{BTreeMap, VecDeque};

use ringfence_kernel::types::{Name, Price, Qty};

use super::tables::{Shown, TICK_NANOS};
use crate::rng::Rng;
use crate::tape::best::Best;
use crate::tape::error::TapeError;
use crate::tape::event::{BookSide, Level, TapeEvent, TapeTime, What};
use crate::tape::venues::OFF_EXCHANGE;

const LOT: u64 = 100;
/// One refresh in so many has another venue leading.
const LEAD_ONE_IN: u64 = 4;
/// A size is drawn at most this part of the mean away from it.
const SIZE_PART: u64 = 4;

/// A mean that alternating whole numbers keep: wanted, shown, and the error so far.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    wanted: i128,
    shown: i128,
    error: i128,
}

impl Mean {
    fn stand(&mut self, nanos: i64) {
        self.error += (self.wanted - self.shown) * i128::from(nanos);
    }
    /// Shows the multiple of `unit` that is `aside` steps beyond the wanted mean, on the side that
    /// reduces the error, and returns it in units; at least one.
    fn choose(&mut self, unit: i128, aside: u64) -> u64 {
        let (below, rest) = (self.wanted / unit, self.wanted % unit);
        let aside = i128::from(aside);
        let is_short = self.error > 0 || self.error == 0 && rest * 2 > unit;
        let chosen = match (rest, is_short) {
            (0, true) => below + aside,
            (_, true) => below + 1 + aside,
            (_, false) => below - aside,
        };
        self.shown = chosen.max(1) * unit;
        u64::try_from(chosen.max(1)).unwrap_or(u64::MAX)
    }
}

/// The market of one symbol as it is shown.
#[derive(Debug)]
pub(super) struct Display {
    symbol: Name,
    bid: i64,
    ask: i64,
    fixed: BookSide,
    since: TapeTime,
    spread: Mean,
    sizes: [Mean; 2],
    lots: [u64; 2],
    lead: Option<Name>,
    volumes: Vec<(Name, u64)>,
    shown: Best,
}

impl Display {
    /// Returns an empty market.
    pub(super) fn new(symbol: Name) -> Self {
        Self {
            symbol,
            bid: 0,
            ask: 0,
            fixed: BookSide::Ask,
            since: TapeTime::MIDNIGHT,
            spread: Mean::default(),
            sizes: [Mean::default(); 2],
            lots: [0; 2],
            lead: None,
            volumes: Vec::new(),
            shown: Best::default(),
        }
    }
    /// Begins a minute: its means, and the volumes by which the venues of its half hour show.
    pub(super) fn begin(&mut self, at: TapeTime, shown: Shown, volumes: &BTreeMap<Name, Qty>) {
        self.since = at;
        self.spread = wanted(shown.spread.nanos().into());
        self.sizes = [shown.bid_qty, shown.ask_qty].map(|qty| wanted(qty.units().into()));
        let displaying = volumes.iter().filter(|(venue, _)| venue.as_str() != OFF_EXCHANGE);
        self.volumes = displaying.map(|(venue, qty)| (*venue, qty.units())).collect();
    }
    /// Draws a new width and new sizes, and at times another leading venue.
    ///
    /// `near` is where the market begins, if it has not begun yet, in ticks.
    pub(super) fn refresh(&mut self, at: TapeTime, near: i64, rng: &mut Rng) {
        self.stand(at);
        let width = i64::try_from(self.spread.choose(TICK_NANOS.into(), 0)).unwrap_or(1);
        match self.fixed {
            _ if self.ask == 0 => (self.bid, self.ask) = (near - width, near),
            BookSide::Bid => self.ask = self.bid + width,
            BookSide::Ask => self.bid = self.ask - width,
        }
        for (size, lots) in self.sizes.iter_mut().zip(&mut self.lots) {
            let mean = u64::try_from(size.wanted).unwrap_or(0) / LOT;
            *lots = size.choose(LOT.into(), rng.below(mean / SIZE_PART + 1));
        }
        let is_there = |lead: &Name| self.volumes.iter().any(|(venue, _)| venue == lead);
        if !self.lead.as_ref().is_some_and(is_there) || rng.one_in(LEAD_ONE_IN) {
            self.lead = self.drawn(rng);
        }
    }
    /// Moves the market, if it must, so that a trade can be made at the returned price in ticks.
    ///
    /// A fixed price is traded at; any other between `low` and `high` is a wish, which the market
    /// follows only when it is beyond its edges.
    pub(super) fn trade(
        &mut self,
        at: TapeTime,
        (wish, is_fixed): (i64, bool),
        (low, high): (i64, i64),
        rng: &mut Rng,
    ) -> i64 {
        self.stand(at);
        let edges = [(self.bid, BookSide::Bid), (self.ask, BookSide::Ask)];
        let is_open = |px: i64| {
            if is_fixed { px == wish } else { (low..=high).contains(&px) }
        };
        let open: Vec<(i64, BookSide)> = edges.into_iter().filter(|(px, _)| is_open(*px)).collect();
        let is_beyond = wish < self.bid || wish > self.ask;
        let drawn = usize::try_from(rng.below(2)).unwrap_or(0) % open.len().max(1);
        if let (false, Some((px, side))) = (is_beyond, open.get(drawn)) {
            self.fixed = *side;
            return *px;
        }
        let width = self.ask - self.bid;
        if 2 * wish > self.bid + self.ask {
            (self.bid, self.ask, self.fixed) = (wish - width, wish, BookSide::Ask);
        } else {
            (self.bid, self.ask, self.fixed) = (wish, wish + width, BookSide::Bid);
        }
        wish
    }
    /// Adds a quote for each side of a venue that shows something else than before.
    ///
    /// The side that the market moves away from comes first, so that nothing locks on the way.
    pub(super) fn show(
        &mut self,
        at: TapeTime,
        ready: &mut VecDeque<TapeEvent>,
    ) -> Result<(), TapeError> {
        let bid_before = self.shown.national(BookSide::Bid);
        let is_falling = bid_before.is_some_and(|best| best.px > px(self.bid));
        let first = if is_falling { BookSide::Bid } else { BookSide::Ask };
        let most = self.volumes.iter().map(|(_, volume)| *volume).max().unwrap_or(1);
        for side in [first, first.other()] {
            for (venue, volume) in self.volumes.clone() {
                let best = Some(self.level(side, venue, (volume, most)));
                self.set(at, (venue, side, best), ready)?;
            }
        }
        Ok(())
    }
    /// Adds the quotes that take away all that is shown by venues that show no more.
    pub(super) fn withdraw(
        &mut self,
        at: TapeTime,
        ready: &mut VecDeque<TapeEvent>,
    ) -> Result<(), TapeError> {
        for side in [BookSide::Bid, BookSide::Ask] {
            for venue in self.shown.venues(side) {
                if !self.volumes.iter().any(|(name, _)| *name == venue) {
                    self.set(at, (venue, side, None), ready)?;
                }
            }
        }
        Ok(())
    }
    /// Ends the day: no venue shows any more.
    pub(super) fn end(&mut self) {
        self.volumes.clear();
    }
    fn set(
        &mut self,
        at: TapeTime,
        (venue, side, best): (Name, BookSide, Option<Level>),
        ready: &mut VecDeque<TapeEvent>,
    ) -> Result<(), TapeError> {
        if self.shown.of(&venue, side) != best {
            self.shown.set(venue, side, best)?;
            let what = What::Quote { side, best };
            ready.push_back(TapeEvent { at, symbol: self.symbol, venue, what });
        }
        Ok(())
    }
    fn level(&self, side: BookSide, venue: Name, (volume, most): (u64, u64)) -> Level {
        let [bid_lots, ask_lots] = self.lots;
        let [bid_mean, ask_mean] = self.sizes.map(|size| size.wanted.unsigned_abs());
        let (best, behind, lots, mean) = match side {
            BookSide::Bid => (self.bid, self.bid - 1, bid_lots, bid_mean),
            BookSide::Ask => (self.ask, self.ask + 1, ask_lots, ask_mean),
        };
        if self.lead == Some(venue) {
            return Level { px: px(best), qty: Qty::new(lots.saturating_mul(LOT)) };
        }
        let share = mean * u128::from(volume) / u128::from(most.max(1)) / 2 / u128::from(LOT);
        match u64::try_from(share).unwrap_or(0) {
            0 => Level { px: px(behind), qty: Qty::new(LOT) },
            share => Level { px: px(best), qty: Qty::new(share * LOT) },
        }
    }
    fn drawn(&self, rng: &mut Rng) -> Option<Name> {
        let mut ticket = rng.below(self.volumes.iter().map(|(_, volume)| *volume).sum());
        let drawn = self.volumes.iter().find(|(_, volume)| {
            let is_here = ticket < *volume;
            ticket = ticket.saturating_sub(*volume);
            is_here
        });
        drawn.map(|(venue, _)| *venue)
    }
    fn stand(&mut self, at: TapeTime) {
        let nanos = at.since(self.since);
        self.since = at;
        self.spread.stand(nanos);
        for size in &mut self.sizes {
            size.stand(nanos);
        }
    }
}

fn wanted(mean: i128) -> Mean {
    Mean { wanted: mean, ..Mean::default() }
}

/// Returns the price of `ticks`.
pub(super) fn px(ticks: i64) -> Price {
    Price::from_nanos(ticks.saturating_mul(TICK_NANOS))
}
