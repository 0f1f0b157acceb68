//! Every field of every message of a client: taken, held against what is known, passed over, or
//! refused by its tag.

use std::collections::BTreeSet;

use ringfence_fix::codec::{Parser, encode};
use ringfence_fix::dict::{Member, Policies, Specification};
use ringfence_fix::tag;
use ringfence_fix::terms::Version;

use super::clients::ALL;
use super::wording::published;
use super::world::{CLIENT, LIT1, World};

/// A message as the tests send it: its type, its fields, and what is done with further ones.
struct Case {
    msg_type: &'static str,
    base: &'static str,
    /// Read, or held against the order that the message names.
    taken: &'static [u32],
    passed: &'static [u32],
}

const REMARKS: [u32; 8] = [58, 60, 354, 355, 376, 526, 583, 586];
const PARTIES: [u32; 10] = [447, 448, 452, 453, 523, 802, 803, 2376, 109, 660];
const DESCRIPTIONS: [u32; 6] = [106, 107, 348, 349, 350, 351];
const NONE: [u32; 0] = [];

/// Field, a value that is taken, values that are not; of the terms of an order.
const CHECKED: [(u32, &str, &[&str]); 14] = [
    (15, "USD", &["EUR", "usd", "US"]),
    (120, "USD", &["EUR"]),
    (48, "BAC", &["IBM", "US0605051046"]),
    (22, "8", &["1", "4", "A"]),
    (167, "CS", &["OPT", "FUT", "cs"]),
    (21, "1", &["3"]),
    (63, "0", &["1", "6"]),
    (75, "20130801", &["20130802", "2013-08-01"]),
    (81, "0", &["1"]),
    (114, "N", &["Y"]),
    (121, "N", &["Y"]),
    (423, "2", &["1"]),
    (797, "N", &["Y"]),
    (854, "0", &["1"]),
];

const CASES: [Case; 6] = [
    Case {
        msg_type: "D",
        base: "1=alice|100=LIT1|55=BAC|54=1|38=100|40=2|44=10.00|59=0",
        taken: &[1, 11, 38, 40, 44, 54, 55, 59, 66, 99, 100, 126, 847, 5700],
        passed: &[140, 229, 377],
    },
    Case {
        msg_type: "G",
        base: "41=REST|1=alice|55=BAC|54=1|38=100|40=2|44=10.00",
        taken: &[1, 11, 37, 38, 40, 41, 44, 54, 55, 59, 66, 99, 100, 126, 847, 5700],
        passed: &[140, 229, 377],
    },
    Case {
        msg_type: "F",
        base: "41=REST|55=BAC|54=1",
        taken: &[1, 11, 37, 40, 41, 54, 55, 59, 66, 99, 100, 126, 847],
        passed: &[38],
    },
    Case {
        msg_type: "H",
        base: "11=REST|55=BAC|54=1",
        taken: &[1, 11, 37, 54, 55, 790],
        passed: &NONE,
    },
    Case { msg_type: "AF", base: "584=M|585=7", taken: &[55, 584, 585], passed: &NONE },
    Case { msg_type: "q", base: "11=Q|530=7", taken: &[11, 55, 530], passed: &NONE },
];

fn collect(members: &[Member], tags: &mut BTreeSet<u32>) {
    for member in members {
        tags.insert(member.tag.number());
        collect(member.group.as_deref().unwrap_or_default(), tags);
    }
}

/// A world with an order REST that rests.
fn resting(version: Version) -> World {
    let mut world = World::open(version);
    let id = world.order("REST");
    let trans = if version == Version::Fix42 { "|20=0" } else { "" };
    world.report(LIT1, &id, &format!("150=0|39=0{trans}"));
    world.log.sent.clear();
    world
}

