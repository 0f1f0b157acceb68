//! What clients are told: execution reports and cancel rejects, in the client's version of FIX.
//!
//! Quantities and status are derived from the order's row, never kept. An order in doubt is told as
//! what it last surely was.

use ringfence_fix::codec::Body;
use ringfence_fix::tag;
use ringfence_fix::terms::{self, Version};
use ringfence_kernel::event::Close;
use ringfence_kernel::input::NewOrder;
use ringfence_kernel::state::State;
use ringfence_kernel::state::order::Order;
use ringfence_kernel::types::{ExecType, Name, OrdStatus, OrderId, Price, Qty, WireId};

use super::mass::Inquiry;

/// One execution report about an order that was accepted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report<'a> {
    /// Order.
    pub(super) order_id: OrderId,
    /// What it says.
    pub(super) exec_type: ExecType,
    /// Identifier of the report (FIX 17).
    pub(super) exec_id: WireId,
    /// Report that it changes (FIX 19).
    pub(super) exec_ref_id: Option<WireId>,
    /// Identifier of the order or of the request that is answered (FIX 11).
    pub(super) cl_ord_id: WireId,
    /// Identifier before (FIX 41).
    pub(super) orig_cl_ord_id: Option<WireId>,
    /// Units and price of a fill, with the venue (FIX 32, 31, 30).
    pub(super) last: Option<(Qty, Price, Name)>,
    /// Average price of what counts (FIX 6).
    pub(super) average_px: Price,
    /// Status where it is not the derived one (FIX 39).
    pub(super) status: Option<OrdStatus>,
    /// OrdRejReason (FIX 103).
    pub(super) reject: Option<&'a str>,
    /// What the question is called that it answers (FIX 790, 584).
    pub(super) inquiry: Inquiry,
    /// Sentence (FIX 58).
    pub(super) text: Option<&'a str>,
}

impl Report<'_> {
    /// Puts the report.
    pub(super) fn put(&self, body: &mut Body, version: Version, state: &State) {
        let order = state.orders.order(self.order_id);
        let status = self.status.unwrap_or_else(|| order.status());
        body.text_some(tag::ORDER_ID, order_id(state, self.order_id))
            .text(tag::CL_ORD_ID, self.cl_ord_id)
            .text_some(tag::ORIG_CL_ORD_ID, self.orig_cl_ord_id)
            .text(tag::EXEC_ID, self.exec_id);
        kind(body, version, self.exec_type, status);
        body.text_some(tag::EXEC_REF_ID, self.exec_ref_id)
            .put_some(tag::ORD_REJ_REASON, self.reject);
        self.inquiry.put(body);
        self.put_order(body, state, order);
        body.put_some(tag::TEXT, self.text);
    }
    fn put_order(&self, body: &mut Body, state: &State, order: &Order) {
        let directory = &state.directory;
        body.text(tag::ACCOUNT, directory.named_account(order.account).name)
            .text(tag::SYMBOL, directory.named_instrument(order.symbol).name)
            .code(tag::SIDE, terms::side_code(order.side))
            .qty(tag::ORDER_QTY, order.stated_qty())
            .code(tag::ORD_TYPE, terms::ord_type_code(order.ord_type))
            .price_some(tag::PRICE, order.price)
            .price_some(tag::STOP_PX, order.stop_px)
            .code(tag::TIME_IN_FORCE, terms::time_in_force_code(order.time_in_force));
        if let Some(end) = order.expire_ts {
            body.utc(tag::EXPIRE_TIME, end);
        }
        let (last_qty, last_px) = match self.last {
            Some((qty, px, venue)) => {
                body.text(tag::LAST_MKT, venue);
                (qty, px)
            }
            None => (Qty::ZERO, Price::from_nanos(0)),
        };
        body.qty(tag::LAST_QTY, last_qty)
            .price(tag::LAST_PX, last_px)
            .qty(tag::LEAVES_QTY, leaves_qty(order))
            .qty(tag::CUM_QTY, order.cum_qty())
            .price(tag::AVG_PX, self.average_px)
            .utc(tag::TRANSACT_TIME, state.now);
        if self.exec_type == ExecType::Restated {
            // The venue reduced the quantity (FIX 378=5, partial decline of OrderQty).
            body.put(tag::EXEC_RESTATEMENT_REASON, 5);
        }
    }
}

/// Returns the quantity that a client is told may still fill (FIX 151): nothing once it ended.
fn leaves_qty(order: &Order) -> Qty {
    match order.closed {
        Some(_) => Qty::ZERO,
        None => order.stated_qty().saturating_sub(
            order.cum_qty() + order.buckets.get(ringfence_kernel::state::order::Bucket::Canceled),
        ),
    }
}

/// Returns our identifier of an order (FIX 37): node, trade date, number.
pub(super) fn order_id(state: &State, id: OrderId) -> Option<WireId> {
    state.wire_prefix?.with_numbers([id.raw(), 0])
}

