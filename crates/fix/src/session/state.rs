//! Where a session stands.

use std::collections::BTreeMap;

use ringfence_kernel::types::Ts;

use super::address::{AddressIndex, AddressTurn};
use super::drill::Drill;
use super::retry;
use super::sent::SentIndex;
use super::settings::{Role, SECOND_NS, SessionSettings};
use super::untold::Untold;
use crate::codec::Body;
use crate::endpoint::{CloseReason, ConnectionId, SessionIndex};
use crate::tag;

/// Messages kept while a gap before them is open; the rest is asked for again.
pub const HELD_MESSAGES_MAX: usize = 10_000;
/// Their bytes.
pub const HELD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The numbers of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// MsgSeqNum expected from the peer.
    pub next_in: u64,
    /// MsgSeqNum of our next message.
    pub next_out: u64,
    /// When they last began at 1.
    pub since: Ts,
}

impl Numbers {
    /// Those of a session that never ran.
    pub(crate) const FRESH: Self =
        Self { next_in: 1, next_out: 1, since: Ts::from_nanos(i64::MIN) };
}

/// A session without a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Down {
    /// An acceptor waits for its peer, an initiator for its schedule.
    Idle,
    /// A connection was asked for.
    Dialing,
    /// The next attempt is at this time.
    RetryAt(Ts),
    /// Too many attempts failed in a row; a person must ask (R69).
    GivenUp,
}

/// Where a session stands.
#[derive(Debug)]
pub(crate) enum State {
    /// Without a connection.
    Down(Down),
    /// Our logon is not answered.
    LoggingOn {
        /// Where it was sent.
        connection: ConnectionId,
        /// When we give up.
        deadline: Ts,
        /// Whether it asked for a reset of the numbers.
        reset_asked: bool,
    },
    /// Logged on.
    Active(Link),
    /// Our logout is not answered.
    LoggingOut {
        /// The connection.
        link: Link,
        /// When we give up.
        deadline: Ts,
        /// Why we logged out.
        why: CloseReason,
    },
}

/// A connection on which a logon was exchanged.
#[derive(Debug)]
pub(crate) struct Link {
    /// Which.
    pub connection: ConnectionId,
    /// HeartBtInt, ns.
    pub heartbeat_ns: i64,
    /// When the logon was exchanged.
    pub up_since: Ts,
    /// Our number when the connection began: who lacks one before it asks at once.
    pub first_out: u64,
    /// When the peer last said something.
    pub last_in: Ts,
    /// When we last said something.
    pub last_out: Ts,
    /// Whether we asked the peer for a sign of life.
    pub test: Test,
    /// Whether messages of the peer are missing.
    pub gap: Gap,
    /// What is still to be sent again.
    pub resend: Option<Resend>,
}

/// Whether a test request is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// None is.
    Quiet,
    /// One was sent at this time; until the peer says something we send no heartbeats of our own.
    Asked(Ts),
}

/// Numbers to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resend {
    /// The next one.
    pub next: u64,
    /// The last one.
    pub last: u64,
}

/// Whether messages of the peer are missing.
#[derive(Debug)]
pub(crate) enum Gap {
    /// None are.
    Closed,
    /// Some are and were asked for.
    Open(Hole),
}

/// Missing messages, and those that came early.
#[derive(Debug)]
pub(crate) struct Hole {
    /// Last number of the current request.
    pub asked_to: u64,
    /// Highest number seen; with everything up to it the gap is closed.
    pub top: u64,
    /// When it was asked for, or last became smaller.
    pub asked_at: Ts,
    /// Requests since it last became smaller.
    pub tries: u32,
    /// What came early.
    pub held: BTreeMap<u64, Held>,
    /// Bytes in `held`.
    pub held_bytes: usize,
}

/// A message that came early.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// It waits for its turn.
    Waiting(Box<[u8]>),
    /// It was answered at once, as a logon or a resend request is; only its number waits.
    Answered,
}

