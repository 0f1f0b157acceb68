//! Writes what the exchange says, in the version of FIX of each session.

use core::fmt::{self, Display};

use ringfence_fix::codec::Body;
use ringfence_fix::dict::Version;
use ringfence_fix::{tag, terms};
use ringfence_kernel::types::{ExecType, Name, Note, OrdType, Side, TimeInForce, Ts, WireId};

use super::tags;
use super::wording::{Wording, cause_text, restatement, retail, retail_interest, session_status};
use crate::exchange::{
    CancelRejected, Last, MassCanceled, MassScope, Report, SecurityStatus, TradingSession,
};

/// An id that the venue gives: its prefix and a number.
#[derive(Clone, Copy)]
pub(super) struct VenueId(pub(super) Name, pub(super) u64);

impl Display for VenueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

/// How a message is written.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) version: Version,
    /// First part of the venue's ids.
    pub(super) prefix: Name,
    /// By how much the venue's clock is off.
    pub(super) offset_ns: i64,
    /// Whether it has the fields of the retail program.
    pub(super) has_retail: bool,
}

impl Style {
    pub(super) fn time(&self, ts: Ts) -> Ts {
        Ts::from_nanos(ts.nanos().saturating_add(self.offset_ns))
    }
    fn id(&self, number: Option<u64>, none: &str) -> String {
        match number {
            Some(number) => VenueId(self.prefix, number).to_string(),
            None => none.to_string(),
        }
    }
}

/// Returns an execution report (FIX 35=8).
pub(super) fn report(style: Style, report: &Report, is_copy: bool) -> Body {
    let version = style.version;
    let codes = terms::report_codes(version, report.exec_type, report.status);
    let mut body = Body::new();
    body.put(tag::ORDER_ID, style.id(report.order.map(|order| order.raw()), "NONE"))
        .put(tag::CL_ORD_ID, report.cl_ord_id)
        .put_some(tag::ORIG_CL_ORD_ID, report.orig_cl_ord_id)
        .put(tag::EXEC_ID, style.id(report.exec.map(|exec| exec.raw()), "0"))
        .put_some(tag::EXEC_TRANS_TYPE, codes.exec_trans_type)
        .put_some(tag::EXEC_REF_ID, report.exec_ref.map(|exec| VenueId(style.prefix, exec.raw())))
        .put(tag::EXEC_TYPE, codes.exec_type)
        .put(tag::ORD_STATUS, terms::ord_status_code(report.status))
        .put_some(tag::ORD_REJ_REASON, report.reason.map(|why| version.order_reject(why)))
        .put_some(tags::EXEC_RESTATEMENT_REASON, report.restated.map(restatement))
        .put_some(tag::ACCOUNT, report.account)
        .put(tag::SYMBOL, report.symbol)
        .put(tag::SIDE, side(report.side));
    if !report.qty.is_zero() {
        body.qty(tag::ORDER_QTY, report.qty);
    }
    body.put_some(tag::ORD_TYPE, report.ord_type.map(ord_type))
        .put_some(tag::PRICE, report.px)
        .put_some(tag::STOP_PX, report.stop_px)
        .put_some(tag::TIME_IN_FORCE, report.time_in_force.map(time_in_force));
    if let Some(end) = report.expire_ts {
        body.utc(tag::EXPIRE_TIME, end);
    }
    if let Some(last) = report.last {
        body.qty(tag::LAST_QTY, last.qty).price(tag::LAST_PX, last.px);
    }
    body.qty(tag::LEAVES_QTY, report.leaves_qty)
        .qty(tag::CUM_QTY, report.cum_qty)
        .price(tag::AVG_PX, report.avg_px)
        .utc(tag::TRANSACT_TIME, style.time(report.ts));
    if let Some(last) = report.last {
        put_fee(&mut body, version, last);
    }
    let why = report.reason.map(|why| Note::clipped(why.text()));
    body.put_some(tag::TEXT, report.text.or(why));
    if let (Some(mass), true) = (report.mass, version.is_later()) {
        // A mass status without orders has no report to number.
        let total = if report.order.is_some() { mass.total } else { 0 };
        body.put(tags::MASS_STATUS_REQ_ID, mass.id)
            .put(tags::TOT_NUM_REPORTS, total)
            .put(tags::LAST_RPT_REQUESTED, if mass.is_last { 'Y' } else { 'N' });
    }
    if style.has_retail {
        body.put_some(tags::RETAIL, retail(report.retail));
    }
    if is_copy && version.is_later() {
        body.put(tag::COPY_MSG_INDICATOR, 'Y');
    }
    body
}

