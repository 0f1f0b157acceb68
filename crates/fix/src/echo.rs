//! The plainest application: answers as the FIX conformance conversations ask.
//!
//! NewOrderSingle (35=D), SecurityDefinition (d) and Email (C) go back as they came, under our own
//! header; an order that is said to be possibly resent (FIX 97) and whose ClOrdID was seen is
//! dropped; everything else gets a business reject (35=j, FIX 380=3). Decides nothing and keeps
//! nothing in the journal: for conformance tests and measurements, never for orders.
//!
//! The conversations want business rejects without a reference to what they refuse (FIX 379), and
//! those for FIXT.1.1 the DefaultApplVerID (FIX 1137) in them, which has no such field in
//! FIX.5.0SP2: only this application writes them like that.

use std::collections::BTreeSet;

use ringfence_kernel::types::{Ts, WireId};

use crate::codec::{Body, Message};
use crate::endpoint::reject::refer_to;
use crate::endpoint::{Application, Context, FoldError, SessionIndex};
use crate::tag::{self, Tag};

/// ClOrdIDs that are remembered while a session is up; later ones count as never seen.
pub const SEEN_MAX: usize = 100_000;

/// FIX.5.0SP2 as a DefaultApplVerID (FIX 1137), in business rejects on FIXT.1.1.
const FIX50SP2: &str = "9";
const UNSUPPORTED: &str = "Unsupported Message Type";

/// Tags that belong to a header or trailer, in no order.
const FRAME_TAGS: [u32; 33] = [
    8, 9, 35, 1128, 1156, 1129, 49, 56, 115, 128, 90, 91, 34, 50, 142, 57, 143, 116, 144, 129, 145,
    43, 97, 52, 122, 212, 213, 347, 369, 627, 93, 89, 10,
];

/// The echo.
#[derive(Debug, Default)]
pub struct Echo {
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
        let is_seen = self.seen.contains(&(session, id));
        if !is_seen && self.seen.len() < SEEN_MAX {
            self.seen.insert((session, id));
        }
        is_seen && message.is_yes(tag::POSS_RESEND)
    }
    fn refuse(&mut self, session: SessionIndex, message: &Message<'_>, context: &mut dyn Context) {
        if message.msg_type() == b"j" {
            return;
        }
        self.body.clear();
        refer_to(message, &mut self.body);
        self.body.number(tag::BUSINESS_REJECT_REASON, 3).put(tag::TEXT, UNSUPPORTED);
        if message.get(tag::BEGIN_STRING) == Some(b"FIXT.1.1") {
            self.body.put(tag::DEFAULT_APPL_VER_ID, FIX50SP2);
        }
        context.send(session, "j", &self.body);
    }
}

fn is_of_frame(tag: Tag) -> bool {
    FRAME_TAGS.contains(&tag.number())
}

impl Application for Echo {
    fn session_changed(&mut self, session: SessionIndex, is_up: bool, _: &mut dyn Context) {
        // Each conversation begins anew: several of them use the same identifiers.
        if !is_up {
            self.seen.retain(|(of, _)| *of != session);
        }
    }
    fn deliver(&mut self, session: SessionIndex, message: &Message<'_>, context: &mut dyn Context) {
        let msg_type = match message.msg_type() {
            b"D" => "D",
            b"d" => "d",
            b"C" => "C",
            _ => {
                self.refuse(session, message, context);
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
    /// Each conversation begins with numbers of its own, and knows nothing of the one before.
    fn outlives_its_number(&self, _: SessionIndex, _: &str) -> bool {
        false
    }
}
