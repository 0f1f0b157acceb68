//! The day of a venue: windows, auctions, halts, reopenings, expiries.

use ringfence_kernel::types::Phase;
use ringfence_sim::venue::VenueSettings;

use super::world::{ALPHA, BETA, at, settings, window, world};

fn full_day() -> VenueSettings {
    let mut settings = settings();
    settings.rules.windows = vec![
        window("pre", Phase::PreOpen, 0, 100),
        window("open", Phase::Auction, 100, 200),
        window("core", Phase::Continuous, 200, 300),
        window("close", Phase::Auction, 300, 400),
        window("post", Phase::Post, 400, 500),
        window("pre", Phase::PreOpen, 1_000, 1_100),
        window("core", Phase::Continuous, 1_100, 1_200),
    ];
    settings
}

/// R105: orders are collected before the open and trade in the auction, at one price.
#[test]
fn the_opening_auction_trades_at_one_price() {
    let mut world = world(full_day());
    world.order(ALPHA, "a", "AAA buy 100 10.20", "");
    world.order(ALPHA, "o", "AAA buy 50 market", "59=2");
    world.order(BETA, "x", "AAA sell 120 9.90", "");
    world.run_to(at(150));
    assert_eq!(vec!["0 0 0 100", "0 0 0 50"], world.reports(ALPHA));
    world.run_to(at(200));
    let told = world.told(ALPHA, &[150, 39, 32, 31, 151]);
    assert_eq!(
        vec!["35=8 150=F 39=2 32=50 31=10.2 151=0", "35=8 150=F 39=1 32=70 31=10.2 151=30"],
        told
    );
}

/// R105: what was for an auction alone ends with it (FIX 150=C), and one that is over is too late.
#[test]
fn auction_orders_end_with_their_auction() {
    let mut world = world(full_day());
    world.order(ALPHA, "o", "AAA buy 50 10", "59=2");
    world.order(ALPHA, "c", "AAA buy 50 10", "59=7");
    world.run_to(at(250));
    assert_eq!(vec!["0 0 0 50", "0 0 0 50", "C C 0 0"], world.reports(ALPHA));
    world.order(ALPHA, "late", "AAA buy 50 10", "59=2");
    assert_eq!(vec!["8 8 0 0"], world.reports(ALPHA));
    world.order(BETA, "x", "AAA sell 20 10", "59=7");
    world.run_to(at(400));
    assert_eq!(vec!["F 1 20 30", "C C 20 0"], world.reports(ALPHA));
}

/// R105: day orders expire when the venue closes, good-till-date orders at their time.
#[test]
fn orders_expire() {
    let mut world = world(full_day());
    world.order(ALPHA, "day", "AAA buy 50 9", "");
    world.order(ALPHA, "gtd", "AAA buy 50 9", "59=6 126=20240805-00:17:30");
    world.forget();
    world.run_to(at(999));
    assert_eq!(vec!["35=8 150=C 39=C 11=day"], world.told(ALPHA, &[150, 39, 11]));
    world.run_to(at(1_049));
    assert_eq!(0, world.take(ALPHA).len());
    world.run_to(at(1_200));
    let told = world.told(ALPHA, &[150, 39, 11, 59, 126, 60]);
    let end = "20240805-00:17:30.000";
    assert_eq!(vec![format!("35=8 150=C 39=C 11=gtd 59=6 126={end} 60={end}")], told);
}

/// R105: orders collected without an auction trade before continuous trading begins.
#[test]
fn a_crossed_pre_open_without_an_auction_is_uncrossed() {
    let mut world = world(full_day());
    world.run_to(at(1_050));
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.order(BETA, "x", "AAA sell 40 10", "");
    world.forget();
    world.run_to(at(1_100));
    assert_eq!(vec!["F 1 40 60"], world.reports(ALPHA));
}

/// R105, I16: nothing trades while halted, also market orders; the reopening is an auction.
#[test]
fn a_halt_collects_and_its_reopening_is_an_auction() {
    let mut world = world(settings());
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.command("halt symbol=AAA why=regulatory news").unwrap();
    let news: Vec<String> = world.told(ALPHA, &[148]);
    assert_eq!(vec!["35=8", "35=B 148=AAA halted: regulatory news"], news);
    world.order(BETA, "x", "AAA sell 60 9.50", "");
    world.order(ALPHA, "b", "AAA buy 10 market", "");
    world.order(BETA, "y", "BBB sell 60 10", "");
    assert_eq!(vec!["0 0 0 10"], world.reports(ALPHA));
    world.command("reopen symbol=AAA auction=30s").unwrap();
    world.forget();
    world.run(29);
    assert_eq!(0, world.reports(ALPHA).len());
    world.run(1);
    let told = world.told(ALPHA, &[150, 39, 32, 31, 11]);
    assert_eq!(vec!["35=8 150=F 39=2 32=10 31=10 11=b", "35=8 150=F 39=1 32=50 31=10 11=a"], told);
    world.order(BETA, "z", "AAA sell 50 10", "");
    assert_eq!(vec!["F 2 100 0"], world.reports(ALPHA));
}

/// R105: a halt outlasts the windows of the day until somebody reopens.
#[test]
fn a_halt_outlasts_a_window() {
    let mut world = world(full_day());
    world.command("halt why=outage").unwrap();
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.order(BETA, "x", "AAA sell 100 10", "");
    world.run_to(at(250));
    assert_eq!(vec!["0 0 0 100"], world.reports(ALPHA));
    world.command("reopen").unwrap();
    assert_eq!(vec!["F 2 100 0"], world.reports(ALPHA));
}

/// R105: who asks for the day or an instrument is told, and told again when it changes.
#[test]
fn the_day_and_the_status_are_told() {
    let mut world = world(full_day());
    world.send(ALPHA, "g", "335=day 263=1");
    world.send(ALPHA, "e", "324=one 55=AAA 263=1");
    world.send(BETA, "e", "324=two 55=ZZZ 263=0");
    assert_eq!(
        vec!["35=h 335=day 336=pre 325=N 340=4", "35=f 324=one 55=AAA 325=N 326=21"],
        world.told(ALPHA, &[335, 336, 324, 55, 325, 340, 326])
    );
    assert_eq!(vec!["35=f 324=two 55=ZZZ 326=20"], world.told(BETA, &[324, 55, 326]));
    world.run_to(at(210));
    world.command("halt symbol=AAA why=x").unwrap();
    world.run_to(at(501));
    assert_eq!(
        vec![
            "35=h 336=open 340=4",
            "35=f 326=22",
            "35=h 336=core 340=2",
            "35=f 326=17",
            "35=f 326=2",
            "35=B",
            "35=h 336=close 340=4",
            "35=h 336=post 340=2",
            "35=h 336=CLOSED 340=3",
        ],
        world.told(ALPHA, &[336, 340, 326])
    );
    world.send(ALPHA, "g", "335=day 263=2");
    world.run_to(at(1_150));
    assert_eq!(0, world.take(ALPHA).len());
}
