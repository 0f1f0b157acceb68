//! Begins a day's journal, and opens one that is there.

use std::path::Path;
use std::sync::Arc;

use super::date::TradeDate;
use super::directory;
use super::error::JournalError;
use super::lock::WriterLock;
use super::lookup::JournalIndex;
use super::options::JournalOptions;
use super::reader::JournalReader;
use super::scan::Position;
use super::segment_writer::SegmentWriter;
use super::storage::Storage;
use super::tail::Tear;
use super::v1::{self, Header};
use super::value::{ChainHash, Durability, Ending, Record, Seq, Ts};
use super::writer::JournalWriter;

/// What was found when a journal was opened to go on with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Committed records.
    pub records: u64,
    /// The last committed record; the next one gets the number after it.
    pub last_seq: Option<Seq>,
    /// Whether the writer before had closed the journal.
    pub ending: Ending,
    /// The torn tail that was cut, none when there was none.
    pub tear: Option<Tear>,
}

impl core::fmt::Display for Recovered {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (records, ending, cut_bytes) = (self.records, self.ending, self.cut_bytes());
        write!(f, "{records} records folded, {ending}, {cut_bytes} torn bytes cut")
    }
}

impl Recovered {
    /// Returns the number of bytes cut.
    pub fn cut_bytes(&self) -> u64 {
        self.tear.map_or(0, |tear| tear.bytes)
    }

    /// Returns the number of whole records cut; none of them was ever acknowledged.
    pub fn cut_records(&self) -> u32 {
        self.tear.map_or(0, |tear| tear.records)
    }
}

/// What the first segment of a day says about the day before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Previous {
    pub(crate) trade_date: TradeDate,
    pub(crate) chain: ChainHash,
    pub(crate) last_ts: Ts,
}

/// Begins the journal of a day that has none.
pub(crate) fn create(
    options: JournalOptions,
    storage: Arc<dyn Storage>,
) -> Result<JournalWriter, JournalError> {
    let lock = lock_root(&options)?;
    create_locked(options, storage, lock)
}

