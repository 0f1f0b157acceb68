//! The journal of an endpoint: one record for what belongs together, the same state after a
//! restart at any record.

use ringfence_fix::endpoint::{Endpoint, Status};
use ringfence_fix::record::{Content, Event, Events, split};
use ringfence_fix::session::{Role, SessionSettings, Version};

use crate::host::{Host, Journal};
use crate::probe::{Probe, SESSION};
use crate::script::{Stage, session, settings};

fn acceptor() -> SessionSettings {
    session(Role::Acceptor, Version::Fix42)
}

/// Decision 0008: the inbound number, the decision and the answer are one record.
#[test]
fn number_decision_and_answer_share_a_record() {
    let mut stage = Stage::new(acceptor());
    stage.play(&["connect", "> 35=A|34=1|98=0|108=30", "< 35=A"]);
    let before = stage.host.journal.0.len();
    stage.play(&["> 35=D|34=2|11=a"]);
    assert_eq!(before + 1, stage.host.journal.0.len());
    let (_, payload) = stage.host.journal.0.last().unwrap();
    let (wire, application) = split(payload).unwrap();
    let events: Vec<_> = Events::new(wire.unwrap()).map(Result::unwrap).collect();
    assert_eq!(vec![Event::Received { session: 0, seq: 2 }], events);
    assert_eq!(b"\x01a", application);
    stage.send("8");
    let (ts, payload) = stage.host.journal.0.last().unwrap();
    let (wire, application) = split(payload).unwrap();
    let content = Content::Application { sent_ts: *ts, body: b"11=1\x01" };
    let sent = Event::Sent { session: 0, seq: 2, msg_type: "8", content };
    assert_eq!(Some(Ok(sent)), Events::new(wire.unwrap()).next());
    assert_eq!([2], application);
    // What was read at once becomes a record for each message with a decision.
    let before = stage.host.journal.0.len();
    let both = [stage.message("35=D|34=3|11=b"), stage.message("35=D|34=4|11=c")].concat();
    stage.host.receive(1, &both);
    assert_eq!(before + 2, stage.host.journal.0.len());
}

fn status_of(records: &Journal) -> (Status, Vec<String>) {
    let mut endpoint = Endpoint::new(settings(acceptor()), Probe::new(&[])).unwrap();
    for (place, (ts, payload)) in records.0.iter().enumerate() {
        endpoint.fold(u64::try_from(place).unwrap() + 1, *ts, payload).unwrap();
    }
    (endpoint.status(SESSION).unwrap(), endpoint.application().delivered.clone())
}

/// Decision 0008: the fold of the records gives the numbers and the application's state, at each
/// record at which the process may die, and the peer can log on again after each.
#[test]
fn a_restart_at_any_record_goes_on() {
    let mut stage = Stage::new(acceptor());
    let script = [
        "connect",
        "> 35=A|34=1|98=0|108=30",
        "> 35=D|34=2|11=a",
        "> 35=1|34=3|112=x",
        "> 35=D|34=6|11=d",
        "> 35=4|34=4|43=Y|123=Y|36=6",
        "> 35=2|34=7|7=1|16=0",
        "lost",
        "connect",
        "> 35=A|34=1|98=0|108=30|141=Y",
        "> 35=D|34=2|11=e",
        "> 35=5|34=3",
    ];
    for line in script {
        stage.play(&[line]);
        stage.send("8");
        let live = &stage.host.endpoint;
        let status = live.status(SESSION).unwrap();
        let (folded, delivered) = status_of(&stage.host.journal);
        let numbers = |status: Status| (status.next_in, status.next_out);
        assert_eq!((numbers(status), &live.application().delivered), (numbers(folded), &delivered));
    }
    let records = stage.host.journal.0.clone();
    for kept in 0..=records.len() {
        let journal = Journal(records[..kept].to_vec());
        let mut again = Stage::with(settings(acceptor()), Probe::new(&[]), journal);
        let status = again.host.endpoint.status(SESSION).unwrap();
        let logon = format!("> 35=A|34={}|98=0|108=30", status.next_in);
        let answer = format!("< 35=A|34={}", status.next_out);
        let request = format!("> 35=2|34={}|7=1|16=0", status.next_in + 1);
        again.play(&["connect", &logon, &answer, &request, "closed not"]);
    }
}

/// A journal keeps its meaning when sessions are added before an old one.
#[test]
fn sessions_are_known_by_their_identity() {
    let mut stage = Stage::new(acceptor());
    stage.play(&["connect", "> 35=A|34=1|98=0|108=30", "> 35=D|34=2|11=a"]);
    let mut told = settings(session(Role::Acceptor, Version::Fix44));
    told.sessions.push(acceptor());
    let (journal, now) = (stage.host.journal.clone(), stage.host.now);
    let host = Host::start(told, Probe::new(&[]), journal, now);
    let next_in = |index| {
        let index = ringfence_fix::endpoint::SessionIndex::new(index);
        host.endpoint.status(index).unwrap().next_in
    };
    assert_eq!((1, 3), (next_in(0), next_in(1)));
}

/// A journal that contradicts itself is refused.
#[test]
fn a_contradiction_is_refused() {
    let stage = Stage::new(acceptor());
    let mut records = stage.host.journal.0.clone();
    let mut payload = Vec::new();
    let mut wire = Vec::new();
    Event::Received { session: 0, seq: 5 }.encode(&mut wire);
    ringfence_fix::record::join(&wire, &[], &mut payload);
    records.push((stage.host.now, payload));
    let mut endpoint = Endpoint::new(settings(acceptor()), Probe::new(&[])).unwrap();
    let results: Vec<_> =
        (1..).zip(&records).map(|(n, (ts, p))| endpoint.fold(n, *ts, p)).collect();
    let text = results.last().unwrap().as_ref().unwrap_err().text.clone();
    assert_eq!("record 2: received: expected 1, found 5", text);
}

/// A session that runs over several days keeps its numbers in the next day's journal.
#[test]
fn numbers_go_on_in_the_next_journal() {
    let mut stage = Stage::new(acceptor());
    stage.play(&["connect", "> 35=A|34=1|98=0|108=30", "> 35=D|34=2|11=a"]);
    stage.send("8");
    let mut endpoint = Endpoint::new(settings(acceptor()), Probe::new(&[])).unwrap();
    for (number, (_, payload)) in (1..).zip(&stage.host.journal.0) {
        endpoint.fold_earlier(number, payload).unwrap();
    }
    endpoint.begin_journal();
    let mut turn = ringfence_fix::endpoint::Turn::new();
    endpoint.start(stage.host.now, &mut turn);
    let records = turn.records().map(|record| (stage.host.now, record.to_vec())).collect();
    let mut next = Stage::with(settings(acceptor()), Probe::new(&[]), Journal(records));
    next.play(&["connect", "> 35=A|34=3|98=0|108=30", "< 35=A|34=3", "> 35=2|34=4|7=1|16=0"]);
    next.play(&["< 35=4|34=1|43=Y|36=4", "<"]);
    assert_eq!(Vec::<String>::new(), next.host.endpoint.application().delivered);
}
