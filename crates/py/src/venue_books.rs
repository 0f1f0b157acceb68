//! What a simulated venue has on its books, for people and auditors: totals, orders, trades.
//!
//! Read only, and in pages: no answer holds more than [`PAGE_ROWS_MAX`] rows. Decimals are text,
//! quantities and numbers are integers.

use ringfence_sim::book::FastBook;
use ringfence_sim::exchange::{
    Exchange, Execution, InstrumentIndex, LiquidityFlag, Order, PortId, Statement, Trade,
    TradeState,
};
use ringfence_sim::venue::Venue;
use serde_json::{Map, Value, json};

/// Most orders or trades of one page.
pub(crate) const PAGE_ROWS_MAX: usize = 10_000;

/// One look at the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// What each port has by the trades that stand, and how many rows there are.
    Statement,
    /// Orders behind a number.
    Orders(u64),
    /// Trades behind a number.
    Trades(u64),
}

impl Look {
    /// Returns the look called `name`; a statement has no pages.
    pub(crate) fn read(name: &str, after: u64) -> Option<Self> {
        match name {
            "statement" => Some(Self::Statement),
            "orders" => Some(Self::Orders(after)),
            "trades" => Some(Self::Trades(after)),
            _ => None,
        }
    }
    /// Returns what is seen.
    pub(crate) fn at(self, venue: &Venue<FastBook>) -> Value {
        let exchange = venue.exchange();
        match self {
            Self::Statement => statement(venue),
            Self::Orders(after) => {
                let found = exchange.orders_after(after).iter().take(PAGE_ROWS_MAX);
                Value::Array(found.map(|one| order(exchange, one)).collect())
            }
            Self::Trades(after) => {
                let found = exchange.ledger().trades_after(after).iter().take(PAGE_ROWS_MAX);
                Value::Array(found.map(|one| trade(venue, one)).collect())
            }
        }
    }
}

fn statement(venue: &Venue<FastBook>) -> Value {
    let exchange = venue.exchange();
    let statements = exchange.ledger().statements();
    let rows = statements.iter().map(|(port, one)| holding(exchange, *port, one));
    let trades = exchange.ledger().trades();
    let void = trades.iter().filter(|trade| trade.state == TradeState::Void).count();
    json!({
        "orders": exchange.orders_after(0).len(),
        "open_orders": exchange.open_orders().count(),
        "trades": trades.len(),
        "void_trades": void,
        "unknown_trades": venue.unknown_count(),
        "ports": rows.collect::<Vec<_>>(),
    })
}

/// Returns what a port has; the anonymous participant has no name.
fn holding(exchange: &Exchange<FastBook>, port: Option<PortId>, has: &Statement) -> Value {
    let units = has.units.iter();
    let units = units.map(|(at, units)| (symbol(exchange, *at), whole(*units)));
    json!({
        "port": port.map(|port| name(exchange, port)),
        "cash": has.cash.to_string(),
        "fees": has.fees.to_string(),
        "units": units.collect::<Map<_, _>>(),
    })
}

/// Returns a whole number, or its digits where JSON has none as large.
fn whole(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| number.to_string().into(), Value::from)
}

fn order(exchange: &Exchange<FastBook>, order: &Order) -> Value {
    let terms = &order.terms;
    json!({
        "order_id": order.number.raw(),
        "port": name(exchange, order.port),
        "cl_ord_id": terms.cl_ord_id.as_str(),
        "symbol": terms.symbol.as_str(),
        "side": terms.side.name(),
        "price": terms.px.map(|px| px.to_string()),
        "ord_status": order.status().name(),
        "order_qty": terms.qty.units(),
        "cum_qty": order.cum_qty.units(),
        "leaves_qty": order.leaves_qty.units(),
        "voided_qty": order.voided_qty.units(),
    })
}

fn trade(venue: &Venue<FastBook>, trade: &Trade) -> Value {
    let exchange = venue.exchange();
    let [buyer, seller] = trade.sides.map(|side| side.map(|side| execution(venue, &side)));
    json!({
        "trade_id": trade.number.raw(),
        "ts": trade.ts.nanos(),
        "symbol": symbol(exchange, trade.instrument),
        "px": trade.px.to_string(),
        "qty": trade.qty.units(),
        "void": trade.state == TradeState::Void,
        "buyer": buyer,
        "seller": seller,
    })
}

/// Returns a side of a trade; `unknown` is why its member does not know it (FIX 127).
fn execution(venue: &Venue<FastBook>, side: &Execution) -> Value {
    json!({
        "exec_id": side.exec.raw(),
        "order_id": side.order.raw(),
        "port": name(venue.exchange(), side.port),
        "unknown": venue.unknown_reason(side.exec).map(|reason| reason.to_string()),
        "fee": side.fee.to_string(),
        "liquidity": match side.liquidity {
            LiquidityFlag::Added => "added",
            LiquidityFlag::Removed => "removed",
            LiquidityFlag::Auction => "auction",
        },
    })
}

fn name(exchange: &Exchange<FastBook>, port: PortId) -> String {
    exchange.port_rules(port).map_or_else(String::new, |rules| rules.name.to_string())
}

fn symbol(exchange: &Exchange<FastBook>, at: InstrumentIndex) -> String {
    exchange.symbol(at).map_or_else(String::new, |symbol| symbol.to_string())
}
