//! The rules of a venue as its operator writes them, and the check that they agree.
//!
//! Refuses: rules with a gap that would have to be guessed. Times are UTC: whoever knows time
//! zones and holidays resolves them before.

use core::fmt;

use ringfence_kernel::types::{
    Bps, Money, Name, OrdType, Phase, Price, Qty, TimeInForce, Ts, number::QTY_MAX,
};

use super::tier::{LEVERAGE_MAX, LimitTier};
use crate::book::{AuctionKind, BookLimits, BookMode};

/// Most instruments of a venue.
pub const INSTRUMENTS_MAX: usize = 20_000;
/// Most ports of a venue.
pub const PORTS_MAX: usize = 1_000;
/// Most windows that are known ahead; they may cover many days.
pub const WINDOWS_MAX: usize = 4_000;
/// Most steps of a tick table.
pub const TICK_STEPS_MAX: usize = 64;
/// Largest number of messages per second that a throttle counts.
pub const THROTTLE_MAX: u32 = 1_000_000;
/// Longest span of any rule in nanoseconds: one day.
pub const SPAN_NS_MAX: i64 = 86_400_000_000_000;

/// One step of a tick table: prices from here on are multiples of the tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TickStep {
    /// Magnitude of the lowest price of the step.
    pub from: Price,
    /// The tick.
    pub tick: Price,
}

/// One instrument.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InstrumentRules {
    /// Symbol (FIX 55).
    pub symbol: Name,
    /// Ticks, rising, the first from zero.
    pub ticks: Vec<TickStep>,
    /// Quantities are multiples of the lot (FIX 561).
    pub lot: Qty,
    /// Price around which the first band stands and of the first auction, the close of the day
    /// before; above zero.
    pub reference_px: Price,
    /// What gives its limit band; without it [`LimitBandRules::width`] does.
    pub tier: Option<LimitTier>,
}

/// What a port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PortKind {
    /// Orders come in by it.
    OrderEntry,
    /// It gets a copy of every report of the firm (FIX 797).
    DropCopy,
}

/// How many messages per second a port may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Throttle {
    /// Messages per second that are taken; those beyond are refused.
    pub take_max: u32,
    /// Messages per second after which the port is disconnected; above `take_max`.
    pub disconnect_max: u32,
}

/// One port: a session of a member firm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PortRules {
    /// Name of the port.
    pub name: Name,
    /// Firm that it belongs to.
    pub firm: Name,
    /// What it is for.
    pub kind: PortKind,
    /// Whether its open orders are canceled when it is no longer usable.
    pub cancel_on_disconnect: bool,
    /// How fast it may send; `None` as fast as it likes.
    pub throttle: Option<Throttle>,
    /// Whether it may send retail orders and price improving interest.
    pub is_retail: bool,
}

/// Which band of prices a window has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BandKind {
    /// None.
    Unbounded,
    /// Limit up, limit down: [`VenueRules::limit_band`] around a moving reference.
    LimitUpDown,
    /// The same before the close of the day, with the doubled distances.
    LimitUpDownClosing,
    /// [`VenueRules::session_band`] around the last trade when the window begins, fixed to its end,
    /// in halts and auctions too; limit orders beyond are refused.
    Session,
}

impl BandKind {
    /// Returns whether it is limit up, limit down.
    pub const fn is_limit(self) -> bool {
        match self {
            Self::LimitUpDown | Self::LimitUpDownClosing => true,
            Self::Unbounded | Self::Session => false,
        }
    }
}

/// A span of the venue's day.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionWindow {
    /// Name (FIX 336).
    pub name: Name,
    /// Phase; not `Closed`, which is what lies between windows.
    pub phase: Phase,
    /// Which auction, exactly where the phase is `Auction`; it trades when the window ends.
    pub auction: Option<AuctionKind>,
    /// Which band.
    pub band: BandKind,
    /// First nanosecond.
    pub start: Ts,
    /// First nanosecond behind it.
    pub end: Ts,
}

