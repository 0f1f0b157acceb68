//! What was said while the peer was away reaches it, whatever became of its number.

use ringfence_fix::endpoint::{Endpoint, Turn};
use ringfence_fix::session::{Offset, Resets, Role, Schedule, SessionSettings, Version};
use ringfence_kernel::types::Ts;

use crate::host::Journal;
use crate::probe::Probe;
use crate::script::{Stage, session, settings};

const LOGON: &str = "> 35=A|34=1|98=0|108=30";

fn acceptor() -> SessionSettings {
    session(Role::Acceptor, Version::Fix44)
}

fn resetting() -> SessionSettings {
    SessionSettings { resets: Resets { on_logon: true, ..Resets::default() }, ..acceptor() }
}

/// Returns a stage that goes on from a journal, as a process does after its death.
fn again(stage: &Stage, told: SessionSettings) -> Stage {
    Stage::with(settings(told), Probe::new(&["D"]), Journal(stage.host.journal.0.clone()))
}

/// R52, FIX 97: a reset takes the numbers by which a peer could ask for what it missed, so that is
/// sent anew, marked, in order, once; what must not be sent stale is not.
#[test]
fn what_a_reset_would_lose_is_sent_anew() {
    let mut stage = Stage::with(settings(resetting()), Probe::new(&["D"]), Journal::default());
    stage.play(&["connect", LOGON, "< 35=A|34=1", "lost"]);
    ["8", "D", "9", "W", "X", "f", "h"].into_iter().for_each(|kind| stage.send(kind));
    for mut stage in [again(&stage, resetting()), stage] {
        stage.play(&["+0", "connect", LOGON, "< 35=A|34=1", "+0"]);
        stage.play(&["< 35=8|34=2|97=Y|11=1", "< 35=9|34=3|97=Y|11=3", "<"]);
        stage.send("8");
        stage.play(&[
            "< 35=8|34=4|11=8",
            "> 35=2|34=2|7=2|16=2",
            "< 35=8|34=2|43=Y|97=Y|11=1",
            "lost",
        ]);
        for mut stage in [again(&stage, resetting()), stage] {
            stage.play(&["connect", LOGON, "< 35=A|34=1", "+0", "<"]);
        }
    }
}

/// R52: what the peer asked for is told, and no reset sends it again.
#[test]
fn what_was_asked_for_is_not_sent_anew() {
    let reset = "> 35=A|34=1|98=0|108=30|141=Y";
    let mut stage = Stage::new(acceptor());
    stage.play(&["connect", LOGON, "< 35=A|34=1", "lost"]);
    ["8", "9", "8"].into_iter().for_each(|kind| stage.send(kind));
    stage.play(&["connect", "> 35=A|34=2|98=0|108=30", "< 35=A|34=5", "+0", "<"]);
    stage.play(&["> 35=2|34=3|7=2|16=3", "< 35=8|34=2|43=Y", "< 35=9|34=3|43=Y"]);
    stage.play(&["> 35=1|34=4|112=x", "< 35=0|34=6", "lost"]);
    for mut stage in [again(&stage, acceptor()), stage] {
        stage.play(&["connect", reset, "< 35=A|34=1|141=Y", "+0", "< 35=8|34=2|97=Y|11=3", "<"]);
    }
}

/// R61: a connection may be dead long before that is noticed. What was written to it counts as told
/// when the peer says something afterwards, or goes on without asking for it.
#[test]
fn what_was_written_to_a_dead_connection_is_sent_anew() {
    let reset = ["connect", "> 35=A|34=1|98=0|108=30|141=Y", "< 35=A|34=1|141=Y", "+0"];
    let on = ["connect", "> 35=A|34=2|98=0|108=30", "< 35=A|34=3"];
    let begun = || {
        let mut stage = Stage::new(acceptor());
        stage.play(&["connect", LOGON, "< 35=A|34=1"]);
        stage.send("8");
        stage.play(&["< 35=8|34=2|11=1"]);
        stage
    };
    let silence = ["+30", "< 35=0|34=3", "+6", "< 35=1|34=4", "+36", "closed Silent"];
    for death in [&["lost"][..], &silence[..]] {
        let mut stage = begun();
        stage.play(death);
        for mut stage in [again(&stage, acceptor()), stage] {
            stage.play(&reset).play(&["< 35=8|34=2|97=Y|11=1", "<"]);
        }
    }
    let signs: [&[&str]; 3] = [
        &["> 35=0|34=2", "lost"],
        &["> 35=5|34=2", "< 35=5|34=3", "closed LoggedOut"],
        &["lost", on[0], on[1], on[2], "> 35=0|34=3", "lost"],
    ];
    for sign in signs {
        let mut stage = begun();
        stage.play(sign);
        for mut stage in [again(&stage, acceptor()), stage] {
            stage.play(&reset).play(&["<"]);
        }
    }
}

