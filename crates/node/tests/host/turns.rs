//! What shares a turn, what leaves it and when, and what the clock does to it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ringfence_fix::endpoint::RESENT_BYTES_PER_TURN_MAX;
use ringfence_fix::session::Role;
use ringfence_node::host::{
    BUSY_POLL_MAX, Clock, Host, HostEvent, REQUESTS_MAX, Reading, RequestRefused, SystemClock,
};
use ringfence_node::journal::{Durability, JournalReader};
use ringfence_node::net::{Cut, NetOptions};

use crate::client::{Client, field};
use crate::ledger::{Command, Ledger};
use crate::world::{Events, Folder, options, settings};

const PATIENCE: Duration = Duration::from_secs(20);

/// I5, section 8 of ARCHITECTURE.md: everything that arrives in one turn shares one durable write.
#[test]
fn a_turn_shares_one_commit() {
    const ORDERS: u64 = 50;
    let folder = Folder::new();
    let clock = Box::new(SystemClock::default());
    let options = options(&folder, Durability::Disk);
    let log = Events::default().log();
    let host = Host::open(options, settings(Role::Acceptor), Ledger::default(), clock, log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    let (held, is_held) = channel();
    let (go_on, wait) = channel();
    let answer = handle.command(Command::Hold(held, wait)).unwrap();
    is_held.recv_timeout(PATIENCE).unwrap();
    let before = handle.status();
    let orders: Vec<Vec<u8>> =
        (0..ORDERS).map(|number| client.message("D", &format!("11={number}|"))).collect();
    client.write(&orders.concat());
    go_on.send(()).unwrap();
    answer.recv_timeout(PATIENCE).unwrap();
    for number in 0..ORDERS {
        assert_eq!(Some(number.to_string().as_str()), field(&client.read(), "11"));
    }
    handle.stop();
    thread.join().unwrap().unwrap();
    let after = handle.status();
    let commits = after.commit_records.count() - before.commit_records.count();
    assert_eq!(1, commits, "{after:?}");
    assert_eq!(ORDERS, after.counters.messages_in - before.counters.messages_in);
}

/// A host that does not sleep after work hears messages and commands while it looks, and ends.
#[test]
fn a_host_that_polls_hears_everything() {
    let folder = Folder::new();
    let clock = Box::new(SystemClock::default());
    let mut options = options(&folder, Durability::Process);
    options.busy_poll = BUSY_POLL_MAX;
    let log = Events::default().log();
    let host = Host::open(options, settings(Role::Acceptor), Ledger::default(), clock, log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    for number in 1..=3 {
        let order = client.message("D", &format!("11={number}|"));
        client.write(&order);
        assert_eq!(Some(number.to_string().as_str()), field(&client.read(), "11"));
        let answer = handle.command(Command::Note(format!("note {number}"))).unwrap();
        answer.recv_timeout(PATIENCE).unwrap();
    }
    handle.stop();
    thread.join().unwrap().unwrap();
}

/// An answer comes once its record is durable, and a restart folds it.
#[test]
fn a_command_is_answered_and_remembered() {
    let folder = Folder::new();
    let options = options(&folder, Durability::Disk);
    let open = |ledger: &Ledger| {
        let clock = Box::new(SystemClock::default());
        let log = Events::default().log();
        let settings = settings(Role::Acceptor);
        Host::open(options.clone(), settings, ledger.clone(), clock, log).unwrap()
    };
    let (handle, thread) = open(&Ledger::default()).spawn().unwrap();
    for number in 1..=3 {
        let answer = handle.command(Command::Note(format!("note {number}"))).unwrap();
        assert_eq!(number, answer.recv_timeout(PATIENCE).unwrap());
        // It is in the file by now, for anyone to read.
        let mut reader = JournalReader::open(&options.journal.path()).unwrap();
        let mut notes = 0;
        while let Some(record) = reader.next_record().unwrap() {
            notes += usize::from(record.payload.starts_with(b"note "));
        }
        assert_eq!(number, notes);
    }
    handle.stop();
    thread.join().unwrap().unwrap();
    assert_eq!(Err(RequestRefused::Ended), handle.command(Command::Break).map(drop));
    let ledger = Ledger::default();
    let _host = open(&ledger);
    assert_eq!(vec!["note 1", "note 2", "note 3"], ledger.notes());
}

/// Rule 7 of STYLE.md: the queue of requests is bounded, and one too many is refused.
#[test]
fn one_request_too_many_is_refused() {
    let folder = Folder::new();
    let clock = Box::new(SystemClock::default());
    let options = options(&folder, Durability::Process);
    let ledger = Ledger::default();
    let log = Events::default().log();
    let host = Host::open(options, settings(Role::Acceptor), ledger.clone(), clock, log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    let (held, is_held) = channel();
    let (go_on, wait) = channel();
    handle.command(Command::Hold(held, wait)).unwrap();
    is_held.recv_timeout(PATIENCE).unwrap();
    let answers: Vec<_> = (0..REQUESTS_MAX)
        .map(|number| handle.command(Command::Note(number.to_string())).unwrap())
        .collect();
    let refused = handle.command(Command::Note("one too many".to_owned()));
    assert_eq!(Err(RequestRefused::Full), refused.map(drop));
    go_on.send(()).unwrap();
    for answer in answers {
        answer.recv_timeout(PATIENCE).unwrap();
    }
    assert_eq!(REQUESTS_MAX, ledger.notes().len());
    handle.stop();
    thread.join().unwrap().unwrap();
}

/// A peer that sends and never reads is cut, a person is told why, and the host goes on.
#[test]
fn a_slow_reader_is_cut_and_told() {
    let (folder, events) = (Folder::new(), Events::default());
    let clock = Box::new(SystemClock::default());
    let mut options = options(&folder, Durability::Process);
    options.net = NetOptions { outbound_bytes_max: 100_000, ..NetOptions::default() };
    options.journal.segment_bytes = 64 * 1024 * 1024;
    let log = events.log();
    let host = Host::open(options, settings(Role::Acceptor), Ledger::default(), clock, log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    let text = "x".repeat(6_000);
    let mut sent = 0;
    while handle.status().counters.slow_readers == 0 {
        let order = client.message("D", &format!("11={sent}|58={text}|"));
        // The connection may be cut while this is written.
        client.write_or_lose(&order);
        sent += 1;
        assert!(sent < 10_000, "{:?}", handle.status().counters);
    }
    let slow = |event: &HostEvent| {
        matches!(event, HostEvent::Closed { why: Cut::SlowReader { .. }, .. }) && event.is_alert()
    };
    assert!(events.all().iter().any(slow));
    handle.command(Command::Note("alive".to_owned())).unwrap().recv_timeout(PATIENCE).unwrap();
    handle.stop();
    thread.join().unwrap().unwrap();
    assert_eq!(1, handle.status().counters.slow_readers);
}

/// A peer that asks for everything again and again, and does not read, lets no more wait than the
/// bound of its connection and what one turn may send again.
#[test]
fn requests_to_resend_do_not_multiply() {
    const WAITING_MAX: usize = 100_000;
    let (folder, events) = (Folder::new(), Events::default());
    let clock = Box::new(SystemClock::default());
    let mut options = options(&folder, Durability::Process);
    options.net = NetOptions { outbound_bytes_max: WAITING_MAX, ..NetOptions::default() };
    let log = events.log();
    let host = Host::open(options, settings(Role::Acceptor), Ledger::default(), clock, log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    let text = "x".repeat(500);
    for number in 0..60 {
        client.send("D", &format!("11={number}|58={text}|"));
        assert_eq!(Some("8"), field(&client.read(), "35"));
    }
    while handle.status().counters.slow_readers == 0 {
        let requests: Vec<Vec<u8>> = (0..600).map(|_| client.message("2", "7=1|16=0|")).collect();
        client.write_or_lose(&requests.concat());
    }
    handle.stop();
    thread.join().unwrap().unwrap();
    let waited = events.all().into_iter().find_map(|event| {
        if let HostEvent::Closed { why: Cut::SlowReader { waiting, .. }, .. } = event {
            return Some(waiting);
        }
        None
    });
    let waited = waited.unwrap();
    assert!(waited <= WAITING_MAX + RESENT_BYTES_PER_TURN_MAX + 100_000, "{waited}");
}

/// A clock that the test sets.
#[derive(Clone, Debug)]
struct SetClock {
    system: Arc<Mutex<SystemClock>>,
    ahead_ns: Arc<AtomicI64>,
}

impl Clock for SetClock {
    fn read(&mut self) -> Reading {
        let reading = self.system.lock().unwrap().read();
        let ahead_ns = self.ahead_ns.load(Ordering::Relaxed);
        Reading { wall_ns: reading.wall_ns + ahead_ns, ..reading }
    }
}

impl SetClock {
    fn new() -> Self {
        let system = Arc::new(Mutex::new(SystemClock::default()));
        Self { system, ahead_ns: Arc::new(AtomicI64::new(0)) }
    }
}

/// R111, I7: a wall clock that is an hour ahead for a moment cuts nobody off, refuses nobody, and
/// leaves nothing in the journal that a restart would have to wait for.
#[test]
fn a_spike_of_the_clock_cuts_nobody_off() {
    let (folder, clock) = (Folder::new(), SetClock::new());
    let open = |clock: SetClock| {
        let options = options(&folder, Durability::Process);
        let log = Events::default().log();
        Host::open(options, settings(Role::Acceptor), Ledger::default(), Box::new(clock), log)
    };
    let (handle, thread) = open(clock.clone()).unwrap().spawn().unwrap();
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    for (order, ahead_s) in ["before", "during", "after"].into_iter().zip([0, 3_600, 0]) {
        clock.ahead_ns.store(ahead_s * 1_000_000_000, Ordering::Relaxed);
        let looked = handle.command(Command::Note("a turn of this time".to_owned())).unwrap();
        looked.recv_timeout(PATIENCE).unwrap();
        client.send("D", &format!("11={order}|"));
        let report = client.read();
        assert_eq!([Some("8"), Some(order)], ["35", "11"].map(|tag| field(&report, tag)));
    }
    client.send("5", "");
    assert_eq!(Some("5"), field(&client.read(), "35"));
    drop(Client::logged_on(handle.addresses()[0], client.next_out));
    assert_eq!(2, handle.status().counters.clock_steps);
    handle.stop();
    thread.join().unwrap().unwrap();
    open(SetClock::new()).map(drop).unwrap();
}

/// I7, R111: a step of the wall clock is told, the application hears of it, and time never falls.
#[test]
fn a_step_of_the_clock_is_told() {
    let (folder, events, ledger) = (Folder::new(), Events::default(), Ledger::default());
    let clock = SetClock::new();
    let options = options(&folder, Durability::Process);
    let path = options.journal.path();
    let (settings, log) = (settings(Role::Acceptor), events.log());
    let host = Host::open(options, settings, ledger.clone(), Box::new(clock.clone()), log);
    let (handle, thread) = host.unwrap().spawn().unwrap();
    for ahead_s in [0, 3_600, -3_600, 0] {
        clock.ahead_ns.store(ahead_s * 1_000_000_000, Ordering::Relaxed);
        let answer = handle.command(Command::Note(format!("{ahead_s}"))).unwrap();
        answer.recv_timeout(PATIENCE).unwrap();
    }
    handle.stop();
    thread.join().unwrap().unwrap();
    let steps: Vec<i64> =
        ledger.steps.lock().unwrap().iter().map(|step| step.by_ns / 1_000_000_000).collect();
    let about = |step: &i64, expected: i64| (step - expected).abs() <= 1;
    assert_eq!(3, steps.len(), "{steps:?}");
    assert!(about(&steps[0], 3_600) && about(&steps[1], -7_200) && about(&steps[2], 3_600));
    let told = |event: &HostEvent| matches!(event, HostEvent::ClockStepped(_)) && event.is_alert();
    assert_eq!(3, events.all().iter().filter(|event| told(event)).count());
    assert_eq!(3, handle.status().counters.clock_steps);
    assert!(ledger.times.lock().unwrap().is_sorted());
    // A journal in which time fell could not be read.
    let mut reader = JournalReader::open(&path).unwrap();
    while reader.next_record().unwrap().is_some() {}
}
