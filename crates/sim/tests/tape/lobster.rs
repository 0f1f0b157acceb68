//! Messages of single orders and the book after each of them.

use ringfence_kernel::types::Qty;
use ringfence_sim::tape::{
    BookSide, OrderRef, Phase, TapeEvent, TapeTime, TradeFlags, What, Whole, lobster,
};

use crate::common::{all, event, failure, level, name, px, quote, refusal, trade};

pub(crate) const MESSAGES: &str = "\
time_s,type,order_id,size,price_x10000,direction
34200.017459617,5,0,1,2238200,-1
34200.18960767,1,11885113,21,2238100,1
34200.190226476,4,11885113,21,2238100,1
34200.2,2,500,10,2239500,-1
34200.2,3,500,90,2239500,-1
34201,6,0,700,2238000,-1
34202,7,0,0,-1,-1
34203,7,0,0,0,-1
34204,7,0,0,1,-1
";
pub(crate) const BOOK: &str = "\
ask_price_1_x10000,ask_size_1,bid_price_1_x10000,bid_size_1
2239500,100,2231800,100
2239500,100,2238100,21
2239500,100,2237500,100
2239500,90,2237500,100
9999999999,0,2237500,100
9999999999,0,2237500,100
9999999999,0,2237500,100
9999999999,0,-9999999999,0
9999999999,0,-9999999999,0
";

fn read(messages: &str, book: &str) -> Vec<TapeEvent> {
    all(lobster::lobster(name("BAC"), Whole::new(messages), Whole::new(book)))
}

fn refused(messages: &str, book: &str) -> String {
    refusal(lobster::lobster(name("BAC"), Whole::new(messages), Whole::new(book)))
}

fn at(nanos: i64) -> TapeTime {
    TapeTime::from_nanos(nanos).unwrap()
}

/// Each message is an event of its order, followed by the sides of the book that it changed.
#[test]
fn messages_and_book_go_together() {
    use BookSide::{Ask, Bid};
    let (order, other) = (OrderRef::new(11_885_113), OrderRef::new(500));
    let hidden =
        What::ExecuteHidden { side: Ask, px: px("223.82"), qty: Qty::new(1), match_number: None };
    let visible = What::Execute {
        order_ref: order,
        qty: Qty::new(21),
        px: Some(px("223.81")),
        match_number: None,
        is_printed: true,
    };
    let add = What::Add { order_ref: order, side: Bid, level: level("223.81", 21) };
    let expected = [
        (34_200_017_459_617, hidden),
        (34_200_017_459_617, quote(Bid, Some(level("223.18", 100)))),
        (34_200_017_459_617, quote(Ask, Some(level("223.95", 100)))),
        (34_200_189_607_670, add),
        (34_200_189_607_670, quote(Bid, Some(level("223.81", 21)))),
        (34_200_190_226_476, visible),
        (34_200_190_226_476, quote(Bid, Some(level("223.75", 100)))),
        (34_200_200_000_000, What::Reduce { order_ref: other, qty: Qty::new(10) }),
        (34_200_200_000_000, quote(Ask, Some(level("223.95", 90)))),
        (34_200_200_000_000, What::Delete { order_ref: other }),
        (34_200_200_000_000, quote(Ask, None)),
        (34_201_000_000_000, trade("223.80", 700, TradeFlags::OTHER_CROSS)),
        (34_202_000_000_000, What::Phase(Phase::Halted)),
        (34_203_000_000_000, What::Phase(Phase::QuotesOnly)),
        (34_203_000_000_000, quote(Bid, None)),
        (34_204_000_000_000, What::Phase(Phase::Trading)),
    ];
    let expected: Vec<_> =
        expected.into_iter().map(|(nanos, what)| event(at(nanos), "XNAS", what)).collect();
    assert_eq!(expected, read(MESSAGES, BOOK));
}

