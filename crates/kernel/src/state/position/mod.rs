//! Fills, positions and exposure: what happened, what is held, what could still happen.
//!
//! Refuses: a report applied twice (I8), a fill that disappears. Every fill is booked, and a bust
//! recomputes the holding from what is left.

mod holding;

pub use holding::{Entry, Holding, split_units, split_up};

use crate::types::map::{LargeMap, Map};
use crate::types::table::{RowId, Rows};
use crate::types::{
    AccountId, ChildId, FillId, InstrumentId, Money, OrderId, PositionState, Price, Qty, Side, Ts,
    VenueId, WireId,
};

/// Most cancels and corrections that wait for one fill.
pub const REVERSALS_MAX: usize = 16;

/// What became of a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FillState {
    /// It counts, and this sure.
    Counts(PositionState),
    /// Its venue canceled it.
    Busted,
}

/// One fill, booked.
#[derive(Clone, Debug, Hash)]
pub struct Fill {
    /// Venue.
    pub venue: VenueId,
    /// Venue's identifier, the newest after corrections.
    pub exec_id: WireId,
    /// Child; absent for a fill nobody ordered.
    pub child_id: Option<ChildId>,
    /// Parent; absent for a fill nobody ordered.
    pub order_id: Option<OrderId>,
    /// Account booked to.
    pub account: AccountId,
    /// Instrument.
    pub symbol: InstrumentId,
    /// Side.
    pub side: Side,
    /// Units.
    pub qty: Qty,
    /// Price.
    pub px: Price,
    /// Base currency per unit of the instrument's at the time; absent when none was known.
    pub rate: Option<Price>,
    /// Time of booking.
    pub ts: Ts,
    /// What became of it.
    pub state: FillState,
    /// How sure it is when nobody disputes it.
    pub undisputed: PositionState,
    /// Units it stands for after the splits since, rounded up.
    pub units: Qty,
    /// Step in which it was booked.
    pub step: u64,
    /// Other part of the same report, booked to the error account.
    pub excess: Option<FillId>,
}

impl Fill {
    /// Returns the filled units with the sign of the side.
    pub fn signed(&self) -> i64 {
        if self.side.is_buy() { self.qty.signed() } else { -self.qty.signed() }
    }
    /// Returns the units it stands for today with the sign of the side.
    pub fn signed_units(&self) -> i64 {
        if self.side.is_buy() { self.units.signed() } else { -self.units.signed() }
    }
}

/// A cancel or correction that waits for its fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reversal {
    /// Identifier of the cancel or correction.
    pub exec_id: WireId,
    /// Corrected units and price; absent for a cancel.
    pub corrected: Option<(Qty, Price)>,
}

macro_rules! row_refs {
    ($($(#[doc = $doc:literal])* $name:ident)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl RowId for $name {
            fn from_row(index: usize) -> Self {
                match u32::try_from(index) {
                    Ok(row) => Self(row),
                    Err(_) => panic!("row {index} is beyond the positions of a day"),
                }
            }
            fn row(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }
        }
    )*};
}

row_refs! {
    /// Row of an account and an instrument; rows of desks and the firm are sums.
    RowRef
    /// Book of an account and an instrument.
    BookRef
}

/// Units of both sides in one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TwoSided {
    /// Bought.
    pub bought: Qty,
    /// Sold.
    pub sold: Qty,
}

impl TwoSided {
    /// Returns the sum by side.
    fn with(self, other: Self) -> Self {
        Self { bought: self.bought + other.bought, sold: self.sold + other.sold }
    }
    /// Returns the difference by side.
    fn without(self, other: Self) -> Self {
        Self { bought: self.bought - other.bought, sold: self.sold - other.sold }
    }
}

/// What an account, and all below it, has and may still get of one instrument.
///
/// Laid out in this order: what every order looks up is the first 64 bytes, one cache line.
#[derive(Clone, Debug, Hash)]
#[repr(C, align(64))]
pub struct Row {
    /// Open buy units, worst case.
    pub open_buy: Qty,
    /// Open sell units, worst case.
    pub open_sell: Qty,
    /// Units executed today, both sides.
    pub traded_qty: Qty,
    /// Row of the node above.
    pub above: Option<RowRef>,
    /// Account.
    pub account: AccountId,
    /// Instrument.
    pub symbol: InstrumentId,
    /// Units held, positive long, negative short.
    pub qty: i64,
    /// What was held and how it came about; only of accounts that hold or held.
    pub book: Option<BookRef>,
    /// Provisional units.
    pub provisional: TwoSided,
    /// Disputed units.
    pub disputed: TwoSided,
    /// Part of the open units that is in doubt.
    pub in_doubt: TwoSided,
}

