//! Market data: pictures of the displayed book, and its changes, conflated per interval.
//!
//! A subscriber gets at most one message for each symbol and interval, with the difference to what
//! it was told last and the trades in between.

use std::collections::{BTreeMap, BTreeSet};

use ringfence_fix::codec::Body;
use ringfence_fix::tag;
use ringfence_kernel::types::{Name, Price, Qty, Side, Ts, WireId};

use super::input::MarketDataRequest;
use super::tags;
use crate::book::{Book, Level};
use crate::exchange::{Exchange, InstrumentIndex, PortId};
use crate::fault::Feed;

/// Most prices of a side that a subscriber is told; a full book is this deep.
pub const DEPTH_MAX: usize = 50;
/// Most trades of an instrument that are told one by one in an interval; the oldest go first.
pub const PRINTS_MAX: usize = 100;
/// Most subscriptions of one port.
pub const SUBSCRIPTIONS_MAX: usize = 1_000;

const BID: char = '0';
const OFFER: char = '1';
const TRADE: char = '2';

/// What a subscriber was told last of one instrument.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Picture {
    bids: Vec<Level>,
    asks: Vec<Level>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Subscriber {
    request: MarketDataRequest,
    told: BTreeMap<InstrumentIndex, Picture>,
}

/// All subscriptions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct MarketData {
    subscribers: BTreeMap<(PortId, WireId), Subscriber>,
    /// How many subscribers an instrument has.
    watched: BTreeMap<InstrumentIndex, u32>,
    changed: BTreeSet<InstrumentIndex>,
    prints: BTreeMap<InstrumentIndex, Vec<(Price, Qty)>>,
    interval_ns: i64,
    flush_at: Option<Ts>,
}

/// A message for a subscriber.
pub(super) struct Told {
    pub(super) port: PortId,
    pub(super) symbol: Name,
    pub(super) msg_type: &'static str,
    pub(super) body: Body,
}

/// Why a subscription is refused (FIX 281).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SubscriptionError {
    UnknownSymbol,
    DuplicateId,
    UnknownId,
    TooMany,
    NoEntryType,
}

impl SubscriptionError {
    pub(super) const fn reason(self) -> (char, &'static str) {
        match self {
            Self::UnknownSymbol => ('0', "unknown symbol"),
            Self::DuplicateId => ('1', "MDReqID is in use"),
            Self::TooMany => ('2', "too many subscriptions"),
            Self::UnknownId => ('4', "no subscription has this MDReqID"),
            Self::NoEntryType => ('8', "bids, offers and trades are all there is"),
        }
    }
}

