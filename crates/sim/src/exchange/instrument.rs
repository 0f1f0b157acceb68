//! What the exchange keeps of one instrument: its books, its band, its halt.

use core::hash::{Hash, Hasher};

use ringfence_kernel::types::{Bps, Price, Side, Ts};

use super::band::{BandOverride, BandState, Edges, Reference, on_ticks};
use super::command::HaltReason;
use super::event::RetailInterest;
use super::liquidity::House;
use super::rules::InstrumentRules;
use crate::book::{Band, Book, BookLimits, BookMode};

/// Whether an instrument trades as the schedule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Halt {
    /// It does.
    None,
    /// Halted until somebody reopens it.
    Halted { reason: Option<HaltReason> },
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
    /// What was told of the interest last.
    pub(super) interest_told: RetailInterest,
    pub(super) house: House,
    pub(super) halt: Halt,
    pub(super) reference: Reference,
    pub(super) band_override: BandOverride,
    /// The band of the window, once it is fixed: it stays through halts and auctions to the end.
    pub(super) session_band: Option<Band>,
    /// Where the best prices stand in the limit band, as it was told last.
    pub(super) band_state: BandState,
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
            interest_told: RetailInterest::None,
            house: House::default(),
            halt: Halt::None,
            reference: Reference::new(reference_px),
            band_override: BandOverride::Rule,
            session_band: None,
            band_state: BandState::Clear,
            timer: None,
        }
    }
    /// Returns the book of price improving interest of a side.
    pub(super) fn interest_mut(&mut self, side: Side) -> Option<&mut B> {
        let [buys, sells] = self.interest.as_mut()?;
        Some(if side.is_buy() { buys } else { sells })
    }
    /// Returns whether it trades continuously and as the schedule says.
    pub(super) fn is_trading(&self) -> bool {
        self.halt == Halt::None && self.book.mode() == BookMode::Continuous
    }
    /// Returns where the best prices stand in its band, after `was`.
    pub(super) fn state_after(&self, was: BandState, now: Ts) -> BandState {
        let best = |side| self.book.best(side).map(|level| level.px);
        let band = self.book.band().filter(|_| self.is_trading());
        band.map_or(BandState::Clear, |band| was.of(best(Side::Buy), best(Side::Sell), band, now))
    }
    /// Returns the band of the session, fixed around the last trade when it is first asked for.
    pub(super) fn fix_session_band(
        &mut self,
        width: Bps,
        rules: &InstrumentRules,
        now: Ts,
    ) -> Option<Band> {
        if self.session_band.is_none() {
            let px = self.book.last_px().unwrap_or(self.reference.px);
            self.reference.restart(px, now);
            self.session_band = on_ticks(Edges::around(px, width), rules);
        }
        self.session_band
    }
    pub(super) fn digest(&self, state: &mut impl Hasher) {
        digest_book(&self.book, state);
        for book in self.interest.iter().flatten() {
            digest_book(book, state);
        }
        (self.interest_told, &self.house).hash(state);
        self.halt.hash(state);
        self.reference.hash(state);
        (self.band_override, self.session_band).hash(state);
        (self.band_state, self.timer).hash(state);
    }
}

fn digest_book<B: Book>(book: &B, state: &mut impl Hasher) {
    (book.mode(), book.band(), book.last_px()).hash(state);
    for side in [Side::Buy, Side::Sell] {
        book.resting(side).hash(state);
    }
    book.waiting().hash(state);
}