impl Hole {
    /// Returns a hole up to before `seq`.
    pub(crate) const fn new(seq: u64, now: Ts) -> Self {
        Self {
            asked_to: seq.saturating_sub(1),
            top: seq,
            asked_at: now,
            tries: 1,
            held: BTreeMap::new(),
            held_bytes: 0,
        }
    }
    /// Keeps a message for its turn, as long as there is room.
    pub(crate) fn hold(&mut self, seq: u64, held: Held) {
        self.top = self.top.max(seq);
        let bytes = held.bytes();
        let fits = self.held.len() < HELD_MESSAGES_MAX && self.held_bytes + bytes <= HELD_BYTES_MAX;
        if fits && !self.held.contains_key(&seq) {
            self.held_bytes += bytes;
            self.held.insert(seq, held);
        }
    }
    /// Returns the message numbered `seq` and forgets those before it.
    pub(crate) fn take(&mut self, seq: u64) -> Option<Held> {
        while let Some(first) = self.held.first_entry().filter(|first| *first.key() <= seq) {
            let number = *first.key();
            let held = first.remove();
            self.held_bytes -= held.bytes();
            if number == seq {
                return Some(held);
            }
        }
        None
    }
}

impl Held {
    fn bytes(&self) -> usize {
        match self {
            Self::Waiting(raw) => raw.len(),
            Self::Answered => 0,
        }
    }
}

impl Link {
    /// Returns a link that begins now.
    pub(crate) fn new(
        connection: ConnectionId,
        heartbeat_secs: u32,
        first_out: u64,
        now: Ts,
    ) -> Self {
        Self {
            connection,
            heartbeat_ns: i64::from(heartbeat_secs) * SECOND_NS,
            up_since: now,
            first_out,
            last_in: now,
            last_out: now,
            test: Test::Quiet,
            gap: Gap::Closed,
            resend: None,
        }
    }
}

/// One session.
pub(crate) struct Session {
    /// What it was told.
    pub settings: SessionSettings,
    /// Its number in the journal, once it is named there.
    pub number: Option<u16>,
    /// Our CompIDs and the peer's as header fields.
    pub comp_ids: Vec<u8>,
    /// Its numbers.
    pub numbers: Numbers,
    /// What was sent.
    pub sent: SentIndex,
    /// What the peer has given no sign of having heard.
    pub untold: Untold,
    /// Whether the peer is there: logged on, and not told goodbye.
    pub is_heard: bool,
    /// Where it stands.
    pub state: State,
    /// Attempts of an initiator that failed in a row.
    pub failures: u32,
    /// Which address of the peer is dialed, or in use.
    pub address: AddressTurn,
    /// The drill that runs, if one does.
    pub drill: Option<Drill>,
    /// What the application was last told: whether the session is up.
    pub told_up: bool,
    /// Whether the journal ends inside a logged on session; asked once, at the start.
    pub cut_off: bool,
    /// When the schedule next opens or closes.
    pub edge: Option<Ts>,
}

