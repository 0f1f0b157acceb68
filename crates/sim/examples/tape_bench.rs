//! Times the readers of a tape on files given by name, already decompressed.
//!
//! Usage: `tape_bench trades|quotes|itch FILE`, `tape_bench lobster MESSAGES BOOK` or
//! `tape_bench reconstruction MINUTES VENUES CROSSES SYMBOL`. Prints events, seconds, a rate and a
//! checksum over all events.

use std::error::Error;
use std::time::Instant;

use ringfence_kernel::types::Name;
use ringfence_sim::tape::reconstruction::{Reconstruction, Tables};
use ringfence_sim::tape::{Tape, TapeEvent, Whole, itch, lobster, ticks};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let symbol = Name::clipped("BENCH");
    let read = |path: &str| std::fs::read(path).map(Whole::new);
    match words.as_slice() {
        ["trades", path] => {
            let feed = read(path)?;
            timed(|| ticks::trades(symbol, feed))
        }
        ["quotes", path] => {
            let feed = read(path)?;
            timed(|| ticks::quotes(symbol, feed))
        }
        ["itch", path] => {
            let bytes = std::fs::read(path)?;
            let framing = itch::Framing::of(&bytes);
            timed(|| itch::itch(framing, Whole::new(bytes)))
        }
        ["lobster", messages, book] => {
            let (messages, book) = (read(messages)?, read(book)?);
            timed(|| lobster::lobster(symbol, messages, book))
        }
        ["reconstruction", minutes, venues, crosses, symbol] => {
            let text = std::fs::read_to_string;
            let tables = Tables::parse(&text(minutes)?, &text(venues)?, &text(crosses)?)?;
            let tape = Reconstruction::open(&tables, Name::clipped(symbol), 1)?;
            timed(|| tape)
        }
        _ => Err("expected the kind of a tape and its files".into()),
    }
}

fn timed<T: Tape>(open: impl FnOnce() -> T) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut tape = open();
    let (mut events, mut checksum) = (0_u64, 0_u64);
    while let Some(event) = tape.next()? {
        events += 1;
        checksum = folded(checksum, &event);
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = f64::from(u32::try_from(events)?) / seconds;
    println!("events {events} seconds {seconds:.3} per_second {rate:.0} checksum {checksum:016x}");
    Ok(())
}

fn folded(checksum: u64, event: &TapeEvent) -> u64 {
    let (qty, px) = event.what.volume().unwrap_or_default();
    let words = [
        event.at.nanos().unsigned_abs(),
        qty.units(),
        px.map_or(0, |px| px.nanos().unsigned_abs()),
    ];
    words.iter().fold(checksum, |sum, word| (sum ^ word).wrapping_mul(0x0100_0000_01B3))
}
