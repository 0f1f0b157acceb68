//! The way it is meant: all three proofs of one step, each given up once.

use ringfence_kernel::clearance::Clearance;
use ringfence_kernel::gate::Approval;
use ringfence_kernel::sent::ChildSent;
use ringfence_kernel::state::order::Reservation;

pub fn send(reservation: Reservation, approval: Approval, clearance: Clearance) -> ChildSent {
    ChildSent::new(reservation, approval, clearance)
}
