//! Exact numbers: price, quantity, money, time and basis points as checked integers.
//!
//! Refuses: floats, rounding that is not named, numbers outside their range. Decimal text goes
//! straight to an integer; every operation that could leave the range panics or returns `None`.

use core::fmt;
use core::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// Fraction digits of a price or an amount of money (1e-9 currency units).
pub const SCALE_DIGITS: usize = 9;
/// Integer units in one whole currency unit.
pub const SCALE: i128 = 1_000_000_000;
/// Largest quantity of one order or fill in units; sums of many still fit a signed 64-bit integer.
pub const QTY_MAX: u64 = 10_000_000_000;
/// Largest magnitude of a price: one billion currency units.
pub const PRICE_MAX: i128 = 1_000_000_000 * SCALE;
/// Largest contract multiplier; with the other bounds every notional fits 128 bits.
pub const MULTIPLIER_MAX: u32 = 10_000;
/// Largest reference rate between two currencies: ten thousand to one.
pub const RATE_MAX: i128 = 10_000 * SCALE;
/// Digits that always fit 64 bits.
const NARROW_DIGITS_MAX: usize = 19;
/// Basis points in one whole (100 %).
pub const BPS_ONE: i128 = 10_000;

/// Why a decimal text is not a number of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// Not plain decimal digits (also NaN, infinity, hexadecimal, empty).
    NotDecimal,
    /// More fraction digits than the unit can hold.
    TooFine,
    /// Outside the range of the type.
    OutOfRange,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDecimal => "not a plain decimal number",
            Self::TooFine => "more fraction digits than the unit holds",
            Self::OutOfRange => "outside the range of its type",
        })
    }
}

/// Returns `text` as an integer scaled by `10^digits`, without any rounding.
///
/// Accepts an optional minus sign, digits, and one point with digits on both sides; trailing
/// zeros beyond the scale are accepted because they lose nothing. Exponents are refused.
pub fn parse_decimal(text: &str, digits: usize) -> Result<i128, NumberError> {
    parse_decimal_bytes(text.as_bytes(), digits)
}

/// Returns what [`parse_decimal`] does, of bytes that need not be UTF-8.
pub fn parse_decimal_bytes(text: &[u8], digits: usize) -> Result<i128, NumberError> {
    let (negative, body) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let point = body.iter().position(|byte| *byte == b'.').unwrap_or(body.len());
    let (whole, fraction) = match body.split_at_checked(point).unwrap_or_default() {
        (_, [_]) => return Err(NumberError::NotDecimal),
        (whole, [_, fraction @ ..]) => (whole, fraction),
        (whole, []) => (whole, [].as_slice()),
    };
    if whole.is_empty() || whole.len() > 30 || fraction.len() > 30 {
        return Err(if whole.is_empty() {
            NumberError::NotDecimal
        } else {
            NumberError::OutOfRange
        });
    }
    if let Some(lost) = fraction.get(digits..)
        && let Some(byte) = lost.iter().find(|byte| **byte != b'0')
    {
        return Err(if byte.is_ascii_digit() {
            NumberError::TooFine
        } else {
            NumberError::NotDecimal
        });
    }
    let kept = fraction.get(..digits).unwrap_or(fraction);
    let value = if whole.len() + digits <= NARROW_DIGITS_MAX {
        let number = narrow(narrow(0, whole)?, kept)?;
        i128::from((kept.len()..digits).fold(number, |number, _| number * 10))
    } else {
        wide(whole, kept, digits)?
    };
    Ok(if negative { -value } else { value })
}

/// Returns `number` with more digits behind it; there are at most [`NARROW_DIGITS_MAX`] together.
fn narrow(number: u64, digits: &[u8]) -> Result<u64, NumberError> {
    digits.iter().try_fold(number, |number, byte| match byte {
        b'0'..=b'9' => Ok(number * 10 + u64::from(byte - b'0')),
        _ => Err(NumberError::NotDecimal),
    })
}

/// Returns a number of any length that is allowed.
fn wide(whole: &[u8], fraction: &[u8], digits: usize) -> Result<i128, NumberError> {
    let mut value: i128 = 0;
    let padding = core::iter::repeat_n(b'0', digits.saturating_sub(fraction.len()));
    for byte in whole.iter().chain(fraction).copied().chain(padding) {
        if !byte.is_ascii_digit() {
            return Err(NumberError::NotDecimal);
        }
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(i128::from(byte - b'0')))
            .ok_or(NumberError::OutOfRange)?;
    }
    Ok(value)
}

