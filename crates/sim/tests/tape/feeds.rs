//! Bytes in chunks: where a chunk ends changes nothing.

use proptest::prelude::*;
use ringfence_sim::tape::csv::LINE_BYTES_MAX;
use ringfence_sim::tape::{Chunks, Fault, Place, TapeError, Whole, itch, lobster, ticks};

use crate::common::{all, at_line, failure, name};
use crate::itch::sample;
use crate::lobster::{BOOK, MESSAGES};
use crate::ticks::QUOTES;

type Cut = Vec<Result<Vec<u8>, Box<str>>>;

/// The bytes cut into pieces of the given lengths, over and over.
fn cut(bytes: &[u8], lengths: &[usize]) -> Cut {
    let (mut rest, mut pieces) = (bytes, Vec::new());
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, left) = rest.split_at((*length).min(rest.len()));
        pieces.push(Ok(piece.to_vec()));
        rest = left;
    }
    pieces
}

proptest! {
    /// A reader that gets its bytes in any pieces, empty ones too, gives the same events.
    #[test]
    fn pieces_change_nothing(
        first in 1_usize..9,
        others in prop::collection::vec(0_usize..40, 0..5)
    ) {
        let lengths: Vec<usize> = [first].into_iter().chain(others).collect();
        let pieces = |bytes: &[u8]| Chunks::new(cut(bytes, &lengths).into_iter());
        let whole = all(ticks::quotes(name("BAC"), Whole::new(QUOTES)));
        prop_assert_eq!(whole, all(ticks::quotes(name("BAC"), pieces(QUOTES.as_bytes()))));
        let whole = all(lobster::lobster(name("BAC"), Whole::new(MESSAGES), Whole::new(BOOK)));
        let (messages, book) = (pieces(MESSAGES.as_bytes()), pieces(BOOK.as_bytes()));
        prop_assert_eq!(whole, all(lobster::lobster(name("BAC"), messages, book)));
        for framing in [itch::Framing::Length, itch::Framing::TwoZeroBytes] {
            let bytes = sample(framing);
            let whole = all(itch::itch(framing, Whole::new(&bytes)));
            prop_assert_eq!(whole, all(itch::itch(framing, pieces(&bytes))));
        }
    }
}

/// A failure of what brings the bytes is told, after the events that came before it.
#[test]
fn a_failing_source_is_told() {
    let pieces: Cut = vec![
        Ok(QUOTES.as_bytes()[..QUOTES.find("34200002").unwrap()].to_vec()),
        Err("the archive is damaged".into()),
    ];
    let (events, why) = failure(ticks::quotes(name("BAC"), Chunks::new(pieces.into_iter())));
    assert_eq!(2, events.len());
    let fault = Fault::Source("the archive is damaged".into());
    assert_eq!(TapeError::new(Place::Outside, fault), why);
}

/// Rule 7 of STYLE.md: a line is bounded, however it comes.
#[test]
fn a_line_is_bounded() {
    let header = QUOTES.lines().next().unwrap();
    let long = format!("{header}\n{}\n", "1".repeat(LINE_BYTES_MAX + 1));
    let bound = Fault::Bound { what: "bytes in a line", most: LINE_BYTES_MAX };
    let whole = failure(ticks::quotes(name("BAC"), Whole::new(&long))).1;
    assert_eq!(at_line(2, bound.clone()), whole);
    let pieces = Chunks::new(cut(long.as_bytes(), &[100]).into_iter());
    assert_eq!(at_line(2, bound), failure(ticks::quotes(name("BAC"), pieces)).1);
}
