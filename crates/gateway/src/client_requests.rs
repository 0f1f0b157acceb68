//! What clients ask: orders, changes, cancels, questions, one by one or many at once.

use ringfence_fix::codec::Message;
use ringfence_fix::endpoint::{Context, SessionIndex};
use ringfence_fix::tag;
use ringfence_fix::terms::Version;
use ringfence_kernel::Input;
use ringfence_kernel::input::{CancelOrder, NewOrder, StatusRequest};
use ringfence_kernel::types::{Name, OrderId, WireId};

use super::Gateway;
use super::client_in::{self, MassRequest};
use super::from_venue::{Unreadable, wire_id};
use super::to_client::{self, Answered};

/// A client's session: its place, its name in the kernel, its version.
type Client = (SessionIndex, Name, Version);

/// Begins the identifier of a cancel that no client asked for by one of its own.
const OWN_CANCEL: &str = "CXL";
/// BusinessRejectReason: the application is not available (FIX 380).
const NOT_AVAILABLE: u16 = 4;
/// BusinessRejectReason: a field that is conditionally required is missing (FIX 380).
const FIELD_MISSING: u16 = 5;
/// BusinessRejectReason: more than is taken at once (FIX 380).
const THROTTLED: u16 = 8;
/// OrdRejReason and CxlRejReason: other (FIX 103, 102); in FIX 4.2 the broker's option.
const OTHER: &str = "99";

const fn other(version: Version) -> &'static str {
    match version {
        Version::Fix42 => "0",
        Version::Fix44 | Version::Fixt11 => OTHER,
    }
}

