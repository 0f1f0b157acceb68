//! Trades and quotes of the consolidated tape.

use ringfence_sim::tape::venues::{LETTERS, Venues};
use ringfence_sim::tape::{BookSide, TradeFlags, Whole, ticks};

use crate::common::{all, event, failure, level, ms, name, quote, refusal, trade};

pub(crate) const QUOTES: &str = "\
ms_since_midnight_et,side,price,size,exchange,quote_condition,suspicious
34200000,B,13.8300,500,N,1,0
34200000,A,13.8400,900,Q,1,0
34200002,B,13.8300,300,P,1,0
34200002,B,99.0000,300,Z,1,1
34200003,B,13.8200,700,P,800,0
34200004,A,13.8400,1000,N,1,0
";
const TRADES: &str = "\
ms_since_midnight_et,price,size,exchange,sale_condition,suspicious
34199999,13.8000,100,P,20002020,0
34200000,13.8100,5900,Q,40,0
34200001,13.8250,37,D,20000020,0
34200001,13.8100,100,D,20100000,0
34200002,13.9000,100,K,800,0
34200003,13.8300,10,Z,1,1
57600001,13.8300,100,N,80,0
57600002,13.8300,100,N,1000001,0
";

fn trades(rows: &str) -> String {
    format!("{}\n{rows}\n", TRADES.lines().next().unwrap())
}

/// A row replaces its venue's quote, and takes away what another venue cannot be showing any more:
/// a better price, or more at the same price. Less at the same price may still be there.
#[test]
fn a_quote_is_the_national_best() {
    use BookSide::{Ask, Bid};
    let tape = ticks::quotes(name("BAC"), Whole::new(QUOTES));
    let expected = vec![
        event(ms(34_200_000), "XNYS", quote(Bid, Some(level("13.83", 500)))),
        event(ms(34_200_000), "XNAS", quote(Ask, Some(level("13.84", 900)))),
        event(ms(34_200_002), "XNYS", quote(Bid, None)),
        event(ms(34_200_002), "ARCX", quote(Bid, Some(level("13.83", 300)))),
        event(ms(34_200_003), "ARCX", quote(Bid, Some(level("13.82", 700)))),
        event(ms(34_200_004), "XNYS", quote(Ask, Some(level("13.84", 1_000)))),
    ];
    assert_eq!(expected, all(tape));
}

/// Suspicious rows are passed over and counted; late trades and crosses stay, with their flags.
#[test]
fn conditions_of_trades_are_kept() {
    let mut tape = ticks::trades(name("BAC"), Whole::new(TRADES));
    let extended = TradeFlags::SWEEP.with(TradeFlags::EXTENDED_HOURS);
    let expected = [
        event(ms(34_199_999), "ARCX", trade("13.80", 100, extended)),
        event(ms(34_200_000), "XNAS", trade("13.81", 5_900, TradeFlags::OPEN_CROSS)),
        event(ms(34_200_001), "FINR", trade("13.825", 37, TradeFlags::SWEEP)),
        event(ms(34_200_001), "FINR", trade("13.81", 100, TradeFlags::SPECIAL)),
        event(ms(34_200_002), "EDGX", trade("13.90", 100, TradeFlags::LATE)),
        event(ms(57_600_001), "XNYS", trade("13.83", 100, TradeFlags::CLOSE_CROSS)),
        event(ms(57_600_002), "XNYS", trade("13.83", 100, TradeFlags::OFFICIAL)),
    ];
    assert_eq!(expected.to_vec(), all(&mut tape));
    assert_eq!(1, tape.decoder().suspicious_count());
    let forming: Vec<bool> =
        [extended, TradeFlags::OPEN_CROSS, TradeFlags::SPECIAL, TradeFlags::LATE]
            .map(TradeFlags::is_price_forming)
            .to_vec();
    assert_eq!(vec![true, false, false, false], forming);
    assert_eq!(vec!["sweep", "extended_hours"], extended.names().collect::<Vec<_>>());
}

