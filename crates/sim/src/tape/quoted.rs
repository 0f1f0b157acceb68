//! Quotes for a tape that has only trades.
//!
//! The rule, before each price-forming trade of an exchange on a whole cent: a trade above the one
//! before was made at the ask, one below at the bid, one at the same price on the side of the one
//! before; the first counts as made at the ask. The venue then shows the trade's price on that
//! side and one cent away on the other, on both the trade's quantity rounded up to a hundred.
//! Quotes of other venues that the new ones would lock or cross are taken away first. Trades that
//! no exchange made, crosses, late and special ones show nothing: dealers do not display.
//!
//! Source: the tick rule of Lee and Ready, "Inferring trade direction from intraday data", 1991.

use std::collections::VecDeque;

use ringfence_kernel::types::{Name, Price, Qty};

use super::best::Best;
use super::error::TapeError;
use super::event::{BookSide, Level, TapeEvent, TapeTime, What};
use super::reader::{Decoder, Reader, Tape};
use super::venues::OFF_EXCHANGE;

/// One cent, in 1e-9 currency units.
const TICK_NANOS: i64 = 10_000_000;
/// Units of a round lot.
const LOT: u64 = 100;

/// Decoder that adds quotes to the trades of a tape of one symbol.
#[derive(Debug)]
pub struct Quoted<T> {
    tape: T,
    best: Best,
    last: Option<(Price, BookSide)>,
}

/// Returns the tape of one symbol with quotes that its trades imply.
pub fn quoted<T: Tape>(tape: T) -> Reader<Quoted<T>> {
    Reader::new(Quoted { tape, best: Best::default(), last: None })
}

impl<T: Tape> Quoted<T> {
    /// Returns the side on which a trade at `px` was made, by the tick rule.
    fn side(&self, px: Price) -> BookSide {
        match self.last {
            Some((last, _)) if px < last => BookSide::Bid,
            Some((last, side)) if px == last => side,
            Some(_) | None => BookSide::Ask,
        }
    }
    fn show(
        &mut self,
        (at, symbol, venue): (TapeTime, Name, Name),
        (side, best): (BookSide, Option<Level>),
        ready: &mut VecDeque<TapeEvent>,
    ) -> Result<(), TapeError> {
        if self.best.of(&venue, side) != best {
            self.best.set(venue, side, best)?;
            ready.push_back(TapeEvent { at, symbol, venue, what: What::Quote { side, best } });
        }
        Ok(())
    }
    fn imply(
        &mut self,
        event: &TapeEvent,
        (px, qty): (Price, Qty),
        ready: &mut VecDeque<TapeEvent>,
    ) -> Result<(), TapeError> {
        let side = self.side(px);
        self.last = Some((px, side));
        let away = match side {
            BookSide::Bid => Price::from_nanos(px.nanos() + TICK_NANOS),
            BookSide::Ask => Price::from_nanos(px.nanos() - TICK_NANOS),
        };
        let qty = Qty::new(qty.units().div_ceil(LOT) * LOT);
        for (side, px) in [(side, px), (side.other(), away)] {
            for venue in self.best.in_the_way(side.other(), px) {
                self.show((event.at, event.symbol, venue), (side.other(), None), ready)?;
            }
        }
        for (side, px) in [(side, px), (side.other(), away)] {
            let best = Some(Level { px, qty });
            self.show((event.at, event.symbol, event.venue), (side, best), ready)?;
        }
        Ok(())
    }
}

impl<T: Tape> Decoder for Quoted<T> {
    fn decode(&mut self, ready: &mut VecDeque<TapeEvent>) -> Result<bool, TapeError> {
        let Some(event) = self.tape.next()? else {
            return Ok(false);
        };
        if let What::Trade { px, qty, flags, .. } = event.what
            && flags.is_price_forming()
            && event.venue.as_str() != OFF_EXCHANGE
            && px.nanos() % TICK_NANOS == 0
            && px.nanos() > TICK_NANOS
        {
            self.imply(&event, (px, qty), ready)?;
        }
        ready.push_back(event);
        Ok(true)
    }
}
