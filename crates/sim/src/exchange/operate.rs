//! What the venue does of its own accord: halts, voids, corrections, unasked changes.

use core::fmt;

use ringfence_kernel::types::{ExecType, Note, Price, Qty, Ts};

use super::Exchange;
use super::band::{BandOverride, BandState};
use super::command::{HaltReason, Operation, Retail, Symbols};
use super::event::{Event, Last, Liquidity, Report};
use super::ids::{ExecNumber, OrderNumber, PortId, TradeNumber};
use super::instrument::Halt;
use super::ledger::{Execution, Trade, TradeState};
use super::order::{CloseCause, Order, OrderState};
use super::rules::BandKind;
use crate::book::{Band, Book, BookOrderId};

const BPS_ONE: u64 = 10_000;

/// Why an operation did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationError {
    /// No such execution.
    UnknownExecution,
    /// The trade is void already.
    AlreadyVoid,
    /// The correction has a price or quantity that no trade can have, or more than was traded.
    Correction,
    /// No instrument has that name, or none is in a state for it.
    NothingMeant,
    /// The lower edge is above the upper one.
    Band,
    /// A share is outside 1 to 10,000 basis points.
    Share,
}

impl fmt::Display for OperationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownExecution => "no such execution",
            Self::AlreadyVoid => "the trade is void already",
            Self::Correction => "a correction needs a price above zero and at most the quantity",
            Self::NothingMeant => "no instrument is meant",
            Self::Band => "the lower edge of the band is above the upper one",
            Self::Share => "a share is 1 to 10000 basis points",
        })
    }
}

