//! A value that few rows have: one word in the row, the value itself aside.

/// An optional value kept out of its row, so that rows without it stay small.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rare<T>(Option<Box<T>>);

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> From<Option<T>> for Rare<T> {
    fn from(value: Option<T>) -> Self {
        Self(value.map(Box::new))
    }
}

impl<T: Copy> Rare<T> {
    /// Returns the value.
    pub fn get(&self) -> Option<T> {
        self.0.as_deref().copied()
    }
    /// Returns the value for change.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }
    /// Returns whether there is a value.
    pub const fn is_some(&self) -> bool {
        self.0.is_some()
    }
    /// Returns whether there is none.
    pub const fn is_none(&self) -> bool {
        self.0.is_none()
    }
    /// Puts a value in place.
    pub fn set(&mut self, value: T) {
        self.0 = Some(Box::new(value));
    }
    /// Takes the value out.
    pub fn take(&mut self) -> Option<T> {
        self.0.take().map(|value| *value)
    }
}
