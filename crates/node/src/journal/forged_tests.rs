//! Journals whose every checksum holds and whose content breaks a rule.
//!
//! Such a file is not a torn one: someone or something wrote it. Each is damage, never cut.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::cursor::{Advance, Cursor, Settled};
use super::v1::{self, Header, Kind, Mark};
use super::value::{ChainHash, Durability, Seq, Ts};
use super::{BATCH_RECORDS_MAX, DamageReason, JournalError, JournalReader, TradeDate, directory};

const SEED: u32 = 7;

/// A journal directory of its own, with segments made by hand.
struct Forge {
    dir: PathBuf,
}

/// One segment in the making.
#[derive(Clone)]
struct Draft {
    header: Header,
    bytes: Vec<u8>,
    chain: ChainHash,
    /// Record frames since the last end.
    frames: Vec<u8>,
}

impl Forge {
    fn new() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("ringfence-forged-{}-{number}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        fs::create_dir(&dir).unwrap();
        Self { dir }
    }

    fn write(&self, draft: &Draft) {
        let path = directory::segment_path(&self.dir, draft.header.segment);
        let bytes = [draft.bytes.as_slice(), &draft.frames].concat();
        fs::write(path, bytes).unwrap();
    }

    /// Reads to the end and returns why that failed.
    fn damage(&self) -> DamageReason {
        match read(&self.dir) {
            Err(JournalError::Damage { reason, .. }) => reason,
            other => panic!("expected damage, found {other:?}"),
        }
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.dir));
    }
}

impl Draft {
    fn first() -> Self {
        Self::new(Header {
            durability: Durability::Process,
            segment: 1,
            trade_date: TradeDate::new(2012, 8, 1).unwrap(),
            previous_date: None,
            first_seq: Seq::FIRST,
            floor: Ts::MIN,
            previous_chain: ChainHash::NONE,
            frame_seed: SEED,
        })
    }

    fn new(header: Header) -> Self {
        let (bytes, chain) = (header.encode(), header.chain_start());
        Self { header, bytes, chain, frames: Vec::new() }
    }

    /// The header that may follow, after `last_seq` at `last_ts`.
    fn next_header(&self, last_seq: u64, last_ts: i64) -> Header {
        Header {
            segment: 2,
            first_seq: Seq::new(last_seq + 1),
            floor: Ts::from_nanos(last_ts),
            previous_chain: self.chain,
            ..self.header.clone()
        }
    }

    fn record(mut self, seq: u64, ts: i64) -> Self {
        let place = (Seq::new(seq), Ts::from_nanos(ts));
        assert!(v1::put_record(&mut self.frames, SEED, place, b"record"));
        self
    }

    fn mark(mut self, kind: Kind, seq: u64, ts: i64, records: u32) -> Self {
        let mark = Mark { kind, seq: Seq::new(seq), ts: Ts::from_nanos(ts), records };
        let (frame, chain) = mark.encode(SEED, &self.chain, &self.frames);
        self.bytes.append(&mut self.frames);
        self.bytes.extend(frame);
        self.chain = chain;
        self
    }

    fn end(self, seq: u64, ts: i64, records: u32) -> Self {
        self.mark(Kind::BatchEnd, seq, ts, records)
    }
}

fn read(dir: &Path) -> Result<u64, JournalError> {
    let mut reader = JournalReader::open(dir)?;
    let mut records = 0;
    while reader.next_record()?.is_some() {
        records += 1;
    }
    Ok(records)
}

/// I7: contiguous numbers, time that never falls, right counts and an unbroken chain are checked on
/// read, although every checksum holds.
#[test]
fn a_forged_batch_is_damage() {
    let begun = || Draft::first().record(1, 10).record(2, 10).end(2, 10, 2);
    let other_chain = Draft { chain: ChainHash([1; 32]), ..begun() };
    let sequence = |found| DamageReason::Sequence { found: Seq::new(found) };
    let time =
        |found| DamageReason::Time { previous: Ts::from_nanos(10), found: Ts::from_nanos(found) };
    for (draft, expected) in [
        (begun().record(2, 10).end(2, 10, 1), sequence(2)),
        (begun().record(4, 10).end(4, 10, 1), sequence(4)),
        (begun().record(3, 9).end(3, 9, 1), time(9)),
        (begun().record(3, 10).end(4, 10, 1), sequence(4)),
        (begun().record(3, 10).end(3, 11, 1), time(11)),
        (begun().record(3, 10).end(3, 10, 2), DamageReason::Count { found: 1, expected: 2 }),
        (begun().end(2, 10, 0), DamageReason::Count { found: 0, expected: 0 }),
        (
            begun().record(3, 10).mark(Kind::Close, 3, 10, 1),
            DamageReason::Count { found: 1, expected: 1 },
        ),
        (begun().mark(Kind::Seal, 2, 10, 0).record(3, 10).end(3, 10, 1), DamageReason::AfterSeal),
    ] {
        let forge = Forge::new();
        forge.write(&draft);
        assert_eq!(expected, forge.damage());
    }
    let forge = Forge::new();
    forge.write(&other_chain.record(3, 10).end(3, 10, 1));
    assert!(matches!(forge.damage(), DamageReason::Chain { .. }));
    forge.write(&begun().record(3, 10).end(3, 10, 1));
    assert_eq!(3, read(&forge.dir).unwrap(), "the forger can also write a sound journal");
}

