//! Bytes that are no messages.

use std::sync::Arc;

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_oneof, proptest};
use ringfence_fix::codec::MESSAGE_BYTES_MAX;
use ringfence_fix::dict::{self, Policies, Specification};
use ringfence_fix::session::{Reconnect, Role, SessionSettings, Version};
use ringfence_kernel::types::Name;

use crate::host::complete;
use crate::script::{Stage, session};

const LOGON: [&str; 3] = ["connect", "> 35=A|34=1|98=0|108=30", "< 35=A"];

fn logged_on() -> Stage {
    let mut stage = Stage::new(session(Role::Acceptor, Version::Fix42));
    stage.play(&LOGON);
    stage
}

/// Oversized: a message without an end is skipped, told once, and the next one is read.
#[test]
fn an_endless_message_is_skipped_and_told() {
    let mut stage = logged_on();
    let begin = complete("8=FIX.4.2|9=60000|35=D|34=2");
    stage.host.receive(1, &begin[..begin.len() - 7]);
    for _ in 0..MESSAGE_BYTES_MAX / 1_000 + 1 {
        stage.host.receive(1, &[b'x'; 1_000]);
    }
    assert!(stage.host.endpoint.garbled_count() > 0);
    assert_eq!(1, stage.host.alerts.iter().filter(|it| it.text.contains("garbled")).count());
    stage.play(&["> 35=1|34=2|112=there", "< 35=0|112=there"]);
}

/// Any cut of the stream gives the same messages.
#[test]
fn any_cut_of_a_stream_gives_the_same() {
    let stage = logged_on();
    let stream =
        [b"junk 8=FI".to_vec(), stage.message("35=1|34=2|112=a"), stage.message("35=1|34=3|112=b")]
            .concat();
    for cut in 0..stream.len() {
        let mut stage = logged_on();
        stage.host.receive(1, &stream[..cut]);
        stage.host.receive(1, &stream[cut..]);
        stage.play(&["< 35=0|112=a", "< 35=0|112=b", "<"]);
    }
}

/// Pieces of a stream; `BEGIN` and `TIME` stand for what the session has.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        Just(b"8=FIX.4.2\x01".to_vec()),
        Just(b"9=12\x01".to_vec()),
        Just(b"35=0\x01".to_vec()),
        Just(b"\x0110=000\x01".to_vec()),
        ("[0-9A-Za-z*]{0,2}", 0..9_u32, 0..9_u32, any::<bool>()).prop_map(
            |(kind, seq, new, dup)| {
                let dup = if dup { "|43=Y|122=20260302-09:30:00" } else { "" };
                message(&format!(
                    "35={kind}|34={seq}{dup}|7={new}|16=0|36={new}|123=Y|98=0|108=30|112=x"
                ))
            }
        ),
        (0..9_u32, "[0-9]{1,3}=[0-9A-Z.|=]{0,9}", 0..4_usize).prop_map(|(seq, field, kind)| {
            let kind =
                ["D|11=a|55=B|54=1|60=TIME|38=1|40=1", "8|37=1|17=1", "A|98=0|108=30", "5"][kind];
            let (kind, body) = kind.split_once('|').unwrap_or((kind, "58=x"));
            message(&format!("35={kind}|34={seq}|{body}|{field}"))
        }),
    ]
}

fn message(body: &str) -> Vec<u8> {
    let (kind, rest) = body.split_once("|34").unwrap();
    let header = format!("8=BEGIN|{kind}|49=PEER|56=US|52=TIME|34{rest}");
    header.into_bytes()
}

/// Returns the bytes of a piece for a session of `begin_string`.
fn written(piece: &[u8], begin_string: &str) -> Vec<u8> {
    match core::str::from_utf8(piece) {
        Ok(text) if text.starts_with("8=BEGIN|") => {
            complete(&text.replace("BEGIN", begin_string).replace("TIME", "20260302-09:30:00"))
        }
        Ok(_) | Err(_) => piece.to_vec(),
    }
}

/// Returns an acceptor or an initiator of a version, with its dictionary or with none.
fn drawn(dials: bool, version: usize, has_dictionary: bool) -> SessionSettings {
    let reconnect = Reconnect {
        first_ns: 1,
        max_ns: 1_000,
        failures_max: 5,
        stable_ns: 60_000_000_000,
        failover_count: 2,
    };
    let role = if dials { Role::Initiator(reconnect) } else { Role::Acceptor };
    let fixt = Version::Fixt11 { default_appl_ver_id: Name::new("9").unwrap() };
    let (version, of) = [
        (Version::Fix42, dict::Version::Fix42),
        (Version::Fix44, dict::Version::Fix44),
        (fixt, dict::Version::Fixt11),
    ][version];
    let mut drawn = session(role, version);
    if has_dictionary {
        let specification = Specification::compact(of).unwrap();
        drawn.validate = Arc::new(specification.dictionary(Policies::default()));
    }
    drawn
}

proptest! {
    /// Any bytes to any session: no panic, bounded memory, and every record folds again.
    #[test]
    fn any_bytes_are_survived(
        pieces in prop::collection::vec(piece(), 0..60),
        (dials, version, has_dictionary) in (any::<bool>(), 0..3_usize, any::<bool>()),
    ) {
        let settings = || drawn(dials, version, has_dictionary);
        let begin_string = settings().version.begin_string();
        let mut stage = Stage::new(settings());
        if dials {
            stage.play(&["dialed", "< 35=A", "> 35=A|34=1|98=0|108=30"]);
        } else {
            let appl = if version == 2 { "|1137=9" } else { "" };
            stage.play(&["connect", &format!("> 35=A|34=1|98=0|108=30{appl}"), "< 35=A"]);
        }
        for piece in pieces {
            stage.host.receive(1, &written(&piece, begin_string));
            stage.host.pass_until(crate::host::after(stage.host.now, 1_000_000));
        }
        let journal = stage.host.journal.clone();
        let status = |stage: &Stage| {
            let status = stage.host.endpoint.status(crate::probe::SESSION).unwrap();
            (status.next_in, status.next_out)
        };
        let probe = crate::probe::Probe::new(&[]);
        let again = Stage::with(crate::script::settings(settings()), probe, journal);
        // An initiator that starts again dials again, which takes no number before it connects.
        prop_assert!(status(&stage) == status(&again));
    }
}
