//! Reads one line: the same grammar for a script and for a command at run time.

use super::keys::{Keys, duration, moment};
use ringfence_kernel::types::Name;

use super::words::{
    ExecIds, FAULT_NAMES, Fault, Filter, HALT_REASONS, LINE_BYTES_MAX, LineError, Moment, Strike,
};
use crate::exchange::{ExecNumber, HaltReason};

/// One line of a script, or a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// A fault that lasts.
    Lasting {
        /// When it begins; at the origin where nothing is said.
        at: Moment,
        /// How long it lasts; until it is cleared where nothing is said.
        for_ns: Option<i64>,
        /// What.
        fault: Fault,
        /// Whom it hits.
        filter: Filter,
    },
    /// Something that happens once.
    Once {
        /// When.
        at: Moment,
        /// What.
        strike: Strike,
        /// Whom it hits.
        filter: Filter,
    },
}

impl Command {
    /// Returns when it begins.
    pub const fn at(&self) -> Moment {
        match self {
            Self::Lasting { at, .. } | Self::Once { at, .. } => *at,
        }
    }
}

/// Returns what a line says, or why it says nothing.
pub fn parse_line(line: &str) -> Result<Command, LineError> {
    if line.len() > LINE_BYTES_MAX || line.chars().any(char::is_control) {
        return Err(LineError::Line);
    }
    let mut rest = line.trim();
    let mut at = Moment::Since(0);
    let mut for_ns = None;
    if let Some(text) = prefixed(&mut rest, "at ") {
        at = moment(text).ok_or_else(|| wrong("at", text))?;
    }
    if let Some(text) = prefixed(&mut rest, "for ") {
        for_ns = Some(duration(text).ok_or_else(|| wrong("for", text))?);
    }
    if rest.is_empty() {
        return Err(LineError::NoFault);
    }
    let (name, keys) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let mut keys = Keys::new(keys)?;
    // An execution for nobody's order says itself where it goes.
    let is_addressed = name == "unknown_execution";
    let strike = read_strike(name, &mut keys)?;
    let fault = match strike {
        Some(_) => None,
        None => read_fault(name, &mut keys)?,
    };
    let filter = if is_addressed { Filter::ALL } else { keys.filter()? };
    keys.finish()?;
    match (strike, fault) {
        (Some(_), _) if for_ns.is_some() => Err(LineError::CannotLast),
        (Some(strike), _) => Ok(Command::Once { at, strike, filter }),
        (None, Some(fault)) => {
            let needs_end =
                matches!(fault, Fault::Degrade { .. } | Fault::Silence { is_held: true });
            if needs_end && for_ns.is_none() {
                return Err(LineError::NeedsEnd);
            }
            Ok(Command::Lasting { at, for_ns, fault, filter })
        }
        (None, None) => Err(LineError::UnknownFault(name.to_string())),
    }
}

fn wrong(key: &'static str, found: &str) -> LineError {
    LineError::Value { key, expected: "a moment or duration", found: found.to_string() }
}

/// Takes `prefix` and the word behind it off the front of `rest`.
fn prefixed<'a>(rest: &mut &'a str, prefix: &str) -> Option<&'a str> {
    let behind = rest.strip_prefix(prefix)?.trim_start();
    let (word, left) = behind.split_once(char::is_whitespace).unwrap_or((behind, ""));
    *rest = left.trim_start();
    Some(word)
}

