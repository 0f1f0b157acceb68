//! UTC timestamps as text (FIX type UTCTimestamp).

use ringfence_kernel::types::Ts;

use super::message::decimal;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// `YYYYMMDD-HH:MM:SS.sss`.
const TEXT_BYTES: usize = 21;

/// The text of a time, kept for as long as the millisecond is the same.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    millis: i64,
    text: [u8; TEXT_BYTES],
}

impl Stamp {
    /// Returns the stamp of `at`.
    pub(crate) fn new(at: Ts) -> Self {
        Self { millis: at.nanos().div_euclid(1_000_000), text: text(at) }
    }
    /// Appends the text of `at`.
    pub(crate) fn put(&mut self, out: &mut Vec<u8>, at: Ts) {
        if self.millis != at.nanos().div_euclid(1_000_000) {
            *self = Self::new(at);
        }
        out.extend_from_slice(&self.text);
    }
}

fn text(at: Ts) -> [u8; TEXT_BYTES] {
    let seconds = at.nanos().div_euclid(NANOS_PER_SECOND);
    let millis = at.nanos().rem_euclid(NANOS_PER_SECOND) / 1_000_000;
    let (year, month, day) = civil(seconds.div_euclid(SECONDS_PER_DAY));
    let second = seconds.rem_euclid(SECONDS_PER_DAY);
    let d =
        |number: i64, unit: i64| b'0' + u8::try_from((number / unit).rem_euclid(10)).unwrap_or(0);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    [
        d(year, 1_000),
        d(year, 100),
        d(year, 10),
        d(year, 1),
        d(month, 10),
        d(month, 1),
        d(day, 10),
        d(day, 1),
        b'-',
        d(hour, 10),
        d(hour, 1),
        b':',
        d(minute, 10),
        d(minute, 1),
        b':',
        d(second, 10),
        d(second, 1),
        b'.',
        d(millis, 100),
        d(millis, 10),
        d(millis, 1),
    ]
}

/// Returns the time of `YYYYMMDD-HH:MM:SS` with up to nine fraction digits.
pub(crate) fn parse_utc(text: &[u8]) -> Option<Ts> {
    let (clock, fraction) = text.split_first_chunk::<17>()?;
    let [y1, y2, y3, y4, m1, m2, d1, d2, b'-', time @ ..] = clock else {
        return None;
    };
    let [h1, h2, b':', n1, n2, b':', s1, s2] = time else {
        return None;
    };
    let (year, month, day) =
        (two(*y1, *y2)? * 100 + two(*y3, *y4)?, two(*m1, *m2)?, two(*d1, *d2)?);
    let (hour, minute, second) = (two(*h1, *h2)?, two(*n1, *n2)?, two(*s1, *s2)?);
    let digits = |bytes: &[u8]| decimal(bytes).and_then(|n| i64::try_from(n).ok());
    let nanos = match fraction {
        [] => 0,
        [b'.', digits_ @ ..] if (1..=9).contains(&digits_.len()) => {
            let missing = u32::try_from(9 - digits_.len()).ok()?;
            digits(digits_)? * 10_i64.pow(missing)
        }
        _ => return None,
    };
    // A leap second counts as the last one of its minute.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days(year, month, day)?;
    let seconds = days * SECONDS_PER_DAY + hour * 3_600 + minute * 60 + second.min(59);
    seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(nanos).map(Ts::from_nanos)
}

/// Returns the number of two digits.
fn two(tens: u8, ones: u8) -> Option<i64> {
    let is_number = tens.is_ascii_digit() && ones.is_ascii_digit();
    is_number.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// Returns the days since 1970-01-01 of a date that exists, years 1900 to 2200.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1900..=2200).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day is the last one.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * m + 2) / 5 + day - 1;
    let found = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (civil(found) == (year, month, day)).then_some(found)
}

/// Returns year, month and day of a number of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * m + 2) / 5 + 1, if m < 10 { m + 3 } else { m - 9 });
    (year + era * 400 + i64::from(month <= 2), month, day)
}