/// A book of more levels is read by its best one.
#[test]
fn deeper_levels_are_passed_over() {
    let deeper: Vec<String> = BOOK
        .lines()
        .enumerate()
        .map(|(row, line)| match row {
            0 => format!("{line},ask_price_2_x10000,ask_size_2,bid_price_2_x10000,bid_size_2\n"),
            _ => format!("{line},2240000,5,2230000,5\n"),
        })
        .collect();
    assert_eq!(read(MESSAGES, BOOK), read(MESSAGES, &deeper.concat()));
}

/// Rule 18 of STYLE.md: what is not of the format is refused with line and column.
#[test]
fn bad_rows_are_refused_with_their_place() {
    let table = [
        (
            "34200.18960767,1,",
            "34200.18960767,8,",
            "line 3, column type: expected a message type from 1 to 7, found \"8\"",
        ),
        (
            "34200.18960767",
            "34200.1896076712",
            "line 3, column time_s: \
             expected seconds with at most nine decimals, found \"34200.1896076712\"",
        ),
        (
            "34200.18960767",
            "86401",
            "line 3, column time_s: expected seconds of one day, found \"86401\"",
        ),
        (
            "34200.2,2",
            "34200.1,2",
            "line 5, column time_s: \
             expected a time from 09:30:00.190226476 on, found 09:30:00.100000000",
        ),
        (
            ",21,2238100,1\n",
            ",0,2238100,1\n",
            "line 3, column size: expected a quantity above zero, found \"0\"",
        ),
        (
            ",21,2238100,1\n",
            ",21,2238100,2\n",
            "line 3, column direction: expected 1 or -1, found \"2\"",
        ),
        (
            ",21,2238100,1\n",
            ",21,-2238100,1\n",
            "line 3, column price_x10000: expected a price above zero, found \"-2238100\"",
        ),
        (
            "34202,7,0,0,-1",
            "34202,7,0,0,5",
            "line 8, column price_x10000: expected -1, 0 or 1 in a halt message, found \"5\"",
        ),
    ];
    for (from, to, expected) in table {
        assert_eq!(expected, refused(&MESSAGES.replacen(from, to, 1), BOOK));
    }
}

/// Rule 18 of STYLE.md: a level is whole or missing, and a row has the columns of its header.
#[test]
fn bad_books_are_refused_with_their_place() {
    let table = [
        (
            "2239500,90",
            "2239500,0",
            "line 5, column ask_size_1: \
             expected a size at each price, none at a missing one, found \"0\"",
        ),
        (
            "9999999999,0",
            "9999999999,5",
            "line 6, column ask_size_1: \
             expected a size at each price, none at a missing one, found \"5\"",
        ),
        ("2239500,90", "2239500,90,1", "line 5: expected 4 columns, found 5"),
        ("bid_size_1", "bid_size_1,ask_price_2_x10000", "line 1: expected 8 columns, found 5"),
        (
            "ask_size_1",
            "ask_size",
            "line 1, column ask_size_1: expected this name of the column, found \"ask_size\"",
        ),
    ];
    for (from, to, expected) in table {
        assert_eq!(expected, refused(MESSAGES, &BOOK.replacen(from, to, 1)));
    }
}

/// Two files of different length do not go together, whichever is the shorter.
#[test]
fn files_of_different_length_are_refused() {
    let shorter = |text: &str| text[..text.trim_end().rfind('\n').unwrap() + 1].to_owned();
    let expected = "line 10: expected a row in both files, found it in one";
    for (messages, book) in
        [(MESSAGES.to_owned(), shorter(BOOK)), (shorter(MESSAGES), BOOK.to_owned())]
    {
        let tape = lobster::lobster(name("BAC"), Whole::new(messages), Whole::new(book));
        assert_eq!(expected, failure(tape).1.to_string());
    }
    let header = BOOK.lines().next().unwrap();
    let many = format!("{header}{}\n", ",a,b,c,d".repeat(lobster::LEVELS_MAX));
    assert_eq!(
        "line 1: expected at most 100 levels of a book, found more",
        refused(MESSAGES, &many)
    );
}
