//! Addresses in turn, and drills of the backups, as a session lives them.

use ringfence_fix::endpoint::Standing;
use ringfence_fix::session::settings::SECOND_NS;
use ringfence_fix::session::{
    AddressIndex, DrillOutcome, DrillRefused, DrillReport, DrillTerms, Reconnect, Role, Schedule,
    SessionSettings, Version, Window,
};

use crate::host::{Journal, after};
use crate::probe::{Probe, SESSION};
use crate::script::{BEGIN, Stage, session, settings};

const TERMS: DrillTerms =
    DrillTerms { timeout_ns: 60 * SECOND_NS, with_open_orders: false, plan_only: false };

fn initiator(count: usize) -> SessionSettings {
    let reconnect = Reconnect {
        first_ns: SECOND_NS,
        max_ns: 2 * SECOND_NS,
        failures_max: 9,
        stable_ns: 10 * SECOND_NS,
        failover_count: 2,
    };
    let mut told = session(Role::Initiator(reconnect), Version::Fix44);
    told.addresses = (0..count).map(|place| format!("door:{place}")).collect();
    told
}

/// Returns a stage whose session is up at its primary.
fn up(count: usize) -> Stage {
    let mut stage = Stage::new(initiator(count));
    stage.play(&["dialed", "< 35=A|34=1", "> 35=A|34=1|98=0|108=300"]);
    stage
}

fn drill(stage: &mut Stage, terms: DrillTerms) -> Result<(), DrillRefused> {
    stage.host.run(|endpoint, now, _, turn| endpoint.drill(SESSION, terms, now, turn))
}

fn dialed(stage: &Stage) -> Vec<usize> {
    stage.host.dials.iter().map(|(_, address)| address.index()).collect()
}

fn report(stage: &mut Stage) -> DrillReport {
    stage.host.endpoint.take_drilled().expect("a drill that is over")
}

fn outcomes(stage: &mut Stage) -> Vec<DrillOutcome> {
    report(stage).steps.into_iter().map(|step| step.outcome).collect()
}

fn failed(why: &str) -> DrillOutcome {
    DrillOutcome::Failed(why.to_owned())
}

/// R67, R69: two failures in a row are the turn of the next address, each turn is told with both
/// addresses, and the trip still trips.
#[test]
fn failures_turn_to_the_next_address() {
    let mut stage = Stage::new(initiator(2));
    for _ in 0..8 {
        stage.play(&["dial_failed", "+2"]);
    }
    assert_eq!(vec![0, 0, 1, 1, 0, 0, 1, 1, 0], dialed(&stage));
    stage.play(&["dial_failed", "+60"]);
    assert_eq!(Standing::GivenUp, stage.host.endpoint.status(SESSION).unwrap().standing);
    let told: Vec<&str> = stage.host.alerts.iter().map(|alert| alert.text.as_str()).collect();
    assert_eq!("turned from primary door:0 to backup 1 door:1: refused", told[0]);
    assert_eq!("turned from backup 1 door:1 to primary door:0: refused", told[1]);
}

/// R67: what counts as a failure of an address: no connection, no answer to the logon, a refusal of
/// it, and a session that is thrown out at once.
#[test]
fn each_failure_counts() {
    let attempts: [&[&str]; 5] = [
        &["dial_failed"],
        &["dialed", "< 35=A", "+8"],
        &["dialed", "< 35=A", "> 35=5|34=1|58=go away"],
        &["dialed", "< 35=A", "lost"],
        &["dialed", "< 35=A", "> 35=A|34=1|98=0|108=300", "lost"],
    ];
    for attempt in attempts {
        let mut stage = Stage::new(initiator(2));
        stage.play(&["dial_failed", "+2"]).play(attempt).play(&["+2"]);
        assert_eq!(vec![0, 0, 1], dialed(&stage), "{attempt:?}");
    }
}

/// R67: a session that stood at a backup and was lost is opened there again; one that was logged
/// out in order begins at the primary.
#[test]
fn a_lost_session_stays_where_it_worked() {
    for (end, expected) in [("lost", 1), ("> 35=5|34=2", 0)] {
        let mut stage = Stage::new(initiator(2));
        stage.play(&["dial_failed", "+2", "dial_failed", "+2"]);
        stage.play(&["dialed", "< 35=A", "> 35=A|34=1|98=0|108=300", "+20", end, "+2"]);
        assert_eq!(vec![0, 0, 1, expected], dialed(&stage), "{end}");
    }
}

