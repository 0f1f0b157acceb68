//! Logons and logouts of an acceptor.

use ringfence_fix::endpoint::SessionIndex;
use ringfence_fix::session::{Authenticator, Resets, Role, Schedule, Version};
use ringfence_fix::session::{Offset, SessionSettings};
use ringfence_kernel::types::{Name, Ts};

use crate::host::{Journal, after};
use crate::probe::{Probe, SESSION};
use crate::script::{Stage, session, settings};

const LOGON: &str = "> 35=A|34=1|98=0|108=30";

fn acceptor() -> SessionSettings {
    session(Role::Acceptor, Version::Fix44)
}

struct Secret;

impl Authenticator for Secret {
    fn admits(&self, _: SessionIndex, user: Option<&[u8]>, password: Option<&[u8]>) -> bool {
        (user, password) == (Some(b"u".as_slice()), Some(b"p".as_slice()))
    }
}

/// FIX logon: who does not know the password is closed without a word, and no number is used.
#[test]
fn wrong_credentials_are_refused_silently() {
    let mut told = settings(acceptor());
    told.authenticator = Box::new(Secret);
    let mut stage = Stage::with(told, Probe::new(&[]), Journal::default());
    stage.play(&["connect", LOGON, "<", "closed RefusedLogon"]);
    let wrong = "> 35=A|34=1|98=0|108=30|553=u|554=x";
    stage.play(&["connect", wrong, "<", "closed RefusedLogon"]);
    let right = "> 35=A|34=1|98=0|108=30|553=u|554=p";
    stage.play(&["connect", right, "< 35=A|34=1", "closed not"]);
}

/// FIX logon: terms that we cannot keep are refused with words.
#[test]
fn unacceptable_terms_are_refused_with_words() {
    let table = [
        ("> 35=A|34=1|98=1|108=30", "< 35=5|58=EncryptMethod: expected 0, none"),
        ("> 35=A|34=1|98=0|108=0", "< 35=5|58=HeartBtInt: expected 1 to 3600 seconds"),
        ("> 35=A|34=1|98=0|108=3601", "< 35=5"),
        ("> 35=A|34=1|98=0|108=-5", "< 35=5"),
        ("> 35=A|34=2|98=0|108=30|141=Y", "< 35=5"),
    ];
    for (logon, answer) in table {
        Stage::new(acceptor()).play(&["connect", logon, answer, "closed RefusedLogon"]);
    }
}

/// R87: under FIXT.1.1 a logon names the application's version, and the answer does.
#[test]
fn fixt_agrees_on_the_application_version() {
    let default_appl_ver_id = Name::new("9").unwrap();
    let told = session(Role::Acceptor, Version::Fixt11 { default_appl_ver_id });
    let mut stage = Stage::new(told);
    stage.play(&["connect", LOGON, "< 35=5|58=DefaultApplVerID: expected 9", "connect"]);
    stage.play(&["> 35=A|34=2|98=0|108=30|1137=9", "< 35=A|1137=9"]);
}

/// ResetOnLogon: a refusal carries the first number too, because the peer began again at 1.
#[test]
fn a_refused_logon_resets_the_numbers_as_well() {
    let default_appl_ver_id = Name::new("9").unwrap();
    let mut told = session(Role::Acceptor, Version::Fixt11 { default_appl_ver_id });
    told.resets = Resets { on_logon: true, ..Resets::default() };
    let good = "> 35=A|34=1|98=0|108=30|1137=9";
    let mut stage = Stage::new(told);
    stage.play(&["connect", good, "< 35=A|34=1", "> 35=1|34=2|112=x", "< 35=0|34=2", "lost"]);
    stage.play(&["connect", "> 35=A|34=1|98=0|108=30|1137=7", "< 35=5|34=1"]);
    stage.play(&["closed RefusedLogon", "connect", good, "< 35=A|34=1"]);
}

/// FIX logon: a number that was used ends the session; PossDup does not help a logon.
#[test]
fn a_logon_with_a_used_number_is_refused() {
    let mut stage = Stage::new(acceptor());
    stage.play(&["connect", LOGON, "< 35=A|34=1", "lost", "connect", LOGON]);
    stage.play(&["< 35=5|34=2|58=MsgSeqNum too low, expecting 2 but received 1"]);
    stage.play(&["closed SeqTooLow"]);
}

