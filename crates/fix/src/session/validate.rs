//! What a session asks a dictionary.

use crate::codec::Message;
use crate::dict::{Dictionary, Violation};

/// A dictionary as a session sees it.
pub trait Validate {
    /// Returns the first rule that the message breaks.
    fn check(&self, message: &Message<'_>) -> Result<(), Violation>;
}

impl Validate for Dictionary {
    fn check(&self, message: &Message<'_>) -> Result<(), Violation> {
        Self::check(self, message)
    }
}

/// Accepts every message: for peers whose dictionary nobody has, and for tests.
#[derive(Clone, Copy, Debug)]
pub struct AnyMessage;

impl Validate for AnyMessage {
    fn check(&self, _: &Message<'_>) -> Result<(), Violation> {
        Ok(())
    }
}

/// Returns whether a MsgType (FIX 35) belongs to the session and not to the application.
pub fn is_admin(msg_type: &[u8]) -> bool {
    matches!(msg_type, [b'0'..=b'5' | b'A'])
}
