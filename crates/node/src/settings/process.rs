//! What every process is told, a gateway node and a simulated venue alike.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ringfence_fix::endpoint::SessionIndex;
use ringfence_fix::session::{SessionSettings, Settings};
use ringfence_kernel::types::Ts;

use super::dictionary::Own;
use super::session::{Session, identity};
use super::{Fields, LinkSettings, Passwords, Secrets, SettingsError};
use crate::host::HostOptions;
use crate::journal::{Durability, JournalOptions};
use crate::net::{Listen, TlsServer};

/// Accepted connections that have not logged on.
const LOGONS_PENDING_MAX: usize = 64;

/// Journal, ports, sessions and peers of a process.
pub struct ProcessSettings {
    /// Journal, ports and peers.
    pub host: HostOptions,
    /// What the protocol is told of the sessions.
    pub sessions: Settings,
    /// What the application is told of them, in the same order.
    pub links: Vec<LinkSettings>,
}

impl ProcessSettings {
    /// Returns the settings of an object; `seed` spreads the dialing of many processes, `own` is
    /// what the application adds to the dictionary of each session.
    pub fn read(
        fields: &Fields<'_>,
        secrets: &Secrets,
        seed: u64,
        own: Own,
    ) -> Result<Self, SettingsError> {
        let logon_timeout_ns = fields.positive("logon_timeout_ns")?;
        let mut peers = BTreeMap::new();
        let mut links = Vec::new();
        let mut sessions: Vec<SessionSettings> = Vec::new();
        let mut passwords = Passwords::default();
        for (index, row) in (0..).map(SessionIndex::new).zip(fields.tables("sessions")?) {
            let session = Session::read(&row, secrets, logon_timeout_ns, own)?;
            if !session.peers.is_empty() {
                peers.insert(index, session.peers);
            }
            links.push(session.link);
            sessions.push(session.protocol);
            passwords.push(session.expected);
        }
        let sessions = Settings {
            sessions,
            authenticator: Box::new(passwords),
            logons_pending_max: LOGONS_PENDING_MAX,
            jitter_seed: seed,
        };
        sessions.check().map_err(|why| fields.refuse("sessions", why))?;
        let mut host = HostOptions::new(journal(fields)?);
        host.listen = listen(fields)?;
        host.peers = peers;
        host.day_end = Some(Ts::from_nanos(fields.integer("day_end_ns")?));
        if let Some(drain_timeout) = drain_timeout(fields)? {
            host.drain_timeout = drain_timeout;
        }
        if fields.get("busy_poll_ns").is_some() {
            host.busy_poll = Duration::from_nanos(fields.integer("busy_poll_ns")?);
        }
        Ok(Self { host, sessions, links })
    }
}

fn journal(fields: &Fields<'_>) -> Result<JournalOptions, SettingsError> {
    let trade_date = fields.read("trade_date", "a trading day", |text| text.parse().ok())?;
    let durability = fields.read("durability", "disk or process", |text| match text {
        "disk" => Some(Durability::Disk),
        "process" => Some(Durability::Process),
        _ => None,
    })?;
    Ok(JournalOptions::new(PathBuf::from(fields.text("journal")?), trade_date, durability))
}

fn listen(fields: &Fields<'_>) -> Result<Vec<Listen>, SettingsError> {
    let tls = match fields.table("tls")? {
        None => None,
        Some(table) => {
            let identity = identity(&table)?;
            let identity =
                identity.ok_or_else(|| fields.refuse("tls", "expected a certificate"))?;
            let roots = table.optional_text("client_ca")?.map(Path::new);
            let loaded = TlsServer::load(&identity, roots);
            Some(loaded.map_err(|why| fields.refuse("tls", why))?)
        }
    };
    let read = |text: &str| {
        let address = text.parse();
        let address = address.map_err(|why| fields.refuse("listen", format!("{text:?}: {why}")))?;
        Ok(Listen { address, tls: tls.clone() })
    };
    fields.texts("listen")?.into_iter().map(read).collect()
}

fn drain_timeout(fields: &Fields<'_>) -> Result<Option<Duration>, SettingsError> {
    if fields.get("drain_timeout_ns").is_none() {
        return Ok(None);
    }
    let nanos = fields.positive("drain_timeout_ns")?;
    Ok(u64::try_from(nanos).ok().map(Duration::from_nanos))
}