/// Decision 0008: which address is in use is no part of the journal; a start begins at the primary.
#[test]
fn a_restart_begins_at_the_primary() {
    let mut stage = up(2);
    drill(&mut stage, TERMS).unwrap();
    stage.play(&["< 35=5|58=a drill of the backups", "> 35=5|34=2", "+0", "dialed", "< 35=A"]);
    assert_eq!(vec![0, 1], dialed(&stage));
    let journal = Journal(stage.host.journal.0.clone());
    let again = Stage::with(settings(initiator(2)), Probe::new(&[]), journal);
    assert_eq!(vec![0], dialed(&again));
    assert!(!again.host.endpoint.status(SESSION).unwrap().is_drilled);
}

/// R67: a drill leaves in order, logs on to the backup, has a test request answered, and comes back
/// to the primary; numbers go on.
#[test]
fn a_drill_passes() {
    let mut stage = up(2);
    drill(&mut stage, TERMS).unwrap();
    assert!(stage.host.endpoint.status(SESSION).unwrap().is_drilled);
    stage.play(&["< 35=5|34=2|58=a drill of the backups", "> 35=5|34=2", "closed LoggedOut", "+0"]);
    stage.play(&["dialed", "< 35=A|34=3", "> 35=A|34=3|98=0|108=300", "< 35=1|112=DRILL-4"]);
    let status = stage.host.endpoint.status(SESSION).unwrap();
    assert_eq!((AddressIndex::new(1), true), (status.address, status.is_drilled));
    // A heartbeat that answers nothing, or something else, is no answer.
    stage.play(&["> 35=0|34=4", "> 35=0|34=5|112=OTHER", "<"]);
    stage.play(&["> 35=0|34=6|112=DRILL-4", "< 35=5|34=5", "> 35=5|34=7", "+0"]);
    stage.play(&["dialed", "< 35=A|34=6", "> 35=A|34=8|98=0|108=300", "< 35=1|112=DRILL-7"]);
    assert_eq!(None, stage.host.endpoint.take_drilled());
    stage.play(&["> 35=0|34=9|112=DRILL-7", "<"]);
    assert_eq!(vec![0, 1, 0], dialed(&stage));
    let report = report(&mut stage);
    assert!(report.has_passed());
    assert_eq!(2, report.steps.len());
    let status = stage.host.endpoint.status(SESSION).unwrap();
    assert_eq!((Standing::Up, AddressIndex::PRIMARY), (status.standing, status.address));
    assert!(!status.is_drilled);
    assert_eq!(vec![true, false, true, false, true], stage.host.endpoint.application().ups);
}

const LEFT: [&str; 4] = ["< 35=5|34=2", "> 35=5|34=2", "+0", "<"];
const ON: [&str; 3] = ["dialed", "< 35=A|34=3", "> 35=A|34=3|98=0|108=300"];

/// R67: each partial failure of a backup fails its step with a reason, and the primary is back.
#[test]
fn a_backup_fails_in_its_own_way() {
    let table: [(&[&str], &str, u64); 6] = [
        (&["dial_failed"], "refused", 3),
        (&["dialed", "< 35=A", "+8"], "our logon was not answered in time", 3),
        (&["dialed", "< 35=A", "> 35=5|34=3|58=no"], "the peer refused our logon: no", 4),
        (&["dialed", "< 35=A", "lost"], "the connection was lost", 3),
        (&[ON[0], ON[1], ON[2], "< 35=1", "lost"], "the connection was lost", 4),
        // It logs on, answers nothing, and not even the logout.
        (
            &[ON[0], ON[1], ON[2], "< 35=1", "+30", "< 35=5", "+3"],
            "expected an answer to a test request in time, found none",
            4,
        ),
    ];
    for (script, why, next_in) in table {
        let mut stage = up(2);
        drill(&mut stage, TERMS).unwrap();
        stage.play(&LEFT).play(script).play(&["+0", "dialed", "< 35=A"]);
        let answer = format!("> 35=A|34={next_in}|98=0|108=300");
        stage.play(&[&answer, "< 35=1"]);
        let asked = stage.host.endpoint.status(SESSION).unwrap().next_out - 1;
        stage.play(&[&format!("> 35=0|34={}|112=DRILL-{asked}", next_in + 1)]);
        assert_eq!(vec![failed(why), DrillOutcome::Passed], outcomes(&mut stage), "{script:?}");
        assert_eq!(vec![0, 1, 0], dialed(&stage), "{script:?}");
        let told = format!("drill: backup 1 door:1 failed: {why}");
        assert!(stage.host.alerts.iter().any(|alert| alert.text == told), "{told}");
    }
}

