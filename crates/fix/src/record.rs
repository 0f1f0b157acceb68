//! The wire part of a record: what the sessions have to remember (docs/decisions/0008).
//!
//! ```text
//! payload = application part alone
//!         | 0x00  version (u8)  length of the wire part (u32)  wire part  application part
//! ```
//!
//! Numbers are little-endian. No application part begins with 0. Refuses: an unknown version or
//! kind of event, a length beyond the payload, text that is not UTF-8.

use ringfence_kernel::types::Ts;

/// First byte of a payload with a wire part.
pub const WIRE_TAG: u8 = 0;
/// Version of the wire part.
pub const WIRE_VERSION: u8 = 1;

const FRAME_BYTES: usize = 6;

/// Whether a sent message belonged to the session or to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A message of the session; on a resend it is gap-filled.
    Admin,
    /// A message of the application: when it was first sent, and its encoded fields.
    Application {
        /// SendingTime (FIX 52) of the first time.
        sent_ts: Ts,
        /// Its fields between header and trailer.
        body: &'a [u8],
    },
}

/// The identity of a session as it stands in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// BeginString (FIX 8).
    pub begin_string: &'a str,
    /// Our CompID.
    pub sender_comp_id: &'a str,
    /// Our SubID, empty where there is none.
    pub sender_sub_id: &'a str,
    /// The peer's CompID.
    pub target_comp_id: &'a str,
    /// The peer's SubID, empty where there is none.
    pub target_sub_id: &'a str,
}

/// One thing that a session has to remember.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// From here on `session` stands for this identity in this journal.
    Named {
        /// Its number in the journal.
        session: u16,
        /// Who it is.
        identity: Identity<'a>,
    },
    /// The peer's message with this MsgSeqNum (FIX 34) was taken; the next one is expected.
    Received {
        /// Which session.
        session: u16,
        /// The MsgSeqNum.
        seq: u64,
    },
    /// A message went out under this MsgSeqNum.
    Sent {
        /// Which session.
        session: u16,
        /// The MsgSeqNum.
        seq: u64,
        /// MsgType (FIX 35).
        msg_type: &'a str,
        /// What it was.
        content: Content<'a>,
    },
    /// The numbers were set: by a reset, or by a gap fill of the peer.
    NumbersSet {
        /// Which session.
        session: u16,
        /// The MsgSeqNum expected from the peer.
        next_in: u64,
        /// The MsgSeqNum of our next message; another one than before forgets what was sent.
        next_out: u64,
        /// When the numbers last began at 1.
        since: Ts,
    },
    /// The session was logged on.
    LoggedOn {
        /// Which session.
        session: u16,
    },
    /// The session ended: by a logout or a lost connection.
    LoggedOut {
        /// Which session.
        session: u16,
    },
    /// A message of an earlier journal that its peer has not been told; it is to be sent anew.
    Untold {
        /// Which session.
        session: u16,
        /// MsgType (FIX 35).
        msg_type: &'a str,
        /// SendingTime (FIX 52) of the first time.
        sent_ts: Ts,
        /// Its fields between header and trailer.
        body: &'a [u8],
    },
    /// The peer has been told the first of what it had not been told.
    Told {
        /// Which session.
        session: u16,
        /// How many messages.
        count: u32,
    },
}

/// Why a wire part cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The payload ends inside the wire part, or an event inside its fields.
    Short,
    /// Another version than [`WIRE_VERSION`].
    Version(u8),
    /// No event has this code.
    Code(u8),
    /// A text is not UTF-8.
    NotText,
}

impl core::fmt::Display for WireError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Short => f.write_str("wire part: expected more bytes than there are"),
            Self::Version(found) => {
                write!(f, "wire part: expected version {WIRE_VERSION}, found {found}")
            }
            Self::Code(found) => write!(f, "wire part: no event has the code {found}"),
            Self::NotText => f.write_str("wire part: expected UTF-8 text"),
        }
    }
}

/// Appends a payload of the two parts; without a wire part it is the application part alone.
pub fn join(wire: &[u8], application: &[u8], out: &mut Vec<u8>) {
    if !wire.is_empty() {
        // A wire part is bounded far below 4 GiB by who collects it.
        let len = u32::try_from(wire.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&[WIRE_TAG, WIRE_VERSION]);
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(wire);
    }
    out.extend_from_slice(application);
}

/// Returns the wire part of a payload, if it has one, and the application's part.
pub fn split(payload: &[u8]) -> Result<(Option<&[u8]>, &[u8]), WireError> {
    if payload.first() != Some(&WIRE_TAG) {
        return Ok((None, payload));
    }
    let (frame, rest) = payload.split_at_checked(FRAME_BYTES).ok_or(WireError::Short)?;
    let [_, version, len @ ..] = frame else {
        return Err(WireError::Short);
    };
    if *version != WIRE_VERSION {
        return Err(WireError::Version(*version));
    }
    let len = len.try_into().map(u32::from_le_bytes).map_err(|_| WireError::Short)?;
    let len = usize::try_from(len).map_err(|_| WireError::Short)?;
    let (wire, application) = rest.split_at_checked(len).ok_or(WireError::Short)?;
    Ok((Some(wire), application))
}

