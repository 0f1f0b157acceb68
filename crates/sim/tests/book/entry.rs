//! Each kind of order and each time in force in continuous trading.

use ringfence_kernel::types::{Price, Qty, Side};
use ringfence_sim::book::{
    Book, BookEvent, BookLimits, BookOrderKind, FastBook, Replacement, Trade,
};

use super::desk::tape;
use super::words::{Call, call, id, px, say};

/// R105: better prices first, then whoever came first; the maker's price is the trade's.
#[test]
fn price_then_time() {
    let desk = tape(&[
        ("sell 1 100 @10.02", "rests 1 100@10.02"),
        ("sell 2 100 @10.01", "rests 2 100@10.01"),
        ("short 3 100 @10.01", "rests 3 100@10.01"),
        ("buy 4 250 @10.05", "4 takes 2 100@10.01; 4 takes 3 100@10.01; 4 takes 1 50@10.02"),
        ("buy 5 100 @10.02", "5 takes 1 50@10.02; rests 5 50@10.02"),
        ("buy 6 10 @10.01 gtd", "rests 6 10@10.01"),
    ]);
    assert_eq!("5 50@10.02, 6 10@10.01", desk.lines(Side::Buy));
    assert_eq!("", desk.lines(Side::Sell));
}

/// R105: a trade says what is left of both.
#[test]
fn a_trade_tells_leaves() {
    let mut book = FastBook::new(BookLimits::default());
    let mut events = Vec::new();
    for line in ["sell 1 100 @10", "buy 2 30 @10"] {
        let Call::Submit(order) = call(line) else { panic!("an order") };
        book.submit(order, &mut events);
    }
    let expected = Trade {
        taker: id("2"),
        maker: id("1"),
        px: px("10"),
        qty: Qty::new(30),
        taker_leaves: Qty::ZERO,
        maker_leaves: Qty::new(70),
    };
    assert_eq!(Some(&BookEvent::Trade(expected)), events.last());
}

/// R105: a market order takes at any price and its rest is canceled.
#[test]
fn a_market_order_never_rests() {
    tape(&[
        ("buy 1 10 market", "canceled 1 10 no_liquidity"),
        ("sell 2 10 @5", "rests 2 10@5"),
        ("buy 3 25 market", "3 takes 2 10@5; canceled 3 15 no_liquidity"),
        ("sell 4 1 market ioc", "canceled 4 1 immediate_or_cancel"),
    ]);
}

/// R105: immediate-or-cancel takes what is there within its limit.
#[test]
fn immediate_or_cancel() {
    tape(&[
        ("sell 1 10 @10", "rests 1 10@10"),
        ("sell 2 10 @11", "rests 2 10@11"),
        ("buy 3 30 @10 ioc", "3 takes 1 10@10; canceled 3 20 immediate_or_cancel"),
        ("buy 4 10 @11 ioc", "4 takes 2 10@11"),
    ]);
}

/// R105: fill-or-kill fills all at once or nothing, counting hidden and reserve quantity.
#[test]
fn fill_or_kill() {
    tape(&[
        ("sell 1 10 @10", "rests 1 10@10"),
        ("sell 2 10 @10 hidden", "rests 2 0 of 10@10"),
        ("sell 3 30 @11 show=5", "rests 3 5 of 30@11"),
        ("buy 4 51 @11 fok", "canceled 4 51 fill_or_kill"),
        ("buy 5 21 @10 fok", "canceled 5 21 fill_or_kill"),
        ("buy 6 20 @10 fok", "6 takes 1 10@10; 6 takes 2 10@10"),
        ("buy 7 31 market fok", "canceled 7 31 fill_or_kill"),
    ]);
}

/// R105: what a fill-or-kill order counts, it can take: a minimum beyond its reach does not count.
#[test]
fn fill_or_kill_beside_a_minimum() {
    tape(&[
        ("sell 1 40 @10", "rests 1 40@10"),
        ("sell 2 100 @10 hidden min=20", "rests 2 0 of 100@10"),
        ("sell 3 5 @10 hidden", "rests 3 0 of 5@10"),
        ("buy 4 55 @10 fok", "canceled 4 55 fill_or_kill"),
        ("buy 5 45 @10 fok", "5 takes 1 40@10; 5 takes 3 5@10"),
        ("buy 6 20 @10 fok", "6 takes 2 20@10"),
        ("buy 7 80 @10 fok min=80", "7 takes 2 80@10"),
    ]);
}

/// R105: a minimum is met at once over several orders, or nothing happens (FIX 110).
#[test]
fn minimum_of_an_incoming_order() {
    tape(&[
        ("sell 1 10 @10", "rests 1 10@10"),
        ("sell 2 10 @11", "rests 2 10@11"),
        ("buy 3 50 @11 ioc min=21", "canceled 3 50 min_qty"),
        ("buy 4 50 @10 ioc min=20", "canceled 4 50 min_qty"),
        (
            "buy 5 50 @11 ioc min=20",
            "5 takes 1 10@10; 5 takes 2 10@11; canceled 5 30 immediate_or_cancel",
        ),
        ("sell 6 10 @10", "rests 6 10@10"),
        ("buy 7 50 @10 hidden min=20", "rests 7 0 of 50@10"),
    ]);
}

