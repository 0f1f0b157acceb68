//! The scripted conversations of the FIX session test cases, without sockets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ringfence_fix::dict::{Policies, Specification, Version as Built};
use ringfence_fix::echo::Echo;
use ringfence_fix::session::settings::SECOND_NS;
use ringfence_fix::session::{CompIdsSuffice, Resets, Role, SessionSettings, Settings, Version};
use ringfence_kernel::types::{Name, Ts};

use crate::host::{Host, Journal, after, complete, messages};

/// 2026-03-02 09:30:00 UTC.
const BEGIN: Ts = Ts::from_nanos(1_772_443_800 * SECOND_NS);

/// Fields that are not compared: what is computed, times, and the wording of texts.
const NOT_COMPARED: [&str; 6] = ["9", "10", "52", "58", "60", "122"];

fn data() -> Option<PathBuf> {
    std::env::var_os("RINGFENCE_DATA").map(|root| PathBuf::from(root).join("fix"))
}

/// The server of the conversations: three sessions whose numbers begin again with every logon, and
/// one whose numbers go on and whose logons carry a NextExpectedMsgSeqNum.
fn settings(fix42: Specification) -> Settings {
    let name = |text| Name::new(text).unwrap();
    let session = |version, target, specification: Specification| {
        let dictionary = Arc::new(specification.dictionary(Policies::default()));
        let mut session =
            SessionSettings::new(Role::Acceptor, version, name("ISLD"), name(target), dictionary);
        session.resets = Resets { on_logon: true, ..Resets::default() };
        session.logout_timeout_ns = 2 * SECOND_NS;
        session
    };
    let built = |version| Specification::compact(version).unwrap();
    let fixt11 = Version::Fixt11 { default_appl_ver_id: name("9") };
    let mut going_on = session(Version::Fix44, "TW", built(Built::Fix44));
    going_on.resets = Resets { on_first_number: true, ..Resets::default() };
    going_on.next_expected = true;
    Settings {
        sessions: vec![
            session(Version::Fix42, "TW42", fix42),
            session(Version::Fix44, "TW44", built(Built::Fix44)),
            session(fixt11, "TW50SP2", built(Built::Fixt11)),
            going_on,
        ],
        authenticator: Box::new(CompIdsSuffice),
        logons_pending_max: 16,
        jitter_seed: 1,
    }
}

struct Conversation {
    host: Host<Echo>,
    /// Messages of each connection that were not expected yet.
    unread: BTreeMap<u64, Vec<String>>,
    /// Connection of the transcript to the one of the host.
    connections: BTreeMap<u64, u64>,
    test_req_id: Option<String>,
}

impl Conversation {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let (kind, rest) = line.split_at(1);
        let (name, rest) = match rest.split_once(',') {
            Some((number, rest)) if number.len() == 1 => (number.parse().unwrap(), rest),
            _ => (0, rest),
        };
        if (kind, rest) == ("i", "CONNECT") {
            let connection = u64::try_from(self.host.wires.len()).unwrap() + 1;
            self.connections.insert(name, connection);
            self.host.accept(connection);
            return Ok(());
        }
        let connection = self.connections[&name];
        match (kind, rest) {
            ("i", "DISCONNECT") => {
                let id = ringfence_fix::endpoint::ConnectionId::new(connection);
                self.host.run(|endpoint, now, _, turn| endpoint.closed(id, now, turn));
                Ok(())
            }
            ("e", "DISCONNECT") => self.expect_close(connection),
            ("I", message) => {
                let bytes = self.outgoing(message);
                self.host.receive(connection, &bytes);
                Ok(())
            }
            ("E", message) => self.expect(connection, message),
            _ => Err("unknown line".to_owned()),
        }
    }
    fn outgoing(&self, message: &str) -> Vec<u8> {
        let mut text = message.to_owned();
        while let Some(start) = text.find("<TIME") {
            let end = start + text[start..].find('>').unwrap();
            let shift = match &text[start + 5..end] {
                "" => 0,
                signed => signed.parse::<i64>().unwrap(),
            };
            let mut body = ringfence_fix::codec::Body::new();
            let at = after(self.host.now, shift * SECOND_NS);
            body.utc(ringfence_fix::tag::SENDING_TIME, at);
            let stamp = String::from_utf8(body.bytes()[3..20].to_vec()).unwrap();
            text.replace_range(start..=end, &stamp);
        }
        if let Some(id) = &self.test_req_id {
            text = text.replace("|112=TEST|", &format!("|112={id}|"));
        }
        complete(&text)
    }
    fn read(&mut self, connection: u64) {
        let found = messages(&self.host.take(connection));
        self.unread.entry(connection).or_default().extend(found);
    }
    /// Lets up to ten seconds pass until there is something to read or the connection is closed.
    fn wait(&mut self, connection: u64) {
        let until = after(self.host.now, 10 * SECOND_NS);
        loop {
            self.read(connection);
            let is_there = !self.unread[&connection].is_empty();
            let due = self.host.endpoint.next_deadline().filter(|due| *due <= until);
            match due {
                Some(due) if !is_there && self.host.closed(connection).is_none() => {
                    let now = due.max(self.host.now);
                    self.host.tick_at(now);
                }
                _ => return,
            }
        }
    }
    fn expect_close(&mut self, connection: u64) -> Result<(), String> {
        self.wait(connection);
        let unread = &self.unread[&connection];
        if !unread.is_empty() {
            return Err(format!("expected a close, found {unread:?}"));
        }
        self.host.closed(connection).map(|_| ()).ok_or_else(|| "expected a close".to_owned())
    }
    fn expect(&mut self, connection: u64, expected: &str) -> Result<(), String> {
        self.wait(connection);
        if self.unread[&connection].is_empty() {
            return Err(format!("expected {expected}, found nothing"));
        }
        let found = self.unread.get_mut(&connection).unwrap().remove(0);
        check_frame(&found)?;
        let mut wanted = fields(expected);
        let mut got = fields(&found);
        if let Some(id) = wanted.iter().position(|(tag, value)| tag == "112" && value == "TEST") {
            wanted.remove(id);
            let id = got.iter().position(|(tag, _)| tag == "112").ok_or("expected a TestReqID")?;
            self.test_req_id = Some(got.remove(id).1);
        }
        if wanted == got { Ok(()) } else { Err(format!("expected {expected}, found {found}")) }
    }
}

