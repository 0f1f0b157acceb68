//! One segment file, written.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cursor::file_bytes;
use super::directory;
use super::error::JournalError;
use super::storage::{self, SegmentFile, Storage};
use super::v1::{HEADER_BYTES, Header};

/// The segment that grows.
#[derive(Debug)]
pub(crate) struct SegmentWriter {
    pub(crate) file: Arc<dyn SegmentFile>,
    pub(crate) path: PathBuf,
    pub(crate) header: Header,
    /// Where the next batch goes, bytes from the start of the file.
    pub(crate) offset: u64,
    reserved_bytes: u64,
}

/// A system error, and what was being done to which file.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) action: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

impl From<Failed> for JournalError {
    fn from(Failed { action, path, source }: Failed) -> Self {
        Self::Io { action, path, source }
    }
}

impl SegmentWriter {
    /// Makes a segment file of at least `bytes` bytes; once this returns it is there for good.
    pub(crate) fn create(
        storage: &dyn Storage,
        dir: &Path,
        header: Header,
        bytes: u64,
    ) -> Result<Self, Failed> {
        let unborn = directory::unborn_path(dir, header.segment);
        let path = directory::segment_path(dir, header.segment);
        let file = storage.create(&unborn).map_err(failed("create", &unborn))?;
        file.preallocate(bytes).map_err(failed("reserve", &unborn))?;
        storage::write_all(&*file, &header.encode(), 0).map_err(failed("write", &unborn))?;
        file.sync_all().map_err(failed("sync", &unborn))?;
        storage.publish(&unborn, &path).map_err(failed("name", &path))?;
        Ok(Self { file, path, header, offset: file_bytes(HEADER_BYTES), reserved_bytes: bytes })
    }

    /// Goes on behind the last whole batch of a segment file: cuts what follows, writes the batch
    /// once more, syncs, and reserves at least `bytes` bytes.
    ///
    /// The batch is written again because after a failed sync the operating system may show bytes
    /// that the disk never got, and would not send them again.
    pub(crate) fn resume(
        storage: &dyn Storage,
        (path, header): (&Path, Header),
        (last_batch, offset): (&[u8], u64),
        bytes: u64,
    ) -> Result<Self, Failed> {
        let file = storage.open(path).map_err(failed("open", path))?;
        let reserved_bytes = bytes.max(offset);
        let start = offset.saturating_sub(file_bytes(last_batch.len()));
        file.truncate(offset).map_err(failed("cut", path))?;
        file.preallocate(reserved_bytes).map_err(failed("reserve", path))?;
        storage::write_all(&*file, last_batch, start).map_err(failed("write", path))?;
        file.sync_all().map_err(failed("sync", path))?;
        Ok(Self { file, path: path.to_owned(), header, offset, reserved_bytes })
    }

    /// Returns whether so many bytes more fit into the reserved space.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.offset.saturating_add(file_bytes(bytes)) <= self.reserved_bytes
    }

    /// Writes bytes behind the last batch; they count once [`SegmentWriter::advance`] is called.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Failed> {
        storage::write_all(&*self.file, bytes, self.offset).map_err(failed("write", &self.path))
    }

    /// Moves the place of the next batch behind bytes that were written.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.offset = self.offset.saturating_add(file_bytes(bytes));
    }

    /// Cuts the space that was reserved and not used, and syncs the file.
    pub(crate) fn finish(&self) -> Result<(), Failed> {
        self.file.truncate(self.offset).map_err(failed("cut", &self.path))?;
        self.file.sync_all().map_err(failed("sync", &self.path))
    }
}

/// Wraps a system error with what was being done to which file.
pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Failed {
    move |source| Failed { action, path: path.to_owned(), source }
}
