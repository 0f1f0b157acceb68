//! What clients are told of what became true: reports, refusals, copies.

use ringfence_fix::endpoint::{Context, SessionIndex};
use ringfence_fix::terms::Version;
use ringfence_kernel::event::{Asked, Close, Denied, OrderClosed, Subject};
use ringfence_kernel::state::order::Stage;
use ringfence_kernel::state::position::FillState;
use ringfence_kernel::types::{ChildId, ExecType, FillId, Name, OrdStatus, OrderId, WireId};
use ringfence_kernel::{Event, Input};

use super::Gateway;
use super::mass::{Inquiry, is_own_cancel};
use super::reply::{cxl_rej_reason, ord_rej_reason, sentence};
use super::to_client::{self, Answered, Report};

impl Gateway {
    /// Tells a client what an event says.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other events are not for clients")]
    pub(super) fn tell_client(
        &mut self,
        place: u64,
        event: &Event,
        (input, events): (&Input, &[Event]),
        from: Option<SessionIndex>,
        context: &mut dyn Context,
    ) {
        match event {
            Event::Denied(denied) => self.tell_denied(place, denied, input, from, context),
            Event::OrderRequestRefused(refused) => {
                let known = |id: &WireId| !is_own_cancel(*id, refused.order_id);
                let Some(id) = refused.cl_ord_id.filter(known) else { return };
                let order = self.kernel.state().orders.order(refused.order_id);
                let names = (id, order.cl_ord_id);
                let answered = match refused.request {
                    Asked::Cancel => Answered::Cancel,
                    Asked::Replace => Answered::Replace,
                };
                let text = refused.text.map_or_else(String::new, |text| text.to_string());
                let text = if text.is_empty() { "too late".to_owned() } else { text };
                let to = self.link_of(order.session);
                self.refuse(to, Some(refused.order_id), names, answered, ("0", &text), context);
            }
            Event::OrderStatusReported(told) => {
                self.tell_status(place, told.order_id, told.cl_ord_id, told.ord_status, context);
            }
            Event::OrderClosed(closed) => self.tell_closed(place, closed, events, context),
            _ => self.tell_change(place, event, context),
        }
    }
    /// Tells a client of an order that it has, got or lost terms or fills.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other events are told elsewhere")]
    fn tell_change(&mut self, place: u64, event: &Event, context: &mut dyn Context) {
        let (order_id, exec_type) = match event {
            Event::OrderAccepted(accepted) => {
                let order = self.kernel.state().orders.order(accepted.order_id);
                let sent = order.direct && order.triggered;
                (accepted.order_id, if sent { ExecType::PendingNew } else { ExecType::New })
            }
            Event::OrderCancelRequested(asked)
                if asked.cl_ord_id.is_some_and(|id| !is_own_cancel(id, asked.order_id)) =>
            {
                (asked.order_id, ExecType::PendingCancel)
            }
            Event::OrderReplaceRequested(asked) => (asked.order_id, ExecType::PendingReplace),
            Event::OrderReplaced(replaced) => (replaced.order_id, ExecType::Replaced),
            Event::OrderRestated(restated) => (restated.order_id, ExecType::Restated),
            Event::FillBooked(fill) => match fill.order_id {
                Some(order_id) => (order_id, ExecType::Trade),
                None => return,
            },
            Event::FillBusted(bust) => return self.tell_fill(place, bust.fill_id, context),
            Event::FillCorrected(new) => return self.tell_fill(place, new.fill_id, context),
            _ => return,
        };
        let mut report = self.report(order_id, place, exec_type);
        match event {
            Event::OrderAccepted(_) if exec_type == ExecType::PendingNew => {
                report.status = Some(OrdStatus::PendingNew);
            }
            Event::FillBooked(fill) => {
                report.last = Some((fill.last_qty, fill.last_px, fill.venue.name));
            }
            Event::OrderCancelRequested(asked) => {
                report.orig_cl_ord_id = Some(report.cl_ord_id);
                report.cl_ord_id = asked.cl_ord_id.unwrap_or(report.cl_ord_id);
            }
            Event::OrderReplaceRequested(asked) => {
                report.orig_cl_ord_id = self.ledger.previous(order_id);
                report.cl_ord_id = asked.cl_ord_id;
            }
            Event::OrderReplaced(_) => report.orig_cl_ord_id = self.ledger.previous(order_id),
            _ => {}
        }
        self.send_report(&report, context);
    }
    /// Tells a client that its order is at the venue; called when the venue says so.
    pub(super) fn tell_acknowledged(
        &mut self,
        place: u64,
        child_id: ChildId,
        context: &mut dyn Context,
    ) {
        let orders = &self.kernel.state().orders;
        let order_id = orders.child(child_id).order_id;
        let order = orders.order(order_id);
        let first = order.child_count == 1 && self.ledger.is_first_word(order_id);
        if order.direct && first && order.closed.is_none() && order.cum_qty().is_zero() {
            let report = self.report(order_id, place, ExecType::New);
            self.send_report(&report, context);
        }
    }
    /// Tells a client of a fill that its venue canceled or corrected (FIX 150=H, G).
    fn tell_fill(&mut self, place: u64, fill_id: FillId, context: &mut dyn Context) {
        let state = self.kernel.state();
        let fill = state.positions.fill(fill_id);
        let busted = fill.state == FillState::Busted;
        let Some(order_id) = fill.order_id else { return };
        let last = (fill.qty, fill.px, state.directory.named_venue(fill.venue).name);
        let exec_type = if busted { ExecType::TradeCancel } else { ExecType::TradeCorrect };
        let mut report = self.report(order_id, place, exec_type);
        report.last = Some(last);
        report.exec_ref_id = self.told_before(fill_id);
        self.send_report(&report, context);
    }
    /// Returns the identifier of the report in which a client last saw a fill (FIX 19).
    fn told_before(&self, fill_id: FillId) -> Option<WireId> {
        let fill = self.ledger.fill(fill_id)?;
        let (step, place) = fill.before;
        self.kernel.state().wire_prefix?.with_numbers([step, place])
    }
    fn tell_closed(
        &mut self,
        place: u64,
        closed: &OrderClosed,
        events: &[Event],
        context: &mut dyn Context,
    ) {
        // The report of the last fill, or of the new quantity, has told it already.
        if closed.how == Close::Filled {
            return;
        }
        let asked = self.ledger.cancel(closed.order_id);
        let mut report = self.report(closed.order_id, place, to_client::closing_type(closed.how));
        if let (Some(id), Close::Canceled) = (asked, closed.how) {
            report.orig_cl_ord_id = Some(report.cl_ord_id);
            report.cl_ord_id = id;
        }
        let denied = events.iter().find_map(|event| denial_of(event, closed.order_id));
        let text = match denied {
            Some(denied) => Some(sentence(denied)),
            None => events.iter().find_map(|event| venue_text(event, closed.order_id, self)),
        };
        if matches!(closed.how, Close::Rejected | Close::Denied) {
            report.reject = Some(denied.map_or("0", |denied| ord_rej_reason(denied.reason)));
        }
        report.text = text.as_deref();
        self.send_report(&report, context);
    }
    fn tell_status(
        &mut self,
        place: u64,
        order_id: OrderId,
        cl_ord_id: WireId,
        status: OrdStatus,
        context: &mut dyn Context,
    ) {
        let mut report = self.report(order_id, place, ExecType::OrderStatus);
        report.cl_ord_id = cl_ord_id;
        report.status = Some(status);
        report.inquiry = self.inquiry;
        let orders = &self.kernel.state().orders;
        let doubted = orders
            .children_of(order_id)
            .any(|id| matches!(orders.child(id).stage, Stage::InDoubt | Stage::Unseen));
        // What is not known is said, and never told as an end (R46).
        report.text = doubted.then_some("part of this order is in doubt at its venue");
        self.send_report(&report, context);
    }
    fn tell_denied(
        &mut self,
        place: u64,
        denied: &Denied,
        input: &Input,
        from: Option<SessionIndex>,
        context: &mut dyn Context,
    ) {
        let text = sentence(denied);
        let to = match denied.session {
            Some(session) => self.link_of(session.id),
            None => from,
        };
        let link = to.and_then(|session| self.settings.link(session));
        let version = link.map_or(Version::Fix44, |link| link.version);
        match (denied.subject, input) {
            (Subject::NewOrder, Input::NewOrder(order)) => {
                let Some(session) = to else { return };
                let reason = (ord_rej_reason(denied.reason), text.as_str());
                let exec_id = self.exec_id(place);
                self.body.clear();
                to_client::put_refusal(&mut self.body, version, order, exec_id, reason);
                context.send(session, "8", &self.body);
                for (copy, version) in self.copies_of(Some(order.account)) {
                    self.body.clear();
                    to_client::put_refusal(&mut self.body, version, order, exec_id, reason);
                    to_client::mark_copy(&mut self.body, version);
                    context.send(copy, "8", &self.body);
                }
            }
            // Nobody waits for the answer: the order is canceled already, or on its way there.
            (Subject::CancelOrder, Input::CancelOrder(asked))
                if denied.order_id.is_some_and(|id| is_own_cancel(asked.cl_ord_id, id)) => {}
            (Subject::CancelOrder, Input::CancelOrder(asked)) => {
                let names = (asked.cl_ord_id, asked.orig_cl_ord_id);
                let reason = (cxl_rej_reason(version, denied.reason), text.as_str());
                self.refuse(to, denied.order_id, names, Answered::Cancel, reason, context);
            }
            (Subject::ReplaceOrder, Input::ReplaceOrder(asked)) => {
                let names = (asked.cl_ord_id, asked.orig_cl_ord_id);
                let reason = (cxl_rej_reason(version, denied.reason), text.as_str());
                self.refuse(to, denied.order_id, names, Answered::Replace, reason, context);
            }
            (Subject::StatusRequest, Input::StatusRequest(asked)) => {
                let Some(session) = to else { return };
                let ids = (asked.cl_ord_id, self.exec_id(place));
                self.body.clear();
                let unknown = (b"[N/A]".as_slice(), b"1".as_slice());
                to_client::put_unknown(&mut self.body, version, ids, unknown, &text);
                self.inquiry.put(&mut self.body);
                context.send(session, "8", &self.body);
            }
            // The order's own report says it (a triggered stop), or nobody asked by FIX.
            (Subject::TriggeredStop, _) => {}
            (_, _) => context.alert(from, format!("denied: {text}")),
        }
    }
    fn refuse(
        &mut self,
        to: Option<SessionIndex>,
        order: Option<OrderId>,
        names: (WireId, WireId),
        answered: Answered,
        reason: (&str, &str),
        context: &mut dyn Context,
    ) {
        let Some(session) = to else { return };
        self.body.clear();
        let state = self.kernel.state();
        to_client::put_cancel_reject(&mut self.body, state, order, names, answered, reason);
        context.send(session, "9", &self.body);
    }
    /// Returns a report about an order as it stands.
    fn report(&self, order_id: OrderId, place: u64, exec_type: ExecType) -> Report<'static> {
        Report {
            order_id,
            exec_type,
            exec_id: self.exec_id(place),
            exec_ref_id: None,
            cl_ord_id: self.kernel.state().orders.order(order_id).cl_ord_id,
            orig_cl_ord_id: None,
            last: None,
            average_px: self.ledger.average_px(order_id),
            status: None,
            reject: None,
            inquiry: Inquiry::default(),
            text: None,
        }
    }
    /// Sends a report to the client, and a copy to the drop copy sessions of the account.
    fn send_report(&mut self, report: &Report<'_>, context: &mut dyn Context) {
        let order = self.kernel.state().orders.order(report.order_id);
        let (session, account) = (order.session, order.account);
        if let Some(index) = self.link_of(session)
            && let Some(link) = self.settings.link(index)
        {
            self.body.clear();
            report.put(&mut self.body, link.version, self.kernel.state());
            context.send(index, "8", &self.body);
        }
        let account = self.kernel.state().directory.named_account(account).name;
        for (copy, version) in self.copies_of(Some(account)) {
            self.body.clear();
            report.put(&mut self.body, version, self.kernel.state());
            to_client::mark_copy(&mut self.body, version);
            context.send(copy, "8", &self.body);
        }
    }
    /// Returns the drop copy sessions that see what concerns an account; one that nobody knows is
    /// seen by those who see all.
    pub(super) fn copies_of(&self, account: Option<Name>) -> Vec<(SessionIndex, Version)> {
        let accounts = &self.kernel.state().directory.accounts;
        if self.drop_copies.is_empty() {
            return Vec::new();
        }
        let known = account.and_then(|name| accounts.find(&name));
        let path: Vec<Name> = known.map_or_else(Vec::new, |id| {
            accounts.at(id).path.iter().map(|above| accounts.at(*above).name).collect()
        });
        let copied = |index: &&SessionIndex| self.settings.is_copied(**index, path.iter().copied());
        let copies = self.drop_copies.iter().filter(copied);
        copies.filter_map(|index| Some((*index, self.settings.link(*index)?.version))).collect()
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "one event is a denial")]
fn denial_of(event: &Event, order_id: OrderId) -> Option<&Denied> {
    match event {
        Event::Denied(denied) if denied.order_id == Some(order_id) => Some(denied),
        _ => None,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "one event carries the venue's words")]
fn venue_text(event: &Event, order_id: OrderId, gateway: &Gateway) -> Option<String> {
    match event {
        Event::ChildClosed(closed) => {
            let child = gateway.kernel.state().orders.child(closed.child_id);
            closed.text.filter(|_| child.order_id == order_id).map(|text| text.to_string())
        }
        _ => None,
    }
}
