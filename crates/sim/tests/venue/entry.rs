//! Why an order is refused: each reason fires, with its number in the message.

use ringfence_kernel::types::{Money, OrdType, Phase, TimeInForce};
use ringfence_sim::exchange::{BandKind, HaltEntry};
use ringfence_sim::venue::VenueSettings;

use super::world::{ALPHA, BETA, COPY, World, at, retail_rules, settings, window, world};

fn strict() -> VenueSettings {
    let mut settings = settings();
    let rules = &mut settings.rules;
    rules.order_types = vec![OrdType::Limit, OrdType::Market, OrdType::Stop];
    rules.times_in_force.retain(|tif| *tif != TimeInForce::FillOrKill);
    rules.order_notional_max = Some(Money::parse("5000000").unwrap());
    rules.session_band = Some(ringfence_kernel::types::Bps::new(2_000));
    rules.windows = vec![window("overnight", Phase::Overnight, 0, 80_000)];
    rules.windows[0].band = BandKind::Session;
    rules.retail = Some(retail_rules());
    rules.ports[usize::from(BETA)].is_retail = true;
    rules.halt_entry = HaltEntry::Refuse;
    rules.instruments[0].lot = ringfence_kernel::types::Qty::new(10);
    settings
}

/// Port, fields of the order, OrdRejReason (FIX 103) and a word of the text.
const REFUSED: &[(u16, &str, &str, &str)] = &[
    (ALPHA, "55=ZZZ 54=1 38=10 40=2 44=10", "1", "symbol"),
    (ALPHA, "55=AAA 54=1 38=10 40=4 44=10 99=10", "11", "type of order"),
    (ALPHA, "55=AAA 54=1 38=10 40=P 44=10", "11", "not supported"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10 59=4", "11", "time in force"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10 59=1", "11", "not supported"),
    (ALPHA, "55=AAA 54=9 38=10 40=2 44=10", "11", "not supported"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10 18=G", "11", "not supported"),
    (ALPHA, "55=AAA 54=1 38=ten 40=2 44=10", "11", "not supported"),
    (ALPHA, "55=AAA 54=1 38=10 40=2", "11", "does not fit"),
    (ALPHA, "55=AAA 54=1 38=10 40=1 44=10", "11", "does not fit"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10 99=9", "11", "does not fit"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10.005", "99", "tick"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=-1", "99", "tick"),
    (ALPHA, "55=AAA 54=1 38=15 40=2 44=10", "13", "lot"),
    (ALPHA, "55=AAA 54=1 38=0 40=2 44=10", "13", "lot"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=12.01", "3", "band"),
    (ALPHA, "55=AAA 54=2 38=10 40=2 44=7.99", "3", "band"),
    (ALPHA, "55=AAA 54=1 38=500010 40=2 44=10", "3", "notional"),
    (ALPHA, "55=AAA 54=1 38=420000 40=1", "3", "notional"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10 59=6", "99", "expire"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10 59=6 126=20240804-00:00:00", "99", "expire"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10 59=2", "4", "too late"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10 59=7", "4", "too late"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10 110=20", "11", "contradict"),
    (ALPHA, "55=AAA 54=1 38=10 40=1 111=10", "11", "contradict"),
    (COPY, "55=AAA 54=1 38=10 40=2 44=10", "99", "entitled"),
    (ALPHA, "55=AAA 54=1 38=10 40=2 44=10 5701=P", "99", "entitled"),
    (BETA, "55=AAA 54=1 38=10 40=2 44=10 5701=3", "11", "contradict"),
    (BETA, "55=AAA 54=1 38=10 40=2 44=10 5701=1", "11", "contradict"),
    (BETA, "55=AAA 54=1 38=10 40=2 44=10 5701=P", "99", "no improvement"),
    (BETA, "55=AAA 54=1 38=10 40=2 44=10 5701=9", "11", "not supported"),
];

fn refusal(world: &mut World, port: u16, fields: &str) -> (String, String) {
    world.forget();
    world.send(port, "D", fields);
    let sent = world.take(port);
    assert_eq!(1, sent.len(), "{fields}: {sent:?}");
    assert_eq!("35=8 150=8 39=8 14=0 151=0", sent[0].show(&[150, 39, 14, 151]), "{fields}");
    (sent[0].get(103).unwrap(), sent[0].get(58).unwrap())
}

/// R105, section 2.3: each rule of entry refuses with its number; limit orders more than 20 % from
/// the session's reference and orders above USD 5 m are among them.
#[test]
fn each_rule_of_entry_refuses() {
    let mut world = world(strict());
    for (at, (port, fields, reason, word)) in REFUSED.iter().enumerate() {
        let (found, text) = refusal(&mut world, *port, &format!("11=o{at} {fields}"));
        assert_eq!(*reason, found, "{fields}: {text}");
        assert!(text.contains(word), "{fields}: expected {word:?} in {text:?}");
    }
    assert_eq!(0, world.venue.exchange().open_orders().count());
}

/// R105, section 2.3: in FIX 5.0SP2 the notional cap is 103=27, and the band 103=16.
#[test]
fn the_cap_of_notional_is_reason_27_in_fix_5() {
    let mut settings = strict();
    settings.versions[usize::from(ALPHA)] = ringfence_fix::dict::Version::Fixt11;
    let mut world = world(settings);
    let cap = refusal(&mut world, ALPHA, "11=a 55=AAA 54=1 38=500010 40=2 44=10");
    assert_eq!("27", cap.0);
    let band = refusal(&mut world, ALPHA, "11=b 55=AAA 54=1 38=10 40=2 44=12.01");
    assert_eq!("16", band.0);
    world.order(ALPHA, "c", "AAA buy 500000 10", "");
    assert_eq!(vec!["0 0 0 500000"], world.reports(ALPHA));
}

/// R105: between windows the venue is closed, in a halt it may refuse orders.
#[test]
fn closed_and_halted_refuse() {
    let mut world = world(strict());
    world.command("halt symbol=AAA why=news").unwrap();
    assert_eq!("2", refusal(&mut world, ALPHA, "11=a 55=AAA 54=1 38=10 40=2 44=10").0);
    world.run_to(at(80_001));
    world.forget();
    assert_eq!("2", refusal(&mut world, ALPHA, "11=b 55=BBB 54=1 38=10 40=2 44=10").0);
}

/// R105: a message that cannot be a request gets a business reject (FIX 35=j) and its reason.
#[test]
fn an_unreadable_message_gets_a_business_reject() {
    let mut world = world(settings());
    for (msg_type, fields, reason) in [
        ("E", "66=list", 3),
        ("D", "55=AAA 54=1 38=10 40=2 44=10", 5),
        ("D", "11=a 54=1 38=10 40=2 44=10", 5),
        ("F", "11=a 55=AAA 54=1", 5),
        ("G", "11=a 41=b 55=AAA 54=1 40=2 44=x 38=10", 0),
        ("q", "11=a 530=3", 0),
        ("AF", "584=a 585=5", 0),
        ("V", "262=m 263=0 264=0 267=1 269=0", 5),
        ("e", "324=s 55=AAA 263=9", 0),
    ] {
        world.send(ALPHA, msg_type, fields);
        let found = world.memory.rejects.pop().map(|(_, reason, _)| reason);
        assert_eq!(Some(reason), found, "{msg_type} {fields}");
        assert_eq!(0, world.memory.sent.len());
    }
}

/// R105: MinQty (FIX 110), MaxFloor (FIX 111) and ExecInst 6 (FIX 18) reach the book.
#[test]
fn instructions_reach_the_book() {
    let mut world = world(settings());
    world.order(ALPHA, "shown", "AAA buy 100 10", "111=30");
    let at = world.venue.exchange().instrument(&super::world::name("AAA")).unwrap();
    let depth = |world: &World| {
        let side = ringfence_kernel::types::Side::Buy;
        world.venue.exchange().depth(at, side, 9).iter().map(|l| l.qty.units()).sum::<u64>()
    };
    assert_eq!(30, depth(&world));
    world.order(ALPHA, "hidden", "AAA buy 100 9", "111=0");
    assert_eq!(30, depth(&world));
    world.forget();
    world.order(BETA, "post", "AAA sell 10 10", "18=6");
    assert_eq!(vec!["8 8 0 0"], world.reports(BETA));
    world.order(BETA, "least", "AAA sell 150 10", "59=3 110=120");
    assert_eq!(vec!["0 0 0 150", "4 4 0 0"], world.reports(BETA));
}

/// R105: a field that the venue does not read may be an instruction: it refuses the order, or the
/// request, and is never dropped in silence.
#[test]
fn an_instruction_that_is_not_read_is_refused() {
    let mut world = world(settings());
    for more in [
        "15=EUR",
        "168=20130801-20:00:00",
        "152=1000",
        "388=0",
        "211=1",
        "65=WI",
        "100=XNYS",
        "432=20130801",
        "126=20990801-20:00:00",
        "48=BBB",
        "21=3",
        "423=2",
    ] {
        world.order(ALPHA, &format!("d{more}"), "AAA buy 100 10", more);
        assert_eq!(vec!["8 8 0 0"], world.reports(ALPHA), "{more}");
    }
    for more in ["59=0", "1=ACC 59=0", "48=AAA 22=8", "528=A 21=1", "58=text"] {
        world.order(ALPHA, &format!("g{more}"), "AAA buy 100 9", more);
        assert_eq!(vec!["0 0 0 100"], world.reports(ALPHA), "{more}");
    }
    for (msg_type, fields) in [
        ("q", "11=q 530=7 54=1"),
        ("F", "11=f 41=g59=0 55=AAA 54=1 44=9"),
        ("AF", "584=a 585=7 54=1"),
        ("G", "11=x 41=g59=0 55=AAA 54=1 40=2 44=9 38=90 18=6"),
        ("G", "11=y 41=g59=0 55=AAA 54=1 40=2 44=9 38=90 15=EUR"),
    ] {
        world.send(ALPHA, msg_type, fields);
        assert_eq!(Some(0), world.memory.rejects.pop().map(|(_, reason, _)| reason), "{fields}");
    }
    assert_eq!(5, world.venue.exchange().open_orders().count());
}

/// FIX 35=G: a change of what cannot change is refused (FIX 35=9); to repeat it is none.
#[test]
fn a_replace_may_repeat_what_it_cannot_change() {
    let mut world = world(settings());
    world.order(ALPHA, "a", "AAA buy 100 10", "1=ACC 111=30");
    world.forget();
    let mut replace = |id: &str, more: &str| {
        let orig = if id == "z" { "y" } else { "a" };
        let terms = format!("11={id} 41={orig} 55=AAA 54=1 40=2 44=10 38=90 {more}");
        world.send(ALPHA, "G", &terms);
        world.reports(ALPHA)
    };
    for more in ["1=OTHER", "59=3", "59=4", "111=10", "1138=10", "110=20"] {
        assert_eq!(vec!["9 0 99"], replace(more, more), "{more}");
    }
    assert_eq!(vec!["5 0 0 90"], replace("y", "1=ACC 59=0 111=30"));
    assert_eq!(vec!["5 0 0 90"], replace("z", ""));
}
