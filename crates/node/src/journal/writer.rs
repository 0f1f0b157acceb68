//! Appends records and commits them, a batch at a time.

use std::sync::Arc;

use super::batch::Batch;
use super::cursor::file_bytes;
use super::damage::Place;
use super::date::TradeDate;
use super::directory;
use super::error::{CommitFailure, JournalError, SyncFailure};
use super::lock::WriterLock;
use super::lookup::{JournalIndex, RecordFinder};
use super::options::JournalOptions;
use super::recover::{self, Previous};
use super::scan::Position;
use super::segment_writer::{Failed, SegmentWriter, failed};
use super::storage::Storage;
use super::sync::BackgroundSync;
use super::v1::{self, Header, Kind, Mark};
use super::value::{ChainHash, Durability, Ending, Seq, Ts};

/// The one writer of a trading day's journal.
///
/// Records are collected by [`JournalWriter::append`] and become durable together in
/// [`JournalWriter::commit`]. The first failed write or sync kills the writer: nothing can be
/// appended or committed after it, because what the disk holds is no longer known.
///
/// Dropping a writer writes nothing; the journal then ends like one whose process died.
///
/// ```no_run
/// use ringfence_node::journal::{
///     Durability, JournalError, JournalOptions, JournalWriter, TradeDate, Ts,
/// };
///
/// fn one_batch(trade_date: TradeDate) -> Result<(), JournalError> {
///     let options = JournalOptions::new("journal", trade_date, Durability::Disk);
///     let mut writer = JournalWriter::create(options)?;
///     writer.append(Ts::from_nanos(1), b"first")?;
///     writer.append(Ts::from_nanos(2), b"second")?;
///     writer.commit()?; // only now may effects leave
///     writer.close()?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct JournalWriter {
    options: JournalOptions,
    storage: Arc<dyn Storage>,
    lock: WriterLock,
    segment: SegmentWriter,
    /// Behind the last committed batch.
    position: Position,
    batch: Batch,
    index: JournalIndex,
    finder: RecordFinder,
    /// Only under `process` durability.
    background: Option<BackgroundSync>,
    /// The last record on the disk, kept here under `disk` durability.
    synced_seq: Option<Seq>,
    /// What killed this writer.
    cause: Option<String>,
}

/// What a commit made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Records in the batch; 0 when there was nothing to commit.
    pub records: u32,
    /// Bytes written for the batch.
    pub bytes: u64,
    /// The last committed record of the journal.
    pub last_seq: Option<Seq>,
    /// The tip of the hash chain.
    pub chain_tip: ChainHash,
}

impl JournalWriter {
    /// Begins the journal of a day that has none.
    ///
    /// It follows the latest earlier day under the same root, which is verified, must have been
    /// closed in good order, and is sealed now; without one it is the first of all.
    pub fn create(options: JournalOptions) -> Result<Self, JournalError> {
        recover::create(options, Arc::new(super::storage::Disk))
    }

    /// Opens the journal of a day to go on with it, after a stop or a crash.
    ///
    /// Everything is verified first. Damage is an error and nothing is changed; a torn tail is cut
    /// and reported.
    pub fn open(options: JournalOptions) -> Result<(Self, recover::Recovered), JournalError> {
        Self::open_with(options, |_| Ok::<(), JournalError>(()))
    }

