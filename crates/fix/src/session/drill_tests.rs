//! Drills as tables: what happened, what comes next, and what the report says.

use proptest::prelude::*;
use ringfence_kernel::types::Ts;

use super::{Drill, DrillNext, DrillOutcome};
use crate::endpoint::SessionIndex;
use crate::session::settings::SECOND_NS;

const BEGIN: Ts = Ts::from_nanos(1_000 * SECOND_NS);
const TIMEOUT_NS: i64 = 30 * SECOND_NS;
const RETURN_NS: i64 = 5 * SECOND_NS;

/// Plays `script` on a drill of `count` addresses; returns what came next each time, and the
/// report, a line each.
fn play(count: usize, script: &[&str]) -> (Vec<DrillNext>, Vec<String>) {
    let mut now = BEGIN;
    let mut drill = Drill::new(count, TIMEOUT_NS, RETURN_NS, now);
    let mut nexts = Vec::new();
    for line in script {
        let next = match *line {
            "out" => drill.lost(true, "logged out", now),
            "torn" => drill.lost(false, "torn", now),
            "on" => {
                drill.logged_on();
                DrillNext::Stay
            }
            "ask" => {
                assert!(drill.is_settling());
                drill.asks("T".to_owned());
                DrillNext::Stay
            }
            "heard" | "heard otherwise" => {
                drill.hears(if *line == "heard" { b"T" } else { b"U" });
                drill.passes(now)
            }
            "late" => {
                now = drill.deadline().unwrap_or(now);
                drill.expires(now)
            }
            "end" => {
                drill.abort("ended", now);
                DrillNext::Over
            }
            pass => {
                let secs = pass.strip_prefix('+').and_then(|secs| secs.parse::<i64>().ok());
                assert!(secs.is_some(), "{pass}: expected a kind of line");
                now = Ts::from_nanos(now.nanos() + secs.unwrap_or(0) * SECOND_NS);
                drill.expires(now)
            }
        };
        nexts.push(next);
    }
    let report = drill.report(SessionIndex::new(0), now);
    let passed = |outcome: &DrillOutcome| *outcome == DrillOutcome::Passed;
    assert_eq!(report.steps.iter().all(|step| passed(&step.outcome)), report.has_passed());
    let line = |step: &super::DrillStep| match &step.outcome {
        DrillOutcome::Passed => format!("{}: passed", step.address),
        DrillOutcome::Failed(why) => format!("{}: failed: {why}", step.address),
        DrillOutcome::NotTried(why) => format!("{}: not tried: {why}", step.address),
    };
    (nexts, report.steps.iter().map(line).collect())
}

const PASSES: [&str; 4] = ["out", "on", "ask", "heard"];

/// R67: each way through a drill, the failing ones too, ends at the primary with a reason for
/// every address.
#[test]
fn every_way_ends_at_the_primary() {
    let late_logon = "failed: expected a logon in time, found none";
    let late_orders = "failed: expected every open order answered for in time, and it was not";
    let late_answer = "failed: expected an answer to a test request in time, found none";
    let table: [(&[&str], String); 9] = [
        (&PASSES, "passed".to_owned()),
        // It refuses, or is lost: nobody has to be logged out.
        (&["out", "torn"], "failed: torn".to_owned()),
        (&["out", "on", "torn"], "failed: torn".to_owned()),
        (&["out", "on", "ask", "torn"], "failed: torn".to_owned()),
        // It accepts and is silent; then it is left, in order or not.
        (&["out", "late"], late_logon.to_owned()),
        (&["out", "on", "late"], late_orders.to_owned()),
        (&["out", "on", "ask", "late"], late_answer.to_owned()),
        (&["out", "on", "ask", "heard otherwise", "late"], late_answer.to_owned()),
        // The logout of the primary is not answered: told, and the backup is tried all the same.
        (&["torn", "on", "ask", "heard"], "passed".to_owned()),
    ];
    for (script, expected) in table {
        let is_gone = script.last() == Some(&"torn");
        let back: &[&str] = if is_gone { &["on", "ask", "heard"] } else { &PASSES };
        let (nexts, lines) = play(2, &[script, back].concat());
        let expected = vec![format!("backup 1: {expected}"), "primary: passed".to_owned()];
        assert_eq!(expected, lines, "{script:?}");
        assert_eq!(Some(&DrillNext::Over), nexts.last(), "{script:?}");
    }
}

/// R67: a backup that does not answer our logout has not passed, whatever it answered before.
#[test]
fn a_backup_must_let_go() {
    let back = ["torn", "on", "ask", "heard"];
    let (_, lines) = play(2, &[PASSES, back].concat());
    assert_eq!(vec!["backup 1: failed: torn", "primary: passed"], lines);
}

/// R67: one backup after the other, and the primary last.
#[test]
fn each_backup_has_its_turn() {
    let (nexts, lines) = play(4, &[PASSES, PASSES, PASSES, PASSES].concat());
    let expected = ["backup 1", "backup 2", "backup 3", "primary"];
    assert_eq!(expected.map(|address| format!("{address}: passed")).to_vec(), lines);
    let dialed = nexts.iter().filter_map(|next| match next {
        DrillNext::Dial(address) => Some(address.index()),
        DrillNext::Stay | DrillNext::Leave | DrillNext::Retry | DrillNext::Over => None,
    });
    assert_eq!(vec![1, 2, 3, 0], dialed.collect::<Vec<_>>());
}

