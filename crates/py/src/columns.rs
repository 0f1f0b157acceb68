//! Columns between Python and the kernel.

use std::borrow::Cow;

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict, PyList};
use ringfence_kernel::types::Scalar;
use ringfence_node::columns::{Column, ColumnError, EventTable, EventTables};
use serde_json::Value;

use crate::InputError;
use crate::convert;

const SHORT: &str = "the buffer ends before the value";

/// Bits that are set where a value is there, and how many bits stand before the first row.
type Validity = (PyBackedBytes, usize);

/// One column as the package gives it.
#[derive(FromPyObject)]
pub(crate) enum Given<'py> {
    /// Length, validity, data and 64-bit offsets.
    Text(usize, Option<Validity>, PyBackedBytes, PyBackedBytes),
    /// Length, validity, data, bytes of one integer (8 or 16), decimal scale.
    Integers(usize, Option<Validity>, PyBackedBytes, usize, usize),
    /// Plain values.
    Values(Bound<'py, PyList>),
}

/// Returns the exception for columns that cannot be read.
pub(crate) fn refused(why: ColumnError) -> PyErr {
    let message = why.to_string();
    InputError::new_err((message, None::<u64>, why.column, why.row))
}

impl Given<'_> {
    /// Returns the column with its values.
    pub(crate) fn column(&self, name: &str) -> PyResult<Column> {
        match self {
            Self::Text(length, validity, data, offsets) => {
                let mut column = Column::default();
                from_buffers(name, *length, validity.as_ref(), |row| {
                    column.push(row.map(|row| text(data, offsets, row)).transpose()?);
                    Ok(())
                })?;
                Ok(column)
            }
            Self::Integers(length, validity, data, width, scale) => {
                let mut column = Column::default();
                from_buffers(name, *length, validity.as_ref(), |row| {
                    match row {
                        Some(row) => column.push_scaled(integer(data, *width, row)?, *scale),
                        None => column.push(None),
                    }
                    Ok(())
                })?;
                Ok(column)
            }
            Self::Values(values) => from_values(name, values),
        }
    }
}

fn from_values(name: &str, values: &Bound<'_, PyList>) -> PyResult<Column> {
    let mut column = Column::default();
    for (row, value) in values.iter().enumerate() {
        let value = convert::scalar(&value)?
            .map_err(|message| refused(ColumnError::of_value(name, row, message)))?;
        column.push(match &value {
            Value::Null => None,
            Value::Bool(value) => Some(Scalar::Bool(*value)),
            Value::Number(number) => Some(Scalar::Number(number.as_str())),
            Value::String(text) => Some(Scalar::Text(text)),
            Value::Array(_) | Value::Object(_) => Some(Scalar::Text("(nested)")),
        });
    }
    Ok(column)
}

/// Calls `push` for each row with its number, or with nothing where it has no value.
fn from_buffers(
    name: &str,
    length: usize,
    validity: Option<&Validity>,
    mut push: impl FnMut(Option<usize>) -> Result<(), &'static str>,
) -> PyResult<()> {
    for row in 0..length {
        let is_there = validity.is_none_or(|validity| is_set(validity, row));
        push(Some(row).filter(|_| is_there))
            .map_err(|why| refused(ColumnError::of_value(name, row, why.into())))?;
    }
    Ok(())
}

fn is_set((bits, skipped): &Validity, row: usize) -> bool {
    let bit = skipped.saturating_add(row);
    bits.get(bit / 8).is_some_and(|byte| byte & (1 << (bit % 8)) != 0)
}

fn integer(data: &[u8], width: usize, row: usize) -> Result<i128, &'static str> {
    let start = row.checked_mul(width).ok_or(SHORT)?;
    let bytes = data.get(start..).and_then(|bytes| bytes.get(..width)).ok_or(SHORT)?;
    let narrow = bytes.try_into().map(i64::from_le_bytes).map(i128::from);
    narrow.or_else(|_| bytes.try_into().map(i128::from_le_bytes)).map_err(|_| SHORT)
}

