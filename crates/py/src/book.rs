//! The order book of the simulated venue between Python and Rust: files in, rows out.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use ringfence_sim::book::OpenOrder;
use ringfence_sim::matching::{self, CsvProblem, MatchEngine, Matched};

use crate::InputError;

/// Return what the requests of one CSV file do to the resting orders of another.
///
/// `engine` is `fast` or `plain`. The answer has lists of rows: `trades`, `rejected`, `canceled`,
/// and at the end `book`, buys before sells and best first, and `waiting`. Prices are decimal
/// text. The GIL is released. A bad line raises InputError with line, column and file.
#[pyfunction]
pub(crate) fn match_orders<'py>(
    py: Python<'py>,
    book: &[u8],
    orders: &[u8],
    engine: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let Some(engine) = MatchEngine::from_name(engine) else {
        let message = format!("engine: expected fast or plain, found {engine:?}");
        return Err(InputError::new_err((message, None::<u64>)));
    };
    let matched = py.detach(|| matching::match_orders(book, orders, engine)).map_err(refused)?;
    rows(py, &matched)
}

fn refused(why: CsvProblem) -> PyErr {
    let message = why.to_string();
    InputError::new_err((message, why.line, why.column, None::<u64>, why.file.name()))
}

fn rows<'py>(py: Python<'py>, matched: &Matched) -> PyResult<Bound<'py, PyDict>> {
    let trades = PyList::empty(py);
    for trade in &matched.trades {
        let row = PyDict::new(py);
        row.set_item("taker", trade.taker.raw())?;
        row.set_item("maker", trade.maker.raw())?;
        row.set_item("price", trade.px.to_string())?;
        row.set_item("qty", trade.qty.units())?;
        trades.append(row)?;
    }
    let rejected = PyList::empty(py);
    for (id, request, why) in &matched.rejected {
        let row = PyDict::new(py);
        row.set_item("order_id", id.raw())?;
        row.set_item("action", request.name())?;
        row.set_item("reason", why.name())?;
        rejected.append(row)?;
    }
    let canceled = PyList::empty(py);
    for (id, leaves, why) in &matched.canceled {
        let row = PyDict::new(py);
        row.set_item("order_id", id.raw())?;
        row.set_item("qty", leaves.units())?;
        row.set_item("reason", why.name())?;
        canceled.append(row)?;
    }
    let found = PyDict::new(py);
    found.set_item("trades", trades)?;
    found.set_item("rejected", rejected)?;
    found.set_item("canceled", canceled)?;
    found.set_item("book", open_orders(py, &matched.book)?)?;
    found.set_item("waiting", open_orders(py, &matched.waiting)?)?;
    Ok(found)
}

fn open_orders<'py>(py: Python<'py>, orders: &[OpenOrder]) -> PyResult<Bound<'py, PyList>> {
    let rows = PyList::empty(py);
    for order in orders {
        let row = PyDict::new(py);
        row.set_item("side", order.side.name())?;
        row.set_item("price", order.px.map(|px| px.to_string()))?;
        row.set_item("order_id", order.id.raw())?;
        row.set_item("qty", order.leaves.units())?;
        row.set_item("displayed_qty", order.displayed.units())?;
        row.set_item("place", order.place.name())?;
        rows.append(row)?;
    }
    Ok(rows)
}
