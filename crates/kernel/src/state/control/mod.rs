//! What keeps trading in hand: states, latches, counters, flows, lists and commands used.
//!
//! Refuses: a latch that resets itself, a command number used twice, a counter that forgets a
//! message because it was denied.

mod keys;
mod scopes;

use std::collections::BTreeMap;

pub use keys::{DuplicateKey, RepeatKey};
pub use scopes::{Latch, ScopeRef, ScopeRow, Scopes};

use crate::limit::{Level, Limit, LimitKey};
use crate::types::map::{LargeMap, Map};
use crate::types::table::RowId;
use crate::types::window::Window;
use crate::types::{
    AccountId, InstrumentId, Money, Name, OperatorId, Qty, ScopeKind, SessionId, SetId, Side, Ts,
    WireId,
};

/// Most equal-order keys kept at a time; beyond it the oldest is forgotten only when it is stale.
pub const DUPLICATES_MAX: usize = 10_000_000;
/// Least time between two equal warnings: one second.
pub const WARN_AGAIN_NS: i64 = 1_000_000_000;

/// What a warning is about: scope, rule and limit.
pub type WarnKey = (ScopeKind, Name, u8, Option<LimitKey>);

/// A basket that was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BasketRow {
    /// Account.
    pub account: AccountId,
    /// Announced bound, base currency.
    pub notional_max: Money,
    /// Sum of its parents, base currency.
    pub notional: Money,
}

/// A limit change that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Temporary {
    /// Value that returns.
    pub old_value: Limit,
}

/// All of control.
#[derive(Clone, Debug, Hash)]
pub struct Control {
    /// Trading states and latches.
    pub scopes: Scopes,
    session_messages: Vec<[Window; 2]>,
    duplicates: LargeMap<DuplicateKey, Window>,
    duplicate_ages: std::collections::VecDeque<(Ts, DuplicateKey)>,
    repeats: LargeMap<RepeatKey, Window>,
    restricted: Map<(AccountId, InstrumentId), u8>,
    nonces: Vec<u64>,
    baskets: Map<(SessionId, WireId), BasketRow>,
    locates: Map<(AccountId, InstrumentId, WireId), Qty>,
    temporary: BTreeMap<(Ts, SetId, LimitKey), Temporary>,
    warned: Map<WarnKey, (Level, Ts)>,
}

