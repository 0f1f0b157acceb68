//! A message that was found: its fields in the order of the wire.

use ringfence_kernel::types::{NumberError, Price, Qty, Ts};

use super::frame::{check, next_separator};
use super::{Garbled, SOH};
use crate::tag::{self, Tag};

/// Fields of one message that are read; one with more is garbled.
pub const FIELDS_MAX: usize = 8_192;

/// Digits of a tag that are read.
const TAG_DIGITS_MAX: usize = 9;

/// One field: its tag and where its value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    tag: Tag,
    start: u32,
    end: u32,
}

/// Why a field that is there cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field.
    pub tag: Tag,
    /// Why its value is refused.
    pub why: NumberError,
}

/// Reads messages; keeps its table of fields from one to the next.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    fields: Vec<Field>,
}

impl Parser {
    /// Returns the message of a frame, or why it is garbled.
    ///
    /// Length and CheckSum are right, the first three fields are 8, 9 and 35, every field is
    /// `tag=value`; a data field (FIX 96 and its kind) may contain the separator where the length
    /// field before it says so. Everything else is for the dictionary.
    pub fn parse<'a>(&'a mut self, raw: &'a [u8]) -> Result<Message<'a>, Garbled> {
        let trailer_at = check(raw)?;
        self.fields.clear();
        let mut rest = raw;
        while !rest.is_empty() {
            if self.fields.len() == FIELDS_MAX {
                return Err(Garbled::TooManyFields);
            }
            let (tag, behind) = read_tag(rest)?;
            let start = raw.len() - behind.len();
            let end = self.value_end(raw, tag, start)?;
            self.fields.push(Field { tag, start: index(start)?, end: index(end)? });
            rest = raw.get(end + 1..).unwrap_or_default();
        }
        let firsts = self.fields.iter().map(|field| field.tag);
        if !firsts.take(3).eq([tag::BEGIN_STRING, tag::BODY_LENGTH, tag::MSG_TYPE]) {
            return Err(Garbled::BadField);
        }
        // The CheckSum is the field at the trailer, and the last one.
        let last = self.fields.last().map(|field| field.start);
        if last != Some(index(trailer_at + 3)?) {
            return Err(Garbled::WrongCheckSum);
        }
        Ok(Message { raw, fields: &self.fields })
    }
    fn value_end(&self, raw: &[u8], tag: Tag, start: usize) -> Result<usize, Garbled> {
        match tag::length_of(tag).and_then(|length| self.data_end(raw, length, start)) {
            Some(end) => Ok(end),
            None => next_separator(raw, start).ok_or(Garbled::BadField),
        }
    }
    /// Returns where a data field ends, when the field before it is its length and leads to a
    /// separator.
    #[cold]
    fn data_end(&self, raw: &[u8], length: Tag, start: usize) -> Option<usize> {
        let told = self.fields.last().filter(|last| last.tag == length)?;
        let length = usize::try_from(decimal(value(raw, *told)?)?).unwrap_or(usize::MAX);
        let end = start.saturating_add(length);
        (raw.get(end) == Some(&SOH)).then_some(end)
    }
}

/// A message whose frame is right.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    raw: &'a [u8],
    fields: &'a [Field],
}

impl<'a> Message<'a> {
    /// Returns the bytes of the whole message.
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }
    /// Returns the number of fields, 8, 9 and 10 included.
    pub const fn len(&self) -> usize {
        self.fields.len()
    }
    /// Returns whether there is no field; never so for a parsed message.
    pub const fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
    /// Returns every field in the order of the wire, 8, 9 and 10 included.
    pub fn fields(&self) -> impl Iterator<Item = (Tag, &'a [u8])> + Clone + use<'a> {
        let raw = self.raw;
        self.fields.iter().map(move |field| (field.tag, value(raw, *field).unwrap_or_default()))
    }
    /// Returns the first field with `tag`; an empty value is there.
    pub fn get(&self, tag: Tag) -> Option<&'a [u8]> {
        let field = self.fields.iter().find(|field| field.tag == tag)?;
        value(self.raw, *field)
    }
    /// Returns the first field with `tag` as text; one that is not UTF-8 counts as absent.
    pub fn text(&self, tag: Tag) -> Option<&'a str> {
        self.get(tag).and_then(|bytes| core::str::from_utf8(bytes).ok())
    }
    /// Returns the MsgType (FIX 35).
    pub fn msg_type(&self) -> &'a [u8] {
        self.get(tag::MSG_TYPE).unwrap_or_default()
    }
    /// Returns the MsgSeqNum (FIX 34), `None` when it is absent or no number.
    pub fn seq(&self) -> Option<u64> {
        self.get(tag::MSG_SEQ_NUM).and_then(decimal)
    }
    /// Returns whether the field is there with the value `Y`.
    pub fn is_yes(&self, tag: Tag) -> bool {
        self.get(tag) == Some(b"Y")
    }
    /// Returns the whole number of a field.
    pub fn number(&self, tag: Tag) -> Result<Option<u64>, FieldError> {
        let why = NumberError::NotDecimal;
        self.read(tag, |text| decimal(text).ok_or(why))
    }
    /// Returns the price of a field, 1e-9 currency units.
    pub fn price(&self, tag: Tag) -> Result<Option<Price>, FieldError> {
        self.read(tag, Price::parse_bytes)
    }
    /// Returns the quantity of a field in whole units; zeros behind a point lose nothing.
    pub fn qty(&self, tag: Tag) -> Result<Option<Qty>, FieldError> {
        self.read(tag, |text| {
            let point = text.iter().position(|byte| *byte == b'.').unwrap_or(text.len());
            let (whole, fraction) = text.split_at_checked(point).unwrap_or_default();
            if fraction.iter().skip(1).all(|byte| *byte == b'0') {
                Qty::parse_bytes(whole)
            } else {
                Err(NumberError::TooFine)
            }
        })
    }
    /// Returns the UTC timestamp of a field (FIX type UTCTimestamp), up to nanoseconds.
    pub fn utc(&self, tag: Tag) -> Result<Option<Ts>, FieldError> {
        self.read(tag, |text| super::time::parse_utc(text).ok_or(NumberError::NotDecimal))
    }
    fn read<T>(
        &self,
        tag: Tag,
        parse: impl FnOnce(&'a [u8]) -> Result<T, NumberError>,
    ) -> Result<Option<T>, FieldError> {
        let Some(bytes) = self.get(tag) else {
            return Ok(None);
        };
        parse(bytes).map(Some).map_err(|why| FieldError { tag, why })
    }
}