impl SessionWindow {
    /// Returns what the books do in the window.
    pub fn mode(&self) -> BookMode {
        match self.phase {
            Phase::PreOpen => BookMode::Auction(AuctionKind::Opening),
            Phase::Auction => BookMode::Auction(self.auction.unwrap_or(AuctionKind::Opening)),
            Phase::Continuous | Phase::Post | Phase::Overnight => BookMode::Continuous,
            Phase::Halted | Phase::Closed => BookMode::Halted,
        }
    }
}

/// Limit up, limit down (National Market System plan, in the values of the venue).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LimitBandRules {
    /// Distance of each edge from the reference, of instruments without a tier; below 10,000.
    pub width: Option<Bps>,
    /// The reference is the mean price of the trades of this span; whole seconds.
    pub mean_ns: i64,
    /// The reference moves when the mean is at least this far from it.
    pub move_min: Bps,
    /// How long a reference stands at least before it moves; zero where it moves at once.
    pub stand_min_ns: i64,
    /// How long the best price may equal an edge before trading pauses.
    pub limit_state_ns: i64,
    /// How long a pause lasts; an auction ends it.
    pub pause_ns: i64,
}

/// Fees per unit; negative ones are rebates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FeeRules {
    /// Of who rested.
    pub maker: Money,
    /// Of who came in.
    pub taker: Money,
    /// Of both in an auction.
    pub auction: Money,
}

/// The retail liquidity program (NYSE Rule 107C as of 2012, types 1 and 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RetailRules {
    /// Least improvement on the best protected quote.
    pub improvement_min: Price,
    /// Tick of price improving interest.
    pub tick: Price,
}

/// What happens to orders that come in a halt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HaltEntry {
    /// They wait for the reopening.
    Collect,
    /// They are refused.
    Refuse,
}

/// The rules of a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueRules {
    /// First part of every id that the venue gives; another one for each life of a venue.
    pub id_prefix: Name,
    /// What trades.
    pub instruments: Vec<InstrumentRules>,
    /// Who may connect, in the order of the endpoint's sessions.
    pub ports: Vec<PortRules>,
    /// The days, rising; what lies between is closed, and there day orders expire.
    pub windows: Vec<SessionWindow>,
    /// Types of order that are taken.
    pub order_types: Vec<OrdType>,
    /// Times in force that are taken.
    pub times_in_force: Vec<TimeInForce>,
    /// Limit up, limit down; needed where a window has it.
    pub limit_band: Option<LimitBandRules>,
    /// Width of the band fixed for a session; needed where a window has it.
    pub session_band: Option<Bps>,
    /// Largest notional of one order (Blue Ocean: USD 5 m).
    pub order_notional_max: Option<Money>,
    /// Fees.
    pub fees: FeeRules,
    /// The retail liquidity program, where there is one.
    pub retail: Option<RetailRules>,
    /// What happens to orders that come in a halt.
    pub halt_entry: HaltEntry,
    /// How much one book may hold.
    pub book_limits: BookLimits,
}

