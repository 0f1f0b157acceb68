//! The fast book: levels with first-in-first-out lines over slabs, orders by id in one look-up.
//!
//! Best price and order are found in constant time; a new or emptied level costs the logarithm of
//! the number of levels. An auction sorts all orders. Shares no matching with the plain book.

mod auction;
mod ladder;
mod matching;
mod requests;
mod slab;
mod stops;

use std::collections::BTreeMap;

use ringfence_kernel::types::map::{MAP_SEED, Map};
use ringfence_kernel::types::{Price, Qty, Side};

use ladder::{Ladder, Rung};
use slab::{Linked, Links, Slab, Slot};
use stops::Stops;

use super::Book;
use super::event::BookEvent;
use super::order::{BookOrder, BookOrderId, Replacement, Visibility};
use super::view::{
    Band, BookLimits, BookMode, Cross, Level, MustUncross, NotInAuction, OpenOrder, Place,
};

/// The order book that is meant to be used.
#[derive(Clone, Debug)]
pub struct FastBook {
    nodes: Slab<Node>,
    ids: Map<BookOrderId, Slot>,
    buys: Ladder,
    sells: Ladder,
    /// Orders that wait for an auction, by their time.
    held: BTreeMap<u64, Slot>,
    stops: Stops,
    mode: BookMode,
    band: Option<Band>,
    last_px: Option<Price>,
    seq: u64,
    limits: BookLimits,
}

/// An open order, or one that is about to be.
#[derive(Clone, Copy, Debug)]
struct Node {
    order: BookOrder,
    /// Limit as it stands after replaces and bands.
    px: Option<Price>,
    executed: Qty,
    leaves: Qty,
    displayed: Qty,
    /// Place in time: lower was first.
    seq: u64,
    home: Home,
    links: Links,
}

/// Where an order stands, and what finds it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    /// In the level of this slot on its side.
    Level(Slot),
    /// With those that wait for an auction, under its `seq`.
    Held,
    /// With the stops, under its stop price and `seq`.
    Stop,
    /// With the elected stops, under its `seq`.
    Due,
}

impl Node {
    const fn new(order: BookOrder) -> Self {
        Self {
            order,
            px: order.kind.px(),
            executed: Qty::ZERO,
            leaves: order.qty,
            displayed: Qty::ZERO,
            seq: 0,
            home: Home::Held,
            links: Links { before: None, behind: None },
        }
    }
    const fn open(&self) -> OpenOrder {
        let total = Qty::new(self.executed.units() + self.leaves.units());
        OpenOrder {
            id: self.order.id,
            owner: self.order.owner,
            side: self.order.side,
            place: match self.home {
                Home::Level(_) => Place::Resting,
                Home::Held => Place::Held,
                Home::Stop => Place::Stop,
                Home::Due => Place::Due,
            },
            px: self.px,
            qty: total,
            leaves: self.leaves,
            displayed: self.displayed,
        }
    }
}

impl Linked for Node {
    fn links(&mut self) -> &mut Links {
        &mut self.links
    }
}

impl FastBook {
    /// Returns an empty book in continuous trading without a band.
    pub const fn new(limits: BookLimits) -> Self {
        Self {
            nodes: Slab::new(),
            ids: Map::new(MAP_SEED),
            buys: Ladder::new(Side::Buy),
            sells: Ladder::new(Side::Sell),
            held: BTreeMap::new(),
            stops: Stops::new(),
            mode: BookMode::Continuous,
            band: None,
            last_px: None,
            seq: 0,
            limits,
        }
    }
    const fn is_continuous(&self) -> bool {
        matches!(self.mode, BookMode::Continuous)
    }
    const fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }
    const fn ladder(&self, side: Side) -> &Ladder {
        if side.is_buy() { &self.buys } else { &self.sells }
    }
    const fn ladder_mut(&mut self, side: Side) -> &mut Ladder {
        if side.is_buy() { &mut self.buys } else { &mut self.sells }
    }
    const fn across(&self, side: Side) -> &Ladder {
        if side.is_buy() { &self.sells } else { &self.buys }
    }
    const fn across_mut(&mut self, side: Side) -> &mut Ladder {
        if side.is_buy() { &mut self.sells } else { &mut self.buys }
    }
    /// Returns the limit under which an order trades now; `None` is at any price.
    fn limit_of(&self, side: Side, px: Option<Price>) -> Option<Price> {
        let Some(band) = self.band else { return px };
        Some(px.map_or(band.worst(side), |px| band.draw_back(side, px)))
    }
    /// Returns the last rung across that an order of `side` may reach.
    const fn last_rung(side: Side, limit: Option<Price>) -> Option<Rung> {
        let across = if side.is_buy() { Side::Sell } else { Side::Buy };
        match limit {
            Some(limit) => Some(Rung::of(across, limit)),
            None => None,
        }
    }
    /// Returns the slots of a side's resting orders, those first that trade first.
    fn resting_slots(&self, side: Side) -> Vec<Slot> {
        let mut slots = Vec::new();
        for level in self.ladder(side).levels(None) {
            for line in [level.seen, level.hidden] {
                let mut next = line.first;
                while let Some(slot) = next {
                    slots.push(slot);
                    next = self.nodes.get(slot).links.behind;
                }
            }
        }
        slots
    }
}

