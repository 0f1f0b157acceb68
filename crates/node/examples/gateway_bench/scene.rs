//! The broker and its orders, read from files; the sessions of its gateway.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ringfence_fix::dict::{self, Policies, Specification};
use ringfence_fix::endpoint::SessionIndex;
use ringfence_fix::session::{
    CompIdsSuffice, Heartbeat, Reconnect, Role as Dials, SessionSettings, Settings, Version,
};
use ringfence_fix::terms;
use ringfence_gateway::{GatewaySettings, Link, Role};
use ringfence_kernel::Input;
use ringfence_kernel::input::NewOrder;
use ringfence_kernel::types::value::{Bytes, Malformed, Value};
use ringfence_kernel::types::{Name, Ts};

use crate::Outcome;

/// The gateway's CompID.
pub(crate) const GATEWAY: &str = "BENCH";
/// The client's CompID, and the kernel's session.
pub(crate) const CLIENT: &str = "CLIENT";
/// The venues' CompIDs, and the kernel's venues.
pub(crate) const VENUES: [&str; 2] = ["XNYS", "XNAS"];
/// Seconds of a heartbeat: longer than any run, so that nothing but orders is on the wire.
pub(crate) const HEARTBEAT_SECS: u32 = 3_600;

const SECOND_NS: i64 = 1_000_000_000;

/// What a gateway begins its day with, and the orders that come.
pub(crate) struct Scene {
    pub(crate) definitions: Vec<Input>,
    pub(crate) facts: Vec<Input>,
    pub(crate) orders: Vec<NewOrder>,
    pub(crate) start: Ts,
}

impl Scene {
    /// Reads a world and at most `count` orders.
    pub(crate) fn read(folder: &Path, count: usize) -> Outcome<Self> {
        let world = inputs(&folder.join("world"))?;
        let is_open = |(_, input): &(Ts, Input)| matches!(input, Input::DayOpen(_));
        let open = world.iter().position(is_open).ok_or("the world has no opening of the day")?;
        let start = world.first().map_or(Ts::default(), |(ts, _)| *ts);
        let mut definitions: Vec<Input> = world.into_iter().map(|(_, input)| input).collect();
        let facts = definitions.split_off(open + 1);
        // Whether a venue is connected is for its session to say.
        let is_fact = |input: &Input| !matches!(input, Input::VenueSession(_));
        let orders = inputs(&folder.join("orders"))?.into_iter().filter_map(|(_, input)| {
            let Input::NewOrder(order) = input else { return None };
            Some(order)
        });
        let orders: Vec<NewOrder> = orders.take(count).collect();
        if orders.is_empty() {
            return Err("there are no orders".into());
        }
        let facts = facts.into_iter().filter(is_fact).collect();
        Ok(Self { definitions, facts, orders, start })
    }
}

fn inputs(path: &Path) -> Outcome<Vec<(Ts, Input)>> {
    let file = fs::read(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let malformed = |_: Malformed| format!("{}: not a sequence of inputs", path.display());
    let (mut bytes, mut found) = (Bytes::new(&file), Vec::new());
    while !bytes.is_empty() {
        let ts = Ts::take(&mut bytes).map_err(malformed)?;
        found.push((ts, Input::take(&mut bytes).map_err(malformed)?));
    }
    Ok(found)
}

/// Returns the place of a venue's session.
pub(crate) fn venue_session(venue: usize) -> SessionIndex {
    SessionIndex::new(u16::try_from(venue + 1).unwrap_or(u16::MAX))
}

/// Returns what each session is for.
pub(crate) fn gateway_settings() -> GatewaySettings {
    let link = |role| Link { version: terms::Version::Fix44, role };
    let venue = |name| Role::Venue { venue: Name::clipped(name), market_data: false };
    let mut links = vec![link(Role::Client { name: Name::clipped(CLIENT) })];
    links.extend(VENUES.map(|name| link(venue(name))));
    GatewaySettings::new(links)
}

/// Returns the sessions: the client dials, the venues are dialed; the dictionary checks everything.
pub(crate) fn sessions() -> Outcome<Settings> {
    let specification = Specification::compact(dict::Version::Fix44)?;
    let dictionary = Arc::new(specification.dictionary(Policies::default()));
    let dials = Dials::Initiator(Reconnect {
        first_ns: SECOND_NS / 10,
        max_ns: SECOND_NS,
        failures_max: 100,
        stable_ns: SECOND_NS,
        failover_count: 2,
    });
    let session = |role, peer| SessionSettings {
        heartbeat: Heartbeat { secs: HEARTBEAT_SECS, secs_min: 1, secs_max: HEARTBEAT_SECS },
        ..SessionSettings::new(
            role,
            Version::Fix44,
            Name::clipped(GATEWAY),
            Name::clipped(peer),
            dictionary.clone(),
        )
    };
    let mut sessions = vec![session(Dials::Acceptor, CLIENT)];
    sessions.extend(VENUES.map(|venue| session(dials, venue)));
    Ok(Settings {
        sessions,
        authenticator: Box::new(CompIdsSuffice),
        logons_pending_max: 4,
        jitter_seed: 1,
    })
}
