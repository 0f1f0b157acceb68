//! The engine as a Python class.

use std::path::PathBuf;

use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use ringfence_kernel::Input;
use ringfence_kernel::types::value::{Bytes, Malformed, Value as Field};
use ringfence_kernel::types::{ChildId, Name, OrderId, Ts};
use ringfence_node::columns::{Column, EventPlace, EventTables, read_inputs};
use ringfence_node::engine::{self, Engine};
use ringfence_node::journal::{Durability, JournalOptions, TradeDate};
use ringfence_node::{jsonl, view};
use serde_json::Value;

use crate::columns::{self, EventColumns};
use crate::convert::{self, error, journal_error, time};
use crate::{InputError, KernelHalted};

/// The kernel on its journal; one thread at a time.
#[pyclass(module = "ringfence._core")]
pub(crate) struct Kernel {
    engine: Engine,
}

fn bad(message: String) -> PyErr {
    InputError::new_err((message, None::<u64>))
}

#[pymethods]
impl Kernel {
    #[new]
    #[pyo3(signature = (map_seed=None))]
    fn new(map_seed: Option<u64>) -> Self {
        let kernel = match map_seed {
            Some(seed) => ringfence_kernel::Kernel::with_map_seed(seed),
            None => ringfence_kernel::Kernel::new(),
        };
        Self { engine: Engine::new(kernel) }
    }
    /// Decide one input; return its events as JSON, durable if a journal is open.
    fn step<'py>(
        &mut self,
        py: Python<'py>,
        ts: i64,
        name: &str,
        fields: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (now, input) = (time(ts)?, convert::input(name, fields)?);
        let mut text = String::with_capacity(1_024);
        guarded(|| {
            jsonl::write_events(self.engine.step(now, &input).map_err(error)?, &mut text);
            self.engine.commit().map_err(error)
        })?;
        Ok(PyBytes::new(py, text.as_bytes()))
    }
    /// Decide many lines of JSON; return the events as lines, durable if a journal is open.
    ///
    /// Every line is read before the first is decided. The GIL is released.
    #[pyo3(signature = (lines, first_line=1))]
    fn step_lines<'py>(
        &mut self,
        py: Python<'py>,
        lines: &[u8],
        first_line: u64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let text = guarded(|| py.detach(|| self.run_lines(lines, first_line)))?;
        Ok(PyBytes::new(py, text.as_bytes()))
    }
    /// Decide many encoded inputs; return the number of events.
    ///
    /// The buffer is the concatenation of what `encode_input` returned. The GIL is released.
    fn step_buffer(&mut self, py: Python<'_>, buffer: PyBuffer<u8>) -> PyResult<u64> {
        let bytes = buffer.to_vec(py)?;
        guarded(|| py.detach(|| self.run_buffer(&bytes)))
    }
    /// Decide inputs of one kind that come as columns; return the events as columns.
    ///
    /// A column is a list of values, or buffers as Arrow lays them out: length, nulls (bits and
    /// how many of them to skip), then data and 64-bit offsets of text, or data, width in bytes
    /// and decimal scale of integers. Every row is read before the first is decided. The GIL is
    /// released.
    fn step_columns(
        &mut self,
        py: Python<'_>,
        name: &str,
        columns: Vec<(String, columns::Given<'_>)>,
    ) -> PyResult<EventColumns> {
        let read = |(name, given): (String, columns::Given<'_>)| {
            let column = given.column(&name)?;
            Ok((name, column))
        };
        let columns = columns.into_iter().map(read).collect::<PyResult<Vec<_>>>()?;
        let tables = guarded(|| py.detach(|| self.run_columns(name, &columns)))?;
        Ok(EventColumns::new(tables))
    }
    /// Begin the day's journal in a directory, or go on with the one that is there.
    ///
    /// Return None for a new one, else the number of records and of bytes cut from a torn tail.
    fn open_journal(
        &mut self,
        py: Python<'_>,
        directory: PathBuf,
        trade_date: &str,
        durability: &str,
    ) -> PyResult<Option<(u64, u64)>> {
        let trade_date: TradeDate = trade_date.parse().map_err(journal_error)?;
        let durability = match durability {
            "process" => Durability::Process,
            "disk" => Durability::Disk,
            other => {
                return Err(bad(format!("durability: expected process or disk, found {other:?}")));
            }
        };
        let options = JournalOptions::new(directory, trade_date, durability);
        let open = || py.detach(|| self.engine.open_journal(options)).map_err(error);
        let found = guarded(open)?;
        Ok(found.map(|found| (found.records, found.cut_bytes())))
    }
    /// Commit and close the journal.
    fn close_journal(&mut self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.engine.close_journal()).map_err(error)
    }
    /// Number of the last input that was decided.
    #[getter]
    fn seq(&self) -> u64 {
        self.engine.seq()
    }
    /// Time of the last input, or of the last record of the day before, nanoseconds UTC.
    #[getter]
    fn now(&self) -> i64 {
        self.engine.now().nanos()
    }
    /// Return the SHA-256 digest of the whole state in hexadecimal.
    fn state_hash(&self, py: Python<'_>) -> String {
        convert::hexadecimal(&py.detach(|| self.engine.kernel().state().digest()))
    }
    /// Return a parent order, or None.
    fn order<'py>(&self, py: Python<'py>, order_id: u64) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (state, id) = (self.engine.kernel().state(), OrderId::new(order_id));
        let row = state.orders.find(id).map(|order| view::order(state, id, order));
        row.map(|row| convert::python(py, &row)).transpose()
    }
    /// Return a child order, or None.
    fn child<'py>(&self, py: Python<'py>, child_id: u64) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (state, id) = (self.engine.kernel().state(), ChildId::new(child_id));
        let row = state.orders.find_child(id).map(|child| view::child(state, id, child));
        row.map(|row| convert::python(py, &row)).transpose()
    }
    /// Return all parent orders, or the open ones, oldest first.
    #[pyo3(signature = (open_only=false))]
    fn orders<'py>(&self, py: Python<'py>, open_only: bool) -> PyResult<Bound<'py, PyAny>> {
        let state = self.engine.kernel().state();
        let wanted = state.orders.orders().filter(|(_, o)| !open_only || o.closed.is_none());
        let rows = wanted.map(|(id, order)| view::order(state, id, order));
        convert::python(py, &Value::Array(rows.collect()))
    }
    /// Return every position row, aggregates included.
    fn positions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::python(py, &Value::Array(view::positions(self.engine.kernel().state())))
    }
    /// Return the totals of every account, base currency.
    fn exposures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::python(py, &Value::Array(view::exposures(self.engine.kernel().state())))
    }
    /// Return every limit that holds for an account (and a symbol), beside its use.
    #[pyo3(signature = (account, symbol=None))]
    fn limits<'py>(
        &self,
        py: Python<'py>,
        account: &str,
        symbol: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let state = self.engine.kernel().state();
        let account = self.find_account(account)?;
        let symbol = symbol.map(|name| self.find_symbol(name)).transpose()?;
        convert::python(py, &Value::Array(view::limits(state, account, symbol)))
    }
    /// Return where the executed units of an account and a symbol came from.
    fn sources<'py>(
        &self,
        py: Python<'py>,
        account: &str,
        symbol: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let state = self.engine.kernel().state();
        let (account, symbol) = (self.find_account(account)?, self.find_symbol(symbol)?);
        convert::python(py, &Value::Array(view::sources(state, account, symbol)))
    }
    /// Return every scope that was touched, with its state, latch and halt.
    fn scopes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::python(py, &Value::Array(view::scopes(self.engine.kernel().state())))
    }
    /// Return each venue's net units beside those booked (invariant I13).
    fn zero_sum<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::python(py, &Value::Array(view::zero_sum(self.engine.kernel().state())))
    }
}

