//! Bytes that wait until a socket takes them.

/// The bytes of one connection that are not written yet, in order.
#[derive(Debug, Default)]
pub(super) struct Outbound {
    bytes: Vec<u8>,
    /// Bytes in front that were written.
    written: usize,
}

impl Outbound {
    /// Returns what is to be written.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }
    /// Returns how many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.bytes.len().saturating_sub(self.written)
    }
    /// Adds bytes behind the others.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        // Each byte is moved at most once for each byte that was written.
        if self.written > self.bytes.len() / 2 {
            self.bytes.drain(..self.written);
            self.written = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }
    /// Takes note that the first `count` bytes were written.
    pub(super) fn consume(&mut self, count: usize) {
        self.written = self.written.saturating_add(count).min(self.bytes.len());
        if self.written == self.bytes.len() {
            self.bytes.clear();
            self.written = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outbound;

    /// Bytes leave in the order in which they came, however they are taken.
    #[test]
    fn bytes_keep_their_order() {
        let mut outbound = Outbound::default();
        let (mut expected, mut found) = (Vec::new(), Vec::new());
        for round in 0..200_u8 {
            let bytes = vec![round; usize::from(round % 7)];
            expected.extend_from_slice(&bytes);
            outbound.push(&bytes);
            let count = outbound.len().min(usize::from(round % 5));
            found.extend_from_slice(&outbound.bytes()[..count]);
            outbound.consume(count);
            assert_eq!(expected.len() - found.len(), outbound.len());
        }
        found.extend_from_slice(outbound.bytes());
        assert_eq!(expected, found);
    }
}