/// What an account holds or held of one instrument, and how that came about.
#[derive(Clone, Debug, Default, Hash)]
pub struct Book {
    /// Quantity, cost and result.
    pub holding: Holding,
    /// Unrealised result at the last mark, base currency.
    pub unrealised: Money,
    /// Entries in the order in which they were booked.
    pub history: Vec<Entry>,
}

impl Row {
    /// Returns the units that are neither provisional nor disputed.
    pub fn confirmed_qty(&self) -> i64 {
        let unsure = |part: TwoSided| part.bought.signed() - part.sold.signed();
        self.qty - unsure(self.provisional) - unsure(self.disputed)
    }
    /// Returns the units that can be sold long now: confirmed, less unsure and open sales.
    pub fn sellable_qty(&self) -> i64 {
        let sold = self.provisional.sold + self.disputed.sold + self.open_sell;
        self.confirmed_qty() - sold.signed()
    }
    /// Returns whether `added` units on `side`, with all open ones of it, only reduce the position.
    pub fn is_reduced_by(&self, side: Side, added: Qty) -> bool {
        let held = self.qty;
        if side.is_buy() {
            held < 0 && (self.open_buy + added).signed() <= -held
        } else {
            held > 0 && (self.open_sell + added).signed() <= held
        }
    }
    /// Returns the longest the position can become.
    pub fn worst_long(&self) -> i64 {
        self.qty + self.open_buy.signed()
    }
    /// Returns the shortest the position can become, as a negative number.
    pub fn worst_short(&self) -> i64 {
        self.qty - self.open_sell.signed()
    }
}

/// All fills and positions.
#[derive(Clone, Debug, Hash)]
pub struct Positions {
    fills: Rows<FillId, Fill>,
    seen: LargeMap<(VenueId, WireId), Option<FillId>>,
    reversals: Map<(VenueId, WireId), Vec<Reversal>>,
    rows: Rows<RowRef, Row>,
    books: Rows<BookRef, Book>,
    by_key: LargeMap<(AccountId, InstrumentId), RowRef>,
    holders: Vec<Vec<RowRef>>,
    unpriced: Vec<FillId>,
}

