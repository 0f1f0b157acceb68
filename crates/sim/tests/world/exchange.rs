//! A venue of a town: a real book whose rules are drawn from the seed.

use ringfence_fix::terms::Version;
use ringfence_kernel::types::{Bps, OrdType, Phase, Price, Qty, TimeInForce};
use ringfence_sim::book::{AuctionKind, BookLimits, FastBook};
use ringfence_sim::exchange::{
    BandKind, FeeRules, HaltEntry, InstrumentRules, PortKind, PortRules, SessionWindow, Throttle,
    TickStep, VenueRules,
};
use ringfence_sim::fault::Script;
use ringfence_sim::rng::Rng;
use ringfence_sim::venue::{Venue, VenueSettings};
use ringfence_sim::world::after;
use ringfence_sim::world::broker::cents;

use super::crowd::Crowd;
use super::town::{SECOND, START, SYMBOLS, name};
use super::troubles::HEALED_MS;

/// What heals a venue, whatever its script did.
fn healing() -> String {
    let at = format!("at {HEALED_MS}ms");
    format!("{at} clear\n{at} reopen\n{at} band_rule\n")
}

fn window(label: &str, phase: Phase, span: (i64, i64), band: BandKind) -> SessionWindow {
    SessionWindow {
        name: name(label),
        phase,
        auction: (phase == Phase::Auction).then_some(AuctionKind::Opening),
        band,
        start: after(START, span.0 * SECOND),
        end: after(START, span.1 * SECOND),
    }
}

fn windows(rng: &mut Rng) -> Vec<SessionWindow> {
    let band = if rng.one_in(3) { BandKind::Session } else { BandKind::Unbounded };
    if rng.one_in(3) {
        let opens = 2 + i64::try_from(rng.below(3)).unwrap();
        return vec![
            window("open", Phase::Auction, (-1, opens), BandKind::Unbounded),
            window("day", Phase::Continuous, (opens, 3_600), band),
        ];
    }
    vec![window("day", Phase::Continuous, (-1, 3_600), band)]
}

fn ports(rng: &mut Rng, has_copies: bool) -> Vec<PortRules> {
    let throttle = Throttle { take_max: 10, disconnect_max: 40 };
    let port = |label: &str, kind| PortRules {
        name: name(label),
        firm: name("ringfence"),
        kind,
        cancel_on_disconnect: false,
        throttle: None,
        is_retail: false,
    };
    let mut ports = vec![PortRules {
        cancel_on_disconnect: rng.one_in(3),
        throttle: rng.one_in(4).then_some(throttle),
        ..port("N1", PortKind::OrderEntry)
    }];
    if has_copies {
        ports.push(port("N1DC", PortKind::DropCopy));
    }
    ports
}

/// Returns a venue whose members are the node and, if there are copies, the session for them.
pub(super) fn exchange(
    venue: &'static str,
    versions: Vec<Version>,
    seed: u64,
    lines: &str,
) -> Venue<FastBook> {
    let mut rng = Rng::stream(seed, &[11]);
    let ticks = vec![TickStep { from: Price::from_nanos(0), tick: Price::from_nanos(10_000_000) }];
    let instruments = SYMBOLS.iter().map(|(symbol, middle)| InstrumentRules {
        symbol: name(symbol),
        ticks: ticks.clone(),
        lot: Qty::new(1),
        reference_px: cents(*middle),
        tier: None,
    });
    let rules = VenueRules {
        id_prefix: name(venue),
        instruments: instruments.collect(),
        ports: ports(&mut rng, versions.len() > 1),
        windows: windows(&mut rng),
        order_types: OrdType::ALL.to_vec(),
        times_in_force: TimeInForce::ALL.to_vec(),
        limit_band: None,
        session_band: Some(Bps::new(50)),
        order_notional_max: None,
        fees: FeeRules::default(),
        retail: None,
        halt_entry: if rng.one_in(2) { HaltEntry::Refuse } else { HaltEntry::Collect },
        book_limits: BookLimits::new(10_000, 1_000),
    };
    let settings = VenueSettings {
        rules,
        versions,
        market_data_interval_ns: SECOND,
        script: Script::parse(&format!("{lines}{}", healing())).unwrap(),
        script_origin: START,
        seed,
    };
    let mut venue = Venue::new(settings, FastBook::new).unwrap();
    if !rng.one_in(4) {
        let crowd = Crowd::new(seed, START, after(START, 40 * SECOND));
        venue.set_liquidity(Box::new(crowd));
    }
    venue
}
