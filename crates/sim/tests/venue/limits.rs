//! Limit up, limit down as the plan has it: the reference, the limit state, the straddle state.

use ringfence_sim::exchange::OperationError;
use ringfence_sim::venue::CommandError;

use super::bands::{band, edges, limited, trade};
use super::world::{ALPHA, BETA, World, at, world};

/// Returns a world in which ALPHA is told the status of AAA.
fn watched() -> World {
    let mut world = world(limited());
    world.send(ALPHA, "e", "324=s 55=AAA 263=1");
    world.forget();
    world
}

/// Returns what ALPHA was told of the status.
fn states(world: &mut World) -> Vec<String> {
    let mut told = world.told(ALPHA, &[326, 58]);
    told.retain(|shown| shown.starts_with("35=f"));
    told
}

/// Section 3.9, plan V(A): the reference follows the mean of five minutes when that is one percent
/// away, with each trade and as trades grow too old.
#[test]
fn the_reference_follows_the_mean() {
    let mut world = world(limited());
    world.run_to(at(60));
    trade(&mut world, "1", "10.09");
    assert_eq!(edges("9.5", "10.5"), band(&world));
    trade(&mut world, "2", "10.12");
    // The mean is 10.105: a move of 1.05 percent.
    assert_eq!(edges("9.6", "10.61"), band(&world));
    world.run_to(at(359));
    trade(&mut world, "3", "10.30");
    // The mean of all three is 10.17, not one percent from 10.105.
    assert_eq!(edges("9.6", "10.61"), band(&world));
    world.run_to(at(360));
    // The first two are out of the five minutes: the mean is 10.30, without another trade.
    assert_eq!(edges("9.79", "10.81"), band(&world));
    // Nothing trades for five minutes: the reference stays.
    world.run_to(at(1_000));
    assert_eq!(edges("9.79", "10.81"), band(&world));
}

/// Plan V(A)(2): each new reference stands for at least thirty seconds, the first of the day too;
/// what the mean is by then decides.
#[test]
fn a_reference_stands_for_thirty_seconds() {
    let mut world = watched();
    trade(&mut world, "1", "10.20");
    world.run_to(at(29));
    assert_eq!(edges("9.5", "10.5"), band(&world));
    assert_eq!(0, states(&mut world).len());
    world.run_to(at(30));
    assert_eq!(edges("9.69", "10.71"), band(&world));
    assert_eq!(vec!["35=f 326=17 58=schedule, band 9.69 to 10.71"], states(&mut world));
    // The mean of 10.20 and 10.50 is 10.35, more than one percent away at once.
    world.run_to(at(31));
    trade(&mut world, "2", "10.50");
    world.run_to(at(59));
    assert_eq!(edges("9.69", "10.71"), band(&world));
    // Before the time is over the mean is near again, at 10.20.
    trade(&mut world, "3", "9.90");
    world.run_to(at(300));
    assert_eq!(edges("9.69", "10.71"), band(&world));
}

/// Plan V(B)(1): the opening price counts as a trade of the mean, and what was before does not.
#[test]
fn the_price_of_an_auction_is_part_of_the_mean() {
    let mut world = world(limited());
    trade(&mut world, "0", "10.40");
    world.command("halt symbol=AAA why=x").unwrap();
    trade(&mut world, "1", "10");
    world.command("reopen symbol=AAA").unwrap();
    assert_eq!(edges("9.5", "10.5"), band(&world));
    world.run_to(at(40));
    trade(&mut world, "2", "10.18");
    // The mean is 10.09; by the trade alone it would be 1.8 percent away.
    assert_eq!(edges("9.5", "10.5"), band(&world));
    trade(&mut world, "3", "10.18");
    // The mean of 10, 10.18 and 10.18 is 10.12.
    assert_eq!(edges("9.62", "10.62"), band(&world));
}

/// Plan VI(B): in a limit state no new reference is published; when trading leaves it the reference
/// is the mean of five minutes, at once and however near.
#[test]
fn a_limit_state_holds_the_reference() {
    let mut world = watched();
    world.run_to(at(60));
    world.order(ALPHA, "a", "AAA buy 100 10.50", "");
    assert_eq!(vec!["35=f 326=17 58=limit state, band 9.5 to 10.5"], states(&mut world));
    world.order(BETA, "x", "AAA sell 90 10.50", "");
    world.run_to(at(70));
    assert_eq!(edges("9.5", "10.5"), band(&world));
    assert_eq!(0, states(&mut world).len());
    world.order(BETA, "y", "AAA sell 10 10.50", "");
    let told = "35=f 326=17 58=limit state over, band 9.98 to 11.02";
    assert_eq!(vec![told], states(&mut world));
    assert_eq!(edges("9.98", "11.02"), band(&world));
    // Without a trade there is no other mean, and the same reference goes on.
    world.order(ALPHA, "b", "AAA buy 100 11.02", "");
    world.cancel(ALPHA, "off", "b", 1);
    assert_eq!(edges("9.98", "11.02"), band(&world));
    assert_eq!(2, states(&mut world).len());
}

