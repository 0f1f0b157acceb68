//! Types of FIX and the formats of their values.

/// Type of a field, FIX 4.2 to 5.0 SP2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldType {
    /// Whole number with an optional minus.
    Int,
    /// Length of the data field behind it; digits.
    Length,
    /// Count of the entries of a group; digits.
    NumInGroup,
    /// Sequence number; digits.
    SeqNum,
    /// Tag of another field; digits.
    TagNum,
    /// Day of a month, 1 to 31.
    DayOfMonth,
    /// Decimal with an optional minus and an optional point; no plus, no exponent.
    Float,
    /// Quantity; a [`FieldType::Float`].
    Qty,
    /// Price; a [`FieldType::Float`].
    Price,
    /// Difference of prices; a [`FieldType::Float`].
    PriceOffset,
    /// Price times quantity; a [`FieldType::Float`].
    Amt,
    /// Share of one; a [`FieldType::Float`].
    Percentage,
    /// One character.
    Char,
    /// `Y` or `N`.
    Boolean,
    /// Text.
    String,
    /// Single characters with a space between them.
    MultipleCharValue,
    /// Words with a space between them; MultipleValueString of FIX 4.2.
    MultipleStringValue,
    /// Currency, three letters of ISO 4217.
    Currency,
    /// Market, a MIC of ISO 10383 or an older code; printable, no space.
    Exchange,
    /// Country, two letters of ISO 3166.
    Country,
    /// Language, two letters of ISO 639.
    Language,
    /// `YYYYMMDD-HH:MM:SS` in UTC with 0, 3, 6 or 9 fraction digits.
    UtcTimestamp,
    /// `HH:MM:SS` in UTC with 0, 3, 6 or 9 fraction digits.
    UtcTimeOnly,
    /// `YYYYMMDD` in UTC.
    UtcDateOnly,
    /// `YYYYMMDD` at the market.
    LocalMktDate,
    /// `HH:MM:SS` at the market with 0, 3, 6 or 9 fraction digits.
    LocalMktTime,
    /// `YYYYMM`, `YYYYMMDD` or `YYYYMMw1` to `w5`.
    MonthYear,
    /// `HH:MM`, `HH:MM:SS` and a zone.
    TzTimeOnly,
    /// `YYYYMMDD-HH:MM`, `YYYYMMDD-HH:MM:SS` and a zone.
    TzTimestamp,
    /// Any bytes; their length stands before them.
    Data,
}

/// Every name of a type, in small letters, QuickFIX's and those of the standard.
const NAMES: [(&str, FieldType); 41] = [
    ("int", FieldType::Int),
    ("length", FieldType::Length),
    ("numingroup", FieldType::NumInGroup),
    ("seqnum", FieldType::SeqNum),
    ("tagnum", FieldType::TagNum),
    ("dayofmonth", FieldType::DayOfMonth),
    ("float", FieldType::Float),
    ("qty", FieldType::Qty),
    ("quantity", FieldType::Qty),
    ("price", FieldType::Price),
    ("priceoffset", FieldType::PriceOffset),
    ("amt", FieldType::Amt),
    ("percentage", FieldType::Percentage),
    ("char", FieldType::Char),
    ("boolean", FieldType::Boolean),
    ("string", FieldType::String),
    ("xid", FieldType::String),
    ("xidref", FieldType::String),
    ("tenor", FieldType::String),
    ("pattern", FieldType::String),
    ("multiplecharvalue", FieldType::MultipleCharValue),
    ("multiplestringvalue", FieldType::MultipleStringValue),
    ("multiplevaluestring", FieldType::MultipleStringValue),
    ("currency", FieldType::Currency),
    ("exchange", FieldType::Exchange),
    ("country", FieldType::Country),
    ("language", FieldType::Language),
    ("utctimestamp", FieldType::UtcTimestamp),
    ("time", FieldType::UtcTimestamp),
    ("utctimeonly", FieldType::UtcTimeOnly),
    ("utcdateonly", FieldType::UtcDateOnly),
    ("utcdate", FieldType::UtcDateOnly),
    ("date", FieldType::UtcDateOnly),
    ("localmktdate", FieldType::LocalMktDate),
    ("localmkttime", FieldType::LocalMktTime),
    ("monthyear", FieldType::MonthYear),
    ("month-year", FieldType::MonthYear),
    ("tztimeonly", FieldType::TzTimeOnly),
    ("tztimestamp", FieldType::TzTimestamp),
    ("data", FieldType::Data),
    ("xmldata", FieldType::Data),
];

