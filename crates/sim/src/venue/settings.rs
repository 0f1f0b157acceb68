//! What a simulated venue is started with.

use core::fmt;

use ringfence_fix::dict::Version;
use ringfence_kernel::types::Ts;

use super::meaning::{self, Meaningless};
use crate::exchange::{RulesError, SPAN_NS_MAX, VenueRules};
use crate::fault::Script;

/// Everything that makes a venue: the same settings and inputs give the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueSettings {
    /// The rules; their ports are the endpoint's sessions, in the same order.
    pub rules: VenueRules,
    /// Version of FIX of each port, in the same order.
    pub versions: Vec<Version>,
    /// How long changes of the book are collected before subscribers are told.
    pub market_data_interval_ns: i64,
    /// The faults.
    pub script: Script,
    /// The time since which the moments of the script count.
    pub script_origin: Ts,
    /// Seed of the shares and losses of the faults.
    pub seed: u64,
}

/// Why a venue cannot be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// Its rules do not agree.
    Rules(RulesError),
    /// There are more or fewer versions than ports.
    Versions {
        /// Ports.
        expected: usize,
        /// Versions.
        found: usize,
    },
    /// The interval of market data is zero, or longer than a day.
    Interval,
    /// A line of the script can never act here.
    Script {
        /// The line, from 1.
        line: usize,
        /// Why not.
        why: Meaningless,
    },
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules(why) => why.fmt(f),
            Self::Versions { expected, found } => {
                write!(f, "expected the FIX version of {expected} ports, found {found}")
            }
            Self::Interval => {
                f.write_str("market_data_interval_ns must be above zero, at most a day")
            }
            Self::Script { line, why } => write!(f, "faults, line {line}: {why}"),
        }
    }
}

impl VenueSettings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        self.rules.check().map_err(SettingsError::Rules)?;
        let (expected, found) = (self.rules.ports.len(), self.versions.len());
        if expected != found {
            return Err(SettingsError::Versions { expected, found });
        }
        if !(1..=SPAN_NS_MAX).contains(&self.market_data_interval_ns) {
            return Err(SettingsError::Interval);
        }
        for (line, command) in self.script.lines() {
            meaning::check(command, &self.rules)
                .map_err(|why| SettingsError::Script { line, why })?;
        }
        Ok(())
    }
}
