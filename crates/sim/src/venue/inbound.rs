//! Reads what members send: one place where fields become requests.
//!
//! Which message types and fields a version has is for its dictionary. A term that the dictionary
//! allows and this venue does not know refuses the order (FIX 39=8), never the message.

use ringfence_fix::codec::{FieldError, Message};
use ringfence_fix::tag::{self, Tag};
use ringfence_kernel::types::{Name, OrdType, Price, Qty, Side, Text, TimeInForce, WireId};

use super::input::{
    Asked, DontKnow, MarketDataRequest, SessionRequest, StatusRequest, Subscription,
};
use super::{fields, tags};
use crate::exchange::{
    CancelOrder, KeptTerms, MassCancel, MassScope, MassStatus, NewOrder, PortKind, ReplaceOrder,
    Request, Retail, StatusOf, Unsupported, UnsupportedOrder,
};

/// Most symbols of one request.
pub const SYMBOLS_MAX: usize = 500;

/// Why a message is answered with a business reject (FIX 35=j).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The venue has no such message (FIX 380=3).
    MessageType,
    /// A field is missing (FIX 380=5).
    Missing(Tag),
    /// A field has a value that this venue cannot take (FIX 380=0).
    Value(Tag),
}

impl Unreadable {
    pub(super) const fn reason(self) -> u16 {
        match self {
            Self::MessageType => 3,
            Self::Missing(_) => 5,
            Self::Value(_) => 0,
        }
    }
    pub(super) fn text(self) -> String {
        match self {
            Self::MessageType => "this venue does not take such messages".to_string(),
            Self::Missing(tag) => format!("field {tag} is missing"),
            Self::Value(tag) => format!("field {tag} has a value that this venue does not take"),
        }
    }
}

type Read<T> = Result<T, Unreadable>;

/// Returns what a message asks for.
pub(super) fn read(message: &Message<'_>, kind: PortKind) -> Read<Asked> {
    if message.msg_type() != b"D"
        && let Some(tag) = fields::not_taken(message)
    {
        return Err(Unreadable::Value(tag));
    }
    Ok(match message.msg_type() {
        b"D" => Asked::Orders(new_order(message)?),
        b"F" => Asked::Orders(Request::Cancel(CancelOrder {
            cl_ord_id: id(message, tag::CL_ORD_ID)?,
            orig_cl_ord_id: id(message, tag::ORIG_CL_ORD_ID)?,
            symbol: name(message, tag::SYMBOL)?,
            side: need_side(message)?,
        })),
        b"G" => Asked::Orders(Request::Replace(replace(message)?)),
        b"H" => Asked::Orders(Request::Status(StatusOf {
            cl_ord_id: id(message, tag::CL_ORD_ID)?,
            symbol: name(message, tag::SYMBOL)?,
            side: need_side(message)?,
        })),
        b"AF" => Asked::Orders(Request::MassStatus(MassStatus {
            id: id(message, tags::MASS_STATUS_REQ_ID)?,
            scope: mass_status_scope(message, kind)?,
        })),
        b"q" => Asked::Orders(Request::MassCancel(MassCancel {
            cl_ord_id: id(message, tag::CL_ORD_ID)?,
            scope: match message.get(tags::MASS_CANCEL_REQUEST_TYPE) {
                Some(b"1") => MassScope::Symbol(name(message, tag::SYMBOL)?),
                Some(b"6") => MassScope::Port,
                Some(b"7") => MassScope::Firm,
                other => return Err(absent_or_wrong(tags::MASS_CANCEL_REQUEST_TYPE, other)),
            },
        })),
        b"Q" => Asked::DontKnow(DontKnow {
            exec_id: id(message, tag::EXEC_ID)?,
            reason: name(message, tag::DK_REASON)?,
        }),
        b"V" => Asked::MarketData(market_data(message)?),
        b"e" => Asked::SecurityStatus(StatusRequest {
            id: id(message, tags::SECURITY_STATUS_REQ_ID)?,
            subscription: subscription(message)?,
            symbol: name(message, tag::SYMBOL)?,
            retail: message.get(tags::RETAIL_INTEREST).is_some(),
        }),
        b"g" => Asked::TradingSession(SessionRequest {
            id: id(message, tags::TRAD_SES_REQ_ID)?,
            subscription: subscription(message)?,
        }),
        _ => return Err(Unreadable::MessageType),
    })
}

