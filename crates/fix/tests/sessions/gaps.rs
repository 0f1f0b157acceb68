//! Missing messages: of the peer's, and of ours.

use std::sync::Arc;

use ringfence_fix::dict::{self, Policies, Specification};
use ringfence_fix::session::{Role, SessionSettings, Version};

use crate::host::{Journal, messages};
use crate::probe::{Probe, SESSION};
use crate::script::{Stage, session, settings};

const LOGON: [&str; 3] = ["connect", "> 35=A|34=1|98=0|108=1000", "< 35=A"];

fn acceptor() -> SessionSettings {
    session(Role::Acceptor, Version::Fix42)
}

fn logged_on(told: SessionSettings) -> Stage {
    let mut stage = Stage::new(told);
    stage.play(&LOGON);
    stage
}

/// Ordered delivery: what came early waits, and is delivered once, in order.
#[test]
fn early_messages_wait_for_the_missing_ones() {
    let mut stage = logged_on(acceptor());
    stage.play(&["> 35=D|34=4|11=c", "> 35=D|34=3|11=b", "< 35=2|7=2|16=0", "<"]);
    assert_eq!(Vec::<String>::new(), stage.host.endpoint.application().delivered);
    stage.play(&["> 35=D|34=2|43=Y|122=<NOW>|11=a", "> 35=D|34=3|43=Y|122=<NOW>|11=b"]);
    stage.play(&["> 35=D|34=5|11=d", "<"]);
    assert_eq!(["a", "b", "c", "d"], *stage.host.endpoint.application().delivered);
    assert_eq!(vec![true, false, true], stage.host.endpoint.application().ups);
}

/// Resend requests in chunks: the next is asked for when the last has come.
#[test]
fn a_gap_is_asked_for_in_chunks() {
    let mut told = acceptor();
    told.resend_chunk = 2;
    let mut stage = logged_on(told);
    stage.play(&["> 35=D|34=7|11=x", "< 35=2|7=2|16=3", "> 35=D|34=2|43=Y|122=<NOW>|11=a"]);
    stage.play(&["<", "> 35=D|34=3|43=Y|122=<NOW>|11=b", "< 35=2|7=4|16=5"]);
    stage.play(&["> 35=4|34=4|43=Y|123=Y|36=6", "< 35=2|7=6|16=6"]);
    stage.play(&["> 35=4|34=6|43=Y|123=Y|36=7", "<"]);
    assert_eq!(["a", "b", "x"], *stage.host.endpoint.application().delivered);
}

/// A request that is not answered is made again, and then the session is given up.
#[test]
fn an_unanswered_request_is_repeated_and_given_up() {
    let mut stage = logged_on(acceptor());
    stage.play(&["> 35=D|34=3|11=x", "< 35=2|7=2", "+29.9", "<", "+0.2", "< 35=2|7=2", "+30"]);
    stage.play(&["< 35=2|7=2", "<", "+30", "< 35=5", "+3.1", "closed LogoutTimeout"]);
    assert!(stage.host.alerts.iter().any(|alert| alert.text.contains("did not come")));
}

/// Decision 0008: a resend comes from the journal; stale orders and messages of the session are
/// gap-filled.
#[test]
fn a_resend_fills_what_may_not_be_sent_again() {
    let mut stage = Stage::with(settings(acceptor()), Probe::new(&["D"]), Journal::default());
    stage.play(&LOGON);
    for msg_type in ["8", "D", "D", "8"] {
        stage.send(msg_type);
    }
    stage.play(&["+5", "> 35=1|34=2|112=t", "< 35=8|34=2", "< 35=D|34=3", "< 35=D|34=4"]);
    stage.play(&["< 35=8|34=5|52=20260302-09:30:00.000", "< 35=0|34=6", "> 35=2|34=3|7=1|16=0"]);
    stage.play(&["< 35=4|34=1|43=Y|123=Y|36=2", "< 35=8|34=2|43=Y|122=20260302-09:30:00.000"]);
    stage.play(&["< 35=4|34=3|36=5", "< 35=8|34=5|11=4|52=20260302-09:30:05.000"]);
    stage.play(&["< 35=4|34=6|36=7", "<"]);
    stage.play(&["> 35=2|34=4|7=9|16=0", "< 35=3|371=7|373=5"]);
    stage.play(&["> 35=2|34=5|7=3|16=2", "< 35=3|371=16|373=5"]);
}

