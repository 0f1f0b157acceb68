//! The seam between the writer and the disk, so that tests can make the disk fail.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::cursor::file_bytes;
use super::segment::INTERRUPTIONS_MAX;
use crate::sys;

/// Makes and opens segment files for writing.
pub(crate) trait Storage: Debug + Send + Sync {
    /// Makes an empty file; one that is there already is an error.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>>;
    /// Opens a file that is there.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>>;
    /// Gives a finished file its name, for good once this returns.
    fn publish(&self, unborn: &Path, path: &Path) -> io::Result<()>;
}

/// A segment file, written.
pub(crate) trait SegmentFile: Debug + Send + Sync {
    /// Writes some of the bytes at an offset; returns how many, as the system call does.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;
    /// Returns when the disk holds everything written, and what is needed to find it again.
    fn sync_data(&self) -> io::Result<()>;
    /// Returns when the disk holds the file with all its metadata.
    fn sync_all(&self) -> io::Result<()>;
    /// Reserves disk space up to that length; new space reads as zero.
    fn preallocate(&self, bytes: u64) -> io::Result<()>;
    /// Cuts the file to that length.
    fn truncate(&self, bytes: u64) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Debug)]
pub(crate) struct Disk;

impl Storage for Disk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        Ok(Arc::new(OpenOptions::new().write(true).create_new(true).open(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        Ok(Arc::new(OpenOptions::new().write(true).open(path)?))
    }

    fn publish(&self, unborn: &Path, path: &Path) -> io::Result<()> {
        fs::rename(unborn, path)?;
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        File::open(dir.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl SegmentFile for File {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(self, bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn sync_all(&self) -> io::Result<()> {
        File::sync_all(self)
    }

    fn preallocate(&self, bytes: u64) -> io::Result<()> {
        sys::preallocate(self, bytes)
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }
}

/// Writes all the bytes at an offset; one system call unless the disk takes them piecemeal.
pub(crate) fn write_all(file: &dyn SegmentFile, bytes: &[u8], offset: u64) -> io::Result<()> {
    let mut written = 0_usize;
    let mut interruptions = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match file.write_at(rest, offset.saturating_add(file_bytes(written))) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                written = written.saturating_add(count);
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
    Ok(())
}
