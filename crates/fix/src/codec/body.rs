//! Writes messages.

use core::fmt::{Display, Write as _};

use ringfence_kernel::types::{Price, Qty, Ts};

use super::{SOH, checksum};
use crate::tag::{self, Tag};

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

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
        self.put(tag, qty.units())
    }
    /// Adds a UTC timestamp with milliseconds.
    pub fn utc(&mut self, tag: Tag, at: Ts) -> &mut Self {
        let start = self.start(tag);
        put_utc(&mut self.text, at);
        self.finish(start)
    }
    fn start(&mut self, tag: Tag) -> usize {
        let _ = write!(Sink(&mut self.text), "{tag}=");
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
    let mut sink = Sink(out);
    let length = header.len() + body.len();
    let _ = write!(sink, "8={begin_string}\x019={length}\x01");
    out.extend_from_slice(header);
    out.extend_from_slice(body);
    let sum = checksum(out.get(start..).unwrap_or_default());
    let _ = write!(Sink(out), "{}={sum:03}\x01", tag::CHECK_SUM);
}

struct Sink<'a>(&'a mut Vec<u8>);

impl core::fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Appends `YYYYMMDD-HH:MM:SS.sss` of a time.
pub(crate) fn put_utc(out: &mut Vec<u8>, at: Ts) {
    let seconds = at.nanos().div_euclid(NANOS_PER_SECOND);
    let millis = at.nanos().rem_euclid(NANOS_PER_SECOND) / 1_000_000;
    let (year, month, day) = civil(seconds.div_euclid(SECONDS_PER_DAY));
    let second = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let second = second % 60;
    let _ = write!(
        Sink(out),
        "{year:04}{month:02}{day:02}-{hour:02}:{minute:02}:{second:02}.{millis:03}"
    );
}

/// Returns the time of `YYYYMMDD-HH:MM:SS` with up to nine fraction digits.
pub(crate) fn parse_utc(text: &[u8]) -> Option<Ts> {
    let (day, time) = text.split_at_checked(8)?;
    let digits = |bytes: &[u8]| super::message::decimal(bytes).and_then(|n| i64::try_from(n).ok());
    let (year, rest) = day.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    let [b'-', h1, h2, b':', m1, m2, b':', s1, s2, fraction @ ..] = time else {
        return None;
    };
    let (hour, minute) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
    let second = digits(&[*s1, *s2])?;
    let nanos = match fraction {
        [] => 0,
        [b'.', digits_ @ ..] if (1..=9).contains(&digits_.len()) => {
            let missing = u32::try_from(9 - digits_.len()).ok()?;
            digits(digits_)? * 10_i64.pow(missing)
        }
        _ => return None,
    };
    // A leap second counts as the last one of its minute.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days(year, month, day)?;
    let seconds = days * SECONDS_PER_DAY + hour * 3_600 + minute * 60 + second.min(59);
    seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(nanos).map(Ts::from_nanos)
}

/// Returns the days since 1970-01-01 of a date that exists, years 1900 to 2200.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1900..=2200).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day is the last one.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * m + 2) / 5 + day - 1;
    let found = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (civil(found) == (year, month, day)).then_some(found)
}

/// Returns year, month and day of a number of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * m + 2) / 5 + 1, if m < 10 { m + 3 } else { m - 9 });
    (year + era * 400 + i64::from(month <= 2), month, day)
}
