//! Events in short words, so that a test reads as a list.

use ringfence_kernel::types::{Name, Price, Qty};
use ringfence_sim::tape::{
    BookSide, Fault, Level, Place, Tape, TapeError, TapeEvent, TapeTime, TradeFlags, What,
};

/// All events of a tape, which must not fail and whose peek must tell the time of the next one.
pub(crate) fn all(mut tape: impl Tape) -> Vec<TapeEvent> {
    let mut events = Vec::new();
    loop {
        let due = tape.peek();
        let event = tape.next().unwrap();
        assert_eq!(due, event.map(|event| event.at));
        match event {
            Some(event) => events.push(event),
            None => return events,
        }
    }
}

/// The events before the failure, and the failure, which must stay when asked again.
pub(crate) fn failure(mut tape: impl Tape) -> (Vec<TapeEvent>, TapeError) {
    let mut events = Vec::new();
    loop {
        match tape.next() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => panic!("the tape ended without a failure after {events:?}"),
            Err(why) => {
                assert_eq!(Err(why.clone()), tape.next());
                let last = events.last().map_or(TapeTime::MIDNIGHT, |event| event.at);
                assert_eq!(Some(last), tape.peek());
                return (events, why);
            }
        }
    }
}

/// Why and where a tape fails, in words.
pub(crate) fn refusal(tape: impl Tape) -> String {
    failure(tape).1.to_string()
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn px(text: &str) -> Price {
    Price::parse(text).unwrap()
}

pub(crate) fn ms(ms: u64) -> TapeTime {
    TapeTime::from_millis(ms).unwrap()
}

pub(crate) fn level(price: &str, units: u64) -> Level {
    Level { px: px(price), qty: Qty::new(units) }
}

pub(crate) fn trade(price: &str, units: u64, flags: TradeFlags) -> What {
    What::Trade { px: px(price), qty: Qty::new(units), flags, match_number: None }
}

pub(crate) fn quote(side: BookSide, best: Option<Level>) -> What {
    What::Quote { side, best }
}

pub(crate) fn event(at: TapeTime, venue: &str, what: What) -> TapeEvent {
    TapeEvent { at, symbol: name("BAC"), venue: name(venue), what }
}

pub(crate) fn at_line(line: u64, fault: Fault) -> TapeError {
    TapeError::new(Place::Line(line), fault)
}
