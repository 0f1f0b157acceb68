//! Auctions of the fast book: both sides sorted once, every price weighed in one sweep.

use core::cmp::Ordering;

use ringfence_kernel::types::{Price, Qty, Side};

use super::slab::Slot;
use super::{FastBook, Home, is_hidden};
use crate::book::event::{BookEvent, CancelReason, Trade};
use crate::book::view::{AuctionKind, Band, Cross, Surplus};

/// An order that takes part.
#[derive(Clone, Copy, Debug)]
struct Party {
    slot: Slot,
    /// Limit within the band; `None` is at any price.
    px: Option<Price>,
    leaves: Qty,
}

/// Both sides of an auction, in order of priority.
#[derive(Clone, Debug)]
pub(super) struct Auction {
    buys: Vec<Party>,
    sells: Vec<Party>,
}

/// A price, what trades at it, and how much more is bought than sold.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    px: Price,
    volume: Qty,
    surplus: i64,
}

impl Auction {
    /// Returns what trades at the best price; `reference_px` decides where orders do not.
    pub(super) fn cross(&self, reference_px: Price, band: Option<Band>) -> Option<Cross> {
        let reference_px = band.map_or(reference_px, |band| band.nearest(reference_px));
        let parties = self.buys.iter().chain(&self.sells);
        let mut prices: Vec<Price> = parties.filter_map(|party| party.px).collect();
        prices.push(reference_px);
        prices.retain(|px| band.is_none_or(|band| band.nearest(*px) == *px));
        prices.sort_unstable();
        prices.dedup();
        let best = self.best(prices);
        let chosen = chosen(&best, reference_px)?;
        let left = Qty::new(chosen.surplus.unsigned_abs());
        let surplus = match chosen.surplus.cmp(&0) {
            Ordering::Equal => Surplus::Balanced,
            Ordering::Greater => Surplus::Buy(left),
            Ordering::Less => Surplus::Sell(left),
        };
        Some(Cross { px: chosen.px, qty: chosen.volume, surplus })
    }
    /// Returns the prices, rising, at which most trades and then least is left over.
    fn best(&self, rising: Vec<Price>) -> Vec<Candidate> {
        let mut demand = total(&self.buys);
        let mut supply = total(self.sells.iter().take_while(|party| party.px.is_none()));
        // Worst buys first, best sells first: both give way one after another as the price rises.
        let mut buys = self.buys.iter().rev().filter_map(limited).peekable();
        let mut sells = self.sells.iter().filter_map(limited).peekable();
        let mut best: Vec<Candidate> = Vec::new();
        for px in rising {
            while let Some((_, leaves)) = buys.next_if(|(limit, _)| *limit < px) {
                demand -= leaves;
            }
            while let Some((_, leaves)) = sells.next_if(|(limit, _)| *limit <= px) {
                supply += leaves;
            }
            let surplus = demand.signed() - supply.signed();
            let found = Candidate { px, volume: demand.min(supply), surplus };
            let against = best.first().map_or(Ordering::Greater, |held| {
                let more = found.volume.cmp(&held.volume);
                more.then(held.surplus.unsigned_abs().cmp(&surplus.unsigned_abs()))
            });
            match against {
                Ordering::Greater => best = vec![found],
                Ordering::Equal => best.push(found),
                Ordering::Less => {}
            }
        }
        best
    }
}

/// Returns the candidate that pressure or the reference prefers; none where nothing trades.
fn chosen(rising: &[Candidate], reference_px: Price) -> Option<Candidate> {
    let (lowest, highest) = (rising.first()?, rising.last()?);
    if lowest.volume.is_zero() {
        return None;
    }
    if rising.iter().all(|found| found.surplus > 0) {
        return Some(*highest);
    }
    if rising.iter().all(|found| found.surplus < 0) {
        return Some(*lowest);
    }
    let distance = |found: &&Candidate| found.px.nanos().abs_diff(reference_px.nanos());
    rising.iter().min_by_key(distance).copied()
}

fn limited(party: &Party) -> Option<(Price, Qty)> {
    party.px.map(|px| (px, party.leaves))
}

fn total<'a>(parties: impl IntoIterator<Item = &'a Party>) -> Qty {
    parties.into_iter().fold(Qty::ZERO, |sum, party| sum + party.leaves)
}

