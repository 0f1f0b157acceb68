//! What a writer must be told, and within which bounds.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::date::TradeDate;
use super::directory;
use super::error::JournalError;
use super::value::Durability;

/// Disk space reserved for a segment unless told otherwise, in bytes.
pub const SEGMENT_BYTES_DEFAULT: u64 = 64 * 1024 * 1024;
/// The smallest segment that may be asked for, in bytes.
pub const SEGMENT_BYTES_MIN: u64 = 4 * 1024;
/// The largest segment that may be asked for, in bytes.
pub const SEGMENT_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// Time between background syncs unless told otherwise.
pub const SYNC_INTERVAL_DEFAULT: Duration = Duration::from_millis(50);
/// The shortest time between background syncs that may be asked for.
pub const SYNC_INTERVAL_MIN: Duration = Duration::from_millis(1);
/// The longest time between background syncs that may be asked for.
pub const SYNC_INTERVAL_MAX: Duration = Duration::from_secs(10);

/// Which journal to write and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalOptions {
    /// The root directory, which holds one directory per day; made when it is missing.
    pub dir: PathBuf,
    /// The trading day.
    pub trade_date: TradeDate,
    /// What a commit promises; there is no default.
    pub durability: Durability,
    /// Disk space reserved per segment file, in bytes. A batch that is longer gets a segment of its
    /// own length. [`SEGMENT_BYTES_MIN`] to [`SEGMENT_BYTES_MAX`].
    pub segment_bytes: u64,
    /// Time between background syncs under [`Durability::Process`]; no use otherwise.
    /// [`SYNC_INTERVAL_MIN`] to [`SYNC_INTERVAL_MAX`].
    pub sync_interval: Duration,
}

impl JournalOptions {
    /// Returns options with the default segment size and sync interval.
    pub fn new(dir: impl Into<PathBuf>, trade_date: TradeDate, durability: Durability) -> Self {
        Self {
            dir: dir.into(),
            trade_date,
            durability,
            segment_bytes: SEGMENT_BYTES_DEFAULT,
            sync_interval: SYNC_INTERVAL_DEFAULT,
        }
    }

    /// Returns the directory of the day's journal.
    pub fn path(&self) -> PathBuf {
        directory::journal_path(&self.dir, self.trade_date)
    }

    /// Returns an error that names the first option out of its range.
    pub(crate) fn check(&self) -> Result<(), JournalError> {
        let segments = SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX;
        check("segment_bytes", &segments, self.segment_bytes, |bytes| format!("{bytes} bytes"))?;
        let intervals = SYNC_INTERVAL_MIN..=SYNC_INTERVAL_MAX;
        check("sync_interval", &intervals, self.sync_interval, |time| format!("{time:?}"))
    }
}

fn check<T: PartialOrd + Copy, D: Display>(
    name: &'static str,
    range: &RangeInclusive<T>,
    found: T,
    show: impl Fn(T) -> D,
) -> Result<(), JournalError> {
    if range.contains(&found) {
        return Ok(());
    }
    let expected = format!("{} to {}", show(*range.start()), show(*range.end()));
    Err(JournalError::Option { name, expected, found: show(found).to_string() })
}
