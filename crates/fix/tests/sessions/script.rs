//! Transcripts: what the peer says, what it hears, when, and how it ends.
//!
//! `> fields` the peer says; `< fields` the next message it hears has these fields; `<` it hears
//! nothing; `+n` n seconds pass; `closed Why` we have closed; `connect`, `lost` the connection.

use std::sync::Arc;

use ringfence_fix::codec::Body;
use ringfence_fix::endpoint::ConnectionId;
use ringfence_fix::session::settings::SECOND_NS;
use ringfence_fix::session::{
    AnyMessage, CompIdsSuffice, Role, SessionSettings, Settings, Version,
};
use ringfence_fix::tag;
use ringfence_kernel::types::{Name, Ts};

use crate::host::{Host, Journal, after, complete, messages};
use crate::probe::{Probe, SESSION};

/// 2026-03-02 09:30:00 UTC, a Monday.
pub const BEGIN: Ts = Ts::from_nanos(1_772_443_800 * SECOND_NS);

/// Returns settings of our side `US` towards `PEER`.
pub fn session(role: Role, version: Version) -> SessionSettings {
    let name = |text| Name::new(text).unwrap();
    SessionSettings::new(role, version, name("US"), name("PEER"), Arc::new(AnyMessage))
}

/// Returns the settings of an endpoint with one session.
pub fn settings(session: SessionSettings) -> Settings {
    Settings {
        sessions: vec![session],
        authenticator: Box::new(CompIdsSuffice),
        logons_pending_max: 3,
        jitter_seed: 1,
    }
}

/// A host with a peer on its latest connection.
pub struct Stage {
    pub host: Host<Probe>,
    begin_string: &'static str,
    connection: u64,
    unread: Vec<String>,
}

impl Stage {
    /// Returns a stage on which nothing was said.
    pub fn new(session: SessionSettings) -> Self {
        Self::with(settings(session), Probe::new(&[]), Journal::default())
    }
    /// Returns a stage of an application and a journal.
    pub fn with(settings: Settings, probe: Probe, journal: Journal) -> Self {
        let begin_string = settings.sessions[0].version.begin_string();
        let now = journal.0.last().map_or(BEGIN, |(ts, _)| *ts);
        let host = Host::start(settings, probe, journal, now);
        Self { host, begin_string, connection: 0, unread: Vec::new() }
    }
    /// Plays a transcript; the line that does not go as written is named.
    pub fn play(&mut self, script: &[&str]) -> &mut Self {
        for line in script {
            match line.split_once(' ').unwrap_or((*line, "")) {
                ("connect", _) => {
                    self.connection += 1;
                    self.host.accept(self.connection);
                }
                ("dialed", _) => {
                    self.connection += 1;
                    let connection = ConnectionId::new(self.connection);
                    self.host.run(|endpoint, now, _, turn| {
                        endpoint.dialed(SESSION, connection, now, turn);
                    });
                }
                ("dial_failed", _) => {
                    self.host.run(|endpoint, now, _, turn| {
                        endpoint.dial_failed(SESSION, "refused", now, turn);
                    });
                }
                ("lost", _) => {
                    let connection = ConnectionId::new(self.connection);
                    self.host.run(|endpoint, now, _, turn| endpoint.closed(connection, now, turn));
                }
                (">", fields) => {
                    let message = self.message(fields);
                    self.host.receive(self.connection, &message);
                }
                ("<", fields) => self.hear(line, fields),
                ("closed", why) => {
                    let closed = self.host.closed(self.connection);
                    assert_eq!(why, closed.map_or("not".to_owned(), |why| format!("{why:?}")));
                }
                (pass, _) => {
                    let secs: f64 =
                        pass.strip_prefix('+').expect("a kind of line").parse().unwrap();
                    let millis = format!("{:.0}", secs * 1_000.0).parse::<i64>().unwrap();
                    self.host.pass_until(after(self.host.now, millis * 1_000_000));
                }
            }
        }
        self
    }
    /// Lets the application send a message.
    pub fn send(&mut self, msg_type: &str) {
        self.host.run(|endpoint, now, _, turn| {
            endpoint.act(now, turn, |probe, context| probe.send(msg_type, context));
        });
    }
    /// Returns a message of the peer; fields given override the usual header.
    pub fn message(&self, fields: &str) -> Vec<u8> {
        let has = |tag: &str| fields.split('|').any(|field| field.starts_with(tag));
        let mut stamp = Body::new();
        stamp.utc(tag::SENDING_TIME, self.host.now);
        let stamp = String::from_utf8(stamp.bytes().to_vec()).unwrap().replace('\u{1}', "");
        let mut text = format!("8={}", self.begin_string);
        let (kind, rest) = fields.split_once('|').unwrap_or((fields, ""));
        text += &format!("|{kind}");
        for (tag, usual) in [("49=", "49=PEER"), ("56=", "56=US"), ("52=", stamp.as_str())] {
            if !has(tag) {
                text += &format!("|{usual}");
            }
        }
        if !rest.is_empty() {
            text += &format!("|{rest}");
        }
        complete(&text.replace("<NOW>", stamp.trim_start_matches("52=")))
    }
    fn hear(&mut self, line: &str, fields: &str) {
        self.unread.extend(messages(&self.host.take(self.connection)));
        if fields.is_empty() {
            assert_eq!(Vec::<String>::new(), self.unread, "{line}");
            return;
        }
        assert!(!self.unread.is_empty(), "{line}: found nothing");
        let found = self.unread.remove(0);
        for field in fields.split('|') {
            let is_there = found.contains(&format!("|{field}|"));
            assert!(is_there, "{line}: expected {field}, found {found}");
        }
    }
}
