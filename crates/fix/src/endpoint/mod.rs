//! Every FIX session of one process together with its application, without input or output.
//!
//! Whoever owns the sockets hands in bytes and time and gets a [`Turn`] back: records that must be
//! durable first, and effects that may happen only then (invariant I5). The same code runs behind
//! real sockets and in a simulated world.
//!
//! The order of calls: [`Endpoint::new`], [`Endpoint::fold`] for each record that the journal
//! holds, [`Endpoint::start`], then the rest in any order with times that do not fall. Several
//! calls may share a turn; its records are appended in order, without others between them, before
//! it is cleared. A connection that [`Effect::Close`] named is forgotten at once; what still
//! arrives on it is ignored.

mod application;
mod clock;
mod core;
mod drill;
mod ending;
mod gap;
mod inbound;
mod logon;
pub(crate) mod reject;
mod resend;
mod step;
mod turn;

pub use application::{Application, Context, FoldError, Recall, RecallError};
pub use clock::RESEND_TRIES_MAX;
pub use resend::{RESENT_BYTES_PER_TURN_MAX, RESENT_PER_STEP_MAX};
pub use step::WIRE_BYTES_MAX;
pub use turn::{Alert, CloseReason, ConnectionId, Effect, Note, SessionIndex, Turn};

use ringfence_kernel::types::Ts;

use self::core::{Core, Life, Owner};
use self::inbound::Work;
use self::step::Step;
use crate::session::state::{Down, Session, State, after};
use crate::session::{AddressIndex, Settings, SettingsError};

/// Where a session stands, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Without a connection.
    Down,
    /// Dialing stopped after too many failures; a person must ask for more.
    GivenUp,
    /// Our logon is not answered yet.
    LoggingOn,
    /// Logged on, and messages of the peer are missing.
    Recovering,
    /// Logged on, nothing is missing.
    Up,
    /// Our logout is not answered yet.
    LoggingOut,
}

/// A session as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where it stands.
    pub standing: Standing,
    /// MsgSeqNum (FIX 34) expected from the peer.
    pub next_in: u64,
    /// MsgSeqNum of our next message.
    pub next_out: u64,
    /// Which address of its peer is dialed, or in use.
    pub address: AddressIndex,
    /// Whether a drill of its backups runs.
    pub is_drilled: bool,
}

/// Every session of a process and the application behind them.
pub struct Endpoint<A> {
    application: A,
    core: Core,
    /// Whether the application settles what is open before everybody is logged out.
    settling: bool,
}

