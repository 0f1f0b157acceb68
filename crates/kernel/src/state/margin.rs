//! What the margin side allows, and how fast money is being lost.

use crate::types::table::RowId;
use crate::types::{AccountId, Bps, Money, Ts};

/// Parts into which a loss window is cut.
const SAMPLES: usize = 8;

/// What the margin side said last about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// Share of new exposure that must be covered.
    pub share: Bps,
    /// Money free at the time it was said, base currency.
    pub buying_power: Money,
    /// Requirement of what was filled since, base currency.
    pub used: Money,
    /// Step in which it was said.
    pub step: u64,
}

/// Results of the last window, a sample each eighth of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Results {
    slot: i64,
    ring: [Option<Money>; SAMPLES],
}

/// One account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Row {
    requirement: Option<Requirement>,
    results: Results,
}

/// All accounts.
#[derive(Clone, Debug, Default, Hash)]
pub struct Margins {
    rows: Vec<Row>,
}

impl Margins {
    /// Returns what the margin side said about an account; `None` denies.
    pub fn requirement(&self, id: AccountId) -> Option<&Requirement> {
        self.rows.get(id.row()).and_then(|row| row.requirement.as_ref())
    }
    /// Returns how much worse `result` is than the best sample of the window, at least zero.
    pub fn recent_loss(&self, id: AccountId, result: Money) -> Money {
        let samples = self.rows.get(id.row()).map_or([None; SAMPLES], |row| row.results.ring);
        let best = samples.into_iter().flatten().max().unwrap_or(Money::ZERO);
        if best > result { best - result } else { Money::ZERO }
    }
    /// Sets what the margin side says.
    pub(crate) fn set_requirement(
        &mut self,
        id: AccountId,
        share: Bps,
        buying_power: Money,
        step: u64,
    ) {
        let used = Money::ZERO;
        self.row_mut(id).requirement = Some(Requirement { share, buying_power, used, step });
    }
    /// Adds the requirement of a fill.
    pub(crate) fn use_power(&mut self, id: AccountId, exposure: Money) {
        if let Some(requirement) = &mut self.row_mut(id).requirement {
            requirement.used += exposure.share(requirement.share);
        }
    }
    /// Takes back the requirement of a fill of `step` that was voided; never below nothing.
    pub(crate) fn free_power(&mut self, id: AccountId, exposure: Money, step: u64) {
        match &mut self.row_mut(id).requirement {
            Some(requirement) if step > requirement.step => {
                let used = requirement.used - exposure.share(requirement.share);
                requirement.used = used.max(Money::ZERO);
            }
            Some(_) | None => {}
        }
    }
    /// Samples the result of an account; a slot keeps its first sample.
    pub(crate) fn sample(&mut self, id: AccountId, now: Ts, window_ns: i64, result: Money) {
        let length = (window_ns / 8).max(1);
        let slot = now.nanos().div_euclid(length);
        let results = &mut self.row_mut(id).results;
        let passed = slot.saturating_sub(results.slot);
        if passed > 0 {
            let empty = usize::try_from(passed).unwrap_or(SAMPLES).min(SAMPLES);
            results.ring.rotate_right(empty);
            for sample in results.ring.iter_mut().take(empty) {
                *sample = None;
            }
            results.slot = slot;
            if let Some(first) = results.ring.first_mut() {
                *first = Some(result);
            }
        }
    }
    fn row_mut(&mut self, id: AccountId) -> &mut Row {
        let index = id.row();
        if self.rows.len() <= index {
            self.rows.resize(index + 1, Row::default());
        }
        match self.rows.get_mut(index) {
            Some(row) => row,
            None => panic!("account {id} has no margin row"),
        }
    }
}
