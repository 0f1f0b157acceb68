//! One segment file, read.

use std::fmt::Display;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::cursor::file_bytes;
use super::damage::{DamageReason, Place};
use super::directory;
use super::error::{JournalError, io_error};
use super::v1::{self, Header};
use super::value::Seq;

/// Calls interrupted by a signal in a row before that counts as a failure.
pub(crate) const INTERRUPTIONS_MAX: u32 = 100;

/// A segment file whose header holds.
#[derive(Debug)]
pub(crate) struct Segment {
    file: File,
    pub(crate) path: PathBuf,
    pub(crate) header: Header,
    expected_seq: Seq,
}

impl Segment {
    /// Opens a segment of a journal directory, whose first record must be `expected_seq`.
    pub(crate) fn open(dir: &Path, number: u32, expected_seq: Seq) -> Result<Self, JournalError> {
        let path = directory::segment_path(dir, number);
        let damage = |reason| JournalError::Damage {
            place: Place { path: path.clone(), offset: 0, seq: expected_seq },
            reason,
            committed_bytes: 0,
        };
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(damage(DamageReason::SegmentMissing));
            }
            opened => opened.map_err(io_error("open", &path))?,
        };
        let mut bytes = [0; v1::HEADER_BYTES];
        let length = read_at(&file, &mut bytes, 0).map_err(io_error("read", &path))?;
        let bytes = bytes.get(..length).unwrap_or_default();
        let Some(header) = super::decode_header(&path, bytes)? else {
            return Err(damage(DamageReason::Header));
        };
        Ok(Self { file, path, header, expected_seq })
    }

    /// Returns where the first batch begins, bytes from the start of the file.
    pub(crate) fn first_batch(&self) -> u64 {
        file_bytes(v1::HEADER_BYTES)
    }

    /// Returns an error unless a field of the header is what the journal around it demands.
    pub(crate) fn check<T: Display>(
        &self,
        name: &'static str,
        expected: impl Display,
        found: T,
    ) -> Result<(), JournalError> {
        let (expected, found) = (expected.to_string(), found.to_string());
        if expected == found {
            return Ok(());
        }
        Err(JournalError::Damage {
            place: Place { path: self.path.clone(), offset: 0, seq: self.expected_seq },
            reason: DamageReason::HeaderField { name, expected, found },
            committed_bytes: 0,
        })
    }

    /// Fills `bytes` from `offset` on; returns how many there were before the file ended.
    pub(crate) fn read_at(&self, bytes: &mut [u8], offset: u64) -> Result<usize, JournalError> {
        read_at(&self.file, bytes, offset).map_err(io_error("read", &self.path))
    }
}

fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0_usize;
    let mut interruptions = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset.saturating_add(file_bytes(filled))) {
            Ok(0) => break,
            Ok(count) => {
                filled = filled.saturating_add(count);
                interruptions = 0;
            }
            Err(error)
                if error.kind() == io::ErrorKind::Interrupted
                    && interruptions < INTERRUPTIONS_MAX =>
            {
                interruptions += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
