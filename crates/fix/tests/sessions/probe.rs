//! An application that remembers what it was handed, in the journal too.

use ringfence_fix::codec::{Body, Message};
use ringfence_fix::endpoint::{Application, Context, FoldError, SessionIndex};
use ringfence_fix::tag;
use ringfence_kernel::types::Ts;

/// The only session of most tests.
pub const SESSION: SessionIndex = SessionIndex::new(0);

/// What was handed over, and what may be sent again.
#[derive(Debug)]
pub struct Probe {
    /// ClOrdIDs of what was delivered, in order; comes back from the journal.
    pub delivered: Vec<String>,
    /// Messages that were sent; comes back from the journal.
    pub sent: u64,
    /// Changes of the sessions.
    pub ups: Vec<bool>,
    /// Session rejects: MsgType and fields of the message that was refused.
    pub refused: Vec<Option<(String, String)>>,
    /// MsgTypes that are never sent again.
    pub stale: &'static [&'static str],
    /// What a drain waits for: a message with this ClOrdID.
    pub settled_by: Option<&'static str>,
    /// Whether nothing is asked of the peer.
    pub is_settled: bool,
    /// Orders that are open at the peer.
    pub open_count: usize,
}

impl Probe {
    /// Returns a probe that sends everything again but `stale`.
    pub fn new(stale: &'static [&'static str]) -> Self {
        Self {
            delivered: Vec::new(),
            sent: 0,
            ups: Vec::new(),
            refused: Vec::new(),
            stale,
            settled_by: None,
            is_settled: true,
            open_count: 0,
        }
    }
    /// Sends the next message of `msg_type`, with a record of its own.
    pub fn send(&mut self, msg_type: &str, context: &mut dyn Context) {
        self.sent += 1;
        let number = self.sent;
        context.record(&mut |out| out.extend_from_slice(&[2]));
        let mut body = Body::new();
        body.number(tag::CL_ORD_ID, number);
        context.send(SESSION, msg_type, &body);
    }
}

impl Application for Probe {
    fn session_changed(&mut self, _: SessionIndex, is_up: bool, _: &mut dyn Context) {
        self.ups.push(is_up);
    }
    fn deliver(&mut self, session: SessionIndex, message: &Message<'_>, context: &mut dyn Context) {
        if message.msg_type() == b"8" {
            context.business_reject(session, message, 3, "Unsupported Message Type");
            return;
        }
        let id = message.text(tag::CL_ORD_ID).unwrap_or("none").to_owned();
        context.record(&mut |out| {
            out.push(1);
            out.extend_from_slice(id.as_bytes());
        });
        self.delivered.push(id);
    }
    fn refused(
        &mut self,
        _: SessionIndex,
        _: &Message<'_>,
        sent: Option<(&str, &[u8])>,
        _: &mut dyn Context,
    ) {
        self.refused.push(sent.map(|(msg_type, body)| {
            (msg_type.to_owned(), String::from_utf8(body.to_vec()).unwrap())
        }));
    }
    fn drain(&mut self, context: &mut dyn Context) {
        if self.settled_by.is_some() {
            self.send("F", context);
        }
    }
    fn is_drained(&self) -> bool {
        self.settled_by.is_none_or(|id| self.delivered.iter().any(|known| known == id))
    }
    fn is_settled(&self, _: SessionIndex) -> bool {
        self.is_settled
    }
    fn open_count(&self, _: SessionIndex) -> usize {
        self.open_count
    }
    fn tick(&mut self, _: &mut dyn Context) {}
    fn due(&self) -> Option<Ts> {
        None
    }
    fn fold(&mut self, _: Ts, payload: &[u8]) -> Result<(), FoldError> {
        match payload {
            [] => {}
            [1, id @ ..] => self.delivered.push(String::from_utf8(id.to_vec()).unwrap()),
            [2] => self.sent += 1,
            other => return Err(FoldError { text: format!("{other:?}") }),
        }
        Ok(())
    }
    fn may_resend(&self, _: SessionIndex, msg_type: &str) -> bool {
        !self.stale.contains(&msg_type)
    }
}
