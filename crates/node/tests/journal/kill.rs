//! kill -9 at any moment loses no acknowledged record.

use std::hint;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ringfence_node::journal::{Durability, Ending, JournalReader, verify_days};

use crate::common::{TestDir, day, limited, noise};

/// Kills per durability.
const KILLS: u64 = 20;
/// Batches after which the writer ends by itself, so that a broken test cannot hang.
const BATCHES_MAX: u32 = 100_000;

/// The example program `journal_crash_writer`, which `cargo test` builds beside the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(2).unwrap();
    let program = target.join("examples/journal_crash_writer");
    assert!(program.exists(), "build it first: cargo build -p ringfence-node --examples");
    program
}

fn start(root: &Path, durability: Durability, seed: u64) -> Child {
    Command::new(program())
        .arg(root)
        .args([day().to_string(), durability.name().to_owned(), seed.to_string()])
        .arg(BATCHES_MAX.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets the writer run for a seeded while, kills it, and returns the last number it acknowledged.
fn run_and_kill(root: &Path, durability: Durability, seed: u64) -> u64 {
    let mut child = start(root, durability, seed);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let moment = noise(seed, 4);
    let mut last = 0;
    let mut take = |line: Option<std::io::Result<String>>| {
        if let Some(seq) = line.and_then(Result::ok).and_then(|line| line.parse::<u64>().ok()) {
            assert!(seq > last, "acknowledged {seq} after {last}");
            last = seq;
        }
    };
    for _ in 0..moment[0] {
        take(lines.next());
    }
    // The moment within a commit is random too.
    for _ in 0..u32::from(moment[1]) * 64 {
        hint::spin_loop();
    }
    child.kill().unwrap();
    lines.for_each(|line| take(Some(line)));
    child.wait().unwrap();
    last
}

/// R59, I5, I7: after each of many kills at random moments every acknowledged record is there,
/// the chain is whole, and the next writer goes on where the last one stopped.
#[test]
fn every_acknowledged_record_survives_kill_9() {
    for durability in [Durability::Process, Durability::Disk] {
        limited(move || {
            let root = TestDir::new();
            let dir = root.path().join(day().to_string());
            let (mut acknowledged, mut kills_in_commit) = (0, 0);
            for seed in 0..KILLS {
                acknowledged = run_and_kill(root.path(), durability, seed).max(acknowledged);
                if !dir.exists() {
                    continue;
                }
                let mut reader = JournalReader::open(&dir).unwrap();
                let mut last = 0;
                while let Some(record) = reader.next_record().unwrap() {
                    last += 1;
                    assert_eq!(last, record.seq.get());
                    // The example derives the payload from the number.
                    let length = usize::try_from(last * 37 % 251).unwrap();
                    assert_eq!(noise(last, length), record.payload, "seq {last}");
                }
                assert!(last >= acknowledged, "{last} found, {acknowledged} acknowledged");
                kills_in_commit += u64::from(reader.tear().is_some() || last > acknowledged);
            }
            assert!(acknowledged > 1000, "the writer got to work: {acknowledged}");
            // Under `process` a commit is too short for a kill to hit one in every run.
            assert!(
                kills_in_commit > 0 || durability == Durability::Process,
                "no kill came between a write and its acknowledgement"
            );
            let reports = verify_days(root.path()).unwrap();
            assert_eq!(Ending::Unclosed, reports[0].ending);
            assert!(reports[0].segments > 1, "{reports:?}");
        });
    }
}