/// FIX logon: with a number too high the logon is answered, then what is missing is asked for.
#[test]
fn a_logon_ahead_is_answered_and_the_gap_asked_for() {
    let mut stage = Stage::new(acceptor());
    stage.play(&["connect", "> 35=A|34=4|98=0|108=30", "< 35=A|34=1", "< 35=2|34=2|7=1|16=0"]);
    assert_eq!(Vec::<bool>::new(), stage.host.endpoint.application().ups);
    stage.play(&["> 35=4|34=1|43=Y|122=<NOW>|123=Y|36=4", "<"]);
    assert_eq!(vec![true], stage.host.endpoint.application().ups);
    assert_eq!(5, stage.host.endpoint.status(SESSION).unwrap().next_in);
}

/// ResetSeqNumFlag: both numbers begin at 1 and the answer says so, also within a session.
#[test]
fn a_reset_is_agreed_on() {
    let mut stage = Stage::new(acceptor());
    let reset = "> 35=A|34=1|98=0|108=30|141=Y";
    stage.play(&["connect", LOGON, "< 35=A|34=1", "> 35=1|34=2|112=x", "< 35=0|34=2", "lost"]);
    stage.play(&["connect", reset, "< 35=A|34=1|141=Y", "> 35=1|34=2|112=x", "< 35=0|34=2"]);
    stage.play(&[reset, "< 35=A|34=1|141=Y", "> 35=1|34=2|112=y", "< 35=0|34=2|112=y"]);
    stage.play(&["> 35=A|34=3|98=0|108=30", "< 35=5", "closed Violation"]);
}

/// ResetOnLogout and ResetOnDisconnect: each resets after its own kind of end only.
#[test]
fn numbers_begin_again_after_the_end_that_was_set() {
    let numbers = |resets, end: &[&str]| {
        let mut told = acceptor();
        told.resets = resets;
        let mut stage = Stage::new(told);
        stage.play(&["connect", LOGON, "< 35=A"]).play(end);
        stage.host.endpoint.status(SESSION).unwrap().next_in
    };
    let on_logout = Resets { on_logout: true, ..Resets::default() };
    let on_disconnect = Resets { on_disconnect: true, ..Resets::default() };
    let logout = ["> 35=5|34=2", "< 35=5", "closed LoggedOut"];
    assert_eq!(1, numbers(on_logout, &logout));
    assert_eq!(2, numbers(on_logout, &["lost"]));
    assert_eq!(3, numbers(on_disconnect, &logout));
    assert_eq!(1, numbers(on_disconnect, &["lost"]));
}

/// Where it is set, a logon under MsgSeqNum 1 begins anew; elsewhere it is told that it is too low.
#[test]
fn the_first_number_begins_anew_where_it_is_set() {
    for on_first_number in [true, false] {
        let mut told = acceptor();
        told.resets = Resets { on_first_number, ..Resets::default() };
        let mut stage = Stage::new(told);
        stage.play(&["connect", LOGON, "< 35=A|34=1", "> 35=1|34=2|112=a", "< 35=0|34=2", "lost"]);
        stage.play(&["connect", "> 35=A|34=3|98=0|108=30", "< 35=A|34=3", "lost"]);
        let expected = if on_first_number { "< 35=A|34=1" } else { "< 35=5|34=4" };
        stage.play(&["connect", LOGON, expected]);
    }
}

/// NextExpectedMsgSeqNum: what the peer missed follows its logon without being asked for; one
/// that is too high ends the session.
#[test]
fn next_expected_numbers_close_gaps_at_the_logon() {
    let mut told = acceptor();
    told.next_expected = true;
    let mut stage = Stage::new(told);
    stage.play(&["connect", "> 35=A|34=1|98=0|108=30|789=1", "< 35=A|34=1|789=2"]);
    stage.send("D");
    stage.play(&["< 35=D|34=2", "lost"]);
    stage.send("D");
    stage.play(&["connect", "> 35=A|34=2|98=0|108=30|789=2", "< 35=A|34=4|789=3", "+0"]);
    stage.play(&["< 35=D|34=2|43=Y|11=1", "< 35=D|34=3|43=Y|11=2", "<", "lost"]);
    stage.play(&["connect", "> 35=A|34=3|98=0|108=30|789=9", "< 35=5|34=5", "closed Violation"]);
}

