//! What the margin side allows, and how fast money is being lost.

use crate::types::table::RowId;
use crate::types::window::window_end;
use crate::types::{AccountId, Bps, Money, Ts};

/// Slots into which a loss window is cut.
const SLOTS: usize = 8;

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

/// Best results of the last window, an eighth of it in each slot; the newest slot first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Results {
    /// First nanosecond after the newest slot.
    end: i64,
    best: [Option<Money>; SLOTS],
    last: Money,
}

impl Results {
    /// Returns the results as of `now`: the last one held in every slot since.
    fn rolled(mut self, now: Ts, window_ns: i64) -> Self {
        if now.nanos() < self.end {
            return self;
        }
        let length = (window_ns / 8).max(1);
        let end = window_end(now, length);
        let passed = (end - self.end) / length;
        let passed = usize::try_from(passed).unwrap_or(SLOTS).min(SLOTS);
        self.best.rotate_right(passed);
        for best in self.best.iter_mut().take(passed) {
            *best = Some(self.last);
        }
        self.end = end;
        self
    }
}

/// One account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Row {
    requirement: Option<Requirement>,
    results: Results,
    changed: bool,
}

/// All accounts.
#[derive(Clone, Debug, Default, Hash)]
pub struct Margins {
    rows: Vec<Row>,
    changed: Vec<AccountId>,
    due: Vec<AccountId>,
}

impl Margins {
    /// Returns what the margin side said about an account; `None` denies.
    pub fn requirement(&self, id: AccountId) -> Option<&Requirement> {
        self.rows.get(id.row()).and_then(|row| row.requirement.as_ref())
    }
    /// Returns how much worse the result is than the best one of the window, at least zero.
    pub fn recent_loss(&self, id: AccountId, now: Ts, window_ns: i64) -> Money {
        let Some(row) = self.rows.get(id.row()) else { return Money::ZERO };
        if row.results == Results::default() {
            return Money::ZERO;
        }
        let results = row.results.rolled(now, window_ns);
        let best = results.best.into_iter().flatten().max().unwrap_or(results.last);
        if best > results.last { best - results.last } else { Money::ZERO }
    }
    /// Returns the accounts whose result changed before the last tick, oldest change first.
    pub fn due(&self) -> &[AccountId] {
        &self.due
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
    /// Notes a new result of an account.
    pub(crate) fn note_result(&mut self, id: AccountId, now: Ts, window_ns: i64, result: Money) {
        let row = self.row_mut(id);
        row.results = row.results.rolled(now, window_ns);
        row.results.last = result;
        if let Some(newest) = row.results.best.first_mut() {
            *newest = (*newest).max(Some(result));
        }
        if !core::mem::replace(&mut row.changed, true) {
            self.changed.push(id);
        }
    }
    /// Makes the accounts that changed since the last tick due.
    pub(crate) fn take_changed(&mut self) {
        self.due = core::mem::take(&mut self.changed);
        for id in self.due.clone() {
            self.row_mut(id).changed = false;
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
