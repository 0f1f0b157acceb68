//! One record is read again: any of them, in any order, after a restart, and never a damaged one.

use std::fs;

use ringfence_node::journal::{DamageReason, Durability, JournalError, JournalWriter, Seq};

use crate::common::{TestDir, commit, limited, noise, options, segments, ts};

/// Payloads of different lengths, the longest beyond a segment of the tests.
fn payloads() -> Vec<Vec<u8>> {
    let length = |n: u64| match n % 97 {
        0 => 9_000,
        rest => 11 * usize::try_from(rest).unwrap(),
    };
    (1..=400).map(|n| noise(n, length(n))).collect()
}

/// Reads every record from the last to the first, in strides, and in order.
fn assert_reads(writer: &mut JournalWriter, expected: &[Vec<u8>]) {
    let count = u64::try_from(expected.len()).unwrap();
    let strided = (0..count).map(|n| n * 37 % count + 1);
    let order = (1..=count).rev().chain(strided).chain(1..=count);
    for seq in order {
        let mut found = b"kept".to_vec();
        let at = writer.read_record(Seq::new(seq), &mut found).unwrap();
        assert_eq!(ts(i64::try_from(seq).unwrap()), at);
        let expected = &expected[usize::try_from(seq - 1).unwrap()];
        assert_eq!([b"kept", expected.as_slice()].concat(), found, "record {seq}");
    }
}

/// Decision 0008: whatever was committed is found again, over many segments, by the writer that
/// wrote it, by one after a stop in good order and by one after a crash, and while it goes on.
#[test]
fn every_record_is_found_over_segments_and_restarts() {
    limited(|| {
        let (dir, payloads) = (TestDir::new(), payloads());
        let options = options(dir.path(), Durability::Process);
        let mut writer = JournalWriter::create(options.clone()).unwrap();
        let mut written = 0;
        for (part, end) in [(1, 150), (7, 151), (3, 300)] {
            for batch in payloads[written..end].chunks(part) {
                commit(&mut writer, &batch.iter().map(Vec::as_slice).collect::<Vec<_>>());
            }
            written = end;
            assert_reads(&mut writer, &payloads[..written]);
            writer = match part {
                7 => {
                    drop(writer);
                    JournalWriter::open(options.clone()).unwrap().0
                }
                _ => {
                    writer.close().unwrap();
                    JournalWriter::open(options.clone()).unwrap().0
                }
            };
            assert_reads(&mut writer, &payloads[..written]);
        }
        assert!(segments(&options.path()).len() > 20);
    });
}

/// What is behind the place read last was not written yet at that time: it is read afresh.
#[test]
fn a_record_that_came_after_the_last_look_is_found() {
    let dir = TestDir::new();
    let mut writer = JournalWriter::create(options(dir.path(), Durability::Disk)).unwrap();
    for number in 1..=300_u64 {
        commit(&mut writer, &[&noise(number, 20)]);
        let mut found = Vec::new();
        writer.read_record(Seq::new(number), &mut found).unwrap();
        assert_eq!(noise(number, 20), found);
    }
}

/// A number that was given and not committed, or never given, is an error and not an old record.
#[test]
fn a_record_that_is_not_committed_is_refused() {
    let dir = TestDir::new();
    let mut writer = JournalWriter::create(options(dir.path(), Durability::Disk)).unwrap();
    commit(&mut writer, &[b"one"]);
    writer.append(ts(2), b"two").unwrap();
    for seq in [0, 2, 3, u64::MAX] {
        let found = writer.read_record(Seq::new(seq), &mut Vec::new());
        let Err(JournalError::NotCommitted { last_seq, .. }) = found else {
            panic!("expected a refusal of {seq}, found {found:?}");
        };
        assert_eq!(Some(Seq::new(1)), last_seq);
    }
    writer.commit().unwrap();
    let mut found = Vec::new();
    writer.read_record(Seq::new(2), &mut found).unwrap();
    assert_eq!(b"two".as_slice(), found);
}

/// Bytes that changed under the writer are an error with their place, and nothing is handed out.
#[test]
fn damage_is_an_error_with_its_place() {
    let dir = TestDir::new();
    let options = options(dir.path(), Durability::Disk);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    for number in 1..=100_u64 {
        commit(&mut writer, &[&noise(number, 200)]);
    }
    let path = segments(&options.path()).remove(2);
    let whole = fs::read(&path).unwrap();
    // The payload of the segment's first record, behind the header and the head of the frame.
    let mut changed = whole.clone();
    changed[80 + 21 + 50] ^= 1;
    fs::write(&path, &changed).unwrap();
    let first = u64::from_le_bytes(whole[24..32].try_into().unwrap());
    let mut out = Vec::new();
    match writer.read_record(Seq::new(first), &mut out) {
        Err(JournalError::Damage { place, reason: DamageReason::Checksum, .. }) => {
            assert_eq!((&path, 80, first), (&place.path, place.offset, place.seq.get()));
        }
        other => panic!("expected damage, found {other:?}"),
    }
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let torn = writer.read_record(Seq::new(first + 10), &mut out);
    assert!(matches!(torn, Err(JournalError::Damage { .. })), "{torn:?}");
    assert!(out.is_empty());
    // Whole again, it is read again: nothing of the failure was kept.
    fs::write(&path, &whole).unwrap();
    let mut found = Vec::new();
    writer.read_record(Seq::new(first), &mut found).unwrap();
    assert_eq!(noise(first, 200), found);
}
