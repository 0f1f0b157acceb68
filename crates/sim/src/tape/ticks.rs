//! Trades and quotes of the consolidated tape as text, one file of each for a symbol.
//!
//! A quote row replaces what its venue shows on that side. The vendor records only the quotes that
//! are the national best when they come, so a row tells of the other venues as well: what another
//! one showed before, at a better price or in a larger quantity at the same, is there no more. It
//! is taken away with an event of its own, at the time of the row, and the best over all venues is
//! then the recorded one at any time. A row that the vendor marked as suspicious is read, passed
//! over and counted: no book may follow it. A trade that was reported
//! late stays, with its flag: it is volume, but no price of its moment. Pre- and post-market rows
//! are events like any other. The conditions of a quote are checked for their form only.
//!
//! Source: sample data of QuantConnect's Lean (Apache-2.0), vendor AlgoSeek.

use std::collections::VecDeque;

use ringfence_kernel::types::Name;

use super::best::Best;
use super::csv::{Cell, Lines};
use super::error::TapeError;
use super::event::{BookSide, Level, TapeEvent, TapeTime, TradeFlags, What};
use super::feed::Feed;
use super::reader::{Ascending, Decoder, Reader};
use super::venues::Venues;

const TRADE_COLUMNS: [&str; 6] =
    ["ms_since_midnight_et", "price", "size", "exchange", "sale_condition", "suspicious"];
const QUOTE_COLUMNS: [&str; 7] =
    ["ms_since_midnight_et", "side", "price", "size", "exchange", "quote_condition", "suspicious"];

/// Bits of the vendor's sale condition that leave a trade an ordinary one: regular, sweep, form T,
/// extended hours, exempt from the trade-through rule, odd lot.
const ORDINARY: u32 = 0x1 | 0x20 | 0x400 | 0x2000 | 0x2000_0000 | 0x8000_0000;
/// Bits of the vendor's sale condition and what each means here.
const SALE_BITS: [(u32, TradeFlags); 6] = [
    (0x20, TradeFlags::SWEEP),
    (0x40, TradeFlags::OPEN_CROSS),
    (0x80, TradeFlags::CLOSE_CROSS),
    (0x400 | 0x2000, TradeFlags::EXTENDED_HOURS),
    (0x800 | 0x4000, TradeFlags::LATE),
    (0x0100_0000 | 0x0400_0000, TradeFlags::OFFICIAL),
];
const NAMED: u32 = 0x40 | 0x80 | 0x800 | 0x4000 | 0x0100_0000 | 0x0400_0000;

/// Which of the two files of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Trades,
    Quotes,
}

/// Decoder of one file of ticks.
#[derive(Debug)]
pub struct Ticks<F> {
    kind: Kind,
    symbol: Name,
    lines: Lines<F>,
    venues: Venues,
    times: Ascending,
    suspicious: u64,
    best: Best,
}

/// Returns the tape of a file of trades of `symbol`.
pub fn trades<F: Feed>(symbol: Name, feed: F) -> Reader<Ticks<F>> {
    Reader::new(Ticks::new(Kind::Trades, symbol, feed))
}

/// Returns the tape of a file of quotes of `symbol`.
pub fn quotes<F: Feed>(symbol: Name, feed: F) -> Reader<Ticks<F>> {
    Reader::new(Ticks::new(Kind::Quotes, symbol, feed))
}

impl<F: Feed> Ticks<F> {
    fn new(kind: Kind, symbol: Name, feed: F) -> Self {
        let (venues, times, best) = (Venues::consolidated(), Ascending::default(), Best::default());
        Self { kind, symbol, lines: Lines::new(feed), venues, times, suspicious: 0, best }
    }
    /// Returns how many rows were passed over because the vendor marked them as suspicious.
    pub const fn suspicious_count(&self) -> u64 {
        self.suspicious
    }
    /// Adds the quotes that the row of `event` shows to be gone.
    fn withdraw(
        &mut self,
        event: &TapeEvent,
        ready: &mut VecDeque<TapeEvent>,
    ) -> Result<(), TapeError> {
        let What::Quote { side, best: Some(level) } = event.what else {
            return Ok(());
        };
        for venue in self.best.before(&event.venue, side, level) {
            self.best.set(venue, side, None)?;
            ready.push_back(TapeEvent { venue, what: What::Quote { side, best: None }, ..*event });
        }
        self.best.set(event.venue, side, Some(level))
    }
    fn row(&mut self) -> Result<Option<(TapeEvent, bool)>, TapeError> {
        let (symbol, venues, times) = (self.symbol, &self.venues, &mut self.times);
        match self.kind {
            Kind::Trades => self.lines.row(
                &TRADE_COLUMNS,
                |[at, price, size, exchange, condition, suspicious]| {
                    let flags = conditions(condition.hexadecimal()?);
                    let (px, qty) = (price.price()?, size.qty()?);
                    let what = What::Trade { px, qty, flags, match_number: None };
                    let venue = venue(venues, &exchange)?;
                    let at = times.checked(time(&at)?, at.place())?;
                    Ok((TapeEvent { at, symbol, venue, what }, mark(&suspicious)?))
                },
            ),
            Kind::Quotes => self.lines.row(
                &QUOTE_COLUMNS,
                |[at, side, price, size, exchange, condition, suspicious]| {
                    condition.hexadecimal()?;
                    let best = Some(Level { px: price.price()?, qty: size.qty()? });
                    let what = What::Quote { side: book_side(&side)?, best };
                    let venue = venue(venues, &exchange)?;
                    let at = times.checked(time(&at)?, at.place())?;
                    Ok((TapeEvent { at, symbol, venue, what }, mark(&suspicious)?))
                },
            ),
        }
    }
}

impl<F: Feed> Decoder for Ticks<F> {
    fn decode(&mut self, ready: &mut VecDeque<TapeEvent>) -> Result<bool, TapeError> {
        if self.lines.number() == 0 {
            match self.kind {
                Kind::Trades => self.lines.header(&TRADE_COLUMNS)?,
                Kind::Quotes => self.lines.header(&QUOTE_COLUMNS)?,
            }
        }
        match self.row()? {
            Some((event, false)) => {
                self.withdraw(&event, ready)?;
                ready.push_back(event);
            }
            Some((_, true)) => self.suspicious += 1,
            None => return Ok(false),
        }
        Ok(true)
    }
}

fn time(cell: &Cell<'_>) -> Result<TapeTime, TapeError> {
    let at = TapeTime::from_millis(cell.whole()?);
    at.ok_or_else(|| cell.refused("milliseconds of one day"))
}

fn venue(venues: &Venues, cell: &Cell<'_>) -> Result<Name, TapeError> {
    cell.letter("the letter of a venue", |letter| venues.get(letter))
}

fn book_side(cell: &Cell<'_>) -> Result<BookSide, TapeError> {
    cell.letter("B or A", |letter| match letter {
        b'B' => Some(BookSide::Bid),
        b'A' => Some(BookSide::Ask),
        _ => None,
    })
}

fn mark(cell: &Cell<'_>) -> Result<bool, TapeError> {
    cell.letter("0 or 1", |letter| match letter {
        b'0' => Some(false),
        b'1' => Some(true),
        _ => None,
    })
}

fn conditions(mask: u32) -> TradeFlags {
    let named = SALE_BITS.iter().filter(|(bits, _)| mask & bits != 0);
    let flags = named.fold(TradeFlags::NONE, |flags, (_, flag)| flags.with(*flag));
    if mask & !(ORDINARY | NAMED) == 0 { flags } else { flags.with(TradeFlags::SPECIAL) }
}
