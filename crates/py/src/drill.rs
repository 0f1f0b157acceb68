//! The addresses of a node's peers, and drills of them, as plain values.

use ringfence_fix::endpoint::{SessionIndex, Standing, Status};
use ringfence_fix::session::{DrillOutcome, DrillReport, DrillStep, Role, SessionSettings};
use ringfence_node::settings::ProcessSettings;
use serde_json::{Value, json};

/// The addresses of the peer of a session that dials.
pub(crate) struct Route {
    addresses: Vec<String>,
    failover_count: u32,
}

/// Returns the route of each session, in the order of the settings; nobody is dialed without one.
pub(crate) fn routes(process: &ProcessSettings) -> Vec<Option<Route>> {
    let indices = (0..).map(SessionIndex::new);
    let route = |(index, session): (SessionIndex, &SessionSettings)| match session.role {
        Role::Initiator(reconnect) => {
            let peers = process.host.peers.get(&index).into_iter().flatten();
            let addresses = peers.map(ToString::to_string).collect();
            Some(Route { addresses, failover_count: reconnect.failover_count })
        }
        Role::Acceptor => None,
    };
    indices.zip(&process.sessions.sessions).map(route).collect()
}

/// Returns a session with its address: `single` where its peer has no other one.
pub(crate) fn session_row(name: &str, is_up: bool, status: Status, route: Option<&Route>) -> Value {
    let at = |route: &Route| match route.addresses.len() {
        0 | 1 => "single".to_owned(),
        _ => status.address.to_string(),
    };
    json!({
        "name": name,
        "up": is_up,
        "standing": standing(status.standing),
        "address": route.and_then(|route| route.addresses.get(status.address.index())),
        "route": route.map(at),
        "drilled": status.is_drilled,
    })
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Down => "down",
        Standing::GivenUp => "given up",
        Standing::LoggingOn => "logging on",
        Standing::Recovering => "recovering",
        Standing::Up => "up",
        Standing::LoggingOut => "logging out",
    }
}

/// Returns a report with the setting that was in force while it was made.
pub(crate) fn report(name: &str, report: &DrillReport, route: &Route) -> Value {
    let steps = report.steps.iter().map(|step| step_row(step, route));
    json!({
        "session": name,
        "failover": {
            "on": route.addresses.len() > 1,
            "failover_count": route.failover_count,
            "addresses": route.addresses,
        },
        "began_ns": report.began.nanos(),
        "ended_ns": report.ended.nanos(),
        "passed": report.has_passed(),
        "steps": steps.collect::<Vec<_>>(),
    })
}

fn step_row(step: &DrillStep, route: &Route) -> Value {
    let (result, reason) = match &step.outcome {
        DrillOutcome::Passed => ("passed", None),
        DrillOutcome::Failed(why) => ("failed", Some(why)),
        DrillOutcome::NotTried(why) => ("not_tried", Some(why)),
    };
    json!({
        "route": step.address.to_string(),
        "address": route.addresses.get(step.address.index()),
        "began_ns": step.began.nanos(),
        "ended_ns": step.ended.nanos(),
        "result": result,
        "reason": reason,
    })
}
