//! One side of the fast book: its levels by price, the best one at hand.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;

use ringfence_kernel::types::{Price, Qty, Side};

use super::Node;
use super::slab::{Line, Slab, Slot};
use crate::book::Visibility;

/// Price of a level such that the best of its side is the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rung(i64);

impl Rung {
    /// Returns the rung of a price on the side of `side`.
    pub(super) const fn of(side: Side, px: Price) -> Self {
        Self(if side.is_buy() { !px.nanos() } else { px.nanos() })
    }
}

/// One price with resting orders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub(super) px: Price,
    /// Orders with a displayed part, reserve behind it included.
    pub(super) seen: Line,
    pub(super) hidden: Line,
    /// Displayed quantity.
    pub(super) displayed: Qty,
    /// Open quantity that any order could take: all but hidden orders with a minimum.
    pub(super) takeable: Qty,
    /// Part of it behind `seen`.
    pub(super) seen_open: Qty,
}

impl Level {
    const fn new(px: Price) -> Self {
        let (seen, hidden, none) = (Line::EMPTY, Line::EMPTY, Qty::ZERO);
        Self { px, seen, hidden, displayed: none, takeable: none, seen_open: none }
    }
    pub(super) fn line(&mut self, visibility: Visibility) -> &mut Line {
        match visibility {
            Visibility::Displayed | Visibility::Reserve(_) => &mut self.seen,
            Visibility::Hidden => &mut self.hidden,
        }
    }
    /// Counts the quantities of an order in.
    pub(super) fn count_in(&mut self, node: &Node) {
        self.displayed += node.displayed;
        if node.order.min_qty.is_none() {
            self.takeable += node.leaves;
        }
        if node.order.visibility != Visibility::Hidden {
            self.seen_open += node.leaves;
        }
    }
    /// Counts the quantities of an order out.
    pub(super) fn count_out(&mut self, node: &Node) {
        self.displayed -= node.displayed;
        if node.order.min_qty.is_none() {
            self.takeable -= node.leaves;
        }
        if node.order.visibility != Visibility::Hidden {
            self.seen_open -= node.leaves;
        }
    }
}

/// The levels of one side.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    side: Side,
    rungs: BTreeMap<Rung, Slot>,
    levels: Slab<Level>,
    best: Option<(Rung, Slot)>,
}

impl Ladder {
    pub(super) const fn new(side: Side) -> Self {
        Self { side, rungs: BTreeMap::new(), levels: Slab::new(), best: None }
    }
    pub(super) const fn best(&self) -> Option<(Rung, Slot)> {
        self.best
    }
    pub(super) fn level(&self, slot: Slot) -> &Level {
        self.levels.get(slot)
    }
    pub(super) fn level_mut(&mut self, slot: Slot) -> &mut Level {
        self.levels.get_mut(slot)
    }
    /// Returns the next worse level.
    pub(super) fn after(&self, rung: Rung) -> Option<(Rung, Slot)> {
        let worse = (Bound::Excluded(rung), Bound::Unbounded);
        self.rungs.range(worse).next().map(|(rung, slot)| (*rung, *slot))
    }
    /// Returns the levels from the best to `last`, or to the worst.
    pub(super) fn levels(&self, last: Option<Rung>) -> impl Iterator<Item = &Level> {
        let until = last.map_or(Bound::Unbounded, Bound::Included);
        self.rungs.range((Bound::Unbounded, until)).map(|(_, slot)| self.levels.get(*slot))
    }
    /// Returns the level of a price, made if there may be one more.
    pub(super) fn level_at(&mut self, px: Price, levels_max: usize) -> Option<Slot> {
        let rung = Rung::of(self.side, px);
        let slot = match self.rungs.entry(rung) {
            Entry::Occupied(found) => return Some(*found.get()),
            Entry::Vacant(_) if self.levels.in_use() >= levels_max => return None,
            Entry::Vacant(free) => *free.insert(self.levels.insert(Level::new(px))),
        };
        if self.best.is_none_or(|(best, _)| rung < best) {
            self.best = Some((rung, slot));
        }
        Some(slot)
    }
    /// Removes a level at which no order is left; one with orders stays.
    pub(super) fn drop_if_empty(&mut self, slot: Slot) -> bool {
        let level = self.levels.get(slot);
        if !level.seen.is_empty() || !level.hidden.is_empty() {
            return false;
        }
        let rung = Rung::of(self.side, level.px);
        self.rungs.remove(&rung);
        self.levels.remove(slot);
        if self.best.is_some_and(|(best, _)| best == rung) {
            self.best = self.rungs.first_key_value().map(|(rung, slot)| (*rung, *slot));
        }
        true
    }
}
