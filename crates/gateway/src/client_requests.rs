//! What clients ask: orders, changes, cancels, questions, one by one or many at once.

use ringfence_fix::codec::{Body, Message};
use ringfence_fix::endpoint::{Context, SessionIndex};
use ringfence_fix::tag::{self, Tag};
use ringfence_fix::terms::Version;
use ringfence_kernel::Input;
use ringfence_kernel::input::{NewOrder, StatusRequest};
use ringfence_kernel::types::{Name, OrderId, Ts, WireId};

use super::Gateway;
use super::client_in;
use super::fields::{self, Kind};
use super::from_venue::{Unreadable, name, wire_id};
use super::mass::{Inquiry, mass_cancel_reason};
use super::to_client::{self, Answered};

/// A client's session: its place, its name in the kernel, its version.
pub(super) type Client = (SessionIndex, Name, Version);

/// BusinessRejectReason: the application is not available (FIX 380).
const NOT_AVAILABLE: u16 = 4;
/// BusinessRejectReason: a field that is conditionally required is missing (FIX 380).
pub(super) const FIELD_MISSING: u16 = 5;
/// BusinessRejectReason: other (FIX 380).
const OTHER_REASON: u16 = 0;

/// Returns the BusinessRejectReason of more than is taken at once (FIX 380): before 5.0 other.
const fn throttled(version: Version) -> u16 {
    match version {
        Version::Fix42 | Version::Fix44 => OTHER_REASON,
        Version::Fixt11 => 8,
    }
}

/// Returns the OrdRejReason that says nothing more (FIX 103); in FIX 4.2 the broker's option.
const fn ord_other(version: Version) -> &'static str {
    match version {
        Version::Fix42 => "0",
        Version::Fix44 | Version::Fixt11 => "99",
    }
}

