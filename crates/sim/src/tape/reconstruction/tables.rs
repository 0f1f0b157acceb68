//! The figures that a reconstruction keeps to, read from three tables of text.
//!
//! Refuses: a minute that is missing, twice or out of order; prices that are not whole cents, below
//! one dollar or outside their own high and low; a minute with fewer trades than its prices need;
//! and volumes of venues that do not add up to the volume of their half hour.

use std::collections::BTreeMap;

use ringfence_kernel::types::{Name, Price, Qty};

use crate::tape::best::VENUES_MAX;
use crate::tape::csv::{Cell, Lines};
use crate::tape::error::{Fault, Place, TapeError};
use crate::tape::event::{TapeTime, TradeFlags};
use crate::tape::feed::Whole;

/// One cent, the least step of a price from one dollar on (Regulation NMS, Rule 612).
pub const TICK_NANOS: i64 = 10_000_000;
/// Minutes from 09:30 to 16:00.
pub const MINUTES: usize = 390;
/// Minutes of half an hour.
pub const HALF_HOUR_MINUTES: usize = 30;
/// Nanoseconds of a minute.
pub const MINUTE_NS: i64 = 60_000_000_000;
/// Most symbols of the tables.
pub const SYMBOLS_MAX: usize = 64;
/// Most trades of one minute; the busiest recorded one has 5,218.
pub const TRADES_PER_MINUTE_MAX: usize = 100_000;
/// Most opening and closing prints of a symbol.
pub const PRINTS_MAX: usize = 64;

const MINUTE_COLUMNS: [&str; 11] = [
    "symbol",
    "minute_et",
    "volume",
    "trades",
    "open",
    "high",
    "low",
    "close",
    "spread",
    "bid_size",
    "ask_size",
];
const VENUE_COLUMNS: [&str; 4] = ["symbol", "half_hour_et", "venue", "volume"];
const PRINT_COLUMNS: [&str; 7] =
    ["symbol", "ms_since_midnight_et", "venue", "kind", "price", "volume", "prints"];

/// What was traded in a minute, crosses left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traded {
    /// Units.
    pub volume: Qty,
    /// Trades, at least as many as the four prices need.
    pub trades: usize,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
}

impl Traded {
    /// Returns the prices that are neither the first nor the last: none, high, low or both.
    pub fn turns(&self) -> Vec<Price> {
        let turns = [self.high, self.low].into_iter();
        turns.filter(|px| *px != self.open && *px != self.close).collect()
    }
}

/// What was shown in a minute, weighted by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Mean difference of national best ask and bid.
    pub spread: Price,
    /// Mean quantity of the best bid.
    pub bid_qty: Qty,
    /// Mean quantity of the best ask.
    pub ask_qty: Qty,
}

/// One minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minute {
    /// When it begins.
    pub start: TapeTime,
    /// What was traded, or nothing.
    pub traded: Option<Traded>,
    /// What was shown, or nothing.
    pub shown: Option<Shown>,
}

/// An opening or closing print of a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// When.
    pub at: TapeTime,
    /// Where.
    pub venue: Name,
    /// Which cross, or the venue's statement of its price.
    pub flags: TradeFlags,
    /// Price.
    pub px: Price,
    /// Units.
    pub qty: Qty,
}

/// The figures of one symbol's day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// The minutes from 09:30 to 16:00, in order.
    pub minutes: Vec<Minute>,
    /// Volume by venue of each half hour, by name; the sum is that of its minutes.
    pub venues: Vec<BTreeMap<Name, Qty>>,
    /// Opening and closing prints, in order of time.
    pub prints: Vec<Print>,
}

/// The figures of all symbols.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    days: BTreeMap<Name, Day>,
}