/// Delivers the message of a case with one more field; returns the refusal's text, empty where it
/// was taken, and that nothing left where it was not.
fn refusal(world: &mut World, case: &Case, more: &str) -> String {
    world.log.now += 1_000_000;
    world.log.sent.clear();
    world.log.refused.clear();
    let id = match case.msg_type {
        "D" | "F" | "G" => format!("11=N{}|", world.log.now),
        _ => String::new(),
    };
    world.deliver(CLIENT, case.msg_type, &format!("{id}{}|{more}", case.base));
    let text = match world.log.refused.pop() {
        Some((_, reason, text)) => {
            assert_eq!(0, reason);
            text
        }
        None => {
            let told = world.take(CLIENT);
            let refused = told.iter().find(|sent| match sent.msg_type.as_str() {
                "9" => true,
                "r" => sent.get(tag::MASS_CANCEL_RESPONSE) == "0",
                "8" => sent.get(tag::EXEC_TYPE) == "8",
                _ => false,
            });
            refused.map(|sent| sent.get(tag::TEXT).to_owned()).unwrap_or_default()
        }
    };
    if !text.is_empty() {
        assert!(world.take(LIT1).is_empty(), "{} {more}", case.msg_type);
    }
    text
}

/// SAFETY H24: over every field that a dictionary has in a message, a field that no list names is
/// refused by its tag, and one that instructs nothing changes nothing.
fn judge(version: Version, spec: &Specification) {
    let mut seen = 0;
    for case in &CASES {
        let Some(message) = spec.message(case.msg_type) else { continue };
        let mut tags = BTreeSet::from([5_701, 9_999]);
        collect(&message.members, &mut tags);
        let is_mass = matches!(case.msg_type, "AF" | "q");
        let is_terms = matches!(case.msg_type, "D" | "G");
        let mut world = resting(version);
        for tag in tags {
            let is_checked = CHECKED.iter().any(|(checked, _, _)| *checked == tag)
                && (is_terms || matches!(tag, 22 | 48 | 167));
            let is_passed = case.passed.contains(&tag)
                || REMARKS.contains(&tag)
                || DESCRIPTIONS.contains(&tag)
                || (PARTIES.contains(&tag) && !is_mass);
            if case.taken.contains(&tag) || is_checked {
                continue;
            }
            seen += 1;
            if is_passed {
                let mut world = resting(version);
                let text = refusal(&mut world, case, &format!("{tag}=1"));
                assert_eq!("", text, "{version:?} {} {tag}", case.msg_type);
            } else {
                let text = refusal(&mut world, case, &format!("{tag}=1"));
                let expected = format!("field {tag}: not taken here");
                assert_eq!(expected, text, "{version:?} {}", case.msg_type);
            }
        }
    }
    assert!(seen > 100, "{seen} fields");
}

/// SAFETY H24: as said, by the built-in dictionaries.
#[test]
fn no_field_is_dropped_in_silence() {
    for version in ALL {
        judge(version, &Specification::compact(version).unwrap());
    }
}

/// SAFETY H24: as said, by the dictionaries of QuickFIX, where `RINGFENCE_DATA` has them.
#[test]
fn no_published_field_is_dropped_in_silence() {
    for version in ALL {
        published(version).iter().for_each(|spec| judge(version, spec));
    }
}

/// SAFETY H24: what could be an instruction is refused in D and in G: a part that is shown, a least
/// quantity, another currency, money for a quantity, a capacity, an end without a time in force.
#[test]
fn an_instruction_that_is_not_taken_is_refused() {
    for version in ALL {
        for case in CASES.iter().take(2) {
            let mut world = resting(version);
            for more in [
                "111=10",
                "110=50",
                "18=6",
                "18=G",
                "15=EUR",
                "152=1000",
                "1138=10",
                "432=20130802",
                "528=A",
                "47=A",
                "210=5",
                "211=0.01",
                "388=0",
                "78=1|79=X|80=100",
                "427=1",
                "168=x",
                "77=O",
                "203=0",
                "439=X",
                "90=1|91=x",
                "212=1|213=x",
                "65=WI",
                "207=N",
                "167=OPT",
            ] {
                let text = refusal(&mut world, case, more);
                let tag = more.split('=').next().unwrap();
                assert!(text.starts_with(&format!("field {tag}: ")), "{more}: {text}");
            }
        }
        let mut world = resting(version);
        let text = refusal(&mut world, &CASES[0], "126=20130801-20:00:00");
        assert_eq!("field 126: there, and the time in force has no end", text);
    }
}