impl Kernel {
    fn find_account(&self, name: &str) -> PyResult<ringfence_kernel::types::AccountId> {
        let found = Name::new(name)
            .and_then(|name| self.engine.kernel().state().directory.accounts.find(&name));
        found.ok_or_else(|| bad(format!("no account is called {name:?}")))
    }
    fn find_symbol(&self, name: &str) -> PyResult<ringfence_kernel::types::InstrumentId> {
        let found = Name::new(name)
            .and_then(|name| self.engine.kernel().state().directory.instruments.find(&name));
        found.ok_or_else(|| bad(format!("no instrument is called {name:?}")))
    }
    fn run_lines(&mut self, lines: &[u8], first_line: u64) -> PyResult<String> {
        let inputs = jsonl::parse_lines(lines, first_line)
            .map_err(|why| InputError::new_err((why.message, Some(why.line))))?;
        let mut last = self.engine.kernel().state().now;
        for (line, ts, _) in &inputs {
            if *ts < last {
                let message = format!("ts {ts} is before {last}: inputs come in order of time");
                return Err(InputError::new_err((message, Some(*line))));
            }
            last = *ts;
        }
        let mut out = String::new();
        for (_, ts, input) in &inputs {
            let seq = self.engine.seq() + 1;
            for event in self.engine.step(*ts, input).map_err(error)? {
                jsonl::write_event(seq, *ts, event, &mut out);
            }
        }
        self.engine.commit().map_err(error)?;
        Ok(out)
    }
    fn run_columns(&mut self, name: &str, columns: &[(String, Column)]) -> PyResult<EventTables> {
        let now = self.engine.kernel().state().now;
        let inputs = read_inputs(name, columns, now).map_err(columns::refused)?;
        let mut tables = EventTables::default();
        for (row, (ts, input)) in inputs.iter().enumerate() {
            let (seq, ts) = (self.engine.seq() + 1, *ts);
            for (place, event) in self.engine.step(ts, input).map_err(error)?.iter().enumerate() {
                tables.push(EventPlace { row, seq, ts, place }, event);
            }
        }
        self.engine.commit().map_err(error)?;
        Ok(tables)
    }
    fn run_buffer(&mut self, buffer: &[u8]) -> PyResult<u64> {
        let malformed = |_: Malformed| bad("the buffer is not a sequence of inputs".into());
        let mut bytes = Bytes::new(buffer);
        let mut events = 0;
        while !bytes.is_empty() {
            let ts = Ts::take(&mut bytes).map_err(malformed)?;
            let input = Input::take(&mut bytes).map_err(malformed)?;
            let count = self.engine.step(ts, &input).map_err(error)?.len();
            events += u64::try_from(count).unwrap_or(u64::MAX);
        }
        self.engine.commit().map_err(error)?;
        Ok(events)
    }
}

