//! The conformance conversations, seen by the dictionary: it refuses what they expect refused.

use std::path::{Path, PathBuf};

use ringfence_fix::codec::{Parser, encode};
use ringfence_fix::dict::{Dictionary, Policies, Specification, Version};

use super::support::{data, xml_specifications};

/// Conversations about what a dictionary finds; others are refused for their numbers or times.
const ABOUT_THE_DICTIONARY: [&str; 9] =
    ["02q", "14", "15", "21", "25", "31", "32", "ReverseRoute", "2q"];

fn value<'a>(line: &'a str, tag: &str) -> Option<&'a str> {
    line.split('|').find_map(|field| field.strip_prefix(tag)?.strip_prefix('='))
}

/// Returns code and tag of the reject that a dictionary gives; `None` where the message is valid.
fn verdict(dictionary: &Dictionary, sent: &str) -> Option<(Option<String>, Option<String>)> {
    let line = sent.replace("<TIME>", "20260105-14:30:00");
    let begin = line.find("|35=").expect("a message has a type") + 1;
    let mut raw = Vec::new();
    encode(dictionary.begin_string(), line[begin..].replace('|', "\x01").as_bytes(), b"", &mut raw);
    let mut parser = Parser::default();
    let message = parser.parse(&raw).expect("these conversations are well formed");
    let violation = dictionary.check(&message).err()?;
    let code = dictionary.session_code(violation.reason);
    Some((code.map(|code| code.to_string()), violation.tag.map(|tag| tag.to_string())))
}

/// Returns how many messages of a folder were judged, each as the answer to it says.
fn judged(folder: &Path, dictionary: &Dictionary) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("its entry can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
        if !ABOUT_THE_DICTIONARY.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let text = std::fs::read(&path).expect("it can be read");
        let text = String::from_utf8_lossy(&text).replace('\x01', "|");
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        for pair in lines.windows(2) {
            // A negative tag is for the session to answer: it is no field for the codec.
            if !pair[0].starts_with("I8=") || pair[0].contains("|-1=") {
                continue;
            }
            let expected = (value(pair[1], "35") == Some("3")).then(|| {
                let of = |tag| value(pair[1], tag).map(str::to_owned);
                (of("373"), of("371"))
            });
            assert_eq!(expected, verdict(dictionary, pair[0]), "{name}: {}", pair[0]);
            count += 1;
        }
    }
    count
}

fn own(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance").join(folder)
}

fn built_in(version: Version) -> Dictionary {
    let spec = Specification::compact(version).expect("it reads");
    spec.dictionary(Policies::default())
}

/// FIX session test cases 14a to 14i: our conversations and our dictionaries say the same.
#[test]
fn our_conversations_expect_what_the_dictionary_says() {
    assert!(judged(&own("fix44"), &built_in(Version::Fix44)) > 40);
    assert!(judged(&own("fixt11"), &built_in(Version::Fixt11)) > 40);
}

/// FIX session test cases 14a to 14i of QuickFIX, and the XML dictionaries for all three versions.
#[test]
fn the_acceptance_conversations_expect_what_the_dictionary_says() {
    let (Some(specs), Some(acceptance)) = (xml_specifications(), data("acceptance_fix42")) else {
        return;
    };
    let [fix42, fix44, fixt11] = specs.map(|spec| spec.dictionary(Policies::default()));
    assert!(judged(&acceptance, &fix42) > 40);
    assert!(judged(&own("fix44"), &fix44) > 40);
    assert!(judged(&own("fixt11"), &fixt11) > 40);
}
