//! What the gateway writes is valid by the dictionaries of its versions.

use std::collections::BTreeSet;

use ringfence_fix::codec::{Parser, encode};
use ringfence_fix::dict::{Dictionary, Policies, Specification};
use ringfence_fix::endpoint::{Application, SessionIndex};
use ringfence_fix::tag;
use ringfence_fix::terms::Version;

use super::clients::ALL;
use super::world::{CLIENT, COPY, LIT1, LIT2, Sent, World};

/// Returns the dictionary of QuickFIX of a version, where `RINGFENCE_DATA` has it.
pub(super) fn published(version: Version) -> Option<Specification> {
    let Some(data) = std::env::var_os("RINGFENCE_DATA") else {
        println!("skipped: RINGFENCE_DATA is not set");
        return None;
    };
    let folder = std::path::Path::new(&data).join("fix/dictionaries");
    let text = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let spec = match version {
        Version::Fix42 => Specification::from_xml(&text("FIX42.xml")),
        Version::Fix44 => Specification::from_xml(&text("FIX44.xml")),
        Version::Fixt11 => Specification::from_xml_pair(&text("FIXT11.xml"), &text("FIX50SP2.xml")),
    };
    Some(spec.unwrap())
}

/// The life of orders at a venue, each kind of report once and more.
fn trade(world: &mut World, version: Version) {
    let (fill, filled, correct, bust, status) = match version {
        Version::Fix42 => ("20=0|150=1", "20=0|150=2", "20=2|150=1", "20=1|150=1", "20=3|150=0"),
        Version::Fix44 | Version::Fixt11 => ("150=F", "150=F", "150=G", "150=H", "150=I"),
    };
    let plain = |kind: &str| match version {
        Version::Fix42 => format!("20=0|150={kind}|39={kind}"),
        Version::Fix44 | Version::Fixt11 => format!("150={kind}|39={kind}"),
    };
    let id = world.order("C1");
    world.report(LIT1, &id, &plain("0"));
    world.deliver(LIT1, "8", &format!("11={id}|37=V|17=F1|{fill}|39=1|32=40|31=10|14=40|151=60"));
    world.deliver(LIT1, "8", &format!("11={id}|37=V|17=F2|19=F1|{correct}|39=1|32=30|31=10"));
    world.deliver(LIT1, "8", &format!("11={id}|37=V|17=F3|19=F2|{bust}|39=0"));
    world.deliver(CLIENT, "G", "11=G1|41=C1|55=BAC|54=1|38=250|40=2|44=10.01");
    let change = world.last_id(LIT1, "G");
    world.report(LIT1, &change, &format!("41={id}|{}|38=250", plain("5")));
    world.deliver(CLIENT, "F", "11=F1|41=G1|55=BAC|54=1");
    world.deliver(CLIENT, "F", "11=F1|41=G1|55=BAC|54=1");
    let cancel = world.last_id(LIT1, "F");
    world.report(LIT1, &cancel, &format!("41={change}|{}|14=0|151=0", plain("4")));
    for (name, kind) in [("C2", "C"), ("C3", "3"), ("C4", "8"), ("C5", "D")] {
        let id = world.order(name);
        world.report(LIT1, &id, &plain("0"));
        world.report(LIT1, &id, &format!("{}|14=0|151=60|38=60|58=why", plain(kind)));
    }
    let id = world.order("C6");
    world.deliver(LIT1, "8", &format!("11={id}|37=V|17=F9|{filled}|39=2|32=100|31=10|14=100"));
    world.order("C7");
    world.wait(2);
    world.deliver(LIT1, "8", &format!("11={id}|37=V|17=0|{status}|39=2|14=100|151=0"));
    let orphan = format!("11=NOBODY|37=V|17=F10|{filled}|39=2|55=BAC|54=1|32=5|31=10|14=5");
    world.deliver(LIT2, "8", &orphan);
}

/// Questions, and everything that is refused.
fn ask(world: &mut World, version: Version) {
    let terms = "1=alice|100=LIT1|55=BAC|54=1|40=2|44=10.00|59=0";
    world.deliver(CLIENT, "D", &format!("11=D1|38=1001|{terms}"));
    world.deliver(CLIENT, "D", &format!("11=D2|38=100|111=10|{terms}"));
    world.deliver(CLIENT, "D", "11=D3|38=100|1=alice|100=LIT1|55=BAC|54=2|40=1|59=3");
    world.deliver(CLIENT, "D", "11=D4|38=100|1=alice|100=LIT1|55=BAC|54=1|40=1|59=3");
    let stop = "11=D5|38=100|1=alice|100=LIT1|55=BAC|54=1|40=3|99=10.20|59=0";
    world.deliver(CLIENT, "D", stop);
    let end = "11=D6|38=100|1=alice|100=LIT1|55=BAC|54=1|40=2|44=10|59=6|126=20130801-19:00:00";
    world.deliver(CLIENT, "D", end);
    world.deliver(CLIENT, "D", "38=100");
    world.deliver(CLIENT, "F", "11=X1|41=NOBODY|55=BAC|54=1");
    world.deliver(CLIENT, "F", "11=D5|41=D6|55=BAC|54=1");
    world.deliver(CLIENT, "G", "11=X2|41=D6|55=BAC|54=2|38=250|40=2|44=10.01");
    world.deliver(CLIENT, "H", "11=D6|55=BAC|54=1");
    world.deliver(CLIENT, "H", "11=NOBODY|55=BAC|54=1");
    world.deliver(CLIENT, "N", "11=x");
    if version != Version::Fix42 {
        world.deliver(CLIENT, "AF", "584=M1|585=7");
        world.deliver(CLIENT, "AF", "584=M2|585=1|55=IBM");
        world.deliver(CLIENT, "H", "11=D6|55=BAC|54=1|790=S");
        world.deliver(CLIENT, "q", "11=Q1|530=1|55=BAC");
        world.deliver(CLIENT, "q", "11=Q2|530=7");
        world.deliver(CLIENT, "q", "11=Q3|530=4");
        world.deliver(CLIENT, "q", "11=Q4|530=1|55=ZZZ");
        world.deliver(CLIENT, "AF", "584=M3|585=1|55=ZZZ");
    }
    world.gateway.settings.orders_per_turn_max = 0;
    world.order("T1");
    world.gateway.drain(&mut world.log);
    world.order("T2");
}