/// Adds the fee: a group of one, or before it existed the commission as an amount.
fn put_fee(body: &mut Body, version: Version, last: Last) {
    if version.is_later() {
        // FIX 139=4: exchange fees.
        body.put(tags::NO_MISC_FEES, 1).put(tags::MISC_FEE_AMT, last.fee);
        body.put(tags::MISC_FEE_TYPE, 4);
        body.put_some(tags::LAST_LIQUIDITY_IND, version.liquidity(last.liquidity));
    } else {
        // FIX 13=3: absolute.
        body.put(tags::COMMISSION, last.fee).put(tags::COMM_TYPE, 3);
    }
}

/// Returns the refusal of a cancel or replace (FIX 35=9).
pub(super) fn cancel_rejected(style: Style, rejected: &CancelRejected) -> Body {
    let mut body = Body::new();
    let why = Note::clipped(rejected.reason.text());
    body.put(tag::ORDER_ID, style.id(rejected.order.map(|order| order.raw()), "NONE"))
        .put(tag::CL_ORD_ID, rejected.cl_ord_id)
        .put(tag::ORIG_CL_ORD_ID, rejected.orig_cl_ord_id)
        .put(tag::ORD_STATUS, terms::ord_status_code(rejected.status))
        .utc(tag::TRANSACT_TIME, style.time(rejected.ts))
        .put(tag::CXL_REJ_RESPONSE_TO, if rejected.is_replace { 2 } else { 1 })
        .put(tag::CXL_REJ_REASON, style.version.cancel_reject(rejected.reason))
        .put(tag::TEXT, why);
    body
}

/// Returns the answer to a mass cancel (FIX 35=r).
pub(super) fn mass_canceled(style: Style, done: &MassCanceled) -> Body {
    let code = match done.scope {
        MassScope::Symbol(_) => 1,
        MassScope::Port => 6,
        MassScope::Firm => 7,
    };
    let id = VenueId(style.prefix, done.exec.raw());
    let mut body = Body::new();
    body.put(tag::CL_ORD_ID, done.cl_ord_id).put(tag::ORDER_ID, id);
    if style.version.has_mass_report_id() {
        body.put(tags::MASS_ACTION_REPORT_ID, id);
    }
    body.put(tags::MASS_CANCEL_REQUEST_TYPE, code);
    match done.affected {
        Some(affected) => {
            body.put(tags::MASS_CANCEL_RESPONSE, code).put(tags::TOTAL_AFFECTED_ORDERS, affected);
        }
        // FIX 532=1: invalid or unknown security.
        None => {
            body.put(tags::MASS_CANCEL_RESPONSE, 0).put(tags::MASS_CANCEL_REJECT_REASON, 1);
        }
    }
    if let MassScope::Symbol(symbol) = done.scope {
        body.put(tag::SYMBOL, symbol);
    }
    body.utc(tag::TRANSACT_TIME, style.time(done.ts));
    body
}

