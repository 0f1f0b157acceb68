//! Random damage to valid messages.

use proptest::prelude::*;
use ringfence_fix::codec::Parser;
use ringfence_fix::dict::{Dictionary, RejectReason, Version};

use super::support::{compact, judge, wire};

const HEAD: &str = "34=2|49=A|52=20260105-14:30:00|56=B|";

fn order() -> Vec<String> {
    let fields = "11=id|21=3|55=MSFT|54=1|60=20260105-14:30:00|38=100|40=2|44=10.5|15=USD|\
                  78=2|79=a|80=60|79=b|80=40|386=1|336=X|";
    format!("35=D|{HEAD}{fields}").split_terminator('|').map(str::to_owned).collect()
}

fn dictionary() -> &'static Dictionary {
    static DICTIONARY: std::sync::OnceLock<Dictionary> = std::sync::OnceLock::new();
    DICTIONARY.get_or_init(|| compact(Version::Fix42))
}

fn text(fields: &[String]) -> String {
    fields.iter().map(|field| format!("{field}|")).collect()
}

/// The message that is damaged is valid.
#[test]
fn the_whole_message_is_valid() {
    assert_eq!(Ok(()), judge(dictionary(), &text(&order())));
}

proptest! {
    /// Fields that are dropped, doubled and swapped at random never make the check panic, and a
    /// field that must be there and is gone is always told.
    #[test]
    fn damage_is_judged(
        edits in prop::collection::vec((0_usize..3, 1_usize..30, 1_usize..30), 0..6),
    ) {
        let mut fields = order();
        for (kind, one, other) in edits {
            let (one, other) = (one % fields.len(), other % fields.len());
            match kind {
                0 if one > 0 && fields.len() > 2 => drop(fields.remove(one)),
                1 if one > 0 => fields.insert(one, fields[one].clone()),
                2 if one > 0 && other > 0 => fields.swap(one, other),
                _ => {}
            }
        }
        let verdict = judge(dictionary(), &text(&fields));
        let has = |tag: &str| fields.iter().any(|field| field.starts_with(tag));
        let is_complete = ["34=", "49=", "52=", "56=", "11=", "21=", "55=", "54=", "60=", "40="]
            .iter()
            .all(|tag| has(tag));
        if !is_complete {
            let reason = verdict.expect_err("a field is gone").reason;
            let expected = [RejectReason::RequiredTagMissing, RejectReason::TagOutOfOrder];
            prop_assert!(expected.contains(&reason), "{reason:?}");
        }
    }

    /// Any bytes as values of any tags are judged without a panic, by every version.
    #[test]
    fn any_fields_are_judged(
        msg_type in "[0-9A-Za-z]{1,2}",
        fields in prop::collection::vec((0_u32..1200, "[ -~&&[^|]]{0,12}"), 0..40),
        version in prop::sample::select(vec![Version::Fix42, Version::Fix44, Version::Fixt11]),
    ) {
        static ALL: std::sync::OnceLock<Vec<(Version, Dictionary)>> = std::sync::OnceLock::new();
        let all = ALL.get_or_init(|| {
            [Version::Fix42, Version::Fix44, Version::Fixt11].map(|v| (v, compact(v))).into()
        });
        let (_, dictionary) = all.iter().find(|(known, _)| *known == version).expect("it is there");
        let fields: String = fields.iter().map(|(tag, value)| format!("{tag}={value}|")).collect();
        let raw = wire(dictionary.begin_string(), &format!("35={msg_type}|{HEAD}{fields}"));
        let mut parser = Parser::default();
        if let Ok(message) = parser.parse(&raw) {
            let _ = dictionary.check(&message);
        }
    }
}
