//! LOBSTER: what happened to single orders at Nasdaq, and the book after each of it.
//!
//! Two files go together row by row: messages, and the book after each message. A file cut to a
//! level leaves out what happened deeper, so a book cannot be rebuilt from the messages alone.
//! Each row therefore gives the event of its message, and then a quote for each side whose best
//! level is another than in the row before: the book's file is the state. Deeper levels are counted
//! but not read.
//!
//! Refuses: a message type that is not of the format, a level that is neither whole nor missing,
//! and two files of different length.
//!
//! Source: output structure of LOBSTER (lobsterdata.com), with a header line.

use std::collections::VecDeque;

use ringfence_kernel::types::{Name, Price, Qty};

use super::csv::{Cell, Lines};
use super::error::{Fault, Place, TapeError};
use super::event::{BookSide, Level, OrderRef, Phase, TapeEvent, TapeTime, TradeFlags, What};
use super::feed::Feed;
use super::reader::{Ascending, Decoder, Reader};
use super::venues::NASDAQ;

const MESSAGE_COLUMNS: [&str; 6] =
    ["time_s", "type", "order_id", "size", "price_x10000", "direction"];
/// The best level; each deeper one has the same four columns with its own number.
const BOOK_COLUMNS: [&str; 4] =
    ["ask_price_1_x10000", "ask_size_1", "bid_price_1_x10000", "bid_size_1"];
/// Most levels of a book file.
pub const LEVELS_MAX: usize = 100;
/// Price that stands for a missing level, in 1e-4 dollars; negative on the bid side.
const MISSING: i64 = 9_999_999_999;
/// 1e-9 currency units in the format's unit of 1e-4.
const UNIT_NANOS: i64 = 100_000;

/// Decoder of a pair of LOBSTER files.
#[derive(Debug)]
pub struct Lobster<M, B> {
    symbol: Name,
    venue: Name,
    messages: Lines<M>,
    book: Lines<B>,
    levels: usize,
    times: Ascending,
    shown: [Option<Level>; 2],
}

/// Returns the tape of the messages of `symbol` and of the book after each of them.
pub fn lobster<M: Feed, B: Feed>(symbol: Name, messages: M, book: B) -> Reader<Lobster<M, B>> {
    Reader::new(Lobster {
        symbol,
        venue: Name::clipped(NASDAQ),
        messages: Lines::new(messages),
        book: Lines::new(book),
        levels: 0,
        times: Ascending::default(),
        shown: [None; 2],
    })
}

impl<M: Feed, B: Feed> Lobster<M, B> {
    fn headers(&mut self) -> Result<(), TapeError> {
        self.messages.header(&MESSAGE_COLUMNS)?;
        let levels = self.book.read(levels_of)?;
        self.levels = levels.ok_or(TapeError::new(Place::Line(1), Fault::Torn))?;
        Ok(())
    }
    fn message(&mut self) -> Result<Option<(TapeTime, What)>, TapeError> {
        let times = &mut self.times;
        self.messages.row(&MESSAGE_COLUMNS, |[at, kind, order, size, price, direction]| {
            let time = TapeTime::from_nanos(at.seconds()?);
            let time = time.ok_or_else(|| at.refused("seconds of one day"))?;
            let time = times.checked(time, at.place())?;
            let side = match direction.bytes() {
                b"1" => BookSide::Bid,
                b"-1" => BookSide::Ask,
                _ => return Err(direction.refused("1 or -1")),
            };
            let order_ref = OrderRef::new(order.whole()?);
            let (qty, px) = (|| size.qty(), || scaled_price(&price));
            let what = match kind.bytes() {
                b"1" => {
                    let level = Level { px: px()?, qty: qty()? };
                    What::Add { order_ref, side, level }
                }
                b"2" => What::Reduce { order_ref, qty: qty()? },
                b"3" => What::Delete { order_ref },
                b"4" => What::Execute {
                    order_ref,
                    qty: qty()?,
                    px: Some(px()?),
                    match_number: None,
                    is_printed: true,
                },
                b"5" => What::ExecuteHidden { side, px: px()?, qty: qty()?, match_number: None },
                b"6" => What::Trade {
                    px: px()?,
                    qty: qty()?,
                    flags: TradeFlags::OTHER_CROSS,
                    match_number: None,
                },
                b"7" => What::Phase(match price.bytes() {
                    b"-1" => Phase::Halted,
                    b"0" => Phase::QuotesOnly,
                    b"1" => Phase::Trading,
                    _ => return Err(price.refused("-1, 0 or 1 in a halt message")),
                }),
                _ => return Err(kind.refused("a message type from 1 to 7")),
            };
            Ok((time, what))
        })
    }
    fn book_row(&mut self) -> Result<Option<[Option<Level>; 2]>, TapeError> {
        let levels = self.levels;
        self.book.read(|line, text| {
            let mut texts = text.split(|byte| *byte == b',');
            let [ask_px, ask_qty, bid_px, bid_qty] = BOOK_COLUMNS
                .map(|column| Cell::new(line, column, texts.next().unwrap_or_default()));
            let (expected, found) = (levels * 4, texts.count() + 4);
            if expected != found {
                let fault = Fault::Columns { expected, found };
                return Err(TapeError::new(Place::Line(line), fault));
            }
            Ok([level(&bid_px, &bid_qty, -MISSING)?, level(&ask_px, &ask_qty, MISSING)?])
        })
    }
}

