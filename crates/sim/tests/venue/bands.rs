//! Bands of prices: limit up and limit down, and the band fixed for a session.

use ringfence_kernel::types::{Bps, Phase};
use ringfence_sim::exchange::{BandKind, HaltEntry, LimitTier, Tier};
use ringfence_sim::venue::VenueSettings;

use super::world::{ALPHA, BETA, World, at, limit_band, name, px, settings, window, world};

pub(crate) fn limited() -> VenueSettings {
    let mut settings = settings();
    settings.rules.limit_band = Some(limit_band());
    settings.rules.windows[0].band = BandKind::LimitUpDown;
    settings
}

pub(crate) fn band(world: &World) -> (String, String) {
    band_of(world, "AAA")
}

fn band_of(world: &World, symbol: &str) -> (String, String) {
    let exchange = world.venue.exchange();
    let at = exchange.instrument(&name(symbol)).unwrap();
    let band = exchange.band(at).unwrap();
    (band.lower().to_string(), band.upper().to_string())
}

pub(crate) fn edges(lower: &str, upper: &str) -> (String, String) {
    (lower.to_string(), upper.to_string())
}

pub(crate) fn trade(world: &mut World, id: &str, px: &str) {
    world.order(ALPHA, &format!("b{id}"), &format!("AAA buy 10 {px}"), "");
    world.order(BETA, &format!("s{id}"), &format!("AAA sell 10 {px}"), "");
}

/// R105, section 3.9: the band is five percent around the reference, and nothing trades beyond.
#[test]
fn nothing_trades_beyond_the_band() {
    let mut world = world(limited());
    assert_eq!(edges("9.5", "10.5"), band(&world));
    world.order(BETA, "x", "AAA sell 10 10.60", "");
    world.order(ALPHA, "a", "AAA buy 30 11", "59=3");
    assert_eq!(vec!["0 0 0 30", "4 4 0 0"], world.reports(ALPHA));
    world.order(BETA, "y", "AAA sell 10 10.50", "");
    world.order(ALPHA, "b", "AAA buy 30 11", "59=3");
    assert_eq!(vec!["0 0 0 30", "F 1 10 20", "4 4 10 0"], world.reports(ALPHA));
}

/// R71: the plan's tiers give the bands, which double in a window before the close: of the first
/// tier, and of the second only at a close of 3.00 or less. The reference goes on, and so do the
/// state of the limit and a pause.
#[test]
fn tiers_give_the_bands_and_the_close_doubles_them() {
    let leverage = Bps::new(10_000);
    let mut settings = limited();
    for (row, tier, close) in [(0, Tier::One, "10"), (1, Tier::Two, "10"), (2, Tier::Two, "3")] {
        settings.rules.instruments[row].tier = Some(LimitTier { tier, leverage });
        settings.rules.instruments[row].reference_px = px(close);
    }
    settings.rules.limit_band.as_mut().unwrap().width = None;
    settings.rules.windows = vec![
        window("core", Phase::Continuous, 0, 100),
        window("close", Phase::Continuous, 100, 500),
    ];
    settings.rules.windows[0].band = BandKind::LimitUpDown;
    settings.rules.windows[1].band = BandKind::LimitUpDownClosing;
    let mut world = world(settings);
    assert_eq!(edges("9.5", "10.5"), band(&world));
    assert_eq!(edges("9", "11"), band_of(&world, "BBB"));
    assert_eq!(edges("2.4", "3.6"), band_of(&world, "CCC"));
    trade(&mut world, "1", "10.20");
    world.run_to(at(30));
    assert_eq!(edges("9.69", "10.71"), band(&world));
    world.order(ALPHA, "a", "BBB buy 100 11", "");
    world.run_to(at(91));
    world.forget();
    world.run(10);
    assert_eq!(edges("9.18", "11.22"), band(&world));
    assert_eq!(edges("1.8", "4.2"), band_of(&world, "CCC"));
    // The pause of BBB, which began in the window before, goes on over its end.
    world.order(BETA, "x", "BBB sell 100 11", "");
    world.run_to(at(344));
    assert_eq!(0, world.reports(ALPHA).len());
    world.run(1);
    assert_eq!(vec!["F 2 100 0"], world.reports(ALPHA));
    assert_eq!(edges("9.9", "12.1"), band_of(&world, "BBB"));
}

/// R71: leverage of an exchange traded product widens its band as many times.
#[test]
fn leverage_widens_the_band() {
    let mut settings = limited();
    let tier = LimitTier { tier: Tier::One, leverage: Bps::new(30_000) };
    settings.rules.instruments[0].tier = Some(tier);
    assert_eq!(edges("8.5", "11.5"), band(&world(settings)));
}

/// R105, section 2.3: overnight the band is fixed for the session, whatever trades.
#[test]
fn the_band_of_a_session_stays() {
    let mut settings = settings();
    settings.rules.session_band = Some(Bps::new(2_000));
    settings.rules.windows = vec![
        window("core", Phase::Continuous, 0, 100),
        window("overnight", Phase::Overnight, 100, 1_000),
    ];
    settings.rules.windows[1].band = BandKind::Session;
    let mut world = world(settings);
    trade(&mut world, "1", "20");
    world.run(100);
    // The reference is the last trade before the session.
    assert_eq!(edges("16", "24"), band(&world));
    trade(&mut world, "2", "24");
    trade(&mut world, "3", "16");
    world.run(400);
    assert_eq!(edges("16", "24"), band(&world));
    world.forget();
    world.order(ALPHA, "far", "AAA buy 10 24.01", "");
    assert_eq!(vec!["8 8 0 0"], world.reports(ALPHA));
}

