//! Rule 5: lot size and tick size.
//!
//! # What it checks
//! That the quantity is a multiple of the lot, that limit and trigger price are multiples of the
//! tick at their level, and that they are positive where the instrument knows no others.
//!
//! # Why
//! A venue rejects what does not fit its grid, and a price of the wrong sign or size is a sign of
//! a broken sender.
//!
//! # Denies with
//! LOT_SIZE, TICK_SIZE, PRICE_NOT_POSITIVE
//!
//! # Parameters
//! Lot size, tick ladder and negative_prices of the instrument.
//!
//! # Source
//! FIX 561, 969; Interactive Brokers, 20 April 2020 (signed prices)

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::Amount;
use crate::reason::{Denial, Reason};
use crate::types::Price;

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 5,
    name: "lot_and_tick",
    stages: Stages::EVERY,
    latches: false,
    source: include_str!("r05_lot_and_tick.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, _warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let (draft, instrument) = (&case.draft, case.instrument);
    if draft.qty.units() % instrument.lot_size.units() != 0 {
        let (value, lot) = (Amount::qty(draft.qty), Amount::qty(instrument.lot_size));
        return Err(case.deny_symbol(Reason::LotSize).measured(value, Some(lot)));
    }
    [draft.price, draft.stop_px].into_iter().flatten().try_for_each(|price| on_grid(case, price))
}

fn on_grid(case: &Case<'_>, price: Price) -> Result<(), Denial> {
    let value = Amount::price(price);
    if price.nanos() <= 0 && !case.instrument.negative_prices {
        return Err(case.deny_symbol(Reason::PriceNotPositive).measured(value, None));
    }
    let ladder = case.state.directory.ladder(case.instrument);
    let tick = ladder.iter().rev().find(|(from, _)| *from <= price).map(|(_, tick)| *tick);
    match tick {
        Some(tick) if price.nanos() % tick.nanos() == 0 => Ok(()),
        other => {
            let denial = case.deny_symbol(Reason::TickSize);
            Err(denial.measured(value, other.map(Amount::price)))
        }
    }
}