impl Event<'_> {
    /// Appends the event.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Named { session, identity } => {
                head(out, 1, session);
                put_text(out, identity.begin_string);
                put_text(out, identity.sender_comp_id);
                put_text(out, identity.sender_sub_id);
                put_text(out, identity.target_comp_id);
                put_text(out, identity.target_sub_id);
            }
            Self::Received { session, seq } => {
                head(out, 2, session);
                out.extend_from_slice(&seq.to_le_bytes());
            }
            Self::Sent { session, seq, msg_type, content: Content::Admin } => {
                head(out, 3, session);
                out.extend_from_slice(&seq.to_le_bytes());
                put_text(out, msg_type);
            }
            Self::Sent {
                session,
                seq,
                msg_type,
                content: Content::Application { sent_ts, body },
            } => {
                head(out, 4, session);
                out.extend_from_slice(&seq.to_le_bytes());
                put_message(out, sent_ts, msg_type, body);
            }
            Self::NumbersSet { session, next_in, next_out, since } => {
                head(out, 5, session);
                out.extend_from_slice(&next_in.to_le_bytes());
                out.extend_from_slice(&next_out.to_le_bytes());
                out.extend_from_slice(&since.nanos().to_le_bytes());
            }
            Self::LoggedOn { session } => head(out, 6, session),
            Self::LoggedOut { session } => head(out, 7, session),
            Self::Untold { session, msg_type, sent_ts, body } => {
                head(out, 8, session);
                put_message(out, sent_ts, msg_type, body);
            }
            Self::Told { session, count } => {
                head(out, 9, session);
                out.extend_from_slice(&count.to_le_bytes());
            }
        }
    }
}

fn head(out: &mut Vec<u8>, code: u8, session: u16) {
    out.push(code);
    out.extend_from_slice(&session.to_le_bytes());
}

fn put_message(out: &mut Vec<u8>, sent_ts: Ts, msg_type: &str, body: &[u8]) {
    out.extend_from_slice(&sent_ts.nanos().to_le_bytes());
    put_text(out, msg_type);
    let len = u32::try_from(body.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(body);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    let kept = text.get(..text.len().min(usize::from(u8::MAX))).unwrap_or_default();
    out.push(u8::try_from(kept.len()).unwrap_or(0));
    out.extend_from_slice(kept.as_bytes());
}

/// Reads the events of a wire part in order; ends after the first error.
#[derive(Clone, Debug)]
pub struct Events<'a> {
    rest: &'a [u8],
}

impl<'a> Events<'a> {
    /// Returns the events of `wire`.
    pub const fn new(wire: &'a [u8]) -> Self {
        Self { rest: wire }
    }
    fn bytes(&mut self, len: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(WireError::Short)?;
        self.rest = rest;
        Ok(taken)
    }
    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(WireError::Short)?;
        self.rest = rest;
        Ok(*taken)
    }
    fn number(&mut self) -> Result<u64, WireError> {
        self.array().map(u64::from_le_bytes)
    }
    fn time(&mut self) -> Result<Ts, WireError> {
        self.array().map(|bytes| Ts::from_nanos(i64::from_le_bytes(bytes)))
    }
    fn text(&mut self) -> Result<&'a str, WireError> {
        let [len] = self.array()?;
        core::str::from_utf8(self.bytes(usize::from(len))?).map_err(|_| WireError::NotText)
    }
    fn event(&mut self) -> Result<Event<'a>, WireError> {
        let [code] = self.array()?;
        let session = u16::from_le_bytes(self.array()?);
        Ok(match code {
            1 => Event::Named { session, identity: self.identity()? },
            2 => Event::Received { session, seq: self.number()? },
            3 => {
                let (seq, msg_type) = (self.number()?, self.text()?);
                Event::Sent { session, seq, msg_type, content: Content::Admin }
            }
            4 => {
                let seq = self.number()?;
                let (sent_ts, msg_type, body) = self.message()?;
                let content = Content::Application { sent_ts, body };
                Event::Sent { session, seq, msg_type, content }
            }
            5 => {
                let (next_in, next_out) = (self.number()?, self.number()?);
                Event::NumbersSet { session, next_in, next_out, since: self.time()? }
            }
            6 => Event::LoggedOn { session },
            7 => Event::LoggedOut { session },
            8 => {
                let (sent_ts, msg_type, body) = self.message()?;
                Event::Untold { session, msg_type, sent_ts, body }
            }
            9 => Event::Told { session, count: u32::from_le_bytes(self.array()?) },
            other => return Err(WireError::Code(other)),
        })
    }
    fn message(&mut self) -> Result<(Ts, &'a str, &'a [u8]), WireError> {
        let (sent_ts, msg_type) = (self.time()?, self.text()?);
        let len = u32::from_le_bytes(self.array()?);
        let body = self.bytes(usize::try_from(len).map_err(|_| WireError::Short)?)?;
        Ok((sent_ts, msg_type, body))
    }
    fn identity(&mut self) -> Result<Identity<'a>, WireError> {
        Ok(Identity {
            begin_string: self.text()?,
            sender_comp_id: self.text()?,
            sender_sub_id: self.text()?,
            target_comp_id: self.text()?,
            target_sub_id: self.text()?,
        })
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Result<Event<'a>, WireError>;
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let event = self.event();
        if event.is_err() {
            self.rest = &[];
        }
        Some(event)
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
