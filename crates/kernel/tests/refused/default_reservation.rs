//! refused: error[E0277]

use ringfence_kernel::state::order::Reservation;

fn make<T: Default>() -> T {
    T::default()
}

pub fn forge() -> Reservation {
    make()
}
