//! Every trade of the venue, kept so that it can be canceled or corrected days later.

use std::collections::BTreeMap;

use ringfence_kernel::types::{Money, Price, Qty, Side, Ts};

use super::event::Liquidity;
use super::ids::{ExecNumber, InstrumentIndex, OrderNumber, PortId, TradeNumber};

/// Trades after which no more orders are taken; what rests may still trade.
pub const TRADES_MAX: usize = 1 << 22;

/// Whether a trade stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TradeState {
    /// It stands, corrected or not.
    Standing,
    /// It is void.
    Void,
}

/// One side of a trade that a member had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Execution {
    /// Its report.
    pub exec: ExecNumber,
    /// Order that was filled.
    pub order: OrderNumber,
    /// Port of the order.
    pub port: PortId,
    /// Side of the order.
    pub side: Side,
    /// Fee; a rebate is negative.
    pub fee: Money,
    /// Who brought the liquidity.
    pub liquidity: Liquidity,
}

/// One trade; a side that no member had was the anonymous participant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trade {
    /// Its number.
    pub number: TradeNumber,
    /// What was traded.
    pub instrument: InstrumentIndex,
    /// Price, as corrected.
    pub px: Price,
    /// Quantity, as corrected.
    pub qty: Qty,
    /// When.
    pub ts: Ts,
    /// Whether it stands.
    pub state: TradeState,
    /// The buyer, then the seller.
    pub sides: [Option<Execution>; 2],
}

/// What a member, or the anonymous participant, has by the trades that stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Money received less money paid, without fees.
    pub cash: Money,
    /// Fees paid less rebates received.
    pub fees: Money,
    /// Units bought less units sold, by instrument.
    pub units: BTreeMap<InstrumentIndex, i128>,
}

/// Every trade in the order of their numbers and times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ledger {
    trades: Vec<Trade>,
    by_exec: BTreeMap<ExecNumber, TradeNumber>,
}

impl Ledger {
    /// Returns whether orders may still be taken.
    pub const fn has_room(&self) -> bool {
        self.trades.len() < TRADES_MAX
    }
    /// Adds a trade.
    pub fn add(
        &mut self,
        instrument: InstrumentIndex,
        px: Price,
        qty: Qty,
        ts: Ts,
        sides: [Option<Execution>; 2],
    ) {
        let number = TradeNumber::new(u64::try_from(self.trades.len()).unwrap_or(u64::MAX) + 1);
        for execution in sides.into_iter().flatten() {
            self.by_exec.insert(execution.exec, number);
        }
        let state = TradeState::Standing;
        self.trades.push(Trade { number, instrument, px, qty, ts, state, sides });
    }
    /// Returns the trade of an execution, found by its first report or by that of a correction.
    pub fn find(&self, exec: ExecNumber) -> Option<&Trade> {
        self.by_exec.get(&exec).and_then(|number| self.trades.get(row(*number)?))
    }
    /// Returns a trade for change.
    pub fn get_mut(&mut self, number: TradeNumber) -> Option<&mut Trade> {
        self.trades.get_mut(row(number)?)
    }
    /// Makes the report of a correction another name of the trade.
    pub fn alias(&mut self, exec: ExecNumber, number: TradeNumber) {
        self.by_exec.insert(exec, number);
    }
    /// Returns the trades with a time in `[from, to)`.
    pub fn between(&self, from: Ts, to: Ts) -> &[Trade] {
        let start = self.trades.partition_point(|trade| trade.ts < from);
        let end = self.trades.partition_point(|trade| trade.ts < to);
        self.trades.get(start..end.max(start)).unwrap_or_default()
    }
    /// Returns the trades behind the number `after`, oldest first.
    pub fn trades_after(&self, after: u64) -> &[Trade] {
        let from = usize::try_from(after).unwrap_or(usize::MAX);
        self.trades.get(from..).unwrap_or_default()
    }
    /// Returns all trades.
    pub fn trades(&self) -> &[Trade] {
        &self.trades
    }
    /// Returns what each port has by the trades that stand; `None` is the anonymous participant.
    pub fn statements(&self) -> BTreeMap<Option<PortId>, Statement> {
        let mut found: BTreeMap<Option<PortId>, Statement> = BTreeMap::new();
        for trade in self.trades.iter().filter(|trade| trade.state == TradeState::Standing) {
            for (at, side) in trade.sides.iter().enumerate() {
                let is_buy = at == 0;
                let statement = found.entry(side.map(|side| side.port)).or_default();
                let value = trade.px.times(trade.qty, 1);
                let units = i128::from(trade.qty.units());
                statement.cash += if is_buy { -value } else { value };
                statement.fees += side.map_or(Money::ZERO, |side| side.fee);
                let held = statement.units.entry(trade.instrument).or_default();
                *held += if is_buy { units } else { -units };
            }
        }
        found
    }
}

fn row(number: TradeNumber) -> Option<usize> {
    usize::try_from(number.raw().checked_sub(1)?).ok()
}
