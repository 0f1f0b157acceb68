//! The wire part of records: golden bytes, round trips, damage.

use proptest::prelude::{any, prop_assert_eq, proptest};
use ringfence_kernel::types::Ts;

use super::{Content, Event, Events, Identity, WireError, join, split};

fn every_event() -> [Event<'static>; 9] {
    let identity = Identity {
        begin_string: "FIX.4.4",
        sender_comp_id: "BROKER",
        sender_sub_id: "",
        target_comp_id: "VENUE",
        target_sub_id: "D",
    };
    let content = Content::Application { sent_ts: Ts::from_nanos(5), body: b"11=a\x01" };
    [
        Event::Named { session: 1, identity },
        Event::Received { session: 1, seq: 2 },
        Event::Sent { session: 1, seq: 3, msg_type: "A", content: Content::Admin },
        Event::Sent { session: 1, seq: 4, msg_type: "8", content },
        Event::NumbersSet { session: 1, next_in: 6, next_out: 7, since: Ts::from_nanos(8) },
        Event::LoggedOn { session: 1 },
        Event::LoggedOut { session: 1 },
        Event::Untold { session: 1, msg_type: "8", sent_ts: Ts::from_nanos(5), body: b"11=a\x01" },
        Event::Told { session: 1, count: 9 },
    ]
}

/// Decision 0008: the bytes of every event stand for ever; a journal of today is read later.
#[test]
fn bytes_of_every_event_are_golden() {
    let mut wire = Vec::new();
    for event in every_event() {
        event.encode(&mut wire);
    }
    let mut payload = Vec::new();
    join(&wire, b"\x07application", &mut payload);
    let mut golden = vec![0, 1, 143, 0, 0, 0];
    golden.extend_from_slice(b"\x01\x01\x00\x07FIX.4.4\x06BROKER\x00\x05VENUE\x01D");
    golden.extend_from_slice(b"\x02\x01\x00\x02\0\0\0\0\0\0\0");
    golden.extend_from_slice(b"\x03\x01\x00\x03\0\0\0\0\0\0\0\x01A");
    golden.extend_from_slice(b"\x04\x01\x00\x04\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0\x018\x05\0\0\0");
    golden.extend_from_slice(b"11=a\x01");
    golden.extend_from_slice(b"\x05\x01\x00\x06\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0");
    golden.extend_from_slice(b"\x06\x01\x00\x07\x01\x00");
    golden.extend_from_slice(b"\x08\x01\x00\x05\0\0\0\0\0\0\0\x018\x05\0\0\x0011=a\x01");
    golden.extend_from_slice(b"\x09\x01\x00\x09\0\0\0\x07application");
    assert_eq!(golden, payload);
    assert_eq!(Ok((Some(wire.as_slice()), b"\x07application".as_slice())), split(&payload));
    let read: Result<Vec<_>, _> = Events::new(&wire).collect();
    assert_eq!(Ok(every_event().to_vec()), read);
}

/// Decision 0008: a payload without a wire part is the application's, byte for byte.
#[test]
fn a_payload_without_wire_part_is_the_applications() {
    let mut payload = Vec::new();
    join(&[], b"\x01kernel", &mut payload);
    assert_eq!(b"\x01kernel".as_slice(), payload);
    assert_eq!(Ok((None, b"\x01kernel".as_slice())), split(&payload));
    assert_eq!(Ok((None, [].as_slice())), split(&[]));
}

/// Damage has a name: a wrong version, a length beyond the end, an unknown code, torn events.
#[test]
fn damage_is_refused_by_its_kind() {
    assert_eq!(Err(WireError::Version(9)), split(&[0, 9, 0, 0, 0, 0]));
    assert_eq!(Err(WireError::Short), split(&[0, 1, 0]));
    assert_eq!(Err(WireError::Short), split(&[0, 1, 4, 0, 0, 0, 1]));
    let events = |wire| Events::new(wire).collect::<Vec<_>>();
    assert_eq!(vec![Err(WireError::Code(10))], events(&[10, 0, 0]));
    assert_eq!(vec![Err(WireError::Short)], events(&[2, 0, 0, 1]));
    assert_eq!(vec![Err(WireError::NotText)], events(&[3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 255]));
}

proptest! {
    /// Any bytes are read to an end without a panic, and what is read encodes to what was there.
    #[test]
    fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut again = Vec::new();
        for event in Events::new(&bytes).map_while(Result::ok) {
            event.encode(&mut again);
        }
        prop_assert_eq!(Some(again.as_slice()), bytes.get(..again.len()));
        let _ = split(&bytes);
    }
}
