//! Drills: backups of a session's peer are tried one after another, and the primary is back at
//! the end (R67).
//!
//! A backup that refuses, is silent or does not answer fails its step with a reason, and the drill
//! goes on. Whoever asked for it may be gone: it ends by its own time. A restart knows nothing of
//! it and begins at the primary.

use ringfence_kernel::types::Ts;

use super::core::{Core, Life};
use super::step::Step;
use super::{Application, CloseReason, Endpoint, SessionIndex, Turn};
use crate::session::drill::{Drill, DrillNext};
use crate::session::state::{Down, Session, State};
use crate::session::{AddressIndex, DrillOutcome, DrillRefused, DrillReport, DrillTerms, Role};
use crate::tag;

/// What a peer reads in the logout that a drill begins with (FIX 58).
const LEAVING: &str = "a drill of the backups";
/// What the plan says of an address.
const PLANNED: &str = "only the plan was asked for";

impl<A: Application> Endpoint<A> {
    /// Begins a drill of every backup of the peer of a session; its report is then to be had by
    /// [`Endpoint::take_drilled`], that of a plan at once.
    pub fn drill(
        &mut self,
        session: SessionIndex,
        terms: DrillTerms,
        now: Ts,
        turn: &mut Turn,
    ) -> Result<(), DrillRefused> {
        let count = self.may_drill(session, terms)?;
        if terms.plan_only {
            let mut plan = Drill::new(count, terms.timeout_ns, 0, now);
            plan.abort(PLANNED, now);
            self.core.drilled = Some(plan.report(session, now));
            return Ok(());
        }
        self.step(now, turn, |step| step.begin_drill(session, count, terms.timeout_ns));
        Ok(())
    }
    /// Returns the report of a drill that is over, once.
    pub fn take_drilled(&mut self) -> Option<DrillReport> {
        self.core.drilled.take()
    }
    /// Returns how many addresses the peer of a session has, which may leave its primary now.
    fn may_drill(&self, session: SessionIndex, terms: DrillTerms) -> Result<usize, DrillRefused> {
        if self.core.life != Life::Running || self.settling {
            return Err(DrillRefused::Ending);
        }
        if let Some(running) = self.core.drilling {
            return Err(DrillRefused::Running(running));
        }
        let found = self.core.session(session).ok_or(DrillRefused::NoBackup)?;
        let count = found.settings.addresses.len();
        if count < 2 || found.settings.role == Role::Acceptor {
            return Err(DrillRefused::NoBackup);
        }
        if !found.is_up() || !self.application.is_settled(session) {
            return Err(DrillRefused::NotUp);
        }
        let address = found.address.current();
        if address != AddressIndex::PRIMARY {
            return Err(DrillRefused::NotAtPrimary(address));
        }
        let open_count = self.application.open_count(session);
        if open_count > 0 && !terms.with_open_orders {
            return Err(DrillRefused::OpenOrders(open_count));
        }
        Ok(count)
    }
}

impl Core {
    /// Returns the session of the drill that runs.
    fn drilled_session(&mut self) -> Option<(SessionIndex, &mut Session)> {
        let index = self.drilling?;
        self.session_mut(index).map(|session| (index, session))
    }
}

