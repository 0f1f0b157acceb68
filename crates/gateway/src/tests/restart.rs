//! The gateway after a restart: the fold of its records, and what it does first.

use ringfence_fix::endpoint::Application;
use ringfence_fix::tag;
use ringfence_fix::terms::Version;

use super::world::{CLIENT, LIT1, Log, World, definitions, settings};
use crate::{BeginError, Gateway};

pub(super) fn folded(world: &World) -> Gateway {
    let mut gateway = Gateway::new(settings(Version::Fix44));
    for (ts, payload) in &world.log.records {
        gateway.fold(*ts, payload).unwrap();
    }
    gateway
}

fn traded() -> World {
    let mut world = World::open(Version::Fix44);
    let id = world.order("C1");
    world.report(LIT1, &id, "150=0|39=0");
    world.report(LIT1, &id, "150=F|39=1|32=40|31=10.00|14=40|151=60");
    world
}

/// I6: the fold of the records is the live state, what clients were told included.
#[test]
fn the_fold_is_the_live_state() {
    let mut world = traded();
    let mut again = folded(&world);
    let digest = |gateway: &Gateway| gateway.kernel().state().digest();
    assert_eq!(digest(&world.gateway), digest(&again));
    // The average price goes on from the first fill.
    let fill = |id: &str| format!("11={id}|37=V|17=F9|150=F|39=2|32=60|31=9.00|14=100|151=0");
    world.log.sent.clear();
    let id = {
        let state = again.kernel().state();
        let child = state.orders.children().next().map(|(id, _)| id).unwrap();
        ringfence_kernel::clearance::wire_id(state, child, 0).unwrap().to_string()
    };
    std::mem::swap(&mut world.gateway, &mut again);
    world.deliver(LIT1, "8", &fill(&id));
    let told = world.take(CLIENT).pop().unwrap();
    assert_eq!(("100", "9.4"), (told.get(tag::CUM_QTY), told.get(tag::AVG_PX)));
}

/// R50: after a crash every venue counts as down and every open child is in doubt until it is
/// answered for; the client whose session was up is told down to the kernel.
#[test]
fn a_restart_begins_in_doubt() {
    let world = traded();
    let mut again = folded(&world);
    let mut log = Log { now: world.log.now, ..Log::default() };
    again.begin(&definitions(), &mut log).unwrap();
    let state = again.kernel().state();
    let (order_id, order) = state.orders.orders().next().unwrap();
    assert_eq!(60, order.buckets.get(ringfence_kernel::state::order::Bucket::InDoubt).units());
    assert_eq!(1, state.orders.children_of(order_id).count());
    assert!(state.directory.venues.iter().all(|(id, _)| !state.venues.is_connected(id)));
    again.session_changed(LIT1, true, &mut log);
    assert_eq!(1, log.sent.iter().filter(|sent| sent.msg_type == "H").count());
    assert!(log.sent.iter().all(|sent| sent.msg_type != "D"));
}

/// R89: a day is gone on with under the configuration that it began with, or not at all.
#[test]
fn another_configuration_is_refused() {
    let world = traded();
    let mut again = folded(&world);
    let mut log = Log { now: world.log.now, ..Log::default() };
    let mut other = definitions();
    other.remove(2);
    assert_eq!(Err(BeginError::ConfigurationDiffers), again.begin(&other, &mut log));
}

/// R13, R89: a definition that the kernel refuses ends the start, named.
#[test]
fn a_refused_definition_ends_the_start() {
    let mut wrong = definitions();
    wrong.swap(0, 1);
    let mut log = Log::default();
    let found = Gateway::new(settings(Version::Fix44)).begin(&wrong, &mut log);
    let Err(BeginError::DefinitionRefused { name, why }) = found else {
        panic!("expected a refusal, found {found:?}");
    };
    assert_eq!("limit_definition", name);
    assert!(why.contains("DEFINITION_INVALID"), "{why}");
}

/// I5, R1: orders, changes, cancels and questions are never sent again when a venue asks; reports
/// to clients are.
#[test]
fn orders_are_never_sent_stale() {
    let gateway = Gateway::new(settings(Version::Fix44));
    for msg_type in ["D", "F", "G", "H", "q", "AF", "V"] {
        assert!(!gateway.may_resend(LIT1, msg_type), "{msg_type}");
    }
    for msg_type in ["8", "9", "j", "r"] {
        assert!(gateway.may_resend(CLIENT, msg_type), "{msg_type}");
    }
}
