//! A drill: each backup of a session's peer is tried in turn, and at the end the primary is back.
//!
//! Decides by times and by what happened; sends and dials nothing itself. Refuses to end anywhere
//! but at the primary: every way through it, the failing ones too, leads there.

use core::fmt;

use ringfence_kernel::types::Ts;

use super::address::AddressIndex;
use super::state::after;
use crate::endpoint::SessionIndex;

/// What a drill is asked to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrillTerms {
    /// Time for all of it, ns; each address has an equal share of what is left.
    pub timeout_ns: i64,
    /// Whether it may begin while orders are open at the peer.
    pub with_open_orders: bool,
    /// Whether it only says what it would do.
    pub plan_only: bool,
}

/// How an address did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrillOutcome {
    /// Logged on, reconciled, a test request answered.
    Passed,
    /// Not so, for this reason.
    Failed(String),
    /// Not dialed, for this reason.
    NotTried(String),
}

/// One address in a drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillStep {
    /// Which.
    pub address: AddressIndex,
    /// When it was its turn.
    pub began: Ts,
    /// When that was decided.
    pub ended: Ts,
    /// How it did.
    pub outcome: DrillOutcome,
}

/// A drill that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillReport {
    /// The session.
    pub session: SessionIndex,
    /// When it began.
    pub began: Ts,
    /// When it was over.
    pub ended: Ts,
    /// Each backup in order, then the primary.
    pub steps: Vec<DrillStep>,
}

impl DrillReport {
    /// Returns whether every address passed.
    pub fn has_passed(&self) -> bool {
        self.steps.iter().all(|step| step.outcome == DrillOutcome::Passed)
    }
}

/// Why a drill does not begin; nothing was touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrillRefused {
    /// The session has one address, or dials nobody.
    NoBackup,
    /// A drill of this session runs.
    Running(SessionIndex),
    /// The session is not logged on, or misses messages, or still reconciles.
    NotUp,
    /// The session is at this address.
    NotAtPrimary(AddressIndex),
    /// So many orders are open there.
    OpenOrders(usize),
    /// The process is ending.
    Ending,
}

impl fmt::Display for DrillRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBackup => f.write_str("expected at least one backup, found a single address"),
            Self::Running(_) => f.write_str("expected no other drill, found one that runs"),
            Self::NotUp => f.write_str("expected the session up and reconciled, and it is not"),
            Self::NotAtPrimary(address) => {
                write!(f, "expected the session at its primary, found it at {address}")
            }
            Self::OpenOrders(count) => {
                write!(f, "expected no open orders there, found {count}")
            }
            Self::Ending => f.write_str("the process is ending"),
        }
    }
}

/// What the session does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DrillNext {
    /// Goes on as it is.
    Stay,
    /// Leaves the address where it is.
    Leave,
    /// Dials this address at once.
    Dial(AddressIndex),
    /// Dials the primary again after the usual wait.
    Retry,
    /// The drill is over.
    Over,
}

/// How far the current address has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// The one before it is being left.
    Leaving,
    /// It is dialed and logged on to.
    Coming,
    /// Logged on; gaps are filled and open orders asked about.
    Settling,
    /// A test request with this TestReqID (FIX 112) was sent.
    Asking(String),
    /// It was answered.
    Answered,
}

/// A drill that runs.
#[derive(Debug)]
pub(crate) struct Drill {
    count: usize,
    deadline: Ts,
    /// Time that the primary has at least, ns.
    return_ns: i64,
    began: Ts,
    steps: Vec<DrillStep>,
    target: AddressIndex,
    stage: Stage,
    step_began: Ts,
    step_deadline: Ts,
}

