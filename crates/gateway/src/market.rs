//! What venues say about the market: prices, trades, halts.

use std::collections::{BTreeMap, BTreeSet};

use ringfence_fix::codec::Message;
use ringfence_fix::endpoint::{Context, SessionIndex};
use ringfence_fix::tag;
use ringfence_kernel::input::PhaseChange;
use ringfence_kernel::types::{Name, Phase};

use super::Gateway;
use super::from_venue::name;
use super::to_venue;

/// Which venues hold each instrument halted; a venue that goes down is forgotten.
#[derive(Clone, Debug, Default)]
pub(super) struct Halts(BTreeMap<Name, BTreeSet<Name>>);

impl Halts {
    /// Notes a halt at a venue.
    fn halt(&mut self, symbol: Name, venue: Name) {
        self.0.entry(symbol).or_default().insert(venue);
    }
    /// Notes that a venue trades an instrument; returns whether no other one holds it halted.
    fn resume(&mut self, symbol: Name, venue: Name) -> bool {
        let Some(venues) = self.0.get_mut(&symbol) else { return true };
        venues.remove(&venue);
        venues.is_empty()
    }
    /// Forgets a venue: what it would say now is unknown, and no halt is lifted by silence.
    pub(super) fn forget(&mut self, venue: Name) {
        self.0.values_mut().for_each(|venues| {
            venues.remove(&venue);
        });
    }
}

impl Gateway {
    /// Asks a venue for prices and trades of every instrument, and about their status; each by a
    /// request of its own, so that one that is not traded there does not cost the others.
    pub(super) fn ask_market(&mut self, session: SessionIndex, context: &mut dyn Context) {
        let directory = &self.kernel.state().directory;
        let instruments = directory.instruments.iter();
        let symbols: Vec<Name> =
            instruments.map(|(id, _)| directory.named_instrument(id).name).collect();
        for symbol in symbols {
            self.body.clear();
            to_venue::market_data_request(&mut self.body, context.now(), symbol);
            context.send(session, "V", &self.body);
            self.body.clear();
            to_venue::security_status_request(&mut self.body, context.now(), symbol);
            context.send(session, "e", &self.body);
        }
    }
    /// Takes prices and trades (FIX 35=W, X).
    pub(super) fn market_data(
        &mut self,
        session: SessionIndex,
        venue: Name,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        let news = self.quotes.take(venue, message);
        for quote in news.quotes {
            self.step(&quote.into(), Some(session), context);
        }
        for trade in news.trades {
            self.step(&trade.into(), Some(session), context);
        }
        if news.unread > 0 {
            let count = news.unread;
            context.alert(Some(session), format!("venue {venue}: {count} prices are unreadable"));
        }
    }
    /// Takes the status of an instrument at a venue (FIX 326): a halt (2) there halts it here;
    /// that it trades (3, 17) lifts a halt once no other venue holds one. Other states are the
    /// venue's own and change nothing.
    pub(super) fn security_status(
        &mut self,
        session: SessionIndex,
        venue: Name,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        let Ok(Some(symbol)) = name(message, tag::SYMBOL) else { return };
        let state = self.kernel.state();
        let row = state.directory.instruments.find(&symbol);
        let Some(row) = row.and_then(|id| state.market.row(id)) else { return };
        let is_halted = row.phase == Some(Phase::Halted);
        let phase = match message.get(tag::SECURITY_TRADING_STATUS) {
            Some(b"2") => {
                self.halts.halt(symbol, venue);
                Phase::Halted
            }
            Some(b"3" | b"17") if self.halts.resume(symbol, venue) && is_halted => {
                Phase::Continuous
            }
            Some(_) | None => return,
        };
        if is_halted && phase == Phase::Halted {
            return;
        }
        context.alert(Some(session), format!("venue {venue}: {symbol} is {phase}"));
        self.step(&PhaseChange { symbol: Some(symbol), phase }.into(), Some(session), context);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R26: an instrument is open again only when no venue holds it halted; silence lifts nothing.
    #[test]
    fn every_venue_must_lift_its_halt() {
        let (mut halts, name) = (Halts::default(), Name::clipped);
        assert!(halts.resume(name("BAC"), name("LIT1")));
        halts.halt(name("BAC"), name("LIT1"));
        halts.halt(name("BAC"), name("LIT2"));
        assert!(!halts.resume(name("BAC"), name("LIT1")));
        assert!(halts.resume(name("IBM"), name("LIT1")));
        assert!(halts.resume(name("BAC"), name("LIT2")));
    }
}
