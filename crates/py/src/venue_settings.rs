//! What a simulated venue is told, from JSON: the process, and the rules of the exchange.

use std::fs;

use ringfence_fix::dict::Version;
use ringfence_kernel::types::{Bps, Money, Name, OrdType, Phase, Price, Qty, TimeInForce, Ts};
use ringfence_node::settings::{Fields, Own, ProcessSettings, Secrets, SettingsError, parse};
use ringfence_sim::book::{AuctionKind, BookLimits};
use ringfence_sim::exchange::{
    BandKind, FeeRules, HaltEntry, InstrumentRules, LimitBandRules, LimitTier, PortKind, PortRules,
    RestingBy, RetailRules, SessionWindow, TapeRun, Throttle, TickStep, Tier, VenueRules,
};
use ringfence_sim::fault::Script;
use ringfence_sim::tape::TapeTime;
use ringfence_sim::tape::venues::LETTERS;
use ringfence_sim::venue::{VenueSettings, with_retail_program};

/// Longest script of faults, in bytes.
const SCRIPT_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Digits of the trading day in the ids of a venue: YYMMDD.
const DAY_DIGITS: usize = 6;

/// The settings of a venue.
pub(crate) struct Read {
    /// Journal, ports and sessions.
    pub(crate) process: ProcessSettings,
    /// Rules and faults.
    pub(crate) venue: VenueSettings,
    /// How the tape is followed, where there is one.
    pub(crate) run: Option<TapeRun>,
}

/// Returns the settings of a text of JSON and the passwords beside it.
///
/// Reads the files that it names: certificates, dictionaries, the script of faults.
pub(crate) fn read(text: &str, secrets: &Secrets) -> Result<Read, SettingsError> {
    let value = parse(text)?;
    let fields = Fields::new(&value, "")?;
    let seed = fields.integer("seed")?;
    let rule_fields = table(&fields, "rules")?;
    let own: Own = if rule_fields.get("retail").is_some() { with_retail_program } else { Ok };
    let process = ProcessSettings::read(&fields, secrets, seed, own)?;
    let versions = process.links.iter().map(|link| Version::of(&link.begin_string));
    let versions: Option<_> = versions.collect();
    let versions =
        versions.ok_or_else(|| fields.refuse("sessions", "an unknown version of FIX"))?;
    let rules = rules(&rule_fields, id_prefix(&fields)?)?;
    let venue = VenueSettings {
        script_origin: script_origin(&fields, &rules)?,
        rules,
        versions,
        market_data_interval_ns: fields.positive("market_data_interval_ns")?,
        script: script(&fields)?,
        seed,
    };
    let run = fields.table("tape")?.map(|row| tape_run(&row, venue.script_origin)).transpose()?;
    Ok(Read { process, venue, run })
}

/// Returns how a tape is followed: its time `start_ns` is that of `origin`, so that a venue that
/// starts again follows the same tape.
fn tape_run(row: &Fields<'_>, origin: Ts) -> Result<TapeRun, SettingsError> {
    let from = row.integer("start_ns").map(TapeTime::from_nanos)?;
    let speed = u32::try_from(row.positive("speed")?);
    let known = |text: &str| LETTERS.iter().any(|(_, code)| *code == text);
    let venue = |text: &str| Name::new(text).filter(|_| known(text));
    let is_chosen = row.get("venue").is_some();
    let venue = is_chosen.then(|| row.read("venue", "a venue of the tape such as XNYS", venue));
    Ok(TapeRun {
        from: from.ok_or_else(|| row.refuse("start_ns", "expected a time of one day"))?,
        starts: origin,
        speed: speed.map_err(|_| row.refuse("speed", format!("above {}", u32::MAX)))?,
        speed_per: 1,
        venue: venue.transpose()?,
        resting_by: row.read("kind", "a kind of tape", |text| match text {
            "itch" => Some(RestingBy::Orders),
            "lobster" | "recorded" | "reconstruction" => Some(RestingBy::Quotes),
            _ => None,
        })?,
    })
}

