//! Why a dictionary is refused.

use core::fmt;

/// Why a text is no dictionary, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DictionaryError {
    /// Line of the text, from 1.
    pub line: u32,
    /// Column of the line, from 1.
    pub column: u32,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with the text of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The text is no XML; the parser's words.
    NotXml(String),
    /// The root element is another one than `fix`.
    NotFix(String),
    /// An element without this attribute, or this section is missing.
    Missing(&'static str),
    /// An element or statement that the format does not know.
    Unknown(String),
    /// Not a tag: 1 to [`super::TAG_MAX`].
    BadTag(String),
    /// Not one of the types of FIX.
    BadType(String),
    /// Neither `Y` nor `N`, neither `admin` nor `app`.
    BadFlag(String),
    /// Brackets do not pair, or a word stands where the format has no place for it.
    Misplaced(String),
    /// A field, block, component or message that is not defined.
    Undefined(String),
    /// Defined twice, or twice in one place of a message.
    Twice(String),
    /// A group without fields.
    EmptyGroup(String),
    /// A dialect for another version than the one that it was put on.
    OtherVersion {
        /// Version of the dictionary below.
        expected: String,
        /// Version that the dialect says.
        found: String,
    },
    /// More than a named maximum.
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
}

impl DictionaryError {
    pub(super) const fn new(line: u32, column: u32, problem: Problem) -> Self {
        Self { line, column, problem }
    }
}

impl fmt::Display for DictionaryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.problem)
    }
}

impl core::error::Error for DictionaryError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotXml(why) => write!(f, "expected XML, found: {why}"),
            Self::NotFix(found) => write!(f, "expected the root element fix, found {found:?}"),
            Self::Missing(what) => write!(f, "expected {what}, found nothing"),
            Self::Unknown(found) => write!(f, "expected a known statement, found {found:?}"),
            Self::BadTag(found) => {
                write!(f, "expected a tag from 1 to {}, found {found:?}", super::TAG_MAX)
            }
            Self::BadType(found) => write!(f, "expected a type of FIX, found {found:?}"),
            Self::BadFlag(found) => write!(f, "expected Y or N, admin or app, found {found:?}"),
            Self::Misplaced(found) => write!(f, "{found:?} has no place here"),
            Self::Undefined(name) => write!(f, "{name:?} is not defined"),
            Self::Twice(name) => write!(f, "{name:?} is there already"),
            Self::EmptyGroup(name) => write!(f, "the group {name:?} has no field"),
            Self::OtherVersion { expected, found } => {
                write!(f, "expected a dialect of {expected}, found one of {found}")
            }
            Self::TooMany { what, max } => write!(f, "more {what} than {max}"),
        }
    }
}
