//! What a session is told once, before it begins.

use core::fmt;
use std::sync::Arc;

use ringfence_kernel::types::Name;

use super::address::ADDRESSES_MAX;
use super::schedule::Schedule;
use super::validate::Validate;
use crate::endpoint::SessionIndex;

/// Nanoseconds of a second.
pub const SECOND_NS: i64 = 1_000_000_000;
/// Sessions of one endpoint.
pub const SESSIONS_MAX: usize = 4_096;
/// Difference between SendingTime (FIX 52) and our time that the standard suggests.
pub const SENDING_TIME_ACCURACY_NS: i64 = 120 * SECOND_NS;
/// Time for a logon to come or to be answered, unless told otherwise.
pub const LOGON_TIMEOUT_NS: i64 = 8 * SECOND_NS;
/// Time for our logout to be answered, unless told otherwise.
pub const LOGOUT_TIMEOUT_NS: i64 = 3 * SECOND_NS;
/// Time for a requested resend to make progress, unless told otherwise.
pub const RESEND_TIMEOUT_NS: i64 = 30 * SECOND_NS;
/// Connections without a logon, unless told otherwise.
pub const LOGONS_PENDING_MAX: usize = 64;

/// The version of the session protocol, and of the application's where it is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// FIX.4.2.
    Fix42,
    /// FIX.4.4.
    Fix44,
    /// FIXT.1.1 with a DefaultApplVerID (FIX 1137), `9` for FIX.5.0SP2.
    Fixt11 {
        /// The DefaultApplVerID.
        default_appl_ver_id: Name,
    },
}

impl Version {
    /// Returns the BeginString (FIX 8).
    pub const fn begin_string(self) -> &'static str {
        match self {
            Self::Fix42 => "FIX.4.2",
            Self::Fix44 => "FIX.4.4",
            Self::Fixt11 { .. } => "FIXT.1.1",
        }
    }
    /// Returns the highest SessionRejectReason (FIX 373) that the version knows, `other` aside.
    pub const fn reject_reason_max(self) -> u16 {
        match self {
            Self::Fix42 => 11,
            Self::Fix44 => 17,
            Self::Fixt11 { .. } => 18,
        }
    }
}

/// How often a peer is dialed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnect {
    /// Wait after the first failure, ns; each further one doubles it.
    pub first_ns: i64,
    /// Longest wait, ns.
    pub max_ns: i64,
    /// Failures in a row after which nobody dials until a person asks (R69).
    pub failures_max: u32,
    /// Time that a session stays logged on before its failures are forgotten, ns.
    pub stable_ns: i64,
    /// Failures in a row at one address after which the next one's turn has come; at least 1.
    pub failover_count: u32,
}

impl Reconnect {
    /// Returns why it does not fit a peer of `count` addresses, if so.
    fn trouble(&self, count: usize) -> Option<&'static str> {
        if !(0 < self.first_ns && self.first_ns <= self.max_ns) {
            return Some("reconnect: expected 0 < first <= max");
        }
        if self.failover_count == 0 || count > ADDRESSES_MAX {
            return Some("addresses: expected at most 4, and at least one failure before a turn");
        }
        let round = self.failover_count.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        // Else the last address would never be dialed.
        let is_short = count > 1 && self.failures_max < round;
        is_short.then_some("reconnect: expected as many failures as a round of all addresses has")
    }
}

/// Who dials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The peer dials and logs on.
    Acceptor,
    /// We dial and log on.
    Initiator(Reconnect),
}

/// When both numbers begin again at 1, besides the schedule and a ResetSeqNumFlag (FIX 141).
///
/// A reset forgets what was sent: what went out while nobody was connected is then never asked
/// for, and the application sends it again if it must.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resets {
    /// Before every logon; an initiator says so with a ResetSeqNumFlag.
    pub on_logon: bool,
    /// After a logout was exchanged.
    pub on_logout: bool,
    /// After the connection was lost.
    pub on_disconnect: bool,
    /// Before a logon under MsgSeqNum 1, which says that the peer begins anew. For conversations
    /// that know nothing of each other; any other peer has lost its numbers, and is told.
    pub on_first_number: bool,
}

/// HeartBtInt (FIX 108) in seconds: what we ask for, and what we agree to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// What an initiator asks for.
    pub secs: u32,
    /// The least that an acceptor agrees to; at least 1.
    pub secs_min: u32,
    /// The most that an acceptor agrees to.
    pub secs_max: u32,
}

/// User and password of a logon that we send (FIX 553, 554).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credentials {
    /// Username (FIX 553).
    pub username: Name,
    /// Password (FIX 554).
    pub password: Name,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Says whether a peer is who it claims to be.
pub trait Authenticator {
    /// Returns whether a logon to `session` with this Username and Password is admitted.
    fn admits(
        &self,
        session: SessionIndex,
        username: Option<&[u8]>,
        password: Option<&[u8]>,
    ) -> bool;
}

/// Admits whoever names the CompIDs: for peers that the transport has identified.
#[derive(Clone, Copy, Debug)]
pub struct CompIdsSuffice;

impl Authenticator for CompIdsSuffice {
    fn admits(&self, _: SessionIndex, _: Option<&[u8]>, _: Option<&[u8]>) -> bool {
        true
    }
}