/// R67: a primary that is not there at once is dialed again for as long as it has time.
#[test]
fn the_primary_is_waited_for() {
    let (nexts, lines) = play(2, &["out", "torn", "torn", "torn", "on", "ask", "heard"]);
    assert_eq!(vec!["backup 1: failed: torn", "primary: passed"], lines);
    assert_eq!(2, nexts.iter().filter(|next| **next == DrillNext::Retry).count());
    let (nexts, lines) = play(2, &["out", "torn", "torn", "late"]);
    let late = "primary: failed: expected a logon in time, found none";
    assert_eq!(vec!["backup 1: failed: torn", late], lines);
    assert_eq!(Some(&DrillNext::Over), nexts.last());
    let (_, lines) = play(2, &["out", "torn", "on", "+60"]);
    assert!(lines[1].contains("every open order"), "{lines:?}");
}

/// Rule 7 of STYLE.md: a drill is bounded by its time. Each address has an equal share of what is
/// left; one whose time is gone before its turn is not dialed, and the primary has its own time.
#[test]
fn time_is_shared() {
    let mut drill = Drill::new(3, TIMEOUT_NS, RETURN_NS, BEGIN);
    let at = |secs: i64| Ts::from_nanos(BEGIN.nanos() + secs * SECOND_NS);
    drill.lost(true, "", at(3));
    assert_eq!(Some(at(12)), drill.deadline());
    drill.lost(false, "", at(20));
    assert_eq!(Some(at(25)), drill.deadline());
    drill.lost(false, "", at(24));
    assert_eq!(Some(at(30)), drill.deadline());
    let mut drill = Drill::new(3, TIMEOUT_NS, RETURN_NS, BEGIN);
    drill.lost(true, "", at(0));
    // The dial itself took longer than all of the drill.
    assert_eq!(DrillNext::Dial(super::AddressIndex::PRIMARY), drill.lost(false, "torn", at(31)));
    assert_eq!(Some(at(36)), drill.deadline());
    let outcomes: Vec<DrillOutcome> =
        drill.report(SessionIndex::new(0), at(31)).steps.into_iter().map(|it| it.outcome).collect();
    let not_tried = DrillOutcome::NotTried("the time of the drill was over".to_owned());
    assert_eq!(vec![DrillOutcome::Failed("torn".to_owned()), not_tried], outcomes);
}

/// R67: a drill that is ended from outside says so of every address that was left.
#[test]
fn an_end_from_outside_is_told() {
    let (_, lines) = play(3, &["out", "on", "end"]);
    let rest = ["backup 2: not tried: ended", "primary: not tried: ended"];
    assert_eq!([["backup 1: failed: ended"].as_slice(), &rest].concat(), lines);
    let (_, lines) = play(2, &["end"]);
    assert_eq!(vec!["backup 1: not tried: ended", "primary: not tried: ended"], lines);
}

proptest! {
    /// R67: whatever a peer does, and in whatever order, a drill ends; each address has exactly one
    /// outcome, the primary the last; and no address has more time than is left of the drill.
    #[test]
    fn any_drill_ends(
        count in 2_usize..=4,
        events in prop::collection::vec((0..6, 0..20_i64), 80),
    ) {
        let mut now = BEGIN;
        let mut drill = Drill::new(count, TIMEOUT_NS, RETURN_NS, now);
        let mut is_over = false;
        for (event, secs) in events {
            now = Ts::from_nanos(now.nanos() + secs * SECOND_NS);
            let mut next = drill.expires(now);
            if next == DrillNext::Stay {
                next = match event {
                    0 => drill.lost(true, "logged out", now),
                    1 => drill.lost(false, "torn", now),
                    2 => {
                        drill.logged_on();
                        DrillNext::Stay
                    }
                    3 if drill.is_settling() => {
                        drill.asks("T".to_owned());
                        DrillNext::Stay
                    }
                    4 => {
                        drill.hears(b"T");
                        drill.passes(now)
                    }
                    _ => DrillNext::Stay,
                };
            }
            if next == DrillNext::Over {
                is_over = true;
                break;
            }
            let last = BEGIN.nanos() + TIMEOUT_NS;
            let at_primary = drill.target() == super::AddressIndex::PRIMARY;
            let fits = drill.deadline().is_none_or(|due| at_primary || due.nanos() <= last);
            prop_assert!(fits, "{drill:?}");
        }
        prop_assert!(is_over, "{drill:?}");
        let steps = drill.report(SessionIndex::new(0), now).steps;
        let found: Vec<usize> = steps.iter().map(|step| step.address.index()).collect();
        prop_assert_eq!((1..count).chain([0]).collect::<Vec<_>>(), found);
        prop_assert!(steps.iter().all(|step| step.began <= step.ended));
    }
}
