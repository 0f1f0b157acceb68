//! Rows that are used again: a slab of equal rows, and lines that run through them.
//!
//! Invariant: a slot is held only while its row is in use; one that names no row is our own bug.

use core::num::NonZeroU32;

/// Place of a row in its slab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot(NonZeroU32);

impl Slot {
    fn of_row(row: usize) -> Self {
        let number = u32::try_from(row).ok().and_then(|row| row.checked_add(1));
        match number.and_then(NonZeroU32::new) {
            Some(number) => Self(number),
            None => panic!("row {row} is beyond what a slab holds"),
        }
    }
    fn row(self) -> usize {
        usize::try_from(self.0.get() - 1).unwrap_or(usize::MAX)
    }
}

/// Rows of one kind; a removed row's place is given to the next.
#[derive(Clone, Debug)]
pub(super) struct Slab<T> {
    rows: Vec<T>,
    free: Vec<Slot>,
}

impl<T: Copy> Slab<T> {
    pub(super) const fn new() -> Self {
        Self { rows: Vec::new(), free: Vec::new() }
    }
    pub(super) fn insert(&mut self, row: T) -> Slot {
        let Some(slot) = self.free.pop() else {
            self.rows.push(row);
            return Slot::of_row(self.rows.len() - 1);
        };
        *self.get_mut(slot) = row;
        slot
    }
    pub(super) fn get(&self, slot: Slot) -> &T {
        match self.rows.get(slot.row()) {
            Some(row) => row,
            None => panic!("slot {slot:?} names no row"),
        }
    }
    pub(super) fn get_mut(&mut self, slot: Slot) -> &mut T {
        match self.rows.get_mut(slot.row()) {
            Some(row) => row,
            None => panic!("slot {slot:?} names no row"),
        }
    }
    pub(super) fn remove(&mut self, slot: Slot) -> T {
        self.free.push(slot);
        *self.get(slot)
    }
    pub(super) const fn in_use(&self) -> usize {
        self.rows.len() - self.free.len()
    }
}

/// Neighbours of a row in its line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Links {
    pub(super) before: Option<Slot>,
    pub(super) behind: Option<Slot>,
}

/// A row that can stand in a line.
pub(super) trait Linked: Copy {
    fn links(&mut self) -> &mut Links;
}

/// A first-in-first-out line through the rows of a slab.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) first: Option<Slot>,
    last: Option<Slot>,
}

impl Line {
    /// A line in which nobody stands.
    pub(super) const EMPTY: Self = Self { first: None, last: None };

    pub(super) const fn is_empty(self) -> bool {
        self.first.is_none()
    }
    /// Puts a row that stands in no line at the end of this one.
    pub(super) fn push<T: Linked>(&mut self, rows: &mut Slab<T>, slot: Slot) {
        *rows.get_mut(slot).links() = Links { before: self.last, behind: None };
        match self.last {
            Some(last) => rows.get_mut(last).links().behind = Some(slot),
            None => self.first = Some(slot),
        }
        self.last = Some(slot);
    }
    /// Takes a row out of this line, wherever in it it stands.
    pub(super) fn unlink<T: Linked>(&mut self, rows: &mut Slab<T>, slot: Slot) {
        let Links { before, behind } = core::mem::take(rows.get_mut(slot).links());
        match before {
            Some(before) => rows.get_mut(before).links().behind = behind,
            None => self.first = behind,
        }
        match behind {
            Some(behind) => rows.get_mut(behind).links().before = before,
            None => self.last = before,
        }
    }
}