/// R105: a resting minimum is passed by whoever brings less, and the last rest goes whole.
#[test]
fn minimum_of_a_resting_order() {
    tape(&[
        ("sell 1 50 @10 hidden min=20", "rests 1 0 of 50@10"),
        ("sell 2 10 @11", "rests 2 10@11"),
        ("buy 3 10 @11", "3 takes 2 10@11"),
        ("buy 4 15 @10", "rests 4 15@10"),
        ("cancel 4", "canceled 4 15 requested"),
        ("buy 5 35 @10", "5 takes 1 35@10"),
        ("buy 6 14 @10 ioc", "canceled 6 14 immediate_or_cancel"),
        ("buy 7 15 @10", "7 takes 1 15@10"),
    ]);
}

/// R105: a post-only order is rejected rather than take (FIX 18=6).
#[test]
fn post_only() {
    tape(&[
        ("sell 1 10 @10", "rests 1 10@10"),
        ("buy 2 5 @10 post", "rejected 2 would_take"),
        ("buy 2 5 @9.99 post", "rests 2 5@9.99"),
        ("replace 2 5 @10", "rejected 2 would_take"),
        ("replace 2 8 @9.98", "lost 2 8; rests 2 8@9.98"),
        ("sell 3 10 @9.98 post", "rejected 3 would_take"),
    ]);
}

/// R105: terms that contradict each other are refused, each with its reason.
#[test]
fn contradicting_terms() {
    for (line, why) in [
        ("buy 1 0 @10", "qty"),
        ("buy 1 10000000001 @10", "qty"),
        ("buy 1 10 @10 min=5", "min_qty"),
        ("buy 1 10 @10 ioc min=11", "min_qty"),
        ("buy 1 10 @10 ioc min=0", "min_qty"),
        ("buy 1 10 @10 hidden opening min=2", "min_qty"),
        ("buy 1 10 @10 show=0", "visibility"),
        ("buy 1 10 market show=5", "visibility"),
        ("buy 1 10 stop=10 hidden", "visibility"),
        ("buy 1 10 market post", "post_only"),
        ("buy 1 10 @10 ioc post", "post_only"),
        ("buy 1 10 @10 closing post", "post_only"),
        ("buy 1 10 stop=9 @10 post", "post_only"),
        ("buy 1 10 stop=9 opening", "time_in_force"),
    ] {
        tape(&[(line, &format!("rejected 1 {why}"))]);
    }
}

/// R105: a price beyond what every notional can hold is refused, on entry and on replace.
#[test]
fn prices_beyond_the_range() {
    let mut desk = tape(&[("buy 1 10 @10", "rests 1 10@10")]);
    let far = Price::from_nanos(i64::MAX);
    let Call::Submit(mut order) = call("buy 2 10 @10") else { panic!("an order") };
    order.kind = BookOrderKind::Limit(far);
    let replacement = Replacement { qty: Qty::new(5), px: Some(far) };
    for call in [Call::Submit(order), Call::Replace(id("1"), replacement)] {
        let answer = desk.call(call);
        let reasons: Vec<_> = answer.events.iter().filter_map(say).collect();
        assert!(
            matches!(reasons.as_slice(), [reason] if reason.ends_with(" price")),
            "{reasons:?}"
        );
    }
}

/// R105: an id is unique among open orders, and free again once its order is closed.
#[test]
fn an_open_id_is_taken() {
    tape(&[
        ("buy 1 10 @10", "rests 1 10@10"),
        ("sell 1 10 @11", "rejected 1 duplicate_id"),
        ("cancel 1", "canceled 1 10 requested"),
        ("cancel 1", "rejected 1 unknown_order"),
        ("replace 1 5", "rejected 1 unknown_order"),
        ("reduce 1 5", "rejected 1 unknown_order"),
        ("sell 1 10 @11", "rests 1 10@11"),
    ]);
}

/// R105: prices may be negative, where the instrument allows.
#[test]
fn negative_prices() {
    let desk = tape(&[
        ("sell 1 10 @-37.63", "rests 1 10@-37.63"),
        ("buy 2 10 @-40", "rests 2 10@-40"),
        ("buy 3 10 @-38", "rests 3 10@-38"),
        ("sell 4 15 @-40", "4 takes 3 10@-38; 4 takes 2 5@-40"),
        ("buy 5 4 @0", "5 takes 1 4@-37.63"),
    ]);
    assert_eq!("2 5@-40", desk.lines(Side::Buy));
}
