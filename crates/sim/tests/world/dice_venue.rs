//! A venue that throws dice: accepts, fills in parts, cancels, replaces, or rejects, by its seed.
//!
//! It keeps no book. Its state is the fold of its records, so it survives a crash like the others.

use std::collections::BTreeMap;

use ringfence_fix::codec::{Body, Message};
use ringfence_fix::endpoint::{Application, Context, FoldError, SessionIndex};
use ringfence_fix::tag;
use ringfence_fix::terms::{self, Version};
use ringfence_kernel::types::{ExecType, OrdStatus, Side, Ts};
use ringfence_sim::rng::Rng;
use ringfence_sim::world::after;

const NODE: SessionIndex = SessionIndex::new(0);

#[derive(Clone, Debug)]
struct Order {
    symbol: String,
    side: Side,
    qty: u64,
    cum: u64,
    status: OrdStatus,
}

/// The venue as an application; a record is one line of words that it does again when folded.
#[derive(Debug)]
pub(super) struct DiceVenue {
    name: &'static str,
    version: Version,
    pace_ns: u64,
    rng: Rng,
    orders: BTreeMap<String, Order>,
    /// Newest identifier of each order that is open.
    open: Vec<String>,
    execs: u64,
    due: Option<Ts>,
    up: bool,
    body: Body,
}

impl DiceVenue {
    pub(super) fn new(name: &'static str, version: Version, seed: u64, pace_ns: u64) -> Self {
        let rng = Rng::stream(seed, &[9]);
        let (orders, open, body) = (BTreeMap::new(), Vec::new(), Body::new());
        Self { name, version, pace_ns, rng, orders, open, execs: 0, due: None, up: false, body }
    }
    /// Returns the net units by instrument of all its executions.
    pub(super) fn net(&self) -> BTreeMap<String, i64> {
        let mut net = BTreeMap::new();
        for order in self.orders.values() {
            let units = i64::try_from(order.cum).unwrap();
            let signed = if order.side.is_buy() { units } else { -units };
            *net.entry(order.symbol.clone()).or_insert(0) += signed;
        }
        net.retain(|_, units| *units != 0);
        net
    }
    /// Does what a line says; `tell` is absent while folding.
    fn does(&mut self, line: &str, mut tell: Option<&mut dyn Context>) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["new", id, symbol, side, qty] => {
                let side = terms::side(side.as_bytes()).unwrap();
                let qty = qty.parse().unwrap();
                let symbol = (*symbol).to_owned();
                let order = Order { symbol, side, qty, cum: 0, status: OrdStatus::New };
                self.orders.insert((*id).to_owned(), order);
                self.open.push((*id).to_owned());
                self.report(id, ExecType::New, None, 0, &mut tell);
            }
            ["reject", id, symbol, side, qty] => {
                let side = terms::side(side.as_bytes()).unwrap();
                let (qty, symbol) = (qty.parse().unwrap(), (*symbol).to_owned());
                let order = Order { symbol, side, qty, cum: 0, status: OrdStatus::Rejected };
                self.orders.insert((*id).to_owned(), order);
                self.report(id, ExecType::Rejected, None, 0, &mut tell);
            }
            ["fill", id, qty] => {
                let qty: u64 = qty.parse().unwrap();
                let order = self.orders.get_mut(*id).unwrap();
                order.cum += qty;
                let done = order.cum >= order.qty;
                order.status = if done { OrdStatus::Filled } else { OrdStatus::PartiallyFilled };
                if done {
                    self.open.retain(|open| open != id);
                }
                self.report(id, ExecType::Trade, None, qty, &mut tell);
            }
            ["cancel", id, orig] => {
                let mut order = self.orders.get(*orig).unwrap().clone();
                order.status = OrdStatus::Canceled;
                self.rename(orig, id, order);
                self.open.retain(|open| open != id);
                self.report(id, ExecType::Canceled, Some(orig), 0, &mut tell);
            }
            ["replace", id, orig, qty] => {
                let mut order = self.orders.get(*orig).unwrap().clone();
                order.qty = qty.parse().unwrap();
                let filled = order.cum > 0;
                order.status = if filled { OrdStatus::PartiallyFilled } else { OrdStatus::New };
                self.rename(orig, id, order);
                self.report(id, ExecType::Replaced, Some(orig), 0, &mut tell);
            }
            _ => panic!("no such line: {line}"),
        }
    }
    /// Moves an order to a new identifier; the old one no longer counts as an order.
    fn rename(&mut self, old: &str, new: &str, order: Order) {
        self.orders.remove(old);
        self.orders.insert(new.to_owned(), order);
        for open in &mut self.open {
            if open == old {
                new.clone_into(open);
            }
        }
    }
    fn report(
        &mut self,
        id: &str,
        exec_type: ExecType,
        orig: Option<&str>,
        last: u64,
        tell: &mut Option<&mut dyn Context>,
    ) {
        // An answer to a question is no execution and has no number of its own.
        let number = if exec_type == ExecType::OrderStatus {
            0
        } else {
            self.execs += 1;
            self.execs
        };
        let order = &self.orders[id];
        let ended = matches!(
            order.status,
            OrdStatus::Canceled | OrdStatus::Rejected | OrdStatus::Filled | OrdStatus::Expired
        );
        let codes = terms::report_codes(self.version, exec_type, order.status);
        self.body.clear();
        self.body
            .put(tag::ORDER_ID, format_args!("{}-{id}", self.name))
            .put(tag::CL_ORD_ID, id)
            .put_some(tag::ORIG_CL_ORD_ID, orig)
            .put(tag::EXEC_ID, format_args!("{}-{number}", self.name))
            .put_some(tag::EXEC_TRANS_TYPE, codes.exec_trans_type)
            .put(tag::EXEC_TYPE, codes.exec_type)
            .put(tag::ORD_STATUS, terms::ord_status_code(order.status))
            .put(tag::SYMBOL, &order.symbol)
            .put(tag::SIDE, terms::side_code(order.side))
            .put(tag::ORDER_QTY, order.qty)
            .put(tag::LAST_QTY, last)
            .put(tag::LAST_PX, 10)
            .put(tag::LEAVES_QTY, if ended { 0 } else { order.qty - order.cum })
            .put(tag::CUM_QTY, order.cum)
            .put(tag::AVG_PX, 10);
        if let Some(context) = tell {
            context.send(NODE, "8", &self.body);
        }
    }
    fn decide(&mut self, line: String, context: &mut dyn Context) {
        context.record(&mut |out| out.extend_from_slice(line.as_bytes()));
        self.does(&line, Some(context));
    }
    fn unknown(&mut self, message: &Message<'_>, context: &mut dyn Context) {
        let text = |tag| message.text(tag).unwrap_or("").to_owned();
        let codes = terms::report_codes(self.version, ExecType::OrderStatus, OrdStatus::Rejected);
        self.body.clear();
        self.body
            .put(tag::ORDER_ID, "NONE")
            .put(tag::CL_ORD_ID, text(tag::CL_ORD_ID))
            .put(tag::EXEC_ID, 0)
            .put_some(tag::EXEC_TRANS_TYPE, codes.exec_trans_type)
            .put(tag::EXEC_TYPE, codes.exec_type)
            .put(tag::ORD_STATUS, 8)
            .put(tag::ORD_REJ_REASON, 5)
            .put(tag::SYMBOL, text(tag::SYMBOL))
            .put(tag::SIDE, text(tag::SIDE))
            .put(tag::LEAVES_QTY, 0)
            .put(tag::CUM_QTY, 0)
            .put(tag::AVG_PX, 0);
        context.send(NODE, "8", &self.body);
    }
    fn refuse(&mut self, message: &Message<'_>, context: &mut dyn Context) {
        let text = |tag| message.text(tag).unwrap_or("").to_owned();
        self.body.clear();
        self.body
            .put(tag::ORDER_ID, "NONE")
            .put(tag::CL_ORD_ID, text(tag::CL_ORD_ID))
            .put(tag::ORIG_CL_ORD_ID, text(tag::ORIG_CL_ORD_ID))
            .put(tag::ORD_STATUS, 8)
            .put(tag::CXL_REJ_RESPONSE_TO, if message.msg_type() == b"F" { 1 } else { 2 })
            .put(tag::CXL_REJ_REASON, 0);
        context.send(NODE, "9", &self.body);
    }
    fn plan_next(&mut self, now: Ts) {
        let wait = 1 + self.rng.below(2 * self.pace_ns);
        self.due = Some(after(now, i64::try_from(wait).unwrap()));
    }
}

