//! The retail liquidity program: NYSE Rule 107C as it began on 1 August 2012.

use super::world::{ALPHA, BETA, COPY, World, retail_rules, settings, world};

fn program() -> World {
    let mut settings = settings();
    settings.rules.retail = Some(retail_rules());
    for port in &mut settings.rules.ports {
        port.is_retail = true;
    }
    let mut world = world(settings);
    world.order(BETA, "bid", "AAA buy 100 10.00", "");
    world.order(BETA, "ask", "AAA sell 100 10.02", "");
    world.forget();
    world
}

/// Section 1.6: interest is hidden, in sub-pennies, and meets no order but a retail one.
#[test]
fn interest_trades_with_retail_orders_alone() {
    let mut world = program();
    world.order(BETA, "rpi", "AAA sell 50 10.015", "5701=P");
    world.order(BETA, "rpi2", "AAA buy 50 10.016", "5701=P");
    world.order(ALPHA, "plain", "AAA buy 50 10.01", "59=3");
    assert_eq!(vec!["0 0 0 50", "0 0 0 50"], world.reports(BETA));
    assert_eq!(vec!["0 0 0 50", "4 4 0 0"], world.reports(ALPHA));
    world.order(ALPHA, "retail", "AAA buy 30 10.02", "59=3 5701=1");
    let told = world.told(ALPHA, &[150, 32, 31, 151]);
    assert_eq!(vec!["35=8 150=0 151=30", "35=8 150=F 32=30 31=10.015 151=0"], told);
    assert_eq!(vec!["F 1 30 20"], world.reports(BETA));
}

/// Section 1.6: interest improves on the best protected quote by USD 0.001 at least.
#[test]
fn interest_has_to_improve() {
    let mut world = program();
    for (id, terms, is_taken) in [
        ("a", "AAA sell 50 10.019", true),
        ("b", "AAA sell 50 10.02", false),
        ("c", "AAA buy 50 10.001", true),
        ("d", "AAA buy 50 10", false),
        ("e", "AAA buy 50 10.0015", false),
        ("f", "CCC buy 50 10", false),
    ] {
        world.order(BETA, id, terms, "5701=P");
        let expected = if is_taken { "0 0 0 50" } else { "8 8 0 0" };
        assert_eq!(vec![expected], world.reports(BETA), "{terms}");
    }
}

/// Section 1.6: interest that the quote has caught up with does not trade.
#[test]
fn interest_is_measured_against_the_quote_of_the_moment() {
    let mut world = program();
    world.order(BETA, "rpi", "AAA sell 50 10.015", "5701=P");
    world.order(BETA, "near", "AAA sell 10 10.01", "");
    world.order(ALPHA, "retail", "AAA buy 30 10.02", "59=3 5701=1");
    assert_eq!(vec!["0 0 0 30", "4 4 0 0"], world.reports(ALPHA));
}

/// Section 1.6: type 1 takes interest alone; types 2 and 3 go on to the book; what type 3 would
/// route away then finds no other venue here.
#[test]
fn the_types_differ_in_what_follows() {
    for (kind, expected) in [
        ("1", vec!["0 0 0 80", "F 1 50 30", "4 4 50 0"]),
        ("2", vec!["0 0 0 80", "F 1 50 30", "F 2 80 0"]),
        ("3", vec!["0 0 0 80", "F 1 50 30", "F 2 80 0"]),
    ] {
        let mut world = program();
        world.order(BETA, "rpi", "AAA sell 50 10.015", "5701=P");
        world.order(ALPHA, "r", "AAA buy 80 10.02", &format!("59=3 5701={kind}"));
        assert_eq!(expected, world.reports(ALPHA), "type {kind}");
    }
}

