//! Times the kernel on prepared inputs; `ringfence bench kernel` makes them and reads the answer.
//!
//! `kernel_bench measure INPUTS JOURNALS GROUPS` prints one JSON object. INPUTS is a directory of
//! files that hold encoded inputs, one after another: `world` (everything before the first order),
//! `mix`, `orders`, `refused_early` and `refused_late`, each to be stepped after `world`, and
//! `small_world` with `small_orders`, a broker whose rows stay in the cache. JOURNALS is a
//! directory on the disk that counts; every journal is written there and removed. GROUPS is the
//! most commits per journal.
//!
//! `kernel_bench count INPUTS [NAME...] NAME` steps `world` and the files in order, the last of
//! them in one call of `counted_steps`, for a tool that counts the instructions of that function.
//!
//! Left out: reading and decoding the inputs, sockets, Python. A step that is timed singly includes
//! one reading of the clock, whose price is printed as `clock_ns`.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use ringfence_kernel::types::value::{Bytes, Malformed, Value};
use ringfence_kernel::types::{ExecType, Ts};
use ringfence_kernel::{Event, Input, Kernel};
use ringfence_node::engine::{self, Engine};
use ringfence_node::journal::{Durability, JournalOptions, TradeDate};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;
type Timed = (Ts, Input);
type Row = serde_json::Value;

/// Inputs decoded at a time: few, so that they do not push the state out of the caches.
const CHUNK: usize = 256;
/// Records that share one durable write, one journal each.
const GROUPS: [usize; 4] = [1, 16, 64, 256];
/// Records that share one durable write in the journal that is replayed.
const REPLAY_GROUP: usize = 64;
const REPLAY_COUNT: usize = 3;
const CLOCK_READINGS: u32 = 100_000;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["measure", inputs, journals, groups] => {
            measure(Path::new(inputs), Path::new(journals), groups.parse()?)
        }
        ["count", inputs, before @ .., name] => count(Path::new(inputs), before, name),
        _ => {
            Err("usage: kernel_bench measure INPUTS JOURNALS GROUPS | count INPUTS [NAME...] NAME"
                .into())
        }
    }
}

/// Steps inputs and returns the number of events; never inlined, so that a tool can find it.
#[inline(never)]
fn counted_steps(kernel: &mut Kernel, inputs: &[Timed]) -> usize {
    let events = |(ts, input): &Timed| kernel.step(*ts, input).map_or(0, <[Event]>::len);
    inputs.iter().map(events).sum()
}

fn count(folder: &Path, before: &[&str], name: &str) -> Outcome<()> {
    let mut kernel = Inputs::read(folder, "world")?.kernel()?;
    for name in before {
        Inputs::read(folder, name)?.feed(&mut kernel)?;
    }
    let mut inputs = Vec::new();
    Inputs::read(folder, name)?.each(|timed| {
        inputs.push(timed.clone());
        Ok(())
    })?;
    let events = counted_steps(&mut kernel, &inputs);
    let (steps, state) = (inputs.len(), hash(&kernel));
    println!("{}", json!({"name": name, "steps": steps, "events": events, "state_hash": state}));
    Ok(())
}

fn measure(folder: &Path, journals: &Path, groups: usize) -> Outcome<()> {
    let world = Inputs::read(folder, "world")?;
    let mix = Inputs::read(folder, "mix")?;
    let orders = Inputs::read(folder, "orders")?;
    let mut results = timed_singly(&world, &mix, kind, false)?;
    for name in ["refused_early", "refused_late"] {
        let refused = Inputs::read(folder, name)?;
        results.append(&mut timed_singly(&world, &refused, |_| name, true)?);
    }
    let (row, _) = timed_together(&world, &orders, "new_order, back to back")?;
    results.push(row);
    let small_world = Inputs::read(folder, "small_world")?;
    let small_orders = Inputs::read(folder, "small_orders")?;
    let case = "new_order, small broker";
    results.append(&mut timed_singly(&small_world, &small_orders, |_| case, false)?);
    let case = "new_order, small broker, back to back";
    let (row, _) = timed_together(&small_world, &small_orders, case)?;
    results.push(row);
    let (row, state) = timed_together(&world, &mix, "mix, back to back")?;
    results.push(row);
    for group in GROUPS {
        results.append(&mut timed_journal(&world, &orders, journals, None, group, groups)?);
    }
    for durability in [Durability::Process, Durability::Disk] {
        for group in GROUPS {
            let kind = Some(durability);
            results.append(&mut timed_journal(&world, &orders, journals, kind, group, groups)?);
        }
    }
    results.append(&mut timed_replay(&world, &mix, journals, &state)?);
    println!("{}", json!({"results": results, "state_hash": state, "clock_ns": clock_ns()}));
    Ok(())
}