/// A connection that says nothing is closed; where too many wait, the one that waits longest is, so
/// that strangers who keep silent do not keep out who belongs.
#[test]
fn connections_without_logon_are_bounded_in_time_and_number() {
    let mut stage = Stage::new(acceptor());
    stage.play(&["connect", "connect", "connect", "closed not", "connect", "closed not"]);
    assert_eq!(Some("Busy".to_owned()), stage.host.closed(1).map(|why| format!("{why:?}")));
    stage.play(&["+7.9"]);
    assert_eq!(None, stage.host.closed(2));
    stage.play(&["+0.2"]);
    let closed = [2, 3, 4].map(|connection| format!("{:?}", stage.host.closed(connection)));
    assert_eq!(["Some(LogonTimeout)"; 3].map(str::to_owned), closed);
    stage.play(&["connect", LOGON, "< 35=A"]);
}

/// The time for a logon is the one that was set.
#[test]
fn the_time_for_a_logon_can_be_another_one() {
    let mut settings = acceptor();
    settings.logon_timeout_ns = 2_000_000_000;
    let mut stage = Stage::new(settings);
    stage.play(&["connect", "+1.9", "closed not", "+0.2", "closed LogonTimeout"]);
}

/// Heartbeats: a silent peer is asked, and closed when it stays silent.
#[test]
fn a_silent_peer_is_asked_and_given_up() {
    let mut stage = Stage::new(acceptor());
    stage.play(&["connect", "> 35=A|34=1|98=0|108=10", "< 35=A", "+9.9", "<", "+0.1"]);
    stage.play(&["< 35=0|34=2", "+1.9", "<", "+0.1", "< 35=1|34=3|112=3", "+11.9", "<"]);
    stage.play(&["closed not", "+0.1", "closed Silent"]);
    assert_eq!(vec![true, false], stage.host.endpoint.application().ups);
}

/// A process that stood still for long asks the peer and waits for the answer: what it did not hear
/// meanwhile says nothing about the peer.
#[test]
fn a_peer_is_asked_after_a_standstill() {
    let mut stage = Stage::new(acceptor());
    stage.play(&["connect", "> 35=A|34=1|98=0|108=10", "< 35=A"]);
    stage.host.tick_at(after(stage.host.now, 600_000_000_000));
    stage.play(&["< 35=1|34=2|112=2", "+11.9", "closed not", "> 35=0|34=2|112=2"]);
    stage.play(&[
        "+0",
        "< 35=0|34=3",
        "+10",
        "< 35=0|34=4",
        "+2",
        "< 35=1|34=5",
        "+12",
        "closed Silent",
    ]);
}

/// Logout: our own waits for its answer, for so long; an ending process logs everybody out.
#[test]
fn a_drain_logs_out_and_waits() {
    let drained = |answer: &[&str]| {
        let mut stage = Stage::new(acceptor());
        stage.play(&["connect", LOGON, "< 35=A"]);
        stage.host.run(|endpoint, now, _, turn| endpoint.drain(now, turn));
        stage.play(&["< 35=5|34=2|58=the process is ending"]);
        assert!(!stage.host.endpoint.is_drained());
        stage.play(answer);
        assert!(stage.host.endpoint.is_drained());
        stage.play(&["connect", "closed Ending"]);
    };
    drained(&["> 35=D|34=2|11=last", "> 35=5|34=3", "<", "closed LoggedOut"]);
    drained(&["+2.9", "closed not", "+0.2", "closed LogoutTimeout"]);
}

/// R98: an ending process first lets the application settle what is open, and logs out then; it
/// does so unsettled as well when it is told that the time is over.
#[test]
fn a_drain_settles_before_it_logs_out() {
    let settling = || {
        let mut stage = Stage::new(acceptor());
        stage.host.run(|endpoint, now, _, turn| {
            endpoint.act(now, turn, |probe, _| probe.settled_by = Some("gone"));
        });
        stage.play(&["connect", LOGON, "< 35=A"]);
        stage.host.run(|endpoint, now, _, turn| endpoint.drain(now, turn));
        stage.play(&["< 35=F|34=2", "<", "> 35=D|34=2|11=other", "<"]);
        assert!(stage.host.endpoint.is_settling());
        stage
    };
    let mut settled = settling();
    settled.play(&["> 35=D|34=3|11=gone", "< 35=5|34=3|58=the process is ending"]);
    assert!(!settled.host.endpoint.is_settling());
    let mut late = settling();
    late.host.run(|endpoint, now, _, turn| endpoint.log_out_all(now, turn));
    late.play(&["< 35=5|34=3", "> 35=5|34=3", "<", "closed LoggedOut"]);
    assert!(late.host.endpoint.is_drained());
}

