//! Folding a journal on two threads: one reads and decodes ahead, the other applies.
//!
//! Records are applied in the order in which they were read; the first failure ends both sides.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, ScopedJoinHandle};

use ringfence_kernel::types::Ts;
use ringfence_kernel::{Event, Input, Kernel, ReplayError, decode_into};

use crate::engine::EngineError;
use crate::journal::Record;
use crate::wire;

/// Records that are handed over together.
const BATCH: usize = 256;
/// Batches that may wait to be applied.
const AHEAD: usize = 8;

/// Decoded records with all their events, in order.
#[derive(Default)]
struct Batch {
    records: Vec<(u64, Ts, Input, usize)>,
    events: Vec<Event>,
}

impl Batch {
    fn push(&mut self, record: &Record<'_>) -> Result<(), ReplayError> {
        let (before, ts) = (self.events.len(), Ts::from_nanos(record.ts.nanos()));
        let Some(payload) = kernel_part(record.payload)? else {
            return Ok(());
        };
        let input = decode_into(payload, &mut self.events)?;
        self.records.push((record.seq.get(), ts, input, self.events.len() - before));
        Ok(())
    }
    fn apply(&self, kernel: &mut Kernel) -> Result<(), EngineError> {
        let mut rest = self.events.as_slice();
        for (seq, ts, input, count) in &self.records {
            let (events, later) = rest.split_at_checked(*count).unwrap_or((rest, &[]));
            rest = later;
            let failed = |why| EngineError::Replay { seq: *seq, why };
            kernel.apply(*ts, input, events).map_err(failed)?;
        }
        Ok(())
    }
    fn clear(&mut self) {
        self.records.clear();
        self.events.clear();
    }
}

/// Returns what the kernel has of a payload, nothing when only sessions had a part in it.
pub(crate) fn kernel_part(payload: &[u8]) -> Result<Option<&[u8]>, ReplayError> {
    wire::parts(payload).map(|parts| parts.kernel).map_err(|_| ReplayError::Malformed)
}

/// Takes records to be applied.
pub(crate) struct Feed<'scope> {
    batch: Batch,
    last: u64,
    full: Option<SyncSender<Batch>>,
    empty: Receiver<Batch>,
    folder: Option<ScopedJoinHandle<'scope, Result<(), EngineError>>>,
}

impl Feed<'_> {
    /// Decodes a record and has it applied after all before it.
    pub(crate) fn push(&mut self, record: &Record<'_>) -> Result<(), EngineError> {
        let seq = record.seq.get();
        self.batch.push(record).map_err(|why| EngineError::Replay { seq, why })?;
        self.last = seq;
        if self.batch.records.len() == BATCH { self.hand_over() } else { Ok(()) }
    }
    /// Waits until everything that was fed is applied; nothing can be fed afterwards.
    ///
    /// A broken invariant panics here as it does in [`Kernel::fold`].
    pub(crate) fn finish(&mut self) -> Result<(), EngineError> {
        let handed = self.hand_over();
        self.full = None;
        match self.folder.take().map(ScopedJoinHandle::join) {
            Some(Ok(applied)) => applied.and(handed),
            Some(Err(panic)) => resume_unwind(panic),
            None => Ok(()),
        }
    }
    fn hand_over(&mut self) -> Result<(), EngineError> {
        let next = self.empty.try_recv().unwrap_or_default();
        let batch = core::mem::replace(&mut self.batch, next);
        let handed = self.full.as_ref().map(|full| full.send(batch));
        // The other side is gone only when it failed, and its reason is the one that counts.
        handed.map_or(Ok(()), |sent| sent.map_err(|_| EngineError::Halted))
    }
}

/// Runs `read`, which feeds records, while another thread applies them to `kernel`.
///
/// Returns what `read` returned, with the number of the last record; a record that does not apply
/// is the error that counts.
pub(crate) fn folding<R>(
    kernel: &mut Kernel,
    read: impl FnOnce(&mut Feed<'_>) -> Result<R, EngineError>,
) -> Result<(R, u64), EngineError> {
    let (full, batches) = sync_channel(AHEAD);
    let (give_back, empty) = channel();
    thread::scope(|scope| {
        let folder = Some(scope.spawn(move || apply_all(kernel, &batches, &give_back)));
        let mut feed = Feed { batch: Batch::default(), last: 0, full: Some(full), empty, folder };
        let result = read(&mut feed);
        // What was read before a failure is still applied, so that the earliest failure is told.
        feed.finish().and(result).map(|found| (found, feed.last))
    })
}

fn apply_all(
    kernel: &mut Kernel,
    batches: &Receiver<Batch>,
    give_back: &Sender<Batch>,
) -> Result<(), EngineError> {
    for mut batch in batches {
        batch.apply(kernel)?;
        batch.clear();
        // The reader may be done already; then the batch is simply dropped.
        let _ = give_back.send(batch);
    }
    Ok(())
}
