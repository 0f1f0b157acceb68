//! A town: clients, one node, venues, links between them, and the troubles of its scenario.

use std::collections::BTreeMap;
use std::sync::Arc;

use ringfence_fix::endpoint::{Endpoint, SessionIndex};
use ringfence_fix::session::{
    self, AnyMessage, CompIdsSuffice, Heartbeat, Reconnect, SessionSettings, Settings,
};
use ringfence_fix::terms::Version;
use ringfence_gateway::{Gateway, GatewaySettings, Link as Session, Role};
use ringfence_kernel::state::position::FillState;
use ringfence_kernel::types::{Name, Ts};
use ringfence_sim::book::FastBook;
use ringfence_sim::exchange::TradeState;
use ringfence_sim::rng::Rng;
use ringfence_sim::venue::Venue;
use ringfence_sim::world::auditor::{Auditor, Gross, Part};
use ringfence_sim::world::broker::Broker;
use ringfence_sim::world::client::{Client, Plan};
use ringfence_sim::world::host::Host;
use ringfence_sim::world::network::Link;
use ringfence_sim::world::{Deed, ProcessId, World, after};

use super::exchange::exchange;
use super::troubles::{self, Blow, Loss, Trouble, Whom};

pub(super) const START: Ts = Ts::from_nanos(1_381_239_000_000_000_000);
pub(super) const MS: u64 = 1_000_000;
pub(super) const SECOND: i64 = 1_000_000_000;
const ACCOUNTS: [&str; 2] = ["alice", "bob"];
const VENUES: [&str; 2] = ["LIT1", "LIT2"];
pub(super) const SYMBOLS: [(&str, u64); 2] = [("BAC", 1_400), ("IBM", 18_000)];

pub(super) fn name(text: &str) -> Name {
    Name::clipped(text)
}

/// Everything that a seed decides beyond the draws of the parts: what a failure prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scenario {
    pub(super) seed: u64,
    pub(super) loss: Loss,
    pub(super) market_data: bool,
    pub(super) troubles: Vec<Trouble>,
}

impl Scenario {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::stream(seed, &[5]);
        let loss = match rng.below(4) {
            0 | 1 => Loss::Copied,
            2 => Loss::Answers,
            _ => Loss::None,
        };
        let troubles = troubles::draw(seed, loss);
        Self { seed, loss, market_data: rng.one_in(2), troubles }
    }
    fn has_copies(&self) -> bool {
        self.loss == Loss::Copied
    }
    /// Returns the fault script of a venue.
    fn lines(&self, of: usize) -> String {
        let of_venue = self.troubles.iter().filter_map(|trouble| match trouble {
            Trouble::Line { venue, text } if *venue == of => Some(format!("{text}\n")),
            Trouble::Line { .. } | Trouble::Blow { .. } => None,
        });
        of_venue.collect()
    }
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
    pub(super) venues: Vec<ProcessId>,
}

