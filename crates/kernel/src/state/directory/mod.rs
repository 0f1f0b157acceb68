//! Who and what exists: accounts, instruments, strategies, venues, sessions, operators, limits.
//!
//! Filled by definitions before the day opens; afterwards only limits change. Refuses: a name used
//! twice, a parent that does not exist yet, a tree deeper than eight.

mod account;
mod instrument;
mod names;
mod registry;
mod session;

pub use account::{Account, Path};
pub use instrument::{Instrument, Ladder, PhaseRules, Plan};
pub use names::{ordtype_bit, parse_hex};
pub use registry::Registry;
pub use session::Session;

use std::collections::BTreeMap;

use crate::input::{
    AccountDefinition, Entitlement, GatewayDefinition, Input, InstrumentDefinition,
    LimitDefinition, OperatorDefinition, PhaseDefinition, SessionDefinition, StrategyDefinition,
    TickDefinition, VenueDefinition,
};
use crate::limit::{Bound, Ceilings, Limit, LimitKey, LimitSet};
use crate::types::number::MULTIPLIER_MAX;
use crate::types::table::RowId;
use crate::types::{
    AccountId, CurrencyId, GroupId, InstrumentId, LadderId, Name, Named, OperatorId, Phase, PlanId,
    Price, ScopeKind, SessionId, SetId, StrategyId, VenueId,
};
use names::{parse_ordtypes, parse_phases, parse_sources};
use session::Allowed;

/// Deepest account tree: firm, desk, trader or strategy, client account and four to spare.
pub const TREE_DEPTH_MAX: usize = 8;
/// Most rows of any table of definitions.
pub const DEFINITIONS_MAX: usize = 1_000_000;

/// Most steps of a tick ladder.
pub const LADDER_MAX: usize = 64;

/// Window used for counting where a limit set names none: one second.
pub const WINDOW_FALLBACK_NS: i64 = 1_000_000_000;

/// Why a definition was refused.
pub type Refused = &'static str;

/// A venue as configured.
#[derive(Clone, Debug, Hash)]
pub struct Venue {
    /// Name.
    pub name: Name,
    /// Whether its fills stay provisional until confirmed.
    pub provisional: bool,
    /// Time without an answer after which an order is in doubt, in nanoseconds.
    pub ack_timeout_ns: i64,
    /// Messages it takes in a second.
    pub message_max: u32,
}

/// Everything that is defined.
#[derive(Clone, Debug, Hash)]
pub struct Directory {
    seed: Seed,
    /// This gateway; absent until defined.
    pub gateway: Option<GatewayDefinition>,
    /// Sets of limits by name.
    pub limits: Registry<SetId, LimitSet>,
    /// Account tree.
    pub accounts: Registry<AccountId, Account>,
    /// Instruments.
    pub instruments: Registry<InstrumentId, Instrument>,
    /// Strategies; true for direct market access.
    pub strategies: Registry<StrategyId, (Name, bool)>,
    /// Venues.
    pub venues: Registry<VenueId, Venue>,
    /// Sessions.
    pub sessions: Registry<SessionId, Session>,
    /// Currencies.
    pub currencies: Registry<CurrencyId, Name>,
    /// Self-match groups.
    pub groups: Registry<GroupId, Name>,
    /// Public keys of people.
    pub operators: Registry<OperatorId, [u8; 32]>,
    ladders: Registry<LadderId, Ladder>,
    plans: Registry<PlanId, Plan>,
    ceilings: Vec<(Vec<SetId>, Ceilings)>,
}

/// The map seed; not part of the state, so it hashes to nothing.
#[derive(Clone, Copy, Debug)]
struct Seed(u64);

impl core::hash::Hash for Seed {
    fn hash<H: core::hash::Hasher>(&self, _state: &mut H) {}
}

