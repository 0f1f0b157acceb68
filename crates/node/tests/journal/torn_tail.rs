//! A torn tail is cut and reported; damage anywhere refuses the start (docs/decisions/0003).

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ringfence_node::journal::{
    BATCH_BYTES_MAX, DamageReason, Durability, Ending, JournalError, JournalReader, JournalWriter,
    Place, TearKind,
};

use crate::common::{TestDir, commit, contents, day, limited, noise, options, segment};
use crate::naive;

const BOTH: [Durability; 2] = [Durability::Process, Durability::Disk];

/// A journal of three committed batches that a crash has left behind.
struct Crashed {
    _root: TestDir,
    options: ringfence_node::journal::JournalOptions,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Crashed {
    fn new(durability: Durability, last: &[&[u8]]) -> Self {
        let root = TestDir::new();
        let options = options(root.path(), durability);
        let mut writer = JournalWriter::create(options.clone()).unwrap();
        commit(&mut writer, &[b"one", b"", b"three"]);
        commit(&mut writer, &[&noise(4, 40)]);
        commit(&mut writer, last);
        drop(writer);
        let path = segment(&options.path(), 1);
        let bytes = fs::read(&path).unwrap();
        Self { _root: root, options, path, bytes }
    }

    fn dir(&self) -> PathBuf {
        self.options.path()
    }

    fn put(&self, bytes: &[u8]) {
        fs::write(&self.path, bytes).unwrap();
    }

    /// Returns where each batch ends.
    fn ends(&self) -> Vec<usize> {
        self.put(&self.bytes);
        naive::batches(&self.dir()).iter().map(|batch| batch.end).collect()
    }

    /// Opens the journal for writing, goes on with it, and checks what is then in it.
    fn goes_on_after(&self, records: u64) -> ringfence_node::journal::Recovered {
        let (mut writer, recovered) = JournalWriter::open(self.options.clone()).unwrap();
        assert_eq!(records, recovered.records);
        commit(&mut writer, &[b"next"]);
        drop(writer);
        let found = contents(&self.dir());
        assert_eq!(Some(&(records + 1, b"next".to_vec())), found.last());
        recovered
    }
}

/// Reads to the end; returns the records' count and how the tail looked.
fn read(dir: &Path) -> Result<(usize, Option<TearKind>), JournalError> {
    let mut reader = JournalReader::open(dir)?;
    let mut count = 0;
    while reader.next_record()?.is_some() {
        count += 1;
    }
    Ok((count, reader.tear().map(|tear| tear.kind)))
}

fn damage(result: Result<(usize, Option<TearKind>), JournalError>) -> (Place, DamageReason) {
    match result {
        Err(JournalError::Damage { place, reason, .. }) => (place, reason),
        other => panic!("expected damage, found {other:?}"),
    }
}

/// R59, I7: a flipped bit anywhere in three committed batches refuses the start, and names the
/// frame. Also in the last batch: it may have been acknowledged, so it must not be cut.
#[test]
fn every_flipped_bit_in_a_committed_batch_is_damage() {
    limited(|| {
        for durability in BOTH {
            let journal = Crashed::new(durability, &[b"five", &noise(6, 30), b"seven"]);
            journal.put(&journal.bytes);
            let file = fs::OpenOptions::new().write(true).open(&journal.path).unwrap();
            let mut seq = 1;
            for batch in naive::batches(&journal.dir()) {
                let ends = batch.frames.iter().skip(1).copied().chain([batch.end]);
                for (at, end) in batch.frames.iter().copied().zip(ends) {
                    let start = u64::try_from(at).unwrap();
                    for bit in at * 8..end * 8 {
                        let mut frame = journal.bytes[at..end].to_vec();
                        frame[bit / 8 - at] ^= 1 << (bit % 8);
                        file.write_all_at(&frame, start).unwrap();
                        let (place, _) = damage(read(&journal.dir()));
                        let expected = (at, seq, &journal.path);
                        let offset = usize::try_from(place.offset).unwrap();
                        assert_eq!(expected, (offset, place.seq.get(), &place.path), "bit {bit}");
                    }
                    file.write_all_at(&journal.bytes[at..end], start).unwrap();
                    seq += u64::from(end != batch.end);
                }
            }
        }
    });
}

/// I7: a damaged journal is refused by the writer as by the reader, and stays as it is.
#[test]
fn a_writer_refuses_damage_and_changes_nothing() {
    let journal = Crashed::new(Durability::Disk, &[b"five"]);
    for at in (0..journal.ends()[2]).step_by(7) {
        let mut bytes = journal.bytes.clone();
        bytes[at] ^= 0x10;
        journal.put(&bytes);
        assert!(JournalWriter::open(journal.options.clone()).is_err(), "byte {at}");
        assert_eq!(bytes, fs::read(&journal.path).unwrap(), "byte {at}");
    }
}

/// A flipped bit in the segment header is refused, whichever field it is in.
#[test]
fn every_flipped_bit_in_a_header_is_refused() {
    let journal = Crashed::new(Durability::Process, &[b"five"]);
    for bit in 0..80 * 8 {
        let mut bytes = journal.bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        journal.put(&bytes);
        match read(&journal.dir()) {
            Err(JournalError::NotAJournal { .. }) => assert!(bit < 64, "bit {bit}"),
            Err(JournalError::UnknownVersion { found, expected: 1, .. }) => {
                assert!((64..80).contains(&bit) && found != 1, "bit {bit}");
            }
            Err(JournalError::Damage { reason: DamageReason::Header, .. }) => {
                assert!(bit >= 80, "bit {bit}");
            }
            other => panic!("bit {bit}: {other:?}"),
        }
    }
}

/// R59: wherever kill -9 interrupts the write of a batch, the batches before it stay and the
/// journal goes on; the cut is reported with its bytes and records.
#[test]
fn every_beginning_of_the_last_batch_is_cut() {
    limited(|| {
        for durability in BOTH {
            let journal = Crashed::new(durability, &[b"five", &noise(6, 30), b"seven"]);
            let ends = journal.ends();
            let frames = naive::batches(&journal.dir())[2].frames.clone();
            for cut in ends[1]..ends[2] {
                let mut bytes = journal.bytes.clone();
                bytes[cut..].fill(0);
                let written = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1 - ends[1];
                if written == 0 {
                    continue;
                }
                // Half of the time the file itself ends there, as after a copy of a live file.
                let length = if cut % 2 == 0 { bytes.len() } else { cut };
                journal.put(&bytes[..length]);
                assert_eq!((4, Some(TearKind::Prefix)), read(&journal.dir()).unwrap());
                let recovered = journal.goes_on_after(4);
                let tear = recovered.tear.unwrap();
                let whole = frames.iter().skip(1).filter(|end| **end <= cut).count();
                assert_eq!(u64::try_from(ends[1]).unwrap(), tear.offset);
                assert_eq!(u64::try_from(written).unwrap(), recovered.cut_bytes());
                assert_eq!(whole, usize::try_from(recovered.cut_records()).unwrap(), "at {cut}");
                assert_eq!(Ending::Unclosed, recovered.ending);
            }
        }
    });
}

/// A crash between two batches leaves reserved space only, which is no tear.
#[test]
fn reserved_space_is_no_tear() {
    let journal = Crashed::new(Durability::Disk, &[b"five"]);
    assert_eq!(4096, journal.bytes.len());
    assert_eq!((5, None), read(&journal.dir()).unwrap());
    let recovered = journal.goes_on_after(5);
    assert_eq!((0, 0), (recovered.cut_bytes(), recovered.cut_records()));
}

/// A power cut under `disk` durability may lose any sectors of the batch under way, also when its
/// end reached the disk: whatever is lost, that batch alone is cut.
#[test]
fn a_batch_with_lost_sectors_is_cut_under_disk_durability() {
    limited(|| {
        let last = [noise(5, 700), noise(6, 90), noise(7, 1500), noise(8, 20)];
        let last: Vec<&[u8]> = last.iter().map(Vec::as_slice).collect();
        let journal = Crashed::new(Durability::Disk, &last);
        let (start, end) = (journal.ends()[1], journal.ends()[2]);
        let sectors: Vec<usize> = (start / 512..end.div_ceil(512)).collect();
        assert!((5..8).contains(&sectors.len()), "{sectors:?}");
        for lost in 1_u32..1 << sectors.len() {
            let mut bytes = journal.bytes.clone();
            for (index, sector) in sectors.iter().enumerate() {
                if lost & 1 << index != 0 {
                    bytes[(sector * 512).max(start)..((sector + 1) * 512).min(end)].fill(0);
                }
            }
            let is_all = lost == (1 << sectors.len()) - 1;
            journal.put(&bytes);
            let (records, kind) = read(&journal.dir()).unwrap();
            assert_eq!((4, !is_all), (records, kind.is_some()), "lost {lost:b}");
            assert_eq!(!is_all, journal.goes_on_after(4).tear.is_some());
        }
    });
}

/// Sectors lost from a batch with others behind it were acknowledged, so that is damage; under
/// `process` durability every lost sector may have been.
#[test]
fn lost_sectors_are_damage_where_they_were_acknowledged() {
    let big = noise(9, 1400);
    for durability in BOTH {
        let journal = Crashed::new(durability, &[&big]);
        let mut bytes = journal.bytes.clone();
        if durability == Durability::Disk {
            // The end of the second batch and the beginning of the third: two batches are hurt.
            bytes[80..512].fill(0);
        } else {
            bytes[1024..1536].fill(0);
        }
        journal.put(&bytes);
        let (_, reason) = damage(read(&journal.dir()));
        assert!(matches!(reason, DamageReason::LaterFrame { .. }), "{reason:?}");
    }
}

/// What no interrupted write leaves behind is not cut: garbage after the last batch.
#[test]
fn garbage_behind_the_last_batch_is_damage() {
    for durability in BOTH {
        let journal = Crashed::new(durability, &[b"five"]);
        let end = journal.ends()[2];
        for seed in 0..50 {
            let mut bytes = journal.bytes.clone();
            bytes[end..end + 100].copy_from_slice(&noise(seed, 100));
            journal.put(&bytes);
            let (place, reason) = damage(read(&journal.dir()));
            assert_eq!(u64::try_from(end).unwrap(), place.offset);
            assert_eq!(DamageReason::NotATear, reason);
        }
    }
}

/// A whole batch of another day that shows up on recycled disk blocks is no part of this journal.
#[test]
fn frames_of_another_day_are_not_ours() {
    let ours = Crashed::new(Durability::Disk, &[b"five"]);
    let root = TestDir::new();
    let other = ringfence_node::journal::JournalOptions {
        trade_date: "2012-08-02".parse().unwrap(),
        ..options(root.path(), Durability::Disk)
    };
    let mut writer = JournalWriter::create(other.clone()).unwrap();
    for _ in 0..6 {
        commit(&mut writer, &[b"record"]);
    }
    drop(writer);
    let theirs = naive::batches(&other.path())[5].clone();
    assert_eq!(6, theirs.records[0].0, "the number that would fit ours");
    let foreign = fs::read(segment(&other.path(), 1)).unwrap();
    let (end, start) = (ours.ends()[2], theirs.frames[0]);
    let mut bytes = ours.bytes.clone();
    bytes[end..end + theirs.end - start].copy_from_slice(&foreign[start..theirs.end]);
    ours.put(&bytes);
    assert_eq!(DamageReason::NotATear, damage(read(&ours.dir())).1);
}

/// A payload may carry bytes of the journal itself; a tear in it is still a tear.
#[test]
fn a_torn_record_that_quotes_the_journal_is_cut() {
    let sample = Crashed::new(Durability::Process, &[b"five"]);
    let end = sample.ends()[1];
    let quote = sample.bytes[..end].to_vec();
    let journal = Crashed::new(Durability::Process, &[&quote]);
    let ends = journal.ends();
    let mut bytes = journal.bytes.clone();
    bytes[ends[2] - 70..].fill(0);
    journal.put(&bytes);
    assert_eq!((4, Some(TearKind::Prefix)), read(&journal.dir()).unwrap());
}

/// Nothing is cut from a segment that has a successor: there every shortfall is damage.
#[test]
fn an_earlier_segment_is_never_cut() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Process);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    for seed in 0..12 {
        commit(&mut writer, &[&noise(seed, 900)]);
    }
    drop(writer);
    let first = segment(&options.path(), 1);
    let bytes = fs::read(&first).unwrap();
    assert!(bytes.len() < 4096, "reserved space is cut when a segment is finished");
    let longer = [bytes.as_slice(), &[0; 30]].concat();
    for (short, expected) in [
        (&bytes[..bytes.len() - 1], DamageReason::SegmentUnfinished),
        (&bytes[..bytes.len() - 61], DamageReason::SegmentUnfinished),
        (&longer, DamageReason::SegmentUnfinished),
    ] {
        fs::write(&first, short).unwrap();
        assert_eq!(expected, damage(read(&options.path())).1);
        assert!(JournalWriter::open(options.clone()).is_err());
    }
    // A whole batch less: the next segment's header knows better.
    fs::write(&first, &bytes[..80]).unwrap();
    let (place, reason) = damage(read(&options.path()));
    assert_eq!(segment(&options.path(), 2), place.path);
    assert!(matches!(reason, DamageReason::HeaderField { name: "first seq", .. }), "{reason:?}");
    fs::remove_file(&first).unwrap();
    assert_eq!(DamageReason::SegmentMissing, damage(read(&options.path())).1);
    fs::write(&first, &bytes).unwrap();
    fs::remove_file(segment(&options.path(), 2)).unwrap();
    let (place, reason) = damage(read(&options.path()));
    assert_eq!((segment(&options.path(), 2), DamageReason::SegmentMissing), (place.path, reason));
}

