//! The client and the venues: they know the codec and nothing else of the gateway.

use ringfence_fix::codec::{Body, Frame, Message, Parser, encode, next_frame};
use ringfence_fix::tag;
use ringfence_fix::terms;
use ringfence_kernel::input::NewOrder;
use ringfence_kernel::types::Ts;

use crate::Outcome;
use crate::scene::{GATEWAY, HEARTBEAT_SECS};

/// Writes the messages of one party under its numbers.
pub(crate) struct Party {
    name: &'static str,
    seq: u64,
    header: Body,
    body: Body,
}

/// A report of a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It has the order.
    New,
    /// All of it has traded at its price.
    Fill,
}

impl Party {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, seq: 0, header: Body::new(), body: Body::new() }
    }
    fn finish(&mut self, msg_type: &str, now: Ts, out: &mut Vec<u8>) {
        self.seq += 1;
        self.header.clear();
        self.header.put(tag::MSG_TYPE, msg_type).number(tag::MSG_SEQ_NUM, self.seq);
        self.header.put(tag::SENDER_COMP_ID, self.name).put(tag::TARGET_COMP_ID, GATEWAY);
        self.header.utc(tag::SENDING_TIME, now);
        encode("FIX.4.4", self.header.bytes(), self.body.bytes(), out);
    }
    /// Appends a logon, or the answer to one.
    pub(crate) fn logon(&mut self, now: Ts, out: &mut Vec<u8>) {
        self.body.clear();
        self.body.number(tag::ENCRYPT_METHOD, 0);
        self.body.number(tag::HEART_BT_INT, u64::from(HEARTBEAT_SECS));
        self.finish("A", now, out);
    }
    /// Appends a new order (FIX 35=D).
    pub(crate) fn order(&mut self, order: &NewOrder, now: Ts, out: &mut Vec<u8>) {
        self.body.clear();
        self.body
            .put(tag::CL_ORD_ID, order.cl_ord_id)
            .put(tag::ACCOUNT, order.account)
            .put_some(tag::EX_DESTINATION, order.ex_destination)
            .put(tag::SYMBOL, order.symbol)
            .put(tag::SIDE, terms::side_code(order.side))
            .utc(tag::TRANSACT_TIME, now)
            .qty(tag::ORDER_QTY, order.order_qty)
            .put(tag::ORD_TYPE, terms::ord_type_code(order.ord_type))
            .put_some(tag::PRICE, order.price)
            .put(tag::TIME_IN_FORCE, terms::time_in_force_code(order.time_in_force));
        self.finish("D", now, out);
    }
    /// Appends the report of a venue about an order (FIX 35=8).
    pub(crate) fn report(
        &mut self,
        order: &Message<'_>,
        answer: Answer,
        now: Ts,
        out: &mut Vec<u8>,
    ) {
        let field = |tag| order.get(tag).unwrap_or_default();
        let (qty, px) = (field(tag::ORDER_QTY), field(tag::PRICE));
        let seq = self.seq + 1;
        self.body.clear();
        self.body
            .raw(tag::ORDER_ID, field(tag::CL_ORD_ID))
            .raw(tag::CL_ORD_ID, field(tag::CL_ORD_ID))
            .number(tag::EXEC_ID, seq);
        match answer {
            Answer::New => self.body.raw(tag::EXEC_TYPE, b"0").raw(tag::ORD_STATUS, b"0"),
            Answer::Fill => self.body.raw(tag::EXEC_TYPE, b"F").raw(tag::ORD_STATUS, b"2"),
        };
        self.body
            .raw(tag::SYMBOL, field(tag::SYMBOL))
            .raw(tag::SIDE, field(tag::SIDE))
            .raw(tag::ORDER_QTY, qty);
        match answer {
            Answer::New => {
                self.body.raw(tag::LEAVES_QTY, qty).number(tag::CUM_QTY, 0).number(tag::AVG_PX, 0)
            }
            Answer::Fill => self
                .body
                .raw(tag::LAST_QTY, qty)
                .raw(tag::LAST_PX, px)
                .number(tag::LEAVES_QTY, 0)
                .raw(tag::CUM_QTY, qty)
                .raw(tag::AVG_PX, px),
        };
        self.body.utc(tag::TRANSACT_TIME, now);
        self.finish("8", now, out);
    }
}

/// Finds the messages in what came.
#[derive(Default)]
pub(crate) struct Inbox {
    came: Vec<u8>,
    parser: Parser,
}

impl Inbox {
    /// Takes bytes and calls `take` with every whole message.
    pub(crate) fn take(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(&Message<'_>) -> Outcome<()>,
    ) -> Outcome<()> {
        self.came.extend_from_slice(bytes);
        let mut used = 0;
        loop {
            let rest = self.came.get(used..).unwrap_or_default();
            match next_frame(rest) {
                Frame::Incomplete => break,
                Frame::Garbled { why, .. } => return Err(format!("garbled: {why:?}").into()),
                Frame::Message { len } => {
                    let raw = rest.get(..len).unwrap_or_default();
                    let message = self.parser.parse(raw);
                    take(&message.map_err(|why| format!("garbled: {why:?}"))?)?;
                    used += len;
                }
            }
        }
        self.came.drain(..used);
        Ok(())
    }
}

/// Returns the number of an order in the client's identifier.
pub(crate) fn client_number(cl_ord_id: &[u8]) -> Option<usize> {
    number(cl_ord_id.strip_prefix(b"C")?)
}

/// Returns the number of the child in an identifier that went to a venue.
pub(crate) fn child_number(cl_ord_id: &[u8]) -> Option<usize> {
    number(cl_ord_id.split(|byte| *byte == b'-').nth(2)?)
}

fn number(digits: &[u8]) -> Option<usize> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}
