//! Dialects: what a counterparty adds, drops and asks for.

use ringfence_fix::dict::{Dictionary, Policies, RejectReason, Specification, Version};

use super::support::judge;

const ORDER: &str = "35=D|34=2|49=A|52=20260105-14:30:00|56=B|\
                     11=id|21=3|40=1|54=1|55=MSFT|60=20260105-14:30:00|";

fn dialect(text: &str) -> Dictionary {
    let spec = Specification::compact(Version::Fix42).expect("it reads");
    let spec = spec.with_dialect(&format!("dialect NORTH FIX.4.2\n{text}"));
    spec.expect("the dialect reads").dictionary(Policies::default())
}

fn found(dictionary: &Dictionary, fields: &str) -> Option<(RejectReason, Option<u32>)> {
    let violation = judge(dictionary, fields).err()?;
    Some((violation.reason, violation.tag.map(|tag| tag.number())))
}

/// A custom tag is known where the dialect puts it, with its type, and nowhere else.
#[test]
fn a_custom_field_is_known_in_its_message() {
    let dictionary = dialect("field 5800 Desk String\nchange D 5800");
    assert_eq!(None, found(&dictionary, &format!("{ORDER}5800=L1|")));
    let heartbeat = "35=0|34=2|49=A|52=20260105-14:30:00|56=B|5800=L1|";
    let expected = (RejectReason::TagNotDefinedForMessageType, Some(5800));
    assert_eq!(Some(expected), found(&dictionary, heartbeat));
}

/// What a message must have grows, shrinks, and depends on other fields.
#[test]
fn required_fields_change() {
    let dictionary = dialect("change D 1! 21\nwhen D 54=5,6 114");
    let without = |fields: &str, gone: &str| fields.replace(gone, "");
    let order = format!("{ORDER}1=acct|");
    assert_eq!(None, found(&dictionary, &order));
    assert_eq!(None, found(&dictionary, &without(&order, "21=3|")));
    let missing = (RejectReason::RequiredTagMissing, Some(1));
    assert_eq!(Some(missing), found(&dictionary, ORDER));
    let short = order.replace("54=1|", "54=5|");
    let needed = (RejectReason::ConditionallyRequiredFieldMissing, Some(114));
    assert_eq!(Some(needed), found(&dictionary, &short));
    assert_eq!(None, found(&dictionary, &format!("{short}114=N|")));
}

/// Values come and go, and a list may be given up.
#[test]
fn values_change() {
    let dictionary = dialect("values 40 +Z -9\nvalues 21 *");
    let with = |ord_type: &str| ORDER.replace("40=1|", &format!("40={ord_type}|"));
    assert_eq!(None, found(&dictionary, &with("Z")));
    let wrong = (RejectReason::ValueIncorrect, Some(40));
    assert_eq!(Some(wrong), found(&dictionary, &with("9")));
    assert_eq!(None, found(&dictionary, &ORDER.replace("21=3|", "21=8|")));
}

/// Fields and messages that the counterparty does without.
#[test]
fn fields_and_messages_are_removed() {
    let dictionary = dialect("remove field 15\nchange D -1\nremove message G");
    let undefined = (RejectReason::UndefinedTag, Some(15));
    assert_eq!(Some(undefined), found(&dictionary, &format!("{ORDER}15=USD|")));
    let elsewhere = (RejectReason::TagNotDefinedForMessageType, Some(1));
    assert_eq!(Some(elsewhere), found(&dictionary, &format!("{ORDER}1=acct|")));
    let unsupported = (RejectReason::UnsupportedMessageType, None);
    assert_eq!(Some(unsupported), found(&dictionary, &ORDER.replace("35=D", "35=G")));
}

/// A message of the two parties, and a field more inside a group and in the header.
#[test]
fn messages_groups_and_the_header_grow() {
    let dictionary = dialect(
        "field 9001 DeskID int\n\
         field 9002 Venue Exchange\n\
         message U1 DeskNote app 58! 9001\n\
         change D.386 9002!\n\
         change header 9002",
    );
    assert_eq!(
        None,
        found(&dictionary, "35=U1|34=2|49=A|52=20260105-14:30:00|56=B|9002=N|58=x|9001=3|")
    );
    assert!(dictionary.is_known_type(b"U1"));
    assert_eq!(None, found(&dictionary, &format!("{ORDER}386=1|336=A|9002=N|")));
    let missing = (RejectReason::RequiredTagMissing, Some(9002));
    assert_eq!(Some(missing), found(&dictionary, &format!("{ORDER}386=1|336=A|")));
}

/// A group whose only field is removed goes with it.
#[test]
fn a_group_without_fields_is_gone() {
    let dictionary = dialect("remove field 336");
    let undefined = (RejectReason::TagNotDefinedForMessageType, Some(386));
    assert_eq!(Some(undefined), found(&dictionary, &format!("{ORDER}386=1|")));
}

/// Rule 43 of STYLE.md: what the page about dialects shows can be put on the dictionary it names.
#[test]
fn the_examples_of_the_page_are_dialects() {
    let page = include_str!("../../../../docs/reference/dialect.md");
    let texts = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    let shown: Vec<&str> = texts.filter(|text| text.starts_with("dialect ")).collect();
    assert_eq!(2, shown.len());
    for text in shown {
        assert!(text.contains(" FIX.4.4\n"), "{text}");
        let spec = Specification::compact(Version::Fix44).expect("a dictionary");
        let applied = spec.with_dialect(text);
        assert!(applied.is_ok(), "{text}{:?}", applied.err());
    }
}
