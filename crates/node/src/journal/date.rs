//! The trading day that a journal belongs to.

use std::fmt;
use std::str::FromStr;

use super::error::JournalError;

/// A day of the Gregorian calendar, written `YYYY-MM-DD`, from 1970-01-01 to 9999-12-31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TradeDate {
    year: u16,
    month: u8,
    day: u8,
}

impl TradeDate {
    /// Returns the day, or nothing when the calendar does not have it.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let known = (1970..=9999).contains(&year) && (1..=days_of(year, month)).contains(&day);
        known.then_some(Self { year, month, day })
    }

    /// Returns the decimal number `YYYYMMDD`.
    pub(crate) fn number(self) -> u32 {
        u32::from(self.year) * 10_000 + u32::from(self.month) * 100 + u32::from(self.day)
    }

    /// Returns the day of a decimal number `YYYYMMDD`, or nothing when there is none.
    pub(crate) fn from_number(number: u32) -> Option<Self> {
        let year = u16::try_from(number / 10_000).ok()?;
        let month = u8::try_from(number / 100 % 100).ok()?;
        let day = u8::try_from(number % 100).ok()?;
        Self::new(year, month, day)
    }
}

impl fmt::Display for TradeDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for TradeDate {
    type Err = JournalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| JournalError::TradeDate { found: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<TradeDate> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    let day = digits(parts.next()?, 2)?;
    if parts.next().is_some() {
        return None;
    }
    TradeDate::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

fn digits(text: &str, count: usize) -> Option<u16> {
    let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn days_of(year: u16, month: u8) -> u8 {
    let leap = if year.is_multiple_of(100) { 400 } else { 4 };
    let leap = year.is_multiple_of(leap);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::TradeDate;

    /// A trade date is one real calendar day, written in one way only (R39: refused at the door).
    #[test]
    fn only_real_days_parse() {
        for good in ["1970-01-01", "2012-08-01", "2024-02-29", "2000-02-29", "9999-12-31"] {
            let date = good.parse::<TradeDate>().ok();
            assert_eq!(Some(good.to_owned()), date.map(|date| date.to_string()));
            assert_eq!(date, date.and_then(|date| TradeDate::from_number(date.number())));
        }
        for bad in [
            "",
            "2024-08",
            "2024-8-05",
            "24-08-05",
            "2024-13-01",
            "2024-00-01",
            "2024-04-31",
            "2023-02-29",
            "1900-02-29",
            "1969-12-31",
            "2024-08-05-1",
            "2024-08-05 ",
            "+024-08-05",
            "2024/08/05",
            "../../etc",
        ] {
            assert!(bad.parse::<TradeDate>().is_err(), "{bad:?} must be refused");
        }
        assert_eq!(None, TradeDate::from_number(0));
        assert_eq!(None, TradeDate::from_number(u32::MAX));
    }
}
