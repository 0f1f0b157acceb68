//! refused: error[E0624]

use ringfence_kernel::state::State;
use ringfence_kernel::{Event, Input};

pub fn slip_in(state: &mut State, input: &Input, event: &Event) {
    state.apply(input, event);
}
