//! The tables that a reconstruction keeps to: what they refuse.

use ringfence_sim::tape::reconstruction::Tables;

use crate::common::name;
use crate::reconstruction::TEXTS;

/// Why the tables are refused when the first `from` of the table with this index is `to`.
fn refused(table: usize, from: &str, to: &str) -> String {
    let mut index = 0;
    let [minutes, venues, prints] = TEXTS.map(|text| {
        index += 1;
        if index - 1 == table {
            assert!(text.contains(from), "{from}");
            return text.replacen(from, to, 1);
        }
        text.to_owned()
    });
    Tables::parse(&minutes, &venues, &prints).expect_err("a refusal").to_string()
}

/// The committed tables have three symbols with 390 minutes and 13 half hours each.
#[test]
fn the_committed_tables_are_read() {
    let [minutes, venues, prints] = TEXTS;
    let tables = Tables::parse(minutes, venues, prints).unwrap();
    assert_eq!(["BAC", "IBM", "SPY"].map(name).to_vec(), tables.symbols());
    for symbol in tables.symbols() {
        let day = tables.day(&symbol).unwrap();
        assert_eq!((390, 13), (day.minutes.len(), day.venues.len()));
    }
    assert!(TEXTS.iter().map(|text| text.len()).sum::<usize>() < 200_000);
}

/// Rule 18 of STYLE.md: figures that are missing, impossible or at odds are refused by their place.
#[test]
fn impossible_figures_are_refused() {
    let first = "BAC,09:30,350506,467,13.83,13.84,13.81,13.83,0.010000,37754,21282";
    let with = |to: &str| refused(0, first, to);
    let table = [
        (
            "BAC,09:31,350506,467,13.83,13.84,13.81,13.83,0.010000,37754,21282",
            "minute_et: \
             expected the minute after the one before, from 09:30 to 15:59, found \"09:31\"",
        ),
        (
            "BAC,9:30,350506,467,13.83,13.84,13.81,13.83,0.010000,37754,21282",
            "minute_et: expected a time as HH:MM, found \"9:30\"",
        ),
        (
            "BAC,09:30,350506,467,13.835,13.84,13.81,13.83,0.010000,37754,21282",
            "open: expected a price in whole cents, from one dollar on, found \"13.835\"",
        ),
        (
            "BAC,09:30,350506,467,13.83,13.82,13.81,13.83,0.010000,37754,21282",
            "high: expected a price not below open and close, found \"13.82\"",
        ),
        (
            "BAC,09:30,350506,467,13.83,13.84,13.84,13.83,0.010000,37754,21282",
            "low: expected a price not above open and close, found \"13.84\"",
        ),
        (
            "BAC,09:30,350506,2,13.83,13.84,13.81,13.83,0.010000,37754,21282",
            "trades: expected a trade for each price, each with a unit, found \"2\"",
        ),
        (
            "BAC,09:30,466,467,13.83,13.84,13.81,13.83,0.010000,37754,21282",
            "trades: expected a trade for each price, each with a unit, found \"467\"",
        ),
        (
            "BAC,09:30,350506,0,,,,,0.010000,37754,21282",
            "open: expected a price above zero, found \"-\"",
        ),
        (
            "BAC,09:30,350506,467,13.83,13.84,13.81,13.83,0.009000,37754,21282",
            "spread: expected a spread of at least one cent, found \"0.009000\"",
        ),
        (
            "BAC,09:30,350506,467,13.83,13.84,13.81,13.83,7,37754,21282",
            "low: expected a price of at least twice the spread, found \"13.81\"",
        ),
        (
            "BAC,09:30,350506,467,13.83,13.84,13.81,13.83,0.010000,0,21282",
            "bid_size: expected a quantity above zero, found \"0\"",
        ),
    ];
    for (to, expected) in table {
        assert_eq!(format!("line 2, column {expected}"), with(to));
    }
    let count = "BAC,09:30,350506,100001,13.83,13.84,13.81,13.83,0.010000,37754,21282";
    assert_eq!(
        "line 2, column trades: expected at most 100000 trades in a minute, found more",
        with(count)
    );
}

/// The three tables agree: symbols, half hours, venues, and volumes that add up.
#[test]
fn tables_that_disagree_are_refused() {
    assert_eq!(
        "tape: expected figures that agree, \
         found volumes of venues that do not add up to those of the minutes",
        refused(1, "BAC,09:30,ARCX,559224", "BAC,09:30,ARCX,559225")
    );
    assert_eq!(
        "line 3, column venue: expected a venue once in each half hour, found \"ARCX\"",
        refused(1, "BAC,09:30,BATS", "BAC,09:30,ARCX")
    );
    assert_eq!(
        "line 2, column half_hour_et: \
         expected a half hour from 09:30 to 15:30, in order, found \"09:31\"",
        refused(1, "BAC,09:30,ARCX", "BAC,09:31,ARCX")
    );
    assert_eq!(
        "line 2, column symbol: expected a symbol of the table of minutes, found \"AMZN\"",
        refused(1, "BAC,09:30,ARCX", "AMZN,09:30,ARCX")
    );
    assert_eq!(
        "line 2, column kind: expected a kind of opening or closing print, found \"fixing\"",
        refused(2, "official_open", "fixing")
    );
    assert_eq!(
        "line 3, column ms_since_midnight_et: \
         expected milliseconds from 09:30 on, found \"34199999\"",
        refused(2, "34200376,XNAS,open_cross", "34199999,XNAS,open_cross")
    );
    let [minutes, _, _] = TEXTS;
    let last = minutes.lines().last().unwrap();
    assert_eq!(
        "tape: expected figures that agree, found another number of minutes than 390",
        refused(0, &format!("{last}\n"), "")
    );
}
