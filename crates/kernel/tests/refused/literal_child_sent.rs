//! refused: error[E0451]

use ringfence_kernel::sent::ChildSent;
use ringfence_kernel::types::Qty;

pub fn forge(sent: ChildSent) -> ChildSent {
    ChildSent { qty: Qty::new(1_000_000), ..sent }
}
