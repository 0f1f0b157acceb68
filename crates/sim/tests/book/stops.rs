//! Stop orders: what elects them, in which order they enter, and how far a cascade goes.

use ringfence_sim::book::TRIGGERS_MAX;

use super::desk::{Desk, tape};

/// R105: a buy stop is elected at or above its price, a sell stop at or below.
#[test]
fn what_elects_a_stop() {
    tape(&[
        ("buy 1 10 stop=11", "held 1 10"),
        ("sell 2 10 stop=9", "held 2 10"),
        ("sell 3 1 @10.99", "rests 3 1@10.99"),
        ("buy 4 1 @10.99", "4 takes 3 1@10.99"),
        ("sell 5 1 @11", "rests 5 1@11"),
        ("sell 6 10 @11.5", "rests 6 10@11.5"),
        ("buy 7 1 @11", "7 takes 5 1@11; triggered 1; 1 takes 6 10@11.5"),
        ("buy 8 1 @9", "rests 8 1@9"),
        ("sell 9 1 @9", "9 takes 8 1@9; triggered 2; canceled 2 10 no_liquidity"),
    ]);
}

/// R105: a stop whose price the last trade reached already enters at once.
#[test]
fn a_late_stop_enters_at_once() {
    tape(&[
        ("buy 1 1 @10", "rests 1 1@10"),
        ("sell 2 1 @10", "2 takes 1 1@10"),
        ("buy 3 5 stop=10 @10", "held 3 5; triggered 3; rests 3 5@10"),
        ("sell 4 5 stop=9.99", "held 4 5"),
        ("sell 5 5 stop=10.5 ioc", "held 5 5; triggered 5; 5 takes 3 5@10"),
    ]);
}

/// R105: stops elected together enter in the order of their time, whatever their prices.
#[test]
fn elected_stops_enter_in_time_order() {
    tape(&[
        ("buy 1 1 stop=12 @12", "held 1 1"),
        ("buy 2 1 stop=11 @11", "held 2 1"),
        ("buy 3 1 stop=13 @13", "held 3 1"),
        ("sell 4 1 @12", "rests 4 1@12"),
        ("sell 5 9 @20", "rests 5 9@20"),
        ("buy 6 1 @12", "6 takes 4 1@12; triggered 1; rests 1 1@12; triggered 2; rests 2 1@11"),
        ("cancel 3", "canceled 3 1 requested"),
    ]);
}

/// R105: a triggered stop trades, and what that elects enters behind those that are due.
#[test]
fn a_cascade_runs_in_turn() {
    tape(&[
        ("buy 1 1 @9", "rests 1 1@9"),
        ("buy 2 1 @8", "rests 2 1@8"),
        ("buy 3 1 @7", "rests 3 1@7"),
        ("sell 4 1 stop=9", "held 4 1"),
        ("sell 5 1 stop=8", "held 5 1"),
        ("sell 6 1 stop=9 @9.5", "held 6 1"),
        (
            "sell 7 1 market",
            "7 takes 1 1@9; triggered 4; 4 takes 2 1@8; triggered 6; rests 6 1@9.5; \
             triggered 5; 5 takes 3 1@7",
        ),
    ]);
}

/// R105: every price that an order traded at elects, not only the last.
#[test]
fn each_trade_elects() {
    tape(&[
        ("sell 1 1 @10", "rests 1 1@10"),
        ("sell 2 1 @12", "rests 2 1@12"),
        ("buy 3 1 @5", "rests 3 1@5"),
        ("sell 4 1 stop=10 @9", "held 4 1"),
        ("buy 5 2 @12", "5 takes 1 1@10; 5 takes 2 1@12; triggered 4; rests 4 1@9"),
    ]);
}

/// R105, rule 7 of STYLE.md: one call lets at most `TRIGGERS_MAX` stops enter; the rest stay due.
#[test]
fn a_cascade_is_bounded() {
    let mut desk = Desk::new();
    for number in 0..=TRIGGERS_MAX {
        assert_eq!(
            format!("held {number} 1"),
            desk.say_quietly(&format!("buy {number} 1 stop=10"))
        );
    }
    desk.say_quietly("sell 5000 1 @10");
    let said = desk.say_quietly("buy 5001 1 @10");
    assert_eq!(TRIGGERS_MAX, said.matches("triggered").count());
    let last = format!("triggered {TRIGGERS_MAX}; canceled {TRIGGERS_MAX} 1 no_liquidity; 0 due");
    assert_eq!(last, desk.say_quietly("due"));
}

/// R105: stops are elected in a halt or auction, and enter when continuous trading begins.
#[test]
fn elected_stops_wait_for_continuous_trading() {
    tape(&[
        ("buy 1 5 stop=10", "held 1 5"),
        ("mode reopening", ""),
        ("buy 2 5 @10", "rests 2 5@10"),
        ("sell 3 7 @10", "rests 3 7@10"),
        ("uncross 9", "2 takes 3 5@10; 5@10, 2 more to sell"),
        ("sell 4 5 stop=10.5", "held 4 5"),
        ("replace 4 6", "lost 4 6; held 4 6"),
        (
            "mode continuous",
            "triggered 1; 1 takes 3 2@10; canceled 1 3 no_liquidity; \
             triggered 4; canceled 4 6 no_liquidity",
        ),
    ]);
}
