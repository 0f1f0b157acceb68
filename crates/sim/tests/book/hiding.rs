//! Reserve and hidden orders, and what the others see of the book.

use ringfence_kernel::types::{Qty, Side};

use super::desk::tape;
use super::words::px;

/// R105: a used-up display is filled again from the reserve, behind all displayed at its price.
#[test]
fn a_refreshed_display_goes_to_the_end() {
    let desk = tape(&[
        ("sell 1 25 @10 show=10", "rests 1 10 of 25@10"),
        ("sell 2 10 @10", "rests 2 10@10"),
        ("buy 3 4 @10", "3 takes 1 4@10"),
        ("buy 4 6 @10", "4 takes 1 6@10; refreshed 1 10"),
        ("buy 5 22 @10", "5 takes 2 10@10; 5 takes 1 10@10; refreshed 1 5; 5 takes 1 2@10"),
    ]);
    assert_eq!(Some(Qty::new(3)), desk.book().best(Side::Sell).map(|level| level.qty));
}

/// R105: one order may take several displays in turn.
#[test]
fn an_order_goes_round_the_reserves() {
    tape(&[
        ("sell 1 20 @10 show=10", "rests 1 10 of 20@10"),
        ("sell 2 20 @10 show=10", "rests 2 10 of 20@10"),
        (
            "buy 3 40 @10",
            "3 takes 1 10@10; refreshed 1 10; 3 takes 2 10@10; refreshed 2 10; \
             3 takes 1 10@10; 3 takes 2 10@10",
        ),
    ]);
}

/// R105: at one price every displayed order, reserve included, goes before a hidden one.
#[test]
fn displayed_before_hidden() {
    tape(&[
        ("sell 1 10 @10 hidden", "rests 1 0 of 10@10"),
        ("sell 2 10 @10 show=5", "rests 2 5 of 10@10"),
        ("sell 3 5 @9.99 hidden", "rests 3 0 of 5@9.99"),
        (
            "buy 4 20 @10",
            "4 takes 3 5@9.99; 4 takes 2 5@10; refreshed 2 5; 4 takes 2 5@10; 4 takes 1 5@10",
        ),
    ]);
}

/// R105: best price and depth show displayed quantity only; what can be taken is more.
#[test]
fn what_is_seen() {
    let desk = tape(&[
        ("sell 1 10 @9.98 hidden", "rests 1 0 of 10@9.98"),
        ("sell 2 30 @9.99 show=5", "rests 2 5 of 30@9.99"),
        ("sell 3 7 @9.99", "rests 3 7@9.99"),
        ("sell 4 8 @10", "rests 4 8@10"),
        ("sell 5 50 @9.99 hidden min=50", "rests 5 0 of 50@9.99"),
    ]);
    let book = desk.book();
    let depth = |levels| {
        let levels = book.depth(Side::Sell, levels);
        levels.iter().map(|level| (level.px, level.qty.units())).collect::<Vec<_>>()
    };
    assert_eq!(vec![(px("9.99"), 12), (px("10"), 8)], depth(5));
    assert_eq!(vec![(px("9.99"), 12)], depth(1));
    assert_eq!(Some(px("9.99")), book.best(Side::Sell).map(|level| level.px));
    assert_eq!(Qty::new(10), book.takeable(Side::Buy, Some(px("9.98"))));
    assert_eq!(Qty::new(47), book.takeable(Side::Buy, Some(px("9.99"))));
    assert_eq!(Qty::new(55), book.takeable(Side::Buy, None));
    assert_eq!(Qty::ZERO, book.takeable(Side::Sell, None));
    assert_eq!(None, book.best(Side::Buy));
}