fn node_host(scenario: &Scenario, versions: [Version; 4]) -> Host<Gateway> {
    let broker = Broker {
        node: "N1",
        accounts: ACCOUNTS.to_vec(),
        symbols: SYMBOLS.to_vec(),
        venues: VENUES.to_vec(),
        ack_timeout_ns: SECOND,
    };
    let (seed, market_data) = (scenario.seed, scenario.market_data);
    let has_copies = scenario.has_copies();
    let make = move || {
        let mut sessions = Vec::new();
        let mut links = Vec::new();
        for (account, version) in ACCOUNTS.iter().zip(versions) {
            sessions.push(one(version, false, "N1", account));
            links.push(Session { version, role: Role::Client { name: name(account) } });
        }
        let of_venues = || VENUES.iter().zip(versions.into_iter().skip(2));
        for (venue, version) in of_venues() {
            sessions.push(one(version, true, "N1", venue));
            links.push(Session { version, role: Role::Venue { venue: name(venue), market_data } });
        }
        for (venue, version) in of_venues().filter(|_| has_copies) {
            sessions.push(one(version, true, "N1DC", venue));
            links.push(Session { version, role: Role::VenueDropCopy { venue: name(venue) } });
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

fn version(rng: &mut Rng) -> Version {
    match rng.below(3) {
        0 => Version::Fix42,
        1 => Version::Fix44,
        _ => Version::Fixt11,
    }
}

impl Town {
    /// Returns a town whose clients enter so many orders each, this far apart in the mean.
    pub(super) fn new(scenario: &Scenario, orders: u32, pace_ns: u64) -> Self {
        let mut rng = Rng::stream(scenario.seed, &[3]);
        let versions = [0; 4].map(|_| version(&mut rng));
        let mut world = World::new(scenario.seed, START);
        let auditor = Auditor::new();
        world.tap(Box::new(auditor.clone()));
        let node = world.add(Box::new(node_host(scenario, versions)), START);
        auditor.know(node, Part::Node);
        let mut town = Self { world, auditor, node, venues: Vec::new() };
        for (place, version) in (0..VENUES.len()).zip(&versions[2..]) {
            town.add_venue(place, *version, scenario);
        }
        for (place, (account, version)) in (0..).zip(ACCOUNTS.iter().zip(&versions)) {
            let own = Plan {
                seed: scenario.seed.wrapping_add(100 + place),
                version: *version,
                account,
                venues: &VENUES,
                symbols: &SYMBOLS,
                orders,
                pace_ns,
                changes: 30,
                leave_ns: 20 * SECOND,
            };
            town.add_client(own);
        }
        scenario.troubles.iter().for_each(|trouble| town.schedule(trouble));
        town
    }
    const fn link() -> Link {
        Link { delay_ns: MS / 10, jitter_ns: 2 * MS }
    }
    fn add_venue(&mut self, place: usize, version: Version, scenario: &Scenario) {
        let (venue, lines) = (VENUES[place], scenario.lines(place));
        let has_copies = scenario.has_copies();
        let seed = scenario.seed.wrapping_mul(2).wrapping_add(u64::try_from(place).unwrap());
        let make = move || {
            let mut sessions = vec![one(version, false, venue, "N1")];
            sessions.extend(has_copies.then(|| one(version, false, venue, "N1DC")));
            let versions = vec![version; sessions.len()];
            let application = exchange(venue, versions, seed, &lines);
            Endpoint::new(settings(sessions, seed), application).unwrap()
        };
        let host = Host::new(Box::new(make), Box::new(|_, _, _| {}));
        let id = self.world.add(Box::new(host), START);
        let first = ACCOUNTS.len() + place;
        for session in [first, first + VENUES.len()].into_iter().take(1 + usize::from(has_copies)) {
            let session = SessionIndex::new(u16::try_from(session).unwrap());
            self.world.connect(self.node, session, id, Self::link());
        }
        self.auditor.know(id, Part::Venue);
        self.venues.push(id);
    }
    fn add_client(&mut self, own: Plan) {
        let make = move || {
            let sessions = vec![one(own.version, true, own.account, "N1")];
            Endpoint::new(settings(sessions, own.seed), Client::new(own.clone())).unwrap()
        };
        let host = Host::new(Box::new(make), Box::new(|_, _, _| {}));
        let id = self.world.add(Box::new(host), after(START, SECOND));
        self.world.connect(id, SessionIndex::new(0), self.node, Self::link());
        self.auditor.know(id, Part::Client);
    }
    fn schedule(&mut self, trouble: &Trouble) {
        let Trouble::Blow { at_ms, whom, blow } = *trouble else { return };
        let process = match whom {
            Whom::Node => self.node,
            Whom::Venue(place) => self.venues[place],
        };
        let deed = match blow {
            Blow::Crash(at, down_ns) => Deed::Crash { process, at, down_ns },
            Blow::Cut => Deed::Cut { process },
            Blow::Silence(for_ns) => Deed::Silence { process, for_ns },
            Blow::Freeze(for_ns) => Deed::Freeze { process, for_ns },
        };
        self.world.schedule(after(START, i64::try_from(at_ms * MS).unwrap()), deed);
    }
    pub(super) fn node(&self) -> &Host<Gateway> {
        let process = self.world.process(self.node).unwrap();
        process.as_any().downcast_ref().unwrap()
    }
    pub(super) fn venue(&self, id: ProcessId) -> &Host<Venue<FastBook>> {
        self.world.process(id).unwrap().as_any().downcast_ref().unwrap()
    }
    pub(super) fn venue_starts(&self) -> u32 {
        self.venues.iter().map(|id| self.venue(*id).starts()).sum()
    }
    /// Returns the units that the node bought and sold by the venues' own ledgers.
    pub(super) fn venue_gross(&self) -> Gross {
        let mut gross = Gross::new();
        for id in &self.venues {
            let exchange = self.venue(*id).endpoint().unwrap().application().exchange();
            let trades = exchange.ledger().trades().iter();
            for trade in trades.filter(|trade| trade.state == TradeState::Standing) {
                let symbol = exchange.symbol(trade.instrument).unwrap().to_string();
                for side in trade.sides.iter().flatten() {
                    let key = (symbol.clone(), side.side.is_buy());
                    *gross.entry(key).or_insert(0) += trade.qty.units();
                }
            }
        }
        gross
    }
    /// Returns the units that the node booked, of clients alone or of the error account too.
    pub(super) fn node_gross(&self, with_errors: bool) -> Gross {
        let state = self.node().endpoint().unwrap().application().kernel().state();
        let errors = state.directory.accounts.find(&name("error")).unwrap();
        let mut gross = Gross::new();
        for (_, fill) in state.positions.fills() {
            if fill.state != FillState::Busted && (with_errors || fill.account != errors) {
                let symbol = state.directory.named_instrument(fill.symbol).name.to_string();
                *gross.entry((symbol, fill.side.is_buy())).or_insert(0) += fill.qty.units();
            }
        }
        gross
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

/// Returns bought less sold.
pub(super) fn net(gross: &Gross) -> BTreeMap<String, i64> {
    let mut net = BTreeMap::new();
    for ((symbol, is_buy), units) in gross {
        let units = i64::try_from(*units).unwrap();
        *net.entry(symbol.clone()).or_insert(0) += if *is_buy { units } else { -units };
    }
    net.retain(|_, units| *units != 0);
    net
}
