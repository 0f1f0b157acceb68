//! Folding a journal: every record in order, the earliest failure told (I6, R59).

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use ringfence_kernel::event::{ChildAcknowledged, FactTaken};
use ringfence_kernel::types::ChildId;
use ringfence_kernel::{Event, Input, Kernel, ReplayError, encode};
use ringfence_node::engine::{Engine, EngineError, replay, verify};
use ringfence_node::journal::{Durability, JournalWriter, Ts};
use ringfence_node::jsonl;

use crate::common::{TestDir, options, segments};

/// More than several batches of those that are decoded ahead.
const RECORDS: i64 = 3_000;

const GATEWAY: &str = r#"{"ts": 1, "input": "gateway_definition", "node": "N1", "build": "b",
    "base_currency": "USD", "error_account": "err", "rearm_max": 1}"#;

fn tick(ts: i64) -> (ringfence_kernel::types::Ts, Input) {
    let line = format!(r#"{{"ts": {ts}, "input": "tick"}}"#);
    jsonl::parse_line(line.as_bytes(), 1).unwrap()
}

/// Writes records of ticks, with `forged` in place of the record of its number.
fn forge(root: &Path, forged: &[(i64, i64, Vec<u8>)]) -> PathBuf {
    let options = options(root, Durability::Process);
    let dir = options.path();
    let mut writer = JournalWriter::create(options).unwrap();
    for number in 1..=RECORDS {
        let other = forged.iter().find(|(at, _, _)| *at == number);
        let (ts, payload) = match other {
            Some((_, ts, payload)) => (*ts, payload.clone()),
            None => (number, payload(&[FactTaken {}.into()])),
        };
        if !writer.has_room(payload.len()) {
            writer.commit().unwrap();
        }
        writer.append(Ts::from_nanos(ts), &payload).unwrap();
    }
    writer.close().unwrap();
    dir
}

fn payload(events: &[Event]) -> Vec<u8> {
    let (_, input) = tick(1);
    let mut bytes = Vec::new();
    encode(&input, events, &mut bytes);
    bytes
}

fn failure(dir: &Path) -> (u64, ReplayError) {
    match replay(dir) {
        Err(EngineError::Replay { seq, why }) => (seq, why),
        Err(other) => panic!("another error: {other}"),
        Ok(engine) => panic!("replayed {} records", engine.seq()),
    }
}

#[test]
fn i6_a_long_journal_folds_to_the_live_state() {
    let root = TestDir::new();
    let mut engine = Engine::new(Kernel::new());
    engine.open_journal(options(root.path(), Durability::Process)).unwrap();
    let (ts, gateway) = jsonl::parse_line(GATEWAY.as_bytes(), 1).unwrap();
    engine.step(ts, &gateway).unwrap();
    for number in 1..RECORDS {
        let (ts, input) = tick(number);
        engine.step(ts, &input).unwrap();
    }
    engine.close_journal().unwrap();
    let dir = options(root.path(), Durability::Process).path();
    let live = engine.kernel().state().digest();
    let folded = replay(&dir).unwrap();
    assert_eq!((folded.seq(), folded.kernel().state().digest()), (engine.seq(), live));
    let decided = verify(&dir).unwrap();
    assert_eq!((decided.seq(), decided.kernel().state().digest()), (engine.seq(), live));
}

#[test]
fn the_earliest_record_that_does_not_fold_is_the_one_that_is_told() {
    let malformed = |at: i64| (at, at, vec![200, 1, 2]);
    for at in [1, 2, 256, 257, 1_000, RECORDS] {
        let root = TestDir::new();
        let dir = forge(root.path(), &[malformed(at), malformed(RECORDS)]);
        assert_eq!(failure(&dir), (u64::try_from(at).unwrap(), ReplayError::Malformed));
    }
}

#[test]
fn a_record_that_breaks_an_invariant_panics_on_the_thread_that_asked() {
    let root = TestDir::new();
    let stray = ChildAcknowledged { child_id: ChildId::new(7) };
    let dir = forge(root.path(), &[(700, 700, payload(&[stray.into()])), (900, 900, vec![200])]);
    let outcome = catch_unwind(AssertUnwindSafe(|| replay(&dir).map(drop)));
    let panic = outcome.unwrap_err();
    let text = panic.downcast_ref::<String>().map_or("", String::as_str);
    assert!(text.contains("row 7 is not in its table"), "{text}");
}

#[test]
fn a_journal_that_does_not_fold_keeps_its_torn_tail() {
    let root = TestDir::new();
    let dir = forge(root.path(), &[(RECORDS, RECORDS, vec![200])]);
    let last = segments(&dir).pop().unwrap();
    let mut torn = fs::read(&last).unwrap();
    torn.extend_from_slice(&[30, 0, 0]);
    fs::write(&last, &torn).unwrap();
    let mut engine = Engine::new(Kernel::new());
    let opened = engine.open_journal(options(root.path(), Durability::Process));
    assert!(matches!(opened, Err(EngineError::Replay { seq: 3_000, .. })), "{opened:?}");
    assert_eq!(torn, fs::read(&last).unwrap());
    let (ts, input) = tick(RECORDS);
    assert!(matches!(engine.step(ts, &input), Err(EngineError::Halted)));
}

#[test]
fn a_journal_is_gone_on_with_where_it_ended() {
    let root = TestDir::new();
    let dir = forge(root.path(), &[]);
    let mut engine = Engine::new(Kernel::new());
    let found = engine.open_journal(options(root.path(), Durability::Process)).unwrap();
    assert_eq!(Some(RECORDS.unsigned_abs()), found.map(|found| found.records));
    let (ts, input) = tick(RECORDS + 1);
    engine.step(ts, &input).unwrap();
    engine.close_journal().unwrap();
    let folded = replay(&dir).unwrap();
    assert_eq!(folded.kernel().state().digest(), engine.kernel().state().digest());
    assert_eq!(RECORDS.unsigned_abs() + 1, folded.seq());
}
