//! Each reason of a reject, and which of several wins.

use ringfence_fix::dict::{Dictionary, Policies, Policy, RejectReason, Specification, Version};

use super::support::{compact, judge};
use RejectReason::{
    ConditionallyRequiredFieldMissing, IncorrectDataFormat, IncorrectGroupCount, InvalidMsgType,
    InvalidTagNumber, RequiredTagMissing, TagAppearsMoreThanOnce, TagNotDefinedForMessageType,
    TagOutOfOrder, TagWithoutValue, UnsupportedMessageType, ValueIncorrect,
};

const HEAD: &str = "34=2|49=TW42|52=20260105-14:30:00|56=ISLD|";
const ORDER: &str = "11=id|21=3|40=1|54=1|55=MSFT|60=20260105-14:30:00|";

/// Message by MsgType, fields behind its header, reason and tag.
type Row = (&'static str, &'static str, RejectReason, Option<u32>);

/// FIX session test cases 14a to 14i, 2q and 2r, and more of their kind.
const ROWS: [Row; 23] = [
    ("0", "999=HI|", InvalidTagNumber, Some(999)),
    ("0", "0=HI|", InvalidTagNumber, Some(0)),
    ("0", "5000=HI|", InvalidTagNumber, Some(5000)),
    ("1", "", RequiredTagMissing, Some(112)),
    ("D", "40=1|60=20260105-14:30:00|54=1|21=3|11=id|", RequiredTagMissing, Some(55)),
    ("0", "55=MSFT|", TagNotDefinedForMessageType, Some(55)),
    ("0", "112=|", TagWithoutValue, Some(112)),
    ("0", "999=|", TagWithoutValue, Some(999)),
    ("D", "11=ID|21=4|40=1|54=1|55=A|60=20260105-14:30:00|", ValueIncorrect, Some(21)),
    ("D", "11=ID|21=1|40=w|54=1|55=A|60=20260105-14:30:00|", ValueIncorrect, Some(40)),
    ("D", "11=ID|21=1|18=1 x|40=1|54=1|55=A|60=20260105-14:30:00|", ValueIncorrect, Some(18)),
    (
        "D",
        "11=ID|21=1|40=1|54=1|38=+200.00|55=A|60=20260105-14:30:00|",
        IncorrectDataFormat,
        Some(38),
    ),
    (
        "D",
        "11=ID|21=1|40=1|54=1|55=A|60=20260105-14:30:00|126=20260105|",
        IncorrectDataFormat,
        Some(126),
    ),
    ("*", "", InvalidMsgType, None),
    ("6", "23=id|", UnsupportedMessageType, None),
    ("D", "11=ID|21=1|40=1|40=2|54=1|55=A|60=20260105-14:30:00|", TagAppearsMoreThanOnce, Some(40)),
    ("0", "34=3|", TagAppearsMoreThanOnce, Some(34)),
    ("0", "112=a|115=B|", TagOutOfOrder, Some(115)),
    ("0", "999=a|115=B|", TagOutOfOrder, Some(115)),
    ("0", "93=1|89=x|112=a|", TagOutOfOrder, Some(112)),
    (
        "D",
        "11=ID|21=1|40=1|54=1|55=A|386=3|336=PRE-OPEN|336=AFTER-HOURS|60=20260105-14:30:00|",
        IncorrectGroupCount,
        Some(386),
    ),
    (
        "D",
        "11=ID|21=1|40=2|54=1|55=A|60=20260105-14:30:00|",
        ConditionallyRequiredFieldMissing,
        Some(44),
    ),
    (
        "D",
        "11=ID|21=1|40=3|54=1|55=A|60=20260105-14:30:00|",
        ConditionallyRequiredFieldMissing,
        Some(99),
    ),
];

fn found(dictionary: &Dictionary, fields: &str) -> Option<(RejectReason, Option<u32>)> {
    let violation = judge(dictionary, fields).err()?;
    Some((violation.reason, violation.tag.map(|tag| tag.number())))
}

/// FIX session test cases 14a to 14i: each fault gets its reason and names its field.
#[test]
fn each_fault_gets_its_reason() {
    let dictionary = compact(Version::Fix42);
    for (msg_type, rest, reason, tag) in ROWS {
        let fields = format!("35={msg_type}|{HEAD}{rest}");
        assert_eq!(Some((reason, tag)), found(&dictionary, &fields), "{fields}");
    }
}

/// FIX session test case 14b: a field of the header that must be there.
#[test]
fn a_missing_field_of_the_header_is_named() {
    let dictionary = compact(Version::Fix42);
    let fields = "35=0|34=2|49=TW42|52=20260105-14:30:00|";
    assert_eq!(Some((RequiredTagMissing, Some(56))), found(&dictionary, fields));
}

/// FIX session test cases 15 and 21: order within header and body is free, a group may be empty.
#[test]
fn what_is_allowed_passes() {
    let dictionary = compact(Version::Fix42);
    let rows = [
        format!("35=D|{HEAD}{ORDER}"),
        "35=D|49=TW42|34=3|56=ISLD|52=20260105-14:30:00|40=1|55=MSFT|60=20260105-14:30:00|\
         54=1|21=3|11=id|"
            .to_owned(),
        format!("35=D|{HEAD}{ORDER}386=0|"),
        format!("35=D|{HEAD}{ORDER}386=2|336=A|336=B|"),
        format!("35=D|{HEAD}{ORDER}93=3|89=a|b|").replace("a|b", "abc"),
        format!("35=0|{HEAD}"),
    ];
    for fields in rows {
        assert_eq!(None, found(&dictionary, &fields), "{fields}");
    }
}

