//! How the terms of orders and reports are written in each version of FIX.
//!
//! One table for both ends of every session: the gateway towards clients and venues, and the
//! simulated venue. What a version cannot say is `None`, and the caller refuses it by name.

use ringfence_kernel::types::{ExecType, OrdStatus, OrdType, Side, TimeInForce};

pub use crate::dict::Version;
use crate::tag::Tag;

/// Returns whether a field is of header or trailer; encrypted and embedded messages (FIX 90, 91,
/// 212, 213) are not among them.
pub const fn is_transport(tag: Tag) -> bool {
    matches!(
        tag.number(),
        8 | 9 | 10 | 34 | 35 | 43 | 49 | 50 | 52 | 56 | 57 | 89 | 93 | 97 | 115 | 116 | 122 | 128
            | 129 | 142..=145 | 347 | 369 | 370 | 627..=630 | 1128 | 1129 | 1156
    )
}

/// Returns whether a field instructs nothing in any message about orders: Text, TransactTime,
/// ComplianceID, further identifiers, when it was said first.
pub const fn is_remark(tag: Tag) -> bool {
    matches!(tag.number(), 58 | 60 | 354 | 355 | 376 | 526 | 583 | 586)
}

/// Returns whether a field says who is behind an order: parties, before they existed ClientID, and
/// AcctIDSource.
pub const fn is_party(tag: Tag) -> bool {
    matches!(tag.number(), 109 | 447 | 448 | 452 | 453 | 523 | 660 | 802 | 803 | 2376)
}

/// Returns the code of a side (FIX 54).
pub const fn side_code(side: Side) -> &'static str {
    match side {
        Side::Buy => "1",
        Side::Sell => "2",
        Side::SellShort => "5",
        Side::SellShortExempt => "6",
    }
}

/// Returns the side of a code (FIX 54).
pub fn side(code: &[u8]) -> Option<Side> {
    match code {
        b"1" => Some(Side::Buy),
        b"2" => Some(Side::Sell),
        b"5" => Some(Side::SellShort),
        b"6" => Some(Side::SellShortExempt),
        _ => None,
    }
}

/// Returns the code of an order type (FIX 40).
pub const fn ord_type_code(ord_type: OrdType) -> &'static str {
    match ord_type {
        OrdType::Market => "1",
        OrdType::Limit => "2",
        OrdType::Stop => "3",
        OrdType::StopLimit => "4",
    }
}

/// Returns the order type of a code (FIX 40).
pub fn ord_type(code: &[u8]) -> Option<OrdType> {
    match code {
        b"1" => Some(OrdType::Market),
        b"2" => Some(OrdType::Limit),
        b"3" => Some(OrdType::Stop),
        b"4" => Some(OrdType::StopLimit),
        _ => None,
    }
}

/// Returns the code of a time in force (FIX 59).
pub const fn time_in_force_code(time_in_force: TimeInForce) -> &'static str {
    match time_in_force {
        TimeInForce::Day => "0",
        TimeInForce::AtOpening => "2",
        TimeInForce::ImmediateOrCancel => "3",
        TimeInForce::FillOrKill => "4",
        TimeInForce::GoodTillDate => "6",
        TimeInForce::AtClose => "7",
    }
}

/// Returns the time in force of a code (FIX 59); absent means day.
pub fn time_in_force(code: Option<&[u8]>) -> Option<TimeInForce> {
    match code {
        None | Some(b"0") => Some(TimeInForce::Day),
        Some(b"2") => Some(TimeInForce::AtOpening),
        Some(b"3") => Some(TimeInForce::ImmediateOrCancel),
        Some(b"4") => Some(TimeInForce::FillOrKill),
        Some(b"6") => Some(TimeInForce::GoodTillDate),
        Some(b"7") => Some(TimeInForce::AtClose),
        Some(_) => None,
    }
}

/// Returns the code of a status (FIX 39); an order in doubt is told as pending, never as ended.
pub const fn ord_status_code(status: OrdStatus) -> &'static str {
    match status {
        OrdStatus::New => "0",
        OrdStatus::PartiallyFilled => "1",
        OrdStatus::Filled => "2",
        OrdStatus::DoneForDay => "3",
        OrdStatus::Canceled => "4",
        OrdStatus::PendingCancel => "6",
        OrdStatus::Rejected => "8",
        OrdStatus::Suspended => "9",
        OrdStatus::PendingNew | OrdStatus::InDoubt => "A",
        OrdStatus::Expired => "C",
        OrdStatus::PendingReplace => "E",
    }
}

/// Returns the status of a code (FIX 39); 5, replaced, says no more than that the order is open.
pub fn ord_status(code: &[u8]) -> Option<OrdStatus> {
    match code {
        b"0" | b"5" => Some(OrdStatus::New),
        b"1" => Some(OrdStatus::PartiallyFilled),
        b"2" => Some(OrdStatus::Filled),
        b"3" => Some(OrdStatus::DoneForDay),
        b"4" => Some(OrdStatus::Canceled),
        b"6" => Some(OrdStatus::PendingCancel),
        b"8" => Some(OrdStatus::Rejected),
        b"9" => Some(OrdStatus::Suspended),
        b"A" => Some(OrdStatus::PendingNew),
        b"C" => Some(OrdStatus::Expired),
        b"E" => Some(OrdStatus::PendingReplace),
        _ => None,
    }
}