impl Control {
    /// Returns the control before anything happened.
    pub fn new(seed: u64) -> Self {
        Self {
            scopes: Scopes::new(seed),
            session_messages: Vec::new(),
            duplicates: LargeMap::new(seed),
            duplicate_ages: std::collections::VecDeque::new(),
            repeats: LargeMap::new(seed),
            restricted: Map::new(seed),
            nonces: Vec::new(),
            baskets: Map::new(seed),
            locates: Map::new(seed),
            temporary: BTreeMap::new(),
            warned: Map::new(seed),
        }
    }
    /// Returns the messages of a session in the window: those let through, and all that came.
    pub fn session_messages(&self, id: SessionId, now: Ts, window_ns: i64) -> (i128, i128) {
        self.session_messages
            .get(id.row())
            .map_or((0, 0), |[passed, all]| (passed.sum(now, window_ns), all.sum(now, window_ns)))
    }
    /// Returns when equal orders came, if one ever did.
    pub fn duplicates(&self, key: &DuplicateKey) -> Option<&Window> {
        self.duplicates.get(key)
    }
    /// Returns when a strategy repeated an execution unattended, if it ever did.
    pub fn repeats(&self, key: &RepeatKey) -> Option<&Window> {
        self.repeats.get(key)
    }
    /// Returns whether `side` of an instrument is restricted for a node.
    pub fn is_restricted(&self, id: AccountId, symbol: InstrumentId, side: Side) -> bool {
        let bits = self.restricted.get(&(id, symbol)).copied().unwrap_or(0);
        bits & side_bits(Some(side)) != 0
    }
    /// Returns whether nothing at all is restricted.
    pub fn restricts_nothing(&self) -> bool {
        self.restricted.is_empty()
    }
    /// Returns the highest command number of a person.
    pub fn nonce(&self, id: OperatorId) -> u64 {
        self.nonces.get(id.row()).copied().unwrap_or(0)
    }
    /// Returns an announced basket.
    pub fn basket(&self, session: SessionId, id: WireId) -> Option<&BasketRow> {
        self.baskets.get(&(session, id))
    }
    /// Returns the units left of a locate.
    pub fn located(&self, account: AccountId, symbol: InstrumentId, id: WireId) -> Qty {
        self.locates.get(&(account, symbol, id)).copied().unwrap_or(Qty::ZERO)
    }
    /// Returns temporary changes that end at or before `now`.
    pub fn ended_changes(&self, now: Ts) -> Vec<(Ts, SetId, LimitKey, Limit)> {
        let ended = self.temporary.iter().take_while(|((ts, _, _), _)| *ts <= now);
        ended.map(|((ts, set, key), row)| (*ts, *set, *key, row.old_value)).collect()
    }
    /// Returns whether a warning is due: a higher level, or a second after the last.
    pub fn warning_is_due(&self, scope: WarnKey, level: Level, now: Ts) -> bool {
        self.warned
            .get(&scope)
            .is_none_or(|(last, ts)| level > *last || now.since(*ts) >= WARN_AGAIN_NS)
    }
    /// Notes a warning.
    pub(crate) fn note_warning(&mut self, scope: WarnKey, level: Level, now: Ts) {
        self.warned.insert(scope, (level, now));
    }
    /// Counts a message of a session, let through or not.
    pub(crate) fn count_session(&mut self, id: SessionId, now: Ts, window_ns: i64, passed: bool) {
        let [let_through, all] = slot(&mut self.session_messages, id.row());
        all.add(now, window_ns, 1);
        if passed {
            let_through.add(now, window_ns, 1);
        }
    }
    /// Counts an entered order among its equals and forgets what is stale.
    pub(crate) fn count_duplicate(&mut self, key: DuplicateKey, now: Ts, window_ns: i64) {
        self.duplicates.entry(key, Window::default).add(now, window_ns, 1);
        self.duplicate_ages.push_back((
            Ts::from_nanos(now.nanos().saturating_add(window_ns.saturating_mul(2))),
            key,
        ));
        for _ in 0..2 {
            match self.duplicate_ages.front() {
                Some((end, old)) if *end < now || self.duplicate_ages.len() > DUPLICATES_MAX => {
                    let old = *old;
                    self.duplicate_ages.pop_front();
                    if self.duplicates.get(&old).is_some_and(|w| w.sum(now, window_ns) == 0) {
                        self.duplicates.remove(&old);
                    }
                }
                Some(_) | None => break,
            }
        }
    }
    /// Counts an automated execution.
    pub(crate) fn count_repeat(&mut self, key: RepeatKey, now: Ts, window_ns: i64) {
        self.repeats.entry(key, Window::default).add(now, window_ns, 1);
    }
    /// Forgets the repeats of a strategy: a person attended.
    pub(crate) fn attend(&mut self, strategy: crate::types::StrategyId) {
        let keys: Vec<_> = self.repeats.sorted().into_iter().map(|(key, _)| *key).collect();
        for key in keys.into_iter().filter(|key| key.strategy == strategy) {
            self.repeats.remove(&key);
        }
    }
    /// Sets or ends a restriction.
    pub(crate) fn restrict(
        &mut self,
        id: AccountId,
        symbol: InstrumentId,
        side: Option<Side>,
        active: bool,
    ) {
        let bits = self.restricted.entry((id, symbol), || 0);
        if active {
            *bits |= side_bits(side);
        } else {
            *bits &= !side_bits(side);
        }
        if *bits == 0 {
            self.restricted.remove(&(id, symbol));
        }
    }
    /// Notes the number of a person's command.
    pub(crate) fn use_nonce(&mut self, id: OperatorId, nonce: u64) {
        let last = slot(&mut self.nonces, id.row());
        *last = (*last).max(nonce);
    }
    /// Announces a basket.
    pub(crate) fn add_basket(&mut self, session: SessionId, id: WireId, row: BasketRow) {
        self.baskets.insert((session, id), row);
    }
    /// Adds a parent to a basket.
    pub(crate) fn use_basket(&mut self, session: SessionId, id: WireId, notional: Money) {
        if let Some(row) = self.baskets.get_mut(&(session, id)) {
            row.notional += notional;
        }
    }
    /// Adds located units.
    pub(crate) fn add_locate(
        &mut self,
        account: AccountId,
        symbol: InstrumentId,
        id: WireId,
        qty: Qty,
    ) {
        *self.locates.entry((account, symbol, id), || Qty::ZERO) += qty;
    }
    /// Uses located units.
    pub(crate) fn use_locate(
        &mut self,
        account: AccountId,
        symbol: InstrumentId,
        id: WireId,
        qty: Qty,
    ) {
        if let Some(left) = self.locates.get_mut(&(account, symbol, id)) {
            *left = left.saturating_sub(qty);
        }
    }
    /// Notes that a limit returns to `old_value` at `end`.
    pub(crate) fn add_temporary(&mut self, end: Ts, set: SetId, key: LimitKey, old_value: Limit) {
        self.temporary.insert((end, set, key), Temporary { old_value });
    }
    /// Forgets temporary changes of a limit, ended or overtaken.
    pub(crate) fn forget_temporary(&mut self, set: SetId, key: LimitKey) {
        self.temporary.retain(|(_, other, limit), _| (*other, *limit) != (set, key));
    }
    /// Returns when the temporary value of a limit ends, if it has one.
    pub fn temporary_end(&self, set: SetId, key: LimitKey) -> Option<Ts> {
        let mut rows = self.temporary.keys();
        rows.find(|(_, other, limit)| (*other, *limit) == (set, key)).map(|(end, _, _)| *end)
    }
    /// Returns the value that a limit returns to, if its present one is temporary.
    pub fn permanent_value(&self, set: SetId, key: LimitKey) -> Option<Limit> {
        let mut rows = self.temporary.iter();
        rows.find(|((_, other, limit), _)| (*other, *limit) == (set, key)).map(|(_, t)| t.old_value)
    }
}

/// Returns the bits of a side; of all sides for none.
const fn side_bits(side: Option<Side>) -> u8 {
    match side {
        Some(Side::Buy) => 1,
        Some(Side::Sell) => 2,
        Some(Side::SellShort) => 4,
        Some(Side::SellShortExempt) => 8,
        None => 15,
    }
}

fn slot<T: Clone + Default>(rows: &mut Vec<T>, index: usize) -> &mut T {
    if rows.len() <= index {
        rows.resize(index + 1, T::default());
    }
    match rows.get_mut(index) {
        Some(row) => row,
        None => panic!("row {index} was just made"),
    }
}
