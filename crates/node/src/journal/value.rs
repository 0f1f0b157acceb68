//! The small values of a journal: sequence numbers, times, hashes, promises.

use std::fmt;

/// The number of a record within its trading day; the first is 1 and none is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(u64);

impl Seq {
    /// The number of the first record of a day.
    pub const FIRST: Self = Self(1);

    /// Returns the sequence number `number`.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the bare number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the number that follows, or nothing after the largest.
    pub(crate) fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// Returns the number before this one; the one before [`Seq::FIRST`] is 0, no record's number.
    pub(crate) const fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// Returns this number unless it is 0, which stands for "no record yet" in the file only.
    pub(crate) fn some(self) -> Option<Self> {
        (self.0 != 0).then_some(self)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A time: nanoseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ts(i64);

impl Ts {
    /// Before every other time: the floor of a journal that follows none.
    pub(crate) const MIN: Self = Self(i64::MIN);

    /// Returns the time of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Returns the number of nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ns", self.0)
    }
}

/// A link of the hash chain: SHA-256 over everything that came before it.
///
/// Displays as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainHash(pub(crate) [u8; 32]);

impl ChainHash {
    /// What the first journal of all follows.
    pub(crate) const NONE: Self = Self([0; 32]);

    /// Returns the 32 bytes of the hash.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a successful commit promises; written into every segment's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Durability {
    /// The page cache has the batch: it survives the death of the process, not of the machine.
    Process,
    /// The disk has said that it holds the batch: it survives a power cut.
    Disk,
}

impl Durability {
    /// Returns the name used in configuration and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Disk => "disk",
        }
    }
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// No closing marker: a writer is at work, or died at work.
    Unclosed,
    /// The writer closed it in good order; the same day may go on.
    Closed,
    /// The day is over: nothing may follow in this journal, the next day's follows it.
    Sealed,
}

impl Ending {
    /// Returns the name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unclosed => "unclosed",
            Self::Closed => "closed",
            Self::Sealed => "sealed",
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One committed record, borrowed from the reader's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number within the day.
    pub seq: Seq,
    /// Its stamped time; never before the time of the record in front of it.
    pub ts: Ts,
    /// The bytes given to the writer, unchanged.
    pub payload: &'a [u8],
}
