//! What clients were told of each order: fills by number, average price, earlier identifiers.
//!
//! A fold of the kernel's events like the state itself, so it is the same after a restart. It holds
//! nothing that decides.

use ringfence_kernel::event::Asked;
use ringfence_kernel::input::ReplaceOrder;
use ringfence_kernel::state::State;
use ringfence_kernel::types::{ChildId, FillId, OrderId, Price, Qty, WireId};
use ringfence_kernel::{Event, Input};

use super::mass::is_own_cancel;

/// A fill as its client knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToldFill {
    /// Parent; absent for a fill nobody ordered.
    pub(super) order_id: Option<OrderId>,
    qty: Qty,
    px: Price,
    /// Report in which the client was told last: step and place of the event.
    report: (u64, u64),
    /// Report before that one, which it refers to (FIX 19).
    pub(super) before: (u64, u64),
}

/// An order as its client knows it.
#[derive(Clone, Copy, Debug, Default)]
struct ToldOrder {
    /// Sum of price times quantity of what counts, 1e-9 currency units.
    turnover: i128,
    /// Units that count.
    units: u64,
    /// Identifier that was in force before the newest one (FIX 41).
    previous: Option<WireId>,
    /// Identifier of the client's cancel that was not refused.
    cancel: Option<WireId>,
    /// Times that its venue said that it has it.
    words: u32,
}

/// Everything that clients were told, by dense numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    fills: Vec<ToldFill>,
    orders: Vec<ToldOrder>,
}