/// Puts ExecType and, where the version has one, ExecTransType; and the status.
fn kind(body: &mut Body, version: Version, exec_type: ExecType, status: OrdStatus) {
    let codes = terms::report_codes(version, exec_type, status);
    body.put_some(tag::EXEC_TRANS_TYPE, codes.exec_trans_type)
        .code(tag::EXEC_TYPE, codes.exec_type)
        .code(tag::ORD_STATUS, terms::ord_status_code(status));
}

/// Puts the refusal of a new order that was never accepted (FIX 35=8, 150=8).
pub(super) fn put_refusal(
    body: &mut Body,
    version: Version,
    order: &NewOrder,
    exec_id: WireId,
    (reason, text): (&str, &str),
) {
    body.put(tag::ORDER_ID, "NONE")
        .text(tag::CL_ORD_ID, order.cl_ord_id)
        .text(tag::EXEC_ID, exec_id);
    kind(body, version, ExecType::Rejected, OrdStatus::Rejected);
    body.put(tag::ORD_REJ_REASON, reason)
        .text(tag::ACCOUNT, order.account)
        .text(tag::SYMBOL, order.symbol)
        .code(tag::SIDE, terms::side_code(order.side))
        .qty(tag::ORDER_QTY, order.order_qty)
        .code(tag::ORD_TYPE, terms::ord_type_code(order.ord_type))
        .price_some(tag::PRICE, order.price);
    nothing_done(body);
    body.put(tag::TEXT, text);
}

/// Puts the answer about an order that nobody knows (FIX 35=8, 150=I, 39=8, 103=5).
pub(super) fn put_unknown(
    body: &mut Body,
    version: Version,
    (cl_ord_id, exec_id): (WireId, WireId),
    (symbol, side): (&[u8], &[u8]),
    text: &str,
) {
    body.put(tag::ORDER_ID, "NONE").text(tag::CL_ORD_ID, cl_ord_id).text(tag::EXEC_ID, exec_id);
    kind(body, version, ExecType::OrderStatus, OrdStatus::Rejected);
    body.put(tag::ORD_REJ_REASON, 5).raw(tag::SYMBOL, symbol).raw(tag::SIDE, side);
    nothing_done(body);
    body.put(tag::TEXT, text);
}

/// Puts the answer to a question about many orders of which none is open (FIX 35=8, 150=I).
pub(super) fn put_none_open(
    body: &mut Body,
    version: Version,
    (exec_id, symbol): (WireId, Name),
    (reason, text): (&str, &str),
) {
    body.put(tag::ORDER_ID, "NONE").text(tag::EXEC_ID, exec_id);
    kind(body, version, ExecType::OrderStatus, OrdStatus::Rejected);
    body.put(tag::ORD_REJ_REASON, reason).text(tag::SYMBOL, symbol).code(tag::SIDE, "1");
    nothing_done(body);
    body.put(tag::TEXT, text);
}

/// Marks a report as a copy (FIX 797), where the version has the mark.
pub(super) fn mark_copy(body: &mut Body, version: Version) {
    match version {
        Version::Fix42 => {}
        Version::Fix44 | Version::Fixt11 => {
            body.code(tag::COPY_MSG_INDICATOR, "Y");
        }
    }
}

/// Puts quantities of an order of which nothing is open or filled.
pub(super) fn nothing_done(body: &mut Body) {
    body.number(tag::LEAVES_QTY, 0).number(tag::CUM_QTY, 0).number(tag::AVG_PX, 0);
}

/// Which request a cancel reject answers (FIX 434).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// A cancel (FIX 35=F).
    Cancel,
    /// A change (FIX 35=G).
    Replace,
}

/// Puts a cancel reject (FIX 35=9); `order` is absent when nobody knows it.
pub(super) fn put_cancel_reject(
    body: &mut Body,
    state: &State,
    order: Option<OrderId>,
    (cl_ord_id, orig_cl_ord_id): (WireId, WireId),
    answered: Answered,
    (reason, text): (&str, &str),
) {
    let status = order.map_or(OrdStatus::Rejected, |id| state.orders.order(id).status());
    match order.and_then(|id| order_id(state, id)) {
        Some(id) => body.put(tag::ORDER_ID, id),
        None => body.put(tag::ORDER_ID, "NONE"),
    };
    body.text(tag::CL_ORD_ID, cl_ord_id)
        .text(tag::ORIG_CL_ORD_ID, orig_cl_ord_id)
        .code(tag::ORD_STATUS, terms::ord_status_code(status))
        .put(
            tag::CXL_REJ_RESPONSE_TO,
            match answered {
                Answered::Cancel => 1,
                Answered::Replace => 2,
            },
        )
        .put(tag::CXL_REJ_REASON, reason)
        .put(tag::TEXT, text)
        .utc(tag::TRANSACT_TIME, state.now);
}

/// Returns what a report about the end of an order says.
pub(super) const fn closing_type(how: Close) -> ExecType {
    match how {
        Close::Filled => ExecType::Trade,
        Close::Canceled => ExecType::Canceled,
        Close::Rejected | Close::Denied => ExecType::Rejected,
        Close::Expired => ExecType::Expired,
        Close::DoneForDay => ExecType::DoneForDay,
    }
}
