//! A process is followed to its end, however it ends.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use ringfence_fix::codec::Message;
use ringfence_fix::endpoint::{Alert, Application, Context, FoldError, SessionIndex};
use ringfence_fix::session::{CompIdsSuffice, Settings};
use ringfence_kernel::types::Ts;

use super::*;
use crate::host::{ClockStep, HostOptions, SystemClock};
use crate::journal::{Durability, JournalOptions};

const TIMEOUT: Duration = Duration::from_secs(20);

/// Does nothing; may have a reason not to begin.
struct Idle {
    refusal: Option<String>,
}

impl Hosted for Idle {
    type Command = ();
    type Answer = ();
    fn begin(&mut self, _: &mut dyn Context) -> Result<(), String> {
        self.refusal.take().map_or(Ok(()), Err)
    }
    fn command(&mut self, (): (), _: &mut dyn Context) {
        panic!("I0: an invariant broke");
    }
}

impl Application for Idle {
    fn session_changed(&mut self, _: SessionIndex, _: bool, _: &mut dyn Context) {}
    fn deliver(&mut self, _: SessionIndex, _: &Message<'_>, _: &mut dyn Context) {}
    fn tick(&mut self, _: &mut dyn Context) {}
    fn due(&self) -> Option<Ts> {
        None
    }
    fn fold(&mut self, _: Ts, _: &[u8]) -> Result<(), FoldError> {
        Ok(())
    }
    fn may_resend(&self, _: SessionIndex, _: &str) -> bool {
        false
    }
}

/// A folder of a test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("ringfence-process-{}-{name}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn settings() -> Settings {
    Settings {
        sessions: Vec::new(),
        authenticator: Box::new(CompIdsSuffice),
        logons_pending_max: 1,
        jitter_seed: 0,
    }
}

fn started(folder: &Folder, refusal: Option<&str>) -> Process<Idle> {
    let journal =
        JournalOptions::new(folder.0.clone(), "2013-10-08".parse().unwrap(), Durability::Process);
    let idle = Idle { refusal: refusal.map(str::to_owned) };
    let open = move |log| {
        let clock = Box::new(SystemClock::default());
        Host::open(HostOptions::new(journal), settings(), idle, clock, log)
    };
    Process::start(0, Vec::new(), open).unwrap()
}

/// Waits until `phase`; returns that moment and everything told on the way.
fn until(process: &Process<Idle>, phase: Phase) -> (Snapshot, Vec<Told>) {
    let mut told = Vec::new();
    loop {
        let snapshot = process.wait(TIMEOUT).expect("something happens");
        told.extend(snapshot.told.iter().cloned());
        if snapshot.phase == phase {
            return (snapshot, told);
        }
    }
}

fn outcome(process: &Process<Idle>) -> (Outcome, Option<String>) {
    until(process, Phase::Ended).0.outcome.unwrap()
}

/// R98: drained and stopped are told apart, and nothing is told after the end.
#[test]
fn an_end_is_told() {
    let folder = Folder::new("end");
    let process = started(&folder, None);
    until(&process, Phase::Running);
    process.drain();
    assert_eq!((Outcome::Drained, None), outcome(&process));
    assert_eq!(None, process.wait(Duration::ZERO));
    assert!(process.handle().is_none());
    let again = started(&folder, None);
    until(&again, Phase::Running);
    again.drain();
    again.stop();
    assert_eq!((Outcome::Stopped, None), outcome(&again));
}

/// R98: an end that is asked for while the journal is folded comes as soon as it is.
#[test]
fn an_end_may_be_asked_for_early() {
    let folder = Folder::new("early");
    let (go, wait): (SyncSender<()>, Receiver<()>) = sync_channel(0);
    let journal =
        JournalOptions::new(folder.0.clone(), "2013-10-08".parse().unwrap(), Durability::Process);
    let process = Process::start(0, Vec::new(), move |log| {
        wait.recv().unwrap();
        let (idle, clock) = (Idle { refusal: None }, Box::new(SystemClock::default()));
        Host::open(HostOptions::new(journal), settings(), idle, clock, log)
    });
    let process = process.unwrap();
    assert_eq!(Phase::Recovering, process.snapshot().phase);
    process.drain();
    go.send(()).unwrap();
    assert_eq!((Outcome::Drained, None), outcome(&process));
}

