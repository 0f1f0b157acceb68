//! Why a message is refused by its dictionary.

use crate::tag::Tag;

/// What is wrong with a message: the reasons of a session reject (FIX 373) and the two of a
/// business reject (FIX 380) that a dictionary finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectReason {
    /// Invalid tag number (373=0).
    InvalidTagNumber,
    /// Required tag missing (373=1).
    RequiredTagMissing,
    /// Tag not defined for this message type (373=2).
    TagNotDefinedForMessageType,
    /// Undefined tag (373=3): one of the standard that the dialect does without.
    UndefinedTag,
    /// Tag specified without a value (373=4).
    TagWithoutValue,
    /// Value is incorrect (out of range) for this tag (373=5).
    ValueIncorrect,
    /// Incorrect data format for value (373=6).
    IncorrectDataFormat,
    /// Decryption problem (373=7).
    DecryptionProblem,
    /// Signature problem (373=8).
    SignatureProblem,
    /// CompID problem (373=9).
    CompIdProblem,
    /// SendingTime accuracy problem (373=10).
    SendingTimeAccuracy,
    /// Invalid MsgType (373=11).
    InvalidMsgType,
    /// Tag appears more than once (373=13).
    TagAppearsMoreThanOnce,
    /// Tag specified out of required order: header, body, trailer (373=14).
    TagOutOfOrder,
    /// Repeating group fields out of order (373=15).
    GroupFieldsOutOfOrder,
    /// Incorrect NumInGroup count for repeating group (373=16).
    IncorrectGroupCount,
    /// Unsupported message type (380=3): known to the standard, not to this dictionary.
    UnsupportedMessageType,
    /// Conditionally required field missing (380=5).
    ConditionallyRequiredFieldMissing,
}

impl RejectReason {
    /// Returns the value of SessionRejectReason (FIX 373); `None` for a business reject.
    pub const fn session_code(self) -> Option<u16> {
        match self {
            Self::InvalidTagNumber => Some(0),
            Self::RequiredTagMissing => Some(1),
            Self::TagNotDefinedForMessageType => Some(2),
            Self::UndefinedTag => Some(3),
            Self::TagWithoutValue => Some(4),
            Self::ValueIncorrect => Some(5),
            Self::IncorrectDataFormat => Some(6),
            Self::DecryptionProblem => Some(7),
            Self::SignatureProblem => Some(8),
            Self::CompIdProblem => Some(9),
            Self::SendingTimeAccuracy => Some(10),
            Self::InvalidMsgType => Some(11),
            Self::TagAppearsMoreThanOnce => Some(13),
            Self::TagOutOfOrder => Some(14),
            Self::GroupFieldsOutOfOrder => Some(15),
            Self::IncorrectGroupCount => Some(16),
            Self::UnsupportedMessageType | Self::ConditionallyRequiredFieldMissing => None,
        }
    }
    /// Returns the value of BusinessRejectReason (FIX 380); `None` for a session reject.
    pub const fn business_code(self) -> Option<u16> {
        match self {
            Self::UnsupportedMessageType => Some(3),
            Self::ConditionallyRequiredFieldMissing => Some(5),
            Self::InvalidTagNumber
            | Self::RequiredTagMissing
            | Self::TagNotDefinedForMessageType
            | Self::UndefinedTag
            | Self::TagWithoutValue
            | Self::ValueIncorrect
            | Self::IncorrectDataFormat
            | Self::DecryptionProblem
            | Self::SignatureProblem
            | Self::CompIdProblem
            | Self::SendingTimeAccuracy
            | Self::InvalidMsgType
            | Self::TagAppearsMoreThanOnce
            | Self::TagOutOfOrder
            | Self::GroupFieldsOutOfOrder
            | Self::IncorrectGroupCount => None,
        }
    }
    /// Returns the words for Text (FIX 58).
    pub const fn text(self) -> &'static str {
        match self {
            Self::InvalidTagNumber => "Invalid tag number",
            Self::RequiredTagMissing => "Required tag missing",
            Self::TagNotDefinedForMessageType => "Tag not defined for this message type",
            Self::UndefinedTag => "Undefined tag",
            Self::TagWithoutValue => "Tag specified without a value",
            Self::ValueIncorrect => "Value is incorrect (out of range) for this tag",
            Self::IncorrectDataFormat => "Incorrect data format for value",
            Self::DecryptionProblem => "Decryption problem",
            Self::SignatureProblem => "Signature problem",
            Self::CompIdProblem => "CompID problem",
            Self::SendingTimeAccuracy => "SendingTime accuracy problem",
            Self::InvalidMsgType => "Invalid MsgType",
            Self::TagAppearsMoreThanOnce => "Tag appears more than once",
            Self::TagOutOfOrder => "Tag specified out of required order",
            Self::GroupFieldsOutOfOrder => "Repeating group fields out of order",
            Self::IncorrectGroupCount => "Incorrect NumInGroup count for repeating group",
            Self::UnsupportedMessageType => "Unsupported message type",
            Self::ConditionallyRequiredFieldMissing => "Conditionally required field missing",
        }
    }
}

/// The first thing that is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What.
    pub reason: RejectReason,
    /// The field, for RefTagID (FIX 371).
    pub tag: Option<Tag>,
}

impl Violation {
    /// Returns a violation at a field.
    pub const fn at(reason: RejectReason, tag: Tag) -> Self {
        Self { reason, tag: Some(tag) }
    }
}
