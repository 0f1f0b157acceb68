//! The plainest application: answers as the FIX conformance conversations ask.
//!
//! NewOrderSingle (35=D), SecurityDefinition (d) and Email (C) go back as they came, under our own
//! header; an order that is said to be possibly resent (FIX 97) and whose ClOrdID was seen is
//! dropped; everything else gets a business reject (35=j, FIX 380=3). Decides nothing and keeps
//! nothing in the journal: for conformance tests and measurements, never for orders.

use std::collections::BTreeSet;

use ringfence_kernel::types::{Ts, WireId};

use crate::codec::{Body, Message};
use crate::endpoint::{Application, Context, FoldError, SessionIndex};
use crate::tag::{self, Tag};

/// ClOrdIDs that are remembered, of all sessions; later ones count as never seen.
pub const SEEN_MAX: usize = 100_000;

/// Tags that belong to a header or trailer, in no order.
const FRAME_TAGS: [u32; 33] = [
    8, 9, 35, 1128, 1156, 1129, 49, 56, 115, 128, 90, 91, 34, 50, 142, 57, 143, 116, 144, 129, 145,
    43, 97, 52, 122, 212, 213, 347, 369, 627, 93, 89, 10,
];

/// The echo.
#[derive(Debug, Default)]
pub struct Echo {
    /// Forgotten when the session ends, so that each conversation stands alone.
    seen: BTreeSet<(SessionIndex, WireId)>,
    body: Body,
}

impl Echo {
    /// Returns an echo that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }
    fn is_repeated(&mut self, session: SessionIndex, message: &Message<'_>) -> bool {
        let Some(id) = message.get(tag::CL_ORD_ID).and_then(WireId::from_bytes) else {
            return false;
        };
        let id = (session, id);
        let is_seen = self.seen.contains(&id);
        if !is_seen && self.seen.len() < SEEN_MAX {
            self.seen.insert(id);
        }
        is_seen && message.is_yes(tag::POSS_RESEND)
    }
}

fn is_of_frame(tag: Tag) -> bool {
    FRAME_TAGS.contains(&tag.number())
}

impl Application for Echo {
    fn session_changed(&mut self, session: SessionIndex, is_up: bool, _: &mut dyn Context) {
        if !is_up {
            self.seen.retain(|(other, _)| *other != session);
        }
    }
    fn deliver(&mut self, session: SessionIndex, message: &Message<'_>, context: &mut dyn Context) {
        let msg_type = match message.msg_type() {
            b"D" => "D",
            b"d" => "d",
            b"C" => "C",
            _ => {
                context.business_reject(session, message, 3, "Unsupported Message Type");
                return;
            }
        };
        if msg_type == "D" && self.is_repeated(session, message) {
            return;
        }
        self.body.clear();
        if message.is_yes(tag::POSS_RESEND) {
            self.body.put(tag::POSS_RESEND, "Y");
        }
        for (tag, value) in message.fields().filter(|(tag, _)| !is_of_frame(*tag)) {
            self.body.raw(tag, value);
        }
        context.send(session, msg_type, &self.body);
    }
    fn tick(&mut self, _: &mut dyn Context) {}
    fn due(&self) -> Option<Ts> {
        None
    }
    fn fold(&mut self, _: Ts, _: &[u8]) -> Result<(), FoldError> {
        Ok(())
    }
    fn may_resend(&self, _: SessionIndex, _: &str) -> bool {
        true
    }
}
