//! Requests and events as short lines, so that a table reads like a tape.
//!
//! `buy 1 100 @10 hidden min=50`, `sell 2 30 market ioc`, `buy 3 10 stop=12 @13`, `cancel 1`,
//! `replace 1 80 @11`, `reduce 1 5`, `mode opening`, `band 9..11`, `uncross 10`, `due`.

use ringfence_kernel::types::{Price, Qty, Side, TimeInForce};
use ringfence_sim::book::{
    AuctionKind, Band, BookEvent, BookMode, BookOrder, BookOrderId, BookOrderKind, Cross, OwnerId,
    Priority, Replacement, Surplus, Visibility,
};

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Submit(BookOrder),
    Cancel(BookOrderId),
    Replace(BookOrderId, Replacement),
    Reduce(BookOrderId, Qty),
    Mode(BookMode),
    Band(Option<Band>),
    Uncross(Price),
    RunDue,
}

/// Returns a price written in a test.
pub(crate) fn px(text: &str) -> Price {
    Price::parse(text.trim_start_matches('@')).unwrap()
}

/// Returns a quantity written in a test.
pub(crate) fn qty(text: &str) -> Qty {
    Qty::new(text.parse().unwrap())
}

/// Returns an identifier written in a test.
pub(crate) fn id(text: &str) -> BookOrderId {
    BookOrderId::new(text.parse().unwrap())
}

/// Returns the request of a line.
pub(crate) fn call(line: &str) -> Call {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [side @ ("buy" | "sell" | "short"), number, amount, terms @ ..] => {
            Call::Submit(order(side, number, amount, terms))
        }
        ["cancel", number] => Call::Cancel(id(number)),
        ["replace", number, amount] => {
            Call::Replace(id(number), Replacement { qty: qty(amount), px: None })
        }
        ["replace", number, amount, limit] => {
            Call::Replace(id(number), Replacement { qty: qty(amount), px: Some(px(limit)) })
        }
        ["reduce", number, by] => Call::Reduce(id(number), qty(by)),
        ["mode", name] => Call::Mode(mode(name)),
        ["band", "off"] => Call::Band(None),
        ["band", range] => {
            let (lower, upper) = range.split_once("..").unwrap();
            Call::Band(Some(Band::new(px(lower), px(upper)).unwrap()))
        }
        ["uncross", reference] => Call::Uncross(px(reference)),
        ["due"] => Call::RunDue,
        other => panic!("no request: {other:?}"),
    }
}

fn mode(name: &str) -> BookMode {
    match name {
        "continuous" => BookMode::Continuous,
        "halted" => BookMode::Halted,
        "opening" => BookMode::Auction(AuctionKind::Opening),
        "closing" => BookMode::Auction(AuctionKind::Closing),
        "reopening" => BookMode::Auction(AuctionKind::Reopening),
        other => panic!("no mode: {other}"),
    }
}

fn order(side: &str, number: &str, amount: &str, terms: &[&str]) -> BookOrder {
    let mut order = BookOrder {
        id: id(number),
        owner: OwnerId::new(7),
        side: match side {
            "buy" => Side::Buy,
            "sell" => Side::Sell,
            _ => Side::SellShort,
        },
        kind: BookOrderKind::Market,
        time_in_force: TimeInForce::Day,
        qty: qty(amount),
        min_qty: None,
        visibility: Visibility::Displayed,
        post_only: false,
    };
    let (mut limit, mut stop) = (None, None);
    for term in terms {
        match term.split_once('=').unwrap_or((term, "")) {
            ("market", _) => {}
            ("ioc", _) => order.time_in_force = TimeInForce::ImmediateOrCancel,
            ("fok", _) => order.time_in_force = TimeInForce::FillOrKill,
            ("gtd", _) => order.time_in_force = TimeInForce::GoodTillDate,
            ("opening", _) => order.time_in_force = TimeInForce::AtOpening,
            ("closing", _) => order.time_in_force = TimeInForce::AtClose,
            ("hidden", _) => order.visibility = Visibility::Hidden,
            ("show", at_most) => order.visibility = Visibility::Reserve(qty(at_most)),
            ("min", least) => order.min_qty = Some(qty(least)),
            ("post", _) => order.post_only = true,
            ("stop", at) => stop = Some(px(at)),
            (at, _) if at.starts_with('@') => limit = Some(px(at)),
            other => panic!("no term: {other:?}"),
        }
    }
    order.kind = match (limit, stop) {
        (None, None) => BookOrderKind::Market,
        (Some(px), None) => BookOrderKind::Limit(px),
        (None, Some(stop_px)) => BookOrderKind::Stop(stop_px),
        (Some(px), Some(stop_px)) => BookOrderKind::StopLimit { stop_px, px },
    };
    order
}

/// Returns an event as a line; that an order was accepted goes without saying.
pub(crate) fn say(event: &BookEvent) -> Option<String> {
    Some(match event {
        BookEvent::Accepted { .. } => return None,
        BookEvent::Rejected { id, why, .. } => format!("rejected {id} {}", why.name()),
        BookEvent::Trade(trade) => {
            format!("{} takes {} {}@{}", trade.taker, trade.maker, trade.qty, trade.px)
        }
        BookEvent::Rested { id, px, leaves, displayed } if leaves == displayed => {
            format!("rests {id} {leaves}@{px}")
        }
        BookEvent::Rested { id, px, leaves, displayed } => {
            format!("rests {id} {displayed} of {leaves}@{px}")
        }
        BookEvent::Held { id, leaves } => format!("held {id} {leaves}"),
        BookEvent::Refreshed { id, displayed } => format!("refreshed {id} {displayed}"),
        BookEvent::Triggered { id } => format!("triggered {id}"),
        BookEvent::Replaced { id, leaves, priority: Priority::Kept, .. } => {
            format!("kept {id} {leaves}")
        }
        BookEvent::Replaced { id, leaves, priority: Priority::Lost, .. } => {
            format!("lost {id} {leaves}")
        }
        BookEvent::Reduced { id, leaves } => format!("reduced {id} {leaves}"),
        BookEvent::Repriced { id, px } => format!("repriced {id} @{px}"),
        BookEvent::Canceled { id, leaves, why } => {
            format!("canceled {id} {leaves} {}", why.name())
        }
    })
}

/// Returns the result of an auction as a line.
pub(crate) fn say_cross(cross: Option<Cross>) -> String {
    let Some(cross) = cross else { return "nothing".into() };
    let surplus = match cross.surplus {
        Surplus::Balanced => "balanced".into(),
        Surplus::Buy(qty) => format!("{qty} more to buy"),
        Surplus::Sell(qty) => format!("{qty} more to sell"),
    };
    format!("{}@{}, {surplus}", cross.qty, cross.px)
}