impl<M: Feed, B: Feed> Decoder for Lobster<M, B> {
    fn decode(&mut self, ready: &mut VecDeque<TapeEvent>) -> Result<bool, TapeError> {
        if self.messages.number() == 0 {
            self.headers()?;
        }
        let ((at, what), book) = match (self.message()?, self.book_row()?) {
            (Some(message), Some(book)) => (message, book),
            (None, None) => return Ok(false),
            (Some(_), None) | (None, Some(_)) => {
                return Err(TapeError::new(Place::Line(self.messages.number()), Fault::Unpaired));
            }
        };
        let (symbol, venue) = (self.symbol, self.venue);
        ready.push_back(TapeEvent { at, symbol, venue, what });
        let sides = [BookSide::Bid, BookSide::Ask];
        for ((side, best), shown) in sides.into_iter().zip(book).zip(&mut self.shown) {
            if *shown != best {
                *shown = best;
                ready.push_back(TapeEvent { at, symbol, venue, what: What::Quote { side, best } });
            }
        }
        Ok(true)
    }
}

/// Returns the number of levels that the header of a book names.
fn levels_of(line: u64, text: &[u8]) -> Result<usize, TapeError> {
    let mut names = text.split(|byte| *byte == b',');
    for column in BOOK_COLUMNS {
        let found = names.next().unwrap_or_default();
        if found != column.as_bytes() {
            let place = Place::Cell { line, column };
            return Err(TapeError::expected(place, "this name of the column", found));
        }
    }
    let deeper = names.count();
    if !deeper.is_multiple_of(4) {
        let fault = Fault::Columns { expected: deeper / 4 * 4 + 8, found: deeper + 4 };
        return Err(TapeError::new(Place::Line(line), fault));
    }
    let levels = deeper / 4 + 1;
    if levels > LEVELS_MAX {
        return Err(TapeError::bound(Place::Line(line), "levels of a book", LEVELS_MAX));
    }
    Ok(levels)
}

fn scaled_price(cell: &Cell<'_>) -> Result<Price, TapeError> {
    let nanos = cell.signed()?.checked_mul(UNIT_NANOS).filter(|nanos| *nanos > 0);
    nanos.map(Price::from_nanos).ok_or_else(|| cell.refused("a price above zero"))
}

fn level(px: &Cell<'_>, qty: &Cell<'_>, missing: i64) -> Result<Option<Level>, TapeError> {
    match (px.signed()? == missing, qty.whole()?) {
        (true, 0) => Ok(None),
        (true, _) | (false, 0) => Err(qty.refused("a size at each price, none at a missing one")),
        (false, units) => Ok(Some(Level { px: scaled_price(px)?, qty: Qty::new(units) })),
    }
}
