//! The built-in dictionaries against the XML ones, fact by fact.

use std::collections::BTreeSet;

use ringfence_fix::dict::{
    Dictionary, FieldDefinition, FieldType, Member, Policies, Specification, Version,
};
use ringfence_fix::tag;

use super::support::{judge, xml_specifications};

const VERSIONS: [Version; 3] = [Version::Fix42, Version::Fix44, Version::Fixt11];
/// The messages that Ringfence speaks; FIX 4.2 does not have all of them.
const SPOKEN: [&str; 27] = [
    "0", "1", "2", "3", "4", "5", "8", "9", "A", "AF", "B", "D", "F", "G", "H", "Q", "V", "W", "X",
    "Y", "e", "f", "g", "h", "j", "q", "r",
];
const LATER_THAN_42: [&str; 3] = ["AF", "q", "r"];

/// What the house adds to each version, put on a dictionary of the standard.
fn with_house(spec: Specification, version: Version) -> Specification {
    let text = match version {
        Version::Fix42 => {
            "dialect HOUSE FIX.4.2\nfield 847 TargetStrategy String\nfield 5700 LocateID String\n\
             change D 66 847 5700\nchange F 847\nchange G 847 5700"
        }
        Version::Fix44 => {
            "dialect HOUSE FIX.4.4\nfield 5700 LocateID String\n\
             change D 66 5700\nchange F 847\nchange G 5700"
        }
        Version::Fixt11 => {
            "dialect HOUSE FIXT.1.1 FIX.5.0SP2\nfield 5700 LocateID String\n\
             change D 66 5700\nchange F 847\nchange G 5700"
        }
    };
    spec.with_dialect(text).expect("the dialect reads")
}

/// FIX 66, 847, 5700: orders and changes carry basket, strategy and locate by their names, and a
/// cancel says the first two again; nowhere else.
#[test]
fn the_fields_of_the_house_are_built_in() {
    let times = "52=20260105-14:30:00|56=B|60=20260105-14:30:00|";
    let held = "66=BASKET|847=vwap|";
    for version in VERSIONS {
        let spec = Specification::compact(version).expect("it reads");
        let dictionary: Dictionary = spec.dictionary(Policies::default());
        let check = |msg_type: &str, fields: &str| {
            let header = format!("35={msg_type}|34=2|49=A|{times}");
            let order = "11=id|21=1|40=1|54=5|55=BAC|38=1|";
            judge(&dictionary, &format!("{header}{order}{fields}"))
        };
        for (msg_type, fields) in [("D", ""), ("G", "41=x|")] {
            assert!(check(msg_type, &format!("{fields}{held}5700=L1|")).is_ok(), "{version:?}");
        }
        let cancel = |fields: &str| {
            let header = format!("35=F|34=2|49=A|{times}");
            judge(&dictionary, &format!("{header}11=id|41=x|54=5|55=BAC|38=1|{fields}"))
        };
        assert!(cancel(held).is_ok(), "{version:?}");
        assert!(cancel("5700=L1|").is_err(), "{version:?}");
    }
}

/// Each version has the messages that Ringfence speaks, and no other.
#[test]
fn each_version_has_the_messages_that_ringfence_speaks() {
    for version in VERSIONS {
        let spec = Specification::compact(version).expect("it reads");
        let found: Vec<&str> = spec.messages().map(|(msg_type, _)| msg_type).collect();
        let is_there =
            |msg_type: &&str| version != Version::Fix42 || !LATER_THAN_42.contains(msg_type);
        let expected: Vec<&str> = SPOKEN.into_iter().filter(is_there).collect();
        assert_eq!(expected, found, "{version:?}");
        assert_eq!(Some(version), Version::of(spec.version().split(' ').next().unwrap_or("")));
    }
}

/// Messages, required fields, groups, types and values agree with the XML dictionaries.
#[test]
fn the_built_in_dictionaries_agree_with_the_xml_ones() {
    let Some(references) = xml_specifications() else { return };
    for (version, reference) in VERSIONS.into_iter().zip(references) {
        let spec = Specification::compact(version).expect("it reads");
        assert_eq!(reference.version(), spec.version());
        let reference = with_house(reference, version);
        for (tag, field) in spec.fields() {
            if tag == tag::TARGET_STRATEGY {
                let named = ("TargetStrategy", FieldType::String, BTreeSet::new());
                assert_eq!(named, facts(field));
                continue;
            }
            let expected = reference.field(tag).expect("the XML has the field");
            assert_eq!(facts(expected), facts(field), "{version:?} {tag}");
        }
        // FIX 4.2 and 4.4 are whole; of 5.0 SP2 later extension packs are left out.
        let is_whole = version != Version::Fixt11;
        same(reference.header(), spec.header(), true, "header");
        same(reference.trailer(), spec.trailer(), true, "trailer");
        for (msg_type, message) in spec.messages() {
            let expected = reference.message(msg_type).expect("the XML has the message");
            let names = (&expected.name, expected.is_admin);
            assert_eq!(names, (&message.name, message.is_admin), "{version:?} {msg_type}");
            same(&expected.members, &message.members, is_whole, &format!("{version:?} {msg_type}"));
        }
    }
}

/// Returns name, type and values; the values of a Boolean are its type's.
fn facts(field: &FieldDefinition) -> (&str, FieldType, BTreeSet<String>) {
    let is_listed = field.kind != FieldType::Boolean;
    let values = if is_listed { field.values.clone() } else { BTreeSet::new() };
    (&field.name, field.kind, values)
}

/// Compares fields, required flags, groups and order; where not whole, only of what is there.
fn same(expected: &[Member], found: &[Member], is_whole: bool, place: &str) {
    let expected: Vec<&Member> = expected
        .iter()
        .filter(|member| {
            let is_there = found.iter().any(|other| other.tag == member.tag);
            assert!(is_there || !is_whole, "{place}: {} is missing", member.tag);
            assert!(is_there || !member.is_required, "{place}: {} is required", member.tag);
            is_there
        })
        .collect();
    let tags = |members: &[&Member]| -> Vec<_> {
        members.iter().map(|member| (member.tag, member.is_required)).collect()
    };
    let found: Vec<&Member> = found.iter().collect();
    assert_eq!(tags(&expected), tags(&found), "{place}");
    for (expected, found) in expected.iter().zip(found) {
        let place = format!("{place}.{}", found.tag);
        match (&expected.group, &found.group) {
            (Some(expected), Some(found)) => same(expected, found, is_whole, &place),
            (None, None) => {}
            _ => panic!("{place}: a group on one side only"),
        }
    }
}
