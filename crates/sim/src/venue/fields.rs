//! Which fields the venue takes in each message about orders: what it does not read may be an
//! instruction, and an order that drops one in silence is another order.

use ringfence_fix::codec::Message;
use ringfence_fix::tag::{self, Tag};

use super::tags;

/// Returns the first field of a message about orders that is not taken there, or not with its
/// value. Other messages have none.
pub(super) fn not_taken(message: &Message<'_>) -> Option<Tag> {
    let is_taken = |tag: Tag, value: &[u8]| {
        let number = tag.number();
        if is_of_every_message(number) {
            return true;
        }
        match message.msg_type() {
            b"D" => {
                of_terms(message, number, value) || matches!(tag, tags::EXEC_INST | tags::RETAIL)
            }
            b"G" => of_terms(message, number, value) || matches!(number, 37 | 41),
            // How much is canceled is what is open.
            b"F" => {
                of_instrument(message, number, value)
                    || matches!(number, 1 | 11 | 37 | 38 | 41 | 54)
            }
            b"H" => {
                of_instrument(message, number, value) || matches!(number, 1 | 11 | 37 | 54 | 790)
            }
            b"AF" => of_instrument(message, number, value) || matches!(number, 584 | 585),
            b"q" => of_instrument(message, number, value) || matches!(number, 11 | 530),
            _ => true,
        }
    };
    message.fields().find(|(tag, value)| !is_taken(*tag, value)).map(|(tag, _)| tag)
}

/// Returns whether a field is the session's, or says nothing about an order: header, trailer,
/// parties, remarks, in which capacity somebody acts.
const fn is_of_every_message(tag: u32) -> bool {
    let is_transport = matches!(
        tag,
        8 | 9 | 10 | 34 | 35 | 43 | 49 | 50 | 52 | 56 | 57 | 89 | 93 | 97 | 115 | 116 | 122 | 128
            | 129 | 142..=145 | 347 | 369 | 370 | 627..=630 | 1128 | 1129 | 1156
    );
    let is_party = matches!(tag, 109 | 447 | 448 | 452 | 453 | 523 | 660 | 802 | 803 | 2376);
    let is_remark = matches!(tag, 47 | 58 | 60 | 354 | 355 | 376 | 526 | 528 | 582 | 583 | 586);
    is_transport || is_party || is_remark
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
        _ => of_instrument(message, tag, value),
    }
}
