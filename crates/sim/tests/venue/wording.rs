//! What the venue sends is valid by the dictionaries of its versions.

use ringfence_fix::codec::{Parser, encode};
use ringfence_fix::dict::{Dictionary, Policies, Specification, Version};

use ringfence_sim::exchange::HaltReason;

use super::world::{ALPHA, BETA, COPY, Sent, World, limit_band, retail_rules, settings, world};

const VERSIONS: [Version; 3] = [Version::Fix42, Version::Fix44, Version::Fixt11];

/// Every kind of message that the venue has, in one version.
fn spoken(version: Version) -> Vec<Sent> {
    let mut settings = settings();
    settings.versions = vec![version; 4];
    settings.rules.limit_band = Some(limit_band());
    settings.rules.windows[0].band = ringfence_sim::exchange::BandKind::LimitUpDown;
    settings.rules.retail = Some(retail_rules());
    let mut world = world(settings);
    speak(&mut world, version);
    world.memory.sent
}

fn speak(world: &mut World, version: Version) {
    world.send(ALPHA, "g", "335=d 263=1");
    world.send(ALPHA, "e", "324=s 55=AAA 263=1");
    world.send(ALPHA, "e", "324=z 55=ZZZ 263=0");
    world.send(ALPHA, "V", "262=m 263=1 264=0 265=1 267=3 269=0 269=1 269=2 146=1 55=AAA");
    world.send(ALPHA, "V", "262=w 263=1 264=1 265=0 267=1 269=0 146=1 55=AAA");
    world.send(ALPHA, "V", "262=y 263=1 264=0 267=1 269=0 146=1 55=ZZZ");
    world.order(ALPHA, "a", "AAA buy 100 10", "1=ACC");
    world.order(ALPHA, "a", "AAA buy 100 10", "");
    world.order(BETA, "x", "AAA sell 40 10", "");
    world.run(1);
    world.send(ALPHA, "G", "11=b 41=a 55=AAA 54=1 40=2 44=10.1 38=90");
    world.send(ALPHA, "G", "11=c 41=nobody 55=AAA 54=1 40=2 44=10.1 38=90");
    world.cancel(ALPHA, "d", "b", 1);
    world.cancel(ALPHA, "e", "b", 1);
    world.send(ALPHA, "H", "11=b 55=AAA 54=1");
    world.send(ALPHA, "H", "11=nobody 55=AAA 54=1");
    world.command("correct exec=4 px=9.99").unwrap();
    world.command("bust exec=4").unwrap();
    world.order(ALPHA, "s", "AAA buy 10 9.6", "");
    world.send(ALPHA, "D", "11=stop 55=AAA 54=2 38=5 40=3 99=9.7");
    world.order(BETA, "t", "AAA sell 5 9.6", "");
    world.order(ALPHA, "edge", "AAA buy 10 10.5", "");
    world.command("restate by=5000").unwrap();
    world.command("unknown_execution port=alpha symbol=AAA side=buy qty=1 px=1").unwrap();
    world.send(ALPHA, "e", "324=t 55=BBB 263=1");
    world.command("halt symbol=BBB why=news").unwrap();
    for reason in HaltReason::ALL {
        world.command(&format!("halt reason={} symbol=BBB why=x", reason.name())).unwrap();
    }
    if version != Version::Fix42 {
        world.send(ALPHA, "AF", "584=q 585=7");
        world.send(ALPHA, "AF", "584=r 585=1 55=CCC");
        world.send(ALPHA, "q", "11=m 530=1 55=ZZZ");
        world.send(ALPHA, "q", "11=n 530=6");
    }
    world.command("cancel_orders").unwrap();
    world.run(90_000);
}

fn whole(version: Version, sent: &Sent) -> Vec<u8> {
    let begin = match version {
        Version::Fix42 => "FIX.4.2",
        Version::Fix44 => "FIX.4.4",
        Version::Fixt11 => "FIXT.1.1",
    };
    let header = format!(
        "35={}\u{1}34=1\u{1}49=VENUE\u{1}52=20240805-00:00:00.000\u{1}56=MEMBER\u{1}",
        sent.msg_type
    );
    let mut raw = Vec::new();
    encode(begin, header.as_bytes(), &sent.bytes, &mut raw);
    raw
}

fn check(version: Version, dictionary: &Dictionary, sent: &Sent) {
    let raw = whole(version, sent);
    let mut parser = Parser::default();
    let message = parser.parse(&raw).unwrap();
    let found = dictionary.check(&message);
    assert!(found.is_ok(), "{version:?} {sent:?}: {found:?}");
}

/// R105: in each version every message is valid by the built-in dictionary, strict in everything.
#[test]
fn every_message_is_valid_by_the_built_in_dictionary() {
    for version in VERSIONS {
        let spec = Specification::compact(version).unwrap();
        let dictionary = spec.dictionary(Policies::default());
        let all = spoken(version);
        for msg_type in ["8", "9", "B", "W", "X", "Y", "f", "h"] {
            assert!(all.iter().any(|sent| sent.msg_type == msg_type), "{version:?} {msg_type}");
        }
        assert_eq!(version != Version::Fix42, all.iter().any(|sent| sent.msg_type == "r"));
        assert!(all.iter().any(|sent| sent.port == COPY));
        all.iter().for_each(|sent| check(version, &dictionary, sent));
    }
}

/// R105: and by the dictionaries of QuickFIX, where `RINGFENCE_DATA` has them.
#[test]
fn every_message_is_valid_by_the_published_dictionaries() {
    let Some(data) = std::env::var_os("RINGFENCE_DATA") else {
        println!("skipped: RINGFENCE_DATA is not set");
        return;
    };
    let folder = std::path::Path::new(&data).join("fix/dictionaries");
    let text = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    for version in VERSIONS {
        let spec = match version {
            Version::Fix42 => Specification::from_xml(&text("FIX42.xml")),
            Version::Fix44 => Specification::from_xml(&text("FIX44.xml")),
            Version::Fixt11 => {
                Specification::from_xml_pair(&text("FIXT11.xml"), &text("FIX50SP2.xml"))
            }
        };
        let dictionary = spec.unwrap().dictionary(Policies::default());
        spoken(version).iter().for_each(|sent| check(version, &dictionary, sent));
    }
}
