//! The bytes of version 1, as text.
//!
//! `RINGFENCE_GOLDEN=write cargo test -p ringfence-node golden` writes the file anew; a change in
//! it is a change of the format, which needs a new version instead.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use ringfence_node::journal::{Durability, Ending, JournalWriter, verify_days};

use crate::common::{TestDir, commit, contents, date, options, segment, ts};

fn golden_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journal/golden_v1.txt")
}

fn write_days(root: &Path) {
    let mut writer = JournalWriter::create(options(root, Durability::Disk)).unwrap();
    commit(&mut writer, &[b"opening positions", b""]);
    commit(&mut writer, &[&[0xFF, 0x00, 0x0F]]);
    writer.close().unwrap();
    let (mut writer, _) = JournalWriter::open(options(root, Durability::Disk)).unwrap();
    writer.append(ts(1_343_826_000_000_000_000), b"the open").unwrap();
    writer.roll(date("2012-08-02")).unwrap();
    let at = ts(1_343_912_400_000_000_000);
    writer.append(at, b"next day").unwrap();
    writer.close().unwrap();
}

fn text_of(root: &Path) -> String {
    let mut text = String::new();
    for day in ["2012-08-01", "2012-08-02"] {
        writeln!(text, "{day}").unwrap();
        for line in fs::read(segment(&root.join(day), 1)).unwrap().chunks(32) {
            let digits: String = line.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(text, "{digits}").unwrap();
        }
    }
    text
}

/// Section 8: what a released version wrote still replays, and this build writes the same bytes.
#[test]
fn version_1_is_what_it_was() {
    let root = TestDir::new();
    write_days(root.path());
    let written = text_of(root.path());
    if std::env::var_os("RINGFENCE_GOLDEN").is_some() {
        fs::write(golden_path(), &written).unwrap();
    }
    let golden = fs::read_to_string(golden_path()).unwrap();
    assert_eq!(golden, written);
}

/// Section 8: the golden journal is read by this build, whatever it would write itself.
#[test]
fn version_1_is_still_read() {
    let root = TestDir::new();
    let mut dir = PathBuf::new();
    let mut bytes = Vec::new();
    for line in fs::read_to_string(golden_path()).unwrap().lines() {
        if line.contains('-') {
            dir = root.path().join(line);
            fs::create_dir(&dir).unwrap();
            bytes.clear();
            continue;
        }
        for digits in line.as_bytes().chunks(2) {
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
        }
        fs::write(segment(&dir, 1), &bytes).unwrap();
    }
    let reports = verify_days(root.path()).unwrap();
    let endings: Vec<Ending> = reports.iter().map(|report| report.ending).collect();
    assert_eq!(vec![Ending::Sealed, Ending::Closed], endings);
    assert_eq!(
        vec![
            (1, b"opening positions".to_vec()),
            (2, Vec::new()),
            (3, vec![0xFF, 0x00, 0x0F]),
            (4, b"the open".to_vec()),
        ],
        contents(&reports[0].path)
    );
}