impl Directory {
    /// Returns an empty directory with map `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            seed: Seed(seed),
            gateway: None,
            limits: Registry::new(seed),
            accounts: Registry::new(seed),
            instruments: Registry::new(seed),
            strategies: Registry::new(seed),
            venues: Registry::new(seed),
            sessions: Registry::new(seed),
            currencies: Registry::new(seed),
            groups: Registry::new(seed),
            operators: Registry::new(seed),
            ladders: Registry::new(seed),
            plans: Registry::new(seed),
            ceilings: Vec::new(),
        }
    }
    /// Returns the account with its name.
    pub fn named_account(&self, id: AccountId) -> Named<AccountId> {
        Named { id, name: self.accounts.at(id).name }
    }
    /// Returns the instrument with its name.
    pub fn named_instrument(&self, id: InstrumentId) -> Named<InstrumentId> {
        Named { id, name: self.instruments.at(id).symbol }
    }
    /// Returns the strategy with its name.
    pub fn named_strategy(&self, id: StrategyId) -> Named<StrategyId> {
        Named { id, name: self.strategies.at(id).0 }
    }
    /// Returns the venue with its name.
    pub fn named_venue(&self, id: VenueId) -> Named<VenueId> {
        Named { id, name: self.venues.at(id).name }
    }
    /// Returns the session with its name.
    pub fn named_session(&self, id: SessionId) -> Named<SessionId> {
        Named { id, name: self.sessions.at(id).name }
    }
    /// Returns the account that takes fills nobody ordered.
    pub fn error_account(&self) -> Option<AccountId> {
        self.gateway.as_ref().and_then(|gateway| self.accounts.find(&gateway.error_account))
    }
    /// Returns whether this is the name of the account that takes fills nobody ordered.
    pub fn is_error_account(&self, name: &Name) -> bool {
        self.gateway.as_ref().is_some_and(|gateway| gateway.error_account == *name)
    }
    /// Returns the steps of an instrument's price.
    pub fn ladder(&self, instrument: &Instrument) -> &[(Price, Price)] {
        self.ladders.at(instrument.ladder)
    }
    /// Returns the rules of an instrument in a phase.
    pub fn phase_rules(&self, id: InstrumentId, phase: Phase) -> Option<&PhaseRules> {
        let plan = self.plans.at(self.instruments.at(id).plan);
        plan.get(phase.index()).and_then(Option::as_ref)
    }
    /// Returns the largest values that no node of an account's path even warns about.
    pub fn ceilings(&self, account: &Account) -> Option<&Ceilings> {
        self.ceilings.get(account.ceiling?).map(|(_, lowest)| lowest)
    }
    /// Works out what passes every node of each account's path without a word.
    pub(crate) fn find_ceilings(&mut self) {
        let mut rows = BTreeMap::new();
        for index in 0..self.accounts.len() {
            let id = AccountId::from_row(index);
            let sets: Vec<SetId> = self.accounts.at(id).path.nodes().map(|(_, set)| set).collect();
            let (limits, ceilings) = (&self.limits, &mut self.ceilings);
            let row = rows.entry(sets).or_insert_with_key(|sets| {
                let lowest = Ceilings::of(sets.iter().map(|set| limits.at(*set)));
                ceilings.push((sets.clone(), lowest));
                ceilings.len() - 1
            });
            self.accounts.at_mut(id).ceiling = Some(*row);
        }
    }
    /// Sets a bound of a set, and the ceilings of every path that it is on.
    pub(crate) fn set_bound(&mut self, set: SetId, key: LimitKey, bound: Bound) {
        self.limits.at_mut(set).set(key, bound);
        let limits = &self.limits;
        for (sets, lowest) in self.ceilings.iter_mut().filter(|(sets, _)| sets.contains(&set)) {
            *lowest = Ceilings::of(sets.iter().map(|set| limits.at(*set)));
        }
    }
    /// Returns the name of every set of limits, sorted.
    pub fn limit_names(&self) -> impl Iterator<Item = (Name, SetId)> {
        self.limits.names.sorted().into_iter().map(|(name, id)| (*name, *id))
    }
    /// Returns a window of a set in nanoseconds, or a second where it names none.
    pub fn window(&self, set: SetId, key: LimitKey) -> i64 {
        self.limits.at(set).parameter(key).unwrap_or(WINDOW_FALLBACK_NS).max(1)
    }
    /// Returns the bound of a limit of a set.
    pub fn bound(&self, set: SetId, key: LimitKey) -> Option<&Bound> {
        self.limits.at(set).get(key)
    }

    /// Takes a definition, all of it or nothing; says why it does not fit.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller dispatched on the kind")]
    pub(crate) fn define(&mut self, input: &Input) -> Result<(), Refused> {
        match input {
            Input::GatewayDefinition(def) => self.define_gateway(def),
            Input::LimitDefinition(def) => self.define_limit(def),
            Input::AccountDefinition(def) => self.define_account(def),
            Input::StrategyDefinition(def) => self.define_strategy(def),
            Input::VenueDefinition(def) => self.define_venue(def),
            Input::SessionDefinition(def) => self.define_session(def),
            Input::Entitlement(def) => self.entitle(def),
            Input::TickDefinition(def) => self.define_tick(def),
            Input::PhaseDefinition(def) => self.define_phase(def),
            Input::InstrumentDefinition(def) => self.define_instrument(def),
            Input::OperatorDefinition(def) => self.define_operator(def),
            _ => Err("this input is not a definition"),
        }
    }
    /// Defines the gateway.
    fn define_gateway(&mut self, def: &GatewayDefinition) -> Result<(), Refused> {
        if self.gateway.is_some() {
            return Err("the gateway is already defined");
        }
        if def.node.as_str().len() > 12 {
            return Err("the node name is longer than 12 bytes");
        }
        self.currencies.add(def.base_currency, def.base_currency)?;
        self.gateway = Some(def.clone());
        Ok(())
    }
    /// Defines one limit of a set.
    fn define_limit(&mut self, def: &LimitDefinition) -> Result<(), Refused> {
        if def.value == Limit::Unlimited && !def.limit.may_be_unlimited() {
            return Err("the limit is never UNLIMITED");
        }
        let limit = def.value.in_unit_of(def.limit).ok_or("the limit takes whole numbers")?;
        if def.warn > def.restrict || def.restrict.get() > 10_000 {
            return Err("warn must not exceed restrict, nor restrict 10000 basis points");
        }
        let set = self.limits.find_or_add(def.limits, LimitSet::default)?;
        let bound = Bound::new(limit, def.warn, def.restrict);
        self.limits.at_mut(set).set(def.limit, bound);
        Ok(())
    }
    /// Defines a node of the account tree.
    fn define_account(&mut self, def: &AccountDefinition) -> Result<(), Refused> {
        let above = match &def.above {
            Some(above) => Some(self.accounts.find(above).ok_or("the node above is not defined")?),
            None if !self.accounts.is_empty() => return Err("there is already a firm"),
            None => None,
        };
        let above = above.map(|above| self.accounts.at(above).path);
        if above.is_some_and(|path| path.len() >= TREE_DEPTH_MAX) {
            return Err("the account tree is deeper than 8");
        }
        if def.self_match_group.is_some() != def.self_match_policy.is_some() {
            return Err("self-match group and policy come together");
        }
        self.accounts.must_be_new(&def.account)?;
        let limits = self.limits.find_or_add(def.limits, LimitSet::default)?;
        let group = def.self_match_group.map(|group| self.groups.find_or_add(group, || group));
        let self_match = group.transpose()?.zip(def.self_match_policy);
        let id = self.accounts.rows.next_id();
        let firm = || Some(Path::new(id, limits));
        let path = above.map_or_else(firm, |path| path.below(id, limits));
        let path = path.ok_or("the account tree is deeper than 8")?;
        let (name, tradable, ceiling) = (def.account, def.tradable, None);
        let row = Account { name, path, limits, tradable, self_match, ceiling };
        self.accounts.add(def.account, row).map(|_| ())
    }
    /// Defines a strategy.
    fn define_strategy(&mut self, def: &StrategyDefinition) -> Result<(), Refused> {
        self.strategies.add(def.strategy, (def.strategy, def.direct)).map(|_| ())
    }
    /// Defines a venue.
    fn define_venue(&mut self, def: &VenueDefinition) -> Result<(), Refused> {
        let row = Venue {
            name: def.venue,
            provisional: def.provisional,
            ack_timeout_ns: def.ack_timeout.nanos(),
            message_max: def.message_max,
        };
        self.venues.add(def.venue, row).map(|_| ())
    }
    /// Defines a session.
    fn define_session(&mut self, def: &SessionDefinition) -> Result<(), Refused> {
        let seed = self.seed.0;
        let row = Session {
            name: def.session,
            ord_types: parse_ordtypes(def.ord_types.as_str())?,
            phases: parse_phases(def.phases.as_str())?,
            cancel_on_disconnect: def.cancel_on_disconnect,
            accounts: Allowed::new(seed),
            symbols: Allowed::new(seed),
            venues: Allowed::new(seed),
            strategies: Allowed::new(seed),
        };
        self.sessions.add(def.session, row).map(|_| ())
    }
    /// Entitles a session.
    fn entitle(&mut self, def: &Entitlement) -> Result<(), Refused> {
        let session = self.sessions.find(&def.session).ok_or("the session is not defined")?;
        let all = def.scope.as_str() == "*";
        let unknown = "the entitled name is not defined";
        let row = self.sessions.rows.at_mut(session);
        match def.scope_kind {
            ScopeKind::Account if all => row.accounts.all = true,
            ScopeKind::Symbol if all => row.symbols.all = true,
            ScopeKind::Venue if all => row.venues.all = true,
            ScopeKind::Strategy if all => row.strategies.all = true,
            ScopeKind::Account => {
                row.accounts.some.insert(self.accounts.find(&def.scope).ok_or(unknown)?, ());
            }
            ScopeKind::Symbol => {
                row.symbols.some.insert(self.instruments.find(&def.scope).ok_or(unknown)?, ());
            }
            ScopeKind::Venue => {
                row.venues.some.insert(self.venues.find(&def.scope).ok_or(unknown)?, ());
            }
            ScopeKind::Strategy => {
                row.strategies.some.insert(self.strategies.find(&def.scope).ok_or(unknown)?, ());
            }
            ScopeKind::Session | ScopeKind::Node | ScopeKind::Order | ScopeKind::Basket => {
                return Err("a session is entitled to accounts, symbols, venues or strategies");
            }
        }
        Ok(())
    }
    /// Defines a step of a tick ladder; steps come in ascending order.
    fn define_tick(&mut self, def: &TickDefinition) -> Result<(), Refused> {
        if def.tick.nanos() <= 0 {
            return Err("the tick is not positive");
        }
        let ladder = self.ladders.find_or_add(def.ladder, Ladder::new)?;
        let steps = self.ladders.at_mut(ladder);
        if steps.last().is_some_and(|(from, _)| *from >= def.from_px) {
            return Err("the steps of a ladder come in ascending order");
        }
        if steps.len() >= LADDER_MAX {
            return Err("a ladder has at most 64 steps");
        }
        steps.push((def.from_px, def.tick));
        Ok(())
    }
    /// Defines a phase of a plan.
    fn define_phase(&mut self, def: &PhaseDefinition) -> Result<(), Refused> {
        let rules = PhaseRules {
            ord_types: def.ord_types.map_or(Ok(0), |text| parse_ordtypes(text.as_str()))?,
            sources: def.sources.map_or(Ok(Vec::new()), |text| parse_sources(text.as_str()))?,
            age_max_ns: def.age_max.nanos(),
            collar: def.collar,
            band: def.band,
            drift: def.drift,
            drift_window_ns: def.drift_window.nanos(),
        };
        let plan = self.plans.find_or_add(def.plan, || [const { None }; Phase::COUNT])?;
        match self.plans.at_mut(plan).get_mut(def.phase.index()) {
            Some(slot) if slot.is_none() => {
                *slot = Some(rules);
                Ok(())
            }
            Some(_) | None => Err("the phase is already defined in this plan"),
        }
    }
    /// Defines an instrument.
    fn define_instrument(&mut self, def: &InstrumentDefinition) -> Result<(), Refused> {
        if def.multiplier == 0 || def.multiplier > MULTIPLIER_MAX {
            return Err("the multiplier is not between 1 and 10000");
        }
        if def.lot_size.is_zero() {
            return Err("the lot size is zero");
        }
        let ladder = self.ladders.find(&def.ladder).ok_or("the tick ladder is not defined")?;
        let plan = self.plans.find(&def.plan).ok_or("the phase plan is not defined")?;
        self.instruments.must_be_new(&def.symbol)?;
        let limits = self.limits.find_or_add(def.limits, LimitSet::default)?;
        let currency = self.currencies.find_or_add(def.currency, || def.currency)?;
        let row = Instrument {
            symbol: def.symbol,
            currency,
            multiplier: def.multiplier,
            lot_size: def.lot_size,
            ladder,
            plan,
            limits,
            average_volume: def.average_volume,
            shares_outstanding: def.shares_outstanding,
            negative_prices: def.negative_prices,
            banded: def.banded,
            short_sale_rules: def.short_sale_rules,
        };
        self.instruments.add(def.symbol, row).map(|_| ())
    }
    /// Defines a person.
    fn define_operator(&mut self, def: &OperatorDefinition) -> Result<(), Refused> {
        let key = names::parse_hex::<32>(def.public_key.as_str())
            .ok_or("the public key is not 64 hexadecimal digits")?;
        if self.operators.iter().any(|(_, other)| *other == key) {
            return Err("another person has this key");
        }
        self.operators.add(def.operator, key).map(|_| ())
    }
}
