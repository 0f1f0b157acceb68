//! JSON Lines: one flat object a line, in for inputs, out for events.
//!
//! Numbers keep their text until they become integers, so nothing passes through a float. Refuses:
//! unknown and repeated keys, nested values, lines beyond [`LINE_BYTES_MAX`].

use std::fmt;

use ringfence_fix::record::WireError;
use ringfence_kernel::types::record::{FieldSpec, Fields};
use ringfence_kernel::types::value::show_text;
use ringfence_kernel::types::{RecordError, Scalar, Ts};
use ringfence_kernel::{Event, Input, decode};
use serde_json::Value;

use crate::wire;

/// Longest line that is read, in bytes.
pub const LINE_BYTES_MAX: usize = 65_536;

/// Why a line is not an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineError {
    /// Number of the line, the first is 1.
    pub line: u64,
    /// What was expected and what was found.
    pub message: String,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for LineError {}

/// The fields of one object, in the order of the text, each name once.
#[derive(Debug, Default)]
pub struct Object {
    fields: Vec<(String, Value)>,
}

impl Object {
    /// Adds a field from outside; returns `false` when the name was there already.
    pub fn add(&mut self, name: String, value: Value) -> bool {
        let new = self.fields.iter().all(|(other, _)| *other != name);
        self.fields.push((name, value));
        new
    }
    fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.fields.iter().position(|(other, _)| other == name)?;
        Some(self.fields.remove(at).1)
    }
}

impl Fields for Object {
    fn field(&self, name: &str) -> Option<Scalar<'_>> {
        let (_, value) = self.fields.iter().find(|(other, _)| other == name)?;
        match value {
            Value::Null => None,
            Value::Bool(value) => Some(Scalar::Bool(*value)),
            Value::Number(number) => Some(Scalar::Number(number.as_str())),
            Value::String(text) => Some(Scalar::Text(text)),
            Value::Array(_) | Value::Object(_) => Some(Scalar::Text("(nested)")),
        }
    }
    fn stray(&self, known: &[FieldSpec]) -> Option<String> {
        let is_known = |name: &str| known.iter().any(|field| field.name == name);
        let stray = self.fields.iter().find(|(name, _)| !is_known(name));
        stray.map(|(name, _)| name.chars().take(60).collect())
    }
}

/// Returns the time and input of one line.
pub fn parse_line(line: &[u8], number: u64) -> Result<(Ts, Input), LineError> {
    let mut object = object_of(line, number)?;
    let ts = match object.take("ts") {
        Some(Value::Number(number)) => Ts::parse(number.as_str()).ok(),
        Some(_) | None => None,
    };
    let ts = ts.ok_or_else(|| LineError {
        line: number,
        message: "field \"ts\": expected nanoseconds UTC, a whole number that is not negative"
            .into(),
    })?;
    Ok((ts, input_of(object, number)?))
}

/// Returns the input of one line that has no time, because the clock of who reads it gives that.
pub fn parse_live_line(line: &[u8], number: u64) -> Result<Input, LineError> {
    let mut object = object_of(line, number)?;
    if object.take("ts").is_some() {
        let message = "field \"ts\": expected none, the clock of the gateway gives the time".into();
        return Err(LineError { line: number, message });
    }
    input_of(object, number)
}

fn object_of(line: &[u8], number: u64) -> Result<Object, LineError> {
    let fail = |message: String| LineError { line: number, message };
    if line.len() > LINE_BYTES_MAX {
        return Err(fail(format!(
            "the line has {} bytes, at most {LINE_BYTES_MAX} are read",
            line.len()
        )));
    }
    let text = std::str::from_utf8(line).map_err(|why| fail(format!("not UTF-8: {why}")))?;
    parse_object(text).map_err(fail)
}

fn input_of(mut object: Object, number: u64) -> Result<Input, LineError> {
    let fail = |message: String| LineError { line: number, message };
    let name = match object.take("input") {
        Some(Value::String(name)) => name,
        Some(_) | None => {
            return Err(fail("field \"input\": expected the name of an input".into()));
        }
    };
    Input::read(&name, &object).map_err(|why: RecordError| fail(why.to_string()))
}

