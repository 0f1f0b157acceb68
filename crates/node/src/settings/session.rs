//! One FIX session: what the protocol is told, and what the application is told of it.

use std::path::PathBuf;
use std::sync::Arc;

use ringfence_fix::session::{
    self, ADDRESSES_MAX, Credentials, Heartbeat, Reconnect, Resets, Schedule, SessionSettings,
    Version, Window,
};
use ringfence_kernel::types::{Name, Ts};

use super::dictionary::Own;
use super::secrets::Expected;
use super::{Fields, Secrets, SettingsError, dictionary};
use crate::net::{Identity, Peer, TlsClient};

/// Time that a session stays logged on before its failed connections are forgotten, nanoseconds.
const STABLE_NS: i64 = 10_000_000_000;
/// Heartbeat interval that is answered with where the peer asks for none, seconds.
const HEARTBEAT_SECS: u32 = 30;

/// Who the peer of a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A client, or a member of a venue, who enters orders.
    Client,
    /// Someone who receives copies of reports.
    DropCopy,
    /// A venue that orders go to.
    Venue,
    /// A venue that sends copies of its reports.
    VenueDropCopy,
}

/// What the application is told of a session, in the order of the endpoint's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSettings {
    /// Name in status and alerts.
    pub name: String,
    /// Client session or venue that it belongs to.
    pub of: Name,
    /// Who the peer is.
    pub role: Role,
    /// BeginString (FIX 8).
    pub begin_string: String,
    /// Whether market data is asked for; of a venue.
    pub market_data: bool,
    /// Whether its dictionary has the question about the trading session (FIX 35=g).
    pub session_status: bool,
    /// Accounts whose reports are copied, `*` for all; of a drop copy.
    pub accounts: Vec<Name>,
    /// Messages taken in one second; of a client.
    pub message_max: Option<u32>,
    /// Tags passed over by agreement; of a client.
    pub passed_over: Vec<u32>,
}

/// A session as it was read.
pub(super) struct Session {
    pub(super) protocol: SessionSettings,
    pub(super) link: LinkSettings,
    pub(super) expected: Expected,
    pub(super) peers: Vec<Peer>,
}

impl Session {
    /// Returns the session of one row.
    pub(super) fn read(
        fields: &Fields<'_>,
        secrets: &Secrets,
        logon_timeout_ns: i64,
        own: Own,
    ) -> Result<Self, SettingsError> {
        let mut link = link(fields)?;
        let dials = match fields.text("side")? {
            "acceptor" => false,
            "initiator" => true,
            other => return Err(fields.refuse("side", format!("unknown: {other}"))),
        };
        let password = secrets.password(&link.name);
        if fields.boolean("has_password")? != password.is_some() {
            return Err(fields.refuse("has_password", "expected the password beside it"));
        }
        let username = fields.optional_text("username")?;
        let role = if dials {
            session::Role::Initiator(reconnect(fields)?)
        } else {
            session::Role::Acceptor
        };
        let validate = dictionary::load(
            &link.begin_string,
            &fields.texts("dictionary")?,
            fields.optional_text("dialect")?,
            own,
            fields.own_place(),
        )?;
        link.session_status = validate.is_known_type(b"g");
        let mut protocol = SessionSettings::new(
            role,
            version(fields)?,
            name(fields, "sender_comp_id")?,
            name(fields, "target_comp_id")?,
            Arc::new(validate),
        );
        protocol.heartbeat = heartbeat(fields, dials)?;
        protocol.resets = Resets {
            on_logon: fields.boolean("reset_on_logon")?,
            on_logout: fields.boolean("reset_on_logout")?,
            on_disconnect: fields.boolean("reset_on_disconnect")?,
            on_first_number: false,
        };
        protocol.schedule = schedule(fields)?;
        protocol.sender_sub_id = sub_id(fields, "sender_sub_id")?;
        protocol.target_sub_id = sub_id(fields, "target_sub_id")?;
        protocol.next_expected = fields.boolean("next_expected")?;
        protocol.resend_chunk = fields.integer("resend_chunk")?;
        protocol.logon_timeout_ns = logon_timeout_ns;
        if dials {
            protocol.credentials = credentials(fields, username, password)?;
        }
        let expected = Expected {
            username: username.map(str::to_owned),
            password: password.map(str::to_owned),
        };
        let peers = if dials { peers(fields)? } else { Vec::new() };
        Ok(Self { protocol, link, expected, peers })
    }
}

fn link(fields: &Fields<'_>) -> Result<LinkSettings, SettingsError> {
    let role = fields.read("role", "a role", |text| match text {
        "client" => Some(Role::Client),
        "drop_copy" => Some(Role::DropCopy),
        "venue" => Some(Role::Venue),
        "venue_drop_copy" => Some(Role::VenueDropCopy),
        _ => None,
    })?;
    let is_venue = matches!(role, Role::Venue | Role::VenueDropCopy);
    let accounts = match (role, fields.get("accounts")) {
        (Role::DropCopy, Some(_)) => names(fields, "accounts")?,
        _ => Vec::new(),
    };
    let message_max = fields.get("message_max").map(|_| fields.integer("message_max"));
    Ok(LinkSettings {
        name: fields.text("name")?.to_owned(),
        of: name(fields, "of")?,
        role,
        begin_string: fields.text("begin_string")?.to_owned(),
        market_data: is_venue && fields.boolean("market_data")?,
        session_status: false,
        accounts,
        message_max: message_max.transpose()?,
        passed_over: passed_over(fields)?,
    })
}

