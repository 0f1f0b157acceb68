//! Rows with names, each name once.

use super::{DEFINITIONS_MAX, Refused};
use crate::types::Name;
use crate::types::map::Map;
use crate::types::table::{RowId, Rows};

/// Names with the rows they stand for.
#[derive(Clone, Debug, Hash)]
pub struct Registry<I: RowId + Ord + core::hash::Hash, T> {
    pub(super) names: Map<Name, I>,
    pub(super) rows: Rows<I, T>,
}

impl<I: RowId + Ord + core::hash::Hash, T> Registry<I, T> {
    pub(super) fn new(seed: u64) -> Self {
        Self { names: Map::new(seed), rows: Rows::default() }
    }
    /// Returns the identifier of `name`.
    pub fn find(&self, name: &Name) -> Option<I> {
        self.names.get(name).copied()
    }
    /// Returns the row.
    pub fn at(&self, id: I) -> &T {
        self.rows.at(id)
    }
    /// Returns the row for change.
    pub fn at_mut(&mut self, id: I) -> &mut T {
        self.rows.at_mut(id)
    }
    /// Returns every row, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.rows.iter()
    }
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
    pub(super) fn must_be_new(&self, name: &Name) -> Result<(), Refused> {
        if self.names.contains(name) {
            return Err("the name is already defined");
        }
        if self.rows.len() >= DEFINITIONS_MAX {
            return Err("the table of definitions is full");
        }
        Ok(())
    }
    pub(super) fn add(&mut self, name: Name, row: T) -> Result<I, Refused> {
        self.must_be_new(&name)?;
        let id = self.rows.push(row);
        self.names.insert(name, id);
        Ok(id)
    }
    pub(super) fn find_or_add(
        &mut self,
        name: Name,
        make: impl FnOnce() -> T,
    ) -> Result<I, Refused> {
        match self.find(&name) {
            Some(id) => Ok(id),
            None => self.add(name, make()),
        }
    }
}
