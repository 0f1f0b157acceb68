//! Rejects: session rejects (FIX 35=3), what a business reject (FIX 35=j) says of the message that
//! it refuses, and the way back for routed messages.

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
fn route_back(message: &Message<'_>, body: &mut Body) {
    for (there, back) in ROUTES {
        if let Some(value) = message.get(there).filter(|value| !value.is_empty()) {
            body.raw(back, value);
        }
    }
}

/// Returns which field of a message names it in its business: what its answers refer to.
const fn business_id_tag(msg_type: &[u8]) -> Option<Tag> {
    match msg_type {
        b"D" | b"F" | b"G" | b"H" | b"q" | b"9" => Some(tag::CL_ORD_ID),
        b"AF" => Some(tag::MASS_STATUS_REQ_ID),
        b"8" | b"Q" => Some(tag::EXEC_ID),
        b"r" => Some(tag::ORDER_ID),
        b"V" | b"W" | b"X" | b"Y" => Some(tag::MD_REQ_ID),
        b"e" | b"f" => Some(tag::SECURITY_STATUS_REQ_ID),
        b"g" | b"h" => Some(tag::TRAD_SES_REQ_ID),
        b"B" => Some(tag::HEADLINE),
        b"E" | b"K" | b"L" | b"M" | b"N" => Some(tag::LIST_ID),
        _ => None,
    }
}

/// Puts what a business reject refers to: the way back, number and type of the message (FIX 45,
/// 372), as far as it has them.
pub(crate) fn refer_to(message: &Message<'_>, body: &mut Body) {
    route_back(message, body);
    if let Some(seq) = message.seq() {
        body.number(tag::REF_SEQ_NUM, seq);
    }
    body.raw(tag::REF_MSG_TYPE, message.msg_type());
}

/// Puts the business identifier of the message that a business reject refers to (FIX 379), where
/// it has one.
pub(super) fn refer_by_id(message: &Message<'_>, body: &mut Body) {
    let id = business_id_tag(message.msg_type()).and_then(|tag| message.get(tag));
    if let Some(id) = id.filter(|id| !id.is_empty()) {
        body.raw(tag::BUSINESS_REJECT_REF_ID, id);
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
