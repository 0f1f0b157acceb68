//! A town: clients, one node, venues, links between them, and faults drawn from the seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use ringfence_fix::endpoint::{Application, Endpoint, SessionIndex};
use ringfence_fix::session::{
    self, AnyMessage, CompIdsSuffice, Heartbeat, Reconnect, SessionSettings, Settings,
};
use ringfence_fix::terms::Version;
use ringfence_gateway::{Gateway, GatewaySettings, Link as Session, Role};
use ringfence_kernel::types::{Name, OrdType, Phase, Price, Qty, TimeInForce, Ts};
use ringfence_sim::book::{BookLimits, FastBook};
use ringfence_sim::exchange::{
    BandKind, FeeRules, HaltEntry, InstrumentRules, PortKind, PortRules, SessionWindow, TickStep,
    VenueRules,
};
use ringfence_sim::fault::Script;
use ringfence_sim::rng::Rng;
use ringfence_sim::venue::{Venue, VenueSettings};
use ringfence_sim::world::auditor::{Auditor, Part};
use ringfence_sim::world::broker::{Broker, cents};
use ringfence_sim::world::client::{Client, Plan};
use ringfence_sim::world::host::{Crash, Host, Process};
use ringfence_sim::world::network::Link;
use ringfence_sim::world::{Deed, ProcessId, World, after};

use super::dice_venue::DiceVenue;

pub(super) const START: Ts = Ts::from_nanos(1_381_239_000_000_000_000);
pub(super) const MS: u64 = 1_000_000;
const SECOND: i64 = 1_000_000_000;
const ACCOUNTS: [&str; 2] = ["alice", "bob"];
const VENUES: [&str; 2] = ["LIT1", "LIT2"];
const SYMBOLS: [(&str, u64); 2] = [("BAC", 1_400), ("IBM", 18_000)];

fn name(text: &str) -> Name {
    Name::clipped(text)
}

fn protocol(version: Version) -> session::Version {
    match version {
        Version::Fix42 => session::Version::Fix42,
        Version::Fix44 => session::Version::Fix44,
        Version::Fixt11 => session::Version::Fixt11 { default_appl_ver_id: name("9") },
    }
}

fn settings(sessions: Vec<SessionSettings>, seed: u64) -> Settings {
    Settings {
        sessions,
        authenticator: Box::new(CompIdsSuffice),
        logons_pending_max: 16,
        jitter_seed: seed,
    }
}

fn one(version: Version, initiates: bool, ours: &str, theirs: &str) -> SessionSettings {
    let reconnect = Reconnect {
        first_ns: 100_000_000,
        max_ns: 2 * SECOND,
        failures_max: 1_000,
        stable_ns: SECOND,
        failover_count: 2,
    };
    let role =
        if initiates { session::Role::Initiator(reconnect) } else { session::Role::Acceptor };
    let any = Arc::new(AnyMessage);
    let mut settings = SessionSettings::new(role, protocol(version), name(ours), name(theirs), any);
    settings.heartbeat = Heartbeat { secs: 2, secs_min: 1, secs_max: 60 };
    settings.logon_timeout_ns = 2 * SECOND;
    settings
}

/// The town and where to find everybody in it.
pub(super) struct Town {
    pub(super) world: World,
    pub(super) auditor: Auditor,
    pub(super) node: ProcessId,
    pub(super) clients: Vec<ProcessId>,
    pub(super) venues: Vec<ProcessId>,
}

/// What a town is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct TownPlan {
    pub(super) seed: u64,
    pub(super) orders: u32,
    pub(super) pace_ns: u64,
}

fn node_host(versions: [Version; 4], seed: u64) -> Host<Gateway> {
    let broker = Broker {
        node: "N1",
        accounts: ACCOUNTS.to_vec(),
        symbols: SYMBOLS.to_vec(),
        venues: VENUES.to_vec(),
        ack_timeout_ns: SECOND,
    };
    let make = move || {
        let mut sessions = Vec::new();
        let mut links = Vec::new();
        for (account, version) in ACCOUNTS.iter().zip(versions) {
            sessions.push(one(version, false, "N1", account));
            links.push(Session { version, role: Role::Client { name: name(account) } });
        }
        for (venue, version) in VENUES.iter().zip(versions.into_iter().skip(2)) {
            sessions.push(one(version, true, "N1", venue));
            let role = Role::Venue { venue: name(venue), market_data: false };
            links.push(Session { version, role });
        }
        let mut gateway = GatewaySettings::new(links);
        gateway.status_retry_ns = SECOND;
        Endpoint::new(settings(sessions, seed), Gateway::new(gateway)).unwrap()
    };
    let begin = move |endpoint: &mut Endpoint<Gateway>, now, turn: &mut _| {
        let (definitions, facts) = (broker.definitions(), broker.facts());
        endpoint.act(now, turn, |gateway, context| {
            let is_new = gateway.kernel().state().step == 0;
            gateway.begin(&definitions, context).unwrap();
            if is_new {
                for fact in &facts {
                    gateway.step(fact, None, context);
                }
            }
        });
    };
    Host::new(Box::new(make), Box::new(begin))
}

