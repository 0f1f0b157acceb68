//! The disk fails under a host: nothing leaves that is not durable, and the host ends (I5).

use std::sync::Arc;
use std::time::Duration;

use ringfence_fix::session::Role;

use super::test_client::{Client, field};
use super::test_ledger::{Command, Ledger};
use super::test_world::{Events, Folder, options, settings};
use super::{Host, HostError, HostState, SystemClock};
use crate::journal::{Call, Durability, Ending, Fault, FaultyDisk, verify};

const PATIENCE: Duration = Duration::from_secs(20);

fn open(folder: &Folder, durability: Durability, disk: &FaultyDisk) -> Host<Ledger> {
    let clock = Box::new(SystemClock::default());
    let (options, settings) = (options(folder, durability), settings(Role::Acceptor));
    let log = Events::default().log();
    Host::open_on(Arc::new(disk.clone()), options, settings, Ledger::default(), clock, log).unwrap()
}

/// I5: a full disk and a failed sync; the answer to an order does not leave, and neither does that
/// to a command. What was answered before is in the journal.
#[test]
fn a_failed_commit_lets_nothing_out() {
    let faults = [(Call::Write, libc::ENOSPC), (Call::SyncData, libc::EIO)];
    for (call, code) in faults {
        let (folder, disk) = (Folder::new(), FaultyDisk::default());
        let (handle, thread) = open(&folder, Durability::Disk, &disk).spawn().unwrap();
        let mut client = Client::logged_on(handle.addresses()[0], 1);
        client.send("D", "11=before|");
        assert_eq!(Some("before"), field(&client.read(), "11"));
        // Asked in a turn of its own, after the one of the order.
        handle.sessions().unwrap().recv_timeout(PATIENCE).unwrap();
        let before = handle.status();
        disk.set(call, 0, Fault::Error(code));
        client.send("D", "11=after|");
        assert_eq!(None, client.next());
        let why = thread.join().unwrap().unwrap_err();
        let text = why.to_string();
        let HostError::Journal { last_seq, .. } = why else {
            panic!("expected a failed journal, found {why}");
        };
        assert_eq!(Some(before.last_seq), last_seq.map(|seq| seq.get()));
        assert!(text.starts_with("journal failed: "), "{text}");
        let end = format!("; nothing was sent after record {}", before.last_seq);
        assert!(text.ends_with(&end), "{text}");
        let after = handle.status();
        assert_eq!(HostState::Ended, after.state);
        assert_eq!(before.counters.messages_out, after.counters.messages_out);
        let report = verify(&options(&folder, Durability::Disk).journal.path()).unwrap();
        assert_eq!(Ending::Unclosed, report.ending);
        assert!(report.last_seq.unwrap().get() >= before.last_seq);
    }
}

/// I5: a command whose record is not durable is not answered.
#[test]
fn a_command_that_is_not_durable_is_not_answered() {
    let (folder, disk) = (Folder::new(), FaultyDisk::default());
    let (handle, thread) = open(&folder, Durability::Disk, &disk).spawn().unwrap();
    let answer = handle.command(Command::Note("one".to_owned())).unwrap();
    answer.recv_timeout(PATIENCE).unwrap();
    disk.set(Call::SyncData, 0, Fault::Error(libc::EIO));
    let answer = handle.command(Command::Note("two".to_owned())).unwrap();
    assert!(answer.recv_timeout(PATIENCE).is_err());
    assert!(matches!(thread.join().unwrap(), Err(HostError::Journal { .. })));
}

/// Under `process` durability a background sync that fails ends an idle host too: it may not take
/// another order.
#[test]
fn a_failed_background_sync_ends_an_idle_host() {
    let (folder, disk) = (Folder::new(), FaultyDisk::default());
    let (handle, thread) = open(&folder, Durability::Process, &disk).spawn().unwrap();
    let client = Client::logged_on(handle.addresses()[0], 1);
    disk.set(Call::SyncData, 0, Fault::Error(libc::EIO));
    let answer = handle.command(Command::Note("one".to_owned())).unwrap();
    answer.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(thread.join().unwrap(), Err(HostError::Journal { .. })));
    drop(client);
}
