//! Measures commits and replay of the journal on this machine.
//!
//! `journal_bench [DIR] [BATCHES]`: nanoseconds per commit for batches of 1, 16, 64 and 256 records
//! of 100 bytes under both durabilities, and the rate at which a reader verifies them. DIR should
//! be on the disk that counts; without it a directory for temporary files is used. Left out: making
//! the records, the kernel, the network.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ringfence_node::journal::{
    Durability, JournalOptions, JournalReader, JournalWriter, TradeDate, Ts,
};

const PAYLOAD: [u8; 100] = [0x5A; 100];
const BATCH_RECORDS: [u32; 4] = [1, 16, 64, 256];
const REPLAY_RECORDS: u32 = 4_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let parent = arguments.next().map_or_else(env::temp_dir, PathBuf::from);
    let batches = arguments.next().map_or(Ok(2000), |text| text.parse::<u32>())?;
    let root = parent.join(format!("ringfence-journal-bench-{}", std::process::id()));
    let outcome = run(&root, batches);
    std::fs::remove_dir_all(&root)?;
    outcome
}

fn run(root: &Path, batches: u32) -> Result<(), Box<dyn Error>> {
    println!(
        "{:<10} {:>8} {:>12} {:>12} {:>12} {:>14}",
        "durability", "records", "p50 ns/commit", "p99", "max", "records/s"
    );
    for durability in [Durability::Process, Durability::Disk] {
        for records in BATCH_RECORDS {
            let dir = root.join(format!("{durability}-{records}"));
            measure_commits(&dir, durability, records, batches)?;
        }
    }
    measure_replay(&root.join("replay"))
}

fn measure_commits(
    root: &Path,
    durability: Durability,
    records: u32,
    batches: u32,
) -> Result<(), Box<dyn Error>> {
    let mut writer = begin(root, durability)?;
    let mut nanos = Vec::new();
    let begun = Instant::now();
    for _ in 0..batches {
        for _ in 0..records {
            writer.append(Ts::from_nanos(0), &PAYLOAD)?;
        }
        let start = Instant::now();
        writer.commit()?;
        nanos.push(start.elapsed().as_nanos());
    }
    let rate = u128::from(records) * u128::from(batches) * 1_000_000_000
        / begun.elapsed().as_nanos().max(1);
    nanos.sort_unstable();
    let at = |share: usize| nanos.get(nanos.len() * share / 1000).or(nanos.last()).copied();
    let (p50, p99, max) = (at(500).unwrap_or(0), at(990).unwrap_or(0), at(1000).unwrap_or(0));
    println!("{durability:<10} {records:>8} {p50:>12} {p99:>12} {max:>12} {rate:>14}");
    writer.close()?;
    Ok(())
}

fn measure_replay(root: &Path) -> Result<(), Box<dyn Error>> {
    let mut writer = begin(root, Durability::Process)?;
    for number in 0..REPLAY_RECORDS {
        writer.append(Ts::from_nanos(0), &PAYLOAD)?;
        if number % 64 == 63 {
            writer.commit()?;
        }
    }
    let dir = writer.options().path();
    writer.close()?;
    for _ in 0..3 {
        let start = Instant::now();
        let mut reader = JournalReader::open(&dir)?;
        let mut bytes = 0;
        while let Some(record) = reader.next_record()? {
            bytes += record.payload.len();
        }
        let rate = u128::from(REPLAY_RECORDS) * 1_000_000_000 / start.elapsed().as_nanos().max(1);
        println!("replay     {rate:>12} records/s, {bytes} bytes, tip {}", reader.chain_tip());
    }
    Ok(())
}

fn begin(root: &Path, durability: Durability) -> Result<JournalWriter, Box<dyn Error>> {
    let trade_date = "2012-08-01".parse::<TradeDate>()?;
    Ok(JournalWriter::create(JournalOptions::new(root, trade_date, durability))?)
}
