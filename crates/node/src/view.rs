//! The state as plain values for people: orders, positions, exposure, limits, sources.
//!
//! Read only. Decimals are text, quantities and identifiers are integers, as in events.

use std::collections::BTreeMap;

use ringfence_kernel::limit::{Amount, Limit, LimitKey};
use ringfence_kernel::state::State;
use ringfence_kernel::state::order::{Bucket, Child, Order};
use ringfence_kernel::state::position::{FillState, Row, TwoSided};
use ringfence_kernel::state::usage::Exposure;
use ringfence_kernel::types::{AccountId, ChildId, InstrumentId, OrderId};
use serde_json::{Value, json};

/// Returns a parent order with its buckets and everything derived from them.
pub fn order(state: &State, id: OrderId, order: &Order) -> Value {
    let directory = &state.directory;
    let bucket = |bucket| order.buckets.get(bucket).units();
    let children: Vec<u64> = state.orders.children_of(id).map(ChildId::raw).collect();
    json!({
        "order_id": id.raw(),
        "session": directory.named_session(order.session).name.as_str(),
        "cl_ord_id": order.cl_ord_id.as_str(),
        "account": directory.named_account(order.account).name.as_str(),
        "strategy": directory.named_strategy(order.strategy).name.as_str(),
        "symbol": directory.named_instrument(order.symbol).name.as_str(),
        "side": order.side.name(),
        "ord_type": order.ord_type.name(),
        "time_in_force": order.time_in_force.name(),
        "price": order.price.map(|px| px.to_string()),
        "stop_px": order.stop_px.map(|px| px.to_string()),
        "origin": order.origin.name(),
        "ord_status": order.status().name(),
        "order_qty": order.order_qty.units(),
        "cum_qty": order.cum_qty().units(),
        "leaves_qty": order.leaves_qty().units(),
        "cxl_qty": bucket(Bucket::Canceled),
        "buckets": {
            "unrouted": bucket(Bucket::Unrouted),
            "reserved": bucket(Bucket::Reserved),
            "working": bucket(Bucket::Working),
            "in_doubt": bucket(Bucket::InDoubt),
            "filled": bucket(Bucket::Filled),
            "canceled": bucket(Bucket::Canceled),
        },
        "child_count": order.child_count,
        "message_count": order.message_count,
        "children": children,
    })
}

/// Returns a child order with its status.
pub fn child(state: &State, id: ChildId, child: &Child) -> Value {
    let directory = &state.directory;
    let wire = ringfence_kernel::clearance::wire_id(state, id, child.live_version);
    json!({
        "child_id": id.raw(),
        "order_id": child.order_id.raw(),
        "cl_ord_id": wire.map(|id| id.to_string()),
        "account": directory.named_account(child.account).name.as_str(),
        "venue": directory.named_venue(child.venue).name.as_str(),
        "symbol": directory.named_instrument(child.symbol).name.as_str(),
        "side": child.side.name(),
        "ord_type": child.ord_type.name(),
        "price": child.price.map(|px| px.to_string()),
        "ord_status": child.status().name(),
        "qty": child.qty.units(),
        "cum_qty": child.cum_qty.units(),
        "leaves_qty": child.leaves_qty().units(),
        "sent_ts": child.sent_ts.nanos(),
    })
}

/// Returns every position row: accounts, and the sums of desks and the firm.
pub fn positions(state: &State) -> Vec<Value> {
    state.positions.rows().map(|row| position(state, row)).collect()
}

fn position(state: &State, row: &Row) -> Value {
    let instrument = state.directory.instruments.at(row.symbol);
    let book = state.positions.book_of(row);
    let holding = book.map(|book| book.holding).unwrap_or_default();
    let average = holding.average_px(instrument.multiplier);
    json!({
        "account": state.directory.named_account(row.account).name.as_str(),
        "symbol": instrument.symbol.as_str(),
        "aggregate": book.is_none(),
        "qty": row.qty,
        "confirmed": row.confirmed_qty(),
        "provisional": two_sided(row.provisional),
        "disputed": two_sided(row.disputed),
        "unknown": two_sided(row.in_doubt),
        "sellable": row.sellable_qty(),
        "open_buy": row.open_buy.units(),
        "open_sell": row.open_sell.units(),
        "traded_qty": row.traded_qty.units(),
        "average_px": average.map(|px| px.to_string()),
        "cost": holding.cost.to_string(),
        "realised": holding.realised.to_string(),
        "unrealised": book.map(|book| book.unrealised).unwrap_or_default().to_string(),
    })
}

