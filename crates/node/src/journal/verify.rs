//! Reads a whole journal and says what is in it.

use std::path::{Path, PathBuf};

use super::cursor::file_bytes;
use super::damage::{DamageReason, Place};
use super::date::TradeDate;
use super::directory;
use super::error::JournalError;
use super::reader::JournalReader;
use super::tail::Tear;
use super::value::{ChainHash, Durability, Ending, Seq, Ts};

/// What a journal holds, after every byte of it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The journal's directory.
    pub path: PathBuf,
    /// Its day.
    pub trade_date: TradeDate,
    /// The day in front of it, none for the first of all.
    pub previous_date: Option<TradeDate>,
    /// The chain tip of the day in front of it.
    pub previous_chain: ChainHash,
    /// What its commits promised.
    pub durability: Durability,
    /// Committed records.
    pub records: u64,
    /// Committed batches; closing markers are none.
    pub batches: u64,
    /// Segment files.
    pub segments: u32,
    /// Bytes of headers, batches and closing markers; reserved space and a torn tail are not in it.
    pub bytes: u64,
    /// The first committed record.
    pub first_seq: Option<Seq>,
    /// The last committed record.
    pub last_seq: Option<Seq>,
    /// Time of the first committed record.
    pub first_ts: Option<Ts>,
    /// Time of the last committed record.
    pub last_ts: Option<Ts>,
    /// The tip of the hash chain.
    pub chain_tip: ChainHash,
    /// How the journal ends.
    pub ending: Ending,
    /// The torn tail, which the next writer will cut.
    pub tear: Option<Tear>,
}

impl Report {
    /// Returns the tip of the hash chain as 64 lower-case hexadecimal digits.
    pub fn chain_tip_hex(&self) -> String {
        self.chain_tip.to_string()
    }
}

/// A report and the sizes of what is in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// What the journal holds.
    pub report: Report,
    /// Bytes of all payloads together.
    pub payload_bytes: u64,
    /// Bytes of the longest payload.
    pub payload_bytes_max: u64,
    /// Records in the largest batch.
    pub batch_records_max: u32,
    /// Bytes of the longest batch, its end counted.
    pub batch_bytes_max: u64,
    /// Closing markers, each from a stop in good order.
    pub closings: u64,
}

/// Reads a journal directory from end to end; damage is an error, a torn tail is reported.
pub fn verify(dir: &Path) -> Result<Report, JournalError> {
    stats(dir).map(|stats| stats.report)
}

/// Reads a journal directory from end to end, as [`verify`] does, and measures what it holds.
pub fn stats(dir: &Path) -> Result<Stats, JournalError> {
    let mut reader = JournalReader::open(dir)?;
    let header = &reader.cursor().segment.header;
    let (previous_date, previous_chain) = (header.previous_date, header.previous_chain);
    let (mut records, mut payload_bytes, mut payload_bytes_max) = (0_u64, 0_u64, 0);
    let mut first = None;
    while let Some(record) = reader.next_record()? {
        let bytes = file_bytes(record.payload.len());
        first = first.or(Some((record.seq, record.ts)));
        records = records.saturating_add(1);
        payload_bytes = payload_bytes.saturating_add(bytes);
        payload_bytes_max = payload_bytes_max.max(bytes);
    }
    let cursor = reader.cursor();
    let totals = cursor.totals;
    let report = Report {
        path: dir.to_owned(),
        trade_date: reader.trade_date(),
        previous_date,
        previous_chain,
        durability: reader.durability(),
        records,
        batches: totals.batches,
        segments: cursor.segment.header.segment,
        bytes: totals.segment_bytes.saturating_add(cursor.offset),
        first_seq: first.map(|(seq, _)| seq),
        last_seq: reader.last_seq(),
        first_ts: first.map(|(_, ts)| ts),
        last_ts: first.map(|_| reader.last_ts()),
        chain_tip: reader.chain_tip(),
        ending: reader.ending(),
        tear: reader.tear(),
    };
    Ok(Stats {
        report,
        payload_bytes,
        payload_bytes_max,
        batch_records_max: totals.batch_records_max,
        batch_bytes_max: totals.batch_bytes_max,
        closings: totals.closings,
    })
}

/// Verifies every day under `root` and the chain between the days; returns them in order.
///
/// The first day that is still there may follow one that was archived.
pub fn verify_days(root: &Path) -> Result<Vec<Report>, JournalError> {
    let mut reports: Vec<Report> = Vec::new();
    for date in directory::trade_dates(root)? {
        let report = verify(&directory::journal_path(root, date))?;
        if let Some(before) = reports.last() {
            check_follows(before, &report)?;
        }
        reports.push(report);
    }
    Ok(reports)
}

fn check_follows(before: &Report, report: &Report) -> Result<(), JournalError> {
    if before.ending != Ending::Sealed {
        return Err(JournalError::NotSealed { path: before.path.clone() });
    }
    let damage = |name, expected: String, found: String| {
        let path = directory::segment_path(&report.path, 1);
        Err(JournalError::Damage {
            place: Place { path, offset: 0, seq: Seq::FIRST },
            reason: DamageReason::HeaderField { name, expected, found },
            committed_bytes: 0,
        })
    };
    if report.previous_date != Some(before.trade_date) {
        let found = report.previous_date.map_or("none".to_owned(), |date| date.to_string());
        return damage("previous date", before.trade_date.to_string(), found);
    }
    if report.previous_chain != before.chain_tip {
        let found = report.previous_chain.to_string();
        return damage("previous chain", before.chain_tip.to_string(), found);
    }
    Ok(())
}
