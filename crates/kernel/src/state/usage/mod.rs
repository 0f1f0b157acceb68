//! How far every node of the account tree uses its limits: one row a node.
//!
//! The gate compares a row with the node's limits; one event is posted to all rows of a path in
//! one walk. What lies together here is read together.

mod exposure;
mod flow;
mod result;

pub use exposure::Exposure;
pub use flow::{Flow, Measure};

use crate::types::table::RowId;
use crate::types::window::Window;
use crate::types::{AccountId, Money, Qty, Ts};
use result::{Recent, Slots};

/// What one node of the account tree has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(align(64))]
pub struct Usage {
    /// Orders entered, positions, results.
    pub exposure: Exposure,
    /// What came in against what left.
    pub flow: Flow,
    /// Messages sent.
    pub messages: Window,
    recent: Recent,
    changed: bool,
}

/// Row of a node that nothing ever happened to.
static NOTHING: Usage = Usage::NOTHING;

impl Usage {
    /// Nothing used at all.
    const NOTHING: Self = Self {
        exposure: Exposure::NOTHING,
        flow: Flow::NOTHING,
        messages: Window::EMPTY,
        recent: Recent::NOTHING,
        changed: false,
    };

    /// Posts what an event of a child changes.
    fn post(&mut self, posting: &Posting, now: Ts, windows: Windows) {
        let total = &mut self.exposure;
        *(if posting.buys { &mut total.open_buy } else { &mut total.open_sell }) +=
            posting.exposure;
        let Some(open) = total.open_order_count.checked_add_signed(posting.open_orders) else {
            panic!("I4: {} open orders change by {}", total.open_order_count, posting.open_orders);
        };
        total.open_order_count = open;
        if let Some((notional, qty)) = posting.entered {
            total.daily_notional += notional;
            total.daily_qty += qty;
            total.daily_count += 1;
        }
        if posting.moves_flow() {
            let flow = &mut self.flow;
            flow.roll(now, windows.flow_ns);
            flow.qty.leave(posting.left_qty, posting.unrouted_qty);
            flow.notional.leave(posting.left_notional, posting.unrouted_notional);
            flow.qty.came_in += posting.came_in_qty;
            flow.notional.came_in += posting.came_in_notional;
            flow.count.left += i64::from(posting.new_child);
        }
        if posting.is_message {
            self.messages.add(now, windows.message_ns, 1);
        }
    }
}

/// Lengths of a node's windows in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    pub(crate) flow_ns: i64,
    pub(crate) message_ns: i64,
}

/// What one event of a child changes at every node above it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Posting {
    /// Whether the child buys.
    pub(crate) buys: bool,
    /// Change of the open exposure.
    pub(crate) exposure: Money,
    /// Change of the number of open orders.
    pub(crate) open_orders: i32,
    /// Notional and units of an order that was entered.
    pub(crate) entered: Option<(Money, Qty)>,
    /// Whether a child left.
    pub(crate) new_child: bool,
    /// Whether a message to a venue left.
    pub(crate) is_message: bool,
    /// Units that left, less what came back.
    pub(crate) left_qty: i64,
    /// Notional that left, less what came back, in 1e-9.
    pub(crate) left_notional: i128,
    /// Change of the units that may still leave.
    pub(crate) unrouted_qty: i64,
    /// Change of the notional that may still leave, in 1e-9.
    pub(crate) unrouted_notional: i128,
    /// Units of a parent that is over which left after all; negative: which came back to it.
    pub(crate) came_in_qty: i64,
    /// The same as notional, in 1e-9.
    pub(crate) came_in_notional: i128,
}

impl Posting {
    const fn moves_flow(&self) -> bool {
        self.new_child
            || self.left_qty != 0
            || self.left_notional != 0
            || self.unrouted_qty != 0
            || self.came_in_qty != 0
    }
}

/// All nodes of the account tree.
#[derive(Clone, Debug, Default, Hash)]
pub struct Usages {
    rows: Vec<Usage>,
    slots: Vec<Slots>,
    changed: Vec<AccountId>,
    due: Vec<AccountId>,
}

impl Usages {
    /// Returns what a node has used.
    #[inline]
    pub fn at(&self, id: AccountId) -> &Usage {
        self.rows.get(id.row()).unwrap_or(&NOTHING)
    }
    /// Returns how much worse the result is than the best one of the window, at least zero.
    pub fn recent_loss(&self, id: AccountId, now: Ts, window_ns: i64) -> Money {
        match (self.rows.get(id.row()), self.slots.get(id.row())) {
            (Some(row), Some(slots)) => row.recent.loss(slots, now, window_ns),
            (None, _) | (_, None) => Money::ZERO,
        }
    }
    /// Returns the nodes whose result changed before the last tick, oldest change first.
    pub fn due(&self) -> &[AccountId] {
        &self.due
    }
    /// Returns what a node has used, for change.
    pub(crate) fn at_mut(&mut self, id: AccountId) -> &mut Usage {
        let index = id.row();
        if self.rows.len() <= index {
            self.rows.resize(index + 1, Usage::NOTHING);
            self.slots.resize(index + 1, Slots::default());
        }
        match self.rows.get_mut(index) {
            Some(row) => row,
            None => panic!("account {id} has no usage row"),
        }
    }
    /// Posts what an event of a child changes at one node.
    pub(crate) fn post(&mut self, id: AccountId, posting: &Posting, now: Ts, windows: Windows) {
        self.at_mut(id).post(posting, now, windows);
    }
    /// Returns the flow of a node, rolled to `now`, for change.
    pub(crate) fn flow_mut(&mut self, id: AccountId, now: Ts, window_ns: i64) -> &mut Flow {
        let flow = &mut self.at_mut(id).flow;
        flow.roll(now, window_ns);
        flow
    }
    /// Has the result of a node looked at after the next tick.
    pub(crate) fn touch(&mut self, id: AccountId) {
        if !core::mem::replace(&mut self.at_mut(id).changed, true) {
            self.changed.push(id);
        }
    }
    /// Notes the result of a node as it is now.
    pub(crate) fn note_result(&mut self, id: AccountId, now: Ts, window_ns: i64) {
        let result = self.at(id).exposure.result();
        let row = self.rows.get_mut(id.row());
        if let (Some(row), Some(slots)) = (row, self.slots.get_mut(id.row())) {
            row.recent.note(slots, now, window_ns, result);
        }
    }
    /// Makes the nodes that changed since the last tick due.
    pub(crate) fn take_changed(&mut self) {
        self.due = core::mem::take(&mut self.changed);
        for id in &self.due {
            if let Some(row) = self.rows.get_mut(id.row()) {
                row.changed = false;
            }
        }
    }
}