impl Gateway {
    /// Takes a message of a client.
    pub(super) fn client_message(
        &mut self,
        client: Client,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        match message.msg_type() {
            b"D" => self.client_order(client, message, context),
            b"F" => {
                let input = client_in::cancel(client.1, message).map(Input::from);
                self.client_change(client, message, input, Answered::Cancel, context);
            }
            b"G" => {
                if self.draining {
                    return self.not_available(client.0, message, context);
                }
                let input = client_in::replace(client.1, message).map(Input::from);
                self.client_change(client, message, input, Answered::Replace, context);
            }
            b"H" => match client_in::status(client.1, message) {
                Ok(input) => drop(self.step(&input.into(), Some(client.0), context).len()),
                Err(why) => missing(client.0, message, why, context),
            },
            b"AF" => match client_in::mass_status(message) {
                Ok(request) => self.mass_status(client, request, context),
                Err(why) => missing(client.0, message, why, context),
            },
            b"q" => match client_in::mass_cancel(message) {
                Ok(request) => self.mass_cancel(client, request, context),
                Err(why) => missing(client.0, message, why, context),
            },
            _ => context.business_reject(client.0, message, 3, "not a message that is taken"),
        }
    }
    fn not_available(
        &mut self,
        session: SessionIndex,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        let text = "the gateway is ending: nothing new is taken";
        context.business_reject(session, message, NOT_AVAILABLE, text);
    }
    fn client_order(
        &mut self,
        (session, name, version): Client,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        if self.draining {
            return self.not_available(session, message, context);
        }
        if !self.has_room_for_order(context.now()) {
            let most = self.settings.orders_per_turn_max;
            let text = format!("more than {most} new orders at once: send it again later");
            return context.business_reject(session, message, THROTTLED, &text);
        }
        let order = match client_in::new_order(name, message) {
            Ok(order) => order,
            Err(why) => return self.unreadable_order(session, version, (message, why), context),
        };
        if message.is_yes(tag::POSS_RESEND) && self.knows(&order) {
            let (session_name, cl_ord_id) = (name, order.cl_ord_id);
            let question = StatusRequest { session: session_name, cl_ord_id };
            self.step(&question.into(), Some(session), context);
            return;
        }
        self.step(&order.into(), Some(session), context);
    }
    fn knows(&self, order: &NewOrder) -> bool {
        let state = self.kernel.state();
        let session = state.directory.sessions.find(&order.session);
        session.is_some_and(|id| state.orders.by_client_id(id, order.cl_ord_id).is_some())
    }
    /// Refuses an order of which a field means nothing to us (FIX 35=8, 150=8).
    fn unreadable_order(
        &mut self,
        session: SessionIndex,
        version: Version,
        (message, why): (&Message<'_>, Unreadable),
        context: &mut dyn Context,
    ) {
        let Ok(Some(cl_ord_id)) = wire_id(message, tag::CL_ORD_ID) else {
            return missing(session, message, why, context);
        };
        let text = why.to_string();
        let exec_id = refusal_id(session, message, context);
        let field = |tag| message.get(tag).unwrap_or_default();
        self.body.clear();
        self.body
            .put(tag::ORDER_ID, "NONE")
            .put(tag::CL_ORD_ID, cl_ord_id)
            .put(tag::EXEC_ID, exec_id)
            .put_some(tag::EXEC_TRANS_TYPE, version.has_exec_trans_type().then_some("0"))
            .put(tag::EXEC_TYPE, "8")
            .put(tag::ORD_STATUS, "8")
            .put(tag::ORD_REJ_REASON, other(version))
            .raw(tag::SYMBOL, field(tag::SYMBOL))
            .raw(tag::SIDE, field(tag::SIDE));
        to_client::nothing_done(&mut self.body);
        self.body.put(tag::TEXT, &text);
        context.send(session, "8", &self.body);
        context.alert(Some(session), format!("order {cl_ord_id} was refused: {text}"));
    }
    /// Takes a cancel or a change; one that cannot be read is answered with a cancel reject.
    fn client_change(
        &mut self,
        (session, _, version): Client,
        message: &Message<'_>,
        input: Result<Input, Unreadable>,
        answered: Answered,
        context: &mut dyn Context,
    ) {
        let why = match input {
            Ok(input) => {
                self.step(&input, Some(session), context);
                return;
            }
            Err(why) => why,
        };
        let names = (wire_id(message, tag::CL_ORD_ID), wire_id(message, tag::ORIG_CL_ORD_ID));
        let (Ok(Some(id)), Ok(Some(of))) = names else {
            return missing(session, message, why, context);
        };
        let text = why.to_string();
        let reason = (other(version), text.as_str());
        self.body.clear();
        let state = self.kernel.state();
        to_client::put_cancel_reject(&mut self.body, state, None, (id, of), answered, reason);
        context.send(session, "9", &self.body);
    }
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
    fn mass_status(
        &mut self,
        (session, name, _): Client,
        request: MassRequest,
        context: &mut dyn Context,
    ) {
        for (_, cl_ord_id) in self.open_orders_of(&name, request.symbol) {
            self.step(&StatusRequest { session: name, cl_ord_id }.into(), Some(session), context);
        }
    }
    /// Cancels every open order that a mass cancel names and says how many (FIX 35=r).
    fn mass_cancel(
        &mut self,
        (session, name, _): Client,
        request: MassRequest,
        context: &mut dyn Context,
    ) {
        let open = self.open_orders_of(&name, request.symbol);
        for (order_id, orig_cl_ord_id) in &open {
            self.cancel_for(name, (*order_id, *orig_cl_ord_id), Some(session), context);
        }
        let response = char::from(request.kind);
        self.body.clear();
        self.body
            .put(tag::ORDER_ID, request.id)
            .put(tag::CL_ORD_ID, request.id)
            .put(tag::MASS_CANCEL_REQUEST_TYPE, response)
            .put(tag::MASS_CANCEL_RESPONSE, response)
            .put(tag::TOTAL_AFFECTED_ORDERS, open.len())
            .put(tag::MASS_ACTION_REPORT_ID, request.id);
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

/// Refuses a message of which a field that it needs is absent or unreadable (FIX 35=j, 380=5).
fn missing(
    session: SessionIndex,
    message: &Message<'_>,
    why: Unreadable,
    context: &mut dyn Context,
) {
    context.business_reject(session, message, FIELD_MISSING, &why.to_string());
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

/// Returns an identifier for a report that no step of the kernel stands behind.
fn refusal_id(session: SessionIndex, message: &Message<'_>, context: &dyn Context) -> WireId {
    let now = u64::try_from(context.now().nanos()).unwrap_or_default();
    let seq = message.seq().unwrap_or_default();
    let id = WireId::clipped(&format!("R{}", session.get())).with_numbers([seq, now]);
    id.unwrap_or_else(|| WireId::clipped("R"))
}
