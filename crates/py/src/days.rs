//! The days of a journal: what a start does with them, and what each leaves to the next.

use std::path::PathBuf;

use pyo3::prelude::*;
use ringfence_node::closing::{ClosingDay, ClosingPosition, start_of};
use ringfence_node::journal::{Report, TradeDate, verify_days};
use ringfence_node::settings::{SettingsError, opening_of};
use serde_json::{Value, json};

use crate::convert::{self, journal_error};
use crate::{InputError, JournalError};

/// Return what a start on `trade_date` would do with the days under `root`; nothing is changed.
///
/// `node` are the settings of a gateway, by which it judges the day in front; without them that day
/// is only read. The answer has `text`, a list `known`, and `against`, None where nothing stands
/// against it.
#[pyfunction]
#[pyo3(signature = (root, trade_date, node=None))]
pub(crate) fn start_of_day<'py>(
    py: Python<'py>,
    root: PathBuf,
    trade_date: &str,
    node: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let date: TradeDate = trade_date.parse().map_err(journal_error)?;
    let refused = |why: SettingsError| InputError::new_err((why.to_string(), None::<u64>));
    let opening = node.map(opening_of).transpose().map_err(refused)?;
    let start = py.detach(|| start_of(&root, date, opening.as_ref()));
    let start = start.map_err(|why| JournalError::new_err(why.to_string()))?;
    let told = json!({ "text": start.text, "known": start.known, "against": start.against });
    convert::python(py, &told)
}

/// Return what the day of a gateway in `directory` leaves to the next: positions, and what is open,
/// unconfirmed or halted, as sentences.
#[pyfunction]
pub(crate) fn closing_of_day(py: Python<'_>, directory: PathBuf) -> PyResult<Bound<'_, PyAny>> {
    let read = py.detach(|| ClosingDay::read(&directory));
    let (closing, ending) = read.map_err(|why| JournalError::new_err(why.to_string()))?;
    let positions: Vec<Value> = closing.positions.iter().map(position).collect();
    let told = json!({
        "ending": ending.name(),
        "positions": positions,
        "open": closing.open,
        "unconfirmed": closing.unconfirmed,
        "halts": closing.halts,
    });
    convert::python(py, &told)
}

fn position(row: &ClosingPosition) -> Value {
    json!({
        "account": row.account.as_str(),
        "symbol": row.symbol.as_str(),
        "qty": row.qty,
        "average_px": row.average_px.to_string(),
    })
}

/// Return what each day under `root` holds, in order, once every byte and their chain was checked.
#[pyfunction]
pub(crate) fn journal_days(py: Python<'_>, root: PathBuf) -> PyResult<Bound<'_, PyAny>> {
    let reports = py.detach(|| verify_days(&root)).map_err(journal_error)?;
    convert::python(py, &Value::Array(reports.iter().map(report).collect()))
}

/// Returns what a journal holds as plain values.
pub(crate) fn report(report: &Report) -> Value {
    json!({
        "trade_date": report.trade_date.to_string(),
        "previous_date": report.previous_date.map(|date| date.to_string()),
        "durability": report.durability.name(),
        "records": report.records,
        "batches": report.batches,
        "segments": report.segments,
        "bytes": report.bytes,
        "first_seq": report.first_seq.map(|seq| seq.get()),
        "last_seq": report.last_seq.map(|seq| seq.get()),
        "first_ts": report.first_ts.map(|ts| ts.nanos()),
        "last_ts": report.last_ts.map(|ts| ts.nanos()),
        "chain_tip": report.chain_tip_hex(),
        "ending": report.ending.name(),
        "torn_bytes": report.tear.map_or(0, |tear| tear.bytes),
    })
}
