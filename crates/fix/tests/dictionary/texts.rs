//! Texts that are no dictionaries: each error, and where.

use ringfence_fix::dict::{
    COMPONENT_DEPTH_MAX, DictionaryError, FIELDS_MAX, GROUP_DEPTH_MAX, LAYOUT_FIELDS_MAX,
    MESSAGES_MAX, Problem, Specification, TEXT_BYTES_MAX, VALUES_MAX, Version,
};

fn text_error(text: &str) -> (u32, u32, Problem) {
    parts(Specification::from_text(text).expect_err("the text is refused"))
}

fn xml_error(inner: &str) -> (u32, u32, Problem) {
    let text = format!("<fix type='FIX' major='4' minor='2'>\n{inner}\n</fix>");
    parts(Specification::from_xml(&text).expect_err("the XML is refused"))
}

fn parts(error: DictionaryError) -> (u32, u32, Problem) {
    assert!(
        error.to_string().starts_with(&format!("line {}, column {}: ", error.line, error.column))
    );
    (error.line, error.column, error.problem)
}

fn word(text: &str) -> String {
    text.to_owned()
}

/// Rule 18 of STYLE.md: what is wrong with a text is told with its place.
#[test]
fn a_wrong_text_is_refused_where_it_is_wrong() {
    let rows = [
        ("", 1, 1, Problem::Missing("a first statement")),
        ("# nothing\n\n", 1, 1, Problem::Missing("a first statement")),
        ("field 1 A int", 1, 1, Problem::Missing("the statement version")),
        ("  version X", 1, 3, Problem::Misplaced(word("version"))),
        ("version", 1, 1, Problem::Missing("a version")),
        ("version X\nfeld 1 A int", 2, 1, Problem::Unknown(word("feld"))),
        ("version X\nfield 0 A int", 2, 7, Problem::BadTag(word("0"))),
        ("version X\nfield +1 A int", 2, 7, Problem::BadTag(word("+1"))),
        ("version X\nfield 1 A number", 2, 11, Problem::BadType(word("number"))),
        ("version X\nfield 1 A", 2, 9, Problem::Missing("a type")),
        ("version X\nheader 8!", 2, 8, Problem::Undefined(word("8"))),
        ("version X\nfield 1 A int\ntrailer 1 1", 3, 11, Problem::Twice(word("1"))),
        ("version X\nmessage D Order both", 2, 17, Problem::BadFlag(word("both"))),
        ("version X\nmessage D O app @B", 2, 17, Problem::Undefined(word("B"))),
        ("version X\nmessage D O app\nmessage D P app", 3, 9, Problem::Twice(word("D"))),
        ("version X\nfield 1 A int\nheader 1[ ]", 3, 8, Problem::EmptyGroup(word("1"))),
        ("version X\nfield 1 A int\nheader 1[ 1", 3, 11, Problem::Missing("]")),
        ("version X\nfield 1 A int\nheader 1 ]", 3, 10, Problem::BadTag(word("]"))),
        ("version X\nblock B\nblock B", 3, 7, Problem::Twice(word("B"))),
        ("version X\nfield 1 A int\nvalues 1 3", 3, 10, Problem::Misplaced(word("3"))),
        ("version X\nfield 1 A int\nvalues 1 -3", 3, 10, Problem::Undefined(word("3"))),
        ("version X\nfield 1 A int\nwhen D 1=2 1", 3, 6, Problem::Undefined(word("D"))),
        ("version X\nwhen D 1 1", 2, 8, Problem::Misplaced(word("1"))),
        ("version X\nremove message D", 2, 16, Problem::Undefined(word("D"))),
        ("version X\nremove group 1", 2, 8, Problem::Unknown(word("group"))),
        ("version X\nremove message", 2, 8, Problem::Missing("what to remove")),
        ("version X\nfield 1 A int\nchange D 1", 3, 10, Problem::Undefined(word("D"))),
        (
            "version X\nfield 1 A int\nmessage D O app\nchange D -1",
            4,
            10,
            Problem::Undefined(word("1")),
        ),
        (
            "version X\nfield 1 A int\nmessage D O app 1\nchange D.1 1",
            4,
            12,
            Problem::Undefined(word("1")),
        ),
    ];
    for (text, line, column, problem) in rows {
        assert_eq!((line, column, problem), text_error(text), "{text}");
    }
}