/// Encoded inputs of one file.
struct Inputs(Vec<u8>);

impl Inputs {
    fn read(folder: &Path, name: &str) -> Outcome<Self> {
        let path = folder.join(name);
        fs::read(&path).map(Self).map_err(|why| format!("{}: {why}", path.display()).into())
    }
    /// Calls `take` with the inputs in order, a few at a time.
    fn chunks(&self, mut take: impl FnMut(&[Timed]) -> Outcome<()>) -> Outcome<()> {
        let malformed = |_: Malformed| "the file is not a sequence of inputs";
        let mut bytes = Bytes::new(&self.0);
        let mut chunk = Vec::with_capacity(CHUNK);
        while !bytes.is_empty() {
            chunk.clear();
            while !bytes.is_empty() && chunk.len() < CHUNK {
                let ts = Ts::take(&mut bytes).map_err(malformed)?;
                chunk.push((ts, Input::take(&mut bytes).map_err(malformed)?));
            }
            take(&chunk)?;
        }
        Ok(())
    }
    fn each(&self, mut take: impl FnMut(&Timed) -> Outcome<()>) -> Outcome<()> {
        self.chunks(|chunk| chunk.iter().try_for_each(&mut take))
    }
    fn feed(&self, kernel: &mut Kernel) -> Outcome<()> {
        self.each(|(ts, input)| match kernel.step(*ts, input) {
            Ok(_) => Ok(()),
            Err(why) => Err(why.to_string().into()),
        })
    }
    /// Returns a new kernel that took all of them.
    fn kernel(&self) -> Outcome<Kernel> {
        let mut kernel = Kernel::new();
        self.feed(&mut kernel)?;
        Ok(kernel)
    }
}

/// Times every step by itself and returns one row for each name that `case` gives an input.
fn timed_singly(
    world: &Inputs,
    inputs: &Inputs,
    case: impl Fn(&Input) -> &'static str,
    refusals: bool,
) -> Outcome<Vec<Row>> {
    let mut kernel = world.kernel()?;
    let mut nanos: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    inputs.each(|(ts, input)| {
        let begun = Instant::now();
        let events = kernel.step(*ts, input).map_err(|why| why.to_string())?;
        let taken = begun.elapsed();
        if matches!(events.last(), Some(Event::Denied(_))) != refusals {
            return Err(format!("unexpected answer to {input:?}: {events:?}").into());
        }
        nanos.entry(case(input)).or_default().push(whole_ns(taken));
        Ok(())
    })?;
    let rows = nanos.into_iter().map(|(case, taken)| spread(case, "ns/step", taken, None));
    Ok(rows.collect())
}

/// Returns what an input is called in the results.
fn kind(input: &Input) -> &'static str {
    let Input::VenueReport(report) = input else { return input.name() };
    if report.exec_type == ExecType::Trade {
        "venue_report fill"
    } else if report.exec_type == ExecType::New {
        "venue_report ack"
    } else {
        "venue_report canceled"
    }
}

/// Times the steps of each chunk in one piece; returns the row and the digest of the state.
fn timed_together(world: &Inputs, inputs: &Inputs, case: &str) -> Outcome<(Row, String)> {
    let mut kernel = world.kernel()?;
    let (mut taken, mut steps) = (Duration::ZERO, 0);
    inputs.chunks(|chunk| {
        let begun = Instant::now();
        black_box(counted_steps(&mut kernel, chunk));
        taken += begun.elapsed();
        steps += chunk.len();
        Ok(())
    })?;
    Ok((rate(case, "steps/s", steps, taken), hash(&kernel)))
}

/// Times groups of orders, each with the commit that makes it durable.
fn timed_journal(
    world: &Inputs,
    orders: &Inputs,
    journals: &Path,
    durability: Option<Durability>,
    group: usize,
    groups: usize,
) -> Outcome<Vec<Row>> {
    let (mut engine, folder) = journaled(world, journals, durability)?;
    let (mut steps, mut commits) = (Vec::new(), Vec::new());
    let (mut all, mut waiting) = (Duration::ZERO, 0);
    let mut begun = Instant::now();
    orders.each(|(ts, input)| {
        if steps.len() >= groups {
            return Ok(());
        }
        if waiting == 0 {
            begun = Instant::now();
        }
        engine.step(*ts, input)?;
        waiting += 1;
        if waiting == group {
            let decided = Instant::now();
            engine.commit()?;
            let taken = begun.elapsed();
            commits.push(whole_ns(decided.elapsed()));
            steps.push(whole_ns(taken) / u64::try_from(group)?);
            all += taken;
            waiting = 0;
        }
        Ok(())
    })?;
    engine.close_journal()?;
    let count = steps.len() * group;
    let name = durability.map_or("off", Durability::name);
    let case = format!("new_order, journal {name}, group {group}");
    let mut rows = vec![spread(&case, "ns/step", steps, Some(per_second(count, all)))];
    if let Some(folder) = folder {
        fs::remove_dir_all(folder)?;
        let case = format!("commit, journal {name}, group {group}");
        rows.push(spread(&case, "ns", commits, None));
    }
    Ok(rows)
}

