//! Repeating groups: counts, order, nesting, what an entry must have.

use ringfence_fix::dict::{Dictionary, Policies, Policy, RejectReason, Specification};

use super::support::judge;
use RejectReason::{
    GroupFieldsOutOfOrder, IncorrectDataFormat, IncorrectGroupCount, RequiredTagMissing,
    TagAppearsMoreThanOnce, TagNotDefinedForMessageType,
};

const SPEC: &str = "
version FIX.4.4
field 8 BeginString String
field 9 BodyLength Length
field 10 CheckSum String
field 35 MsgType String U1
field 55 Symbol String
field 58 Text String
field 447 PartyIDSource char C D
field 448 PartyID String
field 452 PartyRole int
field 453 NoPartyIDs NumInGroup
field 523 PartySubID String
field 627 NoHops NumInGroup
field 628 HopCompID String
field 630 HopRefID SeqNum
field 802 NoPartySubIDs NumInGroup
field 803 PartySubIDType int
header 8! 9! 35! 627[ 628! 630 ]
trailer 10!
message U1 Test app 55 453[ 448! 447! 452 802[ 523! 803! ] ] 58
";

fn dictionary(policies: Policies) -> Dictionary {
    Specification::from_text(SPEC).expect("the text reads").dictionary(policies)
}

/// Groups as FIX 4.4 describes them: fields behind 35, reason and tag.
const ROWS: [(&str, Option<(RejectReason, u32)>); 22] = [
    ("453=1|448=A|447=D|", None),
    ("55=X|453=2|448=A|447=D|452=1|448=B|447=C|58=t|", None),
    ("453=0|55=X|", None),
    ("453=1|448=A|447=D|802=2|523=a|803=1|523=b|803=2|58=t|", None),
    ("453=2|448=A|447=D|802=1|523=a|803=1|448=B|447=D|802=1|523=b|803=1|", None),
    ("627=2|628=H|630=1|628=I|55=X|", None),
    ("453=2|448=A|447=D|", Some((IncorrectGroupCount, 453))),
    ("453=1|448=A|447=D|448=B|447=D|", Some((IncorrectGroupCount, 453))),
    ("453=1|55=X|", Some((IncorrectGroupCount, 453))),
    ("453=1|", Some((IncorrectGroupCount, 453))),
    ("453=x|448=A|", Some((IncorrectDataFormat, 453))),
    ("453=1|447=D|448=A|", Some((GroupFieldsOutOfOrder, 447))),
    ("453=1|448=A|452=1|447=D|", Some((GroupFieldsOutOfOrder, 447))),
    ("453=1|448=A|447=D|447=C|", Some((TagAppearsMoreThanOnce, 447))),
    ("453=1|448=A|", Some((RequiredTagMissing, 447))),
    ("453=2|448=A|448=B|447=D|", Some((RequiredTagMissing, 447))),
    ("453=1|448=A|447=D|802=1|523=a|", Some((RequiredTagMissing, 803))),
    ("453=1|448=A|447=D|802=2|523=a|803=1|", Some((IncorrectGroupCount, 802))),
    ("453=1|448=A|447=D|802=1|803=1|523=a|", Some((GroupFieldsOutOfOrder, 803))),
    ("448=A|447=D|", Some((TagNotDefinedForMessageType, 448))),
    ("453=1|448=A|447=D|453=1|", Some((TagAppearsMoreThanOnce, 453))),
    ("627=2|628=H|55=X|", Some((IncorrectGroupCount, 627))),
];

/// FIX session test case 14i and SessionRejectReason (FIX 373) 1, 13, 15 and 16 inside groups.
#[test]
fn groups_are_counted_ordered_and_complete() {
    let dictionary = dictionary(Policies::default());
    for (fields, expected) in ROWS {
        let found = judge(&dictionary, &format!("35=U1|{fields}")).err();
        let found =
            found.map(|violation| (violation.reason, violation.tag.map_or(0, |tag| tag.number())));
        assert_eq!(expected, found, "{fields}");
    }
}

/// With the policy an entry's fields may stand in any order behind its first.
#[test]
fn order_within_an_entry_may_be_free() {
    let policies = Policies { group_out_of_order: Policy::Accept, ..Policies::default() };
    let dictionary = dictionary(policies);
    assert_eq!(Ok(()), judge(&dictionary, "35=U1|453=1|448=A|452=1|447=D|"));
    let violation = judge(&dictionary, "35=U1|453=1|447=D|448=A|").expect_err("447 is not first");
    assert_eq!(GroupFieldsOutOfOrder, violation.reason);
}

/// A user-defined field between the entries of a group does not end the group.
#[test]
fn an_unknown_field_leaves_a_group_open() {
    let policies = Policies { user_defined: Policy::Accept, ..Policies::default() };
    let fields = "35=U1|453=2|448=A|9001=x|447=D|448=B|447=C|";
    assert_eq!(Ok(()), judge(&dictionary(policies), fields));
}