/// Where several things are wrong: unknown type, order, what is missing, then the first in line.
#[test]
fn the_graver_fault_wins() {
    let dictionary = compact(Version::Fix42);
    let rows = [
        (format!("35=*|{HEAD}999=x|"), (InvalidMsgType, None)),
        (format!("35=1|{HEAD}999=|115=B|"), (TagOutOfOrder, Some(115))),
        (format!("35=1|{HEAD}999=x|"), (RequiredTagMissing, Some(112))),
        (format!("35=D|{HEAD}115=|{ORDER}167=BOO|"), (TagWithoutValue, Some(115))),
        (format!("35=D|{HEAD}{ORDER}167=BOO|15=|"), (ValueIncorrect, Some(167))),
        (format!("35=D|{HEAD}11=a|21=3|40=2|54=1|55=A|60=x|"), (IncorrectDataFormat, Some(60))),
    ];
    for (fields, expected) in rows {
        assert_eq!(Some(expected), found(&dictionary, &fields), "{fields}");
    }
}

/// Each policy lets through what it names, and nothing else.
#[test]
fn a_policy_accepts_what_it_names() {
    let strict = Policies::default();
    let accept = Policy::Accept;
    let rows = [
        (
            "35=0|34=2|49=A|52=20260105-14:30:00|112=x|56=B|",
            Policies { out_of_order: accept, ..strict },
        ),
        (
            "35=0|34=2|49=A|52=20260105-14:30:00|56=B|112=|",
            Policies { empty_value: accept, ..strict },
        ),
        (
            "35=0|34=2|49=A|52=20260105-14:30:00|56=B|5001=x|",
            Policies { user_defined: accept, ..strict },
        ),
        (
            "35=5|34=2|49=A|52=20260105-14:30:00|56=B|347=KLINGON|",
            Policies { unlisted_value: accept, ..strict },
        ),
    ];
    let spec = Specification::compact(Version::Fix42).expect("it reads");
    for (fields, policies) in rows {
        let is_strict_refusal = judge(&spec.dictionary(strict), fields).is_err();
        assert_eq!(
            (fields.contains("347") || is_strict_refusal, Ok(())),
            (true, judge(&spec.dictionary(policies), fields)),
            "{fields}"
        );
    }
    let lenient = spec.dictionary(Policies { user_defined: accept, ..strict });
    let fields = format!("35=0|{HEAD}999=x|");
    assert_eq!(Some((InvalidTagNumber, Some(999))), found(&lenient, &fields));
}

/// FIX 4.2 has no codes behind 11, FIX 4.4 has them (FIX 373).
#[test]
fn a_version_without_a_code_gives_none() {
    let (old, new) = (compact(Version::Fix42), compact(Version::Fix44));
    assert_eq!(
        (Some(6), None),
        (old.session_code(IncorrectDataFormat), old.session_code(TagOutOfOrder))
    );
    assert_eq!(Some(14), new.session_code(TagOutOfOrder));
    assert_eq!(None, new.session_code(UnsupportedMessageType));
    assert_eq!(
        (Some(3), Some(5)),
        (UnsupportedMessageType.business_code(), ConditionallyRequiredFieldMissing.business_code(),)
    );
}

/// What belongs to the session and what is known, by MsgType.
#[test]
fn types_are_known_and_admin() {
    for version in [Version::Fix42, Version::Fix44, Version::Fixt11] {
        let dictionary = compact(version);
        for admin in ["0", "1", "2", "3", "4", "5", "A"] {
            assert!(dictionary.is_admin(admin.as_bytes()), "{admin}");
        }
        for application in ["D", "F", "G", "H", "8", "9", "j", "V", "W", "X", "Y", "e", "f"] {
            assert!(dictionary.is_known_type(application.as_bytes()), "{application}");
            assert!(!dictionary.is_admin(application.as_bytes()), "{application}");
        }
        assert!(!dictionary.is_known_type(b"*"));
    }
    let pair = compact(Version::Fixt11);
    assert_eq!(("FIXT.1.1", Some("FIX.5.0SP2")), (pair.begin_string(), pair.application_version()));
}

/// FIXT.1.1: a message of the session is the transport's, where fields of the application are
/// unknown; in one of the application they are fields of another message.
#[test]
fn fields_of_the_application_are_unknown_to_the_transport() {
    let pair = compact(Version::Fixt11);
    let (heartbeat, text) = ("35=0|34=2|49=A|52=20260302-09:30:00|56=B", "58=x");
    let known = judge(&pair, &format!("{heartbeat}|{text}|"));
    assert_eq!(Some(TagNotDefinedForMessageType), known.err().map(|found| found.reason));
    let unknown = judge(&pair, &format!("{heartbeat}|44=1|"));
    assert_eq!(Some(InvalidTagNumber), unknown.err().map(|found| found.reason));
    let cancel = "35=H|34=2|49=A|52=20260302-09:30:00|56=B|11=x|54=1|55=Z|99=1|";
    let other = judge(&pair, cancel);
    assert_eq!(Some(TagNotDefinedForMessageType), other.err().map(|found| found.reason));
}

/// FIX session test case 14i: a wrong count stands before the entries, and so before what is wrong
/// in them.
#[test]
fn a_wrong_count_comes_before_its_entries() {
    let pair = compact(Version::Fixt11);
    let order = "35=D|34=2|49=A|52=20260302-09:30:00|56=B|11=x|55=Z|54=1|60=20260302-09:30:00|";
    let found = judge(&pair, &format!("{order}38=1|40=1|453=2|448=a|447=?|452=1|"));
    assert_eq!(Some(IncorrectGroupCount), found.err().map(|found| found.reason));
    let found = judge(&pair, &format!("{order}38=1|40=?|453=2|448=a|447=D|452=1|"));
    assert_eq!(Some(ValueIncorrect), found.err().map(|found| found.reason));
}