fn new_order(message: &Message<'_>) -> Read<Request> {
    let cl_ord_id = id(message, tag::CL_ORD_ID)?;
    let symbol = name(message, tag::SYMBOL)?;
    let side = side_of(message);
    let read = match side {
        _ if fields::not_taken(message).is_some() => Err(Unsupported::Field),
        Some(side) => read_order(message, cl_ord_id, symbol, side),
        None => Err(Unsupported::Side),
    };
    Ok(match read {
        Ok(order) => Request::New(order),
        Err(why) => {
            let side = side.unwrap_or(Side::Buy);
            Request::Unsupported(UnsupportedOrder { cl_ord_id, symbol, side, why })
        }
    })
}

fn read_order(
    message: &Message<'_>,
    cl_ord_id: WireId,
    symbol: Name,
    side: Side,
) -> Result<NewOrder, Unsupported> {
    let number = |_: FieldError| Unsupported::Number;
    let shown = message.qty(tags::MAX_FLOOR).map_err(number)?;
    let displayed = message.qty(tags::DISPLAY_QTY).map_err(number)?;
    Ok(NewOrder {
        cl_ord_id,
        account: message.text(tag::ACCOUNT).and_then(Name::new),
        symbol,
        side,
        ord_type: ord_type(message).ok_or(Unsupported::OrdType)?,
        px: message.price(tag::PRICE).map_err(number)?,
        stop_px: message.price(tag::STOP_PX).map_err(number)?,
        qty: message.qty(tag::ORDER_QTY).map_err(number)?.ok_or(Unsupported::Number)?,
        time_in_force: message
            .get(tag::TIME_IN_FORCE)
            .map_or(Some(TimeInForce::Day), time_in_force)
            .ok_or(Unsupported::TimeInForce)?,
        expire_ts: message.utc(tag::EXPIRE_TIME).map_err(number)?,
        min_qty: message.qty(tags::MIN_QTY).map_err(number)?.filter(|qty| !qty.is_zero()),
        max_floor: shown.or(displayed),
        post_only: match message.get(tags::EXEC_INST) {
            None => false,
            Some(b"6") => true,
            Some(_) => return Err(Unsupported::ExecInst),
        },
        retail: match message.get(tags::RETAIL) {
            None => Retail::None,
            Some(b"P") => Retail::Interest,
            Some(b"1") => Retail::OrderType1,
            Some(b"2") => Retail::OrderType2,
            Some(b"3") => Retail::OrderType3,
            Some(_) => return Err(Unsupported::Retail),
        },
    })
}

fn replace(message: &Message<'_>) -> Read<ReplaceOrder> {
    let price = |tag: Tag| -> Read<Option<Price>> {
        message.price(tag).map_err(|_| Unreadable::Value(tag))
    };
    Ok(ReplaceOrder {
        cl_ord_id: id(message, tag::CL_ORD_ID)?,
        orig_cl_ord_id: id(message, tag::ORIG_CL_ORD_ID)?,
        symbol: name(message, tag::SYMBOL)?,
        side: need_side(message)?,
        ord_type: ord_type(message)
            .ok_or_else(|| absent_or_wrong(tag::ORD_TYPE, message.get(tag::ORD_TYPE)))?,
        px: price(tag::PRICE)?,
        stop_px: price(tag::STOP_PX)?,
        qty: quantity(message, tag::ORDER_QTY)?.ok_or(Unreadable::Missing(tag::ORDER_QTY))?,
        kept: KeptTerms {
            account: message.get(tag::ACCOUNT).map(|_| name(message, tag::ACCOUNT)).transpose()?,
            time_in_force: message
                .get(tag::TIME_IN_FORCE)
                .map(|value| time_in_force(value).ok_or(Unreadable::Value(tag::TIME_IN_FORCE)))
                .transpose()?,
            expire_ts: message
                .utc(tag::EXPIRE_TIME)
                .map_err(|_| Unreadable::Value(tag::EXPIRE_TIME))?,
            min_qty: quantity(message, tags::MIN_QTY)?.filter(|qty| !qty.is_zero()),
            max_floor: match quantity(message, tags::MAX_FLOOR)? {
                Some(shown) => Some(shown),
                None => quantity(message, tags::DISPLAY_QTY)?,
            },
        },
    })
}

fn quantity(message: &Message<'_>, tag: Tag) -> Read<Option<Qty>> {
    message.qty(tag).map_err(|_| Unreadable::Value(tag))
}

