//! The row of a parent: six buckets that always sum to the ordered quantity (invariant I1).

use crate::types::Qty;

/// Where quantity of a parent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// Not yet with any child.
    Unrouted,
    /// Promised to a child that a venue has not accepted in this size.
    Reserved,
    /// Open at a venue.
    Working,
    /// At a venue in an unknown state.
    InDoubt,
    /// Filled.
    Filled,
    /// Given up unfilled.
    Canceled,
}

/// Double entry: quantity only ever moves from one bucket to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Buckets {
    unrouted: Qty,
    reserved: Qty,
    working: Qty,
    in_doubt: Qty,
    filled: Qty,
    canceled: Qty,
}

impl Buckets {
    /// Returns the row of a new parent: everything unrouted.
    pub const fn new(order_qty: Qty) -> Self {
        Self {
            unrouted: order_qty,
            reserved: Qty::ZERO,
            working: Qty::ZERO,
            in_doubt: Qty::ZERO,
            filled: Qty::ZERO,
            canceled: Qty::ZERO,
        }
    }
    /// Returns the quantity in `bucket`.
    pub const fn get(&self, bucket: Bucket) -> Qty {
        match bucket {
            Bucket::Unrouted => self.unrouted,
            Bucket::Reserved => self.reserved,
            Bucket::Working => self.working,
            Bucket::InDoubt => self.in_doubt,
            Bucket::Filled => self.filled,
            Bucket::Canceled => self.canceled,
        }
    }
    /// Returns the sum of all buckets.
    pub fn total(&self) -> Qty {
        self.unrouted + self.live() + self.filled + self.canceled
    }
    /// Returns what is with children: reserved, working and in doubt.
    pub fn live(&self) -> Qty {
        self.reserved + self.working + self.in_doubt
    }
    /// Returns what may still fill (FIX 151).
    pub fn leaves(&self) -> Qty {
        self.unrouted + self.live()
    }
    /// Moves `qty` between two buckets; panics (I1) when it is not there.
    pub fn shift(&mut self, from: Bucket, to: Bucket, qty: Qty) {
        let had = self.get(from);
        let Some(left) = had.checked_sub(qty) else {
            panic!("I1: {qty} cannot leave {from:?} with {had}");
        };
        *self.slot(from) = left;
        *self.slot(to) += qty;
    }
    /// Raises the ordered quantity: the new part is unrouted.
    pub fn grow(&mut self, qty: Qty) {
        self.unrouted += qty;
    }
    /// Lowers the ordered quantity by unrouted units; panics (I1) when they are not there.
    pub fn shrink(&mut self, qty: Qty) {
        let Some(left) = self.unrouted.checked_sub(qty) else {
            panic!("I1: the order cannot lose {qty}, only {} is unrouted", self.unrouted);
        };
        self.unrouted = left;
    }
    fn slot(&mut self, bucket: Bucket) -> &mut Qty {
        match bucket {
            Bucket::Unrouted => &mut self.unrouted,
            Bucket::Reserved => &mut self.reserved,
            Bucket::Working => &mut self.working,
            Bucket::InDoubt => &mut self.in_doubt,
            Bucket::Filled => &mut self.filled,
            Bucket::Canceled => &mut self.canceled,
        }
    }
}