fn value(raw: &[u8], field: Field) -> Option<&[u8]> {
    raw.get(usize::try_from(field.start).ok()?..usize::try_from(field.end).ok()?)
}

fn index(at: usize) -> Result<u32, Garbled> {
    u32::try_from(at).map_err(|_| Garbled::TooLong)
}

/// Returns a tag and what stands behind its `=`; a number below zero is a tag that no dictionary
/// has, and none is written with a zero behind its sign.
fn read_tag(text: &[u8]) -> Result<(Tag, &[u8]), Garbled> {
    let digit = |byte: &u8| u32::from(byte.wrapping_sub(b'0'));
    // Nearly every tag has one to three digits.
    match text {
        [ones @ b'0'..=b'9', b'=', rest @ ..] => Ok((Tag::new(digit(ones)), rest)),
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', b'=', rest @ ..] => {
            Ok((Tag::new(digit(tens) * 10 + digit(ones)), rest))
        }
        [hundreds @ b'0'..=b'9', tens @ b'0'..=b'9', ones @ b'0'..=b'9', b'=', rest @ ..] => {
            let number = digit(hundreds) * 100 + digit(tens) * 10 + digit(ones);
            Ok((Tag::new(number), rest))
        }
        [b'-', b'0', ..] => Err(Garbled::BadField),
        [b'-', digits @ ..] => {
            let (tag, rest) = read_long_tag(digits)?;
            Ok((Tag::negative(tag.number()), rest))
        }
        _ => read_long_tag(text),
    }
}

fn read_long_tag(text: &[u8]) -> Result<(Tag, &[u8]), Garbled> {
    let mut bytes = text.iter().take(TAG_DIGITS_MAX + 1);
    let len = bytes.position(|byte| *byte == b'=').ok_or(Garbled::BadField)?;
    let (digits, rest) = text.split_at_checked(len).ok_or(Garbled::BadField)?;
    let number = decimal(digits).ok_or(Garbled::BadField)?;
    let number = u32::try_from(number).map_err(|_| Garbled::BadField)?;
    Ok((Tag::new(number), rest.get(1..).unwrap_or_default()))
}

/// Returns a number of up to 18 plain digits.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::{Tag, read_tag};

    /// FIX tag=value: a tag has one to nine digits; a minus makes a tag that no dictionary has, and
    /// nothing else is a tag.
    #[test]
    fn tags_are_read_or_refused() {
        for number in [0, 1, 9, 10, 35, 99, 100, 553, 999, 1_000, 5_700, 999_999_999] {
            let text = format!("{number}=x\x01");
            assert_eq!(Ok((Tag::new(number), b"x\x01".as_slice())), read_tag(text.as_bytes()));
            let text = format!("-{number}=x\x01");
            let found = read_tag(text.as_bytes()).ok().map(|(tag, _)| tag);
            assert_eq!((number > 0).then(|| Tag::negative(number)), found);
        }
        assert_eq!(Ok((Tag::new(5), b"".as_slice())), read_tag(b"005="));
        for text in ["", "=x", "x=1", "1", "35", "123", "1x=", "12x=", "1:=", "/1=", "1234567890="]
        {
            assert!(read_tag(text.as_bytes()).is_err(), "{text:?}");
        }
        for text in ["-", "-=", "-x=", "--1=", "-05=", "-1234567890="] {
            assert!(read_tag(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
