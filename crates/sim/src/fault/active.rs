//! The faults of a venue: those to come, those at work, and what they do to each message.

use std::collections::{BTreeMap, VecDeque};

use ringfence_kernel::types::{Bps, Name, Side, Ts};

use super::grammar::Command;
use super::script::Script;
use super::words::{ExecIds, Fault, Filter, Strike};
use crate::exchange::{PortId, Symbols};
use crate::rng::Rng;

/// Most faults that are at work, or to come, at one time.
pub const ACTIVE_MAX: usize = 20_000;
/// Requests of the last second that are counted; more are as good as this many.
const LOAD_MAX: usize = 1 << 20;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// Which kind of message goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// The answer to a request, or a change that is no fill.
    Answer,
    /// A fill.
    Fill,
    /// Market data, status, news.
    Other,
}

/// A message as far as a filter looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Port.
    pub port: PortId,
    /// Name of the port.
    pub port_name: &'a Name,
    /// Symbol, where it has one.
    pub symbol: Option<&'a Name>,
    /// Side, where it has one.
    pub side: Option<Side>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reception {
    /// It arrives.
    Taken,
    /// It is swallowed.
    Lost,
    /// It is refused.
    Refused,
}

/// What becomes of a message that goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It is lost.
    Lost,
    /// It goes out at this time, perhaps twice.
    At {
        /// When.
        due: Ts,
        /// Whether a copy follows, and with which id.
        copy: Option<ExecIds>,
    },
}

/// What becomes of news of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    /// The subscriber is told.
    Live,
    /// It is told nothing.
    Lost,
    /// It is told again what it was told last.
    Frozen,
}

/// One fault at work.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Active {
    fault: Fault,
    filter: Filter,
    since: Ts,
    until: Option<Ts>,
    fitting: u64,
    hits: u64,
}

/// What happens when a fault begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Turned {
    /// Something happens once.
    Struck(Strike, Filter),
    /// A lasting fault began or ended.
    Changed(Fault, Filter, bool),
}

/// All faults of a venue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Faults {
    waiting: BTreeMap<(Ts, u64), (Ts, Command)>,
    active: Vec<Active>,
    taken: u64,
    random: Rng,
    requests: VecDeque<Ts>,
    /// When the last message went out to each port, so that latency keeps their order.
    last_due: BTreeMap<PortId, Ts>,
}

