//! What becomes of each field of a client's message: it is taken, held against what is known,
//! passed over because it instructs nothing, or refused.
//!
//! Fails closed: a field that is on no list here is refused by its tag, whatever the dictionary
//! allows, so no instruction is ever dropped in silence.

use ringfence_fix::codec::Message;
use ringfence_fix::tag::{self, Tag};
use ringfence_fix::terms;
use ringfence_kernel::state::order::Order;
use ringfence_kernel::state::{Day, State};
use ringfence_kernel::types::{Name, OrderId, Price};

use super::from_venue::Unreadable;
use super::to_client;

/// Time in force of an order that ends at a time (FIX 59=6).
const GOOD_TILL_DATE: &[u8] = b"6";

/// A message of a client, by what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A new order (FIX 35=D).
    Order,
    /// A change (FIX 35=G).
    Change,
    /// A cancel (FIX 35=F).
    Cancel,
    /// A question about an order (FIX 35=H).
    Status,
    /// A question about many (FIX 35=AF).
    MassStatus,
    /// A cancel of many (FIX 35=q).
    MassCancel,
}

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handling {
    /// It is read.
    Taken,
    /// It instructs nothing.
    PassedOver,
    /// It may say one of these.
    Only(&'static [&'static [u8]]),
    /// It must be the currency of the instrument.
    Currency,
    /// It must be the name of the instrument.
    Symbol,
    /// It must be the trade date.
    TradeDate,
    /// It is taken with a time in force that has an end.
    End,
    /// It is refused.
    Refused,
}

/// Returns what becomes of a field in a message.
const fn handling(kind: Kind, tag: Tag) -> Handling {
    if terms::is_transport(tag) || terms::is_remark(tag) {
        return Handling::PassedOver;
    }
    let tag = tag.number();
    match kind {
        Kind::Order => match tag {
            1 | 11 | 38 | 40 | 44 | 54 | 55 | 59 | 66 | 99 | 100 | 847 | 5700 => Handling::Taken,
            126 => Handling::End,
            _ => of_terms(tag),
        },
        Kind::Change => match tag {
            1 | 11 | 37 | 38 | 40 | 41 | 44 | 54 | 55 | 59 | 66 | 99 | 100 | 126 | 847 | 5700 => {
                Handling::Taken
            }
            _ => of_terms(tag),
        },
        Kind::Cancel => match tag {
            // How much is canceled is what is open, whatever a cancel says (FIX 38).
            38 => Handling::PassedOver,
            1 | 11 | 37 | 40 | 41 | 54 | 55 | 59 | 66 | 99 | 100 | 126 | 847 => Handling::Taken,
            _ => of_order(tag),
        },
        Kind::Status => match tag {
            1 | 11 | 37 | 54 | 55 | 790 => Handling::Taken,
            _ => of_order(tag),
        },
        Kind::MassStatus => match tag {
            55 | 584 | 585 => Handling::Taken,
            _ => of_instrument(tag),
        },
        Kind::MassCancel => match tag {
            11 | 55 | 530 => Handling::Taken,
            _ => of_instrument(tag),
        },
    }
}

/// Fields that describe an instrument.
const fn of_instrument(tag: u32) -> Handling {
    match tag {
        48 => Handling::Symbol,
        // SecurityIDSource: the symbol of the exchange.
        22 => Handling::Only(&[b"8"]),
        // SecurityType: common stock.
        167 => Handling::Only(&[b"CS"]),
        // Issuer and SecurityDesc, encoded or not.
        106 | 107 | 348..=351 => Handling::PassedOver,
        _ => Handling::Refused,
    }
}

/// Returns whether a field can be passed over by agreement with a client: it describes the
/// instrument that Symbol (FIX 55) names anyway, or FIX leaves it to the parties. None of these
/// can be a term of an order here.
pub const fn can_be_passed_over(tag: u32) -> bool {
    // SecurityIDSource, SecurityID, SecurityType, SecurityExchange, SecurityAltID, Product,
    // CFICode, SecuritySubType.
    let is_descriptor = matches!(tag, 22 | 48 | 167 | 207 | 454..=456 | 460 | 461 | 762);
    // User-defined, but the identifier of a locate.
    let is_user_defined = matches!(tag, 5_000..=9_999 | 20_000..=39_999) && tag != 5_700;
    is_descriptor || is_user_defined
}

/// Fields that go with an order and are no terms of it.
const fn of_order(tag: u32) -> Handling {
    match tag {
        _ if terms::is_party(Tag::new(tag)) => Handling::PassedOver,
        _ => of_instrument(tag),
    }
}

