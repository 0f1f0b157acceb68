//! The reconstruction against the figures that it is made from.

use std::collections::BTreeMap;

use ringfence_kernel::types::{Name, Price, Qty};
use ringfence_sim::tape::best::{Best, Meter, Window};
use ringfence_sim::tape::reconstruction::tables::{Day, MINUTE_NS, MINUTES, Minute};
use ringfence_sim::tape::reconstruction::{Reconstruction, Tables};
use ringfence_sim::tape::{BookSide, TapeEvent, TapeTime, What};

use crate::common::{all, name};

pub(crate) const TEXTS: [&str; 3] = [
    include_str!("../../../../python/ringfence/tapes/2013-10-08_minutes.csv"),
    include_str!("../../../../python/ringfence/tapes/2013-10-08_venues.csv"),
    include_str!("../../../../python/ringfence/tapes/2013-10-08_crosses.csv"),
];
const SYMBOLS: [&str; 3] = ["BAC", "IBM", "SPY"];
/// Mean spread of a minute: how far it may be from the tables, in 1e-9 dollars.
const SPREAD_NANOS: u64 = 500_000;
/// Mean size of a minute: how far it may be from the tables, in percent, or in units if more.
const SIZE_PERCENT: u64 = 2;
const SIZE_UNITS: u64 = 10;
/// Volume of a venue in a half hour: how far it may be from the tables, in 1e-4 of all volume.
const SHARE_BASIS_POINTS: u64 = 50;

fn tables() -> Tables {
    let [minutes, venues, prints] = TEXTS;
    Tables::parse(minutes, venues, prints).unwrap()
}

fn events(symbol: &str, seed: u64) -> Vec<TapeEvent> {
    all(Reconstruction::open(&tables(), name(symbol), seed).unwrap())
}

/// The continuous trades of one minute: price and units, in order.
type Trades = Vec<(Price, Qty)>;

fn minute_of(event: &TapeEvent) -> usize {
    usize::try_from(event.at.since(TapeTime::OPEN) / MINUTE_NS).unwrap()
}

fn trades(events: &[TapeEvent]) -> Vec<Trades> {
    let mut minutes = vec![Vec::new(); MINUTES];
    for event in events {
        if let What::Trade { px, qty, flags, .. } = event.what
            && flags.is_price_forming()
        {
            minutes[minute_of(event)].push((px, qty));
        }
    }
    minutes
}

fn volumes(events: &[TapeEvent]) -> Vec<BTreeMap<Name, u64>> {
    let mut half_hours = vec![BTreeMap::new(); 13];
    for event in events {
        if let What::Trade { qty, flags, .. } = event.what
            && flags.is_price_forming()
        {
            *half_hours[minute_of(event) / 30].entry(event.venue).or_default() += qty.units();
        }
    }
    half_hours
}

fn windows(events: &[TapeEvent]) -> Vec<Window> {
    let mut meter = Meter::new(TapeTime::OPEN, MINUTE_NS, MINUTES).unwrap();
    events.iter().for_each(|event| meter.follow(event).unwrap());
    meter.finish()
}

fn assert_traded(symbol: &str, minute: &Minute, trades: &Trades) {
    let place = format!("{symbol} {}", minute.start);
    let Some(traded) = minute.traded else {
        assert!(trades.is_empty(), "{place}");
        return;
    };
    let volume: u64 = trades.iter().map(|(_, qty)| qty.units()).sum();
    assert_eq!((traded.volume.units(), traded.trades), (volume, trades.len()), "{place}");
    assert!(trades.iter().all(|(_, qty)| !qty.is_zero()), "{place}");
    let prices: Vec<Price> = trades.iter().map(|(px, _)| *px).collect();
    assert_eq!(
        [Some(&traded.open), Some(&traded.high), Some(&traded.low), Some(&traded.close)],
        [prices.first(), prices.iter().max(), prices.iter().min(), prices.last()],
        "{place}"
    );
}

fn assert_shown(symbol: &str, minute: &Minute, window: &Window) {
    let place = format!("{symbol} {}", minute.start);
    let shown = minute.shown.unwrap();
    let spread = window.spread().unwrap().nanos();
    let gap = spread.abs_diff(shown.spread.nanos());
    assert!(gap <= SPREAD_NANOS, "{place}: expected {:?}, found {spread}", shown.spread);
    for (side, wanted) in [(BookSide::Bid, shown.bid_qty), (BookSide::Ask, shown.ask_qty)] {
        let found = window.qty(side).unwrap().units();
        let room = (wanted.units() * SIZE_PERCENT / 100).max(SIZE_UNITS);
        assert!(
            found.abs_diff(wanted.units()) <= room,
            "{place}: expected {wanted}, found {found}"
        );
    }
}

