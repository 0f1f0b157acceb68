//! Two texts in, trades and a book out: what `ringfence venue match` prints.
//!
//! For comparing the books with other engines. Continuous trading without a band. Everything is
//! read before the first order is entered, so a bad line gives a problem and nothing else.

mod csv;
mod rows;

pub use csv::{CsvFile, CsvProblem, ROWS_MAX};

use ringfence_kernel::types::{Qty, Side};

use rows::Action;

use crate::book::{
    Book, BookEvent, BookLimits, BookOrderId, CancelReason, FastBook, OpenOrder, PlainBook,
    RejectReason, Request, Trade,
};

/// Which of the two books matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchEngine {
    /// [`FastBook`].
    Fast,
    /// [`PlainBook`].
    Plain,
}

impl MatchEngine {
    /// Returns the engine called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "fast" => Some(Self::Fast),
            "plain" => Some(Self::Plain),
            _ => None,
        }
    }
}

/// What the requests led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// Every trade, in order.
    pub trades: Vec<Trade>,
    /// Refused requests, in order.
    pub rejected: Vec<(BookOrderId, Request, RejectReason)>,
    /// Orders that were closed with a rest, in order, and the rest.
    pub canceled: Vec<(BookOrderId, Qty, CancelReason)>,
    /// Resting orders at the end: buys, then sells, each in the order in which they would trade.
    pub book: Vec<OpenOrder>,
    /// Orders outside the book at the end: for an auction, or with a stop price.
    pub waiting: Vec<OpenOrder>,
}

/// Returns what the requests of `orders` do to the resting orders of `book`, both CSV.
pub fn match_orders(
    book: &[u8],
    orders: &[u8],
    engine: MatchEngine,
) -> Result<Matched, CsvProblem> {
    let limits = BookLimits::default();
    match engine {
        MatchEngine::Fast => run(&mut FastBook::new(limits), book, orders),
        MatchEngine::Plain => run(&mut PlainBook::new(limits), book, orders),
    }
}

fn run(engine: &mut dyn Book, book: &[u8], orders: &[u8]) -> Result<Matched, CsvProblem> {
    fill(engine, book)?;
    let table = rows::order_table(orders)?;
    let actions: Vec<Action> =
        table.rows().map(|row| rows::action(&row)).collect::<Result<_, _>>()?;
    let (mut events, mut matched) = (Vec::new(), Matched::default());
    for action in actions {
        match action {
            Action::New(order) => engine.submit(order, &mut events),
            Action::Cancel(id) => engine.cancel(id, &mut events),
            Action::Replace(id, terms) => engine.replace(id, terms, &mut events),
        }
        // Each turn lets at least one stop enter, and no stop enters twice.
        while engine.run_due(&mut events) > 0 {}
        events.drain(..).for_each(|event| matched.note(event));
    }
    matched.book = engine.resting(Side::Buy);
    matched.book.extend(engine.resting(Side::Sell));
    matched.waiting = engine.waiting();
    Ok(matched)
}

/// Enters the resting orders, in their order; one that does anything but rest is a problem.
fn fill(engine: &mut dyn Book, book: &[u8]) -> Result<(), CsvProblem> {
    let mut events = Vec::new();
    for row in rows::book_table(book)?.rows() {
        events.clear();
        engine.submit(rows::resting_order(&row)?, &mut events);
        let expected = "an order that rests";
        for event in &events {
            match event {
                BookEvent::Trade(trade) => {
                    let found = format!("one that trades with order {}", trade.maker);
                    return Err(row.problem("price", expected, &found));
                }
                BookEvent::Rejected { why, .. } => {
                    return Err(row.line_problem(expected, why.name()));
                }
                BookEvent::Canceled { why, .. } => {
                    return Err(row.line_problem(expected, why.name()));
                }
                BookEvent::Accepted { .. }
                | BookEvent::Rested { .. }
                | BookEvent::Held { .. }
                | BookEvent::Refreshed { .. }
                | BookEvent::Triggered { .. }
                | BookEvent::Replaced { .. }
                | BookEvent::Reduced { .. }
                | BookEvent::Repriced { .. } => {}
            }
        }
    }
    Ok(())
}

impl Matched {
    fn note(&mut self, event: BookEvent) {
        match event {
            BookEvent::Trade(trade) => self.trades.push(trade),
            BookEvent::Rejected { id, request, why } => self.rejected.push((id, request, why)),
            BookEvent::Canceled { id, leaves, why } => self.canceled.push((id, leaves, why)),
            BookEvent::Accepted { .. }
            | BookEvent::Rested { .. }
            | BookEvent::Held { .. }
            | BookEvent::Refreshed { .. }
            | BookEvent::Triggered { .. }
            | BookEvent::Replaced { .. }
            | BookEvent::Reduced { .. }
            | BookEvent::Repriced { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests;
