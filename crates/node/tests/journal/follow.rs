//! A follower reads what a living writer commits.

use std::fs;
use std::thread;

use ringfence_node::journal::{
    Durability, Ending, JournalError, JournalFollower, JournalReader, JournalWriter, Seq, verify,
};

use crate::common::{TestDir, commit, date, limited, noise, options, segment};

/// Each poll hands out what was committed since, across segments, stops and the end of the day.
#[test]
fn a_follower_sees_every_batch_once() {
    limited(|| {
        let root = TestDir::new();
        let options = options(root.path(), Durability::Process);
        let mut writer = JournalWriter::create(options.clone()).unwrap();
        let mut follower = JournalFollower::open(&options.path()).unwrap();
        let mut next = 1;
        for round in 0..60 {
            let polled = follower.poll(10, |_| panic!("nothing was committed")).unwrap();
            assert_eq!((0, 0, true), (polled.batches, polled.records, polled.is_idle));
            let payload = noise(round, 300);
            commit(&mut writer, &[&payload, b"second"]);
            if round % 20 == 19 {
                writer.close().unwrap();
                writer = JournalWriter::open(options.clone()).unwrap().0;
            }
            let polled = follower
                .poll(10, |record| {
                    assert_eq!(next, record.seq.get());
                    if next % 2 == 1 {
                        assert_eq!(payload, record.payload);
                    }
                    next += 1;
                })
                .unwrap();
            assert_eq!((2, true), (polled.records, polled.is_idle));
            assert_eq!(writer.last_seq(), follower.last_seq());
        }
        assert!(segment(&options.path(), 5).exists(), "several segments were followed");
        writer.roll(date("2012-08-02")).unwrap();
        assert_eq!(1, follower.poll(10, |_| ()).unwrap().batches, "the seal");
        assert_eq!(Ending::Sealed, follower.ending());
    });
}

/// A poll is bounded: it hands out no more batches than asked for, and the rest next time.
#[test]
fn a_poll_is_bounded() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Process);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    for _ in 0..7 {
        commit(&mut writer, &[b"a"]);
    }
    let mut follower = JournalFollower::open(&options.path()).unwrap();
    for (batches, is_idle) in [(0, false), (3, false), (3, false), (1, true), (0, true)] {
        let asked = if batches == 0 && !is_idle { 0 } else { 3 };
        let polled = follower.poll(asked, |_| ()).unwrap();
        assert_eq!((batches, is_idle), (polled.batches, polled.is_idle));
    }
    assert_eq!(writer.chain_tip(), follower.chain_tip());
}

/// A batch half written is nothing yet, however often it is polled; once whole it is handed out.
#[test]
fn half_a_batch_is_nothing_yet() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Process);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    commit(&mut writer, &[b"a"]);
    commit(&mut writer, &[b"b", &noise(1, 200)]);
    let path = segment(&options.path(), 1);
    let whole = fs::read(&path).unwrap();
    let end = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let mut follower = JournalFollower::open(&options.path()).unwrap();
    for cut in [end - 1, end - 40, end - 61, end - 150, end - 280] {
        let mut half = whole.clone();
        half[cut..].fill(0);
        fs::write(&path, &half).unwrap();
        for _ in 0..3 {
            assert!(follower.poll(9, |_| ()).unwrap().is_idle);
            assert_eq!(Some(Seq::new(1)), follower.last_seq());
        }
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(2, follower.poll(9, |_| ()).unwrap().records);
}

/// Silence is never yes: damage in front of a follower is an error, not an endless wait.
#[test]
fn a_follower_reports_damage() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Process);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    commit(&mut writer, &[b"a"]);
    commit(&mut writer, &[b"b"]);
    commit(&mut writer, &[b"c"]);
    let path = segment(&options.path(), 1);
    let mut bytes = fs::read(&path).unwrap();
    bytes[80 + 87 + 22] ^= 1;
    fs::write(&path, bytes).unwrap();
    let mut follower = JournalFollower::open(&options.path()).unwrap();
    let first = follower.poll(9, |_| ()).unwrap();
    assert_eq!((1, true), (first.records, first.is_idle));
    match follower.poll(9, |_| ()) {
        Err(JournalError::Damage { place, .. }) => {
            assert_eq!((167, Seq::new(2)), (place.offset, place.seq));
        }
        other => panic!("expected damage, found {other:?}"),
    }
}

/// A reader and a follower that look at any moment of a writer's work see whole batches only, and
/// never take work in progress for damage.
#[test]
fn a_living_journal_is_always_sound() {
    limited(|| {
        let root = TestDir::new();
        let options = options(root.path(), Durability::Process);
        let dir = options.path();
        let mut writer = JournalWriter::create(options).unwrap();
        let work = thread::spawn(move || {
            for number in 0..8_000 {
                let payload = noise(number, 30);
                commit(&mut writer, &[&payload, &payload, &payload[..9]]);
            }
            writer.close().unwrap();
        });
        let mut follower = JournalFollower::open(&dir).unwrap();
        let (mut followed, mut looks) = (0, 0_u32);
        loop {
            let is_over = work.is_finished();
            let polled = follower.poll(500, |record| {
                followed += 1;
                assert_eq!(followed, record.seq.get());
            });
            let is_idle = polled.unwrap().is_idle;
            if looks.is_multiple_of(64) {
                let report = verify(&dir).unwrap();
                assert!(
                    report.records >= followed && report.records.is_multiple_of(3),
                    "{report:?}"
                );
            }
            looks += 1;
            if is_over && is_idle {
                break;
            }
        }
        work.join().unwrap();
        assert_eq!((24_000, Ending::Closed), (followed, follower.ending()));
    });
}

/// A reader that has read ahead is not misled when the writer finishes the segment meanwhile.
#[test]
fn a_reader_may_be_slower_than_the_writer() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Process);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    commit(&mut writer, &[b"read ahead of what follows"]);
    let mut reader = JournalReader::open(&options.path()).unwrap();
    assert_eq!(1, reader.next_record().unwrap().unwrap().seq.get());
    for round in 0..20 {
        commit(&mut writer, &[&noise(round, 800)]);
    }
    assert!(segment(&options.path(), 2).exists());
    for seq in 2..=21 {
        assert_eq!(seq, reader.next_record().unwrap().unwrap().seq.get());
    }
    assert_eq!(None, reader.next_record().unwrap());
}