impl FastBook {
    /// Returns those who take part in an auction.
    pub(super) fn auction(&self, kind: AuctionKind) -> Auction {
        Auction { buys: self.parties(kind, Side::Buy), sells: self.parties(kind, Side::Sell) }
    }
    fn parties(&self, kind: AuctionKind, side: Side) -> Vec<Party> {
        let held = self.held.values().copied().filter(|slot| {
            let order = &self.nodes.get(*slot).order;
            order.side.is_buy() == side.is_buy() && kind.takes(order.time_in_force)
        });
        let resting = self.resting_slots(side).into_iter();
        let free = resting.filter(|slot| self.nodes.get(*slot).order.min_qty.is_none());
        let within = |px| self.band.map_or(px, |band| band.draw_back(side, px));
        let mut ranked: Vec<_> = held
            .chain(free)
            .map(|slot| {
                let node = self.nodes.get(slot);
                let px = node.px.map(within);
                let nanos = px.map(|px| if side.is_buy() { !px.nanos() } else { px.nanos() });
                let party = Party { slot, px, leaves: node.leaves };
                ((nanos, is_hidden(&node.order), node.seq), party)
            })
            .collect();
        // An order without a limit has no rung, and comes before all that have one.
        ranked.sort_unstable_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, party)| party).collect()
    }
    /// Trades an auction, then cancels what was entered for it alone.
    pub(super) fn hold_auction(
        &mut self,
        kind: AuctionKind,
        reference_px: Price,
        events: &mut Vec<BookEvent>,
    ) -> Option<Cross> {
        let auction = self.auction(kind);
        let cross = auction.cross(reference_px, self.band);
        if let Some(cross) = cross {
            self.pair(&auction, cross, events);
            self.print(cross.px);
        }
        let left: Vec<Slot> = self.held.values().copied().collect();
        for slot in left {
            if kind.takes(self.nodes.get(slot).order.time_in_force) {
                self.cancel_slot(slot, CancelReason::AuctionEnded, events);
            }
        }
        self.elect();
        cross
    }
    fn pair(&mut self, auction: &Auction, cross: Cross, events: &mut Vec<BookEvent>) {
        let (mut buys, mut sells) = (auction.buys.iter(), auction.sells.iter());
        let (mut buy, mut sell) = (buys.next().copied(), sells.next().copied());
        let mut left = cross.qty;
        while let (Some(bought), Some(sold), false) = (&mut buy, &mut sell, left.is_zero()) {
            let qty = left.min(bought.leaves).min(sold.leaves);
            left -= qty;
            bought.leaves -= qty;
            sold.leaves -= qty;
            events.push(BookEvent::Trade(Trade {
                taker: self.nodes.get(bought.slot).order.id,
                maker: self.nodes.get(sold.slot).order.id,
                px: cross.px,
                qty,
                taker_leaves: bought.leaves,
                maker_leaves: sold.leaves,
            }));
            self.fill_and_clear(bought.slot, qty, events);
            self.fill_and_clear(sold.slot, qty, events);
            if bought.leaves.is_zero() {
                buy = buys.next().copied();
            }
            if sold.leaves.is_zero() {
                sell = sells.next().copied();
            }
        }
    }
    fn fill_and_clear(&mut self, slot: Slot, qty: Qty, events: &mut Vec<BookEvent>) {
        let node = self.nodes.get(slot);
        let (side, home) = (node.order.side, node.home);
        self.fill(slot, qty, events);
        if let Home::Level(level) = home {
            self.ladder_mut(side).drop_if_empty(level);
        }
    }
    /// Returns whether orders wait that only an auction can let go.
    pub(super) fn has_unfinished_auction(&self) -> bool {
        let waits = |slot: &Slot| !self.nodes.get(*slot).order.is_auction_only();
        let best = |side| {
            let mut levels = self.ladder(side).levels(None);
            levels.find(|level| !level.takeable.is_zero()).map(|level| level.px)
        };
        let crosses = best(Side::Buy).zip(best(Side::Sell)).is_some_and(|(bid, ask)| bid >= ask);
        crosses || self.held.values().any(waits)
    }
}
