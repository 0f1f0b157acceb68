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
mod turn;

pub use application::{Application, Context, FoldError, Recall, RecallError};
pub use turn::{Alert, CloseReason, ConnectionId, Effect, SessionIndex, Turn};

use ringfence_kernel::types::Ts;

use crate::session::{Settings, SettingsError};

/// Every session of a process and the application behind them.
pub struct Endpoint<A> {
    application: A,
    settings: Settings,
}

impl<A: Application> Endpoint<A> {
    /// Returns an endpoint that has not begun; refuses settings that contradict themselves.
    pub fn new(settings: Settings, application: A) -> Result<Self, SettingsError> {
        settings.check()?;
        Ok(Self { application, settings })
    }
    /// Returns the application.
    pub const fn application(&self) -> &A {
        &self.application
    }
    /// Takes back a record of the journal after a restart, numbered `record` from 1 on.
    pub fn fold(&mut self, record: u64, ts: Ts, payload: &[u8]) -> Result<(), FoldError> {
        let _ = record;
        self.application.fold(ts, payload)
    }
    /// Begins: names the sessions in the journal, resets those whose window is over, dials.
    pub fn start(&mut self, now: Ts, turn: &mut Turn) {
        let _ = (now, turn, &self.settings);
    }
    /// A peer has connected to us; the session is found by its logon.
    pub fn accepted(&mut self, connection: ConnectionId, now: Ts, turn: &mut Turn) {
        let _ = (connection, now, turn);
    }
    /// A connection that [`Effect::Dial`] asked for stands.
    pub fn dialed(
        &mut self,
        session: SessionIndex,
        connection: ConnectionId,
        now: Ts,
        turn: &mut Turn,
    ) {
        let _ = (session, connection, now, turn);
    }
    /// A connection that [`Effect::Dial`] asked for could not be made.
    pub fn dial_failed(&mut self, session: SessionIndex, now: Ts, turn: &mut Turn) {
        let _ = (session, now, turn);
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
        let _ = (connection, bytes, now, recall, turn);
    }
    /// A connection was lost or closed by the peer.
    pub fn closed(&mut self, connection: ConnectionId, now: Ts, turn: &mut Turn) {
        let _ = (connection, now, turn);
    }
    /// Time has passed; wanted at [`Endpoint::next_deadline`], allowed at any time.
    pub fn tick(&mut self, now: Ts, recall: &mut dyn Recall, turn: &mut Turn) {
        let _ = (now, recall, turn);
    }
    /// Returns when [`Endpoint::tick`] is wanted next, if ever; it may lie in the past.
    pub fn next_deadline(&self) -> Option<Ts> {
        self.application.due()
    }
    /// Logs every session out and dials and accepts no more.
    pub fn drain(&mut self, now: Ts, turn: &mut Turn) {
        let _ = (now, turn);
    }
    /// Returns whether a drain was asked for and no connection is left.
    pub fn is_drained(&self) -> bool {
        false
    }
    /// Dials again for an initiator that has given up (R69); a person asks for this.
    pub fn redial(&mut self, session: SessionIndex, now: Ts, turn: &mut Turn) {
        let _ = (session, now, turn);
    }
    /// Runs something on the application that did not come by FIX: an operator's command.
    pub fn act<T>(
        &mut self,
        now: Ts,
        turn: &mut Turn,
        act: impl FnOnce(&mut A, &mut dyn Context) -> T,
    ) -> T {
        let _ = (now, turn, act);
        unreachable!()
    }
}
