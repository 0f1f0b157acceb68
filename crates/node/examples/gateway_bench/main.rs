//! Times a gateway from bytes in to bytes out; `ringfence bench gateway` makes the inputs and reads
//! the answer.
//!
//! `gateway_bench INPUTS JOURNALS ORDERS SECONDS RUNS` prints one JSON object. INPUTS is a
//! directory with two files of encoded inputs: `world` (definitions, then facts) and `orders`.
//! JOURNALS is a directory on the disk that counts; every journal is written there and removed. A
//! case has ORDERS orders, or as many as fit into SECONDS at its rate; of its RUNS the middle one
//! counts.
//!
//! `gateway_bench count INPUTS ORDERS` runs the path once without journal and sockets, for a
//! profiler.
//!
//! Inside (`inside.rs`): bytes into the endpoint, records and bytes out of it, no sockets. On the
//! wire (`wire.rs`): a host on its thread, and one thread that plays the client and both venues and
//! knows only the codec. Left out: TLS, more than one client, several machines.

mod inside;
mod peer;
mod rows;
mod scene;
mod wire;

use std::env;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

use ringfence_node::journal::Durability;
use serde_json::json;

use inside::Inside;
use rows::{Row, middle};
use scene::Scene;
use wire::{Pace, Plan};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Orders that come in one turn, inside.
const GROUPS: [usize; 2] = [1, 16];
/// Orders a second, on the wire.
const RATES: [u64; 3] = [1_000, 5_000, 20_000];
/// Time after work without sleep, where that is a case: longer than between two orders.
const BUSY_POLL: Duration = Duration::from_millis(2);
/// Orders under way at most when as many as possible are sent.
const WINDOW: usize = 512;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["count", inputs, orders] => {
            let scene = Scene::read(Path::new(inputs), orders.parse()?)?;
            let found = Inside::run(&scene, None, 1)?;
            println!("{}", found.hash);
            Ok(())
        }
        [inputs, journals, orders, seconds, runs] => {
            let scene = Scene::read(Path::new(inputs), orders.parse()?)?;
            measure(&scene, Path::new(journals), seconds.parse()?, runs.parse()?)
        }
        _ => Err("usage: gateway_bench INPUTS JOURNALS ORDERS SECONDS RUNS".into()),
    }
}

fn measure(scene: &Scene, journals: &Path, seconds: u64, runs: usize) -> Outcome<()> {
    let (mut results, hash) = inside(scene, journals, runs)?;
    let all = scene.orders.len();
    let mut hosts = Vec::new();
    for (durability, busy_poll) in [
        (Durability::Process, Duration::ZERO),
        (Durability::Process, BUSY_POLL),
        (Durability::Disk, Duration::ZERO),
    ] {
        let polls = if busy_poll.is_zero() { "" } else { ", busy poll" };
        for rate in RATES {
            let orders = usize::try_from(rate.saturating_mul(seconds))?.clamp(1, all);
            let gap = Duration::from_nanos(1_000_000_000 / rate);
            let plan = Plan { journals, durability, pace: Pace::Every(gap), orders, busy_poll };
            let ran = repeated(runs, || wire::run(scene, &plan), |found| found.child_p50())?;
            let case = format!("{rate}/s, journal {durability}{polls}");
            results.append(&mut ran.latency_rows(&case));
            hosts.push(ran.about(&case));
        }
    }
    for durability in [Durability::Process, Durability::Disk] {
        let (pace, busy_poll) = (Pace::Window(WINDOW), Duration::ZERO);
        let plan = Plan { journals, durability, pace, orders: all, busy_poll };
        let ran = repeated(runs, || wire::run(scene, &plan), |found| found.wall_ns)?;
        results.append(&mut ran.flood_rows(&format!("{WINDOW} under way, journal {durability}")));
        hosts.push(ran.about(&format!("flood, journal {durability}")));
    }
    let found = json!({
        "results": results, "state_hash": hash, "orders": all, "hosts": hosts,
        "clock_ns": rows::clock_ns(),
    });
    println!("{found}");
    Ok(())
}

/// Times the path without sockets; every run must end in the same state.
fn inside(scene: &Scene, journals: &Path, runs: usize) -> Outcome<(Vec<Row>, String)> {
    let (mut results, mut hash) = (Vec::new(), None::<String>);
    for durability in [None, Some(Durability::Process)] {
        for group in GROUPS {
            let journal = durability.map(|kind| (journals, kind));
            let run = || Inside::run(scene, journal, group);
            let ran = repeated(runs, run, |found| found.whole_ns())?;
            results.append(&mut ran.rows(group, durability));
            if group == 1 {
                let first = hash.get_or_insert_with(|| ran.hash.clone());
                if *first != ran.hash {
                    return Err(format!("two states: {first} and {}", ran.hash).into());
                }
            }
        }
    }
    Ok((results, hash.unwrap_or_default()))
}

/// Returns the run whose figure is the middle one.
fn repeated<T>(
    runs: usize,
    run: impl Fn() -> Outcome<T>,
    figure: impl Fn(&T) -> u64,
) -> Outcome<T> {
    let mut found = Vec::new();
    for _ in 0..runs.max(1) {
        found.push(run()?);
    }
    middle(found, figure).ok_or_else(|| "nothing ran".into())
}
