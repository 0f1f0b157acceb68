//! Definitions and facts: taken when every name in them is known, refused otherwise.

use super::{About, Step};
use crate::event::{FactTaken, Subject};
use crate::input::Input;
use crate::limit::Amount;
use crate::reason::{Denial, Reason};
use crate::state::directory::Refused;
use crate::state::position::{FillState, Row};
use crate::state::{Day, State};
use crate::types::number::{QTY_MAX, RATE_MAX};
use crate::types::{HaltKind, Name, PositionState, ScopeKind};

impl Step<'_> {
    /// Takes a definition if it fits: applying it is the check, and it changes all or nothing.
    pub(super) fn definition(&mut self) {
        let taken = check_day(self.state, self.input).and_then(|()| self.state.define(self.input));
        match taken {
            Ok(()) => self.events.push(FactTaken {}.into()),
            Err(why) => {
                let (reason, why) = (Reason::DefinitionInvalid, Name::clipped(why));
                let denial = Denial::new(reason, ScopeKind::Node, why);
                self.deny(Subject::Definition, &denial, About::default());
            }
        }
    }
    pub(super) fn fact(&mut self) {
        match check_fact(self.state, self.input) {
            Ok(()) => {
                self.take_fact();
                if let Input::MarketTrade(trade) = self.input {
                    self.trigger_stops(trade.symbol, trade.px);
                }
            }
            Err(denial) => self.deny(Subject::Fact, &denial, About::default()),
        }
    }
}

fn check_day(state: &State, input: &Input) -> Result<(), Refused> {
    if state.day != Day::Defining {
        return Err("the day is already open");
    }
    let first = matches!(input, Input::GatewayDefinition(_));
    if state.directory.gateway.is_none() && !first {
        return Err("the gateway is defined first");
    }
    Ok(())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller dispatched on the kind")]
fn check_fact(state: &State, input: &Input) -> Result<(), Denial> {
    let directory = &state.directory;
    let unknown = |reason, kind, name: &Name| Err(Denial::new(reason, kind, *name));
    let symbol = |name: &Name| match directory.instruments.find(name) {
        Some(_) => Ok(()),
        None => unknown(Reason::UnknownInstrument, ScopeKind::Symbol, name),
    };
    let account = |name: &Name| match directory.accounts.find(name) {
        Some(_) => Ok(()),
        None => unknown(Reason::UnknownAccount, ScopeKind::Account, name),
    };
    let venue = |name: &Name| match directory.venues.find(name) {
        Some(_) => Ok(()),
        None => unknown(Reason::UnknownVenue, ScopeKind::Venue, name),
    };
    match input {
        Input::Quote(fact) => symbol(&fact.symbol),
        Input::MarketTrade(fact) => symbol(&fact.symbol),
        Input::ReferencePrice(fact) => symbol(&fact.symbol),
        Input::PriceBand(fact) => symbol(&fact.symbol),
        Input::PhaseChange(fact) => fact.symbol.as_ref().map_or(Ok(()), symbol),
        Input::TradingHalt(fact) => {
            symbol(&fact.symbol)?;
            match (&fact.venue, fact.kind) {
                (Some(name), _) => venue(name),
                // What is one venue's alone has a venue.
                (None, Some(HaltKind::Operational)) => {
                    unknown(Reason::TermsInvalid, ScopeKind::Symbol, &fact.symbol)
                }
                (None, _) => Ok(()),
            }
        }
        Input::TradingSession(fact) => venue(&fact.venue),
        Input::ShortSaleRestriction(fact) => symbol(&fact.symbol),
        Input::MarginRequirement(fact) => account(&fact.account),
        Input::Locate(fact) => account(&fact.account).and_then(|()| symbol(&fact.symbol)),
        Input::FillConfirmation(fact) => {
            venue(&fact.venue)?;
            fact.symbol.as_ref().map_or(Ok(()), symbol)
        }
        Input::CurrencyRate(fact) => {
            let known = directory.currencies.find(&fact.currency).is_some();
            let nanos = i128::from(fact.rate.nanos());
            if known && (1..=RATE_MAX).contains(&nanos) {
                return Ok(());
            }
            let denial = Denial::new(Reason::TermsInvalid, ScopeKind::Symbol, fact.currency);
            Err(denial.measured(Amount::price(fact.rate), None))
        }
        Input::FillDispute(fact) => check_dispute(state, fact),
        Input::Basket(fact) => check_basket(state, fact),
        Input::CorporateAction(fact) => {
            symbol(&fact.symbol)?;
            check_split(state, fact)
        }
        _ => Ok(()),
    }
}

fn check_dispute(state: &State, fact: &crate::input::FillDispute) -> Result<(), Denial> {
    let deny = |reason| Err(Denial::new(reason, ScopeKind::Venue, fact.venue));
    let Some(venue) = state.directory.venues.find(&fact.venue) else {
        return deny(Reason::UnknownVenue);
    };
    let fill = state.positions.fill_by_exec_id(venue, fact.exec_id);
    let disputed = FillState::Counts(PositionState::Disputed);
    match fill.map(|fill| state.positions.fill(fill).state) {
        Some(FillState::Busted) => deny(Reason::OrderClosed),
        Some(now) if fact.disputed == (now == disputed) => deny(Reason::TermsInvalid),
        Some(FillState::Counts(_)) => Ok(()),
        None => deny(Reason::UnknownOrder),
    }
}

fn check_basket(state: &State, fact: &crate::input::Basket) -> Result<(), Denial> {
    let directory = &state.directory;
    let Some(session) = directory.sessions.find(&fact.session) else {
        return Err(Denial::new(Reason::UnknownSession, ScopeKind::Session, fact.session));
    };
    let Some(account) = directory.accounts.find(&fact.account) else {
        return Err(Denial::new(Reason::UnknownAccount, ScopeKind::Account, fact.account));
    };
    if !directory.sessions.at(session).may_use_account(&directory.accounts.at(account).path) {
        return Err(Denial::new(Reason::NotEntitled, ScopeKind::Account, fact.account));
    }
    if state.control.basket(session, fact.basket_id).is_some() {
        let scope = Name::clipped(fact.basket_id.as_str());
        return Err(Denial::new(Reason::DuplicateClOrdId, ScopeKind::Basket, scope));
    }
    Ok(())
}

fn check_split(state: &State, fact: &crate::input::CorporateAction) -> Result<(), Denial> {
    let deny = |reason| Err(Denial::new(reason, ScopeKind::Symbol, fact.symbol));
    let whole = |units: u32| (1..=1_000).contains(&units);
    if !whole(fact.numerator) || !whole(fact.denominator) {
        return deny(Reason::TermsInvalid);
    }
    let symbol = state.directory.instruments.find(&fact.symbol);
    let mut open = state.orders.open_orders();
    if open.any(|id| Some(state.orders.order(id).symbol) == symbol) {
        return deny(Reason::OpenOrders);
    }
    let Some(symbol) = symbol else { return Ok(()) };
    let (numerator, denominator) = (fact.numerator, fact.denominator);
    let mut rows = state.positions.rows().filter(|row| row.symbol == symbol);
    let too_many = |row: &Row| {
        let units = i128::from(row.qty) * i128::from(numerator);
        (units / i128::from(denominator)).unsigned_abs() > u128::from(QTY_MAX)
    };
    let market = state.market.row(symbol);
    let priced = market.is_none_or(|row| row.can_split(numerator, denominator));
    if rows.any(too_many) || !priced {
        return deny(Reason::TermsInvalid);
    }
    Ok(())
}
