//! How one field becomes bytes, JSON text and a schema line, and comes back.
//!
//! One trait serves the journal, the JSON Lines of the command line and the Python binding, so a
//! field has a single meaning, a single set of bounds and a single error message.

use core::fmt::Write as _;

use super::number::{Bps, Money, NumberError, Price, Qty, Ts};
use super::text::Text;

/// A field as it arrives from outside, before it has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar<'a> {
    /// True or false.
    Bool(bool),
    /// A number, still as its text, so that nothing is rounded.
    Number(&'a str),
    /// A string.
    Text(&'a str),
}

/// Why a field was refused; complete with what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// What the field must look like.
    pub expected: String,
    /// What came, shortened.
    pub found: String,
}

impl ValueError {
    /// Returns the error for a field that should have been `expected`.
    pub fn new(expected: &str, found: Scalar<'_>) -> Self {
        let found = match found {
            Scalar::Bool(value) => value.to_string(),
            Scalar::Number(text) => text.to_string(),
            Scalar::Text(text) => format!("{text:?}"),
        };
        let found = found.chars().take(60).collect();
        Self { expected: expected.to_string(), found }
    }
}

/// Bytes of a journal payload that do not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Reads a payload from front to back.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// Returns a reader over `payload`.
    pub const fn new(payload: &'a [u8]) -> Self {
        Self(payload)
    }
    /// Returns the next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = tail;
        Ok(head)
    }
    /// Returns the next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }
    /// Returns whether everything was read.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A field type of inputs and events.
pub trait Value: Sized {
    /// Name of the type in the schema.
    const KIND: &'static str;
    /// Whether a record must carry the field.
    const REQUIRED: bool = true;

    /// Appends the journal bytes.
    fn put(&self, out: &mut Vec<u8>);
    /// Reads what [`Value::put`] wrote.
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed>;
    /// Appends the JSON token; returns `false` (and appends nothing) when the field is absent.
    fn show(&self, out: &mut String) -> bool;
    /// Returns the value of what came from outside.
    fn read(scalar: Scalar<'_>) -> Result<Self, ValueError>;
    /// Returns the value of a missing field, if it may be missing.
    fn absent() -> Option<Self> {
        None
    }
}

/// Appends `text` as a JSON string.
pub fn show_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

impl<T: Value> Value for Option<T> {
    const KIND: &'static str = T::KIND;
    const REQUIRED: bool = false;

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => {
                out.push(1);
                value.put(out);
            }
            None => out.push(0),
        }
    }
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match bytes.array::<1>()? {
            [0] => Ok(None),
            [1] => T::take(bytes).map(Some),
            _ => Err(Malformed),
        }
    }
    fn show(&self, out: &mut String) -> bool {
        self.as_ref().is_some_and(|value| value.show(out))
    }
    fn read(scalar: Scalar<'_>) -> Result<Self, ValueError> {
        T::read(scalar).map(Some)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl Value for bool {
    const KIND: &'static str = "boolean";

    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match bytes.array::<1>()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Malformed),
        }
    }
    fn show(&self, out: &mut String) -> bool {
        out.push_str(if *self { "true" } else { "false" });
        true
    }
    fn read(scalar: Scalar<'_>) -> Result<Self, ValueError> {
        match scalar {
            Scalar::Bool(value) => Ok(value),
            Scalar::Number(_) | Scalar::Text(_) => Err(ValueError::new("true or false", scalar)),
        }
    }
}

impl<const N: usize> Value for Text<N> {
    const KIND: &'static str = "text";

    fn put(&self, out: &mut Vec<u8>) {
        let text = self.as_bytes();
        out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(text);
    }
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        let [len] = bytes.array::<1>()?;
        Self::from_bytes(bytes.take(usize::from(len))?).ok_or(Malformed)
    }
    fn show(&self, out: &mut String) -> bool {
        show_text(self.as_str(), out);
        true
    }
    fn read(scalar: Scalar<'_>) -> Result<Self, ValueError> {
        match scalar {
            Scalar::Text(text) => Self::new(text),
            Scalar::Bool(_) | Scalar::Number(_) => None,
        }
        .ok_or_else(|| ValueError::new(&format!("printable text of 1 to {N} bytes"), scalar))
    }
}

macro_rules! integer_value {
    ($type:ty, $kind:literal) => {
        impl Value for $type {
            const KIND: &'static str = $kind;

            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
                Ok(Self::from_le_bytes(bytes.array()?))
            }
            fn show(&self, out: &mut String) -> bool {
                let _ = write!(out, "{self}");
                true
            }
            fn read(scalar: Scalar<'_>) -> Result<Self, ValueError> {
                match scalar {
                    Scalar::Number(text) => text.parse().ok(),
                    Scalar::Bool(_) | Scalar::Text(_) => None,
                }
                .ok_or_else(|| ValueError::new(concat!("integer ", $kind), scalar))
            }
        }
    };
}

integer_value!(u8, "0 to 255");
integer_value!(u32, "0 to 4294967295");
integer_value!(u64, "0 to 18446744073709551615");
integer_value!(i64, "signed 64 bits");
integer_value!(i128, "signed 128 bits");

macro_rules! number_value {
    ($type:ty, $raw:ty, $kind:literal, $from:path, $get:ident, $quote:literal) => {
        impl Value for $type {
            const KIND: &'static str = $kind;

            fn put(&self, out: &mut Vec<u8>) {
                self.$get().put(out);
            }
            fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
                <$raw>::take(bytes).map($from)
            }
            fn show(&self, out: &mut String) -> bool {
                let _ = write!(out, "{}{self}{}", $quote, $quote);
                true
            }
            fn read(scalar: Scalar<'_>) -> Result<Self, ValueError> {
                let parsed = match scalar {
                    Scalar::Number(text) | Scalar::Text(text) => <$type>::parse(text),
                    Scalar::Bool(_) => Err(NumberError::NotDecimal),
                };
                parsed.map_err(|why| ValueError::new(&format!("{} ({why})", $kind), scalar))
            }
        }
    };
}

number_value!(Price, i64, "decimal price, exact to 1e-9", Price::from_nanos, nanos, "\"");
number_value!(
    Money,
    i128,
    "decimal amount of money, exact to 1e-9",
    Money::from_nanos,
    nanos,
    "\""
);
number_value!(Qty, u64, "whole quantity, 0 to 10000000000", Qty::new, units, "");
number_value!(Bps, i32, "basis points", Bps::new, get, "");
number_value!(Ts, i64, "nanoseconds UTC", Ts::from_nanos, nanos, "");

integer_value!(i32, "signed 32 bits");

impl Bps {
    /// Returns the share written as a whole number of basis points, at most 10,000 %.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let value = super::number::parse_decimal(text, 0)?;
        match i32::try_from(value) {
            Ok(bps) if (0..=1_000_000).contains(&bps) => Ok(Self::new(bps)),
            Ok(_) | Err(_) => Err(NumberError::OutOfRange),
        }
    }
}

impl Ts {
    /// Returns the time written as a whole number of nanoseconds, not negative.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let value = super::number::parse_decimal(text, 0)?;
        match i64::try_from(value) {
            Ok(nanos) if nanos >= 0 => Ok(Self::from_nanos(nanos)),
            Ok(_) | Err(_) => Err(NumberError::OutOfRange),
        }
    }
}