/// Rule 18 of STYLE.md: what is not of the format is refused with line and column.
#[test]
fn bad_rows_are_refused_with_their_place() {
    let table = [
        ("x,1.0000,1,N,1,0", "column ms_since_midnight_et: expected a whole number, found \"x\""),
        (
            "86400001,1.0000,1,N,1,0",
            "column ms_since_midnight_et: expected milliseconds of one day, found \"86400001\"",
        ),
        ("1,0.0000,1,N,1,0", "column price: expected a price above zero, found \"0.0000\""),
        ("1,-1.0000,1,N,1,0", "column price: expected a price above zero, found \"-1.0000\""),
        ("1,1e3,1,N,1,0", "column price: expected a price above zero, found \"1e3\""),
        ("1,NaN,1,N,1,0", "column price: expected a price above zero, found \"NaN\""),
        ("1,1.0000,0,N,1,0", "column size: expected a quantity above zero, found \"0\""),
        ("1,1.0000,1,E,1,0", "column exchange: expected the letter of a venue, found \"E\""),
        ("1,1.0000,1,NN,1,0", "column exchange: expected the letter of a venue, found \"NN\""),
        ("1,1.0000,1,N,g,0", "column sale_condition: expected a hexadecimal mask, found \"g\""),
        ("1,1.0000,1,N,1,2", "column suspicious: expected 0 or 1, found \"2\""),
        ("1,1.0000,1,N,1,0\r", "column suspicious: expected 0 or 1, found \"0?\""),
        ("1,1.0000,1,N,1,0,", ": expected 6 columns, found 7"),
        ("1,1.0000,1,N,1", ": expected 6 columns, found 5"),
        ("", ": expected 6 columns, found 1"),
    ];
    for (row, expected) in table {
        let found = refusal(ticks::trades(name("BAC"), Whole::new(trades(row))));
        let separator = if expected.starts_with(':') { "" } else { ", " };
        assert_eq!(format!("line 2{separator}{expected}"), found);
    }
    let side = QUOTES.replace("34200003,B", "34200003,X");
    let expected = "line 6, column side: expected B or A, found \"X\"";
    assert_eq!(expected, refusal(ticks::quotes(name("BAC"), Whole::new(side))));
}

/// Time never falls, a file never ends inside a line, and the header is the one of its kind.
#[test]
fn bad_files_are_refused() {
    let falling = trades("34200001,1.0000,1,N,1,0\n34200000,1.0000,1,N,1,0");
    let (events, why) = failure(ticks::trades(name("BAC"), Whole::new(falling)));
    assert_eq!(1, events.len());
    let expected = "line 3, column ms_since_midnight_et: \
                    expected a time from 09:30:00.001000000 on, found 09:30:00.000000000";
    assert_eq!(expected, why.to_string());
    let torn = TRADES.trim_end();
    let why = refusal(ticks::trades(name("BAC"), Whole::new(torn)));
    assert_eq!("line 9: expected the rest of it, found the end", why);
    let why = refusal(ticks::trades(name("BAC"), Whole::new("")));
    assert_eq!("line 1: expected the rest of it, found the end", why);
    let why = refusal(ticks::trades(name("BAC"), Whole::new(QUOTES)));
    assert_eq!("line 1, column price: expected this name of the column, found \"side\"", why);
    let only_header = format!("{}\n", TRADES.lines().next().unwrap());
    assert!(all(ticks::trades(name("BAC"), Whole::new(only_header))).is_empty());
}

/// Each letter of the consolidated tape has its venue, and no other letter has one.
#[test]
fn letters_are_venues() {
    let venues = Venues::consolidated();
    for byte in 0..=u8::MAX {
        let expected =
            LETTERS.iter().find(|(letter, _)| *letter == byte).map(|(_, code)| name(code));
        assert_eq!(expected, venues.get(byte));
    }
}
