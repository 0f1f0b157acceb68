//! A venue that is folded from its records is the venue that wrote them.

use ringfence_fix::endpoint::Application;
use ringfence_kernel::types::Ts;
use ringfence_sim::book::FastBook;
use ringfence_sim::fault::Script;
use ringfence_sim::venue::{Venue, VenueSettings};

use super::world::{ALPHA, BETA, MILLI, World, at, limit_band, retail_rules, settings, world};

/// Rules with everything that keeps state.
fn full() -> VenueSettings {
    let mut settings = settings();
    settings.rules.limit_band = Some(limit_band());
    settings.rules.windows[0].band = ringfence_sim::exchange::BandKind::LimitUpDown;
    settings.rules.retail = Some(retail_rules());
    settings.rules.ports[usize::from(BETA)].cancel_on_disconnect = true;
    settings.rules.ports[usize::from(BETA)].is_retail = true;
    settings.script = Script::parse("at 2s for 60s late_ack by=700ms share=5000").unwrap();
    settings
}

/// Does a bit of everything.
fn live(world: &mut World) {
    world.order(BETA, "a", "AAA buy 100 10", "");
    world.order(BETA, "b", "AAA sell 100 10.2", "111=10");
    world.order(BETA, "c", "AAA sell 50 10.15", "5701=P");
    world.order(ALPHA, "stop", "BBB sell 10 9", "59=6 126=20240805-00:00:30");
    world.run(2);
    world.send(ALPHA, "V", "262=m 263=1 264=0 265=1 267=1 269=0 269=1 146=1 55=AAA");
    world.send(ALPHA, "e", "324=s 55=AAA 263=1");
    world.send(ALPHA, "g", "335=d 263=1");
    world.order(ALPHA, "x", "AAA sell 30 10", "59=3");
    world.order(BETA, "r", "AAA buy 70 10.2", "59=3 5701=2");
    world.send(ALPHA, "D", "11=odd 55=AAA 54=1 38=10 40=P");
    world.send(ALPHA, "E", "66=list");
    world.command("halt symbol=CCC why=x").unwrap();
    world.command("for 90s saturate capacity=10 curve=10:5ms:0,200:1s:2000").unwrap();
    for number in 0..15 {
        world.order(ALPHA, &format!("l{number}"), "AAA buy 5 9.9", "");
        world.skip(3 * MILLI);
    }
    world.send(ALPHA, "AF", "584=q 585=7");
    world.send(ALPHA, "q", "11=mass 530=6");
    world.set_up(BETA, false);
    world.run(40);
    world.order(ALPHA, "last", "AAA buy 5 10.5", "");
}

fn folded(settings: VenueSettings, records: &[(Ts, Vec<u8>)]) -> Venue<FastBook> {
    let mut venue = Venue::new(settings, FastBook::new).unwrap();
    for (ts, payload) in records {
        venue.fold(*ts, payload).unwrap();
        venue.fold(*ts, &[]).unwrap();
    }
    venue
}

/// Rule 34 of STYLE.md: the fold of the records has the digest of the venue, at every record.
#[test]
fn a_fold_is_the_same_venue() {
    let mut world = world(full());
    live(&mut world);
    let records = &world.memory.records;
    assert_eq!(world.venue.digest(), folded(full(), records).digest());
    let mut digests = std::collections::BTreeSet::new();
    for end in (0..records.len()).step_by(5) {
        digests.insert(folded(full(), &records[..end]).digest());
    }
    assert_eq!(records.len().div_ceil(5), digests.len(), "each record changes the venue");
}

/// Rule 34 of STYLE.md: the same settings and inputs give the same bytes.
#[test]
fn the_same_inputs_give_the_same_bytes() {
    let (mut one, mut other) = (world(full()), world(full()));
    live(&mut one);
    live(&mut other);
    assert_eq!(one.memory.sent, other.memory.sent);
    assert_eq!(one.memory.records, other.memory.records);
}