fn text<'a>(data: &'a [u8], offsets: &[u8], row: usize) -> Result<Scalar<'a>, &'static str> {
    let at = |row| integer(offsets, 8, row).and_then(|at| usize::try_from(at).map_err(|_| SHORT));
    let (first, start, end) = (at(0)?, at(row)?, at(row.saturating_add(1))?);
    let range = start.checked_sub(first).zip(end.checked_sub(first));
    let found = range.and_then(|(start, end)| data.get(start..end)).ok_or(SHORT)?;
    std::str::from_utf8(found).map(Scalar::Text).map_err(|_| "expected text in UTF-8")
}

/// The events of a batch, kind by kind.
#[pyclass(module = "ringfence._core", frozen)]
pub(crate) struct EventColumns {
    tables: EventTables,
}

impl EventColumns {
    pub(crate) fn new(tables: EventTables) -> Self {
        Self { tables }
    }
    fn columns(&self, event: &str) -> impl Iterator<Item = (&'static str, &Column)> {
        self.tables.table(event).into_iter().flat_map(EventTable::columns)
    }
}

#[pymethods]
impl EventColumns {
    /// Return how many events there are of each kind that occurred.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counts = PyDict::new(py);
        for (name, table) in self.tables.tables() {
            counts.set_item(name, table.len())?;
        }
        Ok(counts)
    }
    /// Return the columns of one kind of event as lists.
    fn lists<'py>(&self, py: Python<'py>, event: &str) -> PyResult<Bound<'py, PyDict>> {
        let lists = PyDict::new(py);
        for (name, column) in self.columns(event) {
            let list = PyList::empty(py);
            for row in 0..column.len() {
                list.append(object(py, column.get(row))?)?;
            }
            lists.set_item(name, list)?;
        }
        Ok(lists)
    }
    /// Return the columns of one kind as text in Arrow's buffers: name, validity bits (None when
    /// every value is there), 64-bit offsets, data.
    fn texts<'py>(&self, py: Python<'py>, event: &str) -> Vec<ColumnText<'py>> {
        let columns = self.columns(event).map(|(name, column)| {
            let ends = column.ends().iter().map(|end| i64::try_from(*end).unwrap_or(i64::MAX));
            let offsets: Vec<u8> =
                std::iter::once(0).chain(ends).flat_map(i64::to_le_bytes).collect();
            let validity = validity(column).map(|bits| PyBytes::new(py, &bits));
            let data = PyBytes::new(py, column.text().as_bytes());
            (name, validity, PyBytes::new(py, &offsets), data)
        });
        columns.collect()
    }
}

type ColumnText<'py> =
    (&'static str, Option<Bound<'py, PyBytes>>, Bound<'py, PyBytes>, Bound<'py, PyBytes>);

fn validity(column: &Column) -> Option<Vec<u8>> {
    let mut bits = vec![0_u8; column.len().div_ceil(8)];
    let mut is_whole = true;
    for row in 0..column.len() {
        match (column.get(row), bits.get_mut(row / 8)) {
            (Some(_), Some(byte)) => *byte |= 1 << (row % 8),
            (None, _) | (Some(_), None) => is_whole = false,
        }
    }
    (!is_whole).then_some(bits)
}

fn object<'py>(py: Python<'py>, value: Option<Scalar<'_>>) -> PyResult<Bound<'py, PyAny>> {
    match value {
        None => Ok(py.None().into_bound(py)),
        Some(Scalar::Bool(value)) => value.into_bound_py_any(py),
        Some(Scalar::Text(text)) => text.into_bound_py_any(py),
        Some(Scalar::Number(text)) => match text.parse::<i64>() {
            Ok(whole) => whole.into_bound_py_any(py),
            Err(_) => match text.parse::<i128>() {
                Ok(whole) => whole.into_bound_py_any(py),
                Err(_) => Cow::from(text).into_bound_py_any(py),
            },
        },
    }
}