impl FieldType {
    /// Returns the type of a name, in any mix of small and capital letters.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind)
    }
    /// Returns whether a value may hold several, with a space between them.
    pub const fn is_multiple(self) -> bool {
        matches!(self, Self::MultipleCharValue | Self::MultipleStringValue)
    }
    /// Returns whether the values are a list that a standard of its own keeps.
    ///
    /// A dictionary's list of them is never complete, and is not looked at.
    pub const fn is_listed_elsewhere(self) -> bool {
        matches!(self, Self::Currency | Self::Exchange | Self::Country | Self::Language)
    }
    /// Returns whether a value, which is not empty, has the format of the type.
    pub fn accepts(self, value: &[u8]) -> bool {
        match self {
            Self::Int => is_int(value),
            Self::Length | Self::NumInGroup | Self::SeqNum | Self::TagNum => is_count(value),
            Self::DayOfMonth => {
                value.len() <= 2 && number(value).is_some_and(|day| (1..=31).contains(&day))
            }
            Self::Float
            | Self::Qty
            | Self::Price
            | Self::PriceOffset
            | Self::Amt
            | Self::Percentage => is_decimal(value),
            Self::Char => value.len() == 1,
            Self::Boolean => matches!(value, b"Y" | b"N"),
            Self::String | Self::Data => true,
            Self::MultipleCharValue => value.split(|byte| *byte == b' ').all(|one| one.len() == 1),
            Self::MultipleStringValue => {
                value.split(|byte| *byte == b' ').all(|word| !word.is_empty())
            }
            Self::Currency => value.len() == 3 && value.iter().all(u8::is_ascii_alphabetic),
            Self::Exchange => value.iter().all(u8::is_ascii_graphic),
            Self::Country | Self::Language => {
                value.len() == 2 && value.iter().all(u8::is_ascii_alphabetic)
            }
            Self::UtcTimestamp => dated(value, is_time),
            Self::UtcTimeOnly | Self::LocalMktTime => is_time(value),
            Self::UtcDateOnly | Self::LocalMktDate => is_date(value),
            Self::MonthYear => is_month_year(value),
            Self::TzTimeOnly => is_zoned_time(value),
            Self::TzTimestamp => dated(value, is_zoned_time),
        }
    }
}

fn is_int(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    number(digits).is_some_and(|number| i64::try_from(number).is_ok())
}

fn is_count(value: &[u8]) -> bool {
    number(value).is_some_and(|number| i64::try_from(number).is_ok())
}

fn is_decimal(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let mut halves = digits.splitn(2, |byte| *byte == b'.');
    let whole = halves.next().unwrap_or_default();
    let fraction = halves.next().unwrap_or_default();
    let plain = |half: &[u8]| half.iter().all(u8::is_ascii_digit);
    plain(whole) && plain(fraction) && !(whole.is_empty() && fraction.is_empty())
}

/// Returns the number of plain digits, leading zeros allowed.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// Returns whether two digits are a number of at most `max`.
fn is_at_most([tens, ones]: [u8; 2], max: u8) -> bool {
    two_digits([tens, ones]).is_some_and(|number| number <= max)
}

/// Returns the number of two plain digits.
fn two_digits([tens, ones]: [u8; 2]) -> Option<u8> {
    let are_digits = tens.is_ascii_digit() && ones.is_ascii_digit();
    are_digits.then(|| (tens - b'0') * 10 + (ones - b'0'))
}

fn is_date(value: &[u8]) -> bool {
    let [c1, c2, y1, y2, m1, m2, d1, d2] = *value else {
        return false;
    };
    let pairs = [[c1, c2], [y1, y2], [m1, m2], [d1, d2]].map(two_digits);
    let [Some(century), Some(year), Some(month), Some(day)] = pairs else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year != 0 || century % 4 == 0);
    let last = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=last).contains(&day)
}

fn is_time(value: &[u8]) -> bool {
    let Some((clock, fraction)) = value.split_at_checked(8) else {
        return false;
    };
    is_clock(clock) && is_fraction(fraction)
}

/// Returns whether `value` is `HH:MM:SS`; second 60 is a leap second.
fn is_clock(value: &[u8]) -> bool {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = value else {
        return false;
    };
    is_at_most([*h1, *h2], 23) && is_at_most([*m1, *m2], 59) && is_at_most([*s1, *s2], 60)
}

fn is_fraction(value: &[u8]) -> bool {
    match value {
        [] => true,
        [b'.', digits @ ..] => {
            matches!(digits.len(), 3 | 6 | 9) && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

fn dated(value: &[u8], is_rest: fn(&[u8]) -> bool) -> bool {
    match value.split_at_checked(8) {
        Some((date, [b'-', rest @ ..])) => is_date(date) && is_rest(rest),
        _ => false,
    }
}

fn is_month_year(value: &[u8]) -> bool {
    let Some((month, rest)) = value.split_at_checked(6) else {
        return false;
    };
    let has_month = number(month).is_some_and(|number| (1..=12).contains(&(number % 100)));
    match rest {
        [] => has_month,
        [b'w', week] => has_month && (b'1'..=b'5').contains(week),
        _ => is_date(value),
    }
}

/// Returns whether `value` is a time to the minute or finer, with `Z`, `+hh`, `+hh:mm` or none.
fn is_zoned_time(value: &[u8]) -> bool {
    let zone_at = value.iter().position(|byte| matches!(byte, b'Z' | b'+' | b'-'));
    let (time, zone) = value.split_at_checked(zone_at.unwrap_or(value.len())).unwrap_or_default();
    let is_zone = match zone {
        [] | [b'Z'] => true,
        [b'+' | b'-', h1, h2] => is_at_most([*h1, *h2], 14),
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            is_at_most([*h1, *h2], 14) && is_at_most([*m1, *m2], 59)
        }
        _ => false,
    };
    let is_minute = match time {
        [h1, h2, b':', m1, m2] => is_at_most([*h1, *h2], 23) && is_at_most([*m1, *m2], 59),
        _ => false,
    };
    is_zone && (is_minute || is_time(time))
}