/// A dialect is put on the version that it names, and on no other.
#[test]
fn a_dialect_of_another_version_is_refused() {
    let spec = || Specification::compact(Version::Fixt11).expect("it reads");
    assert!(spec().with_dialect("dialect NORTH FIXT.1.1 FIX.5.0SP2").is_ok());
    let error = spec().with_dialect("dialect NORTH FIX.4.2").expect_err("another version");
    let problem =
        Problem::OtherVersion { expected: word("FIXT.1.1 FIX.5.0SP2"), found: word("FIX.4.2") };
    assert_eq!((1, 15, problem), parts(error));
}

const FIELD: &str = "<fields><field number='1' name='A' type='INT'/></fields>";

/// Rule 18 of STYLE.md: what is wrong with an XML dictionary is told with its place.
#[test]
fn a_wrong_xml_is_refused_where_it_is_wrong() {
    let rows = [
        ("<fields>", 3, 1, None),
        ("", 1, 1, Some(Problem::Missing("the section fields"))),
        ("<extra/>", 2, 1, Some(Problem::Unknown(word("extra")))),
        ("<fields/><fields/>", 2, 10, Some(Problem::Twice(word("fields")))),
        ("<fields><field/></fields>", 2, 9, Some(Problem::Missing("number"))),
        (
            "<fields>\n<field number='x' name='A' type='INT'/></fields>",
            3,
            1,
            Some(Problem::BadTag(word("x"))),
        ),
        (
            "<fields><field number='1' name='A' type='I'/></fields>",
            2,
            9,
            Some(Problem::BadType(word("I"))),
        ),
    ];
    for (inner, line, column, problem) in rows {
        let found = xml_error(inner);
        assert_eq!((line, column), (found.0, found.1), "{inner}");
        if let Some(problem) = problem {
            assert_eq!(problem, found.2, "{inner}");
        }
    }
    let rows = [
        ("<header><field name='B'/></header>", Problem::Undefined(word("B"))),
        ("<header><field name='A' required='X'/></header>", Problem::BadFlag(word("X"))),
        ("<header><field name='A'/><field name='A'/></header>", Problem::Twice(word("1"))),
        ("<header><component name='C'/></header>", Problem::Undefined(word("C"))),
        ("<header><thing name='C'/></header>", Problem::Unknown(word("thing"))),
        ("<header><group name='A'/></header>", Problem::EmptyGroup(word("A"))),
        (
            "<messages><message name='M' msgtype='M' msgcat='x'/></messages>",
            Problem::BadFlag(word("x")),
        ),
        ("<messages><message name='M'/></messages>", Problem::Missing("msgtype")),
    ];
    for (inner, problem) in rows {
        assert_eq!(problem, xml_error(&format!("{FIELD}{inner}")).2, "{inner}");
    }
    let other = Specification::from_xml("<fixml/>").expect_err("another root");
    assert_eq!(Problem::NotFix(word("fixml")), other.problem);
}

