//! refused: due to private fields

use ringfence_kernel::clearance::Clearance;

pub fn forge() -> Clearance {
    Clearance {}
}
