//! How inputs that are facts by themselves change the state.

use crate::input::{
    CorporateAction, DayOpen, FillConfirmation, Input, OpeningPosition, PhaseChange, TradingHalt,
};
use crate::state::control::BasketRow;
use crate::state::directory::Refused;
use crate::state::market::{self, Stamped};
use crate::state::position::{Entry, FillState};
use crate::state::{Day, State};
use crate::types::number::QTY_MAX;
use crate::types::{
    CurrencyId, FillId, HaltKind, InstrumentId, PositionState, Price, PriceSource, Qty, WireId,
};

impl State {
    /// Applies the input of a record as it stands; the decider has checked every name in it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller dispatched on the kind")]
    pub(super) fn apply_fact(&mut self, input: &Input) {
        match input {
            Input::DayClose(_) => {
                if let Day::Open(date) = self.day {
                    self.day = Day::Closed(date);
                }
            }
            Input::Tick(_) => self.pass_time(),
            Input::Quote(_)
            | Input::MarketTrade(_)
            | Input::ReferencePrice(_)
            | Input::PriceBand(_)
            | Input::PhaseChange(_)
            | Input::TradingHalt(_)
            | Input::CurrencyRate(_)
            | Input::ShortSaleRestriction(_) => self.apply_market_fact(input),
            Input::MarginRequirement(_)
            | Input::Locate(_)
            | Input::Basket(_)
            | Input::VenueSession(_)
            | Input::TradingSession(_)
            | Input::ClientSession(_)
            | Input::CorporateAction(_)
            | Input::FillConfirmation(_)
            | Input::FillDispute(_) => self.apply_account_fact(input),
            other => {
                let defined = self.define(other);
                assert!(defined.is_ok(), "a fact was taken that does not fit: {defined:?}");
            }
        }
    }
    /// Takes a definition, all of it or nothing; says why it does not fit.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller dispatched on the kind")]
    pub(crate) fn define(&mut self, input: &Input) -> Result<(), Refused> {
        match input {
            Input::OpeningPosition(fact) => self.open_position(fact),
            Input::DayOpen(fact) => self.open_day(fact),
            other => self.directory.define(other),
        }
    }
    fn open_day(&mut self, fact: &DayOpen) -> Result<(), Refused> {
        let text = fact.trade_date.as_str();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if text.len() != 10 || digits != 8 {
            return Err("the trade date is not YYYY-MM-DD");
        }
        self.directory.error_account().ok_or("the error account is not defined")?;
        let node = self.directory.gateway.as_ref().map(|gateway| gateway.node);
        let node = node.ok_or("the gateway is defined first")?;
        self.wire_prefix = WireId::new(&format!("{node}-{}", text.replace('-', "")));
        self.directory.find_ceilings();
        self.day = Day::Open(fact.trade_date);
        Ok(())
    }
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller dispatched on the kind")]
    fn apply_market_fact(&mut self, input: &Input) {
        let symbol_of = |name| self.directory.instruments.find(name);
        match input {
            Input::Quote(fact) => {
                if let Some(id) = symbol_of(&fact.symbol) {
                    self.quote(id, fact.bid_px, fact.ask_px);
                }
            }
            Input::MarketTrade(fact) => {
                if let Some(id) = symbol_of(&fact.symbol) {
                    let stamped = Stamped { px: fact.px, ts: self.now };
                    let row = self.market.row_mut(id);
                    row.last = Some(stamped);
                    row.volume = Some(row.volume.unwrap_or(Qty::ZERO) + fact.qty);
                    self.note_mark(id, fact.px);
                }
            }
            Input::ReferencePrice(fact) => {
                if let Some(id) = symbol_of(&fact.symbol) {
                    self.reference(id, fact.source, fact.px);
                }
            }
            Input::PriceBand(fact) => {
                if let Some(id) = symbol_of(&fact.symbol) {
                    self.market.row_mut(id).band = Some((fact.lower_px, fact.upper_px));
                }
            }
            Input::PhaseChange(fact) => self.change_phase(fact),
            Input::TradingHalt(fact) => self.halt(fact),
            Input::CurrencyRate(fact) => {
                if let Some(id) = self.directory.currencies.find(&fact.currency) {
                    self.set_rate(id, fact.rate);
                }
            }
            Input::ShortSaleRestriction(fact) => {
                if let Some(id) = symbol_of(&fact.symbol) {
                    self.market.row_mut(id).short_restricted = fact.active;
                }
            }
            _ => {}
        }
    }
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller dispatched on the kind")]
    fn apply_account_fact(&mut self, input: &Input) {
        match input {
            Input::MarginRequirement(fact) => {
                if let Some(id) = self.directory.accounts.find(&fact.account) {
                    let (share, power) = (fact.requirement, fact.buying_power);
                    self.margin.set_requirement(id, share, power, self.step);
                }
            }
            Input::Locate(fact) => {
                let account = self.directory.accounts.find(&fact.account);
                let symbol = self.directory.instruments.find(&fact.symbol);
                if let (Some(account), Some(symbol)) = (account, symbol) {
                    self.control.add_locate(account, symbol, fact.locate_id, fact.qty);
                }
            }
            Input::Basket(fact) => {
                let account = self.directory.accounts.find(&fact.account);
                let session = self.directory.sessions.find(&fact.session);
                if let (Some(account), Some(session)) = (account, session) {
                    let notional = crate::types::Money::ZERO;
                    let row = BasketRow { account, notional_max: fact.notional_max, notional };
                    self.control.add_basket(session, fact.basket_id, row);
                }
            }
            Input::VenueSession(fact) => {
                if let Some(id) = self.directory.venues.find(&fact.venue) {
                    self.venues.set_connected(id, fact.connected);
                }
            }
            Input::TradingSession(fact) => {
                if let Some(id) = self.directory.venues.find(&fact.venue) {
                    self.venues.set_status(id, fact.status);
                }
            }
            Input::CorporateAction(fact) => self.split(fact),
            Input::FillConfirmation(fact) => self.confirm(fact),
            Input::FillDispute(fact) => {
                let venue = self.directory.venues.find(&fact.venue);
                let fill = venue.and_then(|id| self.positions.fill_by_exec_id(id, fact.exec_id));
                if let Some(id) = fill {
                    let undisputed = self.positions.fill(id).undisputed;
                    let disputed = PositionState::Disputed;
                    self.set_fill_state(id, if fact.disputed { disputed } else { undisputed });
                }
            }
            _ => {}
        }
    }
    fn quote(&mut self, id: InstrumentId, bid: Option<Price>, ask: Option<Price>) {
        let ts = self.now;
        let row = self.market.row_mut(id);
        row.bid = bid.map(|px| Stamped { px, ts });
        row.ask = ask.map(|px| Stamped { px, ts });
        if let Some(mid) = row.source(PriceSource::Mid, ts, i64::MAX) {
            self.note_mark(id, mid);
        }
    }
    /// Sets a rate, values the fills that waited for it, and has positions marked anew.
    fn set_rate(&mut self, id: CurrencyId, rate: Price) {
        self.market.set_rate(id, rate);
        let instruments = self.directory.instruments.iter();
        let same = instruments.filter(|(_, row)| row.currency == id).map(|(symbol, _)| symbol);
        let symbols: Vec<InstrumentId> = same.collect();
        self.price_fills(|_, fill| symbols.contains(&fill.symbol).then_some(Some(rate)));
        for symbol in symbols {
            self.market.mark_again(symbol);
        }
    }
    fn note_mark(&mut self, id: InstrumentId, px: Price) {
        let now = self.now;
        let phase = self.market.row(id).and_then(market::Row::phase);
        let rules = phase.and_then(|phase| self.directory.phase_rules(id, phase));
        let window_ns = rules.map_or(1_000_000_000, |rules| rules.drift_window_ns);
        self.market.note_mark(id, px, now, window_ns);
    }
    fn reference(&mut self, id: InstrumentId, source: PriceSource, px: Price) {
        let stamped = Some(Stamped { px, ts: self.now });
        let row = self.market.row_mut(id);
        match source {
            PriceSource::Mid | PriceSource::Last => {}
            PriceSource::Indicative => row.indicative = stamped,
            PriceSource::OfficialClose => row.official_close = stamped,
            PriceSource::PreviousClose => row.previous_close = stamped,
            PriceSource::SessionReference => row.session_reference = stamped,
        }
    }
    fn change_phase(&mut self, fact: &PhaseChange) {
        let all = self.directory.instruments.len();
        let ids: Vec<InstrumentId> = match &fact.symbol {
            Some(name) => self.directory.instruments.find(name).into_iter().collect(),
            None => (0..all).map(InstrumentId::from_index).collect(),
        };
        for id in ids {
            self.market.row_mut(id).set_phase(fact.phase);
        }
    }
    fn halt(&mut self, fact: &TradingHalt) {
        let venue = match &fact.venue {
            Some(name) => match self.directory.venues.find(name) {
                Some(id) => Some(id),
                None => return,
            },
            None => None,
        };
        if let Some(id) = self.directory.instruments.find(&fact.symbol) {
            let row = self.market.row_mut(id);
            if fact.active {
                row.begin_halt(venue, fact.kind.unwrap_or(HaltKind::Regulatory));
            } else {
                row.end_halt(venue);
            }
        }
    }
    fn open_position(&mut self, fact: &OpeningPosition) -> Result<(), Refused> {
        let account = self.directory.accounts.find(&fact.account).ok_or("unknown account")?;
        if !self.directory.accounts.at(account).tradable {
            return Err("the account holds no positions");
        }
        let symbol = self.directory.instruments.find(&fact.symbol).ok_or("unknown instrument")?;
        if fact.qty.unsigned_abs() > QTY_MAX {
            return Err("the position is larger than 10000000000 units");
        }
        if self.positions.row(account, symbol).is_some_and(|row| row.book.is_some()) {
            return Err("the position is already opened");
        }
        let instrument = self.directory.instruments.at(symbol);
        let (multiplier, currency) = (instrument.multiplier, instrument.currency);
        let rate = self.market.rate(currency).ok_or("the currency has no rate yet")?;
        let path = &self.directory.accounts.at(account).path;
        let row = self.positions.ensure(path, symbol);
        self.positions.record(row, Entry::Opening { qty: fact.qty, px: fact.average_px, rate });
        let holding = self.positions.folded(row, multiplier);
        self.hold(row, holding, 0);
        self.settle(row);
        Ok(())
    }
    /// Marks positions whose price changed; results that changed are then due for a look.
    fn pass_time(&mut self) {
        self.orders.prune();
        self.mark_holdings();
    }
    fn confirm(&mut self, fact: &FillConfirmation) {
        let Some(venue) = self.directory.venues.find(&fact.venue) else {
            return;
        };
        let symbol = fact.symbol.as_ref().and_then(|name| self.directory.instruments.find(name));
        let unsure = PositionState::Provisional;
        let fills = self.positions.fills();
        let due: Vec<FillId> = fills
            .filter(|(_, fill)| fill.venue == venue && fill.undisputed == unsure)
            .filter(|(_, fill)| fill.ts <= fact.until_ts && fill.state != FillState::Busted)
            .filter(|(_, fill)| fact.symbol.is_none() || symbol == Some(fill.symbol))
            .map(|(id, _)| id)
            .collect();
        for id in due {
            self.positions.fill_mut(id).undisputed = PositionState::Confirmed;
            if self.positions.fill(id).state == FillState::Counts(unsure) {
                self.set_fill_state(id, PositionState::Confirmed);
            }
        }
    }
    fn split(&mut self, fact: &CorporateAction) {
        let Some(symbol) = self.directory.instruments.find(&fact.symbol) else {
            return;
        };
        let (numerator, denominator) = (fact.numerator, fact.denominator);
        let multiplier = self.directory.instruments.at(symbol).multiplier;
        let scale = |units: u64| {
            let units = u128::from(units) * u128::from(numerator) / u128::from(denominator.max(1));
            Qty::new(u64::try_from(units).unwrap_or(u64::MAX))
        };
        let row = self.directory.instruments.at_mut(symbol);
        row.average_volume = row.average_volume.map(|qty| scale(qty.units()));
        row.shares_outstanding = row.shares_outstanding.map(|qty| scale(qty.units()));
        for at in self.positions.holders(symbol).to_vec() {
            for (venue, change) in self.positions.split_fills(at, numerator, denominator) {
                self.venues.add_traded(venue, symbol, change);
            }
            self.positions.record(at, Entry::Split { numerator, denominator });
            let holding = self.positions.folded(at, multiplier);
            self.hold(at, holding, 0);
        }
        self.market.row_mut(symbol).split(numerator, denominator);
        self.market.mark_again(symbol);
    }
}
