//! A script: faults line by line, `#` begins a line that says nothing.

use core::fmt;

use super::grammar::{Command, parse_line};
use super::words::LineError;

/// Most lines of a script.
pub const SCRIPT_LINES_MAX: usize = 10_000;

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptError {
    /// More than [`SCRIPT_LINES_MAX`] lines.
    TooLong,
    /// A line is no fault.
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// Why.
        why: LineError,
    },
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "expected at most {SCRIPT_LINES_MAX} lines"),
            Self::Line { line, why } => write!(f, "line {line}: {why}"),
        }
    }
}

/// Faults in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Script {
    /// Each with the number of its line, from 1.
    commands: Vec<(usize, Command)>,
}

impl Script {
    /// Returns the script that `text` is, or the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut commands = Vec::new();
        for (at, line) in text.lines().enumerate() {
            if at == SCRIPT_LINES_MAX {
                return Err(ScriptError::TooLong);
            }
            let line_text = line.trim();
            if line_text.is_empty() || line_text.starts_with('#') {
                continue;
            }
            let parsed = parse_line(line_text);
            let line = at + 1;
            commands.push((line, parsed.map_err(|why| ScriptError::Line { line, why })?));
        }
        Ok(Self { commands })
    }
    /// Returns the faults.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.commands.iter().map(|(_, command)| command)
    }
    /// Returns the faults, each with the number of its line, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &Command)> {
        self.commands.iter().map(|(line, command)| (*line, command))
    }
}
