//! Fills that a client does not know (FIX 35=Q): a person must hear of each.
//!
//! Decides nothing and changes nothing: what is right between the two is for people to find out.
//! Nothing in such a message instructs, so no field of it is refused.

use ringfence_fix::codec::Message;
use ringfence_fix::endpoint::Context;
use ringfence_fix::tag;
use ringfence_kernel::types::{FillId, Name, OrderId, WireId};

use super::Gateway;
use super::client_in::required;
use super::client_requests::{Client, FIELD_MISSING};
use super::from_venue::{Unreadable, note, wire_id};
use super::to_client;

/// BusinessRejectReason: an identifier that is not known (FIX 380).
const UNKNOWN_ID: u16 = 1;

/// Returns the words for a DKReason (FIX 127).
fn reason(message: &Message<'_>) -> &'static str {
    match message.get(tag::DK_REASON) {
        Some(b"A") => "A, unknown symbol",
        Some(b"B") => "B, wrong side",
        Some(b"C") => "C, quantity exceeds order",
        Some(b"D") => "D, no matching order",
        Some(b"E") => "E, price exceeds limit",
        Some(b"F") => "F, calculation difference",
        Some(b"G") => "G, no matching execution report",
        Some(b"Z") => "Z, other",
        Some(_) | None => "none that is known",
    }
}

/// Returns the order and the execution that a message names (FIX 37, 17).
fn named(message: &Message<'_>) -> Result<(WireId, WireId), Unreadable> {
    let order_id = required(wire_id(message, tag::ORDER_ID)?, tag::ORDER_ID)?;
    Ok((order_id, required(wire_id(message, tag::EXEC_ID)?, tag::EXEC_ID)?))
}

impl Gateway {
    /// Takes a client's word that it does not know a fill: an alert that says which, by whom and
    /// why; one about a fill that this client was never told of is refused (FIX 35=j, 380=1).
    pub(super) fn client_dont_know(
        &mut self,
        (session, client, _): Client,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        let (order, exec) = match named(message) {
            Ok(named) => named,
            Err(why) => {
                let text = why.to_string();
                return context.business_reject(session, message, FIELD_MISSING, &text);
            }
        };
        let Some((id, fill_id)) = self.fill_told(client, order, exec) else {
            let text = format!("no fill is known by OrderID {order} and ExecID {exec}");
            context.note(Some(session), format!("client {client}: a don't-know: {text}"));
            return context.business_reject(session, message, UNKNOWN_ID, &text);
        };
        let state = self.kernel.state();
        let (row, fill) = (state.orders.order(id), state.positions.fill(fill_id));
        let symbol = state.directory.named_instrument(row.symbol).name;
        let said = note(message).map_or_else(|| "no text".to_owned(), |text| text.to_string());
        let text = format!(
            "client {client} does not know a fill (35=Q): OrderID {order}, ExecID {exec}, ClOrdID \
             {}, {} {symbol} {} at {}; DKReason {}: {said}",
            row.cl_ord_id,
            row.side,
            fill.qty,
            fill.px,
            reason(message),
        );
        context.alert(Some(session), text);
    }
    /// Returns the fill of a client's order that it was told of in a report (FIX 37, 17).
    fn fill_told(&self, client: Name, order: WireId, exec: WireId) -> Option<(OrderId, FillId)> {
        let state = self.kernel.state();
        let mut numbers = exec.as_str().rsplit('-').map(|text| text.parse::<u64>().ok());
        let (place, step) = (numbers.next()??, numbers.next()??);
        if state.wire_prefix?.with_numbers([step, place]) != Some(exec) {
            return None;
        }
        let (fill_id, id) = self.ledger.told_by((step, place))?;
        let session = state.directory.sessions.find(&client)?;
        let is_its = state.orders.order(id).session == session;
        (is_its && to_client::order_id(state, id) == Some(order)).then_some((id, fill_id))
    }
}
