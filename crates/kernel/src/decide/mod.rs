//! Deciding: reads the state, emits events; every event is applied before the next is decided.
//!
//! The functions that judge take `&State` and return a value or a denial; the methods of [`Step`]
//! own the control flow and are the only callers of `apply`.

mod clock;
mod commands;
mod definitions;
mod fills;
mod orders;
mod proposals;
mod reports;

pub use commands::signing_text;

use crate::clearance::clear;
use crate::event::{
    CancelCause, ChildCancelRequested, Denied, Event, FactTaken, LatchTripped, LimitWarned,
    ScopeFlat, Subject,
};
use crate::gate::{self, Approval, Case, Warning};
use crate::input::Input;
use crate::reason::{Denial, Reason};
use crate::sent::ChildSent;
use crate::state::State;
use crate::state::control::ScopeRef;
use crate::types::{AccountId, ChildId, Name, OrderId, Origin, Qty, ScopeKind, SessionId, WireId};

/// One decision in progress: the state, the input, the events so far.
pub(crate) struct Step<'k> {
    pub(crate) state: &'k mut State,
    pub(crate) input: &'k Input,
    pub(crate) events: &'k mut Vec<Event>,
    pub(crate) warnings: &'k mut Vec<Warning>,
    /// Person and number of a command whose first signature is good.
    pub(crate) authentic: Option<(Name, u64)>,
}

impl Step<'_> {
    /// Decides the input.
    pub(crate) fn decide(&mut self) {
        match self.input {
            Input::GatewayDefinition(_)
            | Input::LimitDefinition(_)
            | Input::AccountDefinition(_)
            | Input::StrategyDefinition(_)
            | Input::VenueDefinition(_)
            | Input::SessionDefinition(_)
            | Input::Entitlement(_)
            | Input::TickDefinition(_)
            | Input::PhaseDefinition(_)
            | Input::InstrumentDefinition(_)
            | Input::OperatorDefinition(_)
            | Input::OpeningPosition(_)
            | Input::DayOpen(_) => self.definition(),
            Input::Quote(_)
            | Input::MarketTrade(_)
            | Input::ReferencePrice(_)
            | Input::PriceBand(_)
            | Input::PhaseChange(_)
            | Input::TradingHalt(_)
            | Input::TradingSession(_)
            | Input::CurrencyRate(_)
            | Input::MarginRequirement(_)
            | Input::ShortSaleRestriction(_)
            | Input::Locate(_)
            | Input::CorporateAction(_)
            | Input::FillConfirmation(_)
            | Input::FillDispute(_)
            | Input::Basket(_) => self.fact(),
            Input::NewOrder(order) => self.new_order(order),
            Input::ReplaceOrder(request) => self.replace_order(request),
            Input::CancelOrder(request) => self.cancel_order(request),
            Input::StatusRequest(request) => self.status_request(request),
            Input::SliceProposal(proposal) => self.slice(proposal),
            Input::ChildReplaceProposal(proposal) => self.child_replace(proposal),
            Input::ChildCancelProposal(proposal) => self.child_cancel(proposal.child_id),
            Input::VenueReport(report) => self.venue_report(report),
            Input::CancelReject(reject) => self.cancel_reject(reject),
            Input::VenueSession(session) => self.venue_session(session),
            Input::ClientSession(session) => self.client_session(session),
            Input::Tick(_) => self.tick(),
            Input::DayClose(_) => self.day_close(),
            Input::TradingStateCommand(command) => self.trading_state(command),
            Input::Rearm(command) => self.rearm(command),
            Input::LimitChange(command) => self.limit_change(command),
            Input::Attendance(command) => self.attendance(command),
            Input::Restriction(command) => self.restriction(command),
        }
    }
    /// Applies an event and adds it to the record.
    pub(crate) fn emit(&mut self, event: impl Into<Event>) {
        self.events.push(event.into());
        if let Some(event) = self.events.last() {
            self.state.apply(self.input, event);
        }
    }
    /// Takes the input as a fact.
    fn take_fact(&mut self) {
        self.emit(FactTaken {});
    }
    /// Emits the warnings that are due.
    fn warn(&mut self) {
        for warning in core::mem::take(self.warnings) {
            let scope = (warning.scope_kind, warning.scope, warning.rule, warning.limit);
            let now = self.state.now;
            if self.state.control.warning_is_due(scope, warning.level, now) {
                self.emit(LimitWarned {
                    level: warning.level,
                    rule: warning.rule,
                    limit: warning.limit,
                    limit_value: warning.bound,
                    value: warning.value,
                    scope_kind: warning.scope_kind,
                    scope: warning.scope,
                });
            }
        }
    }
    /// Halts a scope for a guard, unless it is latched already.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only an operator's order names a person")]
    fn latch(&mut self, scope: ScopeRef, reason: Reason) {
        if self.state.control.scopes.get(scope).is_some_and(|row| row.latch.is_some()) {
            return;
        }
        let name = scope_name(self.state, scope);
        self.emit(LatchTripped {
            scope_kind: scope.kind,
            scope: name,
            scope_row: scope.row,
            reason,
            rule: reason.rule(),
            operator: match self.input {
                Input::NewOrder(order) if order.origin == Some(Origin::Operator) => order.operator,
                _ => None,
            },
        });
    }
    /// Asks the gate about the sending of a child; a latching denial halts its scope.
    fn approve(&mut self, case: Verdict) -> Result<Approval, Denial> {
        let Verdict { result, latch } = case;
        self.warn();
        if let (Err(denial), Some(scope)) = (&result, latch) {
            self.latch(scope, denial.reason);
        }
        result
    }
    /// Takes the gate's answer about a parent; a latching denial halts its scope.
    fn admitted(&mut self, answer: Answer) -> Result<(), Denial> {
        self.warn();
        if let (Err(denial), Some(scope)) = (&answer.result, answer.latch) {
            self.latch(scope, denial.reason);
        }
        answer.result
    }
    /// Sends a child: reservation, approval and clearance become the event.
    fn send(&mut self, order_id: OrderId, qty: Qty, approval: Approval) -> Result<(), Denial> {
        let order = self.state.orders.order(order_id);
        let account = self.state.directory.named_account(order.account);
        let exceeds = || Denial::new(Reason::ExceedsUnrouted, ScopeKind::Account, account.name);
        let step = self.state.step;
        let reservation = self.state.orders.reserve(step, order_id, qty).ok_or_else(exceeds)?;
        let child_id = self.state.orders.next_child_id();
        let clearance = clear(self.state, approval.place(), child_id, 0)?;
        self.emit(ChildSent::new(reservation, approval, clearance));
        Ok(())
    }
    /// Asks the venue to cancel a child, unless that was asked already; a halt asks again.
    fn request_cancel(&mut self, child_id: ChildId, cause: CancelCause) {
        let asked = self.state.orders.child(child_id).cancel.is_some();
        if !asked || cause == CancelCause::Halt {
            self.request_cancel_again(child_id, cause);
        }
    }
    /// Asks the venue to cancel a child, also where that was asked: a cancel may have been lost
    /// with the session, and one too many does no harm.
    fn request_cancel_again(&mut self, child_id: ChildId, cause: CancelCause) {
        let child = self.state.orders.child(child_id);
        if !child.is_open() {
            return;
        }
        let (version, live, venue) = (child.version + 1, child.live_version, child.venue);
        let wire = |version| crate::clearance::wire_id(self.state, child_id, version);
        let (Some(cl_ord_id), Some(orig_cl_ord_id)) = (wire(version), wire(live)) else {
            return;
        };
        let venue = self.state.directory.named_venue(venue);
        self.emit(ChildCancelRequested { child_id, cl_ord_id, orig_cl_ord_id, venue, cause });
    }
    /// Reports halts whose last order is gone.
    pub(crate) fn report_flat(&mut self) {
        for scope in self.state.control.scopes.waiting().to_vec() {
            let Some(row) = self.state.control.scopes.get(scope).copied() else {
                continue;
            };
            if row.awaited == Some(0) {
                let (scope_kind, scope_row) = (scope.kind, scope.row);
                self.emit(ScopeFlat { scope_kind, scope: row.name, scope_row });
            }
        }
    }
}

