//! Writes messages.

use core::fmt::{Display, Write as _};

use ringfence_kernel::types::{Price, Qty, Ts};

use super::{SOH, checksum};
use crate::tag::Tag;

/// The fields of a message between its header and its trailer, in the order in which they were
/// put.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    text: Vec<u8>,
}

impl Body {
    /// Returns a body without fields.
    pub const fn new() -> Self {
        Self { text: Vec::new() }
    }
    /// Returns the fields as they stand on the wire.
    pub fn bytes(&self) -> &[u8] {
        &self.text
    }
    /// Forgets all fields and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
    }
    /// Adds fields that are encoded already, each with its separator.
    pub fn encoded(&mut self, fields: &[u8]) -> &mut Self {
        self.text.extend_from_slice(fields);
        self
    }
    /// Adds a field; separators and other control characters in `value` become `?`.
    pub fn put(&mut self, tag: Tag, value: impl Display) -> &mut Self {
        let start = self.start(tag);
        // Writing into memory does not fail.
        let _ = write!(Sink(&mut self.text), "{value}");
        self.finish(start)
    }
    /// Adds a field when there is a value.
    pub fn put_some(&mut self, tag: Tag, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.put(tag, value),
            None => self,
        }
    }
    /// Adds a field of bytes; control characters become `?`.
    pub fn raw(&mut self, tag: Tag, value: &[u8]) -> &mut Self {
        let start = self.start(tag);
        self.text.extend_from_slice(value);
        self.finish(start)
    }
    /// Adds a price in its shortest exact decimal.
    pub fn price(&mut self, tag: Tag, price: Price) -> &mut Self {
        self.put(tag, price)
    }
    /// Adds a quantity in whole units.
    pub fn qty(&mut self, tag: Tag, qty: Qty) -> &mut Self {
        self.number(tag, qty.units())
    }
    /// Adds a whole number.
    pub fn number(&mut self, tag: Tag, number: u64) -> &mut Self {
        self.start(tag);
        put_number(&mut self.text, number);
        self.text.push(SOH);
        self
    }
    /// Adds a UTC timestamp with milliseconds.
    pub fn utc(&mut self, tag: Tag, at: Ts) -> &mut Self {
        let start = self.start(tag);
        super::time::put_utc(&mut self.text, at);
        self.finish(start)
    }
    fn start(&mut self, tag: Tag) -> usize {
        put_number(&mut self.text, u64::from(tag.number()));
        self.text.push(b'=');
        self.text.len()
    }
    fn finish(&mut self, start: usize) -> &mut Self {
        for byte in self.text.iter_mut().skip(start) {
            if byte.is_ascii_control() {
                *byte = b'?';
            }
        }
        self.text.push(SOH);
        self
    }
}

/// Appends a whole message: BeginString, length, `header` from the MsgType on, body, CheckSum.
///
/// `header` and `body` are encoded fields with their separators; `header` begins with 35.
pub fn encode(begin_string: &str, header: &[u8], body: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(b"8=");
    out.extend_from_slice(begin_string.as_bytes());
    out.extend_from_slice(b"\x019=");
    put_number(out, u64::try_from(header.len() + body.len()).unwrap_or(u64::MAX));
    out.push(SOH);
    out.extend_from_slice(header);
    out.extend_from_slice(body);
    let sum = checksum(out.get(start..).unwrap_or_default());
    let [hundreds, tens, ones] = [sum / 100, sum / 10 % 10, sum % 10].map(|digit| b'0' + digit);
    out.extend_from_slice(&[b'1', b'0', b'=', hundreds, tens, ones, SOH]);
}

/// Appends a number in decimal.
pub(crate) fn put_number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

struct Sink<'a>(&'a mut Vec<u8>);

impl core::fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
