//! Sessions to venues: what is sent, what comes back, and what must be known before sending.

use ringfence_fix::codec::Message;
use ringfence_fix::endpoint::{Context, SessionIndex};
use ringfence_fix::tag;
use ringfence_kernel::clearance::parse_wire_id;
use ringfence_kernel::input::{CancelReject, VenueReport, VenueSession};
use ringfence_kernel::state::State;
use ringfence_kernel::types::{ChildId, ExecType, Name, OrdStatus, VenueId, WireId};
use ringfence_kernel::{Event, Input};

use super::Gateway;
use super::from_venue::{is_unknown_order, note, report, wire_id};
use super::questions::{Question, Questions};
use super::settings::{GatewaySettings, Role};
use super::to_venue;
use super::trading::session_status_request;

/// Times that a question is asked before the operator is told that nobody answers.
const ASKED_IN_VAIN: u32 = 3;

/// Where the session to a venue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Not logged on.
    Down,
    /// Logged on; children are being asked about, nothing new is sent.
    Reconciling,
    /// Every child was answered for, at a backup that a drill tries: nothing new is sent.
    Tried,
    /// Every child was answered for.
    Up,
}

/// One session to a venue.
#[derive(Debug)]
struct VenueLink {
    session: SessionIndex,
    venue: Name,
    market_data: bool,
    standing: Standing,
    questions: Questions,
}

/// Every session to a venue.
#[derive(Debug)]
pub(super) struct VenueLinks(Vec<VenueLink>);

impl VenueLinks {
    pub(super) fn new(settings: &GatewaySettings) -> Self {
        let links = settings.indexed().filter_map(|(session, link)| match link.role {
            Role::Venue { venue, market_data } => Some(VenueLink {
                session,
                venue,
                market_data,
                standing: Standing::Down,
                questions: Questions::default(),
            }),
            Role::Client { .. } | Role::DropCopy | Role::VenueDropCopy { .. } => None,
        });
        Self(links.collect())
    }
    fn of(&mut self, venue: &Name) -> Option<&mut VenueLink> {
        self.0.iter_mut().find(|link| link.venue == *venue)
    }
}

/// Returns the questions about what is open at `venue`: each child under the identifier that the
/// venue knows, and under that of a change that it has not answered.
fn open_questions(state: &State, venue: VenueId) -> Vec<Question> {
    let there = |id: &ChildId| state.orders.child(*id).venue == venue;
    let questions = state.orders.open_children().filter(there);
    questions.flat_map(|id| child_questions(state, id)).collect()
}

fn child_questions(state: &State, id: ChildId) -> impl Iterator<Item = Question> + use<> {
    let child = state.orders.child(id);
    let asked = child.replace.get().map(|replace| (id, replace.version));
    core::iter::once((id, child.live_version)).chain(asked)
}

