//! Messages of ITCH 5.0, written here field by field as the specification lists them.

use ringfence_kernel::types::Qty;
use ringfence_sim::tape::itch::{Framing, itch};
use ringfence_sim::tape::{
    BookSide, MatchNumber, OrderRef, Phase, TapeEvent, TapeTime, TradeFlags, What, Whole,
};

use crate::common::{all, event, failure, level, name, px, quote, refusal};

/// A message: type, locate code, nanoseconds, and the fields behind them.
fn message(kind: u8, locate: u16, nanos: u64, fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend(locate.to_be_bytes());
    bytes.extend([0, 9]);
    bytes.extend(&nanos.to_be_bytes()[2..]);
    bytes.extend(fields.concat());
    bytes
}

fn framed(framing: Framing, messages: &[Vec<u8>]) -> Vec<u8> {
    let frame = |message: &Vec<u8>| match framing {
        Framing::Length => u16::try_from(message.len()).unwrap().to_be_bytes(),
        Framing::TwoZeroBytes => [0, 0],
    };
    messages.iter().flat_map(|message| [&frame(message)[..], message].concat()).collect()
}

fn order(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

fn shares(units: u32) -> [u8; 4] {
    units.to_be_bytes()
}

const STOCK: &[u8] = b"BAC     ";

fn directory() -> Vec<u8> {
    message(b'R', 3, 1, &[STOCK, &[b'N'; 20]])
}

/// One message of each type that is an event, and some that are not.
fn messages() -> Vec<Vec<u8>> {
    let price = shares(138_300);
    vec![
        message(b'S', 0, 0, &[b"O"]),
        directory(),
        message(b'H', 3, 2, &[STOCK, b"T ", b"    "]),
        message(b'A', 3, 3, &[&order(1), b"B", &shares(500), STOCK, &price]),
        message(b'F', 3, 4, &[&order(2), b"S", &shares(300), STOCK, &shares(138_400), b"MPID"]),
        message(b'E', 3, 5, &[&order(1), &shares(100), &order(71)]),
        message(b'C', 3, 6, &[&order(1), &shares(50), &order(72), b"N", &price]),
        message(b'C', 3, 6, &[&order(1), &shares(50), &order(73), b"Y", &price]),
        message(b'X', 3, 7, &[&order(1), &shares(20)]),
        message(b'U', 3, 8, &[&order(1), &order(4), &shares(80), &shares(138_200)]),
        message(b'D', 3, 9, &[&order(2)]),
        message(b'P', 3, 10, &[&order(0), b"B", &shares(7), STOCK, &price, &order(74)]),
        message(b'Q', 3, 11, &[&order(5_900), STOCK, &price, &order(75), b"O"]),
        message(b'Q', 3, 12, &[&order(0), STOCK, &shares(0), &order(0), b"C"]),
        message(b'B', 3, 13, &[&order(74)]),
        message(b'Y', 3, 14, &[STOCK, b"0"]),
        message(b'H', 3, 15, &[STOCK, b"H ", b"T1  "]),
    ]
}

pub(crate) fn sample(framing: Framing) -> Vec<u8> {
    framed(framing, &messages())
}

fn expected() -> Vec<TapeEvent> {
    use BookSide::{Ask, Bid};
    let ref_ = OrderRef::new;
    let number = |number| Some(MatchNumber::new(number));
    let execute = |units, price: Option<&str>, match_number, is_printed| What::Execute {
        order_ref: ref_(1),
        qty: Qty::new(units),
        px: price.map(px),
        match_number: number(match_number),
        is_printed,
    };
    let cross = What::Trade {
        px: px("13.83"),
        qty: Qty::new(5_900),
        flags: TradeFlags::OPEN_CROSS,
        match_number: number(75),
    };
    let hidden = What::ExecuteHidden {
        side: Bid,
        px: px("13.83"),
        qty: Qty::new(7),
        match_number: number(74),
    };
    let replace = What::Replace { order_ref: ref_(1), new_ref: ref_(4), level: level("13.82", 80) };
    let events = [
        (2, What::Phase(Phase::Trading)),
        (3, What::Add { order_ref: ref_(1), side: Bid, level: level("13.83", 500) }),
        (4, What::Add { order_ref: ref_(2), side: Ask, level: level("13.84", 300) }),
        (5, execute(100, None, 71, true)),
        (6, execute(50, Some("13.83"), 72, false)),
        (6, execute(50, Some("13.83"), 73, true)),
        (7, What::Reduce { order_ref: ref_(1), qty: Qty::new(20) }),
        (8, replace),
        (9, What::Delete { order_ref: ref_(2) }),
        (10, hidden),
        (11, cross),
        (13, What::Broken { match_number: MatchNumber::new(74) }),
        (15, What::Phase(Phase::Halted)),
    ];
    let at = |nanos| TapeTime::from_nanos(nanos).unwrap();
    events.into_iter().map(|(nanos, what)| event(at(nanos), "XNAS", what)).collect()
}

/// Every message of orders, executions, crosses and halts is its event, in both framings; types
/// that are none are counted.
#[test]
fn messages_are_events() {
    for framing in [Framing::Length, Framing::TwoZeroBytes] {
        let bytes = sample(framing);
        assert_eq!(framing, Framing::of(&bytes));
        let mut tape = itch(framing, Whole::new(bytes));
        assert_eq!(expected(), all(&mut tape));
        let counts: String =
            tape.decoder().counts().map(|(kind, n)| format!("{kind}{n} ")).collect();
        assert_eq!("A1 B1 C2 D1 E1 F1 H2 P1 Q2 R1 S1 U1 X1 Y1 ", counts);
    }
}

/// A part of a cross is not printed and does not count as volume twice.
#[test]
fn what_is_not_printed_is_no_volume() {
    let volume: u64 =
        expected().iter().filter_map(|event| event.what.volume()).map(|(qty, _)| qty.units()).sum();
    assert_eq!(100 + 50 + 7 + 5_900, volume);
    assert_eq!(None, quote(BookSide::Bid, None).volume());
}

/// Rule 18 of STYLE.md: what is not of the protocol is refused with message and offset.
#[test]
fn bad_messages_are_refused_with_their_place() {
    let side =
        |side: &[u8]| message(b'A', 3, 3, &[&order(1), side, &shares(5), STOCK, &shares(138_300)]);
    let add = |units, price, stock: &[u8]| {
        message(b'A', 3, 3, &[&order(1), b"B", &shares(units), stock, &shares(price)])
    };
    let table = [
        (message(b'z', 3, 3, &[]), "expected a known message type, found byte 0x7a"),
        (message(b'D', 4, 3, &[&order(1)]), "expected a locate code of the directory, found \"4\""),
        (
            message(b'D', 3, 0, &[&order(1)]),
            "expected a time from 00:00:00.000000001 on, found 00:00:00.000000000",
        ),
        (
            message(b'D', 3, u64::MAX >> 16, &[&order(1)]),
            "expected a time of one day, found \"281474976710655\"",
        ),
        (side(b"X"), "expected side B or S, found \"X\""),
        (add(0, 138_300, STOCK), "expected shares above zero, found \"0\""),
        (add(1, 0, STOCK), "expected a price above zero, found \"0\""),
        (add(1, 1, b"        "), "expected a stock symbol, found \"        \""),
        (message(b'H', 3, 3, &[STOCK, b"Z ", b"    "]), "expected a trading state, found \"Z\""),
        (
            message(b'Q', 3, 3, &[&order(1), STOCK, &shares(1), &order(1), b"Z"]),
            "expected a type of cross, found \"Z\"",
        ),
        (
            message(b'C', 3, 3, &[&order(1), &shares(1), &order(1), b"?", &shares(1)]),
            "expected printable Y or N, found \"?\"",
        ),
    ];
    for (bad, expected) in table {
        let bytes = framed(Framing::TwoZeroBytes, &[directory(), bad]);
        let found = refusal(itch(Framing::TwoZeroBytes, Whole::new(bytes)));
        assert_eq!(format!("message 2 at byte 41: {expected}"), found);
    }
}

/// A frame gives the length of its type, and the bytes do not end inside a message.
#[test]
fn bad_frames_are_refused() {
    let mut bytes = sample(Framing::Length);
    bytes[1] = 13;
    let why = refusal(itch(Framing::Length, Whole::new(&bytes)));
    assert_eq!("message 1 at byte 0: expected a message of 12 bytes, found a length of 13", why);
    let whole = sample(Framing::Length);
    for end in [whole.len() - 1, whole.len() - 25, whole.len() - 26] {
        let (events, why) = failure(itch(Framing::Length, Whole::new(&whole[..end])));
        assert_eq!(12, events.len());
        assert!(why.to_string().ends_with("expected the rest of it, found the end"), "{why}");
    }
    let unknown = [directory(), message(b'D', 3, 2, &[&order(1)])];
    assert_eq!(1, all(itch(Framing::Length, Whole::new(framed(Framing::Length, &unknown)))).len());
    assert_eq!("XNAS", name("XNAS").as_str());
}