/// Answer of the gate with the scope that it halts.
pub(crate) struct Verdict {
    result: Result<Approval, Denial>,
    latch: Option<ScopeRef>,
}

impl Verdict {
    /// Runs the gate on a case.
    fn of(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Self {
        let result = gate::run(case, warnings);
        let latch = result.as_ref().err().and_then(|denial| gate::scope_to_latch(case, denial));
        Self { result, latch }
    }
}

/// Answer of the gate about a parent that sends nothing yet.
pub(crate) struct Answer {
    result: Result<(), Denial>,
    latch: Option<ScopeRef>,
}

impl Answer {
    /// Runs the rules of a case's stages.
    fn of(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Self {
        let result = gate::check(case, warnings);
        let latch = result.as_ref().err().and_then(|denial| gate::scope_to_latch(case, denial));
        Self { result, latch }
    }
}

/// Who and what a refusal is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct About {
    session: Option<SessionId>,
    cl_ord_id: Option<WireId>,
    order_id: Option<OrderId>,
    child_id: Option<ChildId>,
    account: Option<AccountId>,
}

impl Step<'_> {
    /// Emits a refusal.
    fn deny(&mut self, subject: Subject, denial: &Denial, about: About) {
        let directory = &self.state.directory;
        let order = about.order_id.and_then(|id| self.state.orders.find(id));
        let account = about.account.or(order.map(|order| order.account));
        let event = Denied {
            session: about.session.map(|id| directory.named_session(id)),
            cl_ord_id: about.cl_ord_id,
            order_id: about.order_id,
            child_id: about.child_id,
            account: account.map(|id| directory.named_account(id)),
            strategy: order.map(|order| directory.named_strategy(order.strategy)),
            operator: self.authentic.map(|(name, _)| name),
            nonce: self.authentic.map(|(_, nonce)| nonce),
            ..Denied::new(subject, denial)
        };
        self.emit(event);
    }
}

/// Returns the name of a scope.
fn scope_name(state: &State, scope: ScopeRef) -> Name {
    let directory = &state.directory;
    let row = u32::try_from(scope.row).unwrap_or(u32::MAX);
    match scope.kind {
        ScopeKind::Account => directory.named_account(AccountId::new(row)).name,
        ScopeKind::Strategy => directory.named_strategy(crate::types::StrategyId::new(row)).name,
        ScopeKind::Symbol => directory.named_instrument(crate::types::InstrumentId::new(row)).name,
        ScopeKind::Venue => directory.named_venue(crate::types::VenueId::new(row)).name,
        ScopeKind::Session => directory.named_session(SessionId::new(row)).name,
        ScopeKind::Node => node_name(state),
        ScopeKind::Order | ScopeKind::Basket => Name::clipped(&scope.row.to_string()),
    }
}

/// Returns the name of this node.
fn node_name(state: &State) -> Name {
    state.directory.gateway.as_ref().map_or_else(|| Name::clipped("node"), |row| row.node)
}
