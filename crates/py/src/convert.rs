//! Values between Python and the kernel; floats are refused at the door.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};
use ringfence_kernel::Input;
use ringfence_kernel::types::Ts;
use ringfence_node::engine::EngineError;
use ringfence_node::jsonl::Object;
use serde_json::Value;

use crate::{InputError, JournalError, KernelHalted};

/// Returns the input called `name` with Python fields.
pub(crate) fn input(name: &str, fields: &Bound<'_, PyDict>) -> PyResult<Input> {
    let mut object = Object::default();
    for (key, value) in fields {
        let key: String = key.extract()?;
        let refused = |why| InputError::new_err((format!("field {key:?}: {why}"), None::<u64>));
        let value = scalar(&value)?.map_err(refused)?;
        object.add(key, value);
    }
    Input::read(name, &object).map_err(|why| InputError::new_err((why.to_string(), None::<u64>)))
}

/// Returns the value of one field, or why it is none.
pub(crate) fn scalar(value: &Bound<'_, PyAny>) -> PyResult<Result<Value, String>> {
    if value.is_none() {
        return Ok(Ok(Value::Null));
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(Ok(Value::Bool(value.is_true())));
    }
    if let Ok(value) = value.cast::<PyString>() {
        return Ok(Ok(Value::String(value.to_str()?.to_owned())));
    }
    if let (Ok(_), Ok(small)) = (value.cast::<PyInt>(), value.extract::<i64>()) {
        return Ok(Ok(Value::Number(small.into())));
    }
    if value.cast::<PyFloat>().is_ok() {
        return Ok(Err("a float is not exact; pass str, int or Decimal".into()));
    }
    if value.cast::<PyInt>().is_ok() || value.get_type().name()? == "Decimal" {
        return Ok(Ok(number(Value::String(plain(value)?))));
    }
    if let Ok(whole) = value.call_method0("__index__") {
        return Ok(Ok(number(Value::String(plain(&whole)?)))); // an integer of NumPy
    }
    let kind = value.get_type().name()?;
    Ok(Err(format!("expected str, int, bool or Decimal, found {kind}")))
}

/// Returns the digits of an int or Decimal, without an exponent.
fn plain(value: &Bound<'_, PyAny>) -> PyResult<String> {
    value
        .call_method1("__format__", (if value.cast::<PyInt>().is_ok() { "d" } else { "f" },))?
        .extract()
}

/// Turns text into a number where JSON has one; NaN and infinity stay text and are refused.
fn number(value: Value) -> Value {
    match &value {
        Value::String(text) => match text.parse::<serde_json::Number>() {
            Ok(number) => Value::Number(number),
            Err(_) => value,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value
        }
    }
}

/// Returns a JSON value as Python objects; whole numbers become int.
pub(crate) fn python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(value) => value.into_bound_py_any(py),
        Value::String(text) => text.into_bound_py_any(py),
        Value::Number(number) => match number.as_str().parse::<i128>() {
            Ok(whole) => whole.into_bound_py_any(py),
            Err(_) => number.as_str().into_bound_py_any(py),
        },
        Value::Array(values) => {
            let list = PyList::empty(py);
            for value in values {
                list.append(python(py, value)?)?;
            }
            Ok(list.into_any())
        }
        Value::Object(fields) => {
            let dict = PyDict::new(py);
            for (name, value) in fields {
                dict.set_item(name, python(py, value)?)?;
            }
            Ok(dict.into_any())
        }
    }
}

/// Returns the exception of an engine's error.
pub(crate) fn error(why: EngineError) -> PyErr {
    let message = why.to_string();
    match why {
        EngineError::Step(_) => InputError::new_err((message, None::<u64>)),
        EngineError::Journal(_) | EngineError::Replay { .. } => JournalError::new_err(message),
        EngineError::Halted => KernelHalted::new_err(message),
        EngineError::NotFollowed { .. } | EngineError::NotNew => JournalError::new_err(message),
    }
}

/// Returns the exception of a journal that cannot be written, read or trusted.
pub(crate) fn journal_error(why: impl ToString) -> PyErr {
    JournalError::new_err(why.to_string())
}

/// Returns bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a time that is not negative.
pub(crate) fn time(ts: i64) -> PyResult<Ts> {
    if ts < 0 {
        let message = format!("ts: expected nanoseconds UTC, not negative, found {ts}");
        return Err(InputError::new_err((message, None::<u64>)));
    }
    Ok(Ts::from_nanos(ts))
}
