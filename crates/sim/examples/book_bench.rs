//! Times the fast order book; `ringfence bench book` makes the stream and reads the answer.
//!
//! `book_bench STREAM` prints one JSON object. STREAM has a line for each call, in three phases:
//! `insert,ID,SIDE,TICKS,QTY` rests, `cancel,ID` cancels, `match,ID,SIDE,TICKS,QTY` takes. A tick
//! is a hundredth. The stream runs twice: every call timed by itself, then each phase without a
//! clock between the calls. Both runs must say the same, event for event, and so must the plain
//! book where the stream is short.
//!
//! Left out: reading the stream, sockets, Python. A call that is timed singly includes one reading
//! of the clock, whose price is printed as `clock_ns`.

use std::env;
use std::error::Error;
use std::fs;
use std::hash::{BuildHasher, Hash, Hasher};
use std::hint::black_box;
use std::time::{Duration, Instant};

use ringfence_kernel::types::map::{FixedSeed, MAP_SEED};
use ringfence_kernel::types::{Price, Qty, Side, TimeInForce};
use ringfence_sim::book::{
    Book, BookEvent, BookLimits, BookOrder, BookOrderId, BookOrderKind, FastBook, OwnerId,
    PlainBook, Visibility,
};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;
type Row = serde_json::Value;

const PHASES: [&str; 3] = ["insert", "cancel", "match"];
const TICK_NANOS: i64 = 10_000_000;
/// Calls between two readings of the clock when a phase is timed together: few, so that their
/// events stay in the cache.
const CHUNK: usize = 256;
const CLOCK_READINGS: u32 = 100_000;
/// Longest stream that the plain book runs as well, in calls.
const PLAIN_CALLS_MAX: usize = 2_000;

/// One call of the stream.
#[derive(Clone, Copy)]
enum Call {
    Submit(BookOrder),
    Cancel(BookOrderId),
}

/// What a run of the stream leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outcomes {
    checksum: u64,
    trades: usize,
    traded: u64,
    left: usize,
}

fn main() -> Outcome<()> {
    let path = env::args().nth(1).ok_or("usage: book_bench STREAM")?;
    let text = fs::read_to_string(&path).map_err(|why| format!("{path}: {why}"))?;
    let phases = stream(&text)?;
    let (mut rows, outcomes) = timed_singly(&phases)?;
    let (rates, again) = timed_together(&phases)?;
    rows.extend(rates);
    must_equal(again, outcomes)?;
    let calls: usize = phases.iter().map(Vec::len).sum();
    if calls <= PLAIN_CALLS_MAX {
        must_equal(plainly(&phases), outcomes)?;
    }
    println!(
        "{}",
        json!({
            "results": rows,
            "checksum": format!("{:016x}", outcomes.checksum),
            "trades": outcomes.trades,
            "traded_qty": outcomes.traded,
            "orders_left": outcomes.left,
            "compared_with_plain": calls <= PLAIN_CALLS_MAX,
            "clock_ns": clock_ns(),
        })
    );
    Ok(())
}

/// Returns the calls of each phase.
fn stream(text: &str) -> Outcome<[Vec<Call>; 3]> {
    let mut phases = [const { Vec::new() }; 3];
    for line in text.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        let phase = PHASES.iter().position(|name| cells.first() == Some(name));
        let calls = phase.and_then(|phase| phases.get_mut(phase));
        calls.ok_or_else(|| format!("no call: {line}"))?.push(call(&cells)?);
    }
    Ok(phases)
}

fn call(cells: &[&str]) -> Outcome<Call> {
    match cells {
        [_, id] => Ok(Call::Cancel(BookOrderId::new(id.parse()?))),
        [_, id, side, ticks, qty] => Ok(Call::Submit(BookOrder {
            id: BookOrderId::new(id.parse()?),
            owner: OwnerId::new(1),
            side: Side::from_name(side).ok_or("no side")?,
            kind: BookOrderKind::Limit(Price::from_nanos(ticks.parse::<i64>()? * TICK_NANOS)),
            time_in_force: TimeInForce::Day,
            qty: Qty::new(qty.parse()?),
            min_qty: None,
            visibility: Visibility::Displayed,
            post_only: false,
        })),
        _ => Err(format!("no call: {cells:?}").into()),
    }
}

fn apply(book: &mut dyn Book, call: &Call, events: &mut Vec<BookEvent>) {
    match call {
        Call::Submit(order) => book.submit(*order, events),
        Call::Cancel(id) => book.cancel(*id, events),
    }
}

