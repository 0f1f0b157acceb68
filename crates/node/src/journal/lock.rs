//! One writer per journal root, also when the last one was killed.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::date::TradeDate;
use super::error::{JournalError, io_error};
use crate::sys;

/// The right to write under a journal root; ends when dropped or when the process dies.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: File,
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Closing alone is not enough: a child forked a moment ago may still have the file open.
        // Should this fail, the lock ends with that child, and until then a start is refused.
        drop(sys::unlock(&self.file));
    }
}

impl WriterLock {
    /// Takes the lock of `root` for a day, or names the process that holds it.
    ///
    /// The file holds the number of the process and, on a line of its own, the day: who clears old
    /// days away keeps off that one.
    pub(crate) fn take(root: &Path, trade_date: TradeDate) -> Result<Self, JournalError> {
        let path = root.join("writer.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io_error("open", &path))?;
        if !sys::try_lock(&file).map_err(io_error("lock", &path))? {
            return Err(locked(file, path));
        }
        // Only the holder writes, so the number is its own; a reader may still find it missing.
        file.set_len(0)
            .and_then(|()| {
                let text = format!("{}\n{trade_date}\n", std::process::id());
                file.write_all(text.as_bytes())
            })
            .map_err(io_error("write", &path))?;
        Ok(Self { file })
    }
}

fn locked(mut file: File, path: PathBuf) -> JournalError {
    let mut text = String::new();
    let read = file.read_to_string(&mut text).ok();
    let pid = read.and_then(|_| text.lines().next()?.trim().parse().ok());
    JournalError::Locked { path, pid }
}

#[cfg(test)]
mod tests {
    use super::super::date::TradeDate;
    use super::WriterLock;

    /// A process forked while the journal was open does not keep the next writer out: its copy of
    /// the descriptor, here a duplicate, holds no lock once the writer is gone.
    #[test]
    fn a_copied_descriptor_holds_no_lock() {
        let name = format!("ringfence-lock-{}", std::process::id());
        let root = std::env::temp_dir().join(name);
        std::fs::create_dir(&root).unwrap();
        let date = TradeDate::new(2012, 8, 1).unwrap();
        let lock = WriterLock::take(&root, date).unwrap();
        let text = std::fs::read_to_string(root.join("writer.lock")).unwrap();
        assert_eq!(format!("{}\n2012-08-01\n", std::process::id()), text);
        let copy = lock.file.try_clone().unwrap();
        assert!(WriterLock::take(&root, date).is_err());
        drop(lock);
        assert!(WriterLock::take(&root, date).is_ok());
        drop(copy);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
