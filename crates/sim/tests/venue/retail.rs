//! The retail liquidity program: NYSE Rule 107C as it began on 1 August 2012.

use super::world::{ALPHA, BETA, World, retail_rules, settings, world};

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

/// Section 1.6: type 1 takes interest alone; type 2 goes on to the book; type 3 would route away.
#[test]
fn the_types_differ_in_what_follows() {
    for (kind, expected) in [
        ("1", vec!["0 0 0 80", "F 1 50 30", "4 4 50 0"]),
        ("2", vec!["0 0 0 80", "F 1 50 30", "F 2 80 0"]),
        ("3", vec!["8 8 0 0"]),
    ] {
        let mut world = program();
        world.order(BETA, "rpi", "AAA sell 50 10.015", "5701=P");
        world.order(ALPHA, "r", "AAA buy 80 10.02", &format!("59=3 5701={kind}"));
        assert_eq!(expected, world.reports(ALPHA), "type {kind}");
    }
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
