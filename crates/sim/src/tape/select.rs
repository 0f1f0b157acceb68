//! Several tapes as one, and part of a tape.

use std::collections::VecDeque;

use ringfence_kernel::types::Name;

use super::error::{Place, TapeError};
use super::event::{TapeEvent, TapeTime};
use super::reader::{Decoder, Reader, Tape};

/// Most tapes that are merged.
pub const TAPES_MAX: usize = 256;

/// Several tapes in one order of time; at the same time, in the order in which they were given.
#[derive(Debug)]
pub struct Merged<T> {
    tapes: Vec<T>,
}

impl<T: Tape> Merged<T> {
    /// Returns the merger of `tapes`, at most [`TAPES_MAX`].
    pub fn new(tapes: Vec<T>) -> Result<Self, TapeError> {
        if tapes.len() > TAPES_MAX {
            return Err(TapeError::bound(Place::Outside, "tapes to merge", TAPES_MAX));
        }
        Ok(Self { tapes })
    }
}

impl<T: Tape> Tape for Merged<T> {
    fn peek(&self) -> Option<TapeTime> {
        self.tapes.iter().filter_map(Tape::peek).min()
    }
    fn next(&mut self) -> Result<Option<TapeEvent>, TapeError> {
        let due = self.tapes.iter_mut().filter_map(|tape| tape.peek().map(|at| (at, tape)));
        match due.min_by_key(|(at, _)| *at) {
            Some((_, tape)) => tape.next(),
            None => Ok(None),
        }
    }
}

/// A tape with a name, which its failure tells.
#[derive(Debug)]
pub struct Named<T> {
    name: Box<str>,
    tape: T,
}

impl<T: Tape> Named<T> {
    /// Returns `tape` under the name that its host knows it by, such as that of its file.
    pub fn new(name: Box<str>, tape: T) -> Self {
        Self { name, tape }
    }
}

impl<T: Tape> Tape for Named<T> {
    fn peek(&self) -> Option<TapeTime> {
        self.tape.peek()
    }
    fn next(&mut self) -> Result<Option<TapeEvent>, TapeError> {
        let named = |why| TapeError { tape: Some(self.name.clone()), ..why };
        self.tape.next().map_err(named)
    }
}

/// Which events of a tape are wanted.
///
/// What is before `from` is dropped and not summed up: a book that must stand at `from` follows
/// the tape from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Wanted symbols; all when empty.
    pub symbols: Vec<Name>,
    /// Wanted venues; all when empty.
    pub venues: Vec<Name>,
    /// First wanted time.
    pub from: TapeTime,
    /// First time after `from` that is not wanted any more, unless it is the end of the day.
    pub to: TapeTime,
}

impl Default for Selection {
    fn default() -> Self {
        let (from, to) = (TapeTime::MIDNIGHT, TapeTime::END);
        Self { symbols: Vec::new(), venues: Vec::new(), from, to }
    }
}

impl Selection {
    /// Returns the events of `tape` that are wanted.
    pub fn of<T: Tape>(self, tape: T) -> Reader<Selected<T>> {
        Reader::new(Selected { tape, wanted: self })
    }
    /// Returns whether `event` is wanted.
    pub fn has(&self, event: &TapeEvent) -> bool {
        let is_among = |names: &[Name], name| names.is_empty() || names.contains(name);
        event.at >= self.from
            && !self.is_over(event.at)
            && is_among(&self.symbols, &event.symbol)
            && is_among(&self.venues, &event.venue)
    }
    fn is_over(&self, at: TapeTime) -> bool {
        at >= self.to && self.to < TapeTime::END
    }
}

/// Decoder that lets the wanted events of a tape through.
#[derive(Debug)]
pub struct Selected<T> {
    tape: T,
    wanted: Selection,
}

impl<T: Tape> Decoder for Selected<T> {
    fn decode(&mut self, ready: &mut VecDeque<TapeEvent>) -> Result<bool, TapeError> {
        match self.tape.next()? {
            None => Ok(false),
            Some(event) if self.wanted.is_over(event.at) => Ok(false),
            Some(event) => {
                if self.wanted.has(&event) {
                    ready.push_back(event);
                }
                Ok(true)
            }
        }
    }
}