/// Rule 7 of STYLE.md: every bound of a dictionary is reached, and refuses one more.
#[test]
fn a_dictionary_is_bounded() {
    let too_many = |what, max| Problem::TooMany { what, max };
    let long = " ".repeat(TEXT_BYTES_MAX + 1);
    assert_eq!(too_many("bytes of text", TEXT_BYTES_MAX), text_error(&long).2);
    let error = Specification::from_xml(&long).expect_err("too long");
    assert_eq!(too_many("bytes of text", TEXT_BYTES_MAX), error.problem);

    let fields = |count: usize| -> String {
        (1..=count).map(|tag| format!("field {tag} F int\n")).collect()
    };
    assert!(Specification::from_text(&format!("version X\n{}", fields(FIELDS_MAX))).is_ok());
    let text = format!("version X\n{}", fields(FIELDS_MAX + 1));
    assert_eq!(too_many("fields", FIELDS_MAX), text_error(&text).2);

    let names = |count: usize| -> String { (1..=count).map(|tag| format!(" {tag}")).collect() };
    let defined = fields(LAYOUT_FIELDS_MAX + 1);
    let header = |count| format!("version X\n{defined}header{}", names(count));
    assert!(Specification::from_text(&header(LAYOUT_FIELDS_MAX)).is_ok());
    let problem = too_many("fields in one place", LAYOUT_FIELDS_MAX);
    assert_eq!(problem, text_error(&header(LAYOUT_FIELDS_MAX + 1)).2);
    let more = format!("{}\nchange header 1025", header(LAYOUT_FIELDS_MAX));
    assert_eq!(problem, text_error(&more).2);

    let messages: String = (0..=MESSAGES_MAX).map(|at| format!("message M{at} M app\n")).collect();
    assert_eq!(too_many("messages", MESSAGES_MAX), text_error(&format!("version X\n{messages}")).2);

    let values: String = (0..=VALUES_MAX).map(|at| format!(" {at}")).collect();
    let text = format!("version X\nfield 1 A int{values}");
    assert_eq!(too_many("values of a field", VALUES_MAX), text_error(&text).2);

    let nested = |depth: usize| {
        let (open, close) = ("1[ ".repeat(depth), " ]".repeat(depth));
        format!("version X\nfield 1 A int\nheader {open}1{close}")
    };
    assert!(Specification::from_text(&nested(GROUP_DEPTH_MAX)).is_ok());
    let problem = too_many("groups in each other", GROUP_DEPTH_MAX);
    assert_eq!(problem, text_error(&nested(GROUP_DEPTH_MAX + 1)).2);
}

/// Rule 7 of STYLE.md: a component that contains itself ends in an error, not in a loop.
#[test]
fn components_do_not_nest_for_ever() {
    let inner = "<components><component name='C'><component name='C'/></component></components>\
                 <header><component name='C'/></header>";
    let problem = Problem::TooMany { what: "components in each other", max: COMPONENT_DEPTH_MAX };
    assert_eq!(problem, xml_error(&format!("{FIELD}{inner}")).2);
}

/// Rule 7 of STYLE.md: components that double at each step end at the bound of placed fields.
#[test]
fn components_do_not_explode() {
    let mut inner = String::from("<fields>");
    for number in 1..=500 {
        inner.push_str(&format!("<field number='{number}' name='F{number}' type='INT'/>"));
    }
    inner.push_str("</fields><components><component name='C'>");
    for number in 1..500 {
        inner.push_str(&format!("<field name='F{number}'/>"));
    }
    inner.push_str("</component></components><messages>");
    for number in 0..MESSAGES_MAX {
        inner.push_str(&format!("<message name='M' msgtype='{number}' msgcat='app'>"));
        inner.push_str("<component name='C'/><group name='F500'><component name='C'/>");
        inner.push_str("<group name='F500'><component name='C'/></group></group></message>");
    }
    inner.push_str("</messages>");
    let found = xml_error(&inner).2;
    let problem = Problem::TooMany { what: "placed fields", max: ringfence_fix::dict::MEMBERS_MAX };
    assert_eq!(problem, found);
}

/// Rule 18 of STYLE.md: XML that nests without end, or defines entities, is refused.
#[test]
fn hostile_xml_is_refused() {
    let nested = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let entities = "<!DOCTYPE fix [<!ENTITY a 'x'>]><fix>&a;</fix>";
    for text in [nested.as_str(), entities, "\u{0}", "<fix"] {
        assert!(Specification::from_xml(text).is_err());
    }
}