impl Drill {
    /// Returns a drill of `count` addresses whose session is about to leave the primary.
    pub(crate) fn new(count: usize, timeout_ns: i64, return_ns: i64, now: Ts) -> Self {
        let deadline = after(now, timeout_ns);
        let mut drill = Self {
            count,
            deadline,
            return_ns,
            began: now,
            steps: Vec::new(),
            target: AddressIndex::PRIMARY.next(count),
            stage: Stage::Leaving,
            step_began: now,
            step_deadline: now,
        };
        drill.begin_step(now);
        drill
    }
    /// Returns the address whose turn it is.
    pub(crate) const fn target(&self) -> AddressIndex {
        self.target
    }
    /// Returns whether the session stands at a backup, or is on its way there.
    pub(crate) fn is_away(&self) -> bool {
        self.target != AddressIndex::PRIMARY && self.stage != Stage::Leaving
    }
    /// Returns when the current address has had its time, unless it is still to be reached.
    pub(crate) fn deadline(&self) -> Option<Ts> {
        (self.stage != Stage::Leaving).then_some(self.step_deadline)
    }
    /// Returns the report of a drill that is over.
    pub(crate) fn report(self, session: SessionIndex, now: Ts) -> DrillReport {
        DrillReport { session, began: self.began, ended: now, steps: self.steps }
    }
    /// The logon was answered.
    pub(crate) fn logged_on(&mut self) {
        if self.stage == Stage::Coming {
            self.stage = Stage::Settling;
        }
    }
    /// Returns whether it waits for everything to be reconciled.
    pub(crate) fn is_settling(&self) -> bool {
        self.stage == Stage::Settling
    }
    /// Everything is reconciled, and a test request goes out.
    pub(crate) fn asks(&mut self, id: String) {
        self.stage = Stage::Asking(id);
    }
    /// A heartbeat has come that answers a test request.
    pub(crate) fn hears(&mut self, id: &[u8]) {
        if matches!(&self.stage, Stage::Asking(asked) if asked.as_bytes() == id) {
            self.stage = Stage::Answered;
        }
    }
    /// Goes on from an address that has done everything asked of it.
    pub(crate) fn passes(&mut self, now: Ts) -> DrillNext {
        if self.stage != Stage::Answered {
            return DrillNext::Stay;
        }
        self.decide(DrillOutcome::Passed, now);
        self.leave(now)
    }
    /// Gives up on an address whose time is over.
    pub(crate) fn expires(&mut self, now: Ts) -> DrillNext {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return DrillNext::Stay;
        }
        let why = match &self.stage {
            Stage::Coming => "expected a logon in time, found none",
            Stage::Settling => "expected every open order answered for in time, and it was not",
            Stage::Asking(_) => "expected an answer to a test request in time, found none",
            Stage::Leaving | Stage::Answered => return DrillNext::Stay,
        };
        self.decide(DrillOutcome::Failed(why.to_owned()), now);
        self.leave(now)
    }
    /// The session has no connection any more, or none could be made.
    pub(crate) fn lost(&mut self, is_orderly: bool, why: &str, now: Ts) -> DrillNext {
        if self.stage == Stage::Leaving {
            if !is_orderly {
                self.spoil(why);
            }
            return self.come(now);
        }
        if self.target == AddressIndex::PRIMARY && now < self.step_deadline {
            // A primary that is not there at once is dialed again: nothing is gained by giving up.
            self.stage = Stage::Coming;
            return DrillNext::Retry;
        }
        self.decide(DrillOutcome::Failed(why.to_owned()), now);
        let next = self.leave(now);
        if next == DrillNext::Leave { self.come(now) } else { next }
    }
    /// Ends it where it is.
    pub(crate) fn abort(&mut self, why: &str, now: Ts) {
        let outcome = match self.stage {
            Stage::Leaving => DrillOutcome::NotTried(why.to_owned()),
            Stage::Coming | Stage::Settling | Stage::Asking(_) | Stage::Answered => {
                DrillOutcome::Failed(why.to_owned())
            }
        };
        self.decide(outcome, now);
        while self.target != AddressIndex::PRIMARY {
            self.target = self.target.next(self.count);
            self.step_began = now;
            self.decide(DrillOutcome::NotTried(why.to_owned()), now);
        }
    }
    fn decide(&mut self, outcome: DrillOutcome, now: Ts) {
        let (address, began) = (self.target, self.step_began);
        self.steps.push(DrillStep { address, began, ended: now, outcome });
    }
    /// A backup that does not answer our logout has not passed.
    fn spoil(&mut self, why: &str) {
        if let Some(step) = self.steps.last_mut()
            && step.outcome == DrillOutcome::Passed
        {
            step.outcome = DrillOutcome::Failed(why.to_owned());
        }
    }
    fn leave(&mut self, now: Ts) -> DrillNext {
        if self.target == AddressIndex::PRIMARY {
            return DrillNext::Over;
        }
        self.target = self.target.next(self.count);
        self.stage = Stage::Leaving;
        self.begin_step(now);
        DrillNext::Leave
    }
    fn come(&mut self, now: Ts) -> DrillNext {
        while self.target != AddressIndex::PRIMARY && now >= self.deadline {
            let why = "the time of the drill was over";
            self.decide(DrillOutcome::NotTried(why.to_owned()), now);
            self.target = self.target.next(self.count);
        }
        self.stage = Stage::Coming;
        self.begin_step(now);
        DrillNext::Dial(self.target)
    }
    /// Gives the current address its share of the time that is left.
    fn begin_step(&mut self, now: Ts) {
        self.step_began = now;
        let is_primary = self.target == AddressIndex::PRIMARY;
        let left_count = if is_primary { 1 } else { self.count - self.target.index() + 1 };
        let share = self.deadline.since(now) / i64::try_from(left_count).unwrap_or(1).max(1);
        self.step_deadline = match is_primary {
            false => after(now, share),
            true => self.deadline.max(after(now, self.return_ns)),
        };
    }
}

#[cfg(test)]
#[path = "drill_tests.rs"]
mod tests;
