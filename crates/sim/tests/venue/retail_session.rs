//! The retail program over sessions: bytes in, bytes out, by the dictionary of such a venue.

use std::sync::Arc;

use ringfence_fix::codec::encode;
use ringfence_fix::dict::{Policies, Specification, Version};
use ringfence_fix::endpoint::{ConnectionId, Endpoint};
use ringfence_fix::session::{self, CompIdsSuffice, SessionSettings, Settings};
use ringfence_kernel::types::Name;
use ringfence_sim::book::FastBook;
use ringfence_sim::venue::{Venue, VenueSettings, with_retail_program};
use ringfence_sim::world::host::{Action, Host, Process};

use super::world::{at, name, retail_rules, settings};

const VERSIONS: [(Version, &str); 3] =
    [(Version::Fix42, "FIX.4.2"), (Version::Fix44, "FIX.4.4"), (Version::Fixt11, "FIXT.1.1")];
const MEMBER: ConnectionId = ConnectionId::new(1);

fn rules(version: Version) -> VenueSettings {
    let mut settings = settings();
    settings.rules.retail = Some(retail_rules());
    settings.rules.ports.truncate(1);
    settings.rules.ports[0].is_retail = true;
    settings.versions = vec![version];
    settings
}

fn protocol(version: Version) -> session::Version {
    match version {
        Version::Fix42 => session::Version::Fix42,
        Version::Fix44 => session::Version::Fix44,
        Version::Fixt11 => session::Version::Fixt11 { default_appl_ver_id: name("9") },
    }
}

fn endpoint(version: Version) -> Endpoint<Venue<FastBook>> {
    let spec = with_retail_program(Specification::compact(version).unwrap()).unwrap();
    let dictionary = Arc::new(spec.dictionary(Policies::default()));
    let role = session::Role::Acceptor;
    let names = (Name::clipped("VENUE"), Name::clipped("MEMBER"));
    let one = SessionSettings::new(role, protocol(version), names.0, names.1, dictionary);
    let settings = Settings {
        sessions: vec![one],
        authenticator: Box::new(CompIdsSuffice),
        logons_pending_max: 1,
        jitter_seed: 1,
    };
    Endpoint::new(settings, Venue::new(rules(version), FastBook::new).unwrap()).unwrap()
}

struct Member {
    venue: Host<Venue<FastBook>>,
    version: Version,
    begin: &'static str,
    seq: u64,
}

impl Member {
    fn new(version: Version, begin: &'static str) -> Self {
        let make = move || endpoint(version);
        let mut venue = Host::new(Box::new(make), Box::new(|_, _, _| {}));
        venue.start(at(1));
        venue.accepted(MEMBER, at(1));
        let mut member = Self { venue, version, begin, seq: 0 };
        let told = member.send("A", "98=0 108=30");
        assert!(told[0].contains("|35=A|"), "{told:?}");
        member
    }
    /// Sends a message and returns what the venue writes, with bars between the fields.
    fn send(&mut self, msg_type: &str, fields: &str) -> Vec<String> {
        self.seq += 1;
        let time = "20240805-00:00:01.000";
        let header = format!("35={msg_type} 34={} 49=MEMBER 52={time} 56=VENUE ", self.seq);
        let own = match (msg_type, self.version) {
            ("A", Version::Fixt11) => " 1137=9",
            ("D", Version::Fix42) => " 21=1 60=20240805-00:00:01",
            ("D", _) => " 60=20240805-00:00:01",
            _ => "",
        };
        let wire = |text: &str| text.replace(' ', "\u{1}");
        let (header, body) = (wire(&header), wire(&format!("{fields}{own} ")));
        let mut raw = Vec::new();
        encode(self.begin, header.as_bytes(), body.as_bytes(), &mut raw);
        let actions = self.venue.received(MEMBER, &raw, at(1));
        let written = actions.into_iter().filter_map(|action| match action {
            Action::Write(_, bytes) => Some(String::from_utf8(bytes).unwrap()),
            Action::Close(_) | Action::Dial(_) | Action::Died { .. } => None,
        });
        let all: String = written.collect();
        let all = all.replace('\u{1}', "|");
        all.split_inclusive("|10=").map(str::to_owned).filter(|one| one.contains("35=")).collect()
    }
}

/// Returns whether a message has all of the fields.
fn has(message: &str, fields: &[&str]) -> bool {
    fields.iter().all(|field| message.contains(&format!("|{field}|")))
}

/// Section 1.6: in each version a member can send every part of the program, and is told of it, by
/// the venue's own dictionary.
#[test]
fn members_speak_the_program_in_every_version() {
    for (version, begin) in VERSIONS {
        let mut member = Member::new(version, begin);
        let order = |id: &str, rest: &str| format!("11={id} 55=AAA 40=2 {rest}");
        member.send("e", "324=s 55=AAA 263=1 5702=N");
        member.send("D", &order("bid", "54=1 38=100 44=10.00"));
        member.send("D", &order("ask", "54=2 38=100 44=10.02"));
        let told = member.send("D", &order("rpi", "54=2 38=50 44=10.015 5701=P"));
        let new = has(&told[0], &["35=8", "39=0", "5701=P"]);
        assert!(new && has(&told[1], &["35=f", "5702=B"]), "{begin}: {told:#?}");
        for kind in ["1", "2", "3"] {
            let terms = format!("54=1 38=10 44=10.02 59=3 5701={kind}");
            let told = member.send("D", &order(&format!("r{kind}"), &terms));
            let own = format!("11=r{kind}");
            let mine: Vec<_> = told.iter().filter(|told| has(told, &["35=8", &own])).collect();
            assert_eq!(2, mine.len(), "{begin} type {kind}: {told:#?}");
            let part = format!("5701={kind}");
            assert!(has(mine[1], &["39=2", "31=10.015", &part]), "{begin}: {told:#?}");
        }
        // A part that the program does not have is no value of the field (FIX 373=5).
        let told = member.send("D", &order("bad", "54=1 38=10 44=10.02 59=3 5701=9"));
        assert!(has(&told[0], &["35=3"]), "{begin}: {told:#?}");
    }
}

/// A dictionary that knows the fields already stays as its writer made it.
#[test]
fn a_dictionary_with_the_fields_stays() {
    let own = "dialect OWN FIX.4.4\nfield 5701 Mine String\nchange D 5701\n";
    let spec = Specification::compact(Version::Fix44).unwrap().with_dialect(own).unwrap();
    let spec = with_retail_program(spec).unwrap();
    let tag = ringfence_fix::tag::Tag::new(5701);
    assert_eq!("Mine", spec.field(tag).unwrap().name);
    assert!(with_retail_program(with_retail_program(spec).unwrap()).is_ok());
}
