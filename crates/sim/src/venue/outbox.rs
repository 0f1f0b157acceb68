//! Messages on their way out: those to be sent now, and those that are late.

use std::collections::BTreeMap;

use ringfence_fix::codec::Body;
use ringfence_kernel::types::Ts;

use crate::exchange::PortId;

/// Most messages that are held back; one beyond goes out at once, with an alert.
pub const HELD_MAX: usize = 1 << 18;

/// A message for a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) port: PortId,
    pub(super) msg_type: &'static str,
    pub(super) body: Body,
    /// Whether it is pointless while the port is not logged on, as market data is.
    pub(super) needs_up: bool,
}

/// What a turn has to send, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Post {
    Message(Outgoing),
    Logout { port: PortId, text: &'static str },
    Alert(String),
}

/// Messages that wait for their time, in the order of time and then of their making.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    held: BTreeMap<(Ts, u64), Outgoing>,
    taken: u64,
}

impl Outbox {
    pub(super) fn next_due(&self) -> Option<Ts> {
        self.held.first_key_value().map(|((due, _), _)| *due)
    }
    /// Holds a message until `due`; gives it back where there is no room.
    pub(super) fn hold(&mut self, due: Ts, message: Outgoing) -> Option<Outgoing> {
        if self.held.len() >= HELD_MAX {
            return Some(message);
        }
        self.taken += 1;
        self.held.insert((due, self.taken), message);
        None
    }
    /// Returns the next message whose time has come.
    pub(super) fn release(&mut self, now: Ts) -> Option<Outgoing> {
        let due = self.next_due().filter(|due| *due <= now);
        due.and_then(|_| self.held.pop_first()).map(|(_, message)| message)
    }
    pub(super) fn digest(&self, state: &mut impl core::hash::Hasher) {
        use core::hash::Hash;
        for (key, message) in &self.held {
            (key, message.port, message.msg_type, message.body.bytes()).hash(state);
        }
        self.taken.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, HELD_MAX, Outbox, Outgoing, PortId, Ts};

    /// Rule 7 of STYLE.md: what finds no room is given back, and what is held comes in its order.
    #[test]
    fn the_outbox_is_bounded() {
        let port = PortId::new(0);
        let message = || Outgoing { port, msg_type: "8", body: Body::new(), needs_up: false };
        let mut outbox = Outbox::default();
        for number in 0..HELD_MAX {
            let due = Ts::from_nanos(i64::try_from(number % 7).unwrap());
            assert_eq!(None, outbox.hold(due, message()));
        }
        assert_eq!(Some(message()), outbox.hold(Ts::from_nanos(0), message()));
        assert_eq!(None, outbox.release(Ts::from_nanos(-1)));
        assert!(outbox.release(Ts::from_nanos(0)).is_some());
        assert_eq!(None, outbox.hold(Ts::from_nanos(0), message()));
    }
}
