//! From one trading day to the next: numbers go on, messages do not, and nothing is forgotten.

use std::fs;
use std::sync::{Arc, Mutex};

use ringfence_fix::session::Role;
use ringfence_kernel::types::Ts;
use ringfence_node::host::{
    Clock, Host, HostError, HostEvent, HostHandle, HostOptions, Reading, SystemClock,
};
use ringfence_node::journal::{
    Durability, Ending, JournalOptions, NextDay, TradeDate, journal_path, next_day, trade_dates,
    verify, verify_days,
};

use crate::client::{Client, field};
use crate::ledger::{Command, Judge, Ledger};
use crate::world::{Events, Folder, options, settings};

fn date(day: u8) -> TradeDate {
    TradeDate::new(2012, 8, day).unwrap()
}

fn of_day(folder: &Folder, day: u8) -> HostOptions {
    let options = options(folder, Durability::Process);
    HostOptions { journal: JournalOptions { trade_date: date(day), ..options.journal }, ..options }
}

fn open(folder: &Folder, day: u8, ledger: Ledger) -> Result<Host<Ledger>, HostError> {
    open_told(folder, day, ledger, &Events::default())
}

fn open_told(
    folder: &Folder,
    day: u8,
    ledger: Ledger,
    events: &Events,
) -> Result<Host<Ledger>, HostError> {
    let clock = Box::new(SystemClock::default());
    Host::open(of_day(folder, day), settings(Role::Acceptor), ledger, clock, events.log())
}

type Thread = std::thread::JoinHandle<Result<(), HostError>>;

fn begun(folder: &Folder, day: u8) -> (HostHandle<Ledger>, Thread) {
    open(folder, day, Ledger::default()).unwrap().spawn().unwrap()
}

/// Logs the client out, and ends the day's process in good order.
fn end(mut client: Client, handle: &HostHandle<Ledger>, thread: Thread) -> u64 {
    handle.drain();
    assert_eq!(Some("5"), field(&client.read(), "35"));
    client.send("5", "");
    assert_eq!(None, client.next());
    thread.join().unwrap().unwrap();
    client.next_out
}

/// Section 8, R58: three days of one session. Its numbers go on in both directions, what is asked
/// for of yesterday is gap-filled and never sent again, and what was sent today comes as it was.
#[test]
fn numbers_go_on_and_messages_stay_behind() {
    let folder = Folder::new();
    let (mut next_out, mut next_in) = (1, 1);
    for day in 1..=3 {
        let (handle, thread) = begun(&folder, day);
        let mut client = Client::new(crate::client::connect(handle.addresses()[0]));
        client.next_out = next_out;
        client.send("A", "98=0|108=30|");
        let logon = client.read();
        assert_eq!(Some(next_in.to_string().as_str()), field(&logon, "34"), "{logon}");
        client.send("D", &format!("11=day{day}|"));
        let report = client.read();
        let (own_seq, logon_seq) = (next_in + 1, next_in);
        assert_eq!(Some(own_seq.to_string().as_str()), field(&report, "34"));
        client.send("2", "7=1|16=0|");
        let fill = client.read();
        assert_eq!(
            [Some("4"), Some("1"), Some("Y"), Some(own_seq.to_string().as_str())],
            ["35", "34", "123", "36"].map(|tag| field(&fill, tag)),
            "day {day}: everything before today's report (logon {logon_seq}) is filled"
        );
        let again = client.read();
        let own = format!("day{day}");
        assert_eq!(
            [Some("8"), Some("Y"), Some(own.as_str())],
            ["35", "43", "11"].map(|tag| field(&again, tag))
        );
        next_out = end(client, &handle, thread);
        next_in = own_seq + 2; // the logout
    }
    let reports = verify_days(folder.path()).unwrap();
    let endings: Vec<Ending> = reports.iter().map(|report| report.ending).collect();
    assert_eq!(vec![Ending::Sealed, Ending::Sealed, Ending::Closed], endings);
    let before: Vec<_> = reports.iter().map(|report| report.previous_date).collect();
    assert_eq!(vec![None, Some(date(1)), Some(date(2))], before);
}

