//! A market tape as the anonymous participant: from which time of its day, how fast, whose quotes.

use std::collections::{BTreeMap, VecDeque};

use ringfence_kernel::types::{Name, Note, Side, Ts};

use super::liquidity::{Liquidity, MarketEvent, MarketWhat};
use crate::book::Level;
use crate::tape::best::Best;
use crate::tape::{BookSide, Level as TapeLevel, Phase, Tape, TapeEvent, TapeTime, What};

/// Most events of one time that are kept ready.
const READY_MAX: usize = 4;

/// What of a tape says which orders rest; the other is what led to it, or lacks a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestingBy {
    /// Its quotes. A recording cut to the best levels tells of orders that it later loses sight of.
    Quotes,
    /// Its single orders, all of them.
    Orders,
}

/// How a tape is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapeRun {
    /// Time of the tape's day at which the run begins; what rests then stands in the book at once.
    pub from: TapeTime,
    /// When the run begins.
    pub starts: Ts,
    /// Seconds of the tape per `speed_per` seconds; above zero.
    pub speed: u32,
    /// See `speed`; above zero.
    pub speed_per: u32,
    /// Venue whose quotes, orders and trades are followed; the best of all where there is none.
    pub venue: Option<Name>,
    /// What says which orders rest.
    pub resting_by: RestingBy,
}

/// A tape that is followed.
pub struct TapeLiquidity<T> {
    tape: T,
    run: TapeRun,
    quotes: BTreeMap<Name, Best>,
    ready: VecDeque<MarketEvent>,
}

impl<T: Tape> TapeLiquidity<T> {
    /// Returns `tape` followed as `run` says; a speed of zero counts as one.
    pub fn new(tape: T, run: TapeRun) -> Self {
        let mut followed =
            Self { tape, run, quotes: BTreeMap::new(), ready: VecDeque::with_capacity(READY_MAX) };
        followed.refill();
        followed
    }
    fn time(&self, at: TapeTime) -> Ts {
        let passed = i128::from(at.since(self.run.from));
        let (per, speed) = (self.run.speed_per.max(1), self.run.speed.max(1));
        let real = passed * i128::from(per) / i128::from(speed);
        let real = i64::try_from(real).unwrap_or(i64::MAX);
        Ts::from_nanos(self.run.starts.nanos().saturating_add(real))
    }
    /// Reads on until an event means something, or the end.
    fn refill(&mut self) {
        while self.ready.is_empty() {
            match self.tape.next() {
                Ok(Some(event)) => self.read(event),
                Ok(None) => return,
                Err(why) => {
                    let at = self.tape.peek().unwrap_or(self.run.from);
                    let text = Note::clipped(&format!("the tape failed: {why}"));
                    let (ts, symbol) = (self.time(at), Name::clipped("-"));
                    let what = MarketWhat::Failed(text);
                    self.ready.push_back(MarketEvent { ts, symbol, what });
                }
            }
        }
    }
    fn read(&mut self, event: TapeEvent) {
        let TapeEvent { at, symbol, venue, what } = event;
        if self.run.venue.is_some_and(|wanted| wanted != venue) {
            return;
        }
        if let Some(what) = self.meaning(symbol, venue, what, at >= self.run.from) {
            self.ready.push_back(MarketEvent { ts: self.time(at), symbol, what });
        }
    }
    /// Returns what a quote changes of the best one.
    fn quoted(
        &mut self,
        symbol: Name,
        venue: Name,
        side: BookSide,
        best: Option<TapeLevel>,
    ) -> Option<MarketWhat> {
        let quotes = self.quotes.entry(symbol).or_default();
        let before = quotes.national(side);
        if let Err(why) = quotes.set(venue, side, best) {
            return Some(MarketWhat::Failed(Note::clipped(&why.to_string())));
        }
        let best = quotes.national(side);
        // The same size again: what members took of it is shown anew.
        let is_news = best != before || self.run.venue.is_some();
        let side = side_of(side);
        is_news.then(|| MarketWhat::Quote { side, best: best.map(level_of) })
    }
    /// Returns what an event means here; before the run nothing trades, and orders only shrink.
    fn meaning(
        &mut self,
        symbol: Name,
        venue: Name,
        what: What,
        is_running: bool,
    ) -> Option<MarketWhat> {
        match (self.run.resting_by, what) {
            (RestingBy::Quotes, What::Execute { px, qty, is_printed, .. }) => {
                let px = px.filter(|_| is_running && is_printed)?;
                return Some(MarketWhat::Trade { px, qty, aggressor: None });
            }
            (RestingBy::Quotes, told) if told.is_of_an_order() => return None,
            (RestingBy::Orders, What::Quote { .. }) => return None,
            (RestingBy::Quotes | RestingBy::Orders, _) => {}
        }
        match what {
            What::Quote { side, best } => self.quoted(symbol, venue, side, best),
            What::Trade { px, qty, flags, .. } if is_running && flags.is_price_forming() => {
                Some(MarketWhat::Trade { px, qty, aggressor: None })
            }
            What::ExecuteHidden { side, px, qty, .. } if is_running => {
                Some(MarketWhat::Trade { px, qty, aggressor: Some(side_of(side.other())) })
            }
            What::Add { order_ref, side, level } => Some(MarketWhat::Add {
                order: order_ref.number(),
                side: side_of(side),
                level: level_of(level),
            }),
            What::Reduce { order_ref, qty } => {
                Some(MarketWhat::Reduce { order: order_ref.number(), qty })
            }
            What::Delete { order_ref } => Some(MarketWhat::Delete { order: order_ref.number() }),
            What::Replace { order_ref, new_ref, level } => Some(MarketWhat::Replace {
                order: order_ref.number(),
                new: new_ref.number(),
                level: level_of(level),
            }),
            What::Execute { order_ref, qty, is_printed, .. } => {
                let order = order_ref.number();
                Some(if is_running && is_printed {
                    MarketWhat::Execute { order, qty }
                } else {
                    MarketWhat::Reduce { order, qty }
                })
            }
            What::Phase(Phase::Halted | Phase::QuotesOnly) => Some(MarketWhat::Halt),
            What::Phase(Phase::Trading) => Some(MarketWhat::Resume),
            What::Trade { .. } | What::ExecuteHidden { .. } | What::Broken { .. } => None,
        }
    }
}

impl<T: Tape + Send> Liquidity for TapeLiquidity<T> {
    fn next_due(&self) -> Option<Ts> {
        self.ready.front().map(|event| event.ts)
    }
    fn take(&mut self, until: Ts) -> Option<MarketEvent> {
        let is_due = self.ready.front().is_some_and(|event| event.ts <= until);
        let taken = is_due.then(|| self.ready.pop_front()).flatten();
        self.refill();
        taken
    }
}

const fn side_of(side: BookSide) -> Side {
    match side {
        BookSide::Bid => Side::Buy,
        BookSide::Ask => Side::Sell,
    }
}

const fn level_of(level: TapeLevel) -> Level {
    Level { px: level.px, qty: level.qty }
}