/// The dialect of the guide, which puts the fields of the house on a published dictionary.
const HOUSE: &str = include_str!("../../../../docs/guides/connect-a-client.md");

/// FIX 66, 847, 5700: what is read passes the built-in dictionary as it is, and a published one,
/// where `RINGFENCE_DATA` has it, in the dialect of the guide.
#[test]
fn names_of_basket_strategy_and_locate_pass_the_dictionary() {
    let (_, dialect) = HOUSE.split_once("```text\n").unwrap();
    let (dialect, _) = dialect.split_once("```").unwrap();
    for version in ALL {
        let (begin_string, removed) = match version {
            Version::Fix42 => ("FIX.4.2", ""),
            Version::Fix44 => ("FIX.4.4", "remove field 847"),
            Version::Fixt11 => ("FIXT.1.1 FIX.5.0SP2", "remove field 847"),
        };
        let own = dialect.replace("FIX.4.4", begin_string).replace("remove field 847", removed);
        let published = published(version).map(|spec| spec.with_dialect(&own).unwrap());
        for spec in [Specification::compact(version).ok(), published].into_iter().flatten() {
            let dictionary = spec.dictionary(Policies::default());
            for (msg_type, more) in [("D", "5700=L1|"), ("G", "41=x|5700=L1|"), ("F", "41=x|")] {
                let terms = if msg_type == "F" { "" } else { "21=1|40=2|44=10.00|" };
                let order = "11=C1|55=BAC|54=5|38=100|60=20130801-14:00:00|66=BASKET|847=DMA|";
                let header = format!("35={msg_type}|34=1|49=A|56=B|52=20130801-14:00:00|");
                let (header, body) = (header, format!("{order}{terms}{more}"));
                let [header, body] = [header, body].map(|fields| fields.replace('|', "\x01"));
                let mut raw = Vec::new();
                let begin_string = version.begin_string();
                encode(begin_string, header.as_bytes(), body.as_bytes(), &mut raw);
                let mut parser = Parser::default();
                let found = dictionary.check(&parser.parse(&raw).unwrap());
                assert!(found.is_ok(), "{version:?} {msg_type}: {found:?}");
            }
        }
    }
}

/// SAFETY H24: what may only say what holds anyway is held against it.
#[test]
fn what_is_known_is_checked() {
    for version in ALL {
        for (tag, good, bad) in CHECKED {
            for case in &CASES {
                let is_terms = matches!(case.msg_type, "D" | "G");
                let is_described = matches!(tag, 22 | 48 | 167);
                // A mass request about all has no symbol to hold a SecurityID against.
                if !is_terms && !is_described || tag == 48 && !case.base.contains("55=") {
                    continue;
                }
                let mut world = resting(version);
                for value in bad {
                    let text = refusal(&mut world, case, &format!("{tag}={value}"));
                    assert!(text.starts_with(&format!("field {tag}: ")), "{tag}={value}: {text}");
                }
                assert_eq!("", refusal(&mut world, case, &format!("{tag}={good}")));
            }
        }
    }
}