/// Writes `value` divided by 1e9 as the shortest exact decimal.
pub fn show_decimal(value: i128, f: &mut dyn fmt::Write) -> fmt::Result {
    let magnitude = value.unsigned_abs();
    let unit = SCALE.unsigned_abs();
    if value < 0 {
        f.write_char('-')?;
    }
    write!(f, "{}", magnitude / unit)?;
    let mut fraction = magnitude % unit;
    if fraction == 0 {
        return Ok(());
    }
    let mut width = SCALE_DIGITS;
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        width -= 1;
    }
    write!(f, ".{fraction:0width$}")
}

/// A price in 1e-9 currency units; may be negative where the instrument allows (FIX 44, 31).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(i64);

impl Price {
    /// Returns the price of `nanos` 1e-9 currency units.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }
    /// Returns the number of 1e-9 currency units.
    pub const fn nanos(self) -> i64 {
        self.0
    }
    /// Returns the price written as decimal text, exact to nine fraction digits.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        Self::parse_bytes(text.as_bytes())
    }
    /// Returns what [`Price::parse`] does, of bytes that need not be UTF-8.
    pub fn parse_bytes(text: &[u8]) -> Result<Self, NumberError> {
        let value = parse_decimal_bytes(text, SCALE_DIGITS)?;
        if value.abs() > PRICE_MAX {
            return Err(NumberError::OutOfRange);
        }
        i64::try_from(value).map(Self).map_err(|_| NumberError::OutOfRange)
    }
    /// Returns the value of `qty` units of an instrument with `multiplier` currency per point.
    ///
    /// Signed like the price. Within [`PRICE_MAX`], [`QTY_MAX`] and [`MULTIPLIER_MAX`] the product
    /// stays below 1e32, so it cannot overflow.
    pub fn times(self, qty: Qty, multiplier: u32) -> Money {
        Money(i128::from(self.0) * i128::from(qty.0) * i128::from(multiplier))
    }
    /// Returns this price moved by `bps` of its own magnitude, away from zero rounding down.
    pub fn plus_bps(self, bps: Bps) -> Self {
        let width = self.width(bps);
        Self(self.0.saturating_add(width))
    }
    /// Returns this price lowered by `bps` of its own magnitude.
    pub fn minus_bps(self, bps: Bps) -> Self {
        let width = self.width(bps);
        Self(self.0.saturating_sub(width))
    }
    /// Returns the distance to `other` in basis points of `other`, rounded up; `None` if it is 0.
    pub fn distance_bps(self, other: Self) -> Option<i128> {
        if other.0 == 0 {
            return None;
        }
        let (gap, base) = (self.0.abs_diff(other.0), other.0.unsigned_abs());
        if let Some(scaled) = gap.checked_mul(10_000) {
            return Some(i128::from(scaled.div_ceil(base)));
        }
        let scaled = u128::from(gap) * BPS_ONE.unsigned_abs();
        i128::try_from(scaled.div_ceil(u128::from(base))).ok()
    }
    fn width(self, bps: Bps) -> i64 {
        if let Some(narrow) = self.0.checked_abs().and_then(|a| a.checked_mul(bps.0.into())) {
            return narrow / 10_000;
        }
        let wide = i128::from(self.0).abs() * i128::from(bps.0) / BPS_ONE;
        i64::try_from(wide).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show_decimal(i128::from(self.0), f)
    }
}

/// A quantity in whole units (shares, contracts), at most [`QTY_MAX`] for one order (FIX 38).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Qty(u64);

impl Qty {
    /// No units.
    pub const ZERO: Self = Self(0);

    /// Returns the quantity of `units`.
    pub const fn new(units: u64) -> Self {
        Self(units)
    }
    /// Returns the number of units.
    pub const fn units(self) -> u64 {
        self.0
    }
    /// Returns whether there is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
    /// Returns the quantity written as decimal text without a fraction, at most [`QTY_MAX`].
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        Self::parse_bytes(text.as_bytes())
    }
    /// Returns what [`Qty::parse`] does, of bytes that need not be UTF-8.
    pub fn parse_bytes(text: &[u8]) -> Result<Self, NumberError> {
        let value = parse_decimal_bytes(text, 0)?;
        match u64::try_from(value) {
            Ok(units) if units <= QTY_MAX => Ok(Self(units)),
            Ok(_) | Err(_) => Err(NumberError::OutOfRange),
        }
    }
    /// Returns the difference, or zero when `other` is larger.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
    /// Returns the difference, or `None` when `other` is larger.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
    /// Returns the quantity as a signed number of units.
    pub fn signed(self) -> i64 {
        match i64::try_from(self.0) {
            Ok(units) => units,
            Err(_) => panic!("quantity {} exceeds the signed range", self.0),
        }
    }
}

