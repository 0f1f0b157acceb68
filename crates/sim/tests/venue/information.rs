//! Market data and announcements.

use ringfence_fix::endpoint::Application;

use super::world::{ALPHA, BETA, MILLI, World, at, settings, world};
use ringfence_kernel::types::Ts;

const BOOK: &str = "265=1 267=3 269=0 269=1 269=2 146=1 55=AAA";
const SHOWN: &[u32] = &[262, 279, 269, 270, 271];

fn subscribed() -> World {
    let mut world = world(settings());
    world.order(BETA, "a", "AAA buy 100 9.90", "");
    world.order(BETA, "b", "AAA buy 50 9.90", "");
    world.order(BETA, "c", "AAA sell 70 10.10", "");
    world.send(ALPHA, "V", &format!("262=m 263=1 264=0 {BOOK}"));
    world
}

fn interval(world: &mut World) {
    let to = Ts::from_nanos(world.memory.now.nanos() + 100 * MILLI);
    world.run_to(to);
}

/// R105: a request is answered with the whole picture (FIX 35=W), prices summed, best first.
#[test]
fn a_request_is_answered_with_a_picture() {
    let mut world = subscribed();
    let told = world.told(ALPHA, &[262, 55, 268, 269, 270, 271]);
    let picture = "35=W 262=m 55=AAA 268=2 269=0 269=1 270=9.9 270=10.1 271=150 271=70";
    assert_eq!(vec![picture], told);
    world.send(ALPHA, "V", "262=n 263=0 264=1 267=1 269=0 146=1 55=BBB");
    assert_eq!(vec!["35=W 262=n 268=1 269=1 270=0 271=0"], {
        world.told(ALPHA, &[262, 268, 269, 270, 271])
    });
}

/// R105: changes are told once per interval (FIX 35=X), with what came, changed and went.
#[test]
fn changes_are_conflated() {
    let mut world = subscribed();
    world.forget();
    world.order(ALPHA, "x", "AAA sell 100 9.90", "59=3");
    world.order(BETA, "d", "AAA buy 10 9.80", "");
    world.order(BETA, "e", "AAA sell 5 10.20", "");
    world.cancel(BETA, "f", "e", 2);
    world.cancel(BETA, "g", "c", 2);
    assert!(world.take(ALPHA).iter().all(|sent| sent.msg_type == "8"));
    interval(&mut world);
    let told = world.take(ALPHA);
    assert_eq!(1, told.len());
    let shown = told[0].show(SHOWN);
    assert_eq!(
        "35=X 262=m 279=0 279=1 279=2 279=0 269=0 269=0 269=1 269=2 \
         270=9.8 270=9.9 270=10.1 270=9.9 271=10 271=50 271=100"
            .split(' ')
            .collect::<std::collections::BTreeSet<_>>(),
        shown.split(' ').collect()
    );
    interval(&mut world);
    assert_eq!(0, world.take(ALPHA).len());
}

/// R105: a subscription for whole pictures gets those; one that ended gets nothing.
#[test]
fn subscriptions_begin_and_end() {
    let mut world = world(settings());
    world.send(ALPHA, "V", "262=m 263=1 264=1 265=0 267=1 269=0 146=1 55=AAA");
    world.forget();
    world.order(BETA, "a", "AAA buy 100 9.90", "");
    interval(&mut world);
    assert_eq!(vec!["35=W 262=m 269=0 270=9.9 271=100"], world.told(ALPHA, SHOWN));
    world.send(ALPHA, "V", "262=m 263=2 264=1 265=0 267=1 269=0 146=1 55=AAA");
    world.order(BETA, "b", "AAA buy 100 9.95", "");
    interval(&mut world);
    assert_eq!(0, world.take(ALPHA).len());
    assert_eq!(None, world.venue.due().filter(|due| *due < at(80_000)));
}

/// R105: a request that cannot be met is refused with its reason (FIX 35=Y, 281).
#[test]
fn a_request_that_cannot_be_met_is_refused() {
    let mut world = subscribed();
    world.forget();
    for (fields, reason) in [
        ("262=n 263=1 264=0 267=1 269=0 146=1 55=ZZZ", "0"),
        ("262=m 263=1 264=0 267=1 269=0 146=1 55=AAA", "1"),
        ("262=n 263=2 264=0 267=1 269=0 146=1 55=AAA", "4"),
        ("262=n 263=1 264=0 267=1 269=7 146=1 55=AAA", "8"),
    ] {
        world.send(ALPHA, "V", fields);
        let expected = format!("35=Y 281={reason}");
        assert_eq!(vec![expected], world.told(ALPHA, &[281]), "{fields}");
    }
    for number in 0..1_000 {
        let fields = format!("262=r{number} 263=1 264=1 267=1 269=0 146=1 55=BBB");
        world.send(ALPHA, "V", &fields);
    }
    assert_eq!(Some("35=Y 281=2".to_string()), world.told(ALPHA, &[281]).pop());
}