/// Returns how an instrument trades (FIX 35=f), asked for or not.
pub(super) fn security_status(
    style: Style,
    request: Option<WireId>,
    status: &SecurityStatus,
) -> Body {
    let code = style.version.trading_status(status.phase, status.cause);
    let mut body = Body::new();
    body.put_some(tags::SECURITY_STATUS_REQ_ID, request)
        .put(tag::SYMBOL, status.symbol)
        .put(tags::UNSOLICITED_INDICATOR, if request.is_some() { 'N' } else { 'Y' })
        .put(tags::SECURITY_TRADING_STATUS, code)
        .put_some(tag::HALT_REASON, status.reason.map(|reason| style.version.halt_reason(reason)));
    if request.is_none() {
        // An event is over once it was told: the answer to a request tells of the state alone.
        body.put_some(tags::SECURITY_TRADING_EVENT, style.version.trading_event(status.cause));
    }
    body.utc(tag::TRANSACT_TIME, style.time(status.ts));
    if style.version.is_later() {
        let cause = cause_text(status.cause);
        let text = match status.band {
            Some((lower, upper)) => format!("{cause}, band {lower} to {upper}"),
            None => cause.to_string(),
        };
        body.put(tag::TEXT, text);
    }
    if style.has_retail {
        body.put_some(tags::RETAIL_INTEREST, status.interest.map(retail_interest));
    }
    body
}

/// Returns that no instrument has the name that was asked for (FIX 326=20).
pub(super) fn unknown_security(style: Style, request: WireId, symbol: Name, ts: Ts) -> Body {
    let mut body = Body::new();
    body.put(tags::SECURITY_STATUS_REQ_ID, request)
        .put(tag::SYMBOL, symbol)
        .put(tags::UNSOLICITED_INDICATOR, 'N')
        .put(tags::SECURITY_TRADING_STATUS, 20)
        .utc(tag::TRANSACT_TIME, style.time(ts));
    body
}

/// Returns in which part of its day the venue is (FIX 35=h), asked for or not.
pub(super) fn trading_session(
    style: Style,
    request: Option<WireId>,
    session: &TradingSession,
) -> Body {
    let name = session.name.unwrap_or_else(|| Name::clipped("CLOSED"));
    let mut body = Body::new();
    body.put_some(tags::TRAD_SES_REQ_ID, request);
    match style.version.session_codes(session.phase) {
        Some((id, sub_id)) => {
            body.put(tags::TRADING_SESSION_ID, id).put(tags::TRADING_SESSION_SUB_ID, sub_id);
        }
        None => {
            body.put(tags::TRADING_SESSION_ID, name);
        }
    }
    body.put(tags::UNSOLICITED_INDICATOR, if request.is_some() { 'N' } else { 'Y' })
        .put(tags::TRAD_SES_STATUS, session_status(session.phase))
        .put(tag::TEXT, name);
    body
}

/// Returns an announcement (FIX 35=B).
pub(super) fn news(text: Note) -> Body {
    let mut body = Body::new();
    body.put(tags::HEADLINE, text).put(tags::LINES_OF_TEXT, 1).put(tag::TEXT, text);
    body
}

/// Returns the refusal of a request for market data (FIX 35=Y).
pub(super) fn market_data_rejected(id: WireId, reason: char, text: &str) -> Body {
    let mut body = Body::new();
    body.put(tags::MD_REQ_ID, id).put(tags::MD_REQ_REJ_REASON, reason).put(tag::TEXT, text);
    body
}

/// Returns whether a report tells a fill.
pub(super) const fn is_fill(report: &Report) -> bool {
    matches!(report.exec_type, ExecType::Trade)
}

/// Returns the side on the wire (FIX 54).
pub(super) const fn side(side: Side) -> char {
    match side {
        Side::Buy => '1',
        Side::Sell => '2',
        Side::SellShort => '5',
        Side::SellShortExempt => '6',
    }
}

const fn ord_type(ord_type: OrdType) -> char {
    match ord_type {
        OrdType::Market => '1',
        OrdType::Limit => '2',
        OrdType::Stop => '3',
        OrdType::StopLimit => '4',
    }
}

const fn time_in_force(time_in_force: TimeInForce) -> char {
    match time_in_force {
        TimeInForce::Day => '0',
        TimeInForce::AtOpening => '2',
        TimeInForce::ImmediateOrCancel => '3',
        TimeInForce::FillOrKill => '4',
        TimeInForce::GoodTillDate => '6',
        TimeInForce::AtClose => '7',
    }
}
