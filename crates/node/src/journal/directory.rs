//! Names and listings: which directory and file holds what.
//!
//! `<root>/writer.lock`, `<root>/<trade date>/000001.rfj`, `000002.rfj`, and so on. A segment is
//! made under a `.new` name and renamed when its header is on disk: a `.rfj` file always has one.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::date::TradeDate;
use super::error::{JournalError, io_error};

/// The largest segment number of a day.
pub const SEGMENTS_MAX: u32 = 999_999;

/// Returns the directory of a day's journal.
pub fn journal_path(root: &Path, trade_date: TradeDate) -> PathBuf {
    root.join(trade_date.to_string())
}

/// Returns the days that have a journal under `root`, in order; none when `root` is missing.
pub fn trade_dates(root: &Path) -> Result<Vec<TradeDate>, JournalError> {
    if !exists(root)? {
        return Ok(Vec::new());
    }
    let mut dates: Vec<TradeDate> =
        names(root)?.iter().filter_map(|name| name.parse().ok()).collect();
    dates.sort_unstable();
    let mut with_journal = Vec::with_capacity(dates.len());
    for date in dates {
        if highest_segment(&journal_path(root, date))? > 0 {
            with_journal.push(date);
        }
    }
    Ok(with_journal)
}

/// Returns the file of a segment.
pub(crate) fn segment_path(dir: &Path, segment: u32) -> PathBuf {
    dir.join(format!("{segment:06}.rfj"))
}

/// Returns the file in which a segment is made before it takes its place.
pub(crate) fn unborn_path(dir: &Path, segment: u32) -> PathBuf {
    dir.join(format!("{segment:06}.rfj.new"))
}

/// Returns the number after `segment`, or an error after the last one.
pub(crate) fn segment_after(segment: u32) -> Result<u32, JournalError> {
    let next = segment.checked_add(1).filter(|next| *next <= SEGMENTS_MAX);
    let max = u64::from(SEGMENTS_MAX);
    next.ok_or(JournalError::Exhausted { name: "segment number", max })
}

/// Returns the largest segment number in a journal directory, 0 when there is no segment.
pub(crate) fn highest_segment(dir: &Path) -> Result<u32, JournalError> {
    let numbers = names(dir)?.into_iter().filter_map(|name| segment_number(&name)).max();
    Ok(numbers.unwrap_or(0))
}

/// Removes the files of segments that were never finished; returns how many there were.
pub(crate) fn remove_unborn(dir: &Path) -> Result<u32, JournalError> {
    let mut removed = 0;
    for name in names(dir)? {
        if name.strip_suffix(".new").and_then(segment_number).is_some() {
            let path = dir.join(name);
            fs::remove_file(&path).map_err(io_error("remove", &path))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Makes a directory and its parents last: creates them and syncs the parent of each.
pub(crate) fn create(dir: &Path) -> Result<(), JournalError> {
    if exists(dir)? {
        return Ok(());
    }
    if let Some(parent) = dir.parent() {
        create(parent)?;
    }
    match fs::create_dir(dir) {
        // Another process was faster; what counts is that the directory is there.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made.map_err(io_error("create", dir))?,
    }
    dir.parent().map_or(Ok(()), sync)
}

/// Makes what a directory lists last.
pub(crate) fn sync(dir: &Path) -> Result<(), JournalError> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(io_error("sync", dir))
}

/// Returns whether the path is there; an unreadable parent is an error, never a no.
pub(crate) fn exists(path: &Path) -> Result<bool, JournalError> {
    if path.as_os_str().is_empty() {
        return Ok(true);
    }
    path.try_exists().map_err(io_error("look for", path))
}

fn names(dir: &Path) -> Result<Vec<String>, JournalError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(io_error("list", dir))? {
        let entry = entry.map_err(io_error("list", dir))?;
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

fn segment_number(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(".rfj")?;
    let plain = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok().filter(|number| *number > 0) } else { None }
}

#[cfg(test)]
mod tests {
    use super::{SEGMENTS_MAX, segment_after, segment_number};
    use crate::journal::JournalError;

    /// Style 7: the number of segments of a day is bounded, and the bound is an error, not a wrap.
    #[test]
    fn segment_numbers_end() {
        assert_eq!(Some(SEGMENTS_MAX), segment_after(SEGMENTS_MAX - 1).ok());
        let past = segment_after(SEGMENTS_MAX);
        assert!(matches!(past, Err(JournalError::Exhausted { max: 999_999, .. })), "{past:?}");
        assert!(matches!(segment_after(u32::MAX), Err(JournalError::Exhausted { .. })));
    }

    /// A file is a segment by its whole name only: copies and leftovers beside it are not read.
    #[test]
    fn only_exact_names_are_segments() {
        assert_eq!(Some(1), segment_number("000001.rfj"));
        for other in ["000000.rfj", "1.rfj", "000001.rfj.new", "000001.rfj~", "+00001.rfj", "x.rfj"]
        {
            assert_eq!(None, segment_number(other), "{other}");
        }
    }
}