impl Faults {
    /// Returns the faults of a script that begins at `origin`.
    pub fn new(script: &Script, origin: Ts, seed: u64) -> Self {
        let mut faults = Self {
            waiting: BTreeMap::new(),
            active: Vec::new(),
            taken: 0,
            random: Rng::new(seed),
            requests: VecDeque::new(),
            last_due: BTreeMap::new(),
        };
        for command in script.commands() {
            faults.add(command.clone(), origin);
        }
        faults
    }
    /// Adds a command whose moments are since `origin`; returns whether there was room.
    pub fn add(&mut self, command: Command, origin: Ts) -> bool {
        if self.waiting.len() + self.active.len() >= ACTIVE_MAX {
            return false;
        }
        self.taken += 1;
        let at = command.at().resolve(origin);
        self.waiting.insert((at, self.taken), (origin, command));
        true
    }
    /// Returns when a fault begins or ends next.
    pub fn next_due(&self) -> Option<Ts> {
        let begins = self.waiting.keys().next().map(|(ts, _)| *ts);
        let ends = self.active.iter().filter_map(|active| active.until).min();
        begins.into_iter().chain(ends).min()
    }
    /// Begins or ends one fault that is due; `origin` of its moments comes with it.
    pub(crate) fn turn(&mut self, now: Ts) -> Option<(Ts, Turned)> {
        let is_over = |active: &Active| active.until.is_some_and(|until| until <= now);
        if let Some(at) = self.active.iter().position(is_over) {
            let over = self.active.remove(at);
            return Some((now, Turned::Changed(over.fault, over.filter, false)));
        }
        let ((ts, _), (origin, command)) =
            self.waiting.first_key_value().filter(|((ts, _), _)| *ts <= now)?;
        let (key, origin, command) = ((*ts, self.first_number()), *origin, command.clone());
        self.waiting.remove(&key);
        Some((
            origin,
            match command {
                Command::Once { strike, filter, .. } => Turned::Struck(strike, filter),
                Command::Lasting { for_ns, fault, filter, .. } => {
                    let end = |ns: i64| Ts::from_nanos(now.nanos().saturating_add(ns));
                    self.active.push(Active {
                        fault: fault.clone(),
                        filter: filter.clone(),
                        since: now,
                        until: for_ns.map(end),
                        fitting: 0,
                        hits: 0,
                    });
                    Turned::Changed(fault, filter, true)
                }
            },
        ))
    }
    fn first_number(&self) -> u64 {
        self.waiting.keys().next().map_or(0, |(_, number)| *number)
    }
    /// Ends lasting faults, of one name or all; returns them.
    pub(crate) fn clear(&mut self, name: Option<&Name>) -> Vec<(Fault, Filter)> {
        let is_meant =
            |active: &Active| name.is_none_or(|name| name.as_str() == active.fault.name());
        let (ended, left) = self.active.drain(..).partition(is_meant);
        self.active = left;
        let ended: Vec<Active> = ended;
        ended.into_iter().map(|active| (active.fault, active.filter)).collect()
    }
    /// Returns the names of the faults at work.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.active.iter().map(|active| active.fault.name())
    }
    /// Counts a request and says what becomes of it.
    pub fn receive(&mut self, message: Message<'_>, is_order: bool, now: Ts) -> Reception {
        self.count_request(now);
        let load = self.requests.len();
        let Self { active, random, .. } = self;
        let mut found = Reception::Taken;
        for active in active.iter_mut() {
            let hit = match &active.fault {
                Fault::SymbolsDown => active.hits(message, random).then_some(Reception::Lost),
                Fault::Saturate { capacity, curve } => {
                    let (_, loss) = curve.at(share_of(load, *capacity));
                    let lost = happens(random, loss) && active.hits(message, random);
                    lost.then_some(Reception::Lost)
                }
                Fault::RejectOrders if is_order => {
                    active.hits(message, random).then_some(Reception::Refused)
                }
                Fault::RejectOrders
                | Fault::AckLoss
                | Fault::LateAck { .. }
                | Fault::LateFill { .. }
                | Fault::DuplicateFill { .. }
                | Fault::FillAfterCancel
                | Fault::Degrade { .. }
                | Fault::Silence { .. }
                | Fault::ClockOffset { .. }
                | Fault::Throttle { .. }
                | Fault::MarketDataLoss
                | Fault::MarketDataFreeze => None,
            };
            match (found, hit) {
                (Reception::Lost, _) | (_, None) => {}
                (_, Some(hit)) => found = hit,
            }
        }
        found
    }
    /// Says what becomes of a message that goes out.
    pub fn deliver(&mut self, message: Message<'_>, kind: MessageKind, now: Ts) -> Delivery {
        let load = self.requests_since_second(now);
        let Self { active, random, .. } = self;
        let (mut is_lost, mut latency_ns, mut late_ns) = (false, 0_i64, 0_i64);
        let (mut held_until, mut copy) = (None, None);
        for active in active.iter_mut() {
            if !active.fault.bends(kind) || !active.hits(message, random) {
                continue;
            }
            match &active.fault {
                Fault::AckLoss | Fault::Silence { is_held: false } => is_lost = true,
                Fault::Silence { is_held: true } => held_until = held_until.max(active.until),
                Fault::LateAck { by_ns } | Fault::LateFill { by_ns } => {
                    late_ns = late_ns.saturating_add(*by_ns);
                }
                Fault::DuplicateFill { ids } => copy = Some(*ids),
                Fault::Degrade { to_ns } => {
                    latency_ns = latency_ns.saturating_add(active.grown(*to_ns, now));
                }
                Fault::Saturate { capacity, curve } => {
                    let (added, _) = curve.at(share_of(load, *capacity));
                    latency_ns = latency_ns.saturating_add(added);
                }
                Fault::FillAfterCancel
                | Fault::SymbolsDown
                | Fault::ClockOffset { .. }
                | Fault::RejectOrders
                | Fault::Throttle { .. }
                | Fault::MarketDataLoss
                | Fault::MarketDataFreeze => {}
            }
        }
        if is_lost {
            return Delivery::Lost;
        }
        let in_order = self.in_order(message.port, now, latency_ns, held_until);
        Delivery::At { due: Ts::from_nanos(in_order.nanos().saturating_add(late_ns)), copy }
    }
    /// Returns when a message goes out by latency and silence alone, never before an earlier one.
    fn in_order(&mut self, port: PortId, now: Ts, latency_ns: i64, held: Option<Ts>) -> Ts {
        let due = Ts::from_nanos(now.nanos().saturating_add(latency_ns));
        let due = due.max(held.unwrap_or(due));
        let last = self.last_due.get(&port).copied().unwrap_or(due);
        let due = due.max(last);
        if due > now {
            self.last_due.insert(port, due);
        } else {
            self.last_due.remove(&port);
        }
        due
    }
    /// Returns whether a canceled order is filled after all.
    pub fn fills_canceled(&mut self, message: Message<'_>) -> bool {
        self.any_hit(message, |fault| matches!(fault, Fault::FillAfterCancel))
    }
    /// Says what becomes of news of a book for a subscriber; a loss outdoes a freeze.
    pub(crate) fn feed(&mut self, message: Message<'_>) -> Feed {
        if self.any_hit(message, |fault| matches!(fault, Fault::MarketDataLoss)) {
            Feed::Lost
        } else if self.any_hit(message, |fault| matches!(fault, Fault::MarketDataFreeze)) {
            Feed::Frozen
        } else {
            Feed::Live
        }
    }
    /// Returns by how much the venue's clock is off for a message.
    pub fn clock_offset_ns(&mut self, message: Message<'_>) -> i64 {
        let Self { active, random, .. } = self;
        let mut sum = 0_i64;
        for active in active.iter_mut() {
            if let Fault::ClockOffset { by_ns } = active.fault
                && active.hits(message, random)
            {
                sum = sum.saturating_add(by_ns);
            }
        }
        sum
    }
    fn any_hit(&mut self, message: Message<'_>, is_meant: impl Fn(&Fault) -> bool) -> bool {
        let Self { active, random, .. } = self;
        let mut any = false;
        for active in active.iter_mut().filter(|active| is_meant(&active.fault)) {
            any |= active.hits(message, random);
        }
        any
    }
    fn count_request(&mut self, now: Ts) {
        self.requests_since_second(now);
        if self.requests.len() == LOAD_MAX {
            self.requests.pop_front();
        }
        self.requests.push_back(now);
    }
    fn requests_since_second(&mut self, now: Ts) -> usize {
        let second_ago = now.nanos().saturating_sub(NANOS_PER_SECOND);
        while self.requests.front().is_some_and(|first| first.nanos() <= second_ago) {
            self.requests.pop_front();
        }
        self.requests.len()
    }
}