impl<B: Book> Exchange<B> {
    /// Does an operation at the time up to which the exchange was advanced.
    pub fn operate(
        &mut self,
        operation: &Operation,
        events: &mut Vec<Event>,
    ) -> Result<(), OperationError> {
        match operation {
            Operation::Halt { symbols, reason, why } => self.halt(symbols, *reason, *why, events),
            Operation::Pause { symbols } => self.pause(symbols, events),
            Operation::Reopen { symbols, auction_ns } => self.reopen(symbols, *auction_ns, events),
            Operation::Bust { exec } => {
                let trade = self.standing(*exec)?.number;
                self.void(trade, events);
                Ok(())
            }
            Operation::Correct { exec, px, qty } => self.correct(*exec, *px, *qty, events),
            Operation::MassBust { from, to, symbols } => {
                self.mass_bust(*from, *to, symbols, events);
                Ok(())
            }
            Operation::CancelOrders { port, symbols } => {
                let numbers = self.meant(*port, symbols);
                self.close_all(&numbers, CloseCause::Unsolicited, events);
                Ok(())
            }
            Operation::Restate { port, symbols, share_bps } => {
                self.restate(*port, symbols, *share_bps, events)
            }
            Operation::SetBand { symbols, lower, upper } => {
                let band = Band::new(*lower, *upper).ok_or(OperationError::Band)?;
                self.override_band(symbols, BandOverride::Fixed(band), events)
            }
            Operation::DropBand { symbols } => {
                self.override_band(symbols, BandOverride::Dropped, events)
            }
            Operation::RestoreBand { symbols } => {
                self.override_band(symbols, BandOverride::Rule, events)
            }
            Operation::Announce { text } => {
                self.announce(text.as_str(), events);
                Ok(())
            }
        }
    }
    /// Fills the rest of an order that was canceled, against the anonymous participant.
    ///
    /// What a venue does that acknowledged a cancel and then found the order filled (18 May 2012).
    pub fn fill_canceled(&mut self, number: OrderNumber, events: &mut Vec<Event>) -> bool {
        let Some(order) = self.orders.get(number) else { return false };
        let rest = order.terms.qty.saturating_sub(order.cum_qty + order.voided_qty);
        let at = order.instrument;
        let last = self.instruments.get(at.index()).and_then(|one| one.book.last_px());
        let px = order.terms.px.or(last);
        let is_canceled = order.state == OrderState::Closed;
        let (Some(px), true) = (px, is_canceled && !rest.is_zero()) else { return false };
        let flag = Liquidity::Added;
        let Some(filled) = self.fill(number, px, rest, Qty::ZERO, flag, events) else {
            return false;
        };
        let sides = sides_of(filled);
        self.ledger.add(at, px, rest, self.now, sides);
        self.print(at, px, rest, events);
        true
    }
    /// Halts what is not halted, or is for another reason than the one that is said.
    fn halt(
        &mut self,
        symbols: &Symbols,
        reason: Option<HaltReason>,
        why: Note,
        events: &mut Vec<Event>,
    ) -> Result<(), OperationError> {
        let meant = self.matching(symbols);
        let mut halted = false;
        for at in meant {
            let is_news = self.instruments.get(at.index()).is_some_and(|one| match one.halt {
                Halt::Halted { reason: known } => reason.is_some() && reason != known,
                Halt::None | Halt::Pause { .. } | Halt::Reopening { .. } => true,
            });
            if is_news {
                self.stop(at, reason, events);
                halted = true;
            }
        }
        if halted {
            self.announce(&format!("{} halted: {why}", name_of(symbols)), events);
        }
        halted.then_some(()).ok_or(OperationError::NothingMeant)
    }
    /// Declares a pause where the best prices straddle the band.
    fn pause(&mut self, symbols: &Symbols, events: &mut Vec<Event>) -> Result<(), OperationError> {
        let mut paused = false;
        for at in self.matching(symbols) {
            let state = self.instruments.get(at.index()).map(|one| one.band_state);
            if state == Some(BandState::Straddle) {
                self.pause_now(at, events);
                paused = true;
            }
        }
        paused.then_some(()).ok_or(OperationError::NothingMeant)
    }
    fn reopen(
        &mut self,
        symbols: &Symbols,
        auction_ns: i64,
        events: &mut Vec<Event>,
    ) -> Result<(), OperationError> {
        let until = Ts::from_nanos(self.now.nanos().saturating_add(auction_ns.max(0)));
        let mut reopened = false;
        for at in self.matching(symbols) {
            let halt = self.instruments.get(at.index()).map(|one| one.halt);
            if matches!(halt, Some(Halt::Halted { .. } | Halt::Pause { .. })) {
                self.collect(at, Halt::Reopening { until }, events);
                reopened = true;
            }
        }
        if reopened {
            self.announce(&format!("{} reopens", name_of(symbols)), events);
        }
        reopened.then_some(()).ok_or(OperationError::NothingMeant)
    }
    fn override_band(
        &mut self,
        symbols: &Symbols,
        band: BandOverride,
        events: &mut Vec<Event>,
    ) -> Result<(), OperationError> {
        let meant = self.matching(symbols);
        if meant.is_empty() {
            return Err(OperationError::NothingMeant);
        }
        let stays = self.band_kind() == BandKind::Session;
        for at in meant {
            let Some(one) = self.instruments.get_mut(at.index()) else { continue };
            one.band_override = band;
            if stays || one.is_trading() {
                self.apply_band(at, events);
                self.settle(at, events);
            }
        }
        Ok(())
    }
    fn restate(
        &mut self,
        port: Option<PortId>,
        symbols: &Symbols,
        share_bps: u16,
        events: &mut Vec<Event>,
    ) -> Result<(), OperationError> {
        if !(1..=BPS_ONE).contains(&u64::from(share_bps)) {
            return Err(OperationError::Share);
        }
        for number in self.meant(port, symbols) {
            let Some(order) = self.orders.get(number) else { continue };
            let (at, leaves) = (order.instrument, order.leaves_qty);
            let by = Qty::new(leaves.units() * u64::from(share_bps) / BPS_ONE);
            let is_plain = order.terms.retail != Retail::Interest;
            let Some(one) = self.instruments.get_mut(at.index()) else { continue };
            if is_plain && !by.is_zero() {
                one.book.reduce(BookOrderId::new(number.raw()), by, &mut self.book_events);
                self.settle(at, events);
            }
        }
        Ok(())
    }
    fn meant(&self, port: Option<PortId>, symbols: &Symbols) -> Vec<OrderNumber> {
        self.open_where(|order: &Order| {
            port.is_none_or(|port| port == order.port) && symbols.contains(&order.terms.symbol)
        })
    }
    fn announce(&self, text: &str, events: &mut Vec<Event>) {
        events.push(Event::News { text: Note::clipped(text), ts: self.now });
    }
    fn standing(&self, exec: ExecNumber) -> Result<Trade, OperationError> {
        let trade = self.ledger.find(exec).ok_or(OperationError::UnknownExecution)?;
        match trade.state {
            TradeState::Standing => Ok(*trade),
            TradeState::Void => Err(OperationError::AlreadyVoid),
        }
    }
    fn mass_bust(&mut self, from: Ts, to: Ts, symbols: &Symbols, events: &mut Vec<Event>) {
        let meant = self.matching(symbols);
        let is_meant = |trade: &&Trade| {
            trade.state == TradeState::Standing && meant.contains(&trade.instrument)
        };
        let trades = self.ledger.between(from, to).iter().filter(is_meant);
        let numbers: Vec<TradeNumber> = trades.map(|trade| trade.number).collect();
        let name = name_of(symbols);
        self.announce(
            &format!("{name}: {} trades of {from} to {to} are void", numbers.len()),
            events,
        );
        for number in numbers {
            self.void(number, events);
        }
    }
    fn void(&mut self, number: TradeNumber, events: &mut Vec<Event>) {
        let Some(trade) = self.ledger.get_mut(number) else { return };
        trade.state = TradeState::Void;
        let Trade { px, qty, sides, .. } = *trade;
        for side in sides.into_iter().flatten() {
            let Some(order) = self.orders.get_mut(side.order) else { continue };
            order.cum_qty = order.cum_qty.saturating_sub(qty);
            order.voided_qty += qty;
            order.notional -= px.times(qty, 1);
            let last = Last { px, qty, fee: side.fee, liquidity: side.liquidity };
            self.tell_revised(ExecType::TradeCancel, side, last, events);
        }
    }
    fn correct(
        &mut self,
        exec: ExecNumber,
        px: Option<Price>,
        qty: Option<Qty>,
        events: &mut Vec<Event>,
    ) -> Result<(), OperationError> {
        let old = self.standing(exec)?;
        let (px, qty) = (px.unwrap_or(old.px), qty.unwrap_or(old.qty));
        if px.nanos() <= 0 || qty.is_zero() || qty > old.qty {
            return Err(OperationError::Correction);
        }
        let less = old.qty.saturating_sub(qty);
        let mut sides = old.sides;
        for side in sides.iter_mut().flatten() {
            side.fee = self.fee_rate(side.liquidity).times(qty);
            let Some(order) = self.orders.get_mut(side.order) else { continue };
            order.cum_qty = order.cum_qty.saturating_sub(less);
            order.voided_qty += less;
            order.notional -= old.px.times(old.qty, 1);
            order.notional += px.times(qty, 1);
            let last = Last { px, qty, fee: side.fee, liquidity: side.liquidity };
            let corrected = self.tell_revised(ExecType::TradeCorrect, *side, last, events);
            side.exec = corrected;
            self.ledger.alias(corrected, old.number);
        }
        if let Some(trade) = self.ledger.get_mut(old.number) {
            *trade = Trade { px, qty, sides, ..*trade };
        }
        Ok(())
    }
    fn tell_revised(
        &mut self,
        exec_type: ExecType,
        side: Execution,
        last: Last,
        events: &mut Vec<Event>,
    ) -> ExecNumber {
        let exec = self.next_exec();
        if let Some(order) = self.orders.get(side.order) {
            let report = order.report(exec_type, Some(exec), self.now);
            let report = Report { exec_ref: Some(side.exec), last: Some(last), ..report };
            events.push(Event::Report(Box::new(report)));
        }
        exec
    }
}

fn sides_of(execution: Execution) -> [Option<Execution>; 2] {
    if execution.side.is_buy() { [Some(execution), None] } else { [None, Some(execution)] }
}

fn name_of(symbols: &Symbols) -> String {
    match symbols {
        Symbols::All => "all symbols".to_string(),
        Symbols::Of(names) => match names.as_slice() {
            [one] => one.to_string(),
            many => format!("{} symbols", many.len()),
        },
        Symbols::Range(first, last) => format!("symbols {first} to {last}"),
    }
}
