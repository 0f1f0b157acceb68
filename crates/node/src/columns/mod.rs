//! Columns: a batch of inputs of one kind, and events kind by kind, value under value.
//!
//! Numbers keep their text until they become integers, as in lines, so nothing passes through a
//! float. Refuses: unknown, missing and unequal columns, more than [`ROWS_MAX`] rows.

mod event;
mod input;

use std::fmt::Write as _;

use ringfence_kernel::types::Scalar;

pub use event::{EventPlace, EventTable, EventTables};
pub use input::{ColumnError, read_inputs};

/// Most rows of one batch; all of them are in memory before the first is decided.
pub const ROWS_MAX: usize = 262_144;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    Bool,
    Number,
    Text,
}

/// The values of one field, row after row; a null is a field that is absent.
#[derive(Debug, Default)]
pub struct Column {
    /// Every value as text, one behind the other; a null has none.
    text: String,
    /// Where the text of each row ends.
    ends: Vec<usize>,
    kinds: Vec<Kind>,
}

impl Column {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// Returns whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
    /// Returns all values as text, one behind the other.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Returns where in [`Column::text`] each row ends, in bytes.
    pub fn ends(&self) -> &[usize] {
        &self.ends
    }
    /// Returns the value of a row, nothing where it is null or beyond the last.
    pub fn get(&self, row: usize) -> Option<Scalar<'_>> {
        let start = match row.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        let text = self.text.get(start..*self.ends.get(row)?)?;
        match self.kinds.get(row)? {
            Kind::Null => None,
            Kind::Bool => Some(Scalar::Bool(text == "true")),
            Kind::Number => Some(Scalar::Number(text)),
            Kind::Text => Some(Scalar::Text(text)),
        }
    }
    /// Adds a row.
    pub fn push(&mut self, value: Option<Scalar<'_>>) {
        let (kind, text) = match value {
            None => (Kind::Null, ""),
            Some(Scalar::Bool(true)) => (Kind::Bool, "true"),
            Some(Scalar::Bool(false)) => (Kind::Bool, "false"),
            Some(Scalar::Number(text)) => (Kind::Number, text),
            Some(Scalar::Text(text)) => (Kind::Text, text),
        };
        self.text.push_str(text);
        self.end(kind);
    }
    /// Adds a row with the number `value` divided by ten to the power of `scale`.
    pub fn push_scaled(&mut self, value: i128, scale: usize) {
        if value < 0 {
            self.text.push('-');
        }
        let (magnitude, width) = (value.unsigned_abs(), scale.saturating_add(1));
        let _ = match u64::try_from(magnitude) {
            Ok(short) => write!(self.text, "{short:0width$}"), // far quicker than 128 bits
            Err(_) => write!(self.text, "{magnitude:0width$}"),
        };
        if scale > 0 {
            self.text.insert(self.text.len().saturating_sub(scale), '.');
        }
        self.end(Kind::Number);
    }
    fn end(&mut self, kind: Kind) {
        self.ends.push(self.text.len());
        self.kinds.push(kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule 30 of STYLE.md: every kind of value comes back as it went in.
    #[test]
    fn values_come_back() {
        let values = [
            Some(Scalar::Text("a")),
            None,
            Some(Scalar::Bool(true)),
            Some(Scalar::Text("")),
            Some(Scalar::Bool(false)),
            Some(Scalar::Number("-1.5")),
        ];
        let mut column = Column::default();
        values.iter().for_each(|value| column.push(*value));
        assert_eq!(values.len(), column.len());
        for (row, value) in values.iter().enumerate() {
            assert_eq!(*value, column.get(row));
        }
        assert_eq!(None, column.get(values.len()));
    }

    /// What to avoid 6 of STYLE.md: scaled integers become exact decimals.
    #[test]
    fn scaled_integers_are_exact() {
        let cases = [
            (0, 0, "0"),
            (0, 2, "0.00"),
            (-5, 0, "-5"),
            (5, 9, "0.000000005"),
            (-2550, 2, "-25.50"),
            (i128::MAX, 1, "17014118346046923173168730371588410572.7"),
            (i128::MIN, 0, "-170141183460469231731687303715884105728"),
        ];
        let mut column = Column::default();
        for (row, (value, scale, shown)) in cases.into_iter().enumerate() {
            column.push_scaled(value, scale);
            assert_eq!(Some(Scalar::Number(shown)), column.get(row));
        }
    }
}
