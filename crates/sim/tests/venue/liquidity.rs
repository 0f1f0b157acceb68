//! The anonymous participant between members' orders.

use std::collections::VecDeque;

use ringfence_fix::endpoint::Application;
use ringfence_kernel::types::{Note, Qty, Side, Ts};
use ringfence_sim::book::{FastBook, Level};
use ringfence_sim::exchange::{
    Liquidity, MarketEvent, MarketWhat, RestingBy, TapeLiquidity, TapeRun,
};
use ringfence_sim::tape::{
    BookSide, Level as TapeLevel, OrderRef, Phase, Tape, TapeError, TapeEvent, TapeTime,
    TradeFlags, What,
};
use ringfence_sim::venue::Venue;

use super::world::{ALPHA, BETA, SECOND, World, at, name, px, settings, world};

/// Events at whole seconds of the day, in AAA.
#[derive(Clone)]
struct Listed(VecDeque<MarketEvent>);

impl Liquidity for Listed {
    fn next_due(&self) -> Option<Ts> {
        self.0.front().map(|event| event.ts)
    }
    fn take(&mut self, until: Ts) -> Option<MarketEvent> {
        self.next_due().filter(|due| *due <= until).and_then(|_| self.0.pop_front())
    }
}

fn listed(events: &[(i64, MarketWhat)]) -> Listed {
    let symbol = name("AAA");
    Listed(
        events.iter().map(|(ts, what)| MarketEvent { ts: at(*ts), symbol, what: *what }).collect(),
    )
}

fn quote(side: Side, price: &str, qty: u64) -> MarketWhat {
    MarketWhat::Quote { side, best: Some(Level { px: px(price), qty: Qty::new(qty) }) }
}

fn print(price: &str, qty: u64) -> MarketWhat {
    MarketWhat::Trade { px: px(price), qty: Qty::new(qty), aggressor: None }
}

fn followed(events: &[(i64, MarketWhat)]) -> World {
    let mut world = world(settings());
    world.venue.set_liquidity(Box::new(listed(events)));
    world
}

fn best(world: &World, side: Side) -> Option<(String, u64)> {
    let exchange = world.venue.exchange();
    let level = *exchange.depth(exchange.instrument(&name("AAA")).unwrap(), side, 1).first()?;
    Some((level.px.to_string(), level.qty.units()))
}

/// R105: a member takes what is quoted, and the next quote shows its size anew.
#[test]
fn a_member_takes_what_is_quoted() {
    let mut world = followed(&[
        (10, quote(Side::Sell, "10.02", 300)),
        (20, quote(Side::Sell, "10.02", 300)),
        (30, quote(Side::Sell, "10.03", 100)),
    ]);
    world.run_to(at(10));
    world.order(ALPHA, "a", "AAA buy 200 10.02", "");
    assert_eq!(vec!["0 0 0 200", "F 2 200 0"], world.reports(ALPHA));
    assert_eq!(Some(("10.02".to_string(), 100)), best(&world, Side::Sell));
    world.run_to(at(20));
    assert_eq!(Some(("10.02".to_string(), 300)), best(&world, Side::Sell));
    world.run_to(at(30));
    assert_eq!(Some(("10.03".to_string(), 100)), best(&world, Side::Sell));
}

/// R105: a print fills whoever rests at its price by priority: the quoted size was there first.
#[test]
fn a_print_fills_by_priority() {
    let mut world = followed(&[
        (10, quote(Side::Buy, "10", 100)),
        (20, print("10", 120)),
        (30, print("10", 500)),
    ]);
    world.run_to(at(11));
    world.order(ALPHA, "a", "AAA buy 50 10", "");
    world.run_to(at(25));
    assert_eq!(vec!["0 0 0 50", "F 1 20 30"], world.reports(ALPHA));
    world.run_to(at(30));
    assert_eq!(vec!["F 2 50 0"], world.reports(ALPHA));
}

/// R105: less size keeps the place of the rest, more size stands behind the member.
#[test]
fn a_change_of_size_keeps_priority() {
    let mut world = followed(&[
        (10, quote(Side::Buy, "10", 100)),
        (20, quote(Side::Buy, "10", 60)),
        (30, quote(Side::Buy, "10", 200)),
        (40, print("10", 70)),
    ]);
    world.run_to(at(11));
    world.order(ALPHA, "a", "AAA buy 50 10", "");
    world.run_to(at(40));
    // 60 were before the member, 140 came behind.
    assert_eq!(vec!["0 0 0 50", "F 1 10 40"], world.reports(ALPHA));
}