impl Gateway {
    /// Takes a session to a venue up or down.
    pub(super) fn venue_changed(&mut self, venue: Name, is_up: bool, context: &mut dyn Context) {
        if !is_up {
            if let Some(link) = self.venues.of(&venue) {
                link.standing = Standing::Down;
                link.questions.clear();
            }
            self.step(&VenueSession { venue, connected: false }.into(), None, context);
            for quote in self.quotes.forget(venue) {
                self.step(&quote.into(), None, context);
            }
            return;
        }
        let state = self.kernel.state();
        let Some(id) = state.directory.venues.find(&venue) else {
            return context.alert(None, format!("venue {venue}: the kernel does not know it"));
        };
        let open = open_questions(state, id);
        let count = open.len();
        let Some(link) = self.venues.of(&venue) else { return };
        link.standing = Standing::Reconciling;
        link.questions.clear();
        open.into_iter().for_each(|question| link.questions.add(question));
        let (session, market_data) = (link.session, link.market_data);
        let told = format!("venue {venue}: logged on, {count} questions to reconcile");
        context.note(Some(session), told);
        if !self.settings.unasked.contains(&session) {
            self.body.clear();
            session_status_request(&mut self.body, context.now(), venue);
            context.send(session, "g", &self.body);
        }
        if market_data {
            self.ask_market(session, context);
        }
        self.ask(&venue, context);
        self.finish_reconciliation(&venue, context);
    }
    /// Lets orders go to a venue once every question of the beginning was answered.
    fn finish_reconciliation(&mut self, venue: &Name, context: &mut dyn Context) {
        let Some(link) = self.venues.of(venue) else { return };
        if link.standing != Standing::Reconciling || !link.questions.is_empty() {
            return;
        }
        if context.is_drilled(link.session) {
            link.standing = Standing::Tried;
            let text = format!("venue {venue}: reconciled for a drill, nothing new goes there");
            return context.alert(Some(link.session), text);
        }
        link.standing = Standing::Up;
        context.note(Some(link.session), format!("venue {venue}: reconciled, orders may go"));
        self.step(&VenueSession { venue: *venue, connected: true }.into(), None, context);
    }
    /// Returns whether every question to the venue of a session was answered.
    pub(super) fn is_venue_settled(&self, session: SessionIndex) -> bool {
        let link = self.venues.0.iter().find(|link| link.session == session);
        link.is_none_or(|link| matches!(link.standing, Standing::Tried | Standing::Up))
    }
    /// Returns how many children are open at a venue.
    pub(super) fn open_at(&self, venue: &Name) -> usize {
        let state = self.kernel.state();
        let Some(id) = state.directory.venues.find(venue) else { return 0 };
        let open = state.orders.open_children();
        open.filter(|child| state.orders.child(*child).venue == id).count()
    }
    /// Asks every venue what is due.
    pub(super) fn ask_venues(&mut self, context: &mut dyn Context) {
        let venues: Vec<Name> = self.venues.0.iter().map(|link| link.venue).collect();
        for venue in venues {
            self.ask(&venue, context);
        }
    }
    fn ask(&mut self, venue: &Name, context: &mut dyn Context) {
        let (retry_ns, most) = (self.settings.status_retry_ns, self.settings.status_requests_max);
        let Some(link) = self.venues.of(venue) else { return };
        if link.standing == Standing::Down {
            return;
        }
        let session = link.session;
        for (question, count) in link.questions.due(context.now(), retry_ns, most) {
            self.body.clear();
            if to_venue::status_request(&mut self.body, self.kernel.state(), question) {
                context.send(session, "H", &self.body);
            }
            if count + 1 == ASKED_IN_VAIN {
                let child = question.0;
                let text = format!("venue {venue}: no answer about child {child}, in doubt");
                context.alert(Some(session), text);
            }
        }
    }
    /// Sends what an event says to its venue.
    #[expect(clippy::wildcard_enum_match_arm, reason = "three events go to venues")]
    pub(super) fn tell_venue(&mut self, event: &Event, context: &mut dyn Context) {
        let venue = match event {
            Event::ChildSent(sent) => sent.venue(),
            Event::ChildReplaceRequested(sent) => sent.venue(),
            Event::ChildCancelRequested(sent) => sent.venue,
            _ => return,
        };
        let Some(session) = self.link_to(venue) else {
            let venue = venue.name;
            return context.alert(None, format!("venue {venue} has no session: nothing was sent"));
        };
        let Some(link) = self.settings.link(session) else { return };
        let (body, state) = (&mut self.body, self.kernel.state());
        body.clear();
        let msg_type = match event {
            Event::ChildSent(sent) => {
                to_venue::new_order(body, link.version, state, sent);
                "D"
            }
            Event::ChildReplaceRequested(sent) => {
                to_venue::replace(body, link.version, state, sent);
                "G"
            }
            Event::ChildCancelRequested(sent) => {
                to_venue::cancel(body, state, sent);
                "F"
            }
            _ => return,
        };
        context.send(session, msg_type, &self.body);
    }
    /// Keeps the questions in step with the children: one in doubt is asked about, one that was
    /// resolved or ended no longer.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other events are not about doubt")]
    pub(super) fn note_child(
        &mut self,
        place: u64,
        event: &Event,
        input: &Input,
        context: &mut dyn Context,
    ) {
        match event {
            Event::ChildInDoubt(doubt) => {
                let state = self.kernel.state();
                let child = state.orders.child(doubt.child_id);
                let venue = state.directory.named_venue(child.venue).name;
                let questions: Vec<Question> = child_questions(state, doubt.child_id).collect();
                if let Some(link) = self.venues.of(&venue)
                    && link.standing != Standing::Down
                {
                    questions.into_iter().for_each(|question| link.questions.add(question));
                    self.ask(&venue, context);
                }
            }
            Event::ChildAcknowledged(child) => {
                self.tell_acknowledged(place, child.child_id, context);
            }
            Event::ChildResolved(child) => {
                self.tell_acknowledged(place, child.child_id, context);
            }
            Event::ChildClosed(closed) => self.drop_questions(closed.child_id),
            Event::FillBooked(fill) if fill.child_id.is_none() => {
                if let Input::VenueReport(report) = input {
                    self.dont_know(place, report, context);
                }
            }
            _ => {}
        }
    }
    fn drop_questions(&mut self, child_id: ChildId) {
        let state = self.kernel.state();
        let venue = state.directory.named_venue(state.orders.child(child_id).venue).name;
        if let Some(link) = self.venues.of(&venue) {
            link.questions.drop_child(child_id);
        }
    }
    /// Tells a venue that we do not know a trade (FIX 35=Q); it is booked all the same.
    fn dont_know(&mut self, place: u64, report: &VenueReport, context: &mut dyn Context) {
        let Some(session) = self.settings.venue(&report.venue) else { return };
        let known = parse_wire_id(self.kernel.state(), report.cl_ord_id).is_some();
        // What is beyond an order of ours is too much (C), else there is no such order (D).
        let reason = if known { "C" } else { "D" };
        self.body.clear();
        self.body
            .put(tag::ORDER_ID, self.venue_order_id.unwrap_or(report.cl_ord_id))
            .put(tag::EXEC_ID, report.exec_id)
            .put(tag::DK_REASON, reason)
            .put_some(tag::SYMBOL, report.symbol)
            .put_some(tag::SIDE, report.side.map(ringfence_fix::terms::side_code))
            .put_some(tag::LAST_QTY, report.last_qty.map(|qty| qty.units()))
            .put_some(tag::LAST_PX, report.last_px)
            .put(tag::TEXT, format_args!("event {place}: booked to the error account"));
        context.send(session, "Q", &self.body);
    }
    /// Takes a message of a venue.
    pub(super) fn venue_message(
        &mut self,
        session: SessionIndex,
        venue: Name,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        match message.msg_type() {
            b"8" => self.execution_report(session, venue, message, context),
            b"9" => self.cancel_reject(session, venue, message, context),
            b"W" | b"X" => self.market_data(session, venue, message, context),
            b"f" => self.security_status(session, venue, message, context),
            b"j" => self.business_refused(session, venue, message, context),
            b"h" => self.trading_session(session, venue, message, context),
            b"B" | b"Y" | b"r" => {
                let kind = String::from_utf8_lossy(message.msg_type()).into_owned();
                let text = message.text(tag::HEADLINE).or(message.text(tag::TEXT)).unwrap_or("");
                context.alert(Some(session), format!("venue {venue} says (35={kind}): {text}"));
            }
            _ => context.business_reject(session, message, 3, "not a message that is taken"),
        }
    }
    fn execution_report(
        &mut self,
        session: SessionIndex,
        venue: Name,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        let seq = message.seq().unwrap_or_default();
        let now = u64::try_from(context.now().nanos()).unwrap_or_default();
        let status_id = || {
            let id = WireId::clipped("I").with_numbers([now, seq]);
            id.unwrap_or_else(|| WireId::clipped("I"))
        };
        let report = report(venue, message, status_id);
        let report = match report {
            Ok(report) => report,
            Err(why) => {
                context
                    .alert(Some(session), format!("venue {venue}: a report is unreadable: {why}"));
                return context.business_reject(session, message, 5, &why.to_string());
            }
        };
        let answered = (report.exec_type, report.cl_ord_id);
        let is_unknown = is_unknown_order(message, &report);
        let is_over = report.exec_type != ExecType::OrderStatus
            && matches!(report.ord_status, Some(OrdStatus::Canceled | OrdStatus::Expired));
        let input = self.meant_by(report, is_unknown);
        self.venue_order_id = wire_id(message, tag::ORDER_ID).ok().flatten();
        self.step(&input, Some(session), context);
        self.venue_order_id = None;
        if is_over {
            self.ask_whether_over(&venue, answered.1, context);
        }
        self.take_answer(&venue, answered, context);
    }
    /// Asks about a child that is open here and over by what its venue says: part of its fills was
    /// taken back before the rest filled, or the word of its end was lost.
    fn ask_whether_over(&mut self, venue: &Name, cl_ord_id: WireId, context: &mut dyn Context) {
        let state = self.kernel.state();
        let Some((child_id, _)) = parse_wire_id(state, cl_ord_id) else { return };
        let child = state.orders.child(child_id);
        let is_there = state.directory.named_venue(child.venue).name == *venue;
        if !is_there || !child.is_open() {
            return;
        }
        let questions: Vec<Question> = child_questions(state, child_id).collect();
        let Some(link) = self.venues.of(venue) else { return };
        if link.standing != Standing::Down {
            questions.into_iter().for_each(|question| link.questions.add(question));
            self.ask(venue, context);
        }
    }
    /// Returns what a report means where it answers a question about a change: the venue knows
    /// the new identifier, so it made the change; or it does not, so it never got it.
    fn meant_by(&self, report: VenueReport, is_unknown: bool) -> Input {
        if report.exec_type != ExecType::OrderStatus {
            return report.into();
        }
        let named = parse_wire_id(self.kernel.state(), report.cl_ord_id);
        let about_change = named.is_some_and(|(child_id, version)| {
            let child = self.kernel.state().orders.child(child_id);
            child.replace.get().is_some_and(|replace| replace.version == version)
        });
        match (about_change, is_unknown) {
            (true, true) => {
                let (venue, cl_ord_id) = (report.venue, report.cl_ord_id);
                CancelReject { venue, cl_ord_id, text: report.text }.into()
            }
            (true, false) => VenueReport { exec_type: ExecType::Replaced, ..report }.into(),
            (false, _) => report.into(),
        }
    }
    fn take_answer(
        &mut self,
        venue: &Name,
        (exec_type, cl_ord_id): (ExecType, WireId),
        context: &mut dyn Context,
    ) {
        if exec_type != ExecType::OrderStatus {
            return self.finish_reconciliation(venue, context);
        }
        let named = parse_wire_id(self.kernel.state(), cl_ord_id);
        if let (Some(question), Some(link)) = (named, self.venues.of(venue)) {
            link.questions.answered(question);
        }
        self.ask(venue, context);
        self.finish_reconciliation(venue, context);
    }
    fn cancel_reject(
        &mut self,
        session: SessionIndex,
        venue: Name,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        match wire_id(message, tag::CL_ORD_ID) {
            Ok(Some(cl_ord_id)) => {
                let input = CancelReject { venue, cl_ord_id, text: note(message) };
                self.step(&input.into(), Some(session), context);
                // Too late, or unknown (FIX 102=0, 1): what became of it is not known here.
                if matches!(message.get(tag::CXL_REJ_REASON), Some(b"0" | b"1")) {
                    self.ask_whether_over(&venue, cl_ord_id, context);
                }
            }
            Ok(None) | Err(_) => {
                context
                    .alert(Some(session), format!("venue {venue}: a cancel reject names no order"));
                context.business_reject(session, message, 5, "ClOrdID: absent or unreadable");
            }
        }
    }
    /// Takes a copy of a report: what the first stream has brought changes nothing (I8), what it
    /// has not is booked from here (R49).
    pub(super) fn drop_copy_message(
        &mut self,
        session: SessionIndex,
        venue: Name,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        if message.msg_type() != b"8" {
            return context.business_reject(session, message, 3, "only reports are taken here");
        }
        self.execution_report(session, venue, message, context);
    }
}