/// Returns a venue with a real book, open all day, its one member the node.
fn exchange(venue: &'static str, version: Version, seed: u64) -> Venue<FastBook> {
    let ticks = vec![TickStep { from: Price::from_nanos(0), tick: Price::from_nanos(10_000_000) }];
    let instruments = SYMBOLS.iter().map(|(symbol, middle)| InstrumentRules {
        symbol: name(symbol),
        ticks: ticks.clone(),
        lot: Qty::new(1),
        reference_px: cents(*middle),
    });
    let port = PortRules {
        name: name("N1"),
        firm: name("ringfence"),
        kind: PortKind::OrderEntry,
        cancel_on_disconnect: false,
        throttle: None,
        is_retail: false,
    };
    let window = SessionWindow {
        name: name("day"),
        phase: Phase::Continuous,
        auction: None,
        band: BandKind::Unbounded,
        start: after(START, -SECOND),
        end: after(START, 3_600 * SECOND),
    };
    let rules = VenueRules {
        id_prefix: name(venue),
        instruments: instruments.collect(),
        ports: vec![port],
        windows: vec![window],
        order_types: OrdType::ALL.to_vec(),
        times_in_force: TimeInForce::ALL.to_vec(),
        limit_band: None,
        session_band: None,
        order_notional_max: None,
        fees: FeeRules::default(),
        retail: None,
        halt_entry: HaltEntry::Refuse,
        book_limits: BookLimits::new(10_000, 1_000),
    };
    let settings = VenueSettings {
        rules,
        versions: vec![version],
        market_data_interval_ns: SECOND,
        script: Script::parse("").unwrap(),
        script_origin: START,
        seed,
    };
    Venue::new(settings, FastBook::new).unwrap()
}

/// Returns the net units by instrument of a venue's members.
fn ledger_net(venue: &Venue<FastBook>) -> BTreeMap<String, i64> {
    let exchange = venue.exchange();
    let mut net = BTreeMap::new();
    for (port, statement) in exchange.ledger().statements() {
        assert!(port.is_some(), "nobody but the node trades here");
        for (instrument, units) in statement.units {
            let symbol = exchange.symbol(instrument).unwrap().to_string();
            *net.entry(symbol).or_insert(0) += i64::try_from(units).unwrap();
        }
    }
    net
}

fn version(rng: &mut Rng) -> Version {
    match rng.below(3) {
        0 => Version::Fix42,
        1 => Version::Fix44,
        _ => Version::Fixt11,
    }
}

