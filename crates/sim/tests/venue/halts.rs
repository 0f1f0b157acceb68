//! Why an instrument is halted, in the codes of each version of FIX.

use ringfence_fix::dict::Version;
use ringfence_sim::exchange::BandKind;
use ringfence_sim::venue::CommandError;

use super::world::{ALPHA, World, limit_band, settings, world};

const VERSIONS: [Version; 3] = [Version::Fix42, Version::Fix44, Version::Fixt11];

/// A venue with a limit band, whose member of a version asked for the status of AAA.
fn asked(version: Version) -> World {
    let mut settings = settings();
    settings.versions = vec![version; 4];
    settings.rules.limit_band = Some(limit_band());
    settings.rules.windows[0].band = BandKind::LimitUpDown;
    let mut world = world(settings);
    ask(&mut world);
    world.forget();
    world
}

fn ask(world: &mut World) {
    world.send(ALPHA, "e", "324=s 55=AAA 263=1");
}

/// Returns what the member was told of the status, that it trades left out.
fn halts(world: &mut World) -> Vec<String> {
    let mut told = world.told(ALPHA, &[326, 1174, 327]);
    told.retain(|shown| shown.starts_with("35=f"));
    told
}

/// R26, FIX 327: the reason of a halt is a letter in FIX 4.2 and 4.4 and a number in 5.0 SP2; who
/// asks later is told it too, and a halt without a reason, like trading again, has none.
#[test]
fn a_halt_says_why_in_the_codes_of_the_version() {
    let table = [
        ("", ["", "", ""]),
        ("reason=news_pending", [" 327=P", " 327=P", " 327=4"]),
        ("reason=news_dissemination", [" 327=D", " 327=D", " 327=0"]),
        ("reason=order_imbalance", [" 327=I", " 327=I", " 327=2"]),
        ("reason=order_influx", [" 327=E", " 327=E", " 327=1"]),
        ("reason=equipment_changeover", [" 327=X", " 327=X", " 327=5"]),
        ("reason=additional_information", [" 327=M", " 327=M", " 327=3"]),
    ];
    for (words, codes) in table {
        for (version, code) in VERSIONS.into_iter().zip(codes) {
            let mut world = asked(version);
            world.command(&format!("halt symbol=AAA {words} why=x")).unwrap();
            assert_eq!(vec![format!("35=f 326=2{code}")], halts(&mut world), "{version:?}");
            ask(&mut world);
            assert_eq!(vec![format!("35=f 326=2{code}")], halts(&mut world), "asked {version:?}");
            world.command("reopen symbol=AAA").unwrap();
            assert_eq!(vec!["35=f 326=3"], halts(&mut world), "{version:?} {words}");
        }
    }
}

/// R26: news in an operational halt makes it regulatory; the same again, or no reason, is no news.
#[test]
fn another_reason_is_told_and_the_same_is_not() {
    let mut world = asked(Version::Fix44);
    let halt = |world: &mut World, words: &str| {
        let done = world.command(&format!("halt symbol=AAA {words} why=x"));
        (done.is_ok(), halts(world))
    };
    let told = |code: &str| (true, vec![format!("35=f 326=2 327={code}")]);
    assert_eq!(told("I"), halt(&mut world, "reason=order_imbalance"));
    assert_eq!((false, vec![]), halt(&mut world, "reason=order_imbalance"));
    assert_eq!((false, vec![]), halt(&mut world, ""));
    assert_eq!(told("P"), halt(&mut world, "reason=news_pending"));
    let again = world.command("halt symbol=AAA reason=news_pending why=x");
    assert!(matches!(again, Err(CommandError::Operation(_))));
    world.command("reopen symbol=AAA").unwrap();
    assert_eq!(vec!["35=f 326=3"], halts(&mut world));
}

/// R26, FIX 327, 1174: FIX has no reason for a pause after a limit state but "additional
/// information", which holds everywhere; 5.0 SP2 names the event, once, to who is told it.
#[test]
fn a_limit_pause_is_additional_information() {
    let table = [
        (Version::Fix42, "35=f 326=2 327=M", "35=f 326=2 327=M"),
        (Version::Fix44, "35=f 326=2 327=M", "35=f 326=2 327=M"),
        (Version::Fixt11, "35=f 326=2 1174=3 327=3", "35=f 326=2 327=3"),
    ];
    for (version, told, answered) in table {
        let mut world = asked(version);
        world.order(ALPHA, "a", "AAA buy 100 10.50", "");
        world.forget();
        world.run(15);
        assert_eq!(vec![told], halts(&mut world), "{version:?}");
        ask(&mut world);
        assert_eq!(vec![answered], halts(&mut world), "{version:?}");
    }
}