/// What one session is told.
#[derive(Clone)]
pub struct SessionSettings {
    /// Who dials.
    pub role: Role,
    /// Addresses of the peer in words, the primary first; of an initiator, which has one to
    /// [`ADDRESSES_MAX`] of them.
    pub addresses: Vec<String>,
    /// Version of the protocol.
    pub version: Version,
    /// Our SenderCompID (FIX 49).
    pub sender_comp_id: Name,
    /// The peer's, our TargetCompID (FIX 56).
    pub target_comp_id: Name,
    /// Our SenderSubID (FIX 50); with it a logon must name it.
    pub sender_sub_id: Option<Name>,
    /// Our TargetSubID (FIX 57); with it a logon must come from it.
    pub target_sub_id: Option<Name>,
    /// What an initiator identifies itself by.
    pub credentials: Option<Credentials>,
    /// HeartBtInt.
    pub heartbeat: Heartbeat,
    /// When the numbers begin again.
    pub resets: Resets,
    /// When the session is open.
    pub schedule: Schedule,
    /// Difference between SendingTime and our time that is accepted, ns.
    pub sending_time_accuracy_ns: i64,
    /// Time for a logon to be answered, ns.
    pub logon_timeout_ns: i64,
    /// Time for a logout to be answered, ns.
    pub logout_timeout_ns: i64,
    /// Time for a requested resend to make progress, ns.
    pub resend_timeout_ns: i64,
    /// Messages asked for at once; 0 asks for all that are missing.
    pub resend_chunk: u32,
    /// Whether logons carry a NextExpectedMsgSeqNum (FIX 789); from FIX.4.4 on.
    pub next_expected: bool,
    /// What a message must look like.
    pub validate: Arc<dyn Validate + Send + Sync>,
}

impl SessionSettings {
    /// Returns the settings of a session that is always open, with the customary times.
    pub fn new(
        role: Role,
        version: Version,
        sender_comp_id: Name,
        target_comp_id: Name,
        validate: Arc<dyn Validate + Send + Sync>,
    ) -> Self {
        Self {
            role,
            addresses: Vec::new(),
            version,
            sender_comp_id,
            target_comp_id,
            sender_sub_id: None,
            target_sub_id: None,
            credentials: None,
            heartbeat: Heartbeat { secs: 30, secs_min: 1, secs_max: 3_600 },
            resets: Resets::default(),
            schedule: Schedule::Always,
            sending_time_accuracy_ns: SENDING_TIME_ACCURACY_NS,
            logon_timeout_ns: LOGON_TIMEOUT_NS,
            logout_timeout_ns: LOGOUT_TIMEOUT_NS,
            resend_timeout_ns: RESEND_TIMEOUT_NS,
            resend_chunk: 0,
            next_expected: false,
            validate,
        }
    }
}

/// What an endpoint is told.
pub struct Settings {
    /// Its sessions; a [`SessionIndex`] is a place in here.
    pub sessions: Vec<SessionSettings>,
    /// Who may log on.
    pub authenticator: Box<dyn Authenticator + Send>,
    /// Accepted connections that have not logged on; one more is closed at once.
    pub logons_pending_max: usize,
    /// Spreads the dialing of many processes; the same seed gives the same waits.
    pub jitter_seed: u64,
}

/// Why settings are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// The session concerned, by its place.
    pub session: usize,
    /// What was expected and found.
    pub text: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "session {}: {}", self.session, self.text)
    }
}

impl core::error::Error for SettingsError {}

impl Settings {
    /// Refuses more sessions than [`SESSIONS_MAX`], two with the same identity, and times or
    /// intervals that are not positive.
    pub fn check(&self) -> Result<(), SettingsError> {
        let refuse = |session, text: &str| Err(SettingsError { session, text: text.to_owned() });
        if self.sessions.len() > SESSIONS_MAX {
            return refuse(SESSIONS_MAX, "more sessions than an endpoint holds");
        }
        for (place, session) in self.sessions.iter().enumerate() {
            let earlier = self.sessions.iter().take(place);
            if earlier.clone().any(|other| other.identity() == session.identity()) {
                return refuse(place, "an earlier session has the same version and CompIDs");
            }
            let beat = session.heartbeat;
            let beats = [beat.secs_min, beat.secs, beat.secs_max];
            if beat.secs_min == 0 || !beats.is_sorted() {
                return refuse(place, "HeartBtInt: expected 1 <= least <= asked for <= most");
            }
            let times = [
                session.sending_time_accuracy_ns,
                session.logon_timeout_ns,
                session.logout_timeout_ns,
                session.resend_timeout_ns,
            ];
            if times.iter().any(|time| *time <= 0) {
                return refuse(place, "every time must be positive");
            }
            if let Role::Initiator(retry) = session.role
                && let Some(text) = retry.trouble(session.addresses.len())
            {
                return refuse(place, text);
            }
            if !session.schedule.is_well_formed() {
                return refuse(place, "schedule: expected sorted, bounded entries and a clock");
            }
            if session.next_expected && session.version == Version::Fix42 {
                return refuse(place, "NextExpectedMsgSeqNum needs FIX.4.4 or later");
            }
        }
        Ok(())
    }
}

impl SessionSettings {
    pub(crate) fn identity(&self) -> (&'static str, [Option<Name>; 4]) {
        let ids = [
            Some(self.sender_comp_id),
            self.sender_sub_id,
            Some(self.target_comp_id),
            self.target_sub_id,
        ];
        (self.version.begin_string(), ids)
    }
}
