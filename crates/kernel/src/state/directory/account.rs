//! A node of the account tree and its way up to the firm.

use super::TREE_DEPTH_MAX;
use crate::input::SelfMatchPolicy;
use crate::types::{AccountId, GroupId, Name, SetId};

/// A node of the account tree.
#[derive(Clone, Debug, Hash)]
#[repr(align(64))]
pub struct Account {
    /// This node first, the firm last.
    pub path: Path,
    /// Row of what passes every node of the path without a word; known once the day is open.
    pub(super) ceiling: Option<usize>,
    /// Group within which own orders must not meet.
    pub self_match: Option<(GroupId, SelfMatchPolicy)>,
    /// Set of limits.
    pub limits: SetId,
    /// Whether orders may be entered for it.
    pub tradable: bool,
    /// Name.
    pub name: Name,
}

/// Nodes from an account up to the firm with their sets of limits, kept in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    ids: [AccountId; TREE_DEPTH_MAX],
    sets: [SetId; TREE_DEPTH_MAX],
    depth: usize,
}

impl Path {
    /// Returns the path of a firm.
    pub(super) const fn new(id: AccountId, set: SetId) -> Self {
        Self { ids: [id; TREE_DEPTH_MAX], sets: [set; TREE_DEPTH_MAX], depth: 1 }
    }
    /// Returns the path of a node below this one, or `None` when the tree would be too deep.
    pub(super) fn below(&self, id: AccountId, set: SetId) -> Option<Self> {
        let mut path = Self::new(id, set);
        path.depth = self.depth + 1;
        path.ids.get_mut(1..path.depth)?.copy_from_slice(self.ids.get(..self.depth)?);
        path.sets.get_mut(1..path.depth)?.copy_from_slice(self.sets.get(..self.depth)?);
        Some(path)
    }
    /// Returns the nodes with their sets of limits, the account first.
    pub fn nodes(&self) -> impl Iterator<Item = (AccountId, SetId)> {
        self.iter().copied().zip(self.sets)
    }
}

impl core::ops::Deref for Path {
    type Target = [AccountId];
    fn deref(&self) -> &[AccountId] {
        self.ids.get(..self.depth).unwrap_or(&[])
    }
}
