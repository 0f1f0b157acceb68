//! The kernel on its journal: nothing is told to anyone before its record is durable.
//!
//! Refuses: a step after an invariant broke or the journal failed; the state is then kept for
//! inspection and the process has to end.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use ringfence_kernel::types::Ts;
use ringfence_kernel::{Event, Input, Kernel, ReplayError, StepError, encode};

use crate::closing::{Accepted, ClosingDay, Opening};
use crate::folding::{Feed, folding, kernel_part};
use crate::host::DayBefore;
use crate::journal::{
    DayFold, Disk, JournalError, JournalOptions, JournalReader, JournalWriter, Record, Recovered,
    Seq, TradeDate, open_day,
};

/// Why the engine did not take an input.
#[derive(Debug)]
pub enum EngineError {
    /// The input itself cannot be decided; nothing was changed.
    Step(StepError),
    /// The journal failed; nothing may leave any more.
    Journal(JournalError),
    /// A record does not fold, or deciding it again gave something else.
    Replay {
        /// Number of the record.
        seq: u64,
        /// Why.
        why: ReplayError,
    },
    /// The day before may not end, so none begins after it; nothing was changed.
    NotFollowed {
        /// The day before.
        before: TradeDate,
        /// What stands against its end.
        why: String,
    },
    /// An earlier step broke an invariant or the journal.
    Halted,
    /// A journal can only be opened before the first input.
    NotNew,
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(why) => why.fmt(f),
            Self::Journal(why) => why.fmt(f),
            Self::Replay { seq, why: ReplayError::Malformed } => {
                write!(f, "record {seq} does not decode: it was written by another version")
            }
            Self::Replay { seq, why: ReplayError::TimeFell } => {
                write!(f, "record {seq} is earlier than the one before it")
            }
            Self::Replay { seq, why: ReplayError::Differs } => {
                write!(f, "record {seq} gives other events when it is decided again")
            }
            Self::NotFollowed { before, why } => {
                write!(f, "no day can follow {before} yet: {why}")
            }
            Self::Halted => f.write_str("the kernel has halted: an earlier step failed"),
            Self::NotNew => f.write_str("a journal is opened before the first input"),
        }
    }
}

impl std::error::Error for EngineError {}

impl From<JournalError> for EngineError {
    fn from(why: JournalError) -> Self {
        Self::Journal(why)
    }
}

impl From<StepError> for EngineError {
    fn from(why: StepError) -> Self {
        Self::Step(why)
    }
}

/// A kernel, and the journal it is written to, if it has one.
#[derive(Debug)]
pub struct Engine {
    kernel: Kernel,
    journal: Option<JournalWriter>,
    payload: Vec<u8>,
    halted: bool,
    seq: u64,
}

/// Folds the day that goes on, or judges the one in front of a day that begins.
struct EngineDays<'a, 'scope> {
    feed: &'a mut Feed<'scope>,
    before: ClosingDay,
}

impl DayFold for EngineDays<'_, '_> {
    type Error = EngineError;
    fn today(&mut self, record: Record<'_>) -> Result<(), EngineError> {
        self.feed.push(&record)
    }
    fn end(&mut self) -> Result<(), EngineError> {
        self.feed.finish()
    }
    fn before(&mut self, record: Record<'_>) -> Result<(), EngineError> {
        let failed = |why| EngineError::Replay { seq: record.seq.get(), why };
        let payload = kernel_part(record.payload).map_err(failed)?.unwrap_or_default();
        let taken = self.before.take(Ts::from_nanos(record.ts.nanos()), payload);
        taken.map_err(|_| failed(ReplayError::Malformed))
    }
    fn may_follow(&mut self, before: TradeDate, _: Recovered) -> Result<(), EngineError> {
        let judged = self.before.may_end();
        judged.map(drop).map_err(|why| EngineError::NotFollowed { before, why })
    }
}

