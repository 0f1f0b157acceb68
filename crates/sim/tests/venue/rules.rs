//! Rules that contradict themselves are refused before anything begins.

use ringfence_kernel::types::{Bps, Money, Phase, Qty, Ts};
use ringfence_sim::book::{AuctionKind, FastBook};
use ringfence_sim::exchange::{BandKind, LimitTier, RulesError, Throttle, Tier, VenueRules};
use ringfence_sim::venue::{SettingsError, Venue, VenueSettings};

use super::world::{limit_band, name, px, retail_rules, settings, window};

type Change = fn(&mut VenueRules);

/// Rule 17 of STYLE.md: every check of the rules can fire, and says whose rule it is.
#[test]
fn every_contradiction_is_refused() {
    let table: &[(&str, Change)] = &[
        ("instruments", |r| r.instruments.clear()),
        ("ports", |r| r.ports.clear()),
        ("windows", |r| r.windows.clear()),
        ("order_types", |r| r.order_types.clear()),
        ("times_in_force", |r| r.times_in_force.clear()),
        ("AAA", |r| r.instruments[1].symbol = name("AAA")),
        ("alpha", |r| r.ports[1].name = name("alpha")),
        ("ticks", |r| r.instruments[0].ticks.clear()),
        ("ticks", |r| r.instruments[0].ticks[0].from = px("1")),
        ("ticks", |r| r.instruments[0].ticks[1].tick = px("0")),
        ("lot", |r| r.instruments[0].lot = Qty::ZERO),
        ("reference", |r| r.instruments[0].reference_px = px("0")),
        ("rise", |r| r.windows[0].end = r.windows[0].start),
        ("rise", |r| r.windows.push(window("again", Phase::Post, 10, 20))),
        ("closed", |r| r.windows[0].phase = Phase::Closed),
        ("auction", |r| r.windows[0].auction = Some(AuctionKind::Opening)),
        ("auction", |r| r.windows[0].phase = Phase::Auction),
        ("auction", |r| {
            r.windows[0].phase = Phase::Auction;
            r.windows[0].auction = Some(AuctionKind::Reopening);
        }),
        ("take_max", |r| {
            r.ports[0].throttle = Some(Throttle { take_max: 5, disconnect_max: 5 });
        }),
        ("session_band", |r| r.session_band = Some(Bps::new(10_000))),
        ("order_notional_max", |r| r.order_notional_max = Some(Money::ZERO)),
        ("retail", |r| {
            let mut retail = retail_rules();
            retail.improvement_min = px("0");
            r.retail = Some(retail);
        }),
    ];
    refused(table);
}

/// R71: a band that nothing gives, or that nobody could draw, is refused.
#[test]
fn every_band_has_its_rules() {
    let table: &[(&str, Change)] = &[
        ("band", |r| r.windows[0].band = BandKind::LimitUpDown),
        ("band", |r| r.windows[0].band = BandKind::Session),
        ("band", |r| {
            r.session_band = Some(Bps::new(2_000));
            r.windows[0].phase = Phase::PreOpen;
            r.windows[0].band = BandKind::Session;
        }),
        ("band", |r| {
            let mut band = limit_band();
            band.width = None;
            r.limit_band = Some(band);
            r.windows[0].band = BandKind::LimitUpDownClosing;
        }),
        ("tier leverage", |r| {
            r.instruments[0].tier = Some(LimitTier { tier: Tier::One, leverage: Bps::new(0) });
        }),
        ("limit_band width", |r| {
            let mut band = limit_band();
            band.width = Some(Bps::new(0));
            r.limit_band = Some(band);
        }),
        ("limit_band span", |r| {
            let mut band = limit_band();
            band.mean_ns = 1_500_000_000;
            r.limit_band = Some(band);
        }),
        ("limit_band span", |r| {
            let mut band = limit_band();
            band.stand_min_ns = -1;
            r.limit_band = Some(band);
        }),
    ];
    refused(table);
}

fn refused(table: &[(&str, Change)]) {
    assert_eq!(Ok(()), settings().rules.check());
    for (word, change) in table {
        let mut rules = settings().rules;
        change(&mut rules);
        let why: RulesError = rules.check().unwrap_err();
        assert!(why.to_string().contains(word), "expected {word:?} in {why}");
    }
}

/// Rule 17 of STYLE.md: a venue needs a version for each port and an interval above zero.
#[test]
fn settings_are_checked() {
    let refused = |change: fn(&mut VenueSettings)| {
        let mut settings = settings();
        change(&mut settings);
        Venue::new(settings, FastBook::new).err()
    };
    assert_eq!(None, refused(|_| {}));
    let versions = refused(|s| s.versions.truncate(1));
    assert_eq!(Some(SettingsError::Versions { expected: 4, found: 1 }), versions);
    assert_eq!(Some(SettingsError::Interval), refused(|s| s.market_data_interval_ns = 0));
    let rules = refused(|s| s.rules.windows[0].end = Ts::from_nanos(0));
    assert!(matches!(rules, Some(SettingsError::Rules(RulesError::Order(_)))));
}