/// FIX 789: a logon that says what it has is believed.
#[test]
fn what_a_logon_says_it_has_is_not_sent_anew() {
    let told = SessionSettings { next_expected: true, ..acceptor() };
    let mut stage = Stage::new(told.clone());
    stage.play(&["connect", "> 35=A|34=1|98=0|108=30|789=1", "< 35=A|34=1", "lost"]);
    stage.send("8");
    stage.play(&["connect", "> 35=A|34=2|98=0|108=30|789=3", "< 35=A|34=3", "lost"]);
    stage.play(&["connect", "> 35=A|34=1|98=0|108=30|141=Y|789=1", "< 35=A|34=1", "+0", "<"]);
}

/// FIX session layer: nothing follows our logout; what happens behind it the next window tells.
#[test]
fn what_follows_a_logout_is_told_in_the_next_window() {
    let offsets = vec![Offset { from: Ts::default(), secs: 0 }];
    let mut told = acceptor();
    told.schedule = Schedule::daily(&[0, 1, 2, 3, 4], 9 * 3_600, 17 * 3_600, offsets);
    told.heartbeat.secs_max = 200_000;
    let mut stage = Stage::new(told);
    let logon = "> 35=A|34=1|98=0|108=100000";
    stage.play(&["connect", logon, "< 35=A|34=1", "+26999", "<", "+1.5", "< 35=5|34=2"]);
    stage.send("8");
    stage.play(&["<", "> 35=5|34=2", "closed LoggedOut"]);
    stage.send("9");
    stage.play(&["+57600", "connect", logon, "< 35=A|34=1", "+0"]);
    stage.play(&["< 35=8|34=2|97=Y|11=1", "< 35=9|34=3|97=Y|11=2", "<"]);
}

/// Decision 0010: a day ends with its journal, and what a peer was not told of it is carried over,
/// whether numbers go on or not, and through a death of the new day's process.
#[test]
fn what_a_day_did_not_tell_is_told_on_the_next() {
    let mut day = Stage::new(acceptor());
    day.play(&["connect", LOGON, "< 35=A|34=1", "lost"]);
    ["8", "9"].into_iter().for_each(|kind| day.send(kind));
    let mut endpoint = Endpoint::new(settings(acceptor()), Probe::new(&[])).unwrap();
    for (number, (_, payload)) in (1..).zip(&day.host.journal.0) {
        endpoint.fold_earlier(number, payload).unwrap();
    }
    endpoint.begin_journal();
    let mut turn = Turn::new();
    endpoint.start(day.host.now, &mut turn);
    let records = turn.records().map(|record| (day.host.now, record.to_vec())).collect();
    let mut next = Stage::with(settings(acceptor()), Probe::new(&[]), Journal(records));
    next.play(&["connect", "> 35=A|34=2|98=0|108=30", "< 35=A|34=4", "+0"]);
    next.play(&["< 35=8|34=5|97=Y|11=1", "< 35=9|34=6|97=Y|11=2", "<", "> 35=2|34=3|7=2|16=0"]);
    next.play(&["< 35=4|34=2|36=5", "< 35=8|34=5|43=Y|97=Y|11=1", "< 35=9|34=6|43=Y", "<", "lost"]);
    let mut again = again(&next, acceptor());
    again.play(&["connect", "> 35=A|34=4|98=0|108=30|141=N", "< 35=A|34=7", "+0", "<"]);
}
