//! Trades that are canceled or corrected, one by one or by the window.

use ringfence_kernel::types::Money;
use ringfence_sim::exchange::PortId;
use ringfence_sim::venue::CommandError;

use super::world::{ALPHA, BETA, COPY, World, at, settings, world};

fn filled(world: &mut World, id: &str, symbol: &str, qty: u64, px: &str) -> String {
    world.order(ALPHA, &format!("b{id}"), &format!("{symbol} buy {qty} {px}"), "");
    world.order(BETA, &format!("s{id}"), &format!("{symbol} sell {qty} {px}"), "");
    let fills = world.take(ALPHA);
    world.forget();
    fills.last().unwrap().get(17).unwrap()
}

/// R105: a bust takes the fill back on both sides (FIX 150=H, 19 its ExecID); nothing is open
/// again.
#[test]
fn a_bust_takes_a_fill_back() {
    let mut world = world(settings());
    let exec = filled(&mut world, "1", "AAA", 100, "10");
    world.command(&format!("bust exec={exec}")).unwrap();
    let expected = format!("35=8 19={exec} 150=H 39=4 32=100 31=10 151=0 14=0 6=0");
    let tags = [19, 150, 39, 32, 31, 151, 14, 6];
    assert_eq!(vec![expected.clone()], world.told(ALPHA, &tags));
    assert_eq!(vec![expected], world.told(COPY, &tags));
    assert_eq!(vec!["H 4 0 0"], world.reports(BETA));
    let again = world.command(&format!("bust exec={exec}"));
    assert!(matches!(again, Err(CommandError::Operation(_))), "{again:?}");
    let unknown = world.command("bust exec=V1-9999");
    assert!(matches!(unknown, Err(CommandError::Operation(_))), "{unknown:?}");
    assert_eq!(2, world.memory.alerts.len());
}

/// R105: a bust of a part leaves the open rest open.
#[test]
fn a_bust_leaves_the_open_rest() {
    let mut world = world(settings());
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.order(BETA, "x", "AAA sell 40 10", "");
    let exec = world.take(ALPHA)[1].get(17).unwrap();
    world.command(&format!("bust exec={exec}")).unwrap();
    world.order(BETA, "y", "AAA sell 60 10", "");
    assert_eq!(vec!["H 0 0 60", "F 4 60 0"], world.reports(ALPHA));
}

/// R105: a replace counts what was voided as never filled.
#[test]
fn a_replace_after_a_bust_counts_what_stands() {
    let mut world = world(settings());
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.order(BETA, "x", "AAA sell 40 10", "");
    let exec = world.take(ALPHA)[1].get(17).unwrap();
    world.command(&format!("bust exec={exec}")).unwrap();
    world.send(ALPHA, "G", "11=b 41=a 55=AAA 54=1 40=2 44=10 38=80");
    world.order(BETA, "y", "AAA sell 80 10", "");
    assert_eq!(vec!["H 0 0 60", "5 0 0 80", "F 2 80 0"], world.reports(ALPHA));
}

/// R105: a correction (FIX 150=G) changes price and quantity, and can be corrected itself.
#[test]
fn a_correction_changes_a_fill() {
    let mut world = world(settings());
    let exec = filled(&mut world, "1", "AAA", 100, "10");
    world.command(&format!("correct exec={exec} px=9.50 qty=80")).unwrap();
    let told = world.take(ALPHA);
    let shown = told[0].show(&[19, 150, 39, 32, 31, 14, 6]);
    assert_eq!(format!("35=8 19={exec} 150=G 39=4 32=80 31=9.5 14=80 6=9.5"), shown);
    let second = told[0].get(17).unwrap();
    world.command(&format!("correct exec={exec} px=9")).unwrap();
    let told = world.told(ALPHA, &[19, 150, 31, 6]);
    assert_eq!(vec![format!("35=8 19={second} 150=G 31=9 6=9")], told);
    let more = world.command(&format!("correct exec={exec} qty=81"));
    assert!(matches!(more, Err(CommandError::Operation(_))));
}

/// R105, I2: every trade of a window is void, at once, days later, in the symbols that are meant.
#[test]
fn a_mass_bust_voids_a_window_days_later() {
    let mut world = world(settings());
    let early = filled(&mut world, "1", "AAA", 10, "10");
    world.run_to(at(100));
    let first = filled(&mut world, "2", "AAA", 20, "10");
    world.run_to(at(150));
    let other = filled(&mut world, "3", "CCC", 30, "10");
    let second = filled(&mut world, "4", "BBB", 40, "11");
    world.run_to(at(200));
    let late = filled(&mut world, "5", "AAA", 50, "10");
    world.run_to(at(3 * 86_400));
    world.forget();
    let start = at(0).nanos();
    let line = format!(
        "mass_bust from={} to={} symbols=AAA..BBB",
        start + 100_000_000_000,
        start + 200_000_000_000
    );
    world.command(&line).unwrap();
    let told = world.take(ALPHA);
    assert_eq!("B", told[0].msg_type);
    let voided: Vec<_> = told[1..].iter().map(|sent| sent.get(19).unwrap()).collect();
    assert_eq!(vec![first, second], voided);
    for exec in [&early, &other, &late] {
        world.command(&format!("bust exec={exec}")).unwrap();
    }
    assert!(world.venue.exchange().ledger().statements().is_empty());
}

/// R105: moments of a script count from its origin, so the window of a void can be written down.
#[test]
fn a_script_voids_its_own_window() {
    let mut settings = settings();
    let script = "# the night of 5 August 2024\nat 60s mass_bust from=0s to=30s";
    settings.script = ringfence_sim::fault::Script::parse(script).unwrap();
    let mut world = world(settings);
    filled(&mut world, "1", "AAA", 10, "10");
    world.run_to(at(60));
    assert_eq!(vec!["H 4 0 0"], world.reports(ALPHA));
}

/// Conservation: fees and rebates per share are on each report, and a bust takes them back.
#[test]
fn fees_follow_the_liquidity_and_the_bust() {
    let mut world = world(settings());
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.order(BETA, "x", "AAA sell 100 10", "");
    let maker = world.take(ALPHA).pop().unwrap();
    assert_eq!("35=8 137=-0.2 139=4 851=1", maker.show(&[137, 139, 851]));
    let taker = world.take(BETA).pop().unwrap();
    assert_eq!("35=8 137=0.3 139=4 851=2", taker.show(&[137, 139, 851]));
    let statements = world.venue.exchange().ledger().statements();
    let alpha = &statements[&Some(PortId::new(ALPHA))];
    assert_eq!(Money::parse("-1000").unwrap(), alpha.cash);
    assert_eq!(Money::parse("-0.2").unwrap(), alpha.fees);
    world.command(&format!("bust exec={}", maker.get(17).unwrap())).unwrap();
    assert!(world.venue.exchange().ledger().statements().is_empty());
}
