//! Faults that strike once, and how lasting ones end.

use ringfence_fix::endpoint::Application;
use ringfence_sim::book::FastBook;
use ringfence_sim::fault::Script;
use ringfence_sim::venue::{CommandError, Venue};

use super::world::{ALPHA, ALPHA_2, BETA, COPY, at, settings, world};

/// R105: an execution for an order that was never sent is told, copied, and in no ledger.
#[test]
fn unknown_execution() {
    let mut world = world(settings());
    let line = "unknown_execution port=alpha symbol=AAA side=sell qty=300 px=10.5";
    world.command(line).unwrap();
    let told = world.take(ALPHA);
    let shown = told[0].show(&[37, 11, 150, 39, 55, 54, 32, 31, 14]);
    let id = told[0].get(11).unwrap();
    assert_eq!(format!("35=8 37=NONE 11={id} 150=F 39=2 55=AAA 54=2 32=300 31=10.5 14=300"), shown);
    assert_eq!(told[0].get(17), world.take(COPY)[0].get(17));
    assert_eq!(0, world.venue.exchange().ledger().trades().len());
    world.command(&format!("{line} id=mine")).unwrap();
    assert_eq!(vec!["35=8 11=mine"], world.told(ALPHA, &[11]));
}

/// R105: a line that names what there is not can never act: it is refused, and says what there is.
#[test]
fn a_fault_that_can_never_act_is_refused() {
    let ports = "there are alpha, beta, copy, alpha2";
    let symbols = "there are AAA, BBB, CCC";
    for (line, expected) in [
        ("disconnect port=NOPE", format!("no port is called NOPE; {ports}")),
        ("for 1s silence port=NOPE", format!("no port is called NOPE; {ports}")),
        (
            "unknown_execution port=NOPE symbol=A side=buy qty=1 px=1",
            format!("no port is called NOPE; {ports}"),
        ),
        ("ack_loss symbol=NOPE", format!("no symbol is called NOPE; {symbols}")),
        ("halt symbol=NOPE why=x", format!("no symbol is called NOPE; {symbols}")),
        ("symbols_down symbols=D..Z", format!("no symbol is called D..Z; {symbols}")),
    ] {
        let mut world = world(settings());
        let before = world.memory.records.len();
        let refused = world.command(line).unwrap_err();
        assert_eq!(expected, refused.to_string(), "{line}");
        assert_eq!(before, world.memory.records.len(), "{line} leaves no record");
        let mut settings = settings();
        settings.script = Script::parse(&format!("# remark\n{line}")).unwrap();
        let refused = Venue::new(settings, FastBook::new).err().unwrap();
        assert_eq!(format!("faults, line 2: {expected}"), refused.to_string());
    }
    let mut world = world(settings());
    let refused = world.command("clear fault=nope").unwrap_err().to_string();
    assert!(refused.starts_with("fault: expected ack_loss, late_ack, "), "{refused}");
    for line in ["clear", "clear fault=throttle", "symbols_down symbols=A..AZ"] {
        assert_eq!(Ok(()), world.command(line), "{line}");
    }
}

/// R105: a port that does not know a trade (FIX 35=Q) is heard: recorded, counted, told.
#[test]
fn a_trade_that_a_port_does_not_know_is_noted() {
    let mut world = world(settings());
    world.order(BETA, "x", "AAA sell 10 10", "");
    world.order(ALPHA, "a", "AAA buy 10 10", "");
    let told = world.take(ALPHA);
    let fill = told.iter().find(|sent| sent.get(150) == Some("F".into())).unwrap();
    let (exec_id, exec) = (fill.get(17).unwrap(), world.venue.exchange().ledger().trades()[0]);
    let about = "55=AAA 54=1 32=10 31=10";
    world.send(ALPHA, "Q", &format!("37=x 17={exec_id} 127=D {about}"));
    world.send(ALPHA, "Q", &format!("37=NONE 17=V1-999 127=C {about}"));
    assert_eq!(2, world.venue.unknown_count());
    let reason = |side: usize| {
        let exec = exec.sides[side].unwrap().exec;
        world.venue.unknown_reason(exec).map(|reason| reason.to_string())
    };
    assert_eq!((Some("D".to_string()), None), (reason(0), reason(1)));
    let alerts = ["alpha does not know execution V1-999 (127=C)".to_string()];
    assert_eq!(alerts.as_slice(), &world.memory.alerts[1..]);
    assert!(world.memory.rejects.is_empty() && world.take(ALPHA).is_empty());
    let mut folded = Venue::new(settings(), FastBook::new).unwrap();
    for (ts, payload) in &world.memory.records {
        folded.fold(*ts, payload).unwrap();
    }
    assert_eq!(world.venue.digest(), folded.digest());
}

/// R105: the venue disconnects a port, or all.
#[test]
fn disconnect() {
    let mut world = world(settings());
    world.command("disconnect port=beta").unwrap();
    assert_eq!(vec![BETA], world.memory.logouts);
    world.command("disconnect").unwrap();
    assert_eq!(vec![BETA, ALPHA, BETA, COPY, ALPHA_2], world.memory.logouts);
}

