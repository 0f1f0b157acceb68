//! Comma-separated text with a line of names above it, cell by cell.
//!
//! Refuses: quotes, unknown and repeated columns, rows of another width, more than [`ROWS_MAX`]
//! rows. Every refusal names line and column.

use core::fmt;

/// Most rows of one file.
pub const ROWS_MAX: usize = 1_000_000;
/// Longest cell that a message repeats, in characters.
const FOUND_MAX: usize = 40;

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvFile {
    /// The resting orders.
    Book,
    /// The requests.
    Orders,
}

impl CsvFile {
    /// Returns the name of the file's argument.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Orders => "orders",
        }
    }
}

/// Why a file was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvProblem {
    /// The file.
    pub file: CsvFile,
    /// Line in it, from 1; the line of names is the first that is not empty.
    pub line: usize,
    /// Name of the column; `None` where the whole line is meant.
    pub column: Option<String>,
    /// What should have been there.
    pub expected: String,
    /// What was there, shortened.
    pub found: String,
}

impl fmt::Display for CsvProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(f, "column {column:?}: ")?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

/// A file with its rows.
#[derive(Debug)]
pub(super) struct Table<'a> {
    file: CsvFile,
    columns: Vec<&'a str>,
    rows: Vec<(usize, Vec<&'a str>)>,
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'t, 'a> {
    file: CsvFile,
    pub(super) line: usize,
    columns: &'t [&'a str],
    cells: &'t [&'a str],
}

impl<'a> Table<'a> {
    /// Reads a table whose columns are among `known` and include `required`.
    pub(super) fn read(
        file: CsvFile,
        bytes: &'a [u8],
        known: &[&str],
        required: &[&str],
    ) -> Result<Self, CsvProblem> {
        let text = core::str::from_utf8(bytes).map_err(|why| {
            let before = bytes.get(..why.valid_up_to()).unwrap_or(&[]);
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            problem(file, line, None, "text in UTF-8", "other bytes")
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let numbered = (1_usize..).zip(text.lines());
        let mut lines = numbered.filter(|(_, line)| !line.trim().is_empty());
        let Some((first, names)) = lines.next() else {
            return Err(problem(file, 1, None, "a line of column names", "nothing"));
        };
        let columns = cells(file, first, names)?;
        check_names(file, first, &columns, known, required)?;
        let mut rows = Vec::new();
        for (line, text) in lines {
            let row = cells(file, line, text)?;
            if row.len() != columns.len() {
                let expected = format!("{} cells", columns.len());
                return Err(problem(file, line, None, &expected, &row.len().to_string()));
            }
            if rows.len() >= ROWS_MAX {
                let expected = format!("at most {ROWS_MAX} rows");
                return Err(problem(file, line, None, &expected, "one more"));
            }
            rows.push((line, row));
        }
        Ok(Self { file, columns, rows })
    }
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_, 'a>> {
        self.rows.iter().map(|(line, cells)| Row {
            file: self.file,
            line: *line,
            columns: &self.columns,
            cells,
        })
    }
}

impl<'a> Row<'_, 'a> {
    /// Returns the cell of a column; `None` where it is empty or there is no such column.
    pub(super) fn cell(&self, column: &str) -> Option<&'a str> {
        let place = self.columns.iter().position(|name| *name == column)?;
        self.cells.get(place).copied().filter(|cell| !cell.is_empty())
    }
    /// Returns the value of a cell that has to be there.
    pub(super) fn value<T>(
        &self,
        column: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, CsvProblem> {
        match self.cell(column) {
            Some(cell) => read(cell).ok_or_else(|| self.problem(column, expected, cell)),
            None => Err(self.problem(column, expected, "nothing")),
        }
    }
    /// Returns the value of a cell that may be empty.
    pub(super) fn value_if_there<T>(
        &self,
        column: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, CsvProblem> {
        match self.cell(column) {
            Some(_) => self.value(column, expected, read).map(Some),
            None => Ok(None),
        }
    }
    /// Refuses a row that has something in one of `columns`.
    pub(super) fn must_be_empty(&self, columns: &[&str], of: &str) -> Result<(), CsvProblem> {
        let filled = columns.iter().find_map(|column| Some((column, self.cell(column)?)));
        match filled {
            Some((column, cell)) => {
                Err(self.problem(column, &format!("nothing, as the row is {of}"), cell))
            }
            None => Ok(()),
        }
    }
    pub(super) fn problem(&self, column: &str, expected: &str, found: &str) -> CsvProblem {
        problem(self.file, self.line, Some(column), expected, found)
    }
    pub(super) fn line_problem(&self, expected: &str, found: &str) -> CsvProblem {
        problem(self.file, self.line, None, expected, found)
    }
}

fn problem(
    file: CsvFile,
    line: usize,
    column: Option<&str>,
    expected: &str,
    found: &str,
) -> CsvProblem {
    let found = found.chars().take(FOUND_MAX).collect();
    let (column, expected) = (column.map(str::to_owned), expected.to_owned());
    CsvProblem { file, line, column, expected, found }
}

fn cells(file: CsvFile, line: usize, text: &str) -> Result<Vec<&str>, CsvProblem> {
    if text.contains('"') {
        return Err(problem(file, line, None, "plain cells", "a quotation mark"));
    }
    Ok(text.split(',').map(str::trim).collect())
}

fn check_names(
    file: CsvFile,
    line: usize,
    columns: &[&str],
    known: &[&str],
    required: &[&str],
) -> Result<(), CsvProblem> {
    for (place, name) in columns.iter().enumerate() {
        let is_repeated = columns.iter().position(|other| other == name) != Some(place);
        if !known.contains(name) || is_repeated {
            let expected = format!("each once of {}", known.join(", "));
            let found = if is_repeated { "it twice" } else { "another column" };
            return Err(problem(file, line, Some(name), &expected, found));
        }
    }
    match required.iter().find(|name| !columns.contains(name)) {
        Some(name) => Err(problem(file, line, Some(name), "this column", "none of that name")),
        None => Ok(()),
    }
}