fn fields(text: &str) -> Vec<(String, String)> {
    let split = |field: &str| {
        let (tag, value) = field.split_once('=').unwrap();
        (tag.to_owned(), value.to_owned())
    };
    let mut found: Vec<_> = text.split('|').filter(|field| !field.is_empty()).map(split).collect();
    found.retain(|(tag, _)| !NOT_COMPARED.contains(&tag.as_str()));
    found.sort();
    found
}

/// Checks order of the first three fields and the last, length and sum, by arithmetic of its own.
fn check_frame(message: &str) -> Result<(), String> {
    let fields: Vec<&str> = message.trim_end_matches('|').split('|').collect();
    let firsts = ["8=", "9=", "35="];
    if !firsts.iter().zip(&fields).all(|(wanted, field)| field.starts_with(wanted)) {
        return Err(format!("expected 8, 9, 35 first: {message}"));
    }
    let body: usize = fields[2..fields.len() - 1].iter().map(|field| field.len() + 1).sum();
    let summed = fields[..fields.len() - 1].join("\u{1}") + "\u{1}";
    let sum: u32 = summed.bytes().map(u32::from).sum();
    let wanted = (format!("9={body}"), format!("10={:03}", sum % 256));
    if (fields[1], fields[fields.len() - 1]) == (wanted.0.as_str(), wanted.1.as_str()) {
        Ok(())
    } else {
        Err(format!("expected {wanted:?}: {message}"))
    }
}

fn converse(path: &Path, fix42: Specification) -> Result<(), String> {
    let script = std::fs::read(path).unwrap();
    let script = String::from_utf8(script).unwrap().replace('\u{1}', "|");
    let host = Host::start(settings(fix42), Echo::new(), Journal::default(), BEGIN);
    let mut conversation = Conversation {
        host,
        unread: BTreeMap::new(),
        connections: BTreeMap::new(),
        test_req_id: None,
    };
    for (number, line) in script.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        conversation.line(line).map_err(|why| format!("line {}: {why}", number + 1))?;
    }
    Ok(())
}

/// Holds every conversation of a folder; panics with those that did not go as scripted.
fn converse_all(folder: &Path, count: usize, fix42: &Specification) {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut scripts: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|ending| ending == "def"));
    scripts.sort();
    assert_eq!(count, scripts.len());
    let mut failed = Vec::new();
    for script in scripts {
        if let Err(why) = converse(&script, fix42.clone()) {
            failed.push(format!("{}: {why}", script.file_stem().unwrap().to_string_lossy()));
        }
    }
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

/// FIX session test cases: each of the 58 conversations of FIX 4.2 goes as its script says,
/// with the standard's dictionary.
#[test]
fn conversations_of_fix42_go_as_scripted() {
    let Some(data) = data() else {
        eprintln!("skipped: RINGFENCE_DATA is not set");
        return;
    };
    let xml = std::fs::read_to_string(data.join("dictionaries/FIX42.xml")).unwrap();
    let folder = data.join("acceptance_fix42");
    converse_all(&folder, 58, &Specification::from_xml(&xml).unwrap());
}

/// FIX session test cases: our own conversations of FIX.4.4 and FIXT.1.1 go as scripted.
#[test]
fn conversations_of_later_versions_go_as_scripted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
    let fix42 = Specification::compact(Built::Fix42).unwrap();
    converse_all(&folder.join("fix44"), 72, &fix42);
    converse_all(&folder.join("fixt11"), 71, &fix42);
}
