//! Random scripts: both books say the same, and the auditor finds nothing.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use ringfence_kernel::types::{Price, Qty, Side, TimeInForce};
use ringfence_sim::book::{
    AuctionKind, Band, BookMode, BookOrder, BookOrderId, BookOrderKind, OwnerId, Replacement,
    Visibility,
};

use super::desk::Desk;
use super::words::{Call, say};

/// Steps of one script.
const STEPS: usize = 120;
/// Ids in use, few enough that cancels and replaces find something.
const IDS: u64 = 40;

fn price() -> impl Strategy<Value = Price> {
    (90_i64..111).prop_map(|cents| Price::from_nanos(cents * 10_000_000))
}

fn amount() -> impl Strategy<Value = Qty> {
    prop_oneof![1_u64..10, 1_u64..200].prop_map(Qty::new)
}

fn kind() -> impl Strategy<Value = BookOrderKind> {
    prop_oneof![
        8 => price().prop_map(BookOrderKind::Limit),
        1 => Just(BookOrderKind::Market),
        1 => price().prop_map(BookOrderKind::Stop),
        1 => (price(), price()).prop_map(|(stop_px, px)| BookOrderKind::StopLimit { stop_px, px }),
    ]
}

fn time_in_force() -> impl Strategy<Value = TimeInForce> {
    prop_oneof![
        12 => Just(TimeInForce::Day),
        1 => Just(TimeInForce::GoodTillDate),
        1 => Just(TimeInForce::ImmediateOrCancel),
        1 => Just(TimeInForce::FillOrKill),
        1 => Just(TimeInForce::AtOpening),
        1 => Just(TimeInForce::AtClose),
    ]
}

fn visibility() -> impl Strategy<Value = Visibility> {
    prop_oneof![
        6 => Just(Visibility::Displayed),
        2 => (1_u64..30).prop_map(|units| Visibility::Reserve(Qty::new(units))),
        2 => Just(Visibility::Hidden),
    ]
}

fn order() -> impl Strategy<Value = BookOrder> {
    let least = prop_oneof![2 => Just(None), 1 => (1_u64..40).prop_map(|n| Some(Qty::new(n)))];
    let terms = (kind(), time_in_force(), visibility(), least, prop::bool::weighted(0.1));
    let side = prop::sample::select(vec![Side::Buy, Side::Buy, Side::Sell, Side::SellShort]);
    (0..IDS, side, amount(), terms).prop_map(|(id, side, qty, terms)| {
        let (kind, time_in_force, visibility, min_qty, post_only) = terms;
        let mut order = BookOrder {
            id: BookOrderId::new(id),
            owner: OwnerId::new(u32::try_from(id % 3).unwrap()),
            side,
            kind,
            time_in_force,
            qty,
            min_qty,
            visibility,
            post_only,
        };
        // Contradictions are tables of their own: most orders here are to be taken in.
        if order.kind.px().is_none() {
            order.visibility = Visibility::Displayed;
        }
        if !order.is_immediate() && order.visibility != Visibility::Hidden {
            order.min_qty = None;
        }
        order
    })
}

fn mode() -> impl Strategy<Value = BookMode> {
    prop_oneof![
        3 => Just(BookMode::Continuous),
        1 => Just(BookMode::Halted),
        1 => Just(BookMode::Auction(AuctionKind::Opening)),
        1 => Just(BookMode::Auction(AuctionKind::Closing)),
        1 => Just(BookMode::Auction(AuctionKind::Reopening)),
    ]
}

fn band() -> impl Strategy<Value = Option<Band>> {
    (price(), price(), prop::bool::weighted(0.7))
        .prop_map(|(a, b, is_set)| Band::new(a.min(b), a.max(b)).filter(|_| is_set))
}

fn step() -> impl Strategy<Value = Call> {
    let id = || (0..IDS).prop_map(BookOrderId::new);
    let replacement =
        (amount(), prop::option::of(price())).prop_map(|(qty, px)| Replacement { qty, px });
    prop_oneof![
        40 => order().prop_map(Call::Submit),
        5 => id().prop_map(Call::Cancel),
        5 => (id(), replacement).prop_map(|(id, terms)| Call::Replace(id, terms)),
        2 => (id(), amount()).prop_map(|(id, by)| Call::Reduce(id, by)),
        2 => mode().prop_map(Call::Mode),
        1 => band().prop_map(Call::Band),
        2 => price().prop_map(Call::Uncross),
        1 => Just(Call::RunDue),
    ]
}

/// Words of answers that random scripts have to reach.
const REACHED: [&str; 24] = [
    "auction_ended",
    "canceled",
    "fill_or_kill",
    "held",
    "immediate_or_cancel",
    "kept",
    "lost",
    "min_qty",
    "more",
    "must",
    "no_limit_price",
    "no_liquidity",
    "not_continuous",
    "nothing",
    "nothing_left",
    "reduced",
    "refreshed",
    "repriced",
    "requested",
    "rests",
    "takes",
    "triggered",
    "unknown_order",
    "would_take",
];

/// Rule 33 of STYLE.md: random scripts reach each kind of answer; agreement means something.
#[test]
fn scripts_reach_every_kind_of_answer() {
    let mut runner = TestRunner::deterministic();
    let scripts = prop::collection::vec(step(), STEPS);
    let mut words: BTreeSet<String> = BTreeSet::new();
    for _ in 0..50 {
        let mut desk = Desk::new();
        for call in scripts.new_tree(&mut runner).unwrap().current() {
            let answer = desk.call(call);
            let lines: Vec<String> =
                answer.events.iter().filter_map(say).chain(answer.result).collect();
            words.extend(lines.iter().flat_map(|line| line.split(' ')).map(str::to_owned));
        }
    }
    let missing: Vec<_> = REACHED.iter().filter(|word| !words.contains(**word)).collect();
    assert_eq!(Vec::<&&str>::new(), missing);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(400)
    })]

    /// R105, rule 32 of STYLE.md: the same requests give the same events and books, quantity is
    /// conserved, continuous trading is never crossed, priority and band hold at every step.
    #[test]
    fn both_books_agree(script in prop::collection::vec(step(), 1..STEPS)) {
        let mut desk = Desk::new();
        for call in script {
            desk.call(call);
        }
    }

    /// R105: limit orders alone, many at few prices: long lines and deep sweeps.
    #[test]
    fn both_books_agree_on_limit_orders(
        orders in prop::collection::vec((price(), amount(), any::<bool>(), visibility()), 1..200),
    ) {
        let mut desk = Desk::new();
        for (number, (px, qty, buys, visibility)) in (0_u64..).zip(orders) {
            desk.call(Call::Submit(BookOrder {
                id: BookOrderId::new(number),
                owner: OwnerId::new(1),
                side: if buys { Side::Buy } else { Side::Sell },
                kind: BookOrderKind::Limit(px),
                time_in_force: TimeInForce::Day,
                qty,
                min_qty: None,
                visibility,
                post_only: false,
            }));
        }
    }
}