/// Section 1.6: a retail order says in its reports what it is, and type 3 where its rest went.
#[test]
fn reports_say_the_part_in_the_program() {
    let tags = [150, 5701, 32, 31, 58];
    let mut world = program();
    world.order(BETA, "rpi", "AAA sell 50 10.015", "5701=P");
    assert_eq!(vec!["35=8 150=0 5701=P"], world.told(BETA, &tags));
    world.order(ALPHA, "r", "AAA buy 200 10.02", "59=3 5701=3");
    assert_eq!(
        vec![
            "35=8 150=0 5701=3",
            "35=8 150=F 5701=3 32=50 31=10.015",
            "35=8 150=F 5701=3 32=100 31=10.02",
            "35=8 150=4 5701=3 58=no protected quote elsewhere to route to",
        ],
        world.told(ALPHA, &tags)
    );
    assert_eq!(vec!["35=8 150=F 5701=P 32=50 31=10.015"], world.told(BETA, &tags)[..1]);
    // The port of the copies is in the program here; a port that is not has no such field.
    assert!(world.told(COPY, &tags).iter().all(|told| told.contains(" 5701=3")));
}

/// Section 1.6: the indicator says that interest is there that improves, not its price or size; who
/// asks for it with the field is told, nobody else.
#[test]
fn the_indicator_says_that_interest_is_there() {
    let mut world = program();
    world.send(ALPHA, "e", "324=all 55=AAA 263=1 5702=N");
    world.send(BETA, "e", "324=plain 55=AAA 263=1");
    assert_eq!(vec!["35=f 324=all 5702=N"], world.told(ALPHA, &[324, 5702]));
    world.order(BETA, "offer", "AAA sell 50 10.015", "5701=P");
    world.order(BETA, "offer2", "AAA sell 50 10.015", "5701=P");
    world.order(BETA, "interest", "AAA buy 50 10.005", "5701=P");
    world.cancel(BETA, "c", "offer", 2);
    world.cancel(BETA, "c2", "offer2", 2);
    // The quote catches up with the bid of the program: nothing improves any more.
    world.order(BETA, "near", "AAA buy 10 10.01", "");
    let told = world.told(ALPHA, &[325, 326, 5702]);
    let expected = ["B", "C", "A", "N"].map(|is| format!("35=f 325=Y 326=17 5702={is}"));
    assert_eq!(expected.to_vec(), told);
    assert_eq!(vec!["35=f 324=plain"], world.told(BETA, &[324, 5702])[..1]);
    assert!(world.told(BETA, &[5702]).iter().all(|told| told != "35=f"), "no news for others");
}

/// Section 1.6: who is not in the program may send neither part of it, and has none of its fields.
#[test]
fn who_is_not_in_the_program_is_refused() {
    let mut settings = settings();
    settings.rules.retail = Some(retail_rules());
    let mut world = world(settings);
    world.order(ALPHA, "r", "AAA buy 30 10.02", "59=3 5701=1");
    let told = world.told(ALPHA, &[150, 103, 5701, 58]);
    assert_eq!(vec!["35=8 150=8 103=99 58=the port is not entitled"], told);
}

/// Section 1.6: a sale meets interest to buy, the best first.
#[test]
fn a_retail_sale_takes_the_best_interest_first() {
    let mut world = program();
    world.order(BETA, "low", "AAA buy 10 10.001", "5701=P");
    world.order(BETA, "high", "AAA buy 10 10.004", "5701=P");
    world.order(ALPHA, "r", "AAA sell 30 market", "59=3 5701=2");
    let told = world.told(ALPHA, &[150, 32, 31]);
    assert_eq!(
        vec![
            "35=8 150=0",
            "35=8 150=F 32=10 31=10.004",
            "35=8 150=F 32=10 31=10.001",
            "35=8 150=F 32=10 31=10",
        ],
        told
    );
}

/// Interest can be canceled and replaced like every order.
#[test]
fn interest_can_be_changed() {
    let mut world = program();
    world.order(BETA, "rpi", "AAA sell 50 10.015", "5701=P");
    world.send(BETA, "G", "11=b 41=rpi 55=AAA 54=2 40=2 44=10.012 38=40");
    world.send(BETA, "G", "11=c 41=b 55=AAA 54=2 40=2 44=10.03 38=40");
    world.cancel(BETA, "d", "b", 2);
    assert_eq!(vec!["0 0 0 50", "5 0 0 40", "9 0 99", "4 4 0 0"], world.reports(BETA));
}
