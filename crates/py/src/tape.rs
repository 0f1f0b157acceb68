//! Tapes of recorded or reconstructed liquidity, as rows or summed up.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use ringfence_kernel::types::{Name, Price, Qty};
use ringfence_sim::tape::itch::{Framing, itch};
use ringfence_sim::tape::lobster::lobster;
use ringfence_sim::tape::quoted::quoted;
use ringfence_sim::tape::reconstruction::{Reconstruction, Tables};
use ringfence_sim::tape::summary::{SymbolSummary, Totals, summarise};
use ringfence_sim::tape::{
    BookSide, Level, Merged, Named, Place, Selection, Tape as _, TapeError, TapeEvent, TapeTime,
    What, Whole, ticks,
};
use serde_json::{Map, Value, json};

use crate::InputError;
use crate::convert;

/// A tape of any source.
pub(crate) type AnyTape = Box<dyn ringfence_sim::tape::Tape + Send>;

/// A recording of one kind, decompressed.
#[derive(FromPyObject)]
struct Source {
    #[pyo3(item)]
    kind: String,
    #[pyo3(item)]
    name: String,
    #[pyo3(item)]
    symbol: String,
    #[pyo3(item)]
    parts: Vec<PyBackedBytes>,
}

/// Events of the market tape in time order; read once.
///
/// `sources` are dicts of `kind` ("trades", "quotes", "trades_quoted", "lobster" or "itch"),
/// `name` for messages, `symbol`, and `parts`, the bytes of the files (two for "lobster").
/// `symbols` and `venues` choose, all when empty; `start` and `end` are nanoseconds since midnight
/// in New York. What cannot be read raises InputError.
#[pyclass(module = "ringfence._core", frozen)]
pub(crate) struct Tape {
    tape: Mutex<AnyTape>,
}

impl Tape {
    /// Returns what is left of the tape, and leaves nothing.
    pub(crate) fn taken(&self) -> AnyTape {
        let nothing: AnyTape = Box::new(ticks::trades(Name::clipped("-"), Whole::new([])));
        core::mem::replace(&mut *self.tape.lock().unwrap_or_else(PoisonError::into_inner), nothing)
    }
}

#[pymethods]
impl Tape {
    #[new]
    fn new(
        py: Python<'_>,
        sources: Vec<Source>,
        symbols: Vec<String>,
        venues: Vec<String>,
        start: i64,
        end: i64,
    ) -> PyResult<Self> {
        let opened: Vec<AnyTape> = sources.into_iter().map(opened).collect::<PyResult<_>>()?;
        Self::selected(py, opened, (symbols, venues), (start, end))
    }
    /// Return the reconstruction of the named symbols, all when there are none, from tables.
    #[staticmethod]
    fn reconstruction(
        py: Python<'_>,
        tables: [PyBackedStr; 3],
        seed: u64,
        symbols: Vec<String>,
        venues: Vec<String>,
        start: i64,
        end: i64,
    ) -> PyResult<Self> {
        let [minutes, shares, prints] = &tables;
        let tables = Tables::parse(minutes, shares, prints).map_err(refused)?;
        let wanted = if symbols.is_empty() { tables.symbols() } else { names(symbols)? };
        let mut opened: Vec<AnyTape> = Vec::new();
        for symbol in wanted {
            opened.push(Box::new(Reconstruction::open(&tables, symbol, seed).map_err(refused)?));
        }
        Self::selected(py, opened, (Vec::new(), venues), (start, end))
    }
    /// Return up to `count` further events as rows; none at the end.
    ///
    /// The rows before a failure still come; the call after them raises InputError.
    fn rows<'py>(&self, py: Python<'py>, count: usize) -> PyResult<Bound<'py, PyAny>> {
        let (rows, failed) = py.detach(|| {
            let mut tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
            let (mut rows, mut failed) = (Vec::new(), None);
            while rows.len() < count && failed.is_none() {
                match tape.next() {
                    Ok(Some(event)) => rows.push(row(&event)),
                    Ok(None) => break,
                    Err(why) => failed = Some(why),
                }
            }
            (rows, failed)
        });
        match failed {
            Some(why) if rows.is_empty() => Err(refused(why)),
            Some(_) | None => convert::python(py, &Value::Array(rows)),
        }
    }
    /// Return the totals of all that is left, symbol by symbol.
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let symbols = py.detach(|| {
            let mut tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
            summarise(&mut *tape)
        });
        let rows = symbols.map_err(refused)?;
        let rows = rows.iter().map(|(symbol, summary)| totals_of(symbol, summary));
        convert::python(py, &Value::Array(rows.collect()))
    }
}

impl Tape {
    fn selected(
        py: Python<'_>,
        tapes: Vec<AnyTape>,
        (symbols, venues): (Vec<String>, Vec<String>),
        (start, end): (i64, i64),
    ) -> PyResult<Self> {
        let (symbols, venues) = (names(symbols)?, names(venues)?);
        let time = |nanos: i64| {
            TapeTime::from_nanos(nanos).ok_or_else(|| {
                let found = nanos.to_string();
                let what = "nanoseconds of one day";
                refused(TapeError::expected(Place::Outside, what, found.as_bytes()))
            })
        };
        let selection = Selection { symbols, venues, from: time(start)?, to: time(end)? };
        let merged = Merged::new(tapes).map_err(refused)?;
        let tape: AnyTape = Box::new(py.detach(|| selection.of(merged)));
        Ok(Self { tape: Mutex::new(tape) })
    }
}

