//! Inputs of one kind from columns; every row is read before the first is given out.

use std::cell::Cell;
use std::fmt;

use ringfence_kernel::Input;
use ringfence_kernel::types::record::{FieldSpec, Fields, RecordSpec};
use ringfence_kernel::types::{RecordError, Scalar, Ts};

use super::{Column, ROWS_MAX};

const TIME: &str = "ts";

/// Why columns are not inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnError {
    /// Name of the column; nothing where the input itself is unknown.
    pub column: Option<String>,
    /// Number of the row, the first is 0; nothing where the column as a whole is meant.
    pub row: Option<usize>,
    /// What was expected and what was found.
    pub message: String,
}

impl ColumnError {
    /// Returns the error of a whole column.
    pub fn of_column(column: &str, message: String) -> Self {
        Self { column: Some(shortened(column)), row: None, message }
    }
    /// Returns the error of one value.
    pub fn of_value(column: &str, row: usize, message: String) -> Self {
        Self { column: Some(shortened(column)), row: Some(row), message }
    }
}

impl fmt::Display for ColumnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(f, "column {column:?}")?;
            if let Some(row) = self.row {
                write!(f, ", row {row}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ColumnError {}

fn shortened(name: &str) -> String {
    name.chars().take(60).collect()
}

/// One row of columns that lie in the order of the fields.
struct Row<'a> {
    fields: &'static [FieldSpec],
    columns: &'a [Option<&'a Column>],
    row: usize,
    /// The field that is asked for next: a record reads its fields in order.
    next: Cell<usize>,
}

impl Fields for Row<'_> {
    fn field(&self, name: &str) -> Option<Scalar<'_>> {
        let is_it = |field: &FieldSpec| field.name == name;
        let at = Some(self.next.get()).filter(|at| self.fields.get(*at).is_some_and(is_it));
        let at = at.or_else(|| self.fields.iter().position(is_it))?;
        self.next.set(at + 1);
        self.columns.get(at).copied().flatten()?.get(self.row)
    }
    fn stray(&self, _known: &[FieldSpec]) -> Option<String> {
        None // strangers were refused before the first row
    }
}

/// Returns the inputs called `name` of all rows, with their times, which never fall below `now`.
///
/// `columns` are the fields of the input by name, null where a row lacks one, and `ts`. The first
/// bad row is the error, and then nothing is returned.
pub fn read_inputs(
    name: &str,
    columns: &[(String, Column)],
    now: Ts,
) -> Result<Vec<(Ts, Input)>, ColumnError> {
    let spec = Input::SPECS.iter().find(|spec| spec.name == name).ok_or_else(|| ColumnError {
        column: None,
        row: None,
        message: format!("unknown input {:?}", shortened(name)),
    })?;
    let times = columns.iter().find(|(column, _)| column == TIME).map(|(_, times)| times);
    let times = times.ok_or_else(|| missing(TIME))?;
    let ordered = in_order(spec, columns, times.len())?;
    let mut inputs = Vec::with_capacity(times.len());
    let mut last = now;
    for row in 0..times.len() {
        last = time(times, row, last)?;
        let next = Cell::new(0);
        let fields = Row { fields: spec.fields, columns: &ordered, row, next };
        let input = Input::read(name, &fields).map_err(|why| refused(spec, row, why))?;
        inputs.push((last, input));
    }
    Ok(inputs)
}

/// Returns the column of each field, in the order of the fields.
fn in_order<'a>(
    spec: &RecordSpec,
    columns: &'a [(String, Column)],
    rows: usize,
) -> Result<Vec<Option<&'a Column>>, ColumnError> {
    if rows > ROWS_MAX {
        let message = format!("expected at most {ROWS_MAX} rows in a batch, found {rows}");
        return Err(ColumnError::of_column(TIME, message));
    }
    for (column, values) in columns {
        if column != TIME && spec.fields.iter().all(|field| field.name != column) {
            let message = format!("{} has no such field", spec.name);
            return Err(ColumnError::of_column(column, message));
        }
        if values.len() != rows {
            let found = values.len();
            let message = format!("expected {rows} rows as in column {TIME:?}, found {found}");
            return Err(ColumnError::of_column(column, message));
        }
    }
    let found = |field: &FieldSpec| {
        let column = columns.iter().find(|(column, _)| column == field.name);
        match column {
            Some((_, values)) => Ok(Some(values)),
            None if field.required => Err(missing(field.name)),
            None => Ok(None),
        }
    };
    spec.fields.iter().map(found).collect()
}

fn missing(column: &str) -> ColumnError {
    ColumnError::of_column(column, "missing, and every row needs it".into())
}

fn time(times: &Column, row: usize, last: Ts) -> Result<Ts, ColumnError> {
    let found = match times.get(row) {
        Some(Scalar::Number(text)) => Ts::parse(text).ok(),
        Some(Scalar::Bool(_) | Scalar::Text(_)) | None => None,
    };
    let expected = "expected nanoseconds UTC, a whole number that is not negative";
    let ts = found.ok_or_else(|| ColumnError::of_value(TIME, row, expected.into()))?;
    if ts < last {
        let message = format!("{ts} is before {last}: inputs come in order of time");
        return Err(ColumnError::of_value(TIME, row, message));
    }
    Ok(ts)
}

fn refused(spec: &RecordSpec, row: usize, why: RecordError) -> ColumnError {
    match why {
        RecordError::BadField(field, why) => {
            let message = format!("expected {}, found {}", why.expected, why.found);
            ColumnError::of_value(field, row, message)
        }
        RecordError::MissingField(field) => {
            let kind = spec.fields.iter().find(|known| known.name == field).map(|known| known.kind);
            let message = format!("expected {}, found null", kind.unwrap_or("a value"));
            ColumnError::of_value(field, row, message)
        }
        RecordError::UnknownRecord(_) | RecordError::UnknownField(_) => {
            ColumnError { column: None, row: Some(row), message: why.to_string() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: &[i128]) -> Column {
        let mut column = Column::default();
        values.iter().for_each(|value| column.push_scaled(*value, 0));
        column
    }

    fn ticks(times: Column) -> Result<Vec<(Ts, Input)>, ColumnError> {
        read_inputs("tick", &[(TIME.into(), times)], Ts::from_nanos(5))
    }

    /// R13: times may stand still, and never fall, neither in the batch nor behind the kernel's.
    #[test]
    fn times_never_fall() {
        assert_eq!(3, ticks(numbers(&[5, 5, 6])).unwrap().len());
        assert_eq!(0, ticks(numbers(&[])).unwrap().len());
        for (times, row) in [(&[4_i128][..], 0), (&[5, 7, 6], 2), (&[5, -6], 1)] {
            let error = ticks(numbers(times)).unwrap_err();
            assert_eq!((Some(TIME), Some(row)), (error.column.as_deref(), error.row));
        }
    }

    /// Rule 7 of STYLE.md: a batch has a largest size, and it can be reached.
    #[test]
    fn a_batch_has_a_largest_size() {
        let mut times = vec![5; ROWS_MAX];
        assert_eq!(ROWS_MAX, ticks(numbers(&times)).unwrap().len());
        times.push(5);
        let error = ticks(numbers(&times)).unwrap_err();
        assert!(error.message.ends_with("found 262145"), "{error}");
    }
}