/// Why rules are refused: whose they are, what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulesError {
    /// A list is empty or too long.
    Count {
        /// Which list.
        list: &'static str,
        /// Entries found.
        found: usize,
        /// Most that there may be.
        max: usize,
    },
    /// A name stands twice in a list.
    Twice {
        /// Which list.
        list: &'static str,
        /// The name.
        name: Name,
    },
    /// The tick table of an instrument does not rise from zero with ticks above zero.
    Ticks(Name),
    /// The lot of an instrument is zero or too large.
    Lot(Name),
    /// The reference price of an instrument is not above zero.
    Reference(Name),
    /// A window ends before it begins, or begins before the one before it ends.
    Order(Name),
    /// A window has the phase `Closed`.
    ClosedWindow(Name),
    /// A window has the phase `Auction` and no kind of auction, a kind without the phase, or a
    /// reopening, which no schedule knows.
    Auction(Name),
    /// A window has a band that has no rules, or an auction has one.
    Band(Name),
    /// The two levels of the throttle of a port do not rise, or are too large.
    Throttle(Name),
    /// A width, span or price is outside its range.
    Range(&'static str),
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count { list, found, max } => {
                write!(f, "{list}: expected 1 to {max} entries, found {found}")
            }
            Self::Twice { list, name } => write!(f, "{list}: {name} stands twice"),
            Self::Ticks(name) => write!(f, "instrument {name}: ticks must rise from zero"),
            Self::Lot(name) => write!(f, "instrument {name}: the lot must be 1 to {QTY_MAX}"),
            Self::Reference(name) => {
                write!(f, "instrument {name}: the reference price must be above zero")
            }
            Self::Order(name) => write!(f, "window {name}: windows must rise and not overlap"),
            Self::ClosedWindow(name) => write!(f, "window {name}: closed is what lies between"),
            Self::Auction(name) => {
                write!(f, "window {name}: opening or closing exactly where the phase is auction")
            }
            Self::Band(name) => {
                write!(f, "window {name}: its band has no rules, or is no auction's")
            }
            Self::Throttle(name) => {
                write!(f, "port {name}: take_max below disconnect_max, at most {THROTTLE_MAX}")
            }
            Self::Range(what) => write!(f, "{what} is outside its range"),
        }
    }
}

impl VenueRules {
    /// Returns whether the rules agree with each other, or the first reason why not.
    pub fn check(&self) -> Result<(), RulesError> {
        count("instruments", self.instruments.len(), INSTRUMENTS_MAX)?;
        count("ports", self.ports.len(), PORTS_MAX)?;
        count("windows", self.windows.len(), WINDOWS_MAX)?;
        count("order_types", self.order_types.len(), OrdType::ALL.len())?;
        count("times_in_force", self.times_in_force.len(), TimeInForce::ALL.len())?;
        unique("instruments", self.instruments.iter().map(|one| one.symbol))?;
        unique("ports", self.ports.iter().map(|one| one.name))?;
        self.instruments.iter().try_for_each(InstrumentRules::check)?;
        self.ports.iter().try_for_each(PortRules::check)?;
        self.check_bands()?;
        self.check_windows()
    }
    fn check_bands(&self) -> Result<(), RulesError> {
        let is_span = |ns: i64| (1..=SPAN_NS_MAX).contains(&ns);
        let is_width = |width: Bps| (1..10_000).contains(&width.get());
        if let Some(band) = self.limit_band {
            let spans = [band.mean_ns, band.limit_state_ns, band.pause_ns];
            if !band.width.is_none_or(is_width) || band.move_min.get() < 0 {
                return Err(RulesError::Range("limit_band width"));
            }
            let may_stand = (0..=SPAN_NS_MAX).contains(&band.stand_min_ns);
            if !spans.into_iter().all(is_span) || !may_stand || band.mean_ns % 1_000_000_000 != 0 {
                return Err(RulesError::Range("limit_band span"));
            }
        }
        if self.session_band.is_some_and(|width| !is_width(width)) {
            return Err(RulesError::Range("session_band width"));
        }
        if self.order_notional_max.is_some_and(|max| max <= Money::ZERO) {
            return Err(RulesError::Range("order_notional_max"));
        }
        let is_retail =
            |retail: RetailRules| retail.improvement_min.nanos() > 0 && retail.tick.nanos() > 0;
        if !self.retail.is_none_or(is_retail) {
            return Err(RulesError::Range("retail price"));
        }
        Ok(())
    }
    /// Returns whether every instrument has a limit band, by its tier or by the venue's width.
    fn has_limit_band(&self) -> bool {
        self.limit_band.is_some_and(|band| {
            band.width.is_some() || self.instruments.iter().all(|one| one.tier.is_some())
        })
    }
    fn check_windows(&self) -> Result<(), RulesError> {
        let mut behind = Ts::from_nanos(i64::MIN);
        for window in &self.windows {
            if window.start < behind || window.end <= window.start {
                return Err(RulesError::Order(window.name));
            }
            behind = window.end;
            if window.phase == Phase::Closed {
                return Err(RulesError::ClosedWindow(window.name));
            }
            let is_auction = window.phase == Phase::Auction;
            let is_reopening = window.auction == Some(AuctionKind::Reopening);
            if is_auction != window.auction.is_some() || is_reopening {
                return Err(RulesError::Auction(window.name));
            }
            let has_rules = match window.band {
                BandKind::Unbounded => true,
                BandKind::LimitUpDown | BandKind::LimitUpDownClosing => self.has_limit_band(),
                BandKind::Session => self.session_band.is_some(),
            };
            let is_bounded = window.band != BandKind::Unbounded;
            if !has_rules || is_bounded && window.mode() != BookMode::Continuous {
                return Err(RulesError::Band(window.name));
            }
        }
        Ok(())
    }
}