impl Add for Qty {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Qty {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Qty {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Qty {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl fmt::Display for Qty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An amount of money in 1e-9 currency units; signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i128);

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// Returns the amount of `nanos` 1e-9 currency units.
    pub const fn from_nanos(nanos: i128) -> Self {
        Self(nanos)
    }
    /// Returns the number of 1e-9 currency units.
    pub const fn nanos(self) -> i128 {
        self.0
    }
    /// Returns the amount written as decimal text, at most 1e18 whole units in magnitude.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let value = parse_decimal(text, SCALE_DIGITS)?;
        if value.unsigned_abs() > 1_000_000_000_000_000_000_000_000_000 {
            return Err(NumberError::OutOfRange);
        }
        Ok(Self(value))
    }
    /// Returns the magnitude.
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }
    /// Returns the amount in another currency at `rate` (1e-9 units each), rounded away from zero.
    ///
    /// Exposure is never rounded down, so a limit cannot be passed by rounding.
    pub fn convert(self, rate: Price) -> Self {
        if i128::from(rate.nanos()) == SCALE {
            return self;
        }
        let (unit, rate) = (SCALE.unsigned_abs(), i128::from(rate.nanos()).unsigned_abs());
        let amount = self.0.unsigned_abs();
        let magnitude = (amount / unit) * rate + ((amount % unit) * rate).div_ceil(unit);
        signed_like(self.0, magnitude)
    }
    /// Returns `bps` basis points of this amount, rounded away from zero.
    pub fn share(self, bps: Bps) -> Self {
        let product = self.0 * i128::from(bps.get());
        let magnitude = match u64::try_from(product.unsigned_abs()) {
            Ok(narrow) => u128::from(narrow.div_ceil(10_000)),
            Err(_) => product.unsigned_abs().div_ceil(BPS_ONE.unsigned_abs()),
        };
        signed_like(product, magnitude)
    }
    /// Returns this amount times `part` over `whole`, rounded towards zero; zero if `whole` is 0.
    pub fn prorate(self, part: Qty, whole: Qty) -> Self {
        if whole.is_zero() {
            return Self::ZERO;
        }
        let (part, whole) = (i128::from(part.units()), i128::from(whole.units()));
        Self(self.0 / whole * part + self.0 % whole * part / whole)
    }
    /// Returns `qty` times this amount per unit.
    pub fn times(self, qty: Qty) -> Self {
        match i64::try_from(self.0) {
            // The product of two 64-bit numbers cannot leave 128 bits: no check is compiled in.
            Ok(narrow) => Self(i128::from(narrow) * i128::from(qty.units())),
            Err(_) => Self(self.0 * i128::from(qty.units())),
        }
    }
    /// Returns this amount per unit times `units`, which may be negative.
    pub fn times_signed(self, units: i64) -> Self {
        let amount = self.times(Qty::new(units.unsigned_abs()));
        if units < 0 { -amount } else { amount }
    }
}

fn signed_like(sign: i128, magnitude: u128) -> Money {
    match i128::try_from(magnitude) {
        Ok(value) if sign < 0 => Money(-value),
        Ok(value) => Money(value),
        Err(_) => panic!("amount {magnitude} exceeds the range of money"),
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show_decimal(self.0, f)
    }
}

/// A share in basis points (1e-4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bps(i32);

impl Bps {
    /// Returns the share of `value` basis points.
    pub const fn new(value: i32) -> Self {
        Self(value)
    }
    /// Returns the number of basis points.
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Display for Bps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A point in time or a duration in nanoseconds; points are UTC since 1970 (FIX 60).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ts(i64);

impl Ts {
    /// Returns the time of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }
    /// Returns the number of nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }
    /// Returns the nanoseconds since `earlier`, at least zero.
    pub const fn since(self, earlier: Self) -> i64 {
        let gap = self.0.saturating_sub(earlier.0);
        if gap < 0 { 0 } else { gap }
    }
}

impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
