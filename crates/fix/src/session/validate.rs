//! What a session asks a dictionary.

use crate::codec::Message;
use crate::tag::Tag;

/// Why a message breaks its dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// SessionRejectReason (FIX 373), or BusinessRejectReason (FIX 380) when `business`.
    pub reason: u16,
    /// The field, where there is one.
    pub tag: Option<Tag>,
    /// For people (FIX 58).
    pub text: &'static str,
    /// Whether the answer is a business reject (FIX 35=j) and not a session reject (FIX 35=3).
    pub business: bool,
}

/// A dictionary as a session sees it.
pub trait Validate {
    /// Returns the first rule that the message breaks.
    fn check(&self, message: &Message<'_>) -> Result<(), Violation>;
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
