//! Checks what a book says against its rules, from its answers alone; knows neither book's code.

use std::collections::BTreeMap;

use ringfence_kernel::types::{Price, Qty, Side};
use ringfence_sim::book::{
    Book, BookEvent, BookLimits, BookMode, BookOrder, BookOrderId, FastBook, OpenOrder, Place,
    Trade, Visibility,
};

use super::words::{Call, call, id, px};

/// What became of the quantity of every order, and its terms.
#[derive(Default)]
pub(crate) struct Auditor {
    terms: BTreeMap<BookOrderId, BookOrder>,
    asked: BTreeMap<BookOrderId, u64>,
    bought: BTreeMap<BookOrderId, u64>,
    sold: BTreeMap<BookOrderId, u64>,
    canceled: BTreeMap<BookOrderId, u64>,
}

impl Auditor {
    /// Checks one answer; `before` are the orders before the request.
    pub(crate) fn check(
        &mut self,
        before: &[OpenOrder],
        call: Call,
        events: &[BookEvent],
        book: &dyn Book,
    ) {
        if let Call::Submit(order) = call
            && events.first() == Some(&BookEvent::Accepted { id: order.id })
        {
            self.terms.insert(order.id, order);
            self.forget(order.id);
            self.asked.insert(order.id, order.qty.units());
        }
        self.check_priority(before, events, book);
        for event in events {
            self.book_event(event, book);
        }
        self.check_conservation(book);
        check_not_crossed(book, &self.terms);
    }
    /// An id may be used again once its order is closed.
    fn forget(&mut self, id: BookOrderId) {
        for counts in [&mut self.bought, &mut self.sold, &mut self.canceled] {
            counts.remove(&id);
        }
    }
    fn side(&self, id: BookOrderId) -> Side {
        self.terms[&id].side
    }
    fn book_event(&mut self, event: &BookEvent, book: &dyn Book) {
        match event {
            BookEvent::Trade(trade) => self.book_trade(trade, book),
            BookEvent::Canceled { id, leaves, .. } => {
                *self.canceled.entry(*id).or_default() += leaves.units();
            }
            BookEvent::Replaced { id, qty, .. } => {
                self.asked.insert(*id, qty.units());
            }
            BookEvent::Reduced { id, leaves } => {
                let done = self.done(*id);
                self.asked.insert(*id, done + leaves.units());
            }
            BookEvent::Accepted { .. }
            | BookEvent::Rejected { .. }
            | BookEvent::Rested { .. }
            | BookEvent::Held { .. }
            | BookEvent::Refreshed { .. }
            | BookEvent::Triggered { .. }
            | BookEvent::Repriced { .. } => {}
        }
    }
    fn book_trade(&mut self, trade: &Trade, book: &dyn Book) {
        assert!(!trade.qty.is_zero(), "{trade:?} trades nothing");
        let (buyer, seller) = if self.side(trade.taker).is_buy() {
            (trade.taker, trade.maker)
        } else {
            (trade.maker, trade.taker)
        };
        assert!(self.side(buyer).is_buy() && !self.side(seller).is_buy(), "{trade:?}: two sides");
        *self.bought.entry(buyer).or_default() += trade.qty.units();
        *self.sold.entry(seller).or_default() += trade.qty.units();
        for (id, leaves) in [(trade.taker, trade.taker_leaves), (trade.maker, trade.maker_leaves)] {
            assert_eq!(self.asked[&id], self.done(id) + leaves.units(), "leaves of {id}");
        }
        if let Some(band) = book.band() {
            assert_eq!(trade.px, band.nearest(trade.px), "{trade:?} is outside the band");
        }
    }
    fn done(&self, id: BookOrderId) -> u64 {
        let of = |counts: &BTreeMap<BookOrderId, u64>| counts.get(&id).copied().unwrap_or(0);
        of(&self.bought) + of(&self.sold)
    }
    /// Executed, open and canceled quantity sum to what was asked for, order by order.
    fn check_conservation(&self, book: &dyn Book) {
        for (id, asked) in &self.asked {
            let canceled = self.canceled.get(id).copied().unwrap_or(0);
            let open = book.order(*id).map_or(0, |order| order.leaves.units());
            let closed_by_replace = open == 0 && canceled > 0;
            let sum = self.done(*id) + canceled + open;
            assert!(sum == *asked || closed_by_replace && sum <= *asked, "{id}: {sum} of {asked}");
        }
    }
    /// Price-time priority of the first order that came in: whoever it traded with was before
    /// everyone it did not trade with, unless the minimum of that one was not met.
    fn check_priority(&self, before: &[OpenOrder], events: &[BookEvent], book: &dyn Book) {
        if book.mode() != BookMode::Continuous {
            return;
        }
        let triggered = |event: &BookEvent| matches!(event, BookEvent::Triggered { .. });
        let own = events.iter().position(triggered).map_or(events, |end| &events[..end]);
        let trades: Vec<&Trade> = own.iter().filter_map(trade_of).collect();
        let Some(first) = trades.first() else { return };
        let is_buy = self.side(first.taker).is_buy();
        let line = before
            .iter()
            .filter(|order| order.place == Place::Resting && order.side.is_buy() != is_buy);
        let mut last: Option<(i64, bool)> = None;
        for trade in &trades {
            assert_eq!(first.taker, trade.taker);
            let rank = self.rank(trade.maker, trade.px);
            assert!(last.is_none_or(|last| last <= rank), "{trade:?} is out of turn");
            last = Some(rank);
        }
        for order in line {
            let traded = trades.iter().filter(|trade| trade.maker == order.id).count() > 0;
            let px = order.px.unwrap();
            let is_better = last.is_some_and(|last| self.rank(order.id, px) < last);
            let has_minimum = self.terms[&order.id].min_qty.is_some();
            assert!(traded || !is_better || has_minimum, "order {} was passed by", order.id);
        }
        self.check_first_round(before, &trades);
    }
    /// Those of one price and visibility trade first in the order in which they stood.
    fn check_first_round(&self, before: &[OpenOrder], trades: &[&Trade]) {
        let place = |id| before.iter().position(|order| order.id == id);
        let mut seen: Vec<BookOrderId> = Vec::new();
        for trade in trades.iter().filter(|trade| place(trade.maker).is_some()) {
            if !seen.contains(&trade.maker) {
                let is_behind = seen.last().is_none_or(|last| place(*last) < place(trade.maker));
                assert!(is_behind, "{trade:?} jumps the line");
                seen.push(trade.maker);
            }
        }
    }
    fn rank(&self, id: BookOrderId, px: Price) -> (i64, bool) {
        let order = self.terms[&id];
        let nanos = if order.side.is_buy() { -px.nanos() } else { px.nanos() };
        (nanos, order.visibility == Visibility::Hidden)
    }
}