fn overnight(halt_entry: HaltEntry) -> World {
    let mut settings = settings();
    settings.rules.session_band = Some(Bps::new(2_000));
    settings.rules.halt_entry = halt_entry;
    settings.rules.windows = vec![
        window("core", Phase::Continuous, 0, 100),
        window("overnight", Phase::Overnight, 100, 1_000),
        window("pre", Phase::PreOpen, 1_000, 1_100),
    ];
    settings.rules.windows[1].band = BandKind::Session;
    world(settings)
}

/// R105, section 2.3: the band of a session stays through a halt and the auction behind it.
#[test]
fn the_band_of_a_session_stays_in_halts_and_auctions() {
    for halt_entry in [HaltEntry::Collect, HaltEntry::Refuse] {
        let mut world = overnight(halt_entry);
        world.run(100);
        assert_eq!(edges("8", "12"), band(&world));
        world.command("halt symbol=AAA why=x").unwrap();
        world.run(10);
        assert_eq!(edges("8", "12"), band(&world), "halted");
        world.forget();
        world.order(ALPHA, "early", "AAA buy 10 90", "");
        assert_eq!(vec!["8 8 0 0"], world.reports(ALPHA), "beyond the band, {halt_entry:?}");
        world.command("reopen symbol=AAA auction=4s").unwrap();
        world.forget();
        assert_eq!(edges("8", "12"), band(&world), "auction");
        trade(&mut world, "far", "90");
        trade(&mut world, "low", "7.99");
        trade(&mut world, "in", "11.90");
        assert_eq!(vec!["8 8 0 0", "8 8 0 0", "0 0 0 10"], world.reports(ALPHA));
        world.run(4);
        assert_eq!(vec!["F 2 10 0"], world.reports(ALPHA), "the auction is within the band");
        // The price of the auction is no new middle of the band.
        assert_eq!(edges("8", "12"), band(&world));
        trade(&mut world, "after", "12.10");
        assert_eq!(vec!["8 8 0 0"], world.reports(ALPHA));
    }
}

/// R105: an order of before the session is drawn back to its band, in the auction too.
#[test]
fn the_band_of_a_session_bounds_what_was_there_before() {
    let mut world = overnight(HaltEntry::Collect);
    world.order(ALPHA, "b", "AAA buy 10 30", "");
    world.command("halt symbol=AAA why=x").unwrap();
    world.run(110);
    // The session began while the instrument was halted: it has its band all the same.
    assert_eq!(edges("8", "12"), band(&world));
    world.order(BETA, "s", "AAA sell 10 11", "");
    world.command("reopen symbol=AAA auction=4s").unwrap();
    world.forget();
    world.run(4);
    assert_eq!(vec!["35=8 150=F 31=11"], world.told(ALPHA, &[150, 31]));
}

/// R105: the band ends with its session, also for what is halted then.
#[test]
fn the_band_of_a_session_ends_with_it() {
    let mut world = overnight(HaltEntry::Collect);
    world.run(200);
    world.command("halt symbol=AAA why=x").unwrap();
    world.run(900);
    let exchange = world.venue.exchange();
    for symbol in ["AAA", "BBB"] {
        assert_eq!(None, exchange.band(exchange.instrument(&name(symbol)).unwrap()), "{symbol}");
    }
}

/// R105: where a halt refuses entry, a replace may lower and no more, and cancels always pass.
#[test]
fn a_halt_that_refuses_entry_refuses_raising_and_pricing_anew() {
    let mut world = overnight(HaltEntry::Refuse);
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.command("halt symbol=AAA why=x").unwrap();
    world.forget();
    let mut change = |id: &str, terms: &str| {
        world.send(ALPHA, "G", &format!("11={id} 41=a 55=AAA 54=1 40=2 {terms}"));
        world.told(ALPHA, &[150, 39, 434, 102, 58])
    };
    let halted = "35=9 39=0 434=2 102=2 58=the instrument is halted";
    assert_eq!(vec![halted], change("more", "44=10 38=101"));
    assert_eq!(vec![halted], change("lower", "44=9.99 38=100"));
    assert_eq!(vec![halted], change("higher", "44=10.01 38=50"));
    assert_eq!(vec!["35=8 150=5 39=0"], change("less", "44=10 38=50"));
    world.cancel(ALPHA, "end", "less", 1);
    assert_eq!(vec!["4 4 0 0"], world.reports(ALPHA));
}

/// I15, I16: a venue whose band fails trades anywhere, and one with a wrong band moves orders.
#[test]
fn a_band_that_fails_is_a_fault() {
    let mut world = world(limited());
    world.command("band_off symbol=AAA").unwrap();
    trade(&mut world, "1", "1");
    assert_eq!(vec!["0 0 0 10", "F 2 10 0"], world.reports(ALPHA));
    world.command("band symbol=AAA lower=5 upper=6").unwrap();
    world.order(ALPHA, "a", "AAA buy 10 9", "");
    world.command("band symbol=AAA lower=5 upper=5.50").unwrap();
    let told = world.told(ALPHA, &[150, 378, 44]);
    assert_eq!("35=8 150=D 378=3 44=5.5", told[1]);
    world.command("band_rule symbol=AAA").unwrap();
    assert!(
        world
            .venue
            .exchange()
            .band(world.venue.exchange().instrument(&name("AAA")).unwrap())
            .is_some()
    );
}
