//! The disk fails: what is said, what stays, and that nothing goes on.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::fault_disk::{Call, Fault, FaultyDisk};
use super::storage::Storage;
use super::sync::BackgroundSync;
use super::{
    CommitFailure, Durability, JournalError, JournalOptions, JournalReader, JournalWriter, Seq,
    SyncFailure, TearKind, TradeDate, Ts, recover,
};

/// A root directory of its own, a disk to spoil, and options.
struct World {
    root: PathBuf,
    disk: FaultyDisk,
    options: JournalOptions,
}

impl World {
    fn new(durability: Durability) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("ringfence-faults-{}-{number}", std::process::id());
        let root = std::env::temp_dir().join(name);
        let date = TradeDate::new(2012, 8, 1).unwrap();
        let options = JournalOptions {
            segment_bytes: 4096,
            sync_interval: Duration::from_millis(1),
            ..JournalOptions::new(&root, date, durability)
        };
        Self { root, disk: FaultyDisk::default(), options }
    }

    fn create(&self) -> Result<JournalWriter, JournalError> {
        recover::create(self.options.clone(), Arc::new(self.disk.clone()))
    }

    /// Opens the journal on a disk that works again.
    fn reopen(&self) -> (JournalWriter, recover::Recovered) {
        JournalWriter::open(self.options.clone()).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.root));
    }
}

fn commit(writer: &mut JournalWriter, payload: &[u8]) -> Result<Option<Seq>, JournalError> {
    writer.append(Ts::from_nanos(0), payload)?;
    writer.commit().map(|committed| committed.last_seq)
}

fn failure(result: Result<Option<Seq>, JournalError>) -> CommitFailure {
    match result {
        Err(JournalError::CommitFailed(failure)) => failure,
        other => panic!("expected a failed commit, found {other:?}"),
    }
}

fn assert_dead(writer: &mut JournalWriter, cause: &str) {
    let results = [
        writer.append(Ts::from_nanos(0), b"x").map(|_| ()),
        writer.commit().map(|_| ()),
        writer.sync().map(|_| ()),
        writer.roll(TradeDate::new(2012, 8, 2).unwrap()),
    ];
    for result in results {
        match result {
            Err(JournalError::Poisoned { cause: found, .. }) => assert_eq!(cause, found),
            other => panic!("expected a dead writer, found {other:?}"),
        }
    }
}

/// A full disk: the commit fails, names what is durable and what is not, and the writer is dead.
#[test]
fn a_full_disk_kills_the_writer() {
    let world = World::new(Durability::Disk);
    let mut writer = world.create().unwrap();
    commit(&mut writer, b"one").unwrap();
    world.disk.set(Call::Write, 0, Fault::Error(libc::ENOSPC));
    writer.append(Ts::from_nanos(0), b"two").unwrap();
    let failure = failure(commit(&mut writer, b"three"));
    assert_eq!((169, Seq::new(2)), (failure.place.offset, failure.place.seq));
    assert_eq!(Some(Seq::new(3)), failure.last_seq);
    assert_eq!((Some(Seq::new(1)), Some(Seq::new(1))), (failure.committed_seq, failure.synced_seq));
    assert_eq!(Some(libc::ENOSPC), failure.source.raw_os_error());
    let text = JournalError::CommitFailed(failure).to_string();
    let said = "not acknowledged: seq 2 to 3; acknowledged up to seq 1, on disk up to seq 1";
    assert!(text.ends_with(said), "{text}");
    assert_dead(&mut writer, &text);
    drop(writer);
    let (writer, recovered) = world.reopen();
    assert_eq!((1, None, Seq::new(2)), (recovered.records, recovered.tear, writer.next_seq()));
}

/// A write cut short by an error leaves a torn tail, which the next start cuts.
#[test]
fn a_write_that_fails_half_way_is_cut_at_the_next_start() {
    let world = World::new(Durability::Disk);
    let mut writer = world.create().unwrap();
    commit(&mut writer, b"one").unwrap();
    world.disk.set(Call::Write, 0, Fault::Short(50));
    world.disk.set(Call::Write, 1, Fault::Error(libc::EIO));
    writer.append(Ts::from_nanos(0), b"two").unwrap();
    let text = JournalError::CommitFailed(failure(commit(&mut writer, b"three"))).to_string();
    assert_dead(&mut writer, &text);
    drop(writer);
    let (_, recovered) = world.reopen();
    let tear = recovered.tear.unwrap();
    assert_eq!((1, 1, TearKind::Prefix), (recovered.records, tear.records, tear.kind));
}