impl Engine {
    /// Returns an engine without a journal around a new kernel.
    pub fn new(kernel: Kernel) -> Self {
        Self { kernel, journal: None, payload: Vec::new(), halted: false, seq: 0 }
    }
    /// Returns the kernel.
    pub const fn kernel(&self) -> &Kernel {
        &self.kernel
    }
    /// Returns the number of the last input that was decided, 0 before the first.
    pub const fn seq(&self) -> u64 {
        self.seq
    }
    /// Returns the time before which no input may be: that of the last one, or of the last record
    /// of the day before.
    pub fn now(&self) -> Ts {
        let floor = self.journal.as_ref().and_then(JournalWriter::last_ts);
        let now = self.kernel.state().now;
        floor.map_or(now, |floor| now.max(Ts::from_nanos(floor.nanos())))
    }
    /// Begins the day's journal, or goes on with the one that is there.
    ///
    /// A later day than the newest seals that one, once nothing of it is open, halted or
    /// unconfirmed; with which positions a day opens is up to who defines it.
    /// An existing journal is folded into the kernel, which must be new; its torn tail is cut.
    /// Returns what was found, or `None` for a new journal. Panics when a record breaks an
    /// invariant; every later call then answers [`EngineError::Halted`].
    pub fn open_journal(
        &mut self,
        options: JournalOptions,
    ) -> Result<Option<Recovered>, EngineError> {
        if self.seq > 0 || self.journal.is_some() {
            return Err(EngineError::NotNew);
        }
        // Halted until all is folded: a kernel that broke half-way must not go on.
        self.halted = true;
        let ((writer, recovered), last) = folding(&mut self.kernel, |feed| {
            let opening = Opening { accepted: vec![Accepted::Positions], ..Opening::default() };
            let mut days = EngineDays { feed, before: ClosingDay::new(opening) };
            open_day(options, Arc::new(Disk), &mut days)
        })?;
        self.halted = false;
        self.seq = last;
        self.journal = Some(writer);
        Ok(recovered)
    }
    /// Decides one input and puts its record into the batch; nothing may leave before
    /// [`Engine::commit`].
    ///
    /// A full batch is committed first. Panics when an invariant breaks; every later call then
    /// answers [`EngineError::Halted`].
    pub fn step(&mut self, now: Ts, input: &Input) -> Result<&[Event], EngineError> {
        if self.halted {
            return Err(EngineError::Halted);
        }
        self.halted = true;
        match self.kernel.step(now, input) {
            Ok(events) => {
                if let Some(journal) = &mut self.journal {
                    self.payload.clear();
                    encode(input, events, &mut self.payload);
                    if !journal.has_room(self.payload.len()) {
                        journal.commit()?;
                    }
                    let ts = crate::journal::Ts::from_nanos(now.nanos());
                    journal.append(ts, &self.payload)?;
                }
                self.seq += 1;
                self.halted = false;
                Ok(events)
            }
            Err(why) => {
                self.halted = false;
                Err(why.into())
            }
        }
    }
    /// Makes everything decided so far durable; from then on effects may leave.
    pub fn commit(&mut self) -> Result<(), EngineError> {
        let Some(journal) = &mut self.journal else {
            return Ok(());
        };
        match journal.commit() {
            Ok(_) => Ok(()),
            Err(why) => {
                self.halted = true;
                Err(why.into())
            }
        }
    }
    /// Commits and closes the journal with its closing mark.
    pub fn close_journal(&mut self) -> Result<(), EngineError> {
        match self.journal.take() {
            Some(journal) => journal.close().map(drop).map_err(EngineError::from),
            None => Ok(()),
        }
    }
}

/// Folds a journal into a new kernel; returns it with the number of its last record.
pub fn replay(dir: &Path) -> Result<Engine, EngineError> {
    let mut engine = Engine::new(Kernel::new());
    let ((), last) = folding(&mut engine.kernel, |feed| {
        let mut reader = JournalReader::open(dir)?;
        while let Some(record) = reader.next_record()? {
            feed.push(&record)?;
        }
        Ok(())
    })?;
    engine.seq = last;
    Ok(engine)
}

/// Decides every record of a journal again and demands the same bytes (invariant I6).
pub fn verify(dir: &Path) -> Result<Engine, EngineError> {
    let mut engine = Engine::new(Kernel::new());
    let mut reader = JournalReader::open(dir)?;
    while let Some(record) = reader.next_record()? {
        let seq: Seq = record.seq;
        let ts = Ts::from_nanos(record.ts.nanos());
        let verified = kernel_part(record.payload).and_then(|payload| {
            payload.map_or(Ok(()), |payload| engine.kernel.verify(ts, payload))
        });
        verified.map_err(|why| EngineError::Replay { seq: seq.get(), why })?;
        engine.seq = seq.get();
    }
    Ok(engine)
}
