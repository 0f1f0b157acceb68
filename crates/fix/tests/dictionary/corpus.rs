//! Messages of other engines, judged with the XML dictionaries.

use std::collections::BTreeMap;

use ringfence_fix::dict::{Dictionary, Policies, Policy, RejectReason};
use ringfence_fix::tag;

use super::support::{bytes, each_message, xml_specifications};
use RejectReason::{
    GroupFieldsOutOfOrder, IncorrectDataFormat, IncorrectGroupCount, RequiredTagMissing,
    TagNotDefinedForMessageType, ValueIncorrect,
};

type Refusals = &'static [(RejectReason, u32, usize)];

/// File, messages accepted, garbled, and why the others are refused.
///
/// Each refusal was read. The dictionaries require 508 RegistRefID, 214 SettlInstRefID, 779
/// LastUpdateTime, 909 CollInquiryID and 1369 MassActionReportID. The crosses (35=t and u) have 41
/// where a side has none, or late in it; an order list has 55 late in its order. ListStrikePrice
/// puts 711 inside the entries of 428. 803=4000 and 847=1000 are values that two parties agree
/// upon, 336=0001 and PRE-OPEN none of 5.0 SP2, and 15=999 is no code of letters.
const CORPUS: [(&str, usize, usize, Refusals); 6] = [
    (
        "epam_1000_msg",
        945,
        0,
        &[
            (RequiredTagMissing, 508, 22),
            (TagNotDefinedForMessageType, 41, 11),
            (GroupFieldsOutOfOrder, 41, 11),
            (IncorrectGroupCount, 428, 11),
        ],
    ),
    ("epam_fix42_all", 48, 0, &[(RequiredTagMissing, 214, 1)]),
    ("epam_fix42_valid_datatypes", 172, 1, &[(RequiredTagMissing, 214, 8)]),
    (
        "epam_fix44_all",
        78,
        5,
        &[
            (RequiredTagMissing, 508, 2),
            (TagNotDefinedForMessageType, 41, 1),
            (GroupFieldsOutOfOrder, 41, 1),
        ],
    ),
    (
        "epam_fix44_valid_datatypes",
        657,
        19,
        &[
            (RequiredTagMissing, 508, 13),
            (TagNotDefinedForMessageType, 41, 7),
            (ValueIncorrect, 803, 1),
            (ValueIncorrect, 847, 1),
            (IncorrectDataFormat, 15, 1),
            (GroupFieldsOutOfOrder, 41, 2),
            (GroupFieldsOutOfOrder, 55, 2),
        ],
    ),
    (
        "epam_fixt50_all",
        90,
        0,
        &[
            (RequiredTagMissing, 779, 1),
            (RequiredTagMissing, 909, 1),
            (RequiredTagMissing, 1369, 1),
            (ValueIncorrect, 336, 2),
            (IncorrectGroupCount, 711, 1),
        ],
    ),
];

fn dictionaries(policies: Policies) -> Option<[Dictionary; 3]> {
    Some(xml_specifications()?.map(|spec| spec.dictionary(policies)))
}

/// The corpora are accepted but for messages that break their dictionary, each told by its field.
#[test]
fn messages_of_other_engines_are_accepted() {
    let Some(dictionaries) = dictionaries(Policies::default()) else { return };
    for (name, accepted_wanted, garbled_wanted, refusals) in CORPUS {
        let Some(stream) = bytes(&format!("messages/{name}.fix.gz")) else { return };
        let (mut accepted, mut refused) = (0, BTreeMap::new());
        let garbled = each_message(&stream, |message| {
            let of = |dictionary: &&Dictionary| {
                message.text(tag::BEGIN_STRING) == Some(dictionary.begin_string())
            };
            let dictionary = dictionaries.iter().find(of).expect("a version that is here");
            match dictionary.check(message) {
                Ok(()) => accepted += 1,
                Err(violation) => {
                    let tag = violation.tag.map_or(0, |tag| tag.number());
                    *refused.entry((violation.reason, tag)).or_insert(0) += 1;
                }
            }
        });
        let expected: BTreeMap<_, usize> =
            refusals.iter().map(|(reason, tag, count)| ((*reason, *tag), *count)).collect();
        assert_eq!((accepted_wanted, garbled_wanted), (accepted, garbled), "{name}");
        assert_eq!(expected, refused, "{name}");
    }
}

/// A gateway log of a derivatives exchange is accepted, its own fields let through.
#[test]
fn a_gateway_log_is_accepted() {
    let policies = Policies { user_defined: Policy::Accept, ..Policies::default() };
    let Some([_, _, dictionary]) = dictionaries(policies) else { return };
    let Some(stream) = bytes("messages/hffix_fix50_set2.fix") else { return };
    let (mut accepted, mut refused) = (0, Vec::new());
    let garbled = each_message(&stream, |message| match dictionary.check(message) {
        Ok(()) => accepted += 1,
        Err(violation) => refused.push(violation),
    });
    assert_eq!((65, Vec::new(), 0), (accepted, refused, garbled));
}