/// Short writes and interruptions without an error are finished, up to a bound.
#[test]
fn short_and_interrupted_writes_are_finished() {
    let world = World::new(Durability::Disk);
    let mut writer = world.create().unwrap();
    for nth in 0..5 {
        world.disk.set(Call::Write, nth, Fault::Short(1));
    }
    for nth in 5..105 {
        world.disk.set(Call::Write, nth, Fault::Error(libc::EINTR));
    }
    assert_eq!(Some(Seq::new(1)), commit(&mut writer, b"one").unwrap());
    for nth in 0..101 {
        world.disk.set(Call::Write, nth, Fault::Error(libc::EINTR));
    }
    let failed = failure(commit(&mut writer, b"two"));
    assert_eq!(io::ErrorKind::Interrupted, failed.source.kind());
    drop(writer);
    assert_eq!(1, world.reopen().1.records);
}

/// A disk that takes nothing and reports nothing is a failure, not an endless loop.
#[test]
fn a_write_of_nothing_is_a_failure() {
    let world = World::new(Durability::Process);
    let mut writer = world.create().unwrap();
    world.disk.set(Call::Write, 0, Fault::Short(0));
    assert_eq!(io::ErrorKind::WriteZero, failure(commit(&mut writer, b"one")).source.kind());
}

/// A failed sync is final: it is never tried again, because a second one would succeed without the
/// lost pages.
#[test]
fn a_failed_sync_is_never_retried() {
    let world = World::new(Durability::Disk);
    let mut writer = world.create().unwrap();
    commit(&mut writer, b"one").unwrap();
    world.disk.set(Call::SyncData, 0, Fault::Error(libc::EIO));
    let failure = failure(commit(&mut writer, b"two"));
    assert_eq!(("sync", Some(Seq::new(1))), (failure.action, failure.committed_seq));
    let calls = world.disk.log().len();
    assert_dead(&mut writer, &JournalError::CommitFailed(failure).to_string());
    assert!(writer.close().is_err());
    assert_eq!(calls, world.disk.log().len(), "a dead writer touches nothing");
    // The batch was written whole: the next start keeps it, although it was not acknowledged.
    assert_eq!(2, world.reopen().1.records);
}

/// A start writes the last batch once more and syncs it: after a failed sync the page cache may
/// hold what the disk does not.
#[test]
fn a_start_sends_the_last_batch_to_the_disk_again() {
    let world = World::new(Durability::Disk);
    let mut writer = world.create().unwrap();
    commit(&mut writer, b"one").unwrap();
    drop(writer);
    let calls = world.disk.log().len();
    let storage = Arc::new(world.disk.clone());
    let opened = recover::open(world.options.clone(), storage, |_| Ok::<(), JournalError>(()));
    drop(opened.unwrap());
    let expected = [Call::Open, Call::Truncate, Call::Preallocate, Call::Write, Call::SyncAll];
    assert_eq!(expected, world.disk.log()[calls..]);
}

/// I5: a commit under `disk` returns after write and sync, one of each; under `process` after the
/// write.
#[test]
fn a_commit_is_one_write_and_under_disk_one_sync() {
    for (durability, expected) in [
        (Durability::Disk, [Call::Write, Call::SyncData].as_slice()),
        (Durability::Process, [Call::Write].as_slice()),
    ] {
        let mut world = World::new(durability);
        world.options.sync_interval = Duration::from_secs(10);
        let mut writer = world.create().unwrap();
        let calls = world.disk.log().len();
        for _ in 0..20 {
            writer.append(Ts::from_nanos(0), b"record").unwrap();
        }
        writer.commit().unwrap();
        assert_eq!(expected, &world.disk.log()[calls..], "{durability}");
    }
}

/// A failed background sync is told at the next commit and kills the writer.
#[test]
fn a_failed_background_sync_is_told_at_the_next_commit() {
    let world = World::new(Durability::Process);
    let mut writer = world.create().unwrap();
    world.disk.set(Call::SyncData, 0, Fault::Error(libc::EIO));
    commit(&mut writer, b"one").unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let error = loop {
        assert!(Instant::now() < deadline, "the failure was never told");
        match writer.commit() {
            Ok(_) => std::thread::yield_now(),
            Err(error) => break error,
        }
    };
    let text = error.to_string();
    let JournalError::SyncFailed(SyncFailure { committed_seq, synced_seq, source, .. }) = error
    else {
        panic!("expected a failed sync, found {text}");
    };
    assert_eq!((Some(Seq::new(1)), None), (committed_seq, synced_seq));
    assert_eq!(Some(libc::EIO), source.raw_os_error());
    assert_dead(&mut writer, &text);
}

