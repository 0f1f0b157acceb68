//! Events as columns: a table for each kind of event, its rows in the order of time.

use std::collections::BTreeMap;

use ringfence_kernel::Event;
use ringfence_kernel::types::record::FieldSpec;
use ringfence_kernel::types::{Scalar, Ts};

use super::Column;

/// Columns that stand before the fields of every event.
const FRAME: [&str; 5] = ["row", "seq", "ts", "place", "to"];

/// Which event of which input.
#[derive(Clone, Copy, Debug)]
pub struct EventPlace {
    /// Row of the input in its batch, from 0.
    pub row: usize,
    /// Number of the record.
    pub seq: u64,
    /// Time of the input.
    pub ts: Ts,
    /// Position within the record, from 0.
    pub place: usize,
}

/// The events of one kind: the frame, then every field of the kind; absent fields are null.
#[derive(Debug)]
pub struct EventTable {
    frame: [Column; FRAME.len()],
    fields: Vec<(&'static FieldSpec, Column)>,
}

impl EventTable {
    fn new(name: &str) -> Self {
        let spec = Event::SPECS.iter().find(|spec| spec.name == name);
        let fields = spec.map_or(&[][..], |spec| spec.fields).iter();
        let fields = fields.map(|field| (field, Column::default())).collect();
        Self { frame: std::array::from_fn(|_| Column::default()), fields }
    }
    /// Returns the number of events.
    pub fn len(&self) -> usize {
        self.frame.iter().map(Column::len).max().unwrap_or(0)
    }
    /// Returns whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Returns every column with its name: `row`, `seq`, `ts`, `place`, `to`, then the fields.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, &Column)> {
        let fields = self.fields.iter().map(|(field, column)| (field.name, column));
        FRAME.into_iter().zip(&self.frame).chain(fields)
    }
    fn push(&mut self, at: EventPlace, event: &Event, shown: &str) {
        let [row, seq, ts, place, to] = &mut self.frame;
        row.push_scaled(i128::try_from(at.row).unwrap_or(i128::MAX), 0);
        seq.push_scaled(i128::from(at.seq), 0);
        ts.push_scaled(i128::from(at.ts.nanos()), 0);
        place.push_scaled(i128::try_from(at.place).unwrap_or(i128::MAX), 0);
        to.push(Some(Scalar::Text(event.destination().name())));
        let mut rest = shown;
        for (field, column) in &mut self.fields {
            match take_value(&mut rest, field.name) {
                Some(Shown::Text(text)) if text.contains('\\') => {
                    let text = serde_json::from_str::<String>(&format!("\"{text}\""));
                    let text = text.unwrap_or_else(|why| panic!("{shown:?} is not JSON: {why}"));
                    column.push(Some(Scalar::Text(&text)));
                }
                Some(Shown::Text(text)) => column.push(Some(Scalar::Text(text))),
                Some(Shown::Plain("true")) => column.push(Some(Scalar::Bool(true))),
                Some(Shown::Plain("false")) => column.push(Some(Scalar::Bool(false))),
                Some(Shown::Plain(number)) => column.push(Some(Scalar::Number(number))),
                None => column.push(None),
            }
        }
        assert!(rest.is_empty(), "{} shows more than its fields: {rest:?}", event.name());
    }
}

/// One value of an event as it is shown.
enum Shown<'a> {
    /// What stands between quotes, escapes included.
    Text(&'a str),
    /// A number or a truth value.
    Plain(&'a str),
}

/// Takes `,"name":value` off the front of `rest`, nothing when another field stands there.
fn take_value<'a>(rest: &mut &'a str, name: &str) -> Option<Shown<'a>> {
    let value = rest.strip_prefix(",\"")?.strip_prefix(name)?.strip_prefix("\":")?;
    if let Some(quoted) = value.strip_prefix('"') {
        let mut escaped = false;
        let end = quoted.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })?;
        let (text, behind) = quoted.split_at_checked(end)?;
        *rest = behind.strip_prefix('"')?;
        return Some(Shown::Text(text));
    }
    let (plain, behind) = value.split_at_checked(value.find(',').unwrap_or(value.len()))?;
    *rest = behind;
    Some(Shown::Plain(plain))
}

/// The events of a batch, kind by kind.
#[derive(Debug, Default)]
pub struct EventTables {
    tables: BTreeMap<&'static str, EventTable>,
    shown: String,
}

impl EventTables {
    /// Adds the next event.
    pub fn push(&mut self, at: EventPlace, event: &Event) {
        self.shown.clear();
        event.show(&mut self.shown);
        let name = event.name();
        let table = self.tables.entry(name).or_insert_with(|| EventTable::new(name));
        table.push(at, event, &self.shown);
    }
    /// Returns the tables that have events, in the order of their names.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, &EventTable)> {
        self.tables.iter().map(|(name, table)| (*name, table))
    }
    /// Returns the events called `name`, nothing when there are none.
    pub fn table(&self, name: &str) -> Option<&EventTable> {
        self.tables.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(shown: &str) -> Option<(bool, String, String)> {
        let mut rest = shown;
        let (quoted, value) = match take_value(&mut rest, "a")? {
            Shown::Text(text) => (true, text),
            Shown::Plain(text) => (false, text),
        };
        Some((quoted, value.to_string(), rest.to_string()))
    }

    /// Rule 30 of STYLE.md: each form of a shown field is taken, and another field is left.
    #[test]
    fn shown_values_are_taken() {
        let cases = [
            (r#","a":1,"b":2"#, Some((false, "1", r#","b":2"#))),
            (r#","a":true"#, Some((false, "true", ""))),
            (r#","a":"x,\"y\\","b":2"#, Some((true, r#"x,\"y\\"#, r#","b":2"#))),
            (r#","a":"""#, Some((true, "", ""))),
            (r#","ab":1"#, None),
            (r#","b":1"#, None),
            ("", None),
        ];
        for (shown, expected) in cases {
            let expected = expected.map(|(q, value, rest)| (q, value.into(), rest.into()));
            assert_eq!(expected, taken(shown));
        }
    }
}