/// Bounded work: a long resend takes several steps and ends complete.
#[test]
fn a_long_resend_goes_on_step_by_step() {
    let mut stage = logged_on(acceptor());
    for _ in 0..2_500 {
        stage.send("8");
    }
    stage.host.take(1);
    stage.play(&["> 35=2|34=2|7=2|16=0"]);
    let mut counts = Vec::new();
    for _ in 0..3 {
        counts.push(crate::host::messages(&stage.host.take(1)).len());
        stage.play(&["+0"]);
    }
    assert_eq!(vec![1_000, 1_500, 0], counts);
}

/// A message sent while nobody is connected is numbered, and sent when the peer asks.
#[test]
fn messages_of_a_lost_session_are_asked_for_later() {
    let mut stage = logged_on(acceptor());
    stage.play(&["lost"]);
    stage.send("8");
    stage.play(&["connect", "> 35=A|34=2|98=0|108=30", "< 35=A|34=3", "> 35=2|34=3|7=2|16=2"]);
    stage.play(&["< 35=8|34=2|43=Y|11=1", "<"]);
}

/// A session reject reaches the application with the message that was refused.
#[test]
fn a_reject_names_what_was_refused() {
    let mut stage = logged_on(acceptor());
    stage.send("D");
    stage.play(&["> 35=3|34=2|45=2|373=5|58=no", "> 35=3|34=3|45=1"]);
    let expected = Some(("D".to_owned(), "11=1\u{1}".to_owned()));
    assert_eq!(vec![expected, None], stage.host.endpoint.application().refused);
}

/// SequenceReset: a gap fill that skips nothing is rejected, and its number is taken.
#[test]
fn a_gap_fill_that_skips_nothing_is_rejected() {
    let mut stage = logged_on(acceptor());
    stage.play(&["> 35=4|34=2|123=Y|36=2", "< 35=3|45=2|373=5", "> 35=1|34=3|112=x", "< 35=0"]);
    stage.play(&["> 35=4|34=4|123=Y", "< 35=3|45=4", "> 35=4|34=9|36=100", "<"]);
    assert_eq!(100, stage.host.endpoint.status(SESSION).unwrap().next_in);
}

/// A business reject is never answered by one, nor is a reject of the session.
#[test]
fn rejects_are_not_rejected() {
    let mut stage = logged_on(acceptor());
    stage.play(&["> 35=8|34=2|115=CLIENT|37=x", "< 35=j|128=CLIENT|45=2|372=8|380=3"]);
    stage.play(&["> 35=j|34=3|45=1|372=D|380=3", "> 35=3|34=4|45=1", "<"]);
}

/// FIX 379: a business reject refers to what it refuses by the identifier of its business, where
/// the message has one, and the text names the field that is missing (FIX 380=5).
#[test]
fn a_business_reject_refers_to_the_message() {
    let mut told = acceptor();
    let spec = Specification::compact(dict::Version::Fix42).unwrap();
    told.validate = Arc::new(spec.dictionary(Policies::default()));
    let mut stage = logged_on(told);
    let terms = "21=1|55=BAC|54=1|60=<NOW>|38=1|40=2";
    stage.play(&[
        &format!("> 35=D|34=2|11=c1|{terms}"),
        "< 35=j|45=2|372=D|379=c1|380=5|58=Conditionally required field missing: 44",
        &format!("> 35=G|34=3|11=c2|41=c1|{terms}"),
        "< 35=j|45=3|372=G|379=c2|380=5|58=Conditionally required field missing: 44",
    ]);
    let mut stage = logged_on(acceptor());
    stage.play(&["> 35=8|34=2|37=o|17=e", "< 35=j|45=2|372=8|379=e|380=3"]);
    stage.play(&["> 35=8|34=3|37=o"]);
    let told = messages(&stage.host.take(1)).remove(0);
    assert!(told.contains("|372=8|") && !told.contains("|379="), "{told}");
}