fn table<'a>(fields: &Fields<'a>, key: &str) -> Result<Fields<'a>, SettingsError> {
    fields.table(key)?.ok_or_else(|| fields.refuse(key, "expected an object, found nothing"))
}

/// Returns what begins the ids of this venue on this day.
fn id_prefix(fields: &Fields<'_>) -> Result<Name, SettingsError> {
    let digits: String = fields.text("trade_date")?.chars().filter(char::is_ascii_digit).collect();
    let day = digits.get(digits.len().saturating_sub(DAY_DIGITS)..).unwrap_or_default();
    let prefix = format!("{}-{day}", fields.text("name")?);
    Name::new(&prefix).ok_or_else(|| fields.refuse("name", format!("too long for {prefix:?}")))
}

/// Returns the start of the first window of the trading day, from which a script counts.
fn script_origin(fields: &Fields<'_>, rules: &VenueRules) -> Result<Ts, SettingsError> {
    let day = fields.text("trade_date")?;
    for window in table(fields, "rules")?.tables("windows")? {
        if window.text("trade_date")? == day {
            return Ok(Ts::from_nanos(window.integer("start_ns")?));
        }
    }
    let first = rules.windows.first().map(|window| window.start);
    first.ok_or_else(|| fields.refuse("rules.windows", "expected at least one"))
}

fn script(fields: &Fields<'_>) -> Result<Script, SettingsError> {
    let Some(file) = fields.optional_text("faults")? else {
        return Ok(Script::default());
    };
    let refuse = |why: String| fields.refuse("faults", format!("{file}: {why}"));
    if fs::metadata(file).map_err(|why| refuse(why.to_string()))?.len() > SCRIPT_BYTES_MAX {
        return Err(refuse(format!("expected at most {SCRIPT_BYTES_MAX} bytes")));
    }
    let text = fs::read_to_string(file).map_err(|why| refuse(why.to_string()))?;
    Script::parse(&text).map_err(|why| refuse(why.to_string()))
}

fn rules(fields: &Fields<'_>, id_prefix: Name) -> Result<VenueRules, SettingsError> {
    let each = |key| fields.tables(key);
    let limits = table(fields, "book_limits")?;
    let fees = table(fields, "fees")?;
    let money_max = fields.get("order_notional_max").map(|_| money(fields, "order_notional_max"));
    Ok(VenueRules {
        id_prefix,
        instruments: each("instruments")?.iter().map(instrument).collect::<Result<_, _>>()?,
        ports: each("ports")?.iter().map(port).collect::<Result<_, _>>()?,
        windows: each("windows")?.iter().map(window).collect::<Result<_, _>>()?,
        order_types: named(fields, "order_types", OrdType::from_name)?,
        times_in_force: named(fields, "times_in_force", TimeInForce::from_name)?,
        limit_band: fields.table("limit_band")?.as_ref().map(limit_band).transpose()?,
        session_band: bps(fields, "session_band_bps")?,
        order_notional_max: money_max.transpose()?,
        fees: FeeRules {
            maker: money(&fees, "maker")?,
            taker: money(&fees, "taker")?,
            auction: money(&fees, "auction")?,
        },
        retail: fields.table("retail")?.as_ref().map(retail).transpose()?,
        halt_entry: fields.read("halt_entry", "collect or refuse", |text| match text {
            "collect" => Some(HaltEntry::Collect),
            "refuse" => Some(HaltEntry::Refuse),
            _ => None,
        })?,
        book_limits: BookLimits::new(limits.integer("orders_max")?, limits.integer("levels_max")?),
    })
}

