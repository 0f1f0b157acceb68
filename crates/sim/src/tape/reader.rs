//! The pull interface of a tape, and the one reader that all decoders share.

use std::collections::VecDeque;

use super::error::{Fault, Place, TapeError};
use super::event::{TapeEvent, TapeTime};

/// Events in time order, one at a time.
pub trait Tape {
    /// Returns when the next event is due; nothing at the end.
    ///
    /// A tape that has failed is due at the time of its last event, so that whoever follows it
    /// asks for the next one and learns why.
    fn peek(&self) -> Option<TapeTime>;
    /// Returns the next event; nothing at the end. A failure stays: asked again, it is told again.
    fn next(&mut self) -> Result<Option<TapeEvent>, TapeError>;
}

impl<T: Tape + ?Sized> Tape for Box<T> {
    fn peek(&self) -> Option<TapeTime> {
        (**self).peek()
    }
    fn next(&mut self) -> Result<Option<TapeEvent>, TapeError> {
        (**self).next()
    }
}

impl<T: Tape + ?Sized> Tape for &mut T {
    fn peek(&self) -> Option<TapeTime> {
        (**self).peek()
    }
    fn next(&mut self) -> Result<Option<TapeEvent>, TapeError> {
        (**self).next()
    }
}

/// What turns bytes, or the events of another tape, into events.
pub trait Decoder {
    /// Adds what comes next to `ready`, in time order, and returns whether more may come.
    ///
    /// May add nothing, where a row means no event.
    fn decode(&mut self, ready: &mut VecDeque<TapeEvent>) -> Result<bool, TapeError>;
}

#[derive(Clone, Debug)]
enum State {
    Open,
    Ended,
    Failed(TapeError),
}

/// The tape of a decoder: always holds its next event, the end, or why there is none.
#[derive(Debug)]
pub struct Reader<D> {
    decoder: D,
    ready: VecDeque<TapeEvent>,
    state: State,
    now: TapeTime,
}

impl<D: Decoder> Reader<D> {
    /// Returns the tape of what `decoder` decodes.
    pub fn new(decoder: D) -> Self {
        let (ready, now) = (VecDeque::new(), TapeTime::MIDNIGHT);
        let mut reader = Self { decoder, ready, state: State::Open, now };
        reader.refill();
        reader
    }
    /// Returns the decoder, for what it has counted.
    pub const fn decoder(&self) -> &D {
        &self.decoder
    }
    fn refill(&mut self) {
        while let (true, State::Open) = (self.ready.is_empty(), &self.state) {
            match self.decoder.decode(&mut self.ready) {
                Ok(true) => {}
                Ok(false) => self.state = State::Ended,
                Err(why) => self.state = State::Failed(why),
            }
        }
    }
}

impl<D: Decoder> Tape for Reader<D> {
    fn peek(&self) -> Option<TapeTime> {
        match (self.ready.front(), &self.state) {
            (Some(event), _) => Some(event.at),
            (None, State::Failed(_)) => Some(self.now),
            (None, State::Open | State::Ended) => None,
        }
    }
    fn next(&mut self) -> Result<Option<TapeEvent>, TapeError> {
        match (self.ready.pop_front(), &self.state) {
            (Some(event), _) => {
                self.now = event.at;
                self.refill();
                Ok(Some(event))
            }
            (None, State::Failed(why)) => Err(why.clone()),
            (None, State::Open | State::Ended) => Ok(None),
        }
    }
}

/// The times that a decoder has read; they never fall.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ascending {
    last: TapeTime,
}

impl Ascending {
    /// Returns `at` when it is not before the time before it.
    pub fn checked(&mut self, at: TapeTime, place: Place) -> Result<TapeTime, TapeError> {
        if at < self.last {
            return Err(TapeError::new(place, Fault::Backwards { at, before: self.last }));
        }
        self.last = at;
        Ok(at)
    }
}