fn time_in_force(value: &[u8]) -> Option<TimeInForce> {
    Some(match value {
        b"0" => TimeInForce::Day,
        b"2" => TimeInForce::AtOpening,
        b"3" => TimeInForce::ImmediateOrCancel,
        b"4" => TimeInForce::FillOrKill,
        b"6" => TimeInForce::GoodTillDate,
        b"7" => TimeInForce::AtClose,
        _ => return None,
    })
}

/// Returns whose orders: a drop copy port asks for those of its firm.
fn mass_status_scope(message: &Message<'_>, kind: PortKind) -> Read<MassScope> {
    match message.get(tags::MASS_STATUS_REQ_TYPE) {
        Some(b"1") => name(message, tag::SYMBOL).map(MassScope::Symbol),
        Some(b"7") => Ok(match kind {
            PortKind::OrderEntry => MassScope::Port,
            PortKind::DropCopy => MassScope::Firm,
        }),
        other => Err(absent_or_wrong(tags::MASS_STATUS_REQ_TYPE, other)),
    }
}

fn market_data(message: &Message<'_>) -> Read<MarketDataRequest> {
    let asks_for = |entry: &[u8]| {
        message.fields().any(|(tag, value)| tag == tags::MD_ENTRY_TYPE && value == entry)
    };
    let symbols: Option<Vec<Name>> = message
        .fields()
        .filter(|(tag, _)| *tag == tag::SYMBOL)
        .map(|(_, value)| Name::from_bytes(value))
        .take(SYMBOLS_MAX + 1)
        .collect();
    let symbols = symbols.ok_or(Unreadable::Value(tag::SYMBOL))?;
    if symbols.is_empty() {
        return Err(Unreadable::Missing(tag::SYMBOL));
    }
    if symbols.len() > SYMBOLS_MAX {
        return Err(Unreadable::Value(tags::NO_RELATED_SYM));
    }
    let depth = message.number(tags::MARKET_DEPTH).ok().flatten().unwrap_or(0);
    Ok(MarketDataRequest {
        id: id(message, tags::MD_REQ_ID)?,
        subscription: subscription(message)?,
        depth: u32::try_from(depth).unwrap_or(u32::MAX),
        is_incremental: message.get(tags::MD_UPDATE_TYPE) == Some(b"1"),
        bids: asks_for(b"0"),
        asks: asks_for(b"1"),
        trades: asks_for(b"2"),
        symbols,
    })
}

fn subscription(message: &Message<'_>) -> Read<Subscription> {
    match message.get(tags::SUBSCRIPTION_REQUEST_TYPE) {
        Some(b"0") => Ok(Subscription::Snapshot),
        Some(b"1") => Ok(Subscription::Subscribe),
        Some(b"2") => Ok(Subscription::Unsubscribe),
        other => Err(absent_or_wrong(tags::SUBSCRIPTION_REQUEST_TYPE, other)),
    }
}

fn ord_type(message: &Message<'_>) -> Option<OrdType> {
    Some(match message.get(tag::ORD_TYPE)? {
        b"1" => OrdType::Market,
        b"2" => OrdType::Limit,
        b"3" => OrdType::Stop,
        b"4" => OrdType::StopLimit,
        _ => return None,
    })
}

fn side_of(message: &Message<'_>) -> Option<Side> {
    Some(match message.get(tag::SIDE)? {
        b"1" => Side::Buy,
        b"2" => Side::Sell,
        b"5" => Side::SellShort,
        b"6" => Side::SellShortExempt,
        _ => return None,
    })
}

fn need_side(message: &Message<'_>) -> Read<Side> {
    side_of(message).ok_or_else(|| absent_or_wrong(tag::SIDE, message.get(tag::SIDE)))
}

fn id(message: &Message<'_>, tag: Tag) -> Read<WireId> {
    text(message, tag)
}

fn name(message: &Message<'_>, tag: Tag) -> Read<Name> {
    text(message, tag)
}

fn text<const N: usize>(message: &Message<'_>, tag: Tag) -> Read<Text<N>> {
    let bytes = message.get(tag).ok_or(Unreadable::Missing(tag))?;
    Text::from_bytes(bytes).ok_or(Unreadable::Value(tag))
}

const fn absent_or_wrong(tag: Tag, found: Option<&[u8]>) -> Unreadable {
    match found {
        Some(_) => Unreadable::Value(tag),
        None => Unreadable::Missing(tag),
    }
}