fn named<T>(
    fields: &Fields<'_>,
    key: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, SettingsError> {
    let one = |text: &str| read(text).ok_or_else(|| fields.refuse(key, format!("found {text:?}")));
    fields.texts(key)?.into_iter().map(one).collect()
}

fn bps(fields: &Fields<'_>, key: &str) -> Result<Option<Bps>, SettingsError> {
    fields.get(key).map(|_| fields.integer(key).map(Bps::new)).transpose()
}

fn price(fields: &Fields<'_>, key: &str) -> Result<Price, SettingsError> {
    fields.read(key, "a price", |text| Price::parse(text).ok())
}

fn money(fields: &Fields<'_>, key: &str) -> Result<Money, SettingsError> {
    fields.read(key, "an amount of money", |text| Money::parse(text).ok())
}

fn name(fields: &Fields<'_>, key: &str) -> Result<Name, SettingsError> {
    fields.read(key, "a name", Name::new)
}

fn instrument(row: &Fields<'_>) -> Result<InstrumentRules, SettingsError> {
    let step = |step: Fields<'_>| {
        Ok(TickStep { from: price(&step, "from")?, tick: price(&step, "tick")? })
    };
    Ok(InstrumentRules {
        symbol: name(row, "symbol")?,
        ticks: row.tables("ticks")?.into_iter().map(step).collect::<Result<_, SettingsError>>()?,
        lot: Qty::new(row.integer("lot")?),
        reference_px: price(row, "reference_px")?,
        tier: row.table("tier")?.as_ref().map(tier).transpose()?,
    })
}

fn tier(row: &Fields<'_>) -> Result<LimitTier, SettingsError> {
    Ok(LimitTier {
        tier: row.read("name", "tier_1 or tier_2", |text| match text {
            "tier_1" => Some(Tier::One),
            "tier_2" => Some(Tier::Two),
            _ => None,
        })?,
        leverage: Bps::new(row.integer("leverage_bps")?),
    })
}

fn port(row: &Fields<'_>) -> Result<PortRules, SettingsError> {
    let throttle = |row: Fields<'_>| {
        Ok(Throttle {
            take_max: row.integer("take_max")?,
            disconnect_max: row.integer("disconnect_max")?,
        })
    };
    Ok(PortRules {
        name: name(row, "name")?,
        firm: name(row, "firm")?,
        kind: row.read("kind", "order_entry or drop_copy", |text| match text {
            "order_entry" => Some(PortKind::OrderEntry),
            "drop_copy" => Some(PortKind::DropCopy),
            _ => None,
        })?,
        cancel_on_disconnect: row.boolean("cancel_on_disconnect")?,
        throttle: row.table("throttle")?.map(throttle).transpose()?,
        is_retail: row.boolean("is_retail")?,
    })
}

fn window(row: &Fields<'_>) -> Result<SessionWindow, SettingsError> {
    let auction = row.get("auction").map(|_| {
        row.read("auction", "opening or closing", |text| match text {
            "opening" => Some(AuctionKind::Opening),
            "closing" => Some(AuctionKind::Closing),
            _ => None,
        })
    });
    Ok(SessionWindow {
        name: name(row, "name")?,
        phase: row.read("phase", "a phase", Phase::from_name)?,
        auction: auction.transpose()?,
        band: row.read("band", "a kind of band", |text| match text {
            "unbounded" => Some(BandKind::Unbounded),
            "limit_up_down" => Some(BandKind::LimitUpDown),
            "limit_up_down_closing" => Some(BandKind::LimitUpDownClosing),
            "session" => Some(BandKind::Session),
            _ => None,
        })?,
        start: Ts::from_nanos(row.integer("start_ns")?),
        end: Ts::from_nanos(row.integer("end_ns")?),
    })
}

fn limit_band(row: &Fields<'_>) -> Result<LimitBandRules, SettingsError> {
    Ok(LimitBandRules {
        width: bps(row, "width_bps")?,
        mean_ns: row.integer("mean_ns")?,
        move_min: Bps::new(row.integer("move_min_bps")?),
        stand_min_ns: row.integer("stand_min_ns")?,
        limit_state_ns: row.integer("limit_state_ns")?,
        pause_ns: row.integer("pause_ns")?,
    })
}

fn retail(row: &Fields<'_>) -> Result<RetailRules, SettingsError> {
    Ok(RetailRules { improvement_min: price(row, "improvement_min")?, tick: price(row, "tick")? })
}
