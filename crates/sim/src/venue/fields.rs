//! Which fields the venue takes in each message about orders: what it does not read may be an
//! instruction, and an order that drops one in silence is another order.

use ringfence_fix::codec::Message;
use ringfence_fix::tag::{self, Tag};
use ringfence_fix::terms;

use super::tags;

/// Returns the first field of a message about orders that is not taken there, or not with its
/// value. Other messages have none.
pub(super) fn not_taken(message: &Message<'_>) -> Option<Tag> {
    let is_taken = |tag: Tag, value: &[u8]| {
        if terms::is_transport(tag) || terms::is_remark(tag) {
            return true;
        }
        let number = tag.number();
        let is_of_order = terms::is_party(tag) || of_instrument(message, number, value);
        let is_of_terms = is_of_order || of_terms(message, number, value);
        match message.msg_type() {
            b"D" => is_of_terms || matches!(tag, tags::EXEC_INST | tags::RETAIL),
            b"G" => is_of_terms || matches!(number, 37 | 41),
            // How much is canceled is what is open.
            b"F" => is_of_order || matches!(number, 1 | 11 | 37 | 38 | 41 | 54),
            b"H" => is_of_order || matches!(number, 1 | 11 | 37 | 54 | 790),
            // A party would narrow it.
            b"AF" => of_instrument(message, number, value) || matches!(number, 584 | 585),
            b"q" => of_instrument(message, number, value) || matches!(number, 11 | 530),
            _ => true,
        }
    };
    message.fields().find(|(tag, value)| !is_taken(*tag, value)).map(|(tag, _)| tag)
}

/// The symbol names the instrument; an identifier may repeat it.
fn of_instrument(message: &Message<'_>, tag: u32, value: &[u8]) -> bool {
    match tag {
        55 | 106 | 107 | 348..=351 => true,
        48 => message.get(tag::SYMBOL) == Some(value),
        22 => value == b"8",
        167 => value == b"CS",
        _ => false,
    }
}

/// Terms of an order that are read, or may only say what holds anyway.
fn of_terms(message: &Message<'_>, tag: u32, value: &[u8]) -> bool {
    match tag {
        1 | 11 | 38 | 40 | 44 | 54 | 59 | 99 | 110 | 111 | 1138 => true,
        // An end belongs to a good-till-date order.
        126 => message.get(tag::TIME_IN_FORCE) == Some(b"6"),
        // HandlInst: automatic. SettlType: regular. LocateReqd: the member has located.
        21 => matches!(value, b"1" | b"2"),
        63 => value == b"0",
        114 => value == b"N",
        // In which capacity somebody acts: Rule80A, OrderCapacity, CustOrderCapacity.
        47 | 528 | 582 => true,
        _ => false,
    }
}
