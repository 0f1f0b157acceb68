//! Replace and reduce: who keeps the place in the line, who loses it.

use ringfence_kernel::types::Side;

use super::desk::{run, tape};

/// R105: less at the same price keeps the place; more, or another price, loses it.
#[test]
fn priority_of_a_replaced_order() {
    let mut desk = tape(&[
        ("buy 1 100 @10", "rests 1 100@10"),
        ("buy 2 100 @10", "rests 2 100@10"),
        ("buy 3 100 @10", "rests 3 100@10"),
        ("replace 1 60 @10", "kept 1 60"),
        ("replace 2 101", "lost 2 101; rests 2 101@10"),
        ("replace 3 100", "kept 3 100"),
    ]);
    assert_eq!("1 60@10, 3 100@10, 2 101@10", desk.lines(Side::Buy));
    run(
        &mut desk,
        &[
            ("replace 1 60 @9", "lost 1 60; rests 1 60@9"),
            ("replace 1 60 @10", "lost 1 60; rests 1 60@10"),
            ("reduce 3 40", "reduced 3 60"),
        ],
    );
    assert_eq!("3 60@10, 2 101@10, 1 60@10", desk.lines(Side::Buy));
}

/// R105: the quantity of a replace is the total; what was executed already closes the order.
#[test]
fn a_replace_counts_what_was_executed() {
    tape(&[
        ("buy 1 100 @10", "rests 1 100@10"),
        ("sell 2 40 @10", "2 takes 1 40@10"),
        ("replace 1 90", "kept 1 50"),
        ("replace 1 41", "kept 1 1"),
        ("replace 1 40", "canceled 1 1 nothing_left"),
    ]);
}

/// R105: an order replaced to a price that meets others takes.
#[test]
fn a_replace_may_take() {
    tape(&[
        ("sell 1 30 @11", "rests 1 30@11"),
        ("buy 2 50 @10", "rests 2 50@10"),
        ("replace 2 50 @11", "lost 2 50; 2 takes 1 30@11; rests 2 20@11"),
        ("replace 2 10000000001", "rejected 2 qty"),
    ]);
}

/// R105: what a replace or reduce takes away comes out of the reserve first.
#[test]
fn reserve_goes_first() {
    tape(&[
        ("sell 1 100 @10 show=20", "rests 1 20 of 100@10"),
        ("buy 2 5 @10", "2 takes 1 5@10"),
        ("reduce 1 70", "reduced 1 25"),
        ("replace 1 15", "kept 1 10"),
        ("buy 3 10 @10", "3 takes 1 10@10"),
        ("sell 4 10 @10", "rests 4 10@10"),
        ("reduce 4 10", "canceled 4 10 nothing_left"),
    ]);
}

/// R105: stops and orders for an auction are replaced where they wait.
#[test]
fn orders_outside_the_book() {
    let desk = tape(&[
        ("buy 1 10 stop=12 @13", "held 1 10"),
        ("buy 2 10 stop=12", "held 2 10"),
        ("replace 2 10 @13", "rejected 2 no_limit_price"),
        ("replace 1 12 @12.5", "lost 1 12; held 1 12"),
        ("replace 2 5", "kept 2 5"),
        ("sell 3 9 @11 closing", "held 3 9"),
        ("replace 3 9 @12", "lost 3 9; held 3 9"),
        ("replace 3 0", "canceled 3 9 nothing_left"),
        ("sell 4 20 @12", "rests 4 20@12"),
        (
            "buy 5 1 @12",
            "5 takes 4 1@12; triggered 2; 2 takes 4 5@12; triggered 1; 1 takes 4 12@12",
        ),
    ]);
    assert_eq!("4 2@12", desk.lines(Side::Sell));
}