/// FIX session times: the session is logged out at its end, refused outside, and begins at 1.
#[test]
fn a_schedule_opens_closes_and_renews() {
    let mut told = acceptor();
    let offsets = vec![Offset { from: Ts::default(), secs: 0 }];
    let hour = 3_600;
    told.schedule = Schedule::daily(&[0, 1, 2, 3, 4], 9 * hour, 17 * hour, offsets);
    told.heartbeat.secs_max = 200_000;
    let mut stage = Stage::new(told);
    let logon = "> 35=A|34=1|98=0|108=100000";
    stage.play(&["connect", logon, "< 35=A|34=1", "+26999", "<", "+1.5"]);
    stage.play(&["< 35=5|34=2|58=the session is closed by its schedule", "> 35=5|34=2"]);
    stage.play(&["closed LoggedOut", "connect", "> 35=A|34=3|98=0|108=30", "closed OutOfSchedule"]);
    assert_eq!(3, stage.host.endpoint.status(SESSION).unwrap().next_in);
    stage.play(&["+57600"]);
    assert_eq!(1, stage.host.endpoint.status(SESSION).unwrap().next_in);
    stage.play(&["connect", logon, "< 35=A|34=1"]);
}

/// R87: many sessions on one port: each is found by version and CompIDs, SubIDs included.
#[test]
fn sessions_of_one_port_are_found_by_their_ids() {
    let name = |text| Name::new(text).unwrap();
    let mut told = settings(acceptor());
    let mut desk = acceptor();
    desk.target_comp_id = name("OTHER");
    desk.target_sub_id = Some(name("DESK"));
    told.sessions.push(desk);
    told.sessions.push(session(Role::Acceptor, Version::Fix42));
    let mut stage = Stage::with(told, Probe::new(&[]), Journal::default());
    stage.play(&["connect", "> 35=A|49=OTHER|34=1|98=0|108=30", "<", "closed RefusedLogon"]);
    stage.play(&["connect", "> 35=A|49=OTHER|50=DESK|34=1|98=0|108=30", "< 35=A|56=OTHER|57=DESK"]);
    stage.play(&["connect", LOGON, "< 35=A|56=PEER"]);
    stage.play(&["connect", LOGON, "<", "closed DuplicateLogon"]);
}

/// Logon storm: a person is told of refusals, and not of each.
#[test]
fn refusals_do_not_flood_a_person() {
    let mut stage = Stage::new(acceptor());
    for _ in 0..1_000 {
        stage.play(&["connect", "> 35=0|34=1", "<", "closed RefusedLogon"]);
    }
    assert_eq!(10, stage.host.alerts.len());
    assert!(stage.host.alerts[9].text.contains("512 so far"));
}

/// Settings that contradict themselves are refused with their place.
#[test]
fn contradictions_in_settings_are_refused() {
    let refused = |change: &dyn Fn(&mut SessionSettings)| {
        let mut told = settings(acceptor());
        let mut second = session(Role::Acceptor, Version::Fix42);
        change(&mut second);
        told.sessions.push(second);
        told.check().map_err(|why| why.session)
    };
    assert_eq!(Ok(()), refused(&|_| {}));
    let table: [&dyn Fn(&mut SessionSettings); 6] = [
        &|it| it.version = Version::Fix44,
        &|it| it.heartbeat.secs_min = 0,
        &|it| it.heartbeat.secs = 5_000,
        &|it| it.logon_timeout_ns = 0,
        &|it| it.next_expected = true,
        &|it| it.schedule = Schedule::daily(&[0], 0, 0, Vec::new()),
    ];
    for change in table {
        assert_eq!(Err(1), refused(change));
    }
}

/// R111: a logon of another time is refused without a word to whoever it is, and a person is told
/// which field it was and by how much.
#[test]
fn a_logon_of_another_time_is_told_by_its_field() {
    let mut stage = Stage::new(acceptor());
    stage.play(&["connect", "+1", "> 35=A|34=1|52=19700101-00:00:00.000|98=0|108=30", "<"]);
    let told: Vec<&str> = stage.host.alerts.iter().map(|alert| alert.text.as_str()).collect();
    let [told] = told.as_slice() else {
        panic!("expected one alert, found {told:?}");
    };
    assert!(told.ends_with(" ns behind our time") && told.contains("SendingTime"), "{told}");
}
