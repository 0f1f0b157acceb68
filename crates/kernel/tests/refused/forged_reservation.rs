//! refused: error[E0423]

use ringfence_kernel::state::order::Reservation;

pub fn forge() -> Reservation {
    Reservation(())
}
