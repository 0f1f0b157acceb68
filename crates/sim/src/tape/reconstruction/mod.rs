//! A day made again from its figures: minute by minute the volume, the prices, the spread and the
//! size of a recorded day, without the record.
//!
//! Per minute the volume and the number of trades are those of the tables exactly, and the trades
//! begin at the open, end at the close and touch high and low. The mean spread and the mean size of
//! the best quote, weighted by time, and the venues' shares of each half hour come close; how close
//! is measured by tests. The paths between are drawn from the seed: one seed gives the same events
//! everywhere, another gives other events with the same figures. Each minute draws from a stream of
//! its own. Opening and closing prints come at their recorded times. Quotes begin at 09:30 and are
//! taken away at 16:00; a trade takes nothing from the size that is shown.

mod display;
mod minute;
mod shares;
pub mod tables;

use std::collections::{BTreeMap, VecDeque};

use ringfence_kernel::types::{Name, Price, Qty};

use self::display::{Display, px};
use self::minute::{Planned, planned};
use self::shares::Shares;
pub use self::tables::Tables;
use self::tables::{
    Day, HALF_HOUR_MINUTES, MINUTE_NS, Minute, Print, Shown, TICK_NANOS, minute_start,
};
use super::error::{Place, TapeError};
use super::event::{TapeEvent, TapeTime, TradeFlags, What};
use super::reader::{Decoder, Reader};
use crate::rng::Rng;

/// Nanoseconds between two refreshes of what is shown.
const REFRESH_NS: i64 = 2_000_000_000;
/// What is shown where the tables have no figures: one cent, one lot.
const LEAST_SHOWN: Shown =
    Shown { spread: Price::from_nanos(TICK_NANOS), bid_qty: Qty::new(100), ask_qty: Qty::new(100) };

#[derive(Clone, Copy, Debug)]
enum Step {
    Refresh,
    Trade(Planned),
    Print(Print),
    Close,
}

/// Decoder that makes one symbol's day from its figures.
#[derive(Debug)]
pub struct Reconstruction {
    symbol: Name,
    seed: u64,
    day: Day,
    minute: usize,
    shown: Shown,
    near: i64,
    range: (i64, i64),
    shares: Shares,
    rng: Rng,
    display: Display,
    steps: VecDeque<(TapeTime, Step)>,
}

impl Reconstruction {
    /// Returns the tape of one symbol's day, drawn from `seed`.
    ///
    /// Refuses a symbol that the tables do not have.
    pub fn open(tables: &Tables, symbol: Name, seed: u64) -> Result<Reader<Self>, TapeError> {
        let day = tables.day(&symbol).ok_or_else(|| {
            TapeError::expected(Place::Outside, "a symbol of the tables", symbol.as_bytes())
        })?;
        Ok(Reader::new(Self {
            symbol,
            seed,
            near: first_price(day),
            day: day.clone(),
            minute: 0,
            shown: LEAST_SHOWN,
            range: (0, 0),
            shares: Shares::default(),
            rng: Rng::new(seed),
            display: Display::new(symbol),
            steps: VecDeque::new(),
        }))
    }
    /// Plans the next minute, or what comes after the last one; returns whether there is more.
    fn plan(&mut self) -> bool {
        let start = minute_start(self.minute);
        match self.day.minutes.get(self.minute).copied() {
            Some(minute) => self.plan_minute(&minute),
            None if start == TapeTime::CLOSE => {
                self.display.end();
                self.steps.push_back((start, Step::Close));
                self.add_prints(start, TapeTime::END);
            }
            None => return false,
        }
        // Stable: at the same time, what was planned first comes first.
        self.steps.make_contiguous().sort_by_key(|(at, _)| *at);
        self.minute += 1;
        true
    }
    fn plan_minute(&mut self, minute: &Minute) {
        let half_hour = self.minute / HALF_HOUR_MINUTES;
        let none = BTreeMap::new();
        let volumes = self.day.venues.get(half_hour).unwrap_or(&none);
        if self.minute.is_multiple_of(HALF_HOUR_MINUTES) {
            self.shares = Shares::of(volumes);
        }
        self.shown = minute.shown.unwrap_or(self.shown);
        self.display.begin(minute.start, self.shown, volumes);
        let names = [named(&self.symbol), u64::try_from(self.minute).unwrap_or(0)];
        self.rng = Rng::stream(self.seed, &names);
        let refreshes = (0..MINUTE_NS / REFRESH_NS).map(|index| index * REFRESH_NS);
        self.steps.extend(refreshes.map(|offset| (minute.start.plus(offset), Step::Refresh)));
        if let Some(traded) = &minute.traded {
            self.range = (traded.low.nanos() / TICK_NANOS, traded.high.nanos() / TICK_NANOS);
            let trades = planned(traded, &mut self.rng).into_iter();
            let at = |trade: &Planned| minute.start.plus(trade.offset_ns);
            self.steps.extend(trades.map(|trade| (at(&trade), Step::Trade(trade))));
        }
        self.add_prints(minute.start, minute.start.plus(MINUTE_NS));
    }
    fn add_prints(&mut self, from: TapeTime, to: TapeTime) {
        let due = self.day.prints.iter().filter(|print| print.at >= from && print.at < to);
        self.steps.extend(due.map(|print| (print.at, Step::Print(*print))));
    }
    fn take(
        &mut self,
        at: TapeTime,
        step: Step,
        ready: &mut VecDeque<TapeEvent>,
    ) -> Result<(), TapeError> {
        match step {
            Step::Refresh => {
                self.display.refresh(at, self.near, &mut self.rng);
                self.display.show(at, ready)?;
                self.display.withdraw(at, ready)
            }
            Step::Close => self.display.withdraw(at, ready),
            Step::Trade(trade) => {
                let wish = (trade.ticks, trade.is_fixed);
                let ticks = self.display.trade(at, wish, self.range, &mut self.rng);
                self.display.show(at, ready)?;
                if let Some(venue) = self.shares.draw(trade.qty, &mut self.rng) {
                    let (px, qty, symbol) = (px(ticks), trade.qty, self.symbol);
                    let flags = TradeFlags::NONE;
                    let what = What::Trade { px, qty, flags, match_number: None };
                    ready.push_back(TapeEvent { at, symbol, venue, what });
                }
                Ok(())
            }
            Step::Print(Print { venue, flags, px, qty, .. }) => {
                let what = What::Trade { px, qty, flags, match_number: None };
                ready.push_back(TapeEvent { at, symbol: self.symbol, venue, what });
                Ok(())
            }
        }
    }
}

impl Decoder for Reconstruction {
    fn decode(&mut self, ready: &mut VecDeque<TapeEvent>) -> Result<bool, TapeError> {
        match self.steps.pop_front() {
            Some((at, step)) => self.take(at, step, ready).map(|()| true),
            None => Ok(self.plan()),
        }
    }
}

/// Returns the first price of the day in ticks.
fn first_price(day: &Day) -> i64 {
    let traded = day.minutes.iter().find_map(|minute| minute.traded);
    traded.map_or(0, |traded| traded.open.nanos() / TICK_NANOS)
}

/// Returns a number for a name, another for each of up to eight bytes.
fn named(name: &Name) -> u64 {
    name.as_bytes().iter().fold(0, |number, byte| number << 8 ^ u64::from(*byte))
}