/// Returns the CxlRejReason that says nothing more (FIX 102); in FIX 4.2 the broker's option.
const fn cxl_other(version: Version) -> &'static str {
    match version {
        Version::Fix42 => "2",
        Version::Fix44 | Version::Fixt11 => "99",
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
        if !self.is_in_its_rate(client.0, context.now())
            && !matches!(message.msg_type(), b"F" | b"q")
        {
            let text = "more messages in one second than are taken: send it again later";
            return context.business_reject(client.0, message, throttled(client.2), text);
        }
        match message.msg_type() {
            b"D" => self.client_order(client, message, context),
            b"F" => {
                let checked = self.check_about(client, Kind::Cancel, message);
                let input = checked.and_then(|()| client_in::cancel(client.1, message));
                let input = input.map(Input::from);
                self.client_change(client, message, input, Answered::Cancel, context);
            }
            b"G" => {
                if self.draining {
                    return self.not_available(client.0, message, context);
                }
                let checked = self.check_about(client, Kind::Change, message);
                let input = checked.and_then(|()| client_in::replace(client.1, message));
                if let (Ok(asked), Some(in_force)) = (&input, self.superseded(client.1, message)) {
                    let names = (asked.cl_ord_id, asked.orig_cl_ord_id);
                    let text = format!("field 41: not the ClOrdID in force, {in_force}");
                    return self.refuse_change(client, names, &text, Answered::Replace, context);
                }
                let input = input.map(Input::from);
                self.client_change(client, message, input, Answered::Replace, context);
            }
            b"H" | b"AF" | b"q" => self.client_question(client, message, context),
            b"Q" => self.client_dont_know(client, message, context),
            _ => context.business_reject(client.0, message, 3, "not a message that is taken"),
        }
    }
    /// Takes a question, or a request about many orders.
    fn client_question(
        &mut self,
        client: Client,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        let kind = match message.msg_type() {
            b"H" => Kind::Status,
            b"AF" => Kind::MassStatus,
            _ => Kind::MassCancel,
        };
        if let Err(why) = self.check_about(client, kind, message) {
            return self.refuse_question(client, message, (OTHER_REASON, why), context);
        }
        let done = match kind {
            Kind::Status => self.client_status(client, message, context),
            Kind::MassStatus => client_in::mass_status(message)
                .map(|request| self.mass_status(client, request, context)),
            Kind::MassCancel | Kind::Order | Kind::Change | Kind::Cancel => {
                client_in::mass_cancel(message)
                    .map(|request| self.mass_cancel(client, (message, request), context))
            }
        };
        if let Err(why) = done {
            self.refuse_question(client, message, (FIELD_MISSING, why), context);
        }
    }
    /// Refuses a question (FIX 35=j), or a mass cancel by the answer it has of its own (FIX 35=r).
    fn refuse_question(
        &mut self,
        client: Client,
        message: &Message<'_>,
        (reason, why): (u16, Unreadable),
        context: &mut dyn Context,
    ) {
        let text = why.to_string();
        let has_report = client.2 != Version::Fix42 && message.get(tag::CL_ORD_ID).is_some();
        if has_report && message.msg_type() == b"q" {
            let refusal = (mass_cancel_reason(message, why.tag), text.as_str());
            self.refuse_mass_cancel(client, message, refusal, context);
        } else {
            context.business_reject(client.0, message, reason, &text);
        }
    }
    fn client_status(
        &mut self,
        (session, name, _): Client,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) -> Result<(), Unreadable> {
        let input = client_in::status(name, message)?;
        let id = wire_id(message, tag::ORD_STATUS_REQ_ID)?;
        self.inquiry = Inquiry { id, mass: None };
        self.step(&input.into(), Some(session), context);
        self.inquiry = Inquiry::default();
        Ok(())
    }
    /// Refuses a message with a field that is not taken, or that contradicts the order it names.
    fn check_about(
        &self,
        (session, name, _): Client,
        kind: Kind,
        message: &Message<'_>,
    ) -> Result<(), Unreadable> {
        let state = self.kernel.state();
        fields::check(state, self.settings.agreed(session), kind, message)?;
        let named = match kind {
            Kind::Cancel | Kind::Change => self.order_named(name, tag::ORIG_CL_ORD_ID, message),
            Kind::Status => self.order_named(name, tag::CL_ORD_ID, message),
            Kind::Order | Kind::MassStatus | Kind::MassCancel => None,
        };
        named.map_or(Ok(()), |id| fields::check_order(state, id, message))
    }
    /// Returns the order of a session that a message names: a cancel or change by FIX 41, a
    /// question by FIX 11.
    fn order_named(&self, session: Name, by: Tag, message: &Message<'_>) -> Option<OrderId> {
        let named = wire_id(message, by).ok().flatten()?;
        self.order_called(session, named)
    }
    /// Returns the order of a session that has, or had, an identifier.
    fn order_called(&self, session: Name, named: WireId) -> Option<OrderId> {
        let state = self.kernel.state();
        let session = state.directory.sessions.find(&session)?;
        state.orders.by_client_id(session, named)
    }
    /// Returns the identifier in force where a change names an earlier or a refused one (FIX 41).
    ///
    /// Its client acts on an order that is not as it thinks. While a request waits, its identifier
    /// may be named as well; a cancel gets through by any of them.
    fn superseded(&self, session: Name, message: &Message<'_>) -> Option<WireId> {
        let named = wire_id(message, tag::ORIG_CL_ORD_ID).ok().flatten()?;
        let order = self.kernel.state().orders.order(self.order_called(session, named)?);
        let waiting = order.replace.get().map(|asked| asked.cl_ord_id);
        let ending = order.cancel.get().and_then(|asked| asked.cl_ord_id);
        let is_known = [Some(order.cl_ord_id), waiting, ending].contains(&Some(named));
        (order.closed.is_none() && !is_known).then_some(order.cl_ord_id)
    }
    /// Counts a message; returns whether its session may bring as many in one second.
    fn is_in_its_rate(&mut self, session: SessionIndex, now: Ts) -> bool {
        let most = self.settings.client_message_max.get(&session);
        most.is_none_or(|most| self.pressure.takes_message(session, now, *most))
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
        let most = self.settings.orders_per_turn_max;
        if !self.pressure.takes_order(context.now(), most) {
            let text = format!("more than {most} new orders at once: send it again later");
            return context.business_reject(session, message, throttled(version), &text);
        }
        let checked =
            fields::check(self.kernel.state(), self.settings.agreed(session), Kind::Order, message);
        let order = match checked.and_then(|()| client_in::new_order(name, message)) {
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
        self.body.clear();
        put_unreadable(&mut self.body, version, (cl_ord_id, exec_id), message, &text);
        context.send(session, "8", &self.body);
        let account = name(message, tag::ACCOUNT).ok().flatten();
        for (copy, version) in self.copies_of(account) {
            self.body.clear();
            put_unreadable(&mut self.body, version, (cl_ord_id, exec_id), message, &text);
            to_client::mark_copy(&mut self.body, version);
            context.send(copy, "8", &self.body);
        }
        context.note(Some(session), format!("order {cl_ord_id} was refused: {text}"));
    }
    /// Takes a cancel or a change; one that cannot be read is answered with a cancel reject.
    fn client_change(
        &mut self,
        client: Client,
        message: &Message<'_>,
        input: Result<Input, Unreadable>,
        answered: Answered,
        context: &mut dyn Context,
    ) {
        let why = match input {
            Ok(input) => {
                self.step(&input, Some(client.0), context);
                return;
            }
            Err(why) => why,
        };
        let names = (wire_id(message, tag::CL_ORD_ID), wire_id(message, tag::ORIG_CL_ORD_ID));
        let (Ok(Some(id)), Ok(Some(of))) = names else {
            return missing(client.0, message, why, context);
        };
        self.refuse_change(client, (id, of), &why.to_string(), answered, context);
    }
    /// Refuses a cancel or a change that no step of the kernel decides (FIX 35=9).
    fn refuse_change(
        &mut self,
        (session, name, version): Client,
        names: (WireId, WireId),
        text: &str,
        answered: Answered,
        context: &mut dyn Context,
    ) {
        let order = self.order_called(name, names.1);
        let reason = (cxl_other(version), text);
        self.body.clear();
        let state = self.kernel.state();
        to_client::put_cancel_reject(&mut self.body, state, order, names, answered, reason);
        context.send(session, "9", &self.body);
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

/// Returns an identifier for a report that no step of the kernel stands behind.
fn refusal_id(session: SessionIndex, message: &Message<'_>, context: &dyn Context) -> WireId {
    let now = u64::try_from(context.now().nanos()).unwrap_or_default();
    let seq = message.seq().unwrap_or_default();
    let id = WireId::clipped(&format!("R{}", session.get())).with_numbers([seq, now]);
    id.unwrap_or_else(|| WireId::clipped("R"))
}

/// Puts the refusal of an order of which a field means nothing to us.
fn put_unreadable(
    body: &mut Body,
    version: Version,
    (cl_ord_id, exec_id): (WireId, WireId),
    message: &Message<'_>,
    text: &str,
) {
    let field = |tag| message.get(tag).unwrap_or_default();
    body.put(tag::ORDER_ID, "NONE")
        .put(tag::CL_ORD_ID, cl_ord_id)
        .put(tag::EXEC_ID, exec_id)
        .put_some(tag::EXEC_TRANS_TYPE, version.has_exec_trans_type().then_some("0"))
        .put(tag::EXEC_TYPE, "8")
        .put(tag::ORD_STATUS, "8")
        .put(tag::ORD_REJ_REASON, ord_other(version))
        .raw(tag::SYMBOL, field(tag::SYMBOL))
        .raw(tag::SIDE, field(tag::SIDE));
    to_client::nothing_done(body);
    body.put(tag::TEXT, text);
}