/// Opens the journal of a day, shows its records and cuts a torn tail.
pub(crate) fn open<E: From<JournalError>>(
    options: JournalOptions,
    storage: Arc<dyn Storage>,
    visit: impl FnMut(Option<Record<'_>>) -> Result<(), E>,
) -> Result<(JournalWriter, Recovered), E> {
    options.check()?;
    if !directory::exists(&options.path())? {
        return Err(JournalError::Missing { path: options.path() }.into());
    }
    let lock = lock_root(&options)?;
    open_locked(options, storage, lock, visit)
}

/// Opens the journal of a day, or begins it when the day has none.
pub(crate) fn open_or_create<E: From<JournalError>>(
    options: JournalOptions,
    storage: Arc<dyn Storage>,
    visit: impl FnMut(Option<Record<'_>>) -> Result<(), E>,
) -> Result<(JournalWriter, Option<Recovered>), E> {
    let lock = lock_root(&options)?;
    if directory::trade_dates(&options.dir)?.contains(&options.trade_date) {
        let (writer, recovered) = open_locked(options, storage, lock, visit)?;
        return Ok((writer, Some(recovered)));
    }
    Ok((create_locked(options, storage, lock)?, None))
}

pub(super) fn lock_root(options: &JournalOptions) -> Result<WriterLock, JournalError> {
    options.check()?;
    directory::create(&options.dir)?;
    WriterLock::take(&options.dir, options.trade_date)
}

fn create_locked(
    options: JournalOptions,
    storage: Arc<dyn Storage>,
    lock: WriterLock,
) -> Result<JournalWriter, JournalError> {
    let dates = directory::trade_dates(&options.dir)?;
    if dates.contains(&options.trade_date) {
        return Err(JournalError::Exists { path: options.path() });
    }
    let (previous, lock) = match dates.last() {
        None => (None, lock),
        Some(latest) if *latest > options.trade_date => {
            let found = options.trade_date;
            return Err(JournalError::DateNotAfter { latest: *latest, found });
        }
        Some(latest) => {
            let (lock, previous) = ended_day(&options, &storage, lock, *latest)?;
            (Some(previous), lock)
        }
    };
    begin_locked(options, storage, lock, previous)
}

/// Begins the journal of a day behind `previous`.
pub(super) fn begin_locked(
    options: JournalOptions,
    storage: Arc<dyn Storage>,
    lock: WriterLock,
    previous: Option<Previous>,
) -> Result<JournalWriter, JournalError> {
    let segment = begin_day(&*storage, &options, previous)?;
    let position = Position::after_header(&segment.header);
    JournalWriter::resume(options, storage, lock, segment, position, JournalIndex::default())
}

/// Opens the journal of a day under a lock that is held.
pub(super) fn open_locked<E: From<JournalError>>(
    options: JournalOptions,
    storage: Arc<dyn Storage>,
    lock: WriterLock,
    mut visit: impl FnMut(Option<Record<'_>>) -> Result<(), E>,
) -> Result<(JournalWriter, Recovered), E> {
    let dir = options.path();
    let mut reader = JournalReader::open(&dir)?;
    let (expected, found) = (reader.durability(), options.durability);
    if expected != found {
        return Err(JournalError::Durability { path: dir, expected, found }.into());
    }
    let (mut records, mut index) = (0_u64, JournalIndex::default());
    while let Some(record) = reader.next_record()? {
        let seq = record.seq;
        visit(Some(record))?;
        let cursor = reader.cursor();
        index.note(seq, cursor.segment.header.segment, cursor.last_batch.start);
        records = records.saturating_add(1);
    }
    visit(None)?;
    let (last_seq, ending, tear) = (reader.last_seq(), reader.ending(), reader.tear());
    if ending == Ending::Sealed {
        return Err(JournalError::Sealed { path: dir }.into());
    }
    let segment = resume_segment(&*storage, &options, &reader)?;
    let position = Position { ending: Ending::Unclosed, ..reader.cursor().position };
    let writer = JournalWriter::resume(options, storage, lock, segment, position, index)?;
    Ok((writer, Recovered { records, last_seq, ending, tear }))
}

/// Makes the directory and the first segment of a day.
pub(crate) fn begin_day(
    storage: &dyn Storage,
    options: &JournalOptions,
    previous: Option<Previous>,
) -> Result<SegmentWriter, JournalError> {
    let dir = options.path();
    directory::create(&dir)?;
    // It may be there from a start that died before it was made to last.
    directory::sync(&options.dir)?;
    directory::remove_unborn(&dir)?;
    let previous_chain = previous.map_or(ChainHash::NONE, |previous| previous.chain);
    let header = Header {
        durability: options.durability,
        segment: 1,
        trade_date: options.trade_date,
        previous_date: previous.map(|previous| previous.trade_date),
        first_seq: Seq::FIRST,
        floor: previous.map_or(Ts::MIN, |previous| previous.last_ts),
        previous_chain,
        frame_seed: v1::frame_seed(options.trade_date, &previous_chain),
    };
    Ok(SegmentWriter::create(storage, &dir, header, options.segment_bytes)?)
}

/// Returns the segment in which a journal that was read to its end goes on.
pub(super) fn resume_segment(
    storage: &dyn Storage,
    options: &JournalOptions,
    reader: &JournalReader,
) -> Result<SegmentWriter, JournalError> {
    let cursor = reader.cursor();
    let removed = directory::remove_unborn(cursor.dir())?;
    if removed > 0 {
        directory::sync(cursor.dir())?;
    }
    let batch_bytes = cursor.last_batch.end.saturating_sub(cursor.last_batch.start);
    let mut last_batch = vec![0; usize::try_from(batch_bytes).unwrap_or(0)];
    cursor.segment.read_at(&mut last_batch, cursor.last_batch.start)?;
    Ok(SegmentWriter::resume(
        storage,
        (&cursor.segment.path, cursor.segment.header.clone()),
        (&last_batch, cursor.offset),
        options.segment_bytes,
    )?)
}

/// Ends the day in `dir` for good: it is verified, and sealed unless it is sealed already.
///
/// Refused: a day that was not closed in good order, and one whose root another process writes to.
pub fn seal_day(dir: &Path) -> Result<(), JournalError> {
    let trade_date = JournalReader::open(dir)?.trade_date();
    let root = dir.parent().unwrap_or_else(|| Path::new(""));
    let options = JournalOptions::new(root, trade_date, Durability::Disk);
    if options.path() != dir {
        return Err(JournalError::Missing { path: options.path() });
    }
    let lock = WriterLock::take(root, trade_date)?;
    let storage: Arc<dyn Storage> = Arc::new(super::storage::Disk);
    ended_day(&options, &storage, lock, trade_date).map(drop)
}

/// Verifies the day before, and seals it if it was closed in good order: now it is over.
///
/// A day whose writer died may have left something open outside; nothing follows it until it was
/// gone on with and closed.
fn ended_day(
    options: &JournalOptions,
    storage: &Arc<dyn Storage>,
    lock: WriterLock,
    trade_date: TradeDate,
) -> Result<(WriterLock, Previous), JournalError> {
    let path = directory::journal_path(&options.dir, trade_date);
    let mut reader = JournalReader::open(&path)?;
    while reader.next_record()?.is_some() {}
    match reader.ending() {
        Ending::Unclosed => Err(JournalError::NotClosed { path }),
        Ending::Sealed => {
            let (chain, last_ts) = (reader.chain_tip(), reader.last_ts());
            Ok((lock, Previous { trade_date, chain, last_ts }))
        }
        Ending::Closed => {
            let durability = reader.durability();
            let of_day = JournalOptions { trade_date, durability, ..options.clone() };
            let segment = resume_segment(&**storage, &of_day, &reader)?;
            let position = reader.cursor().position;
            let (storage, index) = (Arc::clone(storage), JournalIndex::default());
            let writer = JournalWriter::resume(of_day, storage, lock, segment, position, index)?;
            writer.seal()
        }
    }
}
