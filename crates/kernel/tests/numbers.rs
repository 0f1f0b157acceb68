//! Numbers are exact from the text to the sum (R39): properties against plain integers.

use proptest::prelude::*;
use ringfence_kernel::types::number::{NumberError, QTY_MAX, SCALE_DIGITS, parse_decimal};
use ringfence_kernel::types::{Bps, Money, Price, Qty, Ts, text::WireId, window::Window};

proptest! {
    /// Decimal text comes back as it went in, without trailing zeros.
    #[test]
    fn r39_price_text_round_trips(
        nanos in -1_000_000_000_000_000_000_i64..=1_000_000_000_000_000_000,
    ) {
        let price = Price::from_nanos(nanos);
        prop_assert_eq!(Ok(price), Price::parse(&price.to_string()));
    }

    /// A conversion never rounds exposure down, and by less than one unit up.
    #[test]
    fn r32_conversion_rounds_away_from_zero(
        amount in -1_000_000_000_000_000_000_000_i128..=1_000_000_000_000_000_000_000,
        rate in 1_i64..=10_000_000_000_000,
    ) {
        let converted = Money::from_nanos(amount).convert(Price::from_nanos(rate)).nanos();
        let exact = amount * i128::from(rate);
        let back = converted * 1_000_000_000;
        prop_assert!(back.abs() >= exact.abs());
        prop_assert!(back.abs() - exact.abs() < 1_000_000_000);
    }

    /// Taking a part of a cost out rounds towards zero and never takes out more than there is.
    #[test]
    fn r53_prorate_is_the_floor_of_the_share(
        cost in -1_000_000_000_000_000_000_000_i128..=1_000_000_000_000_000_000_000,
        whole in 1_u64..=1_000_000,
        part in 0_u64..=1_000_000,
    ) {
        let part = part.min(whole);
        let taken = Money::from_nanos(cost).prorate(Qty::new(part), Qty::new(whole)).nanos();
        prop_assert_eq!(cost * i128::from(part) / i128::from(whole), taken);
    }

    /// The sliding window never says less than the current window saw, nor more than both.
    #[test]
    fn r20_window_sum_is_bounded_by_what_was_seen(
        steps in proptest::collection::vec((0_i64..50, 1_i64..5), 1..60),
    ) {
        let (mut window, mut now, length) = (Window::default(), 0_i64, 100_i64);
        let mut seen: Vec<(i64, i64)> = Vec::new();
        for (wait, amount) in steps {
            now += wait;
            window.add(Ts::from_nanos(now), length, amount);
            seen.push((now, amount));
            let total = |from: i64| -> i128 {
                let inside = seen.iter().filter(|(ts, _)| *ts >= from);
                inside.map(|(_, amount)| i128::from(*amount)).sum()
            };
            let start = now.div_euclid(length) * length;
            let sum = window.sum(Ts::from_nanos(now), length);
            prop_assert!(sum >= total(start));
            prop_assert!(sum <= total(start - length));
        }
    }
}

#[test]
fn r39_what_is_not_a_plain_decimal_is_refused() {
    for text in ["", "-", ".", "1.", ".5", "1e3", "NaN", "inf", "-Infinity", "0x10", "1_000", " 1"]
    {
        assert_eq!(Err(NumberError::NotDecimal), Price::parse(text), "{text:?}");
    }
    assert_eq!(Err(NumberError::TooFine), Price::parse("0.0000000001"));
    assert_eq!(Ok(Price::from_nanos(1)), Price::parse("0.0000000010"));
    assert_eq!(Err(NumberError::OutOfRange), Price::parse("1000000000.000000001"));
    assert_eq!(Err(NumberError::OutOfRange), Qty::parse(&(QTY_MAX + 1).to_string()));
    assert_eq!(Err(NumberError::TooFine), Qty::parse("1.5"));
    assert_eq!(Err(NumberError::OutOfRange), Bps::parse("-1"));
}

#[test]
fn r111_identifiers_are_bounded_and_printable() {
    assert!(WireId::new("").is_none());
    assert!(WireId::new("a\u{1}b").is_none(), "SOH would split a FIX field");
    assert!(WireId::new(&"x".repeat(48)).is_none());
    assert_eq!("é", WireId::new("é").expect("UTF-8 is text").as_str());
}

/// R39: a number is the same at the edge of 64 bits, where another way of adding up begins, and
/// bytes that are no text are no number.
#[test]
fn r39_numbers_are_exact_around_the_word() {
    let sums = [
        ("9999999999", 9_999_999_999_000_000_000_i128),
        ("9999999999.999999999", 9_999_999_999_999_999_999),
        ("10000000000.000000001", 10_000_000_000_000_000_001),
        ("-00000000000000000000000000001.5", -1_500_000_000),
        ("0.1", 100_000_000),
    ];
    for (text, expected) in sums {
        assert_eq!(Ok(expected), parse_decimal(text, SCALE_DIGITS), "{text}");
    }
    assert_eq!(Ok(9_999_999_999_999_999_999), parse_decimal("9999999999999999999", 0));
    assert_eq!(Ok(10_000_000_000_000_000_000), parse_decimal("10000000000000000000", 0));
    for bytes in [b"\xFF".as_slice(), b"1\xFF", b"1.\xFF", b"1.0000000000\xFF", b"-", b"", b"."] {
        assert_eq!(Err(NumberError::NotDecimal), Price::parse_bytes(bytes), "{bytes:?}");
    }
}
