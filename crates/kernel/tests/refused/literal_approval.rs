//! refused: due to private fields

use ringfence_kernel::gate::Approval;

pub fn forge() -> Approval {
    Approval {}
}
