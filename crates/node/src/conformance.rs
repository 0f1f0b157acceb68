//! The server of the FIX conformance conversations: an echo behind sockets, on its own journal.
//!
//! Its sessions are those that the conversations name. `ISLD` to `TW42`, `TW44` and `TW50SP2`:
//! every logon begins the numbers again. `ISLD` to `TW` in each version: the numbers go on, until a
//! logon under number 1 begins another conversation, and logons carry a NextExpectedMsgSeqNum (FIX
//! 789) from FIX.4.4 on. It listens on loopback only and
//! must never see an order: the journal is a folder of the system's temporary one, and goes with
//! it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ringfence_fix::dict::{self, DictionaryError, Policies, Specification};
use ringfence_fix::echo::Echo;
use ringfence_fix::endpoint::Context;
use ringfence_fix::session::settings::{LOGONS_PENDING_MAX, SECOND_NS};
use ringfence_fix::session::{
    CompIdsSuffice, Resets, Role, SessionSettings, Settings, Validate, Version,
};
use ringfence_kernel::types::Name;

use crate::host::{Host, HostError, HostOptions, Hosted, Log, SystemClock};
use crate::journal::{Durability, JournalOptions, TradeDate};
use crate::net::Listen;

/// The CompID of the server.
const SERVER: &str = "ISLD";
/// The CompID of clients whose numbers go on.
const GOES_ON: &str = "TW";
/// FIX.5.0SP2 as a DefaultApplVerID (FIX 1137).
const FIX50SP2: &str = "9";
/// Time that the conversations give a logout, ns.
const LOGOUT_TIMEOUT_NS: i64 = 2 * SECOND_NS;

impl Hosted for Echo {
    type Command = Infallible;
    type Answer = ();
    fn command(&mut self, command: Infallible, _: &mut dyn Context) {
        match command {}
    }
}

/// Why the server does not start.
#[derive(Debug)]
pub enum ConformanceError {
    /// A dictionary cannot be read.
    Dictionary {
        /// Its version.
        version: &'static str,
        /// Why.
        why: DictionaryError,
    },
    /// The folder of the journal cannot be made.
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's own error.
        source: std::io::Error,
    },
    /// The host does not start.
    Host(HostError),
}

impl fmt::Display for ConformanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dictionary { version, why } => write!(f, "dictionary of {version}: {why}"),
            Self::Folder { path, source } => write!(f, "cannot make {}: {source}", path.display()),
            Self::Host(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for ConformanceError {}

impl From<HostError> for ConformanceError {
    fn from(why: HostError) -> Self {
        Self::Host(why)
    }
}

/// A server that is ready to run; its journal goes with the value.
pub struct ConformanceServer {
    /// The host of the echo.
    pub host: Host<Echo>,
    /// Removed when dropped.
    pub folder: JournalFolder,
}

/// A folder that is removed with the value.
#[derive(Debug)]
pub struct JournalFolder(PathBuf);

impl Drop for JournalFolder {
    fn drop(&mut self) {
        // What stays behind is in a folder that the system clears.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Returns the server at a port of loopback; port 0 takes a free one.
///
/// `dictionaries` are texts in the XML format of QuickFIX by version: `FIX.4.2`, `FIX.4.4`,
/// `FIXT.1.1` together with `FIX.5.0SP2`. For one that is missing or empty the built-in one is
/// used.
pub fn serve_conformance(
    port: u16,
    dictionaries: &BTreeMap<String, String>,
    log: Log,
) -> Result<ConformanceServer, ConformanceError> {
    let settings = settings(dictionaries)?;
    let folder = folder()?;
    let date = TradeDate::new(2000, 1, 3).ok_or_else(|| HostError::Invariant {
        text: "a day of the calendar".to_owned(),
        last_seq: None,
    })?;
    let journal = JournalOptions::new(&folder.0, date, Durability::Process);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let options =
        HostOptions { listen: vec![Listen { address, tls: None }], ..HostOptions::new(journal) };
    let clock = Box::new(SystemClock::default());
    let host = Host::open(options, settings, Echo::new(), clock, log)?;
    Ok(ConformanceServer { host, folder })
}

fn settings(dictionaries: &BTreeMap<String, String>) -> Result<Settings, ConformanceError> {
    let given = |version: &str| {
        dictionaries.get(version).map(String::as_str).filter(|text| !text.is_empty())
    };
    let mut sessions = Vec::new();
    for (begin_string, client) in
        [("FIX.4.2", "TW42"), ("FIX.4.4", "TW44"), ("FIXT.1.1", "TW50SP2")]
    {
        let read = match (given(begin_string), given("FIX.5.0SP2")) {
            (Some(transport), Some(application)) if begin_string == "FIXT.1.1" => {
                Specification::from_xml_pair(transport, application)
            }
            (Some(text), _) if begin_string != "FIXT.1.1" => Specification::from_xml(text),
            _ => built_in(begin_string),
        };
        let read =
            read.map_err(|why| ConformanceError::Dictionary { version: begin_string, why })?;
        let validate: Arc<dyn Validate + Send + Sync> =
            Arc::new(read.dictionary(Policies::default()));
        let mut goes_on = session(begin_string, GOES_ON, Arc::clone(&validate));
        if let Some(session) = &mut goes_on {
            session.resets = Resets { on_first_number: true, ..Resets::default() };
        }
        let mut begins_again = session(begin_string, client, validate);
        if let Some(session) = &mut begins_again {
            session.resets = Resets { on_logon: true, ..Resets::default() };
            session.next_expected = false;
        }
        sessions.extend(begins_again.into_iter().chain(goes_on));
    }
    Ok(Settings {
        sessions,
        authenticator: Box::new(CompIdsSuffice),
        logons_pending_max: LOGONS_PENDING_MAX,
        jitter_seed: 0,
    })
}

fn built_in(begin_string: &str) -> Result<Specification, DictionaryError> {
    Specification::compact(dict::Version::of(begin_string).unwrap_or(dict::Version::Fix42))
}

fn session(
    begin_string: &str,
    client: &str,
    validate: Arc<dyn Validate + Send + Sync>,
) -> Option<SessionSettings> {
    let version = match begin_string {
        "FIX.4.2" => Version::Fix42,
        "FIX.4.4" => Version::Fix44,
        _ => Version::Fixt11 { default_appl_ver_id: Name::new(FIX50SP2)? },
    };
    let (server, client) = (Name::new(SERVER)?, Name::new(client)?);
    let mut session = SessionSettings::new(Role::Acceptor, version, server, client, validate);
    session.next_expected = version != Version::Fix42;
    session.logout_timeout_ns = LOGOUT_TIMEOUT_NS;
    Some(session)
}

fn folder() -> Result<JournalFolder, ConformanceError> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let path =
        std::env::temp_dir().join(format!("ringfence-conformance-{}-{number}", process::id()));
    match fs::create_dir(&path) {
        Ok(()) => Ok(JournalFolder(path)),
        Err(source) => Err(ConformanceError::Folder { path, source }),
    }
}
