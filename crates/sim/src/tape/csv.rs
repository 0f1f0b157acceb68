//! Strict comma-separated text: a header, rows of as many cells, no quotes, no blanks.
//!
//! Refuses: another header, a row with more or fewer cells, a last line without its newline, and
//! a line beyond [`LINE_BYTES_MAX`].

use ringfence_kernel::types::number::{SCALE_DIGITS, parse_decimal};
use ringfence_kernel::types::{Price, Qty};

use super::error::{Fault, Place, TapeError};
use super::feed::Feed;

/// Longest line in bytes; the widest recorded one, ten levels of a book, has about 250.
pub const LINE_BYTES_MAX: usize = 4_096;

/// Lines of a feed, numbered from 1.
#[derive(Debug)]
pub struct Lines<F> {
    feed: F,
    carry: Vec<u8>,
    number: u64,
}

impl<F: Feed> Lines<F> {
    /// Returns the lines of `feed`.
    pub const fn new(feed: F) -> Self {
        Self { feed, carry: Vec::new(), number: 0 }
    }
    /// Returns the number of the last line that was read, 0 before the first.
    pub const fn number(&self) -> u64 {
        self.number
    }
    /// Returns what `read` makes of the next line without its newline; nothing at the end.
    pub fn read<R>(
        &mut self,
        read: impl FnOnce(u64, &[u8]) -> Result<R, TapeError>,
    ) -> Result<Option<R>, TapeError> {
        self.number += 1;
        self.carry.clear();
        loop {
            let slice = self.feed.fill()?;
            let end = slice.iter().position(|byte| *byte == b'\n');
            let head = slice.get(..end.unwrap_or(slice.len())).unwrap_or_default();
            if head.len() + self.carry.len() > LINE_BYTES_MAX {
                let place = Place::Line(self.number);
                return Err(TapeError::bound(place, "bytes in a line", LINE_BYTES_MAX));
            }
            match end {
                Some(end) => {
                    let line = if self.carry.is_empty() {
                        head
                    } else {
                        self.carry.extend_from_slice(head);
                        &self.carry
                    };
                    let answer = read(self.number, line);
                    self.feed.consume(end + 1);
                    return answer.map(Some);
                }
                None if head.is_empty() && self.carry.is_empty() => return Ok(None),
                None if head.is_empty() => {
                    return Err(TapeError::new(Place::Line(self.number), Fault::Torn));
                }
                None => {
                    self.carry.extend_from_slice(head);
                    let count = head.len();
                    self.feed.consume(count);
                }
            }
        }
    }
    /// Reads the first line and refuses any other header than these `columns`.
    pub fn header(&mut self, columns: &'static [&'static str]) -> Result<(), TapeError> {
        let checked = self.read(|line, text| {
            for (column, cell) in columns.iter().zip(text.split(is_comma)) {
                if column.as_bytes() != cell {
                    let place = Place::Cell { line, column };
                    return Err(TapeError::expected(place, "this name of the column", cell));
                }
            }
            counted(line, columns.len(), text)
        })?;
        checked.ok_or(TapeError::new(Place::Line(1), Fault::Torn))
    }
    /// Returns what `read` makes of the cells of the next row; nothing at the end.
    pub fn row<R, const N: usize>(
        &mut self,
        columns: &'static [&'static str; N],
        read: impl FnOnce([Cell<'_>; N]) -> Result<R, TapeError>,
    ) -> Result<Option<R>, TapeError> {
        self.read(|line, text| {
            let mut texts = text.split(is_comma);
            let cells =
                columns.map(|column| Cell { line, column, text: texts.next().unwrap_or_default() });
            if texts.next().is_some() || cells.last().is_some_and(|last| last.text.is_empty()) {
                counted(line, N, text)?;
            }
            read(cells)
        })
    }
}

fn is_comma(byte: &u8) -> bool {
    *byte == b','
}

