//! A disk for tests that does its work on real files, and fails as told.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::storage::{Disk, SegmentFile, Storage};

/// What a writer asks of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    Create,
    Open,
    Publish,
    Write,
    SyncData,
    SyncAll,
    Preallocate,
    Truncate,
}

/// What one call does instead of its work.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Nothing, and returns that error number.
    Error(i32),
    /// A write writes so many bytes.
    Short(usize),
}

/// A disk that fails as told.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultyDisk(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    log: Vec<Call>,
    /// By kind and count of calls of that kind, from 0.
    by_kind: BTreeMap<(Call, usize), Fault>,
    /// By count of calls of any kind.
    by_count: Option<usize>,
}

impl FaultyDisk {
    /// Makes a call of one kind fail, after so many more of that kind.
    pub(crate) fn set(&self, call: Call, after: usize, fault: Fault) {
        let mut plan = self.0.lock().unwrap();
        let past = plan.log.iter().filter(|past| **past == call).count();
        plan.by_kind.insert((call, past + after), fault);
    }

    fn take(&self, call: Call) -> io::Result<Option<usize>> {
        let mut plan = self.0.lock().unwrap();
        let nth = plan.log.iter().filter(|past| **past == call).count();
        let is_counted = plan.by_count == Some(plan.log.len());
        plan.log.push(call);
        match plan.by_kind.remove(&(call, nth)) {
            Some(Fault::Error(code)) => Err(io::Error::from_raw_os_error(code)),
            Some(Fault::Short(bytes)) => Ok(Some(bytes)),
            None if is_counted => Err(io::Error::from_raw_os_error(libc::EIO)),
            None => Ok(None),
        }
    }

    /// Makes the call of that number fail, of whatever kind; the first is 0.
    pub(crate) fn fail_at(&self, call: usize) {
        self.0.lock().unwrap().by_count = Some(call);
    }

    /// Returns all calls so far.
    pub(crate) fn log(&self) -> Vec<Call> {
        self.0.lock().unwrap().log.clone()
    }

    fn wrap(&self, file: Arc<dyn SegmentFile>) -> Arc<dyn SegmentFile> {
        Arc::new(FaultyFile { disk: self.clone(), file })
    }
}

impl Storage for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        self.take(Call::Create)?;
        Disk.create(path).map(|file| self.wrap(file))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        self.take(Call::Open)?;
        Disk.open(path).map(|file| self.wrap(file))
    }

    fn publish(&self, unborn: &Path, path: &Path) -> io::Result<()> {
        self.take(Call::Publish)?;
        Disk.publish(unborn, path)
    }
}

#[derive(Debug)]
struct FaultyFile {
    disk: FaultyDisk,
    file: Arc<dyn SegmentFile>,
}

impl SegmentFile for FaultyFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let short = self.disk.take(Call::Write)?;
        self.file.write_at(&bytes[..short.unwrap_or(bytes.len())], offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.take(Call::SyncData)?;
        self.file.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.disk.take(Call::SyncAll)?;
        self.file.sync_all()
    }

    fn preallocate(&self, bytes: u64) -> io::Result<()> {
        self.disk.take(Call::Preallocate)?;
        self.file.preallocate(bytes)
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.disk.take(Call::Truncate)?;
        self.file.truncate(bytes)
    }
}
