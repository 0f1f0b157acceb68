//! Flows of an order as the FIX matrices of order state changes have them, from the venue's side.

use super::world::{ALPHA, BETA, World, settings, world};
use ringfence_fix::dict::Version;

/// One step of a flow: what is sent by ALPHA, or what BETA does to it.
enum Do {
    Enter(&'static str, &'static str, &'static str),
    Cross(&'static str, &'static str),
    Cancel(&'static str, &'static str),
    Replace(&'static str, &'static str, &'static str),
    Status(&'static str),
}

struct Flow {
    rule: &'static str,
    steps: &'static [(Do, &'static [&'static str])],
}

// Reports are "ExecType OrdStatus CumQty LeavesQty", refusals "9 OrdStatus CxlRejReason".
const FLOWS: &[Flow] = &[
    Flow {
        rule: "A.1 filled in two parts",
        steps: &[
            (Do::Enter("a", "AAA buy 100 10", ""), &["0 0 0 100"]),
            (Do::Cross("x", "AAA sell 40 10"), &["F 1 40 60"]),
            (Do::Cross("y", "AAA sell 60 10"), &["F 2 100 0"]),
        ],
    },
    Flow { rule: "A.2 rejected", steps: &[(Do::Enter("a", "ZZZ buy 100 10", ""), &["8 8 0 0"])] },
    Flow {
        rule: "B.1 canceled after a part",
        steps: &[
            (Do::Enter("a", "AAA buy 100 10", ""), &["0 0 0 100"]),
            (Do::Cross("x", "AAA sell 40 10"), &["F 1 40 60"]),
            (Do::Cancel("b", "a"), &["4 4 40 0"]),
            (Do::Cancel("c", "a"), &["9 4 0"]),
        ],
    },
    Flow {
        rule: "B.2 cancel of a filled order",
        steps: &[
            (Do::Enter("a", "AAA buy 100 10", ""), &["0 0 0 100"]),
            (Do::Cross("x", "AAA sell 100 10"), &["F 2 100 0"]),
            (Do::Cancel("b", "a"), &["9 2 0"]),
        ],
    },
    Flow { rule: "B.3 cancel of an unknown order", steps: &[(Do::Cancel("b", "a"), &["9 8 1"])] },
    Flow {
        rule: "C.1 quantity raised, then filled",
        steps: &[
            (Do::Enter("a", "AAA buy 100 10", ""), &["0 0 0 100"]),
            (Do::Replace("b", "a", "38=110 44=10"), &["5 0 0 110"]),
            (Do::Cross("x", "AAA sell 110 10"), &["F 2 110 0"]),
        ],
    },
    Flow {
        rule: "C.2 lowered while partly filled",
        steps: &[
            (Do::Enter("a", "AAA buy 100 10", ""), &["0 0 0 100"]),
            (Do::Cross("x", "AAA sell 60 10"), &["F 1 60 40"]),
            (Do::Replace("b", "a", "38=90 44=10"), &["5 1 60 30"]),
            (Do::Status("b"), &["I 1 60 30"]),
        ],
    },
    Flow {
        rule: "C.3 lowered to what is filled already",
        steps: &[
            (Do::Enter("a", "AAA buy 100 10", ""), &["0 0 0 100"]),
            (Do::Cross("x", "AAA sell 60 10"), &["F 1 60 40"]),
            (Do::Replace("b", "a", "38=60 44=10"), &["9 1 0"]),
        ],
    },
    Flow {
        rule: "C.4 a new price trades at once",
        steps: &[
            (Do::Cross("x", "AAA sell 60 10.5"), &[]),
            (Do::Enter("a", "AAA buy 100 10", ""), &["0 0 0 100"]),
            (Do::Replace("b", "a", "38=100 44=10.5"), &["5 0 0 100", "F 1 60 40"]),
        ],
    },
    Flow {
        rule: "C.5 replaced twice, the first id names nothing any more",
        steps: &[
            (Do::Enter("a", "AAA buy 100 10", ""), &["0 0 0 100"]),
            (Do::Replace("b", "a", "38=90 44=10"), &["5 0 0 90"]),
            (Do::Replace("c", "a", "38=80 44=10"), &["9 0 1"]),
            (Do::Replace("c", "b", "38=80 44=10"), &["5 0 0 80"]),
            (Do::Cancel("d", "c"), &["4 4 0 0"]),
        ],
    },
    Flow {
        rule: "D.1 immediate or cancel, a part",
        steps: &[
            (Do::Cross("x", "AAA sell 60 10"), &[]),
            (Do::Enter("a", "AAA buy 100 10", "59=3"), &["0 0 0 100", "F 1 60 40", "4 4 60 0"]),
        ],
    },
    Flow {
        rule: "D.2 fill or kill, not enough",
        steps: &[
            (Do::Cross("x", "AAA sell 60 10"), &[]),
            (Do::Enter("a", "AAA buy 100 10", "59=4"), &["0 0 0 100", "4 4 0 0"]),
        ],
    },
    Flow {
        rule: "E.1 the same ClOrdID again",
        steps: &[
            (Do::Enter("a", "AAA buy 100 10", ""), &["0 0 0 100"]),
            (Do::Enter("a", "AAA buy 100 10", ""), &["8 8 0 0"]),
            (Do::Status("a"), &["I 0 0 100"]),
            (Do::Cancel("a", "a"), &["9 0 6"]),
        ],
    },
    Flow { rule: "F.1 status of an unknown order", steps: &[(Do::Status("nobody"), &["I 8 0 0"])] },
    Flow {
        rule: "G.1 a stop waits, is elected and trades",
        steps: &[
            (Do::Enter("a", "AAA buy 100 market", "40=3 99=10.5"), &["0 0 0 100"]),
            (Do::Cross("x", "AAA sell 10 10.5"), &[]),
            (Do::Cross("y", "AAA sell 500 10.6"), &[]),
            (Do::Cross("z", "AAA buy 10 10.5"), &["D 0 0 100", "F 2 100 0"]),
        ],
    },
];

fn step(world: &mut World, does: &Do) {
    match does {
        Do::Enter(id, terms, more) if more.contains("40=3") => {
            let words: Vec<&str> = terms.split_whitespace().collect();
            world.send(ALPHA, "D", &format!("11={id} 55={} 54=1 38={} {more}", words[0], words[2]));
        }
        Do::Enter(id, terms, more) => world.order(ALPHA, id, terms, more),
        Do::Cross(id, terms) => world.order(BETA, id, terms, ""),
        Do::Cancel(id, orig) => world.cancel(ALPHA, id, orig, 1),
        Do::Replace(id, orig, terms) => {
            world.send(ALPHA, "G", &format!("11={id} 41={orig} 55=AAA 54=1 40=2 {terms}"));
        }
        Do::Status(id) => world.send(ALPHA, "H", &format!("11={id} 55=AAA 54=1")),
    }
}

/// Rule 31 of STYLE.md: the venue's side of the FIX matrices of order state changes.
#[test]
fn every_flow_is_told_as_in_the_matrices() {
    for flow in FLOWS {
        let mut world = world(settings());
        for (at, (does, expected)) in flow.steps.iter().enumerate() {
            step(&mut world, does);
            let found = world.reports(ALPHA);
            assert_eq!(*expected, &found[..], "{}, step {at}", flow.rule);
        }
    }
}

/// What FIX 4.2 says in place of a report of FIX 4.4: its ExecType and ExecTransType.
fn in_fix42(report: &str) -> String {
    let words: Vec<&str> = report.split(' ').collect();
    let [exec_type, status, ..] = words[..] else { panic!("{report}") };
    match exec_type {
        // CxlRejReason 6 came with FIX 4.3.
        "9" => report.replace(" 6", " 2"),
        "F" => format!("0 {status} {status}"),
        "I" => format!("3 {status} {status}"),
        other => format!("0 {other} {status}"),
    }
}

/// R105: FIX 4.2 tells the same flows by ExecTransType (FIX 20) and its own ExecType (FIX 150).
#[test]
fn fix_4_2_tells_the_same_flows_in_its_words() {
    for flow in FLOWS {
        let mut settings = settings();
        settings.versions[usize::from(ALPHA)] = Version::Fix42;
        let mut world = world(settings);
        for (at, (does, expected)) in flow.steps.iter().enumerate() {
            step(&mut world, does);
            let found: Vec<String> = world
                .take(ALPHA)
                .iter()
                .map(|sent| {
                    let field = |tag| sent.get(tag).unwrap();
                    match &sent.msg_type[..] {
                        "9" => format!("9 {} {}", field(39), field(102)),
                        _ => format!("{} {} {}", field(20), field(150), field(39)),
                    }
                })
                .collect();
            let expected: Vec<String> = expected.iter().map(|report| in_fix42(report)).collect();
            assert_eq!(expected, found, "{}, step {at}", flow.rule);
        }
    }
}
