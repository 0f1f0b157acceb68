//! Totals of a tape, and means of what is shown over time.

use ringfence_kernel::types::Qty;
use ringfence_sim::tape::best::{Best, Meter, VENUES_MAX, WINDOWS_MAX};
use ringfence_sim::tape::itch::{Framing, itch};
use ringfence_sim::tape::summary::summarise;
use ringfence_sim::tape::{BookSide, Merged, Tape, TapeTime, Whole, ticks};

use crate::common::{event, level, ms, name, px, quote};
use crate::itch::sample;

const TRADES: &str = "\
ms_since_midnight_et,price,size,exchange,sale_condition,suspicious
34200000,10.0000,100,N,1,0
34200001,10.0400,300,P,1,0
36000000,10.0200,200,N,1,0
";
const QUOTES: &str = "\
ms_since_midnight_et,side,price,size,exchange,quote_condition,suspicious
34100000,B,10.0000,100,N,1,0
34100000,A,10.0100,200,N,1,0
45900000,A,10.0300,400,P,1,0
";

/// Volume, mean price, prices, half hours and means over the regular session, by symbol and venue.
#[test]
fn totals_add_up() {
    let tapes: Vec<Box<dyn Tape>> = vec![
        Box::new(ticks::trades(name("BAC"), Whole::new(TRADES))),
        Box::new(ticks::quotes(name("BAC"), Whole::new(QUOTES))),
    ];
    let symbols = summarise(Merged::new(tapes).unwrap()).unwrap();
    let bac = &symbols[&name("BAC")];
    let counts = (bac.all.events, bac.all.quotes, bac.all.withdrawals, bac.all.trades);
    // The third quote also takes away what the other venue showed at a better price.
    assert_eq!((7, 3, 1, 3), counts);
    assert_eq!(Qty::new(600), bac.all.qty);
    assert_eq!(Some(px("10.026666667")), bac.all.vwap());
    assert_eq!(Some(px("10.013333333")), bac.venues[&name("XNYS")].vwap());
    assert_eq!(Some([px("10"), px("10.04"), px("10"), px("10.02")]), bac.prices);
    let half_hours: Vec<_> = bac.half_hours.iter().map(|(at, qty)| (*at, qty.units())).collect();
    assert_eq!(vec![(19, 400), (20, 200)], half_hours);
    let shown = bac.shown();
    assert_eq!((Some(px("0.02")), 23_400_000_000_000), (shown.spread(), shown.shown_ns));
    assert_eq!(Some(Qty::new(100)), shown.qty(BookSide::Bid));
    assert_eq!(Some(Qty::new(300)), shown.qty(BookSide::Ask));
}

/// Units executed at a price that the feed leaves to the order count as volume without a price.
#[test]
fn volume_without_a_price_is_told_apart() {
    let bytes = sample(Framing::Length);
    let symbols = summarise(itch(Framing::Length, Whole::new(bytes))).unwrap();
    let all = symbols[&name("BAC")].all;
    assert_eq!((Qty::new(6_057), Qty::new(5_957)), (all.qty, all.priced_qty));
    assert_eq!(Some(px("13.83")), all.vwap());
}

/// Time in which the market is locked, crossed or empty on a side does not count.
#[test]
fn only_a_market_has_a_spread() {
    let mut meter = Meter::new(ms(0), 10_000_000, 3).unwrap();
    let (bid, ask) = (BookSide::Bid, BookSide::Ask);
    for (at, side, best) in [
        (1, bid, Some(level("10", 100))),
        (2, ask, Some(level("10.01", 100))),
        (4, ask, Some(level("10", 100))),
        (6, ask, Some(level("9.99", 100))),
        (8, ask, Some(level("10.02", 500))),
        (15, bid, None),
    ] {
        meter.follow(&event(ms(at), "XNYS", quote(side, best))).unwrap();
    }
    let windows = meter.finish();
    let times: Vec<i64> = windows.iter().map(|window| window.shown_ns / 1_000_000).collect();
    assert_eq!(vec![4, 5, 0], times);
    assert_eq!(Some(px("0.015")), windows[0].spread());
    assert_eq!(Some(Qty::new(300)), windows[0].qty(ask));
    assert_eq!((None, None), (windows[2].spread(), windows[2].qty(bid)));
}

/// The best is the best price, and of equal prices the largest quantity.
#[test]
fn the_best_is_the_best_price_then_the_largest() {
    let mut best = Best::default();
    for (venue, side, shown) in [
        ("XNYS", BookSide::Bid, level("10", 100)),
        ("ARCX", BookSide::Bid, level("10", 300)),
        ("XNAS", BookSide::Bid, level("9.99", 900)),
        ("XNYS", BookSide::Ask, level("10.02", 100)),
        ("ARCX", BookSide::Ask, level("10.01", 50)),
    ] {
        best.set(name(venue), side, Some(shown)).unwrap();
    }
    assert_eq!(Some(level("10", 300)), best.national(BookSide::Bid));
    assert_eq!(Some(level("10.01", 50)), best.national(BookSide::Ask));
    assert_eq!(vec![name("ARCX")], best.in_the_way(BookSide::Ask, px("10.01")));
    let before = best.before(&name("XNAS"), BookSide::Bid, level("10", 200));
    assert_eq!(vec![name("ARCX")], before);
    best.set(name("ARCX"), BookSide::Bid, None).unwrap();
    assert_eq!(Some(level("10", 100)), best.national(BookSide::Bid));
}

/// Rule 7 of STYLE.md: venues and windows are bounded.
#[test]
fn venues_and_windows_are_bounded() {
    assert!(Meter::new(TapeTime::OPEN, 1, WINDOWS_MAX).is_ok());
    assert!(Meter::new(TapeTime::OPEN, 1, WINDOWS_MAX + 1).is_err());
    let mut best = Best::default();
    for venue in 0..=VENUES_MAX {
        let is_within = venue < VENUES_MAX;
        let set = best.set(name(&format!("V{venue}")), BookSide::Bid, Some(level("10", 100)));
        assert_eq!(is_within, set.is_ok());
    }
}
