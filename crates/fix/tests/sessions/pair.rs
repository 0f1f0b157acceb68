//! Two endpoints and a bad link between them: cut, truncated, and processes that die.

use std::sync::Arc;

use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use ringfence_fix::endpoint::{ConnectionId, Standing};
use ringfence_fix::session::settings::SECOND_NS;
use ringfence_fix::session::{
    AnyMessage, CompIdsSuffice, Reconnect, Role, SessionSettings, Settings, Version,
};
use ringfence_kernel::types::Name;

use crate::host::{Host, Journal, after};
use crate::probe::{Probe, SESSION};
use crate::script::BEGIN;

/// A generator for the choices of one world.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[derive(Clone, Copy)]
struct World {
    chunk: u32,
    next_expected: bool,
    stale: &'static [&'static str],
}

fn told(world: World, role: Role, ours: &str, theirs: &str) -> Settings {
    let name = |text| Name::new(text).unwrap();
    let mut session: SessionSettings =
        SessionSettings::new(role, Version::Fix44, name(ours), name(theirs), Arc::new(AnyMessage));
    session.resend_chunk = world.chunk;
    session.next_expected = world.next_expected;
    Settings {
        sessions: vec![session],
        authenticator: Box::new(CompIdsSuffice),
        logons_pending_max: 4,
        jitter_seed: 1,
    }
}

const RECONNECT: Reconnect = Reconnect {
    first_ns: SECOND_NS / 10,
    max_ns: SECOND_NS,
    failures_max: u32::MAX,
    stable_ns: SECOND_NS,
    failover_count: 2,
};

/// Both sides, and the bytes on their way: index 0 dials, index 1 accepts.
struct Pair {
    world: World,
    sides: [Host<Probe>; 2],
    connection: Option<u64>,
    made: u64,
    way: [Vec<u8>; 2],
}

fn side(
    world: World,
    place: usize,
    journal: Journal,
    now: ringfence_kernel::types::Ts,
) -> Host<Probe> {
    let settings = match place {
        0 => told(world, Role::Initiator(RECONNECT), "A", "B"),
        _ => told(world, Role::Acceptor, "B", "A"),
    };
    Host::start(settings, Probe::new(world.stale), journal, now)
}

impl Pair {
    fn new(world: World) -> Self {
        let sides = [0, 1].map(|place| side(world, place, Journal::default(), BEGIN));
        Self { world, sides, connection: None, made: 0, way: [Vec::new(), Vec::new()] }
    }
    /// Makes the connection that was dialed for, and puts what was written on its way.
    fn carry(&mut self) {
        if self.connection.is_none() && !self.sides[0].dials.is_empty() {
            self.sides[0].dials.clear();
            self.made += 1;
            self.connection = Some(self.made);
            let id = ConnectionId::new(self.made);
            self.sides[1].accept(self.made);
            self.sides[0].run(|endpoint, now, _, turn| endpoint.dialed(SESSION, id, now, turn));
        }
        let Some(connection) = self.connection else {
            return;
        };
        for from in 0..2 {
            let written = self.sides[from].take(connection);
            self.way[from].extend(written);
        }
        if self.sides.iter().any(|side| side.closed(connection).is_some()) {
            self.cut();
        }
    }
    /// Lets up to `len` bytes arrive.
    fn arrive(&mut self, from: usize, len: usize) {
        if let Some(connection) = self.connection {
            let len = len.min(self.way[from].len());
            let bytes: Vec<u8> = self.way[from].drain(..len).collect();
            self.sides[1 - from].receive(connection, &bytes);
        }
    }
    /// Cuts the connection; what is on its way is gone.
    fn cut(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.way = [Vec::new(), Vec::new()];
            let id = ConnectionId::new(connection);
            for side in &mut self.sides {
                side.run(|endpoint, now, _, turn| endpoint.closed(id, now, turn));
            }
        }
    }
    /// Lets a process die and come back from its journal.
    fn die(&mut self, place: usize) {
        self.cut();
        let (journal, now) = (self.sides[place].journal.clone(), self.sides[place].now);
        self.sides[place] = side(self.world, place, journal, now);
    }
    fn pass(&mut self, ns: i64) {
        let until = after(self.sides[0].now, ns);
        for side in &mut self.sides {
            side.pass_until(until);
        }
    }
    fn disturb(&mut self, choices: &mut Choices) {
        let place = usize::try_from(choices.below(2)).unwrap();
        match choices.below(40) {
            0 => self.cut(),
            1 => self.die(place),
            2..10 => {
                let msg_type = if choices.below(2) == 0 { "D" } else { "8x" };
                self.sides[place].run(|endpoint, now, _, turn| {
                    endpoint.act(now, turn, |probe, context| probe.send(msg_type, context));
                });
            }
            10..16 => self.pass(i64::try_from(choices.below(3_000)).unwrap() * 1_000_000),
            _ => self.arrive(place, usize::try_from(choices.below(300)).unwrap()),
        }
        self.carry();
    }
    /// Lets everything end: no more faults, until both are up and the way is empty.
    fn heal(&mut self) {
        for _ in 0..2_000 {
            self.carry();
            self.arrive(0, usize::MAX);
            self.arrive(1, usize::MAX);
            self.carry();
            let up = |side: &Host<Probe>| {
                side.endpoint.status(SESSION).unwrap().standing == Standing::Up
            };
            if self.sides.iter().all(up) && self.way.iter().all(Vec::is_empty) {
                let status = |place: usize| self.sides[place].endpoint.status(SESSION).unwrap();
                let (here, there) = (status(0), status(1));
                if (here.next_in, here.next_out) == (there.next_out, there.next_in) {
                    return;
                }
            }
            self.pass(SECOND_NS / 10);
        }
        let status = |place: usize| self.sides[place].endpoint.status(SESSION);
        panic!("the pair did not heal: {:?} {:?}", status(0), status(1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Decision 0008, rule 33: after cuts and deaths every message has been delivered in order
    /// and exactly once, or, where it may not be sent again, at most once; the numbers agree.
    #[test]
    fn every_message_arrives_once_and_in_order(
        seed in any::<u64>(),
        chunk in 0..3_u32,
        next_expected in any::<bool>(),
        all_again in any::<bool>(),
    ) {
        let stale: &'static [&'static str] = if all_again { &[] } else { &["D"] };
        let mut pair = Pair::new(World { chunk, next_expected, stale });
        let mut choices = Choices(seed);
        for _ in 0..400 {
            pair.disturb(&mut choices);
        }
        pair.heal();
        for from in 0..2 {
            let sent = pair.sides[from].endpoint.application().sent;
            let delivered = &pair.sides[1 - from].endpoint.application().delivered;
            let delivered: Vec<u64> = delivered.iter().map(|id| id.parse().unwrap()).collect();
            if all_again {
                prop_assert_eq!((1..=sent).collect::<Vec<_>>(), delivered);
            } else {
                let mut once = delivered.clone();
                once.sort_unstable();
                once.dedup();
                prop_assert_eq!(once, delivered);
            }
        }
    }
}