/// Section 3.9, plan VII(A)(2): a best bid below the band, or a best offer above it, outside of a
/// limit state is a straddle state, and lasts without a pause.
#[test]
fn a_best_price_beyond_the_band_is_a_straddle_state() {
    let mut world = watched();
    world.run_to(at(60));
    let state = |what: &str| vec![format!("35=f 326=17 58={what}, band 9.5 to 10.5")];
    world.order(ALPHA, "low", "AAA buy 10 9.40", "");
    assert_eq!(state("straddle state"), states(&mut world));
    world.run(600);
    assert_eq!(0, states(&mut world).len());
    world.send(ALPHA, "e", "324=s 55=AAA 263=1");
    assert_eq!(state("straddle state"), states(&mut world));
    world.order(ALPHA, "in", "AAA buy 10 9.50", "");
    assert_eq!(state("straddle state over"), states(&mut world));
    world.order(BETA, "high", "AAA sell 10 10.60", "");
    assert_eq!(state("straddle state"), states(&mut world));
    // A limit state goes before: the bid equals the upper edge while the offer is beyond it.
    world.order(ALPHA, "edge", "AAA buy 10 10.50", "");
    assert_eq!(state("limit state"), states(&mut world));
    world.cancel(ALPHA, "off", "edge", 1);
    assert_eq!(state("straddle state"), states(&mut world));
    world.order(BETA, "mid", "AAA sell 10 10", "");
    assert_eq!(state("straddle state over"), states(&mut world));
}

/// Plan VII(A)(2): in a straddle state the listing exchange may declare a pause, and only there;
/// it is the same pause, which an auction ends.
#[test]
fn a_pause_may_be_declared_in_a_straddle_state() {
    let mut world = watched();
    let nothing = Err(CommandError::Operation(OperationError::NothingMeant));
    assert_eq!(nothing, world.command("pause symbol=AAA"));
    world.order(ALPHA, "a", "AAA buy 10 9.40", "");
    assert_eq!(nothing, world.command("pause symbol=BBB"));
    world.forget();
    world.command("pause").unwrap();
    assert_eq!(vec!["35=f 326=2 58=limit pause"], states(&mut world));
    assert_eq!(nothing, world.command("pause symbol=AAA"), "it is paused");
    world.order(BETA, "x", "AAA sell 10 9.40", "");
    world.run(299);
    assert_eq!(0, world.reports(ALPHA).len());
    world.run(1);
    assert_eq!(vec!["F 2 10 0"], world.reports(ALPHA));
    // The price of the auction is the new reference.
    assert_eq!(edges("8.93", "9.87"), band(&world));
    world.order(ALPHA, "edge", "AAA buy 10 9.87", "");
    assert_eq!(nothing, world.command("pause symbol=AAA"), "a limit state pauses by itself");
}

/// R105, section 3.9: a best price that equals the band for 15 s leads to a pause of five minutes,
/// which an auction ends.
#[test]
fn a_lasting_limit_state_pauses_trading() {
    let mut world = world(limited());
    world.send(ALPHA, "e", "324=s 55=AAA 263=1");
    world.order(ALPHA, "a", "AAA buy 100 10.50", "");
    let told = world.told(ALPHA, &[326, 58]);
    assert_eq!("35=f 326=17 58=limit state, band 9.5 to 10.5", told[2]);
    world.run(14);
    assert_eq!(0, world.take(ALPHA).len());
    world.run(1);
    assert_eq!(vec!["35=f 326=2 58=limit pause"], world.told(ALPHA, &[326, 58]));
    world.order(BETA, "y", "AAA sell 60 10.40", "");
    world.order(ALPHA, "b", "AAA buy 10 10.60", "");
    world.run(299);
    assert_eq!(vec!["0 0 0 10"], world.reports(ALPHA));
    world.run(1);
    let told = world.told(ALPHA, &[150, 32, 31, 11, 326]);
    assert_eq!(3, told.len());
    assert_eq!("35=8 150=F 32=10 31=10.5 11=b", told[0]);
    assert_eq!("35=8 150=F 32=50 31=10.5 11=a", told[1]);
    // The price of the auction is the new reference.
    assert_eq!("35=f 326=3", told[2]);
    assert_eq!(edges("9.98", "11.02"), band(&world));
}

/// Section 3.9: a limit state that clears in time leads to nothing.
#[test]
fn a_limit_state_that_clears_does_not_pause() {
    let mut world = world(limited());
    world.order(ALPHA, "a", "AAA buy 100 10.50", "");
    world.run(14);
    world.order(BETA, "x", "AAA sell 100 10.50", "");
    world.run(600);
    world.order(ALPHA, "b", "AAA buy 10 10", "");
    world.order(BETA, "y", "AAA sell 10 10", "");
    assert_eq!(vec!["0 0 0 100", "F 2 100 0", "0 0 0 10", "F 2 10 0"], world.reports(ALPHA));
}

/// Section 3.9: "equals", not "crosses": a bid at the lower edge is no limit state.
#[test]
fn the_other_edge_is_no_limit_state() {
    let mut world = world(limited());
    world.order(ALPHA, "a", "AAA buy 100 9.50", "");
    world.run(60);
    world.order(BETA, "x", "AAA sell 100 9.50", "");
    assert_eq!(vec!["0 0 0 100", "F 2 100 0"], world.reports(ALPHA));
}
