//! Drills over sockets: a peer with two ports, one of them tried while nobody waits for it.

use std::net::SocketAddr;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ringfence_fix::endpoint::{SessionIndex, Standing, Status};
use ringfence_fix::session::{AddressIndex, DrillOutcome, DrillRefused, DrillTerms, Role};
use ringfence_node::host::{Host, HostError, HostHandle, SystemClock};
use ringfence_node::journal::Durability;
use ringfence_node::net::{Listen, Peer};

use crate::ledger::{Command, Ledger};
use crate::world::{Events, Folder, initiator, options, settings};

const SESSION: SessionIndex = SessionIndex::new(0);
const PATIENCE: Duration = Duration::from_secs(20);
const TERMS: DrillTerms =
    DrillTerms { timeout_ns: 10_000_000_000, with_open_orders: false, plan_only: false };

type Running = (HostHandle<Ledger>, JoinHandle<Result<(), HostError>>);

fn status(handle: &HostHandle<Ledger>) -> Status {
    handle.sessions().unwrap().recv_timeout(PATIENCE).unwrap()[0]
}

fn until(handle: &HostHandle<Ledger>, wanted: impl Fn(Status) -> bool) -> Status {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let found = status(handle);
        if wanted(found) {
            return found;
        }
        assert!(Instant::now() < give_up, "{found:?}");
        std::thread::yield_now();
    }
}

/// Returns a host that listens at two ports.
fn venue(folder: &Folder) -> Running {
    let mut options = options(folder, Durability::Process);
    options.listen.push(Listen { address: options.listen[0].address, tls: None });
    let clock = Box::new(SystemClock::default());
    let log = Events::default().log();
    let host = Host::open(options, settings(Role::Acceptor), Ledger::default(), clock, log);
    host.unwrap().spawn().unwrap()
}

/// Returns a host that dials these addresses, up at the first.
fn dialer(folder: &Folder, addresses: &[SocketAddr]) -> Running {
    let mut options = options(folder, Durability::Process);
    options.listen.clear();
    let peer = |at: &SocketAddr| Peer { host: at.ip().to_string(), port: at.port(), tls: None };
    options.peers.insert(SESSION, addresses.iter().map(peer).collect());
    let clock = Box::new(SystemClock::default());
    let log = Events::default().log();
    let host = Host::open(options, settings(initiator()), Ledger::default(), clock, log);
    let running = host.unwrap().spawn().unwrap();
    until(&running.0, |status| status.standing == Standing::Up);
    running
}

fn end((handle, thread): Running) {
    handle.drain();
    thread.join().unwrap().unwrap();
}

/// R67: over real sockets a drill goes to the backup and comes back, and its report comes to who
/// asked; a second one does not run beside it.
#[test]
fn a_drill_goes_out_and_comes_back() {
    let folders = [Folder::new(), Folder::new()];
    let venue = venue(&folders[0]);
    let node = dialer(&folders[1], venue.0.addresses());
    // Both are asked for while the loop is held, so that they come in one turn.
    let (held, is_held) = channel();
    let (go_on, wait) = channel();
    let answer = node.0.command(Command::Hold(held, wait)).unwrap();
    is_held.recv_timeout(PATIENCE).unwrap();
    let asked = node.0.drill(SESSION, TERMS).unwrap();
    let second = node.0.drill(SESSION, TERMS).unwrap();
    go_on.send(()).unwrap();
    answer.recv_timeout(PATIENCE).unwrap();
    let refused = second.recv_timeout(PATIENCE).unwrap();
    assert_eq!(DrillRefused::Running(SESSION), refused.unwrap_err());
    let report = asked.recv_timeout(PATIENCE).unwrap().unwrap();
    let outcomes = report.steps.iter().map(|step| (step.address, step.outcome.clone()));
    let expected = [AddressIndex::new(1), AddressIndex::PRIMARY];
    assert_eq!(
        expected.map(|address| (address, DrillOutcome::Passed)).to_vec(),
        outcomes.collect::<Vec<_>>()
    );
    assert_eq!((3, 3), (node.0.status().counters.dialed, venue.0.status().counters.accepted));
    end(node);
    end(venue);
}

/// R67: nobody is at the backup, and who asked has gone away: the session is at its primary again.
#[test]
fn a_drill_comes_back_when_nobody_waits() {
    let folders = [Folder::new(), Folder::new()];
    let venue = venue(&folders[0]);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let node = dialer(&folders[1], &[venue.0.addresses()[0], nobody]);
    drop(node.0.drill(SESSION, TERMS).unwrap());
    let back = |status: Status| status.standing == Standing::Up && !status.is_drilled;
    until(&node.0, |status| status.is_drilled || node.0.status().counters.dials_failed > 0);
    let found = until(&node.0, back);
    assert_eq!(AddressIndex::PRIMARY, found.address);
    assert_eq!((2, 1), (node.0.status().counters.dialed, node.0.status().counters.dials_failed));
    end(node);
    end(venue);
}
