//! Sessions that we dial.

use ringfence_fix::endpoint::Standing;
use ringfence_fix::session::settings::SECOND_NS;
use ringfence_fix::session::{
    AddressIndex, Credentials, Reconnect, Role, SessionSettings, Version,
};
use ringfence_kernel::types::Name;

use crate::probe::SESSION;
use crate::script::{Stage, session};

const ANSWER: &str = "> 35=A|34=1|98=0|108=30";

fn initiator() -> SessionSettings {
    let reconnect = Reconnect {
        first_ns: SECOND_NS,
        max_ns: 8 * SECOND_NS,
        failures_max: 5,
        stable_ns: 60 * SECOND_NS,
        failover_count: 2,
    };
    session(Role::Initiator(reconnect), Version::Fix44)
}

/// FIX logon: we say who we are, and the session is up when the answer is in order.
#[test]
fn a_logon_is_sent_and_answered() {
    let name = |text| Name::new(text).unwrap();
    let mut told = initiator();
    told.credentials = Some(Credentials { username: name("me"), password: name("secret") });
    let mut stage = Stage::new(told);
    assert_eq!(vec![(SESSION, AddressIndex::PRIMARY)], stage.host.dials);
    stage.play(&["dialed", "< 35=A|34=1|98=0|108=30|553=me|554=secret", ANSWER, "<"]);
    assert_eq!(vec![true], stage.host.endpoint.application().ups);
    let shown = format!("{:?}", Credentials { username: name("me"), password: name("secret") });
    assert!(!shown.contains("secret"));
}

/// ResetOnLogon: an initiator asks for the reset; a reset that it did not ask for ends it.
#[test]
fn a_reset_is_asked_for_and_never_taken_unasked() {
    let mut told = initiator();
    told.resets.on_logon = true;
    let reset = "> 35=A|34=1|98=0|108=30|141=Y";
    Stage::new(told).play(&["dialed", "< 35=A|34=1|141=Y", reset, "<", "closed not"]);
    Stage::new(initiator()).play(&["dialed", "< 35=A", reset, "< 35=5", "closed Violation"]);
}

/// FIX logon: each answer that is none ends the attempt in its own way.
#[test]
fn an_unacceptable_answer_ends_the_attempt() {
    let table: [(&[&str], &str); 5] = [
        (&["> 35=5|34=1|58=go away"], "closed LoggedOut"),
        (&["> 35=0|34=1"], "closed Violation"),
        (&["> 35=A|49=STRANGER|34=1|98=0|108=30"], "closed Violation"),
        (&["> 35=A|34=0|98=0|108=30", "< 35=5"], "closed SeqTooLow"),
        (&["+7.9", "closed not", "+0.2"], "closed LogonTimeout"),
    ];
    for (script, closed) in table {
        let mut stage = Stage::new(initiator());
        stage.play(&["dialed", "< 35=A"]).play(script).play(&[closed]);
        assert_eq!(Standing::Down, stage.host.endpoint.status(SESSION).unwrap().standing);
    }
}

/// R69: waits grow, are capped, and after five failures in a row nobody dials until asked.
#[test]
fn a_reconnect_loop_trips_and_alerts() {
    let mut stage = Stage::new(initiator());
    let mut waits = Vec::new();
    for failure in 1..=4 {
        let before = stage.host.now;
        stage.play(&["dial_failed"]);
        let due = stage.host.endpoint.next_deadline().expect("a next attempt");
        waits.push(due.since(before) / (SECOND_NS / 2));
        stage.host.pass_until(due);
        assert_eq!(failure + 1, stage.host.dials.len());
    }
    // Halves of a second: each wait lies between three quarters and the whole of 1, 2, 4, 8 s.
    for (wait, whole) in waits.iter().zip([2, 4, 8, 16]) {
        assert!((whole * 3 / 4..=whole).contains(wait), "{waits:?}");
    }
    stage.play(&["dial_failed", "+86400"]);
    assert_eq!(5, stage.host.dials.len());
    assert_eq!(Standing::GivenUp, stage.host.endpoint.status(SESSION).unwrap().standing);
    assert!(stage.host.alerts.iter().any(|alert| alert.text.contains("given up after 5")));
    let mut redial =
        || stage.host.run(|endpoint, now, _, turn| endpoint.redial(SESSION, now, turn));
    assert!(redial());
    stage.play(&["+0"]);
    assert_eq!(6, stage.host.dials.len());
    let mut redial =
        || stage.host.run(|endpoint, now, _, turn| endpoint.redial(SESSION, now, turn));
    assert!(!redial(), "it dials already");
}

/// R69: a venue that lets us in and throws us out at once does not reset the count; a session
/// that stood for its minute does.
#[test]
fn only_a_stable_session_forgets_failures() {
    let failures = |stays: &str| {
        let mut stage = Stage::new(initiator());
        for seq in 1..=8 {
            if stage.host.dials.len() < seq {
                break;
            }
            let answer = format!("> 35=A|34={}|98=0|108=300", seq);
            stage.play(&["dialed", "< 35=A", &answer, stays, "lost", "+9"]);
        }
        stage.host.dials.len()
    };
    assert_eq!(5, failures("+0"));
    assert_eq!(9, failures("+60"));
}
