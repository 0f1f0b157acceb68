//! The proof that venue, node and session to the venue are ready for a child in this step.

use crate::reason::{Denial, Reason};
use crate::state::State;
use crate::types::{
    ChildId, HaltKind, InstrumentId, Named, ScopeKind, SessionStatus, VenueId, WireId,
};

/// Proof that the venue is connected and trades, and the child has its identifier; consumed by
/// sending.
///
/// Only [`clear`] makes one. It has no public constructor, no `Clone`, no `Default`.
#[derive(Debug)]
#[must_use = "a clearance that is dropped sends nothing"]
pub struct Clearance {
    terms: Cleared,
}

/// What a clearance was about, once it is spent.
#[derive(Debug)]
pub(crate) struct Cleared {
    pub(crate) step: u64,
    pub(crate) child_id: ChildId,
    pub(crate) venue: Named<VenueId>,
    pub(crate) cl_ord_id: WireId,
}

impl Clearance {
    /// Returns the terms, consuming the proof.
    pub(crate) const fn spend(self) -> Cleared {
        self.terms
    }
}

/// Returns the proof that `child_id` may go to `venue` now, under identifier `version`.
///
/// Denies with `VENUE_DOWN` when the session is not known to be up: silence is never yes. Denies
/// with `VENUE_CLOSED` or `VENUE_HALTED` what the venue has said that it does not trade.
pub fn clear(
    state: &State,
    (venue, symbol): (VenueId, InstrumentId),
    child_id: ChildId,
    version: u32,
) -> Result<Clearance, Denial> {
    may_send(state, (venue, symbol))?;
    let named = state.directory.named_venue(venue);
    let Some(cl_ord_id) = wire_id(state, child_id, version) else {
        return Err(Denial::new(Reason::DayNotOpen, ScopeKind::Venue, named.name));
    };
    Ok(Clearance { terms: Cleared { step: state.step, child_id, venue: named, cl_ord_id } })
}

/// Denies when nothing about the instrument may go to the venue now.
pub fn may_send(state: &State, of: (VenueId, InstrumentId)) -> Result<(), Denial> {
    let (venue, symbol) = of;
    let directory = &state.directory;
    let deny = |why| Err(Denial::new(why, ScopeKind::Venue, directory.named_venue(venue).name));
    if !state.venues.is_connected(venue) {
        return deny(Reason::VenueDown);
    }
    match state.venues.status(venue) {
        Some(SessionStatus::Closed) => return deny(Reason::VenueClosed),
        Some(SessionStatus::Halted) => return deny(Reason::VenueHalted),
        Some(SessionStatus::Open) | None => {}
    }
    // One that holds everywhere is the instrument's phase, and the gate's to judge.
    let halt = state.market.row(symbol).and_then(|row| row.halt_of(Some(venue)));
    match halt {
        Some(HaltKind::Operational) => deny(Reason::VenueHalted),
        Some(HaltKind::Regulatory) | None => Ok(()),
    }
}

/// Returns the identifier of a child on the wire: node, trade date, child, version (FIX 11).
///
/// Unique over days and nodes; `None` before the day first opens.
pub fn wire_id(state: &State, child_id: ChildId, version: u32) -> Option<WireId> {
    state.wire_prefix?.with_numbers([child_id.raw(), version.into()])
}

/// Returns the child and version that an identifier on the wire names, if it is one of today's.
pub fn parse_wire_id(state: &State, id: WireId) -> Option<(ChildId, u32)> {
    let (rest, version) = id.as_str().rsplit_once('-')?;
    let (prefix, child) = rest.rsplit_once('-')?;
    if prefix != state.wire_prefix?.as_str() {
        return None;
    }
    let child_id = ChildId::new(plain_number(child)?);
    let version = u32::try_from(plain_number(version)?).ok()?;
    let row = state.orders.find_child(child_id)?;
    (version <= row.version).then_some((child_id, version))
}

/// Returns a number written as we write it: digits without a leading zero.
fn plain_number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let leading = text.len() > 1 && text.starts_with('0');
    (digits && !leading).then(|| text.parse().ok()).flatten()
}
