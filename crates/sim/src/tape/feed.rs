//! Where the bytes of a tape come from: whole, or in chunks of any size.
//!
//! The host reads files and decompresses; a reader only sees slices, and copies no more of them
//! than a line or message that spans two.

use super::error::{Fault, Place, TapeError};

/// Bytes on their way to a reader.
pub trait Feed {
    /// Returns bytes that were not consumed yet; nothing at the end.
    ///
    /// Asked again without a [`Feed::consume`] between, the answer is the same.
    fn fill(&mut self) -> Result<&[u8], TapeError>;
    /// Takes note that the first `count` bytes of the last answer were read.
    fn consume(&mut self, count: usize);
}

/// All bytes at once.
#[derive(Clone, Debug)]
pub struct Whole<B> {
    bytes: B,
    at: usize,
}

impl<B: AsRef<[u8]>> Whole<B> {
    /// Returns a feed of all `bytes`.
    pub const fn new(bytes: B) -> Self {
        Self { bytes, at: 0 }
    }
}

impl<B: AsRef<[u8]>> Feed for Whole<B> {
    fn fill(&mut self) -> Result<&[u8], TapeError> {
        Ok(self.bytes.as_ref().get(self.at..).unwrap_or_default())
    }
    fn consume(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.bytes.as_ref().len());
    }
}

/// Bytes chunk by chunk, as an iterator brings them; its error is a message of the host.
#[derive(Debug)]
pub struct Chunks<I, B> {
    source: I,
    chunk: Option<B>,
    at: usize,
}

impl<I, B> Chunks<I, B> {
    /// Returns a feed of the chunks of `source`. Empty chunks are passed over.
    pub const fn new(source: I) -> Self {
        Self { source, chunk: None, at: 0 }
    }
}

impl<I, B> Feed for Chunks<I, B>
where
    B: AsRef<[u8]>,
    I: Iterator<Item = Result<B, Box<str>>>,
{
    fn fill(&mut self) -> Result<&[u8], TapeError> {
        while self.chunk.as_ref().is_none_or(|chunk| self.at >= chunk.as_ref().len()) {
            self.at = 0;
            self.chunk = match self.source.next() {
                Some(Ok(chunk)) => Some(chunk),
                Some(Err(why)) => {
                    return Err(TapeError::new(Place::Outside, Fault::Source(why)));
                }
                None => return Ok(&[]),
            };
        }
        Ok(self.chunk.as_ref().and_then(|chunk| chunk.as_ref().get(self.at..)).unwrap_or_default())
    }
    fn consume(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }
}
