//! What the tests share: directories of their own, small journals, a time limit.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use ringfence_node::journal::{
    Durability, JournalOptions, JournalReader, JournalWriter, TradeDate, Ts,
};

/// Longest time that one test may take.
const TEST_SECONDS_MAX: u64 = 120;

/// A directory that is removed with the value.
#[derive(Debug)]
pub(crate) struct TestDir(PathBuf);

impl TestDir {
    /// Makes an empty directory that no other test has.
    pub(crate) fn new() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("ringfence-journal-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Returns its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestDir {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Runs a test body on a thread of its own and fails when it takes too long.
pub(crate) fn limited(body: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    let thread = thread::spawn(move || {
        body();
        done.send(()).unwrap();
    });
    match finished.recv_timeout(Duration::from_secs(TEST_SECONDS_MAX)) {
        Err(RecvTimeoutError::Timeout) => panic!("took longer than {TEST_SECONDS_MAX} s"),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// The day of most tests.
pub(crate) fn day() -> TradeDate {
    date("2012-08-01")
}

/// Returns a day.
pub(crate) fn date(text: &str) -> TradeDate {
    text.parse().unwrap()
}

/// Options for small segments.
pub(crate) fn options(root: &Path, durability: Durability) -> JournalOptions {
    JournalOptions { segment_bytes: 4096, ..JournalOptions::new(root, day(), durability) }
}

/// A time, `nanos` nanoseconds after the epoch.
pub(crate) fn ts(nanos: i64) -> Ts {
    Ts::from_nanos(nanos)
}

/// Appends one batch of payloads, one nanosecond apart, and commits it.
pub(crate) fn commit(writer: &mut JournalWriter, payloads: &[&[u8]]) {
    for payload in payloads {
        let at = i64::try_from(writer.next_seq().get()).unwrap();
        writer.append(ts(at), payload).unwrap();
    }
    writer.commit().unwrap();
}

/// Returns number and payload of every committed record.
pub(crate) fn contents(dir: &Path) -> Vec<(u64, Vec<u8>)> {
    let mut reader = JournalReader::open(dir).unwrap();
    let mut found = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        found.push((record.seq.get(), record.payload.to_vec()));
    }
    found
}

/// Returns the path of a segment file.
pub(crate) fn segment(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:06}.rfj"))
}

/// Returns the segment files of a journal in order.
pub(crate) fn segments(dir: &Path) -> Vec<PathBuf> {
    (1..).map(|number| segment(dir, number)).take_while(|path| path.exists()).collect()
}

/// Returns bytes that differ from place to place, with zeros now and then.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}