/// A session whose settings reset it begins every logon at 1, on the second day as on the first.
#[test]
fn a_session_that_resets_begins_at_one() {
    let folder = Folder::new();
    for day in 1..=2 {
        let mut settings = settings(Role::Acceptor);
        settings.sessions[0].resets.on_logon = true;
        let clock = Box::new(SystemClock::default());
        let log = Events::default().log();
        let host = Host::open(of_day(&folder, day), settings, Ledger::default(), clock, log);
        let (handle, thread) = host.unwrap().spawn().unwrap();
        let mut client = Client::new(crate::client::connect(handle.addresses()[0]));
        client.send("A", "98=0|108=30|");
        assert_eq!(Some("1"), field(&client.read(), "34"));
        end(client, &handle, thread);
    }
}

/// A session that was cut off by the end of the process goes on the next day as after a crash; the
/// report of which its client gave no sign comes anew (FIX 97).
#[test]
fn a_session_that_was_cut_off_goes_on() {
    let folder = Folder::new();
    let (handle, thread) = begun(&folder, 1);
    let mut client = Client::logged_on(handle.addresses()[0], 1);
    client.send("D", "11=last|");
    client.read();
    let next_out = client.next_out;
    handle.stop();
    thread.join().unwrap().unwrap();
    let (handle, thread) = begun(&folder, 2);
    let mut client = Client::logged_on(handle.addresses()[0], next_out);
    let anew = client.read();
    let found = ["35", "34", "97"].map(|tag| field(&anew, tag));
    assert_eq!([Some("8"), Some("4"), Some("Y")], found);
    client.send("1", "112=up|");
    let beat = client.read();
    assert_eq!([Some("0"), Some("5")], ["35", "34"].map(|tag| field(&beat, tag)));
    end(client, &handle, thread);
}

fn noted(folder: &Folder, day: u8, note: &str) {
    let (handle, thread) = begun(folder, day);
    let answer = handle.command(Command::Note(note.to_owned())).unwrap();
    answer.recv().unwrap();
    handle.stop();
    thread.join().unwrap().unwrap();
}

/// Fail closed: a day that the application does not let end is not sealed, and none follows it; the
/// same day goes on, and a later start that finds it settled begins the next.
#[test]
fn a_day_that_may_not_end_stays_open() {
    let folder = Folder::new();
    noted(&folder, 1, "order 7");
    let judge = Judge { open: Some("order 7".to_owned()), ..Judge::default() };
    let ledger = Ledger { judge: Some(judge.clone()), ..Ledger::default() };
    let Err(why) = open(&folder, 2, ledger) else { panic!("expected a refusal, found a host") };
    assert_eq!("no day can follow 2012-08-01 yet: order 7 is open", why.to_string());
    assert_eq!(vec![date(1)], trade_dates(folder.path()).unwrap());
    assert_eq!(Ending::Closed, verify(&journal_path(folder.path(), date(1))).unwrap().ending);
    let ledger = Ledger { judge: Some(judge), ..Ledger::default() };
    assert_eq!(vec!["order 7"], {
        drop(open(&folder, 1, ledger.clone()).unwrap());
        ledger.notes()
    });
    let (judge, events) = (Judge::default(), Events::default());
    let ledger = Ledger { judge: Some(judge.clone()), ..Ledger::default() };
    drop(open_told(&folder, 2, ledger.clone(), &events).unwrap());
    assert_eq!(vec!["order 7"], *judge.heard.lock().unwrap());
    assert!(ledger.notes().is_empty(), "the application begins anew");
    let told = HostEvent::CarriedOver { text: "order 7".to_owned() };
    assert!(told.is_alert() && events.all().contains(&told), "{:?}", events.all());
    assert_eq!(Ending::Sealed, verify(&journal_path(folder.path(), date(1))).unwrap().ending);
}

/// A day before the newest is refused in words, whether it has a journal or not.
#[test]
fn an_earlier_day_is_refused() {
    let folder = Folder::new();
    noted(&folder, 2, "a");
    noted(&folder, 4, "b");
    for day in [1, 2, 3] {
        let Err(why) = open(&folder, day, Ledger::default()) else { panic!("{day} was opened") };
        let expected = format!(
            "trade_date: 2012-08-0{day} is over, 2012-08-04 has begun: expected it or a later day"
        );
        assert_eq!(expected, why.to_string());
    }
    assert_eq!(NextDay::GoesOn, next_day(folder.path(), date(4)).unwrap());
    let begins = NextDay::Begins { after: Some(date(4)) };
    assert_eq!(begins, next_day(folder.path(), date(5)).unwrap());
}

