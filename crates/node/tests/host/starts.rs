//! What keeps a host from starting, each with its own error.

use std::fs;
use std::net::TcpListener;

use ringfence_fix::endpoint::SessionIndex;
use ringfence_fix::session::Role;
use ringfence_node::host::{Clock, Host, HostError, HostEvent, HostOptions, Reading, SystemClock};
use ringfence_node::journal::{Durability, JournalWriter, Seq, Ts};
use ringfence_node::net::{NetError, Peer};

use crate::ledger::Ledger;
use crate::world::{Events, Folder, initiator, options, settings};

fn open(options: HostOptions, role: Role) -> Result<Host<Ledger>, HostError> {
    open_at(options, role, Box::new(SystemClock::default()))
}

fn open_at(
    options: HostOptions,
    role: Role,
    clock: Box<dyn Clock>,
) -> Result<Host<Ledger>, HostError> {
    Host::open(options, settings(role), Ledger::default(), clock, Events::default().log())
}

fn refusal(opened: Result<Host<Ledger>, HostError>) -> HostError {
    match opened {
        Err(why) => why,
        Ok(_) => panic!("expected a refusal, found a host"),
    }
}

/// A port that is taken is told before the journal is touched.
#[test]
fn a_taken_port_is_told() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = options(&folder, Durability::Process);
    options.listen[0].address = taken.local_addr().unwrap();
    let why = refusal(open(options, Role::Acceptor));
    assert!(matches!(why, HostError::Net(NetError::AddressTaken { .. })), "{why}");
    assert_eq!(0, fs::read_dir(folder.path()).unwrap().count());
}

/// A session that dials needs an address, and not too many.
#[test]
fn a_session_that_dials_needs_a_peer() {
    let folder = Folder::new();
    for found in [0, 5] {
        let mut options = options(&folder, Durability::Process);
        let peer = Peer { host: "127.0.0.1".to_owned(), port: 1, tls: None };
        options.peers.insert(SessionIndex::new(0), vec![peer; found]);
        let why = refusal(open(options, initiator()));
        let expected = format!("session 0: expected 1 to 4 addresses to dial, found {found}");
        assert_eq!(expected, why.to_string());
    }
}

/// A second host on the same journal is refused.
#[test]
fn a_journal_has_one_host() {
    let folder = Folder::new();
    let _first = open(options(&folder, Durability::Process), Role::Acceptor).unwrap();
    let why = refusal(open(options(&folder, Durability::Process), Role::Acceptor));
    assert!(matches!(why, HostError::Open(_)) && why.to_string().contains("in use"), "{why}");
}

/// A record that the application does not take is named.
#[test]
fn a_record_that_does_not_fold_is_named() {
    let folder = Folder::new();
    let options = options(&folder, Durability::Process);
    let mut writer = JournalWriter::create(options.journal.clone()).unwrap();
    writer.append(Ts::from_nanos(1), b"fine").unwrap();
    writer.append(Ts::from_nanos(2), b"unfoldable").unwrap();
    writer.close().unwrap();
    let why = refusal(open(options, Role::Acceptor));
    let HostError::Fold { record, why } = why else {
        panic!("expected a record that does not fold, found {why}");
    };
    assert_eq!((Seq::new(2), "expected a note"), (record, why.text.as_str()));
}

/// The wall clock of a machine.
struct Fixed(i64);

impl Clock for Fixed {
    fn read(&mut self) -> Reading {
        Reading { wall_ns: self.0, monotonic_ns: 0 }
    }
}

/// R89, I7: a host whose clock is far behind its journal does not start; a little does not matter.
#[test]
fn a_clock_behind_the_journal_is_refused() {
    const SECOND: i64 = 1_000_000_000;
    let folder = Folder::new();
    let options = options(&folder, Durability::Process);
    let mut writer = JournalWriter::create(options.journal.clone()).unwrap();
    writer.append(Ts::from_nanos(1_000 * SECOND), b"note").unwrap();
    writer.close().unwrap();
    let at = |second| open_at(options.clone(), Role::Acceptor, Box::new(Fixed(second * SECOND)));
    let why = refusal(at(699));
    let HostError::ClockBehind { by_ns, max_ns } = why else {
        panic!("expected a clock behind, found {why}");
    };
    assert_eq!((301 * SECOND, 300 * SECOND), (by_ns, max_ns));
    at(701).unwrap();
}

/// How far the folding is, and what was found, is told.
#[test]
fn folding_tells_its_progress() {
    let (folder, events) = (Folder::new(), Events::default());
    let options = options(&folder, Durability::Process);
    let mut writer = JournalWriter::create(options.journal.clone()).unwrap();
    for number in 0..250_000 {
        if !writer.has_room(1) {
            writer.commit().unwrap();
        }
        writer.append(Ts::from_nanos(number), b"n").unwrap();
    }
    writer.close().unwrap();
    let clock = Box::new(SystemClock::default());
    let ledger = Ledger::default();
    drop(Host::open(options, settings(Role::Acceptor), ledger, clock, events.log()).unwrap());
    let told: Vec<_> = events
        .all()
        .into_iter()
        .filter(|event| !matches!(event, HostEvent::Listening { .. }))
        .collect();
    assert_eq!(HostEvent::Folding { records: 100_000 }, told[0]);
    assert_eq!(HostEvent::Folding { records: 200_000 }, told[1]);
    let HostEvent::Folded(Some(found)) = &told[2] else {
        panic!("expected what was folded, found {:?}", told[2]);
    };
    assert_eq!(250_000, found.records);
}
