//! How fills, busts and corrections change orders, positions and what the venues say.

use crate::event::{Close, Event, FillBooked, FillBusted, FillCorrected, Ignored, ReversalHeld};
use crate::input::{Input, VenueReport};
use crate::state::State;
use crate::state::order::Stage;
use crate::state::position::{Entry, Fill, FillState, Reversal, RowRef, TwoSided};
use crate::types::{ChildId, ExecType, FillId, Money, PositionState, Price, Qty, Side, VenueId};

impl State {
    /// Returns whether a report was taken before; answers to a status request always count.
    pub(crate) fn is_taken(&self, report: &VenueReport, venue: VenueId) -> bool {
        report.exec_type != ExecType::OrderStatus && self.positions.is_seen(venue, report.exec_id)
    }
    /// Notes that a report was taken (I8), unless it could not be used at all.
    pub(crate) fn note_report(&mut self, input: &Input, events: &[Event]) {
        let Input::VenueReport(report) = input else { return };
        let Some(venue) = self.directory.venues.find(&report.venue) else { return };
        let incomplete = Ignored::Incomplete;
        let unused =
            |event: &Event| matches!(event, Event::ReportIgnored(event) if event.why == incomplete);
        let status = report.exec_type == ExecType::OrderStatus;
        if !status && !events.iter().any(unused) && !self.positions.is_seen(venue, report.exec_id) {
            self.positions.see(venue, report.exec_id, None);
        }
    }
    pub(super) fn apply_fill(&mut self, event: &FillBooked) {
        if let Some(child_id) = event.child_id {
            self.fill_child(child_id, event.last_qty);
        }
        let currency = self.directory.instruments.at(event.symbol.id).currency;
        let fill = Fill {
            venue: event.venue.id,
            exec_id: event.exec_id,
            child_id: event.child_id,
            order_id: event.order_id,
            account: event.account.id,
            symbol: event.symbol.id,
            side: event.side,
            qty: event.last_qty,
            px: event.last_px,
            rate: self.market.rate(currency),
            ts: self.now,
            state: FillState::Counts(event.position_state),
            undisputed: event.position_state,
            units: event.last_qty,
            step: self.step,
            excess: None,
        };
        let signed = fill.signed();
        if fill.rate.is_none() {
            for node in self.directory.accounts.at(fill.account).path.iter() {
                self.usage.at_mut(*node).exposure.unpriced_count += 1;
            }
        }
        let unpriced = fill.rate.is_none();
        let id = self.positions.add_fill(fill);
        if unpriced {
            self.positions.unpriced().push(id);
        }
        assert_eq!(id, event.fill_id, "fills are numbered without gaps");
        match self.positions.fill_by_exec_id(event.venue.id, event.exec_id) {
            Some(first) => self.positions.fill_mut(first).excess = Some(id),
            None => self.positions.name_fill(event.venue.id, event.exec_id, id),
        }
        self.venues.add_traded(event.venue.id, event.symbol.id, signed);
        let path = &self.directory.accounts.at(event.account.id).path;
        let row = self.positions.ensure(path, event.symbol.id);
        self.positions.record(row, Entry::Fill(id));
        self.trade(row, id);
        self.mark_unsure(row, event.side, event.position_state, event.last_qty, true);
        self.use_power(id);
    }
    /// Books quantity on a child; ends it, and its parent, when nothing is left.
    fn fill_child(&mut self, child_id: ChildId, qty: Qty) {
        self.change_child(child_id, qty.signed(), |orders| {
            if orders.child(child_id).stage == Stage::Sent {
                orders.set_stage(child_id, Stage::Live);
            }
            orders.fill(child_id, qty);
            orders.close_if_done(child_id);
        });
        self.close_if_filled(child_id);
    }
    fn close_if_filled(&mut self, child_id: ChildId) {
        let order_id = self.orders.child(child_id).order_id;
        let order = self.orders.order(order_id);
        if order.closed.is_none() && order.cum_qty() >= order.order_qty {
            self.close_order(order_id, Close::Filled);
        }
    }
    pub(super) fn apply_bust(&mut self, event: &FillBusted) {
        let fill = self.positions.fill(event.fill_id).clone();
        if let Some(child_id) = fill.child_id {
            let qty = fill.qty;
            self.change_child(child_id, -qty.signed(), |orders| orders.unfill(child_id, qty));
        }
        self.take_out(&fill);
        self.positions.fill_mut(event.fill_id).state = FillState::Busted;
        self.price_fills(|id, _| (id == event.fill_id).then_some(None));
        self.venues.add_traded(fill.venue, fill.symbol, -fill.signed_units());
        self.give_back(&fill);
        self.refold(&fill, -fill.qty.signed());
    }
    pub(super) fn apply_correction(&mut self, event: &FillCorrected) {
        let old = self.positions.fill(event.fill_id).clone();
        if let Some(child_id) = old.child_id {
            let change = event.last_qty.signed() - old.qty.signed();
            self.change_child(child_id, change, |orders| {
                orders.unfill(child_id, old.qty);
                orders.fill(child_id, event.last_qty);
                orders.close_if_done(child_id);
            });
            self.close_if_filled(child_id);
        }
        self.take_out(&old);
        self.give_back(&old);
        let row = self.row_of(&old);
        let units = self.positions.units_today(row, event.fill_id, event.last_qty);
        let fill = self.positions.fill_mut(event.fill_id);
        fill.units = units;
        fill.qty = event.last_qty;
        fill.px = event.last_px;
        fill.exec_id = event.exec_id;
        let new = fill.clone();
        self.positions.name_fill(old.venue, event.exec_id, event.fill_id);
        self.venues.add_traded(old.venue, old.symbol, new.signed_units() - old.signed_units());
        self.refold(&new, new.qty.signed() - old.qty.signed());
        if let FillState::Counts(state) = new.state {
            self.mark_unsure(row, new.side, state, new.units, true);
        }
        self.use_power(event.fill_id);
    }
    pub(super) fn apply_reversal(&mut self, event: &ReversalHeld) {
        let corrected = event.last_qty.zip(event.last_px);
        let reversal = Reversal { exec_id: event.exec_id, corrected };
        self.positions.hold_reversal(event.venue.id, event.exec_ref_id, reversal);
    }
    /// Moves a fill between confirmed, provisional and disputed.
    pub(super) fn set_fill_state(&mut self, id: FillId, state: PositionState) {
        let fill = self.positions.fill(id).clone();
        self.take_out(&fill);
        self.positions.fill_mut(id).state = FillState::Counts(state);
        let row = self.row_of(&fill);
        self.mark_unsure(row, fill.side, state, fill.units, true);
    }
    /// Takes fills out of those without a rate; `rate` says which, and at what rate from now on.
    pub(super) fn price_fills(&mut self, rate: impl Fn(FillId, &Fill) -> Option<Option<Price>>) {
        for id in self.positions.unpriced().clone() {
            let fill = self.positions.fill(id).clone();
            let Some(rate) = rate(id, &fill) else { continue };
            self.positions.unpriced().retain(|other| *other != id);
            self.positions.fill_mut(id).rate = rate;
            for node in self.directory.accounts.at(fill.account).path.iter() {
                self.usage.at_mut(*node).exposure.unpriced_count -= 1;
            }
            if rate.is_some() {
                self.refold(&fill, 0);
                self.use_power(id);
            }
        }
    }
    fn row_of(&mut self, fill: &Fill) -> RowRef {
        let path = &self.directory.accounts.at(fill.account).path;
        self.positions.ensure(path, fill.symbol)
    }
    fn take_out(&mut self, fill: &Fill) {
        if let FillState::Counts(state) = fill.state {
            let row = self.row_of(fill);
            self.mark_unsure(row, fill.side, state, fill.units, false);
        }
    }
    fn mark_unsure(&mut self, row: RowRef, side: Side, state: PositionState, qty: Qty, add: bool) {
        self.positions.each_above(row, |row| {
            let part: &mut TwoSided = match state {
                PositionState::Confirmed => return,
                PositionState::Provisional => &mut row.provisional,
                PositionState::Disputed => &mut row.disputed,
            };
            let units = if side.is_buy() { &mut part.bought } else { &mut part.sold };
            *units = if add { *units + qty } else { *units - qty };
        });
    }
    /// Uses the buying power of a fill, if the margin side has not spoken since it was booked.
    fn use_power(&mut self, id: FillId) {
        let fill = self.positions.fill(id);
        let (account, step, value) = (fill.account, fill.step, self.base_value(fill));
        self.margin.use_power(account, value, step);
    }
    /// Gives back the buying power that a fill used since the margin side last spoke.
    fn give_back(&mut self, fill: &Fill) {
        let value = self.base_value(fill);
        self.margin.free_power(fill.account, value, fill.step);
    }
    /// Returns what a fill is worth in base currency; nothing while no rate is known.
    fn base_value(&self, fill: &Fill) -> Money {
        let multiplier = self.directory.instruments.at(fill.symbol).multiplier;
        let value = fill.px.times(fill.qty, multiplier).abs();
        fill.rate.map_or(Money::ZERO, |rate| value.convert(rate))
    }
    /// Adds one fill to the holding of its row.
    fn trade(&mut self, row: RowRef, id: FillId) {
        let fill = self.positions.fill(id).clone();
        let multiplier = self.directory.instruments.at(fill.symbol).multiplier;
        let mut holding = self.holding(row);
        holding.trade(fill.signed(), fill.px, multiplier, fill.rate);
        self.hold(row, holding, fill.qty.signed());
        self.settle(row);
    }
    /// Folds the holding of a fill's row again; `traded` is the change of executed units.
    fn refold(&mut self, fill: &Fill, traded: i64) {
        let multiplier = self.directory.instruments.at(fill.symbol).multiplier;
        let row = self.row_of(fill);
        let holding = self.positions.folded(row, multiplier);
        self.hold(row, holding, traded);
        self.settle(row);
    }
}
