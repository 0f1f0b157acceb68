//! Nasdaq TotalView-ITCH 5.0: the binary feed of every displayed order.
//!
//! Messages of orders, executions, crosses, broken trades and halts become events; the directory
//! gives the symbols of the locate codes; all other types of the protocol are counted and passed
//! over by their known length. An order's events name it by its reference: whoever keeps the book
//! knows its side and price, and whether it exists.
//!
//! Refuses: an unknown type, a length that is not that of the type, a locate code without a
//! directory message, an order of zero shares, and time that falls.
//!
//! Source: NASDAQ TotalView-ITCH 5.0 specification.

mod message;

use std::collections::VecDeque;

use ringfence_kernel::types::Name;

use self::message::{Body, length};
use super::error::{Fault, Place, TapeError};
use super::event::TapeEvent;
use super::feed::Feed;
use super::reader::{Ascending, Decoder, Reader};
use super::venues::NASDAQ;

/// Longest message in bytes.
const MESSAGE_BYTES_MAX: usize = 64;

/// What stands before each message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Its length in two bytes, the higher first: files of the exchange.
    Length,
    /// Two zero bytes, as some recorders leave them; the type alone tells the length.
    TwoZeroBytes,
}

impl Framing {
    /// Returns the framing of a file that begins with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(&[0, 0]) { Self::TwoZeroBytes } else { Self::Length }
    }
}

/// Decoder of an ITCH feed.
#[derive(Debug)]
pub struct Itch<F> {
    feed: F,
    framing: Framing,
    venue: Name,
    symbols: Vec<Option<Name>>,
    counts: [u64; 128],
    number: u64,
    offset: u64,
    times: Ascending,
}

/// Returns the tape of an ITCH feed; its venue is Nasdaq.
pub fn itch<F: Feed>(framing: Framing, feed: F) -> Reader<Itch<F>> {
    Reader::new(Itch {
        feed,
        framing,
        venue: Name::clipped(NASDAQ),
        symbols: Vec::new(),
        counts: [0; 128],
        number: 0,
        offset: 0,
        times: Ascending::default(),
    })
}

impl<F: Feed> Itch<F> {
    /// Returns the type letter and number of the messages that were read, in order of the letter.
    pub fn counts(&self) -> impl Iterator<Item = (char, u64)> {
        let letters = (0_u8..128).map(char::from);
        letters.zip(self.counts).filter(|(_, count)| *count > 0)
    }
    /// Fills `bytes` and returns whether it could; not at the end of the feed.
    fn take(&mut self, bytes: &mut [u8], place: Place) -> Result<bool, TapeError> {
        let mut filled = 0;
        while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
            let slice = self.feed.fill()?;
            let count = slice.len().min(room.len());
            if count == 0 && filled == 0 {
                return Ok(false);
            }
            if count == 0 {
                return Err(TapeError::new(place, Fault::Torn));
            }
            for (to, from) in room.iter_mut().zip(slice) {
                *to = *from;
            }
            self.feed.consume(count);
            filled += count;
        }
        Ok(true)
    }
    /// Returns the type of the next message, whose bytes stand in `message`; nothing at the end.
    fn message(
        &mut self,
        message: &mut [u8; MESSAGE_BYTES_MAX],
        place: Place,
    ) -> Result<Option<(u8, usize)>, TapeError> {
        let (mut frame, mut kind) = ([0; 2], [0; 1]);
        if !self.take(&mut frame, place)? {
            return Ok(None);
        }
        let torn = TapeError::new(place, Fault::Torn);
        if !self.take(&mut kind, place)? {
            return Err(torn);
        }
        let [kind] = kind;
        let expected = length(kind).ok_or(TapeError::new(place, Fault::UnknownMessage(kind)))?;
        let found = usize::from(u16::from_be_bytes(frame));
        let framed = match self.framing {
            Framing::Length => expected,
            Framing::TwoZeroBytes => 0,
        };
        if found != framed {
            return Err(TapeError::new(place, Fault::Length { expected: framed, found }));
        }
        let rest = message.get_mut(1..expected).unwrap_or_default();
        if !self.take(rest, place)? {
            return Err(torn);
        }
        Ok(Some((kind, expected)))
    }
    fn counted(&mut self, kind: u8, size: usize) {
        if let Some(count) = self.counts.get_mut(usize::from(kind)) {
            *count += 1;
        }
        self.offset += 2 + u64::try_from(size).unwrap_or(0);
    }
    fn learn(&mut self, locate: u16, symbol: Name) {
        let index = usize::from(locate);
        if self.symbols.len() <= index {
            self.symbols.resize(index + 1, None);
        }
        if let Some(place) = self.symbols.get_mut(index) {
            *place = Some(symbol);
        }
    }
}

impl<F: Feed> Decoder for Itch<F> {
    fn decode(&mut self, ready: &mut VecDeque<TapeEvent>) -> Result<bool, TapeError> {
        self.number += 1;
        let place = Place::Message { number: self.number, offset: self.offset };
        let mut bytes = [0; MESSAGE_BYTES_MAX];
        let Some((kind, size)) = self.message(&mut bytes, place)? else {
            return Ok(false);
        };
        let head = message::read(kind, bytes.get(..size).unwrap_or_default(), place)?;
        let at = self.times.checked(head.at, place)?;
        match head.body {
            Body::Passed => {}
            Body::Directory(symbol) => self.learn(head.locate, symbol),
            Body::Event(what) => {
                let symbol = self.symbols.get(usize::from(head.locate)).copied().flatten();
                let symbol = symbol.ok_or_else(|| {
                    let found = head.locate.to_string();
                    TapeError::expected(place, "a locate code of the directory", found.as_bytes())
                })?;
                ready.push_back(TapeEvent { at, symbol, venue: self.venue, what });
            }
        }
        self.counted(kind, size);
        Ok(true)
    }
}