impl MarketData {
    pub(super) const fn new(interval_ns: i64) -> Self {
        Self {
            subscribers: BTreeMap::new(),
            watched: BTreeMap::new(),
            changed: BTreeSet::new(),
            prints: BTreeMap::new(),
            interval_ns,
            flush_at: None,
        }
    }
    pub(super) const fn next_due(&self) -> Option<Ts> {
        self.flush_at
    }
    /// Forgets the subscriptions of a port.
    pub(super) fn drop_port(&mut self, port: PortId) {
        let of_port = self.subscribers.keys().filter(|(of, _)| *of == port);
        for key in of_port.copied().collect::<Vec<_>>() {
            self.remove(key);
        }
    }
    fn remove(&mut self, key: (PortId, WireId)) -> bool {
        let Some(gone) = self.subscribers.remove(&key) else { return false };
        for at in gone.told.keys() {
            let left = self.watched.get(at).copied().unwrap_or(0).saturating_sub(1);
            if left == 0 {
                self.watched.remove(at);
            } else {
                self.watched.insert(*at, left);
            }
        }
        true
    }
    pub(super) fn unsubscribe(
        &mut self,
        port: PortId,
        id: WireId,
    ) -> Result<(), SubscriptionError> {
        self.remove((port, id)).then_some(()).ok_or(SubscriptionError::UnknownId)
    }
    /// Returns the pictures that answer a request, and subscribes where that is asked for.
    pub(super) fn ask<B: Book>(
        &mut self,
        port: PortId,
        request: &MarketDataRequest,
        lasts: bool,
        exchange: &Exchange<B>,
    ) -> Result<Vec<Told>, SubscriptionError> {
        if !request.bids && !request.asks && !request.trades {
            return Err(SubscriptionError::NoEntryType);
        }
        if self.subscribers.contains_key(&(port, request.id)) {
            return Err(SubscriptionError::DuplicateId);
        }
        let of_port = self.subscribers.keys().filter(|(of, _)| *of == port).count();
        if lasts && of_port >= SUBSCRIPTIONS_MAX {
            return Err(SubscriptionError::TooMany);
        }
        let found = request.symbols.iter().map(|symbol| exchange.instrument(symbol));
        let instruments: Option<Vec<InstrumentIndex>> = found.collect();
        let instruments = instruments.ok_or(SubscriptionError::UnknownSymbol)?;
        let mut subscriber = Subscriber { request: request.clone(), told: BTreeMap::new() };
        let mut told = Vec::new();
        for (at, symbol) in instruments.into_iter().zip(&request.symbols) {
            let picture = picture(exchange, at, request);
            let body = snapshot(request, *symbol, &picture, &[]);
            told.push(Told { port, symbol: *symbol, msg_type: "W", body });
            subscriber.told.insert(at, picture);
        }
        if lasts {
            for at in subscriber.told.keys() {
                *self.watched.entry(*at).or_default() += 1;
            }
            self.subscribers.insert((port, request.id), subscriber);
        }
        Ok(told)
    }
    /// Notes that the book of an instrument may have changed.
    pub(super) fn note_change(&mut self, at: InstrumentIndex, ts: Ts) {
        if self.is_watched(at) {
            self.changed.insert(at);
            let interval = self.interval_ns.max(1);
            let end = ts.nanos().div_euclid(interval).saturating_add(1).saturating_mul(interval);
            self.flush_at.get_or_insert(Ts::from_nanos(end));
        }
    }
    /// Notes a trade.
    pub(super) fn note_print(&mut self, at: InstrumentIndex, px: Price, qty: Qty, ts: Ts) {
        if self.is_watched(at) {
            let prints = self.prints.entry(at).or_default();
            if prints.len() == PRINTS_MAX {
                prints.remove(0);
            }
            prints.push((px, qty));
            self.note_change(at, ts);
        }
    }
    fn is_watched(&self, at: InstrumentIndex) -> bool {
        self.watched.contains_key(&at)
    }
    /// Notes that every book that is watched may have changed: a disturbance is over.
    pub(super) fn note_all(&mut self, ts: Ts) {
        for at in self.watched.keys().copied().collect::<Vec<_>>() {
            self.note_change(at, ts);
        }
    }
    /// Returns what subscribers are told at the end of an interval; `feed` says of each whether
    /// its news arrive. What was lost or held back is no longer news when that is over: the next
    /// message tells the difference to what was told last.
    pub(super) fn flush<B: Book>(
        &mut self,
        exchange: &Exchange<B>,
        mut feed: impl FnMut(PortId, Name) -> Feed,
    ) -> Vec<Told> {
        self.flush_at = None;
        let changed = core::mem::take(&mut self.changed);
        let prints = core::mem::take(&mut self.prints);
        let mut told = Vec::new();
        for ((port, _), subscriber) in &mut self.subscribers {
            for at in &changed {
                let (Some(old), Some(symbol)) = (subscriber.told.get_mut(at), exchange.symbol(*at))
                else {
                    continue;
                };
                let request = &subscriber.request;
                match feed(*port, symbol) {
                    Feed::Live => {}
                    Feed::Lost => continue,
                    Feed::Frozen => {
                        let body = snapshot(request, symbol, old, &[]);
                        told.push(Told { port: *port, symbol, msg_type: "W", body });
                        continue;
                    }
                }
                let none = Vec::new();
                let prints = prints.get(at).filter(|_| request.trades).unwrap_or(&none);
                let new = picture(exchange, *at, request);
                if *old == new && prints.is_empty() {
                    continue;
                }
                let (msg_type, body) = if request.is_incremental {
                    ("X", refresh(request, symbol, old, &new, prints))
                } else {
                    ("W", snapshot(request, symbol, &new, prints))
                };
                *old = new;
                told.push(Told { port: *port, symbol, msg_type, body });
            }
        }
        told
    }
}