/// A segment that was being made when the process died is not there yet: nothing was in it.
#[test]
fn a_segment_in_the_making_is_removed() {
    let journal = Crashed::new(Durability::Disk, &[b"five"]);
    let unborn = journal.dir().join("000002.rfj.new");
    fs::write(&unborn, &journal.bytes[..40]).unwrap();
    assert_eq!((5, None), read(&journal.dir()).unwrap());
    journal.goes_on_after(5);
    assert!(!unborn.exists());
}

/// A closing marker that was cut short makes the journal unclosed; a changed one is damage.
#[test]
fn a_closing_marker_is_torn_or_damaged_like_a_batch() {
    let journal = Crashed::new(Durability::Disk, &[b"five"]);
    let (writer, _) = JournalWriter::open(journal.options.clone()).unwrap();
    writer.close().unwrap();
    let closed = fs::read(&journal.path).unwrap();
    let start = closed.len() - 61;
    for at in start..closed.len() {
        journal.put(&closed[..at]);
        let mut reader = JournalReader::open(&journal.dir()).unwrap();
        while reader.next_record().unwrap().is_some() {}
        assert_eq!((Ending::Unclosed, at > start), (reader.ending(), reader.tear().is_some()));
        let mut bytes = closed.clone();
        bytes[at] ^= 1;
        journal.put(&bytes);
        damage(read(&journal.dir()));
    }
    journal.put(&closed);
    let recovered = journal.goes_on_after(5);
    assert_eq!((Ending::Closed, None), (recovered.ending, recovered.tear));
    assert_eq!(day(), JournalReader::open(&journal.dir()).unwrap().trade_date());
}

