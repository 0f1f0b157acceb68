//! What clients ask, as inputs of the kernel; what cannot be read is refused with its field.

use ringfence_fix::codec::Message;
use ringfence_fix::tag;
use ringfence_fix::terms;
use ringfence_kernel::input::{CancelOrder, NewOrder, ReplaceOrder, StatusRequest};
use ringfence_kernel::types::{Name, OrdType, WireId};

use super::from_venue::{Unreadable, name, wire_id};

/// Strategy of an order that names none: straight to its destination.
const DIRECT: &str = "DMA";

/// Returns a field that a message must have.
pub(super) fn required<T>(value: Option<T>, tag: tag::Tag) -> Result<T, Unreadable> {
    value.ok_or(Unreadable { tag, why: "absent" })
}

/// Returns a new order (FIX 35=D) of the kernel's session `session`.
pub(super) fn new_order(session: Name, message: &Message<'_>) -> Result<NewOrder, Unreadable> {
    let wrong = |tag, why| Unreadable { tag, why };
    let code = |tag| message.get(tag).unwrap_or_default();
    let side = terms::side(code(tag::SIDE));
    let ord_type = terms::ord_type(code(tag::ORD_TYPE));
    let time_in_force = terms::time_in_force(message.get(tag::TIME_IN_FORCE));
    let strategy = name(message, tag::TARGET_STRATEGY)?;
    Ok(NewOrder {
        session,
        cl_ord_id: required(wire_id(message, tag::CL_ORD_ID)?, tag::CL_ORD_ID)?,
        account: required(name(message, tag::ACCOUNT)?, tag::ACCOUNT)?,
        strategy: strategy.unwrap_or_else(|| Name::clipped(DIRECT)),
        symbol: required(name(message, tag::SYMBOL)?, tag::SYMBOL)?,
        side: side.ok_or(wrong(tag::SIDE, "no side that is taken (1, 2, 5, 6)"))?,
        ord_type: ord_type.ok_or(wrong(tag::ORD_TYPE, "no type that is taken (1, 2, 3, 4)"))?,
        time_in_force: time_in_force
            .ok_or(wrong(tag::TIME_IN_FORCE, "none that is taken (0, 2, 3, 4, 6, 7)"))?,
        order_qty: required(message.qty(tag::ORDER_QTY)?, tag::ORDER_QTY)?,
        price: message.price(tag::PRICE)?,
        stop_px: message.price(tag::STOP_PX)?,
        expire_ts: message.utc(tag::EXPIRE_TIME)?,
        ex_destination: name(message, tag::EX_DESTINATION)?,
        locate_id: wire_id(message, tag::LOCATE_ID)?,
        basket_id: wire_id(message, tag::LIST_ID)?,
        origin: None,
        operator: None,
        nonce: None,
        signature: None,
    })
}

/// Returns a change of an order (FIX 35=G); only quantity and price can change.
pub(super) fn replace(session: Name, message: &Message<'_>) -> Result<ReplaceOrder, Unreadable> {
    let price = message.price(tag::PRICE)?;
    // A price beside a market order is an error of its own in many counterparties' books.
    let is_market = message.get(tag::ORD_TYPE).and_then(terms::ord_type) == Some(OrdType::Market);
    if is_market && price.is_some() {
        return Err(Unreadable { tag: tag::PRICE, why: "there, and the order type has none" });
    }
    Ok(ReplaceOrder {
        session,
        cl_ord_id: required(wire_id(message, tag::CL_ORD_ID)?, tag::CL_ORD_ID)?,
        orig_cl_ord_id: required(wire_id(message, tag::ORIG_CL_ORD_ID)?, tag::ORIG_CL_ORD_ID)?,
        order_qty: required(message.qty(tag::ORDER_QTY)?, tag::ORDER_QTY)?,
        price,
    })
}

/// Returns a cancel of an order (FIX 35=F).
pub(super) fn cancel(session: Name, message: &Message<'_>) -> Result<CancelOrder, Unreadable> {
    Ok(CancelOrder {
        session,
        cl_ord_id: required(wire_id(message, tag::CL_ORD_ID)?, tag::CL_ORD_ID)?,
        orig_cl_ord_id: required(wire_id(message, tag::ORIG_CL_ORD_ID)?, tag::ORIG_CL_ORD_ID)?,
    })
}

/// Returns a question about an order (FIX 35=H).
pub(super) fn status(session: Name, message: &Message<'_>) -> Result<StatusRequest, Unreadable> {
    let cl_ord_id = required(wire_id(message, tag::CL_ORD_ID)?, tag::CL_ORD_ID)?;
    Ok(StatusRequest { session, cl_ord_id })
}

/// Which orders a mass request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MassRequest {
    /// Identifier of the request (FIX 11 of q, 584 of AF).
    pub(super) id: WireId,
    /// Instrument; absent for all.
    pub(super) symbol: Option<Name>,
    /// Kind of request as the client wrote it (FIX 530 or 585).
    pub(super) kind: u8,
}

/// Returns a mass cancel (FIX 35=q): of an instrument (530=1) or of everything (530=7).
pub(super) fn mass_cancel(message: &Message<'_>) -> Result<MassRequest, Unreadable> {
    let id = required(wire_id(message, tag::CL_ORD_ID)?, tag::CL_ORD_ID)?;
    mass(message, id, tag::MASS_CANCEL_REQUEST_TYPE)
}

/// Returns a mass status request (FIX 35=AF): of an instrument (585=1) or of everything (585=7).
pub(super) fn mass_status(message: &Message<'_>) -> Result<MassRequest, Unreadable> {
    let id = required(wire_id(message, tag::MASS_STATUS_REQ_ID)?, tag::MASS_STATUS_REQ_ID)?;
    mass(message, id, tag::MASS_STATUS_REQ_TYPE)
}

fn mass(message: &Message<'_>, id: WireId, kind: tag::Tag) -> Result<MassRequest, Unreadable> {
    match message.get(kind) {
        Some(b"1") => {
            let symbol = required(name(message, tag::SYMBOL)?, tag::SYMBOL)?;
            Ok(MassRequest { id, symbol: Some(symbol), kind: b'1' })
        }
        Some(b"7") if message.get(tag::SYMBOL).is_some() => {
            Err(Unreadable { tag: tag::SYMBOL, why: "there, and the request is about all" })
        }
        Some(b"7") => Ok(MassRequest { id, symbol: None, kind: b'7' }),
        Some(_) | None => Err(Unreadable { tag: kind, why: "neither 1 nor 7" }),
    }
}