/// R105: a print through a member's price fills the member, at the member's price.
#[test]
fn a_print_through_the_price_fills() {
    let mut world = followed(&[
        (10, quote(Side::Buy, "9.98", 100)),
        (20, print("9.97", 30)),
        (30, quote(Side::Sell, "9.99", 100)),
    ]);
    world.run_to(at(11));
    world.order(ALPHA, "a", "AAA buy 50 10", "");
    world.run_to(at(20));
    assert_eq!(vec!["35=8 32=30 31=10"], world.told(ALPHA, &[32, 31])[1..].to_vec());
    // A quote that comes through the price does the same.
    world.run_to(at(30));
    assert_eq!(vec!["35=8 32=20 31=10"], world.told(ALPHA, &[32, 31]));
    assert_eq!(Some(("9.99".to_string(), 80)), best(&world, Side::Sell));
}

/// R105: nothing of the tape trades while halted, and a halt of the tape is a halt.
#[test]
fn a_halt_holds_for_the_tape_too() {
    let mut world = followed(&[
        (10, quote(Side::Buy, "10", 100)),
        (20, MarketWhat::Halt),
        (30, print("10", 100)),
        (40, MarketWhat::Resume),
        (50, print("10", 150)),
    ]);
    world.run_to(at(11));
    world.order(ALPHA, "a", "AAA buy 50 10", "");
    world.run_to(at(45));
    assert_eq!(vec!["0 0 0 50"], world.reports(ALPHA));
    world.run_to(at(50));
    assert_eq!(vec!["F 2 50 0"], world.reports(ALPHA));
}

/// Rule 16 of STYLE.md: a source that fails is told to a person, and the venue goes on.
#[test]
fn a_source_that_fails_is_an_alert() {
    let mut world = followed(&[(10, MarketWhat::Failed(Note::new("cut off").unwrap()))]);
    world.run_to(at(20));
    assert_eq!(vec!["the anonymous participant is gone: cut off"], world.memory.alerts);
    world.order(ALPHA, "a", "AAA buy 50 10", "");
    assert_eq!(vec!["0 0 0 50"], world.reports(ALPHA));
}

/// Rule 34 of STYLE.md: with the same source again, the fold of the records is the same venue.
#[test]
fn a_fold_with_the_same_source_is_the_same_venue() {
    let events: Vec<_> = (0_i64..200)
        .flat_map(|n| {
            let price = format!("10.{:02}", n % 7);
            [
                (10 + n, quote(Side::Buy, "9.99", 100 + 10 * (n.unsigned_abs() % 5))),
                (10 + n, print(&price, 40)),
            ]
        })
        .collect();
    let mut live = followed(&events);
    for step in 0..20 {
        live.run_to(at(15 + 9 * step));
        live.order(ALPHA, &format!("b{step}"), "AAA buy 70 10.03", "");
        live.order(BETA, &format!("s{step}"), "AAA sell 50 10.04", "");
    }
    let mut venue = Venue::new(settings(), FastBook::new).unwrap();
    venue.set_liquidity(Box::new(listed(&events)));
    for (ts, payload) in &live.memory.records {
        venue.fold(*ts, payload).unwrap();
    }
    assert_eq!(live.venue.digest(), venue.digest());
    assert!(live.memory.records.len() > 40, "prints that filled a member have records");
}

/// A tape of a list.
struct ListedTape(VecDeque<TapeEvent>);

impl Tape for ListedTape {
    fn peek(&self) -> Option<TapeTime> {
        self.0.front().map(|event| event.at)
    }
    fn next(&mut self) -> Result<Option<TapeEvent>, TapeError> {
        Ok(self.0.pop_front())
    }
}

fn tape(events: &[(i64, &str, What)]) -> ListedTape {
    let event = |(seconds, venue, what): &(i64, &str, What)| TapeEvent {
        at: TapeTime::from_nanos(seconds * SECOND).unwrap(),
        symbol: name("AAA"),
        venue: name(venue),
        what: *what,
    };
    ListedTape(events.iter().map(event).collect())
}

fn run(from: i64, speed: u32, speed_per: u32, venue: Option<&str>) -> TapeRun {
    let from = TapeTime::from_nanos(from * SECOND).unwrap();
    let resting_by = RestingBy::Quotes;
    TapeRun { from, starts: at(10), speed, speed_per, venue: venue.map(name), resting_by }
}

fn level(price: &str, qty: u64) -> TapeLevel {
    TapeLevel { px: px(price), qty: Qty::new(qty) }
}

fn shown(side: BookSide, price: &str, qty: u64) -> What {
    What::Quote { side, best: Some(level(price, qty)) }
}

/// R105: a tape begins at a time of its day and runs at a ratio; the best of all venues is quoted.
#[test]
fn a_tape_is_followed_from_a_time_and_at_a_speed() {
    let events = [
        (100, "N", shown(BookSide::Ask, "10.05", 100)),
        (200, "Q", shown(BookSide::Ask, "10.03", 100)),
        (203, "N", shown(BookSide::Ask, "10.02", 70)),
        (206, "N", What::Quote { side: BookSide::Ask, best: None }),
    ];
    let mut world = world(settings());
    let followed = TapeLiquidity::new(tape(&events), run(200, 3, 2, None));
    world.venue.set_liquidity(Box::new(followed));
    let mut found = Vec::new();
    for seconds in [9, 10, 12, 14] {
        world.run_to(at(seconds));
        found.push(best(&world, Side::Sell).map(|(px, _)| px));
    }
    let prices = [None, Some("10.03"), Some("10.02"), Some("10.03")];
    assert_eq!(prices.map(|px| px.map(str::to_string)).to_vec(), found);
}

