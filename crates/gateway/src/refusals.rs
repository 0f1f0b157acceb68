//! Messages of ours that a venue could not take: by a business reject (FIX 35=j) or a session
//! reject (FIX 35=3).
//!
//! A new order that was refused is rejected, a cancel or change that was refused is taken back.
//! Where the refusal names nothing, the order stays open until its venue answers for it.

use ringfence_fix::codec::Message;
use ringfence_fix::endpoint::{Context, SessionIndex};
use ringfence_fix::tag;
use ringfence_kernel::Input;
use ringfence_kernel::clearance::parse_wire_id;
use ringfence_kernel::input::{CancelReject, VenueReport};
use ringfence_kernel::types::{ExecType, Name, WireId};

use super::Gateway;
use super::from_venue::{note, wire_id};
use super::settings::Role;

impl Gateway {
    /// Takes a business reject of a venue; it names the order by its reference (FIX 379).
    pub(super) fn business_refused(
        &mut self,
        session: SessionIndex,
        venue: Name,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        let named = wire_id(message, tag::BUSINESS_REJECT_REF_ID).ok().flatten();
        let msg_type = message.text(tag::REF_MSG_TYPE).unwrap_or("").to_owned();
        self.message_refused((session, venue), message, (&msg_type, named), context);
    }
    /// Takes a session reject; what was sent names the order by its ClOrdID (FIX 11).
    pub(super) fn session_refused(
        &mut self,
        session: SessionIndex,
        message: &Message<'_>,
        sent: Option<(&str, &[u8])>,
        context: &mut dyn Context,
    ) {
        let link = self.settings.link(session);
        let Some(Role::Venue { venue, .. }) = link.map(|link| link.role) else {
            let text = message.text(tag::TEXT).unwrap_or("no text");
            return context.alert(Some(session), format!("a message of ours was refused: {text}"));
        };
        let (msg_type, body) = sent.unwrap_or(("", &[]));
        let named = cl_ord_id_of(body);
        self.message_refused((session, venue), message, (msg_type, named), context);
    }
    fn message_refused(
        &mut self,
        (session, venue): (SessionIndex, Name),
        message: &Message<'_>,
        (msg_type, named): (&str, Option<WireId>),
        context: &mut dyn Context,
    ) {
        let text = message.text(tag::TEXT).unwrap_or("no text").to_owned();
        let told = format!("venue {venue} refused a message (35={msg_type}): {text}");
        context.alert(Some(session), told);
        let Some(cl_ord_id) = named else { return };
        let Some((child_id, version)) = parse_wire_id(self.kernel.state(), cl_ord_id) else {
            return;
        };
        let child = self.kernel.state().orders.child(child_id);
        let input: Input = match msg_type {
            "D" if version == child.live_version => {
                let exec_id = self.exec_id(message.seq().unwrap_or_default());
                rejected(venue, (cl_ord_id, exec_id), message).into()
            }
            "F" | "G" => CancelReject { venue, cl_ord_id, text: note(message) }.into(),
            // A question or a subscription that was refused says nothing about an order.
            _ => return,
        };
        self.step(&input, Some(session), context);
    }
}

/// Returns the ClOrdID (FIX 11) among encoded fields.
fn cl_ord_id_of(body: &[u8]) -> Option<WireId> {
    let mut fields = body.split(|byte| *byte == ringfence_fix::codec::SOH);
    fields.find_map(|field| field.strip_prefix(b"11=")).and_then(WireId::from_bytes)
}

fn rejected(
    venue: Name,
    (cl_ord_id, exec_id): (WireId, WireId),
    message: &Message<'_>,
) -> VenueReport {
    VenueReport {
        venue,
        cl_ord_id,
        exec_id,
        exec_type: ExecType::Rejected,
        exec_ref_id: None,
        ord_status: None,
        last_qty: None,
        last_px: None,
        order_qty: None,
        cum_qty: None,
        symbol: None,
        side: None,
        text: note(message),
    }
}