/// R105: who is not logged on gets no market data and starts anew.
#[test]
fn a_lost_port_is_not_subscribed_any_more() {
    let mut world = subscribed();
    world.set_up(ALPHA, false);
    world.forget();
    world.order(BETA, "x", "AAA buy 100 9.95", "");
    world.run(1);
    world.set_up(ALPHA, true);
    world.order(BETA, "y", "AAA buy 100 9.96", "");
    world.run(1);
    assert_eq!(0, world.take(ALPHA).len());
}

/// R105: an announcement (FIX 35=B) goes to every port that is up.
#[test]
fn an_announcement_reaches_every_port() {
    let mut world = world(settings());
    world.set_up(BETA, false);
    world.command("announce text=trading ends at 03:06").unwrap();
    assert_eq!(
        vec!["35=B 148=trading ends at 03:06 33=1 58=trading ends at 03:06"],
        world.told(ALPHA, &[148, 33, 58])
    );
    assert_eq!(0, world.take(BETA).len());
    assert_eq!(2, world.memory.sent.len());
}

/// Rule 7 of STYLE.md: of many trades in an interval the last hundred are told.
#[test]
fn trades_of_an_interval_are_bounded() {
    use ringfence_sim::venue::PRINTS_MAX;
    let mut world = subscribed();
    for number in 0..=PRINTS_MAX {
        world.order(BETA, &format!("s{number}"), "AAA sell 1 10", "");
        world.order(BETA, &format!("b{number}"), "AAA buy 1 10", "");
    }
    world.forget();
    interval(&mut world);
    let told = world.take(ALPHA);
    assert_eq!(Some(PRINTS_MAX.to_string()), told[0].get(268));
}

/// Rule 7 of STYLE.md: a request for too many symbols is refused.
#[test]
fn symbols_of_a_request_are_bounded() {
    use ringfence_sim::venue::SYMBOLS_MAX;
    let mut world = world(settings());
    let symbols = "55=AAA ".repeat(SYMBOLS_MAX + 1);
    let fields = format!("262=m 263=0 264=1 267=1 269=0 146={} {symbols}", SYMBOLS_MAX + 1);
    world.send(ALPHA, "V", &fields);
    assert_eq!(Some(0), world.memory.rejects.pop().map(|(_, reason, _)| reason));
}

/// R105, R106: prices are lost, nothing else; then the difference to the last ones is told.
#[test]
fn market_data_loss() {
    let mut world = subscribed();
    world.command("market_data_loss port=alpha symbol=AAA").unwrap();
    world.forget();
    world.order(ALPHA, "x", "AAA buy 10 9.80", "");
    interval(&mut world);
    assert_eq!(vec!["35=8 55=AAA"], world.told(ALPHA, &[55]));
    world.command("clear fault=market_data_loss").unwrap();
    interval(&mut world);
    assert_eq!(vec!["35=X 262=m 279=0 269=0 270=9.8 271=10"], world.told(ALPHA, SHOWN));
}

/// R105, R106: prices that do not move: the last ones are told again at each change of the book.
#[test]
fn market_data_freeze() {
    let mut world = subscribed();
    world.command("market_data_freeze").unwrap();
    world.forget();
    let frozen = "35=W 262=m 269=0 269=1 270=9.9 270=10.1 271=150 271=70";
    for (name, px) in [("d", "9.95"), ("e", "9.96")] {
        world.order(BETA, name, &format!("AAA buy 10 {px}"), "");
        interval(&mut world);
        assert_eq!(vec![frozen], world.told(ALPHA, SHOWN));
    }
    world.command("clear").unwrap();
    interval(&mut world);
    let told = world.told(ALPHA, SHOWN);
    assert_eq!(vec!["35=X 262=m 279=0 279=0 269=0 269=0 270=9.96 270=9.95 271=10 271=10"], told);
}
