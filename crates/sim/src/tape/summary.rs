//! Totals of a tape: per symbol, per venue and per half hour.

use std::collections::BTreeMap;

use ringfence_kernel::types::{Money, Name, Price, Qty};

use super::best::{Meter, VENUES_MAX, Window};
use super::error::{Place, TapeError};
use super::event::{TapeEvent, TapeTime, What};
use super::reader::Tape;

/// Most symbols of a summary.
pub const SYMBOLS_MAX: usize = 65_536;
/// Nanoseconds of half an hour.
const HALF_HOUR_NS: i64 = 1_800_000_000_000;

/// What was traded and shown, at one venue or at all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All events.
    pub events: u64,
    /// Quotes that show something.
    pub quotes: u64,
    /// Quotes that take away what was shown.
    pub withdrawals: u64,
    /// Trades and executions that count as volume.
    pub trades: u64,
    /// Units traded.
    pub qty: Qty,
    /// Units traded at a price that the source tells.
    pub priced_qty: Qty,
    /// Value of `priced_qty`.
    pub notional: Money,
}

impl Totals {
    /// Returns the mean price weighted by quantity, rounded to the nearest 1e-9.
    pub fn vwap(&self) -> Option<Price> {
        let qty = i128::from(self.priced_qty.units());
        let mean = (qty > 0).then(|| (self.notional.nanos() + qty / 2) / qty)?;
        i64::try_from(mean).ok().map(Price::from_nanos)
    }
    fn count(&mut self, event: &TapeEvent) {
        self.events += 1;
        self.quotes += u64::from(matches!(event.what, What::Quote { best: Some(_), .. }));
        self.withdrawals += u64::from(matches!(event.what, What::Quote { best: None, .. }));
        if let Some((qty, px)) = event.what.volume() {
            self.trades += 1;
            self.qty += qty;
            if let Some(px) = px {
                self.priced_qty += qty;
                self.notional += px.times(qty, 1);
            }
        }
    }
}

/// Totals of one symbol.
#[derive(Clone, Debug)]
pub struct SymbolSummary {
    /// Over all venues.
    pub all: Totals,
    /// Venue by venue.
    pub venues: BTreeMap<Name, Totals>,
    /// First, highest, lowest and last price of a trade.
    pub prices: Option<[Price; 4]>,
    /// Units traded in each half hour since midnight that had a trade.
    pub half_hours: BTreeMap<i64, Qty>,
    meter: Meter,
}

impl SymbolSummary {
    fn new() -> Result<Self, TapeError> {
        let (open, close) = (TapeTime::OPEN, TapeTime::CLOSE);
        Ok(Self {
            all: Totals::default(),
            venues: BTreeMap::new(),
            prices: None,
            half_hours: BTreeMap::new(),
            meter: Meter::new(open, close.since(open), 1)?,
        })
    }
    /// Returns the time-weighted means of what was shown from 09:30 to 16:00.
    pub fn shown(&self) -> Window {
        self.meter.clone().finish().first().copied().unwrap_or_default()
    }
    fn count(&mut self, event: &TapeEvent) -> Result<(), TapeError> {
        self.all.count(event);
        if !self.venues.contains_key(&event.venue) {
            bounded("venues of a symbol", self.venues.len(), VENUES_MAX)?;
        }
        self.venues.entry(event.venue).or_default().count(event);
        self.meter.follow(event)?;
        if let Some((qty, px)) = event.what.volume() {
            *self.half_hours.entry(event.at.nanos() / HALF_HOUR_NS).or_default() += qty;
            if let Some(px) = px {
                let [first, high, low, _] = self.prices.unwrap_or([px; 4]);
                self.prices = Some([first, high.max(px), low.min(px), px]);
            }
        }
        Ok(())
    }
}

/// Returns the totals of all that is left of `tape`, symbol by symbol.
pub fn summarise(mut tape: impl Tape) -> Result<BTreeMap<Name, SymbolSummary>, TapeError> {
    let mut symbols: BTreeMap<Name, SymbolSummary> = BTreeMap::new();
    while let Some(event) = tape.next()? {
        if !symbols.contains_key(&event.symbol) {
            bounded("symbols", symbols.len(), SYMBOLS_MAX)?;
            symbols.insert(event.symbol, SymbolSummary::new()?);
        }
        if let Some(summary) = symbols.get_mut(&event.symbol) {
            summary.count(&event)?;
        }
    }
    Ok(symbols)
}

fn bounded(what: &'static str, count: usize, most: usize) -> Result<(), TapeError> {
    if count < most { Ok(()) } else { Err(TapeError::bound(Place::Outside, what, most)) }
}