/// Times folding and verifying a journal of the whole mix, world included.
fn timed_replay(world: &Inputs, mix: &Inputs, journals: &Path, state: &str) -> Outcome<Vec<Row>> {
    let (mut engine, folder) = journaled(world, journals, Some(Durability::Process))?;
    let mut events = usize::try_from(engine.seq())?;
    let mut waiting = 0;
    mix.each(|(ts, input)| {
        events += engine.step(*ts, input)?.len();
        waiting = (waiting + 1) % REPLAY_GROUP;
        if waiting == 0 { engine.commit().map_err(Into::into) } else { Ok(()) }
    })?;
    engine.close_journal()?;
    let records = usize::try_from(engine.seq())?;
    let folder = folder.ok_or("a journal has a folder")?;
    let day = fs::read_dir(&folder)?.next().ok_or("the journal has a day")??.path();
    let mut fold = Vec::new();
    for _ in 0..REPLAY_COUNT {
        let begun = Instant::now();
        let folded = engine::replay(&day)?;
        fold.push(begun.elapsed());
        must_equal(&hash(folded.kernel()), state)?;
    }
    let begun = Instant::now();
    let decided = engine::verify(&day)?;
    let verify = begun.elapsed();
    must_equal(&hash(decided.kernel()), state)?;
    fs::remove_dir_all(folder)?;
    fold.sort_unstable();
    let fold = fold.get(REPLAY_COUNT / 2).copied().unwrap_or_default();
    Ok(vec![
        rate("replay", "records/s", records, fold),
        rate("replay, events", "events/s", events, fold),
        rate("verify", "records/s", records, verify),
    ])
}

fn journaled(
    world: &Inputs,
    journals: &Path,
    durability: Option<Durability>,
) -> Outcome<(Engine, Option<std::path::PathBuf>)> {
    let mut engine = Engine::new(Kernel::new());
    let folder = match durability {
        None => None,
        Some(durability) => {
            let folder = journals.join(format!("kernel-bench-{}", std::process::id()));
            let day: TradeDate = "2013-08-01".parse()?;
            engine.open_journal(JournalOptions::new(&folder, day, durability))?;
            Some(folder)
        }
    };
    world.each(|(ts, input)| Ok(engine.step(*ts, input).map(drop)?))?;
    engine.commit()?;
    Ok((engine, folder))
}

fn must_equal(found: &str, expected: &str) -> Outcome<()> {
    if found == expected {
        return Ok(());
    }
    Err(format!("replay gives state {found}, the run gave {expected}").into())
}

fn hash(kernel: &Kernel) -> String {
    kernel.state().digest().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the spread of times as a row, by nearest rank.
fn spread(case: &str, unit: &str, mut nanos: Vec<u64>, rate: Option<u64>) -> Row {
    nanos.sort_unstable();
    let at = |thousandths: usize| {
        let rank = (nanos.len() * thousandths).div_ceil(1000).max(1);
        nanos.get(rank - 1).copied()
    };
    json!({
        "case": case, "unit": unit, "n": nanos.len(), "p50": at(500), "p99": at(990),
        "p99_9": at(999), "max": nanos.last(), "rate": rate,
    })
}

fn rate(case: &str, unit: &str, count: usize, taken: Duration) -> Row {
    let rate = per_second(count, taken);
    json!({
        "case": case, "unit": unit, "n": count, "p50": null, "p99": null, "p99_9": null,
        "max": null, "rate": rate,
    })
}

fn per_second(count: usize, taken: Duration) -> u64 {
    let count = u128::try_from(count).unwrap_or(u128::MAX);
    u64::try_from(count.saturating_mul(1_000_000_000) / taken.as_nanos().max(1)).unwrap_or(u64::MAX)
}

fn whole_ns(taken: Duration) -> u64 {
    u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX)
}

/// Returns what one reading of the clock costs, in nanoseconds.
fn clock_ns() -> u64 {
    let begun = Instant::now();
    for _ in 0..CLOCK_READINGS {
        black_box(Instant::now());
    }
    whole_ns(begun.elapsed()) / u64::from(CLOCK_READINGS)
}
