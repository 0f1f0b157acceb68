//! What a session makes of a message before it reads the body.

use ringfence_kernel::types::Ts;

use super::state::Session;
use crate::codec::Message;
use crate::dict::RejectReason;
use crate::tag::{self, Tag};

/// Why a message is refused by a session reject (FIX 35=3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// SessionRejectReason (FIX 373) and its text (FIX 58).
    pub reason: RejectReason,
    /// RefTagID (FIX 371).
    pub tag: Option<Tag>,
}

impl Refusal {
    /// Returns a refusal because of a field.
    pub(crate) const fn at(reason: RejectReason, tag: Tag) -> Self {
        Self { reason, tag: Some(tag) }
    }
}

/// What a session makes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the next one.
    InOrder,
    /// Its number does not matter: a logout, a resend request, a reset of the numbers.
    AnyOrder,
    /// Others before it are missing.
    Ahead(u64),
    /// It was taken before.
    Had,
    /// Its number was used, and it does not claim to be a duplicate: the session ends.
    Behind(u64),
    /// It is rejected.
    Refused(Refusal),
    /// It is rejected and the session ends: it comes from, or goes to, somebody else, or at
    /// another time.
    Foreign(Refusal),
    /// Another version of the protocol: the session ends.
    WrongBeginString,
    /// No MsgSeqNum: the session ends.
    NoNumber,
}

/// Returns what `session` makes of `message`.
pub(crate) fn judge(session: &Session, message: &Message<'_>, now: Ts) -> Verdict {
    let begin_string = session.settings.version.begin_string();
    if message.get(tag::BEGIN_STRING) != Some(begin_string.as_bytes()) {
        return Verdict::WrongBeginString;
    }
    let Some(seq) = message.seq() else {
        return Verdict::NoNumber;
    };
    if let Err(verdict) = check_origin(session, message, now) {
        return verdict;
    }
    let expected = session.numbers.next_in;
    let duplicate = message.is_yes(tag::POSS_DUP_FLAG);
    match message.msg_type() {
        b"4" if !message.is_yes(tag::GAP_FILL_FLAG) => return Verdict::AnyOrder,
        b"2" | b"5" | b"A" if seq >= expected || !duplicate => return Verdict::AnyOrder,
        _ => {}
    }
    if seq > expected {
        return Verdict::Ahead(seq);
    }
    if duplicate && let Err(verdict) = check_original(message) {
        return verdict;
    }
    match (seq == expected, duplicate) {
        (true, _) => Verdict::InOrder,
        (false, true) => Verdict::Had,
        (false, false) => Verdict::Behind(seq),
    }
}

/// Checks SendingTime and CompIDs (test cases 2k, 2o).
pub(crate) fn check_origin(
    session: &Session,
    message: &Message<'_>,
    now: Ts,
) -> Result<(), Verdict> {
    let settings = &session.settings;
    let (sender, target) = (&settings.target_comp_id, &settings.sender_comp_id);
    let present = |tag| match message.get(tag) {
        None => Err(Verdict::Refused(Refusal::at(RejectReason::RequiredTagMissing, tag))),
        Some(b"") => Err(Verdict::Refused(Refusal::at(RejectReason::TagWithoutValue, tag))),
        Some(value) => Ok(value),
    };
    present(tag::SENDING_TIME)?;
    let sent_by = present(tag::SENDER_COMP_ID)?;
    let sent_to = present(tag::TARGET_COMP_ID)?;
    let Ok(Some(sent)) = message.utc(tag::SENDING_TIME) else {
        let refusal = Refusal::at(RejectReason::IncorrectDataFormat, tag::SENDING_TIME);
        return Err(Verdict::Refused(refusal));
    };
    if sent.since(now).max(now.since(sent)) > settings.sending_time_accuracy_ns {
        return Err(Verdict::Foreign(SENDING_TIME));
    }
    if sent_by != sender.as_bytes() || sent_to != target.as_bytes() {
        let refusal = Refusal { reason: RejectReason::CompIdProblem, tag: None };
        return Err(Verdict::Foreign(refusal));
    }
    Ok(())
}

const SENDING_TIME: Refusal = Refusal { reason: RejectReason::SendingTimeAccuracy, tag: None };

/// Checks the OrigSendingTime of a duplicate (test cases 2f, 2g); a gap fill needs none.
fn check_original(message: &Message<'_>) -> Result<(), Verdict> {
    let tag = tag::ORIG_SENDING_TIME;
    match message.utc(tag::ORIG_SENDING_TIME) {
        Ok(None) if message.msg_type() == b"4" => Ok(()),
        Ok(None) => Err(Verdict::Refused(Refusal::at(RejectReason::RequiredTagMissing, tag))),
        Err(_) => Err(Verdict::Refused(Refusal::at(RejectReason::IncorrectDataFormat, tag))),
        Ok(Some(original)) => match message.utc(tag::SENDING_TIME) {
            Ok(Some(sent)) if original > sent => Err(Verdict::Foreign(SENDING_TIME)),
            Ok(_) | Err(_) => Ok(()),
        },
    }
}
