//! Both books behind one desk: each request to both, then answers and whole books compared.

use ringfence_kernel::types::{Price, Qty, Side};
use ringfence_sim::book::{
    Book, BookEvent, BookLimits, Cross, FastBook, Level, OpenOrder, PlainBook,
};

use super::audit;
use super::words::{Call, call, say, say_cross};

pub(crate) const SIDES: [Side; 2] = [Side::Buy, Side::Sell];

/// Both books.
pub(crate) struct Desk {
    plain: PlainBook,
    fast: FastBook,
    auditor: audit::Auditor,
}

/// What one request gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) events: Vec<BookEvent>,
    /// The auction, whether the mode was refused, how many stops stay due.
    pub(crate) result: Option<String>,
}

/// Everything that can be asked of a book.
#[derive(Debug, PartialEq, Eq)]
struct Views {
    orders: Vec<OpenOrder>,
    count: usize,
    best: Vec<Option<Level>>,
    depth: Vec<Vec<Level>>,
    takeable: Vec<Qty>,
    last_px: Option<Price>,
    indicative: Option<Cross>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(BookLimits::default())
    }
    pub(crate) fn with(limits: BookLimits) -> Self {
        let auditor = audit::Auditor::default();
        Self { plain: PlainBook::new(limits), fast: FastBook::new(limits), auditor }
    }
    pub(crate) fn book(&self) -> &dyn Book {
        &self.fast
    }
    /// Gives a request to both books and returns what both answered.
    pub(crate) fn call(&mut self, call: Call) -> Answer {
        let before = views(&self.plain);
        let plain = apply(&mut self.plain, call);
        let fast = apply(&mut self.fast, call);
        assert_eq!(plain, fast, "the books answer {call:?} differently");
        let after = views(&self.plain);
        assert_eq!(after, views(&self.fast), "the books differ after {call:?}");
        self.auditor.check(&before.orders, call, &plain.events, &self.fast);
        plain
    }
    /// Gives a line to both books and returns what they answered as a line.
    pub(crate) fn say(&mut self, line: &str) -> String {
        let answer = self.call(call(line));
        let lines = answer.events.iter().filter_map(say).chain(answer.result);
        lines.collect::<Vec<_>>().join("; ")
    }
    /// As [`Desk::say`], without comparing whole books: for long scripts.
    pub(crate) fn say_quietly(&mut self, line: &str) -> String {
        let call = call(line);
        let answer = apply(&mut self.plain, call);
        assert_eq!(answer, apply(&mut self.fast, call));
        let lines = answer.events.iter().filter_map(say).chain(answer.result);
        lines.collect::<Vec<_>>().join("; ")
    }
    /// Returns the resting orders of a side, best first, as `id leaves@px`.
    pub(crate) fn lines(&self, side: Side) -> String {
        let show =
            |order: &OpenOrder| format!("{} {}@{}", order.id, order.leaves, order.px.unwrap());
        self.fast.resting(side).iter().map(show).collect::<Vec<_>>().join(", ")
    }
}

/// Gives each line to a new desk and compares what is answered.
pub(crate) fn tape(rows: &[(&str, &str)]) -> Desk {
    let mut desk = Desk::new();
    run(&mut desk, rows);
    desk
}

/// Gives each line to a desk and compares what is answered.
pub(crate) fn run(desk: &mut Desk, rows: &[(&str, &str)]) {
    for (line, expected) in rows {
        assert_eq!(*expected, desk.say(line), "{line}");
    }
}

fn apply(book: &mut dyn Book, call: Call) -> Answer {
    let mut events = Vec::new();
    let result = match call {
        Call::Submit(order) => {
            book.submit(order, &mut events);
            None
        }
        Call::Cancel(id) => {
            book.cancel(id, &mut events);
            None
        }
        Call::Replace(id, terms) => {
            book.replace(id, terms, &mut events);
            None
        }
        Call::Reduce(id, by) => {
            book.reduce(id, by, &mut events);
            None
        }
        Call::Mode(mode) => {
            book.set_mode(mode, &mut events).is_err().then(|| "must uncross".into())
        }
        Call::Band(band) => {
            book.set_band(band, &mut events);
            None
        }
        Call::Uncross(reference) => {
            let indicative = book.indicative(reference);
            match book.uncross(reference, &mut events) {
                Ok(cross) => {
                    assert_eq!(indicative, cross, "what was indicated is what trades");
                    Some(say_cross(cross))
                }
                Err(_) => Some("no auction".into()),
            }
        }
        Call::RunDue => Some(format!("{} due", book.run_due(&mut events))),
    };
    Answer { events, result }
}

fn views(book: &dyn Book) -> Views {
    let mut orders = book.resting(Side::Buy);
    orders.extend(book.resting(Side::Sell));
    orders.extend(book.waiting());
    for order in &orders {
        assert_eq!(Some(*order), book.order(order.id));
    }
    let reference = book.last_px().unwrap_or_default();
    let limits = [None, Some(reference)];
    let takeable = SIDES.map(|side| limits.map(|limit| book.takeable(side, limit)));
    Views {
        count: book.order_count(),
        best: SIDES.map(|side| book.best(side)).to_vec(),
        depth: SIDES.map(|side| book.depth(side, 3)).to_vec(),
        takeable: takeable.concat(),
        last_px: book.last_px(),
        indicative: book.indicative(reference),
        orders,
    }
}