impl Town {
    pub(super) fn new(plan: TownPlan) -> Self {
        let mut rng = Rng::stream(plan.seed, &[3]);
        let versions = [0; 4].map(|_| version(&mut rng));
        let mut world = World::new(plan.seed, START);
        let auditor = Auditor::new();
        world.tap(Box::new(auditor.clone()));
        let node = world.add(Box::new(node_host(versions, plan.seed)), START);
        auditor.know(node, Part::Node);
        let link = Link { delay_ns: MS / 10, jitter_ns: 2 * MS };
        let mut town = Self { world, auditor, node, clients: Vec::new(), venues: Vec::new() };
        for (place, (venue, version)) in (2..).zip(VENUES.iter().zip(&versions[2..])) {
            town.add_venue(SessionIndex::new(place), venue, *version, plan, link);
        }
        for (place, (account, version)) in (0..).zip(ACCOUNTS.iter().zip(&versions)) {
            town.add_client(place, account, *version, plan, link);
        }
        town
    }
    fn add_venue(
        &mut self,
        session: SessionIndex,
        venue: &'static str,
        version: Version,
        plan: TownPlan,
        link: Link,
    ) {
        let seed = plan.seed.wrapping_add(u64::from(session.get()));
        let pace_ns = plan.pace_ns;
        let sessions = move || settings(vec![one(version, false, venue, "N1")], seed);
        // Venues of both kinds stand beside each other and alone.
        let throws_dice = plan.seed.wrapping_add(u64::from(session.get())) % 3 == 0;
        let host: Box<dyn Process> = if throws_dice {
            let make = move || {
                let application = DiceVenue::new(venue, version, seed, pace_ns);
                Endpoint::new(sessions(), application).unwrap()
            };
            Box::new(Host::new(Box::new(make), Box::new(|_, _, _| {})))
        } else {
            let make = move || Endpoint::new(sessions(), exchange(venue, version, seed)).unwrap();
            Box::new(Host::new(Box::new(make), Box::new(|_, _, _| {})))
        };
        let id = self.world.add(host, START);
        self.world.connect(self.node, session, id, link);
        self.auditor.know(id, Part::Venue);
        self.venues.push(id);
    }
    fn add_client(
        &mut self,
        place: u64,
        account: &'static str,
        version: Version,
        plan: TownPlan,
        link: Link,
    ) {
        let own = Plan {
            seed: plan.seed.wrapping_add(100 + place),
            version,
            account,
            venues: &VENUES,
            symbols: &SYMBOLS,
            orders: plan.orders,
            pace_ns: plan.pace_ns,
            changes: 30,
            leave_ns: 20 * SECOND,
        };
        let make = move || {
            let sessions = vec![one(version, true, account, "N1")];
            Endpoint::new(settings(sessions, own.seed), Client::new(own.clone())).unwrap()
        };
        let host = Host::new(Box::new(make), Box::new(|_, _, _| {}));
        let id = self.world.add(Box::new(host), after(START, SECOND));
        self.world.connect(id, SessionIndex::new(0), self.node, link);
        self.auditor.know(id, Part::Client);
        self.clients.push(id);
    }
    /// Draws faults over the next seconds: whole kinds are switched off at random.
    pub(super) fn disturb(&mut self, seed: u64, seconds: i64, count: u64) {
        let mut rng = Rng::stream(seed, &[4]);
        let kinds: Vec<u64> = (0..5).filter(|_| rng.below(3) > 0).collect();
        let known = u64::try_from(kinds.len()).unwrap();
        for _ in 0..count {
            let span = u64::try_from(seconds * SECOND).unwrap();
            let at = after(self.world.now(), i64::try_from(rng.below(span)).unwrap());
            let Some(kind) = kinds.get(usize::try_from(rng.below(known)).unwrap()) else {
                return;
            };
            let venue = self.venues[usize::try_from(rng.below(2)).unwrap()];
            let down_ns = i64::try_from(rng.below(3_000 * MS)).unwrap();
            let crash = match rng.below(3) {
                0 => Crash::BeforeWrite,
                1 => Crash::AfterWrite,
                _ => Crash::Midway,
            };
            let deed = match kind {
                0 => Deed::Crash { process: self.node, at: crash, down_ns },
                1 => Deed::Crash { process: venue, at: crash, down_ns },
                2 => Deed::Cut { process: self.node },
                3 => Deed::Cut { process: venue },
                _ => Deed::Silence { process: venue, for_ns: down_ns },
            };
            self.world.schedule(at, deed);
        }
    }
    pub(super) fn node(&self) -> &Host<Gateway> {
        let process = self.world.process(self.node).unwrap();
        process.as_any().downcast_ref().unwrap()
    }
    fn venue<A: Application + 'static>(&self, id: ProcessId) -> Option<&Host<A>> {
        self.world.process(id).unwrap().as_any().downcast_ref()
    }
    pub(super) fn venue_starts(&self) -> u32 {
        let starts = self.venues.iter().map(|id| match self.venue::<DiceVenue>(*id) {
            Some(host) => host.starts(),
            None => self.venue::<Venue<FastBook>>(*id).unwrap().starts(),
        });
        starts.sum()
    }
    /// Returns the net units by instrument as the venues themselves count them.
    pub(super) fn venue_net(&self) -> BTreeMap<String, i64> {
        let mut net = BTreeMap::new();
        for id in &self.venues {
            let own = match self.venue::<DiceVenue>(*id) {
                Some(host) => host.endpoint().unwrap().application().net(),
                None => {
                    let host = self.venue::<Venue<FastBook>>(*id).unwrap();
                    ledger_net(host.endpoint().unwrap().application())
                }
            };
            for (symbol, units) in own {
                *net.entry(symbol).or_insert(0) += units;
            }
        }
        net.retain(|_, units| *units != 0);
        net
    }
    /// Returns the net units by instrument over all accounts of the node.
    pub(super) fn node_net(&self) -> BTreeMap<String, i64> {
        let state = self.node().endpoint().unwrap().application().kernel().state();
        let totals = state.positions.totals().into_iter();
        let named = totals
            .map(|(id, units)| (state.directory.named_instrument(id).name.to_string(), units));
        named.filter(|(_, units)| *units != 0).collect()
    }
}
