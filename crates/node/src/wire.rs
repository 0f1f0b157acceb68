//! Records of which a part belongs to the FIX sessions (docs/decisions/0008).
//!
//! The kernel reads only the application's part. A record in which only sessions had a part is no
//! input at all: it is passed over when a day is folded or decided again.

use std::fmt::Write as _;

use ringfence_fix::record::{Content, Event, Events, WireError, split};
use ringfence_kernel::types::Ts;
use ringfence_kernel::types::value::show_text;

/// A payload in its two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// What the sessions remember, if they had a part.
    pub wire: Option<&'a [u8]>,
    /// What the kernel decided, if it had a part.
    pub kernel: Option<&'a [u8]>,
}

/// Returns the parts of a payload.
///
/// One without a wire part is the kernel's, also when it is empty and will not decode.
pub fn parts(payload: &[u8]) -> Result<Parts<'_>, WireError> {
    let (wire, application) = split(payload)?;
    let is_input = wire.is_none() || !application.is_empty();
    Ok(Parts { wire, kernel: is_input.then_some(application) })
}

/// Appends the events of a wire part as an array of JSON objects.
///
/// Fields of messages stand as they did on the wire; bytes that are not UTF-8 are replaced.
pub fn write_events(wire: &[u8], out: &mut String) -> Result<(), WireError> {
    out.push('[');
    for (index, event) in Events::new(wire).enumerate() {
        out.push_str(if index > 0 { ",{" } else { "{" });
        write_event(&event?, out);
        out.push('}');
    }
    out.push(']');
    Ok(())
}

fn write_event(event: &Event<'_>, out: &mut String) {
    match *event {
        Event::Named { session, identity } => {
            head("Named", session, out);
            text("begin_string", identity.begin_string, out);
            text("sender_comp_id", identity.sender_comp_id, out);
            text("sender_sub_id", identity.sender_sub_id, out);
            text("target_comp_id", identity.target_comp_id, out);
            text("target_sub_id", identity.target_sub_id, out);
        }
        Event::Received { session, seq } => {
            head("Received", session, out);
            let _ = write!(out, ",\"seq\":{seq}");
        }
        Event::Sent { session, seq, msg_type, content } => {
            head("Sent", session, out);
            let _ = write!(out, ",\"seq\":{seq}");
            text("msg_type", msg_type, out);
            if let Content::Application { sent_ts, body } = content {
                message(sent_ts, body, out);
            }
        }
        Event::NumbersSet { session, next_in, next_out, since } => {
            head("NumbersSet", session, out);
            let _ = write!(out, ",\"next_in\":{next_in},\"next_out\":{next_out},\"since\":{since}");
        }
        Event::LoggedOn { session } => head("LoggedOn", session, out),
        Event::LoggedOut { session } => head("LoggedOut", session, out),
        Event::Untold { session, msg_type, sent_ts, body } => {
            head("Untold", session, out);
            text("msg_type", msg_type, out);
            message(sent_ts, body, out);
        }
        Event::Told { session, count } => {
            head("Told", session, out);
            let _ = write!(out, ",\"count\":{count}");
        }
    }
}

fn message(sent_ts: Ts, body: &[u8], out: &mut String) {
    let _ = write!(out, ",\"sent_ts\":{sent_ts}");
    text("body", &String::from_utf8_lossy(body), out);
}

fn head(name: &str, session: u16, out: &mut String) {
    let _ = write!(out, "\"event\":\"{name}\",\"session\":{session}");
}

fn text(name: &str, value: &str, out: &mut String) {
    let _ = write!(out, ",\"{name}\":");
    show_text(value, out);
}

#[cfg(test)]
mod tests {
    use super::{Parts, parts, write_events};
    use ringfence_fix::record::{Content, Event, Identity, WireError, join};
    use ringfence_kernel::types::Ts;

    fn wire(events: &[Event<'_>]) -> Vec<u8> {
        let mut out = Vec::new();
        events.iter().for_each(|event| event.encode(&mut out));
        out
    }

    /// Decision 0008: a record of before has no wire part; one of sessions alone is no input.
    #[test]
    fn parts_are_told_apart() {
        let wire = wire(&[Event::Received { session: 1, seq: 7 }]);
        let cases = [
            (b"".as_slice(), b"input".as_slice(), Some(b"input".as_slice())),
            (&wire, b"input", Some(b"input")),
            (&wire, b"", None),
        ];
        for (wire, kernel, expected) in cases {
            let mut payload = Vec::new();
            join(wire, kernel, &mut payload);
            let wire = Some(wire).filter(|wire| !wire.is_empty());
            assert_eq!(Ok(Parts { wire, kernel: expected }), parts(&payload));
        }
        assert_eq!(Ok(Parts { wire: None, kernel: Some(b"".as_slice()) }), parts(b""));
        assert_eq!(Err(WireError::Version(9)), parts(&[0, 9, 0, 0, 0, 0]));
    }

    /// Decision 0008: every event of a wire part is shown, with what it carries.
    #[test]
    fn events_are_shown() {
        let (ts, session) = (Ts::from_nanos(5), 2);
        let identity = Identity {
            begin_string: "FIX.4.4",
            sender_comp_id: "US",
            sender_sub_id: "",
            target_comp_id: "\"THEM\"",
            target_sub_id: "desk",
        };
        let body = b"11=a\x0155=\xff\x01";
        let application = Content::Application { sent_ts: ts, body };
        let events = [
            Event::Named { session, identity },
            Event::Received { session, seq: 1 },
            Event::Sent { session, seq: 3, msg_type: "0", content: Content::Admin },
            Event::Sent { session, seq: 4, msg_type: "8", content: application },
            Event::NumbersSet { session, next_in: 5, next_out: 6, since: ts },
            Event::LoggedOn { session },
            Event::LoggedOut { session },
            Event::Untold { session, msg_type: "9", sent_ts: ts, body: b"11=a\x01" },
            Event::Told { session, count: 1 },
        ];
        let mut out = String::new();
        assert_eq!(Ok(()), write_events(&wire(&events), &mut out));
        let expected = concat!(
            r#"[{"event":"Named","session":2,"begin_string":"FIX.4.4","sender_comp_id":"US","#,
            r#""sender_sub_id":"","target_comp_id":"\"THEM\"","target_sub_id":"desk"},"#,
            r#"{"event":"Received","session":2,"seq":1},"#,
            r#"{"event":"Sent","session":2,"seq":3,"msg_type":"0"},"#,
            r#"{"event":"Sent","session":2,"seq":4,"msg_type":"8","sent_ts":5,"#,
            r#""body":"11=a\u000155="#,
            "\u{fffd}",
            r#"\u0001"},"#,
            r#"{"event":"NumbersSet","session":2,"next_in":5,"next_out":6,"since":5},"#,
            r#"{"event":"LoggedOn","session":2},{"event":"LoggedOut","session":2},"#,
            r#"{"event":"Untold","session":2,"msg_type":"9","sent_ts":5,"body":"11=a\u0001"},"#,
            r#"{"event":"Told","session":2,"count":1}]"#,
        );
        assert_eq!(expected, out);
        assert_eq!(Err(WireError::Code(99)), write_events(&[99, 0, 0], &mut out));
    }
}
