//! What the anonymous participant does, event by event, between members' orders.

use ringfence_kernel::types::{Note, Price, Qty, Side};

use super::Exchange;
use super::command::{Operation, Symbols};
use super::event::Event;
use super::ids::InstrumentIndex;
use super::liquidity::{HOUSE_FIRST, MarketEvent, MarketWhat};
use crate::book::{Book, BookEvent, BookMode};

impl<B: Book> Exchange<B> {
    /// Does the next event of the anonymous participant, which is due.
    pub(super) fn take_market(&mut self, events: &mut Vec<Event>) {
        let now = self.now;
        let taken = self.liquidity.as_mut().and_then(|source| source.take(now));
        match taken {
            Some(MarketEvent { what: MarketWhat::Failed(text), .. }) => {
                self.lose_liquidity(text, events);
            }
            Some(MarketEvent { symbol, what, .. }) => {
                if let Some(at) = self.instrument(&symbol) {
                    self.follow(at, what, events);
                }
            }
            // A source that is due and gives nothing would be asked for ever.
            None => self.lose_liquidity(Note::clipped("due, and nothing came"), events),
        }
    }
    fn lose_liquidity(&mut self, text: Note, events: &mut Vec<Event>) {
        self.liquidity = None;
        events.push(Event::LiquidityLost { text });
    }
    fn follow(&mut self, at: InstrumentIndex, what: MarketWhat, events: &mut Vec<Event>) {
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        let (house, book, answers) = (&mut one.house, &mut one.book, &mut self.book_events);
        match what {
            MarketWhat::Quote { side, best } => house.quote(book, side, best, answers),
            MarketWhat::Add { order, side, level } => house.add(book, order, side, level, answers),
            MarketWhat::Reduce { order, qty } => house.reduce(book, order, qty, answers),
            MarketWhat::Delete { order } => {
                house.delete(book, order, answers);
            }
            MarketWhat::Replace { order, new, level } => {
                if let Some(side) = house.delete(book, order, answers) {
                    house.add(book, new, side, level, answers);
                }
            }
            MarketWhat::Execute { order, qty } => self.execute_told(at, order, qty, events),
            MarketWhat::Trade { px, qty, aggressor } => {
                self.trade_told(at, px, qty, aggressor, events);
            }
            MarketWhat::Halt | MarketWhat::Resume => {
                let symbols = Symbols::Of(self.symbol(at).into_iter().collect());
                let why = Note::clipped("halted at the venue of the tape");
                let operation = if what == MarketWhat::Halt {
                    Operation::Halt { symbols, reason: None, why }
                } else {
                    Operation::Reopen { symbols, auction_ns: 0 }
                };
                // A tape says again what is so already; that changes nothing.
                let _ = self.operate(&operation, events);
            }
            MarketWhat::Failed(_) => {}
        }
        self.settle(at, events);
    }
    fn trade_told(
        &mut self,
        at: InstrumentIndex,
        px: Price,
        qty: Qty,
        aggressor: Option<Side>,
        events: &mut Vec<Event>,
    ) {
        if !self.may_print(at, px) {
            return;
        }
        if let Some(one) = self.instruments.get_mut(at.index()) {
            one.house.hit(&mut one.book, px, qty, aggressor, &mut self.book_events);
            self.print_rest(at, px, qty, events);
        }
    }
    fn execute_told(&mut self, at: InstrumentIndex, order: u64, qty: Qty, events: &mut Vec<Event>) {
        let told = self.instruments.get(at.index()).and_then(|one| one.house.find(order));
        let Some((_, px)) = told else { return };
        let may_print = self.may_print(at, px);
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        if may_print {
            one.house.execute(&mut one.book, order, qty, &mut self.book_events);
            self.print_rest(at, px, qty, events);
        } else {
            // The order is gone all the same; nothing trades here.
            one.house.reduce(&mut one.book, order, qty, &mut self.book_events);
        }
    }
    fn may_print(&self, at: InstrumentIndex, px: Price) -> bool {
        self.instruments.get(at.index()).is_some_and(|one| {
            let is_inside = one.book.band().is_none_or(|band| band.nearest(px) == px);
            let is_trading = one.book.mode() == BookMode::Continuous;
            is_inside && is_trading && px.nanos() > 0 && self.ledger.has_room()
        })
    }
    /// Prints what no member took; what members took is printed as their trades.
    fn print_rest(&mut self, at: InstrumentIndex, px: Price, qty: Qty, events: &mut Vec<Event>) {
        let mut of_members = Qty::ZERO;
        for event in &self.book_events {
            if let BookEvent::Trade(trade) = event
                && trade.maker.raw() < HOUSE_FIRST
            {
                of_members += trade.qty;
            }
        }
        let rest = qty.saturating_sub(of_members);
        if !rest.is_zero() {
            self.print(at, px, rest, events);
        }
    }
}
