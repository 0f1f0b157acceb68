//! What a gateway is told: the process, and the day's definitions and first facts.

use std::fs;
use std::time::Duration;

use ringfence_fix::terms::Version;
use ringfence_gateway::{self as gateway, DrainPolicy, GatewaySettings};
use ringfence_kernel::Input;
use serde_json::Value;

use super::{Fields, LinkSettings, ProcessSettings, Role, Secrets, SettingsError, parse};
use crate::closing::{Accepted, Opening};
use crate::host::{ClockLimits, Unfit};
use crate::jsonl::{self, LineError};

/// Longest file of first inputs, in bytes.
const INPUTS_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The settings of a gateway node.
pub struct NodeSettings {
    /// Journal, ports, sessions and peers.
    pub process: ProcessSettings,
    /// Name of the node.
    pub node: String,
    /// The inputs that define the day, in the order in which the kernel takes them.
    pub definitions: Vec<Input>,
    /// The inputs that follow them, once, when the day's journal is begun.
    pub inputs: Vec<Input>,
    /// What the day says about the one before it.
    pub opening: Opening,
    /// What the gateway is told of its sessions and times.
    pub gateway: GatewaySettings,
    /// Largest step of the machine's clock that needs no person, nanoseconds.
    pub clock_step_max_ns: i64,
}

impl NodeSettings {
    /// Returns the settings of a text of JSON and the passwords beside it.
    ///
    /// Reads the files that it names: certificates, dictionaries, first inputs.
    pub fn read(text: &str, secrets: &Secrets) -> Result<Self, SettingsError> {
        let value = parse(text)?;
        let fields = Fields::new(&value, "")?;
        let node = fields.text("node")?.to_owned();
        let seed = node
            .bytes()
            .fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let drain = fields.read("drain", "cancel or leave", |text| match text {
            "cancel" => Some(DrainPolicy::Cancel),
            "leave" => Some(DrainPolicy::Leave),
            _ => None,
        })?;
        let mut process = ProcessSettings::read(&fields, secrets, seed, Ok)?;
        process.host.clock = Some(clock_limits(&fields)?);
        let clock_step_max_ns = fields.positive("clock_step_max_ns")?;
        process.host.clock_step_max = Duration::from_nanos(clock_step_max_ns.unsigned_abs());
        let links = process.links.iter().map(|link| gateway_link(link, &fields));
        let mut gateway = GatewaySettings::new(links.collect::<Result<_, _>>()?);
        gateway.drain = drain;
        gateway.client_message_max = gateway
            .indexed()
            .zip(&process.links)
            .filter_map(|((index, _), link)| Some((index, link.message_max?)))
            .collect();
        gateway.passed_over = gateway
            .indexed()
            .zip(&process.links)
            .map(|((index, _), link)| (index, link.passed_over.clone()))
            .collect();
        gateway.copied_accounts = gateway
            .indexed()
            .zip(&process.links)
            .filter(|(_, link)| link.role == Role::DropCopy)
            .map(|((index, _), link)| (index, link.accounts.clone()))
            .collect();
        gateway.unasked = gateway
            .indexed()
            .zip(&process.links)
            .filter(|(_, link)| !link.session_status)
            .map(|((index, _), _)| index)
            .collect();
        gateway.tick_interval_ns = fields.positive("tick_ns")?;
        let definitions = definitions(&fields)?;
        Ok(Self {
            process,
            node,
            gateway,
            opening: opening(&fields, &definitions)?,
            definitions,
            inputs: inputs(&fields)?,
            clock_step_max_ns,
        })
    }
}

fn gateway_link(link: &LinkSettings, fields: &Fields<'_>) -> Result<gateway::Link, SettingsError> {
    let version = Version::of(&link.begin_string);
    let version = version.ok_or_else(|| fields.refuse("sessions", "a version of FIX"))?;
    let role = match link.role {
        Role::Client => gateway::Role::Client { name: link.of },
        Role::DropCopy => gateway::Role::DropCopy,
        Role::Venue => gateway::Role::Venue { venue: link.of, market_data: link.market_data },
        Role::VenueDropCopy => gateway::Role::VenueDropCopy { venue: link.of },
    };
    Ok(gateway::Link { version, role })
}

/// Returns the inputs of lines without times; the first bad line is the error.
pub fn live_inputs(lines: &[u8]) -> Result<Vec<Input>, LineError> {
    let inputs = jsonl::parse_live_lines(lines, 1)?;
    Ok(inputs.into_iter().map(|(_, input)| input).collect())
}

fn clock_limits(fields: &Fields<'_>) -> Result<ClockLimits, SettingsError> {
    Ok(ClockLimits {
        offset_max_ns: fields.positive("clock_offset_max_ns")?,
        error_max_ns: fields.positive("clock_error_max_ns")?,
        check_every_ns: fields.positive("clock_check_every_ns")?,
        unfit: fields.read("clock_unfit", "refuse or alert", |text| match text {
            "refuse" => Some(Unfit::Refuse),
            "alert" => Some(Unfit::Alert),
            _ => None,
        })?,
    })
}

fn definitions(fields: &Fields<'_>) -> Result<Vec<Input>, SettingsError> {
    let read = |(place, item): (String, &Value)| {
        let (_, input) = jsonl::parse_line(item.to_string().as_bytes(), 1)
            .map_err(|why| SettingsError::at(place, why.message))?;
        Ok(input)
    };
    fields.list("definitions")?.map(read).collect()
}

/// Returns the opening positions and what may differ from the day before.
///
/// What `new_day` accepts holds for the trading day that it names, and for no other.
fn opening(fields: &Fields<'_>, definitions: &[Input]) -> Result<Opening, SettingsError> {
    let mut opening = Opening::of(definitions);
    let Some(table) = fields.table("new_day")? else {
        return Ok(opening);
    };
    let kinds = table.texts("accepts")?;
    let kinds = kinds.into_iter().map(|name| {
        let kind = Accepted::named(name);
        kind.ok_or_else(|| table.refuse("accepts", "expected halts, positions, unconfirmed"))
    });
    let kinds = kinds.collect::<Result<Vec<_>, _>>()?;
    if table.text("trade_date")? == fields.text("trade_date")? {
        opening.accepted = kinds;
        opening.cause = table.text("cause")?.to_owned();
    }
    Ok(opening)
}

/// Returns what the settings of a node say about the day before, without its sessions.
pub fn opening_of(text: &str) -> Result<Opening, SettingsError> {
    let value = parse(text)?;
    let fields = Fields::new(&value, "")?;
    opening(&fields, &definitions(&fields)?)
}

fn inputs(fields: &Fields<'_>) -> Result<Vec<Input>, SettingsError> {
    let Some(file) = fields.optional_text("inputs")? else {
        return Ok(Vec::new());
    };
    let refuse = |why: String| fields.refuse("inputs", format!("{file}: {why}"));
    let length = fs::metadata(file).map_err(|why| refuse(why.to_string()))?.len();
    if length > INPUTS_BYTES_MAX {
        return Err(refuse(format!("expected at most {INPUTS_BYTES_MAX} bytes")));
    }
    let lines = fs::read(file).map_err(|why| refuse(why.to_string()))?;
    live_inputs(&lines).map_err(|why| refuse(why.to_string()))
}