impl Positions {
    /// Returns an empty table with map `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            fills: Rows::default(),
            seen: LargeMap::new(seed),
            reversals: Map::new(seed),
            rows: Rows::default(),
            books: Rows::default(),
            by_key: LargeMap::new(seed),
            holders: Vec::new(),
            unpriced: Vec::new(),
        }
    }
    /// Returns the fill booked under a venue's identifier.
    pub fn fill_by_exec_id(&self, venue: VenueId, exec_id: WireId) -> Option<FillId> {
        self.seen.get(&(venue, exec_id)).copied().flatten()
    }
    /// Returns whether a report was applied before.
    pub fn is_seen(&self, venue: VenueId, exec_id: WireId) -> bool {
        self.seen.contains(&(venue, exec_id))
    }
    /// Returns what waits for a fill, in the order in which it came.
    pub fn reversals_of(&self, venue: VenueId, exec_id: WireId) -> &[Reversal] {
        self.reversals.get(&(venue, exec_id)).map_or(&[], Vec::as_slice)
    }
    /// Returns a fill.
    pub fn fill(&self, id: FillId) -> &Fill {
        self.fills.at(id)
    }
    /// Returns every fill, oldest first.
    pub fn fills(&self) -> impl Iterator<Item = (FillId, &Fill)> {
        self.fills.iter()
    }
    /// Returns the identifier of the next fill.
    pub fn next_fill_id(&self) -> FillId {
        self.fills.next_id()
    }
    /// Returns the row of an account and an instrument, if there is one.
    pub fn row(&self, account: AccountId, symbol: InstrumentId) -> Option<&Row> {
        self.by_key.get(&(account, symbol)).map(|id| self.rows.at(*id))
    }
    /// Returns the row above.
    pub fn above(&self, row: &Row) -> Option<&Row> {
        row.above.map(|id| self.rows.at(id))
    }
    /// Returns every row, oldest first.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().map(|(_, row)| row)
    }
    /// Marks a report as applied.
    pub(crate) fn see(&mut self, venue: VenueId, exec_id: WireId, fill: Option<FillId>) {
        let before = self.seen.insert((venue, exec_id), fill);
        assert!(before.is_none(), "I8: report {exec_id} applied twice");
    }
    /// Puts a fill under an identifier of its venue.
    pub(crate) fn name_fill(&mut self, venue: VenueId, exec_id: WireId, fill: FillId) {
        self.seen.insert((venue, exec_id), Some(fill));
    }
    /// Keeps a reversal until its fill comes.
    pub(crate) fn hold_reversal(&mut self, venue: VenueId, of: WireId, reversal: Reversal) {
        self.reversals.entry((venue, of), Vec::new).push(reversal);
    }
    /// Returns the row of `path` (account first, firm last), made with all rows above.
    pub(crate) fn ensure(&mut self, path: &[AccountId], symbol: InstrumentId) -> RowRef {
        if let Some(id) = path.first().and_then(|leaf| self.by_key.get(&(*leaf, symbol))) {
            return *id;
        }
        let mut above = None;
        for account in path.iter().rev() {
            let next = self.rows.next_id();
            let id = *self.by_key.entry((*account, symbol), || next);
            if id == next {
                self.rows.push(Row::new(*account, symbol, above));
            }
            above = Some(id);
        }
        match above {
            Some(id) => id,
            None => panic!("an account has a path"),
        }
    }
    /// Changes a row and every row above.
    pub(crate) fn each_above(&mut self, from: RowRef, mut change: impl FnMut(&mut Row)) {
        let mut next = Some(from);
        while let Some(id) = next {
            let row = self.rows.at_mut(id);
            change(row);
            next = row.above;
        }
    }
    /// Returns the book of a row, if the account holds or held.
    pub(crate) fn book(&self, id: RowRef) -> Option<&Book> {
        self.rows.at(id).book.map(|book| self.books.at(book))
    }
    /// Returns the book of a row that has one.
    pub fn book_of(&self, row: &Row) -> Option<&Book> {
        row.book.map(|book| self.books.at(book))
    }
    /// Notes the unrealised result of a holding.
    pub(crate) fn set_unrealised(&mut self, id: RowRef, unrealised: Money) {
        if let Some(book) = self.rows.at(id).book {
            self.books.at_mut(book).unrealised = unrealised;
        }
    }
    /// Returns the row.
    pub(crate) fn row_at(&self, id: RowRef) -> &Row {
        self.rows.at(id)
    }
    /// Returns the rows of accounts that hold or held the instrument.
    pub(crate) fn holders(&self, symbol: InstrumentId) -> &[RowRef] {
        self.holders.get(symbol.index()).map_or(&[], Vec::as_slice)
    }
    /// Adds a fill to the table.
    pub(crate) fn add_fill(&mut self, fill: Fill) -> FillId {
        self.fills.push(fill)
    }
    /// Returns the fills that wait for a rate of their currency.
    pub(crate) fn unpriced(&mut self) -> &mut Vec<FillId> {
        &mut self.unpriced
    }
    /// Returns a fill for change.
    pub(crate) fn fill_mut(&mut self, id: FillId) -> &mut Fill {
        self.fills.at_mut(id)
    }
    /// Adds an entry to the history of a holding.
    pub(crate) fn record(&mut self, id: RowRef, entry: Entry) {
        let row = self.rows.at_mut(id);
        let (symbol, opened) = (row.symbol, row.book);
        let book = opened.unwrap_or_else(|| self.books.push(Book::default()));
        row.book = Some(book);
        self.books.at_mut(book).history.push(entry);
        if opened.is_none() {
            let index = symbol.index();
            if self.holders.len() <= index {
                self.holders.resize(index + 1, Vec::new());
            }
            if let Some(holders) = self.holders.get_mut(index) {
                holders.push(id);
            }
        }
    }
    /// Returns `qty` units of a fill after the splits that came since.
    pub(crate) fn units_today(&self, id: RowRef, fill: FillId, qty: Qty) -> Qty {
        let history = self.book(id).map_or(&[][..], |book| &book.history).iter();
        let since = history.skip_while(|entry| **entry != Entry::Fill(fill));
        since.fold(qty, |units, entry| match *entry {
            Entry::Split { numerator, denominator } => split_up(units, numerator, denominator),
            Entry::Opening { .. } | Entry::Fill(_) => units,
        })
    }
    /// Restates the fills of a holding for a split; returns what changed by venue.
    pub(crate) fn split_fills(
        &mut self,
        id: RowRef,
        numerator: u32,
        denominator: u32,
    ) -> Vec<(VenueId, i64)> {
        let (mut provisional, mut disputed) = (TwoSided::default(), TwoSided::default());
        let mut changes = Vec::new();
        for entry in self.book(id).map(|book| book.history.clone()).unwrap_or_default() {
            let Entry::Fill(fill) = entry else { continue };
            let fill = self.fills.at_mut(fill);
            let before = fill.signed_units();
            fill.units = split_up(fill.units, numerator, denominator);
            let FillState::Counts(state) = fill.state else { continue };
            changes.push((fill.venue, fill.signed_units() - before));
            let part = match state {
                PositionState::Confirmed => continue,
                PositionState::Provisional => &mut provisional,
                PositionState::Disputed => &mut disputed,
            };
            *(if fill.side.is_buy() { &mut part.bought } else { &mut part.sold }) += fill.units;
        }
        let row = self.rows.at(id);
        let (old_provisional, old_disputed) = (row.provisional, row.disputed);
        self.each_above(id, |row| {
            row.provisional = row.provisional.with(provisional).without(old_provisional);
            row.disputed = row.disputed.with(disputed).without(old_disputed);
        });
        changes
    }
    /// Returns the holding folded from its whole history.
    pub(crate) fn folded(&self, id: RowRef, multiplier: u32) -> Holding {
        let mut holding = Holding::default();
        for entry in self.book(id).map_or(&[][..], |book| &book.history) {
            match *entry {
                Entry::Opening { qty, px, rate } => {
                    holding.trade(qty, px, multiplier, Some(rate));
                }
                Entry::Split { numerator, denominator } => holding.split(numerator, denominator),
                Entry::Fill(fill) => {
                    let fill = self.fills.at(fill);
                    if fill.state != FillState::Busted {
                        holding.trade(fill.signed(), fill.px, multiplier, fill.rate);
                    }
                }
            }
        }
        holding
    }
    /// Puts a new holding in place and carries its units up the tree; the caller carries the money.
    pub(crate) fn set_holding(&mut self, id: RowRef, holding: Holding, traded: i64) {
        let Some(book) = self.rows.at(id).book else {
            panic!("I4: a holding without an entry");
        };
        let before = core::mem::replace(&mut self.books.at_mut(book).holding, holding);
        let change = holding.qty - before.qty;
        self.each_above(id, |row| {
            row.qty += change;
            let total = row.traded_qty.signed() + traded;
            row.traded_qty = Qty::new(u64::try_from(total).unwrap_or(0));
        });
    }
    /// Returns the sum over all accounts that hold, by instrument; aggregate rows left out.
    pub fn totals(&self) -> Vec<(InstrumentId, i64)> {
        let mut totals = std::collections::BTreeMap::new();
        for (_, row) in self.rows.iter().filter(|(_, row)| row.book.is_some()) {
            *totals.entry(row.symbol).or_insert(0_i64) += row.qty;
        }
        totals.into_iter().collect()
    }
}

impl Row {
    fn new(account: AccountId, symbol: InstrumentId, above: Option<RowRef>) -> Self {
        Self {
            open_buy: Qty::ZERO,
            open_sell: Qty::ZERO,
            traded_qty: Qty::ZERO,
            above,
            account,
            symbol,
            qty: 0,
            book: None,
            provisional: TwoSided::default(),
            disputed: TwoSided::default(),
            in_doubt: TwoSided::default(),
        }
    }
}