/// Crashes in the middle of a roll: sealed and not begun; begun and without a record; without its
/// last block. The next start makes up for each, and the session's numbers go on.
#[test]
fn a_crash_in_the_middle_of_a_roll_is_made_up_for() {
    for lost in ["folder", "records", "tail"] {
        let folder = Folder::new();
        let (handle, thread) = begun(&folder, 1);
        let client = Client::logged_on(handle.addresses()[0], 1);
        let next_out = end(client, &handle, thread);
        drop(open(&folder, 2, Ledger::default()).unwrap());
        let second = journal_path(folder.path(), date(2));
        let segment = second.join("000001.rfj");
        match lost {
            "folder" => fs::remove_dir_all(&second).unwrap(),
            "tail" => fs::write(&segment, &fs::read(&segment).unwrap()[..90]).unwrap(),
            _ => fs::write(&segment, &fs::read(&segment).unwrap()[..80]).unwrap(),
        }
        let judge = Judge { open: Some("none".to_owned()), ..Judge::default() };
        let ledger = Ledger { judge: Some(judge), ..Ledger::default() };
        let (handle, thread) = open(&folder, 2, ledger).unwrap().spawn().unwrap();
        let mut client = Client::new(crate::client::connect(handle.addresses()[0]));
        client.next_out = next_out;
        client.send("A", "98=0|108=30|");
        assert_eq!(Some("3"), field(&client.read(), "34"), "{lost}");
        end(client, &handle, thread);
        assert_eq!(2, verify_days(folder.path()).unwrap().len(), "{lost}");
    }
}

/// A day begins with a durability of its own; the one before it keeps what it began with.
#[test]
fn a_day_may_have_another_durability() {
    let folder = Folder::new();
    noted(&folder, 1, "a");
    let mut options = of_day(&folder, 2);
    options.journal.durability = Durability::Disk;
    let clock = Box::new(SystemClock::default());
    let log = Events::default().log();
    drop(Host::open(options, settings(Role::Acceptor), Ledger::default(), clock, log).unwrap());
    let reports = verify_days(folder.path()).unwrap();
    let found: Vec<_> = reports.iter().map(|report| report.durability).collect();
    assert_eq!(vec![Durability::Process, Durability::Disk], found);
}

/// A clock that a test moves.
#[derive(Clone, Default)]
struct Moved(Arc<Mutex<i64>>);

impl Clock for Moved {
    fn read(&mut self) -> Reading {
        let now = *self.0.lock().unwrap();
        Reading { wall_ns: now, monotonic_ns: now }
    }
}

/// A host that runs past the end of its day tells a person once; one that starts behind the end was
/// asked to, and tells nobody.
#[test]
fn the_end_of_the_day_is_told() {
    const SECOND: i64 = 1_000_000_000;
    for (start, expected) in [(90, 1), (100, 0)] {
        let (folder, events, clock) = (Folder::new(), Events::default(), Moved::default());
        *clock.0.lock().unwrap() = start * SECOND;
        let mut options = of_day(&folder, 1);
        options.day_end = Some(Ts::from_nanos(100 * SECOND));
        let (settings, time) = (settings(Role::Acceptor), Box::new(clock.clone()));
        let host = Host::open(options, settings, Ledger::default(), time, events.log()).unwrap();
        let (handle, thread) = host.spawn().unwrap();
        for second in [start, 101, 102] {
            *clock.0.lock().unwrap() = second * SECOND;
            for _ in 0..2 {
                handle.command(Command::Note("a turn".to_owned())).unwrap().recv().unwrap();
            }
        }
        handle.stop();
        thread.join().unwrap().unwrap();
        let over = HostEvent::DayOver { trade_date: date(1) };
        assert!(over.is_alert());
        let told = events.all().into_iter().filter(|event| *event == over).count();
        assert_eq!(expected, told, "start at {start}");
    }
}