impl Book for FastBook {
    fn submit(&mut self, order: BookOrder, events: &mut Vec<BookEvent>) {
        self.enter_new(order, events);
    }
    fn cancel(&mut self, id: BookOrderId, events: &mut Vec<BookEvent>) {
        self.cancel_open(id, events);
    }
    fn replace(&mut self, id: BookOrderId, terms: Replacement, events: &mut Vec<BookEvent>) {
        self.replace_open(id, terms, events);
    }
    fn reduce(&mut self, id: BookOrderId, by: Qty, events: &mut Vec<BookEvent>) {
        self.reduce_open(id, by, events);
    }
    fn set_mode(&mut self, mode: BookMode, events: &mut Vec<BookEvent>) -> Result<(), MustUncross> {
        if mode == BookMode::Continuous && self.has_unfinished_auction() {
            return Err(MustUncross);
        }
        self.mode = mode;
        self.settle(events);
        Ok(())
    }
    fn set_band(&mut self, band: Option<Band>, events: &mut Vec<BookEvent>) {
        self.band = band;
        let Some(band) = band else { return };
        for side in [Side::Buy, Side::Sell] {
            self.draw_back(side, band, events);
        }
    }
    fn uncross(
        &mut self,
        reference_px: Price,
        events: &mut Vec<BookEvent>,
    ) -> Result<Option<Cross>, NotInAuction> {
        let BookMode::Auction(kind) = self.mode else { return Err(NotInAuction) };
        Ok(self.hold_auction(kind, reference_px, events))
    }
    fn run_due(&mut self, events: &mut Vec<BookEvent>) -> usize {
        self.settle(events);
        self.stops.due_count()
    }
    fn indicative(&self, reference_px: Price) -> Option<Cross> {
        let BookMode::Auction(kind) = self.mode else { return None };
        self.auction(kind).cross(reference_px, self.band)
    }
    fn mode(&self) -> BookMode {
        self.mode
    }
    fn band(&self) -> Option<Band> {
        self.band
    }
    fn last_px(&self) -> Option<Price> {
        self.last_px
    }
    fn best(&self, side: Side) -> Option<Level> {
        let ladder = self.ladder(side);
        let level = ladder.level(ladder.best()?.1);
        if level.displayed.is_zero() {
            return self.depth(side, 1).first().copied();
        }
        Some(Level { px: level.px, qty: level.displayed })
    }
    fn depth(&self, side: Side, levels: usize) -> Vec<Level> {
        let displayed = self.ladder(side).levels(None).filter(|level| !level.displayed.is_zero());
        let shown = displayed.map(|level| Level { px: level.px, qty: level.displayed });
        shown.take(levels).collect()
    }
    fn order(&self, id: BookOrderId) -> Option<OpenOrder> {
        self.ids.get(&id).map(|slot| self.nodes.get(*slot).open())
    }
    fn order_count(&self) -> usize {
        self.ids.len()
    }
    fn resting(&self, side: Side) -> Vec<OpenOrder> {
        self.resting_slots(side).into_iter().map(|slot| self.nodes.get(slot).open()).collect()
    }
    fn waiting(&self) -> Vec<OpenOrder> {
        let held = self.held.iter().map(|(seq, slot)| (*seq, *slot));
        let mut early: Vec<(u64, Slot)> = held.chain(self.stops.waiting()).collect();
        early.sort_unstable();
        let slots = early.into_iter().map(|(_, slot)| slot).chain(self.stops.due());
        slots.map(|slot| self.nodes.get(slot).open()).collect()
    }
    fn takeable(&self, side: Side, limit: Option<Price>) -> Qty {
        let last = Self::last_rung(side, self.limit_of(side, limit));
        self.across(side).levels(last).fold(Qty::ZERO, |sum, level| sum + level.takeable)
    }
}

/// Returns whether an order stands in the hidden line of its level.
const fn is_hidden(order: &BookOrder) -> bool {
    matches!(order.visibility, Visibility::Hidden)
}