fn counted(line: u64, expected: usize, text: &[u8]) -> Result<(), TapeError> {
    let found = text.split(is_comma).count();
    if found == expected {
        return Ok(());
    }
    Err(TapeError::new(Place::Line(line), Fault::Columns { expected, found }))
}

/// One cell of a row.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    line: u64,
    column: &'static str,
    text: &'a [u8],
}

impl<'a> Cell<'a> {
    /// Returns the cell of `column` in `line` with this `text`.
    pub const fn new(line: u64, column: &'static str, text: &'a [u8]) -> Self {
        Self { line, column, text }
    }
    /// Returns the text.
    pub const fn bytes(&self) -> &'a [u8] {
        self.text
    }
    /// Returns where the cell stands.
    pub const fn place(&self) -> Place {
        Place::Cell { line: self.line, column: self.column }
    }
    /// Returns the error that `what` should stand here.
    pub fn refused(&self, what: &'static str) -> TapeError {
        TapeError::expected(self.place(), what, self.text)
    }
    /// Returns the text, which must be ASCII.
    pub fn text(&self) -> Result<&'a str, TapeError> {
        let text = core::str::from_utf8(self.text).ok().filter(|text| text.is_ascii());
        text.ok_or_else(|| self.refused("plain text"))
    }
    /// Returns a whole number without a sign, at most 18 digits.
    pub fn whole(&self) -> Result<u64, TapeError> {
        if self.text.is_empty() || self.text.len() > 18 {
            return Err(self.refused("a whole number"));
        }
        self.text.iter().try_fold(0_u64, |value, byte| match byte {
            b'0'..=b'9' => Ok(value * 10 + u64::from(byte - b'0')),
            _ => Err(self.refused("a whole number")),
        })
    }
    /// Returns a whole number that may have a minus sign.
    pub fn signed(&self) -> Result<i64, TapeError> {
        let text = self.text()?;
        let value = parse_decimal(text, 0).ok().and_then(|value| i64::try_from(value).ok());
        value.filter(|_| !text.contains('.')).ok_or_else(|| self.refused("a whole number"))
    }
    /// Returns decimal seconds as nanoseconds.
    pub fn seconds(&self) -> Result<i64, TapeError> {
        let nanos = parse_decimal(self.text()?, SCALE_DIGITS).ok();
        let nanos = nanos.and_then(|nanos| i64::try_from(nanos).ok());
        nanos.ok_or_else(|| self.refused("seconds with at most nine decimals"))
    }
    /// Returns a bit mask in hexadecimal without a prefix, at most 8 digits.
    pub fn hexadecimal(&self) -> Result<u32, TapeError> {
        let text = Some(self.text).filter(|text| !text.is_empty() && text.len() <= 8);
        let digits = text.ok_or_else(|| self.refused("a hexadecimal mask"))?;
        digits.iter().try_fold(0_u32, |value, byte| {
            let digit = char::from(*byte).to_digit(16);
            digit.map(|digit| value << 4 | digit).ok_or_else(|| self.refused("a hexadecimal mask"))
        })
    }
    /// Returns a quantity above zero.
    pub fn qty(&self) -> Result<Qty, TapeError> {
        let qty = Qty::parse(self.text()?).ok().filter(|qty| !qty.is_zero());
        qty.ok_or_else(|| self.refused("a quantity above zero"))
    }
    /// Returns a decimal price above zero.
    pub fn price(&self) -> Result<Price, TapeError> {
        let price = Price::parse(self.text()?).ok().filter(|price| price.nanos() > 0);
        price.ok_or_else(|| self.refused("a price above zero"))
    }
    /// Returns what the one letter in the cell stands for, by `meaning`.
    pub fn letter<R>(
        &self,
        what: &'static str,
        meaning: impl FnOnce(u8) -> Option<R>,
    ) -> Result<R, TapeError> {
        let letter = match self.text {
            [letter] => meaning(*letter),
            _ => None,
        };
        letter.ok_or_else(|| self.refused(what))
    }
}
