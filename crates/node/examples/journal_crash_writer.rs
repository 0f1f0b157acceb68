//! Appends and commits until it is killed, and prints each acknowledged sequence number.
//!
//! `journal_crash_writer ROOT TRADE_DATE process|disk SEED BATCHES` goes on with the journal under
//! ROOT, or begins it. Batches have 1 to 16 records; a record's payload is derived from its number,
//! so that a test can tell whether it is the right one. A line on standard output means that the
//! number in it, and every smaller one, is durable.

use std::env;
use std::error::Error;
use std::io::{self, Write};

use ringfence_node::journal::{Durability, JournalError, JournalOptions, JournalWriter, Ts};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [root, trade_date, durability, seed, batches] = arguments.as_slice() else {
        return Err("expected: ROOT TRADE_DATE process|disk SEED BATCHES".into());
    };
    let durability = match durability.as_str() {
        "process" => Durability::Process,
        "disk" => Durability::Disk,
        other => return Err(format!("expected process or disk, found {other}").into()),
    };
    let options = JournalOptions {
        segment_bytes: 64 * 1024,
        ..JournalOptions::new(root, trade_date.parse()?, durability)
    };
    let mut writer = match JournalWriter::open(options.clone()) {
        Err(JournalError::Missing { .. }) => JournalWriter::create(options)?,
        opened => opened?.0,
    };
    let mut sizes = Noise::new(seed.parse()?);
    let mut out = io::stdout().lock();
    for _ in 0..batches.parse::<u32>()? {
        for _ in 0..=sizes.next() % 16 {
            let seq = writer.next_seq().get();
            let length = usize::try_from(seq * 37 % 251)?;
            let mut payload = Noise::new(seq);
            let payload: Vec<u8> = (0..length).map(|_| payload.next()).collect();
            writer.append(Ts::from_nanos(i64::try_from(seq)?), &payload)?;
        }
        let committed = writer.commit()?;
        if let Some(seq) = committed.last_seq {
            writeln!(out, "{seq}")?;
            out.flush()?;
        }
    }
    Ok(())
}

/// A repeatable stream of bytes (xorshift64).
struct Noise(u64);

impl Noise {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1))
    }

    fn next(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let [_, _, _, byte, ..] = self.0.to_le_bytes();
        byte
    }
}