    /// Opens the journal of a day as [`JournalWriter::open`] does and shows every record.
    ///
    /// `visit` gets each committed record in order, so that the state can be folded in the same
    /// pass, and `None` after the last one, before anything is changed. Its error ends the opening
    /// and changes nothing. When this returns any error, what `visit` has seen must be thrown away.
    pub fn open_with<E: From<JournalError>>(
        options: JournalOptions,
        visit: impl FnMut(Option<super::Record<'_>>) -> Result<(), E>,
    ) -> Result<(Self, recover::Recovered), E> {
        recover::open(options, Arc::new(super::storage::Disk), visit)
    }

    /// Opens the journal of a day as [`JournalWriter::open_with`] does, or begins it.
    ///
    /// Returns what was found, nothing when the journal is new. A directory without a segment,
    /// which a start that died half way leaves, counts as new.
    pub fn open_or_create<E: From<JournalError>>(
        options: JournalOptions,
        visit: impl FnMut(Option<super::Record<'_>>) -> Result<(), E>,
    ) -> Result<(Self, Option<recover::Recovered>), E> {
        recover::open_or_create(options, Arc::new(super::storage::Disk), visit)
    }

    /// Returns a writer that goes on at `position` in `segment`.
    pub(crate) fn resume(
        options: JournalOptions,
        storage: Arc<dyn Storage>,
        lock: WriterLock,
        segment: SegmentWriter,
        position: Position,
        index: JournalIndex,
    ) -> Result<Self, JournalError> {
        let synced_seq = position.last_seq.some();
        let background = start_background(&options, &segment, synced_seq)?;
        let batch = Batch::after(&position);
        let (finder, cause) = (RecordFinder::default(), None);
        Ok(Self {
            options,
            storage,
            lock,
            segment,
            position,
            batch,
            index,
            finder,
            background,
            synced_seq,
            cause,
        })
    }

    /// Adds a record to the batch; nothing is written before [`JournalWriter::commit`].
    ///
    /// A refusal leaves the batch as it was. Refused: a payload above [`PAYLOAD_BYTES_MAX`], a time
    /// before that of the record in front, a batch that is full ([`BATCH_RECORDS_MAX`],
    /// [`BATCH_BYTES_MAX`]), a writer that failed before.
    ///
    /// [`PAYLOAD_BYTES_MAX`]: super::PAYLOAD_BYTES_MAX
    /// [`BATCH_RECORDS_MAX`]: super::BATCH_RECORDS_MAX
    /// [`BATCH_BYTES_MAX`]: super::BATCH_BYTES_MAX
    pub fn append(&mut self, ts: Ts, payload: &[u8]) -> Result<Seq, JournalError> {
        self.check_alive()?;
        self.batch.push(self.segment.header.frame_seed, ts, payload)
    }

    /// Makes the batch durable; returns when its durability is reached.
    ///
    /// One write, and under [`Durability::Disk`] one sync. With an empty batch nothing is written.
    /// A failure of an earlier background sync is told here. After any error the writer is dead and
    /// the batch counts as not acknowledged: a restart may find it whole, in part or not at all.
    pub fn commit(&mut self) -> Result<Committed, JournalError> {
        self.check_alive()?;
        self.check_background()?;
        let records = self.batch.records;
        let mut bytes = 0;
        if records > 0 {
            let needed = self.batch.bytes.len().saturating_add(v1::MARK_BYTES);
            if !self.segment.has_room(needed) {
                self.begin_segment(needed)?;
            }
            bytes = self.store(Kind::BatchEnd, Ending::Unclosed)?;
        }
        let last_seq = self.position.last_seq.some();
        Ok(Committed { records, bytes, last_seq, chain_tip: self.position.chain })
    }

    /// Syncs everything committed so far, whatever the durability; returns the last record synced.
    pub fn sync(&mut self) -> Result<Option<Seq>, JournalError> {
        self.check_alive()?;
        self.check_background()?;
        self.settle().map_err(|failed| self.fail(failed))?;
        Ok(self.synced_seq())
    }

    /// Commits what is left, marks the journal as closed in good order, and syncs it.
    pub fn close(mut self) -> Result<Committed, JournalError> {
        let committed = self.commit()?;
        self.end(Kind::Close, Ending::Closed)?;
        Ok(Committed { chain_tip: self.position.chain, ..committed })
    }

    /// Commits what is left and ends the day for good; the lock of its root lives on.
    pub(super) fn seal(mut self) -> Result<(WriterLock, Previous), JournalError> {
        self.commit()?;
        self.end(Kind::Seal, Ending::Sealed)?;
        let previous = self.previous();
        Ok((self.lock, previous))
    }

    /// Returns what the next day says about this one.
    fn previous(&self) -> Previous {
        let Position { chain, last_ts, .. } = self.position;
        Previous { trade_date: self.options.trade_date, chain, last_ts }
    }

    /// Ends the day and begins the journal of `next`, whose header carries this day's chain tip.
    ///
    /// What is left is committed first; then this day is sealed for good. Numbers start again at 1.
    /// When the process dies between the seal and the new day, [`JournalWriter::create`] makes up
    /// for it.
    pub fn roll(&mut self, next: TradeDate) -> Result<(), JournalError> {
        self.check_alive()?;
        let latest = directory::trade_dates(&self.options.dir)?.into_iter().max();
        if let Some(latest) = latest.max(Some(self.options.trade_date)).filter(|date| *date >= next)
        {
            return Err(JournalError::DateNotAfter { latest, found: next });
        }
        self.commit()?;
        self.end(Kind::Seal, Ending::Sealed)?;
        let previous = self.previous();
        let options = JournalOptions { trade_date: next, ..self.options.clone() };
        match recover::begin_day(&*self.storage, &options, Some(previous)).and_then(|segment| {
            let background = start_background(&options, &segment, None)?;
            Ok((segment, background))
        }) {
            Ok((segment, background)) => {
                self.position = Position::after_header(&segment.header);
                self.batch = Batch::after(&self.position);
                (self.index, self.finder) = (JournalIndex::default(), RecordFinder::default());
                self.segment = segment;
                self.background = background;
                self.synced_seq = None;
                self.options = options;
                Ok(())
            }
            Err(error) => {
                self.cause = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// Appends the payload of a committed record of this day to `out`; returns its time.
    ///
    /// The record's own checksum is verified, and that of what is read on the way to it. Reads a
    /// few ten kilobytes; records in a row are read once each. A record that was appended and not
    /// committed is [`JournalError::NotCommitted`].
    pub fn read_record(&mut self, seq: Seq, out: &mut Vec<u8>) -> Result<Ts, JournalError> {
        let last_seq = self.position.last_seq;
        if seq < Seq::FIRST || seq > last_seq {
            return Err(JournalError::NotCommitted { seq, last_seq: last_seq.some() });
        }
        self.finder.find(&self.options.path(), &self.index, seq, out)
    }

    /// Returns the number that the next record will get.
    pub fn next_seq(&self) -> Seq {
        self.batch.last_seq.next().unwrap_or(self.batch.last_seq)
    }

    /// Returns the last committed record.
    pub fn last_seq(&self) -> Option<Seq> {
        self.position.last_seq.some()
    }

    /// Returns the time before which no further record may be, none in a first journal.
    pub fn last_ts(&self) -> Option<Ts> {
        Some(self.batch.last_ts).filter(|ts| *ts > Ts::MIN)
    }

    /// Returns the last record known to be on the disk.
    pub fn synced_seq(&self) -> Option<Seq> {
        self.background.as_ref().map_or(self.synced_seq, BackgroundSync::synced_seq)
    }

    /// Returns the tip of the hash chain, behind the last committed batch.
    pub fn chain_tip(&self) -> ChainHash {
        self.position.chain
    }

    /// Returns whether the batch takes one more record with a payload of that length, in bytes.
    pub fn has_room(&self, payload_bytes: usize) -> bool {
        self.batch.has_room(payload_bytes)
    }

    /// Returns the number of records appended and not yet committed.
    pub fn batch_records(&self) -> u32 {
        self.batch.records
    }

    /// Returns what the writer was told.
    pub fn options(&self) -> &JournalOptions {
        &self.options
    }

    /// Writes the batch with its end or marker, and reaches its durability.
    fn store(&mut self, kind: Kind, ending: Ending) -> Result<u64, JournalError> {
        let Batch { records, last_seq, last_ts, .. } = self.batch;
        let mark = Mark { kind, seq: last_seq, ts: last_ts, records };
        let seed = self.segment.header.frame_seed;
        let (frame, chain) = mark.encode(seed, &self.position.chain, &self.batch.bytes);
        self.batch.bytes.extend_from_slice(&frame);
        let stored = self.segment.write(&self.batch.bytes).and_then(|()| match &self.background {
            Some(background) => {
                background.note(&self.segment.file, last_seq.some());
                Ok(())
            }
            None => self.segment.file.sync_data().map_err(failed("sync", &self.segment.path)),
        });
        stored.map_err(|failed| self.fail(failed))?;
        let bytes = self.batch.bytes.len();
        if kind == Kind::BatchEnd {
            let (segment, offset) = (self.segment.header.segment, self.segment.offset);
            self.index.note(self.position.next_seq(), segment, offset);
        }
        self.segment.advance(bytes);
        self.position = Position { last_seq, last_ts, chain, ending };
        self.synced_seq = last_seq.some();
        self.batch.clear();
        Ok(file_bytes(bytes))
    }

    /// Writes a closing marker and leaves the segment synced and cut to its length.
    fn end(&mut self, kind: Kind, ending: Ending) -> Result<(), JournalError> {
        self.store(kind, ending)?;
        self.settle().and_then(|()| self.segment.finish()).map_err(|failed| self.fail(failed))
    }

    /// Finishes the segment and begins the next, with room for a batch of `needed` bytes.
    fn begin_segment(&mut self, needed: usize) -> Result<(), JournalError> {
        let before = &self.segment.header;
        let header = Header {
            segment: directory::segment_after(before.segment)?,
            first_seq: self.position.next_seq(),
            floor: self.position.last_ts,
            previous_chain: self.position.chain,
            ..before.clone()
        };
        let bytes = file_bytes(v1::HEADER_BYTES.saturating_add(needed));
        let bytes = bytes.max(self.options.segment_bytes);
        let dir = self.options.path();
        // A segment with a successor must be whole on the disk: readers take a gap in it as damage.
        let next = self
            .settle()
            .and_then(|()| self.segment.finish())
            .and_then(|()| SegmentWriter::create(&*self.storage, &dir, header, bytes));
        self.segment = next.map_err(|failed| self.fail(failed))?;
        self.position = Position::after_header(&self.segment.header);
        Ok(())
    }

    /// Returns once the disk holds all that was written to the present segment.
    fn settle(&self) -> Result<(), Failed> {
        let Some(background) = &self.background else {
            return Ok(());
        };
        let synced = background.sync_now(&*self.segment.file, self.position.last_seq.some());
        synced.map_err(failed("sync", &self.segment.path))
    }

    fn check_alive(&self) -> Result<(), JournalError> {
        match &self.cause {
            None => Ok(()),
            Some(cause) => {
                Err(JournalError::Poisoned { path: self.options.path(), cause: cause.clone() })
            }
        }
    }

    fn check_background(&mut self) -> Result<(), JournalError> {
        let Some(background) = &self.background else {
            return Ok(());
        };
        let Err(source) = background.check() else {
            return Ok(());
        };
        let error = JournalError::SyncFailed(SyncFailure {
            path: self.segment.path.clone(),
            committed_seq: self.position.last_seq.some(),
            synced_seq: self.synced_seq(),
            source,
        });
        self.cause = Some(error.to_string());
        Err(error)
    }

    /// Kills the writer and says what is and what is not durable.
    fn fail(&mut self, Failed { action, path, source }: Failed) -> JournalError {
        let seq = self.position.next_seq();
        // Otherwise it was the next segment, in the making.
        let offset = if path == self.segment.path { self.segment.offset } else { 0 };
        let error = JournalError::CommitFailed(CommitFailure {
            place: Place { path, offset, seq },
            action,
            last_seq: (self.batch.records > 0).then_some(self.batch.last_seq),
            committed_seq: self.position.last_seq.some(),
            synced_seq: self.synced_seq(),
            source,
        });
        self.cause = Some(error.to_string());
        error
    }
}

fn start_background(
    options: &JournalOptions,
    segment: &SegmentWriter,
    synced_seq: Option<Seq>,
) -> Result<Option<BackgroundSync>, JournalError> {
    match options.durability {
        Durability::Disk => Ok(None),
        Durability::Process => BackgroundSync::start(options.sync_interval, synced_seq)
            .map(Some)
            .map_err(failed("start the sync thread for", &segment.path))
            .map_err(JournalError::from),
    }
}
