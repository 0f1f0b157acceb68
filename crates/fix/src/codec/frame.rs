//! Finds messages in a stream of bytes.

use super::SOH;

/// The longest message that is read, in bytes; a longer one is garbled.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// Digits of a BodyLength (FIX 9) that are read.
const LENGTH_DIGITS_MAX: usize = 9;
/// How every message begins; a plain `8=` also ends `108=`.
const BEGIN: &[u8] = b"8=FIX";
/// Bytes in which the BeginString ends and the BodyLength begins.
const HEAD_BYTES_MAX: usize = 16;
/// Bytes of a trailer: `10=nnn` and its separator.
const TRAILER_BYTES: usize = 7;

/// Why bytes are not a message; they are skipped without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garbled {
    /// Bytes before the next `8=FIX`.
    NoBeginString,
    /// The second field is not a BodyLength (FIX 9), or not a number.
    NoBodyLength,
    /// The BodyLength leads to no CheckSum (FIX 10).
    WrongBodyLength,
    /// The sum of the bytes is another one than the CheckSum says.
    WrongCheckSum,
    /// A field is not `tag=value`, or the first three are not 8, 9 and 35.
    BadField,
    /// Longer than [`MESSAGE_BYTES_MAX`].
    TooLong,
    /// More fields than [`super::FIELDS_MAX`].
    TooManyFields,
}

/// What stands at the front of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Not yet a whole message: more bytes are needed.
    Incomplete,
    /// The first `len` bytes are framed as a message; its fields are not read yet.
    Message {
        /// Bytes of the message, its trailer included.
        len: usize,
    },
    /// The first `len` bytes are to be skipped.
    Garbled {
        /// Bytes to skip, at least one.
        len: usize,
        /// Why.
        why: Garbled,
    },
}

/// Returns what stands at the front of `stream`.
///
/// A message begins with `8=FIX`, says its length in 9 and ends with 10; where the length is wrong
/// the frame ends at the next CheckSum, and reading the message will find it garbled. Cost: one
/// pass over the message.
pub fn next_frame(stream: &[u8]) -> Frame {
    let begin = find(stream, BEGIN);
    if begin != Some(0) {
        // The last bytes may be the first of a BeginString.
        let kept = (1..BEGIN.len()).rev().find(|len| stream.ends_with(first(BEGIN, *len)));
        let len = begin.unwrap_or(stream.len() - kept.unwrap_or(0));
        return if len == 0 {
            Frame::Incomplete
        } else {
            Frame::Garbled { len, why: Garbled::NoBeginString }
        };
    }
    let skip = |why| Frame::Garbled { len: BEGIN.len(), why };
    let unfinished = || match stream.len() {
        0..=MESSAGE_BYTES_MAX => Frame::Incomplete,
        len => Frame::Garbled { len, why: Garbled::TooLong },
    };
    let head = first(stream, HEAD_BYTES_MAX);
    let Some(length_at) = head.iter().position(|byte| *byte == SOH).map(|at| at + 3) else {
        return if head.len() < HEAD_BYTES_MAX {
            Frame::Incomplete
        } else {
            skip(Garbled::NoBodyLength)
        };
    };
    match stream.get(length_at - 2..length_at) {
        Some(b"9=") => {}
        Some(_) => return skip(Garbled::NoBodyLength),
        None => return Frame::Incomplete,
    }
    let digits = first(stream.get(length_at..).unwrap_or_default(), LENGTH_DIGITS_MAX + 1);
    let Some(digits_len) = digits.iter().position(|byte| *byte == SOH) else {
        return if digits.len() <= LENGTH_DIGITS_MAX {
            Frame::Incomplete
        } else {
            skip(Garbled::NoBodyLength)
        };
    };
    let Some(length) = number(first(digits, digits_len)) else {
        return skip(Garbled::NoBodyLength);
    };
    let body_at = length_at + digits_len + 1;
    let Some(trailer_at) = body_at.checked_add(length).filter(|at| *at <= MESSAGE_BYTES_MAX) else {
        return skip(Garbled::TooLong);
    };
    // The separator before the CheckSum is the last byte of the body.
    let tail = stream.get(trailer_at - 1..).unwrap_or_default();
    let Some(sum_at) = find(tail, b"\x0110=") else {
        return unfinished();
    };
    let rest = tail.get(sum_at + 4..).unwrap_or_default();
    match rest.iter().position(|byte| *byte == SOH) {
        Some(sum_len) => Frame::Message { len: trailer_at - 1 + sum_at + 4 + sum_len + 1 },
        None => unfinished(),
    }
}