fn two_sided(part: TwoSided) -> Value {
    json!({ "bought": part.bought.units(), "sold": part.sold.units() })
}

/// Returns the totals of every account of the tree, base currency.
pub fn exposures(state: &State) -> Vec<Value> {
    let accounts = state.directory.accounts.iter();
    accounts
        .map(|(id, account)| {
            let total = state.usage.at(id).exposure;
            json!({
                "account": account.name.as_str(),
                "open_buy": total.open_buy.to_string(),
                "open_sell": total.open_sell.to_string(),
                "gross": total.gross.to_string(),
                "net": total.net.to_string(),
                "gross_notional": total.gross_notional().to_string(),
                "net_notional": total.net_notional().to_string(),
                "open_order_count": total.open_order_count,
                "daily_notional": total.daily_notional.to_string(),
                "daily_qty": total.daily_qty.units(),
                "daily_count": total.daily_count,
                "realised": total.realised.to_string(),
                "unrealised": total.unrealised.to_string(),
            })
        })
        .collect()
}

/// Returns every limit that holds for an account (and an instrument), beside how far it is used.
pub fn limits(state: &State, account: AccountId, symbol: Option<InstrumentId>) -> Vec<Value> {
    let directory = &state.directory;
    let mut rows = Vec::new();
    for id in directory.accounts.at(account).path.iter() {
        let node = directory.accounts.at(*id);
        for key in LimitKey::ALL {
            let used = used(state, *id, symbol, *key);
            rows.push(limit(state, ("account", node.name.as_str()), node.limits, *key, used));
        }
    }
    if let Some(symbol) = symbol {
        let instrument = directory.instruments.at(symbol);
        for key in LimitKey::ALL.iter().filter(|key| key.is_per_instrument()) {
            let scope = ("symbol", instrument.symbol.as_str());
            rows.push(limit(state, scope, instrument.limits, *key, None));
        }
    }
    rows
}

fn limit(
    state: &State,
    (scope_kind, scope): (&str, &str),
    set: ringfence_kernel::types::SetId,
    key: LimitKey,
    used: Option<i128>,
) -> Value {
    let bound = state.directory.bound(set, key);
    let value = bound.map(|bound| match bound.limit {
        Limit::Unlimited => "UNLIMITED".to_string(),
        Limit::At(value) => Amount::of(key, value).to_string(),
    });
    let level = bound.zip(used).map(|(bound, used)| bound.level(used).name());
    json!({
        "scope_kind": scope_kind,
        "scope": scope,
        "limit": key.name(),
        "unit": key.unit().name(),
        "value": value,
        "warn_bps": bound.map(|bound| bound.warn.get()),
        "restrict_bps": bound.map(|bound| bound.restrict.get()),
        "used": used.map(|used| Amount::of(key, used).to_string()),
        "level": level,
    })
}