/// R105: orders are canceled unasked, and lose part of their quantity unasked.
#[test]
fn unsolicited_changes() {
    let mut world = world(settings());
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.order(ALPHA, "b", "BBB buy 100 10", "");
    world.order(BETA, "c", "AAA buy 100 10", "");
    world.forget();
    world.command("restate by=2500 port=alpha").unwrap();
    let tags = [11, 150, 39, 378, 38, 151];
    assert_eq!(
        vec!["35=8 11=a 150=D 39=0 378=5 38=75 151=75", "35=8 11=b 150=D 39=0 378=5 38=75 151=75"],
        world.told(ALPHA, &tags)
    );
    world.command("cancel_orders symbol=AAA").unwrap();
    assert_eq!(vec!["35=8 11=a 150=4 39=4 378=4 38=75 151=0"], world.told(ALPHA, &tags));
    assert_eq!(vec!["4 4 0 0"], world.reports(BETA));
}

/// R105: a throttle as a fault takes the place of the rules' and gives it back.
#[test]
fn throttle() {
    let mut world = world(settings());
    world.command("for 2s throttle take=1 disconnect=3 port=alpha").unwrap();
    for number in 0..4 {
        world.order(ALPHA, &format!("o{number}"), "AAA buy 1 9", "");
        world.order(BETA, &format!("o{number}"), "AAA buy 1 9", "");
    }
    assert_eq!(vec!["0 0 0 1", "8 8 0 0", "8 8 0 0"], world.reports(ALPHA));
    assert_eq!(4, world.reports(BETA).len());
    assert_eq!(vec![ALPHA], world.memory.logouts);
    world.run(2);
    for number in 4..8 {
        world.order(ALPHA, &format!("o{number}"), "AAA buy 1 9", "");
    }
    assert_eq!(vec!["0 0 0 1"; 4], world.reports(ALPHA));
}

/// R105: a script runs by its own clock, whatever else happens.
#[test]
fn a_script_runs_by_its_clock() {
    let script = "\
# Section 2.1 in short.
at 10s for 20s degrade to=1s
at 20s halt symbol=AAA why=capacity
at 40s reopen symbol=AAA auction=10s
at 60s clear
";
    let mut settings = settings();
    settings.script = Script::parse(script).unwrap();
    let mut world = world(settings);
    world.run_to(at(5));
    assert_eq!(0, world.venue.faults().names().count());
    world.run_to(at(25));
    assert_eq!(vec!["degrade"], world.venue.faults().names().collect::<Vec<_>>());
    world.forget();
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.order(BETA, "x", "AAA sell 100 10", "");
    world.run_to(at(49));
    assert_eq!(vec!["0 0 0 100"], world.reports(ALPHA));
    world.run_to(at(50));
    assert_eq!(vec!["F 2 100 0"], world.reports(ALPHA));
    assert_eq!(0, world.venue.faults().names().count());
}

/// R105: a lasting fault ends by its time, by its name, or with all others.
#[test]
fn faults_end() {
    let mut world = world(settings());
    let names = |world: &super::world::World| {
        let names = world.venue.faults().names();
        names.map(str::to_string).collect::<Vec<_>>()
    };
    world.command("for 5s ack_loss").unwrap();
    world.command("silence port=beta").unwrap();
    world.command("throttle take=1 disconnect=2").unwrap();
    world.command("at 10s for 1s reject_orders").unwrap();
    assert_eq!(vec!["ack_loss", "silence", "throttle"], names(&world));
    world.run(5);
    assert_eq!(vec!["silence", "throttle"], names(&world));
    world.command("clear fault=throttle").unwrap();
    assert_eq!(vec!["silence"], names(&world));
    world.run(5);
    assert_eq!(vec!["silence", "reject_orders"], names(&world));
    world.command("clear").unwrap();
    assert_eq!(0, names(&world).len());
}

/// Rule 16 of STYLE.md: a command that says nothing changes nothing and leaves no record.
#[test]
fn a_line_that_is_no_fault_leaves_no_record() {
    let mut world = world(settings());
    let before = (world.memory.records.len(), world.venue.digest());
    let refused = world.command("ack_los");
    assert!(matches!(refused, Err(CommandError::Line(_))), "{refused:?}");
    assert_eq!(before, (world.memory.records.len(), world.venue.digest()));
    let unknown = world.command("halt symbol=ZZZ why=x");
    assert!(matches!(unknown, Err(CommandError::Meaningless(_))), "{unknown:?}");
    let untimely = world.command("reopen symbol=AAA");
    assert!(matches!(untimely, Err(CommandError::Operation(_))), "{untimely:?}");
}

/// Rule 7 of STYLE.md: there is room for so many faults, and for no more.
#[test]
fn faults_are_bounded() {
    use ringfence_sim::fault::{ACTIVE_MAX, SCRIPT_LINES_MAX};
    let mut settings = settings();
    settings.script = Script::parse(&"at 1h ack_loss\n".repeat(SCRIPT_LINES_MAX)).unwrap();
    let mut world = world(settings);
    for _ in SCRIPT_LINES_MAX..ACTIVE_MAX {
        world.command("at 1h ack_loss").unwrap();
    }
    assert_eq!(Err(CommandError::Full), world.command("at 1h ack_loss"));
}