/// R87: by agreement with a client a description of the instrument or a field of its own is passed
/// over, in its session alone; nothing that could be a term of an order ever is.
#[test]
fn a_description_is_passed_over_by_agreement() {
    let agreed = ["207=N", "167=OPT", "48=US0605051046|22=4", "9001=x", "25000=x"];
    let never = ["18=6", "111=10", "110=50", "528=A", "15=EUR", "1138=10", "77=O", "10500=1"];
    for version in ALL {
        for case in CASES.iter().filter(|case| case.base.contains("55=")) {
            let mut world = resting(version);
            for more in agreed {
                assert_ne!("", refusal(&mut world, case, more), "{more} without agreement");
            }
            let tags = agreed.iter().chain(&never).flat_map(|more| more.split('|'));
            let tags = tags.map(|field| field.split_once('=').unwrap().0.parse().unwrap());
            world.gateway.settings.passed_over.insert(CLIENT, tags.collect());
            for more in never {
                let tag = more.split_once('=').unwrap().0;
                let text = refusal(&mut world, case, more);
                assert!(text.starts_with(&format!("field {tag}: ")), "{more}: {text}");
            }
            for more in agreed {
                let mut world = resting(version);
                let tags = more.split('|').map(|it| it.split_once('=').unwrap().0.parse().unwrap());
                world.gateway.settings.passed_over.insert(CLIENT, tags.collect());
                assert_eq!("", refusal(&mut world, case, more), "{} {more}", case.msg_type);
            }
        }
    }
}

/// FIX 35=F, G: what a cancel or change says of its order is what the order has; a contradiction
/// is refused with its tag (FIX 35=9, 102), and nothing happens to the order.
#[test]
fn a_contradiction_of_the_order_is_refused() {
    let contradictions = [
        "55=IBM",
        "54=2",
        "54=9",
        "1=error",
        "1=client42",
        "59=3",
        "59=6",
        "59=?",
        "40=1",
        "40=4",
        "40=?",
        "99=9.00",
        "126=20130801-20:00:00",
        "100=LIT2",
        "847=TWAP",
        "66=BASKET",
        "37=OTHER",
    ];
    for version in ALL {
        for case in CASES.iter().filter(|case| matches!(case.msg_type, "F" | "G")) {
            let mut world = resting(version);
            for wrong in contradictions {
                let (tag, _) = wrong.split_once('=').unwrap();
                let number = format!("{tag}=");
                let rest = case.base.split('|').filter(|field| !field.starts_with(&number));
                let fields: Vec<&str> = rest.chain([wrong, "11=X", "60=x"]).collect();
                world.log.sent.clear();
                world.deliver(CLIENT, case.msg_type, &fields.join("|"));
                let told = world.take(CLIENT).pop().unwrap();
                let reason = if version == Version::Fix42 { "2" } else { "99" };
                let found = [told.msg_type.as_str(), told.get(tag::CXL_REJ_REASON)];
                assert_eq!(["9", reason], found, "{} {wrong}", case.msg_type);
                assert_eq!(format!("field {tag}: not what the order has"), told.get(tag::TEXT));
                assert_eq!("0", told.get(tag::ORD_STATUS), "the order is as it was");
                assert!(world.take(LIT1).is_empty());
            }
            world.deliver(CLIENT, "H", "11=REST|55=BAC|54=1");
            let status = world.take(CLIENT).pop().unwrap();
            assert_eq!(("0", "100"), (status.get(tag::ORD_STATUS), status.get(tag::LEAVES_QTY)));
            let order_id = status.get(tag::ORDER_ID).to_owned();
            let same = "1=alice|55=BAC|54=1|40=2|59=0|100=LIT1|847=DMA|38=90";
            let price = if case.msg_type == "G" { "|44=10.00" } else { "" };
            let fields = format!("11=Y|41=REST|37={order_id}|{same}{price}");
            world.deliver(CLIENT, case.msg_type, &fields);
            assert_eq!(case.msg_type, world.take(LIT1).pop().unwrap().msg_type);
        }
    }
}

