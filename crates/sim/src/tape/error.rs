//! Why a tape cannot be read, and where.

use core::fmt;

use ringfence_kernel::types::Name;

use super::event::TapeTime;

/// Where a reader stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of text, from 1; the header is line 1.
    Line(u64),
    /// A cell of text.
    Cell {
        /// Line, from 1.
        line: u64,
        /// Name of the column, as the header has it.
        column: &'static str,
    },
    /// A binary message.
    Message {
        /// Number of the message, from 1.
        number: u64,
        /// Offset of its frame in bytes, from 0.
        offset: u64,
    },
    /// Not a place in the bytes: what brings them, or the set of tapes.
    Outside,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Cell { line, column } => write!(f, "line {line}, column {column}"),
            Self::Message { number, offset } => write!(f, "message {number} at byte {offset}"),
            Self::Outside => f.write_str("tape"),
        }
    }
}

/// What is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Something else was expected.
    Expected {
        /// What should stand there.
        what: &'static str,
        /// What stands there, clipped.
        found: Name,
    },
    /// The line has another number of columns.
    Columns {
        /// Columns of the header.
        expected: usize,
        /// Columns of the line.
        found: usize,
    },
    /// Time falls.
    Backwards {
        /// The time that stands there.
        at: TapeTime,
        /// The time of the event before.
        before: TapeTime,
    },
    /// The bytes end inside a line or message.
    Torn,
    /// The type of the message is not of the protocol.
    UnknownMessage(u8),
    /// The frame gives another length than the type of the message has.
    Length {
        /// Bytes of a message of this type.
        expected: usize,
        /// Bytes that the frame gives.
        found: usize,
    },
    /// A bound is passed.
    Bound {
        /// What is bounded.
        what: &'static str,
        /// The most there may be.
        most: usize,
    },
    /// The two files of a pair do not have the same number of rows.
    Unpaired,
    /// Two figures of the tables do not agree.
    Disagrees {
        /// Which figures.
        what: &'static str,
    },
    /// What brings the bytes has failed.
    Source(Box<str>),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected { what, found } => write!(f, "expected {what}, found {found:?}"),
            Self::Columns { expected, found } => {
                write!(f, "expected {expected} columns, found {found}")
            }
            Self::Backwards { at, before } => {
                write!(f, "expected a time from {before} on, found {at}")
            }
            Self::Torn => f.write_str("expected the rest of it, found the end"),
            Self::UnknownMessage(kind) => {
                write!(f, "expected a known message type, found byte {kind:#04x}")
            }
            Self::Length { expected, found } => {
                write!(f, "expected a message of {expected} bytes, found a length of {found}")
            }
            Self::Bound { what, most } => write!(f, "expected at most {most} {what}, found more"),
            Self::Unpaired => f.write_str("expected a row in both files, found it in one"),
            Self::Disagrees { what } => write!(f, "expected figures that agree, found {what}"),
            Self::Source(why) => write!(f, "expected bytes, found a failure: {why}"),
        }
    }
}

/// Why a tape cannot be read on; nothing after it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapeError {
    /// Which of several tapes, where the host has named them.
    pub tape: Option<Box<str>>,
    /// Where.
    pub place: Place,
    /// What.
    pub fault: Fault,
}

impl TapeError {
    /// Returns the error of `fault` at `place`.
    pub const fn new(place: Place, fault: Fault) -> Self {
        Self { tape: None, place, fault }
    }
    /// Returns the error that `what` should stand at `place` instead of `found`.
    pub fn expected(place: Place, what: &'static str, found: &[u8]) -> Self {
        let mut shown: String = found.iter().take(31).map(|byte| printable(*byte)).collect();
        if shown.is_empty() {
            shown.push('-');
        }
        Self::new(place, Fault::Expected { what, found: Name::clipped(&shown) })
    }
    /// Returns the error that there is more than `most` of `what`.
    pub const fn bound(place: Place, what: &'static str, most: usize) -> Self {
        Self::new(place, Fault::Bound { what, most })
    }
}

fn printable(byte: u8) -> char {
    if (b' '..0x7F).contains(&byte) { char::from(byte) } else { '?' }
}

impl fmt::Display for TapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(tape) = &self.tape {
            write!(f, "{tape}: ")?;
        }
        write!(f, "{}: {}", self.place, self.fault)
    }
}

impl core::error::Error for TapeError {}