/// How a report says what it is: ExecType (FIX 150) and, in FIX 4.2, ExecTransType (FIX 20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportCodes {
    /// ExecType (FIX 150).
    pub exec_type: &'static str,
    /// ExecTransType (FIX 20), where the version has one.
    pub exec_trans_type: Option<&'static str>,
}

/// Returns the codes of a report of `exec_type` about an order in `status`.
///
/// FIX 4.2 says a fill by the status (1 or 2), a bust and a correction by ExecTransType 1 and 2,
/// an answer to a status request by 3.
pub const fn report_codes(version: Version, exec_type: ExecType, status: OrdStatus) -> ReportCodes {
    let plain = match exec_type {
        ExecType::New => "0",
        ExecType::DoneForDay => "3",
        ExecType::Canceled => "4",
        ExecType::Replaced => "5",
        ExecType::PendingCancel => "6",
        ExecType::Rejected => "8",
        ExecType::Suspended => "9",
        ExecType::PendingNew => "A",
        ExecType::Expired => "C",
        ExecType::Restated => "D",
        ExecType::PendingReplace => "E",
        ExecType::Trade => "F",
        ExecType::TradeCorrect => "G",
        ExecType::TradeCancel => "H",
        ExecType::OrderStatus => "I",
    };
    if !version.has_exec_trans_type() {
        return ReportCodes { exec_type: plain, exec_trans_type: None };
    }
    let by_status = ord_status_code(status);
    let (exec_type, exec_trans_type) = match exec_type {
        ExecType::Trade => (if matches!(status, OrdStatus::Filled) { "2" } else { "1" }, "0"),
        ExecType::TradeCancel => (by_status, "1"),
        ExecType::TradeCorrect => (by_status, "2"),
        ExecType::OrderStatus => (by_status, "3"),
        ExecType::New
        | ExecType::DoneForDay
        | ExecType::Canceled
        | ExecType::Replaced
        | ExecType::PendingCancel
        | ExecType::Rejected
        | ExecType::Suspended
        | ExecType::PendingNew
        | ExecType::Expired
        | ExecType::Restated
        | ExecType::PendingReplace => (plain, "0"),
    };
    ReportCodes { exec_type, exec_trans_type: Some(exec_trans_type) }
}

/// Returns what a report with these codes says, `None` for a code that is not known.
pub fn exec_type(exec_type: &[u8], exec_trans_type: Option<&[u8]>) -> Option<ExecType> {
    match exec_trans_type {
        Some(b"1") => return Some(ExecType::TradeCancel),
        Some(b"2") => return Some(ExecType::TradeCorrect),
        Some(b"3") => return Some(ExecType::OrderStatus),
        None | Some(b"0") => {}
        Some(_) => return None,
    }
    match exec_type {
        b"0" => Some(ExecType::New),
        b"1" | b"2" | b"F" => Some(ExecType::Trade),
        b"3" => Some(ExecType::DoneForDay),
        b"4" => Some(ExecType::Canceled),
        b"5" => Some(ExecType::Replaced),
        b"6" => Some(ExecType::PendingCancel),
        b"8" => Some(ExecType::Rejected),
        b"9" => Some(ExecType::Suspended),
        b"A" => Some(ExecType::PendingNew),
        b"C" => Some(ExecType::Expired),
        b"D" => Some(ExecType::Restated),
        b"E" => Some(ExecType::PendingReplace),
        b"G" => Some(ExecType::TradeCorrect),
        b"H" => Some(ExecType::TradeCancel),
        b"I" => Some(ExecType::OrderStatus),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSIONS: [Version; 3] = [Version::Fix42, Version::Fix44, Version::Fixt11];

    /// FIX 150, 20: what one end writes, the other end reads as the same, in every version.
    #[test]
    fn reports_read_as_they_were_written() {
        for version in VERSIONS {
            assert_eq!(Some(version), Version::of(version.begin_string()));
            for meant in ExecType::ALL {
                let codes = report_codes(version, *meant, OrdStatus::PartiallyFilled);
                let trans = codes.exec_trans_type.map(str::as_bytes);
                assert_eq!(
                    Some(*meant),
                    exec_type(codes.exec_type.as_bytes(), trans),
                    "{version:?}"
                );
            }
        }
    }

    /// FIX 54, 40, 59, 39: every term has one code and comes back.
    #[test]
    fn terms_come_back() {
        for meant in Side::ALL {
            assert_eq!(Some(*meant), side(side_code(*meant).as_bytes()));
        }
        for meant in OrdType::ALL {
            assert_eq!(Some(*meant), ord_type(ord_type_code(*meant).as_bytes()));
        }
        for meant in TimeInForce::ALL {
            let code = time_in_force_code(*meant).as_bytes();
            assert_eq!(Some(*meant), time_in_force(Some(code)));
        }
        for meant in OrdStatus::ALL.iter().filter(|status| **status != OrdStatus::InDoubt) {
            assert_eq!(Some(*meant), ord_status(ord_status_code(*meant).as_bytes()));
        }
    }

    /// R13: a code that is not known is nothing, and never a default.
    #[test]
    fn unknown_codes_are_nothing() {
        assert_eq!(None, side(b"9"));
        assert_eq!(None, ord_type(b"P"));
        assert_eq!(None, time_in_force(Some(b"1")));
        assert_eq!(None, ord_status(b"Z"));
        assert_eq!(None, exec_type(b"Z", None));
        assert_eq!(None, exec_type(b"0", Some(b"9")));
    }
}