/// Returns where the next separator stands, from `from` on; looks at eight bytes at a time.
pub(super) fn next_separator(bytes: &[u8], from: usize) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let mut at = from;
    let mut rest = bytes.get(from..)?;
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        // A separator becomes a zero, and the lowest zero is the lowest high bit that is left.
        let zeroed = u64::from_le_bytes(*word) ^ (ONES * u64::from(SOH));
        let found = zeroed.wrapping_sub(ONES) & !zeroed & HIGHS;
        if found != 0 {
            return Some(at + usize::try_from(found.trailing_zeros() / 8).unwrap_or(0));
        }
        (at, rest) = (at + word.len(), behind);
    }
    rest.iter().position(|byte| *byte == SOH).map(|place| at + place)
}

fn first(bytes: &[u8], len: usize) -> &[u8] {
    bytes.get(..len.min(bytes.len())).unwrap_or_default()
}

/// Returns the CheckSum (FIX 10) of `bytes`: their sum modulo 256.
pub fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
}

/// Checks length and sum of a framed message; returns where its trailer begins.
pub(super) fn check(raw: &[u8]) -> Result<usize, Garbled> {
    let trailer_at = raw.len().checked_sub(TRAILER_BYTES).ok_or(Garbled::WrongCheckSum)?;
    let (summed, trailer) = raw.split_at_checked(trailer_at).ok_or(Garbled::WrongCheckSum)?;
    let [b'1', b'0', b'=', digits @ .., SOH] = trailer else {
        return Err(Garbled::WrongCheckSum);
    };
    if number(digits) != Some(usize::from(checksum(summed))) {
        return Err(Garbled::WrongCheckSum);
    }
    let length_at = find(raw, b"\x019=").ok_or(Garbled::NoBodyLength)? + 3;
    let digits = raw.get(length_at..).unwrap_or_default();
    let digits_len = digits.iter().position(|byte| *byte == SOH).ok_or(Garbled::NoBodyLength)?;
    let length = digits.get(..digits_len).and_then(number).ok_or(Garbled::NoBodyLength)?;
    if length_at + digits_len + 1 + length == trailer_at {
        Ok(trailer_at)
    } else {
        Err(Garbled::WrongBodyLength)
    }
}

fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > LENGTH_DIGITS_MAX {
        return None;
    }
    digits.iter().try_fold(0_usize, |sum, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + usize::from(byte - b'0'))
    })
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    loop {
        let rest = bytes.get(from..)?;
        let at = from + rest.iter().position(|byte| *byte == first)?;
        if bytes.get(at..)?.starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{SOH, next_separator};

    /// The separator is found where a look at one byte after another finds it.
    #[test]
    fn separators_are_found_as_byte_by_byte() {
        let mut state = 1_u32;
        for len in 0..64_usize {
            // Zeros, separators and high bytes beside each other are what a word could mistake.
            let bytes: Vec<u8> = (0..len)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    [0, SOH, 2, b'=', 0x80, 0x81, 0xFF, b'a'][usize::try_from(state >> 29).unwrap()]
                })
                .collect();
            for from in 0..=len {
                let expected = bytes[from..].iter().position(|byte| *byte == SOH);
                assert_eq!(expected.map(|at| from + at), next_separator(&bytes, from));
            }
            assert_eq!(None, next_separator(&bytes, len + 1));
        }
    }
}
