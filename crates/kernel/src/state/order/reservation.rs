//! The proof that a parent's row holds the quantity of a child.

use crate::types::{ChildId, OrderId, Qty};

/// Proof that `qty` of a parent is unrouted in this step; consumed by sending.
///
/// Only [`super::Orders`] makes one. It has no public constructor, no `Clone`, no `Default`.
#[derive(Debug)]
#[must_use = "a reservation that is dropped sends nothing"]
pub struct Reservation {
    terms: Reserved,
}

/// What a reservation was about, once it is spent.
#[derive(Debug)]
pub(crate) struct Reserved {
    pub(crate) step: u64,
    pub(crate) order_id: OrderId,
    pub(crate) child_id: ChildId,
    pub(crate) qty: Qty,
}

impl Reservation {
    pub(super) const fn new(step: u64, order_id: OrderId, child_id: ChildId, qty: Qty) -> Self {
        Self { terms: Reserved { step, order_id, child_id, qty } }
    }
    /// Returns the terms, consuming the proof.
    pub(crate) const fn spend(self) -> Reserved {
        self.terms
    }
}
