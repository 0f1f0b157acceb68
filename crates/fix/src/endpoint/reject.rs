//! Rejects: session rejects (FIX 35=3) and the way back for routed messages.

use super::SessionIndex;
use super::step::Step;
use crate::codec::{Body, Message};
use crate::session::check::Refusal;
use crate::tag::{self, Tag};

/// Each routing field and the one that it becomes on the way back.
const ROUTES: [(Tag, Tag); 6] = [
    (tag::ON_BEHALF_OF_COMP_ID, tag::DELIVER_TO_COMP_ID),
    (tag::ON_BEHALF_OF_SUB_ID, tag::DELIVER_TO_SUB_ID),
    (tag::ON_BEHALF_OF_LOCATION_ID, tag::DELIVER_TO_LOCATION_ID),
    (tag::DELIVER_TO_COMP_ID, tag::ON_BEHALF_OF_COMP_ID),
    (tag::DELIVER_TO_SUB_ID, tag::ON_BEHALF_OF_SUB_ID),
    (tag::DELIVER_TO_LOCATION_ID, tag::ON_BEHALF_OF_LOCATION_ID),
];

/// Adds the routing of `message` with sender and receiver exchanged; empty fields have no way
/// back.
pub(super) fn route_back(message: &Message<'_>, body: &mut Body) {
    for (there, back) in ROUTES {
        if let Some(value) = message.get(there).filter(|value| !value.is_empty()) {
            body.raw(back, value);
        }
    }
}

impl Step<'_> {
    /// Rejects a message.
    pub(super) fn reject(
        &mut self,
        session: SessionIndex,
        message: &Message<'_>,
        refusal: Refusal,
    ) {
        let Some(found) = self.core.session(session) else {
            return;
        };
        let most = found.settings.version.reject_reason_max();
        let reason = refusal.reason.session_code().filter(|reason| *reason <= most);
        self.send_admin(session, "3", |body| {
            route_back(message, body);
            body.number(tag::REF_SEQ_NUM, message.seq().unwrap_or(0));
            body.put_some(tag::REF_TAG_ID, refusal.tag);
            body.raw(tag::REF_MSG_TYPE, message.msg_type());
            body.put_some(tag::SESSION_REJECT_REASON, reason);
            body.put(tag::TEXT, refusal.reason.text());
        });
    }
}
