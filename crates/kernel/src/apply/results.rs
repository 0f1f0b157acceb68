//! How holdings and marks change results, up the tree.

use crate::limit::LimitKey;
use crate::state::State;
use crate::state::position::{Holding, RowRef};
use crate::types::{Money, Price, Qty};

/// What values a holding of one instrument.
#[derive(Clone, Copy, Debug)]
struct Mark {
    px: Price,
    multiplier: u32,
    rate: Price,
}

impl Mark {
    /// Returns the unrealised result of a holding, base currency.
    fn unrealised(self, holding: &Holding) -> Money {
        let held = Qty::new(holding.qty.unsigned_abs());
        let value = self.px.times(held, self.multiplier);
        let value = if holding.qty < 0 { -value } else { value };
        (value - holding.cost).convert(self.rate)
    }
}

impl State {
    /// Returns the holding of a row; nothing where nothing was ever held.
    pub(super) fn holding(&self, row: RowRef) -> Holding {
        self.positions.book(row).map(|book| book.holding).unwrap_or_default()
    }
    /// Puts a new holding in place and carries the difference up the tree.
    pub(super) fn hold(&mut self, row: RowRef, holding: Holding, traded: i64) {
        let (account, before) = (self.positions.row_at(row).account, self.holding(row));
        self.positions.set_holding(row, holding, traded);
        for node in self.directory.accounts.at(account).path.iter() {
            let total = &mut self.usage.at_mut(*node).exposure;
            total.gross += holding.base_cost.abs() - before.base_cost.abs();
            total.net += holding.base_cost - before.base_cost;
            total.realised += holding.base_realised - before.base_realised;
        }
    }
    /// Values a changed holding at the newest mark, then notes the results of its path.
    pub(super) fn settle(&mut self, row: RowRef) {
        let (account, symbol) = {
            let row = self.positions.row_at(row);
            (row.account, row.symbol)
        };
        if let Some(mark) = self.mark_of(symbol) {
            self.value(row, mark);
        }
        for (node, set) in self.directory.accounts.at(account).path.nodes() {
            let window_ns = self.directory.window(set, LimitKey::LossWindow);
            self.usage.touch(node);
            self.usage.note_result(node, self.now, window_ns);
        }
    }
    /// Values every holding whose mark changed, then notes the results that this changed.
    ///
    /// Results are noted when all marks are in: half a revaluation is nobody's result.
    pub(super) fn mark_holdings(&mut self) {
        for symbol in self.market.take_new_marks() {
            let Some(mark) = self.mark_of(symbol) else { continue };
            for index in 0..self.positions.holders(symbol).len() {
                if let Some(row) = self.positions.holders(symbol).get(index).copied() {
                    self.value(row, mark);
                }
            }
        }
        self.usage.take_changed();
        for index in 0..self.usage.due().len() {
            let Some(node) = self.usage.due().get(index).copied() else { continue };
            let window_ns = self.window_of(node, LimitKey::LossWindow);
            self.usage.note_result(node, self.now, window_ns);
        }
    }
    fn mark_of(&self, symbol: crate::types::InstrumentId) -> Option<Mark> {
        let instrument = self.directory.instruments.at(symbol);
        let px = self.market.row(symbol)?.mark?;
        let rate = self.market.rate(instrument.currency)?;
        Some(Mark { px, multiplier: instrument.multiplier, rate })
    }
    /// Values a holding and carries the difference up the tree.
    fn value(&mut self, at: RowRef, mark: Mark) {
        let Some(book) = self.positions.book(at) else { return };
        let (unrealised, before) = (mark.unrealised(&book.holding), book.unrealised);
        if unrealised == before {
            return;
        }
        self.positions.set_unrealised(at, unrealised);
        let account = self.positions.row_at(at).account;
        for node in self.directory.accounts.at(account).path.iter() {
            self.usage.at_mut(*node).exposure.unrealised += unrealised - before;
            self.usage.touch(*node);
        }
    }
}
