//! Bytes that are no messages.

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_oneof, proptest};
use ringfence_fix::codec::MESSAGE_BYTES_MAX;
use ringfence_fix::session::{Role, Version};

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

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        Just(b"8=FIX.4.2\x01".to_vec()),
        Just(b"9=12\x01".to_vec()),
        Just(b"35=0\x01".to_vec()),
        Just(b"\x0110=000\x01".to_vec()),
        ("[0-9A-Za-z*]{0,2}", 0..9_u32, 0..9_u32, any::<bool>()).prop_map(|(kind, seq, new, dup)| {
            let dup = if dup { "|43=Y|122=20260302-09:30:00" } else { "" };
            complete(&format!(
                "8=FIX.4.2|35={kind}|34={seq}|49=PEER|56=US|52=20260302-09:30:00{dup}|7={new}|16=0|\
                 36={new}|123=Y|98=0|108=30|112=x"
            ))
        }),
    ]
}

proptest! {
    /// Any bytes: no panic, bounded memory, and every record folds again.
    #[test]
    fn any_bytes_are_survived(pieces in prop::collection::vec(piece(), 0..60)) {
        let mut stage = logged_on();
        for piece in pieces {
            stage.host.receive(1, &piece);
            stage.host.pass_until(crate::host::after(stage.host.now, 1_000_000));
        }
        let journal = stage.host.journal.clone();
        let status = |stage: &Stage| {
            let status = stage.host.endpoint.status(crate::probe::SESSION).unwrap();
            (status.next_in, status.next_out)
        };
        let again = Stage::with(
            crate::script::settings(session(Role::Acceptor, Version::Fix42)),
            crate::probe::Probe::new(&[]),
            journal,
        );
        prop_assert!(status(&stage) == status(&again));
    }
}
