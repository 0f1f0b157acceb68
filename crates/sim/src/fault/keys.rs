//! The words behind the name of a fault: `key=value`, each read once.

use ringfence_kernel::types::{Bps, Name, Note, NumberError, Price, Qty, Side, Ts, WireId};

use super::curve::{Curve, CurvePoint};
use super::words::{Filter, LineError, Moment};
use crate::exchange::Symbols;

/// What a script may call a duration.
const DURATION: &str = "a duration as 250ms, 5s, 2m";

/// The keys of one line that were not read yet.
pub(super) struct Keys<'a> {
    left: Vec<(&'a str, &'a str)>,
}

impl<'a> Keys<'a> {
    /// Returns the keys of `text`; `text=` and `why=` take the rest of the line.
    pub(super) fn new(text: &'a str) -> Result<Self, LineError> {
        let mut left: Vec<(&str, &str)> = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            let Some((key, value)) = word.split_once('=') else {
                return Err(LineError::NotKeyed(word.to_string()));
            };
            if left.iter().any(|(other, _)| *other == key) {
                return Err(LineError::UnknownKey(key.to_string()));
            }
            if matches!(key, "text" | "why") {
                let (_, whole) = rest.split_once('=').unwrap_or((key, value));
                left.push((key, whole));
                break;
            }
            left.push((key, value));
            rest = behind.trim_start();
        }
        Ok(Self { left })
    }
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'a str> {
        let at = self.left.iter().position(|(found, _)| *found == key)?;
        Some(self.left.remove(at).1)
    }
    /// Fails where a key was not read.
    pub(super) fn finish(self) -> Result<(), LineError> {
        match self.left.first() {
            Some((key, _)) => Err(LineError::UnknownKey((*key).to_string())),
            None => Ok(()),
        }
    }
    pub(super) fn get<T>(
        &mut self,
        key: &'static str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, LineError> {
        let Some(text) = self.take(key) else { return Ok(None) };
        let found = || LineError::Value { key, expected, found: text.to_string() };
        read(text).map(Some).ok_or_else(found)
    }
    pub(super) fn need<T>(
        &mut self,
        key: &'static str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, LineError> {
        self.get(key, expected, read)?.ok_or(LineError::MissingKey(key))
    }
    pub(super) fn span(&mut self, key: &'static str) -> Result<i64, LineError> {
        self.need(key, DURATION, duration)
    }
    pub(super) fn offset(&mut self, key: &'static str) -> Result<i64, LineError> {
        self.need(key, DURATION, signed_duration)
    }
    pub(super) fn moment(&mut self, key: &'static str) -> Result<Moment, LineError> {
        self.need(key, "a duration since the origin, or nanoseconds UTC", moment)
    }
    pub(super) fn whole<T: core::str::FromStr>(
        &mut self,
        key: &'static str,
    ) -> Result<Option<T>, LineError> {
        self.get(key, "a whole number", |text| text.parse().ok())
    }
    pub(super) fn price(&mut self, key: &'static str) -> Result<Option<Price>, LineError> {
        self.get(key, "a decimal price", |text| read(Price::parse(text)))
    }
    pub(super) fn qty(&mut self, key: &'static str) -> Result<Option<Qty>, LineError> {
        self.get(key, "a whole quantity", |text| read(Qty::parse(text)))
    }
    pub(super) fn name(&mut self, key: &'static str) -> Result<Option<Name>, LineError> {
        self.get(key, "a name of at most 31 bytes", Name::new)
    }
    pub(super) fn id(&mut self, key: &'static str) -> Result<Option<WireId>, LineError> {
        self.get(key, "an id of at most 47 bytes", WireId::new)
    }
    pub(super) fn note(&mut self, key: &'static str) -> Result<Note, LineError> {
        self.need(key, "text of at most 119 bytes", Note::new)
    }
    pub(super) fn side(&mut self, key: &'static str) -> Result<Option<Side>, LineError> {
        self.get(key, "buy or sell", |text| match text {
            "buy" => Some(Side::Buy),
            "sell" => Some(Side::Sell),
            _ => None,
        })
    }
    pub(super) fn curve(&mut self, key: &'static str) -> Result<Curve, LineError> {
        self.need(key, "rising points LOAD%:LATENCY:LOSS, as 80:20ms:10", curve)
    }
    /// Reads the keys that every fault has.
    pub(super) fn filter(&mut self) -> Result<Filter, LineError> {
        let port = self.name("port")?;
        let one = self.name("symbol")?.map(|name| Symbols::Of(vec![name]));
        let range = self.get("symbols", "a range FIRST..LAST", |text| {
            let (first, last) = text.split_once("..")?;
            Some(Symbols::Range(Name::new(first)?, Name::new(last)?))
        })?;
        let share = self.get("share", "basis points, 1 to 10000", |text| {
            let bps = text.parse().ok()?;
            (1..=10_000).contains(&bps).then_some(Bps::new(bps))
        })?;
        let above = |text: &str| text.parse().ok().filter(|number| *number > 0_u64);
        Ok(Filter {
            port,
            symbols: one.or(range).unwrap_or(Symbols::All),
            side: self.side("side")?,
            share: share.unwrap_or(Bps::new(10_000)),
            every: self.get("every", "a number above zero", above)?.unwrap_or(1),
            count: self.get("count", "a number above zero", above)?,
        })
    }
}

fn read<T>(parsed: Result<T, NumberError>) -> Option<T> {
    parsed.ok()
}

/// Returns the nanoseconds of `250ms`; a number needs its unit.
pub(super) fn duration(text: &str) -> Option<i64> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, unit) = text.split_at(unit_at);
    let unit_ns: i64 = match unit {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(unit_ns)
}

fn signed_duration(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(rest) => duration(rest).map(|ns| -ns),
        None => duration(text),
    }
}

/// Returns a moment: `5m` or `-5m` since the origin, or plain digits as nanoseconds UTC.
pub(super) fn moment(text: &str) -> Option<Moment> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Ts::from_nanos).map(Moment::At);
    }
    signed_duration(text).map(Moment::Since)
}

fn curve(text: &str) -> Option<Curve> {
    let point = |text: &str| {
        let (load, rest) = text.split_once(':')?;
        let (latency, loss) = rest.split_once(':')?;
        let load: i32 = load.parse().ok()?;
        Some(CurvePoint {
            load: Bps::new(load.checked_mul(100)?),
            latency_ns: duration(latency)?,
            loss: Bps::new(loss.parse().ok()?),
        })
    };
    let points: Option<Vec<CurvePoint>> = text.split(',').map(point).collect();
    Curve::new(points?).ok()
}
