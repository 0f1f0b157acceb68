//! Commands of people: named keys, numbers used once, two persons where something is loosened.

use ed25519_dalek::{Signature, VerifyingKey};

use super::{About, Step, scope_name};
use crate::event::{
    CancelCause, LatchRearmed, LimitChanged, RestrictionSet, StrategyAttended, Subject,
    TradingStateSet,
};
use crate::input::{
    Attendance, Input, LimitChange, NewOrder, Rearm, Restriction, TradingStateCommand,
};
use crate::limit::{Limit, LimitKey};
use crate::reason::{Denial, Reason};
use crate::state::State;
use crate::state::control::ScopeRef;
use crate::state::directory::parse_hex;
use crate::types::{ChildId, Hex, Name, OperatorId, OrderId, ScopeKind, TradingState};

/// Words before the text of every signed command, so that a signature fits nothing else.
const SIGNING_DOMAIN: &str = "ringfence command v1";

/// Returns the text that the persons of a command sign: all fields but the signatures.
pub fn signing_text(input: &Input) -> String {
    let mut text = format!("{SIGNING_DOMAIN}\n{}\n", input.name());
    let mut fields = String::new();
    input.show(&mut fields);
    for name in ["signature", "second_signature"] {
        let mark = format!(",\"{name}\":\"");
        let Some(start) = fields.find(&mark) else {
            continue;
        };
        let value = fields.get(start + mark.len()..).unwrap_or_default();
        let end = start + mark.len() + value.find('"').unwrap_or(value.len()) + 1;
        fields.replace_range(start..end.min(fields.len()), "");
    }
    text.push_str(&fields);
    text
}

/// Who signed a command.
struct Signed {
    operator: Option<Name>,
    nonce: Option<u64>,
    signature: Option<Hex>,
    second_operator: Option<Name>,
    second_signature: Option<Hex>,
}

impl Step<'_> {
    /// Checks the signatures of a command; `persons` is 1 or 2.
    ///
    /// A good first signature uses up the number of the command, whatever comes of it.
    fn check_signed(&mut self, by: &Signed, persons: u8) -> Result<(), Denial> {
        let name = by.operator.unwrap_or_else(|| Name::clipped("nobody"));
        let deny = |reason, name| Denial::new(reason, ScopeKind::Node, name);
        let text = signing_text(self.input);
        let first = check_person(self.state, &text, name, by.signature)?;
        match by.nonce {
            Some(nonce) if nonce > self.state.control.nonce(first) => {
                self.authentic = Some((name, nonce));
            }
            Some(_) | None => return Err(deny(Reason::NonceUsed, name)),
        }
        if persons < 2 {
            return Ok(());
        }
        let Some(second) = by.second_operator.filter(|second| *second != name) else {
            return Err(deny(Reason::SecondPersonRequired, name));
        };
        check_person(self.state, &text, second, by.second_signature).map(drop)
    }
    /// Checks the signature of an order that is not a client's.
    pub(super) fn check_order_signature(&mut self, order: &NewOrder) -> Result<(), Denial> {
        let by = Signed {
            operator: order.operator,
            nonce: order.nonce,
            signature: order.signature,
            second_operator: None,
            second_signature: None,
        };
        self.check_signed(&by, 1)
    }
}

fn check_person(
    state: &State,
    text: &str,
    name: Name,
    signature: Option<Hex>,
) -> Result<OperatorId, Denial> {
    let deny = |reason| Denial::new(reason, ScopeKind::Node, name);
    let id = state.directory.operators.find(&name).ok_or_else(|| deny(Reason::OperatorUnknown))?;
    let key = VerifyingKey::from_bytes(state.directory.operators.at(id));
    let bytes = signature.and_then(|hex| parse_hex::<64>(hex.as_str()));
    let (Ok(key), Some(bytes)) = (key, bytes) else {
        return Err(deny(Reason::SignatureInvalid));
    };
    match key.verify_strict(text.as_bytes(), &Signature::from_bytes(&bytes)) {
        Ok(()) => Ok(id),
        Err(_) => Err(deny(Reason::SignatureInvalid)),
    }
}

/// Returns the scope that a command names.
fn find_scope(state: &State, kind: ScopeKind, name: &Name) -> Result<ScopeRef, Denial> {
    let directory = &state.directory;
    let found = match kind {
        ScopeKind::Account => directory.accounts.find(name).map(ScopeRef::account),
        ScopeKind::Strategy => directory.strategies.find(name).map(ScopeRef::strategy),
        ScopeKind::Symbol => directory.instruments.find(name).map(ScopeRef::symbol),
        ScopeKind::Venue => directory.venues.find(name).map(ScopeRef::venue),
        ScopeKind::Session => directory.sessions.find(name).map(ScopeRef::session),
        ScopeKind::Node => {
            let node = directory.gateway.as_ref().filter(|gateway| gateway.node == *name);
            node.map(|_| ScopeRef::node())
        }
        ScopeKind::Order | ScopeKind::Basket => None,
    };
    found.ok_or_else(|| Denial::new(Reason::ScopeUnknown, kind, *name))
}

