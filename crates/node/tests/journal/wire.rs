//! Journals in which sessions have a part: the kernel reads its own, and it is all shown.

use std::path::{Path, PathBuf};

use ringfence_fix::record::{Event, join};
use ringfence_kernel::{Kernel, ReplayError};
use ringfence_node::engine::{Engine, EngineError, replay, verify};
use ringfence_node::journal::{Durability, JournalReader, JournalWriter};
use ringfence_node::jsonl::{self, RecordFault};

use crate::common::{TestDir, contents, options};

const LINES: [&str; 3] = [
    r#"{"ts": 1, "input": "gateway_definition", "node": "N1", "build": "b",
        "base_currency": "USD", "error_account": "err", "rearm_max": 1}"#,
    r#"{"ts": 2, "input": "tick"}"#,
    r#"{"ts": 5, "input": "tick"}"#,
];

fn plain(root: &Path) -> (PathBuf, String) {
    let options = options(root, Durability::Process);
    let mut engine = Engine::new(Kernel::new());
    engine.open_journal(options.clone()).unwrap();
    for line in LINES {
        let (ts, input) = jsonl::parse_line(line.as_bytes(), 1).unwrap();
        engine.step(ts, &input).unwrap();
    }
    engine.close_journal().unwrap();
    (options.path(), format!("{:?}", engine.kernel().state().digest()))
}

/// Writes the records of `dir` again, each second one with a wire part, and one of sessions alone
/// in front of each.
fn with_sessions(dir: &Path, root: &Path) -> PathBuf {
    let options = options(root, Durability::Process);
    let mut reader = JournalReader::open(dir).unwrap();
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    while let Some(record) = reader.next_record().unwrap() {
        let seq = record.seq.get();
        let mut wire = Vec::new();
        Event::Received { session: 1, seq }.encode(&mut wire);
        let mut alone = Vec::new();
        join(&wire, b"", &mut alone);
        writer.append(record.ts, &alone).unwrap();
        let mut payload = Vec::new();
        join(if seq % 2 == 0 { &wire } else { b"" }, record.payload, &mut payload);
        writer.append(record.ts, &payload).unwrap();
    }
    writer.close().unwrap();
    options.path()
}

/// Decision 0008, I6: fold, verification and a start give the state of a journal without sessions.
#[test]
fn the_kernel_reads_its_own_part() {
    let (one, two) = (TestDir::new(), TestDir::new());
    let (dir, live) = plain(one.path());
    let dir = with_sessions(&dir, two.path());
    for engine in [replay(&dir).unwrap(), verify(&dir).unwrap()] {
        assert_eq!(live, format!("{:?}", engine.kernel().state().digest()));
        assert_eq!(6, engine.seq());
    }
    let mut engine = Engine::new(Kernel::new());
    engine.open_journal(options(two.path(), Durability::Process)).unwrap();
    assert_eq!(live, format!("{:?}", engine.kernel().state().digest()));
}

/// Decision 0008: a record is shown with its wire part, and without an input where it has none.
#[test]
fn every_part_is_shown() {
    let (one, two) = (TestDir::new(), TestDir::new());
    let (dir, _) = plain(one.path());
    let shown = |dir: &Path| {
        let show = |(seq, payload): (u64, Vec<u8>)| {
            let (mut line, ts) = (String::new(), ringfence_kernel::types::Ts::from_nanos(7));
            jsonl::write_record(seq, ts, &payload, &mut line).unwrap();
            line
        };
        contents(dir).into_iter().map(show).collect::<Vec<_>>()
    };
    let before = shown(&dir);
    let after = shown(&with_sessions(&dir, two.path()));
    let wire = r#","wire":[{"event":"Received","session":1,"seq":2}],"#;
    assert_eq!(format!(r#"{{"seq":3,"ts":7{wire}"input":null,"events":[]}}"#), after[2]);
    let expected = before[1].replace(r#""seq":2"#, r#""seq":4"#);
    assert_eq!(expected.replace(r#""ts":7,"#, &format!(r#""ts":7{wire}"#)), after[3]);
    assert_eq!(before[2].replace(r#""seq":3"#, r#""seq":6"#), after[5]);
}

/// A wire part of another version is an error, not an input.
#[test]
fn an_unknown_wire_part_is_refused() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Process);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    let payload = [0, 200, 0, 0, 0, 0];
    writer.append(crate::common::ts(1), &payload).unwrap();
    writer.close().unwrap();
    for found in [replay(&options.path()), verify(&options.path())] {
        match found {
            Err(EngineError::Replay { seq: 1, why: ReplayError::Malformed }) => {}
            other => panic!("expected a malformed record, found {other:?}"),
        }
    }
    let ts = ringfence_kernel::types::Ts::from_nanos(1);
    let shown = jsonl::write_record(1, ts, &payload, &mut String::new());
    assert!(matches!(shown, Err(RecordFault::Wire(_))), "{shown:?}");
}
