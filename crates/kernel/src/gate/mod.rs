//! The gate: every rule on every child, replace, triggered stop, liquidation and operator order.
//!
//! It runs after the last transformation, decides all levels of the account tree in one step, and
//! is the only maker of an [`Approval`]. A rule that cannot be computed denies. Refuses: a switch
//! that turns a rule off.

mod case;
mod rules;

pub use case::{Case, Draft, Level, Stages, judge};

use crate::limit::{Amount, Level as Use, LimitKey};
use crate::reason::{Denial, Reason};
use crate::state::control::ScopeRef;
use crate::types::{
    AccountId, InstrumentId, Money, Name, Named, OrdType, OrderId, Price, Qty, ScopeKind, Side,
    TimeInForce, VenueId,
};

/// Proof that the gate passed a child with exactly these terms; consumed by sending.
///
/// Only [`run`] makes one. It has no public constructor, no `Clone`, no `Default`.
#[derive(Debug)]
#[must_use = "an approval that is dropped sends nothing"]
pub struct Approval {
    terms: Approved,
}

/// What an approval was about, once it is spent.
#[derive(Debug)]
pub(crate) struct Approved {
    pub(crate) step: u64,
    pub(crate) order_id: OrderId,
    pub(crate) account: Named<AccountId>,
    pub(crate) venue: Named<VenueId>,
    pub(crate) symbol: Named<InstrumentId>,
    pub(crate) side: Side,
    pub(crate) ord_type: OrdType,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) qty: Qty,
    pub(crate) added_qty: Qty,
    pub(crate) price: Option<Price>,
    pub(crate) unit_exposure: Money,
}

impl Approval {
    /// Returns the venue and the instrument that were approved.
    pub(crate) const fn place(&self) -> (VenueId, InstrumentId) {
        (self.terms.venue.id, self.terms.symbol.id)
    }
    /// Returns the exposure of one unit at the approved price, base currency.
    pub(crate) const fn unit_exposure(&self) -> Money {
        self.terms.unit_exposure
    }
    /// Returns the units that were approved above what is open.
    pub(crate) const fn added_qty(&self) -> Qty {
        self.terms.added_qty
    }
    /// Returns the terms, consuming the proof.
    pub(crate) const fn spend(self) -> Approved {
        self.terms
    }
}

/// A limit that is used beyond its warning share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// How far.
    pub level: Use,
    /// Rule that warns.
    pub rule: u8,
    /// Limit; absent for buying power.
    pub limit: Option<LimitKey>,
    /// Value of the limit.
    pub bound: Amount,
    /// Value with this order.
    pub value: Amount,
    /// Kind of scope.
    pub scope_kind: ScopeKind,
    /// Name of the scope.
    pub scope: Name,
}

/// One rule of the gate.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Number, stable.
    pub number: u8,
    /// Name, snake_case.
    pub name: &'static str,
    /// Stages at which it runs.
    pub stages: Stages,
    /// Whether passing its block level halts the scope that caused it.
    pub latches: bool,
    /// Source text of the rule; its docstring has the fixed headings.
    pub source: &'static str,
}

/// Returns every rule in the order in which they run.
pub const fn rules() -> &'static [Rule] {
    rules::ALL
}

/// Runs every rule of the case's stages; returns what is needed to enter or to send.
///
/// Warnings are added to `warnings` also when the case is denied.
pub fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    rules::check(case, warnings)
}

/// Runs every rule and returns the proof that the child of the case may be sent.
pub fn run(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<Approval, Denial> {
    assert!(case.stages.meets(Stages::SENDS), "I3: an approval needs a stage that sends");
    check(case, warnings)?;
    let directory = &case.state.directory;
    let Some(venue) = case.draft.venue else {
        return Err(case.deny(Reason::UnknownVenue));
    };
    let Some(unit_exposure) = case.unit_exposure else {
        return Err(case.deny(Reason::Unpriceable));
    };
    Ok(Approval {
        terms: Approved {
            step: case.state.step,
            order_id: case.draft.order_id,
            account: directory.named_account(case.draft.account),
            venue: directory.named_venue(venue),
            symbol: directory.named_instrument(case.draft.symbol),
            side: case.draft.side,
            ord_type: case.draft.ord_type,
            time_in_force: case.draft.time_in_force,
            qty: case.draft.qty,
            added_qty: case.draft.added_qty,
            price: case.draft.price,
            unit_exposure,
        },
    })
}

/// Returns the scope that a denial halts, or `None` when it only refuses.
///
/// Rules 14 and 24 to 26 halt the strategy, or the account of a direct order; rule 23 the node
/// that lost; the disable level of rule 13 the session.
pub fn scope_to_latch(case: &Case<'_>, denial: &Denial) -> Option<ScopeRef> {
    let draft = &case.draft;
    let cause = if draft.direct {
        ScopeRef::account(draft.account)
    } else {
        ScopeRef::strategy(draft.strategy)
    };
    match denial.rule {
        14 | 24 | 25 | 26 if denial.reason.is_block() => Some(cause),
        23 if denial.reason.is_block() => {
            case.state.directory.accounts.find(&denial.scope).map(ScopeRef::account)
        }
        13 if denial.reason == Reason::MessageDisable => Some(ScopeRef::session(draft.session)),
        _ => None,
    }
}
