//! Where a journal is damaged, and how.

use std::fmt;
use std::path::PathBuf;

use super::value::{ChainHash, Seq, Ts};

/// A point in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The segment file.
    pub path: PathBuf,
    /// Bytes from the start of the segment file.
    pub offset: u64,
    /// The sequence number of the record expected there.
    pub seq: Seq,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}, seq {}", self.path.display(), self.offset, self.seq)
    }
}

/// What is wrong with a frame, a header or the order of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DamageReason {
    /// The segment header is too short or fails its checksum.
    Header,
    /// A field of the segment header does not fit the journal around it.
    HeaderField {
        /// Name of the field.
        name: &'static str,
        /// What the journal around it demands.
        expected: String,
        /// What the header says.
        found: String,
    },
    /// A segment file is missing while a later one exists.
    SegmentMissing,
    /// The segment ends inside a batch, or in space never written, and a later one exists.
    SegmentUnfinished,
    /// The length of the frame is impossible.
    Length {
        /// The length in the frame, in bytes.
        found: u32,
    },
    /// The frame fails its checksum.
    Checksum,
    /// The frame is of no known kind.
    Kind {
        /// The code in the frame.
        found: u8,
    },
    /// A sequence number is repeated or left out.
    Sequence {
        /// The number in the frame.
        found: Seq,
    },
    /// Time falls.
    Time {
        /// The time of the record in front.
        previous: Ts,
        /// The time in the frame.
        found: Ts,
    },
    /// A batch holds another number of records than its end says.
    Count {
        /// Records found.
        found: u32,
        /// Records according to the end of the batch.
        expected: u32,
    },
    /// The hash chain is broken.
    Chain {
        /// The hash of what is in the file.
        expected: ChainHash,
        /// The hash in the file.
        found: ChainHash,
    },
    /// A batch is longer than one commit may be.
    BatchTooLong,
    /// Something follows the seal of the day.
    AfterSeal,
    /// The frame is invalid, and a valid frame of this journal follows it.
    LaterFrame {
        /// Where the valid frame begins, bytes from the start of the segment file.
        offset: u64,
    },
    /// The bytes after the last whole batch are not the beginning of an unfinished one.
    NotATear,
}

impl fmt::Display for DamageReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => write!(f, "segment header: expected a valid checksum, found another"),
            Self::HeaderField { name, expected, found } => {
                write!(f, "segment header, {name}: expected {expected}, found {found}")
            }
            Self::SegmentMissing => write!(f, "segment file missing while a later one exists"),
            Self::SegmentUnfinished => {
                write!(f, "segment does not end with a batch while a later one exists")
            }
            Self::Length { found } => write!(f, "frame length {found} bytes is impossible"),
            Self::Checksum => write!(f, "frame fails its checksum"),
            Self::Kind { found } => write!(f, "frame kind {found:#04x} is unknown"),
            Self::Sequence { found } => write!(f, "found seq {found}"),
            Self::Time { previous, found } => write!(f, "time falls from {previous} to {found}"),
            Self::Count { found, expected } => {
                write!(f, "batch end: expected {expected} records, found {found}")
            }
            Self::Chain { expected, found } => {
                write!(f, "hash chain: expected {expected}, found {found}")
            }
            Self::BatchTooLong => write!(f, "batch is longer than one commit may be"),
            Self::AfterSeal => write!(f, "something follows the seal of the day"),
            Self::LaterFrame { offset } => {
                write!(f, "frame is invalid and a valid one follows at byte {offset}")
            }
            Self::NotATear => {
                write!(f, "what follows the last batch is not the start of an unfinished one")
            }
        }
    }
}