impl Step<'_> {
    fn begin_drill(&mut self, session: SessionIndex, count: usize, timeout_ns: i64) {
        let now = self.now;
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let return_ns = found.settings.logon_timeout_ns;
        found.drill = Some(Drill::new(count, timeout_ns, return_ns, now));
        let primary = found.address_text(AddressIndex::PRIMARY);
        self.core.drilling = Some(session);
        let backups = count.saturating_sub(1);
        let text = format!("drill of {backups} backups: leaving {primary}, nothing new is sent");
        self.alert(Some(session), text);
        self.log_out(session, LEAVING, CloseReason::LoggedOut);
    }
    /// Goes on with the drill as far as the session has come; returns whether it did.
    pub(super) fn drive_drill(&mut self, application: &impl Application) -> bool {
        let now = self.now;
        let Some((session, found)) = self.core.drilled_session() else {
            return false;
        };
        let (is_up, is_active) = (found.is_up(), matches!(found.state, State::Active(_)));
        let why = match found.state {
            State::Down(Down::Idle) => Some(CloseReason::OutOfSchedule.text()),
            State::Down(Down::GivenUp) => Some("dialing was given up"),
            State::Down(_)
            | State::LoggingOn { .. }
            | State::Active(_)
            | State::LoggingOut { .. } => None,
        };
        let Some(drill) = &mut found.drill else {
            return false;
        };
        if let Some(why) = why {
            self.abort_drill(why);
            return true;
        }
        if is_active {
            drill.logged_on();
        }
        if drill.is_settling() && is_up && application.is_settled(session) {
            self.ask_for_drill(session);
            return true;
        }
        let next = drill.passes(now);
        self.follow(session, next);
        next != DrillNext::Stay
    }
    /// Gives an address of the drill up whose time is over.
    pub(super) fn expire_drill(&mut self, session: SessionIndex) {
        let now = self.now;
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let Some(drill) = &mut found.drill else {
            return;
        };
        let is_backup = drill.target() != AddressIndex::PRIMARY;
        let next = match found.state {
            State::Down(Down::Dialing) | State::LoggingOut { .. } => DrillNext::Stay,
            // A backup is dialed at once; only the primary is waited for.
            State::Down(_) if is_backup => DrillNext::Stay,
            State::Down(_) | State::LoggingOn { .. } | State::Active(_) => drill.expires(now),
        };
        self.follow(session, next);
    }
    /// A heartbeat has come; it may answer the drill's test request.
    pub(super) fn drill_hears(&mut self, session: SessionIndex, id: Option<&[u8]>) {
        let found = self.core.session_mut(session);
        if let (Some(drill), Some(id)) = (found.and_then(|found| found.drill.as_mut()), id) {
            drill.hears(id);
            self.touch(session);
        }
    }
    /// Ends the drill that runs where it is.
    pub(super) fn abort_drill(&mut self, why: &str) {
        let now = self.now;
        let Some((session, found)) = self.core.drilled_session() else {
            return;
        };
        if let Some(drill) = &mut found.drill {
            drill.abort(why, now);
        }
        if let State::Down(_) = found.state {
            found.address.go(AddressIndex::PRIMARY);
        }
        self.finish_drill(session);
    }
    /// Makes the report of a drill that is over.
    pub(super) fn finish_drill(&mut self, session: SessionIndex) {
        let now = self.now;
        self.core.drilling = None;
        let drill = self.core.session_mut(session).and_then(|found| found.drill.take());
        let Some(report) = drill.map(|drill| drill.report(session, now)) else {
            return;
        };
        for step in &report.steps {
            self.tell_drilled(session, step.address, &step.outcome);
        }
        self.core.drilled = Some(report);
    }
    fn tell_drilled(
        &mut self,
        session: SessionIndex,
        address: AddressIndex,
        outcome: &DrillOutcome,
    ) {
        let found = self.core.session(session);
        let address = found.map_or_else(String::new, |found| found.address_text(address));
        let text = match outcome {
            DrillOutcome::Passed => format!("drill: {address} passed"),
            DrillOutcome::Failed(why) => format!("drill: {address} failed: {why}"),
            DrillOutcome::NotTried(why) => format!("drill: {address} was not tried: {why}"),
        };
        self.alert(Some(session), text);
    }
    fn ask_for_drill(&mut self, session: SessionIndex) {
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let id = format!("DRILL-{}", found.numbers.next_out);
        if let Some(drill) = &mut found.drill {
            drill.asks(id.clone());
        }
        self.send_admin(session, "1", |body| {
            body.put(tag::TEST_REQ_ID, id);
        });
        self.touch(session);
    }
    /// Does what the drill wants next of a session that has a connection, or waits for one.
    fn follow(&mut self, session: SessionIndex, next: DrillNext) {
        match next {
            DrillNext::Stay | DrillNext::Retry | DrillNext::Dial(_) => {}
            DrillNext::Leave => self.leave_for_drill(session),
            DrillNext::Over => self.finish_drill(session),
        }
    }
    fn leave_for_drill(&mut self, session: SessionIndex) {
        let state = self.core.session(session).map(|found| &found.state);
        // Where no logon was answered there is nobody to log out from.
        if let Some(State::LoggingOn { .. }) = state {
            let why = CloseReason::LogonTimeout;
            self.close(session, why, why.text());
        } else {
            self.log_out(session, LEAVING, CloseReason::LoggedOut);
        }
    }
}
