//! refused: error[E0382]

use ringfence_kernel::clearance::Clearance;
use ringfence_kernel::gate::Approval;
use ringfence_kernel::sent::ChildSent;
use ringfence_kernel::state::order::Reservation;

pub fn send_twice(
    reservation: Reservation,
    approvals: [Approval; 2],
    clearances: [Clearance; 2],
) -> [ChildSent; 2] {
    let [first, second] = approvals;
    let [here, there] = clearances;
    [ChildSent::new(reservation, first, here), ChildSent::new(reservation, second, there)]
}
