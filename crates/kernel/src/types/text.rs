//! Bounded text kept in place: names and identifiers without allocation.
//!
//! Refuses: empty text, text beyond its bound, control characters (SOH would split a FIX field).

use core::fmt;

/// Digits of the longest number.
const DIGITS_MAX: usize = 20;

/// Printable text of 1 to `N` bytes, stored in place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

/// Name of an account, symbol, venue, session, strategy, operator or node.
pub type Name = Text<31>;
/// Identifier given by the other side of a session (FIX 11, 41, 17, 19, 37).
pub type WireId = Text<47>;
/// Free text: a cause, a reject text (FIX 58).
pub type Note = Text<119>;
/// Ed25519 signature or key in lower-case hexadecimal.
pub type Hex = Text<128>;

impl<const N: usize> Text<N> {
    /// Returns `text` stored in place, or `None` when it is empty, too long or not printable.
    pub fn new(text: &str) -> Option<Self> {
        Self::from_bytes(text.as_bytes())
    }
    /// Returns UTF-8 text stored in place, or `None` when it is empty, too long or not printable.
    pub fn from_bytes(text: &[u8]) -> Option<Self> {
        let is_plain = |plain, byte: &u8| plain & (b' '..0x7F).contains(byte);
        if text.is_empty() || !text.iter().fold(true, is_plain) && !is_printable(text) {
            return None;
        }
        let len = u8::try_from(text.len()).ok()?;
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { bytes, len })
    }
    /// Returns this text followed by `-` and each number in turn, or `None` when it is too long.
    pub fn with_numbers(mut self, numbers: [u64; 2]) -> Option<Self> {
        for number in numbers {
            let mut digits = [b'-'; DIGITS_MAX + 1];
            let (mut rest, mut at) = (number, digits.len());
            loop {
                at -= 1;
                *digits.get_mut(at)? = b'0' + u8::try_from(rest % 10).ok()?;
                rest /= 10;
                if rest == 0 {
                    break;
                }
            }
            let added = digits.get(at - 1..)?;
            let start = usize::from(self.len);
            let end = start + added.len();
            self.bytes.get_mut(start..end)?.copy_from_slice(added);
            self.len = u8::try_from(end).ok()?;
        }
        Some(self)
    }
    /// Returns as much of `text` as fits; for messages of our own, never for identifiers.
    pub fn clipped(text: &str) -> Self {
        let mut end = text.len().min(N);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let clipped = text.get(..end).unwrap_or_default();
        Self::new(clipped).unwrap_or_else(|| match Self::new("-") {
            Some(dash) => dash,
            None => panic!("a bounded text must hold one byte"),
        })
    }
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or("")
    }
    /// Returns the text as UTF-8 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&[])
    }
}

#[cold]
fn is_printable(text: &[u8]) -> bool {
    core::str::from_utf8(text).is_ok_and(|text| !text.chars().any(char::is_control))
}

impl<const N: usize> core::hash::Hash for Text<N> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        // Whole words, padded with zeros: equal texts hash alike, and there is no tail to copy.
        let (words, _) = self.bytes.as_chunks::<8>();
        let used = usize::from(self.len).div_ceil(8);
        for word in words.iter().take(used) {
            state.write_u64(u64::from_le_bytes(*word));
        }
        state.write_u8(self.len);
        if let (true, Some(last)) = (used > words.len(), self.bytes.last_chunk::<8>()) {
            state.write_u64(u64::from_le_bytes(*last));
        }
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