/// Turns a broken invariant into an exception; the engine refuses every later step.
fn guarded<T>(run: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
        Ok(result) => result,
        Err(cause) => {
            let text = cause.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
            Err(KernelHalted::new_err(text.unwrap_or("an invariant broke").to_string()))
        }
    }
}

/// Return the bytes of one input, for `Kernel.step_buffer`.
#[pyfunction]
pub(crate) fn encode_input<'py>(
    py: Python<'py>,
    ts: i64,
    name: &str,
    fields: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyBytes>> {
    let mut out = Vec::new();
    time(ts)?.put(&mut out);
    convert::input(name, fields)?.put(&mut out);
    Ok(PyBytes::new(py, &out))
}

/// Fold a journal into a new kernel.
#[pyfunction]
pub(crate) fn replay(py: Python<'_>, directory: PathBuf) -> PyResult<Kernel> {
    let engine = guarded(|| py.detach(|| engine::replay(&directory)).map_err(error))?;
    Ok(Kernel { engine })
}

/// Decide every record of a journal again and demand the same bytes; return the kernel.
#[pyfunction]
pub(crate) fn verify(py: Python<'_>, directory: PathBuf) -> PyResult<Kernel> {
    let engine = guarded(|| py.detach(|| engine::verify(&directory)).map_err(error))?;
    Ok(Kernel { engine })
}
