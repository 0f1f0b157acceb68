//! refused: error[E0277]

use ringfence_kernel::gate::Approval;

fn twice<T: Clone>(proof: &T) -> (T, T) {
    (proof.clone(), proof.clone())
}

pub fn forge(proof: &Approval) -> (Approval, Approval) {
    twice(proof)
}