impl<A: Application> Endpoint<A> {
    /// Returns an endpoint that has not begun; refuses settings that contradict themselves.
    pub fn new(settings: Settings, application: A) -> Result<Self, SettingsError> {
        settings.check()?;
        Ok(Self { application, core: Core::new(settings), settling: false })
    }
    /// Returns the application.
    pub const fn application(&self) -> &A {
        &self.application
    }
    /// Takes back a record of the journal after a restart, numbered `record` from 1 on.
    pub fn fold(&mut self, record: u64, ts: Ts, payload: &[u8]) -> Result<(), FoldError> {
        let application = self.core.fold(record, payload)?;
        self.application.fold(ts, application)
    }
    /// Takes back what the sessions remember in a record of an earlier journal, for a session that
    /// runs longer than a trading day; returns the application's part, which it does not see.
    pub fn fold_earlier<'a>(
        &mut self,
        record: u64,
        payload: &'a [u8],
    ) -> Result<&'a [u8], FoldError> {
        self.core.fold(record, payload)
    }
    /// Ends the earlier journal: records are numbered from 1 again. Numbers of messages go on;
    /// the messages themselves are not in the new journal and are gap-filled on a resend.
    pub fn begin_journal(&mut self) {
        self.core.begin_journal();
    }
    /// Begins: names the sessions in the journal, resets those whose window is over, dials.
    pub fn start(&mut self, now: Ts, turn: &mut Turn) {
        self.step(now, turn, |step| step.start());
    }
    /// A peer has connected to us; the session is found by its logon.
    ///
    /// Beyond the connections that may wait for their logon, the one that waits longest is closed:
    /// who belongs logs on at once, and silent strangers cannot keep everybody out.
    pub fn accepted(&mut self, connection: ConnectionId, now: Ts, turn: &mut Turn) {
        self.step(now, turn, |step| {
            let deadline = after(now, step.core.logon_timeout_ns);
            step.connect(connection, Owner::Pending { deadline });
            step.core.wake_by(Some(deadline));
            if step.core.life != Life::Running {
                step.close_pending(connection, CloseReason::Ending);
            } else if step.core.pending_count > step.core.pending_max {
                let text = "too many connections wait for their logon";
                let longest = step.core.waits_longest().unwrap_or(connection);
                step.turn_away(longest, CloseReason::Busy, None, text);
            }
        });
    }
    /// A connection that [`Effect::Dial`] asked for stands.
    pub fn dialed(
        &mut self,
        session: SessionIndex,
        connection: ConnectionId,
        now: Ts,
        turn: &mut Turn,
    ) {
        self.step(now, turn, |step| step.dialed(session, connection));
    }
    /// A connection that [`Effect::Dial`] asked for could not be made, for a reason in words.
    pub fn dial_failed(&mut self, session: SessionIndex, why: &str, now: Ts, turn: &mut Turn) {
        self.step(now, turn, |step| step.dial_failed(session, why));
    }
    /// Bytes have arrived on a connection.
    pub fn received(
        &mut self,
        connection: ConnectionId,
        bytes: &[u8],
        now: Ts,
        recall: &mut dyn Recall,
        turn: &mut Turn,
    ) {
        self.work(now, recall, turn, |work| work.receive(connection, bytes));
    }
    /// A connection was lost or closed by the peer.
    pub fn closed(&mut self, connection: ConnectionId, now: Ts, turn: &mut Turn) {
        self.step(now, turn, |step| step.lost(connection));
    }
    /// Time has passed; wanted at [`Endpoint::next_deadline`], allowed at any time.
    pub fn tick(&mut self, now: Ts, recall: &mut dyn Recall, turn: &mut Turn) {
        self.work(now, recall, turn, |work| work.tick());
    }
    /// Returns when [`Endpoint::tick`] is wanted next, if ever; it may lie in the past.
    pub fn next_deadline(&self) -> Option<Ts> {
        self.core.wake.into_iter().chain(self.application.due()).min()
    }
    /// Lets the application settle what is open, then logs every session out.
    pub fn drain(&mut self, now: Ts, turn: &mut Turn) {
        self.settling = true;
        self.act(now, turn, |application, context| application.drain(context));
    }
    /// Returns whether the application still settles what is open.
    pub const fn is_settling(&self) -> bool {
        self.settling
    }
    /// Logs every session out, settled or not, and dials and accepts no more.
    pub fn log_out_all(&mut self, now: Ts, turn: &mut Turn) {
        self.settling = false;
        self.step(now, turn, |step| step.drain());
    }
    /// Returns whether a drain was asked for and no connection is left.
    pub fn is_drained(&self) -> bool {
        self.core.life == Life::Draining && self.core.connections.is_empty()
    }
    /// Dials at once for an initiator that has given up or waits for its next attempt (R69); a
    /// person asks for this. Returns whether it did either.
    pub fn redial(&mut self, session: SessionIndex, now: Ts, turn: &mut Turn) -> bool {
        self.step(now, turn, |step| step.redial(session))
    }
    /// Runs something on the application that did not come by FIX: an operator's command.
    pub fn act<T>(
        &mut self,
        now: Ts,
        turn: &mut Turn,
        act: impl FnOnce(&mut A, &mut dyn Context) -> T,
    ) -> T {
        let mut step = Step { core: &mut self.core, turn, now };
        let result = act(&mut self.application, &mut step);
        step.finish(&mut self.application);
        self.log_out_if_settled(now, turn);
        result
    }
    /// Returns a session as it is now.
    pub fn status(&self, session: SessionIndex) -> Option<Status> {
        self.core.session(session).map(Session::status)
    }
    /// Returns the number of messages of peers whose number was taken since the start.
    pub const fn taken_count(&self) -> u64 {
        self.core.taken
    }
    /// Returns the number of garbled messages that were skipped.
    pub const fn garbled_count(&self) -> u64 {
        self.core.garbled
    }
    fn step<T>(&mut self, now: Ts, turn: &mut Turn, take: impl FnOnce(&mut Step<'_>) -> T) -> T {
        let mut step = Step { core: &mut self.core, turn, now };
        let taken = take(&mut step);
        step.finish(&mut self.application);
        self.log_out_if_settled(now, turn);
        taken
    }
    fn work(
        &mut self,
        now: Ts,
        recall: &mut dyn Recall,
        turn: &mut Turn,
        take: impl FnOnce(&mut Work<'_, A>),
    ) {
        let step = Step { core: &mut self.core, turn, now };
        let mut work = Work { app: &mut self.application, step, recall };
        take(&mut work);
        work.step.finish(work.app);
        self.log_out_if_settled(now, turn);
    }
    fn log_out_if_settled(&mut self, now: Ts, turn: &mut Turn) {
        if self.settling && self.application.is_drained() {
            self.log_out_all(now, turn);
        }
    }
}

impl Session {
    fn status(&self) -> Status {
        let standing = match &self.state {
            State::Down(Down::GivenUp) => Standing::GivenUp,
            State::Down(_) => Standing::Down,
            State::LoggingOn { .. } => Standing::LoggingOn,
            State::Active(_) if self.is_up() => Standing::Up,
            State::Active(_) => Standing::Recovering,
            State::LoggingOut { .. } => Standing::LoggingOut,
        };
        Status {
            standing,
            next_in: self.numbers.next_in,
            next_out: self.numbers.next_out,
            address: self.address.current(),
            is_drilled: self.drill.is_some(),
        }
    }
}
