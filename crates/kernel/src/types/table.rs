//! Tables of the state: dense rows by identifier and fixed-seed maps without visible order.
//!
//! Refuses: hash order that reaches an event. A [`Map`] has no unsorted iteration, and its seed is
//! a parameter so that a test can permute the order and demand the same bytes.

use core::hash::{BuildHasher, Hash, Hasher};
use core::marker::PhantomData;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Seed used outside tests.
pub const MAP_SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// Builds [`WordHasher`]s that start from one fixed seed.
#[derive(Clone, Copy, Debug)]
pub struct FixedSeed(pub u64);

impl BuildHasher for FixedSeed {
    type Hasher = WordHasher;
    fn build_hasher(&self) -> WordHasher {
        WordHasher(self.0)
    }
}

/// A multiply-and-fold hasher over 64-bit words; fast, seeded, not meant against an adversary.
#[derive(Clone, Copy, Debug)]
pub struct WordHasher(u64);

impl WordHasher {
    fn fold(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word) * 0xA0B4_28DB_4F8B_1B1D;
        let low = u64::try_from(wide & u128::from(u64::MAX)).unwrap_or(0);
        let high = u64::try_from(wide >> 64).unwrap_or(0);
        self.0 = low ^ high ^ MAP_SEED;
    }
}

impl Hasher for WordHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, tail) = bytes.as_chunks::<8>();
        for word in words {
            self.fold(u64::from_le_bytes(*word));
        }
        if !tail.is_empty() {
            let mut last = [0_u8; 8];
            for (to, from) in last.iter_mut().zip(tail) {
                *to = *from;
            }
            self.fold(u64::from_le_bytes(last));
        }
    }
    fn write_u8(&mut self, value: u8) {
        self.fold(u64::from(value));
    }
    fn write_u32(&mut self, value: u32) {
        self.fold(u64::from(value));
    }
    fn write_u64(&mut self, value: u64) {
        self.fold(value);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// A map whose iteration is always sorted by key.
///
/// The hash is kept beside each entry, so that growing moves entries without hashing them again.
#[derive(Clone, Debug)]
pub struct Map<K, V> {
    table: HashTable<(u64, K, V)>,
    seed: FixedSeed,
}

impl<K: Hash + Eq + Ord + Copy, V> Map<K, V> {
    /// Returns an empty map with `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { table: HashTable::new(), seed: FixedSeed(seed) }
    }
    /// Returns the value of `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.table.find(self.seed.hash_one(key), |(_, k, _)| k == key).map(|(_, _, value)| value)
    }
    /// Returns the value of `key` for change.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let hash = self.seed.hash_one(key);
        self.table.find_mut(hash, |(_, k, _)| k == key).map(|(_, _, value)| value)
    }
    /// Returns the value of `key`, made by `make` if it is missing.
    pub fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let hash = self.seed.hash_one(key);
        let entry = self.table.entry(hash, |(_, k, _)| *k == key, |(hash, _, _)| *hash);
        &mut entry.or_insert_with(|| (hash, key, make())).into_mut().2
    }
    /// Puts `value` at `key` and returns what was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.seed.hash_one(key);
        match self.table.entry(hash, |(_, k, _)| *k == key, |(hash, _, _)| *hash) {
            Entry::Occupied(mut found) => Some(core::mem::replace(&mut found.get_mut().2, value)),
            Entry::Vacant(free) => {
                free.insert((hash, key, value));
                None
            }
        }
    }
    /// Removes and returns the value of `key`.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let found = self.table.find_entry(self.seed.hash_one(key), |(_, k, _)| k == key);
        found.ok().map(|entry| entry.remove().0.2)
    }
    /// Returns whether `key` is there.
    pub fn contains(&self, key: &K) -> bool {
        self.get(key).is_some()
    }
    /// Returns the number of keys.
    pub fn len(&self) -> usize {
        self.table.len()
    }
    /// Returns whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }
    /// Returns all entries sorted by key.
    pub fn sorted(&self) -> Vec<(&K, &V)> {
        let mut rows: Vec<_> = self.table.iter().map(|(_, key, value)| (key, value)).collect();
        rows.sort_unstable_by_key(|(key, _)| **key);
        rows
    }
}

impl<K: Hash + Eq + Ord + Copy, V: Hash> Hash for Map<K, V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len());
        for (key, value) in self.sorted() {
            key.hash(state);
            value.hash(state);
        }
    }
}

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