/// Returns how far a running limit is used; `None` for limits of a single order.
fn used(state: &State, id: AccountId, symbol: Option<InstrumentId>, key: LimitKey) -> Option<i128> {
    let total: &Exposure = &state.usage.at(id).exposure;
    let row = symbol.and_then(|symbol| state.positions.row(id, symbol));
    let result = total.result().nanos();
    match key {
        LimitKey::OpenOrderCount => Some(i128::from(total.open_order_count)),
        LimitKey::PositionLong => row.map(|row| i128::from(row.worst_long())),
        LimitKey::PositionShort => row.map(|row| -i128::from(row.worst_short())),
        LimitKey::GrossNotional => Some(total.gross_notional().nanos()),
        LimitKey::NetNotional => Some(total.net_notional().nanos()),
        LimitKey::DailyNotional => Some(total.daily_notional.nanos()),
        LimitKey::DailyQty => Some(i128::from(total.daily_qty.units())),
        LimitKey::DailyCount => Some(i128::from(total.daily_count)),
        LimitKey::Loss => Some((-result).max(0)),
        LimitKey::LossRate => {
            let account = state.directory.accounts.at(id);
            let window = state.directory.bound(account.limits, LimitKey::LossWindow);
            let window_ns = match window.map(|bound| bound.limit) {
                Some(Limit::At(value)) => i64::try_from(value).unwrap_or(i64::MAX),
                Some(Limit::Unlimited) | None => i64::MAX,
            };
            Some(state.usage.recent_loss(id, state.now, window_ns).nanos())
        }
        LimitKey::OrderQty
        | LimitKey::OrderNotional
        | LimitKey::VolumeShareOrder
        | LimitKey::OutstandingShareOrder
        | LimitKey::PriceCollar
        | LimitKey::PriceDrift
        | LimitKey::DuplicateCount
        | LimitKey::DuplicateWindow
        | LimitKey::MessageCount
        | LimitKey::MessageDisableCount
        | LimitKey::MessageWindow
        | LimitKey::CancelReserveCount
        | LimitKey::RepeatCount
        | LimitKey::RepeatWindow
        | LimitKey::BasketNotional
        | LimitKey::LossWindow
        | LimitKey::VolumeShare
        | LimitKey::PriceMove
        | LimitKey::VolumeShareFloor
        | LimitKey::ParentChildCount
        | LimitKey::ParentNotional
        | LimitKey::ParentMessageCount
        | LimitKey::FlowQty
        | LimitKey::FlowNotional
        | LimitKey::FlowCount
        | LimitKey::FlowWindow => None,
    }
}

/// Returns where the executed units of an account and an instrument came from (R43).
///
/// One row per parent, strategy, session, node and build; fills nobody ordered have no parent.
pub fn sources(state: &State, account: AccountId, symbol: InstrumentId) -> Vec<Value> {
    let mut sums: BTreeMap<Option<OrderId>, [u64; 3]> = BTreeMap::new();
    for (_, fill) in state.positions.fills() {
        let inside = state.directory.accounts.at(fill.account).path.contains(&account);
        if !inside || fill.symbol != symbol || fill.state == FillState::Busted {
            continue;
        }
        let [bought, sold, count] = sums.entry(fill.order_id).or_default();
        *(if fill.side.is_buy() { bought } else { sold }) += fill.qty.units();
        *count += 1;
    }
    let gateway = state.directory.gateway.as_ref();
    let rows = sums.into_iter().map(|(order_id, [bought, sold, fills])| {
        let order = order_id.map(|id| state.orders.order(id));
        let strategy = order.map(|order| order.strategy);
        json!({
            "order_id": order_id.map(OrderId::raw),
            "cl_ord_id": order.map(|order| order.cl_ord_id.as_str()),
            "strategy": strategy.map(|id| state.directory.named_strategy(id).name.to_string()),
            "session": order.map(|order| {
                state.directory.named_session(order.session).name.to_string()
            }),
            "node": gateway.map(|gateway| gateway.node.as_str()),
            "build": gateway.map(|gateway| gateway.build.as_str()),
            "bought": bought,
            "sold": sold,
            "fill_count": fills,
        })
    });
    rows.collect()
}

/// Returns every scope that was touched, with its state, latch and halt.
pub fn scopes(state: &State) -> Vec<Value> {
    let rows = state.control.scopes.rows().into_iter();
    rows.map(|(scope, row)| {
        json!({
            "scope_kind": scope.kind.name(),
            "scope": row.name.as_str(),
            "state": row.state.name(),
            "in_force": row.in_force().name(),
            "latch": row.latch.map(|latch| latch.reason.name()),
            "rearm_count": row.rearm_count,
            "awaited": row.awaited,
        })
    })
    .collect()
}

/// Returns, per venue and instrument, the venue's net units beside those of our fills (I13).
pub fn zero_sum(state: &State) -> Vec<Value> {
    let mut booked = BTreeMap::new();
    for (_, fill) in state.positions.fills() {
        if fill.state != FillState::Busted {
            *booked.entry((fill.venue, fill.symbol)).or_insert(0_i64) += fill.signed_units();
        }
    }
    let totals = state.venues.totals().into_iter();
    totals
        .map(|((venue, symbol), net)| {
            let ours = booked.get(&(venue, symbol)).copied().unwrap_or(0);
            json!({
                "venue": state.directory.named_venue(venue).name.as_str(),
                "symbol": state.directory.named_instrument(symbol).name.as_str(),
                "venue_net_qty": net,
                "booked_net_qty": ours,
                "difference": net - ours,
            })
        })
        .collect()
}
