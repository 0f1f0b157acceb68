//! Questions about many orders at once, and cancels of many.

use ringfence_fix::codec::{Body, Message};
use ringfence_fix::endpoint::{Context, SessionIndex};
use ringfence_fix::tag::{self, Tag};
use ringfence_fix::terms::Version;
use ringfence_kernel::input::{CancelOrder, StatusRequest};
use ringfence_kernel::reason::Reason;
use ringfence_kernel::types::{Name, OrderId, ScopeKind, WireId};

use super::Gateway;
use super::client_in::MassRequest;
use super::client_requests::Client;
use super::to_client;

/// Begins the identifier of a cancel that no client asked for by one of its own.
const OWN_CANCEL: &str = "CXL";

/// MassCancelRejectReason: invalid or unknown security (FIX 532).
const UNKNOWN_SECURITY: &str = "1";

/// The mass status request that a report answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mass {
    /// MassStatusReqID (FIX 584).
    id: WireId,
    /// Reports that answer it (FIX 911).
    count: usize,
    /// Whether it is the last of them (FIX 912).
    is_last: bool,
}

impl Mass {
    fn put(self, body: &mut Body) {
        body.put(tag::MASS_STATUS_REQ_ID, self.id)
            .put(tag::TOT_NUM_REPORTS, self.count)
            .code(tag::LAST_RPT_REQUESTED, if self.is_last { "Y" } else { "N" });
    }
}

/// What the question that is being answered is called by the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Inquiry {
    /// OrdStatusReqID (FIX 790).
    pub(super) id: Option<WireId>,
    /// The mass status request.
    pub(super) mass: Option<Mass>,
}

impl Inquiry {
    /// Puts what an answer repeats.
    pub(super) fn put(self, body: &mut Body) {
        body.text_some(tag::ORD_STATUS_REQ_ID, self.id);
        if let Some(mass) = self.mass {
            mass.put(body);
        }
    }
}

