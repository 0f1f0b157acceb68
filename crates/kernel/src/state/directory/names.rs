//! Lists of names in definitions, as bit sets.

use super::Refused;
use crate::types::{OrdType, Phase, PriceSource};

/// Returns the bit of an order type.
pub const fn ordtype_bit(ord_type: OrdType) -> u8 {
    match ord_type {
        OrdType::Market => 1,
        OrdType::Limit => 2,
        OrdType::Stop => 4,
        OrdType::StopLimit => 8,
    }
}

/// Returns the bit of a phase.
pub(super) const fn phase_bit(phase: Phase) -> u8 {
    match phase {
        Phase::Closed => 1,
        Phase::PreOpen => 2,
        Phase::Auction => 4,
        Phase::Continuous => 8,
        Phase::Halted => 16,
        Phase::Post => 32,
        Phase::Overnight => 64,
    }
}

/// Returns the bits of order types separated by commas.
pub(super) fn parse_ordtypes(text: &str) -> Result<u8, Refused> {
    text.split(',').try_fold(0, |bits, name| {
        OrdType::from_name(name.trim())
            .map(|ord_type| bits | ordtype_bit(ord_type))
            .ok_or("an order type is unknown")
    })
}

/// Returns the bits of phases separated by commas.
pub(super) fn parse_phases(text: &str) -> Result<u8, Refused> {
    text.split(',').try_fold(0, |bits, name| {
        Phase::from_name(name.trim())
            .map(|phase| bits | phase_bit(phase))
            .ok_or("a phase is unknown")
    })
}

/// Returns price sources separated by commas, in order.
pub(super) fn parse_sources(text: &str) -> Result<Vec<PriceSource>, Refused> {
    text.split(',')
        .map(|name| PriceSource::from_name(name.trim()).ok_or("a price source is unknown"))
        .collect()
}

/// Returns `N` bytes written in hexadecimal.
pub fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0_u8; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}
