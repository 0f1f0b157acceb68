//! The grammar of faults: what is read, and what each error says.

use ringfence_kernel::types::{Bps, Side, Ts};
use ringfence_sim::exchange::Symbols;
use ringfence_sim::fault::{
    Command, Curve, CurveError, CurvePoint, Fault, LineError, Moment, SCRIPT_LINES_MAX, Script,
    ScriptError, Strike, parse_line,
};

use super::world::name;

/// R105: a line says when, how long, what and whom.
#[test]
fn a_line_is_read() {
    let line = "at 90s for 2m late_ack by=250ms port=GW1 symbols=A..C side=sell share=50 every=2 \
                count=9";
    let Ok(Command::Lasting { at, for_ns, fault, filter }) = parse_line(line) else {
        panic!("{:?}", parse_line(line));
    };
    assert_eq!(Moment::Since(90_000_000_000), at);
    assert_eq!(Some(120_000_000_000), for_ns);
    assert_eq!(Fault::LateAck { by_ns: 250_000_000 }, fault);
    assert_eq!(Some(name("GW1")), filter.port);
    assert_eq!(Symbols::Range(name("A"), name("C")), filter.symbols);
    assert_eq!((Some(Side::Sell), Bps::new(50)), (filter.side, filter.share));
    assert_eq!((2, Some(9)), (filter.every, filter.count));
}

/// R105: moments are since the origin, before it, or UTC.
#[test]
fn moments_are_relative_or_absolute() {
    let Ok(Command::Once { at, strike, .. }) = parse_line("at 17 mass_bust from=-1h to=5us") else {
        panic!("not read");
    };
    assert_eq!(Moment::At(Ts::from_nanos(17)), at);
    let (from, to) = (Moment::Since(-3_600_000_000_000), Moment::Since(5_000));
    assert_eq!(Strike::MassBust { from, to }, strike);
}

/// R105: every fault of the requirement can be written.
#[test]
fn every_fault_has_a_line() {
    for line in [
        "ack_loss",
        "late_ack by=1s",
        "late_fill by=1s",
        "duplicate_fill",
        "duplicate_fill id=new",
        "fill_after_cancel share=100",
        "symbols_down symbols=A..BFZZZ",
        "for 1h degrade to=3s",
        "saturate capacity=1700 curve=50:1ms:0,80:20ms:10,100:500ms:500",
        "for 1s silence hold=yes",
        "silence",
        "clock_offset by=-5ms",
        "reject_orders",
        "throttle take=5 disconnect=10",
        "market_data_loss symbol=A",
        "for 5s market_data_freeze port=P",
        "disconnect",
        "clear",
        "clear fault=silence",
        "unknown_execution port=P symbol=A side=buy qty=1 px=1",
        "halt why=a longer reason",
        "halt reason=order_influx symbol=A why=a longer reason",
        "pause symbol=A",
        "reopen",
        "reopen auction=30s symbol=A",
        "bust exec=V1-17",
        "correct exec=17 px=1.5 qty=3",
        "mass_bust from=0s to=10s",
        "cancel_orders",
        "restate by=10000",
        "band lower=1 upper=2",
        "band_off",
        "band_rule",
        "announce text=any words = here",
    ] {
        assert!(parse_line(line).is_ok(), "{line}: {:?}", parse_line(line));
    }
}

/// Rule 21 of STYLE.md: an error says what was expected and what was found.
#[test]
fn errors_are_typed_and_say_what_was_expected() {
    let value =
        |key, expected, found: &str| LineError::Value { key, expected, found: found.to_string() };
    for (line, expected) in [
        ("", LineError::NoFault),
        ("at 5s", LineError::NoFault),
        ("ack_los", LineError::UnknownFault("ack_los".to_string())),
        ("ack_loss now", LineError::NotKeyed("now".to_string())),
        ("ack_loss by=1s", LineError::UnknownKey("by".to_string())),
        ("ack_loss port=a port=b", LineError::UnknownKey("port".to_string())),
        ("late_ack", LineError::MissingKey("by")),
        ("late_ack by=5", value("by", "a duration as 250ms, 5s, 2m", "5")),
        ("late_ack by=5d", value("by", "a duration as 250ms, 5s, 2m", "5d")),
        ("at x ack_loss", value("at", "a moment or duration", "x")),
        ("for x ack_loss", value("for", "a moment or duration", "x")),
        ("ack_loss share=0", value("share", "basis points, 1 to 10000", "0")),
        ("ack_loss every=0", value("every", "a number above zero", "0")),
        ("ack_loss side=up", value("side", "buy or sell", "up")),
        ("ack_loss symbols=A-B", value("symbols", "a range FIRST..LAST", "A-B")),
        ("throttle take=5 disconnect=5", value("disconnect", "a number above take", "5")),
        ("restate by=0", value("by", "basis points, 1 to 10000", "0")),
        ("bust exec=x", value("exec", "the ExecID of a fill", "x")),
        ("for 1s halt why=x", LineError::CannotLast),
        ("halt reason=news_pending", LineError::MissingKey("why")),
        (
            "halt reason=news why=x",
            value(
                "reason",
                "news_pending, news_dissemination, order_imbalance, order_influx, \
                 equipment_changeover, additional_information",
                "news",
            ),
        ),
        ("degrade to=1s", LineError::NeedsEnd),
        ("silence hold=yes", LineError::NeedsEnd),
        ("halt why=a\tb", LineError::Line),
    ] {
        assert_eq!(Err(expected), parse_line(line), "{line}");
    }
    assert_eq!(Err(LineError::Line), parse_line(&"x".repeat(256)));
    let curve = "saturate capacity=5 curve=50:1ms:0,50:2ms:0";
    assert!(matches!(parse_line(curve), Err(LineError::Value { key: "curve", .. })));
}

/// Rule 21 of STYLE.md: a script's error names its line; empty lines and remarks are none.
#[test]
fn a_script_names_its_wrong_line() {
    let found = Script::parse("# remark\n\n  ack_loss\nnothing\n").unwrap_err();
    assert_eq!("line 4: no fault is called \"nothing\"", found.to_string());
    assert_eq!(1, Script::parse("# remark\n\n  ack_loss\n").unwrap().commands().count());
    let long = "\n".repeat(SCRIPT_LINES_MAX + 1);
    assert_eq!(Err(ScriptError::TooLong), Script::parse(&long));
}

/// R105: the curve is straight between its points and level beyond the last.
#[test]
fn a_curve_is_straight_between_points() {
    let point =
        |load, ms, loss| CurvePoint { load: Bps::new(load), latency_ns: ms, loss: Bps::new(loss) };
    let curve = Curve::new(vec![point(5_000, 10, 0), point(10_000, 110, 500)]).unwrap();
    for (load, latency, loss) in
        [(0, 0, 0), (5_000, 10, 0), (7_500, 60, 250), (10_000, 110, 500), (90_000, 110, 500)]
    {
        assert_eq!((latency, Bps::new(loss)), curve.at(Bps::new(load)), "load {load}");
    }
    assert_eq!(Err(CurveError::Count), Curve::new(Vec::new()));
    assert_eq!(Err(CurveError::Point), Curve::new(vec![point(1, 0, 10_001)]));
}
