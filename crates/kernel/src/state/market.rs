//! Prices, volumes and phases of the market as they reached this gateway, each with its age.

use crate::types::table::RowId;
use crate::types::{
    CurrencyId, HaltKind, InstrumentId, Phase, Price, PriceSource, Qty, Ts, VenueId,
};

/// A price and when it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamped {
    /// Price.
    pub px: Price,
    /// Time of the input that brought it.
    pub ts: Ts,
}

/// A trading halt in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Halt {
    /// Venue that told of it and ends it; the operator's own has none.
    pub venue: Option<VenueId>,
    /// Whom it holds for.
    pub kind: HaltKind,
}

/// The halts of an instrument: at most one of each venue and one of the operator.
#[derive(Clone, Debug, Default, Hash)]
struct Halts(Vec<Halt>);

/// One instrument in the market.
///
/// Laid out in this order: what most orders look up comes first and lies together.
#[derive(Clone, Debug, Default, Hash)]
#[repr(C, align(64))]
pub struct Row {
    /// Best bid.
    pub bid: Option<Stamped>,
    /// Best offer.
    pub ask: Option<Stamped>,
    /// Phase that the calendar or an operator set; unknown until told.
    phase: Option<Phase>,
    /// Whether Rule 201 is in force.
    pub short_restricted: bool,
    /// Whether the mark changed since positions were marked.
    pub mark_is_new: bool,
    /// Halts in force; few instruments have any.
    halts: Option<Box<Halts>>,
    /// Lower and upper limit of limit-up/limit-down.
    pub band: Option<(Price, Price)>,
    drift: Drift,
    /// Newest mid or last price, as a mark.
    pub mark: Option<Price>,
    /// First price of the phase, from which a move is measured.
    pub phase_px: Option<Price>,
    /// Units traded in the market today; unknown until the first trade.
    pub volume: Option<Qty>,
    /// Last trade.
    pub last: Option<Stamped>,
    /// Indicative auction price.
    pub indicative: Option<Stamped>,
    /// Official close of this day.
    pub official_close: Option<Stamped>,
    /// Close of the day before.
    pub previous_close: Option<Stamped>,
    /// Price fixed for the session.
    pub session_reference: Option<Stamped>,
}

/// Reference at the end of earlier drift windows.
#[derive(Clone, Copy, Debug, Default, Hash)]
struct Drift {
    window: i64,
    start: Option<Price>,
    newest: Option<Price>,
}

impl Row {
    /// Returns the phase that holds: the one that was set, halted while a halt closes it
    /// everywhere; what is closed or unknown stays so.
    pub fn phase(&self) -> Option<Phase> {
        match self.phase {
            None | Some(Phase::Closed) => self.phase,
            set if self.halts.is_none() => set,
            set => {
                let is_everywhere = self.halts().any(|halt| halt.kind == HaltKind::Regulatory);
                if is_everywhere { Some(Phase::Halted) } else { set }
            }
        }
    }
    /// Returns the halts in force, the oldest first.
    pub fn halts(&self) -> impl Iterator<Item = Halt> + '_ {
        self.halts.iter().flat_map(|halts| halts.0.iter().copied())
    }
    /// Returns the kind of the halt that a venue told of; `None` stands for the operator's own.
    pub fn halt_of(&self, venue: Option<VenueId>) -> Option<HaltKind> {
        self.halts().find(|halt| halt.venue == venue).map(|halt| halt.kind)
    }
    /// Sets the phase; a price move is measured from its beginning.
    pub(crate) fn set_phase(&mut self, phase: Phase) {
        self.phase = Some(phase);
        self.phase_px = None;
    }
    /// Begins a halt; one that holds everywhere does not shrink before it ends.
    pub(crate) fn begin_halt(&mut self, venue: Option<VenueId>, kind: HaltKind) {
        let was = self.phase();
        let halts = &mut self.halts.get_or_insert_default().0;
        match halts.iter_mut().find(|halt| halt.venue == venue) {
            Some(halt) if kind == HaltKind::Regulatory => halt.kind = kind,
            Some(_) => {}
            None => halts.push(Halt { venue, kind }),
        }
        self.note_phase(was);
    }
    /// Ends the halt that `venue` told of, and no other.
    pub(crate) fn end_halt(&mut self, venue: Option<VenueId>) {
        let was = self.phase();
        if let Some(halts) = &mut self.halts {
            halts.0.retain(|halt| halt.venue != venue);
            if halts.0.is_empty() {
                self.halts = None;
            }
        }
        self.note_phase(was);
    }
    fn note_phase(&mut self, was: Option<Phase>) {
        if self.phase() != was {
            self.phase_px = None;
        }
    }
    /// Returns the price of one source, if it is not older than `age_max_ns`.
    ///
    /// Closing and session prices do not age: they are fixed by definition.
    pub fn source(&self, source: PriceSource, now: Ts, age_max_ns: i64) -> Option<Price> {
        let fresh = |at: Option<Stamped>| at.filter(|at| now.since(at.ts) <= age_max_ns);
        match source {
            PriceSource::Mid => {
                let (bid, ask) = (fresh(self.bid)?, fresh(self.ask)?);
                (bid.px <= ask.px).then(|| middle(bid.px, ask.px))
            }
            PriceSource::Last => fresh(self.last).map(|at| at.px),
            PriceSource::Indicative => fresh(self.indicative).map(|at| at.px),
            PriceSource::OfficialClose => self.official_close.map(|at| at.px),
            PriceSource::PreviousClose => self.previous_close.map(|at| at.px),
            PriceSource::SessionReference => self.session_reference.map(|at| at.px),
        }
    }
    /// Returns the reference price at the start of the drift window that `now` is in.
    pub fn drift_start(&self, now: Ts, window_ns: i64) -> Option<Price> {
        let window = now.nanos().div_euclid(window_ns.max(1));
        if window == self.drift.window { self.drift.start } else { self.drift.newest }
    }
    /// Notes a new mark; the last one before the window becomes the start of the window.
    fn note_mark(&mut self, px: Price, now: Ts, window_ns: i64) {
        let window = now.nanos().div_euclid(window_ns.max(1));
        if window != self.drift.window {
            self.drift.start = self.drift.newest.or(Some(px));
            self.drift.window = window;
        }
        self.drift.newest = Some(px);
        self.phase_px = self.phase_px.or(Some(px));
        self.mark = Some(px);
    }
    /// Returns whether every price stays a price after a split.
    pub fn can_split(&self, numerator: u32, denominator: u32) -> bool {
        let stamped = [
            self.bid,
            self.ask,
            self.last,
            self.indicative,
            self.official_close,
            self.previous_close,
            self.session_reference,
        ];
        let band = self.band.into_iter().flat_map(|(lower, upper)| [lower, upper]);
        let mut prices = stamped.into_iter().flatten().map(|at| at.px).chain(band);
        prices.all(|px| {
            let scaled = i128::from(px.nanos()) * i128::from(denominator) / i128::from(numerator);
            (scaled != 0 || px.nanos() == 0) && scaled.abs() <= crate::types::number::PRICE_MAX
        })
    }
    /// Restates every price for `numerator` new units in place of `denominator` old ones.
    pub(crate) fn split(&mut self, numerator: u32, denominator: u32) {
        let scaled = |px: Price| {
            let nanos = i128::from(px.nanos()) * i128::from(denominator);
            Price::from_nanos(i64::try_from(nanos / i128::from(numerator.max(1))).unwrap_or(0))
        };
        for stamped in [
            &mut self.bid,
            &mut self.ask,
            &mut self.last,
            &mut self.indicative,
            &mut self.official_close,
            &mut self.previous_close,
            &mut self.session_reference,
        ] {
            *stamped = stamped.map(|at| Stamped { px: scaled(at.px), ts: at.ts });
        }
        self.band = self.band.map(|(lower, upper)| (scaled(lower), scaled(upper)));
        self.phase_px = self.phase_px.map(scaled);
        self.mark = self.mark.map(scaled);
        self.drift.start = self.drift.start.map(scaled);
        self.drift.newest = self.drift.newest.map(scaled);
    }
}