fn parse_object(text: &str) -> Result<Object, String> {
    let mut object = Object::default();
    let entries: Entries = serde_json::from_str(text).map_err(|why| {
        format!("not JSON: {}", why.to_string().replace(" at line 1 column", " at column"))
    })?;
    for (name, value) in entries.0 {
        if matches!(value, Value::Array(_) | Value::Object(_)) {
            return Err(format!("field {name:?}: expected a plain value, found a nested one"));
        }
        if !object.add(name.clone(), value) {
            return Err(format!("field {name:?} is there twice"));
        }
    }
    Ok(object)
}

/// The entries of an object as they stand in the text, repeated names included.
struct Entries(Vec<(String, Value)>);

impl<'de> serde::Deserialize<'de> for Entries {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Entries;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// Returns every input of `lines` with the number of its line, counted from `first`.
///
/// Empty lines are skipped.
///
/// The first bad line is the error, and then nothing of the text is returned.
pub fn parse_lines(lines: &[u8], first: u64) -> Result<Vec<(u64, Ts, Input)>, LineError> {
    let read = |(number, line)| parse_line(line, number).map(|(ts, input)| (number, ts, input));
    written_lines(lines, first).map(read).collect()
}

/// Returns every input of `lines` that have no times, as [`parse_lines`] does.
pub fn parse_live_lines(lines: &[u8], first: u64) -> Result<Vec<(u64, Input)>, LineError> {
    let read = |(number, line)| parse_live_line(line, number).map(|input| (number, input));
    written_lines(lines, first).map(read).collect()
}

/// Returns the lines that are not empty with their numbers.
fn written_lines(lines: &[u8], first: u64) -> impl Iterator<Item = (u64, &[u8])> {
    (first..).zip(lines.split(|byte| *byte == b'\n')).filter_map(|(number, line)| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        (!line.iter().all(u8::is_ascii_whitespace)).then_some((number, line))
    })
}

/// Appends one event as a line.
pub fn write_event(seq: u64, ts: Ts, event: &Event, out: &mut String) {
    use std::fmt::Write as _;
    let _ = write!(out, "{{\"seq\":{seq},\"ts\":{ts},");
    write_fields(event, out);
    out.push('\n');
}

fn write_fields(event: &Event, out: &mut String) {
    out.push_str("\"event\":");
    show_text(event.name(), out);
    out.push_str(",\"to\":");
    show_text(event.destination().name(), out);
    event.show(out);
    out.push('}');
}

/// Appends a whole record as one line: number, time, what sessions remember, input and events.
///
/// The wire part is there only where sessions had a part in the record; the input is null where
/// only they had.
pub fn write_record(seq: u64, ts: Ts, payload: &[u8], out: &mut String) -> Result<(), RecordFault> {
    use std::fmt::Write as _;
    let parts = wire::parts(payload)?;
    let _ = write!(out, "{{\"seq\":{seq},\"ts\":{ts}");
    if let Some(wire) = parts.wire {
        out.push_str(",\"wire\":");
        wire::write_events(wire, out)?;
    }
    out.push_str(",\"input\":");
    let events = match parts.kernel.map(decode).transpose().map_err(|_| RecordFault::Kernel)? {
        Some((input, events)) => {
            show_text(input.name(), out);
            input.show(out);
            events
        }
        None => {
            out.push_str("null");
            Vec::new()
        }
    };
    out.push_str(",\"events\":[");
    for (index, event) in events.iter().enumerate() {
        out.push_str(if index > 0 { ",{" } else { "{" });
        write_fields(event, out);
    }
    out.push_str("]}");
    Ok(())
}

/// Why a record cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFault {
    /// The part of the sessions cannot be read.
    Wire(WireError),
    /// The part of the kernel cannot be read.
    Kernel,
}

impl fmt::Display for RecordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wire(why) => why.fmt(f),
            Self::Kernel => f.write_str("expected an input and its events"),
        }
    }
}

impl From<WireError> for RecordFault {
    fn from(why: WireError) -> Self {
        Self::Wire(why)
    }
}

/// Appends events as an array of objects with `name`, `to` and `fields`.
pub fn write_events(events: &[Event], out: &mut String) {
    out.push('[');
    for (index, event) in events.iter().enumerate() {
        out.push_str(if index > 0 { ",{\"name\":" } else { "{\"name\":" });
        show_text(event.name(), out);
        out.push_str(",\"to\":");
        show_text(event.destination().name(), out);
        out.push_str(",\"fields\":{");
        let first = out.len();
        event.show(out);
        if out.len() > first {
            out.remove(first); // the comma before the first field
        }
        out.push_str("}}");
    }
    out.push(']');
}
