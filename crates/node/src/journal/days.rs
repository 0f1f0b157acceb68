//! Which day a start goes on with, which one it begins after the newest, and which it refuses.
//!
//! A later day seals the newest one, once whoever reads that day says that it may end. A start that
//! died in between is made up for by the next one: what it had done already is found done. Refuses
//! a day before the newest, and a day whose predecessor is not to end; nothing is changed then.

use std::path::Path;
use std::sync::Arc;

use super::date::TradeDate;
use super::directory;
use super::error::JournalError;
use super::lock::WriterLock;
use super::lookup::JournalIndex;
use super::options::JournalOptions;
use super::reader::JournalReader;
use super::recover::{self, Previous, Recovered};
use super::scan::Position;
use super::storage::Storage;
use super::value::{Ending, Record};
use super::writer::JournalWriter;

/// What a start on a trading day does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextDay {
    /// The day has records, and goes on.
    GoesOn,
    /// The day begins after this one; the first of all follows none.
    Begins {
        /// The day in front of it.
        after: Option<TradeDate>,
    },
}

/// Returns what a start on `trade_date` would do under `root`; refuses a day before the newest.
///
/// A day whose journal was begun and has no record yet still begins: its start died there.
pub fn next_day(root: &Path, trade_date: TradeDate) -> Result<NextDay, JournalError> {
    find(root, trade_date).map(|found| match found {
        Found { is_there: true, after: None } => NextDay::GoesOn,
        Found { after, .. } => NextDay::Begins { after },
    })
}

/// Takes the records of a journal that is opened, in order.
pub(crate) trait DayFold {
    /// Why the opening ends.
    type Error: From<JournalError>;
    /// Takes a record of the day that goes on.
    fn today(&mut self, record: Record<'_>) -> Result<(), Self::Error>;
    /// Has taken every record of the day that goes on, before anything is changed.
    fn end(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
    /// Takes a record of the day in front of one that begins.
    fn before(&mut self, record: Record<'_>) -> Result<(), Self::Error>;
    /// Says whether that day may end, after its last record and before anything is changed.
    fn may_follow(&mut self, before: TradeDate, found: Recovered) -> Result<(), Self::Error>;
}

/// Opens the day of `options`, or begins it after the newest one, which is sealed.
pub(crate) fn open_day<F: DayFold>(
    options: JournalOptions,
    storage: Arc<dyn Storage>,
    fold: &mut F,
) -> Result<(JournalWriter, Option<Recovered>), F::Error> {
    let mut lock = recover::lock_root(&options)?;
    let found = find(&options.dir, options.trade_date)?;
    let mut previous = None;
    if let Some(before) = found.after {
        let ended = end_day(before, (&options, &storage), lock, fold)?;
        (lock, previous) = (ended.0, Some(ended.1));
    }
    if found.is_there {
        let visit = |record: Option<Record<'_>>| match record {
            Some(record) => fold.today(record),
            None => fold.end(),
        };
        let (writer, recovered) = recover::open_locked(options, storage, lock, visit)?;
        return Ok((writer, Some(recovered)));
    }
    Ok((recover::begin_locked(options, storage, lock, previous)?, None))
}

/// What stands under a root of the day asked for.
struct Found {
    is_there: bool,
    /// The day in front of it, if it is still to begin.
    after: Option<TradeDate>,
}

fn find(root: &Path, trade_date: TradeDate) -> Result<Found, JournalError> {
    match directory::trade_dates(root)?.last().copied() {
        Some(latest) if latest > trade_date => {
            Err(JournalError::DateBefore { latest, found: trade_date })
        }
        Some(latest) if latest == trade_date => {
            let mut reader = JournalReader::open(&directory::journal_path(root, trade_date))?;
            let is_empty = reader.next_record()?.is_none();
            let after = reader.cursor().segment.header.previous_date.filter(|_| is_empty);
            Ok(Found { is_there: true, after })
        }
        after => Ok(Found { is_there: false, after }),
    }
}

fn end_day<F: DayFold>(
    before: TradeDate,
    (options, storage): (&JournalOptions, &Arc<dyn Storage>),
    lock: WriterLock,
    fold: &mut F,
) -> Result<(WriterLock, Previous), F::Error> {
    let mut reader = JournalReader::open(&directory::journal_path(&options.dir, before))?;
    let mut records = 0_u64;
    while let Some(record) = reader.next_record()? {
        fold.before(record)?;
        records = records.saturating_add(1);
    }
    let (last_seq, ending, tear) = (reader.last_seq(), reader.ending(), reader.tear());
    fold.may_follow(before, Recovered { records, last_seq, ending, tear })?;
    if ending == Ending::Sealed {
        let (chain, last_ts) = (reader.chain_tip(), reader.last_ts());
        return Ok((lock, Previous { trade_date: before, chain, last_ts }));
    }
    let durability = reader.durability();
    let options = JournalOptions { trade_date: before, durability, ..options.clone() };
    let segment = recover::resume_segment(&**storage, &options, &reader)?;
    let position = Position { ending: Ending::Unclosed, ..reader.cursor().position };
    let (storage, index) = (Arc::clone(storage), JournalIndex::default());
    let writer = JournalWriter::resume(options, storage, lock, segment, position, index)?;
    Ok(writer.seal()?)
}
