//! What one turn of the loop leads to: records first, effects after them.

use core::ops::Range;

use crate::session::AddressIndex;

/// Names one transport connection; given by whoever owns the sockets, never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(u64);

impl ConnectionId {
    /// Returns the connection numbered `number`.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }
    /// Returns the number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Place of a session in the table of its endpoint, in the order of its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionIndex(u16);

impl SessionIndex {
    /// Returns the session at place `index`.
    pub const fn new(index: u16) -> Self {
        Self(index)
    }
    /// Returns the place.
    pub const fn get(self) -> u16 {
        self.0
    }
    /// Returns the place for tables.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Why a connection is closed by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// A logout was exchanged.
    LoggedOut,
    /// The first message was no acceptable logon.
    RefusedLogon,
    /// The session is logged on by another connection.
    DuplicateLogon,
    /// No logon came in time.
    LogonTimeout,
    /// No answer to a test request came in time.
    Silent,
    /// No answer to our logout came in time.
    LogoutTimeout,
    /// The MsgSeqNum is lower than expected without PossDupFlag.
    SeqTooLow,
    /// The peer broke a rule after which a session cannot go on.
    Violation,
    /// The session is outside its schedule.
    OutOfSchedule,
    /// The process is ending.
    Ending,
    /// Too many connections wait for their logon.
    Busy,
}

impl CloseReason {
    /// Returns the reason in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged out",
            Self::RefusedLogon => "the logon was not acceptable",
            Self::DuplicateLogon => "the session is logged on already",
            Self::LogonTimeout => "our logon was not answered in time",
            Self::Silent => "the peer did not answer a test request",
            Self::LogoutTimeout => "our logout was not answered in time",
            Self::SeqTooLow => "the MsgSeqNum is lower than expected",
            Self::Violation => "the peer broke a rule of the session",
            Self::OutOfSchedule => "the schedule has closed the session",
            Self::Ending => "the process is ending",
            Self::Busy => "too many connections wait for their logon",
        }
    }
}

/// Something that went as it should, for whoever watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Session concerned, where there is one.
    pub session: Option<SessionIndex>,
    /// What happened, a sentence.
    pub text: String,
}

/// Something that a person should act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Session concerned, where there is one.
    pub session: Option<SessionIndex>,
    /// What happened, a sentence with expected and found.
    pub text: String,
}

/// What must happen once the records of the turn are durable, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Bytes go to a connection; [`Turn::bytes`] has them.
    Write {
        /// Where to.
        connection: ConnectionId,
        /// Place of the bytes.
        bytes: Range<usize>,
    },
    /// A connection is closed after what was written to it before.
    Close {
        /// Which.
        connection: ConnectionId,
        /// Why.
        why: CloseReason,
    },
    /// An initiator wants a connection to its peer; it waits until the host says that one was
    /// made, or that none could be.
    Dial {
        /// Whose peer.
        session: SessionIndex,
        /// Which of its addresses.
        address: AddressIndex,
    },
    /// Whoever watches is told.
    Note(Note),
    /// A person is told.
    Alert(Alert),
}

/// Records and effects of one turn; the memory is kept from one turn to the next.
#[derive(Debug, Default)]
pub struct Turn {
    records: Vec<u8>,
    ends: Vec<usize>,
    bytes: Vec<u8>,
    effects: Vec<Effect>,
}

impl Turn {
    /// Returns an empty turn.
    pub fn new() -> Self {
        Self::default()
    }
    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.records.clear();
        self.ends.clear();
        self.bytes.clear();
        self.effects.clear();
    }
    /// Returns the payload of each record, in order; they are appended to the journal as they are.
    pub fn records(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len()).filter_map(|at| self.record(at))
    }
    /// Returns the payload of the record at place `at` of this turn.
    pub fn record(&self, at: usize) -> Option<&[u8]> {
        let start = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.records.get(start..*self.ends.get(at)?)
    }
    /// Returns the number of records.
    pub fn record_count(&self) -> usize {
        self.ends.len()
    }
    /// Returns the effects in order.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }
    /// Returns the bytes of a [`Effect::Write`].
    pub fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
    /// Returns how many bytes are to be written, on all connections together.
    pub fn byte_count(&self) -> usize {
        self.bytes.len()
    }
    /// Returns whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty() && self.effects.is_empty()
    }
    /// Adds a record made by `write`.
    pub fn push_record(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.records);
        self.ends.push(self.records.len());
    }
    /// Adds bytes for `connection`, made by `write`.
    pub fn push_bytes(&mut self, connection: ConnectionId, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        // What follows on the same connection goes out with one write.
        if let Some(Effect::Write { connection: last, bytes }) = self.effects.last_mut()
            && *last == connection
            && bytes.end == start
        {
            bytes.end = self.bytes.len();
            return;
        }
        self.effects.push(Effect::Write { connection, bytes: start..self.bytes.len() });
    }
    /// Adds another effect.
    pub fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }
}