fn assert_shares(symbol: &str, day: &Day, events: &[TapeEvent]) {
    for (index, (wanted, found)) in day.venues.iter().zip(volumes(events)).enumerate() {
        let whole: u64 = wanted.values().map(|qty| qty.units()).sum();
        for (venue, qty) in wanted {
            let found = found.get(venue).copied().unwrap_or(0);
            let room = whole * SHARE_BASIS_POINTS / 10_000;
            let gap = found.abs_diff(qty.units());
            assert!(gap <= room, "{symbol} {index} {venue}: expected {qty}, found {found}");
        }
        assert!(found.keys().all(|venue| wanted.contains_key(venue)), "{symbol} {index}");
    }
}

/// R105: the simulated liquidity has the figures of the recorded day, minute by minute: volume,
/// number of trades and prices exactly, spread, sizes and venues within the stated bounds.
#[test]
fn each_minute_has_its_figures() {
    let tables = tables();
    for (symbol, seed) in SYMBOLS.into_iter().zip([1, 2, 3]) {
        let day = tables.day(&name(symbol)).unwrap();
        let events = events(symbol, seed);
        let (trades, windows) = (trades(&events), windows(&events));
        for ((minute, trades), window) in day.minutes.iter().zip(&trades).zip(&windows) {
            assert_traded(symbol, minute, trades);
            assert_shown(symbol, minute, window);
            assert_eq!(MINUTE_NS, window.shown_ns, "{symbol} {}", minute.start);
        }
        assert_shares(symbol, day, &events);
    }
}

/// Rule 34 of STYLE.md: one seed gives the same events twice; another gives another path.
#[test]
fn a_seed_names_a_path() {
    let (first, again, other) = (events("IBM", 7), events("IBM", 7), events("IBM", 8));
    assert_eq!(first, again);
    assert_ne!(first, other);
    let volume = |events: &[TapeEvent]| -> Vec<u64> {
        let minutes = trades(events);
        minutes.iter().map(|trades| trades.iter().map(|(_, qty)| qty.units()).sum()).collect()
    };
    assert_eq!(volume(&first), volume(&other));
}

/// Whatever the seed, the shown market never locks or crosses, each trade is made at the best bid
/// or ask, times never fall, and after the close nothing is shown.
#[test]
fn what_is_shown_is_a_market() {
    for seed in 0..4 {
        let mut best = Best::default();
        let mut before = TapeTime::MIDNIGHT;
        for event in events("IBM", seed) {
            assert!(event.at >= before);
            before = event.at;
            if let What::Quote { side, best: shown } = event.what {
                best.set(event.venue, side, shown).unwrap();
            }
            let edges = [BookSide::Bid, BookSide::Ask].map(|side| best.national(side));
            if let What::Trade { px, flags, .. } = event.what
                && flags.is_price_forming()
            {
                assert!(edges.iter().flatten().any(|edge| edge.px == px), "{event:?} {edges:?}");
            }
            if let [Some(bid), Some(ask)] = edges {
                assert!(bid.px < ask.px, "{event:?} {edges:?}");
            }
        }
        assert_eq!((None, None), (best.national(BookSide::Bid), best.national(BookSide::Ask)));
    }
}

/// The opening and closing prints come at their times, with their flags, once each.
#[test]
fn crosses_come_at_their_times() {
    for symbol in SYMBOLS {
        let found: Vec<_> = events(symbol, 5)
            .into_iter()
            .filter_map(|event| {
                let What::Trade { px, qty, flags, .. } = event.what else { return None };
                let is_print = !flags.is_price_forming();
                is_print.then_some((event.at, event.venue, flags, px, qty))
            })
            .collect();
        let tables = tables();
        let prints = &tables.day(&name(symbol)).unwrap().prints;
        let expected: Vec<_> = prints
            .iter()
            .map(|print| (print.at, print.venue, print.flags, print.px, print.qty))
            .collect();
        assert_eq!(expected, found);
    }
}

/// A symbol that the tables do not have is refused by name.
#[test]
fn an_unknown_symbol_is_refused() {
    let why = Reconstruction::open(&tables(), name("AMZN"), 1).unwrap_err();
    assert_eq!("tape: expected a symbol of the tables, found \"AMZN\"", why.to_string());
}
