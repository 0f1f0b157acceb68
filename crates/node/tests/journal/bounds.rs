//! Every bound is reached: payload, batch, options, time, one writer.

use std::time::Duration;

use ringfence_node::journal::{
    BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Durability, JournalError, JournalOptions, JournalReader,
    JournalWriter, PAYLOAD_BYTES_MAX, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, SYNC_INTERVAL_MAX,
    SYNC_INTERVAL_MIN, Seq, verify,
};

use crate::common::{TestDir, commit, contents, day, limited, options, ts};

fn writer(root: &TestDir) -> JournalWriter {
    JournalWriter::create(options(root.path(), Durability::Process)).unwrap()
}

/// Style 7: the longest payload passes and comes back; one byte more is refused.
#[test]
fn a_payload_has_a_longest_length() {
    let root = TestDir::new();
    let mut writer = writer(&root);
    let longest = vec![7; PAYLOAD_BYTES_MAX];
    let longer = vec![7; PAYLOAD_BYTES_MAX + 1];
    assert_eq!(Seq::new(1), writer.append(ts(1), &longest).unwrap());
    assert!(writer.has_room(PAYLOAD_BYTES_MAX) && !writer.has_room(PAYLOAD_BYTES_MAX + 1));
    let refusal = writer.append(ts(1), &longer);
    assert!(
        matches!(refusal, Err(JournalError::PayloadTooLong { seq, .. }) if seq == Seq::new(2)),
        "{refusal:?}"
    );
    assert_eq!(1, writer.commit().unwrap().records);
    assert_eq!(vec![(1, longest)], contents(&writer.options().path()));
}

/// Style 7: a batch is bounded in records; the record too many is refused, the batch commits.
#[test]
fn a_batch_has_a_largest_number_of_records() {
    limited(|| {
        let root = TestDir::new();
        let mut writer = writer(&root);
        for _ in 0..BATCH_RECORDS_MAX {
            assert!(writer.has_room(0));
            writer.append(ts(0), b"").unwrap();
        }
        assert!(!writer.has_room(0));
        let refusal = writer.append(ts(0), b"");
        assert!(
            matches!(refusal, Err(JournalError::BatchFull { records: BATCH_RECORDS_MAX, .. })),
            "{refusal:?}"
        );
        assert_eq!(BATCH_RECORDS_MAX, writer.commit().unwrap().records);
        commit(&mut writer, &[b"after"]);
        let report = verify(&writer.options().path()).unwrap();
        assert_eq!(u64::from(BATCH_RECORDS_MAX) + 1, report.records);
        assert_eq!(2, report.batches);
    });
}

/// Style 7: a batch is bounded in bytes, its end included; a batch filled to the last byte is read
/// back whole, from a segment made as long as it.
#[test]
fn a_batch_has_a_largest_number_of_bytes() {
    limited(|| {
        let root = TestDir::new();
        let mut writer = writer(&root);
        let payload = vec![1; PAYLOAD_BYTES_MAX];
        let mut left = BATCH_BYTES_MAX - 61;
        while left >= PAYLOAD_BYTES_MAX + 25 {
            writer.append(ts(0), &payload).unwrap();
            left -= PAYLOAD_BYTES_MAX + 25;
        }
        assert!(writer.has_room(left - 25) && !writer.has_room(left - 24));
        let refusal = writer.append(ts(0), &payload[..left - 24]);
        assert!(matches!(refusal, Err(JournalError::BatchFull { .. })), "{refusal:?}");
        writer.append(ts(0), &payload[..left - 25]).unwrap();
        let committed = writer.commit().unwrap();
        assert_eq!(u64::try_from(BATCH_BYTES_MAX).unwrap(), committed.bytes);
        commit(&mut writer, &[b"after"]);
        let report = verify(&writer.options().path()).unwrap();
        assert_eq!((2, 3), (report.batches, report.segments));
        assert_eq!(writer.chain_tip(), report.chain_tip);
    });
}

/// I7: time never falls, within a batch, across batches and across a restart; equal times pass.
#[test]
fn time_never_falls() {
    let root = TestDir::new();
    let mut writer = writer(&root);
    let fell = |result: Result<Seq, JournalError>, expected: u64| match result {
        Err(JournalError::TimeFell { seq, previous, found }) => {
            assert_eq!((Seq::new(expected), ts(5), ts(4)), (seq, previous, found));
        }
        other => panic!("expected a refusal, found {other:?}"),
    };
    writer.append(ts(5), b"a").unwrap();
    fell(writer.append(ts(4), b"b"), 2);
    writer.append(ts(5), b"b").unwrap();
    writer.commit().unwrap();
    fell(writer.append(ts(4), b"c"), 3);
    drop(writer);
    let options = options(root.path(), Durability::Process);
    let (mut writer, _) = JournalWriter::open(options).unwrap();
    fell(writer.append(ts(4), b"c"), 3);
    assert_eq!(Seq::new(3), writer.append(ts(5), b"c").unwrap());
}