/// Returns the MassCancelRejectReason of a field (FIX 532): the kind of request is not offered, the
/// instrument of a request about one is not readable, anything else.
pub(super) fn mass_cancel_reason(message: &Message<'_>, field: Tag) -> &'static str {
    let of_instrument = message.get(tag::MASS_CANCEL_REQUEST_TYPE) == Some(b"1");
    match field {
        tag::MASS_CANCEL_REQUEST_TYPE => "0",
        tag::SYMBOL if of_instrument => UNKNOWN_SECURITY,
        _ => "99",
    }
}

/// Puts what every answer to a mass cancel has: which it answers, by the client's identifier.
fn put_mass_cancel(body: &mut Body, version: Version, message: &Message<'_>) {
    let field = |tag| message.get(tag).unwrap_or_default();
    let id = field(tag::CL_ORD_ID);
    body.raw(tag::ORDER_ID, id)
        .raw(tag::CL_ORD_ID, id)
        .raw(tag::MASS_CANCEL_REQUEST_TYPE, field(tag::MASS_CANCEL_REQUEST_TYPE));
    if version == Version::Fixt11 {
        body.raw(tag::MASS_ACTION_REPORT_ID, id);
    }
}

impl Gateway {
    /// Returns the open orders of a client that a mass request is about.
    fn open_orders_of(&self, session: &Name, symbol: Option<Name>) -> Vec<(OrderId, WireId)> {
        let state = self.kernel.state();
        let (Some(session), directory) = (state.directory.sessions.find(session), &state.directory)
        else {
            return Vec::new();
        };
        let wanted = symbol.map(|name| directory.instruments.find(&name));
        let open = state.orders.open_orders().filter_map(|id| {
            let order = state.orders.order(id);
            let is_it = wanted.is_none_or(|symbol| symbol == Some(order.symbol));
            (order.session == session && is_it).then_some((id, order.cl_ord_id))
        });
        open.collect()
    }
    /// Answers about every open order that a mass status request names, and says how many those
    /// are; none is an answer as well (FIX 584, 911, 912).
    pub(super) fn mass_status(
        &mut self,
        (session, name, version): Client,
        request: MassRequest,
        context: &mut dyn Context,
    ) {
        let open = self.open_orders_of(&name, request.symbol);
        if open.is_empty() {
            return self.tell_none_open((session, version), request, context);
        }
        for (at, (_, cl_ord_id)) in (1..).zip(&open) {
            let is_last = at == open.len();
            self.inquiry.mass = Some(Mass { id: request.id, count: open.len(), is_last });
            let input = StatusRequest { session: name, cl_ord_id: *cl_ord_id };
            self.step(&input.into(), Some(session), context);
        }
        self.inquiry = Inquiry::default();
    }
    /// Answers a mass status request about which nothing is open (FIX 150=I, 911=0).
    fn tell_none_open(
        &mut self,
        (session, version): (SessionIndex, Version),
        request: MassRequest,
        context: &mut dyn Context,
    ) {
        let number = self.kernel.state().step;
        let now = u64::try_from(context.now().nanos()).unwrap_or_default();
        let exec_id = WireId::clipped("M").with_numbers([number, now]);
        let exec_id = exec_id.unwrap_or_else(|| WireId::clipped("M"));
        let symbol = request.symbol.unwrap_or_else(|| Name::clipped("[N/A]"));
        let unknown = self.unknown_symbol(request.symbol);
        let reason = match &unknown {
            Some(text) => ("1", text.as_str()),
            None => ("5", "nothing is open"),
        };
        self.body.clear();
        to_client::put_none_open(&mut self.body, version, (exec_id, symbol), reason);
        Mass { id: request.id, count: 0, is_last: true }.put(&mut self.body);
        context.send(session, "8", &self.body);
    }
    /// Returns what is to say where a mass request names an instrument that nobody knows.
    fn unknown_symbol(&self, symbol: Option<Name>) -> Option<String> {
        let instruments = &self.kernel.state().directory.instruments;
        let unknown = symbol.filter(|name| instruments.find(name).is_none())?;
        Some(format!("{} at {} {unknown}", Reason::UnknownInstrument, ScopeKind::Symbol))
    }
    /// Cancels every open order that a mass cancel names and says how many (FIX 35=r).
    pub(super) fn mass_cancel(
        &mut self,
        client: Client,
        (message, request): (&Message<'_>, MassRequest),
        context: &mut dyn Context,
    ) {
        if let Some(text) = self.unknown_symbol(request.symbol) {
            let refusal = (UNKNOWN_SECURITY, text.as_str());
            return self.refuse_mass_cancel(client, message, refusal, context);
        }
        let (session, name, version) = client;
        let open = self.open_orders_of(&name, request.symbol);
        for (order_id, orig_cl_ord_id) in &open {
            self.cancel_for(name, (*order_id, *orig_cl_ord_id), Some(session), context);
        }
        self.body.clear();
        put_mass_cancel(&mut self.body, version, message);
        self.body
            .put(tag::MASS_CANCEL_RESPONSE, char::from(request.kind))
            .put(tag::TOTAL_AFFECTED_ORDERS, open.len());
        context.send(session, "r", &self.body);
    }
    /// Refuses a mass cancel as a whole (FIX 35=r, 531=0) with a reason (FIX 532).
    pub(super) fn refuse_mass_cancel(
        &mut self,
        (session, _, version): Client,
        message: &Message<'_>,
        (reason, text): (&str, &str),
        context: &mut dyn Context,
    ) {
        self.body.clear();
        put_mass_cancel(&mut self.body, version, message);
        self.body
            .put(tag::MASS_CANCEL_RESPONSE, 0)
            .put(tag::MASS_CANCEL_REJECT_REASON, reason)
            .put(tag::TEXT, text);
        context.send(session, "r", &self.body);
    }
    /// Cancels an order for a client who did not name it alone; the identifier is ours.
    fn cancel_for(
        &mut self,
        session: Name,
        (order_id, orig_cl_ord_id): (OrderId, WireId),
        from: Option<SessionIndex>,
        context: &mut dyn Context,
    ) {
        let number = self.kernel.state().step;
        let cl_ord_id = WireId::clipped(OWN_CANCEL).with_numbers([order_id.raw(), number]);
        let Some(cl_ord_id) = cl_ord_id else { return };
        self.step(&CancelOrder { session, cl_ord_id, orig_cl_ord_id }.into(), from, context);
    }
    /// Cancels everything that is open, at the end.
    pub(super) fn cancel_all(&mut self, context: &mut dyn Context) {
        let state = self.kernel.state();
        let open: Vec<_> = state
            .orders
            .open_orders()
            .map(|id| {
                let order = state.orders.order(id);
                let session = state.directory.named_session(order.session).name;
                (session, (id, order.cl_ord_id))
            })
            .collect();
        for (session, order) in open {
            self.cancel_for(session, order, None, context);
        }
    }
}

/// Returns whether a cancel of `order_id` is the gateway's own: `CXL`, the order's number, a step.
///
/// Its client does not know the identifier, so what comes of it is told as unasked for.
pub(super) fn is_own_cancel(cl_ord_id: WireId, order_id: OrderId) -> bool {
    let step = cl_ord_id.as_str().rsplit('-').next().and_then(|text| text.parse::<u64>().ok());
    let own =
        step.and_then(|step| WireId::clipped(OWN_CANCEL).with_numbers([order_id.raw(), step]));
    own == Some(cl_ord_id)
}