/// Returns the tags that a client's messages may have and that are passed over by agreement.
fn passed_over(fields: &Fields<'_>) -> Result<Vec<u32>, SettingsError> {
    const KEY: &str = "passed_over";
    let tags = if fields.get(KEY).is_some() { fields.integers(KEY)? } else { Vec::new() };
    match tags.iter().find(|tag| !ringfence_gateway::can_be_passed_over(**tag)) {
        Some(tag) => Err(fields.refuse(
            KEY,
            format!(
                "expected tags that only describe an instrument, or user-defined ones, found {tag}"
            ),
        )),
        None => Ok(tags),
    }
}

/// Returns a name that the kernel can hold.
pub(super) fn name(fields: &Fields<'_>, key: &str) -> Result<Name, SettingsError> {
    fields.read(key, "a name", Name::new)
}

fn sub_id(fields: &Fields<'_>, key: &str) -> Result<Option<Name>, SettingsError> {
    fields.optional_text(key)?.map(|_| name(fields, key)).transpose()
}

fn names(fields: &Fields<'_>, key: &str) -> Result<Vec<Name>, SettingsError> {
    let read = |text| Name::new(text).ok_or_else(|| fields.refuse(key, "expected names"));
    fields.texts(key)?.into_iter().map(read).collect()
}

fn version(fields: &Fields<'_>) -> Result<Version, SettingsError> {
    fields.read("begin_string", "a version of FIX", |text| match text {
        "FIX.4.2" => Some(Version::Fix42),
        "FIX.4.4" => Some(Version::Fix44),
        "FIXT.1.1" => Name::new("9").map(|id| Version::Fixt11 { default_appl_ver_id: id }),
        _ => None,
    })
}

fn heartbeat(fields: &Fields<'_>, dials: bool) -> Result<Heartbeat, SettingsError> {
    let secs_max =
        if dials { fields.integer("heartbeat_s")? } else { fields.integer("heartbeat_max_s")? };
    let secs = if dials { secs_max } else { HEARTBEAT_SECS.min(secs_max) };
    Ok(Heartbeat { secs, secs_min: 1, secs_max })
}

fn reconnect(fields: &Fields<'_>) -> Result<Reconnect, SettingsError> {
    let table = fields.table("reconnect")?;
    let table = table.ok_or_else(|| fields.refuse("reconnect", "expected an object"))?;
    Ok(Reconnect {
        first_ns: table.positive("first_ns")?,
        max_ns: table.positive("max_ns")?,
        failures_max: table.integer("failures_max")?,
        stable_ns: STABLE_NS,
        failover_count: table.integer("failover_count")?,
    })
}

fn schedule(fields: &Fields<'_>) -> Result<Schedule, SettingsError> {
    let window = |row: Fields<'_>| {
        Ok(Window {
            start: Ts::from_nanos(row.integer("start_ns")?),
            end: Ts::from_nanos(row.integer("end_ns")?),
        })
    };
    let rows: Vec<Window> =
        fields.tables("schedule")?.into_iter().map(window).collect::<Result<_, SettingsError>>()?;
    Ok(if rows.is_empty() { Schedule::Always } else { Schedule::Windows(rows) })
}

fn credentials(
    fields: &Fields<'_>,
    username: Option<&str>,
    password: Option<&str>,
) -> Result<Option<Credentials>, SettingsError> {
    let Some(username) = username else {
        return Ok(None);
    };
    let read = |key: &str, text: &str| {
        Name::new(text).ok_or_else(|| fields.refuse(key, "expected 1 to 31 bytes"))
    };
    let password = password.ok_or_else(|| fields.refuse("has_password", "expected a password"))?;
    Ok(Some(Credentials {
        username: read("username", username)?,
        password: read("has_password", password)?,
    }))
}

/// Returns the addresses of a peer, its primary first.
fn peers(fields: &Fields<'_>) -> Result<Vec<Peer>, SettingsError> {
    let mut peers = vec![peer(fields, "address", fields.text("address")?)?];
    for address in fields.texts("backups")? {
        peers.push(peer(fields, "backups", address)?);
    }
    if peers.len() > ADDRESSES_MAX {
        let (most, found) = (ADDRESSES_MAX, peers.len());
        return Err(fields.refuse("backups", format!("expected {most} at most, found {found}")));
    }
    Ok(peers)
}

fn peer(fields: &Fields<'_>, key: &str, address: &str) -> Result<Peer, SettingsError> {
    let read = |(host, port): (&str, &str)| {
        Some((host.trim_start_matches('[').trim_end_matches(']').to_owned(), port.parse().ok()?))
    };
    let split: Option<(String, u16)> = address.rsplit_once(':').and_then(read);
    let (host, port) = split.ok_or_else(|| fields.refuse(key, "expected host and port"))?;
    let tls = match fields.table("tls")? {
        None => None,
        Some(table) => {
            let server = table.optional_text("server_name")?.unwrap_or(&host);
            let identity = identity(&table)?;
            let roots = PathBuf::from(table.text("ca")?);
            let loaded = TlsClient::load(&roots, server, identity.as_ref());
            Some(loaded.map_err(|why| fields.refuse("tls", why))?)
        }
    };
    Ok(Peer { host, port, tls })
}

/// Returns the certificate and key of a table, where it has them.
pub(super) fn identity(table: &Fields<'_>) -> Result<Option<Identity>, SettingsError> {
    match table.optional_text("certificate")? {
        None => Ok(None),
        Some(certificates) => Ok(Some(Identity {
            certificates: PathBuf::from(certificates),
            key: PathBuf::from(table.text("key")?),
        })),
    }
}
