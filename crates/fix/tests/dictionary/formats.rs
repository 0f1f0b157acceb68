//! Formats of values, type by type.

use ringfence_fix::dict::FieldType;

/// Type, values of its format, values of another.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const NUMBERS: [Row; 12] = [
    ("INT", &["0", "-7", "007", "9223372036854775807"], &["+7", "1.0", "-", "9223372036854775808"]),
    ("LENGTH", &["0", "12"], &["-1", "1.5", "x", " 1"]),
    ("NUMINGROUP", &["0", "3"], &["-1", "+3", "3.0"]),
    ("SEQNUM", &["1", "000001"], &["-1", "1 ", "1e3"]),
    ("TAGNUM", &["35"], &["-35", "MsgType"]),
    ("DAYOFMONTH", &["1", "09", "31"], &["0", "32", "-1", "001"]),
    (
        "FLOAT",
        &["1", "1.5", "-0.25", "00.10", "5.", ".5"],
        &["+1", "1e3", "1,5", ".", "-", "1.2.3"],
    ),
    ("QTY", &["002000.00", "1"], &["+200.00", "200 "]),
    ("PRICE", &["99.9999", "-1"], &["$1", "NaN"]),
    ("PRICEOFFSET", &["-0.01"], &["--0.01"]),
    ("AMT", &["1000000.00"], &["1 000"]),
    ("PERCENTAGE", &["0.05"], &["5%"]),
];

const WORDS: [Row; 9] = [
    ("CHAR", &["A", "1", " "], &["AB"]),
    ("BOOLEAN", &["Y", "N"], &["y", "1", "YES"]),
    ("STRING", &["any text", "="], &[]),
    ("MULTIPLECHARVALUE", &["A", "A B 6"], &["AB", "A  B", " A", "A "]),
    ("MULTIPLEVALUESTRING", &["AA", "AA B"], &["A  B", " A", "A "]),
    ("CURRENCY", &["USD", "GBp"], &["US", "EURO", "999"]),
    ("EXCHANGE", &["N", "XNAS"], &["X NAS"]),
    ("COUNTRY", &["US", "de"], &["USA", "U1"]),
    ("LANGUAGE", &["en"], &["eng"]),
];

const TIMES: [Row; 8] = [
    (
        "UTCTIMESTAMP",
        &[
            "20240229-23:59:59",
            "20260101-00:00:00.123",
            "20260101-00:00:00.123456",
            "20260101-00:00:00.123456789",
            "20161231-23:59:60",
        ],
        &[
            "20040415",
            "20230229-00:00:00",
            "20261301-00:00:00",
            "20260101-24:00:00",
            "20260101-00:60:00",
            "20260101-00:00:61",
            "20260101-00:00:00.1",
            "20260101-00:00:00.",
            "20260101 00:00:00",
            "20260101-00:00",
        ],
    ),
    ("UTCTIMEONLY", &["12:30:00", "12:30:00.500"], &["12:30", "25:00:00", "12:30:00.5"]),
    ("UTCDATEONLY", &["20260930"], &["20260931", "2026093", "202609300", "+2026093"]),
    ("UTCDATE", &["19991231"], &["19990001"]),
    ("LOCALMKTDATE", &["20000229"], &["19000229"]),
    ("MONTHYEAR", &["202609", "20260930", "202609w1", "202609w5"], &["202613", "202609w6", "2026"]),
    (
        "TZTIMEONLY",
        &["07:39", "07:39:12", "07:39Z", "02:39:00-05", "13:09+05:30"],
        &["7:39", "07:39+5", "07:39+15", "07:39-05:60", "Z"],
    ),
    (
        "TZTIMESTAMP",
        &["20060901-07:39Z", "20060901-02:39-05", "20060901-13:09:00.250+05:30"],
        &["20060901", "20060931-07:39Z", "20060901-07:39X"],
    ),
];

/// FIX 4.2 to 5.0 SP2, data types. Each type takes its format and refuses another.
#[test]
fn each_type_takes_its_format_and_no_other() {
    for (name, right, wrong) in NUMBERS.iter().chain(&WORDS).chain(&TIMES) {
        let kind = FieldType::named(name).unwrap_or_else(|| panic!("{name} is a type"));
        for value in *right {
            assert!(kind.accepts(value.as_bytes()), "{name} takes {value:?}");
        }
        for value in *wrong {
            assert!(!kind.accepts(value.as_bytes()), "{name} refuses {value:?}");
        }
    }
}

/// FIX data fields carry any bytes.
#[test]
fn data_takes_any_bytes() {
    assert!(FieldType::Data.accepts(b"\x01\xff="));
}

/// A name that is no type of FIX is none of ours.
#[test]
fn names_of_types_are_known_in_any_case() {
    assert_eq!(Some(FieldType::UtcTimestamp), FieldType::named("UTCTimestamp"));
    assert_eq!(None, FieldType::named("DECIMAL"));
}
