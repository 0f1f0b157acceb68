//! A client of the world: enters, changes and cancels orders at random times, from its seed.

use ringfence_fix::codec::{Body, Message};
use ringfence_fix::endpoint::{Application, Context, FoldError, SessionIndex};
use ringfence_fix::tag;
use ringfence_fix::terms::Version;
use ringfence_kernel::types::Ts;

use super::after;
use crate::rng::Rng;

/// What a client does.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Seed of its draws.
    pub seed: u64,
    /// Version of its session.
    pub version: Version,
    /// Account that it enters orders for (FIX 1).
    pub account: &'static str,
    /// Venues that it names (FIX 100).
    pub venues: &'static [&'static str],
    /// Instruments with the middle of its prices in cents (FIX 55, 44).
    pub symbols: &'static [(&'static str, u64)],
    /// Orders that it enters.
    pub orders: u32,
    /// Mean time between two acts, ns.
    pub pace_ns: u64,
    /// Chances in a hundred that an act is a change or a cancel of an earlier order.
    pub changes: u64,
    /// Time after its last act at which it cancels whatever is open (FIX 35=q), ns.
    pub leave_ns: i64,
}

/// Times that it cancels whatever is open: a venue may refuse a cancel, as one sent too fast.
const LEAVES: u32 = 4;
/// Time between them, ns.
const LEAVE_AGAIN_NS: i64 = 5_000_000_000;

/// How far a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It enters and changes orders.
    Trading,
    /// It has entered them all and waits before it leaves.
    Waiting,
    /// It has canceled what was open.
    Left,
}

/// The client as an application.
#[derive(Debug)]
pub struct Client {
    plan: Plan,
    rng: Rng,
    up: bool,
    entered: u32,
    next: u64,
    due: Option<Ts>,
    stage: Stage,
    left: u32,
    /// Newest identifier and side of each order of its own.
    orders: Vec<(String, &'static str, &'static str, u64)>,
    body: Body,
}