fn timed_singly(phases: &[Vec<Call>; 3]) -> Outcome<(Vec<Row>, Outcomes)> {
    let mut book = FastBook::new(BookLimits::default());
    let mut tally = Tally::new();
    let mut rows = Vec::new();
    let mut events = Vec::with_capacity(1_024);
    for (phase, calls) in PHASES.iter().zip(phases) {
        let mut taken = Vec::with_capacity(calls.len());
        for call in calls {
            events.clear();
            let begun = Instant::now();
            apply(&mut book, call, &mut events);
            taken.push(whole_ns(begun.elapsed()));
            tally.note(&events);
        }
        rows.push(spread(phase, taken)?);
    }
    Ok((rows, tally.outcomes(&book)))
}

/// Times each phase without a clock between its calls; events are counted between chunks.
fn timed_together(phases: &[Vec<Call>; 3]) -> Outcome<(Vec<Row>, Outcomes)> {
    let mut book = FastBook::new(BookLimits::default());
    let mut tally = Tally::new();
    let mut rows = Vec::new();
    let mut events = Vec::with_capacity(CHUNK * 4);
    for (phase, calls) in PHASES.iter().zip(phases) {
        let mut taken = Duration::ZERO;
        for chunk in calls.chunks(CHUNK) {
            events.clear();
            let begun = Instant::now();
            for call in chunk {
                apply(&mut book, black_box(call), &mut events);
            }
            taken += begun.elapsed();
            tally.note(&events);
        }
        rows.push(json!({
            "case": format!("{phase}, back to back"),
            "unit": "calls/s",
            "n": calls.len(),
            "rate": per_second(calls.len(), taken),
        }));
    }
    Ok((rows, tally.outcomes(&book)))
}

fn plainly(phases: &[Vec<Call>; 3]) -> Outcomes {
    let mut book = PlainBook::new(BookLimits::default());
    let mut tally = Tally::new();
    for call in phases.iter().flatten() {
        let mut events = Vec::new();
        apply(&mut book, call, &mut events);
        tally.note(&events);
    }
    tally.outcomes(&book)
}

/// Digest and count of events.
struct Tally {
    digest: ringfence_kernel::types::map::WordHasher,
    trades: usize,
    traded: u64,
}

impl Tally {
    fn new() -> Self {
        Self { digest: FixedSeed(MAP_SEED).build_hasher(), trades: 0, traded: 0 }
    }
    fn note(&mut self, events: &[BookEvent]) {
        for event in events {
            event.hash(&mut self.digest);
            if let BookEvent::Trade(trade) = event {
                self.trades += 1;
                self.traded += trade.qty.units();
            }
        }
    }
    fn outcomes(mut self, book: &dyn Book) -> Outcomes {
        for order in [Side::Buy, Side::Sell].into_iter().flat_map(|side| book.resting(side)) {
            order.hash(&mut self.digest);
        }
        let (checksum, left) = (self.digest.finish(), book.order_count());
        Outcomes { checksum, trades: self.trades, traded: self.traded, left }
    }
}

fn must_equal(found: Outcomes, expected: Outcomes) -> Outcome<()> {
    if found == expected {
        return Ok(());
    }
    Err(format!("two runs of one stream differ: {expected:?}, {found:?}").into())
}

/// Returns percentiles by nearest rank, and the rate of the sum.
fn spread(case: &str, mut taken: Vec<u64>) -> Outcome<Row> {
    taken.sort_unstable();
    let at =
        |per_mille: usize| taken.get((taken.len() * per_mille).div_ceil(1_000).max(1) - 1).copied();
    let all = Duration::from_nanos(taken.iter().sum());
    Ok(json!({
        "case": case,
        "unit": "ns/call",
        "n": taken.len(),
        "p50": at(500).ok_or("an empty phase")?,
        "p99": at(990),
        "p99_9": at(999),
        "max": taken.last(),
        "rate": per_second(taken.len(), all),
    }))
}

fn per_second(count: usize, taken: Duration) -> u64 {
    let nanos = taken.as_nanos().max(1);
    let count = u128::try_from(count).unwrap_or(u128::MAX);
    u64::try_from(count * 1_000_000_000 / nanos).unwrap_or(u64::MAX)
}

fn whole_ns(taken: Duration) -> u64 {
    u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX)
}

fn clock_ns() -> u64 {
    let begun = Instant::now();
    for _ in 0..CLOCK_READINGS {
        black_box(Instant::now());
    }
    whole_ns(begun.elapsed() / CLOCK_READINGS)
}