impl Session {
    /// Returns a session that never ran.
    pub(crate) fn new(settings: SessionSettings) -> Self {
        let mut comp_ids = Body::new();
        comp_ids.put(tag::SENDER_COMP_ID, settings.sender_comp_id);
        comp_ids.put_some(tag::SENDER_SUB_ID, settings.sender_sub_id);
        comp_ids.put(tag::TARGET_COMP_ID, settings.target_comp_id);
        comp_ids.put_some(tag::TARGET_SUB_ID, settings.target_sub_id);
        Self {
            settings,
            number: None,
            comp_ids: comp_ids.bytes().to_vec(),
            numbers: Numbers::FRESH,
            sent: SentIndex::new(1),
            untold: Untold::default(),
            is_heard: false,
            state: State::Down(Down::Idle),
            failures: 0,
            address: AddressTurn::default(),
            drill: None,
            told_up: false,
            cut_off: false,
            edge: None,
        }
    }
    /// Returns the link of a session on which a logon was exchanged.
    pub(crate) const fn link(&self) -> Option<&Link> {
        match &self.state {
            State::Active(link) | State::LoggingOut { link, .. } => Some(link),
            State::Down(_) | State::LoggingOn { .. } => None,
        }
    }
    /// Returns the link of a session on which a logon was exchanged, for change.
    pub(crate) const fn link_mut(&mut self) -> Option<&mut Link> {
        match &mut self.state {
            State::Active(link) | State::LoggingOut { link, .. } => Some(link),
            State::Down(_) | State::LoggingOn { .. } => None,
        }
    }
    /// Returns its connection.
    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        match &self.state {
            State::Down(_) => None,
            State::LoggingOn { connection, .. } => Some(*connection),
            State::Active(link) | State::LoggingOut { link, .. } => Some(link.connection),
        }
    }
    /// Returns whether the application may use it: logged on and nothing missing.
    pub(crate) const fn is_up(&self) -> bool {
        matches!(&self.state, State::Active(Link { gap: Gap::Closed, .. }))
    }
    /// Returns whether something of before is to be sent anew, and can be.
    pub(crate) fn must_tell(&self) -> bool {
        self.untold.is_due()
            && self.is_up()
            && self.link().is_some_and(|link| link.resend.is_none())
    }
    /// Returns when something is to be done by the clock.
    pub(crate) fn deadline(&self) -> Option<Ts> {
        let own = match &self.state {
            State::Down(Down::RetryAt(at)) => Some(*at),
            State::Down(Down::Idle | Down::Dialing | Down::GivenUp) => None,
            State::LoggingOn { deadline, .. } => Some(*deadline),
            State::Active(link) if self.must_tell() => Some(link.last_out),
            State::Active(link) => Some(link.deadline(self.settings.resend_timeout_ns)),
            State::LoggingOut { link, deadline, .. } if link.resend.is_some() => {
                Some(link.last_out.min(*deadline))
            }
            State::LoggingOut { deadline, .. } => Some(*deadline),
        };
        own.into_iter().chain(self.edge).chain(self.drill_deadline()).min()
    }
    /// Returns when the drill gives an address up; a dial and a logout under way have their own
    /// time.
    fn drill_deadline(&self) -> Option<Ts> {
        match &self.state {
            State::Down(Down::Dialing) | State::LoggingOut { .. } => None,
            State::Down(_) | State::LoggingOn { .. } | State::Active(_) => {
                self.drill.as_ref().and_then(Drill::deadline)
            }
        }
    }
    /// Returns how its peer's address is called, with the address itself where it is known.
    pub(crate) fn address_text(&self, address: AddressIndex) -> String {
        match self.settings.addresses.get(address.index()) {
            Some(text) => format!("{address} {text}"),
            None => address.to_string(),
        }
    }
    /// Returns whether it stands for as long as it takes to forget its failures.
    pub(crate) fn has_stood(&self, now: Ts) -> bool {
        let Role::Initiator(reconnect) = self.settings.role else {
            return false;
        };
        self.link().is_some_and(|link| now.since(link.up_since) >= reconnect.stable_ns)
    }
    /// Returns where a session goes that has lost its connection, and counts the failure.
    pub(crate) fn after_loss(&mut self, index: SessionIndex, now: Ts, seed: u64) -> Down {
        let Role::Initiator(reconnect) = self.settings.role else {
            return Down::Idle;
        };
        self.failures = if self.has_stood(now) { 1 } else { self.failures.saturating_add(1) };
        if self.failures >= reconnect.failures_max {
            return Down::GivenUp;
        }
        Down::RetryAt(after(now, retry::wait_ns(reconnect, self.failures, index, seed)))
    }
}

impl Link {
    fn deadline(&self, resend_timeout_ns: i64) -> Ts {
        if self.resend.is_some() {
            return self.last_out;
        }
        let life = match self.test {
            Test::Quiet => after(self.last_out, self.heartbeat_ns).min(self.test_at()),
            Test::Asked(at) => self.silent_at(at),
        };
        match &self.gap {
            Gap::Closed => life,
            Gap::Open(hole) => life.min(after(hole.asked_at, resend_timeout_ns)),
        }
    }
    /// Returns when a silent peer is asked for a sign of life: HeartBtInt and a fifth.
    pub(crate) fn test_at(&self) -> Ts {
        after(self.last_in, self.heartbeat_ns / 5 * 6)
    }
    /// Returns when a silent peer counts as lost: as long again after the test request of `asked`.
    /// It counts from the request: a process that stood still has asked late, not been answered
    /// late.
    pub(crate) fn silent_at(&self, asked: Ts) -> Ts {
        after(asked, self.heartbeat_ns / 5 * 6)
    }
}

/// Returns the time `ns` after `at`.
pub(crate) const fn after(at: Ts, ns: i64) -> Ts {
    Ts::from_nanos(at.nanos().saturating_add(ns))
}