/// Returns every kind of message that the gateway writes, in one version.
fn spoken(version: Version) -> Vec<Sent> {
    let mut world = World::open(version);
    for session in [LIT1, LIT2] {
        world.session(session, false);
        world.session(session, true);
    }
    trade(&mut world, version);
    ask(&mut world, version);
    world.session(LIT1, false);
    world.session(LIT1, true);
    for (session, reason, text) in std::mem::take(&mut world.log.refused) {
        world.log.sent.push(Sent::business_reject(session, reason, &text));
    }
    world.log.sent
}

fn check(version: Version, dictionary: &Dictionary, sent: &Sent) {
    let header =
        format!("35={}\x0134=1\x0149=GW\x0156=PEER\x0152=20130801-13:30:00.000\x01", sent.msg_type);
    let mut raw = Vec::new();
    encode(version.begin_string(), header.as_bytes(), sent.body().as_bytes(), &mut raw);
    let mut parser = Parser::default();
    let found = dictionary.check(&parser.parse(&raw).unwrap());
    assert!(found.is_ok(), "{version:?} {sent:?}: {found:?}");
}

/// Judges everything that is spoken in a version.
fn judge(version: Version, spec: &Specification) {
    let dictionary = spec.dictionary(Policies::default());
    let all = spoken(version);
    let kinds = |to: &dyn Fn(SessionIndex) -> bool| -> BTreeSet<String> {
        let sent = all.iter().filter(|sent| to(sent.to));
        sent.map(|sent| format!("{}{}", sent.msg_type, sent.get(tag::EXEC_TYPE))).collect()
    };
    let reports = |extra: &[&str]| -> BTreeSet<String> {
        let both = ["80", "83", "84", "85", "86", "88", "8A", "8C", "8D", "8E"];
        both.iter().chain(extra).map(|kind| (*kind).to_owned()).collect()
    };
    let (client, copy) = match version {
        Version::Fix42 => (reports(&["81", "82", "9", "j"]), reports(&["81", "82"])),
        Version::Fix44 | Version::Fixt11 => {
            let fills = ["8F", "8G", "8H", "8I"];
            (reports(&[fills.as_slice(), &["9", "j", "r"]].concat()), reports(&fills))
        }
    };
    assert_eq!(client, kinds(&|to| to == CLIENT), "{version:?}");
    assert_eq!(copy, kinds(&|to| to == COPY), "{version:?}");
    let venues: BTreeSet<String> =
        ["D", "F", "G", "H", "Q", "V", "e", "g"].map(str::to_owned).into();
    assert_eq!(venues, kinds(&|to| to == LIT1 || to == LIT2), "{version:?}");
    all.iter().for_each(|sent| check(version, &dictionary, sent));
}

/// R105: in each version every message is valid by the built-in dictionary, strict in everything.
#[test]
fn every_message_is_valid_by_the_built_in_dictionary() {
    for version in ALL {
        judge(version, &Specification::compact(version).unwrap());
    }
}

/// R105: and by the dictionaries of QuickFIX, where `RINGFENCE_DATA` has them.
#[test]
fn every_message_is_valid_by_the_published_dictionaries() {
    for version in ALL {
        published(version).iter().for_each(|spec| judge(version, spec));
    }
}

/// R49: what is refused is copied as well: to the sessions of its account, and where nobody knows
/// the account, to those who see all.
#[test]
fn refusals_are_copied() {
    use ringfence_kernel::types::Name;
    let terms = "100=LIT1|55=BAC|54=1|40=2|44=10.00|59=0";
    for version in ALL {
        for (named, seen) in [("*", "D1 D2 D3 D4"), ("firm", "D1 D2"), ("error", "")] {
            let mut world = World::open(version);
            let accounts = vec![Name::clipped(named)];
            world.gateway.settings.copied_accounts = [(COPY, accounts)].into_iter().collect();
            world.deliver(CLIENT, "D", &format!("11=D1|1=alice|38=1001|{terms}"));
            world.deliver(CLIENT, "D", &format!("11=D2|1=alice|38=100|111=10|{terms}"));
            world.deliver(CLIENT, "D", &format!("11=D3|1=nobody|38=100|{terms}"));
            world.deliver(CLIENT, "D", &format!("11=D4|38=100|{terms}"));
            let (told, copied) = (world.take(CLIENT), world.take(COPY));
            let names: Vec<&str> = copied.iter().map(|sent| sent.get(tag::CL_ORD_ID)).collect();
            assert_eq!(seen, names.join(" "), "{named}");
            let mark = if version == Version::Fix42 { "" } else { "Y" };
            for copy in &copied {
                let id = copy.get(tag::EXEC_ID);
                let of = told.iter().find(|sent| sent.get(tag::EXEC_ID) == id).unwrap();
                assert_eq!(of.short(), copy.short());
                assert_eq!(of.get(tag::TEXT), copy.get(tag::TEXT));
                assert_eq!(mark, copy.get(tag::COPY_MSG_INDICATOR));
            }
        }
    }
}
