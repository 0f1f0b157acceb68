//! Bounded text kept in place: names and identifiers without allocation.
//!
//! Refuses: empty text, text beyond its bound, control characters (SOH would split a FIX field).

use core::fmt;

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
        let plain = text.bytes().all(|byte| (b' '..0x7F).contains(&byte));
        if text.is_empty() || !plain && text.chars().any(char::is_control) {
            return None;
        }
        let len = u8::try_from(text.len()).ok()?;
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, len })
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

impl<const N: usize> core::hash::Hash for Text<N> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        // Padded with zeros to whole words: no tail to copy, and equal texts hash alike.
        let end = usize::from(self.len).next_multiple_of(8).min(N);
        state.write(self.bytes.get(..end).unwrap_or(&[]));
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