impl Tables {
    /// Returns the tables of these texts: minutes, volumes by venue, opening and closing prints.
    pub fn parse(minutes: &str, venues: &str, prints: &str) -> Result<Self, TapeError> {
        let mut tables = Self::default();
        let mut lines = Lines::new(Whole::new(minutes));
        lines.header(&MINUTE_COLUMNS)?;
        while lines.row(&MINUTE_COLUMNS, |row| tables.add_minute(row))?.is_some() {}
        let mut lines = Lines::new(Whole::new(venues));
        lines.header(&VENUE_COLUMNS)?;
        while lines.row(&VENUE_COLUMNS, |row| tables.add_venue(row))?.is_some() {}
        let mut lines = Lines::new(Whole::new(prints));
        lines.header(&PRINT_COLUMNS)?;
        while lines.row(&PRINT_COLUMNS, |row| tables.add_print(row))?.is_some() {}
        tables.days.values().try_for_each(agrees)?;
        Ok(tables)
    }
    /// Returns the symbols, sorted.
    pub fn symbols(&self) -> Vec<Name> {
        self.days.keys().copied().collect()
    }
    /// Returns the figures of a symbol.
    pub fn day(&self, symbol: &Name) -> Option<&Day> {
        self.days.get(symbol)
    }
    fn add_minute(&mut self, row: [Cell<'_>; 11]) -> Result<(), TapeError> {
        let [symbol, minute, volume, trades, open, high, low, close, spread, bid, ask] = row;
        let name = name(&symbol)?;
        if !self.days.contains_key(&name) && self.days.len() == SYMBOLS_MAX {
            return Err(TapeError::bound(symbol.place(), "symbols", SYMBOLS_MAX));
        }
        let day = self.days.entry(name).or_default();
        let start = clock(&minute)?;
        if start != minute_start(day.minutes.len()) || day.minutes.len() == MINUTES {
            return Err(minute.refused("the minute after the one before, from 09:30 to 15:59"));
        }
        let shown = match spread.bytes() {
            b"" => None,
            _ => Some(Shown { spread: spread.price()?, bid_qty: bid.qty()?, ask_qty: ask.qty()? }),
        };
        if shown.is_some_and(|shown| shown.spread.nanos() < TICK_NANOS) {
            return Err(spread.refused("a spread of at least one cent"));
        }
        let traded = match trades.whole()? {
            0 if volume.bytes() == b"0" => None,
            _ => Some(traded([volume, trades, open, high, low, close], shown)?),
        };
        day.minutes.push(Minute { start, traded, shown });
        Ok(())
    }
    fn add_venue(&mut self, [symbol, at, venue, volume]: [Cell<'_>; 4]) -> Result<(), TapeError> {
        let day = self.known(&symbol)?;
        let index = clock(&at)?.since(TapeTime::OPEN) / MINUTE_NS;
        let index = usize::try_from(index).unwrap_or(0) / HALF_HOUR_MINUTES;
        if minute_start(index * HALF_HOUR_MINUTES) != clock(&at)? || index + 1 < day.venues.len() {
            return Err(at.refused("a half hour from 09:30 to 15:30, in order"));
        }
        if index >= MINUTES / HALF_HOUR_MINUTES {
            return Err(at.refused("a half hour from 09:30 to 15:30, in order"));
        }
        day.venues.resize(day.venues.len().max(index + 1), BTreeMap::new());
        let Some(volumes) = day.venues.last_mut() else {
            return Ok(());
        };
        if volumes.len() == VENUES_MAX {
            return Err(TapeError::bound(venue.place(), "venues of a symbol", VENUES_MAX));
        }
        match volumes.insert(name(&venue)?, volume.qty()?) {
            None => Ok(()),
            Some(_) => Err(venue.refused("a venue once in each half hour")),
        }
    }
    fn add_print(&mut self, row: [Cell<'_>; 7]) -> Result<(), TapeError> {
        let [symbol, at, venue, kind, price, volume, prints] = row;
        prints.qty()?;
        let day = self.known(&symbol)?;
        let flags = match kind.bytes() {
            b"open_cross" => TradeFlags::OPEN_CROSS,
            b"close_cross" => TradeFlags::CLOSE_CROSS,
            b"official_open" | b"official_close" => TradeFlags::OFFICIAL,
            _ => return Err(kind.refused("a kind of opening or closing print")),
        };
        let time = TapeTime::from_millis(at.whole()?).filter(|time| *time >= TapeTime::OPEN);
        let time = time.ok_or_else(|| at.refused("milliseconds from 09:30 on"))?;
        if day.prints.last().is_some_and(|last| last.at > time) {
            return Err(at.refused("a time that does not fall"));
        }
        if day.prints.len() == PRINTS_MAX {
            return Err(TapeError::bound(at.place(), "prints of a symbol", PRINTS_MAX));
        }
        let (px, qty) = (cents(&price)?, volume.qty()?);
        day.prints.push(Print { at: time, venue: name(&venue)?, flags, px, qty });
        Ok(())
    }
    fn known(&mut self, symbol: &Cell<'_>) -> Result<&mut Day, TapeError> {
        let day = self.days.get_mut(&name(symbol)?);
        day.ok_or_else(|| symbol.refused("a symbol of the table of minutes"))
    }
}

/// Returns when the minute of this index begins.
pub(super) fn minute_start(index: usize) -> TapeTime {
    let minutes = i64::try_from(index).unwrap_or(i64::MAX);
    TapeTime::OPEN.plus(minutes.saturating_mul(MINUTE_NS))
}

fn agrees(day: &Day) -> Result<(), TapeError> {
    let disagrees = |what| TapeError::new(Place::Outside, Fault::Disagrees { what });
    if day.minutes.len() != MINUTES {
        return Err(disagrees("another number of minutes than 390"));
    }
    if day.minutes.iter().all(|minute| minute.traded.is_none()) {
        return Err(disagrees("a day without a trade"));
    }
    let half_hours = day.minutes.chunks(HALF_HOUR_MINUTES);
    for (index, minutes) in half_hours.enumerate() {
        let traded = minutes.iter().filter_map(|minute| minute.traded);
        let volume: u64 = traded.map(|traded| traded.volume.units()).sum();
        let venues = day.venues.get(index).into_iter().flat_map(BTreeMap::values);
        if venues.map(|qty| qty.units()).sum::<u64>() != volume {
            return Err(disagrees("volumes of venues that do not add up to those of the minutes"));
        }
    }
    Ok(())
}

fn traded(cells: [Cell<'_>; 6], shown: Option<Shown>) -> Result<Traded, TapeError> {
    let [volume, trades, open, high, low, close] = cells;
    let count = usize::try_from(trades.whole()?).unwrap_or(usize::MAX);
    if count > TRADES_PER_MINUTE_MAX {
        return Err(TapeError::bound(trades.place(), "trades in a minute", TRADES_PER_MINUTE_MAX));
    }
    let found = Traded {
        volume: volume.qty()?,
        trades: count,
        open: cents(&open)?,
        high: cents(&high)?,
        low: cents(&low)?,
        close: cents(&close)?,
    };
    let ends = if found.open == found.close { 1 } else { 2 };
    if count < ends + found.turns().len() || found.volume.units() < trades.whole()? {
        return Err(trades.refused("a trade for each price, each with a unit"));
    }
    if found.high < found.open.max(found.close) {
        return Err(high.refused("a price not below open and close"));
    }
    if found.low > found.open.min(found.close) {
        return Err(low.refused("a price not above open and close"));
    }
    if shown.is_some_and(|shown| shown.spread.nanos() > found.low.nanos() / 2) {
        return Err(low.refused("a price of at least twice the spread"));
    }
    Ok(found)
}

fn name(cell: &Cell<'_>) -> Result<Name, TapeError> {
    Name::from_bytes(cell.bytes()).ok_or_else(|| cell.refused("a name"))
}

fn cents(cell: &Cell<'_>) -> Result<Price, TapeError> {
    let px = cell.price()?;
    if px.nanos() % TICK_NANOS != 0 || px.nanos() < 100 * TICK_NANOS {
        return Err(cell.refused("a price in whole cents, from one dollar on"));
    }
    Ok(px)
}

/// Returns the time of `HH:MM`.
fn clock(cell: &Cell<'_>) -> Result<TapeTime, TapeError> {
    let [h1, h2, b':', m1, m2] = cell.bytes() else {
        return Err(cell.refused("a time as HH:MM"));
    };
    let digits = [h1, h2, m1, m2].map(|byte| i64::from(byte.wrapping_sub(b'0')));
    let [h1, h2, m1, m2] = digits;
    let (hours, minutes) = (h1 * 10 + h2, m1 * 10 + m2);
    let is_time = digits.iter().all(|digit| *digit <= 9) && hours < 24 && minutes < 60;
    let time = TapeTime::from_nanos((hours * 60 + minutes) * MINUTE_NS).filter(|_| is_time);
    time.ok_or_else(|| cell.refused("a time as HH:MM"))
}