fn picture<B: Book>(
    exchange: &Exchange<B>,
    at: InstrumentIndex,
    request: &MarketDataRequest,
) -> Picture {
    let asked = usize::try_from(request.depth).unwrap_or(DEPTH_MAX);
    let levels = if asked == 0 { DEPTH_MAX } else { asked.min(DEPTH_MAX) };
    let side = |is_wanted, side| {
        if is_wanted { exchange.depth(at, side, levels) } else { Vec::new() }
    };
    Picture { bids: side(request.bids, Side::Buy), asks: side(request.asks, Side::Sell) }
}

fn snapshot(
    request: &MarketDataRequest,
    symbol: Name,
    picture: &Picture,
    prints: &[(Price, Qty)],
) -> Body {
    let mut body = Body::new();
    body.put(tags::MD_REQ_ID, request.id).put(tag::SYMBOL, symbol);
    let count = picture.bids.len() + picture.asks.len() + prints.len();
    // An empty book is told as one offer of nothing: the group may not be empty (FIX 268).
    body.put(tags::NO_MD_ENTRIES, count.max(1));
    let mut entry = |kind: char, px: Price, qty: Qty| {
        body.put(tags::MD_ENTRY_TYPE, kind).price(tags::MD_ENTRY_PX, px);
        body.qty(tags::MD_ENTRY_SIZE, qty);
    };
    picture.bids.iter().for_each(|level| entry(BID, level.px, level.qty));
    picture.asks.iter().for_each(|level| entry(OFFER, level.px, level.qty));
    prints.iter().for_each(|(px, qty)| entry(TRADE, *px, *qty));
    if count == 0 {
        entry(OFFER, Price::from_nanos(0), Qty::ZERO);
    }
    body
}

/// How a price of the book changed (FIX 279).
#[derive(Clone, Copy)]
enum Change {
    New,
    Changed,
    Gone,
}

fn refresh(
    request: &MarketDataRequest,
    symbol: Name,
    old: &Picture,
    new: &Picture,
    prints: &[(Price, Qty)],
) -> Body {
    let mut entries = Vec::new();
    for (kind, old, new) in [(BID, &old.bids, &new.bids), (OFFER, &old.asks, &new.asks)] {
        for level in old.iter().filter(|level| !has_px(new, level.px)) {
            entries.push((Change::Gone, kind, level.px, Qty::ZERO));
        }
        for level in new.iter().filter(|level| !old.contains(level)) {
            let change = if has_px(old, level.px) { Change::Changed } else { Change::New };
            entries.push((change, kind, level.px, level.qty));
        }
    }
    entries.extend(prints.iter().map(|(px, qty)| (Change::New, TRADE, *px, *qty)));
    let mut body = Body::new();
    body.put(tags::MD_REQ_ID, request.id).put(tags::NO_MD_ENTRIES, entries.len());
    for (change, kind, px, qty) in entries {
        let action = match change {
            Change::New => '0',
            Change::Changed => '1',
            Change::Gone => '2',
        };
        body.put(tags::MD_UPDATE_ACTION, action).put(tags::MD_ENTRY_TYPE, kind);
        body.put(tag::SYMBOL, symbol).price(tags::MD_ENTRY_PX, px);
        if !matches!(change, Change::Gone) {
            body.qty(tags::MD_ENTRY_SIZE, qty);
        }
    }
    body
}

fn has_px(levels: &[Level], px: Price) -> bool {
    levels.iter().any(|level| level.px == px)
}
