//! The others at a venue: quotes around the middle, and trades, from a seed.

use ringfence_kernel::types::{Qty, Side, Ts};
use ringfence_sim::book::Level;
use ringfence_sim::exchange::{Liquidity, MarketEvent, MarketWhat};
use ringfence_sim::rng::Rng;
use ringfence_sim::world::after;
use ringfence_sim::world::broker::cents;

use super::town::{SYMBOLS, name};

/// Mean time between two events, milliseconds.
const PACE_MS: u64 = 60;

pub(super) struct Crowd {
    rng: Rng,
    due: Ts,
    until: Ts,
}

impl Crowd {
    pub(super) fn new(seed: u64, from: Ts, until: Ts) -> Self {
        Self { rng: Rng::stream(seed, &[12]), due: from, until }
    }
}

impl Liquidity for Crowd {
    fn next_due(&self) -> Option<Ts> {
        Some(self.due).filter(|due| *due < self.until)
    }
    fn take(&mut self, until: Ts) -> Option<MarketEvent> {
        let ts = self.next_due().filter(|due| *due <= until)?;
        let wait = 1 + self.rng.below(2 * PACE_MS);
        self.due = after(ts, i64::try_from(wait * 1_000_000).unwrap());
        let (symbol, middle) = SYMBOLS[usize::try_from(self.rng.below(2)).unwrap()];
        let side = if self.rng.one_in(2) { Side::Buy } else { Side::Sell };
        let qty = Qty::new(100 * (1 + self.rng.below(9)));
        let away = 1 + self.rng.below(8);
        let px = cents(if side.is_buy() { middle - away } else { middle + away });
        let what = match self.rng.below(8) {
            0 => MarketWhat::Trade { px, qty, aggressor: None },
            1 => MarketWhat::Quote { side, best: None },
            _ => MarketWhat::Quote { side, best: Some(Level { px, qty }) },
        };
        Some(MarketEvent { ts, symbol: name(symbol), what })
    }
}
