//! How far the clock is from UTC is read at the start and while the host runs.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ringfence_fix::session::Role;
use ringfence_node::host::{
    Clock, ClockLimits, ClockOffset, Discipline, Host, HostError, HostEvent, HostHandle,
    HostOptions, Reading, SystemClock, Unfit,
};
use ringfence_node::journal::{Durability, JournalWriter, Ts};

use crate::ledger::{Command, Ledger};
use crate::world::{Events, Folder, options, settings};

const PATIENCE: Duration = Duration::from_secs(20);
const MS: i64 = 1_000_000;

fn steered(offset_ns: i64) -> Discipline {
    Discipline::Steered(ClockOffset { offset_ns, est_error_ns: 0, max_error_ns: 0 })
}

/// The clock of this machine, steered by the test.
#[derive(Clone)]
struct SteeredClock(Arc<Mutex<(SystemClock, Discipline)>>);

impl SteeredClock {
    fn new(discipline: Discipline) -> Self {
        Self(Arc::new(Mutex::new((SystemClock::default(), discipline))))
    }
    fn set(&self, discipline: Discipline) {
        self.0.lock().unwrap().1 = discipline;
    }
}

impl Clock for SteeredClock {
    fn read(&mut self) -> Reading {
        self.0.lock().unwrap().0.read()
    }
    fn discipline(&mut self) -> Discipline {
        self.0.lock().unwrap().1.clone()
    }
}

fn watched(folder: &Folder, unfit: Unfit) -> HostOptions {
    let limits = ClockLimits { offset_max_ns: MS, error_max_ns: MS, check_every_ns: 1, unfit };
    HostOptions { clock: Some(limits), ..options(folder, Durability::Process) }
}

fn open(
    options: HostOptions,
    clock: &SteeredClock,
    events: &Events,
) -> Result<Host<Ledger>, HostError> {
    let (settings, log) = (settings(Role::Acceptor), events.log());
    Host::open(options, settings, Ledger::default(), Box::new(clock.clone()), log)
}

fn told(events: &Events) -> Vec<(&'static str, bool)> {
    let mut told = Vec::new();
    for event in events.all() {
        if let HostEvent::ClockChecked(found) = &event {
            told.push((found.name(), event.is_alert()));
        }
    }
    told
}

/// Waits until the status shows the clock as `name`; each command is a turn, and so a look.
fn until(handle: &HostHandle<Ledger>, name: &str) {
    let began = Instant::now();
    while handle.status().clock.unwrap().fitness.name() != name {
        assert!(began.elapsed() < PATIENCE, "{:?}", handle.status().clock);
        let answer = handle.command(Command::Note("look".to_owned())).unwrap();
        answer.recv_timeout(PATIENCE).unwrap();
    }
}

/// R111, RTS 25: what is known of the clock is shown from the start on, each change of it is told
/// once, and the host goes on serving.
#[test]
fn changes_of_the_offset_are_told() {
    let (folder, events) = (Folder::new(), Events::default());
    let clock = SteeredClock::new(steered(100));
    let host = open(watched(&folder, Unfit::Refuse), &clock, &events).unwrap();
    let (handle, thread) = host.spawn().unwrap();
    assert_eq!(steered(100), handle.status().clock.unwrap().discipline);
    for (discipline, name) in
        [(steered(-2 * MS), "beyond"), (Discipline::Unsteered, "unknown"), (steered(100), "within")]
    {
        clock.set(discipline.clone());
        until(&handle, name);
        assert_eq!(discipline, handle.status().clock.unwrap().discipline);
    }
    assert_eq!(2, handle.status().counters.alerts);
    handle.stop();
    thread.join().unwrap().unwrap();
    let expected = [("within", false), ("beyond", true), ("unknown", true), ("within", false)];
    assert_eq!(expected.as_slice(), told(&events));
}

/// R111: a clock that is not known to be right begins no day, unless it is told to; a day that was
/// begun goes on, because orders of it may be open.
#[test]
fn an_unfit_clock_begins_no_day() {
    for (discipline, name) in [(steered(2 * MS), "beyond"), (Discipline::Unsteered, "unknown")] {
        let (folder, events) = (Folder::new(), Events::default());
        let clock = SteeredClock::new(discipline);
        for _again in 0..2 {
            match open(watched(&folder, Unfit::Refuse), &clock, &events) {
                Err(HostError::ClockUnfit(found)) => assert_eq!(name, found.name()),
                Err(why) => panic!("expected an unfit clock, found {why}"),
                Ok(_) => panic!("expected a refusal, found a host"),
            }
        }
        assert_eq!(0, told(&events).len());
        let host = open(watched(&folder, Unfit::Alert), &clock, &events).unwrap();
        assert_eq!(1, host.handle().status().counters.alerts);
        assert_eq!([(name, true)].as_slice(), told(&events));
        drop(host);
        let begun = Folder::new();
        let options = watched(&begun, Unfit::Refuse);
        let mut writer = JournalWriter::create(options.journal.clone()).unwrap();
        writer.append(Ts::from_nanos(1), b"note").unwrap();
        writer.close().unwrap();
        open(options, &clock, &events).unwrap();
        // The day after has no record yet, whatever the day before has.
        let mut next = watched(&begun, Unfit::Refuse);
        next.journal.trade_date = "2013-01-02".parse().unwrap();
        let refused = open(next, &clock, &events).err();
        assert!(matches!(refused, Some(HostError::ClockUnfit(_))), "{refused:?}");
    }
}

/// A host without bounds for its clock does not ask for its offset.
#[test]
fn a_clock_without_bounds_is_not_watched() {
    let (folder, events) = (Folder::new(), Events::default());
    let clock = SteeredClock::new(Discipline::Unsteered);
    let host = open(options(&folder, Durability::Process), &clock, &events).unwrap();
    assert_eq!(None, host.handle().status().clock);
    assert_eq!(0, told(&events).len());
}