/// Fields of the terms of an order that may only say what holds anyway.
const fn of_terms(tag: u32) -> Handling {
    match tag {
        // HandlInst: automatic, with or without a broker who may step in.
        21 => Handling::Only(&[b"1", b"2"]),
        // SettlType: regular. ProcessCode: regular. QtyType: units. PriceType: by unit.
        63 | 81 | 854 => Handling::Only(&[b"0"]),
        423 => Handling::Only(&[b"2"]),
        // LocateReqd, ForexReq, CopyMsgIndicator.
        114 | 121 | 797 => Handling::Only(&[b"N"]),
        15 | 120 => Handling::Currency,
        75 => Handling::TradeDate,
        // TradeOriginationDate, PrevClosePx, SolicitedFlag.
        229 | 140 | 377 => Handling::PassedOver,
        _ => of_order(tag),
    }
}

/// Refuses a message with a field that is not taken or says something else than what holds;
/// `agreed` are the tags that are passed over by agreement with its client.
pub(super) fn check(
    state: &State,
    agreed: &[u32],
    kind: Kind,
    message: &Message<'_>,
) -> Result<(), Unreadable> {
    for (tag, value) in message.fields() {
        let why = match handling(kind, tag) {
            Handling::Taken | Handling::PassedOver => continue,
            _ if agreed.contains(&tag.number()) && can_be_passed_over(tag.number()) => continue,
            Handling::Only(values) if values.contains(&value) => continue,
            Handling::Only(_) => "a value that is not taken",
            Handling::Currency if is_currency(state, message, value) => continue,
            Handling::Currency => "not the currency of the instrument",
            Handling::Symbol if message.get(tag::SYMBOL) == Some(value) => continue,
            Handling::Symbol => "not the symbol of the instrument",
            Handling::TradeDate if is_trade_date(state, value) => continue,
            Handling::TradeDate => "not the trade date",
            Handling::End if message.get(tag::TIME_IN_FORCE) == Some(GOOD_TILL_DATE) => continue,
            Handling::End => "there, and the time in force has no end",
            Handling::Refused => "not taken here",
        };
        return Err(Unreadable { tag, why });
    }
    Ok(())
}

/// Returns whether a currency is that of the message's instrument; one that is not known is denied
/// with its own reason.
fn is_currency(state: &State, message: &Message<'_>, value: &[u8]) -> bool {
    let directory = &state.directory;
    let symbol = message.get(tag::SYMBOL).and_then(Name::from_bytes);
    let Some(id) = symbol.and_then(|name| directory.instruments.find(&name)) else { return true };
    let named = Name::from_bytes(value).and_then(|name| directory.currencies.find(&name));
    named == Some(directory.instruments.at(id).currency)
}

/// Returns whether a date `YYYYMMDD` is the trade date `YYYY-MM-DD`.
fn is_trade_date(state: &State, value: &[u8]) -> bool {
    match state.day {
        Day::Open(date) => {
            let digits = date.as_str().bytes().filter(u8::is_ascii_digit);
            digits.eq(value.iter().copied())
        }
        Day::Defining | Day::Closed(_) => false,
    }
}

/// Refuses a cancel, change or question that says something else of the order than what holds: it
/// is about another order, or asks for a change that is not offered.
pub(super) fn check_order(
    state: &State,
    id: OrderId,
    message: &Message<'_>,
) -> Result<(), Unreadable> {
    let order = state.orders.order(id);
    let differs = |(tag, value): &(Tag, &[u8])| differs(state, (id, order), message, (*tag, value));
    match message.fields().find(differs) {
        Some((tag, _)) => Err(Unreadable { tag, why: "not what the order has" }),
        None => Ok(()),
    }
}

fn differs(
    state: &State,
    (id, order): (OrderId, &Order),
    message: &Message<'_>,
    (tag, value): (Tag, &[u8]),
) -> bool {
    let directory = &state.directory;
    let other = |held: Option<&str>| held.map(str::as_bytes) != Some(value);
    match tag {
        tag::ACCOUNT => other(Some(directory.named_account(order.account).name.as_str())),
        tag::SYMBOL => other(Some(directory.named_instrument(order.symbol).name.as_str())),
        tag::SIDE => terms::side(value) != Some(order.side),
        tag::ORD_TYPE => terms::ord_type(value) != Some(order.ord_type),
        tag::TIME_IN_FORCE => terms::time_in_force(Some(value)) != Some(order.time_in_force),
        tag::ORDER_ID => {
            let held = to_client::order_id(state, id);
            other(held.as_ref().map(|held| held.as_str()))
        }
        tag::EX_DESTINATION => {
            let held = order.venue.map(|venue| directory.named_venue(venue).name);
            other(held.as_ref().map(|held| held.as_str()))
        }
        tag::TARGET_STRATEGY => other(Some(directory.named_strategy(order.strategy).name.as_str())),
        tag::LIST_ID => other(order.basket_id.get().as_ref().map(|held| held.as_str())),
        tag::LOCATE_ID => other(order.locate_id.get().as_ref().map(|held| held.as_str())),
        tag::STOP_PX => Price::parse_bytes(value).ok() != order.stop_px,
        tag::EXPIRE_TIME => message.utc(tag).ok().flatten() != order.expire_ts,
        _ => false,
    }
}
