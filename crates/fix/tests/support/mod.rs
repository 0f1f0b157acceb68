//! Messages from readable text, and the data sets that are not part of the tree.

use std::path::PathBuf;
use std::process::Command;

use ringfence_fix::codec::{Frame, Message, Parser, encode, next_frame};
use ringfence_fix::dict::{Dictionary, Policies, Specification, Version, Violation};

/// Returns the bytes of a message: `|` separates its fields, 9 and 10 are added.
pub(crate) fn wire(begin_string: &str, fields: &str) -> Vec<u8> {
    let mut out = Vec::new();
    encode(begin_string, fields.replace('|', "\x01").as_bytes(), b"", &mut out);
    out
}

/// Returns what the dictionary says of a message given by its fields from 35 on.
pub(crate) fn judge(dictionary: &Dictionary, fields: &str) -> Result<(), Violation> {
    let raw = wire(dictionary.begin_string(), fields);
    let mut parser = Parser::default();
    let message = parser.parse(&raw).expect("the text is a message");
    dictionary.check(&message)
}

/// Returns the built-in dictionary of a version, strict in everything.
pub(crate) fn compact(version: Version) -> Dictionary {
    let spec = Specification::compact(version).expect("the built-in dictionary reads");
    spec.dictionary(Policies::default())
}

/// Returns a file of the data sets; `None`, and says so, where there are none.
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    match std::env::var_os("RINGFENCE_DATA").filter(|folder| !folder.is_empty()) {
        Some(folder) => Some(PathBuf::from(folder).join("fix").join(name)),
        None => {
            println!("skipped: RINGFENCE_DATA is not set, so there is no fix/{name}");
            None
        }
    }
}

/// Returns the bytes of a file of the data sets, unpacked where it is packed.
pub(crate) fn bytes(name: &str) -> Option<Vec<u8>> {
    let path = data(name)?;
    if name.ends_with(".gz") {
        let output = Command::new("gzip").arg("-dc").arg(&path).output().expect("gzip runs");
        assert!(output.status.success(), "{} does not unpack", path.display());
        return Some(output.stdout);
    }
    Some(std::fs::read(&path).expect("the file of the data set is there"))
}

/// Returns an XML dictionary of the data sets.
pub(crate) fn xml(name: &str) -> Option<String> {
    bytes(&format!("dictionaries/{name}.xml"))
        .map(|bytes| String::from_utf8(bytes).expect("a dictionary is UTF-8"))
}

/// Returns the three versions as XML dictionaries, in the order 4.2, 4.4, FIXT 1.1 with 5.0 SP2.
pub(crate) fn xml_specifications() -> Option<[Specification; 3]> {
    let read = |text: &str| Specification::from_xml(text).expect("the XML dictionary reads");
    let pair = Specification::from_xml_pair(&xml("FIXT11")?, &xml("FIX50SP2")?);
    let pair = pair.expect("the pair of XML dictionaries reads");
    Some([read(&xml("FIX42")?), read(&xml("FIX44")?), pair])
}

/// Calls `each` with every message of a stream; returns how many frames were garbled.
pub(crate) fn each_message(stream: &[u8], mut each: impl FnMut(&Message<'_>)) -> usize {
    let (mut parser, mut garbled, mut rest) = (Parser::default(), 0, stream);
    loop {
        let len = match next_frame(rest) {
            Frame::Incomplete => return garbled,
            // The ends of lines between messages.
            Frame::Garbled { len, .. } => len,
            Frame::Message { len } => {
                match parser.parse(&rest[..len]) {
                    Ok(message) => each(&message),
                    Err(_) => garbled += 1,
                }
                len
            }
        };
        rest = &rest[len..];
    }
}