/// Under `process` durability the background sync brings every record to the disk by itself.
#[test]
fn the_background_sync_reaches_the_last_record() {
    let world = World::new(Durability::Process);
    let mut writer = world.create().unwrap();
    commit(&mut writer, b"one").unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while writer.synced_seq() != Some(Seq::new(1)) {
        assert!(Instant::now() < deadline, "the record was never synced");
        std::thread::yield_now();
    }
    commit(&mut writer, b"two").unwrap();
    assert_eq!(Some(Seq::new(2)), writer.sync().unwrap());
}

/// A segment gets a successor only after its batches are known to be on the disk.
#[test]
fn a_new_segment_waits_for_the_sync_of_the_one_in_front() {
    let mut world = World::new(Durability::Process);
    world.options.sync_interval = Duration::from_secs(10);
    let mut writer = world.create().unwrap();
    commit(&mut writer, &[1; 3900]).unwrap();
    world.disk.set(Call::SyncData, 0, Fault::Error(libc::EIO));
    let failure = failure(commit(&mut writer, &[2; 3900]));
    assert_eq!(("sync", Some(Seq::new(1)), None), {
        (failure.action, failure.committed_seq, failure.synced_seq)
    });
    assert_eq!(1, super::directory::highest_segment(&world.options.path()).unwrap());
}

/// A background sync that failed is not made good by a later one, which would succeed without the
/// lost pages.
#[test]
fn a_failed_background_sync_stays_failed() {
    let world = World::new(Durability::Process);
    fs::create_dir(&world.root).unwrap();
    let file = world.disk.create(&world.root.join("file")).unwrap();
    let background = BackgroundSync::start(Duration::from_millis(1), None).unwrap();
    world.disk.set(Call::SyncData, 0, Fault::Error(libc::EIO));
    background.note(&file, Some(Seq::new(1)));
    let deadline = Instant::now() + Duration::from_secs(20);
    while background.check().is_ok() {
        assert!(Instant::now() < deadline, "the failure was never told");
        std::thread::yield_now();
    }
    let calls = world.disk.log().len();
    let again = background.sync_now(&*file, Some(Seq::new(1)));
    assert_eq!(Some(libc::EIO), again.unwrap_err().raw_os_error());
    assert_eq!((calls, None), (world.disk.log().len(), background.synced_seq()));
}

/// Whichever call of a journal's life fails, every acknowledged record is there afterwards, and at
/// most the one batch that was under way besides.
#[test]
fn no_failing_call_loses_an_acknowledged_record() {
    for durability in [Durability::Disk, Durability::Process] {
        let mut failed = 0;
        for call in 0.. {
            let mut world = World::new(durability);
            // The background thread would make the count of calls differ from run to run.
            world.options.sync_interval = Duration::from_secs(10);
            world.disk.fail_at(call);
            let mut acknowledged = 0;
            let lived = live(&world, &mut acknowledged);
            failed += u32::from(lived.is_err());
            let mut found = 0;
            for date in super::trade_dates(&world.root).unwrap() {
                let options = JournalOptions { trade_date: date, ..world.options.clone() };
                let mut reader = JournalReader::open(&options.path()).unwrap();
                while let Some(record) = reader.next_record().unwrap() {
                    found += 1;
                    assert_eq!(payload(found), record.payload, "call {call}");
                }
                drop(reader);
                match JournalWriter::open(options) {
                    Ok((mut writer, _)) => drop(commit(&mut writer, b"goes on").unwrap()),
                    Err(error) => assert!(matches!(error, JournalError::Sealed { .. }), "{error}"),
                }
            }
            assert!((acknowledged..=acknowledged + 1).contains(&found), "call {call}: {lived:?}");
            if world.disk.log().len() <= call {
                assert!(lived.is_ok(), "{lived:?}");
                break;
            }
            assert!(lived.is_err(), "call {call} failed and nobody was told");
        }
        assert!(failed > 30, "only {failed} calls");
    }
}

/// A journal's life: records over several segments, a stop, a start, a new day.
fn live(world: &World, acknowledged: &mut u64) -> Result<(), JournalError> {
    let mut writer = world.create()?;
    let mut batches = |writer: &mut JournalWriter, count: u64| {
        for _ in 0..count {
            commit(writer, &payload(*acknowledged + 1))?;
            *acknowledged += 1;
        }
        Ok::<(), JournalError>(())
    };
    batches(&mut writer, 8)?;
    writer.close()?;
    let storage = Arc::new(world.disk.clone());
    let options = world.options.clone();
    let (mut writer, _) = recover::open(options, storage, |_| Ok::<(), JournalError>(()))?;
    batches(&mut writer, 2)?;
    writer.roll(TradeDate::new(2012, 8, 2).unwrap())?;
    batches(&mut writer, 2)?;
    writer.close().map(|_| ())
}

fn payload(number: u64) -> Vec<u8> {
    let byte = u8::try_from(number % 250).unwrap();
    vec![byte; 1000]
}
