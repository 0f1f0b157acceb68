//! Auctions and halts: how the price is found, who trades first, what is left.

use ringfence_kernel::types::Side;

use super::desk::{Desk, run, tape};

/// Returns a desk in the opening auction with these orders.
fn collected(orders: &[&str]) -> Desk {
    let mut desk = tape(&[("mode opening", "")]);
    for line in orders {
        desk.say(line);
    }
    desk
}

/// R105: the price at which most trades, whatever the reference.
#[test]
fn most_volume_decides() {
    let mut desk = collected(&[
        "buy 1 100 @10.02",
        "buy 2 100 @10.00",
        "sell 3 150 @9.99",
        "sell 4 100 @10.03",
    ]);
    run(
        &mut desk,
        &[
            ("uncross 11", "1 takes 3 100@10; 2 takes 3 50@10; 150@10, 50 more to buy"),
            ("mode continuous", ""),
        ],
    );
    assert_eq!("2 50@10", desk.lines(Side::Buy));
}

/// R105: of equal volumes the price at which least is left over.
#[test]
fn least_surplus_decides() {
    let mut desk = collected(&["buy 1 100 @11", "buy 2 50 @10", "sell 3 100 @9"]);
    assert!(desk.say("uncross 9").ends_with("100@11, balanced"));
}

/// R105: what is left over on one side at every price presses to its end.
#[test]
fn pressure_decides() {
    let mut desk = collected(&["buy 1 200 @11", "sell 2 100 @9", "sell 3 1 @12"]);
    assert!(desk.say("uncross 9").ends_with("100@11, 100 more to buy"));
    let mut desk = collected(&["sell 1 200 @9", "buy 2 100 @11", "buy 3 1 @8"]);
    assert!(desk.say("uncross 11").ends_with("100@9, 100 more to sell"));
}

/// R105: without pressure the price nearest the reference.
#[test]
fn the_reference_decides() {
    for (reference, px) in [("8", "9"), ("9.5", "9.5"), ("11", "11"), ("12", "11")] {
        let mut desk = collected(&["buy 1 100 @11", "sell 2 100 @9"]);
        let said = desk.say(&format!("uncross {reference}"));
        assert!(said.ends_with(&format!("100@{px}, balanced")), "{reference}: {said}");
    }
    // At 9 and at 11 equally much is left over, to buy and to sell; at 10 nothing is.
    let orders = ["buy 1 20 market", "sell 2 20 market", "buy 3 10 @9", "sell 4 10 @11"];
    let mut desk = collected(&orders);
    assert!(desk.say("uncross 10").ends_with("20@10, balanced"));
    let mut desk = collected(&orders);
    assert!(desk.say("uncross 9").ends_with("20@9, 10 more to buy"));
}

/// R105: market orders first, then price, then displayed, then time.
#[test]
fn who_trades_first() {
    let mut desk = collected(&[
        "buy 1 10 @10 hidden",
        "buy 2 10 @10",
        "buy 3 10 @11",
        "buy 4 10 market",
        "buy 5 10 @10 opening",
        "sell 6 35 @10",
    ]);
    run(
        &mut desk,
        &[
            (
                "uncross 10",
                "4 takes 6 10@10; 3 takes 6 10@10; 2 takes 6 10@10; 5 takes 6 5@10; \
             canceled 5 5 auction_ended; 35@10, 15 more to buy",
            ),
            ("mode continuous", ""),
        ],
    );
    assert_eq!("1 10@10", desk.lines(Side::Buy));
}

/// R105: market orders alone trade at the reference; what is left of them is canceled.
#[test]
fn market_orders_alone() {
    let mut desk = collected(&["buy 1 30 market", "sell 2 20 market"]);
    run(
        &mut desk,
        &[
            ("mode continuous", "must uncross"),
            (
                "uncross 7.5",
                "1 takes 2 20@7.5; canceled 1 10 auction_ended; 20@7.5, 10 more to buy",
            ),
            ("uncross 7.5", "nothing"),
            ("mode continuous", ""),
            ("uncross 7.5", "no auction"),
        ],
    );
}

/// R105: nothing crosses: nothing trades, and the orders of the auction are canceled.
#[test]
fn an_auction_without_a_price() {
    let mut desk = collected(&["buy 1 10 @9", "sell 2 10 @10", "buy 3 5 @9.5 opening"]);
    run(
        &mut desk,
        &[("uncross 9", "canceled 3 5 auction_ended; nothing"), ("mode continuous", "")],
    );
}

/// R105: orders for the opening or the close trade there and nowhere else.
#[test]
fn orders_for_one_auction() {
    tape(&[
        ("sell 1 10 @10 closing", "held 1 10"),
        ("buy 2 10 @10", "rests 2 10@10"),
        ("mode reopening", ""),
        ("uncross 10", "nothing"),
        ("mode closing", ""),
        ("buy 3 5 market closing", "held 3 5"),
        ("uncross 10", "3 takes 1 5@10; 2 takes 1 5@10; 10@10, 5 more to buy"),
    ]);
}

/// R105: a display used up in an auction is filled again and goes to the end of its line.
#[test]
fn reserve_in_an_auction() {
    let mut desk = collected(&["buy 1 30 @10 show=10", "buy 2 10 @10", "sell 3 15 @10"]);
    run(
        &mut desk,
        &[
            ("uncross 10", "1 takes 3 15@10; refreshed 1 10; 15@10, 25 more to buy"),
            ("mode continuous", ""),
        ],
    );
    assert_eq!("2 10@10, 1 15@10", desk.lines(Side::Buy));
}

/// R105: an order with a minimum takes no part, and stands again in continuous trading.
#[test]
fn minimum_stays_out_of_auctions() {
    let mut desk = collected(&["buy 1 50 @11 hidden min=20", "sell 2 30 @10"]);
    run(
        &mut desk,
        &[("uncross 10", "nothing"), ("mode continuous", ""), ("sell 3 20 @10", "3 takes 1 20@11")],
    );
}

/// R105: in a halt orders are taken in and nothing trades; immediate ones are refused.
#[test]
fn a_halt_collects() {
    let desk = tape(&[
        ("sell 1 10 @10", "rests 1 10@10"),
        ("mode halted", ""),
        ("buy 2 10 @10", "rests 2 10@10"),
        ("buy 3 10 market", "held 3 10"),
        ("buy 4 10 @10 ioc", "rejected 4 not_continuous"),
        ("buy 5 10 @10 fok", "rejected 5 not_continuous"),
        ("replace 2 10 @11", "lost 2 10; rests 2 10@11"),
        ("cancel 3", "canceled 3 10 requested"),
        ("buy 6 5 @10.5 post", "rests 6 5@10.5"),
        ("mode continuous", "must uncross"),
        ("uncross 10", "no auction"),
        ("mode reopening", ""),
        ("uncross 10", "2 takes 1 10@11; 10@11, balanced"),
        ("mode continuous", ""),
    ]);
    assert_eq!("6 5@10.5", desk.lines(Side::Buy));
}
