//! Writes messages.

use core::fmt::{Display, Write as _};

use ringfence_kernel::types::{Price, Qty, Text, Ts};

use super::{SOH, Stamp, checksum};
use crate::tag::Tag;

/// The fields of a message between its header and its trailer, in the order in which they were
/// put.
#[derive(Clone, Debug, Default)]
pub struct Body {
    text: Vec<u8>,
    /// The last time that was put: many are the same to the millisecond.
    stamp: Option<Stamp>,
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Body {}

impl Body {
    /// Returns a body without fields.
    pub const fn new() -> Self {
        Self { text: Vec::new(), stamp: None }
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
    // The tags that these are called with are constants: inlined, their digits are too.
    /// Adds a code of ours, which has no control characters.
    #[inline]
    pub fn code(&mut self, tag: Tag, code: &'static str) -> &mut Self {
        self.plain(tag, code.as_bytes())
    }
    /// Adds a name or an identifier, which is printable by its type.
    #[inline]
    pub fn text<const N: usize>(&mut self, tag: Tag, text: Text<N>) -> &mut Self {
        self.plain(tag, text.as_bytes())
    }
    /// Adds a name or an identifier when there is one.
    pub fn text_some<const N: usize>(&mut self, tag: Tag, text: Option<Text<N>>) -> &mut Self {
        match text {
            Some(text) => self.text(tag, text),
            None => self,
        }
    }
    /// Adds a price in its shortest exact decimal.
    #[inline]
    pub fn price(&mut self, tag: Tag, price: Price) -> &mut Self {
        self.start(tag);
        put_decimal(&mut self.text, price.nanos());
        self.text.push(SOH);
        self
    }
    /// Adds a price when there is one.
    pub fn price_some(&mut self, tag: Tag, price: Option<Price>) -> &mut Self {
        match price {
            Some(price) => self.price(tag, price),
            None => self,
        }
    }
    /// Adds a quantity in whole units.
    #[inline]
    pub fn qty(&mut self, tag: Tag, qty: Qty) -> &mut Self {
        self.number(tag, qty.units())
    }
    /// Adds a whole number.
    #[inline]
    pub fn number(&mut self, tag: Tag, number: u64) -> &mut Self {
        self.start(tag);
        put_number(&mut self.text, number);
        self.text.push(SOH);
        self
    }
    /// Adds a UTC timestamp with milliseconds.
    pub fn utc(&mut self, tag: Tag, at: Ts) -> &mut Self {
        self.start(tag);
        self.stamp.get_or_insert_with(|| Stamp::new(at)).put(&mut self.text, at);
        self.text.push(SOH);
        self
    }
    #[inline]
    fn plain(&mut self, tag: Tag, value: &[u8]) -> &mut Self {
        self.start(tag);
        self.text.extend_from_slice(value);
        self.text.push(SOH);
        self
    }
    #[inline]
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
#[inline]
pub(crate) fn put_number(out: &mut Vec<u8>, number: u64) {
    // Most numbers are tags, quantities and counts of few digits.
    let digit = |unit: u64| b'0' + u8::try_from(number / unit % 10).unwrap_or(0);
    match number {
        0..10 => out.push(digit(1)),
        10..100 => out.extend_from_slice(&[digit(10), digit(1)]),
        100..1_000 => out.extend_from_slice(&[digit(100), digit(10), digit(1)]),
        1_000..10_000 => {
            out.extend_from_slice(&[digit(1_000), digit(100), digit(10), digit(1)]);
        }
        10_000.. => put_long_number(out, number),
    }
}

#[inline(never)]
fn put_long_number(out: &mut Vec<u8>, number: u64) {
    put_number(out, number / 10_000);
    put_digits(out, number % 10_000);
}

/// Appends the last four digits of a number, zeros in front included.
fn put_digits(out: &mut Vec<u8>, number: u64) {
    let units = [1_000, 100, 10, 1];
    let digits = units.map(|unit| b'0' + u8::try_from(number / unit % 10).unwrap_or(0));
    out.extend_from_slice(&digits);
}

/// Appends a number of 1e-9 units as the shortest exact decimal.
fn put_decimal(out: &mut Vec<u8>, nanos: i64) {
    const UNIT: u64 = 1_000_000_000;
    if nanos < 0 {
        out.push(b'-');
    }
    let magnitude = nanos.unsigned_abs();
    put_number(out, magnitude / UNIT);
    let fraction = magnitude % UNIT;
    if fraction == 0 {
        return;
    }
    // Nine digits: one, then twice four.
    out.extend_from_slice(&[b'.', b'0' + u8::try_from(fraction / 100_000_000).unwrap_or(0)]);
    put_digits(out, fraction / 10_000);
    put_digits(out, fraction);
    let zeros = out.iter().rev().take_while(|byte| **byte == b'0').count();
    out.truncate(out.len() - zeros);
}

struct Sink<'a>(&'a mut Vec<u8>);

impl core::fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, Price, Tag, Ts, put_number};
    use ringfence_kernel::types::Name;

    fn written(put: impl for<'b> Fn(&'b mut Body) -> &'b mut Body) -> String {
        let mut body = Body::new();
        String::from_utf8(put(&mut body).bytes().to_vec()).unwrap()
    }

    /// R39: numbers and prices are written as their own text says, at every length.
    #[test]
    fn numbers_are_written_as_they_are_shown() {
        let powers = (0..20).map(|digits| 10_u64.pow(digits));
        for number in powers.flat_map(|power| [power - 1, power, power + 1, power / 7]) {
            let mut out = Vec::new();
            put_number(&mut out, number);
            assert_eq!(number.to_string().into_bytes(), out);
            let nanos = i64::try_from(number % 1_000_000_000_000_000_000).unwrap();
            for price in [nanos, -nanos, nanos * 5, i64::MAX, i64::MIN].map(Price::from_nanos) {
                let expected = written(|body| body.put(Tag::new(44), price));
                assert_eq!(expected, written(|body| body.price(Tag::new(44), price)));
            }
        }
    }

    /// FIX UTCTimestamp: a time that is put after another one is its own, also in the same body.
    #[test]
    fn times_are_their_own() {
        let millis = [0, 1, 1, 999, 86_400_000, 0].map(|ms| Ts::from_nanos(ms * 1_000_000 + 7));
        let mut body = Body::new();
        for at in millis {
            body.utc(Tag::new(60), at);
        }
        let one = |at| written(|body| body.utc(Tag::new(60), at));
        let expected: String = millis.into_iter().map(one).collect();
        assert_eq!(expected.into_bytes(), body.bytes());
        assert!(
            written(|body| body.utc(Tag::new(60), millis[3]))
                .starts_with("60=19700101-00:00:00.999")
        );
    }

    /// FIX: text from outside splits no field; a name cannot, by its type.
    #[test]
    fn separators_stay_out_of_fields() {
        assert_eq!("58=a?10=1\x01", written(|body| body.put(Tag::new(58), "a\x0110=1")));
        let name = Name::new("AAPL").unwrap();
        assert_eq!("55=AAPL\x01", written(|body| body.text(Tag::new(55), name)));
        assert_eq!("", written(|body| body.text_some::<31>(Tag::new(55), None)));
    }
}
