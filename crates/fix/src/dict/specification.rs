//! What a dictionary says, before it becomes tables: fields, messages, groups.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Problem;
use super::kind::FieldType;
use super::{
    FIELDS_MAX, GROUP_DEPTH_MAX, LAYOUT_FIELDS_MAX, MEMBERS_MAX, MESSAGES_MAX, VALUES_MAX,
};
use crate::tag::Tag;

/// A field of the standard or of a dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDefinition {
    /// Name, as in the standard.
    pub name: String,
    /// Type.
    pub kind: FieldType,
    /// Values that it may take; none: any.
    pub values: BTreeSet<String>,
}

/// A field in its place: in the header, a message, a group, the trailer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The field.
    pub tag: Tag,
    /// Whether it must be there.
    pub is_required: bool,
    /// The fields of an entry where this one counts the entries of a group.
    pub group: Option<Vec<Member>>,
}

/// Fields that must be there when another one has one of some values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The field that is looked at.
    pub tag: Tag,
    /// Its values.
    pub values: Vec<String>,
    /// What must be there then.
    pub needed: Vec<Tag>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageDefinition {
    /// Name, as in the standard.
    pub name: String,
    /// Whether it belongs to the session and not to the application.
    pub is_admin: bool,
    /// Its fields in order.
    pub members: Vec<Member>,
    /// Its conditionally required fields.
    pub conditions: Vec<Condition>,
}

/// Everything that a dictionary says; dialects are applied to it, tables are made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Specification {
    pub(super) version: Vec<String>,
    pub(super) fields: BTreeMap<Tag, FieldDefinition>,
    pub(super) header: Vec<Member>,
    pub(super) trailer: Vec<Member>,
    pub(super) messages: BTreeMap<String, MessageDefinition>,
    /// Fields that a dialect does without.
    pub(super) removed: BTreeSet<Tag>,
    /// Members that were placed so far.
    pub(super) member_count: usize,
}

impl Specification {
    /// Returns BeginString and, for FIXT, the version of the application: `FIXT.1.1 FIX.5.0SP2`.
    pub fn version(&self) -> String {
        self.version.join(" ")
    }
    /// Returns the field of a tag.
    pub fn field(&self, tag: Tag) -> Option<&FieldDefinition> {
        self.fields.get(&tag)
    }
    /// Returns every field in the order of its tag.
    pub fn fields(&self) -> impl Iterator<Item = (Tag, &FieldDefinition)> {
        self.fields.iter().map(|(tag, field)| (*tag, field))
    }
    /// Returns the message of a MsgType (FIX 35).
    pub fn message(&self, msg_type: &str) -> Option<&MessageDefinition> {
        self.messages.get(msg_type)
    }
    /// Returns every message in the order of its MsgType.
    pub fn messages(&self) -> impl Iterator<Item = (&str, &MessageDefinition)> {
        self.messages.iter().map(|(msg_type, message)| (msg_type.as_str(), message))
    }
    /// Returns the fields of the header in order.
    pub fn header(&self) -> &[Member] {
        &self.header
    }
    /// Returns the fields of the trailer in order.
    pub fn trailer(&self) -> &[Member] {
        &self.trailer
    }
    /// Returns the fields of header, trailer and the session's messages, in order.
    pub(super) fn transport_tags(&self) -> Vec<Tag> {
        let session = self.messages.values().filter(|message| message.is_admin);
        let mut tags = BTreeSet::new();
        collect(&self.header, &mut tags);
        collect(&self.trailer, &mut tags);
        session.for_each(|message| collect(&message.members, &mut tags));
        tags.into_iter().collect()
    }
    /// Joins the messages of an application to this transport, which keeps header and trailer.
    ///
    /// Where both define a field or a message, the transport's message and the application's field
    /// stand: the transport knows the session, the application knows more values.
    pub(super) fn join(&mut self, application: Self) {
        self.version.extend(application.version);
        self.fields.extend(application.fields);
        for (msg_type, message) in application.messages {
            self.messages.entry(msg_type).or_insert(message);
        }
    }
    pub(super) fn define_field(
        &mut self,
        tag: Tag,
        definition: FieldDefinition,
    ) -> Result<(), Problem> {
        if self.fields.len() == FIELDS_MAX {
            return Err(Problem::TooMany { what: "fields", max: FIELDS_MAX });
        }
        self.removed.remove(&tag);
        self.fields.insert(tag, definition);
        Ok(())
    }
    pub(super) fn define_message(
        &mut self,
        msg_type: &str,
        message: MessageDefinition,
    ) -> Result<(), Problem> {
        if self.messages.len() == MESSAGES_MAX {
            return Err(Problem::TooMany { what: "messages", max: MESSAGES_MAX });
        }
        if self.messages.contains_key(msg_type) {
            return Err(Problem::Twice(msg_type.to_owned()));
        }
        self.messages.insert(msg_type.to_owned(), message);
        Ok(())
    }
    /// Puts a member behind others and counts it.
    pub(super) fn place(
        &mut self,
        members: &mut Vec<Member>,
        member: Member,
    ) -> Result<(), Problem> {
        self.member_count += 1;
        if self.member_count > MEMBERS_MAX {
            return Err(Problem::TooMany { what: "placed fields", max: MEMBERS_MAX });
        }
        if members.iter().any(|other| other.tag == member.tag) {
            return Err(Problem::Twice(member.tag.to_string()));
        }
        push(members, member)
    }
}

fn collect(members: &[Member], tags: &mut BTreeSet<Tag>) {
    for member in members {
        tags.insert(member.tag);
        collect(member.group.as_deref().unwrap_or_default(), tags);
    }
}

/// Puts a member behind others, where there is room.
pub(super) fn push(members: &mut Vec<Member>, member: Member) -> Result<(), Problem> {
    if members.len() == LAYOUT_FIELDS_MAX {
        return Err(Problem::TooMany { what: "fields in one place", max: LAYOUT_FIELDS_MAX });
    }
    members.push(member);
    Ok(())
}

/// Refuses a group at `depth`, 0 for one that is in none, where groups nest no deeper.
pub(super) const fn check_depth(depth: usize) -> Result<(), Problem> {
    if depth < GROUP_DEPTH_MAX {
        Ok(())
    } else {
        Err(Problem::TooMany { what: "groups in each other", max: GROUP_DEPTH_MAX })
    }
}

/// Adds a value to a field's list.
pub(super) fn add_value(values: &mut BTreeSet<String>, value: &str) -> Result<(), Problem> {
    if values.len() == VALUES_MAX {
        return Err(Problem::TooMany { what: "values of a field", max: VALUES_MAX });
    }
    values.insert(value.to_owned());
    Ok(())
}