/// A frame of a kind that this version does not know is damage, not the end.
#[test]
fn an_unknown_kind_is_damage() {
    let forge = Forge::new();
    let mut draft = Draft::first().record(1, 1).end(1, 1, 1).record(2, 1);
    draft.frames[20] = 0x77;
    let body = draft.frames.len() - 4;
    let mut hasher = crc32fast::Hasher::new_with_initial(SEED);
    hasher.update(&draft.frames[..body]);
    draft.frames.splice(body.., hasher.finalize().to_le_bytes());
    forge.write(&draft);
    assert_eq!(DamageReason::Kind { found: 0x77 }, forge.damage());
}

/// A batch beyond its bound is damage: nothing that reads it has to hold it.
#[test]
fn a_batch_beyond_its_bound_is_damage() {
    let forge = Forge::new();
    let records = u64::from(BATCH_RECORDS_MAX) + 1;
    let mut draft = Draft::first();
    for seq in 1..=records {
        draft = draft.record(seq, 1);
    }
    forge.write(&draft.end(records, 1, BATCH_RECORDS_MAX + 1));
    assert_eq!(DamageReason::BatchTooLong, forge.damage());
}

/// I7: every field of a segment header must continue the segment in front of it.
#[test]
fn a_segment_must_continue_the_one_in_front() {
    let first = Draft::first().record(1, 10).end(1, 10, 1);
    let sound = first.next_header(1, 10);
    let expect = |header: Header, expected: &str| {
        let forge = Forge::new();
        forge.write(&first);
        let draft = Draft::new(header).record(2, 10).end(2, 10, 1);
        let path = directory::segment_path(&forge.dir, 2);
        fs::write(path, &draft.bytes).unwrap();
        match read(&forge.dir) {
            Ok(records) => assert_eq!((2, ""), (records, expected)),
            Err(JournalError::Damage {
                reason: DamageReason::HeaderField { name, .. }, ..
            }) => assert_eq!(expected, name),
            other => panic!("{expected}: {other:?}"),
        }
    };
    expect(sound.clone(), "");
    let other_date = TradeDate::new(2012, 8, 2).unwrap();
    expect(Header { segment: 3, ..sound.clone() }, "segment");
    expect(Header { durability: Durability::Disk, ..sound.clone() }, "durability");
    expect(Header { trade_date: other_date, ..sound.clone() }, "trade date");
    expect(Header { frame_seed: SEED + 1, ..sound.clone() }, "frame seed");
    expect(Header { first_seq: Seq::new(3), ..sound.clone() }, "first seq");
    expect(Header { floor: Ts::from_nanos(9), ..sound.clone() }, "floor");
    expect(Header { previous_chain: first.header.chain_start(), ..sound }, "previous chain");
}

/// A first segment with another number, or whose records do not begin at 1, is damage.
#[test]
fn a_first_segment_begins_the_day() {
    for (header, expected) in [
        (Header { segment: 2, ..Draft::first().header }, "segment"),
        (Header { first_seq: Seq::new(2), ..Draft::first().header }, "first seq"),
        (Header { first_seq: Seq::new(0), ..Draft::first().header }, "first seq"),
    ] {
        let forge = Forge::new();
        fs::write(directory::segment_path(&forge.dir, 1), header.encode()).unwrap();
        let reason = forge.damage();
        assert!(
            matches!(reason, DamageReason::HeaderField { name, .. } if name == expected),
            "{reason:?}"
        );
    }
}

/// Nothing follows a seal, not even an empty segment.
#[test]
fn a_segment_behind_a_seal_is_damage() {
    let forge = Forge::new();
    let sealed = Draft::first().record(1, 10).end(1, 10, 1).mark(Kind::Seal, 1, 10, 0);
    forge.write(&sealed);
    assert_eq!(1, read(&forge.dir).unwrap());
    forge.write(&Draft::new(sealed.next_header(1, 10)));
    assert_eq!(DamageReason::AfterSeal, forge.damage());
}

/// What looks damaged while a writer is at work counts only at a second look.
#[test]
fn damage_needs_a_second_look() {
    let forge = Forge::new();
    let whole = Draft::first().record(1, 1).end(1, 1, 1).record(2, 1).record(3, 1).end(3, 1, 2);
    let path = directory::segment_path(&forge.dir, 1);
    // The reader passed over the second batch's beginning before the writer wrote it.
    let mut seen = whole.bytes.clone();
    let begin = whole.bytes.len() - 61 - 2 * 31;
    seen[begin..begin + 20].fill(0);
    let settle = |shown_later: &[u8]| {
        fs::write(&path, &seen).unwrap();
        let mut cursor = Cursor::open(&forge.dir).unwrap();
        assert!(matches!(cursor.advance().unwrap(), Advance::Batch(_)));
        let Advance::Stopped(stop) = cursor.advance().unwrap() else {
            panic!("half a batch was taken for a whole one")
        };
        fs::write(&path, shown_later).unwrap();
        cursor.settle(stop)
    };
    assert!(matches!(settle(&whole.bytes).unwrap(), Settled::Batch(_)));
    assert!(matches!(settle(&seen), Err(JournalError::Damage { .. })));
}
