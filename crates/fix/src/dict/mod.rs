//! Dictionaries: what a FIX version, and a counterparty's dialect of it, allow in a message.
//!
//! A [`Specification`] is read from the XML format of QuickFIX, or from our own text format in
//! which the messages that Ringfence speaks are built in; a dialect is put on top; a
//! [`Dictionary`] is the tables made of it, and judges messages in one pass.
//!
//! Refuses texts that name what they do not define, and texts over a named maximum.

mod check;
mod edit;
mod error;
mod kind;
mod reason;
mod specification;
mod tables;
mod text;
mod xml;

pub use error::{DictionaryError, Problem};
pub use kind::FieldType;
pub use reason::{RejectReason, Violation};
pub use specification::{Condition, FieldDefinition, Member, MessageDefinition, Specification};
pub use tables::Dictionary;

/// The longest text of a dictionary, in bytes.
pub const TEXT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The most nodes of an XML dictionary, its spaces between elements included.
pub const XML_NODES_MAX: u32 = 1_000_000;
/// The highest tag.
pub const TAG_MAX: u32 = 999_999_999;
/// The most fields of a dictionary.
pub const FIELDS_MAX: usize = 16_384;
/// The most messages of a dictionary.
pub const MESSAGES_MAX: usize = 1_024;
/// The most values of one field.
pub const VALUES_MAX: usize = 4_096;
/// The most places of fields in messages, components counted wherever they are used.
pub const MEMBERS_MAX: usize = 1_000_000;
/// The most fields of a header, a message, an entry of a group, a trailer.
pub const LAYOUT_FIELDS_MAX: usize = 1_024;
/// How deep groups nest.
pub const GROUP_DEPTH_MAX: usize = 8;
/// How deep components nest.
pub const COMPONENT_DEPTH_MAX: usize = 16;
/// The lowest tag that two parties may define between themselves.
pub const USER_DEFINED_TAG_MIN: u32 = 5_000;

/// Whether something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It is a violation.
    Refuse,
    /// It is let through.
    Accept,
}

/// What a dictionary is strict about; by default everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policies {
    /// Fields of header, body and trailer among each other (373=14).
    pub out_of_order: Policy,
    /// Fields of a group's entry in another order than the dictionary's (373=15); that an entry
    /// begins with the first field of its group is always asked for.
    pub group_out_of_order: Policy,
    /// Fields without a value (373=4).
    pub empty_value: Policy,
    /// Fields from [`USER_DEFINED_TAG_MIN`] on that are not in the message's definition (373=0).
    pub user_defined: Policy,
    /// Values that are not in the field's list (373=5).
    pub unlisted_value: Policy,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            out_of_order: Policy::Refuse,
            group_out_of_order: Policy::Refuse,
            empty_value: Policy::Refuse,
            user_defined: Policy::Refuse,
            unlisted_value: Policy::Refuse,
        }
    }
}

/// A version of FIX that is built in, with the messages that Ringfence speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// FIX 4.2.
    Fix42,
    /// FIX 4.4.
    Fix44,
    /// FIXT 1.1 as transport of FIX 5.0 SP2.
    Fixt11,
}

impl Version {
    /// Returns the version of a BeginString (FIX 8), where it is built in.
    pub fn of(begin_string: &str) -> Option<Self> {
        match begin_string {
            "FIX.4.2" => Some(Self::Fix42),
            "FIX.4.4" => Some(Self::Fix44),
            "FIXT.1.1" => Some(Self::Fixt11),
            _ => None,
        }
    }
    /// Returns the BeginString (FIX 8).
    pub const fn begin_string(self) -> &'static str {
        match self {
            Self::Fix42 => "FIX.4.2",
            Self::Fix44 => "FIX.4.4",
            Self::Fixt11 => "FIXT.1.1",
        }
    }
    /// Returns whether reports carry an ExecTransType (FIX 20) and say fills by 1 and 2 (FIX 150).
    pub const fn has_exec_trans_type(self) -> bool {
        matches!(self, Self::Fix42)
    }
    const fn text(self) -> &'static str {
        match self {
            Self::Fix42 => include_str!("compact/fix42.txt"),
            Self::Fix44 => include_str!("compact/fix44.txt"),
            Self::Fixt11 => include_str!("compact/fixt11.txt"),
        }
    }
}

impl Specification {
    /// Returns the built-in dictionary of a version.
    ///
    /// Costs reading a text of some ten thousand words: once per session, not per message.
    pub fn compact(version: Version) -> Result<Self, DictionaryError> {
        text::read(version.text())
    }
    /// Returns what a dictionary in our own text format says.
    pub fn from_text(text: &str) -> Result<Self, DictionaryError> {
        text::read(text)
    }
    /// Returns what a dictionary in the XML format of QuickFIX says.
    pub fn from_xml(text: &str) -> Result<Self, DictionaryError> {
        xml::read(text)
    }
    /// Returns what a pair of XML dictionaries says: the transport's (FIXT.1.1), the application's.
    pub fn from_xml_pair(transport: &str, application: &str) -> Result<Self, DictionaryError> {
        let mut spec = xml::read(transport)?;
        spec.join(xml::read(application)?);
        Ok(spec)
    }
    /// Returns this dictionary in the dialect of a counterparty, given in our own text format.
    pub fn with_dialect(self, text: &str) -> Result<Self, DictionaryError> {
        text::apply(self, text)
    }
    /// Returns the tables that judge messages.
    pub fn dictionary(&self, policies: Policies) -> Dictionary {
        Dictionary::new(self, policies)
    }
}