fn middle(bid: Price, ask: Price) -> Price {
    Price::from_nanos(bid.nanos() + (ask.nanos() - bid.nanos()) / 2)
}

/// All instruments and currencies in the market.
#[derive(Clone, Debug, Hash)]
pub struct Market {
    rows: Vec<Row>,
    new_marks: Vec<InstrumentId>,
    rates: Vec<Option<Price>>,
}

impl Default for Market {
    fn default() -> Self {
        Self::new()
    }
}

impl Market {
    /// Returns the market before anything is known.
    pub const fn new() -> Self {
        Self { rows: Vec::new(), new_marks: Vec::new(), rates: Vec::new() }
    }
    /// Returns an instrument; `None` when nothing was ever heard of it.
    pub fn row(&self, id: InstrumentId) -> Option<&Row> {
        self.rows.get(id.index())
    }
    /// Returns base currency for one unit of a currency; the base itself is always one.
    pub fn rate(&self, id: CurrencyId) -> Option<Price> {
        if id.row() == 0 {
            return Some(Price::from_nanos(1_000_000_000));
        }
        self.rates.get(id.row()).copied().flatten()
    }
    /// Returns an instrument for change.
    pub(crate) fn row_mut(&mut self, id: InstrumentId) -> &mut Row {
        let index = id.index();
        if self.rows.len() <= index {
            self.rows.resize(index + 1, Row::default());
        }
        match self.rows.get_mut(index) {
            Some(row) => row,
            None => panic!("instrument {id} has no market row"),
        }
    }
    /// Sets the rate of a currency.
    pub(crate) fn set_rate(&mut self, id: CurrencyId, rate: Price) {
        let index = id.row();
        if self.rates.len() <= index {
            self.rates.resize(index + 1, None);
        }
        if let Some(slot) = self.rates.get_mut(index) {
            *slot = Some(rate);
        }
    }
    /// Notes a new mark of an instrument.
    pub(crate) fn note_mark(&mut self, id: InstrumentId, px: Price, now: Ts, window_ns: i64) {
        let row = self.row_mut(id);
        let changes = row.mark != Some(px);
        row.note_mark(px, now, window_ns);
        if changes {
            self.mark_again(id);
        }
    }
    /// Has the positions of an instrument marked at the next tick.
    pub(crate) fn mark_again(&mut self, id: InstrumentId) {
        let row = self.row_mut(id);
        if row.mark.is_some() && !core::mem::replace(&mut row.mark_is_new, true) {
            self.new_marks.push(id);
        }
    }
    /// Returns the instruments whose mark changed, oldest change first, and forgets them.
    pub(crate) fn take_new_marks(&mut self) -> Vec<InstrumentId> {
        let marks = core::mem::take(&mut self.new_marks);
        for id in &marks {
            self.row_mut(*id).mark_is_new = false;
        }
        marks
    }
}