/// R80: a reason not to begin ends the process as refused, with the reason.
#[test]
fn a_reason_not_to_begin_is_told() {
    let folder = Folder::new("refused");
    let process = started(&folder, Some("another day"));
    assert_eq!((Outcome::Refused, Some("another day".to_owned())), outcome(&process));
}

/// A journal that another process has open is a failure of the environment.
#[test]
fn a_journal_in_use_is_a_failure() {
    let folder = Folder::new("failed");
    let first = started(&folder, None);
    until(&first, Phase::Running);
    let (kind, why) = outcome(&started(&folder, None));
    assert_eq!((Outcome::Failed, true), (kind, why.is_some()));
    first.stop();
    outcome(&first);
}

/// Rule 16 of STYLE.md: our own bug halts, in the loop as before it.
#[test]
fn a_broken_invariant_is_told() {
    let folder = Folder::new("halted");
    let process = started(&folder, None);
    until(&process, Phase::Running);
    let answer = process.handle().unwrap().command(()).unwrap();
    assert!(answer.recv().is_err());
    let (kind, why) = outcome(&process);
    assert_eq!(Outcome::Halted, kind);
    assert!(why.unwrap().contains("I0: an invariant broke"));
    let open = |_| -> Result<Host<Idle>, HostError> { panic!("I0: before it began") };
    let (kind, why) = outcome(&Process::start(0, Vec::new(), open).unwrap());
    assert_eq!(Outcome::Halted, kind);
    assert!(why.unwrap().contains("before it began"));
}

/// Rule 7 of STYLE.md: when nobody looks, the oldest lines are dropped and counted.
#[test]
fn what_is_told_is_bounded() {
    let (go, wait): (SyncSender<()>, Receiver<()>) = sync_channel(0);
    let open = move |mut log: Log| {
        let alert = |text: String| HostEvent::Alert(Alert { session: None, text });
        (0..TOLD_MAX + 3).for_each(|number| log(&alert(number.to_string())));
        wait.recv().unwrap();
        Err::<Host<Idle>, _>(HostError::NotBegun(String::new()))
    };
    let process = Process::start(0, Vec::new(), open).unwrap();
    go.send(()).unwrap();
    let (_, told) = until(&process, Phase::Ended);
    assert_eq!("3 lines before these were dropped", told.first().unwrap().text);
    let (second, last) = (told.get(1).unwrap(), told.last().unwrap());
    assert_eq!(("3", "1026"), (second.text.as_str(), last.text.as_str()));
}

/// R111: a small step of the clock is told and is no alert; sessions are called by their names.
#[test]
fn words_are_those_of_the_configuration() {
    let (told, heard) = sync_channel(4);
    let open = move |mut log: Log| {
        let step =
            |by_ns| HostEvent::ClockStepped(ClockStep { by_ns, wall_ns: 0, is_doubted: false });
        log(&step(-1_000));
        log(&step(1_001));
        let session = Some(SessionIndex::new(1));
        log(&HostEvent::Alert(Alert { session, text: "reset".to_owned() }));
        told.send(()).unwrap();
        Err::<Host<Idle>, _>(HostError::NotBegun(String::new()))
    };
    let names = vec!["CLIENT".to_owned(), "LIT1".to_owned()];
    let process = Process::start(1_000, names, open).unwrap();
    heard.recv().unwrap();
    let (_, told) = until(&process, Phase::Ended);
    let alerts: Vec<bool> = told.iter().map(|told| told.alert).collect();
    assert_eq!(vec![false, true, true], alerts);
    assert_eq!("LIT1: reset", told.last().unwrap().text);
}
