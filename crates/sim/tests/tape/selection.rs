//! Several tapes as one, and part of one.

use proptest::prelude::*;
use ringfence_sim::tape::select::TAPES_MAX;
use ringfence_sim::tape::{Merged, Named, Selection, Tape, TapeEvent, TapeTime, Whole, ticks};

use crate::common::{all, ms, name, refusal};

const HEADER: &str = "ms_since_midnight_et,price,size,exchange,sale_condition,suspicious\n";

fn tape(symbol: &str, rows: &[(u64, &str)]) -> Box<dyn Tape> {
    let rows: String =
        rows.iter().map(|(at, venue)| format!("{at},1.0000,100,{venue},1,0\n")).collect();
    Box::new(ticks::trades(name(symbol), Whole::new(format!("{HEADER}{rows}"))))
}

fn words(events: &[TapeEvent]) -> Vec<String> {
    let word = |event: &TapeEvent| {
        format!("{} {} {}", event.at.nanos() / 1_000_000, event.symbol, event.venue)
    };
    events.iter().map(word).collect()
}

/// Events come by time; at the same time the tape that was given first goes first.
#[test]
fn merged_tapes_come_by_time() {
    let first = tape("BAC", &[(1, "N"), (2, "N"), (2, "P"), (9, "N")]);
    let second = tape("IBM", &[(0, "N"), (2, "N"), (3, "N")]);
    let merged = all(Merged::new(vec![first, second]).unwrap());
    assert_eq!(
        vec![
            "0 IBM XNYS",
            "1 BAC XNYS",
            "2 BAC XNYS",
            "2 BAC ARCX",
            "2 IBM XNYS",
            "3 IBM XNYS",
            "9 BAC XNYS"
        ],
        words(&merged)
    );
    assert!(all(Merged::<Box<dyn Tape>>::new(Vec::new()).unwrap()).is_empty());
}

/// Rule 17 of STYLE.md: when one tape fails, the merger fails in its place and no other goes on.
#[test]
fn a_failing_tape_fails_the_merger() {
    let bad = ticks::trades(name("IBM"), Whole::new(format!("{HEADER}bad\n")));
    let bad: Box<dyn Tape> = Box::new(Named::new("ibm.csv".into(), bad));
    let merged = Merged::new(vec![tape("BAC", &[(1, "N")]), bad]).unwrap();
    assert_eq!("ibm.csv: line 2: expected 6 columns, found 1", refusal(merged));
}

/// Rule 7 of STYLE.md: the number of tapes is bounded.
#[test]
fn the_number_of_tapes_is_bounded() {
    let tapes = |count: usize| (0..count).map(|_| tape("BAC", &[])).collect::<Vec<_>>();
    assert!(Merged::new(tapes(TAPES_MAX)).is_ok());
    let why = Merged::new(tapes(TAPES_MAX + 1)).err().unwrap();
    assert_eq!("tape: expected at most 256 tapes to merge, found more", why.to_string());
}

/// Symbols, venues and a window of time are chosen; the end of the window is outside of it.
#[test]
fn a_selection_lets_its_events_through() {
    let whole = || {
        let first = tape("BAC", &[(1, "N"), (2, "P"), (3, "N"), (4, "N")]);
        Merged::new(vec![first, tape("IBM", &[(2, "N"), (3, "P")])]).unwrap()
    };
    let choose = |symbols: &[&str], venues: &[&str], from, to| {
        let names = |names: &[&str]| names.iter().map(|text| name(text)).collect();
        let selection = Selection { symbols: names(symbols), venues: names(venues), from, to };
        words(&all(selection.of(whole())))
    };
    let (start, end) = (TapeTime::MIDNIGHT, TapeTime::END);
    assert_eq!(words(&all(whole())), words(&all(Selection::default().of(whole()))));
    assert_eq!(vec!["2 IBM XNYS", "3 IBM ARCX"], choose(&["IBM"], &[], start, end));
    assert_eq!(vec!["2 BAC ARCX", "3 IBM ARCX"], choose(&[], &["ARCX"], start, end));
    assert_eq!(vec!["2 BAC ARCX", "2 IBM XNYS"], choose(&[], &[], ms(2), ms(3)));
    assert_eq!(Vec::<String>::new(), choose(&["SPY"], &[], start, end));
}

proptest! {
    /// A merger has the events of its tapes, each in its own order: it is a stable sort by time.
    #[test]
    fn merging_is_a_stable_sort(
        tapes in prop::collection::vec(prop::collection::vec(0_u64..9, 0..9), 0..5)
    ) {
        let mut naive = Vec::new();
        let mut merged = Vec::new();
        for (index, mut times) in tapes.into_iter().enumerate() {
            times.sort_unstable();
            let rows: Vec<(u64, &str)> = times.into_iter().map(|at| (at, "N")).collect();
            naive.extend(all(tape(&format!("S{index}"), &rows)));
            merged.push(tape(&format!("S{index}"), &rows));
        }
        naive.sort_by_key(|event| event.at);
        prop_assert_eq!(naive, all(Merged::new(merged).unwrap()));
    }
}