impl Application for DiceVenue {
    fn session_changed(&mut self, _: SessionIndex, is_up: bool, context: &mut dyn Context) {
        self.up = is_up;
        self.plan_next(context.now());
    }
    fn deliver(&mut self, _: SessionIndex, message: &Message<'_>, context: &mut dyn Context) {
        let text = |tag| message.text(tag).unwrap_or("").to_owned();
        let (id, orig) = (text(tag::CL_ORD_ID), text(tag::ORIG_CL_ORD_ID));
        let open = self.open.contains(&orig);
        match message.msg_type() {
            b"D" => {
                let word = if self.rng.one_in(20) { "reject" } else { "new" };
                let (symbol, side) = (text(tag::SYMBOL), text(tag::SIDE));
                let line = format!("{word} {id} {symbol} {side} {}", text(tag::ORDER_QTY));
                self.decide(line, context);
            }
            b"F" if open && !self.rng.one_in(10) => {
                self.decide(format!("cancel {id} {orig}"), context);
            }
            b"G" if open && !self.rng.one_in(10) => {
                let qty: u64 = text(tag::ORDER_QTY).parse().unwrap();
                if qty > self.orders[&orig].cum {
                    self.decide(format!("replace {id} {orig} {qty}"), context);
                } else {
                    self.refuse(message, context);
                }
            }
            b"F" | b"G" => self.refuse(message, context),
            b"H" => match self.orders.get(&id) {
                Some(_) => {
                    let mut tell: Option<&mut dyn Context> = Some(context);
                    self.report(&id, ExecType::OrderStatus, None, 0, &mut tell);
                }
                None => self.unknown(message, context),
            },
            _ => {}
        }
    }
    fn tick(&mut self, context: &mut dyn Context) {
        if self.due.is_none_or(|due| context.now() < due) {
            return;
        }
        self.plan_next(context.now());
        let at = self.rng.below(u64::try_from(self.open.len()).unwrap());
        let Some(id) = self.open.get(usize::try_from(at).unwrap()).cloned() else { return };
        let open = self.orders[&id].qty - self.orders[&id].cum;
        let qty = if self.rng.one_in(2) { open } else { 1 + self.rng.below(open) };
        self.decide(format!("fill {id} {qty}"), context);
    }
    fn due(&self) -> Option<Ts> {
        self.due.filter(|_| !self.open.is_empty())
    }
    fn fold(&mut self, _: Ts, payload: &[u8]) -> Result<(), FoldError> {
        if !payload.is_empty() {
            let line = String::from_utf8(payload.to_vec()).unwrap();
            self.does(&line, None);
        }
        Ok(())
    }
    fn may_resend(&self, _: SessionIndex, _: &str) -> bool {
        true
    }
}
