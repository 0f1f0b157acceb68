//! Fixed-seed maps without visible order.
//!
//! Refuses: hash order that reaches an event. There is no unsorted iteration, and the seed is a
//! parameter so that a test can permute the order and demand the same bytes.

use core::hash::{BuildHasher, Hash, Hasher};

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
    #[inline]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(self.seed.hash_one(key), key)
    }
    /// Returns the value of `key`, made by `make` if it is missing.
    pub fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.find_or_make(self.seed.hash_one(key), key, make)
    }
    /// Puts `value` at `key` and returns what was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.put(self.seed.hash_one(key), key, value)
    }
    /// Returns the value of `key` for change.
    #[inline]
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find_mut(self.seed.hash_one(key), key)
    }
    /// Removes and returns the value of `key`.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.take(self.seed.hash_one(key), key)
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
        sorted(self.entries().collect())
    }
    fn entries(&self) -> impl Iterator<Item = (&K, &V)> {
        self.table.iter().map(|(_, key, value)| (key, value))
    }
    #[inline]
    fn find(&self, hash: u64, key: &K) -> Option<&V> {
        self.table.find(hash, |(_, other, _)| other == key).map(|(_, _, value)| value)
    }
    #[inline]
    fn find_mut(&mut self, hash: u64, key: &K) -> Option<&mut V> {
        self.table.find_mut(hash, |(_, other, _)| other == key).map(|(_, _, value)| value)
    }
    fn find_or_make(&mut self, hash: u64, key: K, make: impl FnOnce() -> V) -> &mut V {
        let entry = self.table.entry(hash, |(_, other, _)| *other == key, |(hash, _, _)| *hash);
        &mut entry.or_insert_with(|| (hash, key, make())).into_mut().2
    }
    fn put(&mut self, hash: u64, key: K, value: V) -> Option<V> {
        match self.table.entry(hash, |(_, other, _)| *other == key, |(hash, _, _)| *hash) {
            Entry::Occupied(mut found) => Some(core::mem::replace(&mut found.get_mut().2, value)),
            Entry::Vacant(free) => {
                free.insert((hash, key, value));
                None
            }
        }
    }
    fn take(&mut self, hash: u64, key: &K) -> Option<V> {
        let found = self.table.find_entry(hash, |(_, other, _)| other == key);
        found.ok().map(|entry| entry.remove().0.2)
    }
}

impl<K: Hash + Eq + Ord + Copy, V: Hash> Hash for Map<K, V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_sorted(&self.sorted(), state);
    }
}

/// Parts of a large map.
const PARTS: usize = 256;
/// Entries for which a part has room from its first one: a full table of 128 places.
const PART_LEAST: usize = 112;

/// A map that grows a part at a time, for what gets an entry with every order.
///
/// A table that grows moves all it holds at once: of a million entries in one table that takes
/// longer than a venue waits.
#[derive(Clone, Debug)]
pub struct LargeMap<K, V> {
    parts: Vec<Map<K, V>>,
    seed: FixedSeed,
}

impl<K: Hash + Eq + Ord + Copy, V> LargeMap<K, V> {
    /// Returns an empty map with `seed`.
    pub fn new(seed: u64) -> Self {
        let parts = core::iter::repeat_with(|| Map::new(seed)).take(PARTS).collect();
        Self { parts, seed: FixedSeed(seed) }
    }
    /// Returns the value of `key`.
    #[inline]
    pub fn get(&self, key: &K) -> Option<&V> {
        let hash = self.seed.hash_one(key);
        self.parts.get(part(hash))?.find(hash, key)
    }
    /// Returns the value of `key` for change.
    #[inline]
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let hash = self.seed.hash_one(key);
        self.parts.get_mut(part(hash))?.find_mut(hash, key)
    }
    /// Returns the value of `key`, made by `make` if it is missing.
    pub fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let hash = self.seed.hash_one(key);
        self.part_mut(hash).find_or_make(hash, key, make)
    }
    /// Puts `value` at `key` and returns what was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.seed.hash_one(key);
        self.part_mut(hash).put(hash, key, value)
    }
    /// Removes and returns the value of `key`.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let hash = self.seed.hash_one(key);
        self.part_mut(hash).take(hash, key)
    }
    /// Returns whether `key` is there.
    pub fn contains(&self, key: &K) -> bool {
        self.get(key).is_some()
    }
    /// Returns all entries sorted by key.
    pub fn sorted(&self) -> Vec<(&K, &V)> {
        sorted(self.parts.iter().flat_map(Map::entries).collect())
    }
    fn part_mut(&mut self, hash: u64) -> &mut Map<K, V> {
        match self.parts.get_mut(part(hash)) {
            Some(part) => {
                if part.table.capacity() == 0 {
                    part.table.reserve(PART_LEAST, |(hash, _, _)| *hash);
                }
                part
            }
            None => panic!("a large map has {PARTS} parts"),
        }
    }
}

impl<K: Hash + Eq + Ord + Copy, V: Hash> Hash for LargeMap<K, V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_sorted(&self.sorted(), state);
    }
}

/// Returns the part of a hash, from bits that a table uses neither for its slots nor its tags.
fn part(hash: u64) -> usize {
    usize::from((hash >> 40).to_le_bytes()[0])
}

fn sorted<'a, K: Ord + Copy, V>(mut rows: Vec<(&'a K, &'a V)>) -> Vec<(&'a K, &'a V)> {
    rows.sort_unstable_by_key(|(key, _)| **key);
    rows
}

fn hash_sorted<K: Hash, V: Hash, H: Hasher>(rows: &[(&K, &V)], state: &mut H) {
    state.write_usize(rows.len());
    for (key, value) in rows {
        key.hash(state);
        value.hash(state);
    }
}
