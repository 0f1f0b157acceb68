//! The best bid and offer over all venues, for the kernel's reference prices.

use std::collections::BTreeMap;

use ringfence_fix::codec::Message;
use ringfence_fix::tag::{self, Tag};
use ringfence_kernel::input::{MarketTrade, Quote};
use ringfence_kernel::types::{Name, Price, Qty};

/// Instruments times venues that are followed; what is beyond is told to the operator.
const TOPS_MAX: usize = 1_000_000;

/// Best prices of one venue for one instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Top {
    bid: Option<Price>,
    ask: Option<Price>,
}

/// What one market data message says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// Instruments whose best bid or offer changed.
    pub(super) quotes: Vec<Quote>,
    /// Trades in the order of the message.
    pub(super) trades: Vec<MarketTrade>,
    /// Entries that could not be read or followed.
    pub(super) unread: usize,
}

/// The tops of every venue and the consolidated ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Quotes {
    /// By instrument and venue.
    tops: BTreeMap<(Name, Name), Top>,
    told: BTreeMap<Name, Top>,
}

/// One entry of a message, before it means anything (group FIX 268).
#[derive(Clone, Copy, Debug, Default)]
struct Entry<'a> {
    action: Option<&'a [u8]>,
    kind: Option<&'a [u8]>,
    symbol: Option<Name>,
    px: Option<&'a [u8]>,
    qty: Option<&'a [u8]>,
}

impl Quotes {
    /// Takes a snapshot (FIX 35=W) or an increment (35=X) of `venue` in.
    pub(super) fn take(&mut self, venue: Name, message: &Message<'_>) -> News {
        let mut news = News::default();
        let whole = message.msg_type() == b"W";
        let symbol = message.get(tag::SYMBOL).and_then(Name::from_bytes);
        if whole && let Some(symbol) = symbol {
            self.set(venue, symbol, |top| *top = Top::default());
        }
        let starts = if whole { tag::MD_ENTRY_TYPE } else { tag::MD_UPDATE_ACTION };
        let mut entry: Option<Entry<'_>> = None;
        for (tag, value) in message.fields() {
            if tag == starts {
                self.apply(venue, entry.take(), &mut news);
                entry = Some(Entry { symbol: symbol.filter(|_| whole), ..Entry::default() });
            }
            if let Some(entry) = &mut entry {
                entry.read(tag, value);
            }
        }
        self.apply(venue, entry, &mut news);
        self.consolidate(venue, message, &mut news);
        news
    }
    /// Forgets what a venue said: its session is down.
    pub(super) fn forget(&mut self, venue: Name) -> Vec<Quote> {
        let symbols: Vec<Name> =
            self.tops.keys().filter(|(_, of)| *of == venue).map(|(symbol, _)| *symbol).collect();
        self.tops.retain(|(_, of), _| *of != venue);
        symbols.into_iter().filter_map(|symbol| self.changed(symbol)).collect()
    }
    fn set(&mut self, venue: Name, symbol: Name, change: impl FnOnce(&mut Top)) -> bool {
        if self.tops.len() >= TOPS_MAX && !self.tops.contains_key(&(symbol, venue)) {
            return false;
        }
        change(self.tops.entry((symbol, venue)).or_default());
        true
    }
    fn apply(&mut self, venue: Name, entry: Option<Entry<'_>>, news: &mut News) {
        let Some(entry) = entry else { return };
        if self.apply_read(venue, &entry, news).is_none() {
            news.unread += 1;
        }
    }
    fn apply_read(&mut self, venue: Name, entry: &Entry<'_>, news: &mut News) -> Option<()> {
        let symbol = entry.symbol?;
        let text = |value: Option<&[u8]>| {
            value.and_then(|value| core::str::from_utf8(value).ok().map(str::to_owned))
        };
        let px = text(entry.px).and_then(|text| Price::parse(&text).ok());
        let qty = text(entry.qty).and_then(|text| Qty::parse(&text).ok());
        // An empty book may be told as an offer of nothing, because the group may not be empty.
        let gone = entry.action == Some(b"2") || qty == Some(Qty::ZERO);
        match entry.kind? {
            b"0" | b"1" if gone || px.is_some() => {
                let px = px.filter(|_| !gone);
                let is_bid = entry.kind == Some(b"0");
                let set = |top: &mut Top| *(if is_bid { &mut top.bid } else { &mut top.ask }) = px;
                self.set(venue, symbol, set).then_some(())
            }
            b"2" => {
                news.trades.push(MarketTrade { symbol, px: px?, qty: qty? });
                Some(())
            }
            // Other kinds of entries are no prices of ours.
            b"0" | b"1" => None,
            _ => Some(()),
        }
    }
    fn consolidate(&mut self, venue: Name, message: &Message<'_>, news: &mut News) {
        let mut symbols: Vec<Name> = message
            .fields()
            .filter(|(tag, _)| *tag == tag::SYMBOL)
            .filter_map(|(_, value)| Name::from_bytes(value))
            .collect();
        symbols.sort_unstable();
        symbols.dedup();
        symbols.retain(|symbol| self.tops.contains_key(&(*symbol, venue)));
        news.quotes.extend(symbols.into_iter().filter_map(|symbol| self.changed(symbol)));
    }
    fn tops_of(&self, symbol: Name) -> impl Iterator<Item = (&(Name, Name), &Top)> {
        // No printable name sorts before a single space.
        let first = (symbol, Name::clipped(" "));
        self.tops.range(first..).take_while(move |((of, _), _)| *of == symbol)
    }
    /// Returns the new best bid and offer of an instrument where it is another one than was told.
    fn changed(&mut self, symbol: Name) -> Option<Quote> {
        let mut best = Top::default();
        for (_, top) in self.tops_of(symbol) {
            best.bid = best.bid.max(top.bid);
            best.ask = match (best.ask, top.ask) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        if self.told.insert(symbol, best) == Some(best) {
            return None;
        }
        Some(Quote { symbol, bid_px: best.bid, ask_px: best.ask })
    }
}

impl<'a> Entry<'a> {
    fn read(&mut self, tag: Tag, value: &'a [u8]) {
        match tag {
            tag::MD_UPDATE_ACTION => self.action = Some(value),
            tag::MD_ENTRY_TYPE => self.kind = Some(value),
            tag::MD_ENTRY_PX => self.px = Some(value),
            tag::MD_ENTRY_SIZE => self.qty = Some(value),
            tag::SYMBOL => self.symbol = Name::from_bytes(value),
            _ => {}
        }
    }
}
