//! Auctions of the plain book: every candidate price is weighed by counting all orders.

use ringfence_kernel::types::{Price, Qty, Side};

use super::super::event::{BookEvent, CancelReason, Trade};
use super::super::view::{AuctionKind, Cross, Place, Surplus};
use super::{PlainBook, Row, matching};

impl PlainBook {
    /// Returns whether orders wait that only an auction can let go.
    pub(super) fn must_uncross(&self) -> bool {
        let waits = |row: &Row| row.place == Place::Held && !row.order.is_auction_only();
        let best = |side| {
            let rows = self.side(side);
            rows.iter().find(|row| row.order.min_qty.is_none()).and_then(|row| row.px)
        };
        let crosses = matches!(
            (best(Side::Buy), best(Side::Sell)), (Some(bid), Some(ask)) if bid >= ask
        );
        crosses || self.rows.iter().any(waits)
    }
    /// Returns those who take part, with their limit within the band, in order of priority.
    fn parties(&self, kind: AuctionKind, side: Side) -> Vec<Row> {
        let mut rows = self.rows.clone();
        rows.retain(|row| {
            let takes_part = match row.place {
                Place::Resting => row.order.min_qty.is_none(),
                Place::Held => kind.takes(row.order.time_in_force),
                Place::Stop | Place::Due => false,
            };
            takes_part && row.order.side.is_buy() == side.is_buy()
        });
        for row in &mut rows {
            row.px = row.px.map(|px| self.band.map_or(px, |band| band.draw_back(side, px)));
        }
        rows.sort_by_key(|row| (row.px.is_some(), matching::rank(row)));
        rows
    }
    /// Returns what would trade at the best price, if anything would.
    pub(super) fn cross_at(&self, kind: AuctionKind, reference_px: Price) -> Option<Cross> {
        let (buys, sells) = (self.parties(kind, Side::Buy), self.parties(kind, Side::Sell));
        let reference_px = self.band.map_or(reference_px, |band| band.nearest(reference_px));
        let limits = buys.iter().chain(&sells).filter_map(|row| row.px);
        let mut prices: Vec<Price> = limits.chain([reference_px]).collect();
        prices.retain(|px| self.band.is_none_or(|band| band.nearest(*px) == *px));
        let demand = |px| willing(&buys, |limit| limit >= px);
        let supply = |px| willing(&sells, |limit| limit <= px);
        let volume = |px| demand(px).min(supply(px));
        let surplus = |px| demand(px).signed() - supply(px).signed();

        let most = prices.iter().map(|px| volume(*px)).max().filter(|most| !most.is_zero())?;
        prices.retain(|px| volume(*px) == most);
        let least = prices.iter().map(|px| surplus(*px).abs()).min()?;
        prices.retain(|px| surplus(*px).abs() == least);
        let px = if prices.iter().all(|px| surplus(*px) > 0) {
            prices.iter().max()
        } else if prices.iter().all(|px| surplus(*px) < 0) {
            prices.iter().min()
        } else {
            // Never two at one distance: a reference between two such prices would be one as well.
            prices.iter().min_by_key(|px| px.nanos().abs_diff(reference_px.nanos()))
        };
        let px = px.copied()?;
        let left = Qty::new(surplus(px).unsigned_abs());
        let surplus = match surplus(px) {
            0 => Surplus::Balanced,
            1.. => Surplus::Buy(left),
            ..0 => Surplus::Sell(left),
        };
        Some(Cross { px, qty: most, surplus })
    }
    /// Trades the volume of an auction at its price, in order of priority on both sides.
    pub(super) fn trade_auction(
        &mut self,
        kind: AuctionKind,
        cross: Cross,
        events: &mut Vec<BookEvent>,
    ) {
        let (buys, sells) = (self.parties(kind, Side::Buy), self.parties(kind, Side::Sell));
        let mut left = cross.qty;
        while !left.is_zero() {
            let open = |row: &&Row| self.find(row.order.id).is_some();
            let buy = buys.iter().find(open).and_then(|row| self.find(row.order.id));
            let sell = sells.iter().find(open).and_then(|row| self.find(row.order.id));
            let (Some(buy), Some(sell)) = (buy, sell) else { return };
            let qty = left.min(buy.leaves).min(sell.leaves);
            left -= qty;
            events.push(BookEvent::Trade(Trade {
                taker: buy.order.id,
                maker: sell.order.id,
                px: cross.px,
                qty,
                taker_leaves: buy.leaves - qty,
                maker_leaves: sell.leaves - qty,
            }));
            self.fill(buy, qty, events);
            self.fill(sell, qty, events);
            self.print(cross.px);
        }
    }
    /// Cancels what was entered for this auction alone and did not trade.
    pub(super) fn end_auction(&mut self, kind: AuctionKind, events: &mut Vec<BookEvent>) {
        let mut rows = self.rows.clone();
        rows.retain(|row| row.place == Place::Held && kind.takes(row.order.time_in_force));
        rows.sort_by_key(|row| row.seq);
        for row in rows {
            self.take_out(row.order.id);
            let (id, leaves, why) = (row.order.id, row.leaves, CancelReason::AuctionEnded);
            events.push(BookEvent::Canceled { id, leaves, why });
        }
    }
}

/// Returns the open quantity of those without a limit or with one that agrees.
fn willing(rows: &[Row], agrees: impl Fn(Price) -> bool) -> Qty {
    let ready = rows.iter().filter(|row| row.px.is_none_or(&agrees));
    ready.fold(Qty::ZERO, |sum, row| sum + row.leaves)
}
