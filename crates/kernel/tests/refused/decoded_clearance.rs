//! refused: error[E0277]

use ringfence_kernel::clearance::Clearance;
use ringfence_kernel::types::value::{Bytes, Value};

fn decode<T: Value>(bytes: &[u8]) -> Option<T> {
    T::take(&mut Bytes::new(bytes)).ok()
}

pub fn forge(bytes: &[u8]) -> Option<Clearance> {
    decode(bytes)
}