impl InstrumentRules {
    /// Returns the tick at a price.
    pub fn tick_at(&self, px: Price) -> Price {
        let magnitude = px.nanos().unsigned_abs();
        let is_reached = |step: &&TickStep| step.from.nanos().unsigned_abs() <= magnitude;
        self.ticks.iter().take_while(is_reached).last().map_or(Price::from_nanos(1), |s| s.tick)
    }
    /// Returns whether a price is a multiple of its tick.
    pub fn is_on_tick(&self, px: Price) -> bool {
        px.nanos() % self.tick_at(px).nanos() == 0
    }
    /// Returns whether a quantity is a multiple of the lot.
    pub fn is_on_lot(&self, qty: Qty) -> bool {
        !qty.is_zero() && qty.units() <= QTY_MAX && qty.units().is_multiple_of(self.lot.units())
    }
    fn check(&self) -> Result<(), RulesError> {
        let rises = self.ticks.windows(2).all(|pair| match pair {
            [low, high] => low.from < high.from,
            _ => true,
        });
        let starts = self.ticks.first().is_some_and(|step| step.from.nanos() == 0);
        let above = self.ticks.iter().all(|step| step.tick.nanos() > 0);
        if !rises || !starts || !above || self.ticks.len() > TICK_STEPS_MAX {
            return Err(RulesError::Ticks(self.symbol));
        }
        if !(1..=QTY_MAX).contains(&self.lot.units()) {
            return Err(RulesError::Lot(self.symbol));
        }
        if self.reference_px.nanos() <= 0 {
            return Err(RulesError::Reference(self.symbol));
        }
        let is_fit = |tier: LimitTier| tier.leverage.get() > 0 && tier.leverage <= LEVERAGE_MAX;
        self.tier.is_none_or(is_fit).then_some(()).ok_or(RulesError::Range("tier leverage"))
    }
}

impl PortRules {
    fn check(&self) -> Result<(), RulesError> {
        let fits = |t: Throttle| t.take_max < t.disconnect_max && t.disconnect_max <= THROTTLE_MAX;
        self.throttle.is_none_or(fits).then_some(()).ok_or(RulesError::Throttle(self.name))
    }
}

fn count(list: &'static str, found: usize, max: usize) -> Result<(), RulesError> {
    (1..=max).contains(&found).then_some(()).ok_or(RulesError::Count { list, found, max })
}

fn unique(list: &'static str, names: impl Iterator<Item = Name>) -> Result<(), RulesError> {
    let mut sorted: Vec<Name> = names.collect();
    sorted.sort_unstable();
    let twice = sorted.windows(2).find(|pair| pair.first() == pair.last());
    match twice.and_then(|pair| pair.first()) {
        Some(name) => Err(RulesError::Twice { list, name: *name }),
        None => Ok(()),
    }
}
