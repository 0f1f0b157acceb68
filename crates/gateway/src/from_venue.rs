//! What venues say, as inputs of the kernel.

use ringfence_fix::codec::{FieldError, Message};
use ringfence_fix::tag::{self, Tag};
use ringfence_fix::terms;
use ringfence_kernel::input::VenueReport;
use ringfence_kernel::types::{ExecType, Name, Note, OrdStatus, WireId};

/// OrdRejReason of an order that the venue does not know (FIX 103).
const UNKNOWN_ORDER: &[u8] = b"5";

/// A field that keeps a message from meaning anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// The field.
    pub(super) tag: Tag,
    /// What is wrong with it.
    pub(super) why: &'static str,
}

impl core::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "field {}: {}", self.tag, self.why)
    }
}

impl From<FieldError> for Unreadable {
    fn from(error: FieldError) -> Self {
        use ringfence_kernel::types::NumberError;
        let why = match error.why {
            NumberError::NotDecimal => "not a plain decimal number or time",
            NumberError::TooFine => "more fraction digits than the unit holds",
            NumberError::OutOfRange => "outside its range",
        };
        Self { tag: error.tag, why }
    }
}

/// Returns the identifier of a field.
pub(super) fn wire_id(message: &Message<'_>, tag: Tag) -> Result<Option<WireId>, Unreadable> {
    let too_long = Unreadable { tag, why: "empty, longer than 47 bytes, or not printable" };
    match message.get(tag) {
        None => Ok(None),
        Some(value) => WireId::from_bytes(value).map(Some).ok_or(too_long),
    }
}

/// Returns the name of a field.
pub(super) fn name(message: &Message<'_>, tag: Tag) -> Result<Option<Name>, Unreadable> {
    let too_long = Unreadable { tag, why: "empty, longer than 31 bytes, or not printable" };
    match message.get(tag) {
        None => Ok(None),
        Some(value) => Name::from_bytes(value).map(Some).ok_or(too_long),
    }
}

/// Returns the text of a field (FIX 58), shortened.
pub(super) fn note(message: &Message<'_>) -> Option<Note> {
    message.text(tag::TEXT).filter(|text| !text.is_empty()).map(Note::clipped)
}

/// Returns whether a report says that the venue does not know the order that was asked about.
pub(super) fn is_unknown_order(message: &Message<'_>, report: &VenueReport) -> bool {
    report.exec_type == ExecType::OrderStatus
        && report.ord_status == Some(OrdStatus::Rejected)
        && message.get(tag::ORD_REJ_REASON) == Some(UNKNOWN_ORDER)
}

/// Returns an execution report (FIX 35=8) of `venue`.
///
/// A status answer often carries the ExecID 0; `status_exec_id` stands for it, so that the next
/// answer is not taken for a repeated one.
pub(super) fn report(
    venue: Name,
    message: &Message<'_>,
    status_exec_id: impl FnOnce() -> WireId,
) -> Result<VenueReport, Unreadable> {
    let wrong = |tag, why| Unreadable { tag, why };
    let code = message.get(tag::EXEC_TYPE).unwrap_or_default();
    let exec_type = terms::exec_type(code, message.get(tag::EXEC_TRANS_TYPE));
    let exec_type = exec_type.ok_or(wrong(tag::EXEC_TYPE, "no kind of report that is known"))?;
    // A report without our identifier is an orphan; the venue's own says which.
    let named = match wire_id(message, tag::CL_ORD_ID)? {
        Some(id) => Some(id),
        None => wire_id(message, tag::ORDER_ID)?,
    };
    let cl_ord_id = named.ok_or(wrong(tag::CL_ORD_ID, "absent, and no OrderID either"))?;
    let exec_id = if exec_type == ExecType::OrderStatus {
        status_exec_id()
    } else {
        wire_id(message, tag::EXEC_ID)?.ok_or(wrong(tag::EXEC_ID, "absent"))?
    };
    let ord_status = message.get(tag::ORD_STATUS).and_then(terms::ord_status);
    let is_fill = matches!(exec_type, ExecType::Trade | ExecType::TradeCorrect);
    let filled = |qty: Option<_>| qty.filter(|_| is_fill);
    Ok(VenueReport {
        venue,
        cl_ord_id,
        exec_id,
        exec_type,
        exec_ref_id: wire_id(message, tag::EXEC_REF_ID)?,
        ord_status,
        last_qty: filled(message.qty(tag::LAST_QTY)?),
        last_px: message.price(tag::LAST_PX)?.filter(|_| is_fill),
        order_qty: message.qty(tag::ORDER_QTY)?,
        cum_qty: message.qty(tag::CUM_QTY)?,
        symbol: name(message, tag::SYMBOL)?,
        side: message.get(tag::SIDE).and_then(terms::side),
        text: note(message),
    })
}
