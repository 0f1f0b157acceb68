//! What the exchange keeps of one instrument: its books, its band, its halt.

use core::hash::{Hash, Hasher};

use ringfence_kernel::types::{Price, Side, Ts};

use super::band::{BandOverride, Reference};
use super::liquidity::House;
use crate::book::{Band, Book, BookLimits, BookMode};

/// Whether an instrument trades as the schedule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Halt {
    /// It does.
    None,
    /// Halted until somebody reopens it.
    Halted,
    /// Paused after a limit state; an auction collects orders and ends the pause.
    Pause { until: Ts },
    /// Collecting orders for the auction after a halt.
    Reopening { until: Ts },
}

/// One instrument.
pub(super) struct Instrument<B> {
    pub(super) book: B,
    /// Price improving interest to buy and to sell; each trades with retail orders alone.
    pub(super) interest: Option<[B; 2]>,
    pub(super) house: House,
    pub(super) halt: Halt,
    pub(super) reference: Reference,
    pub(super) band_override: BandOverride,
    /// Since when the best price equals the band.
    pub(super) limit_since: Option<Ts>,
    /// When the instrument is to be looked at again, as it stands in the table of timers.
    pub(super) timer: Option<Ts>,
}

impl<B: Book> Instrument<B> {
    pub(super) fn new(
        reference_px: Price,
        limits: BookLimits,
        has_interest: bool,
        make_book: fn(BookLimits) -> B,
    ) -> Self {
        let mut book = make_book(limits);
        let mut none = Vec::new();
        // An empty book changes to any mode.
        let _ = book.set_mode(BookMode::Halted, &mut none);
        Self {
            book,
            interest: has_interest.then(|| [make_book(limits), make_book(limits)]),
            house: House::default(),
            halt: Halt::None,
            reference: Reference::new(reference_px),
            band_override: BandOverride::Rule,
            limit_since: None,
            timer: None,
        }
    }
    /// Returns the book of price improving interest of a side.
    pub(super) fn interest_mut(&mut self, side: Side) -> Option<&mut B> {
        let [buys, sells] = self.interest.as_mut()?;
        Some(if side.is_buy() { buys } else { sells })
    }
    /// Returns whether a best price equals the edge at which nobody may pass.
    pub(super) fn is_at_limit(&self, band: Band) -> bool {
        let best = |side| self.book.best(side).map(|level| level.px);
        best(Side::Buy) == Some(band.upper()) || best(Side::Sell) == Some(band.lower())
    }
    pub(super) fn digest(&self, state: &mut impl Hasher) {
        digest_book(&self.book, state);
        for book in self.interest.iter().flatten() {
            digest_book(book, state);
        }
        self.house.hash(state);
        self.halt.hash(state);
        self.reference.hash(state);
        self.band_override.hash(state);
        (self.limit_since, self.timer).hash(state);
    }
}

fn digest_book<B: Book>(book: &B, state: &mut impl Hasher) {
    (book.mode(), book.band(), book.last_px()).hash(state);
    for side in [Side::Buy, Side::Sell] {
        book.resting(side).hash(state);
    }
    book.waiting().hash(state);
}
