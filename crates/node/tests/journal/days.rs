//! One day is one journal; days are chained; a day ends by a seal.

use std::fs;

use ringfence_node::journal::{
    DamageReason, Durability, Ending, JournalError, JournalOptions, JournalWriter, Seq, TradeDate,
    seal_day, trade_dates, verify, verify_days,
};

use crate::common::{TestDir, commit, contents, date, day, options, segment, ts};

fn of_day(options: &JournalOptions, trade_date: TradeDate) -> JournalOptions {
    JournalOptions { trade_date, ..options.clone() }
}

/// Section 8: the next day's journal carries the chain tip of the day before, and numbers restart.
#[test]
fn a_day_rolls_into_the_next() {
    for durability in [Durability::Process, Durability::Disk] {
        let root = TestDir::new();
        let first = options(root.path(), durability);
        let mut writer = JournalWriter::create(first.clone()).unwrap();
        commit(&mut writer, &[b"a", b"b"]);
        writer.append(ts(7), b"not yet committed").unwrap();
        writer.roll(date("2012-08-02")).unwrap();
        assert_eq!(Seq::new(1), writer.next_seq());
        assert_eq!(date("2012-08-02"), writer.options().trade_date);
        let fell = writer.append(ts(6), b"c");
        assert!(matches!(fell, Err(JournalError::TimeFell { .. })), "time falls from day to day");
        writer.append(ts(7), b"c").unwrap();
        writer.commit().unwrap();
        writer.close().unwrap();

        let reports = verify_days(root.path()).unwrap();
        let [before, after] = reports.as_slice() else { panic!("{reports:?}") };
        assert_eq!(
            (3, Ending::Sealed, None),
            (before.records, before.ending, before.previous_date)
        );
        assert_eq!((1, Ending::Closed, Some(day())), {
            (after.records, after.ending, after.previous_date)
        });
        assert_eq!(before.chain_tip, after.previous_chain);
        assert_eq!(before.chain_tip_hex(), after.previous_chain.to_string());
        assert_eq!(durability, after.durability);
    }
}

/// A sealed day is over: no writer opens it again.
#[test]
fn a_sealed_day_stays_as_it_is() {
    let root = TestDir::new();
    let first = options(root.path(), Durability::Disk);
    let mut writer = JournalWriter::create(first.clone()).unwrap();
    commit(&mut writer, &[b"a"]);
    writer.roll(date("2012-08-02")).unwrap();
    drop(writer);
    let before = fs::read(segment(&first.path(), 1)).unwrap();
    let refusal = JournalWriter::open(first.clone());
    assert!(matches!(refusal, Err(JournalError::Sealed { .. })), "{refusal:?}");
    assert_eq!(before, fs::read(segment(&first.path(), 1)).unwrap());
    // Bytes behind a seal are damage, also where they would be a tear elsewhere.
    fs::write(segment(&first.path(), 1), [before.as_slice(), &[30, 0, 0, 0, 2]].concat()).unwrap();
    match verify(&first.path()) {
        Err(JournalError::Damage { reason, .. }) => assert_eq!(DamageReason::AfterSeal, reason),
        other => panic!("expected damage, found {other:?}"),
    }
}

/// A day never begins before or on a day that is there.
#[test]
fn a_day_follows_earlier_ones_only() {
    let root = TestDir::new();
    let first = options(root.path(), Durability::Process);
    let mut writer = JournalWriter::create(first.clone()).unwrap();
    for (text, latest) in [("2012-08-01", "2012-08-01"), ("2012-07-31", "2012-08-01")] {
        match writer.roll(date(text)) {
            Err(JournalError::DateNotAfter { latest: named, .. }) => {
                assert_eq!(date(latest), named);
            }
            other => panic!("expected a refusal, found {other:?}"),
        }
    }
    commit(&mut writer, &[b"a refused roll leaves the day as it was"]);
    writer.close().unwrap();
    let exists = JournalWriter::create(first.clone());
    assert!(matches!(exists, Err(JournalError::Exists { .. })), "{exists:?}");
    let earlier = JournalWriter::create(of_day(&first, date("2012-07-31")));
    assert!(matches!(earlier, Err(JournalError::DateNotAfter { .. })), "{earlier:?}");
    assert_eq!(vec![day()], trade_dates(root.path()).unwrap());
}