/// An unfinished batch is cut only if its bytes can be the beginning of what belongs there: another
/// number, a time that falls, another kind or a changed end are damage.
#[test]
fn a_changed_beginning_of_a_batch_is_damage() {
    let journal = Crashed::new(Durability::Process, &[&noise(5, 30), b"six"]);
    let _ = journal.ends();
    let frames = naive::batches(&journal.dir())[2].frames.clone();
    let torn_at = |cut: usize| {
        let mut bytes = journal.bytes.clone();
        bytes[cut..].fill(0);
        bytes
    };
    let expect_damage = |bytes: &[u8], what: &str| {
        journal.put(bytes);
        assert_eq!(DamageReason::NotATear, damage(read(&journal.dir())).1, "{what}");
    };
    let record = torn_at(frames[0] + 30);
    for bit in (4 * 8..12 * 8).chain(20 * 8..21 * 8) {
        let mut bytes = record.clone();
        bytes[frames[0] + bit / 8] ^= 1 << (bit % 8);
        expect_damage(&bytes, &format!("bit {bit} of a record"));
    }
    let mut earlier = record.clone();
    earlier[frames[0] + 12] = 3;
    expect_damage(&earlier, "a time before that of the record in front");
    let mut shorter = record.clone();
    shorter[frames[0]] = 29;
    expect_damage(&shorter, "a record that ends before its bytes do");
    let end = torn_at(frames[2] + 50);
    for bit in 0..50 * 8 {
        let mut bytes = end.clone();
        bytes[frames[2] + bit / 8] ^= 1 << (bit % 8);
        expect_damage(&bytes, &format!("bit {bit} of a batch end"));
    }
}

