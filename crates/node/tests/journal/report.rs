//! What a journal says about itself, and what is no journal.

use std::fs;

use ringfence_node::journal::{
    Durability, Ending, JournalError, JournalWriter, TearKind, stats, verify, verify_days,
};

use crate::common::{TestDir, commit, day, noise, options, segment, ts};

/// Section 8: `verify` counts records, batches, segments and bytes and names the ends and the tip.
#[test]
fn a_report_says_what_is_in_the_journal() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Disk);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    let empty = verify(&options.path()).unwrap();
    assert_eq!((0, 0, 1, 80), (empty.records, empty.batches, empty.segments, empty.bytes));
    assert_eq!((None, None, None, None), {
        (empty.first_seq, empty.last_seq, empty.first_ts, empty.last_ts)
    });
    assert_eq!(writer.chain_tip(), empty.chain_tip);

    writer.append(ts(-3), b"12345").unwrap();
    writer.append(ts(10), b"").unwrap();
    writer.commit().unwrap();
    commit_big(&mut writer);
    let tip = writer.close().unwrap().chain_tip;

    let stats = stats(&options.path()).unwrap();
    let report = &stats.report;
    assert_eq!((3, 2, 2), (report.records, report.batches, report.segments));
    assert_eq!(80 + 30 + 25 + 61 + 80 + 4025 + 61 + 61, report.bytes);
    assert_eq!((Some(1), Some(3)), {
        (report.first_seq.map(|seq| seq.get()), report.last_seq.map(|seq| seq.get()))
    });
    assert_eq!((Some(ts(-3)), Some(ts(11))), (report.first_ts, report.last_ts));
    assert_eq!((day(), Durability::Disk, Ending::Closed), {
        (report.trade_date, report.durability, report.ending)
    });
    assert_eq!((tip, tip.to_string()), (report.chain_tip, report.chain_tip_hex()));
    assert_eq!(64, report.chain_tip_hex().len());
    assert_eq!((4005, 4000), (stats.payload_bytes, stats.payload_bytes_max));
    assert_eq!((2, 4086, 1), (stats.batch_records_max, stats.batch_bytes_max, stats.closings));
}

fn commit_big(writer: &mut JournalWriter) {
    writer.append(ts(11), &noise(3, 4000)).unwrap();
    writer.commit().unwrap();
}

/// A torn tail is reported by `verify`, which changes nothing.
#[test]
fn verify_reports_a_tear_and_leaves_it() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Disk);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    commit(&mut writer, &[b"a"]);
    commit(&mut writer, &[b"b"]);
    drop(writer);
    let path = segment(&options.path(), 1);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..80 + 87 + 30]).unwrap();
    let report = verify(&options.path()).unwrap();
    let tear = report.tear.unwrap();
    // Three of the thirty bytes are zero like the space behind them.
    assert_eq!((167, 27, 1, TearKind::Prefix), (tear.offset, tear.bytes, tear.records, tear.kind));
    assert_eq!((1, Ending::Unclosed), (report.records, report.ending));
    assert_eq!(bytes[..197], fs::read(&path).unwrap());
}

/// A directory without a journal, a foreign file and a later format are named as what they are.
#[test]
fn what_is_no_journal_is_named() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Disk);
    assert!(verify_days(&root.path().join("none")).unwrap().is_empty());
    let missing = verify(&options.path());
    assert!(matches!(missing, Err(JournalError::Missing { .. })), "{missing:?}");
    let missing = JournalWriter::open(options.clone());
    assert!(matches!(missing, Err(JournalError::Missing { .. })), "{missing:?}");
    JournalWriter::create(options.clone()).unwrap().close().unwrap();
    let path = segment(&options.path(), 1);
    let bytes = fs::read(&path).unwrap();

    fs::write(&path, b"not a journal, but long enough to be taken for one at a first glance")
        .unwrap();
    let foreign = verify(&options.path());
    assert!(matches!(foreign, Err(JournalError::NotAJournal { .. })), "{foreign:?}");
    let mut later = bytes.clone();
    later[8] = 2;
    fs::write(&path, later).unwrap();
    match verify(&options.path()) {
        Err(JournalError::UnknownVersion { found, expected, .. }) => {
            assert_eq!((2, 1), (found, expected));
        }
        other => panic!("expected a refusal, found {other:?}"),
    }
    fs::write(&path, &bytes[..79]).unwrap();
    assert!(matches!(verify(&options.path()), Err(JournalError::Damage { .. })));
    // The right journal under the wrong name.
    fs::write(&path, &bytes).unwrap();
    let renamed = root.path().join("2012-08-09");
    fs::rename(options.path(), &renamed).unwrap();
    assert!(matches!(verify(&renamed), Err(JournalError::Damage { .. })));
    let copy = root.path().join("copy");
    fs::rename(&renamed, &copy).unwrap();
    assert_eq!(day(), verify(&copy).unwrap().trade_date);
}

/// The opening shows each record once, in order, and an error of the visitor changes nothing.
#[test]
fn opening_shows_the_records() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Process);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    commit(&mut writer, &[b"a", b"b"]);
    commit(&mut writer, &[b"c"]);
    drop(writer);
    let before = fs::read(segment(&options.path(), 1)).unwrap();
    for refused in [Some(2), None] {
        let stopped = JournalWriter::open_with(options.clone(), |record| {
            let seq = record.map(|record| record.seq.get());
            if seq == refused { Err(Refused::Visitor) } else { Ok(()) }
        });
        assert!(matches!(stopped, Err(Refused::Visitor)), "{refused:?}");
        assert_eq!(before, fs::read(segment(&options.path(), 1)).unwrap());
    }
    let mut seen = Vec::new();
    let (writer, recovered) = JournalWriter::open_with(options, |record| {
        seen.push(record.map(|record| (record.seq.get(), record.ts, record.payload.to_vec())));
        Ok::<(), JournalError>(())
    })
    .unwrap();
    let of = |seq: u64, at: i64, payload: &[u8]| Some((seq, ts(at), payload.to_vec()));
    assert_eq!(vec![of(1, 1, b"a"), of(2, 2, b"b"), of(3, 3, b"c"), None], seen);
    assert_eq!((3, writer.last_seq()), (recovered.records, recovered.last_seq));
}

#[derive(Debug)]
enum Refused {
    Visitor,
    Journal,
}

impl From<JournalError> for Refused {
    fn from(_: JournalError) -> Self {
        Self::Journal
    }
}
