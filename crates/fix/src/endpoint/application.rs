//! What is plugged in behind the sessions: the gateway's kernel, the simulated venue, a test.

use ringfence_kernel::types::Ts;

use super::SessionIndex;
use crate::codec::{Body, Message};

/// A record of the journal that does not fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldError {
    /// What was expected and found.
    pub text: String,
}

/// A record that was written and cannot be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecallError {
    /// Number of the record in the journal.
    pub record: u64,
    /// Why.
    pub text: String,
}

/// Reads records of the journal again, for resends.
pub trait Recall {
    /// Appends the payload of the record numbered `record` to `out`.
    fn payload(&mut self, record: u64, out: &mut Vec<u8>) -> Result<(), RecallError>;
}

/// What an application may do in a step; everything becomes part of the turn.
///
/// [`Context::record`] ends the record that collects what the sessions have to remember, so that an
/// inbound sequence number, the application's decision and the messages that follow from it are
/// durable together or not at all.
pub trait Context {
    /// Returns the time of the turn.
    fn now(&self) -> Ts;
    /// Begins the application's part of a record; `write` appends its payload.
    ///
    /// What is sent afterwards belongs to the same record, until the next call or the end of the
    /// turn.
    fn record(&mut self, write: &mut dyn FnMut(&mut Vec<u8>));
    /// Sends a message by a session: at once when it is logged on, else it is numbered and kept
    /// for the peer to ask for.
    fn send(&mut self, session: SessionIndex, msg_type: &str, body: &Body);
    /// Returns whether the session is logged on, with every gap filled.
    fn is_up(&self, session: SessionIndex) -> bool;
    /// Returns whether the session stands at a backup of its peer for a drill alone: nothing new
    /// may go by it.
    fn is_drilled(&self, _session: SessionIndex) -> bool {
        false
    }
    /// Answers `message` with a business reject (FIX 35=j) of a reason (FIX 380).
    fn business_reject(
        &mut self,
        session: SessionIndex,
        message: &Message<'_>,
        reason: u16,
        text: &str,
    );
    /// Logs a session out with a text.
    fn logout(&mut self, session: SessionIndex, text: &str);
    /// Tells whoever watches how things go; nobody has to act.
    fn note(&mut self, session: Option<SessionIndex>, text: String);
    /// Tells a person, who should act.
    fn alert(&mut self, session: Option<SessionIndex>, text: String);
}

/// The application behind an endpoint.
///
/// It must be deterministic: the same calls with the same times give the same payloads and
/// messages.
pub trait Application {
    /// A session was logged on and has no gap, or is no longer usable.
    fn session_changed(&mut self, session: SessionIndex, is_up: bool, context: &mut dyn Context);
    /// A message of the application arrived, in order, valid by the session's dictionary.
    fn deliver(&mut self, session: SessionIndex, message: &Message<'_>, context: &mut dyn Context);
    /// The peer refused a message of ours by a session reject (FIX 35=3); `sent` is the MsgType
    /// and the encoded fields of the message that it names, when the journal has it.
    fn refused(
        &mut self,
        session: SessionIndex,
        message: &Message<'_>,
        sent: Option<(&str, &[u8])>,
        context: &mut dyn Context,
    ) {
        let _ = (session, message, sent, context);
    }
    /// Time has passed.
    fn tick(&mut self, context: &mut dyn Context);
    /// Returns when [`Application::tick`] is wanted next, if ever.
    fn due(&self) -> Option<Ts>;
    /// Takes its part of a record back after a restart; nothing may be sent.
    ///
    /// Called for every record in order, with an empty payload where it had no part in one.
    fn fold(&mut self, ts: Ts, payload: &[u8]) -> Result<(), FoldError>;
    /// Returns whether a message that it once sent may be sent again when the peer asks; the
    /// others are gap-filled. Orders are never sent stale.
    fn may_resend(&self, session: SessionIndex, msg_type: &str) -> bool;
    /// Returns whether a message that its peer has given no sign of having is sent anew once its
    /// number is gone, as one that the peer may know (FIX 97).
    fn outlives_its_number(&self, session: SessionIndex, msg_type: &str) -> bool {
        self.may_resend(session, msg_type)
    }
    /// Returns whether everything that it asks of a peer once its session is up was answered.
    fn is_settled(&self, _session: SessionIndex) -> bool {
        true
    }
    /// Returns how many orders are open at the peer of a session.
    fn open_count(&self, _session: SessionIndex) -> usize {
        0
    }
    /// The process is to end: nothing new is admitted from here on; called once.
    fn drain(&mut self, _context: &mut dyn Context) {}
    /// Returns whether everything that [`Application::drain`] set out to end has ended.
    fn is_drained(&self) -> bool {
        true
    }
}