/// Lost sectors explain one batch only: what follows its end, or lies further away than a batch can
/// reach, was written later.
#[test]
fn a_tear_reaches_no_further_than_its_batch() {
    let journal = Crashed::new(Durability::Disk, &[&noise(5, 1400)]);
    let ends = journal.ends();
    let mut holed = journal.bytes.clone();
    holed[1024..1536].fill(0);
    journal.put(&holed);
    assert_eq!((4, Some(TearKind::Holes)), read(&journal.dir()).unwrap());
    let mut followed = holed.clone();
    followed[ends[2] + 3] = 1;
    journal.put(&followed);
    assert!(matches!(damage(read(&journal.dir())).1, DamageReason::LaterFrame { .. }));
    journal.put(&journal.bytes[..ends[1] + 40]);
    let far = u64::try_from(ends[1] + BATCH_BYTES_MAX).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&journal.path).unwrap();
    file.write_all_at(&[1], far - 1).unwrap();
    assert_eq!((4, Some(TearKind::Holes)), read(&journal.dir()).unwrap());
    file.write_all_at(&[1], far).unwrap();
    assert_eq!(DamageReason::BatchTooLong, damage(read(&journal.dir())).1);
}

/// A record whose checksum ends in a zero byte is whole, although it looks shorter by that byte.
#[test]
fn a_zero_at_the_end_of_a_record_is_counted_right() {
    limited(|| {
        for seed in 0..5000 {
            let journal = Crashed::new(Durability::Process, &[&noise(seed, 9), b"six"]);
            let _ = journal.ends();
            let second = naive::batches(&journal.dir())[2].frames[1];
            if journal.bytes[second - 1] != 0 {
                continue;
            }
            journal.put(&journal.bytes[..second]);
            assert_eq!(1, journal.goes_on_after(4).cut_records());
            return;
        }
        panic!("no checksum ended in zero");
    });
}
