//! Quotes that trades imply.

use proptest::prelude::*;
use ringfence_sim::tape::best::Best;
use ringfence_sim::tape::quoted::quoted;
use ringfence_sim::tape::{BookSide, What, Whole, ticks};

use crate::common::{all, event, level, ms, name, quote, trade};

const HEADER: &str = "ms_since_midnight_et,price,size,exchange,sale_condition,suspicious\n";

/// A trade above the last was made at the ask, below at the bid, at the same price where the last
/// one was; a quote that would lock or cross the new one goes first.
#[test]
fn trades_imply_quotes() {
    use BookSide::{Ask, Bid};
    let rows = "1,10.0000,120,N,1,0\n2,10.0100,100,P,1,0\n3,10.0000,50,N,1,0\n4,10.0000,50,N,1,0\n";
    let tape = quoted(ticks::trades(name("BAC"), Whole::new(format!("{HEADER}{rows}"))));
    let flags = Default::default();
    let expected = vec![
        event(ms(1), "XNYS", quote(Ask, Some(level("10.00", 200)))),
        event(ms(1), "XNYS", quote(Bid, Some(level("9.99", 200)))),
        event(ms(1), "XNYS", trade("10.00", 120, flags)),
        event(ms(2), "XNYS", quote(Ask, None)),
        event(ms(2), "ARCX", quote(Ask, Some(level("10.01", 100)))),
        event(ms(2), "ARCX", quote(Bid, Some(level("10.00", 100)))),
        event(ms(2), "ARCX", trade("10.01", 100, flags)),
        event(ms(3), "XNYS", quote(Bid, Some(level("10.00", 100)))),
        event(ms(3), "XNYS", quote(Ask, Some(level("10.01", 100)))),
        event(ms(3), "XNYS", trade("10.00", 50, flags)),
        event(ms(4), "XNYS", trade("10.00", 50, flags)),
    ];
    assert_eq!(expected, all(tape));
}

/// Dealers, crosses, late and special trades and parts of a cent show nothing.
#[test]
fn what_is_not_displayed_implies_nothing() {
    for row in [
        "1,10.0000,1,D,1,0",
        "1,10.0000,1,P,40,0",
        "1,10.0000,1,P,800,0",
        "1,10.0000,1,P,100000,0",
        "1,10.0050,1,P,1,0",
        "1,0.0100,1,P,1,0",
    ] {
        let text = format!("{HEADER}{row}\n");
        let recorded = all(ticks::trades(name("BAC"), Whole::new(&text)));
        assert_eq!(recorded, all(quoted(ticks::trades(name("BAC"), Whole::new(&text)))));
    }
}

proptest! {
    /// Whatever is traded where, the market is never locked or crossed when a trade comes, each
    /// displayed trade is at its venue's quote, and no trade is lost.
    #[test]
    fn the_market_never_crosses(
        moves in prop::collection::vec((-3_i64..4, 0_usize..4), 1..60)
    ) {
        let (mut cents, mut rows) = (1_000, String::new());
        for (index, (step, venue)) in moves.iter().enumerate() {
            cents += step;
            let letter = ["N", "P", "Q", "Z"][*venue];
            rows += &format!("{index},{}.{:02}00,100,{letter},1,0\n", cents / 100, cents % 100);
        }
        let text = format!("{HEADER}{rows}");
        let mut best = Best::default();
        let mut trades = 0;
        for event in all(quoted(ticks::trades(name("BAC"), Whole::new(text)))) {
            if let What::Quote { side, best: shown } = event.what {
                best.set(event.venue, side, shown).unwrap();
            }
            if let What::Trade { px, .. } = event.what {
                trades += 1;
                let sides = [BookSide::Bid, BookSide::Ask];
                let [Some(bid), Some(ask)] = sides.map(|side| best.national(side)) else {
                    panic!("an empty side")
                };
                prop_assert!(bid.px < ask.px);
                let own = sides.map(|side| best.of(&event.venue, side));
                prop_assert!(own.iter().flatten().any(|level| level.px == px));
            }
        }
        prop_assert_eq!(moves.len(), trades);
    }
}