/// A day that was closed in good order is over when the next begins, and is sealed by that; one
/// whose writer died has to be gone on with first.
#[test]
fn a_day_that_begins_seals_the_one_before() {
    for durability in [Durability::Process, Durability::Disk] {
        let root = TestDir::new();
        let first = options(root.path(), durability);
        let second =
            JournalOptions { durability: Durability::Disk, ..of_day(&first, date("2012-08-02")) };
        let mut writer = JournalWriter::create(first.clone()).unwrap();
        commit(&mut writer, &[b"a", b"b"]);
        drop(writer);
        let before = fs::read(segment(&first.path(), 1)).unwrap();
        let next = JournalWriter::create(second.clone());
        assert!(matches!(next, Err(JournalError::NotClosed { .. })), "{next:?}");
        assert_eq!(before, fs::read(segment(&first.path(), 1)).unwrap());
        assert!(!second.path().exists());

        JournalWriter::open(first.clone()).unwrap().0.close().unwrap();
        let mut writer = JournalWriter::create(second.clone()).unwrap();
        assert!(matches!(writer.append(ts(1), b"c"), Err(JournalError::TimeFell { .. })));
        writer.append(ts(9), b"c").unwrap();
        writer.close().unwrap();
        let reports = verify_days(root.path()).unwrap();
        let [before, after] = reports.as_slice() else { panic!("{reports:?}") };
        assert_eq!(
            (2, Ending::Sealed, durability),
            (before.records, before.ending, before.durability)
        );
        assert_eq!((Some(day()), Durability::Disk), (after.previous_date, after.durability));
        assert_eq!(before.chain_tip, after.previous_chain);
        let refusal = JournalWriter::open(first);
        assert!(matches!(refusal, Err(JournalError::Sealed { .. })), "{refusal:?}");
    }
}

/// A day may be sealed before the next begins, so that a copy of it is whole; only one that was
/// closed in good order, and by nobody while it is written to.
#[test]
fn a_day_is_sealed_by_hand() {
    let root = TestDir::new();
    let first = options(root.path(), Durability::Process);
    let mut writer = JournalWriter::create(first.clone()).unwrap();
    commit(&mut writer, &[b"a"]);
    let refusal = seal_day(&first.path());
    assert!(matches!(refusal, Err(JournalError::Locked { .. })), "{refusal:?}");
    drop(writer);
    let refusal = seal_day(&first.path());
    assert!(matches!(refusal, Err(JournalError::NotClosed { .. })), "{refusal:?}");
    JournalWriter::open(first.clone()).unwrap().0.close().unwrap();
    seal_day(&first.path()).unwrap();
    let sealed = fs::read(segment(&first.path(), 1)).unwrap();
    seal_day(&first.path()).unwrap();
    let next = of_day(&first, date("2012-08-02"));
    JournalWriter::create(next).unwrap().close().unwrap();
    assert_eq!(sealed, fs::read(segment(&first.path(), 1)).unwrap());
    assert_eq!(2, verify_days(root.path()).unwrap().len());
    let elsewhere = root.path().join("copy");
    fs::rename(first.path(), &elsewhere).unwrap();
    let refusal = seal_day(&elsewhere);
    assert!(matches!(refusal, Err(JournalError::Missing { .. })), "{refusal:?}");
}

/// A day that was closed without a record is sealed like another.
#[test]
fn an_empty_day_is_followed() {
    let root = TestDir::new();
    let first = options(root.path(), Durability::Process);
    JournalWriter::create(first.clone()).unwrap().close().unwrap();
    JournalWriter::create(of_day(&first, date("2012-08-02"))).unwrap().close().unwrap();
    assert_eq!(2, verify_days(root.path()).unwrap().len());
}

/// A crash between the seal and the new day is made up for: the new day is begun by hand, on the
/// same chain.
#[test]
fn a_crash_in_the_middle_of_a_roll_loses_nothing() {
    let root = TestDir::new();
    let first = options(root.path(), Durability::Disk);
    let second = of_day(&first, date("2012-08-03"));
    let mut writer = JournalWriter::create(first.clone()).unwrap();
    commit(&mut writer, &[b"a"]);
    writer.roll(second.trade_date).unwrap();
    drop(writer);
    let rolled = fs::read(segment(&second.path(), 1)).unwrap();
    fs::remove_file(segment(&second.path(), 1)).unwrap();
    fs::write(second.path().join("000001.rfj.new"), &rolled[..50]).unwrap();
    let writer = JournalWriter::create(second.clone()).unwrap();
    drop(writer);
    assert_eq!(rolled, fs::read(segment(&second.path(), 1)).unwrap());
    assert_eq!(2, verify_days(root.path()).unwrap().len());
}

