//! The market tape: recorded or reconstructed liquidity as one stream of events in time order.
//!
//! Bytes in, events out. A reader takes decompressed bytes as they come, keeps at most one line or
//! message of them, and refuses what it cannot read with the place where it stands. What an event
//! does to a book, and how fast the day passes, is the business of whoever follows the tape.
//!
//! Refuses: files, compression, clocks, prices from floats, time that falls, and guesses. A tape
//! that has failed stays failed.

pub mod best;
pub mod csv;
pub mod error;
pub mod event;
pub mod feed;
pub mod itch;
pub mod lobster;
pub mod quoted;
pub mod reader;
pub mod reconstruction;
pub mod select;
pub mod summary;
pub mod ticks;
pub mod venues;

pub use error::{Fault, Place, TapeError};
pub use event::{
    BookSide, Level, MatchNumber, OrderRef, Phase, TapeEvent, TapeTime, TradeFlags, What,
};
pub use feed::{Chunks, Feed, Whole};
pub use reader::{Decoder, Reader, Tape};
pub use select::{Merged, Named, Selection};
