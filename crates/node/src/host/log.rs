//! A log on standard error that never holds the loop.
//!
//! Lines wait in a bounded queue for a thread that writes them; when a reader of standard error
//! sleeps, lines are dropped and their number is told once it is awake.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use super::{HostError, HostEvent};

/// Lines that may wait to be written.
const LINES_MAX: usize = 1_024;

/// Takes events of a host; called on its thread, so it must not wait.
pub type Log = Box<dyn FnMut(&HostEvent) + Send>;

/// Returns a log that drops everything.
pub fn silent() -> Log {
    Box::new(|_| {})
}

/// Returns a log that writes one line for each event to standard error, alerts with a mark.
pub fn standard_error() -> Result<Log, HostError> {
    let dropped = Arc::new(AtomicU64::new(0));
    let lines = start(io::stderr(), Arc::clone(&dropped)).map_err(HostError::Thread)?;
    Ok(Box::new(move |event| {
        let mark = if event.is_alert() { "ALERT " } else { "" };
        if lines.try_send(format!("ringfence: {mark}{event}\n")).is_err() {
            dropped.fetch_add(1, Ordering::Relaxed);
        }
    }))
}

fn start(
    mut out: impl Write + Send + 'static,
    dropped: Arc<AtomicU64>,
) -> io::Result<SyncSender<String>> {
    let (lines, waiting) = sync_channel::<String>(LINES_MAX);
    thread::Builder::new().name("log".to_owned()).spawn(move || {
        for line in waiting {
            let lost = dropped.swap(0, Ordering::Relaxed);
            if lost > 0 {
                // A log that cannot be written has nobody to tell.
                let _ = writeln!(out, "ringfence: {lost} lines of this log were dropped");
            }
            let _ = out.write_all(line.as_bytes());
        }
    })?;
    Ok(lines)
}
