//! What venues say about the market: prices and trades.

use ringfence_fix::codec::Message;
use ringfence_fix::endpoint::{Context, SessionIndex};
use ringfence_kernel::types::Name;

use super::Gateway;
use super::to_venue;

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
}