/// R105: it does not matter how often the venue is ticked, only when something is due.
#[test]
fn ticks_do_not_matter() {
    let (mut one, mut other) = (world(full()), world(full()));
    live(&mut one);
    one.run(100);
    live(&mut other);
    for _ in 0..1_000 {
        let to = Ts::from_nanos(other.memory.now.nanos() + 100 * MILLI);
        other.run_to(to);
    }
    assert_eq!(one.memory.sent, other.memory.sent);
}

/// R95, R105: after a restart books, ids and late messages are as they were; who was connected is
/// not, and what is canceled on disconnect is canceled.
#[test]
fn a_restart_keeps_the_venue() {
    let mut before = world(settings());
    before.order(ALPHA, "a", "AAA buy 100 10", "");
    before.order(BETA, "x", "AAA sell 40 10", "");
    before.command("late_ack by=5s port=beta").unwrap();
    before.order(BETA, "y", "AAA sell 10 11", "");
    let last = before.take(ALPHA).pop().unwrap();
    let mut settings = settings();
    settings.rules.ports[usize::from(ALPHA)].cancel_on_disconnect = false;
    let mut after = World::of(folded(settings, &before.memory.records));
    assert_eq!(0, after.memory.sent.len());
    after.order(BETA, "z", "AAA sell 60 10", "");
    let next = after.take(ALPHA).pop().unwrap();
    assert_eq!("35=8 150=F 39=2 14=100", next.show(&[150, 39, 14]));
    let number = |sent: &super::world::Sent| -> u64 {
        sent.get(17).unwrap().rsplit_once('-').unwrap().1.parse().unwrap()
    };
    assert!(number(&last) < number(&next));
    after.order(BETA, "y", "AAA sell 10 11", "");
    after.run(6);
    let told = after.take(BETA);
    let acked: Vec<_> = told.iter().filter_map(|sent| sent.get(11)).collect();
    // The fill of z at once; the late answer to y of before, then z and the refusal of y again.
    assert_eq!(vec!["z", "y", "z", "y"], acked);
}

/// R105: a venue that comes back cancels the orders of ports with cancel on disconnect.
#[test]
fn a_restart_is_a_disconnect() {
    let settings = || {
        let mut settings = settings();
        settings.rules.ports[usize::from(BETA)].cancel_on_disconnect = true;
        settings
    };
    let mut before = world(settings());
    before.order(ALPHA, "a", "AAA buy 100 9", "");
    before.order(BETA, "b", "AAA buy 100 9", "");
    let mut after = World {
        venue: folded(settings(), &before.memory.records),
        memory: super::world::Memory::default(),
    };
    after.memory.now = at(5);
    after.venue.tick(&mut after.memory);
    assert_eq!(vec!["4 4 0 0"], after.reports(BETA));
    assert_eq!(0, after.reports(ALPHA).len());
    let mut records = before.memory.records;
    records.extend(after.memory.records.clone());
    assert_eq!(after.venue.digest(), folded(settings(), &records).digest());
}

/// Rule 18 of STYLE.md: a record that is damaged, or of a time before, is refused.
#[test]
fn a_damaged_record_is_refused() {
    let mut world = world(full());
    live(&mut world);
    for (ts, payload) in &world.memory.records {
        for end in 1..payload.len() {
            let mut venue = Venue::new(full(), FastBook::new).unwrap();
            assert!(venue.fold(*ts, &payload[..end]).is_err(), "{end} of {payload:?}");
        }
        let longer = [&payload[..], &[0]].concat();
        let mut venue = Venue::new(full(), FastBook::new).unwrap();
        assert!(venue.fold(*ts, &longer).is_err());
    }
    let mut venue = folded(full(), &world.memory.records);
    let (ts, first) = world.memory.records[0].clone();
    assert!(venue.fold(ts, &first).is_err());
}