fn opened(source: Source) -> PyResult<AnyTape> {
    let symbol = one_name(&source.symbol)?;
    let mut parts = source.parts.into_iter();
    let tape: AnyTape = match (source.kind.as_str(), parts.next(), parts.next()) {
        ("trades", Some(bytes), None) => Box::new(ticks::trades(symbol, Whole::new(bytes))),
        ("trades_quoted", Some(bytes), None) => {
            Box::new(quoted(ticks::trades(symbol, Whole::new(bytes))))
        }
        ("quotes", Some(bytes), None) => Box::new(ticks::quotes(symbol, Whole::new(bytes))),
        ("lobster", Some(messages), Some(book)) => {
            Box::new(lobster(symbol, Whole::new(messages), Whole::new(book)))
        }
        ("itch", Some(bytes), None) => Box::new(itch(Framing::of(&bytes), Whole::new(bytes))),
        (kind, _, _) => {
            let message = format!("{}: expected a kind of tape, found {kind:?}", source.name);
            return Err(InputError::new_err((message, None::<u64>)));
        }
    };
    Ok(Box::new(Named::new(source.name.into(), tape)))
}

fn one_name(text: &str) -> PyResult<Name> {
    Name::new(text).ok_or_else(|| {
        let message = format!("expected a name of 1 to 31 characters, found {text:?}");
        InputError::new_err((message, None::<u64>))
    })
}

fn names(texts: Vec<String>) -> PyResult<Vec<Name>> {
    texts.iter().map(|text| one_name(text)).collect()
}

fn refused(why: TapeError) -> PyErr {
    InputError::new_err((why.to_string(), None::<u64>))
}

/// Returns an event as a flat row.
fn row(event: &TapeEvent) -> Value {
    let mut fields = Map::new();
    fields.insert("time".into(), json!(event.at.to_string()));
    fields.insert("symbol".into(), json!(event.symbol.as_str()));
    fields.insert("venue".into(), json!(event.venue.as_str()));
    fields.insert("event".into(), json!(event.what.name()));
    let more = match event.what {
        What::Quote { side, best } => {
            let (px, qty) = best.map_or((None, 0), |best| (Some(best.px), best.qty.units()));
            json!({ "side": side.name(), "px": text(px), "qty": qty })
        }
        What::Trade { px, qty, flags, match_number } => {
            let flags: Vec<&str> = flags.names().collect();
            let number = match_number.map(|number| number.number());
            json!({ "px": text(Some(px)), "qty": qty.units(), "flags": flags, "match": number })
        }
        What::Add { order_ref, side, level: Level { px, qty } } => json!({
            "order": order_ref.number(),
            "side": side.name(),
            "px": text(Some(px)),
            "qty": qty.units(),
        }),
        What::Reduce { order_ref, qty } => {
            json!({ "order": order_ref.number(), "qty": qty.units() })
        }
        What::Delete { order_ref } => json!({ "order": order_ref.number() }),
        What::Replace { order_ref, new_ref, level: Level { px, qty } } => json!({
            "order": order_ref.number(),
            "new_order": new_ref.number(),
            "px": text(Some(px)),
            "qty": qty.units(),
        }),
        What::Execute { order_ref, qty, px, match_number, is_printed } => json!({
            "order": order_ref.number(),
            "px": text(px),
            "qty": qty.units(),
            "match": match_number.map(|number| number.number()),
            "is_printed": is_printed,
        }),
        What::ExecuteHidden { side, px, qty, match_number } => json!({
            "side": side.name(),
            "px": text(Some(px)),
            "qty": qty.units(),
            "match": match_number.map(|number| number.number()),
        }),
        What::Broken { match_number } => json!({ "match": match_number.number() }),
        What::Phase(phase) => json!({ "phase": phase.name() }),
    };
    if let Value::Object(more) = more {
        fields.extend(more);
    }
    Value::Object(fields)
}

fn totals_of(symbol: &Name, summary: &SymbolSummary) -> Value {
    let venues = summary.venues.iter().map(|(venue, totals)| {
        let Value::Object(mut fields) = totals_row(totals) else { return Value::Null };
        fields.insert("venue".into(), json!(venue.as_str()));
        Value::Object(fields)
    });
    let half_hours = summary.half_hours.iter().map(|(index, qty)| {
        let start = TapeTime::MIDNIGHT.plus(index.saturating_mul(1_800_000_000_000));
        json!({ "start": start.to_string(), "qty": qty.units() })
    });
    let [first, high, low, last] = match summary.prices {
        Some(prices) => prices.map(Some),
        None => [None; 4],
    };
    let shown = summary.shown();
    let shown_qty = |side| shown.qty(side).map(Qty::units);
    json!({
        "symbol": symbol.as_str(),
        "all": totals_row(&summary.all),
        "first": text(first),
        "high": text(high),
        "low": text(low),
        "last": text(last),
        "spread": text(shown.spread()),
        "bid_qty": shown_qty(BookSide::Bid),
        "ask_qty": shown_qty(BookSide::Ask),
        "venues": venues.collect::<Vec<_>>(),
        "half_hours": half_hours.collect::<Vec<_>>(),
    })
}

fn totals_row(totals: &Totals) -> Value {
    json!({
        "events": totals.events,
        "quotes": totals.quotes,
        "withdrawals": totals.withdrawals,
        "trades": totals.trades,
        "qty": totals.qty.units(),
        "vwap": text(totals.vwap()),
    })
}

fn text(px: Option<Price>) -> Option<String> {
    px.map(|px| px.to_string())
}
