//! The kernel's own tables: schemas, rules, limits, reasons.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use ringfence_kernel::limit::LimitKey;
use ringfence_kernel::reason::Reason;
use ringfence_kernel::types::RecordSpec;
use ringfence_kernel::{Event, Input, gate};
use serde_json::{Value, json};

use crate::InputError;
use crate::convert;

fn text(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

fn spec(record: &RecordSpec) -> Value {
    let fields: Vec<Value> = record
        .fields
        .iter()
        .map(|field| {
            json!({
                "name": field.name,
                "kind": field.kind,
                "required": field.required,
                "doc": text(field.doc),
            })
        })
        .collect();
    json!({ "name": record.name, "doc": text(record.doc), "fields": fields })
}

/// Return every input or event with its fields, types and docstrings.
///
/// `of` is "inputs" or "events"; anything else raises InputError.
#[pyfunction]
pub(crate) fn schema<'py>(py: Python<'py>, of: &str) -> PyResult<Bound<'py, PyAny>> {
    let specs = match of {
        "inputs" => Input::SPECS,
        "events" => Event::SPECS,
        _ => {
            let message = format!("expected \"inputs\" or \"events\", found {of:?}");
            return Err(InputError::new_err((message, None::<u64>)));
        }
    };
    convert::python(py, &Value::Array(specs.iter().map(spec).collect()))
}

/// Return the rules of the gate in the order in which they run.
#[pyfunction]
pub(crate) fn rules(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let rows = gate::rules().iter().map(|rule| {
        let doc = rule.source.lines().map_while(|line| line.strip_prefix("//!"));
        let doc: Vec<&str> = doc.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        json!({
            "number": rule.number,
            "name": rule.name,
            "stages": rule.stages.names(),
            "latches": rule.latches,
            "source": doc.join("\n"),
        })
    });
    convert::python(py, &Value::Array(rows.collect()))
}

/// Return every limit with its unit and meaning.
#[pyfunction]
pub(crate) fn limit_keys(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let rows = LimitKey::ALL.iter().map(|key| {
        json!({
            "name": key.name(),
            "unit": key.unit().name(),
            "per_instrument": key.is_per_instrument(),
            "is_floor": key.is_floor(),
            "doc": text(key.doc()),
        })
    });
    convert::python(py, &Value::Array(rows.collect()))
}

/// Return every reason of a refusal with its code and rule.
#[pyfunction]
pub(crate) fn reasons(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let rows = Reason::ALL.iter().map(|reason| {
        json!({
            "code": reason.code(),
            "name": reason.name(),
            "rule": reason.rule(),
            "doc": text(reason.doc()),
        })
    });
    convert::python(py, &Value::Array(rows.collect()))
}

/// Return the text that the persons of a command sign (UTF-8, Ed25519).
///
/// `fields` carries a placeholder of 128 hexadecimal digits where the signature will stand.
#[pyfunction]
pub(crate) fn signing_text(name: &str, fields: &Bound<'_, PyDict>) -> PyResult<String> {
    Ok(ringfence_kernel::signing_text(&convert::input(name, fields)?))
}
