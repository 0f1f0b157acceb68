//! Random life of a journal beside a list in memory.

use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use ringfence_node::journal::{
    Durability, Ending, JournalFollower, JournalOptions, JournalReader, JournalWriter, Recovered,
};

use crate::common::{TestDir, date, limited, noise, options, segments, ts};
use crate::naive;

/// What may happen to a journal.
#[derive(Clone, Debug)]
enum Step {
    /// A record of that length, that much later.
    Append(usize, i64),
    Commit,
    Sync,
    /// The process dies and starts again.
    Crash,
    /// The process dies, the last segment loses its end from that share on, 0 to 65535; the file
    /// is shortened or filled with zeros.
    Tear(u16, bool),
    /// A stop in good order, and a start.
    Close,
    /// The next day.
    Roll,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (0..400_usize, 0..5_i64).prop_map(|(length, later)| Step::Append(length, later)),
        6 => Just(Step::Commit),
        1 => Just(Step::Sync),
        2 => Just(Step::Crash),
        2 => (any::<u16>(), any::<bool>()).prop_map(|(share, short)| Step::Tear(share, short)),
        1 => Just(Step::Close),
        1 => Just(Step::Roll),
    ]
}

type ModelRecord = (u64, i64, Vec<u8>);

/// The journal in memory: what is committed, and what is not.
struct Model {
    options: JournalOptions,
    writer: Option<JournalWriter>,
    follower: Option<JournalFollower>,
    followed: Vec<ModelRecord>,
    committed: Vec<ModelRecord>,
    pending: Vec<ModelRecord>,
    now: i64,
    days: u32,
}

impl Model {
    fn new(options: JournalOptions) -> Self {
        let writer = Some(JournalWriter::create(options.clone()).unwrap());
        let follower = Some(JournalFollower::open(&options.path()).unwrap());
        let (followed, committed, pending) = (Vec::new(), Vec::new(), Vec::new());
        Self { options, writer, follower, followed, committed, pending, now: 0, days: 1 }
    }

    fn writer(&mut self) -> &mut JournalWriter {
        self.writer.as_mut().unwrap()
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Append(length, later) => self.append(*length, *later),
            Step::Commit => {
                let records = self.pending.len();
                let committed = self.writer().commit().unwrap();
                assert_eq!(records, usize::try_from(committed.records).unwrap());
                self.committed.append(&mut self.pending);
            }
            Step::Sync => {
                let synced = self.writer().sync().unwrap();
                assert_eq!(self.committed.len(), synced.map_or(0, |seq| count(seq.get())));
            }
            Step::Crash => {
                self.writer = None;
                self.pending.clear();
                let recovered = self.open();
                assert_eq!(None, recovered.tear);
            }
            Step::Tear(share, is_short) => self.tear(usize::from(*share), *is_short),
            Step::Close => {
                self.writer.take().unwrap().close().unwrap();
                self.committed.append(&mut self.pending);
                let recovered = self.open();
                assert_eq!((Ending::Closed, None), (recovered.ending, recovered.tear));
            }
            Step::Roll => self.roll(),
        }
    }

    fn append(&mut self, length: usize, later: i64) {
        self.now += later;
        let payload = noise(self.now.unsigned_abs(), length);
        let now = self.now;
        let seq = self.writer().append(ts(now), &payload).unwrap();
        let expected = self.committed.len() + self.pending.len() + 1;
        assert_eq!(expected, count(seq.get()));
        self.pending.push((seq.get(), now, payload));
    }

    fn tear(&mut self, share: usize, is_short: bool) {
        self.writer = None;
        self.pending.clear();
        let all = naive::batches(&self.options.path());
        let paths = segments(&self.options.path());
        let path = paths.last().unwrap();
        let mut bytes = fs::read(path).unwrap();
        let in_last: Vec<_> = all.iter().filter(|batch| batch.segment == paths.len()).collect();
        let end = in_last.last().map_or(80, |batch| batch.end);
        let cut = 80 + (end - 80) * share / 65535;
        bytes[cut..].fill(0);
        fs::write(path, if is_short { &bytes[..cut] } else { &bytes }).unwrap();
        let kept = in_last.iter().rev().find(|batch| batch.end <= cut);
        let kept_end = kept.map_or(80, |batch| batch.end);
        let survivors = all.iter().filter(|batch| batch.segment < paths.len() || batch.end <= cut);
        self.committed = survivors.flat_map(|batch| batch.records.clone()).collect();
        let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let recovered = self.open();
        assert_eq!(written.saturating_sub(kept_end), count(recovered.cut_bytes()));
        // What the disk lost under a follower, the follower has seen.
        self.followed.truncate(self.committed.len());
        self.follower = None;
    }

    fn roll(&mut self) {
        self.days += 1;
        let (month, day) = (8 + self.days / 28, 1 + self.days % 28);
        let next = date(&format!("2012-{month:02}-{day:02}"));
        self.writer().roll(next).unwrap();
        self.committed.append(&mut self.pending);
        self.check();
        assert_eq!(Ending::Sealed, read(&self.options).1);
        self.options.trade_date = next;
        self.committed.clear();
        self.followed.clear();
        self.follower = Some(JournalFollower::open(&self.options.path()).unwrap());
    }

    fn open(&mut self) -> Recovered {
        let (writer, recovered) = JournalWriter::open(self.options.clone()).unwrap();
        self.writer = Some(writer);
        assert_eq!(self.committed.len(), count(recovered.records));
        assert_eq!(self.committed.len(), recovered.last_seq.map_or(0, |seq| count(seq.get())));
        recovered
    }

    /// The reader, the naive reader and the follower agree with the list.
    fn check(&mut self) {
        assert_eq!(self.committed, read(&self.options).0);
        let naive = naive::batches(&self.options.path());
        let naive: Vec<ModelRecord> = naive.into_iter().flat_map(|batch| batch.records).collect();
        assert_eq!(self.committed, naive);
        if let Some(follower) = &mut self.follower {
            let followed = &mut self.followed;
            let polled = follower.poll(1000, |record| {
                followed.push((record.seq.get(), record.ts.nanos(), record.payload.to_vec()));
            });
            assert!(polled.unwrap().is_idle);
            assert_eq!(self.committed, self.followed);
        }
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

fn read(options: &JournalOptions) -> (Vec<ModelRecord>, Ending) {
    let mut reader = JournalReader::open(&options.path()).unwrap();
    let mut found = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        found.push((record.seq.get(), record.ts.nanos(), record.payload.to_vec()));
    }
    (found, reader.ending())
}

/// R59: through any sequence of appends, commits, crashes, torn tails, stops and day rolls, exactly
/// the committed records are there, in order, for reader, follower and a reader of other making.
#[test]
fn a_journal_holds_what_was_committed() {
    limited(|| {
        let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
        let life = (any::<bool>(), prop::collection::vec(step(), 1..60));
        TestRunner::new(config)
            .run(&life, |(is_disk, steps)| {
                let durability = if is_disk { Durability::Disk } else { Durability::Process };
                let root = TestDir::new();
                let mut model = Model::new(options(root.path(), durability));
                for step in &steps {
                    model.take(step);
                    model.check();
                }
                Ok(())
            })
            .unwrap();
    });
}