/// The times of a day may be as low and as high as 64 bits reach.
#[test]
fn the_extreme_times_pass() {
    let root = TestDir::new();
    let mut writer = writer(&root);
    writer.append(ts(i64::MIN), b"a").unwrap();
    writer.append(ts(i64::MAX), b"b").unwrap();
    writer.commit().unwrap();
    let report = verify(&writer.options().path()).unwrap();
    assert_eq!((Some(ts(i64::MIN)), Some(ts(i64::MAX))), (report.first_ts, report.last_ts));
}

/// An empty commit writes nothing, so that a turn of the loop without records costs no sync.
#[test]
fn an_empty_commit_writes_nothing() {
    let root = TestDir::new();
    let mut writer = writer(&root);
    let tip = writer.chain_tip();
    let committed = writer.commit().unwrap();
    assert_eq!((0, 0, None, tip), {
        (committed.records, committed.bytes, committed.last_seq, committed.chain_tip)
    });
    assert_eq!(0, verify(&writer.options().path()).unwrap().batches);
}

/// Records appended and not committed are nowhere: a reader sees whole batches only.
#[test]
fn a_record_is_seen_only_after_its_commit() {
    let root = TestDir::new();
    let mut writer = writer(&root);
    commit(&mut writer, &[b"a", b"b"]);
    writer.append(ts(9), b"c").unwrap();
    assert_eq!(1, writer.batch_records());
    assert_eq!((Seq::new(4), Some(Seq::new(2))), (writer.next_seq(), writer.last_seq()));
    assert_eq!(2, contents(&writer.options().path()).len());
}

/// A second writer is refused as long as the first lives, and told which process holds the journal.
#[test]
fn a_second_writer_is_refused() {
    let root = TestDir::new();
    let first = writer(&root);
    let second = JournalWriter::open(first.options().clone()).map(|_| ());
    match second {
        Err(JournalError::Locked { pid, path }) => {
            assert_eq!(Some(std::process::id()), pid);
            assert_eq!(root.path().join("writer.lock"), path);
        }
        other => panic!("expected a refusal, found {other:?}"),
    }
    let next =
        JournalOptions { trade_date: "2012-08-02".parse().unwrap(), ..first.options().clone() };
    assert!(matches!(JournalWriter::create(next), Err(JournalError::Locked { .. })));
    let options = first.options().clone();
    drop(first);
    JournalWriter::open(options).unwrap();
}

/// Options out of their range are refused by name; the ends of the ranges pass.
#[test]
fn options_have_ranges() {
    let refused = |change: fn(&mut JournalOptions), expected: &str| {
        let root = TestDir::new();
        let mut options = JournalOptions::new(root.path(), day(), Durability::Process);
        change(&mut options);
        match JournalWriter::create(options) {
            Err(JournalError::Option { name, .. }) => assert_eq!(expected, name),
            other => panic!("expected a refusal, found {other:?}"),
        }
    };
    refused(|options| options.segment_bytes = SEGMENT_BYTES_MIN - 1, "segment_bytes");
    refused(|options| options.segment_bytes = SEGMENT_BYTES_MAX + 1, "segment_bytes");
    refused(|options| options.sync_interval = Duration::ZERO, "sync_interval");
    refused(
        |options| options.sync_interval = SYNC_INTERVAL_MAX + Duration::from_nanos(1),
        "sync_interval",
    );
    for (segment_bytes, sync_interval) in
        [(SEGMENT_BYTES_MIN, SYNC_INTERVAL_MIN), (8192, SYNC_INTERVAL_MAX)]
    {
        let root = TestDir::new();
        let options = JournalOptions::new(root.path(), day(), Durability::Process);
        let options = JournalOptions { segment_bytes, sync_interval, ..options };
        let mut writer = JournalWriter::create(options).unwrap();
        commit(&mut writer, &[b"a"]);
    }
}

/// A reader needs no lock and no writer; two of them may read what a writer is writing.
#[test]
fn readers_need_no_lock() {
    let root = TestDir::new();
    let mut writer = writer(&root);
    commit(&mut writer, &[b"a"]);
    let dir = writer.options().path();
    let mut readers = [JournalReader::open(&dir).unwrap(), JournalReader::open(&dir).unwrap()];
    for reader in &mut readers {
        assert_eq!(b"a", reader.next_record().unwrap().unwrap().payload);
    }
}