impl Ledger {
    /// Takes the events of the last step of `state` in.
    pub(super) fn note(&mut self, state: &State, input: &Input, events: &[Event]) {
        for (place, event) in (0_u64..).zip(events) {
            self.note_one((state.step, place), state, input, event);
        }
    }
    #[expect(clippy::wildcard_enum_match_arm, reason = "other events leave fills and names alone")]
    fn note_one(&mut self, report: (u64, u64), state: &State, input: &Input, event: &Event) {
        match event {
            Event::FillBooked(fill) => {
                let (qty, px) = (fill.last_qty, fill.last_px);
                let order_id = fill.order_id;
                let told = ToldFill { order_id, qty, px, report, before: report };
                self.add(told, 1);
                self.fills.push(told);
            }
            Event::FillBusted(bust) => self.change(bust.fill_id, Qty::ZERO, None, report),
            Event::FillCorrected(new) => {
                self.change(new.fill_id, new.last_qty, Some(new.last_px), report);
            }
            Event::OrderReplaceRequested(asked) => {
                let named = match input {
                    Input::ReplaceOrder(ReplaceOrder { orig_cl_ord_id, .. }) => {
                        Some(*orig_cl_ord_id)
                    }
                    _ => state.orders.find(asked.order_id).map(|order| order.cl_ord_id),
                };
                self.order(asked.order_id).previous = named;
            }
            Event::OrderCancelRequested(asked) => {
                let of_client = |id: &WireId| !is_own_cancel(*id, asked.order_id);
                self.order(asked.order_id).cancel = asked.cl_ord_id.filter(of_client);
            }
            Event::OrderRequestRefused(refused) if refused.request == Asked::Cancel => {
                self.order(refused.order_id).cancel = None;
            }
            Event::ChildAcknowledged(child) => self.word(state, child.child_id),
            Event::ChildResolved(child) => self.word(state, child.child_id),
            _ => {}
        }
    }
    /// Counts a word of a venue that it has a child.
    fn word(&mut self, state: &State, child_id: ChildId) {
        if let Some(child) = state.orders.find_child(child_id) {
            let row = self.order(child.order_id);
            row.words = row.words.saturating_add(1);
        }
    }
    /// Returns whether the venue has said once, and not twice, that it has the order.
    pub(super) fn is_first_word(&self, id: OrderId) -> bool {
        self.orders.get(id.index()).is_some_and(|row| row.words == 1)
    }
    fn change(&mut self, id: FillId, qty: Qty, px: Option<Price>, report: (u64, u64)) {
        let Some(fill) = self.fills.get(id.index()).copied() else { return };
        self.add(fill, -1);
        let told = ToldFill { qty, px: px.unwrap_or(fill.px), report, before: fill.report, ..fill };
        self.add(told, 1);
        if let Some(row) = self.fills.get_mut(id.index()) {
            *row = told;
        }
    }
    fn add(&mut self, fill: ToldFill, sign: i128) {
        let Some(order_id) = fill.order_id else { return };
        let (px, units) = (i128::from(fill.px.nanos()), fill.qty.units());
        let row = self.order(order_id);
        row.turnover += sign * px * i128::from(units);
        row.units = if sign > 0 { row.units + units } else { row.units.saturating_sub(units) };
    }
    fn order(&mut self, id: OrderId) -> &mut ToldOrder {
        let index = id.index();
        if self.orders.len() <= index {
            self.orders.resize(index + 1, ToldOrder::default());
        }
        match self.orders.get_mut(index) {
            Some(row) => row,
            None => unreachable!("the row was just made"),
        }
    }
    /// Returns the fill numbered `id`.
    pub(super) fn fill(&self, id: FillId) -> Option<ToldFill> {
        self.fills.get(id.index()).copied()
    }
    /// Returns the fill of which a client was told by the report numbered `report`, the last one or
    /// that before it, and its order; costs a look at every fill, the newest first.
    pub(super) fn told_by(&self, report: (u64, u64)) -> Option<(FillId, OrderId)> {
        let is_it = |fill: &ToldFill| fill.report == report || fill.before == report;
        let index = self.fills.iter().rposition(is_it)?;
        let order_id = self.fills.get(index)?.order_id?;
        Some((FillId::new(u64::try_from(index).ok()?), order_id))
    }
    /// Returns the average price of what counts, rounded towards zero; zero without a fill (FIX 6).
    pub(super) fn average_px(&self, id: OrderId) -> Price {
        let row = self.orders.get(id.index()).copied().unwrap_or_default();
        let average = row.turnover.checked_div(i128::from(row.units)).unwrap_or(0);
        Price::from_nanos(i64::try_from(average).unwrap_or(i64::MAX))
    }
    /// Returns the identifier of the cancel that a client asked for and was not refused.
    pub(super) fn cancel(&self, id: OrderId) -> Option<WireId> {
        self.orders.get(id.index()).and_then(|row| row.cancel)
    }
    /// Returns the identifier that was in force before the newest one.
    pub(super) fn previous(&self, id: OrderId) -> Option<WireId> {
        self.orders.get(id.index()).and_then(|row| row.previous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfence_kernel::event::{FillBooked, FillBusted, FillCorrected};
    use ringfence_kernel::input::Tick;
    use ringfence_kernel::types::{
        AccountId, InstrumentId, Name, Named, PositionState, Side, VenueId,
    };

    fn booked(fill: u64, qty: u64, px: &str) -> Event {
        let name = Name::clipped("x");
        let fill = FillBooked {
            fill_id: FillId::new(fill),
            venue: Named { id: VenueId::new(0), name },
            exec_id: WireId::clipped("e"),
            child_id: None,
            order_id: Some(OrderId::new(3)),
            account: Named { id: AccountId::new(0), name },
            symbol: Named { id: InstrumentId::new(0), name },
            side: Side::Buy,
            last_qty: Qty::new(qty),
            last_px: Price::parse(px).unwrap(),
            position_state: PositionState::Confirmed,
            late: false,
        };
        fill.into()
    }

    /// FIX 6: the average price counts what is left after busts and corrections, in any order.
    #[test]
    fn the_average_price_follows_busts_and_corrections() {
        let (mut ledger, order) = (Ledger::default(), OrderId::new(3));
        let tick = Input::Tick(Tick {});
        let exec_id = WireId::clipped("b");
        let mut state = State::new(0);
        let mut note = |step, event| {
            state.step = step;
            ledger.note(&state, &tick, &[event]);
        };
        note(1, booked(0, 100, "10"));
        note(2, booked(1, 300, "11"));
        let (last_qty, last_px) = (Qty::new(100), Price::parse("12").unwrap());
        let fill_id = FillId::new(1);
        note(3, FillCorrected { fill_id, exec_id, last_qty, last_px }.into());
        note(4, FillBusted { fill_id: FillId::new(0), exec_id }.into());
        assert_eq!(Price::parse("12"), Ok(ledger.average_px(order)));
        state.step = 5;
        ledger.note(&state, &tick, &[FillBusted { fill_id, exec_id }.into()]);
        assert_eq!(Price::from_nanos(0), ledger.average_px(order));
        assert_eq!(Some((3, 0)), ledger.fill(fill_id).map(|fill| fill.before));
    }
}
