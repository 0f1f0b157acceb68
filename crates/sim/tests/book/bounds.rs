//! Named maxima of a book, reached.

use ringfence_sim::book::{BookLimits, LEVELS_MAX, ORDERS_MAX};

use super::desk::{Desk, run};

/// Rule 7 of STYLE.md: an order beyond the most open ones is refused, and room is made by a close.
#[test]
fn a_full_book_refuses() {
    let mut desk = Desk::with(BookLimits::new(2, 10));
    run(
        &mut desk,
        &[
            ("buy 1 10 @10", "rests 1 10@10"),
            ("buy 2 10 stop=20", "held 2 10"),
            ("sell 3 10 @10 ioc", "rejected 3 book_full"),
            ("cancel 2", "canceled 2 10 requested"),
            ("sell 3 10 @10 ioc", "3 takes 1 10@10"),
        ],
    );
}

/// Rule 7 of STYLE.md: a price beyond the most levels of a side does not come to be.
#[test]
fn a_side_has_only_so_many_levels() {
    let mut desk = Desk::with(BookLimits::new(100, 2));
    run(
        &mut desk,
        &[
            ("buy 1 10 @10", "rests 1 10@10"),
            ("buy 2 10 @9", "rests 2 10@9"),
            ("buy 3 10 @9", "rests 3 10@9"),
            ("buy 4 10 @8", "canceled 4 10 too_many_levels"),
            ("sell 5 10 @11", "rests 5 10@11"),
            ("buy 6 15 @11", "6 takes 5 10@11; canceled 6 5 too_many_levels"),
            ("band 1..9.5", "repriced 1 @9.5"),
            ("replace 2 11 @9.5", "lost 2 11; rests 2 11@9.5"),
            ("buy 7 1 @8", "canceled 7 1 too_many_levels"),
            ("band 1..9.4", "canceled 1 10 too_many_levels; repriced 2 @9.4"),
        ],
    );
}

/// Rule 7 of STYLE.md: limits above the named maxima are lowered to them.
#[test]
fn limits_end_at_the_maxima() {
    let limits = BookLimits::new(usize::MAX, usize::MAX);
    assert_eq!((ORDERS_MAX, LEVELS_MAX), (limits.orders_max(), limits.levels_max()));
    assert_eq!(BookLimits::default(), limits);
}