/// FIX 35=H: a question that contradicts its order is refused with its tag (FIX 35=j), whatever it
/// names the order by; a report with 39=8 would say of an order that lives that it ended (R46).
#[test]
fn a_question_that_contradicts_its_order_is_refused() {
    for version in ALL {
        let mut world = resting(version);
        for wrong in
            ["55=IBM|54=1", "55=BAC|54=2", "55=BAC|54=1|37=nonsense", "1=error|55=BAC|54=1"]
        {
            world.deliver(CLIENT, "H", &format!("11=REST|{wrong}"));
            let (_, reason, text) = world.log.refused.pop().unwrap();
            let found = (reason, text.ends_with(": not what the order has"));
            assert_eq!((0, true), found, "{wrong}: {text}");
            assert!(world.take(CLIENT).is_empty(), "{wrong}");
        }
        world.deliver(CLIENT, "H", "11=REST|55=BAC|54=1");
        let order_id = world.take(CLIENT).pop().unwrap().get(tag::ORDER_ID).to_owned();
        world.deliver(CLIENT, "H", &format!("11=REST|1=alice|37={order_id}|55=BAC|54=1"));
        assert_eq!("0", world.take(CLIENT).pop().unwrap().get(tag::ORD_STATUS));
        // Nobody knows the order: that is the answer, whatever else the question says.
        world.deliver(CLIENT, "H", "11=NOBODY|55=IBM|54=2");
        assert_eq!("8", world.take(CLIENT).pop().unwrap().get(tag::ORD_STATUS));
    }
}

/// FIX 35=AF, 584, 911, 912: each answer repeats the request and counts; with nothing open there is
/// one answer that says so. FIX 35=H, 790: an answer repeats what the question is called.
#[test]
fn answers_repeat_what_the_question_is_called() {
    for version in [Version::Fix44, Version::Fixt11] {
        let mut world = resting(version);
        world.order("C2");
        world.log.sent.clear();
        let numbers = |world: &mut World| -> Vec<String> {
            let told = world.take(CLIENT);
            let fields = [
                tag::CL_ORD_ID,
                tag::EXEC_TYPE,
                tag::MASS_STATUS_REQ_ID,
                tag::TOT_NUM_REPORTS,
                tag::LAST_RPT_REQUESTED,
                tag::ORD_STATUS_REQ_ID,
            ];
            let line = |sent: &super::world::Sent| fields.map(|field| sent.get(field)).join(" ");
            told.iter().map(line).collect()
        };
        world.deliver(CLIENT, "AF", "584=M1|585=7");
        assert_eq!(["REST I M1 2 N ", "C2 I M1 2 Y "], numbers(&mut world).as_slice());
        world.deliver(CLIENT, "AF", "584=M2|585=1|55=BAC");
        assert_eq!(["REST I M2 2 N ", "C2 I M2 2 Y "], numbers(&mut world).as_slice());
        world.deliver(CLIENT, "AF", "584=M3|585=1|55=IBM");
        let told = world.log.sent.last().unwrap();
        assert_eq!(
            ["IBM", "8", "0"],
            [tag::SYMBOL, tag::ORD_STATUS, tag::LEAVES_QTY].map(|f| told.get(f))
        );
        assert_eq!([" I M3 0 Y "], numbers(&mut world).as_slice());
        world.deliver(CLIENT, "H", "11=REST|55=BAC|54=1|790=S1");
        assert_eq!(["REST I    S1"], numbers(&mut world).as_slice());
        world.deliver(CLIENT, "H", "11=NOBODY|55=BAC|54=1|790=S2");
        assert_eq!(["NOBODY I    S2"], numbers(&mut world).as_slice());
        world.deliver(CLIENT, "H", "11=REST|55=BAC|54=1");
        assert_eq!(["REST I    "], numbers(&mut world).as_slice());
        world.deliver(CLIENT, "AF", "584=M|585=7|55=BAC");
        let refused = world.log.refused.pop().unwrap();
        assert!(refused.2.starts_with("field 55: "), "of all, or of BAC?");
    }
}