fn trade_of(event: &BookEvent) -> Option<&Trade> {
    if let BookEvent::Trade(trade) = event { Some(trade) } else { None }
}

fn check_not_crossed(book: &dyn Book, terms: &BTreeMap<BookOrderId, BookOrder>) {
    if book.mode() != BookMode::Continuous {
        return;
    }
    let best = |side| {
        let resting = book.resting(side);
        let free = resting.iter().find(|order| terms[&order.id].min_qty.is_none());
        free.and_then(|order| order.px)
    };
    if let (Some(bid), Some(ask)) = (best(Side::Buy), best(Side::Sell)) {
        assert!(bid < ask, "the book is crossed: {bid} against {ask}");
    }
    if let (Some(bid), Some(ask)) = (book.best(Side::Buy), book.best(Side::Sell)) {
        assert!(bid.px < ask.px, "what is displayed is crossed");
    }
}

/// Gives an auditor two sales at two prices and a buy, and then an answer that is made up.
fn audit_false_answer(make_up: impl Fn(&mut Vec<BookEvent>)) {
    let mut book = FastBook::new(BookLimits::default());
    let mut auditor = Auditor::default();
    for line in ["sell 1 10 @10", "sell 2 10 @11", "buy 3 5 @11"] {
        let before = book.resting(Side::Sell);
        let Call::Submit(order) = call(line) else { panic!("an order") };
        let mut events = Vec::new();
        book.submit(order, &mut events);
        if line.starts_with("buy") {
            make_up(&mut events);
        }
        auditor.check(&before, Call::Submit(order), &events, &book);
    }
}

fn change_trade(events: &mut [BookEvent], change: impl Fn(&mut Trade)) {
    for event in events {
        if let BookEvent::Trade(trade) = event {
            change(trade);
        }
    }
}

/// Rule 17 of STYLE.md: the auditor passes what is true.
#[test]
fn a_true_answer_passes() {
    audit_false_answer(|_| {});
}

/// Rule 17 of STYLE.md: the auditor sees a worse order trade before a better one.
#[test]
#[should_panic(expected = "order 1 was passed by")]
fn a_trade_through_is_found() {
    audit_false_answer(|events| {
        change_trade(events, |trade| (trade.maker, trade.px) = (id("2"), px("11")));
    });
}

/// Rule 17 of STYLE.md: the auditor sees quantity appear.
#[test]
#[should_panic(expected = "leaves of 3")]
fn quantity_from_nowhere_is_found() {
    audit_false_answer(|events| change_trade(events, |trade| trade.qty = Qty::new(6)));
}

/// Rule 17 of STYLE.md: the auditor sees quantity vanish.
#[test]
#[should_panic(expected = "1: 5 of 10")]
fn quantity_that_vanishes_is_found() {
    audit_false_answer(|events| events.truncate(1));
}
