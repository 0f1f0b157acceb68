//! Price bands: no trade is outside, whatever brought the order.

use ringfence_kernel::types::Side;

use super::desk::{run, tape};

/// R105: an order is drawn back to the edge, takes to there, and rests there.
#[test]
fn an_order_is_drawn_back() {
    tape(&[
        ("sell 1 10 @10", "rests 1 10@10"),
        ("sell 2 10 @12", "rests 2 10@12"),
        ("band 9..11", ""),
        ("buy 3 30 @15", "3 takes 1 10@10; rests 3 20@11"),
        ("sell 4 10 @8", "4 takes 3 10@11"),
        ("cancel 3", "canceled 3 10 requested"),
        ("buy 5 10 market", "canceled 5 10 no_liquidity"),
        ("buy 6 10 @15 ioc", "canceled 6 10 immediate_or_cancel"),
        ("buy 7 10 @15 fok", "canceled 7 10 fill_or_kill"),
        ("sell 8 10 @8", "rests 8 10@9"),
        ("band off", ""),
        ("buy 9 20 @15", "9 takes 8 10@9; 9 takes 2 10@12"),
    ]);
}

/// R105: a new band moves what lies beyond it to its edge, best first, behind those there.
#[test]
fn a_band_moves_resting_orders() {
    let mut desk = tape(&[
        ("buy 1 10 @10", "rests 1 10@10"),
        ("buy 2 10 @12", "rests 2 10@12"),
        ("buy 3 10 @11", "rests 3 10@11"),
        ("buy 4 10 @11 show=4", "rests 4 4 of 10@11"),
        ("sell 5 10 @13", "rests 5 10@13"),
        ("band 9..10", "repriced 2 @10; repriced 3 @10; repriced 4 @10"),
    ]);
    assert_eq!("1 10@10, 2 10@10, 3 10@10, 4 10@10", desk.lines(Side::Buy));
    run(
        &mut desk,
        &[
            ("replace 2 5 @12", "kept 2 5"),
            ("sell 6 20 @1", "6 takes 1 10@10; 6 takes 2 5@10; 6 takes 3 5@10"),
            ("band 14..15", "repriced 5 @14"),
            ("sell 7 5 market", "canceled 7 5 no_liquidity"),
        ],
    );
}

/// R105: a triggered stop stays within the band as well.
#[test]
fn a_stop_stays_within() {
    tape(&[
        ("buy 1 10 @10", "rests 1 10@10"),
        ("buy 2 10 @8", "rests 2 10@8"),
        ("sell 3 5 stop=10", "held 3 5"),
        ("sell 4 5 stop=10 @7", "held 4 5"),
        ("band 9..11", ""),
        (
            "sell 5 10 @10",
            "5 takes 1 10@10; triggered 3; canceled 3 5 no_liquidity; triggered 4; rests 4 5@9",
        ),
    ]);
}

/// R105: an auction finds its price within the band, also where all orders lie beyond it.
#[test]
fn an_auction_stays_within() {
    let mut desk = tape(&[
        ("mode reopening", ""),
        ("band 9..11", ""),
        ("buy 1 10 @20", "rests 1 10@11"),
        ("buy 2 10 market", "held 2 10"),
        ("sell 3 15 @15", "rests 3 15@15"),
        ("uncross 30", "canceled 2 10 auction_ended; nothing"),
        ("buy 4 10 @30 closing", "held 4 10"),
        ("mode closing", ""),
        ("sell 5 15 @2", "rests 5 15@9"),
        (
            "uncross 30",
            "1 takes 5 10@11; 4 takes 5 5@11; canceled 4 5 auction_ended; \
          15@11, 5 more to buy",
        ),
        ("mode continuous", ""),
    ]);
    run(&mut desk, &[("buy 6 5 market", "canceled 6 5 no_liquidity")]);
}