/// The chain of days finds a day that was taken out, exchanged or damaged.
#[test]
fn a_missing_or_exchanged_day_breaks_the_chain() {
    let root = TestDir::new();
    let first = options(root.path(), Durability::Disk);
    let middle = of_day(&first, date("2012-08-02"));
    let mut writer = JournalWriter::create(first.clone()).unwrap();
    commit(&mut writer, &[b"a"]);
    writer.roll(middle.trade_date).unwrap();
    commit(&mut writer, &[b"b"]);
    writer.roll(date("2012-08-03")).unwrap();
    drop(writer);
    assert_eq!(3, verify_days(root.path()).unwrap().len());

    let broken_field = || match verify_days(root.path()) {
        Err(JournalError::Damage { reason: DamageReason::HeaderField { name, .. }, .. }) => name,
        other => panic!("expected damage, found {other:?}"),
    };
    fs::rename(middle.path(), root.path().join("aside")).unwrap();
    assert_eq!("previous date", broken_field());

    let elsewhere = TestDir::new();
    let forged = JournalOptions { dir: elsewhere.path().to_owned(), ..middle.clone() };
    let mut writer = JournalWriter::create(forged.clone()).unwrap();
    commit(&mut writer, &[b"forged"]);
    writer.roll(date("2012-08-03")).unwrap();
    drop(writer);
    fs::rename(forged.path(), middle.path()).unwrap();
    assert_eq!("previous date", broken_field());
    fs::rename(first.path(), root.path().join("aside-too")).unwrap();
    assert_eq!("previous chain", broken_field());
}

/// A day that has a successor must end in its seal, whatever else it holds.
#[test]
fn a_day_without_its_seal_breaks_the_chain() {
    let root = TestDir::new();
    let first = options(root.path(), Durability::Disk);
    let mut writer = JournalWriter::create(first.clone()).unwrap();
    commit(&mut writer, &[b"a"]);
    writer.roll(date("2012-08-02")).unwrap();
    drop(writer);
    let path = segment(&first.path(), 1);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 61]).unwrap();
    assert_eq!(Ending::Unclosed, verify(&first.path()).unwrap().ending);
    let refusal = verify_days(root.path());
    assert!(matches!(refusal, Err(JournalError::NotSealed { .. })), "{refusal:?}");
}

/// A start begins the day or goes on with it, also when the first start died half way.
#[test]
fn a_start_begins_or_goes_on() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Disk);
    fs::create_dir(options.path()).unwrap();
    fs::write(options.path().join("000001.rfj.new"), b"half a header").unwrap();
    let mut seen = Vec::new();
    for starts in 0..3 {
        seen.clear();
        let (mut writer, recovered) = JournalWriter::open_or_create(options.clone(), |record| {
            seen.extend(record.map(|record| record.seq.get()));
            Ok::<(), JournalError>(())
        })
        .unwrap();
        assert_eq!((1..=starts).collect::<Vec<u64>>(), seen);
        assert_eq!((starts > 0).then_some(starts), recovered.map(|found| found.records));
        commit(&mut writer, &[b"a"]);
    }
}

/// A damaged yesterday is found when today begins.
#[test]
fn a_day_does_not_follow_a_damaged_one() {
    let root = TestDir::new();
    let first = options(root.path(), Durability::Disk);
    let mut writer = JournalWriter::create(first.clone()).unwrap();
    commit(&mut writer, &[b"a"]);
    writer.roll(date("2012-08-02")).unwrap();
    drop(writer);
    fs::remove_dir_all(root.path().join("2012-08-02")).unwrap();
    let path = segment(&first.path(), 1);
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();
    let refusal = JournalWriter::create(of_day(&first, date("2012-08-02")));
    assert!(matches!(refusal, Err(JournalError::Damage { .. })), "{refusal:?}");
}

/// A stop in good order is told from a crash, and a day may stop and go on many times.
#[test]
fn a_stop_is_told_from_a_crash() {
    let root = TestDir::new();
    let options = options(root.path(), Durability::Process);
    let mut writer = JournalWriter::create(options.clone()).unwrap();
    assert_eq!(Ending::Unclosed, verify(&options.path()).unwrap().ending);
    for round in 1..=3 {
        commit(&mut writer, &[b"a"]);
        writer.append(ts(round * 2), b"committed by the close").unwrap();
        writer.close().unwrap();
        let report = verify(&options.path()).unwrap();
        assert_eq!((Ending::Closed, None), (report.ending, report.tear));
        let length = fs::metadata(segment(&options.path(), 1)).unwrap().len();
        assert_eq!(report.bytes, length, "no reserved space is left");
        let (opened, recovered) = JournalWriter::open(options.clone()).unwrap();
        assert_eq!((Ending::Closed, u64::try_from(round * 2).unwrap()), {
            (recovered.ending, recovered.records)
        });
        writer = opened;
    }
    commit(&mut writer, &[b"last"]);
    drop(writer);
    assert_eq!(Ending::Unclosed, verify(&options.path()).unwrap().ending);
    assert_eq!(7, contents(&options.path()).len());
}

/// A day has one durability; another one must be asked for on another day.
#[test]
fn a_day_keeps_its_durability() {
    let root = TestDir::new();
    let disk = options(root.path(), Durability::Disk);
    JournalWriter::create(disk.clone()).unwrap().close().unwrap();
    match JournalWriter::open(JournalOptions { durability: Durability::Process, ..disk }) {
        Err(JournalError::Durability { expected, found, .. }) => {
            assert_eq!((Durability::Disk, Durability::Process), (expected, found));
        }
        other => panic!("expected a refusal, found {other:?}"),
    }
}
