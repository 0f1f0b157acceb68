//! Ends that nobody asked for, and one that takes too long.

use std::time::Duration;

use ringfence_fix::session::Role;
use ringfence_node::host::{Host, HostError, HostEvent, HostState, SystemClock};
use ringfence_node::journal::{Durability, Ending, verify};

use crate::client::Client;
use crate::ledger::{Command, Ledger};
use crate::world::{Events, Folder, options, settings};

/// Rule 16 of STYLE.md: an assertion that fails ends the host, closes its sockets and keeps the
/// journal up to what was durable; nothing of the broken turn is in it.
#[test]
fn a_broken_invariant_ends_the_host() {
    let folder = Folder::new();
    let options = options(&folder, Durability::Process);
    let clock = Box::new(SystemClock::default());
    let log = Events::default().log();
    let ledger = Ledger::default();
    let host = Host::open(options.clone(), settings(Role::Acceptor), ledger, clock, log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    // Asked in a turn of its own, after the one of the logon.
    handle.sessions().unwrap().recv().unwrap();
    let before = handle.status().last_seq;
    let answer = handle.command(Command::Break).unwrap();
    match thread.join().unwrap() {
        Err(HostError::Invariant { text, last_seq }) => {
            assert_eq!("the books do not add up", text);
            assert_eq!(before, last_seq.unwrap().get());
        }
        other => panic!("expected a broken invariant, found {other:?}"),
    }
    assert!(answer.recv().is_err());
    assert_eq!(None, client.next());
    assert_eq!(HostState::Ended, handle.status().state);
    let report = verify(&options.journal.path()).unwrap();
    assert_eq!((Ending::Unclosed, before), (report.ending, report.last_seq.unwrap().get()));
}

/// A drain does not wait for a peer that does not answer longer than it may.
#[test]
fn a_drain_has_an_end() {
    let (folder, events) = (Folder::new(), Events::default());
    let mut options = options(&folder, Durability::Process);
    options.drain_timeout = Duration::from_millis(100);
    let clock = Box::new(SystemClock::default());
    let ledger = Ledger::default();
    let log = events.log();
    let host = Host::open(options.clone(), settings(Role::Acceptor), ledger, clock, log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    let client = Client::logged_on(handle.addresses()[0], 1);
    handle.drain();
    thread.join().unwrap().unwrap();
    drop(client);
    let late = HostEvent::DrainTimedOut { connections: 1 };
    assert!(events.all().contains(&late), "{:?}", events.all());
    assert_eq!(Ending::Closed, verify(&options.journal.path()).unwrap().ending);
}

/// R98: what cannot be settled in half of the time of a drain is told, and everybody is logged out
/// all the same.
#[test]
fn a_drain_does_not_settle_for_ever() {
    let (folder, events) = (Folder::new(), Events::default());
    let mut options = options(&folder, Durability::Process);
    options.drain_timeout = Duration::from_secs(1);
    let clock = Box::new(SystemClock::default());
    let ledger = Ledger { never_settles: true, ..Ledger::default() };
    let log = events.log();
    let host = Host::open(options, settings(Role::Acceptor), ledger, clock, log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    handle.drain();
    let told = client.next().unwrap();
    assert!(told.contains("35=5"), "expected a logout, found {told}");
    assert!(matches!(thread.join().unwrap(), Err(HostError::Unsettled { count: 1 })));
    assert!(events.all().contains(&HostEvent::NotSettled), "{:?}", events.all());
}

/// R93, R98: a drain that is cut short leaves orders open: the end says how many and is none in
/// good order, though the journal is closed.
#[test]
fn a_drain_that_is_cut_short_says_what_is_open() {
    let folder = Folder::new();
    let options = options(&folder, Durability::Process);
    let clock = Box::new(SystemClock::default());
    let ledger = Ledger { never_settles: true, ..Ledger::default() };
    let log = Events::default().log();
    let host = Host::open(options.clone(), settings(Role::Acceptor), ledger, clock, log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    handle.drain();
    handle.stop();
    match thread.join().unwrap() {
        Err(why @ HostError::Unsettled { count: 1 }) => {
            assert!(why.to_string().starts_with("ended with 1 orders open"), "{why}");
        }
        other => panic!("expected an order that stays open, found {other:?}"),
    }
    assert_eq!(Ending::Closed, verify(&options.journal.path()).unwrap().ending);
}