impl Step<'_> {
    fn command(&mut self, result: Result<(), Denial>) {
        if let Err(denial) = result {
            self.deny(Subject::Command, &denial, About::default());
        }
    }
    pub(super) fn trading_state(&mut self, command: &TradingStateCommand) {
        let result = self.set_state(command);
        self.command(result);
    }
    fn set_state(&mut self, command: &TradingStateCommand) -> Result<(), Denial> {
        let scope = find_scope(self.state, command.scope_kind, &command.scope)?;
        let row = self.state.control.scopes.get(scope).copied();
        let now = row.map_or(TradingState::Active, |row| row.state);
        let persons = if command.state < now { 2 } else { 1 };
        let by = Signed {
            operator: Some(command.operator),
            nonce: Some(command.nonce),
            signature: Some(command.signature),
            second_operator: command.second_operator,
            second_signature: command.second_signature,
        };
        self.check_signed(&by, persons)?;
        if persons == 2 && row.is_some_and(|row| row.latch.is_some()) {
            return Err(Denial::new(Reason::ScopeLatched, scope.kind, command.scope));
        }
        self.emit(TradingStateSet {
            scope_kind: scope.kind,
            scope: scope_name(self.state, scope),
            scope_row: scope.row,
            state: command.state,
            cancel_open: command.cancel_open,
            cause: command.cause,
            operator: command.operator,
            nonce: command.nonce,
            second_operator: command.second_operator.filter(|_| persons == 2),
        });
        if command.cancel_open {
            let orders = self.state.orders.open_orders();
            let fresh = |id: &OrderId| {
                self.is_parent_in(*id, scope) && self.state.orders.order(*id).cancel.is_none()
            };
            let parents: Vec<_> = orders.filter(fresh).collect();
            for order_id in &parents {
                self.cancel_parent(*order_id, None, CancelCause::Halt);
            }
            let open = self.state.orders.open_children();
            let asked = |id: &ChildId| {
                parents.binary_search(&self.state.orders.child(*id).order_id).is_ok()
            };
            let inside = open.filter(|id| self.state.is_in_scope(*id, scope) && !asked(id));
            let inside: Vec<_> = inside.collect();
            for child_id in inside {
                self.request_cancel(child_id, CancelCause::Halt);
            }
        }
        self.report_flat();
        Ok(())
    }
    /// Returns whether a halt of `scope` ends a whole parent; at a venue, only a direct one.
    fn is_parent_in(&self, id: OrderId, scope: ScopeRef) -> bool {
        let order = self.state.orders.order(id);
        match scope.kind {
            ScopeKind::Node => true,
            ScopeKind::Account => {
                let path = &self.state.directory.accounts.at(order.account).path;
                path.iter().any(|node| ScopeRef::account(*node) == scope)
            }
            ScopeKind::Strategy => ScopeRef::strategy(order.strategy) == scope,
            ScopeKind::Symbol => ScopeRef::symbol(order.symbol) == scope,
            ScopeKind::Session => ScopeRef::session(order.session) == scope,
            ScopeKind::Venue => order.venue.map(ScopeRef::venue) == Some(scope),
            ScopeKind::Order | ScopeKind::Basket => false,
        }
    }
    pub(super) fn rearm(&mut self, command: &Rearm) {
        let result = self.rearm_scope(command);
        self.command(result);
    }
    fn rearm_scope(&mut self, command: &Rearm) -> Result<(), Denial> {
        let scope = find_scope(self.state, command.scope_kind, &command.scope)?;
        let by = Signed {
            operator: Some(command.operator),
            nonce: Some(command.nonce),
            signature: Some(command.signature),
            second_operator: None,
            second_signature: None,
        };
        self.check_signed(&by, 1)?;
        let deny = |reason| Denial::new(reason, scope.kind, command.scope);
        let row = self.state.control.scopes.get(scope).copied();
        let Some((row, latch)) = row.and_then(|row| Some((row, row.latch?))) else {
            return Err(deny(Reason::NotLatched));
        };
        if latch.operator == Some(command.operator) {
            return Err(deny(Reason::TrippedBySame));
        }
        let most = self.state.directory.gateway.as_ref().map_or(0, |gateway| gateway.rearm_max);
        if row.rearm_count >= most {
            return Err(deny(Reason::RearmLimit));
        }
        self.emit(LatchRearmed {
            scope_kind: scope.kind,
            scope: row.name,
            scope_row: scope.row,
            operator: command.operator,
            nonce: command.nonce,
            cause: command.cause,
        });
        Ok(())
    }
    pub(super) fn limit_change(&mut self, command: &LimitChange) {
        let result = self.change_limit(command);
        self.command(result);
    }
    fn change_limit(&mut self, command: &LimitChange) -> Result<(), Denial> {
        let deny = |reason| {
            Denial::new(reason, ScopeKind::Account, command.limits).about(Some(command.limit))
        };
        let set = self.state.directory.limits.find(&command.limits);
        let bound = set.and_then(|set| self.state.directory.bound(set, command.limit));
        let value = command.value.in_unit_of(command.limit);
        let (Some(bound), Some(value)) = (bound, value) else {
            return Err(deny(Reason::LimitInvalid));
        };
        if command.expire_ts.is_some_and(|end| end <= self.state.now) {
            return Err(deny(Reason::Expired));
        }
        let old_value = bound.limit;
        let persons = if is_tighter(command.limit, old_value, value) { 1 } else { 2 };
        let control = &self.state.control;
        let ends = set.and_then(|set| {
            let permanent = control.permanent_value(set, command.limit)?;
            let end = control.temporary_end(set, command.limit)?;
            (!is_tighter(command.limit, permanent, value)).then_some(end)
        });
        // One person may tighten a temporary value, but not make what is left of it last longer.
        let expire_ts = match (ends.filter(|_| persons == 1), command.expire_ts) {
            (Some(end), Some(asked)) => Some(end.min(asked)),
            (Some(end), None) => Some(end),
            (None, asked) => asked,
        };
        let by = Signed {
            operator: Some(command.operator),
            nonce: Some(command.nonce),
            signature: Some(command.signature),
            second_operator: command.second_operator,
            second_signature: command.second_signature,
        };
        self.check_signed(&by, persons)?;
        self.emit(LimitChanged {
            limits: command.limits,
            limit: command.limit,
            old_value: old_value.on_wire(command.limit),
            value: value.on_wire(command.limit),
            expire_ts,
            operator: Some(command.operator),
            nonce: Some(command.nonce),
            second_operator: command.second_operator.filter(|_| persons == 2),
        });
        Ok(())
    }
    pub(super) fn attendance(&mut self, command: &Attendance) {
        let result = self.attend(command);
        self.command(result);
    }
    fn attend(&mut self, command: &Attendance) -> Result<(), Denial> {
        let Some(strategy) = self.state.directory.strategies.find(&command.strategy) else {
            let (reason, kind) = (Reason::UnknownStrategy, ScopeKind::Strategy);
            return Err(Denial::new(reason, kind, command.strategy));
        };
        let by = Signed {
            operator: Some(command.operator),
            nonce: Some(command.nonce),
            signature: Some(command.signature),
            second_operator: None,
            second_signature: None,
        };
        self.check_signed(&by, 1)?;
        let strategy = self.state.directory.named_strategy(strategy);
        let (operator, nonce) = (command.operator, command.nonce);
        self.emit(StrategyAttended { strategy, operator, nonce });
        Ok(())
    }
    pub(super) fn restriction(&mut self, command: &Restriction) {
        let result = self.restrict(command);
        self.command(result);
    }
    /// Beginning a restriction is open to every feed; ending one needs two persons.
    fn restrict(&mut self, command: &Restriction) -> Result<(), Denial> {
        let directory = &self.state.directory;
        let Some(account) = directory.accounts.find(&command.account) else {
            let (reason, kind) = (Reason::UnknownAccount, ScopeKind::Account);
            return Err(Denial::new(reason, kind, command.account));
        };
        let Some(symbol) = directory.instruments.find(&command.symbol) else {
            let (reason, kind) = (Reason::UnknownInstrument, ScopeKind::Symbol);
            return Err(Denial::new(reason, kind, command.symbol));
        };
        if !command.active {
            let by = Signed {
                operator: command.operator,
                nonce: command.nonce,
                signature: command.signature,
                second_operator: command.second_operator,
                second_signature: command.second_signature,
            };
            self.check_signed(&by, 2)?;
        }
        let directory = &self.state.directory;
        let event = RestrictionSet {
            account: directory.named_account(account),
            symbol: directory.named_instrument(symbol),
            side: command.side,
            active: command.active,
            operator: command.operator.filter(|_| !command.active),
            nonce: command.nonce.filter(|_| !command.active),
        };
        self.emit(event);
        Ok(())
    }
}

/// Returns whether a change can only refuse more than before.
fn is_tighter(key: LimitKey, old: Limit, new: Limit) -> bool {
    match (old, new) {
        (Limit::At(old), Limit::At(new)) if key.is_floor() => new >= old,
        (Limit::At(old), Limit::At(new)) => new <= old,
        (Limit::Unlimited, Limit::At(_)) => !key.is_floor(),
        (Limit::At(_) | Limit::Unlimited, Limit::Unlimited) => false,
    }
}
