//! An instrument, its tick ladder and its plan of phases.

use crate::types::{
    Bps, CurrencyId, LadderId, Name, Phase, PlanId, Price, PriceSource, Qty, SetId,
};

/// An instrument.
#[derive(Clone, Debug, Hash)]
#[repr(align(64))]
pub struct Instrument {
    /// Name.
    pub symbol: Name,
    /// Currency of its price.
    pub currency: CurrencyId,
    /// Currency units per point of price.
    pub multiplier: u32,
    /// Step of a quantity.
    pub lot_size: Qty,
    /// Steps of the price.
    pub ladder: LadderId,
    /// What holds in each phase.
    pub plan: PlanId,
    /// Set of limits.
    pub limits: SetId,
    /// Average daily volume of the last 20 days.
    pub average_volume: Option<Qty>,
    /// Issued units.
    pub shares_outstanding: Option<Qty>,
    /// Whether prices at or below zero are possible.
    pub negative_prices: bool,
    /// Whether limit-up/limit-down bands apply.
    pub banded: bool,
    /// Whether short-sale rules apply.
    pub short_sale_rules: bool,
}

/// Steps of a price, by the price from which they hold, ascending.
pub type Ladder = Vec<(Price, Price)>;

/// What holds in each phase; a phase without rules admits nothing.
pub type Plan = [Option<PhaseRules>; Phase::COUNT];

/// What holds in one phase.
#[derive(Clone, Debug, Hash)]
pub struct PhaseRules {
    /// Order types that may be entered, a bit each.
    pub ord_types: u8,
    /// Reference sources, best first.
    pub sources: Vec<PriceSource>,
    /// Age beyond which a source is stale, in nanoseconds.
    pub age_max_ns: i64,
    /// Farthest an order may be through the reference.
    pub collar: Bps,
    /// Band on both sides of the reference.
    pub band: Option<Bps>,
    /// Farthest the reference may have moved.
    pub drift: Bps,
    /// Window of that move, in nanoseconds.
    pub drift_window_ns: i64,
}
