//! What the margin side allows.

use crate::limit::{Bound, Limit};
use crate::types::table::RowId;
use crate::types::{AccountId, Bps, Money};

/// Share of the buying power from which its use is told.
const WARN: Bps = Bps::new(7_000);
/// Share of the buying power from which only what reduces a position passes.
const RESTRICT: Bps = Bps::new(9_000);

/// What the margin side said last about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// Share of new exposure that must be covered.
    pub share: Bps,
    /// Use of the buying power that passes without a word, base currency.
    pub free_up_to: Money,
    /// Money free at the time it was said, base currency.
    pub buying_power: Money,
    /// Requirement of what was filled since, base currency.
    pub used: Money,
    /// Step in which it was said.
    pub step: u64,
}

impl Requirement {
    /// Returns the buying power with its levels.
    pub fn bound(&self) -> Bound {
        bound(self.buying_power)
    }
}

fn bound(buying_power: Money) -> Bound {
    Bound::new(Limit::At(buying_power.nanos()), WARN, RESTRICT)
}

/// All accounts.
#[derive(Clone, Debug, Default, Hash)]
pub struct Margins {
    rows: Vec<Option<Requirement>>,
}

impl Margins {
    /// Returns what the margin side said about an account; `None` denies.
    pub fn requirement(&self, id: AccountId) -> Option<&Requirement> {
        self.rows.get(id.row()).and_then(Option::as_ref)
    }
    /// Sets what the margin side says.
    pub(crate) fn set_requirement(
        &mut self,
        id: AccountId,
        share: Bps,
        buying_power: Money,
        step: u64,
    ) {
        let free_up_to = Money::from_nanos(bound(buying_power).free_up_to());
        let used = Money::ZERO;
        *self.row_mut(id) = Some(Requirement { share, free_up_to, buying_power, used, step });
    }
    /// Adds the requirement of a fill of `step`, unless the margin side has spoken since.
    pub(crate) fn use_power(&mut self, id: AccountId, exposure: Money, step: u64) {
        match self.row_mut(id) {
            Some(requirement) if step > requirement.step => {
                requirement.used += exposure.share(requirement.share);
            }
            Some(_) | None => {}
        }
    }
    /// Takes back the requirement of a fill of `step` that was voided; never below nothing.
    pub(crate) fn free_power(&mut self, id: AccountId, exposure: Money, step: u64) {
        match self.row_mut(id) {
            Some(requirement) if step > requirement.step => {
                let used = requirement.used - exposure.share(requirement.share);
                requirement.used = used.max(Money::ZERO);
            }
            Some(_) | None => {}
        }
    }
    fn row_mut(&mut self, id: AccountId) -> &mut Option<Requirement> {
        let index = id.row();
        if self.rows.len() <= index {
            self.rows.resize(index + 1, None);
        }
        match self.rows.get_mut(index) {
            Some(row) => row,
            None => panic!("account {id} has no margin row"),
        }
    }
}