/// R67, R50: a backup counts only when every open order was answered for; what is open is asked
/// about there, and the primary is gone back to when it is not answered.
#[test]
fn a_backup_must_reconcile() {
    let mut stage = up(2);
    drill(&mut stage, TERMS).unwrap();
    stage.host.run(|endpoint, now, _, turn| {
        endpoint.act(now, turn, |probe, _| probe.is_settled = false);
    });
    stage.play(&LEFT).play(&ON).play(&["<", "+28", "<", "+2", "< 35=5", "> 35=5|34=4", "+0"]);
    stage.host.run(|endpoint, now, _, turn| {
        endpoint.act(now, turn, |probe, _| probe.is_settled = true);
    });
    stage.play(&["dialed", "< 35=A", "> 35=A|34=5|98=0|108=300", "< 35=1|112=DRILL-6"]);
    stage.play(&["> 35=0|34=6|112=DRILL-6"]);
    let late = failed("expected every open order answered for in time, and it was not");
    assert_eq!(vec![late, DrillOutcome::Passed], outcomes(&mut stage));
}

/// R67: a drill that may not begin touches nothing, and says why.
#[test]
fn a_drill_is_refused() {
    let refused = |stage: &mut Stage, terms| drill(stage, terms).unwrap_err();
    assert_eq!(DrillRefused::NoBackup, refused(&mut up(1), TERMS));
    let mut down = Stage::new(initiator(2));
    assert_eq!(DrillRefused::NotUp, refused(&mut down, TERMS));
    down.play(&["dial_failed", "+2", "dial_failed", "+2"]);
    down.play(&["dialed", "< 35=A", "> 35=A|34=1|98=0|108=300"]);
    let backup = AddressIndex::new(1);
    assert_eq!(DrillRefused::NotAtPrimary(backup), refused(&mut down, TERMS));
    let mut stage = up(2);
    stage.host.run(|endpoint, now, _, turn| {
        endpoint.act(now, turn, |probe, _| probe.open_count = 3);
    });
    assert_eq!(DrillRefused::OpenOrders(3), refused(&mut stage, TERMS));
    stage.play(&["<"]);
    drill(&mut stage, DrillTerms { with_open_orders: true, ..TERMS }).unwrap();
    let again = DrillTerms { with_open_orders: true, ..TERMS };
    assert_eq!(DrillRefused::Running(SESSION), refused(&mut stage, again));
    let mut ending = up(2);
    ending.host.run(|endpoint, now, _, turn| endpoint.drain(now, turn));
    assert_eq!(DrillRefused::Ending, refused(&mut ending, TERMS));
}

/// R67: a plan says what would be tried, and touches nothing.
#[test]
fn a_plan_touches_nothing() {
    let mut stage = up(3);
    drill(&mut stage, DrillTerms { plan_only: true, ..TERMS }).unwrap();
    stage.play(&["<"]);
    let planned = DrillOutcome::NotTried("only the plan was asked for".to_owned());
    assert_eq!(vec![planned; 3], outcomes(&mut stage));
    assert_eq!(vec![0], dialed(&stage));
}

/// R67: a schedule that closes the session ends the drill, and its next window begins at the
/// primary.
#[test]
fn a_schedule_ends_a_drill() {
    let at = |secs: i64| after(BEGIN, secs * SECOND_NS);
    let mut told = initiator(4);
    told.schedule = Schedule::Windows(vec![
        Window { start: at(-10), end: at(30) },
        Window { start: at(60), end: at(90) },
    ]);
    let mut stage = Stage::new(told);
    stage.play(&["dialed", "< 35=A|34=1", "> 35=A|34=1|98=0|108=300"]);
    drill(&mut stage, DrillTerms { timeout_ns: 600 * SECOND_NS, ..TERMS }).unwrap();
    stage.play(&LEFT).play(&ON).play(&["< 35=1", "> 35=0|34=4|112=DRILL-4", "< 35=5"]);
    stage.play(&["> 35=5|34=5", "+0", "dialed", "< 35=A|34=6", "> 35=A|34=6|98=0|108=300"]);
    stage.play(&["< 35=1", "+30", "< 35=5", "> 35=5|34=7", "+5"]);
    let found = outcomes(&mut stage);
    assert_eq!(DrillOutcome::Passed, found[0]);
    assert!(found[1..].iter().all(|one| *one != DrillOutcome::Passed), "{found:?}");
    assert_eq!(vec![0, 1, 2], dialed(&stage));
    stage.play(&["+30"]);
    assert_eq!(vec![0, 1, 2, 0], dialed(&stage));
}

/// R67: the end of the process ends the drill too, and says so of what was left.
#[test]
fn a_drain_ends_a_drill() {
    let mut stage = up(2);
    drill(&mut stage, TERMS).unwrap();
    stage.play(&LEFT).play(&ON);
    stage.host.run(|endpoint, now, _, turn| endpoint.drain(now, turn));
    let why = "the process is ending".to_owned();
    let expected = vec![failed(&why), DrillOutcome::NotTried(why)];
    assert_eq!(expected, outcomes(&mut stage));
    stage.play(&["< 35=1", "< 35=5", "> 35=5|34=4", "+60"]);
    assert_eq!(vec![0, 1], dialed(&stage));
}
