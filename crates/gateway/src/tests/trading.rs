//! Halts and trading sessions: whose word begins and ends them, and that silence ends nothing.

use ringfence_fix::tag;
use ringfence_fix::terms::Version;
use ringfence_kernel::types::{Name, Phase, SessionStatus};

use super::clients::ALL;
use super::world::{CLIENT, LIT1, LIT2, World};

fn phase(world: &World) -> Option<Phase> {
    let state = world.gateway.kernel().state();
    let symbol = state.directory.instruments.find(&Name::clipped("BAC")).unwrap();
    state.market.row(symbol).unwrap().phase()
}

/// Enters an order to a venue; returns why it was refused, or nothing where it was sent.
fn refusal(world: &mut World, venue: &str) -> String {
    world.log.now += 2_000_000_000;
    let id = format!("C{}", world.log.now);
    world.log.sent.clear();
    world.order_at(venue, &id);
    let told = world.take(CLIENT).pop().unwrap();
    match told.get(tag::ORD_STATUS) {
        "8" => told.get(tag::TEXT).split(' ').next().unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

fn refusals(world: &mut World) -> [String; 2] {
    ["LIT1", "LIT2"].map(|venue| refusal(world, venue))
}

fn everywhere() -> [String; 2] {
    ["NOT_ENTITLED".to_owned(), "NOT_ENTITLED".to_owned()]
}

/// R26, FIX 327: what a halt is for decides whom it holds for: news, a pause and what is not known
/// close the instrument everywhere, a venue's own reasons close it there.
#[test]
fn a_halt_holds_for_whom_its_reason_says() {
    let own = || ["VENUE_HALTED".to_owned(), String::new()];
    for (reason, expected) in [
        ("", everywhere()),
        ("|327=P", everywhere()),
        ("|327=D", everywhere()),
        ("|327=M", everywhere()),
        ("|327=4", everywhere()),
        ("|327=0", everywhere()),
        ("|327=?", everywhere()),
        ("|327=I", own()),
        ("|327=E", own()),
        ("|327=X", own()),
        ("|327=1", own()),
        ("|327=2", own()),
        ("|327=5", own()),
    ] {
        for version in ALL {
            let mut world = World::open(version);
            world.deliver(LIT1, "f", &format!("55=BAC|326=2{reason}"));
            assert_eq!(expected, refusals(&mut world), "{reason}");
            assert!(world.log.alerts.iter().any(|text| text.contains("BAC is halted")));
            world.deliver(LIT1, "f", "55=BAC|326=5");
            assert_eq!(expected, refusals(&mut world), "a reopening auction ends nothing");
            world.deliver(LIT1, "f", "55=BAC|326=3");
            assert_eq!(["", ""], refusals(&mut world).each_ref().map(String::as_str));
        }
    }
}

/// R26: an operator's halt, set as a phase or as a halt, is ended by an operator: no venue that
/// trades, reconnects, or halts and reopens for itself ends it.
#[test]
fn a_venue_does_not_end_the_operators_halt() {
    for (begin, end) in [
        (
            "'input':'phase_change','symbol':'BAC','phase':'halted'",
            "'input':'phase_change','symbol':'BAC','phase':'continuous'",
        ),
        (
            "'input':'trading_halt','symbol':'BAC','active':true",
            "'input':'trading_halt','symbol':'BAC','active':false",
        ),
    ] {
        let mut world = World::open(Version::Fix44);
        world.tell(begin);
        world.session(LIT2, false);
        world.session(LIT2, true);
        world.deliver(LIT2, "f", "55=BAC|326=17");
        assert_eq!(everywhere(), refusals(&mut world));
        world.deliver(LIT1, "f", "55=BAC|326=2");
        world.deliver(LIT1, "f", "55=BAC|326=3");
        assert_eq!(everywhere(), refusals(&mut world));
        world.tell(end);
        assert_eq!(["", ""], refusals(&mut world).each_ref().map(String::as_str));
    }
}

/// R27: when a halt ends the instrument is in the phase that was set, also when that changed
/// meanwhile: overnight stays overnight.
#[test]
fn a_halt_ends_in_the_phase_that_was_set() {
    let mut world = World::open(Version::Fix44);
    world.tell("'input':'phase_change','symbol':'BAC','phase':'overnight'");
    world.deliver(LIT1, "f", "55=BAC|326=2");
    assert_eq!(Some(Phase::Halted), phase(&world));
    world.deliver(LIT1, "f", "55=BAC|326=3");
    assert_eq!(Some(Phase::Overnight), phase(&world));
    world.deliver(LIT1, "f", "55=BAC|326=2");
    world.tell("'input':'phase_change','phase':'continuous'");
    assert_eq!(Some(Phase::Halted), phase(&world), "a phase of all ends no halt");
    world.tell("'input':'phase_change','phase':'closed'");
    assert_eq!(Some(Phase::Closed), phase(&world), "what is closed stays closed");
    world.tell("'input':'phase_change','phase':'continuous'");
    world.deliver(LIT1, "f", "55=BAC|326=17");
    assert_eq!(Some(Phase::Continuous), phase(&world));
}

/// R26: silence ends no halt: not the venue's death, another venue's reconnection, or our own
/// restart; the venue that told of it does, or an operator in its name.
#[test]
fn silence_ends_no_halt() {
    for ended_by_operator in [false, true] {
        let mut world = World::open(Version::Fix44);
        world.deliver(LIT1, "f", "55=BAC|326=2|327=P");
        world.session(LIT1, false);
        world.session(LIT2, false);
        world.session(LIT2, true);
        world.deliver(LIT2, "f", "55=BAC|326=17");
        assert_eq!(Some(Phase::Halted), phase(&world));
        world.restart();
        for session in [CLIENT, LIT1, LIT2] {
            world.session(session, true);
        }
        world.deliver(LIT2, "f", "55=BAC|326=17");
        assert_eq!(everywhere(), refusals(&mut world));
        if ended_by_operator {
            world.tell("'input':'trading_halt','symbol':'BAC','venue':'LIT1','active':false");
        } else {
            world.deliver(LIT1, "f", "55=BAC|326=17");
        }
        assert_eq!(["", ""], refusals(&mut world).each_ref().map(String::as_str));
    }
}

/// R26: two venues' halts are two, and each ends its own; one that holds everywhere does not
/// become less by another word about it.
#[test]
fn each_venue_ends_its_own_halt() {
    let mut world = World::open(Version::Fix44);
    world.deliver(LIT1, "f", "55=BAC|326=2|327=I");
    world.deliver(LIT2, "f", "55=BAC|326=2|327=X");
    let both = ["VENUE_HALTED".to_owned(), "VENUE_HALTED".to_owned()];
    assert_eq!(both, refusals(&mut world));
    world.deliver(LIT1, "f", "55=BAC|326=17");
    assert_eq!(["", "VENUE_HALTED"], refusals(&mut world).each_ref().map(String::as_str));
    world.deliver(LIT2, "f", "55=BAC|326=2|327=P");
    world.deliver(LIT2, "f", "55=BAC|326=2|327=X");
    assert_eq!(everywhere(), refusals(&mut world));
    let steps = world.gateway.kernel().state().step;
    world.deliver(LIT2, "f", "55=BAC|326=2");
    world.deliver(LIT1, "f", "55=BAC|326=17");
    world.deliver(LIT1, "f", "55=NONE|326=2");
    assert_eq!(steps, world.gateway.kernel().state().step, "what is known is no new input");
}

/// R15: in a halt cancels pass.
#[test]
fn a_cancel_passes_in_every_halt() {
    for halt in [("f", "55=BAC|326=2"), ("f", "55=BAC|326=2|327=X"), ("h", "336=1|340=3")] {
        let mut world = World::open(Version::Fix44);
        let id = world.order("C1");
        world.report(LIT1, &id, "150=0|39=0");
        world.deliver(LIT1, halt.0, halt.1);
        world.log.sent.clear();
        world.deliver(CLIENT, "F", "11=C2|41=C1|55=BAC|54=1|38=100");
        assert_eq!("F", world.take(LIT1).pop().unwrap().msg_type, "{halt:?}");
    }
}

/// FIX 35=g, h: a venue is asked about its session when it is up; one that is closed or halted gets
/// no new order and others do; silence and a restart change nothing.
#[test]
fn a_closed_venue_gets_no_orders() {
    for version in ALL {
        for (code, reason) in [
            ("1", "VENUE_HALTED"),
            ("2", ""),
            ("3", "VENUE_CLOSED"),
            ("4", ""),
            ("5", ""),
            ("0", ""),
            ("6", ""),
        ] {
            let mut world = World::open(version);
            world.session(LIT1, false);
            world.session(LIT1, true);
            let asked = world.take(LIT1);
            let asked = asked.iter().find(|sent| sent.msg_type == "g").unwrap();
            assert_eq!("1", asked.get(tag::SUBSCRIPTION_REQUEST_TYPE));
            world.deliver(LIT1, "h", &format!("336=DAY|340={code}"));
            assert_eq!([reason, ""], refusals(&mut world).each_ref().map(String::as_str));
            if version == Version::Fix44 {
                world.restart();
                for session in [CLIENT, LIT1, LIT2] {
                    world.session(session, true);
                }
                world.log.sent.clear();
                // The orders of before are asked about first.
                answer_all(&mut world);
                assert_eq!([reason, ""], refusals(&mut world).each_ref().map(String::as_str));
            }
        }
    }
    let mut world = World::open(Version::Fix44);
    world.deliver(LIT1, "h", "336=DAY|340=3");
    world.deliver(LIT1, "h", "336=DAY|340=2");
    assert!(refusal(&mut world, "LIT1").is_empty());
    let state = world.gateway.kernel().state();
    let venue = state.directory.venues.find(&Name::clipped("LIT1")).unwrap();
    assert_eq!(Some(SessionStatus::Open), state.venues.status(venue));
    world.gateway.settings.unasked.insert(LIT1);
    world.session(LIT1, false);
    world.log.sent.clear();
    world.session(LIT1, true);
    assert!(world.take(LIT1).iter().all(|sent| sent.msg_type != "g"), "not in its dictionary");
}

/// Answers every open question with a live order.
fn answer_all(world: &mut World) {
    for session in [LIT1, LIT2] {
        world.wait(10);
        let asked = world.take(session);
        for sent in asked.iter().filter(|sent| sent.msg_type == "H") {
            let id = sent.get(tag::CL_ORD_ID);
            let answer = format!("11={id}|37=V|17=0|150=I|39=0|14=0|151=100");
            world.deliver(session, "8", &answer);
        }
    }
}