impl Client {
    /// Returns a client that has done nothing.
    pub fn new(plan: Plan) -> Self {
        let rng = Rng::stream(plan.seed, &[2]);
        let (orders, body) = (Vec::new(), Body::new());
        let stage = Stage::Trading;
        Self { plan, rng, up: false, entered: 0, next: 1, due: None, stage, left: 0, orders, body }
    }
    fn act(&mut self, context: &mut dyn Context) {
        let changes = !self.orders.is_empty() && self.rng.below(100) < self.plan.changes;
        if changes {
            self.change(context);
        } else {
            self.enter(context);
        }
    }
    fn new_id(&mut self) -> String {
        self.next += 1;
        format!("{}-{}", self.plan.account, self.next)
    }
    fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> Option<T> {
        let at = rng.below(u64::try_from(from.len()).unwrap_or(0));
        from.get(usize::try_from(at).unwrap_or(0)).copied()
    }
    /// Returns a price near the middle, in cents as text.
    fn price(&mut self, cents: u64) -> String {
        let cents = cents + self.rng.below(21) - 10;
        format!("{}.{:02}", cents / 100, cents % 100)
    }
    fn enter(&mut self, context: &mut dyn Context) {
        let Some((symbol, cents)) = Self::pick(&mut self.rng, self.plan.symbols) else { return };
        let Some(venue) = Self::pick(&mut self.rng, self.plan.venues) else { return };
        let side = if self.rng.below(2) == 0 { "1" } else { "2" };
        let tif = if self.rng.below(5) == 0 { "3" } else { "0" };
        let (id, qty) = (self.new_id(), 100 * (1 + self.rng.below(9)));
        let px = self.price(cents);
        self.body.clear();
        self.body.put(tag::CL_ORD_ID, &id).put(tag::ACCOUNT, self.plan.account);
        self.handling();
        self.body
            .put(tag::SYMBOL, symbol)
            .put(tag::SIDE, side)
            .utc(tag::TRANSACT_TIME, context.now())
            .put(tag::ORDER_QTY, qty)
            .put(tag::ORD_TYPE, 2)
            .put(tag::PRICE, px)
            .put(tag::TIME_IN_FORCE, tif)
            .put(tag::EX_DESTINATION, venue);
        context.send(SessionIndex::new(0), "D", &self.body);
        self.entered += 1;
        self.orders.push((id, side, symbol, cents));
    }
    fn change(&mut self, context: &mut dyn Context) {
        let at = self.rng.below(u64::try_from(self.orders.len()).unwrap_or(0));
        let at = usize::try_from(at).unwrap_or(0);
        let Some((orig, side, symbol, cents)) = self.orders.get(at).cloned() else { return };
        let id = self.new_id();
        let cancels = self.rng.below(2) == 0;
        let (qty, px) = (100 * (1 + self.rng.below(9)), self.price(cents));
        self.body.clear();
        self.body.put(tag::ORIG_CL_ORD_ID, &orig).put(tag::CL_ORD_ID, &id);
        if !cancels {
            self.handling();
        }
        self.body
            .put(tag::SYMBOL, symbol)
            .put(tag::SIDE, side)
            .utc(tag::TRANSACT_TIME, context.now())
            .put(tag::ORDER_QTY, qty);
        if !cancels {
            self.body.put(tag::ORD_TYPE, 2).put(tag::PRICE, px);
        }
        context.send(SessionIndex::new(0), if cancels { "F" } else { "G" }, &self.body);
    }
    /// Cancels everything that is open.
    fn leave(&mut self, context: &mut dyn Context) {
        self.left += 1;
        self.due = Some(after(context.now(), LEAVE_AGAIN_NS));
        if self.left == LEAVES {
            self.stage = Stage::Left;
        }
        let id = self.new_id();
        self.body.clear();
        self.body.put(tag::CL_ORD_ID, id).put(tag::MASS_CANCEL_REQUEST_TYPE, 7);
        self.body.utc(tag::TRANSACT_TIME, context.now());
        context.send(SessionIndex::new(0), "q", &self.body);
    }
    fn handling(&mut self) {
        if self.plan.version == Version::Fix42 {
            self.body.put(tag::HANDL_INST, 1);
        }
    }
    fn plan_next(&mut self, now: Ts) {
        let wait = self.rng.below(2 * self.plan.pace_ns + 1);
        self.due = Some(after(now, i64::try_from(wait).unwrap_or(i64::MAX)));
    }
}

impl Application for Client {
    fn session_changed(&mut self, _: SessionIndex, is_up: bool, context: &mut dyn Context) {
        self.up = is_up;
        if self.stage == Stage::Trading {
            self.plan_next(context.now());
        }
    }
    fn deliver(&mut self, _: SessionIndex, message: &Message<'_>, _: &mut dyn Context) {
        // New terms are in force under their new identifier (FIX 150=5).
        if message.get(tag::EXEC_TYPE) == Some(b"5") {
            let (id, orig) = (message.text(tag::CL_ORD_ID), message.text(tag::ORIG_CL_ORD_ID));
            let named = self.orders.iter_mut().find(|(own, ..)| Some(own.as_str()) == orig);
            if let (Some((own, ..)), Some(id)) = (named, id) {
                id.clone_into(own);
            }
        }
    }
    fn tick(&mut self, context: &mut dyn Context) {
        if !self.up || self.due.is_none_or(|due| context.now() < due) {
            return;
        }
        match self.stage {
            Stage::Trading if self.entered < self.plan.orders => {
                self.act(context);
                self.plan_next(context.now());
            }
            Stage::Trading => {
                self.stage = Stage::Waiting;
                self.due = Some(after(context.now(), self.plan.leave_ns));
            }
            Stage::Waiting => self.leave(context),
            Stage::Left => self.due = None,
        }
    }
    fn due(&self) -> Option<Ts> {
        self.due.filter(|_| self.up && self.stage != Stage::Left)
    }
    fn fold(&mut self, _: Ts, _: &[u8]) -> Result<(), FoldError> {
        Ok(())
    }
    fn may_resend(&self, _: SessionIndex, _: &str) -> bool {
        true
    }
}
