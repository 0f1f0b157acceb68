//! What goes to venues: orders, changes, cancels and questions, in the venue's version of FIX.

use ringfence_fix::codec::Body;
use ringfence_fix::tag;
use ringfence_fix::terms::{self, Version};
use ringfence_kernel::clearance::wire_id;
use ringfence_kernel::event::{ChildCancelRequested, ChildReplaceRequested, ChildSent};
use ringfence_kernel::state::State;
use ringfence_kernel::state::order::Child;
use ringfence_kernel::types::{ChildId, Name, Ts};

/// Puts a new order (FIX 35=D).
pub(super) fn new_order(body: &mut Body, version: Version, state: &State, sent: &ChildSent) {
    let order = state.orders.order(sent.order_id());
    body.text(tag::CL_ORD_ID, sent.cl_ord_id()).text(tag::ACCOUNT, sent.account().name);
    handling(body, version);
    body.text(tag::SYMBOL, sent.symbol().name)
        .code(tag::SIDE, terms::side_code(sent.side()))
        .utc(tag::TRANSACT_TIME, state.now)
        .qty(tag::ORDER_QTY, sent.qty())
        .code(tag::ORD_TYPE, terms::ord_type_code(sent.ord_type()))
        .price_some(tag::PRICE, sent.price())
        .code(tag::TIME_IN_FORCE, terms::time_in_force_code(sent.time_in_force()));
    if let Some(end) = order.expire_ts {
        body.utc(tag::EXPIRE_TIME, end);
    }
    if sent.side().is_short() {
        // The locate is ours and was checked by the gate: the venue need not find one.
        body.code(tag::LOCATE_REQD, "N");
    }
}

/// Puts a change of an order (FIX 35=G).
pub(super) fn replace(
    body: &mut Body,
    version: Version,
    state: &State,
    sent: &ChildReplaceRequested,
) {
    let child = state.orders.child(sent.child_id());
    body.text(tag::ORIG_CL_ORD_ID, sent.orig_cl_ord_id()).text(tag::CL_ORD_ID, sent.cl_ord_id());
    account(body, state, child);
    handling(body, version);
    terms_of(body, state, child);
    body.qty(tag::ORDER_QTY, sent.qty())
        .code(tag::ORD_TYPE, terms::ord_type_code(child.ord_type))
        .price_some(tag::PRICE, sent.price())
        .code(tag::TIME_IN_FORCE, terms::time_in_force_code(child.time_in_force));
}

/// Puts a cancel of an order (FIX 35=F).
pub(super) fn cancel(body: &mut Body, state: &State, sent: &ChildCancelRequested) {
    let child = state.orders.child(sent.child_id);
    body.text(tag::ORIG_CL_ORD_ID, sent.orig_cl_ord_id).text(tag::CL_ORD_ID, sent.cl_ord_id);
    account(body, state, child);
    terms_of(body, state, child);
    body.qty(tag::ORDER_QTY, child.qty);
}

/// Puts a question about an order (FIX 35=H); returns whether the identifier can be written.
pub(super) fn status_request(body: &mut Body, state: &State, of: (ChildId, u32)) -> bool {
    let child = state.orders.child(of.0);
    let Some(cl_ord_id) = wire_id(state, of.0, of.1) else {
        return false;
    };
    let symbol = state.directory.named_instrument(child.symbol).name;
    body.text(tag::CL_ORD_ID, cl_ord_id)
        .text(tag::SYMBOL, symbol)
        .code(tag::SIDE, terms::side_code(child.side));
    true
}

/// Puts a request for market data (FIX 35=V): top of book and trades, kept up.
pub(super) fn market_data_request(body: &mut Body, now: Ts, symbol: Name) {
    body.put(tag::MD_REQ_ID, format_args!("{symbol}-{}", now.nanos()))
        .put(tag::SUBSCRIPTION_REQUEST_TYPE, 1)
        .put(tag::MARKET_DEPTH, 1)
        .put(tag::MD_UPDATE_TYPE, 1)
        .put(tag::NO_MD_ENTRY_TYPES, 3);
    for kind in ["0", "1", "2"] {
        body.put(tag::MD_ENTRY_TYPE, kind);
    }
    body.put(tag::NO_RELATED_SYM, 1).put(tag::SYMBOL, symbol);
}

/// Puts a question about the status of an instrument (FIX 35=e), answered again when it changes.
pub(super) fn security_status_request(body: &mut Body, now: Ts, symbol: Name) {
    body.put(tag::SECURITY_STATUS_REQ_ID, format_args!("{symbol}-{}", now.nanos()))
        .put(tag::SYMBOL, symbol)
        .put(tag::SUBSCRIPTION_REQUEST_TYPE, 1);
}

fn handling(body: &mut Body, version: Version) {
    if version == Version::Fix42 {
        body.code(tag::HANDL_INST, "1");
    }
}

fn account(body: &mut Body, state: &State, child: &Child) {
    body.text(tag::ACCOUNT, state.directory.named_account(child.account).name);
}

fn terms_of(body: &mut Body, state: &State, child: &Child) {
    body.text(tag::SYMBOL, state.directory.named_instrument(child.symbol).name)
        .code(tag::SIDE, terms::side_code(child.side))
        .utc(tag::TRANSACT_TIME, state.now);
}