/// R105: one venue's orders, told one by one, stand in line with the members'.
#[test]
fn orders_of_a_tape_stand_in_line() {
    let order_ref = OrderRef::new(1);
    let new_ref = OrderRef::new(2);
    let execute = |order_ref, qty| What::Execute {
        order_ref,
        qty: Qty::new(qty),
        px: None,
        match_number: None,
        is_printed: true,
    };
    let events = [
        (10, "N", What::Add { order_ref, side: BookSide::Bid, level: level("10", 100) }),
        (10, "Q", shown(BookSide::Bid, "11", 100)),
        (20, "N", What::Phase(Phase::Trading)),
        (210, "N", What::Replace { order_ref, new_ref, level: level("10", 80) }),
        (220, "N", execute(new_ref, 30)),
        (230, "N", execute(new_ref, 50)),
        (
            240,
            "N",
            What::Trade {
                px: px("10"),
                qty: Qty::new(500),
                flags: TradeFlags::OPEN_CROSS,
                match_number: None,
            },
        ),
    ];
    let mut world = world(settings());
    let by_orders = TapeRun { resting_by: RestingBy::Orders, ..run(200, 1, 1, Some("N")) };
    let followed = TapeLiquidity::new(tape(&events), by_orders);
    world.venue.set_liquidity(Box::new(followed));
    world.run_to(at(11));
    assert_eq!(Some(("10".to_string(), 100)), best(&world, Side::Buy));
    world.order(ALPHA, "a", "AAA buy 60 10", "");
    world.run_to(at(30));
    // The tape's order lost its place: the member is filled first, and the order is gone as told.
    assert_eq!(vec!["0 0 0 60", "F 1 30 30"], world.reports(ALPHA));
    assert_eq!(Some(("10".to_string(), 80)), best(&world, Side::Buy));
    world.run_to(at(60));
    assert_eq!(vec!["F 2 60 0"], world.reports(ALPHA));
    assert_eq!(None, best(&world, Side::Buy));
    assert_eq!(None, world.venue.due().filter(|due| *due < at(80_000)));
}

/// R105: where quotes say what rests, what is told of single orders rests nowhere a second time,
/// and an order whose end was not recorded does not stay. Executions are trades at their price.
#[test]
fn quotes_say_what_rests_in_a_recording_that_was_cut() {
    let order_ref = OrderRef::new(1);
    let execute = What::Execute {
        order_ref,
        qty: Qty::new(130),
        px: Some(px("10")),
        match_number: None,
        is_printed: true,
    };
    let events = [
        (200, "N", What::Add { order_ref, side: BookSide::Bid, level: level("10", 100) }),
        (200, "N", shown(BookSide::Bid, "10", 100)),
        (210, "N", execute),
        (220, "N", shown(BookSide::Bid, "9.99", 50)),
        (230, "N", shown(BookSide::Ask, "9.995", 70)),
        (240, "N", What::Delete { order_ref: OrderRef::new(2) }),
    ];
    let mut world = world(settings());
    let followed = TapeLiquidity::new(tape(&events), run(200, 1, 1, None));
    world.venue.set_liquidity(Box::new(followed));
    world.run_to(at(11));
    assert_eq!(Some(("10".to_string(), 100)), best(&world, Side::Buy));
    world.order(ALPHA, "a", "AAA buy 60 10", "");
    world.run_to(at(21));
    assert_eq!(vec!["0 0 0 60", "F 1 30 30"], world.reports(ALPHA));
    world.order(ALPHA, "b", "AAA sell 30 10", "");
    world.run_to(at(60));
    assert_eq!(Some(("9.99".to_string(), 50)), best(&world, Side::Buy));
    assert_eq!(Some(("9.995".to_string(), 70)), best(&world, Side::Sell));
}

/// Rule 7 of STYLE.md: a side that grows often joins its last order, and shows what is quoted.
#[test]
fn a_side_that_grows_often_stays_bounded() {
    use ringfence_sim::exchange::HOUSE_ORDERS_MAX;
    let size = |n: i64| 10 * n.unsigned_abs();
    let growth: Vec<_> = (1..40).map(|n| (9 + n, quote(Side::Buy, "10", size(n)))).collect();
    let mut world = followed(&growth);
    world.run_to(at(60));
    assert_eq!(Some(("10".to_string(), 390)), best(&world, Side::Buy));
    world.order(ALPHA, "a", "AAA sell 390 10", "");
    let fills = world.reports(ALPHA).len() - 1;
    assert_eq!(HOUSE_ORDERS_MAX, fills);
}