impl Fault {
    /// Returns whether the fault has to do with messages of a kind that go out.
    fn bends(&self, kind: MessageKind) -> bool {
        match self {
            Self::AckLoss | Self::LateAck { .. } => kind == MessageKind::Answer,
            Self::LateFill { .. } | Self::DuplicateFill { .. } => kind == MessageKind::Fill,
            Self::Degrade { .. } | Self::Saturate { .. } | Self::Silence { .. } => true,
            Self::FillAfterCancel
            | Self::SymbolsDown
            | Self::ClockOffset { .. }
            | Self::RejectOrders
            | Self::Throttle { .. }
            | Self::MarketDataLoss
            | Self::MarketDataFreeze => false,
        }
    }
}

impl Active {
    /// Returns whether the fault hits a message, and counts it.
    fn hits(&mut self, message: Message<'_>, random: &mut Rng) -> bool {
        let filter = &self.filter;
        let fits_port = filter.port.is_none_or(|port| port == *message.port_name);
        let fits_symbol = match message.symbol {
            Some(symbol) => filter.symbols.contains(symbol),
            None => filter.symbols == Symbols::All,
        };
        let fits_side = match (filter.side, message.side) {
            (None, _) => true,
            (Some(wanted), Some(side)) => wanted.is_buy() == side.is_buy(),
            (Some(_), None) => false,
        };
        if !fits_port || !fits_symbol || !fits_side {
            return false;
        }
        let is_turn = self.fitting.is_multiple_of(filter.every);
        self.fitting += 1;
        let is_left = filter.count.is_none_or(|count| self.hits < count);
        let hits = is_turn && is_left && happens(random, filter.share);
        self.hits += u64::from(hits);
        hits
    }
    /// Returns the latency that has grown since the fault began.
    fn grown(&self, to_ns: i64, now: Ts) -> i64 {
        let Some(until) = self.until else { return to_ns };
        let whole = i128::from(until.since(self.since)).max(1);
        let part = i128::from(now.since(self.since)).min(whole);
        i64::try_from(i128::from(to_ns) * part / whole).unwrap_or(to_ns)
    }
}

/// Returns the load as a share of the capacity.
fn share_of(load: usize, capacity: u32) -> Bps {
    let load = i64::try_from(load).unwrap_or(i64::MAX).saturating_mul(10_000);
    Bps::new(i32::try_from(load / i64::from(capacity.max(1))).unwrap_or(i32::MAX))
}

/// Returns whether a draw with this chance hits; a chance of none or all draws nothing.
fn happens(random: &mut Rng, chance: Bps) -> bool {
    match u64::try_from(chance.get()) {
        Err(_) | Ok(0) => false,
        Ok(10_000..) => true,
        Ok(chance) => random.below(10_000) < chance,
    }
}
