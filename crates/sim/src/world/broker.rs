//! A small broker for worlds: one firm, its clients, instruments and venues, limits wide open but
//! for the one on the quantity of an order.

use ringfence_kernel::Input;
use ringfence_kernel::input::{
    AccountDefinition, DayOpen, Entitlement, GatewayDefinition, InstrumentDefinition,
    LimitDefinition, MarginRequirement, PhaseChange, PhaseDefinition, Quote, SelfMatchPolicy,
    SessionDefinition, StrategyDefinition, TickDefinition, VenueDefinition,
};
use ringfence_kernel::limit::{Limit, LimitKey};
use ringfence_kernel::types::{Bps, Hex, Money, Name, Note, Phase, Price, Qty, ScopeKind, Ts};

const SECOND_NS: i64 = 1_000_000_000;
const ONE: Bps = Bps::new(10_000);
/// Largest quantity of one order.
pub const ORDER_QTY_MAX: u64 = 1_000;

/// Who and what exists.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Name of the node, prefix of its ClOrdIDs.
    pub node: &'static str,
    /// Client accounts; each has a session of the same name.
    pub accounts: Vec<&'static str>,
    /// Instruments with the middle of the market in cents.
    pub symbols: Vec<(&'static str, u64)>,
    /// Venues.
    pub venues: Vec<&'static str>,
    /// Time without an answer after which an order is in doubt, ns.
    pub ack_timeout_ns: i64,
}

fn name(text: &str) -> Name {
    Name::clipped(text)
}

/// Returns a price of cents.
pub fn cents(cents: u64) -> Price {
    Price::from_nanos(i64::try_from(cents).unwrap_or(0).saturating_mul(10_000_000))
}

impl Broker {
    /// Returns the definitions of the day, its opening the last of them.
    pub fn definitions(&self) -> Vec<Input> {
        let mut inputs: Vec<Input> = vec![
            GatewayDefinition {
                node: name(self.node),
                build: name("world"),
                base_currency: name("USD"),
                error_account: name("error"),
                rearm_max: 2,
            }
            .into(),
        ];
        inputs.extend(LimitKey::ALL.iter().map(|key| Input::from(limit(*key))));
        inputs.push(
            TickDefinition { ladder: name("cent"), from_px: Price::from_nanos(0), tick: cents(1) }
                .into(),
        );
        inputs.push(
            PhaseDefinition {
                plan: name("day"),
                phase: Phase::Continuous,
                ord_types: Some(Note::clipped("market,limit")),
                sources: Some(Note::clipped("mid,last")),
                age_max: Ts::from_nanos(86_400 * SECOND_NS),
                collar: Bps::new(5_000),
                band: None,
                drift: Bps::new(5_000),
                drift_window: Ts::from_nanos(SECOND_NS),
            }
            .into(),
        );
        inputs.push(account("firm", None));
        for own in self.accounts.iter().chain(&["error"]) {
            inputs.push(account(own, Some("firm")));
        }
        inputs.push(StrategyDefinition { strategy: name("DMA"), direct: true }.into());
        inputs.extend(self.venues.iter().map(|venue| self.venue(venue)));
        inputs.extend(self.symbols.iter().map(|(symbol, _)| instrument(symbol)));
        for own in &self.accounts {
            inputs.extend(session(own));
        }
        inputs.push(
            DayOpen {
                trade_date: name("2013-10-08"),
                config_digest: Hex::clipped(&"0".repeat(64)),
            }
            .into(),
        );
        inputs
    }
    /// Returns the facts with which the day begins: continuous trading, a market, buying power.
    pub fn facts(&self) -> Vec<Input> {
        let mut inputs: Vec<Input> =
            vec![PhaseChange { symbol: None, phase: Phase::Continuous }.into()];
        for (symbol, middle) in &self.symbols {
            let (bid_px, ask_px) = (Some(cents(middle - 1)), Some(cents(middle + 1)));
            inputs.push(Quote { symbol: name(symbol), bid_px, ask_px }.into());
        }
        for own in &self.accounts {
            inputs.push(
                MarginRequirement {
                    account: name(own),
                    requirement: ONE,
                    buying_power: Money::from_nanos(1_000_000_000_000_000_000_000),
                }
                .into(),
            );
        }
        inputs
    }
    fn venue(&self, venue: &str) -> Input {
        VenueDefinition {
            venue: name(venue),
            provisional: false,
            ack_timeout: Ts::from_nanos(self.ack_timeout_ns),
            message_max: 1_000_000,
        }
        .into()
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other limits are wide open")]
fn limit(limit: LimitKey) -> LimitDefinition {
    let value = match limit {
        LimitKey::OrderQty => Limit::At(i128::from(ORDER_QTY_MAX)),
        LimitKey::CancelReserveCount => Limit::At(0),
        LimitKey::DuplicateWindow
        | LimitKey::MessageWindow
        | LimitKey::RepeatWindow
        | LimitKey::LossWindow
        | LimitKey::FlowWindow => Limit::At(i128::from(SECOND_NS)),
        _ => Limit::Unlimited,
    };
    let value = value.on_wire(limit);
    LimitDefinition { limits: name("all"), limit, value, warn: ONE, restrict: ONE }
}

fn account(own: &str, above: Option<&str>) -> Input {
    let tradable = above.is_some();
    AccountDefinition {
        account: name(own),
        above: above.map(name),
        limits: name("all"),
        tradable,
        self_match_group: tradable.then(|| name(own)),
        self_match_policy: tradable.then_some(SelfMatchPolicy::Allow),
    }
    .into()
}

fn instrument(symbol: &str) -> Input {
    InstrumentDefinition {
        symbol: name(symbol),
        currency: name("USD"),
        multiplier: 1,
        lot_size: Qty::new(1),
        ladder: name("cent"),
        plan: name("day"),
        limits: name("all"),
        average_volume: Some(Qty::new(100_000_000)),
        shares_outstanding: Some(Qty::new(9_000_000_000)),
        negative_prices: false,
        banded: false,
        short_sale_rules: false,
    }
    .into()
}

fn session(own: &str) -> Vec<Input> {
    let entitled =
        |scope_kind| Input::from(Entitlement { session: name(own), scope_kind, scope: name("*") });
    vec![
        SessionDefinition {
            session: name(own),
            ord_types: Note::clipped("market,limit"),
            phases: Note::clipped("continuous"),
            cancel_on_disconnect: false,
        }
        .into(),
        entitled(ScopeKind::Account),
        entitled(ScopeKind::Symbol),
        entitled(ScopeKind::Venue),
        entitled(ScopeKind::Strategy),
    ]
}
