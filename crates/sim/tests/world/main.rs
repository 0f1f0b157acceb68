//! Whole worlds from one seed: what must never be never is, whatever breaks.
//!
//! `RINGFENCE_SEEDS=4000` tries the seeds below 4000, `RINGFENCE_SEEDS=31..32` one of them;
//! `RINGFENCE_SHOW=1` prints everything that is written.

#![cfg(test)]

mod dice_venue;
mod town;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ringfence_kernel::types::Ts;
use ringfence_sim::world::after;
use ringfence_sim::world::auditor::Tap;
use ringfence_sim::world::network::Way;
use town::{MS, START, Town, TownPlan};

const SECOND: i64 = 1_000_000_000;
/// Seeds of one run of the tests.
const SEEDS: u64 = 60;

fn seeds() -> std::ops::Range<u64> {
    match std::env::var("RINGFENCE_SEEDS") {
        Ok(text) => match text.split_once("..") {
            Some((from, to)) => from.parse().unwrap()..to.parse().unwrap(),
            None => 0..text.parse().unwrap(),
        },
        Err(_) => 0..SEEDS,
    }
}

/// Builds a town, disturbs it for twelve seconds, then lets it heal.
fn run(seed: u64, tap: Option<Box<dyn Tap>>) -> Town {
    let plan = TownPlan { seed, orders: 40, pace_ns: 100 * MS };
    let mut town = Town::new(plan);
    if let Some(tap) = tap {
        town.world.tap(tap);
    }
    if std::env::var_os("RINGFENCE_SHOW").is_some() {
        town.world.tap(Box::new(Show));
    }
    town.disturb(seed, 12, 1 + seed % 12);
    town.world.run(after(START, 120 * SECOND));
    town
}

/// Prints what is written.
struct Show;

impl Tap for Show {
    fn written(&mut self, now: Ts, way: Way, bytes: &[u8]) {
        let (since, text) = (now.nanos() - START.nanos(), String::from_utf8_lossy(bytes));
        println!("{since:>12} {:?} -> {:?} {}", way.from, way.to, text.replace('\u{1}', "|"));
    }
}

/// What happened in all worlds of a test, by name.
type Seen = BTreeMap<&'static str, u64>;

fn note(town: &Town, seen: &mut Seen) {
    let mut add = |name, count: usize| {
        *seen.entry(name).or_insert(0) += u64::try_from(count).unwrap();
    };
    let told = |words: &str| {
        let all = town.node().told().iter();
        all.filter(|(_, text)| text.contains(words)).count()
    };
    add("restarts of the node", usize::try_from(town.node().starts() - 1).unwrap());
    add("restarts of venues", usize::try_from(town.venue_starts() - 2).unwrap());
    add("children in doubt", told("child_in_doubt"));
    add("venues reconciled with questions", told("logged on, 1") + told("logged on, 2"));
    add("questions asked in vain", told("no answer about child"));
    town.auditor.read(|books| {
        add("orders sent", usize::try_from(books.sent_count).unwrap());
        add("executions", books.executed.len());
        add("messages sent again", usize::try_from(books.again_count).unwrap());
        add("changes sent", usize::try_from(books.replace_count).unwrap());
    });
}

/// R1, R50, R51, I5, I13: nothing over-filled, nothing sent twice, everything ends, and the node's
/// positions are the venues' own totals: over crashes around the durable write, broken and silent
/// connections, restarts of node and venues. The faults and guards are reached (rule 33).
#[test]
fn nothing_is_over_filled_or_sent_twice() {
    let mut seen = Seen::new();
    for seed in seeds() {
        let town = run(seed, None);
        note(&town, &mut seen);
        let findings = town.auditor.read(|books| books.findings());
        assert!(findings.is_empty(), "seed {seed}: {findings:#?}");
        let node = town.node();
        let state = node.endpoint().unwrap().application().kernel().state();
        let open = state.orders.open_orders().count();
        let latest: Vec<_> = node.told().iter().rev().take(6).map(|told| &told.1).collect();
        assert_eq!(0, open, "seed {seed}: everything ends; {latest:#?}");
        assert_eq!(town.venue_net(), town.node_net(), "seed {seed}: I13");
        let (executed, told) = town.auditor.read(|books| books.net());
        assert_eq!(executed, told, "seed {seed}: clients are told of every fill, once");
        let digest = node.folded().application().kernel().state().digest();
        assert_eq!(state.digest(), digest, "seed {seed}: the fold is the live state (I6)");
    }
    println!("{seen:#?}");
    if seeds().count() >= 60 {
        let never: Vec<_> = seen.iter().filter(|(_, count)| **count == 0).collect();
        assert!(never.is_empty(), "sometimes: {never:?}");
        assert_eq!(9, seen.len());
    }
}

type Written = Vec<(Ts, Way, Vec<u8>)>;

/// Collects everything that was written, with its time.
#[derive(Clone, Default)]
struct Tape(Rc<RefCell<Written>>);

impl Tap for Tape {
    fn written(&mut self, now: Ts, way: Way, bytes: &[u8]) {
        self.0.borrow_mut().push((now, way, bytes.to_vec()));
    }
}

/// I6, rule 34: the same seed gives the same world, byte for byte; another seed another one.
#[test]
fn one_seed_is_one_world() {
    let written = |seed| {
        let tape = Tape::default();
        let town = run(seed, Some(Box::new(tape.clone())));
        let records = town.node().journal().records().to_vec();
        (tape.0.take(), records)
    };
    let (first, again, other) = (written(7), written(7), written(8));
    assert!(first.0.len() > 500, "{} writes", first.0.len());
    assert!(first == again, "the same seed twice");
    assert!(first.0 != other.0, "another seed");
}