fn read_fault(name: &str, keys: &mut Keys<'_>) -> Result<Option<Fault>, LineError> {
    let yes_no = |text: &str| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    Ok(Some(match name {
        "ack_loss" => Fault::AckLoss,
        "late_ack" => Fault::LateAck { by_ns: keys.span("by")? },
        "late_fill" => Fault::LateFill { by_ns: keys.span("by")? },
        "duplicate_fill" => {
            let ids = keys.get("id", "same or new", |text| match text {
                "same" => Some(ExecIds::Same),
                "new" => Some(ExecIds::New),
                _ => None,
            })?;
            Fault::DuplicateFill { ids: ids.unwrap_or(ExecIds::Same) }
        }
        "fill_after_cancel" => Fault::FillAfterCancel,
        "symbols_down" => Fault::SymbolsDown,
        "degrade" => Fault::Degrade { to_ns: keys.span("to")? },
        "saturate" => Fault::Saturate {
            capacity: keys.need("capacity", "requests per second above zero", |text| {
                text.parse().ok().filter(|number| *number > 0)
            })?,
            curve: keys.curve("curve")?,
        },
        "silence" => {
            Fault::Silence { is_held: keys.get("hold", "yes or no", yes_no)?.unwrap_or(false) }
        }
        "clock_offset" => Fault::ClockOffset { by_ns: keys.offset("by")? },
        "reject_orders" => Fault::RejectOrders,
        "market_data_loss" => Fault::MarketDataLoss,
        "market_data_freeze" => Fault::MarketDataFreeze,
        "throttle" => {
            let take_max = keys.whole("take")?.ok_or(LineError::MissingKey("take"))?;
            let disconnect_max = keys.need("disconnect", "a number above take", |text| {
                text.parse().ok().filter(|max| *max > take_max)
            })?;
            Fault::Throttle { take_max, disconnect_max }
        }
        _ => return Ok(None),
    }))
}

fn read_strike(name: &str, keys: &mut Keys<'_>) -> Result<Option<Strike>, LineError> {
    Ok(Some(match name {
        "disconnect" => Strike::Disconnect,
        "clear" => Strike::Clear {
            fault: keys.get("fault", FAULT_NAMES, |text| {
                let is_known = FAULT_NAMES.split(", ").any(|name| name == text);
                Name::new(text).filter(|_| is_known)
            })?,
        },
        "unknown_execution" => Strike::UnknownExecution {
            port: keys.name("port")?.ok_or(LineError::MissingKey("port"))?,
            symbol: keys.name("symbol")?.ok_or(LineError::MissingKey("symbol"))?,
            side: keys.side("side")?.ok_or(LineError::MissingKey("side"))?,
            qty: keys.qty("qty")?.ok_or(LineError::MissingKey("qty"))?,
            px: keys.price("px")?.ok_or(LineError::MissingKey("px"))?,
            cl_ord_id: keys.id("id")?,
        },
        "halt" => Strike::Halt {
            reason: keys.get("reason", HALT_REASONS, HaltReason::find)?,
            why: keys.note("why")?,
        },
        "pause" => Strike::Pause,
        "reopen" => {
            Strike::Reopen { auction_ns: keys.get("auction", "a duration", duration)?.unwrap_or(0) }
        }
        "bust" => Strike::Bust { exec: exec(keys)? },
        "correct" => {
            Strike::Correct { exec: exec(keys)?, px: keys.price("px")?, qty: keys.qty("qty")? }
        }
        "mass_bust" => Strike::MassBust { from: keys.moment("from")?, to: keys.moment("to")? },
        "cancel_orders" => Strike::CancelOrders,
        "restate" => Strike::Restate {
            share_bps: keys.need("by", "basis points, 1 to 10000", |text| {
                text.parse().ok().filter(|bps| (1..=10_000).contains(bps))
            })?,
        },
        "band" => Strike::Band {
            lower: keys.price("lower")?.ok_or(LineError::MissingKey("lower"))?,
            upper: keys.price("upper")?.ok_or(LineError::MissingKey("upper"))?,
        },
        "band_off" => Strike::BandOff,
        "band_rule" => Strike::BandRule,
        "announce" => Strike::Announce { text: keys.note("text")? },
        _ => return Ok(None),
    }))
}

/// Reads the number of an execution, with or without the prefix of the venue's ids.
fn exec(keys: &mut Keys<'_>) -> Result<ExecNumber, LineError> {
    keys.need("exec", "the ExecID of a fill", |text| {
        let digits = text.rsplit_once('-').map_or(text, |(_, number)| number);
        digits.parse().ok().map(ExecNumber::new)
    })
}
