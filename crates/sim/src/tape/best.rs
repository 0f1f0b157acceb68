//! What is shown for a symbol: the best bid and ask over venues, and their means over time.
//!
//! Source: Regulation NMS, Rule 600(b): the best price, then the largest size.

use std::collections::BTreeMap;

use ringfence_kernel::types::{Name, Price, Qty};

use super::error::{Place, TapeError};
use super::event::{BookSide, Level, TapeEvent, TapeTime, What};

/// Most venues of one symbol.
pub const VENUES_MAX: usize = 64;
/// Most windows of a meter: the minutes of a day.
pub const WINDOWS_MAX: usize = 1_440;

/// The quotes of all venues for one symbol.
#[derive(Clone, Debug, Default)]
pub struct Best {
    bids: BTreeMap<Name, Level>,
    asks: BTreeMap<Name, Level>,
}

impl Best {
    /// Shows `best` at the top of one side of `venue`, or nothing.
    pub fn set(
        &mut self,
        venue: Name,
        side: BookSide,
        best: Option<Level>,
    ) -> Result<(), TapeError> {
        let shown = match side {
            BookSide::Bid => &mut self.bids,
            BookSide::Ask => &mut self.asks,
        };
        match best {
            Some(level) => shown.insert(venue, level),
            None => shown.remove(&venue),
        };
        if shown.len() > VENUES_MAX {
            return Err(TapeError::bound(Place::Outside, "venues of a symbol", VENUES_MAX));
        }
        Ok(())
    }
    /// Returns what `venue` shows on `side`.
    pub fn of(&self, venue: &Name, side: BookSide) -> Option<Level> {
        self.side(side).get(venue).copied()
    }
    /// Returns the venues that show something on `side`, by name.
    pub fn venues(&self, side: BookSide) -> Vec<Name> {
        self.side(side).keys().copied().collect()
    }
    /// Returns the best quote on `side`: the best price, and of equal ones the largest quantity.
    pub fn national(&self, side: BookSide) -> Option<Level> {
        let shown = self.side(side).values().copied();
        shown.reduce(|best, level| if ranks_before(side, level, best) { level } else { best })
    }
    /// Returns the venues, other than `venue`, whose quote on `side` ranks before `level`.
    pub fn before(&self, venue: &Name, side: BookSide, level: Level) -> Vec<Name> {
        let shown = self.side(side).iter().filter(|(name, _)| *name != venue);
        let before = shown.filter(|(_, shown)| ranks_before(side, **shown, level));
        before.map(|(name, _)| *name).collect()
    }
    /// Returns the venues whose quote on `side` would lock or cross a quote at `px` opposite.
    pub fn in_the_way(&self, side: BookSide, px: Price) -> Vec<Name> {
        let is_in_the_way = |level: &Level| level.px == px || is_better(side, level.px, px);
        let shown = self.side(side).iter();
        shown.filter(|(_, level)| is_in_the_way(level)).map(|(venue, _)| *venue).collect()
    }
    fn side(&self, side: BookSide) -> &BTreeMap<Name, Level> {
        match side {
            BookSide::Bid => &self.bids,
            BookSide::Ask => &self.asks,
        }
    }
}

fn ranks_before(side: BookSide, level: Level, than: Level) -> bool {
    is_better(side, level.px, than.px) || level.px == than.px && level.qty > than.qty
}

fn is_better(side: BookSide, px: Price, than: Price) -> bool {
    match side {
        BookSide::Bid => px > than,
        BookSide::Ask => px < than,
    }
}

/// Means over one window of time, weighted by how long each state stood.
///
/// Only time with a bid below the ask counts: a market that is locked, crossed or has an empty
/// side has no spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Nanoseconds that count.
    pub shown_ns: i64,
    spread: i128,
    bid_qty: i128,
    ask_qty: i128,
}

impl Window {
    /// Returns the mean spread in 1e-9 currency units, rounded to the nearest.
    pub fn spread(&self) -> Option<Price> {
        i64::try_from(self.mean(self.spread)?).ok().map(Price::from_nanos)
    }
    /// Returns the mean quantity of the best quote of a side, rounded to the nearest.
    pub fn qty(&self, side: BookSide) -> Option<Qty> {
        let sum = match side {
            BookSide::Bid => self.bid_qty,
            BookSide::Ask => self.ask_qty,
        };
        u64::try_from(self.mean(sum)?).ok().map(Qty::new)
    }
    fn mean(&self, sum: i128) -> Option<i128> {
        let time = i128::from(self.shown_ns);
        (time > 0).then(|| (sum + time / 2) / time)
    }
}

/// Follows the quotes of one symbol and keeps the means of consecutive windows.
#[derive(Clone, Debug)]
pub struct Meter {
    best: Best,
    from: TapeTime,
    width_ns: i64,
    windows: Vec<Window>,
    since: TapeTime,
    state: Option<(i128, i128, i128)>,
}

impl Meter {
    /// Returns a meter of `count` windows of `width_ns` each, from `from` on.
    pub fn new(from: TapeTime, width_ns: i64, count: usize) -> Result<Self, TapeError> {
        if count > WINDOWS_MAX {
            return Err(TapeError::bound(Place::Outside, "windows of a meter", WINDOWS_MAX));
        }
        let windows = vec![Window::default(); count];
        Ok(Self { best: Best::default(), from, width_ns, windows, since: from, state: None })
    }
    /// Takes note of an event of the symbol; events that are not quotes change nothing.
    pub fn follow(&mut self, event: &TapeEvent) -> Result<(), TapeError> {
        let What::Quote { side, best } = event.what else {
            return Ok(());
        };
        self.advance(event.at);
        self.best.set(event.venue, side, best)?;
        let sides = (self.best.national(BookSide::Bid), self.best.national(BookSide::Ask));
        self.state = match sides {
            (Some(bid), Some(ask)) if bid.px < ask.px => Some((
                i128::from(ask.px.nanos() - bid.px.nanos()),
                i128::from(bid.qty.units()),
                i128::from(ask.qty.units()),
            )),
            (Some(_) | None, Some(_) | None) => None,
        };
        Ok(())
    }
    /// Returns the windows, once the last state has stood until the end of the last one.
    pub fn finish(mut self) -> Vec<Window> {
        self.advance(TapeTime::END);
        self.windows
    }
    fn advance(&mut self, to: TapeTime) {
        let (mut at, state) = (self.since, self.state);
        self.since = self.since.max(to);
        let Some((spread, bid_qty, ask_qty)) = state else {
            return;
        };
        while at < to {
            let index = at.since(self.from) / self.width_ns.max(1);
            let window = usize::try_from(index).ok().and_then(|at| self.windows.get_mut(at));
            let Some(window) = window else {
                return;
            };
            let end = self.from.plus((index + 1).saturating_mul(self.width_ns)).min(to);
            let stood = end.since(at);
            window.shown_ns += stood;
            window.spread += spread * i128::from(stood);
            window.bid_qty += bid_qty * i128::from(stood);
            window.ask_qty += ask_qty * i128::from(stood);
            at = end;
        }
    }
}
