//! Tables of the state: dense rows by identifier, and sets of identifiers.

use core::hash::{Hash, Hasher};
use core::marker::PhantomData;

/// An identifier that is the row number of its table.
pub trait RowId: Copy {
    /// Returns the identifier of row `index`.
    fn from_row(index: usize) -> Self;
    /// Returns the row number.
    fn row(self) -> usize;
}

macro_rules! row_ids {
    ($($id:ty),*) => {$(
        impl RowId for $id {
            fn from_row(index: usize) -> Self {
                Self::from_index(index)
            }
            fn row(self) -> usize {
                self.index()
            }
        }
    )*};
}
row_ids!(
    super::AccountId,
    super::InstrumentId,
    super::VenueId,
    super::SessionId,
    super::StrategyId,
    super::SetId,
    super::LadderId,
    super::PlanId,
    super::CurrencyId,
    super::GroupId,
    super::OperatorId,
    super::OrderId,
    super::ChildId,
    super::FillId
);

/// Rows in one chunk of a table.
const CHUNK: usize = 1_024;

/// Rows that are never removed, addressed by the identifier minted when they were added.
///
/// Kept in chunks, so that adding a row never moves the others.
#[derive(Clone, Debug, Hash)]
pub struct Rows<I, T> {
    chunks: Vec<Vec<T>>,
    len: usize,
    id: PhantomData<I>,
}

impl<I, T> Default for Rows<I, T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0, id: PhantomData }
    }
}

impl<I: RowId, T> Rows<I, T> {
    /// Adds `row` and returns its identifier.
    pub fn push(&mut self, row: T) -> I {
        let id = self.next_id();
        if self.len.is_multiple_of(CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(row);
        }
        self.len += 1;
        id
    }
    /// Returns the identifier that the next row will get.
    pub fn next_id(&self) -> I {
        I::from_row(self.len)
    }
    /// Returns the row of `id`, or `None` when no such row was added.
    pub fn get(&self, id: I) -> Option<&T> {
        self.chunks.get(id.row() / CHUNK)?.get(id.row() % CHUNK)
    }
    /// Returns the row of an identifier that this table minted; panics on another's.
    pub fn at(&self, id: I) -> &T {
        match self.get(id) {
            Some(row) => row,
            None => panic!("row {} is not in its table of {}", id.row(), self.len),
        }
    }
    /// Returns the row of an identifier that this table minted, for change.
    pub fn at_mut(&mut self, id: I) -> &mut T {
        let chunk = self.chunks.get_mut(id.row() / CHUNK);
        match chunk.and_then(|chunk| chunk.get_mut(id.row() % CHUNK)) {
            Some(row) => row,
            None => panic!("row {} is not in its table of {}", id.row(), self.len),
        }
    }
    /// Returns the number of rows.
    pub const fn len(&self) -> usize {
        self.len
    }
    /// Returns whether there is no row.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Returns every row with its identifier, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        let rows = self.chunks.iter().flatten();
        rows.enumerate().map(|(index, row)| (I::from_row(index), row))
    }
}

/// A set of identifiers of one table, a bit each, visited in order.
#[derive(Clone, Debug)]
pub struct IdSet<I> {
    words: Vec<u64>,
    first: usize,
    id: PhantomData<I>,
}

impl<I> Default for IdSet<I> {
    fn default() -> Self {
        Self { words: Vec::new(), first: 0, id: PhantomData }
    }
}

impl<I: RowId> IdSet<I> {
    /// Adds an identifier.
    pub fn insert(&mut self, id: I) {
        let (word, bit) = (id.row() / 64, id.row() % 64);
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        if let Some(bits) = self.words.get_mut(word) {
            *bits |= 1 << bit;
        }
        self.first = self.first.min(word);
    }
    /// Removes an identifier.
    pub fn remove(&mut self, id: I) {
        let (word, bit) = (id.row() / 64, id.row() % 64);
        if let Some(bits) = self.words.get_mut(word) {
            *bits &= !(1 << bit);
        }
        while self.words.get(self.first).is_some_and(|bits| *bits == 0) {
            self.first += 1;
        }
    }
    /// Returns the identifiers, smallest first.
    pub fn iter(&self) -> impl Iterator<Item = I> {
        self.words.iter().enumerate().skip(self.first).flat_map(|(word, bits)| {
            let set = (0..64).filter(move |bit| bits & (1 << bit) != 0);
            set.map(move |bit| I::from_row(word * 64 + bit))
        })
    }
}

impl<I: RowId> Hash for IdSet<I> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for id in self.iter() {
            state.write_usize(id.row());
        }
        state.write_usize(usize::MAX);
    }
}
